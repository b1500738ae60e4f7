//! The exchange: many requests going out while the replies to the first of them come in.

use std::{fmt, io, time::Duration};

use resp_proto::{Elements, Frame, Reply};

use crate::{
    Connection, Deadline, Error, Request,
    connection::{State, transfer::broken},
    transport::is_time_out,
};

/// Requests of up to this size are written at once: what is on the way has room for them, so the server
/// takes them in even while nobody reads what it answers.
const SMALL: usize = 64 << 10;
/// How much of larger ones is written before a look for replies.
const PIECE: usize = 256 << 10;
/// How much is written where any room at all is waited for.
const MORSEL: usize = 4 << 10;
/// How long to wait for room before a look for replies: whoever takes no more requests may be waiting for
/// us to take replies.
const TURN: Duration = Duration::from_millis(5);

/// Requests and the replies to them, in both directions at the same time: see
/// [`Connection::exchange`].
///
/// It alternates between writing and reading, with a transport that does not block, and waits only when neither finds
/// anything to do: for room, as what comes in is looked for again soon. A transport that can only block has timeouts of
/// one turn instead.
pub struct Exchange<'a> {
    connection: &'a mut Connection,
    request: Request<'a>,
    deadline: Deadline,
    /// How many bytes of the request have been written. Never more than there are.
    written: usize,
    stage: Stage,
}

/// How far the requests are.
#[derive(Debug)]
enum Stage {
    /// Nothing has been done yet.
    New,
    /// They are on their way out.
    Sending {
        /// Whether reads and writes block, for a turn.
        blocks: bool,
        /// Whether the last read may have left something, so that the next step is another one.
        unread: bool,
    },
    /// No more can be written, because of this; what has come before can still be read.
    Broken(Error),
    /// All of them are with the operating system, and the transport is as it was.
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
        Exchange {
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
    /// Those of [`Connection::send`] and [`Connection::receive`], after which the connection is poisoned; so it is
    /// after `Server`, when the server refuses the last request before it has all of it.
    /// When requests cannot be written any more, the replies that have come are returned first.
    pub fn receive(&mut self) -> Result<Reply<'_>, Error> {
        self.receive_frame().map(|frame| frame.reply())
    }

    /// The same before it is looked at, which is quicker to hand on.
    ///
    /// # Errors
    /// Those of [`receive`](Exchange::receive).
    pub fn receive_frame(&mut self) -> Result<Frame<'_>, Error> {
        if matches!(self.stage, Stage::New) {
            self.begin()?;
        }
        if let State::Poisoned { owed } = self.connection.state {
            return Err(self.connection.unusable().with_maybe_executed(owed));
        }
        while !matches!(self.stage, Stage::Sent) {
            if let Some(length) = self.connection.complete_reply()? {
                return match self.connection.state {
                    State::Busy(owed) if owed > 1 => Ok(self.connection.deliver(length, owed)),
                    _ => Err(self.refused(length)),
                };
            }
            self.step()?;
        }
        self.connection.receive_frame(self.deadline)
    }

    /// The next replies, as many as have come already, as long as they are strings and numbers: never an error.
    /// Reading them together is quicker. Where there are none, the next one is [received](Exchange::receive).
    pub fn received(&mut self) -> Elements<'_> {
        let most = match (&self.stage, self.connection.state) {
            (Stage::Sent, State::Busy(owed)) => owed,
            // The last reply cannot come before the last request has been sent.
            (Stage::Sending { .. } | Stage::Broken(_), State::Busy(owed)) => owed.saturating_sub(1),
            _ => 0,
        };
        self.connection.take_frequent(most)
    }

    /// Whether all bytes of the requests have been written, if not necessarily delivered.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.written == self.request.len()
    }

    fn begin(&mut self) -> Result<(), Error> {
        // It is not begun again, whatever becomes of it.
        self.stage = Stage::Sent;
        let (connection, written) = (&mut *self.connection, &mut self.written);
        connection.owe(self.request.replies, self.deadline)?;
        if self.request.len() <= SMALL {
            connection
                .write_all(self.request, self.deadline, None, written)
                .map_err(|error| connection.fail_sending(error, self.request, *written))?;
        } else {
            let blocks = connection.transport.set_nonblocking(true).is_err();
            self.stage = Stage::Sending {
                blocks,
                unread: false,
            };
        }
        Ok(())
    }

    /// The error of a last reply that comes before the last request has been sent: the server's own, if it says why
    /// it wants no more of that.
    fn refused(&mut self, length: usize) -> Error {
        let connection = &mut *self.connection;
        let executed = connection.may_be_executed(self.request, self.written);
        let refusal = connection.refusal(length);
        let error = refusal.unwrap_or_else(|| connection.unasked());
        connection.poison(error.with_maybe_executed(executed))
    }

    /// Some writing, some reading, or a wait for either.
    fn step(&mut self) -> Result<(), Error> {
        let turn = self.turn()?;
        let Stage::Sending { blocks, unread } = self.stage else {
            return self.salvage(turn);
        };
        let limit = blocks.then_some(turn);
        let has_written = !unread && self.write(PIECE, limit)?;
        if matches!(self.stage, Stage::Sent) || has_written && blocks {
            return Ok(());
        }
        let has_read = self.read(limit)?;
        if !has_written && !has_read && !blocks && !unread {
            self.wait(turn)?;
        }
        Ok(())
    }

    /// One read of what came before no more could be written; the reason for that once there is nothing.
    fn salvage(&mut self, turn: Duration) -> Result<(), Error> {
        if self.read(Some(turn))? {
            return Ok(());
        }
        match std::mem::replace(&mut self.stage, Stage::Sent) {
            Stage::Broken(error) => {
                Err(self
                    .connection
                    .fail_sending(error, self.request, self.written))
            }
            _ => Ok(()),
        }
    }

    /// Waits until there is room for a little more.
    fn wait(&mut self, turn: Duration) -> Result<(), Error> {
        self.set_nonblocking(false)?;
        self.write(MORSEL, Some(turn))?;
        match self.stage {
            Stage::Sending { .. } => self.set_nonblocking(true),
            _ => Ok(()),
        }
    }

    /// One write, and a flush once all is written; whether there was room for anything.
    fn write(&mut self, most: usize, limit: Option<Duration>) -> Result<bool, Error> {
        if limit.is_some() {
            let armed = self.connection.arm_write(limit);
            armed.map_err(|error| {
                self.connection
                    .fail_sending(error, self.request, self.written)
            })?;
        }
        let mut result = Ok(());
        if let piece @ [_, ..] = self.request.rest(self.written) {
            let piece = piece.get(..most).unwrap_or(piece);
            result = match self.connection.transport.write(piece) {
                Ok(0) => Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.written = self.written.saturating_add(count).min(self.request.len());
                    Ok(())
                }
                Err(error) => Err(error),
            };
        }
        if result.is_ok() && self.is_written() {
            // At once, as the reply to the last request may come any moment now.
            result = self.connection.transport.flush();
            if result.is_ok() {
                self.set_nonblocking(false)?;
                self.stage = Stage::Sent;
            }
        }
        match result {
            Ok(()) => Ok(true),
            Err(error) if is_time_out(&error) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(true),
            Err(error) => {
                self.stage = Stage::Broken(broken(error));
                Ok(true)
            }
        }
    }

    /// One read; whether it found anything, if only a part of something.
    fn read(&mut self, limit: Option<Duration>) -> Result<bool, Error> {
        if limit.is_some() {
            let armed = self.connection.arm_read(limit);
            armed.map_err(|error| self.connection.fail_waiting(error))?;
        }
        let (mut is_full, mut is_part) = (false, false);
        let executed = self.connection.may_be_executed(self.request, self.written);
        let has_read = self.connection.read(|transport, room| {
            let result = transport.read(room);
            is_full = matches!(result, Ok(count) if count == room.len());
            // TLS reads records in parts, the first of which give nothing yet.
            is_part = matches!(&result, Err(error) if error.kind() == io::ErrorKind::Interrupted);
            result
        });
        let has_read = is_part
            | has_read
                .map_err(|error| self.connection.poison(error.with_maybe_executed(executed)))?;
        if let Stage::Sending { blocks, unread } = &mut self.stage {
            // To find out costs nothing where reading does not block, and a turn where it does.
            *unread = if *blocks { has_read } else { is_full | is_part };
        }
        Ok(has_read)
    }

    /// How long one wait may be.
    fn turn(&mut self) -> Result<Duration, Error> {
        match self.deadline.left() {
            Some(left) => Ok(left.unwrap_or(TURN).min(TURN)),
            None => {
                let error = self.deadline.missed("sending the command");
                Err(self
                    .connection
                    .fail_sending(error, self.request, self.written))
            }
        }
    }

    /// Changes nothing on a transport that can only block.
    fn set_nonblocking(&mut self, nonblocking: bool) -> Result<(), Error> {
        if matches!(self.stage, Stage::Sending { blocks: true, .. }) {
            return Ok(());
        }
        let set = self.connection.transport.set_nonblocking(nonblocking);
        set.map_err(|error| {
            let error = Error::from_io("the connection could not be told whether to wait", error);
            self.connection
                .fail_sending(error, self.request, self.written)
        })
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        if matches!(self.stage, Stage::Sending { .. } | Stage::Broken(_)) {
            // Nobody can go on from here.
            self.connection.state = State::Poisoned { owed: true };
        }
    }
}

impl fmt::Debug for Exchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("connection", &self.connection)
            .field("length", &self.request.len())
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}
