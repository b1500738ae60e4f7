//! Sorted sets: <https://redis.io/docs/latest/commands/?group=sorted-set>.

use resp_proto::FromReplyOwned;

use crate::{
    Execute, Popped, ScanOptions, ScanPage, ScoreEnd, Scored, ToArg, ToArgs, ZAddOptions,
    ZCombineOptions, cmd,
};

/// Commands on sorted sets, whose members have a score each and are ordered by it. Those on parts of them
/// are in [`SortedSetRangeCommands`](crate::SortedSetRangeCommands).
pub trait SortedSetCommands: Execute {
    /// Adds members with their scores, given as `(score, member)` pairs, or sets the scores of those that exist.
    /// Returns how many are new.
    ///
    /// A map of members to scores has them the other way round:
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # fn with<E: redis_cmd::SortedSetCommands>(executor: E) -> E::Output<usize> {
    /// use redis_cmd::Each;
    ///
    /// let scores = BTreeMap::from([("ada", 1.5), ("bob", 2.0)]);
    /// executor.zadd("scores", Each(scores.iter().map(|(member, score)| (score, member))))
    /// # }
    /// ```
    ///
    /// Complexity: O(log(N)).
    #[doc(alias = "ZADD")]
    fn zadd(self, key: impl ToArg, scores_and_members: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("ZADD").key(&key).pairs(&scores_and_members))
    }

    /// Adds members with their scores, given as `(score, member)` pairs, under `options`. Returns how many are new, or
    /// with [`count_changed`](ZAddOptions::count_changed) how many are new or have a new score.
    ///
    /// Complexity: O(log(N)).
    #[doc(alias = "ZADD")]
    #[doc(alias = "ZADD NX")]
    fn zadd_with(
        self,
        key: impl ToArg,
        scores_and_members: impl ToArgs,
        options: ZAddOptions,
    ) -> Self::Output<usize> {
        self.execute(
            cmd("ZADD")
                .key(&key)
                .with(&options)
                .pairs(&scores_and_members),
        )
    }

    /// Adds `increment` to the score of `member` under `options`. Returns the new score, or `None` when their condition
    /// was not met.
    ///
    /// Since Redis 3.0.2. Complexity: O(log(N)).
    #[doc(alias = "ZADD")]
    #[doc(alias = "ZADD INCR")]
    fn zadd_incr(
        self,
        key: impl ToArg,
        increment: f64,
        member: impl ToArg,
        options: ZAddOptions,
    ) -> Self::Output<Option<f64>> {
        self.execute(
            cmd("ZADD")
                .key(&key)
                .with(&options)
                .word("INCR")
                .float(increment)
                .arg(&member),
        )
    }

    /// How many members there are; 0 when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "ZCARD")]
    fn zcard(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("ZCARD").read_only().key(&key))
    }

    /// The members of the first of `keys` that are in none of the others, in order.
    ///
    /// Since Redis 6.2. Complexity: O(L + (N-K)log(N)).
    #[doc(alias = "ZDIFF")]
    fn zdiff<T: FromReplyOwned>(self, keys: impl ToArgs) -> Self::Output<Vec<T>> {
        self.execute(cmd("ZDIFF").read_only().counted_each_key(&keys))
    }

    /// The members of the first of `keys` that are in none of the others, in order, with their scores.
    ///
    /// Since Redis 6.2. Complexity: O(L + (N-K)log(N)).
    #[doc(alias = "ZDIFF")]
    #[doc(alias = "ZDIFF WITHSCORES")]
    fn zdiff_withscores<T: FromReplyOwned>(self, keys: impl ToArgs) -> Self::Output<Vec<(T, f64)>> {
        self.execute(
            cmd("ZDIFF")
                .read_only()
                .counted_each_key(&keys)
                .word("WITHSCORES"),
        )
    }

    /// Stores what [`zdiff`](SortedSetCommands::zdiff) would answer at `destination`. Returns how many members that is.
    ///
    /// Since Redis 6.2. Complexity: O(L + (N-K)log(N)).
    #[doc(alias = "ZDIFFSTORE")]
    fn zdiffstore(self, destination: impl ToArg, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("ZDIFFSTORE").key(&destination).counted_each_key(&keys))
    }

    /// Adds `increment` to the score of `member`, which counts as 0 while there is none. Returns the result.
    ///
    /// Complexity: O(log(N)).
    #[doc(alias = "ZINCRBY")]
    fn zincrby(self, key: impl ToArg, increment: f64, member: impl ToArg) -> Self::Output<f64> {
        self.execute(cmd("ZINCRBY").key(&key).float(increment).arg(&member))
    }

    /// The members that all of `keys` have, in order.
    ///
    /// Since Redis 6.2. Complexity: O(N·K)+O(M·log(M)).
    #[doc(alias = "ZINTER")]
    fn zinter<T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        options: ZCombineOptions,
    ) -> Self::Output<Vec<T>> {
        self.execute(cmd("ZINTER").read_only().counted_keys(&keys).with(&options))
    }

    /// The members that all of `keys` have, in order, with the scores that they get.
    ///
    /// Since Redis 6.2. Complexity: O(N·K)+O(M·log(M)).
    #[doc(alias = "ZINTER")]
    #[doc(alias = "ZINTER WITHSCORES")]
    fn zinter_withscores<T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        options: ZCombineOptions,
    ) -> Self::Output<Vec<(T, f64)>> {
        self.execute(
            cmd("ZINTER")
                .read_only()
                .counted_keys(&keys)
                .with(&options)
                .word("WITHSCORES"),
        )
    }

    /// How many members all of `keys` have.
    ///
    /// Since Redis 7.0. Complexity: O(N·K).
    #[doc(alias = "ZINTERCARD")]
    fn zintercard(self, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("ZINTERCARD").read_only().counted_keys(&keys))
    }

    /// How many members all of `keys` have, counted up to `limit`, 0 being no limit.
    ///
    /// Since Redis 7.0. Complexity: O(N·K).
    #[doc(alias = "ZINTERCARD")]
    #[doc(alias = "ZINTERCARD LIMIT")]
    fn zintercard_limit(self, keys: impl ToArgs, limit: u64) -> Self::Output<usize> {
        self.execute(
            cmd("ZINTERCARD")
                .read_only()
                .counted_keys(&keys)
                .word("LIMIT")
                .unsigned(limit),
        )
    }

    /// Stores what [`zinter`](SortedSetCommands::zinter) would answer at `destination`. Returns how many members that
    /// is.
    ///
    /// Complexity: O(N·K)+O(M·log(M)).
    #[doc(alias = "ZINTERSTORE")]
    fn zinterstore(
        self,
        destination: impl ToArg,
        keys: impl ToArgs,
        options: ZCombineOptions,
    ) -> Self::Output<usize> {
        self.execute(
            cmd("ZINTERSTORE")
                .key(&destination)
                .counted_keys(&keys)
                .with(&options),
        )
    }

    /// Takes the member with the lowest or the highest score from the first of `keys` that has one. Returns its key and
    /// the member with its score, or `None` when there is none.
    ///
    /// Since Redis 7.0. Complexity: O(K) + O(M·log(N)).
    #[doc(alias = "ZMPOP")]
    fn zmpop<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        from: ScoreEnd,
    ) -> Self::Output<Option<(K, Scored<T>)>> {
        self.execute(cmd("ZMPOP").counted_keys(&keys).with(&from))
    }

    /// Takes up to `count` members with the lowest or the highest scores from the first of `keys` that has any. Returns
    /// its key and the members with their scores, or `None` when there is none.
    ///
    /// Since Redis 7.0. Complexity: O(K) + O(M·log(N)).
    #[doc(alias = "ZMPOP")]
    #[doc(alias = "ZMPOP COUNT")]
    fn zmpop_count<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        from: ScoreEnd,
        count: u64,
    ) -> Self::Output<Option<(K, Scored<T>)>> {
        self.execute(
            cmd("ZMPOP")
                .counted_keys(&keys)
                .with(&from)
                .word("COUNT")
                .unsigned(count),
        )
    }

    /// The score of each of `members`, `None` for those that are not there.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "ZMSCORE")]
    fn zmscore(self, key: impl ToArg, members: impl ToArgs) -> Self::Output<Vec<Option<f64>>> {
        self.execute(cmd("ZMSCORE").read_only().key(&key).elements(&members))
    }

    /// Removes and returns the member with the highest score, with its score; `None` when there is no such key.
    ///
    /// Since Redis 5.0. Complexity: O(log(N)).
    #[doc(alias = "ZPOPMAX")]
    fn zpopmax<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Popped<T>> {
        self.execute(cmd("ZPOPMAX").key(&key))
    }

    /// Takes up to `count` members with the highest scores, highest first, with their scores.
    ///
    /// Since Redis 5.0. Complexity: O(log(N)·M).
    #[doc(alias = "ZPOPMAX")]
    fn zpopmax_count<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: u64,
    ) -> Self::Output<Vec<(T, f64)>> {
        self.execute(cmd("ZPOPMAX").key(&key).unsigned(count))
    }

    /// Removes and returns the member with the lowest score, with its score; `None` when there is no such key.
    ///
    /// Since Redis 5.0. Complexity: O(log(N)).
    #[doc(alias = "ZPOPMIN")]
    fn zpopmin<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Popped<T>> {
        self.execute(cmd("ZPOPMIN").key(&key))
    }

    /// Takes up to `count` members with the lowest scores, lowest first, with their scores.
    ///
    /// Since Redis 5.0. Complexity: O(log(N)·M).
    #[doc(alias = "ZPOPMIN")]
    fn zpopmin_count<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: u64,
    ) -> Self::Output<Vec<(T, f64)>> {
        self.execute(cmd("ZPOPMIN").key(&key).unsigned(count))
    }

    /// A member at random, which stays; `None` when there is no such key.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "ZRANDMEMBER")]
    fn zrandmember<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("ZRANDMEMBER").read_only().key(&key))
    }

    /// Up to `count` different members; with a negative count exactly `-count`, which may be the same.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "ZRANDMEMBER")]
    fn zrandmember_count<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: i64,
    ) -> Self::Output<Vec<T>> {
        self.execute(cmd("ZRANDMEMBER").read_only().key(&key).integer(count))
    }

    /// Members as from [`zrandmember_count`](SortedSetCommands::zrandmember_count), with their scores.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "ZRANDMEMBER")]
    #[doc(alias = "ZRANDMEMBER WITHSCORES")]
    fn zrandmember_withscores<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: i64,
    ) -> Self::Output<Vec<(T, f64)>> {
        self.execute(
            cmd("ZRANDMEMBER")
                .read_only()
                .key(&key)
                .integer(count)
                .word("WITHSCORES"),
        )
    }

    /// The place of `member`, the lowest score being 0; `None` when there is no such member.
    ///
    /// Complexity: O(log(N)).
    #[doc(alias = "ZRANK")]
    fn zrank(self, key: impl ToArg, member: impl ToArg) -> Self::Output<Option<usize>> {
        self.execute(cmd("ZRANK").read_only().key(&key).arg(&member))
    }

    /// The place and the score of `member`, the lowest score being 0; `None` when there is no such member.
    ///
    /// Since Redis 7.2. Complexity: O(log(N)).
    #[doc(alias = "ZRANK")]
    #[doc(alias = "ZRANK WITHSCORE")]
    fn zrank_withscore(
        self,
        key: impl ToArg,
        member: impl ToArg,
    ) -> Self::Output<Option<(usize, f64)>> {
        self.execute(
            cmd("ZRANK")
                .read_only()
                .key(&key)
                .arg(&member)
                .word("WITHSCORE"),
        )
    }

    /// Removes `members`. Returns how many there were.
    ///
    /// Complexity: O(M·log(N)).
    #[doc(alias = "ZREM")]
    fn zrem(self, key: impl ToArg, members: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("ZREM").key(&key).several(&members))
    }

    /// The place of `member`, the highest score being 0; `None` when there is no such member.
    ///
    /// Complexity: O(log(N)).
    #[doc(alias = "ZREVRANK")]
    fn zrevrank(self, key: impl ToArg, member: impl ToArg) -> Self::Output<Option<usize>> {
        self.execute(cmd("ZREVRANK").read_only().key(&key).arg(&member))
    }

    /// The place and the score of `member`, the highest score being 0; `None` when there is no such member.
    ///
    /// Since Redis 7.2. Complexity: O(log(N)).
    #[doc(alias = "ZREVRANK")]
    #[doc(alias = "ZREVRANK WITHSCORE")]
    fn zrevrank_withscore(
        self,
        key: impl ToArg,
        member: impl ToArg,
    ) -> Self::Output<Option<(usize, f64)>> {
        self.execute(
            cmd("ZREVRANK")
                .read_only()
                .key(&key)
                .arg(&member)
                .word("WITHSCORE"),
        )
    }

    /// Some of the members with their scores, and the cursor for the next ones; start with cursor 0, and be
    /// done when 0 comes back.
    ///
    /// Complexity: O(1).
    #[doc(alias = "ZSCAN")]
    fn zscan<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        cursor: u64,
        options: ScanOptions,
    ) -> Self::Output<ScanPage<(T, f64)>> {
        self.execute(
            cmd("ZSCAN")
                .read_only()
                .key(&key)
                .unsigned(cursor)
                .with(&options.within_key()),
        )
    }

    /// Some of the members, and the cursor for the next ones.
    ///
    /// Valkey only, since 8.0. Complexity: O(1).
    #[doc(alias = "ZSCAN")]
    #[doc(alias = "ZSCAN NOSCORES")]
    fn zscan_noscores<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        cursor: u64,
        options: ScanOptions,
    ) -> Self::Output<ScanPage<T>> {
        self.execute(
            cmd("ZSCAN")
                .read_only()
                .key(&key)
                .unsigned(cursor)
                .with(&options.within_key())
                .word("NOSCORES"),
        )
    }

    /// The score of `member`; `None` when there is no such member.
    ///
    /// Complexity: O(1).
    #[doc(alias = "ZSCORE")]
    fn zscore(self, key: impl ToArg, member: impl ToArg) -> Self::Output<Option<f64>> {
        self.execute(cmd("ZSCORE").read_only().key(&key).arg(&member))
    }

    /// The members that any of `keys` has, in order.
    ///
    /// Since Redis 6.2. Complexity: O(N)+O(M·log(M)).
    #[doc(alias = "ZUNION")]
    fn zunion<T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        options: ZCombineOptions,
    ) -> Self::Output<Vec<T>> {
        self.execute(cmd("ZUNION").read_only().counted_keys(&keys).with(&options))
    }

    /// The members that any of `keys` has, in order, with the scores that they get.
    ///
    /// Since Redis 6.2. Complexity: O(N)+O(M·log(M)).
    #[doc(alias = "ZUNION")]
    #[doc(alias = "ZUNION WITHSCORES")]
    fn zunion_withscores<T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        options: ZCombineOptions,
    ) -> Self::Output<Vec<(T, f64)>> {
        self.execute(
            cmd("ZUNION")
                .read_only()
                .counted_keys(&keys)
                .with(&options)
                .word("WITHSCORES"),
        )
    }

    /// Stores what [`zunion`](SortedSetCommands::zunion) would answer at `destination`. Returns how many members that
    /// is.
    ///
    /// Complexity: O(N)+O(M log(M)).
    #[doc(alias = "ZUNIONSTORE")]
    fn zunionstore(
        self,
        destination: impl ToArg,
        keys: impl ToArgs,
        options: ZCombineOptions,
    ) -> Self::Output<usize> {
        self.execute(
            cmd("ZUNIONSTORE")
                .key(&destination)
                .counted_keys(&keys)
                .with(&options),
        )
    }
}
