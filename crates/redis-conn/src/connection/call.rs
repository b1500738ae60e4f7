//! One request, and its reply decoded into what was asked for.

use resp_proto::{Arrival, DecodeError, FromReplyOwned, ServerError};

use super::{Connection, Limit, Request, State};
use crate::{Deadline, Error, Parser, input::Bulk};

/// Decodes a reply into what somebody keeps.
pub type Decode<'d> = dyn FnMut(Arrival<'_>) -> Result<(), DecodeError> + 'd;

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
            decoded = Some(reply.decode()?);
            Ok(())
        })?;
        decoded.ok_or_else(|| self.unusable())
    }

    /// Sends one request and has its reply decoded: what [`call`](Connection::call) does, but compiled once
    /// and not for every type.
    ///
    /// # Errors
    /// Those of `call`.
    pub fn ask(
        &mut self,
        request: Request<'_>,
        deadline: Deadline,
        decode: &mut Decode<'_>,
    ) -> Result<(), Error> {
        let first_read = self.send_timed(request, deadline)?;
        let decoded = decode_value(self.receive_arrival(first_read, deadline)?, decode);
        self.input.shrink();
        decoded
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
            if let Some(length) = self.complete_reply()? {
                self.has_waited(deadline);
                return Ok(self.deliver(length, owed).into());
            }
            if self.parser == Parser::Native {
                if let Some(bulk) = self.input.begin_bulk() {
                    return self.receive_bulk(bulk, deadline, owed);
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
                return Ok(Arrival::Bulk(text));
            }
            self.read_until(deadline)?;
        }
    }
}

/// Has a reply decoded unless it is an error.
pub(crate) fn decode_value(reply: Arrival<'_>, decode: &mut Decode<'_>) -> Result<(), Error> {
    match reply.error() {
        Some(line) => Err(ServerError::from_line(line).into()),
        None => decode(reply).map_err(Error::from),
    }
}
