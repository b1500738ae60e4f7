//! Commands that wait to be sent together, and the exchange that sends them.

use redis_cmd::{Command, Typed, Waits};
use redis_conn::{Connection, Deadline, Error, ErrorKind, Request, ServerErrorKind};
use resp_proto::{Data, Framer, ServerError};

use crate::{Checkout, FromReplies, Replies};

const MULTI: &[u8] = b"*1\r\n$5\r\nMULTI\r\n";
const EXEC: &[u8] = b"*1\r\n$4\r\nEXEC\r\n";

/// Commands that wait to be sent together.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    /// [`MULTI`], then the requests: so a transaction is sent as it stands.
    encoded: Vec<u8>,
    count: usize,
    /// Whether all of the commands only read.
    read_only: bool,
    /// The first command that must not be sent, and why.
    invalid: Option<(String, &'static str)>,
}

/// How the commands of a queue are executed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mode {
    /// Between `MULTI` and `EXEC`.
    pub(crate) transaction: bool,
    /// Whether the first reply that is an error makes the whole fail.
    pub(crate) raise_on_error: bool,
}

impl Mode {
    /// What redis-py does if nothing is said.
    pub(crate) const DEFAULT: Self = Self {
        transaction: true,
        raise_on_error: true,
    };
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self {
            encoded: MULTI.to_vec(),
            count: 0,
            read_only: true,
            invalid: None,
        }
    }

    pub(crate) fn push<T>(&mut self, command: &Command<'_, T>) {
        self.count += 1;
        if self.invalid.is_none() {
            let reason = command.reason_against();
            self.invalid = reason.map(|reason| (place(self.count, &command.to_string()), reason));
        }
        self.read_only &= command.is_read_only();
        command.write_to(&mut self.encoded);
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn clear(&mut self) {
        self.encoded.truncate(MULTI.len());
        (self.count, self.read_only, self.invalid) = (0, true, None);
    }

    /// Sends the commands and decodes their replies.
    pub(crate) fn execute<T: FromReplies>(
        &self,
        checkout: &dyn Checkout,
        mode: Mode,
    ) -> Result<T, Error> {
        if let Some((place, reason)) = &self.invalid {
            return Err(Error::new(ErrorKind::InvalidInput, *reason).at(place));
        }
        if let Some(arity) = T::ARITY.filter(|&arity| arity != self.count) {
            let message = format!(
                "expected {arity} commands, as many as there are types for replies, found {}",
                self.count
            );
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        if self.count == 0 {
            return T::from_replies(&mut Replies::none(self));
        }
        let mut decoded = None;
        checkout.run(self.read_only, Waits::No, &mut |connection, deadline| {
            decoded = Some(if mode.transaction {
                self.transact(connection, deadline, mode)?
            } else {
                self.exchange(connection, deadline, mode)?
            });
            Ok(())
        })?;
        decoded.ok_or_else(|| Error::new(ErrorKind::Connection, "the pipeline was not run"))
    }

    fn exchange<T: FromReplies>(
        &self,
        connection: &mut Connection,
        deadline: Deadline,
        mode: Mode,
    ) -> Result<T, Error> {
        let request = Request::new(&self.encoded[MULTI.len()..]).with_replies(self.count);
        connection.send(request, deadline)?;
        let mut replies = Replies::of_connection(self, mode, connection, deadline);
        let decoded = T::from_replies(&mut replies);
        // What comes behind a failure belongs to it, and must not be met by the next user.
        let drained = replies.drain();
        let decoded = decoded?;
        drained?;
        Ok(decoded)
    }

    fn transact<T: FromReplies>(
        &self,
        connection: &mut Connection,
        deadline: Deadline,
        mode: Mode,
    ) -> Result<T, Error> {
        let mut bytes = Vec::with_capacity(self.encoded.len() + EXEC.len());
        bytes.extend_from_slice(&self.encoded);
        bytes.extend_from_slice(EXEC);
        connection.send(Request::new(&bytes).with_replies(self.count + 2), deadline)?;
        let mut refused = None;
        // Without MULTI, the commands were executed one by one.
        let mut opened = true;
        for index in 0..=self.count {
            let Data::Error(line) = connection.receive(deadline)?.data() else {
                continue;
            };
            let error = Error::from(ServerError::from_line(line));
            opened &= index > 0;
            let place = if index == 0 {
                "MULTI".into()
            } else {
                self.place_of(index)
            };
            refused.get_or_insert(error.at(place).with_maybe_executed(!opened));
        }
        let reply = connection.receive(deadline)?;
        match reply.data() {
            Data::Null => Err(Error::new(
                ErrorKind::Watch,
                "a watched key was changed, so the transaction was not executed",
            )),
            Data::Error(line) => {
                let error = Error::from(ServerError::from_line(line));
                let aborted = error.kind() == ErrorKind::Server(ServerErrorKind::ExecAbort);
                // The server says EXECABORT; what it had refused before says more.
                Err(refused.unwrap_or(error.at("EXEC").with_maybe_executed(!aborted)))
            }
            Data::Array(elements) if elements.len() == self.count => {
                T::from_replies(&mut Replies::of_transaction(self, mode, elements))
            }
            _ => Err(Error::new(
                ErrorKind::Protocol,
                format!(
                    "expected an array of {} replies from EXEC, found {reply:?}",
                    self.count
                ),
            )
            .with_maybe_executed(true)),
        }
    }

    /// Names a command, counted from 1.
    pub(crate) fn place_of(&self, number: usize) -> String {
        let mut rest = &self.encoded[MULTI.len()..];
        let mut framer = Framer::new();
        // Only errors come here, so finding the command again is cheaper than remembering all of them.
        for _ in 1..number {
            let Ok(Some(frame)) = framer.advance(rest) else {
                break;
            };
            rest = &rest[frame.len()..];
        }
        let words = match framer.advance(rest) {
            Ok(Some(frame)) => frame.reply().decode::<Vec<&[u8]>>().unwrap_or_default(),
            _ => Vec::new(),
        };
        place(number, &Typed::new(words).to_string())
    }
}

fn place(number: usize, command: &str) -> String {
    format!("command {number} ({command}) of the pipeline")
}
