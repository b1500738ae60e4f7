//! A handle: single commands over the seam [`Checkout`].

use std::sync::Arc;

use redis_cmd::{Command, Execute, ToArgs};
use redis_conn::{Error, ErrorKind, Request};
use resp_proto::FromReplyOwned;

use crate::{Checkout, Need, RunScript, Script, told_apart};

/// What keeps a client's connections at hand for objects that make calls of their own.
#[derive(Clone)]
pub(crate) struct Handle(Arc<dyn Checkout>);

impl Handle {
    pub(crate) fn new(checkout: Arc<dyn Checkout>) -> Self {
        Self(checkout)
    }
}

impl Execute for &Handle {
    type Output<T: FromReplyOwned> = Result<T, Error>;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Result<T, Error> {
        if let Some(reason) = command.reason_against() {
            return Err(Error::new(ErrorKind::InvalidInput, reason).at(command.to_string()));
        }
        let request = Request::new(command.encoded()).with_borrowed(command.borrowed());
        let mut reply = None;
        let need = Need::of(&command);
        let result = self.0.run(&need, &mut |connection, deadline| {
            let called = connection.call(request, deadline);
            reply = Some(called.map_err(|error| told_apart(error, command.runs_program()))?);
            Ok(())
        });
        result.map_err(|error| match error.kind() {
            ErrorKind::Decode => error.at(format!("the reply to {}", command.name())),
            _ => error,
        })?;
        reply.ok_or_else(|| Error::new(ErrorKind::Connection, "the command was not run"))
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
