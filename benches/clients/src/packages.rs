//! Packages as a user has them, with these dependencies and this program: in a folder of their own, which goes with them.

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Result, ensure};
use tempfile::TempDir;

/// The line of a manifest that takes this client.
pub(crate) const OURS: &str = concat!(
    "redis = { path = \"",
    env!("CARGO_MANIFEST_DIR"),
    "/../../crates/redis\" }"
);

/// What [`Package::new`] calls the package, and so its program.
pub(crate) const NAME: &str = "program";

pub(crate) struct Package {
    directory: TempDir,
}

impl Package {
    /// Writes the package and fetches what it depends on, for [`cargo`](Self::cargo) is not to use the network later.
    pub(crate) fn new(dependencies: &str, main: &str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let manifest = format!(
            "[package]\nname = \"{NAME}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\n{dependencies}\n"
        );
        fs::write(directory.path().join("Cargo.toml"), manifest)?;
        fs::create_dir(directory.path().join("src"))?;
        fs::write(directory.path().join("src/main.rs"), main)?;
        let package = Self { directory };
        package.cargo(&["fetch", "--quiet"])?;
        Ok(package)
    }

    /// Runs Cargo as a user would, but for the symbols, which a release build strips; what it prints.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .current_dir(self.directory.path())
            .env("CARGO_TARGET_DIR", self.target())
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
            .env_remove("RUSTFLAGS")
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()?;
        ensure!(
            output.status.success(),
            "cargo {} failed",
            arguments.join(" ")
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Where Cargo puts what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        self.directory.path().join("target")
    }
}
