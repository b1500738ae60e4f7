//! What is subscribed to, and what the server owes an answer to: bytes in, bytes out.
//!
//! A name is subscribed to from the moment somebody asks for it until the server has acknowledged that it is not, or has
//! refused it; what is being unsubscribed from ends with its connection. After a lost connection everything is asked for
//! again. What the server's answers do to all that is in `answers.rs`.

use std::collections::{HashMap, VecDeque};

use redis_cmd::Typed;
use resp_proto::encode;

use super::{handler::Handler, message::Name};

/// How many names are asked for again with one request.
const CHUNK: usize = 1000;

/// The three kinds of names, which do not know of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    Channels,
    Patterns,
    Shards,
}

pub(super) const SPACES: [Space; 3] = [Space::Channels, Space::Patterns, Space::Shards];

/// The names of each space.
type Tables = [HashMap<Name, Entry>; 3];

/// A request about names: which kind of names, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) space: Space,
    pub(super) subscribe: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    pub(super) tables: Tables,
    /// What the server owes, in order. Empty while there is no connection.
    pub(super) expected: VecDeque<Expected>,
    /// How many names of `expected` are being asked for again.
    pub(super) again: usize,
    /// What the server could not do for the time being.
    pub(super) put_off: Vec<(Ask, Name)>,
    online: bool,
    /// What is to be sent, and how many bytes of it have been.
    output: Vec<u8>,
    written: usize,
    /// How many answers of `expected` are to what has not been sent yet.
    unsent: usize,
}

#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) handler: Option<Handler>,
    /// How often it was asked for on this connection, without an answer yet.
    pub(super) asked: u32,
    /// Whether the server has said that it is subscribed to, on this connection.
    pub(super) confirmed: bool,
    /// Whether it is to be forgotten once the server has said that it is not any more.
    pub(super) leaving: bool,
}

#[derive(Debug)]
pub(super) enum Expected {
    /// An acknowledgement for each of the names, or one error for all.
    Names {
        ask: Ask,
        names: VecDeque<Name>,
        again: bool,
    },
    /// A pong, which is nobody's business if the ping was ours.
    Pong { ours: bool },
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
    /// Such a request in words, for errors.
    pub(super) fn place<'a>(self, names: impl IntoIterator<Item = &'a Name>) -> String {
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

    /// Whether something is to be sent.
    pub(crate) fn has_output(&self) -> bool {
        !self.output.is_empty()
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

    pub(super) fn ask_again(&mut self, space: Space, names: Vec<Name>) {
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
}

pub(super) fn table_of(tables: &Tables, space: Space) -> &HashMap<Name, Entry> {
    let [channels, patterns, shards] = tables;
    match space {
        Space::Channels => channels,
        Space::Patterns => patterns,
        Space::Shards => shards,
    }
}

pub(super) fn table_mut(tables: &mut Tables, space: Space) -> &mut HashMap<Name, Entry> {
    let [channels, patterns, shards] = tables;
    match space {
        Space::Channels => channels,
        Space::Patterns => patterns,
        Space::Shards => shards,
    }
}
