//! Streams: <https://redis.io/docs/latest/commands/?group=stream>.

use resp_proto::FromReplyOwned;

use crate::{
    ByStream, Command, EntryPolicy, EntryResult, Execute, ReadOptions, StreamEntry, StreamFull,
    StreamId, StreamInfo, ToArg, ToArgs, Trim, XAddOptions, XCfgSetOptions, XSetIdOptions, cmd,
    stream_options::read_behind,
};

/// Commands on streams, logs of entries that consumers read. Those on groups of consumers are in
/// [`StreamGroupCommands`](crate::StreamGroupCommands).
///
/// Ids of entries go in as [`StreamId`] or as text, which has the special ones: `-` and `+` for the ends of a stream,
/// `$` for its end right now, `*` for a new one, `5-*` for a new one of that millisecond (since Redis 7.0), `(` in
/// front of one that is not in the range (since Redis 6.2). Entries come out with their fields decoded into a type of
/// your choice: a map, pairs, or a struct.
pub trait StreamCommands: Execute {
    /// Appends an entry, as `*` under an id that the server makes. Returns its id.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "XADD")]
    fn xadd(
        self,
        key: impl ToArg,
        id: impl ToArg,
        fields_and_values: impl ToArgs,
    ) -> Self::Output<StreamId> {
        self.execute(cmd("XADD").key(&key).arg(&id).pairs(&fields_and_values))
    }

    /// Appends an entry under `options`. Returns its id, or `None` when there is no such stream and none [was to be
    /// made](XAddOptions::no_mkstream).
    ///
    /// Since Redis 5.0. Complexity: O(1).
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

    /// Sets how a stream remembers ids that [producers gave](XAddOptions::idempotent), and makes it forget those that
    /// it has.
    ///
    /// Redis only, since 8.6. Complexity: O(1).
    #[doc(alias = "XCFGSET")]
    fn xcfgset(self, key: impl ToArg, options: XCfgSetOptions) -> Self::Output<()> {
        self.execute(cmd("XCFGSET").key(&key).with(&options))
    }

    /// Deletes entries. Returns how many there were.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "XDEL")]
    fn xdel(self, key: impl ToArg, ids: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("XDEL").key(&key).several(&ids))
    }

    /// Deletes entries, and does with references to them as told. Returns what became of each.
    ///
    /// Redis only, since 8.2.
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

    /// What there is to say about a stream; an error when there is no such key.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "XINFO STREAM")]
    fn xinfo_stream<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<StreamInfo<T>> {
        self.execute(cmd("XINFO STREAM").read_only().key(&key))
    }

    /// All about a stream: up to `count` of its entries and of what is pending in each group, 0 being all.
    ///
    /// Since Redis 6.0. Complexity: O(1).
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
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "XLEN")]
    fn xlen(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("XLEN").read_only().key(&key))
    }

    /// The entries from one id to another, both included; empty when there are none.
    ///
    /// Since Redis 5.0. Complexity: O(N).
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
    /// Since Redis 5.0. Complexity: O(N).
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

    /// The entries behind `ids`, one for each of `keys`, by stream; `None` when there is none. With `+`, the
    /// last entry, it is not repeated after a lost connection.
    ///
    /// Since Redis 5.0.
    #[doc(alias = "XREAD")]
    fn xread<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        options: ReadOptions,
        keys: impl ToArgs,
        ids: impl ToArgs,
    ) -> Self::Output<Option<ByStream<K, T>>> {
        let command = read_behind(&ids, cmd("XREAD")).with(&options);
        self.execute(from_streams(command, &keys, &ids))
    }

    /// The entries from one id back to another, both included, the last one first; empty when there are
    /// none.
    ///
    /// Since Redis 5.0. Complexity: O(N).
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
    /// Since Redis 5.0. Complexity: O(N).
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
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "XSETID")]
    fn xsetid(self, key: impl ToArg, last_id: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("XSETID").key(&key).arg(&last_id))
    }

    /// Sets the last id of a stream, and what `options` say of its past.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "XSETID")]
    #[doc(alias = "XSETID ENTRIESADDED")]
    #[doc(alias = "XSETID MAXDELETEDID")]
    fn xsetid_with(
        self,
        key: impl ToArg,
        last_id: impl ToArg,
        options: XSetIdOptions,
    ) -> Self::Output<()> {
        self.execute(cmd("XSETID").key(&key).arg(&last_id).with(&options))
    }

    /// Deletes the oldest entries. Returns their number.
    ///
    /// Since Redis 5.0. Complexity: O(N).
    #[doc(alias = "XTRIM")]
    fn xtrim(self, key: impl ToArg, trim: Trim) -> Self::Output<usize> {
        self.execute(cmd("XTRIM").key(&key).with(&trim))
    }
}

/// The end of a command that reads streams: those, and an id for each.
pub(crate) fn from_streams<'a, T>(
    command: Command<'a, T>,
    keys: &'a impl ToArgs,
    ids: &'a impl ToArgs,
) -> Command<'a, T> {
    let command = command.word("STREAMS");
    let without_keys = command.len();
    let command = command.several_keys(keys);
    let streams = command.len().saturating_sub(without_keys);
    let without_ids = command.len();
    let command = command.several(ids);
    if command.len() == without_ids.saturating_add(streams) {
        command
    } else {
        command.invalid("expected an id for each stream, found more or fewer")
    }
}
