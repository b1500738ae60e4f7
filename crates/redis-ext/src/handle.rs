//! Handles: single commands over the trait [`Checkout`].

use std::sync::Arc;

use redis_cmd::{
    Command, Execute, HashCommands, KeyCommands, SetCommands, SortedSetCommands, StringCommands,
    ToArgs,
};
use redis_conn::{Address, Connection, Deadline, Error, ErrorKind, ServerErrorKind};
use resp_proto::FromReplyOwned;

use crate::{
    Checkout, Need, RunScript, Script,
    call::{Decode, decoded, make_call, make_call_of},
    refusals::told_apart,
};

/// What keeps a client's connections at hand for objects that make calls of their own.
///
/// The scripts that it runs are those of this crate, whose one write is the last thing that they do.
#[derive(Clone)]
pub(crate) struct Handle {
    checkout: Arc<dyn Checkout>,
    deadline: Option<Deadline>,
    once: bool,
}

impl Handle {
    pub(crate) fn new(checkout: Arc<dyn Checkout>) -> Self {
        Self {
            checkout,
            deadline: None,
            once: false,
        }
    }

    /// One whose calls are of use only until then.
    pub(crate) fn until(&self, deadline: Deadline) -> Self {
        Self {
            deadline: Some(deadline),
            ..self.clone()
        }
    }

    /// One whose calls are tried once.
    pub(crate) fn once(mut self) -> Self {
        self.once = true;
        self
    }

    fn call(&self, command: &Command<'_>, decode: &mut Decode<'_>) -> Result<(), Error> {
        let told = |error| told(error, command.runs_program());
        make_call_of(command, &told, decode, |request, receive| {
            let mut need = Need::of(command);
            (need.deadline, need.once) = (self.deadline, self.once);
            self.checkout.run(&need, &mut |connection, deadline| {
                connection.ask(request, deadline, receive)
            })
        })
    }
}

/// A replica refuses the write, before which a script of ours has changed nothing.
fn told(error: Error, runs_program: bool) -> Error {
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::ReadOnly) => error,
        _ => told_apart(error, runs_program),
    }
}

impl Execute for &Handle {
    type Output<T: FromReplyOwned> = Result<T, Error>;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Result<T, Error> {
        let command = command.into_raw();
        decoded(|decode| self.call(&command, decode))
    }
}

impl KeyCommands for &Handle {}
impl StringCommands for &Handle {}

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

/// The same for who means one server only: a call that would go to another one than the first that has answered is an
/// error.
pub(crate) struct OneServer {
    checkout: Arc<dyn Checkout>,
    /// Which one that is, once it has answered.
    server: Option<Address>,
}

impl OneServer {
    pub(crate) fn new(checkout: Arc<dyn Checkout>) -> Self {
        Self {
            checkout,
            server: None,
        }
    }

    /// Lets the next call go to any server.
    pub(crate) fn forget(&mut self) {
        self.server = None;
    }

    fn call(&mut self, command: &Command<'_>, decode: &mut Decode<'_>) -> Result<(), Error> {
        make_call(command, decode, |request, receive| {
            let need = Need::of(command);
            let Self { checkout, server } = self;
            checkout.run(&need, &mut |connection, deadline| {
                check(server.as_ref(), connection)?;
                connection.ask(request, deadline, receive)?;
                server.get_or_insert_with(|| connection.address().clone());
                Ok(())
            })
        })
    }
}

/// No error of the connection: another one is as likely to lead there, so that nothing is gained by trying again at
/// once.
fn check(server: Option<&Address>, connection: &Connection) -> Result<(), Error> {
    match server {
        Some(server) if server != connection.address() => {
            let message = format!(
                "expected a connection to {server}, where the scan has begun, found one to {}; try again, or \
                 begin again",
                connection.address()
            );
            Err(Error::new(ErrorKind::AnotherServer, message))
        }
        _ => Ok(()),
    }
}

impl Execute for &mut OneServer {
    type Output<T: FromReplyOwned> = Result<T, Error>;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Result<T, Error> {
        let command = command.into_raw();
        decoded(|decode| self.call(&command, decode))
    }
}

impl HashCommands for &mut OneServer {}
impl KeyCommands for &mut OneServer {}
impl SetCommands for &mut OneServer {}
impl SortedSetCommands for &mut OneServer {}
