//! Commands that wait to be sent together, and the exchange that sends them.

use std::{
    fmt, mem,
    ops::Deref,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use redis_cmd::{Command, Waits};
use redis_conn::{Connection, Deadline, Error, ErrorKind, Exchange, Request};
use resp_proto::{Data, DecodeError, ServerError};

use crate::{
    Checkout, FromReplies, Need, Replies,
    requests::{Requests, place},
};

const EXEC: &[u8] = b"*1\r\n$4\r\nEXEC\r\n";

/// Commands that wait to be sent together.
pub(crate) struct Queue {
    /// No other queue has this number, nor has this one once it has been emptied.
    number: u64,
    requests: Requests,
    count: usize,
    /// Whether all of the commands only read.
    read_only: bool,
    /// How long the server may make them wait, all together.
    waits: Waits,
    /// The same in a transaction.
    waits_in_transaction: Waits,
    /// The first command that must not be sent, and why.
    invalid: Option<(String, &'static str)>,
    /// What gets the requests when the queue is emptied, if anybody wants to name commands later.
    kept: OnceLock<Arc<OnceLock<Requests>>>,
}

/// How the commands of a queue are executed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mode {
    /// Between `MULTI` and `EXEC`.
    pub(crate) transaction: bool,
    /// Whether the first reply that is an error makes the whole fail.
    pub(crate) raise_on_error: bool,
}

impl Mode {
    /// What redis-py does by default.
    pub(crate) const DEFAULT: Self = Self {
        transaction: true,
        raise_on_error: true,
    };
}

/// What decodes the replies, with its result kept elsewhere.
type Decode<'d> = &'d mut dyn FnMut(&mut Replies<'_>) -> Result<(), Error>;

impl Queue {
    pub(crate) fn new() -> Self {
        Self {
            number: next_number(),
            requests: Requests::new(),
            count: 0,
            read_only: true,
            waits: Waits::No,
            waits_in_transaction: Waits::No,
            invalid: None,
            kept: OnceLock::new(),
        }
    }

    pub(crate) fn push<T>(&mut self, command: &Command<'_, T>) {
        self.count = self.count.saturating_add(1);
        if let Some(reason) = command.reason_against() {
            let place = || (place(self.count, &command.to_string()), reason);
            self.invalid.get_or_insert_with(place);
        }
        self.read_only &= command.is_read_only();
        match command.waiting() {
            Waits::No => {}
            waits => {
                let within = command.waiting_in_transaction();
                self.waits = both(self.waits, waits);
                self.waits_in_transaction = both(self.waits_in_transaction, within);
            }
        }
        self.requests.push(command);
    }

    pub(crate) fn waits_in_transaction(&self) -> Waits {
        self.waits_in_transaction
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.requests
    }

    /// Where the requests are to be found once the queue has been emptied: they are not copied, however long.
    pub(crate) fn keep_requests(&self) -> Arc<OnceLock<Requests>> {
        Arc::clone(self.kept.get_or_init(Arc::default))
    }

    pub(crate) fn clear(&mut self) {
        match self.kept.take() {
            Some(kept) => {
                let requests = mem::replace(&mut self.requests, Requests::new());
                // Nothing is there before.
                let _ = kept.set(requests);
            }
            None => self.requests.clear(),
        }
        self.number = next_number();
        (self.count, self.read_only) = (0, true);
        (self.waits, self.waits_in_transaction) = (Waits::No, Waits::No);
        self.invalid = None;
    }

    /// The queue until its end, when it is empty: also if what decodes the replies panics.
    pub(crate) fn emptied(&mut self) -> Emptied<'_> {
        Emptied(self)
    }

    /// Sends the commands over a connection that is lent for it, and decodes their replies.
    pub(crate) fn execute<T: FromReplies>(
        &self,
        checkout: &dyn Checkout,
        mode: Mode,
    ) -> Result<T, Error> {
        self.decode(T::ARITY, &mut |decode| {
            if self.count == 0 {
                return decode(&mut Replies::none(self));
            }
            checkout.run(&self.need(mode), &mut |connection, deadline| {
                self.exchange(connection, deadline, mode, decode)
            })
        })
    }

    fn need(&self, mode: Mode) -> Need<'_> {
        Need {
            read_only: self.read_only,
            waits: match mode.transaction {
                true => self.waits_in_transaction,
                false => self.waits,
            },
            key: self.requests.first_key(),
            deadline: None,
            once: false,
        }
    }

    /// Sends the commands over this connection as a transaction, even if there are none: that tells
    /// whether a watched key was changed.
    pub(crate) fn execute_watched<T: FromReplies>(
        &self,
        connection: &mut Connection,
        deadline: Deadline,
        raise_on_error: bool,
    ) -> Result<T, Error> {
        let mode = Mode {
            transaction: true,
            raise_on_error,
        };
        self.decode(T::ARITY, &mut |decode| {
            self.exchange(connection, deadline, mode, decode)
        })
    }

    /// All that depends on the type of the replies.
    fn decode<T: FromReplies>(
        &self,
        arity: Option<usize>,
        execute: &mut dyn FnMut(Decode<'_>) -> Result<(), Error>,
    ) -> Result<T, Error> {
        self.check(arity)?;
        let mut decoded = None;
        execute(&mut |replies| {
            decoded = Some(T::from_replies(replies)?);
            Ok(())
        })?;
        decoded.ok_or_else(|| Error::new(ErrorKind::Connection, "the pipeline was not run"))
    }

    /// Refuses what cannot be sent, or has not as many replies as there must be.
    pub(crate) fn check(&self, arity: Option<usize>) -> Result<(), Error> {
        if let Some((place, reason)) = &self.invalid {
            return Err(Error::new(ErrorKind::InvalidInput, *reason).at(place));
        }
        match arity {
            Some(arity) if arity != self.count => Err(Error::new(
                ErrorKind::InvalidInput,
                format!(
                    "expected {arity} commands, as many as there are types for replies, found {}; a Vec takes any number",
                    self.count
                ),
            )),
            _ => Ok(()),
        }
    }

    fn exchange(
        &self,
        connection: &mut Connection,
        deadline: Deadline,
        mode: Mode,
        decode: Decode<'_>,
    ) -> Result<(), Error> {
        if mode.transaction {
            return self.transact(connection, deadline, mode, decode);
        }
        let request = Request::new(self.requests.plain()).with_replies(self.count);
        let exchange = connection.exchange(request, deadline);
        let mut replies = Replies::of_exchange(self, mode, exchange);
        let decoded = decode(&mut replies);
        // What comes behind a failure belongs to it, and must not be met by the next user.
        let drained = replies.drain();
        let executed = replies.maybe_executed();
        decoded
            .map_err(|error| error.with_maybe_executed(executed))
            .and(drained)
    }

    fn transact(
        &self,
        connection: &mut Connection,
        deadline: Deadline,
        mode: Mode,
        decode: Decode<'_>,
    ) -> Result<(), Error> {
        let requests = self.requests.after_multi();
        let exec = [(requests.len(), EXEC)];
        let request = Request::new(requests)
            .with_borrowed(&exec)
            .with_replies(self.count.saturating_add(2));
        let mut exchange = connection.exchange(request, deadline);
        let queued = self.receive_queued(&mut exchange)?;
        let reply = match exchange.receive() {
            Ok(reply) => reply,
            Err(error) => return Err(self.lost(error, queued, &exchange)),
        };
        let outcome = match reply.data() {
            Data::Null => Err(Error::new(
                ErrorKind::Watch,
                "a watched key was changed, so the transaction was not executed",
            )),
            Data::Error(line) => {
                let aborted = line.starts_with(b"EXECABORT ");
                let error = Error::of_aborted_exec(line).at("EXEC");
                // The server says EXECABORT; what it had refused before says more.
                Err(queued
                    .refused
                    .unwrap_or(error.with_maybe_executed(!aborted)))
            }
            Data::Array(elements) if elements.len() == self.count => {
                let decoded = decode(&mut Replies::of_transaction(self, mode, elements));
                decoded.map_err(|error| error.with_maybe_executed(true))
            }
            _ => {
                let found = DecodeError::mismatch("an array of the reply to each command", reply);
                Err(Error::new(ErrorKind::Protocol, found.to_string())
                    .at(format!("EXEC of {} commands", self.count))
                    .with_maybe_executed(true))
            }
        };
        drop(exchange);
        if !queued.is_open {
            // What the connection watched, it still does.
            connection.retire();
        }
        outcome
    }

    /// The replies to `MULTI` and to the commands, of which nothing but refusals is of interest.
    fn receive_queued(&self, exchange: &mut Exchange<'_>) -> Result<Queued, Error> {
        let mut queued = Queued {
            is_open: false,
            refused: None,
        };
        for index in 0..=self.count {
            let line = match exchange.receive() {
                Ok(reply) => match reply.data() {
                    Data::Error(line) => line,
                    _ => {
                        queued.is_open |= index == 0;
                        continue;
                    }
                },
                Err(error) => return Err(self.lost(error, queued, exchange)),
            };
            if queued.refused.is_none() {
                let error = Error::from(ServerError::from_line(line));
                let place = match index {
                    0 => "MULTI".into(),
                    number => self.requests.place_of(number),
                };
                // Without MULTI, the commands were executed one by one.
                queued.refused = Some(error.at(place).with_maybe_executed(!queued.is_open));
            }
        }
        Ok(queued)
    }

    /// The error of a connection that was lost in a transaction: what the server has refused of it before, which may
    /// well be why. The server executes nothing before it has all of `EXEC`, once it has said that there is a
    /// transaction, and nothing at all after a refusal.
    fn lost(&self, error: Error, queued: Queued, exchange: &Exchange<'_>) -> Error {
        if let Some(refused) = queued.refused {
            return refused;
        }
        let maybe_executed = error.maybe_executed() && (exchange.is_written() || !queued.is_open);
        error
            .at(format!("a transaction of {} commands", self.count))
            .with_maybe_executed(maybe_executed)
    }
}

/// A queue that is empty when this is dropped.
pub(crate) struct Emptied<'q>(&'q mut Queue);

impl Deref for Emptied<'_> {
    type Target = Queue;

    fn deref(&self) -> &Queue {
        self.0
    }
}

impl Drop for Emptied<'_> {
    fn drop(&mut self) {
        self.0.clear();
    }
}

/// Shows no key and no value.
impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("len", &self.count)
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

/// What the server said to a transaction before `EXEC`.
struct Queued {
    /// Whether it took `MULTI`.
    is_open: bool,
    /// The first command that it did not take, and why.
    refused: Option<Error>,
}

/// How long two commands wait, one after the other.
fn both(one: Waits, other: Waits) -> Waits {
    match (one, other) {
        (Waits::No, waits) | (waits, Waits::No) => waits,
        (Waits::For(one), Waits::For(other)) => Waits::For(one.saturating_add(other)),
        _ => Waits::Forever,
    }
}

fn next_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use redis_cmd::raw;

    use super::*;

    #[test]
    fn what_a_queue_needs_is_what_its_commands_need_together() {
        let plain = Mode {
            transaction: false,
            ..Mode::DEFAULT
        };
        let mut queue = Queue::new();
        queue.push(&raw(&["PING"]));
        queue.push(&raw(&["GET", "a"]));
        let need = queue.need(plain);
        assert_eq!((need.waits, need.read_only), (Waits::No, true));
        assert_eq!(need.key, None, "not known of plain arguments");
        queue.push(&redis_cmd::cmd::<()>("MGET").several_keys(&["b", "c"]));
        queue.push(&raw(&("BLPOP", "d", 2)));
        queue.push(&raw(&("WAIT", 1, 500)));
        let need = queue.need(plain);
        let waits = Waits::For(Duration::from_millis(2500));
        assert_eq!((need.waits, need.read_only), (waits, false));
        assert_eq!(need.key, Some(b"b".as_slice()));
        assert_eq!(queue.need(Mode::DEFAULT).waits, Waits::No);
        queue.push(&raw(&("BLPOP", "d", 0)));
        queue.push(&raw(&("BLPOP", "d", 1)));
        assert_eq!(queue.need(plain).waits, Waits::Forever);
        // What is done in steps takes its time in a transaction as well.
        queue.push(&raw(&("MIGRATE", "host", 6379, "a", 0, 1000)));
        assert_eq!(queue.need(Mode::DEFAULT).waits, Waits::Forever);
        queue.clear();
        assert_eq!(queue.need(Mode::DEFAULT).waits, Waits::No);
        let need = queue.need(plain);
        assert_eq!((need.waits, need.read_only), (Waits::No, true));
        assert_eq!(need.key, None);
    }

    #[test]
    fn debug_shows_no_value() {
        let mut queue = Queue::new();
        queue.push(&redis_cmd::cmd::<()>("SET").key("k").arg("hunter2"));
        let replies = Replies::none(&queue);
        let shown = format!("{queue:?} {replies:?}");
        let bytes = format!("{:?}", b"hunter2");
        assert!(!shown.contains("hunter2") && !shown.contains(bytes.trim_matches(['[', ']'])));
    }
}
