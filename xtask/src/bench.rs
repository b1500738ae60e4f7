//! `cargo xtask bench`: how fast it is, beside others.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::value_parser;

use crate::make;
use crate::servers;
use crate::workspace::Workspace;

#[path = "../../benches/clients/src/arguments.rs"]
mod arguments;

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
    #[command(flatten)]
    Clients(arguments::Subject),
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    make::provide(workspace)?;
    let succeeded = match &arguments.subject {
        None => parse(workspace, ROUNDS, None)? && clients(workspace, ["clients"])?,
        Some(Subject::Parse { rounds, workload }) => {
            parse(workspace, *rounds, workload.as_deref())?
        }
        Some(Subject::Write) => write(workspace)?,
        // As it was said here: it has just been understood.
        Some(Subject::Clients(_)) => clients(workspace, env::args_os().skip(2))?,
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
        if !clients(workspace, [subject, "--write"])? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn clients(
    workspace: &Workspace,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<bool> {
    const MANIFEST: &str = "--manifest-path=benches/clients/Cargo.toml";
    let server = servers::any(workspace)?;
    // Apart from running it: Cargo then shows how the build of the peers gets on, which takes minutes.
    let mut build = workspace.cargo(["build", "--release", MANIFEST]);
    if !succeeded(build.env("CARGO_TARGET_DIR", target(workspace)))? {
        return Ok(false);
    }
    let mut command = run_of(workspace, MANIFEST);
    command.arg("--").args(arguments);
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

#[cfg(test)]
mod tests {
    use clap::{Parser, error::ErrorKind};

    use super::*;

    #[derive(Parser)]
    struct Bench {
        #[command(flatten)]
        _arguments: Arguments,
    }

    #[test]
    fn help_on_any_subject_and_what_is_wrong_need_no_build() {
        let refused = |words: &str| {
            Bench::try_parse_from(words.split(' '))
                .err()
                .map(|error| error.kind())
        };
        for subject in ["parse", "write", "clients", "growth", "memory", "build"] {
            let help = refused(&format!("bench {subject} --help"));
            assert_eq!(help, Some(ErrorKind::DisplayHelp), "{subject}");
            let wrong = refused(&format!("bench {subject} --what"));
            assert_eq!(wrong, Some(ErrorKind::UnknownArgument), "{subject}");
        }
        assert_eq!(refused("bench clients --quick --only redis-rs"), None);
        assert_eq!(refused("bench"), None);
        // What is written is all of it, and measured well.
        for part in [
            "clients --workload GET",
            "clients --only fred",
            "clients --quick",
            "growth --quick",
        ] {
            let both = refused(&format!("bench {part} --write"));
            assert_eq!(both, Some(ErrorKind::ArgumentConflict), "{part}");
        }
    }
}
