//! Finding and fetching servers: `cargo xtask servers`, and what the other tasks need of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use redis_testkit::{ErrorKind, ServerBinary};

use crate::fetch;
use crate::matrix::{self, MATRIX, Named};
use crate::table::table;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// redis-7, redis-8, valkey-8, valkey-9 or all; without a name, all
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let mut wanted: Vec<&'static Named> = Vec::new();
    for name in &arguments.names {
        if name != "all" {
            wanted.push(Named::find(name).ok_or_else(|| unknown(name, "all"))?);
        }
    }
    if arguments.names.is_empty() || arguments.names.iter().any(|name| name == "all") {
        wanted = MATRIX.iter().collect();
    }
    let mut rows = Vec::new();
    let mut code = ExitCode::SUCCESS;
    for (server, found) in get(workspace, &wanted) {
        match found {
            Ok(binary) => rows.push(vec![
                server.name.to_owned(),
                binary.version().to_string(),
                binary.path().display().to_string(),
            ]),
            Err(error) => {
                eprintln!("error: {}: {error:#}", server.name);
                rows.push(vec![server.name.to_owned(), "not fetched".to_owned()]);
                code = ExitCode::FAILURE;
            }
        }
    }
    print!("{}", table(&["name", "version", "path"], &rows));
    Ok(code)
}

/// These servers, fetched where they are not yet.
pub(crate) fn get(
    workspace: &Workspace,
    wanted: &[&'static Named],
) -> Vec<(&'static Named, Result<ServerBinary>)> {
    let (here, missing): (Vec<&Named>, Vec<&Named>) = MATRIX
        .iter()
        .filter(|server| wanted.contains(server))
        .partition(|server| fetched_in(&workspace.servers().join(server.name)).is_some());
    let mut all = fetch::named(workspace, &missing);
    all.extend(here.into_iter().map(|server| {
        let path = fetched_in(&workspace.servers().join(server.name));
        let binary = path.context("a fetched server has just been removed");
        (server, binary.and_then(|path| Ok(ServerBinary::at(path)?)))
    }));
    all.sort_by_key(|(server, _)| MATRIX.iter().position(|named| named == *server));
    all
}

/// A server given by name, which is fetched if need be, or by path.
pub(crate) fn by_name_or_path(workspace: &Workspace, given: &str) -> Result<ServerBinary> {
    if let Some(named) = Named::find(given) {
        let found = get(workspace, &[named]).into_iter().next();
        return found.context("one server was asked for")?.1;
    }
    if given.contains('/') || Path::new(given).exists() {
        return Ok(ServerBinary::at(given)?);
    }
    Err(unknown(given, "the path of a server"))
}

/// The first server that is on this machine, or else fetched for it.
pub(crate) fn any(workspace: &Workspace) -> Result<ServerBinary> {
    match ServerBinary::find_in(&fetched_directories(workspace)) {
        Err(error) if error.kind() == ErrorKind::NotFound && given().is_none() => {
            fetch::native(workspace)
        }
        found => Ok(found?),
    }
}

/// Every server that is on this machine: given, on `PATH`, or fetched.
pub(crate) fn every(workspace: &Workspace) -> Result<Vec<ServerBinary>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    if given().is_some() {
        // Found first; and when it is no server, the error says where the path comes from.
        paths.push(ServerBinary::find()?.path().to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    paths.extend(std::env::split_paths(&path).flat_map(|directory| servers_in(&directory)));
    paths.extend(
        fetched_directories(workspace)
            .iter()
            .filter_map(|dir| fetched_in(dir)),
    );

    let mut binaries: Vec<ServerBinary> = Vec::new();
    let mut seen = Vec::new();
    for path in paths {
        let binary = ServerBinary::at(&path)?;
        // `/bin` is often a link to `/usr/bin`.
        let real = fs::canonicalize(&path).unwrap_or(path);
        if !seen.contains(&real) {
            seen.push(real);
            binaries.push(binary);
        }
    }
    Ok(binaries)
}

fn unknown(name: &str, else_: &str) -> anyhow::Error {
    let names = matrix::names();
    anyhow!("expected one of {names} or {else_}, found {name:?}")
}

fn given() -> Option<PathBuf> {
    std::env::var_os("REDIS_SERVER")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

fn fetched_directories(workspace: &Workspace) -> Vec<PathBuf> {
    let mut directories: Vec<_> = fs::read_dir(workspace.servers())
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .collect();
    directories.sort();
    directories
}

fn fetched_in(directory: &Path) -> Option<PathBuf> {
    servers_in(directory).into_iter().next()
}

fn servers_in(directory: &Path) -> Vec<PathBuf> {
    let paths = ["redis-server", "valkey-server"].map(|name| directory.join(name));
    paths.into_iter().filter(|path| path.is_file()).collect()
}
