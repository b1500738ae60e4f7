//! The replies of a pipeline, and the types that they can be decoded into together.

use std::fmt;

use redis_conn::{Error, ErrorKind, Exchange};
use resp_proto::{Data, DecodeError, Elements, FromReplyOwned, Reply, ServerError};

use crate::{
    queue::{Mode, Queue},
    requests::Places,
};

/// A type that the replies of several commands are decoded into: `Vec<T>` where all are alike, a tuple
/// where each has its own type, `()` where nobody wants to know, [`Received`](crate::Received) where a lost
/// connection is to cost no reply, [`Slots`](crate::Slots) for typed handles.
#[diagnostic::on_unimplemented(
    message = "the replies of a pipeline cannot be decoded into `{Self}`",
    note = "use `Vec<Value>`, `Vec<T>`, a tuple of up to 16 types, `Received<T>`, `Slots` or `()`"
)]
pub trait FromReplies: Sized {
    /// How many replies there must be, if that is fixed.
    const ARITY: Option<usize> = None;

    /// Decodes all replies.
    ///
    /// # Errors
    /// Those of [`Replies::decode_next`], or any other. Whether the commands may have been executed, it need not say:
    /// whoever executes them does.
    fn from_replies(replies: &mut Replies<'_>) -> Result<Self, Error>;
}

/// The replies of a pipeline, which are decoded one after the other as they come.
pub struct Replies<'r> {
    queue: &'r Queue,
    mode: Mode,
    source: Source<'r>,
    places: Places<'r>,
    /// How many have been taken.
    taken: usize,
    /// Whether the connection failed, so that no more will come, and then, whether anything may have been executed.
    lost: Option<bool>,
}

enum Source<'r> {
    Exchange(Exchange<'r>),
    Transaction(Elements<'r>),
    Nothing,
}

impl<'r> Replies<'r> {
    pub(crate) fn of_exchange(queue: &'r Queue, mode: Mode, exchange: Exchange<'r>) -> Self {
        Self::of(queue, mode, Source::Exchange(exchange))
    }

    pub(crate) fn of_transaction(queue: &'r Queue, mode: Mode, elements: Elements<'r>) -> Self {
        Self::of(queue, mode, Source::Transaction(elements))
    }

    pub(crate) fn none(queue: &'r Queue) -> Self {
        Self::of(queue, Mode::DEFAULT, Source::Nothing)
    }

    fn of(queue: &'r Queue, mode: Mode, source: Source<'r>) -> Self {
        Self {
            queue,
            mode,
            source,
            places: queue.requests().places(),
            taken: 0,
            lost: None,
        }
    }

    /// How many replies are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len().saturating_sub(self.taken)
    }

    /// Whether no reply is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the connection has failed, so that the replies that are left will never come.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// Whether any of the commands may have been executed, now that all replies have come that will. Who decodes
    /// them may fail in any way, and need not know.
    pub(crate) fn maybe_executed(&self) -> bool {
        self.lost.unwrap_or(true)
    }

    /// Waits for the next reply and decodes it.
    ///
    /// # Errors
    /// That of the connection, with nothing more to come, as [`is_lost`](Replies::is_lost) then says;
    /// `Server` when the reply is an error and errors are to be raised; `Decode` when it is no `T`. All of
    /// them name the command.
    pub fn decode_next<T: FromReplyOwned>(&mut self) -> Result<T, Error> {
        self.read_next(|reply| reply.decode())
    }

    /// Waits for the next reply and lets `read` have it.
    pub(crate) fn read_next<T>(
        &mut self,
        read: impl FnOnce(Reply<'_>) -> Result<T, DecodeError>,
    ) -> Result<T, Error> {
        let reply = match &mut self.source {
            _ if self.taken == self.queue.len() => Ok(None),
            Source::Exchange(exchange) => exchange.receive_frame().map(|frame| Some(frame.reply())),
            Source::Transaction(elements) => Ok(elements.next()),
            Source::Nothing => Ok(None),
        };
        let decoded = match reply {
            Ok(Some(reply)) => match reply.data() {
                Data::Error(line) if self.mode.raise_on_error => {
                    Err(ServerError::from_line(line).into())
                }
                _ => read(reply).map_err(Error::from),
            },
            Ok(None) => {
                return Err(Error::new(
                    ErrorKind::Decode,
                    "expected another reply, found the end of the pipeline",
                ));
            }
            Err(error) => {
                self.lost = Some(error.maybe_executed());
                return Err(error.at(self.place_of_loss()));
            }
        };
        self.taken = self.taken.saturating_add(1);
        // Other commands of the pipeline were executed, whatever became of this one.
        decoded.map_err(|error| {
            error
                .at(self.places.name(self.taken))
                .with_maybe_executed(true)
        })
    }

    /// Decodes the replies that have come already, as many as are read together, and hands them to `keep`.
    fn decode_received<T: FromReplyOwned>(&mut self, mut keep: impl FnMut(T)) -> Result<(), Error> {
        let Source::Exchange(exchange) = &mut self.source else {
            return Ok(());
        };
        let received = exchange.received();
        let first = self.taken.saturating_add(1);
        self.taken = self.taken.saturating_add(received.len());
        for (number, reply) in (first..).zip(received) {
            keep(reply.decode().map_err(|error| {
                Error::from(error)
                    .at(self.places.name(number))
                    .with_maybe_executed(true)
            })?);
        }
        Ok(())
    }

    /// Takes the replies that are left; the first error among them, if errors are to be raised, or that of
    /// the connection, if it was not there to be seen before.
    pub(crate) fn drain(&mut self) -> Result<(), Error> {
        let mut drained = Ok(());
        while !self.is_empty() && !self.is_lost() {
            let next = self.decode_next::<()>();
            if drained.is_ok() && (self.mode.raise_on_error || self.is_lost()) {
                drained = next;
            }
            self.skip_received();
        }
        drained
    }

    /// Passes over replies that have come already and are no errors.
    fn skip_received(&mut self) {
        if let Source::Exchange(exchange) = &mut self.source {
            self.taken = self.taken.saturating_add(exchange.received().len());
        }
    }

    pub(crate) fn queue(&self) -> &'r Queue {
        self.queue
    }

    /// The first command without a reply, and how many had one.
    fn place_of_loss(&mut self) -> String {
        let place = self.places.name(self.taken.saturating_add(1));
        format!(
            "{place}, after {} of {} replies",
            self.taken,
            self.queue.len()
        )
    }
}

/// Shows no value.
impl fmt::Debug for Replies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replies")
            .field("taken", &self.taken)
            .field("left", &self.len())
            .field("is_lost", &self.is_lost())
            .finish_non_exhaustive()
    }
}

impl FromReplies for () {
    fn from_replies(replies: &mut Replies<'_>) -> Result<Self, Error> {
        replies.drain()
    }
}

impl<T: FromReplyOwned> FromReplies for Vec<T> {
    fn from_replies(replies: &mut Replies<'_>) -> Result<Self, Error> {
        let mut decoded = Self::with_capacity(replies.len());
        while !replies.is_empty() {
            decoded.push(replies.decode_next()?);
            replies.decode_received(|reply| decoded.push(reply))?;
        }
        Ok(decoded)
    }
}

macro_rules! tuples {
    ($($arity:literal: $($name:ident)+;)+) => {$(
        impl<$($name: FromReplyOwned),+> FromReplies for ($($name,)+) {
            const ARITY: Option<usize> = Some($arity);

            fn from_replies(replies: &mut Replies<'_>) -> Result<Self, Error> {
                Ok(($(replies.decode_next::<$name>()?,)+))
            }
        }
    )+};
}

tuples! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
    7: A B C D E F G;
    8: A B C D E F G H;
    9: A B C D E F G H I;
    10: A B C D E F G H I J;
    11: A B C D E F G H I J K;
    12: A B C D E F G H I J K L;
    13: A B C D E F G H I J K L M;
    14: A B C D E F G H I J K L M N;
    15: A B C D E F G H I J K L M N O;
    16: A B C D E F G H I J K L M N O P;
}
