//! Streams: <https://redis.io/docs/latest/commands/?group=stream>.

use resp_proto::FromReplyOwned;

use crate::{
    AutoClaimed, ByStream, ClaimOptions, Consumer, EntryPolicy, EntryResult, Execute, Group,
    GroupOptions, Milliseconds, PendingEntry, PendingRange, PendingSummary, ReadGroupOptions,
    ReadOptions, StreamEntry, StreamFull, StreamId, StreamInfo, ToArg, ToArgs, Trim, XAddOptions,
    cmd,
};

/// Commands on streams, logs of entries that consumers read.
///
/// Ids of entries go in as [`StreamId`] or as text, which has the special ones: `-` and `+` for the ends of
/// a stream, `$` for its end right now, `*` for a new one, `(` in front of one that is not in the range.
/// Entries come out with their fields decoded into a type of your choice: a map, pairs, or a struct.
pub trait StreamCommands: Execute {
    /// Says that entries have been dealt with; how many were pending.
    ///
    /// Since 5.0. Complexity: O(1).
    #[doc(alias = "XACK")]
    fn xack(self, key: impl ToArg, group: impl ToArg, ids: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("XACK").key(&key).arg(&group).several(&ids))
    }

    /// Says that entries have been dealt with, and deletes them; what became of each. Redis only, since
    /// 8.2.
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

    /// Appends an entry, as `*` under an id that the server makes; its id.
    ///
    /// Since 5.0. Complexity: O(1).
    #[doc(alias = "XADD")]
    fn xadd(
        self,
        key: impl ToArg,
        id: impl ToArg,
        fields_and_values: impl ToArgs,
    ) -> Self::Output<StreamId> {
        self.execute(cmd("XADD").key(&key).arg(&id).pairs(&fields_and_values))
    }

    /// Appends an entry under `options`; its id, `None` when there is no such stream and none [was to be
    /// made](XAddOptions::no_mkstream).
    ///
    /// Since 5.0. Complexity: O(1).
    #[doc(alias = "XADD")]
    #[doc(alias = "XADD MAXLEN")]
    fn xadd_with(
        self,
        key: impl ToArg,
        id: impl ToArg,
        fields_and_values: impl ToArgs,
        options: XAddOptions,
    ) -> Self::Output<Option<StreamId>> {
        self.execute(
            cmd("XADD")
                .key(&key)
                .with(&options)
                .arg(&id)
                .pairs(&fields_and_values),
        )
    }

    /// Gives entries that have been pending for at least `idle` to `consumer`, up to `count` from `start`
    /// on; the entries, and where to go on.
    ///
    /// Since 6.2. Complexity: O(1).
    #[doc(alias = "XAUTOCLAIM")]
    fn xautoclaim<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        group: impl ToArg,
        consumer: impl ToArg,
        idle: Milliseconds,
        start: impl ToArg,
        count: u64,
    ) -> Self::Output<AutoClaimed<StreamEntry<T>>> {
        self.execute(
            cmd("XAUTOCLAIM")
                .key(&key)
                .arg(&group)
                .arg(&consumer)
                .with(&idle)
                .arg(&start)
                .word("COUNT")
                .unsigned(count),
        )
    }

    /// What [`xautoclaim`](StreamCommands::xautoclaim) does, without counting it as a delivery; ids only.
    /// Since 6.2.
    ///
    /// Complexity: O(1).
    #[doc(alias = "XAUTOCLAIM")]
    #[doc(alias = "XAUTOCLAIM JUSTID")]
    fn xautoclaim_justid(
        self,
        key: impl ToArg,
        group: impl ToArg,
        consumer: impl ToArg,
        idle: Milliseconds,
        start: impl ToArg,
        count: u64,
    ) -> Self::Output<AutoClaimed<StreamId>> {
        self.execute(
            cmd("XAUTOCLAIM")
                .key(&key)
                .arg(&group)
                .arg(&consumer)
                .with(&idle)
                .arg(&start)
                .word("COUNT")
                .unsigned(count)
                .word("JUSTID"),
        )
    }

    /// Gives entries that have been pending for at least `idle` to `consumer`; those that were given.
    ///
    /// Since 5.0. Complexity: O(log N).
    #[doc(alias = "XCLAIM")]
    fn xclaim<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        group: impl ToArg,
        consumer: impl ToArg,
        idle: Milliseconds,
        ids: impl ToArgs,
        options: ClaimOptions,
    ) -> Self::Output<Vec<StreamEntry<T>>> {
        self.execute(
            cmd("XCLAIM")
                .key(&key)
                .arg(&group)
                .arg(&consumer)
                .with(&idle)
                .several(&ids)
                .with(&options),
        )
    }

    /// What [`xclaim`](StreamCommands::xclaim) does, without counting it as a delivery; ids only.
    ///
    /// Since 5.0. Complexity: O(log N).
    #[doc(alias = "XCLAIM")]
    #[doc(alias = "XCLAIM JUSTID")]
    fn xclaim_justid(
        self,
        key: impl ToArg,
        group: impl ToArg,
        consumer: impl ToArg,
        idle: Milliseconds,
        ids: impl ToArgs,
        options: ClaimOptions,
    ) -> Self::Output<Vec<StreamId>> {
        self.execute(
            cmd("XCLAIM")
                .key(&key)
                .arg(&group)
                .arg(&consumer)
                .with(&idle)
                .several(&ids)
                .with(&options)
                .word("JUSTID"),
        )
    }

    /// Deletes entries; how many there were.
    ///
    /// Since 5.0. Complexity: O(1).
    #[doc(alias = "XDEL")]
    fn xdel(self, key: impl ToArg, ids: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("XDEL").key(&key).several(&ids))
    }

    /// Deletes entries, and does with references to them as told; what became of each. Redis only, since
    /// 8.2.
    #[doc(alias = "XDELEX")]
    fn xdelex(
        self,
        key: impl ToArg,
        policy: EntryPolicy,
        ids: impl ToArgs,
    ) -> Self::Output<Vec<EntryResult>> {
        self.execute(
            cmd("XDELEX")
                .key(&key)
                .with(&policy)
                .word("IDS")
                .counted(&ids),
        )
    }

    /// Makes a group that reads from `id` on, `$` being what comes from now on; an error when there is one
    /// of that name.
    ///
    /// Since 5.0. Complexity: O(1).
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

    /// Makes a consumer; false when there is one of that name.
    ///
    /// Since 6.2. Complexity: O(1).
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

    /// Removes a consumer; how many entries were pending with it, which are nobody's now.
    ///
    /// Since 5.0. Complexity: O(1).
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

    /// Removes a group with all that is pending in it; false when there is none of that name.
    ///
    /// Since 5.0. Complexity: O(N).
    #[doc(alias = "XGROUP DESTROY")]
    fn xgroup_destroy(self, key: impl ToArg, group: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("XGROUP DESTROY").key(&key).arg(&group))
    }

    /// Makes a group read from another `id` on.
    ///
    /// Since 5.0. Complexity: O(1).
    #[doc(alias = "XGROUP SETID")]
    fn xgroup_setid(
        self,
        key: impl ToArg,
        group: impl ToArg,
        id: impl ToArg,
        options: GroupOptions,
    ) -> Self::Output<()> {
        self.execute(
            cmd("XGROUP SETID")
                .key(&key)
                .arg(&group)
                .arg(&id)
                .with(&options),
        )
    }

    /// The consumers of a group.
    ///
    /// Since 5.0. Complexity: O(1).
    #[doc(alias = "XINFO CONSUMERS")]
    fn xinfo_consumers(self, key: impl ToArg, group: impl ToArg) -> Self::Output<Vec<Consumer>> {
        self.execute(cmd("XINFO CONSUMERS").read_only().key(&key).arg(&group))
    }

    /// The groups of a stream.
    ///
    /// Since 5.0. Complexity: O(1).
    #[doc(alias = "XINFO GROUPS")]
    fn xinfo_groups(self, key: impl ToArg) -> Self::Output<Vec<Group>> {
        self.execute(cmd("XINFO GROUPS").read_only().key(&key))
    }

    /// What there is to say about a stream; an error when there is no such key.
    ///
    /// Since 5.0. Complexity: O(1).
    #[doc(alias = "XINFO STREAM")]
    fn xinfo_stream<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<StreamInfo<T>> {
        self.execute(cmd("XINFO STREAM").read_only().key(&key))
    }

    /// All about a stream: up to `count` of its entries and of what is pending in each group, 0 being all.
    /// Since 6.0.
    ///
    /// Complexity: O(1).
    #[doc(alias = "XINFO STREAM")]
    #[doc(alias = "XINFO STREAM FULL")]
    fn xinfo_stream_full<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: u64,
    ) -> Self::Output<StreamFull<T>> {
        self.execute(
            cmd("XINFO STREAM")
                .read_only()
                .key(&key)
                .word("FULL")
                .word("COUNT")
                .unsigned(count),
        )
    }

    /// How many entries there are; 0 when there is no such key.
    ///
    /// Since 5.0. Complexity: O(1).
    #[doc(alias = "XLEN")]
    fn xlen(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("XLEN").read_only().key(&key))
    }

    /// How many entries are pending in a group, and with whom.
    ///
    /// Since 5.0. Complexity: O(N).
    #[doc(alias = "XPENDING")]
    fn xpending(self, key: impl ToArg, group: impl ToArg) -> Self::Output<PendingSummary> {
        self.execute(cmd("XPENDING").read_only().key(&key).arg(&group))
    }

    /// Entries of a range that are pending in a group.
    ///
    /// Since 5.0. Complexity: O(N).
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

    /// The entries from one id to another, both included; empty when there are none.
    ///
    /// Since 5.0. Complexity: O(N).
    #[doc(alias = "XRANGE")]
    fn xrange<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        start: impl ToArg,
        end: impl ToArg,
    ) -> Self::Output<Vec<StreamEntry<T>>> {
        self.execute(cmd("XRANGE").read_only().key(&key).arg(&start).arg(&end))
    }

    /// The first `count` entries from one id to another.
    ///
    /// Since 5.0. Complexity: O(N).
    #[doc(alias = "XRANGE")]
    #[doc(alias = "XRANGE COUNT")]
    fn xrange_count<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        start: impl ToArg,
        end: impl ToArg,
        count: u64,
    ) -> Self::Output<Vec<StreamEntry<T>>> {
        self.execute(
            cmd("XRANGE")
                .read_only()
                .key(&key)
                .arg(&start)
                .arg(&end)
                .word("COUNT")
                .unsigned(count),
        )
    }

    /// The entries behind `ids`, one for each of `keys`, by stream; `None` when there is none.
    ///
    /// Since 5.0.
    #[doc(alias = "XREAD")]
    fn xread<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        options: ReadOptions,
        keys: impl ToArgs,
        ids: impl ToArgs,
    ) -> Self::Output<Option<ByStream<K, T>>> {
        self.execute(
            cmd("XREAD")
                .read_only()
                .with(&options)
                .word("STREAMS")
                .several_keys(&keys)
                .several(&ids),
        )
    }

    /// Entries that no consumer of the group was given yet (`>` for each of `keys`), now given to
    /// `consumer`, or those pending with it behind an id; by stream, `None` when there is none.
    ///
    /// Since 5.0.
    #[doc(alias = "XREADGROUP")]
    fn xreadgroup<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        group: impl ToArg,
        consumer: impl ToArg,
        options: ReadGroupOptions,
        keys: impl ToArgs,
        ids: impl ToArgs,
    ) -> Self::Output<Option<ByStream<K, T>>> {
        self.execute(
            cmd("XREADGROUP")
                .word("GROUP")
                .arg(&group)
                .arg(&consumer)
                .with(&options)
                .word("STREAMS")
                .several_keys(&keys)
                .several(&ids),
        )
    }

    /// The entries from one id back to another, both included, the last one first; empty when there are
    /// none.
    ///
    /// Since 5.0. Complexity: O(N).
    #[doc(alias = "XREVRANGE")]
    fn xrevrange<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        end: impl ToArg,
        start: impl ToArg,
    ) -> Self::Output<Vec<StreamEntry<T>>> {
        self.execute(cmd("XREVRANGE").read_only().key(&key).arg(&end).arg(&start))
    }

    /// The last `count` entries from one id back to another, the last one first.
    ///
    /// Since 5.0. Complexity: O(N).
    #[doc(alias = "XREVRANGE")]
    #[doc(alias = "XREVRANGE COUNT")]
    fn xrevrange_count<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        end: impl ToArg,
        start: impl ToArg,
        count: u64,
    ) -> Self::Output<Vec<StreamEntry<T>>> {
        self.execute(
            cmd("XREVRANGE")
                .read_only()
                .key(&key)
                .arg(&end)
                .arg(&start)
                .word("COUNT")
                .unsigned(count),
        )
    }

    /// Sets the last id of a stream, from which the next one is made.
    ///
    /// Since 5.0. Complexity: O(1).
    #[doc(alias = "XSETID")]
    fn xsetid(self, key: impl ToArg, last_id: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("XSETID").key(&key).arg(&last_id))
    }

    /// Sets the last id of a stream, how many entries it ever had, and the highest id that was deleted.
    /// Since 7.0.
    ///
    /// Complexity: O(1).
    #[doc(alias = "XSETID")]
    #[doc(alias = "XSETID ENTRIESADDED")]
    fn xsetid_with(
        self,
        key: impl ToArg,
        last_id: impl ToArg,
        entries_added: u64,
        max_deleted_id: impl ToArg,
    ) -> Self::Output<()> {
        self.execute(
            cmd("XSETID")
                .key(&key)
                .arg(&last_id)
                .word("ENTRIESADDED")
                .unsigned(entries_added)
                .word("MAXDELETEDID")
                .arg(&max_deleted_id),
        )
    }

    /// Deletes the oldest entries; how many.
    ///
    /// Since 5.0. Complexity: O(N).
    #[doc(alias = "XTRIM")]
    fn xtrim(self, key: impl ToArg, trim: Trim) -> Self::Output<usize> {
        self.execute(cmd("XTRIM").key(&key).with(&trim))
    }
}
