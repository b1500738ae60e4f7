//! Programs that tasks use, installed below `target/tools` in the very version that is asked for.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// A program of a crate.
pub(crate) struct Tool {
    pub(crate) program: &'static str,
    /// The crate that it comes from.
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
    /// For `cargo install`.
    pub(crate) options: &'static [&'static str],
}

impl Tool {
    /// Where the program is, which is installed if it is not there: one of another version is not this one.
    pub(crate) fn find(&self, workspace: &Workspace) -> Result<PathBuf> {
        let name = format!("{}-{}", self.program, self.version);
        let root = workspace.tools().join(name);
        let path = root.join("bin").join(self.program);
        if !path.is_file() {
            let install = ["install", self.package, "--version", self.version];
            let mut install = workspace.cargo(install);
            // It is run once or twice: building it quickly counts for more than a quick program.
            install.args(["--locked", "--debug", "--root"]).arg(&root);
            install
                .args(self.options)
                .env("CARGO_PROFILE_DEV_DEBUG", "0");
            let status = install.status().context("cannot run cargo")?;
            if !status.success() {
                bail!("{} cannot be installed: {status}", self.package);
            }
        }
        Ok(path)
    }
}
