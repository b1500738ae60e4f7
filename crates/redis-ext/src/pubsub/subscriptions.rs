//! What is subscribed to, and what the server owes an answer to: bytes in, bytes out.
//!
//! Answers come in the order of requests, with messages between them at any place:
//!
//! ```text
//! subscribe a b  ──▶            (message …)*  subscribe a 1  (message …)*  subscribe b 2      or  -NOPERM …
//! ping x         ──▶            (message …)*  pong x (RESP2)  or  x (RESP3)
//! ```
//!
//! A name is subscribed to from the moment somebody asks for it until the server has acknowledged that it
//! is not, or has refused it; what is being unsubscribed from ends with its connection. After a lost connection
//! everything is asked for again; if the server refuses names that were asked for together, each is asked for on its
//! own, so that one cannot take down others. One that it cannot have for the time being, as the node of a cluster that
//! does not serve its slot, is put off, and so is everything while a script keeps it busy.
//!
//! A node whose slot goes to another says so as if somebody had unsubscribed from its shard channels: they are asked for
//! again, which it then refuses, if it is not to serve them again.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use redis_cmd::Typed;
use redis_conn::{Error, ErrorKind, ServerErrorKind};
use resp_proto::{Data, Elements, Reply, ServerError, encode};

use super::{Message, MessageKind, handler::Handler, message::Name};

/// How many names are asked for again with one request.
const CHUNK: usize = 1000;

/// The three kinds of names, which do not know of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    Channels,
    Patterns,
    Shards,
}

const SPACES: [Space; 3] = [Space::Channels, Space::Patterns, Space::Shards];

/// The names of each space.
type Tables = [HashMap<Name, Entry>; 3];

/// A request about names: which kind of names, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ask {
    space: Space,
    subscribe: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    tables: Tables,
    /// What the server owes, in order. Empty while there is no connection.
    expected: VecDeque<Expected>,
    /// How many names of `expected` are being asked for again.
    again: usize,
    /// What the server could not do for the time being.
    put_off: Vec<(Ask, Name)>,
    online: bool,
    /// What is to be sent, and how many bytes of it have been.
    output: Vec<u8>,
    written: usize,
    /// How many answers of `expected` are to what has not been sent yet.
    unsent: usize,
}

#[derive(Debug, Default)]
struct Entry {
    handler: Option<Handler>,
    /// How often it was asked for on this connection, without an answer yet.
    asked: u32,
    /// Whether the server has said that it is subscribed to, on this connection.
    confirmed: bool,
    /// Whether it is to be forgotten once the server has said that it is not any more.
    leaving: bool,
}

#[derive(Debug)]
enum Expected {
    /// An acknowledgement for each of the names, or one error for all.
    Names {
        ask: Ask,
        names: VecDeque<Name>,
        again: bool,
    },
    /// A pong, which is nobody's business if the ping was ours.
    Pong { ours: bool },
}

/// What a reply of the server amounts to.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Something was published. The handler, if there is one, is found under the name in that space.
    Published {
        message: Message,
        handled: Option<Space>,
    },
    /// Messages were missed, for this reason. The server does not say this; the listener does.
    Gap(Arc<Error>),
    /// The server has ended a subscription, for this reason. It is asked for again.
    Ended(Error),
    /// Something was acknowledged.
    Acknowledged(Message),
    /// Somebody's ping was answered.
    Pong(Message),
    /// The server will not do something.
    Refused(Error),
    /// The server cannot do something for the time being: it is put off.
    PutOff,
    /// Nothing that concerns anybody.
    Nothing,
}

impl Space {
    /// The word on the wire.
    pub(crate) fn word(self, subscribe: bool) -> &'static str {
        match (self, subscribe) {
            (Self::Channels, true) => "SUBSCRIBE",
            (Self::Patterns, true) => "PSUBSCRIBE",
            (Self::Shards, true) => "SSUBSCRIBE",
            (Self::Channels, false) => "UNSUBSCRIBE",
            (Self::Patterns, false) => "PUNSUBSCRIBE",
            (Self::Shards, false) => "SUNSUBSCRIBE",
        }
    }
}

impl Ask {
    fn kind(self) -> MessageKind {
        match (self.space, self.subscribe) {
            (Space::Channels, true) => MessageKind::Subscribe,
            (Space::Patterns, true) => MessageKind::PSubscribe,
            (Space::Shards, true) => MessageKind::SSubscribe,
            (Space::Channels, false) => MessageKind::Unsubscribe,
            (Space::Patterns, false) => MessageKind::PUnsubscribe,
            (Space::Shards, false) => MessageKind::SUnsubscribe,
        }
    }

    /// Such a request in words, for errors.
    fn place<'a>(self, names: impl IntoIterator<Item = &'a Name>) -> String {
        let mut words = vec![self.space.word(self.subscribe).as_bytes()];
        words.extend(names.into_iter().map(|name| &**name));
        Typed::new(words).to_string()
    }
}

impl Subscriptions {
    /// Subscribes to names, or changes the handler of those that are.
    pub(crate) fn subscribe(&mut self, space: Space, names: Vec<Name>, handler: Option<Handler>) {
        let mut handler = handler;
        for name in &names {
            let table = table_mut(&mut self.tables, space);
            let entry = table.entry(Name::clone(name)).or_default();
            entry.handler = handler.take();
            entry.leaving = false;
        }
        if self.online {
            self.ask(
                Ask {
                    space,
                    subscribe: true,
                },
                names,
                false,
            );
        }
    }

    /// Ends the subscription to names, or to all. Without a connection there is no subscription but here.
    pub(crate) fn unsubscribe(&mut self, space: Space, names: Option<Vec<Name>>) {
        let names = names.unwrap_or_else(|| self.names(space));
        let table = table_mut(&mut self.tables, space);
        for name in &names {
            if !self.online {
                table.remove(name);
            } else if let Some(entry) = table.get_mut(name) {
                entry.leaving = true;
            }
        }
        if self.online && !names.is_empty() {
            self.ask(
                Ask {
                    space,
                    subscribe: false,
                },
                names,
                false,
            );
        }
    }

    /// Sends a health check. There has to be a connection.
    pub(crate) fn ping(&mut self, payload: &[u8], ours: bool) {
        encode::request(&mut self.output, &[b"PING", payload]);
        self.expect(Expected::Pong { ours });
    }

    /// There is a new connection: everything is asked for again.
    pub(crate) fn connected(&mut self) {
        self.online = true;
        for space in SPACES {
            for names in self.names(space).chunks(CHUNK) {
                self.ask_again(space, names.to_vec());
            }
        }
    }

    /// The connection is lost, and with it every answer that was to come, and every subscription that was to end.
    pub(crate) fn disconnected(&mut self) {
        self.online = false;
        self.output.clear();
        self.written = 0;
        self.expected.clear();
        self.put_off.clear();
        (self.again, self.unsent) = (0, 0);
        for table in &mut self.tables {
            table.retain(|_, entry| !entry.leaving);
            for entry in table.values_mut() {
                (entry.asked, entry.confirmed) = (0, false);
            }
        }
    }

    /// Whether there is something to be asked for once more after a while.
    pub(crate) fn has_put_off(&self) -> bool {
        !self.put_off.is_empty()
    }

    /// Asks once more for what was put off. There has to be a connection.
    pub(crate) fn ask_for_put_off(&mut self) {
        for (ask, name) in std::mem::take(&mut self.put_off) {
            // Somebody may have left it, or asked for it anew.
            match table_of(&self.tables, ask.space).get(&name) {
                Some(entry) if entry.leaving == ask.subscribe => {}
                Some(entry) if entry.leaving => self.ask(ask, vec![name], false),
                Some(entry) if entry.asked == 0 && !entry.confirmed => {
                    self.ask_again(ask.space, vec![name]);
                }
                _ => {}
            }
        }
    }

    /// Whether anything is subscribed to, or was and the server has not said that it is not any more.
    pub(crate) fn is_subscribed(&self) -> bool {
        self.tables.iter().any(|table| !table.is_empty())
    }

    /// Whether the server owes an answer.
    pub(crate) fn is_owed(&self) -> bool {
        !self.expected.is_empty()
    }

    /// Whether it owed one before what is to be sent now.
    pub(crate) fn was_owed(&self) -> bool {
        self.expected.len() > self.unsent
    }

    /// Whether not everything has been subscribed to again since the last connection.
    pub(crate) fn is_recovering(&self) -> bool {
        self.again > 0 || self.has_put_off()
    }

    /// The names that are subscribed to, in no order.
    pub(crate) fn names(&self, space: Space) -> Vec<Name> {
        let entries = table_of(&self.tables, space).iter();
        entries
            .filter(|(_, entry)| !entry.leaving)
            .map(|(name, _)| Name::clone(name))
            .collect()
    }

    /// A name whose messages no handler would take, and that nobody has left.
    pub(crate) fn without_handler(&self) -> Option<&Name> {
        let mut entries = self.tables.iter().flatten();
        entries
            .find_map(|(name, entry)| (entry.handler.is_none() && !entry.leaving).then_some(name))
    }

    pub(crate) fn handler(&mut self, space: Space, name: &[u8]) -> Option<&mut Handler> {
        table_mut(&mut self.tables, space)
            .get_mut(name)?
            .handler
            .as_mut()
    }

    /// What is to be sent, and how many bytes of it have been.
    pub(crate) fn output(&mut self) -> (&[u8], &mut usize) {
        (&self.output, &mut self.written)
    }

    /// All of it has been sent.
    pub(crate) fn sent(&mut self) {
        self.output.clear();
        self.written = 0;
        self.output.shrink_to(1 << 16);
        self.unsent = 0;
    }

    fn expect(&mut self, answer: Expected) {
        self.expected.push_back(answer);
        self.unsent = self.unsent.saturating_add(1);
    }

    fn ask_again(&mut self, space: Space, names: Vec<Name>) {
        let subscribe = true;
        self.again = self.again.saturating_add(names.len());
        self.ask(Ask { space, subscribe }, names, true);
    }

    fn ask(&mut self, ask: Ask, names: Vec<Name>, again: bool) {
        encode::array(&mut self.output, names.len().saturating_add(1));
        encode::bulk(&mut self.output, ask.space.word(ask.subscribe).as_bytes());
        for name in &names {
            encode::bulk(&mut self.output, name);
            if ask.subscribe {
                if let Some(entry) = table_mut(&mut self.tables, ask.space).get_mut(name) {
                    entry.asked = entry.asked.saturating_add(1);
                }
            }
        }
        let names = names.into();
        self.expect(Expected::Names { ask, names, again });
    }

    /// Takes something that the server says.
    ///
    /// # Errors
    /// When the connection is of no use any more.
    pub(crate) fn receive(&mut self, reply: &Reply<'_>) -> Result<Heard, Error> {
        let (mut elements, is_push) = match reply.data() {
            Data::Array(elements) => (elements, false),
            Data::Push(elements) => (elements, true),
            Data::Error(line) => return self.refused(ServerError::from_line(line).into()),
            _ => return self.pong(reply.text()),
        };
        let word = next_text(&mut elements).unwrap_or_default();
        match word {
            b"message" => self.published(MessageKind::Message, Space::Channels, elements),
            b"pmessage" => self.published(MessageKind::PMessage, Space::Patterns, elements),
            b"smessage" => self.published(MessageKind::SMessage, Space::Shards, elements),
            b"pong" => self.pong(next_text(&mut elements)),
            _ => match SPACES
                .iter()
                .flat_map(|&space| [true, false].map(|subscribe| Ask { space, subscribe }))
                .find(|ask| word.eq_ignore_ascii_case(ask.space.word(ask.subscribe).as_bytes()))
            {
                Some(ask) => self.acknowledged(ask, elements),
                // What else servers push (invalidated keys …) is not for a subscriber.
                None if is_push => Ok(Heard::Nothing),
                None => Err(unexpected("a message or an acknowledgement", word)),
            },
        }
    }

    fn published(
        &self,
        kind: MessageKind,
        space: Space,
        mut elements: Elements<'_>,
    ) -> Result<Heard, Error> {
        let pattern = match space {
            Space::Patterns => Some(next_text(&mut elements)),
            _ => None,
        };
        let (channel, data) = (next_text(&mut elements), next_text(&mut elements));
        let (Some(channel), Some(data), true) = (channel, data, pattern != Some(None)) else {
            return Err(unexpected("a channel and data in a message", b"less"));
        };
        let pattern = pattern.flatten();
        // The name that is subscribed to is kept already.
        let known = table_of(&self.tables, space).get_key_value(pattern.unwrap_or(channel));
        let name = || known.map(|(name, _)| Name::clone(name));
        let message = match pattern {
            Some(pattern) => {
                let pattern = name().unwrap_or_else(|| pattern.into());
                Message::published(kind, Some(pattern), channel.into(), data)
            }
            None => {
                let channel = name().unwrap_or_else(|| channel.into());
                Message::published(kind, None, channel, data)
            }
        };
        let handled = known.is_some_and(|(_, entry)| entry.handler.is_some());
        Ok(Heard::Published {
            message,
            handled: handled.then_some(space),
        })
    }

    fn acknowledged(&mut self, ask: Ask, mut elements: Elements<'_>) -> Result<Heard, Error> {
        let name = next_text(&mut elements).unwrap_or_default();
        let count = match elements.next().map(|count| count.data()) {
            Some(Data::Integer(count)) => u64::try_from(count).unwrap_or_default(),
            _ => return Err(unexpected("a count in an acknowledgement", b"none")),
        };
        let (names, again) = match self.expected.front_mut() {
            Some(Expected::Names {
                ask: asked,
                names,
                again,
            }) if *asked == ask && names.front().is_some_and(|next| **next == *name) => {
                (names, *again)
            }
            _ => return self.ended(ask, name),
        };
        self.again = self.again.saturating_sub(usize::from(again));
        let name = names.pop_front().unwrap_or_default();
        if names.is_empty() {
            self.expected.pop_front();
        }
        let table = table_mut(&mut self.tables, ask.space);
        if let Some(entry) = table.get_mut(&name) {
            entry.confirmed = ask.subscribe;
            entry.asked = entry.asked.saturating_sub(u32::from(ask.subscribe));
            // If it was asked for again since, then another answer ends it.
            if !ask.subscribe && entry.leaving && entry.asked == 0 {
                table.remove(&name);
            }
        }
        Ok(Heard::Acknowledged(Message::acknowledgement(
            ask.kind(),
            name,
            count,
        )))
    }

    /// The server has done something that nobody had asked for: ended the subscription to a shard channel, if it may.
    fn ended(&mut self, ask: Ask, name: &[u8]) -> Result<Heard, Error> {
        let shards = table_mut(&mut self.tables, Space::Shards);
        let entry = shards.get_mut(name).filter(|entry| entry.confirmed);
        let (Some(entry), Space::Shards, false) = (entry, ask.space, ask.subscribe) else {
            let message = "the server did something about a subscription that nobody had asked for";
            return Err(about(ErrorKind::Protocol, message, ask, name));
        };
        entry.confirmed = false;
        if entry.leaving {
            return Ok(Heard::Nothing);
        }
        // What was asked for since is still to be answered.
        if entry.asked == 0 {
            self.ask_again(Space::Shards, vec![name.into()]);
        }
        let message = "the server has ended the subscription, as the slot is not its own any more";
        Ok(Heard::Ended(about(
            ErrorKind::AnotherServer,
            message,
            ask,
            name,
        )))
    }

    fn pong(&mut self, payload: Option<&[u8]>) -> Result<Heard, Error> {
        let payload = payload.unwrap_or_default();
        match self.expected.front() {
            Some(Expected::Pong { ours }) => {
                let ours = *ours;
                self.expected.pop_front();
                Ok(if ours {
                    Heard::Nothing
                } else {
                    Heard::Pong(Message::pong(payload))
                })
            }
            _ => Err(unexpected(
                "a message or an acknowledgement",
                b"another reply",
            )),
        }
    }

    /// The server has answered a request with an error.
    fn refused(&mut self, error: Error) -> Result<Heard, Error> {
        let kind = error.kind();
        let is_busy = kind == ErrorKind::Server(ServerErrorKind::Busy);
        // It cannot do anything now. Nothing is lost by asking again later, on a new connection.
        let passes = error.is_retryable();
        let (ask, names, again) = match self.expected.pop_front() {
            // Whatever it complains about, it will not go on.
            None => return Err(error),
            // Who may not say PING, or not now, is answered all the same.
            Some(Expected::Pong { ours: true }) => return Ok(Heard::Nothing),
            Some(Expected::Pong { ours: false }) => return Ok(Heard::Refused(error.at("PING"))),
            Some(Expected::Names { .. }) if passes && !is_busy && !is_about_names(kind) => {
                return Err(error);
            }
            Some(Expected::Names { ask, names, again }) => (ask, names, again),
        };
        if again {
            self.again = self.again.saturating_sub(names.len());
        }
        let table = table_mut(&mut self.tables, ask.space);
        for name in &names {
            let Some(entry) = table.get_mut(name) else {
                continue;
            };
            if !ask.subscribe {
                entry.leaving &= is_busy;
                continue;
            }
            entry.asked = entry.asked.saturating_sub(1);
            let ends = !is_busy && (!again || names.len() == 1 && !passes);
            if ends && entry.asked == 0 && !entry.confirmed {
                table.remove(name);
            }
        }
        match names.len() {
            _ if is_busy => Ok(self.put_off(ask, names)),
            _ if !again => Ok(Heard::Refused(error.at(ask.place(&names)))),
            1 if !passes => Ok(Heard::Refused(error.at(ask.place(&names)))),
            1 => Ok(self.put_off(ask, names)),
            _ => {
                for name in names {
                    // What somebody has left in the meantime stays left.
                    let entry = table_of(&self.tables, ask.space).get(&name);
                    if entry.is_some_and(|entry| !entry.leaving) {
                        self.ask_again(ask.space, vec![name]);
                    }
                }
                Ok(Heard::Nothing)
            }
        }
    }

    /// Has these names asked for once more after a while.
    fn put_off(&mut self, ask: Ask, names: VecDeque<Name>) -> Heard {
        self.put_off
            .extend(names.into_iter().map(|name| (ask, name)));
        Heard::PutOff
    }
}

fn table_of(tables: &Tables, space: Space) -> &HashMap<Name, Entry> {
    let [channels, patterns, shards] = tables;
    match space {
        Space::Channels => channels,
        Space::Patterns => patterns,
        Space::Shards => shards,
    }
}

fn table_mut(tables: &mut Tables, space: Space) -> &mut HashMap<Name, Entry> {
    let [channels, patterns, shards] = tables;
    match space {
        Space::Channels => channels,
        Space::Patterns => patterns,
        Space::Shards => shards,
    }
}

/// Whether it is what a node of a cluster says of names that it cannot have for the time being.
fn is_about_names(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Server(ServerErrorKind::ClusterDown | ServerErrorKind::TryAgain)
    )
}

fn next_text<'a>(elements: &mut Elements<'a>) -> Option<&'a [u8]> {
    elements.next().and_then(|element| element.text())
}

fn about(kind: ErrorKind, message: &str, ask: Ask, name: &[u8]) -> Error {
    Error::new(kind, message).at(ask.place([&Name::from(name)]))
}

fn unexpected(expected: &str, found: &[u8]) -> Error {
    let found = found.get(..64).unwrap_or(found).escape_ascii();
    Error::new(
        ErrorKind::Protocol,
        format!("expected {expected}, found {found}"),
    )
}
