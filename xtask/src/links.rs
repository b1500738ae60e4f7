//! Links in Markdown files: to files that are there, and to headings that are in them. Links to the web are
//! not followed, and rustdoc checks those to items.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::tidy::Violation;

/// Every link of one file that leads nowhere. `root` is where the repository is.
pub(crate) fn check(root: &Path, path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (line, target) in links(text) {
        if let Some(what) = fault(root, path, text, target) {
            violations.push(Violation::new(path, line, what));
        }
    }
    violations
}

/// What is wrong with a link, if anything is.
fn fault(root: &Path, path: &str, text: &str, target: &str) -> Option<String> {
    let (file, heading) = match target.split_once('#') {
        Some((file, heading)) => (file, Some(heading)),
        None => (target, None),
    };
    let mut other = None;
    if !file.is_empty() {
        let place = normalised(&Path::new(path).parent()?.join(file));
        if !root.join(&place).exists() {
            let shown = place.display();
            let what = format!("a link to {target}, but there is no {shown}; mend the path");
            return Some(what);
        }
        other = fs::read_to_string(root.join(&place)).ok();
    }
    let (heading, text) = (heading?, other.as_deref().unwrap_or(text));
    let mut headings = prose(text).filter_map(|(_, line)| slug_of_heading(line));
    let found = headings.any(|slug| slug == heading);
    (!found)
        .then(|| format!("a link to {target}, but no heading is called so; mend what is behind #"))
}

/// The targets of links, but for those to the web and to items of the code, with their lines.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).flat_map(|(number, line)| {
        let inline = line
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target);
        // `[name]: target`
        let reference = line
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("]: "))
            .map(|(_, target)| target.trim());
        inline
            .chain(reference)
            .filter(|target| !target.contains("::") && !is_elsewhere(target))
            .map(move |target| (number, target))
    })
}

/// `https://…`, `mailto:…`
fn is_elsewhere(target: &str) -> bool {
    target
        .split_once(':')
        .is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// The lines outside of code, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    let lines = text.lines().enumerate();
    lines.filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        (!is_code && !is_fence).then_some((index + 1, line))
    })
}

/// What a heading is linked by: its words in lower case, without punctuation, joined by hyphens.
fn slug_of_heading(line: &str) -> Option<String> {
    let title = line.strip_prefix('#')?.trim_start_matches('#');
    let title = title.strip_prefix(' ')?.trim();
    let kept = title
        .chars()
        .filter(|&c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    Some(kept.collect::<String>().to_lowercase().replace(' ', "-"))
}

/// The path without `.` and `..`.
fn normalised(path: &Path) -> PathBuf {
    let mut normalised = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normalised.pop();
            }
            other => normalised.push(other),
        }
    }
    normalised
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<usize> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let violations = check(root, "src/README.md", text);
        violations.iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn links_to_what_is_there_pass() {
        let text = "# What is there, and what is not\n[a](links.rs) [b](../Cargo.toml)\n\
                    [c](#what-is-there-and-what-is-not) [d](https://example.org/x#y)\n\
                    [e](crate::Client#errors) [f](.)\n[g]: links.rs\n[h]: mailto:a@example.org\n";
        assert_eq!(faults(text), [0; 0]);
    }

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_caught() {
        assert_eq!(faults("\n[a](lynx.rs)\n"), [2]);
        assert_eq!(
            faults("[a](../links.rs), [b](links.rs), [c](lynx.rs)"),
            [1, 1]
        );
        assert_eq!(faults("[a]: lynx.rs"), [1]);
    }

    #[test]
    fn a_link_to_a_heading_that_is_not_there_is_caught() {
        assert_eq!(faults("## Use it\n[a](#use-it) [b](#use)"), [2]);
        assert_eq!(faults("[a](../Cargo.toml#package)"), [1]);
    }

    #[test]
    fn code_holds_neither_links_nor_headings() {
        assert_eq!(
            faults("```\n[a](lynx.rs)\n# Use it\n```\n[b](#use-it)"),
            [5]
        );
    }
}
