//! What commands on streams answer.

use std::{collections::BTreeMap, error::Error, fmt, str::FromStr, time::Duration};

use resp_proto::{DecodeError, FromReply, Reply, Value};

use crate::{
    Args, Lossy, ToArg, ToArgs,
    named::{Named, first_of},
};

/// The id of an entry: Unix time in milliseconds, and a number within the millisecond.
///
/// ```
/// use redis_cmd::StreamId;
///
/// let id: StreamId = "1700000000000-3".parse()?;
/// assert_eq!((id.milliseconds, id.sequence), (1_700_000_000_000, 3));
/// assert_eq!(id.to_string(), "1700000000000-3");
/// # Ok::<(), redis_cmd::ParseStreamIdError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// The first part.
    pub milliseconds: u64,
    /// The second part.
    pub sequence: u64,
}

impl StreamId {
    /// In front of all entries.
    pub const ZERO: Self = Self {
        milliseconds: 0,
        sequence: 0,
    };
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.milliseconds, self.sequence)
    }
}

impl FromStr for StreamId {
    type Err = ParseStreamIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (milliseconds, sequence) = text.split_once('-').ok_or(ParseStreamIdError(()))?;
        let number = |text: &str| text.parse().map_err(|_| ParseStreamIdError(()));
        Ok(Self {
            milliseconds: number(milliseconds)?,
            sequence: number(sequence)?,
        })
    }
}

/// A text is not the id of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseStreamIdError(());

impl fmt::Display for ParseStreamIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected two numbers with a hyphen in between")
    }
}

impl Error for ParseStreamIdError {}

impl ToArgs for StreamId {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        args.push_copy(self.to_string().as_bytes());
    }
}
impl ToArg for StreamId {}

impl FromReply<'_> for StreamId {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let text: &str = reply.decode()?;
        text.parse()
            .map_err(|_| DecodeError::mismatch("the id of an entry", reply))
    }
}

/// An entry of a stream. Its fields are a map, a list of pairs or a type of your own; where entries may
/// have been deleted while they were pending, an `Option` of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamEntry<T> {
    /// Its id.
    pub id: StreamId,
    /// Its fields and their values.
    pub fields: T,
}

impl<'a, T: FromReply<'a>> FromReply<'a> for StreamEntry<T> {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let [id, fields] = first_of(reply, "an id and fields")?;
        Ok(Self {
            id: id.decode()?,
            fields: second(fields)?,
        })
    }

    /// Servers send nil for no entries where none was asked for (`COUNT 0`), and before 7.0 for one that was deleted
    /// before it was claimed.
    fn vec_from_reply(reply: Reply<'a>) -> Result<Vec<Self>, DecodeError> {
        if reply.is_null() {
            return Ok(Vec::new());
        }
        let elements = reply.elements();
        let elements = elements.ok_or_else(|| DecodeError::mismatch("an aggregate", reply))?;
        let mut entries = Vec::new();
        for (number, entry) in (1..).zip(elements).filter(|(_, entry)| !entry.is_null()) {
            let entry = entry.decode();
            entries.push(entry.map_err(|error: DecodeError| error.at_element(number))?);
        }
        Ok(entries)
    }
}

/// What stands in the second place of a reply and is of a type that the caller chose.
fn second<'a, T: FromReply<'a>>(part: Reply<'a>) -> Result<T, DecodeError> {
    part.decode()
        .map_err(|error: DecodeError| error.at_element(2))
}

/// Entries by the stream that they are from, in the order in which streams were named.
pub type ByStream<K, T> = Vec<(K, Vec<StreamEntry<T>>)>;

/// The same of [delivered entries](Delivered).
pub type DeliveredByStream<K, T> = Vec<(K, Vec<Delivered<T>>)>;

/// An entry that was given to a consumer, who is told how often it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered<T> {
    /// Its id.
    pub id: StreamId,
    /// Its fields and their values.
    pub fields: T,
    /// For how long it was pending; zero for a new one.
    pub idle: Duration,
    /// How often it was delivered before; 0 for a new one.
    pub deliveries: u64,
}

impl<'a, T: FromReply<'a>> FromReply<'a> for Delivered<T> {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let [id, fields, idle, deliveries] = first_of(reply, "an id, fields and two numbers")?;
        Ok(Self {
            id: id.decode()?,
            fields: second(fields)?,
            idle: Duration::from_millis(idle.decode()?),
            deliveries: deliveries.decode()?,
        })
    }
}

/// What [`xautoclaim`](crate::StreamGroupCommands::xautoclaim) has given to a consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AutoClaimed<T> {
    /// Where to go on; zero when all was looked at.
    pub next: StreamId,
    /// What was given.
    pub entries: Vec<T>,
    /// Entries that were pending though they had been deleted, and no longer are. Since Redis 7.0.
    pub deleted: Vec<StreamId>,
}

impl<'a, T: FromReply<'a>> FromReply<'a> for AutoClaimed<T> {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let parts: Vec<Reply<'a>> = reply.decode()?;
        let [next, entries, deleted @ ..] = &parts[..] else {
            return Err(DecodeError::mismatch("an id and entries", reply));
        };
        Ok(Self {
            next: next.decode()?,
            entries: second(*entries)?,
            deleted: deleted.first().map_or(Ok(Vec::new()), Reply::decode)?,
        })
    }
}

/// What became of an entry that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryResult {
    /// There is no such entry.
    NoEntry,
    /// It is gone.
    Deleted,
    /// It stays, because some group has not dealt with it.
    Kept,
    /// What a later server says by this number.
    Other(i64),
}

impl FromReply<'_> for EntryResult {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        Ok(match reply.decode()? {
            -1 => Self::NoEntry,
            1 => Self::Deleted,
            2 => Self::Kept,
            other => Self::Other(other),
        })
    }
}

/// What is pending in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PendingSummary {
    /// How many entries.
    pub count: u64,
    /// The lowest id among them.
    pub lowest: Option<StreamId>,
    /// The highest id among them.
    pub highest: Option<StreamId>,
    /// The consumers that have any, and how many.
    pub consumers: Vec<(String, u64)>,
}

impl FromReply<'_> for PendingSummary {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let [count, lowest, highest, consumers] =
            first_of(reply, "a number, two ids and consumers")?;
        let consumers: Option<Vec<Reply<'_>>> = consumers.decode()?;
        let consumers = consumers.into_iter().flatten().map(|consumer| {
            let [name, pending] = first_of(consumer, "a consumer and a number")?;
            Ok((name.decode::<Lossy>()?.0, pending.decode()?))
        });
        Ok(Self {
            count: count.decode()?,
            lowest: lowest.decode()?,
            highest: highest.decode()?,
            consumers: consumers.collect::<Result<_, _>>()?,
        })
    }
}

/// An entry that is pending.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PendingEntry {
    /// Its id.
    pub id: StreamId,
    /// The consumer that it was given to; empty when that one has given it back (`XNACK`).
    pub consumer: String,
    /// For how long; `None` when nobody has it.
    pub idle: Option<Duration>,
    /// How often it was delivered.
    pub deliveries: u64,
}

impl FromReply<'_> for PendingEntry {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let [id, consumer, idle, deliveries] =
            first_of(reply, "an id, a consumer and two numbers")?;
        Ok(Self {
            id: id.decode()?,
            consumer: consumer.decode::<Lossy>()?.0,
            idle: match idle.decode::<i64>()? {
                -1 => None,
                _ => Some(Duration::from_millis(idle.decode()?)),
            },
            deliveries: deliveries.decode()?,
        })
    }
}

/// What there is to say about a stream.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StreamInfo<T> {
    /// How many entries it has.
    pub length: u64,
    /// The id of the entry that was added last.
    pub last_generated_id: StreamId,
    /// The highest id that was deleted. Since Redis 7.0.
    pub max_deleted_entry_id: Option<StreamId>,
    /// How many entries it ever had. Since Redis 7.0.
    pub entries_added: Option<u64>,
    /// The id of the first entry. Since Redis 7.0.
    pub recorded_first_entry_id: Option<StreamId>,
    /// How many groups it has.
    pub groups: u64,
    /// The first entry.
    pub first_entry: Option<StreamEntry<T>>,
    /// The last entry.
    pub last_entry: Option<StreamEntry<T>>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl<'a, T: FromReply<'a>> FromReply<'a> for StreamInfo<T> {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            length: fields.take("length")?,
            last_generated_id: fields.take("last-generated-id")?,
            max_deleted_entry_id: fields.find("max-deleted-entry-id")?,
            entries_added: fields.find("entries-added")?,
            recorded_first_entry_id: fields.find("recorded-first-entry-id")?,
            groups: fields.take("groups")?,
            first_entry: fields.find("first-entry")?,
            last_entry: fields.find("last-entry")?,
            rest: fields.rest()?,
        })
    }
}

/// A group of consumers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Group {
    /// Its name.
    pub name: String,
    /// How many consumers it has.
    pub consumers: u64,
    /// How many entries are pending in it.
    pub pending: u64,
    /// The last entry that was given to somebody.
    pub last_delivered_id: StreamId,
    /// How many entries were given out, if that is known. Since Redis 7.0.
    pub entries_read: Option<u64>,
    /// How many entries are still to be given out, if that is known; below 0 where more were said to be
    /// [read](crate::GroupOptions::entries_read) than there ever were. Since Redis 7.0.
    pub lag: Option<i64>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for Group {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            name: fields.take::<Lossy>("name")?.0,
            consumers: fields.take("consumers")?,
            pending: fields.take("pending")?,
            last_delivered_id: fields.take("last-delivered-id")?,
            entries_read: fields.find("entries-read")?,
            lag: fields.find("lag")?,
            rest: fields.rest()?,
        })
    }
}

/// A consumer of a group.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Consumer {
    /// Its name.
    pub name: String,
    /// How many entries are pending with it.
    pub pending: u64,
    /// How long ago it last tried to read.
    pub idle: Duration,
    /// How long ago it last got something; `None` if never, and before 7.2.
    pub inactive: Option<Duration>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for Consumer {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            name: fields.take::<Lossy>("name")?.0,
            pending: fields.take("pending")?,
            idle: Duration::from_millis(fields.take("idle")?),
            inactive: fields
                .find::<i64>("inactive")?
                .and_then(|inactive| u64::try_from(inactive).ok())
                .map(Duration::from_millis),
            rest: fields.rest()?,
        })
    }
}
