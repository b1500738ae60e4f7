//! The exchange: many requests going out while the replies to the first of them come in.

use std::{fmt, io, time::Duration};

use resp_proto::Reply;

use crate::{
    Connection, Deadline, Error, Request,
    connection::{State, is_time_out},
};

/// Requests of up to this size are written at once: what is on the way has room for them, so the server
/// takes them in even while nobody reads what it answers.
const AT_ONCE: usize = 64 << 10;
/// How much of larger ones is written before a look for replies.
const PIECE: usize = 256 << 10;
/// How long a write waits for room before a look for replies: whoever takes no more requests may be
/// waiting for us to take replies.
const TURN: Duration = Duration::from_millis(5);

/// Requests and the replies to them, in both directions at the same time: see
/// [`Connection::exchange`].
pub struct Exchange<'a> {
    connection: &'a mut Connection,
    request: Request<'a>,
    deadline: Deadline,
    /// How many bytes there are to write.
    length: usize,
    /// How many bytes have been written. Never more than `length`.
    written: usize,
    stage: Stage,
}

/// How far the requests are.
#[derive(Debug)]
enum Stage {
    /// Nothing has been done yet.
    New,
    /// They are on their way out. Whether the last read left something unread is what tells if the next
    /// step is a read or a write.
    Sending { unread: bool },
    /// No more can be written, because of this; what has come before can still be read.
    Broken(Error),
    /// All of them are with the operating system.
    Sent,
}

impl Connection {
    /// Sends requests, of any size together, and takes their replies while later ones are still being
    /// written. So neither side waits for the other to read, however many there are, and no reply is
    /// kept that is not asked for.
    ///
    /// Nothing happens before the first [`receive`](Exchange::receive). An exchange that is given up
    /// before all replies were received leaves a connection that is not clean.
    pub fn exchange<'a>(&'a mut self, request: Request<'a>, deadline: Deadline) -> Exchange<'a> {
        let borrowed = request.borrowed.iter().map(|(_, bytes)| bytes.len());
        Exchange {
            length: borrowed.fold(request.encoded.len(), usize::saturating_add),
            connection: self,
            request,
            deadline,
            written: 0,
            stage: Stage::New,
        }
    }
}

impl Exchange<'_> {
    /// Writes what can be written until the next reply is there, and returns it.
    ///
    /// # Errors
    /// Those of [`Connection::send`] and [`Connection::receive`], after which the connection is poisoned.
    /// When requests cannot be written any more, the replies that have come are returned first.
    pub fn receive(&mut self) -> Result<Reply<'_>, Error> {
        if matches!(self.stage, Stage::New) {
            self.begin()?;
        }
        while !matches!(self.stage, Stage::Sent) {
            if let Some(length) = self.connection.complete_reply()? {
                return match self.connection.state {
                    State::Busy(owed) if owed > 1 => Ok(self.connection.deliver(length, owed)),
                    // The last reply, though the last request has not been sent.
                    _ => Err(self.connection.poison(
                        self.connection
                            .unasked()
                            .with_maybe_executed(self.written > 0),
                    )),
                };
            }
            self.step()?;
        }
        self.connection.receive(self.deadline)
    }

    /// Whether all bytes of the requests have been written, if not necessarily delivered.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.written == self.length
    }

    fn begin(&mut self) -> Result<(), Error> {
        if self.length <= AT_ONCE {
            let (connection, written) = (&mut *self.connection, &mut self.written);
            connection.owe(self.request.replies, self.deadline)?;
            connection
                .write_all(self.request, self.deadline, written)
                .map_err(|error| connection.fail_sending(error, *written))?;
            self.stage = Stage::Sent;
        } else {
            self.connection.owe(self.request.replies, self.deadline)?;
            self.stage = Stage::Sending { unread: false };
        }
        Ok(())
    }

    /// One write and one look for replies, or one of them.
    fn step(&mut self) -> Result<(), Error> {
        let unread = match &mut self.stage {
            Stage::Sending { unread } => *unread,
            _ => true,
        };
        let is_stuck = !unread && self.write()?;
        if matches!(self.stage, Stage::Sent) {
            return Ok(());
        }
        let read = self.read(is_stuck)?;
        match &mut self.stage {
            Stage::Sending { unread } => *unread = read == Read::Full,
            Stage::Broken(_) if read == Read::Nothing => {
                if let Stage::Broken(error) = std::mem::replace(&mut self.stage, Stage::Sent) {
                    return Err(self.connection.fail_sending(error, self.written));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// One write, and a flush once all is written; whether there was no room for it.
    fn write(&mut self) -> Result<bool, Error> {
        let armed = self
            .turn()
            .map_err(|_| self.deadline.missed("sending the command"))
            .and_then(|turn| self.connection.arm_write(Some(turn)));
        if let Err(error) = armed {
            return Err(self.connection.fail_sending(error, self.written));
        }
        let transport = &mut self.connection.transport;
        let mut result = Ok(());
        if let piece @ [_, ..] = rest(self.request, self.written) {
            result = match transport.write(piece.get(..PIECE).unwrap_or(piece)) {
                Ok(0) => Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.written = self.written.saturating_add(count).min(self.length);
                    Ok(())
                }
                Err(error) => Err(error),
            };
        }
        if result.is_ok() && self.written == self.length {
            // At once, as the reply to the last request may come any moment now.
            result = transport.flush();
            if result.is_ok() {
                self.stage = Stage::Sent;
            }
        }
        match result {
            Ok(()) => {}
            Err(error) if is_time_out(&error) => return Ok(true),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.stage = Stage::Broken(Error::from_io("the connection broke", error)),
        }
        Ok(false)
    }

    /// One read of what is there; a short wait for it if nothing can be written either and the transport
    /// cannot tell.
    fn read(&mut self, is_stuck: bool) -> Result<Read, Error> {
        let (mut is_full, mut can_tell) = (false, true);
        let found = self.connection.read(|transport, room| {
            let result = transport.read_now(room);
            is_full = matches!(result, Ok(count) if count == room.len());
            can_tell = !matches!(&result, Err(error) if error.kind() == io::ErrorKind::Unsupported);
            if can_tell {
                result
            } else {
                Err(io::ErrorKind::WouldBlock.into())
            }
        })?;
        Ok(match found {
            _ if is_full => Read::Full,
            true => Read::Some,
            false if can_tell || !is_stuck => Read::Nothing,
            false => {
                let turn = self
                    .turn()
                    .map_err(|error| self.connection.fail_waiting(error))?;
                match self.connection.read_more(Some(turn))? {
                    true => Read::Some,
                    false => Read::Nothing,
                }
            }
        })
    }

    fn turn(&self) -> Result<Duration, Error> {
        let left = self.deadline.remaining()?;
        Ok(left.unwrap_or(TURN).min(TURN))
    }
}

impl fmt::Debug for Exchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("connection", &self.connection)
            .field("length", &self.length)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

/// What a look for replies found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    Nothing,
    Some,
    /// As much as there was room for: there may be more.
    Full,
}

/// What stands in one piece behind the first `written` bytes of a request; empty at its end.
fn rest(request: Request<'_>, written: usize) -> &[u8] {
    let (mut from, mut done) = (written, 0);
    for &(place, bytes) in request.borrowed {
        for piece in [request.encoded.get(done..place).unwrap_or_default(), bytes] {
            match piece.get(from..) {
                Some(rest @ [_, ..]) => return rest,
                _ => from = from.saturating_sub(piece.len()),
            }
        }
        done = place;
    }
    let last = request.encoded.get(done..).unwrap_or_default();
    last.get(from..).unwrap_or_default()
}
