//! What commands on streams can be told.

use crate::{
    Command, KeptArg, Milliseconds, Seconds, ToArg, ToArgs, UnixMilliseconds,
    clauses::{Clause, Clauses},
    kept::Kept,
};

/// Says of an `XREAD` behind these ids that it may be repeated, unless one of them is another the next time.
pub(crate) fn read_behind<'a, T, A: ToArgs + ?Sized>(
    ids: &A,
    command: Command<'a, T>,
) -> Command<'a, T> {
    match Kept::of(ids).words().iter().any(|id| is_relative(id)) {
        true => command,
        false => command.read_only(),
    }
}

/// Whether an id says where the end of the stream is (`$`), or its last entry (`+`), whichever that is then.
pub(crate) fn is_relative(id: &[u8]) -> bool {
    matches!(id, b"$" | b"+")
}

/// Which of the oldest entries of a stream go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trim {
    by: &'static str,
    threshold: KeptArg,
    how: Option<&'static str>,
    limit: Option<u64>,
    policy: Option<EntryPolicy>,
}

impl Trim {
    /// So many are left.
    #[doc(alias = "MAXLEN")]
    #[must_use]
    pub fn max_len(entries: u64) -> Self {
        Self::new("MAXLEN", KeptArg::new(&entries))
    }

    /// Those with a lower id go. Since Redis 6.2.
    #[doc(alias = "MINID")]
    #[must_use]
    pub fn min_id(id: impl ToArg) -> Self {
        Self::new("MINID", KeptArg::new(&id))
    }

    /// Exactly, to the entry (`=`), which is the default.
    #[must_use]
    pub fn exactly(mut self) -> Self {
        (self.how, self.limit) = (Some("="), None);
        self
    }

    /// A few more may be left where that is less work (`~`).
    #[must_use]
    pub fn approximately(mut self) -> Self {
        self.how = Some("~");
        self
    }

    /// No more than so many go, 0 being no limit, which is only possible [approximately](Self::approximately). Since
    /// Redis 6.2.
    #[must_use]
    pub fn limit(mut self, entries: u64) -> Self {
        (self.how, self.limit) = (Some("~"), Some(entries));
        self
    }

    /// What becomes of references to entries that go. Redis only, since 8.2.
    #[must_use]
    pub fn references(mut self, policy: EntryPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    fn new(by: &'static str, threshold: KeptArg) -> Self {
        Self {
            by,
            threshold,
            how: None,
            limit: None,
            policy: None,
        }
    }
}

impl Clause for Trim {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let command = command.word(self.by);
        let command = self.how.into_iter().fold(command, Command::word);
        let command = command.arg(&self.threshold);
        let command = match self.limit {
            Some(limit) => command.word("LIMIT").unsigned(limit),
            None => command,
        };
        command.with(&self.policy)
    }
}

/// What becomes of references that groups have to entries that are deleted. Redis only, since 8.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryPolicy {
    /// They stay.
    #[doc(alias = "KEEPREF")]
    KeepReferences,
    /// They are deleted as well.
    #[doc(alias = "DELREF")]
    DeleteReferences,
    /// Only entries go that all groups have dealt with.
    #[doc(alias = "ACKED")]
    Acknowledged,
}

impl Clause for EntryPolicy {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::KeepReferences => "KEEPREF",
            Self::DeleteReferences => "DELREF",
            Self::Acknowledged => "ACKED",
        })
    }
}

/// How [`xadd_with`](crate::StreamCommands::xadd_with) appends an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct XAddOptions {
    no_mkstream: bool,
    /// `IDMPAUTO` or `IDMP`, with the producer and the id.
    idempotent: Clauses,
    trim: Option<Trim>,
}

impl XAddOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes no stream if there is none. Since Redis 6.2.
    #[doc(alias = "NOMKSTREAM")]
    #[must_use]
    pub fn no_mkstream(mut self) -> Self {
        self.no_mkstream = true;
        self
    }

    /// Appends nothing when this producer has given this id before: the id of the entry from then is what comes
    /// back. Only for entries under `*`; Redis only, since 8.6.
    #[doc(alias = "IDMP")]
    #[must_use]
    pub fn idempotent(mut self, producer: impl ToArg, id: impl ToArg) -> Self {
        self.idempotent.set(0, &("IDMP", producer, id));
        self
    }

    /// The same with an id that the server makes of what the entry holds. Redis only, since 8.6.
    #[doc(alias = "IDMPAUTO")]
    #[must_use]
    pub fn idempotent_by_content(mut self, producer: impl ToArg) -> Self {
        self.idempotent.set(0, &("IDMPAUTO", producer));
        self
    }

    /// Deletes the oldest entries on the way.
    #[must_use]
    pub fn trim(mut self, trim: Trim) -> Self {
        self.trim = Some(trim);
        self
    }
}

impl Clause for XAddOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command
            .word_if(self.no_mkstream, "NOMKSTREAM")
            .with(&self.idempotent)
            .with(&self.trim)
    }
}

/// What [`xsetid_with`](crate::StreamCommands::xsetid_with) says of a stream's past. What is not said stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct XSetIdOptions {
    clauses: Clauses,
}

impl XSetIdOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// It ever had so many entries, no fewer than it has now. Since Redis 7.0.
    #[doc(alias = "ENTRIESADDED")]
    #[must_use]
    pub fn entries_added(mut self, entries: u64) -> Self {
        self.clauses.set(0, &("ENTRIESADDED", entries));
        self
    }

    /// The highest id that was deleted from it, no higher than the last one. Since Redis 7.0.
    #[doc(alias = "MAXDELETEDID")]
    #[must_use]
    pub fn max_deleted_id(mut self, id: impl ToArg) -> Self {
        self.clauses.set(1, &("MAXDELETEDID", id));
        self
    }
}

impl Clause for XSetIdOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// How [`xgroup_create`](crate::StreamGroupCommands::xgroup_create) makes a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupOptions {
    clauses: Clauses,
}

impl GroupOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the stream if there is none.
    #[must_use]
    pub fn mkstream(mut self) -> Self {
        self.clauses.set(0, "MKSTREAM");
        self
    }

    /// So many entries count as read, from which its lag follows. By default, that is not known, which the server calls
    /// -1. Since Redis 7.0.
    #[doc(alias = "ENTRIESREAD")]
    #[must_use]
    pub fn entries_read(mut self, entries: u64) -> Self {
        self.clauses.set(1, &("ENTRIESREAD", entries));
        self
    }
}

impl Clause for GroupOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// How much [`xread`](crate::StreamCommands::xread) reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    clauses: Clauses,
}

impl ReadOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many of each stream.
    #[must_use]
    pub fn count(mut self, entries: u64) -> Self {
        self.clauses.set(0, &("COUNT", entries));
        self
    }

    /// At most so many of all streams together, no fewer than [`count`](Self::count) says. Redis only, since 8.10.
    #[doc(alias = "MAXCOUNT")]
    #[must_use]
    pub fn max_count(mut self, entries: u64) -> Self {
        self.clauses.set(1, &("MAXCOUNT", entries));
        self
    }

    /// No more entries once the reply has so many bytes, but always one. Redis only, since 8.10.
    #[doc(alias = "MAXSIZE")]
    #[must_use]
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.clauses.set(2, &("MAXSIZE", bytes));
        self
    }
}

impl Clause for ReadOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// How [`xreadgroup`](crate::StreamGroupCommands::xreadgroup) reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadGroupOptions {
    read: ReadOptions,
}

impl ReadGroupOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many of each stream.
    #[must_use]
    pub fn count(self, entries: u64) -> Self {
        self.read.count(entries).into()
    }

    /// At most so many of all streams together: see [`ReadOptions::max_count`]. Redis only, since 8.10.
    #[must_use]
    pub fn max_count(self, entries: u64) -> Self {
        self.read.max_count(entries).into()
    }

    /// No more entries once the reply has so many bytes: see [`ReadOptions::max_size`]. Redis only, since 8.10.
    #[must_use]
    pub fn max_size(self, bytes: u64) -> Self {
        self.read.max_size(bytes).into()
    }

    /// They do not become pending.
    #[doc(alias = "NOACK")]
    #[must_use]
    pub fn no_ack(mut self) -> Self {
        self.read.clauses.set(3, "NOACK");
        self
    }
}

impl From<ReadOptions> for ReadGroupOptions {
    fn from(read: ReadOptions) -> Self {
        Self { read }
    }
}

impl Clause for ReadGroupOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.read)
    }
}

/// How [`xnack`](crate::StreamGroupCommands::xnack) counts the delivery that it takes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NackOptions {
    mode: &'static str,
    clauses: Clauses,
}

impl NackOptions {
    /// It does not count.
    #[must_use]
    pub fn silent() -> Self {
        Self::of("SILENT")
    }

    /// It counts: whoever is given the entry next may do better.
    #[must_use]
    pub fn fail() -> Self {
        Self::of("FAIL")
    }

    /// It counts as the last that there can be, 2⁶³ − 1: nobody can deal with the entry.
    #[must_use]
    pub fn fatal() -> Self {
        Self::of("FATAL")
    }

    /// The entry counts as delivered so often.
    #[doc(alias = "RETRYCOUNT")]
    #[must_use]
    pub fn retry_count(deliveries: u64) -> Self {
        let mut options = Self::fail();
        options.clauses.set(0, &("RETRYCOUNT", deliveries));
        options
    }

    /// Entries of the stream become pending even if they were not.
    #[must_use]
    pub fn force(mut self) -> Self {
        self.clauses.set(1, "FORCE");
        self
    }

    /// The word in front of the ids.
    pub(crate) fn mode(&self) -> &'static str {
        self.mode
    }

    fn of(mode: &'static str) -> Self {
        Self {
            mode,
            clauses: Clauses::default(),
        }
    }
}

impl Clause for NackOptions {
    /// What stands behind the ids.
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// How a stream [remembers](crate::StreamCommands::xcfgset) the ids that producers gave: something of it has to be said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct XCfgSetOptions {
    clauses: Clauses,
}

impl XCfgSetOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For so many seconds, from 1 to 86400.
    #[doc(alias = "IDMP-DURATION")]
    #[must_use]
    pub fn idmp_duration(mut self, seconds: impl Into<Seconds>) -> Self {
        self.clauses.set(0, &("IDMP-DURATION", seconds.into().0));
        self
    }

    /// So many of each producer, from 1 to 10000.
    #[doc(alias = "IDMP-MAXSIZE")]
    #[must_use]
    pub fn idmp_maxsize(mut self, ids: u32) -> Self {
        self.clauses.set(1, &("IDMP-MAXSIZE", ids));
        self
    }
}

impl Clause for XCfgSetOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        if self.clauses.is_empty() {
            return command.invalid("expected a duration, a size or both, found none");
        }
        command.with(&self.clauses)
    }
}

/// What [`xclaim`](crate::StreamGroupCommands::xclaim) makes of the entries that it gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimOptions {
    clauses: Clauses,
}

impl ClaimOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// They count as pending for so long; it excludes [`time`](Self::time).
    #[must_use]
    pub fn idle(mut self, milliseconds: impl Into<Milliseconds>) -> Self {
        self.clauses.set(0, &("IDLE", milliseconds.into().0));
        self
    }

    /// They count as pending since then; it excludes [`idle`](Self::idle).
    #[must_use]
    pub fn time(mut self, time: impl Into<UnixMilliseconds>) -> Self {
        self.clauses.set(0, &("TIME", time.into().0));
        self
    }

    /// They count as delivered so often.
    #[doc(alias = "RETRYCOUNT")]
    #[must_use]
    pub fn retry_count(mut self, deliveries: u64) -> Self {
        self.clauses.set(1, &("RETRYCOUNT", deliveries));
        self
    }

    /// They become pending even if they were not.
    #[must_use]
    pub fn force(mut self) -> Self {
        self.clauses.set(2, "FORCE");
        self
    }

    /// The group has read at least so far.
    #[doc(alias = "LASTID")]
    #[must_use]
    pub fn last_id(mut self, id: impl ToArg) -> Self {
        self.clauses.set(3, &("LASTID", id));
        self
    }
}

impl Clause for ClaimOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// Which of the entries that are pending [`xpending_range`](crate::StreamGroupCommands::xpending_range) is
/// about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRange {
    clauses: Clauses,
}

impl PendingRange {
    /// Up to `count` from one id to another, both included; `-` and `+` are the ends.
    pub fn new(start: impl ToArg, end: impl ToArg, count: u64) -> Self {
        let mut clauses = Clauses::default();
        clauses.set(1, &(start, end, count));
        Self { clauses }
    }

    /// Only those that have been pending for so long. Since Redis 6.2.
    #[must_use]
    pub fn idle(mut self, milliseconds: impl Into<Milliseconds>) -> Self {
        self.clauses.set(0, &("IDLE", milliseconds.into().0));
        self
    }

    /// Only those that are pending with this consumer.
    #[must_use]
    pub fn consumer(mut self, name: impl ToArg) -> Self {
        self.clauses.set(2, &name);
        self
    }
}

impl Clause for PendingRange {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}
