//! The trait through which everything here gets a connection.

use std::fmt;

use redis_cmd::{Command, Typed, Waits};
use redis_conn::{Connection, Deadline, Error, PooledConnection};

/// Something that lends connections: a client over its pool, or one that asks a Sentinel first.
pub trait Checkout: Send + Sync {
    /// Lends a connection that has what `need` says to `call`, and the deadline that it has to keep.
    ///
    /// Whoever implements this decides about repeating: `call` may be called again, on another
    /// connection, after an error of the connection, if nothing of the first attempt had been sent or if
    /// it only reads, and as far as `need` says. It must then start from the beginning.
    ///
    /// # Errors
    /// Those of getting a connection and those of `call`.
    fn run(
        &self,
        need: &Need<'_>,
        call: &mut dyn FnMut(&mut Connection, Deadline) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// Lends a connection to the caller alone until it is dropped, for what keeps a state on it
    /// (`WATCH`), after `begin` has begun that. As in [`run`](Checkout::run), `begin` may be called again
    /// on another connection; it must be something that can be repeated.
    ///
    /// # Errors
    /// Those of getting a connection and those of `begin`.
    fn lend(
        &self,
        need: &Need<'_>,
        begin: &mut dyn FnMut(&mut Connection, Deadline) -> Result<(), Error>,
    ) -> Result<PooledConnection, Error>;

    /// Makes a connection that belongs to the caller and is never shared, for what would keep one for
    /// good (`SUBSCRIBE`, `MONITOR`).
    ///
    /// # Errors
    /// Those of connecting.
    fn connect(&self) -> Result<Connection, Error>;

    /// How long to wait for the reply of a call on a connection that was lent, with `waits` on top.
    fn deadline(&self, waits: Waits) -> Deadline;
}

/// What a call needs of the connection that it is lent: as much as is known before anything is sent.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Need<'n> {
    /// Whether all of it only reads, so that it may be repeated.
    pub read_only: bool,
    /// How long the server may make it wait, on top of the response timeout.
    pub waits: Waits,
    /// Its first key, by which a cluster would choose the node; `None` if any server will do.
    pub key: Option<&'n [u8]>,
    /// When it is of no use any more: no attempt begins later, and none waits longer for its reply. `None` where the
    /// response timeout is all there is.
    pub deadline: Option<Deadline>,
    /// Whether one attempt is all it gets, but for what the server says is to be asked of another.
    pub once: bool,
}

impl<'n> Need<'n> {
    /// What a command needs.
    #[must_use]
    pub fn of<T>(command: &'n Command<'_, T>) -> Self {
        Self {
            read_only: command.is_read_only(),
            waits: command.waiting(),
            key: command.keys().next(),
            deadline: None,
            once: false,
        }
    }

    /// Whether it is too late for another attempt.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.deadline.is_some_and(|end| end.remaining().is_err())
    }
}

impl fmt::Debug for Need<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.map(|key| Typed::new([key]).to_string());
        f.debug_struct("Need")
            .field("read_only", &self.read_only)
            .field("waits", &self.waits)
            .field("key", &key)
            .field("deadline", &self.deadline)
            .field("once", &self.once)
            .finish()
    }
}
