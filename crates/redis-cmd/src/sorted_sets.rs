//! Sorted sets: <https://redis.io/docs/latest/commands/?group=sorted-set>.

use resp_proto::FromReplyOwned;

use crate::{Command, Execute, ToArg, ToArgs, cmd};

/// Commands on sorted sets, whose members have a score each and are ordered by it.
pub trait SortedSetCommands: Execute {
    /// Adds members with their scores, given as `(score, member)` pairs, or sets the scores of those
    /// that exist; how many are new.
    #[doc(alias = "ZADD")]
    fn zadd(self, key: impl ToArg, scores_and_members: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("ZADD").key(&key).pairs(&scores_and_members))
    }

    /// Adds members with their scores, given as `(score, member)` pairs, under `options`; how many are
    /// new, or with [`count_changed`](ZAddOptions::count_changed) how many are new or have a new score.
    #[doc(alias = "ZADD NX")]
    fn zadd_with(
        self,
        key: impl ToArg,
        scores_and_members: impl ToArgs,
        options: ZAddOptions,
    ) -> Self::Output<usize> {
        self.execute(
            options
                .write_to(cmd("ZADD").key(&key))
                .pairs(&scores_and_members),
        )
    }

    /// How many members there are; 0 when there is no such key.
    #[doc(alias = "ZCARD")]
    fn zcard(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("ZCARD").read_only().key(&key))
    }

    /// Adds `increment` to the score of `member`, which counts as 0 while there is none; the result.
    #[doc(alias = "ZINCRBY")]
    fn zincrby(self, key: impl ToArg, increment: f64, member: impl ToArg) -> Self::Output<f64> {
        self.execute(cmd("ZINCRBY").key(&key).float(increment).arg(&member))
    }

    /// Takes up to `count` members with the highest scores, highest first, with their scores.
    #[doc(alias = "ZPOPMAX")]
    fn zpopmax<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: usize,
    ) -> Self::Output<Vec<(T, f64)>> {
        self.execute(cmd("ZPOPMAX").key(&key).unsigned(count as u64))
    }

    /// Takes up to `count` members with the lowest scores, lowest first, with their scores.
    #[doc(alias = "ZPOPMIN")]
    fn zpopmin<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: usize,
    ) -> Self::Output<Vec<(T, f64)>> {
        self.execute(cmd("ZPOPMIN").key(&key).unsigned(count as u64))
    }

    /// The members of a range, in order; empty when there are none. Other ranges than by rank since 6.2.
    #[doc(alias = "ZRANGE")]
    #[doc(alias = "ZREVRANGE")]
    #[doc(alias = "ZRANGEBYSCORE")]
    fn zrange<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        range: impl Into<ZRange>,
    ) -> Self::Output<Vec<T>> {
        self.execute(range.into().write_to(cmd("ZRANGE").read_only().key(&key)))
    }

    /// The members of a range with their scores, in order; empty when there are none.
    #[doc(alias = "ZRANGE WITHSCORES")]
    fn zrange_withscores<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        range: impl Into<ZRange>,
    ) -> Self::Output<Vec<(T, f64)>> {
        self.execute(
            range
                .into()
                .write_to(cmd("ZRANGE").read_only().key(&key))
                .word("WITHSCORES"),
        )
    }

    /// The place of `member`, the lowest score being 0; `None` when there is no such member.
    #[doc(alias = "ZRANK")]
    fn zrank(self, key: impl ToArg, member: impl ToArg) -> Self::Output<Option<usize>> {
        self.execute(cmd("ZRANK").read_only().key(&key).arg(&member))
    }

    /// Removes `members`; how many there were.
    #[doc(alias = "ZREM")]
    fn zrem(self, key: impl ToArg, members: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("ZREM").key(&key).several(&members))
    }

    /// The score of `member`; `None` when there is no such member.
    #[doc(alias = "ZSCORE")]
    fn zscore(self, key: impl ToArg, member: impl ToArg) -> Self::Output<Option<f64>> {
        self.execute(cmd("ZSCORE").read_only().key(&key).arg(&member))
    }
}

/// The conditions of [`zadd_with`](SortedSetCommands::zadd_with): of each kind one, and the last one
/// said counts.
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

    /// Only changes a score to a higher one; members are still added. Since 6.2.
    #[must_use]
    pub fn gt(self) -> Self {
        self.compare("GT")
    }

    /// Only changes a score to a lower one; members are still added. Since 6.2.
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

    fn write_to<T>(self, command: Command<'_, T>) -> Command<'_, T> {
        let words = [
            self.existence,
            self.comparison,
            self.count_changed.then_some("CH"),
        ];
        words.into_iter().flatten().fold(command, Command::word)
    }
}

/// Part of a sorted set.
///
/// Ranks are Rust ranges: `..`, `0..10`, `0..=-1`, where a negative rank counts from the end and only an
/// inclusive range may end with one.
#[derive(Clone, Debug, PartialEq)]
pub struct ZRange {
    start: String,
    stop: String,
    by: Option<&'static str>,
    reversed: bool,
    limit: Option<(u64, i64)>,
}

impl ZRange {
    /// From one rank to another, both included, the lowest score being 0; negative ranks count from
    /// the end.
    #[must_use]
    pub fn ranks(start: i64, stop: i64) -> Self {
        Self {
            start: start.to_string(),
            stop: stop.to_string(),
            by: None,
            reversed: false,
            limit: None,
        }
    }

    /// From one score to another, both included. Infinities are scores.
    #[must_use]
    pub fn scores(lowest: f64, highest: f64) -> Self {
        Self {
            start: lowest.to_string(),
            stop: highest.to_string(),
            by: Some("BYSCORE"),
            ..Self::ranks(0, 0)
        }
    }

    /// Highest first; ranks then count from the highest score.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.reversed = !self.reversed;
        self
    }

    /// Leaves out the first `offset` and stops after `count`. For ranges by score only: by rank, the
    /// ranks say it.
    #[must_use]
    pub fn limit(mut self, offset: u64, count: u32) -> Self {
        self.limit = Some((offset, count.into()));
        self
    }

    fn write_to<T>(self, command: Command<'_, T>) -> Command<'_, T> {
        let by_value = self.by.is_some();
        // The server wants the end of a reversed range by score first.
        let (start, stop) = if self.reversed && by_value {
            (&self.stop, &self.start)
        } else {
            (&self.start, &self.stop)
        };
        let command = command.word(start).word(stop);
        let command = self
            .by
            .into_iter()
            .fold(command, Command::word)
            .word_if(self.reversed, "REV");
        match self.limit {
            Some(_) if !by_value => command
                .invalid("expected a limit on a range by score, found one on a range by rank"),
            Some((offset, count)) => command.word("LIMIT").unsigned(offset).integer(count),
            None => command,
        }
    }
}

impl From<std::ops::RangeFull> for ZRange {
    fn from(_: std::ops::RangeFull) -> Self {
        Self::ranks(0, -1)
    }
}

impl From<std::ops::RangeInclusive<i64>> for ZRange {
    fn from(range: std::ops::RangeInclusive<i64>) -> Self {
        Self::ranks(*range.start(), *range.end())
    }
}
