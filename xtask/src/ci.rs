//! `cargo xtask ci`: everything that has to pass before a change lands.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::commands;
use crate::fuzz;
use crate::make;
use crate::soak;
use crate::table::table;
use crate::test;
use crate::tidy;
use crate::tools::Tool;
use crate::workspace::Workspace;

/// Of the version whose configuration `deny.toml` is written for.
const CARGO_DENY: Tool = Tool {
    program: "cargo-deny",
    package: "cargo-deny",
    version: "0.20.2",
    options: &["--no-default-features"],
};

/// Of the version whose dictionary `_typos.toml` is written for.
const TYPOS: Tool = Tool {
    program: "typos",
    package: "typos-cli",
    version: "1.52.0",
    options: &[],
};

/// Every feature set that lints and documentation have to be clean with.
const FEATURES: [&[&str]; 3] = [&[], &["--no-default-features"], &["--all-features"]];

/// The packages outside of the workspace.
const OUTSIDE: [&str; 4] = [
    "--manifest-path=benches/clients/Cargo.toml",
    "--manifest-path=benches/parse/Cargo.toml",
    "--manifest-path=fuzz/Cargo.toml",
    "--manifest-path=tests/no_std/Cargo.toml",
];

/// What a user without `std` may ask of the protocol crate.
const PROTOCOL_FEATURES: [&[&str]; 2] = [
    &["--no-default-features"],
    &["--no-default-features", "--features=alloc"],
];

/// A device without an operating system: 32 bits, and no instruction that compares and swaps.
const DEVICE: &str = "thumbv6m-none-eabi";

/// 32 bits, and runs on Linux machines of 64.
const NARROW: &str = "i686-unknown-linux-musl";

pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let mut steps = Steps::default();
    steps.run("make", || make::provide(workspace));
    steps.run("fmt", || {
        succeed(&mut workspace.cargo(["fmt", "--all", "--check"]))
    });
    steps.run("fmt outside of the workspace", || {
        for manifest in OUTSIDE {
            succeed(&mut workspace.cargo(["fmt", "--check", manifest]))?;
        }
        Ok(())
    });
    for features in FEATURES {
        steps.run(&named("clippy", features), || clippy(workspace, features));
    }
    for features in FEATURES {
        steps.run(&named("rustdoc", features), || rustdoc(workspace, features));
    }
    steps.run("tidy", || passed(tidy::run(workspace)?));
    steps.run("cargo-deny", || deny(workspace));
    steps.run("spelling", || spelling(workspace));
    steps.run("package", || package(workspace));
    for features in PROTOCOL_FEATURES {
        steps.run(&named("resp-proto", features), || {
            protocol(workspace, features)
        });
    }
    steps.run("no_std", || no_std(workspace));
    if has_target(workspace, DEVICE) {
        steps.run("resp-proto on a device", || device(workspace));
    } else {
        steps.leave_out("resp-proto on a device", &lacking(DEVICE));
    }
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) && has_target(workspace, NARROW) {
        steps.run("resp-proto with 32 bits", || narrow(workspace));
    } else {
        steps.leave_out("resp-proto with 32 bits", &lacking(NARROW));
    }
    steps.run("benches", || benches(workspace));
    if fuzz::has_nightly(workspace) {
        steps.run("fuzz", || {
            let arguments = fuzz::Arguments {
                seconds: 30,
                targets: Vec::new(),
            };
            passed(fuzz::run(workspace, &arguments)?)
        });
    } else {
        steps.leave_out("fuzz", "there is no nightly compiler");
    }
    steps.run("commands", || {
        passed(commands::run(workspace, &commands::Arguments::default())?)
    });
    steps.run("test", || {
        let arguments = test::Arguments {
            servers: vec!["all".to_owned()],
            ..Default::default()
        };
        passed(test::run(workspace, &arguments)?)
    });
    steps.run("soak", || {
        let arguments = soak::Arguments {
            minutes: 1.0,
            threads: 32,
            seed: None,
            server: None,
        };
        succeed(&mut soak::command(workspace, &arguments)?)
    });
    Ok(steps.report())
}

fn clippy(workspace: &Workspace, features: &[&str]) -> Result<()> {
    let mut command = workspace.cargo(["clippy", "--workspace", "--all-targets"]);
    succeed(command.args(features).args(["--", "-D", "warnings"]))
}

fn rustdoc(workspace: &Workspace, features: &[&str]) -> Result<()> {
    let mut command = workspace.cargo(["doc", "--workspace", "--no-deps"]);
    succeed(command.args(features).env("RUSTDOCFLAGS", "-D warnings"))
}

/// On its own: in the workspace, the other crates switch its features on.
fn protocol(workspace: &Workspace, features: &[&str]) -> Result<()> {
    let mut lint = workspace.cargo(["clippy", "--package", "resp-proto"]);
    succeed(lint.args(features).args(["--", "-D", "warnings"]))?;
    let mut build = workspace.cargo(["build", "--package", "resp-proto"]);
    succeed(build.args(features))
}

/// Advisories are left out: they come from a database on the network.
fn deny(workspace: &Workspace) -> Result<()> {
    let mut check = tool(workspace, &CARGO_DENY)?;
    succeed(check.args(["check", "bans", "licenses", "sources"]))
}

/// Words that are known to be misspelt, in code and prose.
fn spelling(workspace: &Workspace) -> Result<()> {
    succeed(&mut tool(workspace, &TYPOS)?)
}

/// Puts together what would be published, and builds it from that alone.
fn package(workspace: &Workspace) -> Result<()> {
    let published = workspace.metadata.packages.iter();
    let published = published.filter(|package| package.publish.is_none());
    // Cargo unpacks what it packages once for each target folder and keeps that, whatever changes: hence a new one.
    let target = tempfile::tempdir_in(workspace.target())?;
    // What is not committed is packaged as well; nothing is published here.
    let mut command = workspace.cargo(["package", "--allow-dirty", "--quiet"]);
    command.env("CARGO_TARGET_DIR", target.path());
    succeed(command.args(published.map(|package| format!("--package={}", package.name))))
}

/// A program that is told nothing yet, in the top directory.
fn tool(workspace: &Workspace, tool: &Tool) -> Result<Command> {
    let mut command = Command::new(tool.find(workspace)?);
    command.current_dir(&workspace.root);
    Ok(command)
}

/// Builds and runs programs that have no standard library.
fn no_std(workspace: &Workspace) -> Result<()> {
    const MANIFEST: &str = "--manifest-path=tests/no_std/Cargo.toml";
    let target = workspace.target().join("no_std");
    let lints = ["clippy", MANIFEST, "--", "-D", "warnings"];
    let run = ["run", "--quiet", MANIFEST];
    let optimised = ["run", "--quiet", "--release", MANIFEST];
    for command in [&lints[..], &run, &optimised] {
        let mut cargo = workspace.cargo(command.iter().copied());
        succeed(cargo.env("CARGO_TARGET_DIR", &target))?;
    }
    Ok(())
}

/// Whether the standard library for another machine is there, or can be fetched.
fn has_target(workspace: &Workspace, target: &str) -> bool {
    let mut add = Command::new("rustup");
    add.args(["target", "add", target])
        .current_dir(&workspace.root);
    add.status().is_ok_and(|status| status.success())
}

fn lacking(target: &str) -> String {
    format!("it needs {target}, which rustup could not add")
}

/// Whether what a device needs of the protocol crate compiles there.
fn device(workspace: &Workspace) -> Result<()> {
    for features in PROTOCOL_FEATURES {
        let mut check = workspace.cargo(["check", "--package", "resp-proto", "--target", DEVICE]);
        succeed(check.args(features))?;
    }
    Ok(())
}

/// The tests of the protocol crate where lengths have 32 bits. The linker comes with the compiler.
fn narrow(workspace: &Workspace) -> Result<()> {
    let arguments = [
        "--package",
        "resp-proto",
        "--lib",
        "--test",
        "resp",
        "--target",
        NARROW,
    ];
    let mut test = workspace.cargo(["test", "--quiet"]);
    test.env("CARGO_TARGET_I686_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld");
    succeed(test.args(arguments))
}

/// Lints and tests the benches; those of the parser compare what it makes of bytes with what its peers do.
fn benches(workspace: &Workspace) -> Result<()> {
    let target = workspace.target().join("benches");
    for manifest in [
        "--manifest-path=benches/parse/Cargo.toml",
        "--manifest-path=benches/clients/Cargo.toml",
    ] {
        let lints = ["clippy", "--all-targets", manifest, "--", "-D", "warnings"];
        for command in [&lints[..], &["test", "--quiet", manifest]] {
            let mut cargo = workspace.cargo(command.iter().copied());
            succeed(cargo.env("CARGO_TARGET_DIR", &target))?;
        }
    }
    Ok(())
}

/// What ran, for how long, and what came of it. A failing step does not keep the others from running: one run tells
/// all that is wrong.
#[derive(Default)]
struct Steps {
    rows: Vec<Vec<String>>,
    total: Duration,
    has_failed: bool,
}

impl Steps {
    fn run(&mut self, name: &str, step: impl FnOnce() -> Result<()>) {
        println!("\n=== {name}");
        let begun = Instant::now();
        let result = step();
        if let Err(error) = &result {
            println!("{name} failed: {error:#}");
        }
        let took = begun.elapsed();
        self.add(name, seconds(took), verdict(result.is_err()));
        self.total += took;
        self.has_failed |= result.is_err();
    }

    fn leave_out(&mut self, name: &str, why: &str) {
        println!("\n=== {name} is left out: {why}");
        self.add(name, String::new(), &format!("left out: {why}"));
    }

    fn report(mut self) -> ExitCode {
        self.add("all", seconds(self.total), verdict(self.has_failed));
        print!("\n{}", table(&["step", "took", ""], &self.rows));
        if self.has_failed {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    fn add(&mut self, name: &str, took: String, outcome: &str) {
        self.rows
            .push(vec![name.to_owned(), took, outcome.to_owned()]);
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn verdict(has_failed: bool) -> &'static str {
    if has_failed { "FAILED" } else { "passed" }
}

fn named(step: &str, features: &[&str]) -> String {
    [&[step], features].concat().join(" ")
}

fn succeed(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    if !status.success() {
        let args: Vec<_> = command
            .get_args()
            .map(|arg| arg.to_string_lossy())
            .collect();
        bail!("{program} {} ended with {status}", args.join(" "));
    }
    Ok(())
}

fn passed(code: ExitCode) -> Result<()> {
    if code != ExitCode::SUCCESS {
        bail!("see above");
    }
    Ok(())
}
