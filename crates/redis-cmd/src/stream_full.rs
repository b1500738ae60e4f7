//! All about a stream: what `XINFO STREAM … FULL` answers.

use std::collections::BTreeMap;

use resp_proto::{DecodeError, FromReply, Reply, Value};

use crate::{
    Lossy, StreamEntry, StreamId, UnixMilliseconds,
    named::{Named, first_of},
};

/// All about a stream.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StreamFull<T> {
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
    /// Its entries, as many as were asked for.
    pub entries: Vec<StreamEntry<T>>,
    /// Its groups.
    pub groups: Vec<GroupFull>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl<'a, T: FromReply<'a>> FromReply<'a> for StreamFull<T> {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            length: fields.take("length")?,
            last_generated_id: fields.take("last-generated-id")?,
            max_deleted_entry_id: fields.find("max-deleted-entry-id")?,
            entries_added: fields.find("entries-added")?,
            recorded_first_entry_id: fields.find("recorded-first-entry-id")?,
            entries: fields.take("entries")?,
            groups: fields.take("groups")?,
            rest: fields.rest()?,
        })
    }
}

/// All about a group of consumers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GroupFull {
    /// Its name.
    pub name: String,
    /// The last entry that was given to somebody.
    pub last_delivered_id: StreamId,
    /// How many entries were given out, if that is known. Since Redis 7.0.
    pub entries_read: Option<u64>,
    /// How many entries are still to be given out, if that is known; below 0 where more were said to be
    /// [read](crate::GroupOptions::entries_read) than there ever were. Since Redis 7.0.
    pub lag: Option<i64>,
    /// How many entries are pending.
    pub pending_count: u64,
    /// Pending entries: id, consumer, when it was delivered, and how often.
    pub pending: Vec<(StreamId, String, UnixMilliseconds, u64)>,
    /// Its consumers.
    pub consumers: Vec<ConsumerFull>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for GroupFull {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        let pending = fields.take::<Vec<Reply<'_>>>("pending")?.into_iter();
        let pending = pending.map(|entry| {
            let [id, consumer, time, deliveries] =
                first_of(entry, "an id, a consumer and two numbers")?;
            let Lossy(consumer) = consumer.decode()?;
            Ok((id.decode()?, consumer, time.decode()?, deliveries.decode()?))
        });
        Ok(Self {
            name: fields.take::<Lossy>("name")?.0,
            last_delivered_id: fields.take("last-delivered-id")?,
            entries_read: fields.find("entries-read")?,
            lag: fields.find("lag")?,
            pending_count: fields.take("pel-count")?,
            pending: pending.collect::<Result<_, _>>()?,
            consumers: fields.take("consumers")?,
            rest: fields.rest()?,
        })
    }
}

/// All about a consumer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConsumerFull {
    /// Its name.
    pub name: String,
    /// When it last tried to read.
    pub seen_time: UnixMilliseconds,
    /// When it last got something; `None` if never, and before 7.2.
    pub active_time: Option<UnixMilliseconds>,
    /// How many entries are pending with it.
    pub pending_count: u64,
    /// Pending entries: id, when it was delivered, and how often.
    pub pending: Vec<(StreamId, UnixMilliseconds, u64)>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for ConsumerFull {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        let pending = fields.take::<Vec<Reply<'_>>>("pending")?.into_iter();
        let pending = pending.map(|entry| {
            let [id, time, deliveries] = first_of(entry, "an id and two numbers")?;
            Ok((id.decode()?, time.decode()?, deliveries.decode()?))
        });
        Ok(Self {
            name: fields.take::<Lossy>("name")?.0,
            seen_time: fields.take("seen-time")?,
            active_time: fields
                .find("active-time")?
                .filter(|&UnixMilliseconds(time)| time >= 0),
            pending_count: fields.take("pel-count")?,
            pending: pending.collect::<Result<_, _>>()?,
            rest: fields.rest()?,
        })
    }
}
