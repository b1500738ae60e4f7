//! What the answers of the server mean for what is subscribed to, and what somebody hears of them.
//!
//! They come in the order of the requests, with messages between them at any place:
//!
//! ```text
//! subscribe a b  ──▶            (message …)*  subscribe a 1  (message …)*  subscribe b 2      or  -NOPERM …
//! ping x         ──▶            (message …)*  pong x (RESP2)  or  x (RESP3)
//! ```
//!
//! If the server refuses names that are asked for again together, each is asked for on its own, so that one cannot take
//! down others. One that it cannot have for the time being, as the node of a cluster that does not serve its slot, is put
//! off, and so is everything while a script keeps it busy.
//!
//! A node whose slot goes to another says so as if somebody had unsubscribed from its shard channels: they are asked for
//! again, which it then refuses, if it is not to serve them again.

use std::{collections::VecDeque, sync::Arc};

use redis_conn::{Error, ErrorKind, ServerErrorKind};
use resp_proto::{Data, Elements, Reply, ServerError};

use super::{
    Message, MessageKind,
    message::{Name, Payload},
    subscriptions::{Ask, Expected, SPACES, Space, Subscriptions, table_mut, table_of},
};

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

impl Ask {
    /// What somebody is told when it was acknowledged.
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
}

impl Subscriptions {
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
        let (channel, data) = (next_text(&mut elements), elements.next());
        let (Some(channel), Some(data), true) = (channel, data, pattern != Some(None)) else {
            return Err(unexpected("a channel and data in a message", b"less"));
        };
        let (pattern, data) = (pattern.flatten(), Payload::of(data)?);
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

#[cfg(test)]
mod tests;
