//! One request, and its reply decoded into what was asked for.

use resp_proto::{Arrival, FromReplyOwned, ServerError};

use super::{Connection, Request, State};
use crate::{Deadline, Error, Parser, deadline::Limit, input::Bulk};

/// Takes a reply, which may be [an error](Arrival::error) of the server, and makes of it what somebody keeps.
pub type Receive<'r> = dyn FnMut(Arrival<'_>) -> Result<(), Error> + 'r;

impl Connection {
    /// Sends one request and decodes its reply.
    ///
    /// # Errors
    /// Those of [`send`](Connection::send) and [`receive`](Connection::receive); `Server` when the reply
    /// is an error, `Decode` when it is no `T`. After the last two the connection is still clean.
    pub fn call<T: FromReplyOwned>(
        &mut self,
        request: Request<'_>,
        deadline: Deadline,
    ) -> Result<T, Error> {
        let mut decoded = None;
        self.ask(request, deadline, &mut |reply| {
            if let Some(line) = reply.error() {
                return Err(ServerError::from_line(line).into());
            }
            // Whatever errors it holds, it is the reply of a command that was executed.
            let reply = reply.decode();
            decoded = Some(reply.map_err(|error| Error::from(error).with_maybe_executed(true))?);
            Ok(())
        })?;
        decoded.ok_or_else(|| self.unusable())
    }

    /// Sends one request and hands its reply to `receive`: what [`call`](Connection::call) does, but compiled once
    /// and not for every type.
    ///
    /// # Errors
    /// Those of [`send`](Connection::send) and [`receive`](Connection::receive), and those of `receive`, after which
    /// the connection is still clean.
    pub fn ask(
        &mut self,
        request: Request<'_>,
        deadline: Deadline,
        receive: &mut Receive<'_>,
    ) -> Result<(), Error> {
        let limit = self.first_limit(request, deadline);
        let is_quick = self.send_at_once(request, deadline, limit)?;
        let limit = limit.filter(|_| is_quick);
        let received = receive(self.receive_arrival(limit, deadline)?);
        self.input.shrink();
        received
    }

    /// Waits for the next reply, as [`receive`](Connection::receive) does. A large bulk string comes in memory of
    /// its own.
    pub(crate) fn receive_arrival(
        &mut self,
        mut first_read: Option<Limit>,
        deadline: Deadline,
    ) -> Result<Arrival<'_>, Error> {
        let owed = self.owed()?;
        loop {
            if !self.input.is_empty() {
                if let Some(length) = self.complete_reply()? {
                    self.has_waited(deadline);
                    return Ok(self.deliver(length, owed).into());
                }
                if self.parser == Parser::Native {
                    if let Some(bulk) = self.input.begin_bulk() {
                        return self.receive_bulk(bulk, deadline, owed);
                    }
                }
            }
            match first_read.take() {
                Some(limit) => self.read_more(limit)?,
                None => self.read_until(deadline)?,
            };
        }
    }

    #[cold]
    fn receive_bulk(
        &mut self,
        mut bulk: Bulk,
        deadline: Deadline,
        owed: usize,
    ) -> Result<Arrival<'static>, Error> {
        loop {
            let taken = self.input.take_bulk(&mut bulk);
            if let Some(text) = taken.map_err(|error| self.fail_waiting(error.into()))? {
                self.has_waited(deadline);
                self.state = State::after(owed, 1);
                return Ok(Arrival::bulk(text));
            }
            self.read_until(deadline)?;
        }
    }
}
