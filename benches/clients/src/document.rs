//! The documents that show the figures: what a run prints goes between two marks of one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// A document of this repository that figures go to.
pub(crate) struct Document {
    name: &'static str,
}

impl Document {
    /// All figures.
    pub(crate) const BENCHMARKS: Self = Self {
        name: "BENCHMARKS.md",
    };
    /// The few that everybody meets.
    pub(crate) const README: Self = Self { name: "README.md" };

    /// Puts what a run has printed into its section.
    pub(crate) fn write(&self, section: &str, printed: &str) -> Result<()> {
        let Self { name } = self;
        let path = root().join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
        let text = replaced(&text, section, printed)
            .with_context(|| format!("{name} has no section {section}"))?;
        fs::write(&path, text).with_context(|| format!("cannot write {name}"))
    }
}

/// Where a chart belongs that the documents show.
pub(crate) fn place_of_chart(name: &str) -> PathBuf {
    root().join(format!("benches/clients/{name}.svg"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The document with other figures between the marks of a section; `None` if it has no such marks.
fn replaced(document: &str, section: &str, printed: &str) -> Option<String> {
    let (begin, end) = (
        format!("<!-- {section} -->\n"),
        format!("<!-- end of {section} -->"),
    );
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    let lines: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
    let printed = lines.join("\n");
    Some(format!(
        "{before}{begin}```text\n{printed}\n```\n{end}{after}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_replace_those_of_before_and_nothing_else() {
        let document = "a\n<!-- x -->\nold\n<!-- end of x -->\nb <!-- y -->\n<!-- end of y -->\n";
        let new = replaced(document, "x", "1  \n2\n\n").unwrap();
        assert_eq!(
            new,
            "a\n<!-- x -->\n```text\n1\n2\n```\n<!-- end of x -->\nb <!-- y -->\n<!-- end of y -->\n"
        );
        assert_eq!(replaced(&new, "x", "1\n2").unwrap(), new);
        assert!(replaced(document, "z", "1").is_none());
    }
}
