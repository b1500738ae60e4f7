//! `cargo xtask commands`: what the servers say about their commands, against what the methods send.

use std::collections::BTreeSet;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use redis_testkit::ServerBinary;

use crate::matrix::{self, MATRIX};
use crate::servers;
use crate::table::table;
use crate::workspace::Workspace;

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Runs the live tests of the commands, too, and counts which of those with a method were called in which protocol
    #[arg(long)]
    live: bool,
}

/// The comparison is a test of `redis-cmd`, so that this package does not have to know commands.
const TEST: [&str; 9] = [
    "test",
    "--quiet",
    "--package=redis-cmd",
    "--test=wire",
    "--",
    "--ignored",
    "--nocapture",
    "--exact",
    "inventory::every_command_of_the_server_has_a_method_or_a_reason",
];

/// What the test's runner says where there is such a test: it is content with none.
const HAS_PASSED: &str = "1 passed";

/// Its tests say which commands a server has been called with.
const LIVE: [&str; 7] = [
    "test",
    "--quiet",
    "--package=live-tests",
    "--test=live",
    "--",
    "--nocapture",
    "commands::",
];

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let mut rows = Vec::new();
    let mut code = ExitCode::SUCCESS;
    let mut combinations = 0;
    let all: Vec<_> = MATRIX.iter().collect();
    for (server, found) in servers::get(workspace, &all) {
        let binary = match found {
            Ok(binary) => binary,
            Err(error) if server.required => return Err(error.context(server.name)),
            Err(error) => {
                rows.push(vec![server.name.to_owned(), format!("not run: {error:#}")]);
                continue;
            }
        };
        let version = binary.version();
        println!("\n== {version} ({})", binary.path().display());
        let mut row = vec![matrix::name_of(version)];
        let (succeeded, said) = output_of(workspace, &TEST, &binary)?;
        // The names are for what follows.
        let is_list = |line: &str| line.starts_with(WITH_A_METHOD);
        for line in said.lines().filter(|line| !is_list(line)) {
            println!("{line}");
        }
        let mut is_right = succeeded && said.contains(HAS_PASSED);
        row.push(if is_right { "whole" } else { "WRONG" }.to_owned());
        if arguments.live {
            let called = Called::by(workspace, &binary)?;
            let names: Vec<&str> = names_with_a_method(&said).collect();
            for protocol in [&called.in_resp2, &called.in_resp3] {
                let count = names
                    .iter()
                    .filter(|&&name| protocol.contains(name))
                    .count();
                combinations += count;
                row.push(count.to_string());
            }
            let missing = called.missing(&names);
            row.push(missing.len().to_string());
            if !missing.is_empty() {
                println!("not called in both protocols: {}", missing.join(", "));
            }
            is_right &= called.succeeded;
        }
        if !is_right {
            code = ExitCode::FAILURE;
        }
        rows.push(row);
    }
    if rows.is_empty() {
        bail!("expected at least one server, found none");
    }
    let header = ["server", "commands", "in RESP2", "in RESP3", "not in both"];
    let columns = if arguments.live { header.len() } else { 2 };
    print!("\n{}", table(&header[..columns], &rows));
    if arguments.live {
        println!("\n{combinations} combinations of command, protocol and server were run live");
    }
    Ok(code)
}

/// The commands that the live tests have called a server with.
struct Called {
    succeeded: bool,
    in_resp2: BTreeSet<String>,
    in_resp3: BTreeSet<String>,
}

impl Called {
    fn by(workspace: &Workspace, binary: &ServerBinary) -> Result<Self> {
        let (succeeded, said) = output_of(workspace, &LIVE, binary)?;
        Ok(Self {
            succeeded,
            in_resp2: called(&said, true),
            in_resp3: called(&said, false),
        })
    }

    /// Those of these names that were not called in one protocol at least.
    fn missing<'n>(&self, names: &[&'n str]) -> Vec<&'n str> {
        let in_both = |name: &str| self.in_resp2.contains(name) && self.in_resp3.contains(name);
        let missing = names.iter().filter(|name| !in_both(name));
        missing.copied().collect()
    }
}

/// What stands in front of the names that the comparison has found methods for.
const WITH_A_METHOD: &str = "with a method: ";

fn names_with_a_method(said: &str) -> impl Iterator<Item = &str> {
    let lists = said
        .lines()
        .filter_map(|line| line.strip_prefix(WITH_A_METHOD));
    lists.flat_map(|list| list.split(", "))
}

/// The commands of lines like `used over TCP, Resp2 with Redis 7.0.15: get config|set`, by their names on the wire.
/// What is not RESP2 is RESP3.
fn called(said: &str, in_resp2: bool) -> BTreeSet<String> {
    let lines = said
        .lines()
        .filter_map(|line| line.strip_prefix("used over ")?.split_once(": "));
    lines
        .filter(|(way, _)| way.contains("Resp2") == in_resp2)
        .flat_map(|(_, names)| names.split(' '))
        .map(|name| name.to_ascii_uppercase().replace('|', " "))
        .collect()
}

/// What a test says about a server, and whether it succeeded.
fn output_of(
    workspace: &Workspace,
    test: &[&str],
    binary: &ServerBinary,
) -> Result<(bool, String)> {
    let mut command: Command = workspace.cargo(test.iter().copied());
    let output = command
        .env("REDIS_SERVER", binary.path())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((output.status.success(), said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_called_is_known_by_protocol() {
        let said = "running 2 tests\nused over TCP, Resp2 with Redis 7.0.15: get config|set\n\
                    used over a Unix socket, Resp3 with Redis 7.0.15: get\n\
                    used over TCP, hiredis with Redis 7.0.15: set\n";
        let called = Called {
            succeeded: true,
            in_resp2: called(said, true),
            in_resp3: called(said, false),
        };
        assert!(called.in_resp2.iter().eq(["CONFIG SET", "GET"]));
        assert!(called.in_resp3.iter().eq(["GET", "SET"]));
        let names = "with a method: CONFIG SET, GET, SET\n";
        let names: Vec<&str> = names_with_a_method(names).collect();
        let missing = called.missing(&names);
        assert_eq!(missing, ["CONFIG SET", "SET"]);
    }
}
