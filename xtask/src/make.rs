//! `make`, which hiredis is built with: the system's, or else one that is unpacked under `target/tools`.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

use crate::apt::{Apt, Sources};
use crate::workspace::Workspace;

/// Sees to it that the commands of [`Workspace::cargo`] find a `make`.
pub(crate) fn provide(workspace: &Workspace) -> Result<()> {
    if is_here(workspace) {
        return Ok(());
    }
    eprintln!("no make found: fetching the system's package, without installing it");
    let why = match fetch(workspace) {
        Ok(()) if is_here(workspace) => return Ok(()),
        Ok(()) => anyhow!("the one that was fetched does not run"),
        Err(error) => error,
    };
    Err(why.context("hiredis is built with make, which is not here: install it"))
}

fn is_here(workspace: &Workspace) -> bool {
    let mut make = Command::new("make");
    make.arg("--version").env("PATH", workspace.path());
    make.stdin(Stdio::null()).stdout(Stdio::null());
    make.stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn fetch(workspace: &Workspace) -> Result<()> {
    if !Apt::is_here() {
        bail!("packages are unpacked by apt-get and dpkg-deb, which are not here either");
    }
    let bin = workspace.tools().join("bin");
    fs::create_dir_all(&bin).with_context(|| format!("cannot make {}", bin.display()))?;
    let staging = tempfile::tempdir_in(workspace.tools())?;
    let root = workspace.tools().join("make");
    let packages = staging.path().join("packages");
    let unpack = |apt: &Apt| apt.unpack(&["make".to_owned()], &packages, &root);
    unpack(&Apt::system()).or_else(|_| {
        let lists = staging.path().join("apt");
        unpack(&Apt::private(&lists, &Sources::OfTheSystem)?)
    })?;
    let link = bin.join("make");
    // What is there does not run, or nobody would be here.
    let _ = fs::remove_file(&link);
    symlink(root.join("usr/bin/make"), &link)
        .with_context(|| format!("cannot make {}", link.display()))
}
