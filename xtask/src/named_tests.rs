//! The lists of behaviours and of promises: every test that they name is there, and every row names one or says
//! why not.

use std::collections::BTreeSet;
use std::fs;

use crate::tidy::Violation;
use crate::workspace::Workspace;

const LISTS: [&str; 2] = ["RELIABILITY.md", "tests/BEHAVIOURS.md"];
/// What the first cell says in a row that is a head.
const HEADS: [&str; 3] = ["behaviour", "promise", "change"];
/// How a row begins to say why there is no test.
const NOT_HERE: &str = "Not here:";

/// All tests that are named in the lists, as `path::name`.
pub(crate) fn all(workspace: &Workspace) -> BTreeSet<String> {
    let lists = LISTS.map(|name| fs::read_to_string(workspace.root.join(name)).unwrap_or_default());
    let named = lists.iter().flat_map(|list| list.lines()).flat_map(tests);
    named
        .map(|(path, name)| format!("{path}::{name}"))
        .collect()
}

/// Everything that is wrong with the lists.
pub(crate) fn check(workspace: &Workspace) -> Vec<Violation> {
    let read = |path: &str| fs::read_to_string(workspace.root.join(path)).ok();
    let lists = LISTS.iter().map(|name| match read(name) {
        Some(list) => violations(name, &list, read),
        None => {
            let missing = "expected this list, found none".to_owned();
            vec![Violation::new(name, 1, missing)]
        }
    });
    lists.flatten().collect()
}

fn violations(name: &str, list: &str, read: impl Fn(&str) -> Option<String>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut rows = 0;
    for (line, text) in (1..).zip(list.lines()) {
        let mut found = |what: String| violations.push(Violation::new(name, line, what));
        let mut cells = text.split('|').map(str::trim);
        let row = (cells.next(), cells.next(), cells.next());
        let (Some(""), Some(behaviour), Some(shown)) = row else {
            continue;
        };
        if HEADS.contains(&behaviour) || behaviour.starts_with("---") {
            continue;
        }
        rows += 1;
        let mut tests = tests(shown).peekable();
        if tests.peek().is_none() && !shown.starts_with(NOT_HERE) {
            found(format!("expected a test, or {NOT_HERE:?} with a reason"));
        }
        for (path, test) in tests {
            let is_there = read(path).is_some_and(|code| has_test(&code, test));
            if !is_there {
                found(format!("there is no test {test} in {path}"));
            }
        }
    }
    if rows == 0 {
        violations.push(Violation::new(name, 1, "the list is empty".to_owned()));
    }
    violations
}

/// The tests that a line names, as `path::name` in backticks.
fn tests(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter_map(|text| {
        text.split_once(".rs::")
            .map(|(path, name)| (&text[..path.len() + 3], name))
    })
}

/// Whether a function of that name stands below `#[test]`, and is not ignored.
fn has_test(code: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    let mut is_test = false;
    for line in code.lines().map(str::trim) {
        match line {
            "#[test]" => is_test = true,
            _ if line.starts_with("#[ignore") => is_test = false,
            _ if line.starts_with("#[") => {}
            _ if is_test && line.starts_with(&head) => return true,
            _ => is_test = false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str =
        "#[test]\nfn there() {\n}\n\nfn no_test() {}\n#[test]\n#[ignore]\nfn left_out() {}\n";

    fn whats(rows: &str) -> Vec<String> {
        let list = format!("# Title\n\n| behaviour | shown by |\n|---|---|\n{rows}");
        let read = |path: &str| (path == "a/b.rs").then(|| CODE.to_owned());
        let shown = violations("list.md", &list, read);
        shown.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_row_names_tests_that_exist_or_a_reason() {
        assert_eq!(
            whats("| x | `a/b.rs::there`, which `Pool` has |\n"),
            [""; 0]
        );
        assert_eq!(whats("| x | Not here: it cannot be |\n"), [""; 0]);
    }

    #[test]
    fn what_is_not_there_is_found() {
        for (row, what) in [
            ("| x | `a/b.rs::gone` |", "there is no test gone in a/b.rs"),
            (
                "| x | `a/b.rs::no_test` |",
                "there is no test no_test in a/b.rs",
            ),
            (
                "| x | `a/b.rs::left_out` |",
                "there is no test left_out in a/b.rs",
            ),
            (
                "| x | `a/c.rs::there` |",
                "there is no test there in a/c.rs",
            ),
            (
                "| x | Not here: but `a/b.rs::gone` |",
                "there is no test gone",
            ),
            ("| x | everybody knows |", "expected a test"),
            ("", "the list is empty"),
        ] {
            let whats = whats(row);
            assert!(
                whats.len() == 1 && whats[0].contains(what),
                "{row}: {whats:?}"
            );
        }
    }
}
