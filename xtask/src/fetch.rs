//! Fetches servers from package archives: downloads and unpacks, installs nothing.
//!
//! A server is unpacked together with every library it needs, the C library included, and started by
//! the loader that belongs to them. So it runs on a system that is older than the server's, and needs
//! nothing installed:
//!
//! ```text
//! target/servers/redis-8/redis-server     a script that starts what is below `root`
//! target/servers/redis-8/root/            the unpacked packages
//! ```

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, anyhow, bail};
use redis_testkit::{Product, ServerBinary, install_command};
use tempfile::TempDir;

use crate::apt::{Apt, Sources};
use crate::matrix::{self, Named};
use crate::sources_list;
use crate::workspace::Workspace;

/// How a product is packaged. The server is in the tools package, under the name of a checker: one
/// program that looks at its own name.
struct Package {
    name: &'static str,
    program: &'static str,
    server: &'static str,
}

const REDIS: Package = Package {
    name: "redis-tools",
    program: "redis-check-rdb",
    server: "redis-server",
};
const VALKEY: Package = Package {
    name: "valkey-tools",
    program: "valkey-check-rdb",
    server: "valkey-server",
};

/// Fetches servers by name, suites side by side, and says of each what came of it.
pub(crate) fn named(
    workspace: &Workspace,
    servers: &[&'static Named],
) -> Vec<(&'static Named, Result<ServerBinary>)> {
    let mut suites: Vec<&str> = servers.iter().map(|server| server.suite).collect();
    suites.sort_unstable();
    suites.dedup();
    let staged: Vec<_> = thread::scope(|scope| {
        let fetches: Vec<_> = suites
            .into_iter()
            .map(|suite| {
                let wanted: Vec<_> = servers
                    .iter()
                    .copied()
                    .filter(|server| server.suite == suite)
                    .collect();
                scope.spawn(move || suite_of(workspace, suite, &wanted))
            })
            .collect();
        fetches
            .into_iter()
            .flat_map(|fetch| fetch.join().expect("a fetch panicked"))
            .collect()
    });
    // Not in the threads: while one starts a program, the other's script may still be open for
    // writing in it, and then does not start.
    staged
        .into_iter()
        .map(|(server, staged)| {
            (
                server,
                staged.and_then(|staged| staged.settle(Some(server))),
            )
        })
        .collect()
}

/// Fetches the server of this very system's distribution.
pub(crate) fn native(workspace: &Workspace) -> Result<ServerBinary> {
    if !Apt::is_here() {
        bail!(
            "no server found, and this system's packages cannot be unpacked by this task: install \
             one ({}), or set the environment variable REDIS_SERVER to the path of one",
            install_command()
        );
    }
    eprintln!("no server found: fetching the system's package, without installing it");
    let first = match native_from(workspace, &Apt::system()) {
        Ok(staged) => return staged.settle(None),
        Err(error) => error,
    };
    eprintln!("the system's package lists do not do: fetching lists of our own");
    let private = Staging::new(workspace).and_then(|staging| {
        let apt = Apt::private(&staging.dir.path().join("apt"), &Sources::OfTheSystem)?;
        native_from(workspace, &apt)
    });
    let second = match private {
        Ok(staged) => return staged.settle(None),
        Err(error) => error,
    };
    let hint = format!(
        "no server could be fetched: run `sudo apt-get update` and then this command again, or else \
         `sudo {}`\n  with the system's package lists: {first:#}\n  with lists of our own: {second:#}",
        install_command()
    );
    if !is_root() {
        bail!(hint);
    }
    eprintln!("that failed as well: running apt-get update");
    let system = Apt::system();
    let updated = system
        .update()
        .and_then(|()| native_from(workspace, &system));
    updated
        .and_then(|staged| staged.settle(None))
        .map_err(|third| anyhow!("{hint}\n  after apt-get update: {third:#}"))
}

/// Whether the system's package lists are ours to fetch. Asked of `id`, as the standard library does
/// not tell.
fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout == b"0\n")
}

fn native_from(workspace: &Workspace, apt: &Apt) -> Result<Staged> {
    let redis = Staging::new(workspace)?.unpack(apt, &REDIS);
    redis.or_else(|error| {
        Staging::new(workspace)?
            .unpack(apt, &VALKEY)
            .map_err(|_| error)
    })
}

/// Fetches these servers of one suite: its package lists are fetched once.
fn suite_of(
    workspace: &Workspace,
    suite: &str,
    servers: &[&'static Named],
) -> Vec<(&'static Named, Result<Staged>)> {
    let names: Vec<_> = servers.iter().map(|server| server.name).collect();
    eprintln!("fetching {} from Debian {suite}", names.join(" and "));
    let lists = Staging::new(workspace).and_then(|staging| {
        let apt = suite_lists(&staging, suite)?;
        Ok((staging, apt))
    });
    let fetch = |server: &'static Named| match &lists {
        Ok((_, apt)) => {
            let package = if server.product == Product::Valkey {
                &VALKEY
            } else {
                &REDIS
            };
            Staging::new(workspace)?.unpack(apt, package)
        }
        Err(error) => Err(anyhow!("{error:#}")),
    };
    servers
        .iter()
        .map(|&server| (server, fetch(server)))
        .collect()
}

fn suite_lists(staging: &Staging, suite: &str) -> Result<Apt> {
    if !Apt::is_here() {
        bail!("named servers are unpacked from Debian packages, which takes apt-get and dpkg-deb");
    }
    let mut refused =
        anyhow!("found no package archive in /etc/apt/sources.list or sources.list.d");
    for (n, archive) in sources_list::archives().iter().enumerate() {
        let dir = staging.dir.path().join(format!("apt-{n}"));
        match Apt::private(&dir, &Sources::Suite(archive, suite)) {
            Ok(apt) => return Ok(apt),
            Err(error) => refused = error,
        }
    }
    Err(refused.context(format!(
        "none of this system's package archives offers Debian {suite} (see sources.list(5))"
    )))
}

/// A directory for one server on its way, beside the directories of finished ones: a fetch that is
/// cut short leaves nothing that looks finished.
struct Staging {
    dir: TempDir,
    servers: PathBuf,
}

/// A server that is complete but for its name.
struct Staged {
    staging: Staging,
    package: &'static Package,
}

const PREFIX: &str = ".fetch-";

impl Staging {
    fn new(workspace: &Workspace) -> Result<Self> {
        let servers = workspace.servers();
        let in_servers = || format!("cannot write to {}", servers.display());
        fs::create_dir_all(&servers).with_context(in_servers)?;
        remove_abandoned(&servers);
        let dir = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(&servers)
            .with_context(in_servers)?;
        Ok(Self { dir, servers })
    }

    fn ready(&self) -> PathBuf {
        self.dir.path().join("ready")
    }

    fn unpack(self, apt: &Apt, package: &'static Package) -> Result<Staged> {
        let ready = self.ready();
        let root = ready.join("root");
        fs::create_dir_all(&root)?;
        let packages = apt.with_libraries(package.name)?;
        apt.unpack(&packages, &self.dir.path().join("packages"), &root)?;

        let programs = root.join("usr/bin");
        if !programs.join(package.program).is_file() {
            bail!(
                "expected {} in the package {}",
                package.program,
                package.name
            );
        }
        symlink(package.program, programs.join(package.server))?;
        let script = ready.join(package.server);
        fs::write(&script, start_script(&root, package.server)?)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        Ok(Staged {
            staging: self,
            package,
        })
    }
}

impl Staged {
    /// Checks that the server runs, and moves it to its place. Without a name, its version is its
    /// name.
    fn settle(self, wanted: Option<&Named>) -> Result<ServerBinary> {
        let ready = self.staging.ready();
        let version = ServerBinary::at(ready.join(self.package.server))?.version();
        let name = match wanted {
            Some(named) if !named.is(version) => {
                bail!(
                    "expected {} in Debian {}, found {version}",
                    named.name,
                    named.suite
                )
            }
            Some(named) => named.name.to_owned(),
            None => matrix::name_of(version),
        };
        let place = self.staging.servers.join(name);
        // When another run was faster, its server is as good.
        if !place.join(self.package.server).is_file() {
            fs::rename(&ready, &place)
                .with_context(|| format!("cannot move the server to {}", place.display()))?;
        }
        Ok(ServerBinary::at(place.join(self.package.server))?)
    }
}

/// The script that starts the server below `root`, wherever the directory is moved to. `exec`: the
/// process is then the server's own.
fn start_script(root: &Path, server: &str) -> Result<String> {
    let libraries = library_directories(root)?;
    let loader = libraries
        .iter()
        .find_map(|directory| loader_in(&root.join(directory)));
    let loader = loader.context("expected a loader (ld-linux-*.so.*) in the package libc6")?;
    let loader = loader.strip_prefix(root)?.display();
    let libraries: Vec<_> = libraries
        .iter()
        .map(|directory| format!("$root/{}", directory.display()))
        .collect();
    Ok(format!(
        "#!/bin/sh\n\
         # Starts the unpacked server with the libraries unpacked beside it.\n\
         root=${{0%/*}}/root\n\
         exec \"$root/{loader}\" --library-path \"{}\" \"$root/usr/bin/{server}\" \"$@\"\n",
        libraries.join(":")
    ))
}

/// `usr/lib/ARCHITECTURE` and `lib/ARCHITECTURE`, relative to `root`: older suites use both.
fn library_directories(root: &Path) -> Result<Vec<PathBuf>> {
    let mut directories = Vec::new();
    for parent in ["usr/lib", "lib"] {
        let Ok(entries) = fs::read_dir(root.join(parent)) else {
            continue;
        };
        for entry in entries {
            let name = entry?.file_name();
            if name.to_string_lossy().contains("-linux-") {
                directories.push(Path::new(parent).join(name));
            }
        }
    }
    Ok(directories)
}

fn loader_in(directory: &Path) -> Option<PathBuf> {
    fs::read_dir(directory)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (name.starts_with("ld-linux") || name.starts_with("ld64.so")) && path.is_file()
        })
}

/// A fetch that was interrupted could not clean up. No fetch takes an hour.
fn remove_abandoned(servers: &Path) {
    let is_old = |path: &Path| -> bool {
        let changed = path.metadata().and_then(|metadata| metadata.modified());
        let age = changed.map(|changed| SystemTime::now().duration_since(changed));
        matches!(age, Ok(Ok(age)) if age > Duration::from_secs(3600))
    };
    for entry in fs::read_dir(servers).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && is_old(&entry.path()) {
            // Another run may be removing it as well; what stays is tried again next time.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_starts_the_loader_of_whatever_architecture_was_unpacked() {
        let root = tempfile::tempdir().unwrap();
        let libraries = root.path().join("lib/aarch64-linux-gnu");
        fs::create_dir_all(&libraries).unwrap();
        fs::create_dir_all(root.path().join("usr/lib/aarch64-linux-gnu")).unwrap();
        fs::write(libraries.join("ld-linux-aarch64.so.1"), "").unwrap();

        let script = start_script(root.path(), "valkey-server").unwrap();
        assert!(script.starts_with("#!/bin/sh\n"), "{script}");
        let line = "exec \"$root/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1\" --library-path \
                    \"$root/usr/lib/aarch64-linux-gnu:$root/lib/aarch64-linux-gnu\" \
                    \"$root/usr/bin/valkey-server\" \"$@\"\n";
        assert!(script.ends_with(line), "{script}");
    }

    #[test]
    fn packages_without_a_loader_are_refused() {
        let root = tempfile::tempdir().unwrap();
        assert!(start_script(root.path(), "redis-server").is_err());
    }
}
