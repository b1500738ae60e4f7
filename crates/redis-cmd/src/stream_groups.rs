//! Groups of consumers of streams: <https://redis.io/docs/latest/commands/?group=stream>.

use resp_proto::FromReplyOwned;

use crate::{
    AutoClaimed, ByStream, ClaimOptions, Command, Consumer, DeliveredByStream, EntryPolicy,
    EntryResult, Execute, Group, GroupOptions, Milliseconds, NackOptions, PendingEntry,
    PendingRange, PendingSummary, ReadGroupOptions, StreamEntry, StreamId, ToArg, ToArgs, cmd,
    streams::from_streams,
};

/// Commands on groups of consumers, each of which is given entries of a stream that no other gets. What was
/// given is pending until the consumer says that it has dealt with it. Ids are those of
/// [`StreamCommands`](crate::StreamCommands).
pub trait StreamGroupCommands: Execute {
    /// Says that entries have been dealt with. Returns how many were pending.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "XACK")]
    fn xack(self, key: impl ToArg, group: impl ToArg, ids: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("XACK").key(&key).arg(&group).several(&ids))
    }

    /// Says that entries have been dealt with, and deletes them. Returns what became of each.
    ///
    /// Redis only, since 8.2.
    #[doc(alias = "XACKDEL")]
    fn xackdel(
        self,
        key: impl ToArg,
        group: impl ToArg,
        policy: EntryPolicy,
        ids: impl ToArgs,
    ) -> Self::Output<Vec<EntryResult>> {
        self.execute(
            cmd("XACKDEL")
                .key(&key)
                .arg(&group)
                .with(&policy)
                .word("IDS")
                .counted(&ids),
        )
    }

    /// Gives entries that have been pending for at least `idle` to `consumer`, up to `count` (by default 100) from
    /// `start` on. Returns the entries, and where to go on. Redis before 7.0 also gives entries that were deleted, which
    /// are left out.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "XAUTOCLAIM")]
    fn xautoclaim<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        group: impl ToArg,
        consumer: impl ToArg,
        idle: impl Into<Milliseconds>,
        start: impl ToArg,
        count: Option<u64>,
    ) -> Self::Output<AutoClaimed<StreamEntry<T>>> {
        self.execute(autoclaim(
            &key,
            &group,
            &consumer,
            &idle.into(),
            &start,
            count,
        ))
    }

    /// What [`xautoclaim`](StreamGroupCommands::xautoclaim) does, without counting it as a delivery. Returns only the
    /// ids.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "XAUTOCLAIM")]
    #[doc(alias = "XAUTOCLAIM JUSTID")]
    fn xautoclaim_justid(
        self,
        key: impl ToArg,
        group: impl ToArg,
        consumer: impl ToArg,
        idle: impl Into<Milliseconds>,
        start: impl ToArg,
        count: Option<u64>,
    ) -> Self::Output<AutoClaimed<StreamId>> {
        self.execute(autoclaim(&key, &group, &consumer, &idle.into(), &start, count).word("JUSTID"))
    }

    /// Gives entries that have been pending for at least `idle` to `consumer`. Returns those that were given. Redis
    /// before 7.0 also gives entries that were deleted, which are left out.
    ///
    /// Since Redis 5.0. Complexity: O(log(N)).
    #[doc(alias = "XCLAIM")]
    fn xclaim<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        group: impl ToArg,
        consumer: impl ToArg,
        idle: impl Into<Milliseconds>,
        ids: impl ToArgs,
        options: ClaimOptions,
    ) -> Self::Output<Vec<StreamEntry<T>>> {
        self.execute(claim(&key, &group, &consumer, &idle.into(), &ids, &options))
    }

    /// What [`xclaim`](StreamGroupCommands::xclaim) does, without counting it as a delivery. Returns only the ids.
    ///
    /// Since Redis 5.0. Complexity: O(log(N)).
    #[doc(alias = "XCLAIM")]
    #[doc(alias = "XCLAIM JUSTID")]
    fn xclaim_justid(
        self,
        key: impl ToArg,
        group: impl ToArg,
        consumer: impl ToArg,
        idle: impl Into<Milliseconds>,
        ids: impl ToArgs,
        options: ClaimOptions,
    ) -> Self::Output<Vec<StreamId>> {
        self.execute(claim(&key, &group, &consumer, &idle.into(), &ids, &options).word("JUSTID"))
    }

    /// Makes a group that reads from `id` on, `$` being what comes from now on. Fails when there is one of that name.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "XGROUP CREATE")]
    fn xgroup_create(
        self,
        key: impl ToArg,
        group: impl ToArg,
        id: impl ToArg,
        options: GroupOptions,
    ) -> Self::Output<()> {
        self.execute(
            cmd("XGROUP CREATE")
                .key(&key)
                .arg(&group)
                .arg(&id)
                .with(&options),
        )
    }

    /// Makes a consumer. Returns false when there is one of that name.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "XGROUP CREATECONSUMER")]
    fn xgroup_createconsumer(
        self,
        key: impl ToArg,
        group: impl ToArg,
        consumer: impl ToArg,
    ) -> Self::Output<bool> {
        self.execute(
            cmd("XGROUP CREATECONSUMER")
                .key(&key)
                .arg(&group)
                .arg(&consumer),
        )
    }

    /// Removes a consumer. Returns how many entries were pending with it, which are pending no longer: nobody can claim
    /// them any more, so have another consumer claim them before.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "XGROUP DELCONSUMER")]
    fn xgroup_delconsumer(
        self,
        key: impl ToArg,
        group: impl ToArg,
        consumer: impl ToArg,
    ) -> Self::Output<usize> {
        self.execute(
            cmd("XGROUP DELCONSUMER")
                .key(&key)
                .arg(&group)
                .arg(&consumer),
        )
    }

    /// Removes a group with all that is pending in it. Returns false when there is none of that name.
    ///
    /// Since Redis 5.0. Complexity: O(N).
    #[doc(alias = "XGROUP DESTROY")]
    fn xgroup_destroy(self, key: impl ToArg, group: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("XGROUP DESTROY").key(&key).arg(&group))
    }

    /// Makes a group read from another `id` on; `entries_read` says how many entries count as read, from which its lag
    /// follows, which is so since Redis 7.0. `None` is what the server calls -1: it is not known.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "XGROUP SETID")]
    fn xgroup_setid(
        self,
        key: impl ToArg,
        group: impl ToArg,
        id: impl ToArg,
        entries_read: Option<u64>,
    ) -> Self::Output<()> {
        let entries_read = entries_read.map(|entries| GroupOptions::new().entries_read(entries));
        self.execute(
            cmd("XGROUP SETID")
                .key(&key)
                .arg(&group)
                .arg(&id)
                .with(&entries_read),
        )
    }

    /// The consumers of a group.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "XINFO CONSUMERS")]
    fn xinfo_consumers(self, key: impl ToArg, group: impl ToArg) -> Self::Output<Vec<Consumer>> {
        self.execute(cmd("XINFO CONSUMERS").read_only().key(&key).arg(&group))
    }

    /// The groups of a stream.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "XINFO GROUPS")]
    fn xinfo_groups(self, key: impl ToArg) -> Self::Output<Vec<Group>> {
        self.execute(cmd("XINFO GROUPS").read_only().key(&key))
    }

    /// Gives entries back that are pending with any consumer, so that the next one that claims gets them at once.
    /// Returns how many were pending.
    ///
    /// Redis only, since 8.8. Complexity: O(1).
    #[doc(alias = "XNACK")]
    fn xnack(
        self,
        key: impl ToArg,
        group: impl ToArg,
        ids: impl ToArgs,
        options: NackOptions,
    ) -> Self::Output<usize> {
        self.execute(
            cmd("XNACK")
                .key(&key)
                .arg(&group)
                .word(options.mode())
                .word("IDS")
                .counted(&ids)
                .with(&options),
        )
    }

    /// How many entries are pending in a group, and with whom.
    ///
    /// Since Redis 5.0. Complexity: O(N).
    #[doc(alias = "XPENDING")]
    fn xpending(self, key: impl ToArg, group: impl ToArg) -> Self::Output<PendingSummary> {
        self.execute(cmd("XPENDING").read_only().key(&key).arg(&group))
    }

    /// Entries of a range that are pending in a group.
    ///
    /// Since Redis 5.0. Complexity: O(N).
    #[doc(alias = "XPENDING")]
    #[doc(alias = "XPENDING IDLE")]
    fn xpending_range(
        self,
        key: impl ToArg,
        group: impl ToArg,
        range: PendingRange,
    ) -> Self::Output<Vec<PendingEntry>> {
        self.execute(
            cmd("XPENDING")
                .read_only()
                .key(&key)
                .arg(&group)
                .with(&range),
        )
    }

    /// Entries that no consumer of the group was given yet (`>` for each of `keys`), now given to
    /// `consumer`, or those pending with it behind an id; by stream, `None` when there is none.
    ///
    /// Since Redis 5.0.
    #[doc(alias = "XREADGROUP")]
    fn xreadgroup<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        group: impl ToArg,
        consumer: impl ToArg,
        options: ReadGroupOptions,
        keys: impl ToArgs,
        ids: impl ToArgs,
    ) -> Self::Output<Option<ByStream<K, T>>> {
        let command = read_group(&group, &consumer, &options);
        self.execute(from_streams(command, &keys, &ids))
    }

    /// Gives `consumer` the entries that have been pending for at least `idle` with any consumer, and behind them those
    /// that nobody was given yet. Returns them by stream, each with how long it was pending and how often it was
    /// delivered before; `None` when there is none.
    ///
    /// Redis only, since 8.4.
    #[doc(alias = "XREADGROUP")]
    #[doc(alias = "XREADGROUP CLAIM")]
    fn xreadgroup_claim<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        group: impl ToArg,
        consumer: impl ToArg,
        options: ReadGroupOptions,
        idle: impl Into<Milliseconds>,
        keys: impl ToArgs,
    ) -> Self::Output<Option<DeliveredByStream<K, T>>> {
        self.execute(
            read_group(&group, &consumer, &options)
                .word("CLAIM")
                .with(&idle.into())
                .streams_from_new(&keys),
        )
    }
}

fn autoclaim<'a, T>(
    key: &'a impl ToArg,
    group: &'a impl ToArg,
    consumer: &'a impl ToArg,
    idle: &'a Milliseconds,
    start: &'a impl ToArg,
    count: Option<u64>,
) -> Command<'a, T> {
    let command = cmd("XAUTOCLAIM")
        .key(key)
        .arg(group)
        .arg(consumer)
        .with(idle)
        .arg(start);
    match count {
        Some(count) => command.word("COUNT").unsigned(count),
        None => command,
    }
}

fn claim<'a, T>(
    key: &'a impl ToArg,
    group: &'a impl ToArg,
    consumer: &'a impl ToArg,
    idle: &'a Milliseconds,
    ids: &'a impl ToArgs,
    options: &'a ClaimOptions,
) -> Command<'a, T> {
    cmd("XCLAIM")
        .key(key)
        .arg(group)
        .arg(consumer)
        .with(idle)
        .several(ids)
        .with(options)
}

/// The command up to where it is said whether it waits, what it claims, and what it reads.
pub(crate) fn read_group<'a, T>(
    group: &'a impl ToArg,
    consumer: &'a impl ToArg,
    options: &'a ReadGroupOptions,
) -> Command<'a, T> {
    cmd("XREADGROUP")
        .word("GROUP")
        .arg(group)
        .arg(consumer)
        .with(options)
}
