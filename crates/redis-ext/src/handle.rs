//! A handle: single commands over the seam [`Checkout`].

use std::sync::Arc;

use redis_cmd::{Command, Execute, ToArgs};
use redis_conn::{Error, ErrorKind, Receive, Request};
use resp_proto::{FromReplyOwned, ServerError};

use crate::{Checkout, Need, RunScript, Script, told_apart};

/// What keeps a client's connections at hand for objects that make calls of their own.
#[derive(Clone)]
pub(crate) struct Handle(Arc<dyn Checkout>);

impl Handle {
    pub(crate) fn new(checkout: Arc<dyn Checkout>) -> Self {
        Self(checkout)
    }

    /// Makes the call that a command is. It is compiled once, not for every type of its reply.
    fn call(&self, command: &Command<'_>, receive: &mut Receive<'_>) -> Result<(), Error> {
        if let Some(reason) = command.reason_against() {
            return Err(Error::new(ErrorKind::InvalidInput, reason).at(command.to_string()));
        }
        let request = Request::new(command.encoded()).with_borrowed(command.borrowed());
        let need = Need::of(command);
        let result = self.0.run(&need, &mut |connection, deadline| {
            let called = connection.ask(request, deadline, receive);
            called.map_err(|error| told_apart(error, command.runs_program()))
        });
        result.map_err(|error| match error.kind() {
            ErrorKind::Decode => error.at(format!("the reply to {}", command.name())),
            _ => error,
        })
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
