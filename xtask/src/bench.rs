//! `cargo xtask bench`: how fast it is, beside others.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::value_parser;

use crate::make;
use crate::servers;
use crate::workspace::Workspace;

/// How often each parser is measured if nothing is said.
const ROUNDS: u32 = 31;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    subject: Option<Subject>,
}

#[derive(clap::Subcommand)]
enum Subject {
    /// Measures the parser beside its peers, as time relative to hiredis
    Parse {
        /// How often each contender is measured, interleaved with the others
        #[arg(long, default_value_t = ROUNDS, value_parser = value_parser!(u32).range(1..))]
        rounds: u32,
        /// Only workloads whose name contains this
        workload: Option<String>,
    },
    /// Runs the four below and writes their figures and charts to BENCHMARKS.md and README.md: some ten minutes
    Write,
    /// Measures the client beside its peers, on a server of its own: `clients --help`
    #[command(disable_help_flag = true)]
    Clients(Passed),
    /// Measures how the cost of a reply grows with its size, and with the number of pieces it comes in
    #[command(disable_help_flag = true)]
    Growth(Passed),
    /// Measures how much memory a pipeline takes beside its requests and replies
    #[command(disable_help_flag = true)]
    Memory(Passed),
    /// Measures what minimal programs cost: crates, processor time to build, size; and what a hundred commands cost to build
    #[command(disable_help_flag = true)]
    Build(Passed),
}

/// What the benchmark itself is told.
#[derive(clap::Args)]
struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    make::provide(workspace)?;
    let succeeded = match &arguments.subject {
        None => parse(workspace, ROUNDS, None)? && clients(workspace, "clients", &[])?,
        Some(Subject::Parse { rounds, workload }) => {
            parse(workspace, *rounds, workload.as_deref())?
        }
        Some(Subject::Write) => write(workspace)?,
        Some(Subject::Clients(passed)) => clients(workspace, "clients", &passed.arguments)?,
        Some(Subject::Growth(passed)) => clients(workspace, "growth", &passed.arguments)?,
        Some(Subject::Memory(passed)) => clients(workspace, "memory", &passed.arguments)?,
        Some(Subject::Build(passed)) => clients(workspace, "build", &passed.arguments)?,
    };
    Ok(if succeeded {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn parse(workspace: &Workspace, rounds: u32, workload: Option<&str>) -> Result<bool> {
    let mut command = run_of(workspace, "--manifest-path=benches/parse/Cargo.toml");
    command
        .args(["--", "--rounds", &rounds.to_string()])
        .args(workload);
    succeeded(&mut command)
}

fn write(workspace: &Workspace) -> Result<bool> {
    for subject in ["clients", "growth", "memory", "build"] {
        if !clients(workspace, subject, &["--write".to_owned()])? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn clients(workspace: &Workspace, subject: &str, arguments: &[String]) -> Result<bool> {
    const MANIFEST: &str = "--manifest-path=benches/clients/Cargo.toml";
    let server = servers::any(workspace)?;
    // Apart from running it: Cargo then shows how the build of the peers gets on, which takes minutes.
    let mut build = workspace.cargo(["build", "--release", MANIFEST]);
    if !succeeded(build.env("CARGO_TARGET_DIR", target(workspace)))? {
        return Ok(false);
    }
    let mut command = run_of(workspace, MANIFEST);
    command.args(["--", subject]).args(arguments);
    succeeded(command.env("REDIS_SERVER", server.path()))
}

/// The run of a package outside of the workspace.
fn run_of(workspace: &Workspace, manifest: &str) -> Command {
    let mut command = workspace.cargo(["run", "--quiet", "--release", manifest]);
    command.env("CARGO_TARGET_DIR", target(workspace));
    command
}

fn target(workspace: &Workspace) -> PathBuf {
    workspace.target().join("benches")
}

fn succeeded(command: &mut Command) -> Result<bool> {
    let status = command.status().context("cannot run cargo")?;
    Ok(status.success())
}
