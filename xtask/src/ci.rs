//! `cargo xtask ci`: everything that has to pass before a change lands.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::commands;
use crate::demo;
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

/// The feature sets that the whole workspace has to be clean with, tests and documentation included.
const FEATURES: [&[&str]; 2] = [&[], &["--all-features"]];

/// Those that users switch on one by one. In the workspace, the tests switch most of them on for everybody.
const USERS_FEATURES: [&[&str]; 4] = [
    &[],
    &["--features=tls"],
    &["--features=json"],
    &["--features=tracing"],
];

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
    let oldest = workspace.oldest_compiler()?;
    let mut steps = Steps::default();
    // Before anything else rewrites them.
    steps.run("lock files", || locked(workspace));
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
    steps.run("clippy as users compile it", || users_clippy(workspace));
    steps.run("clippy on the fuzz targets", || fuzz_clippy(workspace));
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
    let lacks = lacking(workspace, DEVICE, &["target", "add", DEVICE]);
    steps.run_unless(lacks, "resp-proto on a device", || device(workspace));
    let lacks = match cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        true => lacking(workspace, NARROW, &["target", "add", NARROW]),
        false => Some("its tests run on Linux on x86-64".to_owned()),
    };
    steps.run_unless(lacks, "resp-proto with 32 bits", || narrow(workspace));
    let name = format!("Rust {oldest}");
    let install = ["toolchain", "install", &oldest, "--profile=minimal"];
    let lacks = match workspace.has_toolchain(&oldest) {
        // Which needs no network.
        true => None,
        false => lacking(workspace, &name, &install),
    };
    steps.run_unless(lacks, &name, || compile_with(workspace, &oldest));
    steps.run("benches", || benches(workspace));
    let lacks = !workspace.has_toolchain(fuzz::NIGHTLY);
    let lacks = lacks.then(|| "there is no nightly compiler".to_owned());
    steps.run_unless(lacks, "fuzz", || {
        let arguments = fuzz::Arguments {
            seconds: 30,
            targets: Vec::new(),
        };
        passed(fuzz::run(workspace, &arguments)?)
    });
    steps.run("demo", || {
        shown_if_it_fails(&mut demo::command(workspace, &demo::Arguments::default())?)
    });
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

/// Whether the lock files go with the manifests. The workspace's own was read by Cargo when it built this program:
/// `.ci/run` keeps it from being rewritten then.
fn locked(workspace: &Workspace) -> Result<()> {
    for manifest in OUTSIDE {
        let mut tree = workspace.cargo(["tree", "--quiet", "--locked", "--depth=0", manifest]);
        shown_if_it_fails(&mut tree)
            .with_context(|| format!("to mend it: cargo update --workspace {manifest}"))?;
    }
    Ok(())
}

fn clippy(workspace: &Workspace, features: &[&str]) -> Result<()> {
    let mut command = workspace.cargo(["clippy", "--workspace", "--all-targets"]);
    succeed(command.args(features).args(["--", "-D", "warnings"]))
}

fn users_clippy(workspace: &Workspace) -> Result<()> {
    for features in USERS_FEATURES {
        // With the packages below them, and without what only tests need.
        let mut lint = workspace.cargo(["clippy", "--package=redis", "--package=redis-testkit"]);
        succeed(lint.args(features).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

/// Needs no nightly compiler, as nothing is linked: hence a fuzzer that is not there.
fn fuzz_clippy(workspace: &Workspace) -> Result<()> {
    let mut lint = workspace.cargo(["clippy", "--manifest-path=fuzz/Cargo.toml"]);
    lint.env("CARGO_TARGET_DIR", workspace.target().join("fuzz"));
    lint.env("CUSTOM_LIBFUZZER_PATH", "/nowhere/libfuzzer.a");
    succeed(lint.args(["--", "-D", "warnings"]))
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
    // Cargo unpacks what it packages once for each target folder and keeps that, whatever changes: hence a new one.
    let target = tempfile::tempdir_in(workspace.target())?;
    // What is not committed is packaged as well; nothing is published here.
    let mut command = workspace.cargo(["package", "--allow-dirty", "--quiet"]);
    command.env("CARGO_TARGET_DIR", target.path());
    succeed(command.args(published(workspace)))
}

/// The published packages, as Cargo is told of them.
fn published(workspace: &Workspace) -> impl Iterator<Item = String> {
    let packages = workspace.published();
    packages.map(|package| format!("--package={}", package.name))
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

/// Why `what` is not to be had, unless rustup has it or fetches it when it is told to.
fn lacking(workspace: &Workspace, what: &str, add: &[&str]) -> Option<String> {
    let mut rustup = Command::new("rustup");
    rustup.args(add).current_dir(&workspace.root);
    let is_here = rustup.status().is_ok_and(|status| status.success());
    (!is_here).then(|| format!("it needs {what}, which rustup could not add"))
}

/// Whether all of this compiles with it, and the published packages with as little as can be, too.
fn compile_with(workspace: &Workspace, version: &str) -> Result<()> {
    let check = || {
        let mut check = workspace.cargo_of(version, "check");
        check
            .arg("--target-dir")
            .arg(workspace.target().join("oldest"));
        check
    };
    succeed(check().args(["--workspace", "--all-targets", "--all-features"]))?;
    succeed(
        check()
            .arg("--no-default-features")
            .args(published(workspace)),
    )?;
    for features in PROTOCOL_FEATURES {
        succeed(check().args(["--package", "resp-proto"]).args(features))?;
    }
    Ok(())
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

    /// Leaves it out for this reason, if there is one.
    fn run_unless(&mut self, lacks: Option<String>, name: &str, step: impl FnOnce() -> Result<()>) {
        let Some(why) = lacks else {
            return self.run(name, step);
        };
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

/// What goes on at length is worth reading if it fails.
fn shown_if_it_fails(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output();
    let output = output.with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        for said in [output.stdout, output.stderr] {
            println!("{}", String::from_utf8_lossy(&said).trim_end());
        }
        bail!("{program} ended with {}", output.status);
    }
    Ok(())
}

fn passed(code: ExitCode) -> Result<()> {
    if code != ExitCode::SUCCESS {
        bail!("see above");
    }
    Ok(())
}
