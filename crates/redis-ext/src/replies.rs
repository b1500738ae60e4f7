//! The replies of a pipeline, and the types that they can be decoded into together.

use redis_conn::{Connection, Deadline, Error, ErrorKind};
use resp_proto::{Data, Elements, FromReplyOwned, ServerError};

use crate::queue::{Mode, Queue};

/// A type that the replies of several commands are decoded into: `Vec<T>` where all are alike, a tuple
/// where each has its own type, `()` where nobody wants to know.
#[diagnostic::on_unimplemented(
    message = "the replies of a pipeline cannot be decoded into `{Self}`",
    note = "use `Vec<Value>`, `Vec<T>`, a tuple of up to 16 types or `()`"
)]
pub trait FromReplies: Sized {
    /// How many replies there must be, if that is fixed.
    const ARITY: Option<usize> = None;

    /// Decodes all replies.
    ///
    /// # Errors
    /// Those of [`Replies::decode_next`].
    fn from_replies(replies: &mut Replies<'_>) -> Result<Self, Error>;
}

/// The replies of a pipeline, which are decoded one after the other as they come.
#[derive(Debug)]
pub struct Replies<'r> {
    queue: &'r Queue,
    mode: Mode,
    source: Source<'r>,
    /// How many have been taken.
    taken: usize,
}

#[derive(Debug)]
enum Source<'r> {
    Connection(&'r mut Connection, Deadline),
    Transaction(Elements<'r>),
    Nothing,
}

impl<'r> Replies<'r> {
    pub(crate) fn of_connection(
        queue: &'r Queue,
        mode: Mode,
        connection: &'r mut Connection,
        deadline: Deadline,
    ) -> Self {
        Self {
            queue,
            mode,
            source: Source::Connection(connection, deadline),
            taken: 0,
        }
    }

    pub(crate) fn of_transaction(queue: &'r Queue, mode: Mode, elements: Elements<'r>) -> Self {
        Self {
            queue,
            mode,
            source: Source::Transaction(elements),
            taken: 0,
        }
    }

    pub(crate) fn none(queue: &'r Queue) -> Self {
        Self {
            queue,
            mode: Mode::DEFAULT,
            source: Source::Nothing,
            taken: 0,
        }
    }

    /// How many replies are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len() - self.taken
    }

    /// Whether no reply is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits for the next reply and decodes it.
    ///
    /// # Errors
    /// That of the connection, with nothing more to come; `Server` when the reply is an error and errors
    /// are to be raised; `Decode` when it is no `T`. The last two name the command.
    pub fn decode_next<T: FromReplyOwned>(&mut self) -> Result<T, Error> {
        let reply = match &mut self.source {
            Source::Connection(connection, deadline) => Some(connection.receive(*deadline)?),
            Source::Transaction(elements) => elements.next(),
            Source::Nothing => None,
        };
        let Some(reply) = reply else {
            return Err(Error::new(
                ErrorKind::Decode,
                "expected another reply, found the end of the pipeline",
            ));
        };
        self.taken += 1;
        let decoded = match reply.data() {
            Data::Error(line) if self.mode.raise_on_error => {
                Err(ServerError::from_line(line).into())
            }
            _ => reply.decode().map_err(Error::from),
        };
        // Other commands of the pipeline were executed, whatever became of this one.
        decoded.map_err(|error| {
            error
                .at(self.queue.place_of(self.taken))
                .with_maybe_executed(true)
        })
    }

    /// Takes the replies that are left; the first error among them, if errors are to be raised.
    pub(crate) fn drain(&mut self) -> Result<(), Error> {
        let mut drained = Ok(());
        while !self.is_empty() {
            let before = self.taken;
            let next = self.decode_next::<()>();
            if self.taken == before {
                // The connection failed; there is nothing more.
                return drained.and(next);
            }
            if drained.is_ok() && self.mode.raise_on_error {
                drained = next;
            }
        }
        drained
    }
}

impl FromReplies for () {
    fn from_replies(replies: &mut Replies<'_>) -> Result<Self, Error> {
        replies.drain()
    }
}

impl<T: FromReplyOwned> FromReplies for Vec<T> {
    fn from_replies(replies: &mut Replies<'_>) -> Result<Self, Error> {
        (0..replies.len()).map(|_| replies.decode_next()).collect()
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
