//! `cargo xtask demo`: a guided tour of the client on a real server.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::servers;
use crate::workspace::{self, Workspace};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Runs one chapter of the tour, `getting-started` for example; a wrong name has all of them listed
    #[arg(long, value_name = "NAME")]
    chapter: Option<String>,
    /// redis-7, redis-8, valkey-8, valkey-9 or the path of a server
    #[arg(long, value_name = "NAME|PATH")]
    server: Option<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let server = match &arguments.server {
        Some(given) => servers::by_name_or_path(workspace, given)?,
        None => servers::any(workspace)?,
    };
    eprintln!("{} at {}", server.version(), server.path().display());
    // Apart from running it: Cargo then shows how the first build gets on, and is quiet later.
    let mut build = workspace.cargo(["build", "--package", "redis", "--example", "tour"]);
    let built = build.status().context("cannot run cargo")?;
    if !built.success() {
        return Ok(ExitCode::FAILURE);
    }
    let mut tour = workspace.cargo([
        "run",
        "--quiet",
        "--package",
        "redis",
        "--example",
        "tour",
        "--",
    ]);
    if let Some(chapter) = &arguments.chapter {
        tour.args(["--chapter", chapter]);
    }
    let status = tour
        .env("REDIS_SERVER", server.path())
        .status()
        .context("cannot run the example `tour`")?;
    Ok(workspace::code_of(status))
}
