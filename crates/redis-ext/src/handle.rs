//! A handle: single commands over the seam [`Checkout`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis_cmd::{Command, Execute, ToArgs};
use redis_conn::{Address, Connection, Error, ErrorKind, Receive, Request};
use resp_proto::{FromReplyOwned, ServerError};

use crate::{Checkout, Need, RunScript, Script, told_apart};

/// What keeps a client's connections at hand for objects that make calls of their own.
#[derive(Clone)]
pub(crate) struct Handle {
    checkout: Arc<dyn Checkout>,
    /// Where the first call went, if all are to go to one server.
    server: Option<Arc<Mutex<Option<Address>>>>,
}

impl Handle {
    pub(crate) fn new(checkout: Arc<dyn Checkout>) -> Self {
        Self {
            checkout,
            server: None,
        }
    }

    /// One whose calls are errors if they would go to another server than the first one that was answered.
    pub(crate) fn of_one_server(checkout: Arc<dyn Checkout>) -> Self {
        Self {
            checkout,
            server: Some(Arc::default()),
        }
    }

    /// Lets the next call go to any server.
    pub(crate) fn forget_server(&self) {
        if let Some(mut first) = self.first() {
            *first = None;
        }
    }

    /// Makes the call that a command is. It is compiled once, not for every type of its reply.
    fn call(&self, command: &Command<'_>, receive: &mut Receive<'_>) -> Result<(), Error> {
        if let Some(reason) = command.reason_against() {
            return Err(Error::new(ErrorKind::InvalidInput, reason).at(command.to_string()));
        }
        let request = Request::new(command.encoded()).with_borrowed(command.borrowed());
        let need = Need::of(command);
        let result = self.checkout.run(&need, &mut |connection, deadline| {
            self.check(connection)?;
            let called = connection.ask(request, deadline, receive);
            called.map_err(|error| told_apart(error, command.runs_program()))?;
            self.answered(connection);
            Ok(())
        });
        result.map_err(|error| match error.kind() {
            ErrorKind::Decode => error.at(format!("the reply to {}", command.name())),
            _ => error,
        })
    }

    fn first(&self) -> Option<MutexGuard<'_, Option<Address>>> {
        // An address is put in whole or not at all.
        let server = self.server.as_ref()?;
        Some(server.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn check(&self, connection: &Connection) -> Result<(), Error> {
        let first = self.first();
        match first.as_deref() {
            Some(Some(first)) if first != connection.address() => {
                let message = format!(
                    "expected a connection to {first}, where the scan has begun, found one to {}; try again, or \
                     begin again",
                    connection.address()
                );
                Err(Error::new(ErrorKind::Connection, message))
            }
            _ => Ok(()),
        }
    }

    fn answered(&self, connection: &Connection) {
        if let Some(mut first) = self.first() {
            first.get_or_insert_with(|| connection.address().clone());
        }
    }
}

impl Execute for &Handle {
    type Output<T: FromReplyOwned> = Result<T, Error>;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Result<T, Error> {
        let command = command.into_raw();
        decode(|receive| self.call(&command, receive))
    }
}

redis_cmd::implement_families!(for &Handle);

impl RunScript for &Handle {
    fn run_script<T: FromReplyOwned>(
        self,
        script: &Script,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Result<T, Error> {
        script.run(&keys, &args, |command| self.execute(command))
    }
}

/// The reply that `call` receives, decoded.
pub(crate) fn decode<T: FromReplyOwned>(
    call: impl FnOnce(&mut Receive<'_>) -> Result<(), Error>,
) -> Result<T, Error> {
    let mut decoded = None;
    call(&mut |reply| {
        if let Some(line) = reply.error() {
            return Err(ServerError::from_line(line).into());
        }
        decoded = Some(reply.decode()?);
        Ok(())
    })?;
    decoded.ok_or_else(|| Error::new(ErrorKind::Connection, "the command was not run"))
}
