//! `cargo xtask fuzz`: lets every fuzz target run for a while.

use std::fs;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use clap::value_parser;

use crate::workspace::Workspace;

/// The version that the targets were last run with.
const CARGO_FUZZ: &str = "0.13.1";

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
    if !has_nightly(workspace) {
        println!(
            "fuzz: not run, as there is no nightly compiler; `rustup toolchain install nightly` gets one"
        );
        return Ok(ExitCode::from(NO_NIGHTLY));
    }
    install(workspace)?;
    let chosen = if arguments.targets.is_empty() {
        &targets
    } else {
        &arguments.targets
    };
    let mut failed = Vec::new();
    for target in chosen {
        println!("\n=== fuzz {target} for {} s", arguments.seconds);
        if !fuzz(workspace, target, arguments.seconds)? {
            failed.push(target.as_str());
        }
    }
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

/// Whether fuzzing can be done on this machine.
pub(crate) fn has_nightly(workspace: &Workspace) -> bool {
    let mut version = nightly(workspace, "--version");
    let status = version.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
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

fn install(workspace: &Workspace) -> Result<()> {
    let tools = workspace.tools();
    if tools.join("bin/cargo-fuzz").is_file() {
        return Ok(());
    }
    let mut install = workspace.cargo([
        "install",
        "cargo-fuzz",
        "--version",
        CARGO_FUZZ,
        "--locked",
        "--root",
    ]);
    let status = install.arg(&tools).status().context("cannot run cargo")?;
    if !status.success() {
        bail!("cargo-fuzz cannot be installed: {status}");
    }
    Ok(())
}

/// True when nothing was found.
fn fuzz(workspace: &Workspace, target: &str, seconds: u64) -> Result<bool> {
    let corpus = workspace.target().join("fuzz/corpus").join(target);
    fs::create_dir_all(&corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
    let mut command = nightly(workspace, "fuzz");
    command
        .args(["run", "--target-dir"])
        .arg(workspace.target().join("fuzz"));
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
    command.args(["-verbosity=0"]);
    command.arg(format!("-max_total_time={seconds}"));
    Ok(command.status().context("cannot run cargo fuzz")?.success())
}

/// `cargo +nightly`, which only rustup's own cargo understands.
fn nightly(workspace: &Workspace, subcommand: &str) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(["+nightly", subcommand])
        .current_dir(&workspace.root);
    // The compiler that builds xtask was chosen by these; another one has to be chosen now.
    for name in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN", "CARGO_TARGET_DIR"] {
        command.env_remove(name);
    }
    let tools = workspace.tools().join("bin");
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(tools).chain(std::env::split_paths(&paths));
    if let Ok(paths) = std::env::join_paths(paths) {
        command.env("PATH", paths);
    }
    command
}
