//! The seam through which everything here gets a connection.

use redis_cmd::Waits;
use redis_conn::{Connection, Deadline, Error, PooledConnection};

/// Something that lends connections: a client over its pool, or one that asks a Sentinel first.
pub trait Checkout: Send + Sync {
    /// Lends a connection to `call`, and the deadline that it has to keep.
    ///
    /// Whoever implements this decides about repeating: `call` may be called again, on another
    /// connection, after an error of the connection, if nothing of the first attempt had been sent or if
    /// it is `repeatable`, that is, if it only reads. It must then start from the beginning.
    ///
    /// # Errors
    /// Those of getting a connection and those of `call`.
    fn run(
        &self,
        repeatable: bool,
        waits: Waits,
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
