//! `cargo xtask demo`: a guided tour of the client on a real server.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::servers;
use crate::workspace::{self, Workspace};

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Runs one chapter of the tour, `getting-started` for example; a wrong name has all of them listed
    #[arg(long, value_name = "NAME")]
    chapter: Option<String>,
    /// redis-7, redis-8, valkey-8, valkey-9 or the path of a server
    #[arg(long, value_name = "NAME|PATH")]
    server: Option<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let status = command(workspace, arguments)?
        .status()
        .context("cannot run the example `tour`")?;
    Ok(workspace::code_of(status))
}

/// Builds it; the command that runs it.
pub(crate) fn command(workspace: &Workspace, arguments: &Arguments) -> Result<Command> {
    let server = match &arguments.server {
        Some(given) => servers::by_name_or_path(workspace, given)?,
        None => servers::any(workspace)?,
    };
    eprintln!("{} at {}", server.version(), server.path().display());
    // Apart from running it: Cargo then shows how the first build gets on, and is quiet later.
    let mut build = workspace.cargo(["build", "--package", "redis", "--example", "tour"]);
    if !build.status().context("cannot run cargo")?.success() {
        bail!("the tour does not build");
    }
    let run = ["run", "--quiet", "--package", "redis", "--example", "tour"];
    let mut tour = workspace.cargo(run);
    tour.arg("--").env("REDIS_SERVER", server.path());
    if let Some(chapter) = &arguments.chapter {
        tour.args(["--chapter", chapter]);
    }
    Ok(tour)
}
