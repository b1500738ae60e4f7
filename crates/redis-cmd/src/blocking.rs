//! Commands that wait until something happens.

use std::time::Duration;

use resp_proto::FromReplyOwned;

use crate::{
    ByStream, DeliveredByStream, Execute, Milliseconds, MoveMany, ReadGroupOptions, ReadOptions,
    ScoreEnd, Scored, Side, ToArg, ToArgs, cmd, stream_groups::read_group,
    stream_options::read_behind, streams::from_streams,
};

/// Commands that wait, with a limit to it: `None` waits for ever. No time at all, which servers take for that, is sent as
/// a millisecond.
///
/// They occupy a connection while they wait. The deadline of the call is the limit plus the response timeout. They are
/// no commands of pipelines, where nothing can wait.
pub trait BlockingCommands: Execute {
    /// Waits for an element at one end of `source`, and moves it to an end of `destination`. Returns the element, or
    /// `None` when the time was up.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "BLMOVE")]
    fn blmove<T: FromReplyOwned>(
        self,
        source: impl ToArg,
        destination: impl ToArg,
        from: Side,
        to: Side,
        limit: Option<Duration>,
    ) -> Self::Output<Option<T>> {
        self.execute(
            cmd("BLMOVE")
                .key(&source)
                .key(&destination)
                .with(&from)
                .with(&to)
                .waits_seconds(limit),
        )
    }

    /// Waits for elements at one end of `source`, and moves them to an end of `destination`. Returns the elements, in
    /// the order that they have there, or `None` when the time was up.
    ///
    /// It waits for one, or for all of [exactly](MoveMany::exactly) so many.
    ///
    /// Redis only, since 8.10. Complexity: O(N).
    #[doc(alias = "BLMOVEM")]
    fn blmovem<T: FromReplyOwned>(
        self,
        source: impl ToArg,
        destination: impl ToArg,
        from: Side,
        to: Side,
        limit: Option<Duration>,
        many: MoveMany,
    ) -> Self::Output<Option<Vec<T>>> {
        self.execute(
            cmd("BLMOVEM")
                .key(&source)
                .key(&destination)
                .with(&from)
                .with(&to)
                .waits_seconds(limit)
                .with(&many),
        )
    }

    /// Waits for an element in the first of `keys` that has one, and takes it from one end. Returns its key and the
    /// element, or `None` when the time was up.
    ///
    /// Since Redis 7.0. Complexity: O(N+M).
    #[doc(alias = "BLMPOP")]
    fn blmpop<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        limit: Option<Duration>,
        keys: impl ToArgs,
        from: Side,
    ) -> Self::Output<Option<(K, Vec<T>)>> {
        self.execute(
            cmd("BLMPOP")
                .waits_seconds(limit)
                .counted_keys(&keys)
                .with(&from),
        )
    }

    /// Waits for elements in the first of `keys` that has any, and takes up to `count` from one end. Returns its key
    /// and the elements, or `None` when the time was up.
    ///
    /// Since Redis 7.0. Complexity: O(N+M).
    #[doc(alias = "BLMPOP")]
    #[doc(alias = "BLMPOP COUNT")]
    fn blmpop_count<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        limit: Option<Duration>,
        keys: impl ToArgs,
        from: Side,
        count: u64,
    ) -> Self::Output<Option<(K, Vec<T>)>> {
        self.execute(
            cmd("BLMPOP")
                .waits_seconds(limit)
                .counted_keys(&keys)
                .with(&from)
                .word("COUNT")
                .unsigned(count),
        )
    }

    /// Waits for an element at the front of the first of `keys` that has one, and takes it. Returns the key and the
    /// element, or `None` when the time was up.
    ///
    /// Complexity: O(N).
    #[doc(alias = "BLPOP")]
    fn blpop<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        limit: Option<Duration>,
    ) -> Self::Output<Option<(K, T)>> {
        self.execute(cmd("BLPOP").several_keys(&keys).waits_seconds(limit))
    }

    /// Waits for an element at the end of the first of `keys` that has one, and takes it. Returns the key and the
    /// element, or `None` when the time was up.
    ///
    /// Complexity: O(N).
    #[doc(alias = "BRPOP")]
    fn brpop<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        limit: Option<Duration>,
    ) -> Self::Output<Option<(K, T)>> {
        self.execute(cmd("BRPOP").several_keys(&keys).waits_seconds(limit))
    }

    /// Waits for an element at the end of `source`, and puts it in front of `destination`. Returns the element, or
    /// `None` when the time was up. Deprecated since Redis 6.2 in favour of [`blmove`](BlockingCommands::blmove).
    ///
    /// Complexity: O(1).
    #[doc(alias = "BRPOPLPUSH")]
    fn brpoplpush<T: FromReplyOwned>(
        self,
        source: impl ToArg,
        destination: impl ToArg,
        limit: Option<Duration>,
    ) -> Self::Output<Option<T>> {
        self.execute(
            cmd("BRPOPLPUSH")
                .key(&source)
                .key(&destination)
                .waits_seconds(limit),
        )
    }

    /// Waits for a member of the first of `keys` that has one, and takes the one with the lowest or the highest score.
    /// Returns its key and the member with its score, or `None` when the time was up.
    ///
    /// Since Redis 7.0. Complexity: O(K) + O(M·log(N)).
    #[doc(alias = "BZMPOP")]
    fn bzmpop<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        limit: Option<Duration>,
        keys: impl ToArgs,
        from: ScoreEnd,
    ) -> Self::Output<Option<(K, Scored<T>)>> {
        self.execute(
            cmd("BZMPOP")
                .waits_seconds(limit)
                .counted_keys(&keys)
                .with(&from),
        )
    }

    /// Waits for members of the first of `keys` that has any, and takes up to `count` with the lowest or the highest
    /// scores. Returns its key and the members with their scores, or `None` when the time was up.
    ///
    /// Since Redis 7.0. Complexity: O(K) + O(M·log(N)).
    #[doc(alias = "BZMPOP")]
    #[doc(alias = "BZMPOP COUNT")]
    fn bzmpop_count<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        limit: Option<Duration>,
        keys: impl ToArgs,
        from: ScoreEnd,
        count: u64,
    ) -> Self::Output<Option<(K, Scored<T>)>> {
        self.execute(
            cmd("BZMPOP")
                .waits_seconds(limit)
                .counted_keys(&keys)
                .with(&from)
                .word("COUNT")
                .unsigned(count),
        )
    }

    /// Waits for a member of the first of `keys` that has one, and takes the one with the highest score. Returns the
    /// key, the member and its score, or `None` when the time was up.
    ///
    /// Since Redis 5.0. Complexity: O(log(N)).
    #[doc(alias = "BZPOPMAX")]
    fn bzpopmax<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        limit: Option<Duration>,
    ) -> Self::Output<Option<(K, T, f64)>> {
        self.execute(cmd("BZPOPMAX").several_keys(&keys).waits_seconds(limit))
    }

    /// Waits for a member of the first of `keys` that has one, and takes the one with the lowest score. Returns the
    /// key, the member and its score, or `None` when the time was up.
    ///
    /// Since Redis 5.0. Complexity: O(log(N)).
    #[doc(alias = "BZPOPMIN")]
    fn bzpopmin<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        limit: Option<Duration>,
    ) -> Self::Output<Option<(K, T, f64)>> {
        self.execute(cmd("BZPOPMIN").several_keys(&keys).waits_seconds(limit))
    }

    /// Waits until so many replicas have what was written on this connection. Returns how many have it. On a client,
    /// that is whatever connection the call gets, so it belongs behind the writes, into a pipeline that is no
    /// transaction: as a [`Command`](crate::Command).
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "WAIT")]
    fn wait(self, replicas: u64, limit: Option<Duration>) -> Self::Output<u64> {
        self.execute(cmd("WAIT").unsigned(replicas).waits_milliseconds(limit))
    }

    /// Waits until what was written on this connection is on disk here (`local` 1) and on so many replicas. Returns
    /// where it is, here and on how many replicas.
    ///
    /// Since Redis 7.2. Complexity: O(1).
    #[doc(alias = "WAITAOF")]
    fn waitaof(
        self,
        local: u64,
        replicas: u64,
        limit: Option<Duration>,
    ) -> Self::Output<(u64, u64)> {
        self.execute(
            cmd("WAITAOF")
                .unsigned(local)
                .unsigned(replicas)
                .waits_milliseconds(limit),
        )
    }

    /// Waits for entries behind `ids`, one for each of `keys` (`$` is whatever comes from now on). Returns the entries
    /// by stream, or `None` when the time was up. With `$` it is not repeated after a lost connection: from then on is
    /// another beginning, and what came in between would be left out.
    ///
    /// Since Redis 5.0.
    #[doc(alias = "XREAD")]
    #[doc(alias = "XREAD BLOCK")]
    fn xread_block<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        options: ReadOptions,
        limit: Option<Duration>,
        keys: impl ToArgs,
        ids: impl ToArgs,
    ) -> Self::Output<Option<ByStream<K, T>>> {
        let command = read_behind(&ids, cmd("XREAD"))
            .with(&options)
            .word("BLOCK")
            .waits_milliseconds(limit);
        self.execute(from_streams(command, &keys, &ids))
    }

    /// Waits for entries that no consumer of the group was given yet (`>` for each of `keys`), and gives them to
    /// `consumer`. Returns the entries by stream, or `None` when the time was up.
    ///
    /// Since Redis 5.0.
    #[doc(alias = "XREADGROUP")]
    #[doc(alias = "XREADGROUP BLOCK")]
    fn xreadgroup_block<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        group: impl ToArg,
        consumer: impl ToArg,
        options: ReadGroupOptions,
        limit: Option<Duration>,
        keys: impl ToArgs,
        ids: impl ToArgs,
    ) -> Self::Output<Option<ByStream<K, T>>> {
        let command = read_group(&group, &consumer, &options)
            .word("BLOCK")
            .waits_milliseconds(limit);
        self.execute(from_streams(command, &keys, &ids))
    }

    /// What [`xreadgroup_claim`](crate::StreamGroupCommands::xreadgroup_claim) does, but waits while there is no
    /// entry; `None` when the time was up.
    ///
    /// Redis only, since 8.4.
    #[doc(alias = "XREADGROUP")]
    #[doc(alias = "XREADGROUP BLOCK CLAIM")]
    fn xreadgroup_claim_block<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        group: impl ToArg,
        consumer: impl ToArg,
        options: ReadGroupOptions,
        limit: Option<Duration>,
        idle: impl Into<Milliseconds>,
        keys: impl ToArgs,
    ) -> Self::Output<Option<DeliveredByStream<K, T>>> {
        self.execute(
            read_group(&group, &consumer, &options)
                .word("BLOCK")
                .waits_milliseconds(limit)
                .word("CLAIM")
                .with(&idle.into())
                .streams_from_new(&keys),
        )
    }
}
