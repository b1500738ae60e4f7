//! `cargo xtask commands`: what the servers say about their commands, against what the methods send.

use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::matrix::{self, MATRIX};
use crate::servers;
use crate::table::table;
use crate::workspace::Workspace;

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

pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let mut rows = Vec::new();
    let mut code = ExitCode::SUCCESS;
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
        let status = workspace
            .cargo(TEST)
            .env("REDIS_SERVER", binary.path())
            .stdin(Stdio::null())
            .status()
            .context("cannot run cargo")?;
        if !status.success() {
            code = ExitCode::FAILURE;
        }
        let verdict = if status.success() { "whole" } else { "WRONG" };
        rows.push(vec![matrix::name_of(version), verdict.to_owned()]);
    }
    if rows.is_empty() {
        bail!("expected at least one server, found none");
    }
    print!("\n{}", table(&["server", "commands"], &rows));
    Ok(code)
}
