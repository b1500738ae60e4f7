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
use crate::workspace::Workspace;

/// The version whose configuration `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

/// The version whose dictionary `_typos.toml` is written for.
const TYPOS: &str = "1.52.0";

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
        println!("\nfuzz is left out: there is no nightly compiler");
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
    let mut check = tool(
        workspace,
        "cargo-deny",
        CARGO_DENY,
        &["--no-default-features"],
    )?;
    succeed(check.args(["check", "bans", "licenses", "sources"]))
}

/// Words that are known to be misspelt, in code and prose.
fn spelling(workspace: &Workspace) -> Result<()> {
    succeed(&mut tool(workspace, "typos", TYPOS, &[])?)
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

/// A program that CI uses, in the top directory; it is installed with these options if it is not there.
fn tool(workspace: &Workspace, program: &str, version: &str, options: &[&str]) -> Result<Command> {
    let tools = workspace.tools();
    let path = tools.join("bin").join(program);
    if !path.is_file() {
        // The only one whose crate has another name.
        let name = if program == "typos" {
            "typos-cli"
        } else {
            program
        };
        let mut install = workspace.cargo(["install", name, "--version", version, "--locked"]);
        // It is run once: building it quickly counts for more than a quick program.
        install
            .args(["--debug", "--root"])
            .arg(&tools)
            .args(options);
        succeed(install.env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    }
    let mut command = Command::new(path);
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

/// What ran, for how long, and whether it passed. A failing step does not keep the others from
/// running: one run tells all that is wrong.
#[derive(Default)]
struct Steps {
    done: Vec<(String, Duration, bool)>,
}

impl Steps {
    fn run(&mut self, name: &str, step: impl FnOnce() -> Result<()>) {
        println!("\n=== {name}");
        let begun = Instant::now();
        let result = step();
        if let Err(error) = &result {
            println!("{name} failed: {error:#}");
        }
        self.done
            .push((name.to_owned(), begun.elapsed(), result.is_ok()));
    }

    fn report(&self) -> ExitCode {
        let seconds = |took: Duration| format!("{:.1} s", took.as_secs_f64());
        let verdict = |passed| if passed { "passed" } else { "FAILED" };
        let mut rows: Vec<_> = self
            .done
            .iter()
            .map(|(name, took, passed)| {
                vec![name.clone(), seconds(*took), verdict(*passed).to_owned()]
            })
            .collect();
        let all_passed = self.done.iter().all(|(.., passed)| *passed);
        let total = self.done.iter().map(|(_, took, _)| *took).sum();
        rows.push(vec![
            "all".to_owned(),
            seconds(total),
            verdict(all_passed).to_owned(),
        ]);
        print!("\n{}", table(&["step", "took", ""], &rows));
        if all_passed {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
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
