//! Keyspace notifications: the names of the channels, and what the messages say.
//!
//! A server publishes every event twice, if its setting `notify-keyspace-events` asks for both:
//!
//! ```text
//! __keyspace@<db>__:<key>      message: the event      K in the setting
//! __keyevent@<db>__:<event>    message: the key        E in the setting
//! ```
//!
//! See <https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/>.

use std::fmt;

use crate::Message;

/// The channels on which a server tells what happens to keys, as names to subscribe to.
///
/// Nothing comes unless the server's setting `notify-keyspace-events` says so, like `KEA` for everything.
/// What happens while nobody listens is not told later.
///
/// ```no_run
/// # fn watch(mut pubsub: redis_ext::PubSub) -> Result<(), redis_conn::Error> {
/// use redis_ext::{KeyNotification, Keyspace};
///
/// let keyspace = Keyspace::database(0);
/// pubsub.subscribe(keyspace.key("user:1"))?;
/// pubsub.psubscribe(keyspace.keys_matching("session:*"))?;
/// pubsub.subscribe(keyspace.event("expired"))?;
/// for message in pubsub.listen() {
///     if let Some(notification) = KeyNotification::of(&message?) {
///         println!("{notification}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyspace {
    /// `None` for all of them.
    database: Option<u32>,
}

/// What has happened to a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KeyNotification {
    /// The database that the key is in.
    pub database: u32,
    /// The key.
    pub key: Vec<u8>,
    /// What has happened, in the server's word: `set`, `del`, `expired` …
    pub event: String,
}

impl Keyspace {
    /// The keys of one database.
    #[must_use]
    pub fn database(number: u32) -> Self {
        Self {
            database: Some(number),
        }
    }

    /// The keys of all databases. All names are patterns then: give them to
    /// [`psubscribe`](crate::PubSub::psubscribe).
    #[must_use]
    pub fn every_database() -> Self {
        Self { database: None }
    }

    /// What happens to one key: a channel, or a pattern for [every database](Keyspace::every_database).
    ///
    /// The number of a database is any text in such a pattern, which therefore matches what happens to some other keys
    /// too: that for `foo` matches `__keyspace@0__:x__:foo`, which is about `x__:foo`. So compare
    /// [`KeyNotification::key`].
    #[must_use]
    pub fn key(&self, key: impl AsRef<[u8]>) -> Vec<u8> {
        self.name("keyspace", key.as_ref(), self.database.is_none())
    }

    /// What happens to all keys that match a glob-style pattern: a pattern.
    #[must_use]
    pub fn keys_matching(&self, pattern: impl AsRef<[u8]>) -> Vec<u8> {
        self.name("keyspace", pattern.as_ref(), false)
    }

    /// To which keys an event happens: a channel, or a pattern for
    /// [every database](Keyspace::every_database).
    #[must_use]
    pub fn event(&self, event: impl AsRef<[u8]>) -> Vec<u8> {
        self.name("keyevent", event.as_ref(), self.database.is_none())
    }

    /// To which keys all events happen whose words match a glob-style pattern: a pattern.
    #[must_use]
    pub fn events_matching(&self, pattern: impl AsRef<[u8]>) -> Vec<u8> {
        self.name("keyevent", pattern.as_ref(), false)
    }

    fn name(&self, kind: &str, rest: &[u8], escape: bool) -> Vec<u8> {
        let mut name = match self.database {
            Some(number) => format!("__{kind}@{number}__:"),
            None => format!("__{kind}@*__:"),
        }
        .into_bytes();
        for &byte in rest {
            if escape && matches!(byte, b'*' | b'?' | b'[' | b']' | b'\\') {
                name.push(b'\\');
            }
            name.push(byte);
        }
        name
    }
}

impl KeyNotification {
    /// What a message says about a key; `None` if it is about something else.
    #[must_use]
    pub fn of(message: &Message) -> Option<Self> {
        if !message.kind().is_published() {
            return None;
        }
        Self::read(message.channel(), message.data())
    }

    fn read(channel: &[u8], data: &[u8]) -> Option<Self> {
        let (is_keyspace, rest) = match channel.strip_prefix(b"__keyspace@") {
            Some(rest) => (true, rest),
            None => (false, channel.strip_prefix(b"__keyevent@")?),
        };
        let digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
        let (number, rest) = rest.split_at_checked(digits)?;
        let name = rest.strip_prefix(b"__:")?;
        let (key, event) = if is_keyspace {
            (name, data)
        } else {
            (data, name)
        };
        Some(Self {
            database: std::str::from_utf8(number).ok()?.parse().ok()?,
            key: key.to_vec(),
            event: String::from_utf8(event.to_vec()).ok()?,
        })
    }
}

impl fmt::Display for KeyNotification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.escape_ascii();
        write!(f, "{}: {key} in database {}", self.event, self.database)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_server_publishes_on() {
        let text = |name: Vec<u8>| String::from_utf8(name).unwrap();
        let keyspace = Keyspace::database(3);
        assert_eq!(text(keyspace.key("a*b")), "__keyspace@3__:a*b");
        assert_eq!(text(keyspace.keys_matching("a*")), "__keyspace@3__:a*");
        assert_eq!(text(keyspace.event("del")), "__keyevent@3__:del");
        assert_eq!(text(keyspace.events_matching("*")), "__keyevent@3__:*");
        let every = Keyspace::every_database();
        assert_eq!(text(every.key("a*[b]\\?")), r"__keyspace@*__:a\*\[b\]\\\?");
        assert_eq!(text(every.keys_matching("a*")), "__keyspace@*__:a*");
        assert_eq!(text(every.event("del")), "__keyevent@*__:del");
    }

    #[test]
    fn messages_are_read_from_either_channel_and_others_are_not() {
        let expected = KeyNotification {
            database: 12,
            key: b"a__:b\xff".to_vec(),
            event: "del".into(),
        };
        let read = KeyNotification::read;
        assert_eq!(
            read(b"__keyspace@12__:a__:b\xff", b"del"),
            Some(expected.clone())
        );
        assert_eq!(
            read(b"__keyevent@12__:del", b"a__:b\xff"),
            Some(expected.clone())
        );
        assert_eq!(expected.to_string(), "del: a__:b\\xff in database 12");
        // The pattern for `foo` in every database matches this as well.
        let another = read(b"__keyspace@0__:x__:foo", b"set").unwrap();
        assert_eq!(
            (another.database, another.key.as_slice()),
            (0, &b"x__:foo"[..])
        );
        let others: [(&[u8], &[u8]); 6] = [
            (b"news", b"del"),
            (b"__keyspace@__:a", b"del"),
            (b"__keyspace@x__:a", b"del"),
            (b"__keyspace@1_:a", b"del"),
            (b"__keyspace@99999999999__:a", b"del"),
            (b"__keyspace@1__:a", b"\xff"),
        ];
        for (channel, data) in others {
            assert_eq!(read(channel, data), None);
        }
    }
}
