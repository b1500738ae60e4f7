//! What a subscriber is told: messages, acknowledgements, health checks and gaps.

use std::{fmt, str, sync::Arc};

use redis_cmd::Typed;
use redis_conn::{Error, ErrorKind};
use resp_proto::{DecodeError, FromReplyOwned, Reply, Value};

/// A name of a channel or a pattern: any bytes, shared by all that mention it.
pub(crate) type Name = Arc<[u8]>;

/// Something that a subscriber is told.
///
/// Names and data are bytes, as they are on the server; [`text`](Message::text) reads data as UTF-8 where that is what
/// they are, [`decode`](Message::decode) as any other type.
#[derive(Clone)]
pub struct Message {
    kind: MessageKind,
    pattern: Option<Name>,
    /// `None` in pongs and gaps.
    pub(super) channel: Option<Name>,
    payload: Payload,
}

/// What kind of [`Message`] it is: the words of the wire, and [`Gap`](MessageKind::Gap).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// Somebody published on a channel that is subscribed to by name.
    Message,
    /// Somebody published on a channel whose name a pattern matches.
    PMessage,
    /// Somebody published on a shard channel.
    SMessage,
    /// A channel has been subscribed to.
    Subscribe,
    /// A pattern has been subscribed to.
    PSubscribe,
    /// A shard channel has been subscribed to.
    SSubscribe,
    /// A channel is not subscribed to any more.
    Unsubscribe,
    /// A pattern is not subscribed to any more.
    PUnsubscribe,
    /// A shard channel is not subscribed to any more.
    SUnsubscribe,
    /// The answer to [`PubSub::ping`](crate::PubSub::ping).
    Pong,
    /// The connection was lost and re-established with all subscriptions; messages published in between are missing.
    /// Or the node of a cluster has ended the subscription to a shard channel, whose slot went to another.
    ///
    /// A gap always precedes messages of the new connection. If some arrive while other subscriptions are still being
    /// restored, or the server refuses one for now, there are two gaps: one before them and one when all is restored.
    Gap,
}

#[derive(Clone)]
pub(super) enum Payload {
    Data(Vec<u8>),
    /// What is published as it is, but is no text: the keys that the server calls invalid.
    Other(Value),
    /// How many subscriptions there are now.
    Count(u64),
    /// Why there is a gap.
    Reason(Arc<Error>),
}

impl Payload {
    /// What was published, as it came.
    pub(super) fn of(data: Reply<'_>) -> Result<Self, DecodeError> {
        Ok(match data.text() {
            Some(text) => Self::Data(text.to_vec()),
            None => Self::Other(data.decode()?),
        })
    }
}

impl MessageKind {
    /// Whether it is something that was published.
    #[must_use]
    pub fn is_published(self) -> bool {
        matches!(self, Self::Message | Self::PMessage | Self::SMessage)
    }
}

impl Message {
    pub(super) fn published(
        kind: MessageKind,
        pattern: Option<Name>,
        channel: Name,
        payload: Payload,
    ) -> Self {
        Self {
            kind,
            pattern,
            channel: Some(channel),
            payload,
        }
    }

    pub(crate) fn acknowledgement(kind: MessageKind, name: Name, count: u64) -> Self {
        Self {
            kind,
            pattern: None,
            channel: Some(name),
            payload: Payload::Count(count),
        }
    }

    pub(crate) fn pong(data: &[u8]) -> Self {
        Self {
            kind: MessageKind::Pong,
            pattern: None,
            channel: None,
            payload: Payload::Data(data.to_vec()),
        }
    }

    pub(crate) fn gap(reason: Arc<Error>) -> Self {
        Self {
            kind: MessageKind::Gap,
            pattern: None,
            channel: None,
            payload: Payload::Reason(reason),
        }
    }

    /// What was subscribed to for it to come.
    pub(super) fn subscription(&self) -> &[u8] {
        self.pattern().unwrap_or(self.channel())
    }

    /// What kind of message it is.
    #[must_use]
    #[doc(alias = "type")]
    pub fn kind(&self) -> MessageKind {
        self.kind
    }

    /// The pattern that matched the channel's name; `None` but for [`MessageKind::PMessage`].
    #[must_use]
    pub fn pattern(&self) -> Option<&[u8]> {
        self.pattern.as_deref()
    }

    /// The channel that was published on, or the channel or pattern that an acknowledgement is about;
    /// empty for pongs and gaps.
    #[must_use]
    pub fn channel(&self) -> &[u8] {
        self.channel.as_deref().unwrap_or_default()
    }

    /// What was published; empty for acknowledgements and gaps, and for what is no text.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        match &self.payload {
            Payload::Data(data) => data,
            _ => &[],
        }
    }

    /// What was published, taken out of the message.
    #[must_use]
    pub fn into_data(self) -> Vec<u8> {
        match self.payload {
            Payload::Data(data) => data,
            _ => Vec::new(),
        }
    }

    /// What was published, as text.
    ///
    /// # Errors
    /// `Decode` when it is not UTF-8, or when nothing was published.
    pub fn text(&self) -> Result<&str, Error> {
        match &self.payload {
            Payload::Data(data) => text(data, "message"),
            Payload::Other(_) => Err(Error::new(
                ErrorKind::Decode,
                "expected a message that is text, found another value; decode it",
            )),
            _ => Err(self.not_published()),
        }
    }

    /// What was published, in any type that a value can be read into: a number, `Json<T>`, a type of your own.
    ///
    /// Not all is text that comes from the server itself: on the channel `__redis__:invalidate`, to which `CLIENT
    /// TRACKING` can redirect what it has to say with RESP2, it is the keys that have changed, in an `Option<Vec<_>>`:
    /// `None` is for all of them.
    ///
    /// # Errors
    /// `Decode` when it is not of that type, or when nothing was published.
    #[doc(alias = "get_payload")]
    pub fn decode<T: FromReplyOwned>(&self) -> Result<T, Error> {
        let decoded = match &self.payload {
            Payload::Data(data) => Value::from(data.as_slice()).decode(),
            Payload::Other(value) => value.decode(),
            _ => return Err(self.not_published()),
        };
        decoded.map_err(|error| {
            let error = Error::from(error).with_maybe_executed(false);
            error.at(format!("a message on {}", Typed::new([self.channel()])))
        })
    }

    fn not_published(&self) -> Error {
        let found = self.kind;
        let message = format!("expected a message that was published, found {found:?}");
        Error::new(ErrorKind::Decode, message)
    }

    /// The name of the channel, as text.
    ///
    /// # Errors
    /// `Decode` when it is not UTF-8.
    pub fn channel_text(&self) -> Result<&str, Error> {
        text(self.channel(), "channel")
    }

    /// In an acknowledgement: how many subscriptions there are now, shard channels counted apart.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match self.payload {
            Payload::Count(count) => Some(count),
            _ => None,
        }
    }

    /// In a [`MessageKind::Gap`]: why the connection was lost, or the subscription ended.
    #[must_use]
    pub fn reason(&self) -> Option<&Error> {
        match &self.payload {
            Payload::Reason(reason) => Some(reason),
            _ => None,
        }
    }
}

fn text<'a>(bytes: &'a [u8], what: &str) -> Result<&'a str, Error> {
    str::from_utf8(bytes).map_err(|error| {
        Error::new(
            ErrorKind::Decode,
            format!("expected a {what} in UTF-8, found other bytes"),
        )
        .with_source(error)
    })
}

/// Bytes as a string with everything escaped that is not printable ASCII.
struct Escaped<'a>(&'a [u8]);

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match str::from_utf8(self.0) {
            Ok(text) => text.fmt(f),
            Err(_) => write!(f, "b\"{}\"", self.0.escape_ascii()),
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Message");
        shown.field("kind", &self.kind);
        if let Some(pattern) = &self.pattern {
            shown.field("pattern", &Escaped(pattern));
        }
        if let Some(channel) = &self.channel {
            shown.field("channel", &Escaped(channel));
        }
        match &self.payload {
            Payload::Data(data) => shown.field("data", &Escaped(data)),
            Payload::Other(value) => shown.field("data", value),
            Payload::Count(count) => shown.field("count", count),
            Payload::Reason(reason) => shown.field("reason", &reason.to_string()),
        };
        shown.finish()
    }
}
