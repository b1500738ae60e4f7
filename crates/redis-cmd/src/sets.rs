//! Sets: <https://redis.io/docs/latest/commands/?group=set>.

use resp_proto::FromReplyOwned;

use crate::{
    Command, Execute, ScanOptions, ScanPage, ToArg, ToArgs,
    clauses::{Clause, Clauses},
    cmd,
};

/// Commands on sets. Members come back in no order, as a `Vec` or as a set of Rust.
pub trait SetCommands: Execute {
    /// Adds `members`. Returns how many are new.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SADD")]
    fn sadd(self, key: impl ToArg, members: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("SADD").key(&key).several(&members))
    }

    /// How many members there are; 0 when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SCARD")]
    fn scard(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("SCARD").read_only().key(&key))
    }

    /// The members of the first of `keys` that are in none of the others.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SDIFF")]
    fn sdiff<T: FromReplyOwned>(self, keys: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("SDIFF").read_only().each_key(&keys))
    }

    /// How many members of the first of `keys` are in none of the others.
    ///
    /// Redis only, since 8.10. Complexity: O(N).
    #[doc(alias = "SDIFFCARD")]
    fn sdiffcard(self, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("SDIFFCARD").read_only().counted_each_key(&keys))
    }

    /// How many members of the first of `keys` are in none of the others, counted up to `limit`, 0 being no
    /// limit.
    ///
    /// Redis only, since 8.10. Complexity: O(N).
    #[doc(alias = "SDIFFCARD")]
    #[doc(alias = "SDIFFCARD LIMIT")]
    fn sdiffcard_limit(self, keys: impl ToArgs, limit: u64) -> Self::Output<usize> {
        self.execute(
            cmd("SDIFFCARD")
                .read_only()
                .counted_each_key(&keys)
                .word("LIMIT")
                .unsigned(limit),
        )
    }

    /// Stores what [`sdiff`](SetCommands::sdiff) would answer at `destination`. Returns how many members that is.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SDIFFSTORE")]
    fn sdiffstore(self, destination: impl ToArg, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("SDIFFSTORE").key(&destination).each_key(&keys))
    }

    /// The members that all of `keys` have.
    ///
    /// Complexity: O(N·M).
    #[doc(alias = "SINTER")]
    fn sinter<T: FromReplyOwned>(self, keys: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("SINTER").read_only().several_keys(&keys))
    }

    /// How many members all of `keys` have.
    ///
    /// Since Redis 7.0. Complexity: O(N·M).
    #[doc(alias = "SINTERCARD")]
    fn sintercard(self, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("SINTERCARD").read_only().counted_keys(&keys))
    }

    /// How many members all of `keys` have, counted up to `limit`, 0 being no limit.
    ///
    /// Since Redis 7.0. Complexity: O(N·M).
    #[doc(alias = "SINTERCARD")]
    #[doc(alias = "SINTERCARD LIMIT")]
    fn sintercard_limit(self, keys: impl ToArgs, limit: u64) -> Self::Output<usize> {
        self.execute(
            cmd("SINTERCARD")
                .read_only()
                .counted_keys(&keys)
                .word("LIMIT")
                .unsigned(limit),
        )
    }

    /// Stores what [`sinter`](SetCommands::sinter) would answer at `destination`. Returns how many members that is.
    ///
    /// Complexity: O(N·M).
    #[doc(alias = "SINTERSTORE")]
    fn sinterstore(self, destination: impl ToArg, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("SINTERSTORE").key(&destination).several_keys(&keys))
    }

    /// Whether the set has `member`.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SISMEMBER")]
    fn sismember(self, key: impl ToArg, member: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("SISMEMBER").read_only().key(&key).arg(&member))
    }

    /// All members; empty when there is no such key.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SMEMBERS")]
    fn smembers<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<T> {
        self.execute(cmd("SMEMBERS").read_only().key(&key))
    }

    /// Whether the set has each of `members`.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "SMISMEMBER")]
    fn smismember(self, key: impl ToArg, members: impl ToArgs) -> Self::Output<Vec<bool>> {
        self.execute(cmd("SMISMEMBER").read_only().key(&key).elements(&members))
    }

    /// Moves `member` from one set to another. Returns false when it was not there.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SMOVE")]
    fn smove(
        self,
        source: impl ToArg,
        destination: impl ToArg,
        member: impl ToArg,
    ) -> Self::Output<bool> {
        self.execute(cmd("SMOVE").key(&source).key(&destination).arg(&member))
    }

    /// Removes and returns a random member; `None` when there is none.
    #[doc(alias = "SPOP")]
    fn spop<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("SPOP").key(&key))
    }

    /// Removes and returns up to `count` random members; empty when there is none.
    ///
    /// Since Redis 3.2.
    #[doc(alias = "SPOP")]
    fn spop_count<T: FromReplyOwned>(self, key: impl ToArg, count: u64) -> Self::Output<Vec<T>> {
        self.execute(cmd("SPOP").key(&key).unsigned(count))
    }

    /// A member at random, which stays; `None` when there is none.
    #[doc(alias = "SRANDMEMBER")]
    fn srandmember<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("SRANDMEMBER").read_only().key(&key))
    }

    /// Up to `count` different members; with a negative count exactly `-count`, which may be the same.
    #[doc(alias = "SRANDMEMBER")]
    fn srandmember_count<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: i64,
    ) -> Self::Output<Vec<T>> {
        self.execute(cmd("SRANDMEMBER").read_only().key(&key).integer(count))
    }

    /// Removes `members`. Returns how many there were.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SREM")]
    fn srem(self, key: impl ToArg, members: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("SREM").key(&key).several(&members))
    }

    /// Some of the members, and the cursor for the next ones; start with cursor 0, and be done when 0 comes
    /// back.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SSCAN")]
    fn sscan<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        cursor: u64,
        options: ScanOptions,
    ) -> Self::Output<ScanPage<T>> {
        self.execute(
            cmd("SSCAN")
                .read_only()
                .key(&key)
                .unsigned(cursor)
                .with(&options.within_key()),
        )
    }

    /// The members that any of `keys` has.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SUNION")]
    fn sunion<T: FromReplyOwned>(self, keys: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("SUNION").read_only().several_keys(&keys))
    }

    /// How many members there are in at least one of `keys`.
    ///
    /// Redis only, since 8.10. Complexity: O(N).
    #[doc(alias = "SUNIONCARD")]
    fn sunioncard(self, keys: impl ToArgs, options: UnionCardOptions) -> Self::Output<usize> {
        self.execute(
            cmd("SUNIONCARD")
                .read_only()
                .counted_keys(&keys)
                .with(&options),
        )
    }

    /// Stores what [`sunion`](SetCommands::sunion) would answer at `destination`. Returns how many members that is.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SUNIONSTORE")]
    fn sunionstore(self, destination: impl ToArg, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("SUNIONSTORE").key(&destination).several_keys(&keys))
    }
}

/// How [`sunioncard`](SetCommands::sunioncard) counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnionCardOptions {
    clauses: Clauses,
}

impl UnionCardOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Estimates it, with a standard error of 0.81 %, which is quicker and takes less memory.
    #[must_use]
    pub fn approx(mut self) -> Self {
        self.clauses.set(0, "APPROX");
        self
    }

    /// Counts up to so many; 0 is no limit.
    #[must_use]
    pub fn limit(mut self, members: u64) -> Self {
        self.clauses.set(1, &("LIMIT", members));
        self
    }
}

impl Clause for UnionCardOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}
