//! Which crate may import which: the layer table, checked against what Cargo knows.

use std::fs;

use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, Metadata, Package};

use crate::tidy::Violation;
use crate::workspace::Workspace;

/// Each crate, and all it may depend on outside its tests. Arguments for the order are in
/// `ARCHITECTURE.md`; a new line here is a decision, and belongs there too.
const LAYERS: [(&str, &[&str]); 6] = [
    ("resp-proto", &["itoa", "memchr", "ryu"]),
    (
        "redis-conn",
        &[
            "resp-proto",
            "hiredis-sys",
            "parking_lot",
            "rustls",
            "rustls-native-certs",
            "socket2",
            "tracing",
        ],
    ),
    (
        "redis-cmd",
        &["resp-proto", "serde", "serde_json", "smallvec"],
    ),
    ("redis-ext", &["resp-proto", "redis-conn", "redis-cmd"]),
    (
        "redis",
        &[
            "resp-proto",
            "redis-conn",
            "redis-cmd",
            "redis-ext",
            "tracing",
        ],
    ),
    // rcgen: certificates for tests, behind a feature. socket2: resetting connections (SO_LINGER).
    ("redis-testkit", &["rcgen", "socket2", "tempfile"]),
];

/// Crates that may import anything, as nobody imports them.
const TOOLS: [&str; 3] = ["xtask", "live-tests", "soak"];

/// The most third-party crates that an application takes in with the facade.
const BUDGET: usize = 20;

/// Every import that the table forbids.
pub(crate) fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in members(&workspace.metadata) {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap_or_default();
        let path = package.manifest_path.as_std_path();
        let path = path
            .strip_prefix(&workspace.root)
            .unwrap_or(path)
            .display()
            .to_string();
        let imports: Vec<_> = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind != DependencyKind::Development)
            .map(|dependency| dependency.name.as_str())
            .collect();
        for (import, what) in forbidden(&package.name, &imports) {
            let line = line_of(&manifest, import);
            violations.push(Violation::new(&path, line, what));
        }
    }
    violations
}

/// How many third-party crates the facade brings, and a violation when they are too many.
pub(crate) fn check_budget(workspace: &Workspace) -> Result<(usize, Option<Violation>)> {
    let output = workspace
        .cargo([
            "tree",
            "--package",
            "redis",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ])
        .output()
        .context("cannot run cargo tree")?;
    if !output.status.success() {
        bail!(
            "cargo tree failed:\n{}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    let tree = String::from_utf8_lossy(&output.stdout);
    let crates = third_party(&tree);
    let violation = (crates.len() > BUDGET).then(|| {
        let what = format!(
            "{} third-party crates, expected at most {BUDGET}: {}; drop one, or put it behind a feature",
            crates.len(),
            crates.join(", ")
        );
        Violation::new("crates/redis/Cargo.toml", 1, what)
    });
    Ok((crates.len(), violation))
}

fn members(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    metadata
        .packages
        .iter()
        .filter(|package| metadata.workspace_members.contains(&package.id))
}

/// Those of `imports` that the crate may not have, each with what to do about it.
fn forbidden<'a>(name: &str, imports: &[&'a str]) -> Vec<(&'a str, String)> {
    if TOOLS.contains(&name) {
        return Vec::new();
    }
    let allowed = LAYERS
        .iter()
        .find(|(layer, _)| *layer == name)
        .map(|(_, allowed)| *allowed);
    let mut found: Vec<_> = imports
        .iter()
        .filter(|import| allowed.is_none_or(|allowed| !allowed.contains(import)))
        .map(|&import| {
            let may = match allowed {
                Some(allowed) => format!(
                    "it may import only {}: take the thing as an argument, or move the code up",
                    allowed.join(", ")
                ),
                None => "it is not in the layer table: add it (xtask/src/layers.rs)".to_owned(),
            };
            (import, format!("{name} imports {import}; {may}"))
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The line of a manifest on which a dependency's entry begins.
fn line_of(manifest: &str, dependency: &str) -> usize {
    let begins = |line: &str| {
        line.trim_start()
            .strip_prefix(dependency)
            .is_some_and(|rest| {
                rest.trim_start().starts_with('=') || rest.starts_with('.') || rest.starts_with(']')
            })
    };
    // Also `[dependencies.NAME]`.
    let is_entry = |line: &str| begins(line) || line.rsplit('.').next().is_some_and(begins);
    manifest
        .lines()
        .position(is_entry)
        .map_or(1, |position| position + 1)
}

/// The names in `cargo tree --prefix none` that come from elsewhere: our own show a path.
///
/// ```text
/// redis v0.1.0 (/path/to/crates/redis)
/// memchr v2.7.4
/// itoa v1.0.11 (*)
/// ```
fn third_party(tree: &str) -> Vec<&str> {
    let mut names: Vec<_> = tree
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.contains("(/"))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_may_import_what_the_table_lists() {
        assert!(forbidden("redis-cmd", &["resp-proto", "smallvec"]).is_empty());
        assert!(forbidden("xtask", &["anything"]).is_empty());
    }

    #[test]
    fn an_import_across_the_diamond_is_caught() {
        let found = forbidden("redis-cmd", &["resp-proto", "redis-conn"]);
        let [(import, what)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(*import, "redis-conn");
        let expected = "redis-cmd imports redis-conn; it may import only resp-proto, ";
        assert!(what.starts_with(expected), "{what}");
    }

    #[test]
    fn nobody_imports_the_testkit_or_a_tool() {
        for name in ["redis-testkit", "xtask", "live-tests"] {
            assert_eq!(forbidden("redis", &[name]).len(), 1);
        }
    }

    #[test]
    fn a_crate_has_to_be_in_the_table() {
        let found = forbidden("redis-cluster", &["resp-proto"]);
        assert!(found[0].1.contains("not in the layer table"), "{found:?}");
    }

    #[test]
    fn a_violation_names_the_line_of_the_manifest() {
        let manifest = "[package]\nname = \"a\"\n\n[dependencies]\nredis-conn.workspace = true\n";
        assert_eq!(line_of(manifest, "redis-conn"), 5);
        assert_eq!(
            line_of("[dependencies]\nredis = { path = \"x\" }\n", "redis"),
            2
        );
        assert_eq!(
            line_of("\n[dependencies.redis]\nversion = \"1\"\n", "redis"),
            2
        );
    }

    #[test]
    fn only_crates_from_elsewhere_count_against_the_budget() {
        let tree =
            "redis v0.1.0 (/a/crates/redis)\nmemchr v2.7.4\nitoa v1.0.11\nmemchr v2.7.4 (*)\n";
        assert_eq!(third_party(tree), ["itoa", "memchr"]);
    }
}
