//! Parts of sorted sets: by rank, by score, by the bytes of members.

use std::ops::{RangeFull, RangeInclusive};

use crate::{Command, KeptArg, ToArg, clauses::Clause};

/// An end of a range of scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Score {
    /// This score, and it is in the range. Infinities are scores.
    Included(f64),
    /// This score, and it is not in the range.
    Excluded(f64),
}

impl From<f64> for Score {
    fn from(score: f64) -> Self {
        Self::Included(score)
    }
}

impl Score {
    fn written(self) -> KeptArg {
        match self {
            Self::Included(score) => KeptArg::new(&score),
            Self::Excluded(score) => KeptArg::behind(b"(", &score),
        }
    }
}

/// An end of a range of members by their bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lex {
    /// In front of all members.
    First,
    /// These bytes, and they are in the range.
    Included(KeptArg),
    /// These bytes, and they are not in the range.
    Excluded(KeptArg),
    /// Behind all members.
    Last,
}

impl Lex {
    /// These bytes, and they are in the range.
    pub fn included(bytes: impl ToArg) -> Self {
        Self::Included(KeptArg::new(&bytes))
    }

    /// These bytes, and they are not in the range.
    pub fn excluded(bytes: impl ToArg) -> Self {
        Self::Excluded(KeptArg::new(&bytes))
    }

    fn written(self) -> KeptArg {
        match self {
            Self::First => KeptArg::new("-"),
            Self::Included(bytes) => KeptArg::behind(b"[", &bytes),
            Self::Excluded(bytes) => KeptArg::behind(b"(", &bytes),
            Self::Last => KeptArg::new("+"),
        }
    }
}

/// The highest number that servers take, and more members than a set can have.
const MOST: u64 = i64::MAX as u64;

/// Which part of a range to leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    offset: u64,
    count: u64,
}

impl Limit {
    /// At most what servers take.
    pub(crate) fn new(offset: u64, count: u64) -> Self {
        Self {
            offset: offset.min(MOST),
            count: count.min(MOST),
        }
    }

    /// How it is said to the server.
    pub(crate) fn words(self) -> (&'static str, u64, u64) {
        ("LIMIT", self.offset, self.count)
    }
}

impl Clause for Limit {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let (word, offset, count) = self.words();
        command.word(word).unsigned(offset).unsigned(count)
    }
}

macro_rules! ranges {
    ($($(#[$doc:meta])+ $name:ident of $end:ty;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            start: KeptArg,
            stop: KeptArg,
            limit: Option<Limit>,
        }

        impl $name {
            /// From the lower end to the higher one.
            pub fn new(lowest: impl Into<$end>, highest: impl Into<$end>) -> Self {
                Self {
                    start: lowest.into().written(),
                    stop: highest.into().written(),
                    limit: None,
                }
            }

            /// Leaves out the first `offset` and stops after `count`, where members are answered. Commands that
            /// count or remove members take whole ranges only, and are not sent with another.
            #[must_use]
            pub fn limit(mut self, offset: u64, count: u64) -> Self {
                self.limit = Some(Limit::new(offset, count));
                self
            }

            pub(crate) fn part(&self) -> &Option<Limit> {
                &self.limit
            }

            /// Its ends, for commands that take the limit elsewhere.
            pub(crate) fn ends(&self) -> Ends<'_> {
                Ends(&self.start, &self.stop)
            }

            /// As commands want it that start from the higher end.
            pub(crate) fn reversed(mut self) -> Self {
                std::mem::swap(&mut self.start, &mut self.stop);
                self
            }
        }

        impl From<RangeInclusive<$end>> for $name {
            fn from(range: RangeInclusive<$end>) -> Self {
                let (start, stop) = range.into_inner();
                Self::new(start, stop)
            }
        }

        impl Clause for $name {
            fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
                let command = command.arg(&self.start).arg(&self.stop);
                if self.limit.is_some() {
                    return command.invalid(
                        "expected a whole range, found one of which only a part is to be taken",
                    );
                }
                command
            }
        }
    )+};
}

/// The ends of a range.
pub(crate) struct Ends<'r>(&'r KeptArg, &'r KeptArg);

impl Clause for Ends<'_> {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.arg(self.0).arg(self.1)
    }
}

ranges! {
    /// A range of scores: `0.0..=5.0`, `..`, or with ends that are left out, [`new`](ScoreRange::new)
    /// with [`Score`]s.
    ScoreRange of Score;
    /// A range of members by their bytes, for sets whose members have the same score.
    LexRange of Lex;
}

impl From<RangeInclusive<f64>> for ScoreRange {
    fn from(range: RangeInclusive<f64>) -> Self {
        Self::new(*range.start(), *range.end())
    }
}

impl From<RangeFull> for ScoreRange {
    fn from(_: RangeFull) -> Self {
        Self::new(f64::NEG_INFINITY, f64::INFINITY)
    }
}

impl From<RangeFull> for LexRange {
    fn from(_: RangeFull) -> Self {
        Self::new(Lex::First, Lex::Last)
    }
}

/// Part of a sorted set.
///
/// Ranks are Rust ranges: `..`, `0..=10`, `-3..`, where a negative rank counts from the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZRange {
    start: KeptArg,
    stop: KeptArg,
    by: Option<&'static str>,
    reversed: bool,
    limit: Option<Limit>,
}

impl ZRange {
    /// From one rank to another, both included, the lowest score being 0; negative ranks count from
    /// the end.
    #[must_use]
    pub fn ranks(start: i64, stop: i64) -> Self {
        Self::of(KeptArg::new(&start), KeptArg::new(&stop), None, None)
    }

    /// From one score to another, both included unless a [`Score`] says otherwise. Infinities are scores.
    #[must_use]
    pub fn scores(lowest: impl Into<Score>, highest: impl Into<Score>) -> Self {
        ScoreRange::new(lowest, highest).into()
    }

    /// From one member to another by their bytes; all of the set must have the same score.
    #[must_use]
    pub fn lex(lowest: Lex, highest: Lex) -> Self {
        LexRange::new(lowest, highest).into()
    }

    /// Highest first; ranks then count from the highest score.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.reversed = !self.reversed;
        self
    }

    /// Leaves out the first `offset` and stops after `count`. For ranges by score and by bytes only: by
    /// rank, the ranks say it.
    #[must_use]
    pub fn limit(mut self, offset: u64, count: u64) -> Self {
        self.limit = Some(Limit::new(offset, count));
        self
    }

    fn of(start: KeptArg, stop: KeptArg, by: Option<&'static str>, limit: Option<Limit>) -> Self {
        Self {
            start,
            stop,
            by,
            reversed: false,
            limit,
        }
    }
}

impl Clause for ZRange {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let by_value = self.by.is_some();
        // The server wants the end of a reversed range by value first.
        let (start, stop) = if self.reversed && by_value {
            (&self.stop, &self.start)
        } else {
            (&self.start, &self.stop)
        };
        let command = command.arg(start).arg(stop);
        let command = self.by.into_iter().fold(command, Command::word);
        let command = command.word_if(self.reversed, "REV").with(&self.limit);
        if self.limit.is_some() && !by_value {
            return command.invalid(
                "expected a limit on a range by score or bytes, found one on a range by rank",
            );
        }
        command
    }
}

impl From<ScoreRange> for ZRange {
    fn from(range: ScoreRange) -> Self {
        Self::of(range.start, range.stop, Some("BYSCORE"), range.limit)
    }
}

impl From<LexRange> for ZRange {
    fn from(range: LexRange) -> Self {
        Self::of(range.start, range.stop, Some("BYLEX"), range.limit)
    }
}

impl From<RangeFull> for ZRange {
    fn from(_: RangeFull) -> Self {
        Self::ranks(0, -1)
    }
}

impl From<RangeInclusive<i64>> for ZRange {
    fn from(range: RangeInclusive<i64>) -> Self {
        Self::ranks(*range.start(), *range.end())
    }
}
