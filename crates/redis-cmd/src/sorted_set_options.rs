//! What commands on sorted sets can be told, and what some answer.

use resp_proto::{DecodeError, FromReply, Reply};

use crate::{
    Command, ToArgs,
    clauses::{Clause, Clauses},
};

/// An end of a sorted set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreEnd {
    /// The lowest scores.
    Min,
    /// The highest scores.
    Max,
}

impl Clause for ScoreEnd {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::Min => "MIN",
            Self::Max => "MAX",
        })
    }
}

/// Members with their scores.
pub type Scored<T> = Vec<(T, f64)>;

/// The member that [`zpopmin`](crate::SortedSetCommands::zpopmin) or
/// [`zpopmax`](crate::SortedSetCommands::zpopmax) took, with its score; `None` in it when there is no such key.
///
/// ```
/// # fn shown(popped: redis_cmd::Popped<String>) {
/// if let Some((member, score)) = popped.0 {
///     println!("{member} had {score}");
/// }
/// # }
/// ```
///
/// It is no plain `Option` because servers say nothing with an array of nothing here, and with nil elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Popped<T>(pub Option<(T, f64)>);

impl<'a, T: FromReply<'a>> FromReply<'a> for Popped<T> {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        match reply.elements() {
            Some(elements) if elements.is_empty() => Ok(Self(None)),
            _ => reply.decode().map(Self),
        }
    }
}

/// The conditions of [`zadd_with`](crate::SortedSetCommands::zadd_with): of each kind one, and the last
/// one said counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ZAddOptions {
    existence: Option<&'static str>,
    comparison: Option<&'static str>,
    count_changed: bool,
}

impl ZAddOptions {
    /// No condition.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only adds members, never changes a score. It excludes [`gt`](Self::gt) and [`lt`](Self::lt).
    #[must_use]
    pub fn nx(mut self) -> Self {
        (self.existence, self.comparison) = (Some("NX"), None);
        self
    }

    /// Only changes scores, never adds a member.
    #[must_use]
    pub fn xx(mut self) -> Self {
        self.existence = Some("XX");
        self
    }

    /// Only changes a score to a higher one; members are still added. Since Redis 6.2.
    #[must_use]
    pub fn gt(self) -> Self {
        self.compare("GT")
    }

    /// Only changes a score to a lower one; members are still added. Since Redis 6.2.
    #[must_use]
    pub fn lt(self) -> Self {
        self.compare("LT")
    }

    /// Counts the members with a changed score too (`CH`).
    #[must_use]
    pub fn count_changed(mut self) -> Self {
        self.count_changed = true;
        self
    }

    fn compare(mut self, word: &'static str) -> Self {
        self.existence = self.existence.filter(|&existence| existence == "XX");
        self.comparison = Some(word);
        self
    }
}

impl Clause for ZAddOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let words = [
            self.existence,
            self.comparison,
            self.count_changed.then_some("CH"),
        ];
        words.into_iter().flatten().fold(command, Command::word)
    }
}

/// How the scores of several sets become one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZCombineOptions {
    clauses: Clauses,
}

impl ZCombineOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Multiplies the scores of each set by its weight, one for each key.
    #[must_use]
    pub fn weights(mut self, weights: impl ToArgs) -> Self {
        self.clauses.set_list(0, "WEIGHTS", &weights);
        self
    }

    /// Adds them up, which is the default.
    #[doc(alias = "AGGREGATE")]
    #[must_use]
    pub fn sum(mut self) -> Self {
        self.clauses.set(1, &("AGGREGATE", "SUM"));
        self
    }

    /// Takes the lowest.
    #[doc(alias = "AGGREGATE")]
    #[must_use]
    pub fn min(mut self) -> Self {
        self.clauses.set(1, &("AGGREGATE", "MIN"));
        self
    }

    /// Takes the highest.
    #[doc(alias = "AGGREGATE")]
    #[must_use]
    pub fn max(mut self) -> Self {
        self.clauses.set(1, &("AGGREGATE", "MAX"));
        self
    }

    /// Counts the sets that have the member, or adds up their weights. Redis only, since 8.8.
    #[doc(alias = "AGGREGATE")]
    #[must_use]
    pub fn count(mut self) -> Self {
        self.clauses.set(1, &("AGGREGATE", "COUNT"));
        self
    }
}

impl Clause for ZCombineOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}
