//! `cargo xtask bench`: how fast it is, beside others.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(clap::Subcommand)]
enum Subject {
    /// Measures the parser beside its peers, as time relative to hiredis
    Parse {
        /// How often each contender is measured, interleaved with the others
        #[arg(long, default_value_t = 31)]
        rounds: usize,
        /// Only workloads whose name contains this
        workload: Option<String>,
    },
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let Subject::Parse { rounds, workload } = &arguments.subject;
    let mut command = workspace.cargo([
        "run",
        "--quiet",
        "--release",
        "--manifest-path=benches/parse/Cargo.toml",
    ]);
    command.env("CARGO_TARGET_DIR", workspace.target().join("benches"));
    command
        .args(["--", "--rounds", &rounds.to_string()])
        .args(workload);
    let status = command.status().context("cannot run cargo")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
