//! `cargo xtask tidy`: the rules of the house that neither compiler nor clippy knows.

use std::fmt;
use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::layers;
use crate::links;
use crate::named_tests;
use crate::source_rules;
use crate::workspace::Workspace;

/// A place that breaks a rule, and what to do about it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) path: String,
    pub(crate) line: usize,
    what: String,
}

pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let mut violations = layers::check(workspace);
    violations.extend(named_tests::check(workspace));
    let files = files(workspace)?;
    for path in &files {
        // A deleted file stays listed until its deletion is staged.
        let Ok(text) = fs::read_to_string(workspace.root.join(path)) else {
            continue;
        };
        violations.extend(match path.ends_with(".md") {
            true => links::check(&workspace.root, path, &text),
            false => source_rules::check(path, &text),
        });
    }
    let (third_party, over_budget) = layers::check_budget(workspace)?;
    violations.extend(over_budget);
    violations.sort();
    for violation in &violations {
        println!("{violation}");
    }
    println!(
        "tidy: {} files, {third_party} third-party crates below the facade, {} violations",
        files.len(),
        violations.len()
    );
    Ok(if violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Violation {
    pub(crate) fn new(path: &str, line: usize, what: String) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Every Rust and Markdown file that is, or is about to be, in the repository.
fn files(workspace: &Workspace) -> Result<Vec<String>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "*.rs",
            "*.md",
        ])
        .current_dir(&workspace.root)
        .output()
        .context("cannot run git, which lists the files to check")?;
    if !output.status.success() {
        bail!(
            "git ls-files failed:\n{}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    let mut files: Vec<_> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}
