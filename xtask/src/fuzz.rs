//! `cargo xtask fuzz`: lets every fuzz target run for a while.

use std::fs;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, bail};
use clap::value_parser;

use crate::tools::Tool;
use crate::workspace::{Workspace, processors};

/// Of the version that the targets were last run with.
const CARGO_FUZZ: Tool = Tool {
    program: "cargo-fuzz",
    package: "cargo-fuzz",
    version: "0.13.1",
    options: &[],
};

/// The toolchain that fuzzing needs.
pub(crate) const NIGHTLY: &str = "nightly";

/// The exit status where there is no nightly compiler, which fuzzing needs: nothing was found out.
const NO_NIGHTLY: u8 = 77;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How long each target runs
    #[arg(long, default_value_t = 30, value_parser = value_parser!(u64).range(1..))]
    pub(crate) seconds: u64,
    /// The targets to run, instead of all
    pub(crate) targets: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let targets = targets(workspace)?;
    if let Some(unknown) = arguments
        .targets
        .iter()
        .find(|name| !targets.contains(name))
    {
        bail!(
            "expected one of the targets {}, found {unknown:?}",
            targets.join(", ")
        );
    }
    if !workspace.has_toolchain(NIGHTLY) {
        println!(
            "fuzz: not run, as there is no nightly compiler; `rustup toolchain install nightly` gets one"
        );
        return Ok(ExitCode::from(NO_NIGHTLY));
    }
    let chosen = if arguments.targets.is_empty() {
        &targets
    } else {
        &arguments.targets
    };
    build(workspace, chosen)?;
    let failed = fuzz_all(workspace, chosen, arguments.seconds)?;
    if failed.is_empty() {
        println!(
            "\nfuzz: {} targets ran {} s each and found nothing",
            chosen.len(),
            arguments.seconds
        );
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "\nfuzz: found something in {}; see fuzz/artifacts",
        failed.join(", ")
    );
    Ok(ExitCode::FAILURE)
}

/// The targets are the files in `fuzz/fuzz_targets`.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let directory = workspace.root.join("fuzz/fuzz_targets");
    let mut targets = Vec::new();
    for entry in
        fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?
    {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        targets.push(name.into_owned());
    }
    targets.sort();
    Ok(targets)
}

/// All that are to be run, or the only one.
fn build(workspace: &Workspace, targets: &[String]) -> Result<()> {
    let mut command = cargo_fuzz(workspace, "build")?;
    if let [target] = targets {
        command.arg(target);
    }
    let status = command.status().context("cannot run cargo fuzz")?;
    if !status.success() {
        bail!("the fuzz targets do not build: {status}");
    }
    Ok(())
}

/// As many at a time as there are processors, for each uses one; those in which something was found.
fn fuzz_all(workspace: &Workspace, targets: &[String], seconds: u64) -> Result<Vec<String>> {
    println!("\nfuzz: {} for {seconds} s each", targets.join(", "));
    let (queue, failed) = (Mutex::new(targets.iter()), Mutex::new(Vec::new()));
    let take_turns = || -> Result<()> {
        loop {
            let Some(target) = queue.lock().expect("nobody panics").next() else {
                return Ok(());
            };
            let mut command = fuzz(workspace, target, seconds)?;
            let has_passed = match targets {
                [_] => command.status().context("cannot run cargo fuzz")?.success(),
                _ => run_quietly(&mut command, target)?,
            };
            if !has_passed {
                failed.lock().expect("nobody panics").push(target.clone());
            }
        }
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..processors()).map(|_| scope.spawn(take_turns)).collect();
        running
            .into_iter()
            .try_for_each(|worker| worker.join().expect("nobody panics"))
    })?;
    let mut failed = failed.into_inner().expect("nobody panics");
    failed.sort();
    Ok(failed)
}

/// Says how often it has run, or where something was found, all that it has said itself.
fn run_quietly(command: &mut Command, target: &str) -> Result<bool> {
    let output = command.output().context("cannot run cargo fuzz")?;
    let has_passed = output.status.success();
    let said = String::from_utf8_lossy(&output.stderr);
    let mut lines = said.lines();
    let runs = lines
        .find_map(|line| line.strip_prefix(RUNS))
        .map(str::trim);
    match runs {
        Some(runs) if has_passed => println!("{target}: {runs} runs"),
        _ => println!("\n=== {target}\n{said}"),
    }
    Ok(has_passed)
}

/// What stands in front of their number in the fuzzer's last words.
const RUNS: &str = "stat::number_of_executed_units:";

fn fuzz(workspace: &Workspace, target: &str, seconds: u64) -> Result<Command> {
    let corpus = workspace.target().join("fuzz/corpus").join(target);
    fs::create_dir_all(&corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
    let mut command = cargo_fuzz(workspace, "run")?;
    // What is found goes to the first directory; the committed seeds are only read.
    command
        .arg(target)
        .arg(corpus)
        .arg(format!("fuzz/corpus/{target}"));
    command.args([
        "--",
        "-dict=fuzz/resp.dict",
        "-max_len=4096",
        "-timeout=10",
        "-rss_limit_mb=1024",
    ]);
    command.args(["-verbosity=0", "-print_final_stats=1"]);
    command.arg(format!("-max_total_time={seconds}"));
    Ok(command)
}

fn cargo_fuzz(workspace: &Workspace, subcommand: &str) -> Result<Command> {
    let mut path = CARGO_FUZZ.find(workspace)?;
    path.pop();
    // Cargo finds its subcommands there.
    let mut paths = path.into_os_string();
    paths.push(":");
    paths.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = workspace.cargo_of(NIGHTLY, "fuzz");
    command.env("PATH", paths);
    command.args([subcommand, "--target-dir"]);
    command.arg(workspace.target().join("fuzz"));
    Ok(command)
}
