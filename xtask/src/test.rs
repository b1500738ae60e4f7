//! `cargo xtask test`: every test, and a last word on what ran and what did not.

use std::collections::BTreeSet;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use redis_testkit::{ServerBinary, Version};

use crate::make;
use crate::matrix::{self, MATRIX, Named};
use crate::named_tests;
use crate::servers;
use crate::table::table;
use crate::workspace::{Workspace, processors};

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// redis-7, redis-8, valkey-8, valkey-9, all, or the path of a server; may be repeated
    #[arg(long = "server", value_name = "NAME|all|PATH", value_delimiter = ',')]
    pub(crate) servers: Vec<String>,
    /// Arguments for the live tests' own runner, such as a part of a test's name
    #[arg(last = true, value_name = "ARGS")]
    pub(crate) runner: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let plan = Plan::choose(workspace, &arguments.servers)?;
    let Some(first) = plan.servers.first() else {
        bail!(
            "none of the servers could be had:\n{}",
            plan.not_run.join("\n")
        );
    };
    let mut runs = Vec::new();
    let mut not_run = plan.not_run;
    let make = make::provide(workspace);
    let has_hiredis = make.is_ok();
    not_run.extend(make.err().map(|error| format!("hiredis: {error:#}")));

    if arguments.runner.is_empty() {
        runs.extend(apart_from_servers(workspace, first, has_hiredis)?);
    } else {
        not_run.push("the crates: the arguments choose among the live tests".to_owned());
    }
    for server in &plan.servers {
        let mut command = workspace.cargo(["test", "--package", "live-tests", "--tests"]);
        if has_hiredis {
            command.arg("--features=hiredis");
        }
        command
            .args(["--no-fail-fast", "--"])
            .args(&arguments.runner);
        if env::var_os(THREADS).is_none() {
            command.env(THREADS, (2 * processors()).to_string());
        }
        let mut run = Run::of("live", server, &mut command)?;
        // Cargo is content if no test has that name.
        let lists = arguments.runner.iter().any(|word| word == "--list");
        run.has_passed &= run.counts.all() > 0 || lists;
        runs.push(run);
    }

    let mut has_passed = runs.iter().all(|run| run.has_passed) && !plan.lacks_a_required_server;
    // Where something has failed, much does not run, and that it failed says enough.
    if arguments.runner.is_empty() && has_passed {
        let silent = silent(named_tests::all(workspace), &runs);
        has_passed = silent.is_empty();
        not_run.extend(silent);
    }

    print!("\n{}", summary(&runs, &not_run));
    Ok(if has_passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// How many tests run at a time. Live ones spend half of their time waiting, for a deadline or for Sentinels, so there are
/// more of them than processors unless this variable says otherwise.
const THREADS: &str = "RUST_TEST_THREADS";

/// What need not be run on every server.
fn apart_from_servers(
    workspace: &Workspace,
    server: &ServerBinary,
    has_hiredis: bool,
) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    // One failing crate must not hide what the others say: hence `--no-fail-fast`.
    let mut command = workspace.cargo(["test", "--workspace", "--exclude", "live-tests"]);
    // The guide has code for each of them.
    command.args([
        "--no-fail-fast",
        "--features=redis/json,redis/tls,redis/tracing,redis-testkit/tls",
    ]);
    runs.push(Run::of("crates and their docs", server, &mut command)?);
    // On its own: among the others, it is built with TLS.
    let mut command = workspace.cargo(["test", "--package", "redis-conn", "--tests"]);
    command.arg("--no-fail-fast");
    let what = match has_hiredis {
        true => "redis-conn with hiredis, without TLS",
        false => "redis-conn without TLS",
    };
    if has_hiredis {
        command.arg("--features=hiredis");
    }
    runs.push(Run::of(what, server, &mut command)?);
    let mut command = workspace.cargo(["test", "--package", "live-tests", "--doc"]);
    runs.push(Run::of("the README", server, &mut command)?);
    Ok(runs)
}

/// Which servers the live tests run on, and which not.
struct Plan {
    servers: Vec<ServerBinary>,
    not_run: Vec<String>,
    lacks_a_required_server: bool,
}

impl Plan {
    fn choose(workspace: &Workspace, given: &[String]) -> Result<Self> {
        let mut plan = Self {
            servers: Vec::new(),
            not_run: Vec::new(),
            lacks_a_required_server: false,
        };
        let mut named = Vec::new();
        for name in given {
            match Named::find(name) {
                _ if name == "all" => named.extend(&MATRIX),
                Some(server) => named.push(server),
                None => plan
                    .servers
                    .push(servers::by_name_or_path(workspace, name)?),
            }
        }
        for (server, found) in servers::get(workspace, &named) {
            match found {
                Ok(binary) => plan.servers.push(binary),
                Err(error) => {
                    let is_required = server.required || given.iter().any(|n| n == server.name);
                    plan.lacks_a_required_server |= is_required;
                    plan.not_run.push(format!("{}: {error:#}", server.name));
                }
            }
        }
        if given.is_empty() {
            plan.servers = servers::every(workspace)?;
            if plan.servers.is_empty() {
                plan.servers.push(servers::any(workspace)?);
            }
        }
        let versions: Vec<_> = plan.servers.iter().map(ServerBinary::version).collect();
        plan.not_run
            .extend(not_chosen(&versions, &named, given.is_empty()));
        Ok(plan)
    }
}

/// The known servers that nobody asked for; when nobody asked for any, those that the machine does
/// not have.
fn not_chosen(versions: &[Version], named: &[&Named], is_plain: bool) -> Vec<String> {
    let why = if is_plain {
        "not on this machine"
    } else {
        "not chosen"
    };
    MATRIX
        .iter()
        .filter(|server| !named.contains(server))
        .filter(|server| !versions.iter().any(|&version| server.is(version)))
        .map(|server| {
            let name = server.name;
            format!("{name}: {why}; `cargo xtask test --server {name}` fetches it and runs on it")
        })
        .collect()
}

/// The named tests that no run has run: those that are not compiled, or that a filter leaves out.
fn silent(named: BTreeSet<String>, runs: &[Run]) -> Vec<String> {
    let has_run = |test: &String| {
        let name = test.rsplit("::").next().unwrap_or_default();
        runs.iter().any(|run| run.counts.names.contains(name))
    };
    let silent = named.into_iter().filter(|test| !has_run(test));
    silent
        .map(|test| format!("{test}, which a list of promises names: FAILED"))
        .collect()
}

/// One run of a test runner.
struct Run {
    what: &'static str,
    server: String,
    counts: Counts,
    has_passed: bool,
    took: Duration,
}

impl Run {
    /// Runs the command to its end, passes its output through, and counts along.
    fn of(what: &'static str, server: &ServerBinary, command: &mut Command) -> Result<Self> {
        let version = server.version();
        println!("\n== {what}, on {version} ({})", server.path().display());
        let begun = Instant::now();
        let mut child = command
            .env("REDIS_SERVER", server.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run cargo")?;
        let output = child
            .stdout
            .take()
            .context("expected the output of cargo")?;
        let mut output = BufReader::new(output);
        let mut counts = Counts::default();
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line)? > 0 {
            counts.add(&String::from_utf8_lossy(&line));
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(&line)?;
            stdout.flush()?;
            line.clear();
        }
        let has_passed = child.wait()?.success();
        let server = format!("{version} ({})", matrix::name_of(version));
        Ok(Self {
            what,
            server,
            counts,
            has_passed,
            took: begun.elapsed(),
        })
    }
}

/// What the lines of Rust's test runner say, added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    ignored: u64,
    /// Of the tests that were not ignored, without their modules.
    names: BTreeSet<String>,
}

impl Counts {
    /// Takes the name of a test, `test module::name ... ok`, and the numbers of a closing line:
    /// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in …`
    fn add(&mut self, line: &str) {
        let Some(line) = line.strip_prefix("test ") else {
            return;
        };
        let Some(result) = line.strip_prefix("result: ") else {
            if let Some((test, outcome)) = line.split_once(" ... ") {
                let name = test.rsplit("::").next().unwrap_or_default();
                if !outcome.starts_with("ignored") {
                    self.names.insert(name.to_owned());
                }
            }
            return;
        };
        let words: Vec<_> = result
            .split([' ', ';'])
            .filter(|word| !word.is_empty())
            .collect();
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<u64>() else {
                continue;
            };
            match pair[1] {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    fn all(&self) -> u64 {
        self.passed + self.failed
    }
}

fn summary(runs: &[Run], not_run: &[String]) -> String {
    let mut total = Counts::default();
    let mut rows = Vec::new();
    for run in runs {
        total.passed += run.counts.passed;
        total.failed += run.counts.failed;
        total.ignored += run.counts.ignored;
        let verdict = match run {
            Run {
                has_passed: true, ..
            } => "passed",
            Run { counts, .. } if counts.all() == 0 => "FAILED: no test ran",
            Run { .. } => "FAILED",
        };
        rows.push(vec![
            run.what.to_owned(),
            run.server.clone(),
            run.counts.passed.to_string(),
            run.counts.failed.to_string(),
            run.counts.ignored.to_string(),
            format!("{:.1} s", run.took.as_secs_f64()),
            verdict.to_owned(),
        ]);
    }
    let header = ["tests", "server", "passed", "failed", "ignored", "took", ""];
    let mut text = table(&header, &rows);
    text.push_str(&format!(
        "\n{} passed, {} failed, {} skipped\n",
        total.passed, total.failed, total.ignored
    ));
    for line in not_run {
        text.push_str(&format!("not run: {line}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use redis_testkit::Product;

    use super::*;

    #[test]
    fn closing_lines_are_added_up_and_names_are_kept() {
        let mut counts = Counts::default();
        counts.add("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s\n");
        counts.add(
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n",
        );
        counts.add("test replies::says_5_passed ... ok\n");
        counts.add("test replies::left_out ... ignored, for a reason\n");
        assert_eq!((counts.passed, counts.failed, counts.ignored), (13, 2, 1));
        assert!(counts.names.iter().eq(["says_5_passed"]));
    }

    #[test]
    fn a_promise_whose_test_has_not_run_is_told() {
        let mut counts = Counts::default();
        counts.add("test a::kept ... FAILED\n");
        counts.add("test a::left_out ... ignored\n");
        let runs = [run(counts)];
        let named = ["x/a.rs::kept", "x/a.rs::left_out", "x/b.rs::not_compiled"];
        let silent = silent(named.map(str::to_owned).into(), &runs);
        assert_eq!(silent.len(), 2);
        assert!(silent[0].starts_with("x/a.rs::left_out, "), "{silent:?}");
        assert!(
            silent[1].starts_with("x/b.rs::not_compiled, "),
            "{silent:?}"
        );
    }

    fn run(counts: Counts) -> Run {
        Run {
            what: "live",
            server: "Redis 7.0.15 (redis-7)".to_owned(),
            counts,
            has_passed: false,
            took: Duration::from_secs(1),
        }
    }

    #[test]
    fn the_last_lines_say_what_was_not_run() {
        let redis_7 = Version {
            product: Product::Redis,
            major: 7,
            minor: 0,
            patch: 15,
        };
        let not_run = not_chosen(&[redis_7], &[&MATRIX[1]], false);
        assert_eq!(not_run.len(), 2);
        let text = summary(&[], &not_run);
        let last = text.lines().last().unwrap();
        assert!(
            last.starts_with("not run: valkey-9: not chosen; `cargo xtask test "),
            "{last}"
        );

        let not_run = not_chosen(&[redis_7], &[], true);
        assert!(
            not_run[0].starts_with("redis-8: not on this machine; "),
            "{not_run:?}"
        );
    }

    #[test]
    fn a_run_without_a_test_is_called_a_failure() {
        let run = run(Counts::default());
        assert!(summary(&[run], &[]).contains("FAILED: no test ran"));
    }
}
