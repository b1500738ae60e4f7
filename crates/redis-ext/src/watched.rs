//! A connection for one user alone, on which keys are watched.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    thread,
};

use redis_cmd::{BlockingCommands, Command, Execute, FunctionCommands, ToArg, ToArgs, Waits, cmd};
use redis_conn::{Connection, Deadline, Error, ErrorKind, PooledConnection, Request};
use resp_proto::FromReplyOwned;

use crate::{
    CallFunction, Checkout, FromReplies, FunctionLibrary, Need, RunScript, Script, Transaction,
    call::{Decode, decoded, make_call},
    queue::Queue,
};

const UNWATCH: &[u8] = b"*1\r\n$7\r\nUNWATCH\r\n";

/// A connection for one user alone, on which keys are watched: a transaction on it is executed only if
/// none of them was changed in the meantime.
///
/// A client makes one: `client.watch(keys)`. Every command of a client can be called on it, those that wait
/// included, and is executed at once. [`multi`](Watched::multi) begins the transaction, whose commands are
/// collected and then sent together.
///
/// ```no_run
/// use redis_cmd::StringCommands;
/// use redis_conn::ErrorKind;
/// # use redis_ext::Watched;
/// # fn with(mut watched: Watched) -> Result<(), redis_conn::Error> {
///
/// loop {
///     let current: i64 = watched.get("OUR-SEQUENCE-KEY")?.unwrap_or(0);
///     let set = watched.multi().set("OUR-SEQUENCE-KEY", current + 1).execute();
///     match set {
///         // Somebody else was faster, or the connection was lost: once more.
///         Err(error) if error.kind() == ErrorKind::Watch => watched.watch("OUR-SEQUENCE-KEY")?,
///         result => break result,
///     }
/// }
/// # }
/// ```
///
/// On every way out (drop, `?`, a panic) the keys are unwatched or the connection is closed, so nothing of it is met by
/// the connection's next user. If the connection is lost while keys are watched, the error is
/// [`Watch`](ErrorKind::Watch), as for a changed key, and it is safe to start over. If something may have been
/// executed, every error says so ([`maybe_executed`](Error::maybe_executed)) until [`watch`](Watched::watch) is called
/// again. After the transaction, when no key is watched, a loss is [`Connection`](ErrorKind::Connection).
pub struct Watched {
    checkout: Arc<dyn Checkout>,
    /// `None` after it was lost.
    connection: Option<PooledConnection>,
    /// Whether the server watches keys for this connection.
    is_watching: bool,
    /// Whether keys were watched when the connection was lost.
    lost_a_watch: bool,
    /// Whether something that changes data may have been executed when the connection was lost.
    lost_a_write: bool,
    /// Whether a transaction was executed, or may have been.
    has_executed: bool,
}

impl Watched {
    /// Takes a connection from whatever lends them, and watches keys on it, at least one.
    ///
    /// # Errors
    /// `InvalidInput` when there is no key; those of getting a connection; those of the server.
    pub fn new(checkout: Arc<dyn Checkout>, keys: impl ToArgs) -> Result<Self, Error> {
        let mut watched = Self::without_connection(checkout);
        watched.watch(keys)?;
        Ok(watched)
    }

    /// The same where there need not be a key: without one, nothing is watched, so that nothing stops a transaction.
    ///
    /// # Errors
    /// Those of getting a connection; those of the server.
    pub fn begin(checkout: Arc<dyn Checkout>, keys: impl ToArgs) -> Result<Self, Error> {
        let mut watched = Self::without_connection(checkout);
        let watch = cmd("WATCH").several_keys(&keys);
        if watch.keys().next().is_some() {
            watched.send_watch(&watch)?;
        } else {
            let lent = watched.checkout.lend(&Need::of(&watch), &mut |_, _| Ok(()));
            watched.connection = Some(lent?);
        }
        Ok(watched)
    }

    fn without_connection(checkout: Arc<dyn Checkout>) -> Self {
        Self {
            checkout,
            connection: None,
            is_watching: false,
            lost_a_watch: false,
            lost_a_write: false,
            has_executed: false,
        }
    }

    /// Watches more keys, at least one. After a transaction, or after the connection was lost, it begins
    /// anew, on another connection if need be.
    ///
    /// # Errors
    /// Those of [`new`](Watched::new).
    #[doc(alias = "WATCH")]
    pub fn watch(&mut self, keys: impl ToArgs) -> Result<(), Error> {
        self.send_watch(&cmd("WATCH").several_keys(&keys))
    }

    /// Watches no key any more. Commands are still executed on the same connection. Where nothing is watched, nothing is
    /// sent.
    ///
    /// # Errors
    /// Those of the connection, which is then closed; its loss is of the kind `Watch`, as in every call while keys
    /// are watched.
    #[doc(alias = "UNWATCH")]
    pub fn unwatch(&mut self) -> Result<(), Error> {
        if !self.is_watching {
            return Ok(());
        }
        let unwatch = |connection: &mut Connection, deadline| {
            connection.call::<()>(Request::new(UNWATCH), deadline)
        };
        self.call(true, Waits::No, unwatch)?;
        self.is_watching = false;
        Ok(())
    }

    /// Whether keys are watched: from [`watch`](Watched::watch) until a transaction is executed or tried,
    /// [`unwatch`](Watched::unwatch) or the loss of the connection.
    #[must_use]
    pub fn is_watching(&self) -> bool {
        self.is_watching
    }

    /// Whether a transaction on it was executed, or may have been: to begin again could do the same thing twice.
    #[must_use]
    pub fn has_executed(&self) -> bool {
        self.has_executed
    }

    /// Begins the transaction: commands are collected from here on, and executed all together, or none
    /// of them.
    #[doc(alias = "MULTI")]
    pub fn multi(&mut self) -> Transaction<'_> {
        Transaction::of(self)
    }

    /// Executes a transaction, after which nothing is watched any more.
    pub(crate) fn transact<T: FromReplies>(
        &mut self,
        queue: &Queue,
        raise_on_error: bool,
    ) -> Result<T, Error> {
        // What is refused here is not sent, and changes nothing.
        queue.check(T::ARITY)?;
        let waits = queue.waits_in_transaction();
        // Who decodes the replies may panic when all was executed, and somebody may catch that.
        let result = self.try_call(false, waits, |connection, deadline| {
            queue.execute_watched(connection, deadline, raise_on_error)
        });
        self.is_watching = false;
        self.has_executed |= match &result {
            Ok(Err(error)) => error.maybe_executed(),
            Ok(Ok(_)) | Err(_) => true,
        };
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn send_watch(&mut self, command: &Command<'_, ()>) -> Result<(), Error> {
        if command.keys().next().is_none() {
            let message = "expected at least one key to watch, found none";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let request = Request::new(command.encoded()).with_borrowed(command.borrowed());
        let mut watch =
            |connection: &mut Connection, deadline| connection.call::<()>(request, deadline);
        if self.connection.is_some() {
            let watched_before = self.is_watching;
            match self.call(true, Waits::No, watch) {
                // Nothing is lost with the connection: another one will do.
                Err(error) if error.is_connection() && !watched_before => {}
                result => {
                    self.is_watching |= result.is_ok();
                    return result;
                }
            }
        }
        self.connection = Some(self.checkout.lend(&Need::of(command), &mut watch)?);
        (self.is_watching, self.lost_a_write) = (true, false);
        Ok(())
    }

    /// Makes a call on the connection, which is given up when it fails.
    fn call<T>(
        &mut self,
        read_only: bool,
        waits: Waits,
        call: impl FnOnce(&mut Connection, Deadline) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let called = self.try_call(read_only, waits, call);
        called.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// The same for who has something to do about a panic, too.
    fn try_call<T>(
        &mut self,
        read_only: bool,
        waits: Waits,
        call: impl FnOnce(&mut Connection, Deadline) -> Result<T, Error>,
    ) -> thread::Result<Result<T, Error>> {
        let Some(connection) = &mut self.connection else {
            return Ok(Err(self.gone()));
        };
        let deadline = self.checkout.deadline(waits);
        let called = catch_unwind(AssertUnwindSafe(|| call(connection, deadline)));
        // Who decodes replies may fail in any way, after which the connection is as good as before.
        if connection.is_clean() {
            return called;
        }
        match called {
            Ok(result) => Ok(result.map_err(|error| self.failed(error, read_only))),
            Err(panic) => {
                // Where a reply is still to come, it would be taken for the next one.
                let error = Error::new(ErrorKind::Connection, "a call on it panicked");
                self.failed(error.with_maybe_executed(true), read_only);
                Err(panic)
            }
        }
    }

    fn ask(&mut self, command: &Command<'_>, decode: &mut Decode<'_>) -> Result<(), Error> {
        make_call(command, decode, |request, receive| {
            let (read_only, waits) = (command.is_read_only(), command.waiting());
            self.call(read_only, waits, |connection, deadline| {
                connection.ask(request, deadline, receive)
            })
        })
    }

    /// The error of a call after the connection was lost.
    fn gone(&self) -> Error {
        if self.lost_a_write {
            let message = "the connection was lost, and what was sent on it may have been executed; watch again";
            return Error::new(ErrorKind::Connection, message).with_maybe_executed(true);
        }
        if self.lost_a_watch {
            let message = "the connection was lost, and what it watched with it; watch again";
            return Error::new(ErrorKind::Watch, message);
        }
        // Whatever was executed before is not to be begun again.
        let message = "the connection was lost, on which nothing was watched any more; watch again";
        Error::new(ErrorKind::Connection, message)
    }

    fn failed(&mut self, error: Error, read_only: bool) -> Error {
        let is_lost = matches!(
            error.kind(),
            ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::Protocol
        );
        if !is_lost {
            return error;
        }
        self.connection = None;
        self.lost_a_write = error.maybe_executed() && !read_only;
        self.lost_a_watch = std::mem::take(&mut self.is_watching);
        if self.lost_a_watch && error.is_connection() && !self.lost_a_write {
            let message = "the connection was lost while keys were watched, so the transaction was not executed";
            Error::new(ErrorKind::Watch, message).with_source(error)
        } else {
            error
        }
    }
}

impl Execute for &mut Watched {
    type Output<T: FromReplyOwned> = Result<T, Error>;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Result<T, Error> {
        let command = command.into_raw();
        decoded(|decode| self.ask(&command, decode))
    }
}

redis_cmd::implement_families!(for &mut Watched);

impl BlockingCommands for &mut Watched {}

impl RunScript for &mut Watched {
    fn run_script<T: FromReplyOwned>(
        self,
        script: &Script,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Result<T, Error> {
        script.run(&keys, &args, |command| self.execute(command))
    }
}

impl CallFunction for &mut Watched {
    fn call_function<T: FromReplyOwned>(
        self,
        library: &FunctionLibrary,
        function: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Result<T, Error> {
        let call = |watched: &mut Self| watched.fcall(&function, &keys, &args);
        library.call(self, call, |watched, load| watched.execute(load))
    }

    fn call_function_ro<T: FromReplyOwned>(
        self,
        library: &FunctionLibrary,
        function: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Result<T, Error> {
        let call = |watched: &mut Self| watched.fcall_ro(&function, &keys, &args);
        library.call(self, call, |watched, load| watched.execute(load))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.unwatch().is_err() {
            // It may watch still.
            if let Some(connection) = &mut self.connection {
                connection.retire();
            }
        }
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched")
            .field("connection", &self.connection)
            .field("is_watching", &self.is_watching)
            .finish_non_exhaustive()
    }
}
