//! The rules for source files: pure functions from a file's text to the lines that break a rule.

use std::path::Path;

use crate::tidy::Violation;

/// File names that say nothing about what is inside.
const NAMELESS: [&str; 8] = [
    "util", "utils", "helper", "helpers", "common", "misc", "type", "types",
];

/// What the code of a crate must not mention, and why.
const UNKNOWN_TO: [(&str, &[&str], &str); 2] = [
    (
        "crates/resp-proto/src",
        &["std::net", "std::io", "std::thread", "std::time"],
        "the protocol does no I/O and knows no time: take bytes as arguments",
    ),
    (
        "crates/redis-cmd/src",
        &["std::net", "redis_conn"],
        "commands know no connection: work over `Execute`",
    ),
];

/// Everything that is wrong with one file.
pub(crate) fn check(path: &str, text: &str) -> Vec<Violation> {
    let rules = [header, name, reexports, mentions];
    rules.iter().flat_map(|rule| rule(path, text)).collect()
}

fn header(path: &str, text: &str) -> Vec<Violation> {
    if text.starts_with("//! ") {
        return Vec::new();
    }
    let what = "expected `//! what this is` on the first line; say why the file exists";
    vec![Violation::new(path, 1, what.to_owned())]
}

fn name(path: &str, _text: &str) -> Vec<Violation> {
    let is_nameless = |part: &str| NAMELESS.contains(&part.trim_end_matches(".rs"));
    Path::new(path)
        .iter()
        .filter_map(|part| part.to_str())
        .filter(|part| is_nameless(part))
        .map(|part| {
            let what = format!("{part:?} names no thing; call it what is inside, or split it");
            Violation::new(path, 1, what)
        })
        .collect()
}

/// A glob re-export hides where a name comes from, and makes any new name public by accident.
fn reexports(path: &str, text: &str) -> Vec<Violation> {
    if path.ends_with("/prelude.rs") {
        return Vec::new();
    }
    let mut violations = Vec::new();
    // The statement being read: the line it began on, and its text so far.
    let mut statement: Option<(usize, String)> = None;
    for (line, code) in code_lines(text) {
        if statement.is_none() && begins_reexport(code) {
            statement = Some((line, String::new()));
        }
        let Some((begun, mut read)) = statement.take() else {
            continue;
        };
        read.push_str(code);
        if !code.contains(';') {
            statement = Some((begun, read));
        } else if read.contains('*') {
            let what = "glob re-export; name what is re-exported (only prelude.rs may use a glob)";
            violations.push(Violation::new(path, begun, what.to_owned()));
        }
    }
    violations
}

fn mentions(path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (directory, words, instead) in UNKNOWN_TO {
        if !Path::new(path).starts_with(directory) {
            continue;
        }
        // Inside `use std::{…}`, a name does not say where it is from.
        let mut is_of_std = false;
        for (line, code) in code_lines(text) {
            is_of_std |= code.trim_start().starts_with("use std::{");
            let is_used = |word: &&&str| {
                let short = word.strip_prefix("std::").filter(|_| is_of_std);
                code.contains(**word) || short.is_some_and(|short| names(code).any(|n| n == short))
            };
            for word in words.iter().filter(is_used) {
                let what = format!("{word} is used in {directory}; {instead}");
                violations.push(Violation::new(path, line, what));
            }
            is_of_std &= !code.contains(';');
        }
    }
    violations
}

fn names(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// Lines with their numbers, without `//` comments.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(n, line)| (n + 1, line.split("//").next().unwrap_or_default()))
}

/// `pub use …` or `pub(…) use …`
fn begins_reexport(code: &str) -> bool {
    let Some(rest) = code.trim_start().strip_prefix("pub") else {
        return false;
    };
    let rest = match rest.strip_prefix('(') {
        Some(scope) => scope.split_once(')').map_or("", |(_, rest)| rest),
        None => rest,
    };
    rest.starts_with(' ') && rest.trim_start().starts_with("use ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(path, text)
            .iter()
            .map(|violation| violation.line)
            .collect()
    }

    #[test]
    fn a_file_that_keeps_the_rules_passes() {
        let text =
            "//! A thing.\n\npub use crate::thing::Thing;\nuse std::io::*;\n// pub use a::*;\n";
        assert_eq!(check("crates/redis/src/thing.rs", text), []);
    }

    #[test]
    fn a_missing_header_is_caught() {
        assert_eq!(lines("crates/redis/src/a.rs", "use std::io;\n"), [1]);
        assert_eq!(lines("crates/redis/src/a.rs", "\n//! Too late.\n"), [1]);
        assert_eq!(lines("crates/redis/src/a.rs", ""), [1]);
    }

    #[test]
    fn a_glob_reexport_is_caught_in_all_its_forms() {
        for form in [
            "pub use a::*;",
            "    pub use a::*;",
            "pub(crate) use a::*;",
            "pub(in crate::a) use b::*;",
            "pub use a::{b, c::*};",
            "pub use a::{\n    b,\n    c::*,\n};",
        ] {
            assert_eq!(
                lines("crates/redis/src/a.rs", &format!("//! A.\n{form}\n")),
                [2],
                "{form}"
            );
        }
    }

    #[test]
    fn only_the_prelude_may_use_a_glob() {
        let text = "//! A.\npub use a::*;\n";
        assert!(lines("crates/redis/src/prelude.rs", text).is_empty());
        assert_eq!(lines("crates/redis/src/my_prelude.rs", text), [2]);
    }

    #[test]
    fn a_name_that_says_nothing_is_caught_for_files_and_directories() {
        assert_eq!(lines("crates/redis/src/utils.rs", "//! A.\n"), [1]);
        assert_eq!(lines("crates/redis/src/common/a.rs", "//! A.\n"), [1]);
        assert!(lines("crates/redis/src/reply_types.rs", "//! A.\n").is_empty());
    }

    #[test]
    fn a_lower_layer_that_mentions_what_it_must_not_know_is_caught() {
        let text = "//! May say std::net here.\nuse std::net::TcpStream; // or here\n";
        assert_eq!(lines("crates/redis-cmd/src/a.rs", text), [2]);
        assert_eq!(lines("crates/resp-proto/src/a.rs", text), [2]);
        assert!(lines("crates/redis-conn/src/a.rs", text).is_empty());
        let grouped =
            "//! A.\nuse std::{\n    fmt, iter,\n    net::TcpStream, time,\n};\nfn net() {}\n";
        assert_eq!(lines("crates/resp-proto/src/a.rs", grouped), [4, 4]);
        assert_eq!(
            lines(
                "crates/redis-cmd/src/a.rs",
                "//! A.\nuse std::{net::TcpStream};\n"
            ),
            [2]
        );
        assert_eq!(
            lines(
                "crates/redis-cmd/src/a.rs",
                "//! A.\nuse redis_conn::Pool;\n"
            ),
            [2]
        );
    }
}
