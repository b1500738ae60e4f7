//! The document that shows the figures: what a run prints goes between two marks of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Where figures go to.
pub(crate) struct Document {
    root: PathBuf,
}

impl Document {
    /// `BENCHMARKS.md` of this repository.
    pub(crate) fn of_repository() -> Self {
        Self {
            root: Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."),
        }
    }

    /// Where a chart belongs that the document shows.
    pub(crate) fn chart(&self, name: &str) -> PathBuf {
        self.root.join(format!("benches/clients/{name}.svg"))
    }

    /// Puts what a run has printed into its section.
    pub(crate) fn write(&self, section: &str, printed: &str) -> Result<()> {
        let path = self.root.join("BENCHMARKS.md");
        let text = fs::read_to_string(&path).context("cannot read BENCHMARKS.md")?;
        let text = replaced(&text, section, printed)
            .with_context(|| format!("BENCHMARKS.md has no section {section}"))?;
        fs::write(&path, text).context("cannot write BENCHMARKS.md")
    }
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
