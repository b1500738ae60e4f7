//! Parts of sorted sets: <https://redis.io/docs/latest/commands/?group=sorted-set>.

use resp_proto::FromReplyOwned;

use crate::{Execute, LexRange, ScoreRange, ToArg, ZRange, cmd};

/// Commands on parts of sorted sets: by rank, by score, by the bytes of members.
pub trait SortedSetRangeCommands: Execute {
    /// How many members have a score in the range.
    ///
    /// Complexity: O(log(N)).
    #[doc(alias = "ZCOUNT")]
    fn zcount(self, key: impl ToArg, range: impl Into<ScoreRange>) -> Self::Output<usize> {
        self.execute(cmd("ZCOUNT").read_only().key(&key).with(&range.into()))
    }

    /// How many members are in the range; all of the set must have the same score.
    ///
    /// Complexity: O(log(N)).
    #[doc(alias = "ZLEXCOUNT")]
    fn zlexcount(self, key: impl ToArg, range: impl Into<LexRange>) -> Self::Output<usize> {
        self.execute(cmd("ZLEXCOUNT").read_only().key(&key).with(&range.into()))
    }

    /// The members of a range, in order; empty when there are none. Other ranges than by rank since Redis 6.2.
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZRANGE")]
    fn zrange<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        range: impl Into<ZRange>,
    ) -> Self::Output<Vec<T>> {
        self.execute(cmd("ZRANGE").read_only().key(&key).with(&range.into()))
    }

    /// The members of a range with their scores, in order; empty when there are none. Servers refuse it for a range by
    /// bytes, whose members all have the same score.
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZRANGE")]
    #[doc(alias = "ZRANGE WITHSCORES")]
    fn zrange_withscores<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        range: impl Into<ZRange>,
    ) -> Self::Output<Vec<(T, f64)>> {
        self.execute(
            cmd("ZRANGE")
                .read_only()
                .key(&key)
                .with(&range.into())
                .word("WITHSCORES"),
        )
    }

    /// The members in the range, in order; all of the set must have the same score. Deprecated since Redis 6.2 in
    /// favour of [`zrange`](SortedSetRangeCommands::zrange).
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZRANGEBYLEX")]
    fn zrangebylex<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        range: impl Into<LexRange>,
    ) -> Self::Output<Vec<T>> {
        let range = range.into();
        self.execute(
            cmd("ZRANGEBYLEX")
                .read_only()
                .key(&key)
                .with(&range.ends())
                .with(range.part()),
        )
    }

    /// The members with a score in the range, in order. Deprecated since Redis 6.2 in favour of
    /// [`zrange`](SortedSetRangeCommands::zrange).
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZRANGEBYSCORE")]
    fn zrangebyscore<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        range: impl Into<ScoreRange>,
    ) -> Self::Output<Vec<T>> {
        let range = range.into();
        self.execute(
            cmd("ZRANGEBYSCORE")
                .read_only()
                .key(&key)
                .with(&range.ends())
                .with(range.part()),
        )
    }

    /// The members with a score in the range, in order, with their scores. Deprecated since Redis 6.2 in favour of
    /// [`zrange_withscores`](SortedSetRangeCommands::zrange_withscores).
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZRANGEBYSCORE")]
    #[doc(alias = "ZRANGEBYSCORE WITHSCORES")]
    fn zrangebyscore_withscores<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        range: impl Into<ScoreRange>,
    ) -> Self::Output<Vec<(T, f64)>> {
        let range = range.into();
        self.execute(
            cmd("ZRANGEBYSCORE")
                .read_only()
                .key(&key)
                .with(&range.ends())
                .word("WITHSCORES")
                .with(range.part()),
        )
    }

    /// Stores a range of `source` at `destination`. Returns how many members that is.
    ///
    /// Since Redis 6.2. Complexity: O(log(N)+M).
    #[doc(alias = "ZRANGESTORE")]
    fn zrangestore(
        self,
        destination: impl ToArg,
        source: impl ToArg,
        range: impl Into<ZRange>,
    ) -> Self::Output<usize> {
        self.execute(
            cmd("ZRANGESTORE")
                .key(&destination)
                .key(&source)
                .with(&range.into()),
        )
    }

    /// Removes the members in the range. Returns how many there were. All of the set must have the same score.
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZREMRANGEBYLEX")]
    fn zremrangebylex(self, key: impl ToArg, range: impl Into<LexRange>) -> Self::Output<usize> {
        self.execute(cmd("ZREMRANGEBYLEX").key(&key).with(&range.into()))
    }

    /// Removes the members from one rank to another, both included, the lowest score being 0. Returns how many there
    /// were.
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZREMRANGEBYRANK")]
    fn zremrangebyrank(self, key: impl ToArg, start: i64, stop: i64) -> Self::Output<usize> {
        self.execute(
            cmd("ZREMRANGEBYRANK")
                .key(&key)
                .integer(start)
                .integer(stop),
        )
    }

    /// Removes the members with a score in the range. Returns how many there were.
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZREMRANGEBYSCORE")]
    fn zremrangebyscore(
        self,
        key: impl ToArg,
        range: impl Into<ScoreRange>,
    ) -> Self::Output<usize> {
        self.execute(cmd("ZREMRANGEBYSCORE").key(&key).with(&range.into()))
    }

    /// The members from one rank to another, both included, highest score first. Deprecated since Redis 6.2 in favour
    /// of [`zrange`](SortedSetRangeCommands::zrange).
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZREVRANGE")]
    fn zrevrange<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        start: i64,
        stop: i64,
    ) -> Self::Output<Vec<T>> {
        self.execute(
            cmd("ZREVRANGE")
                .read_only()
                .key(&key)
                .integer(start)
                .integer(stop),
        )
    }

    /// The members from one rank to another, both included, highest score first, with their scores. Deprecated since
    /// Redis 6.2 in favour of [`zrange_withscores`](SortedSetRangeCommands::zrange_withscores).
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZREVRANGE")]
    #[doc(alias = "ZREVRANGE WITHSCORES")]
    fn zrevrange_withscores<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        start: i64,
        stop: i64,
    ) -> Self::Output<Vec<(T, f64)>> {
        self.execute(
            cmd("ZREVRANGE")
                .read_only()
                .key(&key)
                .integer(start)
                .integer(stop)
                .word("WITHSCORES"),
        )
    }

    /// The members in the range, the last one first; all of the set must have the same score. Deprecated since Redis
    /// 6.2 in favour of [`zrange`](SortedSetRangeCommands::zrange).
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZREVRANGEBYLEX")]
    fn zrevrangebylex<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        range: impl Into<LexRange>,
    ) -> Self::Output<Vec<T>> {
        let reversed = range.into().reversed();
        self.execute(
            cmd("ZREVRANGEBYLEX")
                .read_only()
                .key(&key)
                .with(&reversed.ends())
                .with(reversed.part()),
        )
    }

    /// The members with a score in the range, highest first. Deprecated since Redis 6.2 in favour of
    /// [`zrange`](SortedSetRangeCommands::zrange).
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZREVRANGEBYSCORE")]
    fn zrevrangebyscore<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        range: impl Into<ScoreRange>,
    ) -> Self::Output<Vec<T>> {
        let reversed = range.into().reversed();
        self.execute(
            cmd("ZREVRANGEBYSCORE")
                .read_only()
                .key(&key)
                .with(&reversed.ends())
                .with(reversed.part()),
        )
    }

    /// The members with a score in the range, highest first, with their scores. Deprecated since Redis 6.2 in favour of
    /// [`zrange_withscores`](SortedSetRangeCommands::zrange_withscores).
    ///
    /// Complexity: O(log(N)+M).
    #[doc(alias = "ZREVRANGEBYSCORE")]
    #[doc(alias = "ZREVRANGEBYSCORE WITHSCORES")]
    fn zrevrangebyscore_withscores<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        range: impl Into<ScoreRange>,
    ) -> Self::Output<Vec<(T, f64)>> {
        let reversed = range.into().reversed();
        self.execute(
            cmd("ZREVRANGEBYSCORE")
                .read_only()
                .key(&key)
                .with(&reversed.ends())
                .word("WITHSCORES")
                .with(reversed.part()),
        )
    }
}
