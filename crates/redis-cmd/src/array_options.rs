//! What commands on arrays can be told, and what ARINFO answers.

use std::collections::BTreeMap;

use resp_proto::{DecodeError, FromReply, Reply, Value};

use crate::{
    Command, ToArg,
    clauses::{Clause, Clauses},
    kept::Kept,
    named::Named,
};

/// What [`arop`](crate::ArrayCommands::arop) makes of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayTotal {
    /// Their sum.
    Sum,
    /// The least one.
    Min,
    /// The greatest one.
    Max,
}

impl Clause for ArrayTotal {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::Sum => "SUM",
            Self::Min => "MIN",
            Self::Max => "MAX",
        })
    }
}

/// How [`arop_bits`](crate::ArrayCommands::arop_bits) combines the bits of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayBits {
    /// Bits that all have.
    And,
    /// Bits that some have.
    Or,
    /// Bits that an odd number of them has.
    Xor,
}

impl Clause for ArrayBits {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::And => "AND",
            Self::Or => "OR",
            Self::Xor => "XOR",
        })
    }
}

/// Something that an element may match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayPattern(Kept);

impl ArrayPattern {
    /// The element is this.
    pub fn exact(text: impl ToArg) -> Self {
        Self::of("EXACT", text)
    }

    /// The element has this in it.
    #[doc(alias = "MATCH")]
    pub fn contains(text: impl ToArg) -> Self {
        Self::of("MATCH", text)
    }

    /// The element is of this form, with `*`, `?` and `[…]`, as in `KEYS`.
    pub fn glob(pattern: impl ToArg) -> Self {
        Self::of("GLOB", pattern)
    }

    /// The element has something of this regular expression in it.
    #[doc(alias = "RE")]
    pub fn regex(pattern: impl ToArg) -> Self {
        Self::of("RE", pattern)
    }

    fn of(word: &'static str, pattern: impl ToArg) -> Self {
        Self(Kept::of(&(word, pattern)))
    }
}

/// What [`argrep`](crate::ArrayCommands::argrep) looks for: elements that match one of several patterns, or all.
///
/// ```
/// use redis_cmd::{ArrayGrep, ArrayPattern};
///
/// ArrayGrep::one(ArrayPattern::glob("error: *")).ignore_case().limit(10);
/// ArrayGrep::any([ArrayPattern::contains("cpu"), ArrayPattern::contains("disk")]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayGrep {
    patterns: Vec<ArrayPattern>,
    clauses: Clauses,
}

impl ArrayGrep {
    /// What matches this pattern.
    #[must_use]
    pub fn one(pattern: ArrayPattern) -> Self {
        Self {
            patterns: vec![pattern],
            clauses: Clauses::default(),
        }
    }

    /// What matches at least one of the patterns, of which there has to be one.
    #[doc(alias = "OR")]
    pub fn any(patterns: impl IntoIterator<Item = ArrayPattern>) -> Self {
        Self::several(patterns, "OR")
    }

    /// What matches all of the patterns, of which there has to be one.
    #[doc(alias = "AND")]
    pub fn all(patterns: impl IntoIterator<Item = ArrayPattern>) -> Self {
        Self::several(patterns, "AND")
    }

    /// Large and small letters are the same.
    #[doc(alias = "NOCASE")]
    #[must_use]
    pub fn ignore_case(mut self) -> Self {
        self.clauses.set(1, "NOCASE");
        self
    }

    /// No more than so many, at least 1.
    #[must_use]
    pub fn limit(mut self, matches: u64) -> Self {
        self.clauses.set(2, &("LIMIT", matches));
        self
    }

    fn several(patterns: impl IntoIterator<Item = ArrayPattern>, word: &'static str) -> Self {
        let mut clauses = Clauses::default();
        clauses.set(0, word);
        Self {
            patterns: patterns.into_iter().collect(),
            clauses,
        }
    }
}

impl Clause for ArrayGrep {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        if self.patterns.is_empty() {
            return command.invalid("expected at least one pattern, found none");
        }
        let patterns = self.patterns.iter().map(|ArrayPattern(pattern)| pattern);
        patterns.fold(command, Command::with).with(&self.clauses)
    }
}

/// How an array is kept: in slices, of which those with few elements are sparse.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ArrayInfo {
    /// How many elements there are, gaps not counted.
    pub count: u64,
    /// The highest index and one.
    pub len: u64,
    /// Where the cursor is, 0 if it is behind the last index that there can be.
    pub next_insert_index: u64,
    /// How many slices there are.
    pub slices: u64,
    /// How many elements a slice has place for.
    pub slice_size: u64,
    /// How many slices are dense, if it was counted.
    pub dense_slices: Option<u64>,
    /// How many slices are sparse, if it was counted.
    pub sparse_slices: Option<u64>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for ArrayInfo {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            count: fields.take("count")?,
            len: fields.take("len")?,
            next_insert_index: fields.take("next-insert-index")?,
            slices: fields.take("slices")?,
            slice_size: fields.take("slice-size")?,
            dense_slices: fields.find("dense-slices")?,
            sparse_slices: fields.find("sparse-slices")?,
            rest: fields.rest()?,
        })
    }
}
