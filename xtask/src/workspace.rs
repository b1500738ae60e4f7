//! Where this repository and its build directory are, and how Cargo is called in it.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand, Package};

/// The exit code of a program that stands for this one; as shells have it, 128 and its number for a signal.
pub(crate) fn code_of(status: ExitStatus) -> ExitCode {
    let signal = || Some(status.signal()?.saturating_add(128));
    let code = status.code().or_else(signal);
    let code = code.and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// How many programs can run at a time.
pub(crate) fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The repository.
pub(crate) struct Workspace {
    /// What Cargo knows of the workspace's own packages; dependencies are not resolved.
    pub(crate) metadata: Metadata,
    /// The directory of the top `Cargo.toml`.
    pub(crate) root: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
            .no_deps()
            .exec()
            .context("cargo cannot read this workspace")?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        Ok(Self { metadata, root })
    }

    /// The directory for fetched servers, one directory each.
    pub(crate) fn servers(&self) -> PathBuf {
        self.target().join("servers")
    }

    /// The directory for tools that CI installs.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target().join("tools")
    }

    /// `cargo` with these arguments, in the top directory.
    pub(crate) fn cargo<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        // Cargo tells the programs it runs which Cargo it is: with several, it has to stay the same.
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(args).current_dir(&self.root);
        command.env("PATH", self.path());
        // It may be said as seen from another directory.
        if env::var_os("CARGO_TARGET_DIR").is_some() {
            command.env("CARGO_TARGET_DIR", self.target());
        }
        command
    }

    /// `cargo` of another toolchain, which only rustup's own cargo understands.
    pub(crate) fn cargo_of(&self, toolchain: &str, subcommand: &str) -> Command {
        let mut command = Command::new("cargo");
        command.arg(format!("+{toolchain}")).arg(subcommand);
        command.current_dir(&self.root).env("PATH", self.path());
        // The compiler that builds xtask was chosen by these; another one has to be chosen now.
        for name in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN", "CARGO_TARGET_DIR"] {
            command.env_remove(name);
        }
        // Nor is it fetched in silence when somebody asks whether it is there.
        command.env("RUSTUP_AUTO_INSTALL", "0");
        command
    }

    /// Whether there is another toolchain of this name.
    pub(crate) fn has_toolchain(&self, name: &str) -> bool {
        let mut version = self.cargo_of(name, "--version");
        let status = version.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    /// The packages that are there for users.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        let packages = self.metadata.packages.iter();
        packages.filter(|package| package.publish.is_none())
    }

    /// The version of the compiler that all of them promise to do with.
    pub(crate) fn oldest_compiler(&self) -> Result<String> {
        let versions: BTreeSet<_> = self
            .published()
            .map(|package| &package.rust_version)
            .collect();
        match versions.into_iter().collect::<Vec<_>>().as_slice() {
            [Some(version)] => Ok(version.to_string()),
            found => {
                bail!("expected the same `rust-version` in all published packages, found {found:?}")
            }
        }
    }

    /// Where programs are looked for: where the system has them, then among the tools.
    pub(crate) fn path(&self) -> OsString {
        let mut path = env::var_os("PATH").unwrap_or_default();
        path.push(":");
        path.push(self.tools().join("bin"));
        path
    }

    /// The directory that Cargo builds in.
    pub(crate) fn target(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_interrupted_ends_with_130() {
        let code = |raw| format!("{:?}", code_of(ExitStatus::from_raw(raw)));
        let expected = |code: u8| format!("{:?}", ExitCode::from(code));
        assert_eq!(code(2), expected(130));
        assert_eq!(code(3 << 8), expected(3));
        assert_eq!(code(0), expected(0));
    }
}
