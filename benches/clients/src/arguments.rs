//! What the benchmark is told. `xtask` has this file too: so help, and what is wrong, need no build of the peers.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Subject {
    /// Speed, processor time, allocations, system calls and instructions per call
    Clients(Clients),
    /// Processor time per element, as replies grow and as they come in small pieces
    Growth {
        /// No lists of 100,000 and more
        #[arg(long)]
        quick: bool,
        /// Writes a chart to this file
        #[arg(long, value_name = "FILE")]
        chart: Option<PathBuf>,
        /// Writes the table to BENCHMARKS.md, and the chart that it shows
        #[arg(long, conflicts_with = "quick")]
        write: bool,
    },
    /// Memory of long pipelines, beside their requests
    Memory {
        /// Writes the table to BENCHMARKS.md
        #[arg(long)]
        write: bool,
    },
    /// Crates, processor time to build and size of minimal programs; how long a program of a hundred commands takes
    Build {
        /// How often the program of a hundred commands is built, interleaved with one of two
        #[arg(long, default_value_t = 7)]
        rounds: usize,
        /// Writes the table to BENCHMARKS.md, and what minimal programs cost to README.md
        #[arg(long)]
        write: bool,
    },
    /// Makes so many calls and nothing else, for a tool that counts from outside
    #[command(hide = true)]
    Once {
        workload: String,
        contender: String,
        calls: usize,
        port: u16,
        socket: String,
    },
}

#[derive(Args)]
pub(crate) struct Clients {
    /// How often each contender is measured, interleaved with the others
    #[arg(long, default_value_t = 7)]
    pub(crate) rounds: usize,
    /// Only workloads whose name contains this
    #[arg(long)]
    pub(crate) workload: Option<String>,
    /// Only this contender beside the floor and ours; may be given several times
    #[arg(long, value_name = "PEER")]
    pub(crate) only: Vec<String>,
    /// A few seconds for a first impression: short rounds, nothing counted from outside
    #[arg(long)]
    pub(crate) quick: bool,
    /// Writes a chart of the processor time to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) chart: Option<PathBuf>,
    /// Writes the tables to BENCHMARKS.md, a summary to README.md, and the chart that both show
    #[arg(long, conflicts_with_all = ["workload", "only", "quick"])]
    pub(crate) write: bool,
}
