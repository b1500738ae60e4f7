//! A handle: single commands over the seam [`Checkout`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis_cmd::{Command, Execute, ToArgs};
use redis_conn::{Address, Connection, Error, ErrorKind};
use resp_proto::FromReplyOwned;

use crate::{
    Checkout, Need, RunScript, Script,
    call::{Decode, decoded, make_call},
};

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

    fn call(&self, command: &Command<'_>, decode: &mut Decode<'_>) -> Result<(), Error> {
        make_call(command, decode, |request, receive| {
            let need = Need::of(command);
            self.checkout.run(&need, &mut |connection, deadline| {
                self.check(connection)?;
                connection.ask(request, deadline, receive)?;
                self.answered(connection);
                Ok(())
            })
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
        decoded(|decode| self.call(&command, decode))
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
