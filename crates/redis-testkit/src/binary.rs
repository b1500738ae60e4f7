//! A server binary on this machine: where it is, and which version.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, ErrorKind};
use crate::install::install_command;
use crate::version::Version;

/// The names a server goes by, in the order in which they are looked for.
const NAMES: [&str; 2] = ["redis-server", "valkey-server"];

/// A Redis or Valkey server binary that runs on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerBinary {
    path: PathBuf,
    version: Version,
}

impl ServerBinary {
    /// Looks for a server, and takes the first of
    /// 1. the path in the environment variable `REDIS_SERVER`, which must then be a server;
    /// 2. `redis-server`, then `valkey-server`, on `PATH`;
    /// 3. the same names in `servers/NAME/` of the Cargo target directory that the running program
    ///    was built into, or else of that of the package in the working directory, where a project may
    ///    keep the servers it tests with.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] says which command installs a server on this system;
    /// [`ErrorKind::NotAServer`] that what was found does not run.
    pub fn find() -> Result<Self, Error> {
        Self::find_in(&[])
    }

    /// As [`find`](Self::find), and if that finds nothing, in these directories, in this order.
    ///
    /// # Errors
    /// As for [`find`](Self::find).
    pub fn find_in(extra: &[PathBuf]) -> Result<Self, Error> {
        if let Some(path) = env::var_os("REDIS_SERVER").filter(|path| !path.is_empty()) {
            return Self::at(Path::new(&path)).map_err(|error| {
                Error::new(
                    error.kind(),
                    format!("the environment variable REDIS_SERVER: {error}"),
                )
            });
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let found = first_in(env::split_paths(&path))
            .or_else(|| first_in(built_servers().into_iter()))
            .or_else(|| first_in(extra.iter().cloned()));
        match found {
            Some(path) => Self::at(&path),
            None => Err(Error::new(
                ErrorKind::NotFound,
                format!(
                    "no redis-server or valkey-server found on PATH: install one ({}), \
                     or set the environment variable REDIS_SERVER to the path of one",
                    install_command()
                ),
            )),
        }
    }

    /// The server binary at `path`; it is run once, for its version.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such file, [`ErrorKind::NotAServer`] when it does
    /// not run or answers `--version` with anything but a server's version.
    pub fn at(path: impl AsRef<Path>) -> Result<Self, Error> {
        // Shown whole, and valid when the working directory changes: that of tests is not always the one
        // that a relative path was meant from.
        let path = std::path::absolute(path.as_ref())
            .map_err(|error| Error::io("no absolute path for a server binary", error))?;
        let shown = path.display();
        if !path.is_file() {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("expected a server binary at {shown}, found no such file"),
            ));
        }
        let not_a_server = |found: String| {
            Error::new(
                ErrorKind::NotAServer,
                format!("expected a Redis or Valkey server at {shown}, found {found}"),
            )
        };
        let output = Command::new(&path)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| not_a_server(format!("a file that does not run: {error}")))?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        match Version::parse(&stdout) {
            Some(version) => Ok(Self { path, version }),
            None => {
                let stderr = String::from_utf8_lossy(&output.stderr);
                let said = stdout
                    .lines()
                    .chain(stderr.lines())
                    .next()
                    .unwrap_or("nothing");
                Err(not_a_server(format!(
                    "a program that answers --version with {said:?} ({})",
                    output.status
                )))
            }
        }
    }

    /// Where the binary is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which product and version it is.
    pub fn version(&self) -> Version {
        self.version
    }
}

fn first_in(directories: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    directories
        .filter(|directory| !directory.as_os_str().is_empty())
        .flat_map(|directory| NAMES.map(|name| directory.join(name)))
        .find(|path| path.is_file())
}

/// What Cargo leaves in a target directory; the tag only in one that it has made itself.
const CARGOS_OWN: [&str; 2] = ["CACHEDIR.TAG", ".rustc_info.json"];

/// The directories `servers/*` of the Cargo target directory, sorted. No other directory is searched.
fn built_servers() -> Vec<PathBuf> {
    let Some(target) = target_directory() else {
        return Vec::new();
    };
    let Ok(entries) = fs::read_dir(target.join("servers")) else {
        return Vec::new();
    };
    let is_hidden = |path: &Path| {
        path.file_name()
            .and_then(OsStr::to_str)
            .is_none_or(|name| name.starts_with('.'))
    };
    let mut directories: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && !is_hidden(path))
        .collect();
    directories.sort();
    directories
}

/// The Cargo target directory above the running program. Code in documentation is built elsewhere: then the
/// one of the package, in or above the working directory.
fn target_directory() -> Option<PathBuf> {
    let is_cargos = |path: &Path| CARGOS_OWN.iter().any(|name| path.join(name).is_file());
    let program = env::current_exe().ok();
    let above = program.as_deref().into_iter().flat_map(Path::ancestors);
    let built_into = above.map(Path::to_owned).find(|path| is_cargos(path));
    built_into.or_else(|| {
        let here = env::current_dir().ok()?;
        let targets = here.ancestors().map(|above| above.join("target"));
        targets.into_iter().find(|path| is_cargos(path))
    })
}
