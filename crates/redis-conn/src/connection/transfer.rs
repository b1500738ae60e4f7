//! Bytes in and out, each step no longer than its deadline allows.

use std::{
    io::{self, IoSlice},
    time::Duration,
};

use super::{Connection, Request};
use crate::{
    Deadline, Error, ErrorKind, Transport,
    deadline::{AT_ONCE, Limit},
    transport::is_time_out,
};

/// A timeout that is off by less than this is not set anew: that would be a system call for every read. It is also by
/// how much a deadline can be overrun.
const TIMEOUT_SLACK: Duration = Duration::from_millis(10);

impl Connection {
    /// One read that waits no longer than until the deadline, which must not have passed.
    pub(super) fn read_until(&mut self, deadline: Deadline) -> Result<bool, Error> {
        match deadline.left() {
            Some(limit) => self.read_more(limit),
            None => Err(self.fail_waiting(deadline.missed("waiting for the reply"))),
        }
    }

    /// One read that waits no longer than that; whether anything came.
    #[inline]
    pub(crate) fn read_more(&mut self, limit: Limit) -> Result<bool, Error> {
        if let Err(error) = self.arm_read(limit) {
            return Err(self.fail_waiting(error));
        }
        self.read(|transport, room| transport.read(room))
    }

    /// One read; whether anything came.
    #[inline]
    pub(super) fn read(
        &mut self,
        read: impl FnOnce(&mut dyn Transport, &mut [u8]) -> io::Result<usize>,
    ) -> Result<bool, Error> {
        let transport = &mut *self.transport;
        match self.input.fill(|room| read(transport, room)) {
            Ok(0) => {
                let error = Error::new(ErrorKind::Connection, "the server closed the connection");
                Err(self.fail_waiting(error))
            }
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
            // The deadline decides, not the clock of the socket: see whoever calls this.
            Err(error) if is_time_out(&error) => Ok(false),
            Err(error) => Err(self.fail_waiting(broken(error))),
        }
    }

    /// Writes a request, where it may be known how long the first write may wait; whether one write took all of it.
    pub(super) fn write_all(
        &mut self,
        request: Request<'_>,
        deadline: Deadline,
        mut limit: Option<Limit>,
        written: &mut usize,
    ) -> Result<bool, Error> {
        let mut taken = 0;
        if request.borrowed.is_empty() {
            while let Some(rest @ [_, ..]) = request.encoded.get(*written..) {
                let write = |transport: &mut dyn Transport| transport.write(rest);
                taken = self.write(write, deadline, limit.take())?;
                *written = written.saturating_add(taken);
            }
        } else {
            let mut slices = request.pieces();
            let mut slices = slices.as_mut_slice();
            while !slices.is_empty() {
                let write = |transport: &mut dyn Transport| transport.write_vectored(slices);
                let left = slices.iter().map(|slice| slice.len()).sum();
                taken = self.write(write, deadline, limit.take())?.min(left);
                *written = written.saturating_add(taken);
                IoSlice::advance_slices(&mut slices, taken);
            }
        }
        // Sockets have nothing to flush: where one write took everything, the clock is looked at only if that turns
        // out to take time. Else the limit that is set may be one of long ago.
        if taken == *written && self.transport.flush().is_ok() {
            return Ok(true);
        }
        self.write(|transport| transport.flush().map(|()| 1), deadline, None)?;
        Ok(false)
    }

    /// Writes what there is room for until the deadline, of requests of which so much has been written; whether all of
    /// it is with the operating system. After a deadline that has passed already, there is one write that does not wait.
    pub(crate) fn write_some(
        &mut self,
        requests: &[u8],
        written: &mut usize,
        deadline: Deadline,
    ) -> Result<bool, Error> {
        self.owe(0, deadline)?;
        self.try_write_some(requests, written, deadline)
            .map_err(|error| self.fail_sending(error, Request::new(requests), *written))
    }

    fn try_write_some(
        &mut self,
        requests: &[u8],
        written: &mut usize,
        deadline: Deadline,
    ) -> Result<bool, Error> {
        let mut is_late = false;
        loop {
            let rest = requests.get(*written..).unwrap_or_default();
            let limit = match deadline.left() {
                Some(limit) => limit,
                None if is_late && !rest.is_empty() => return Ok(false),
                None => {
                    is_late = true;
                    Some(AT_ONCE)
                }
            };
            self.arm_write(limit)?;
            let taken = match rest {
                [] => self.transport.flush().map(|()| None),
                rest => self.transport.write(rest).map(Some),
            };
            match taken {
                Ok(None) => return Ok(true),
                Ok(Some(0)) => return Err(broken(io::ErrorKind::WriteZero.into())),
                Ok(Some(count)) => *written = written.saturating_add(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted || is_time_out(&error) => {
                    if is_late {
                        return Ok(false);
                    }
                }
                Err(error) => return Err(broken(error)),
            }
        }
    }

    /// One successful write, of at least a byte, or one flush.
    fn write(
        &mut self,
        mut write: impl FnMut(&mut dyn Transport) -> io::Result<usize>,
        deadline: Deadline,
        mut known: Option<Limit>,
    ) -> Result<usize, Error> {
        loop {
            let limit = match known.take() {
                Some(limit) => limit,
                None => deadline
                    .left()
                    .ok_or_else(|| deadline.missed("sending the command"))?,
            };
            self.arm_write(limit)?;
            match write(&mut *self.transport) {
                Ok(0) => {
                    return Err(Error::new(
                        ErrorKind::Connection,
                        "the connection takes no more bytes",
                    ));
                }
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted || is_time_out(&error) => {
                }
                Err(error) => return Err(broken(error)),
            }
        }
    }

    #[inline]
    pub(super) fn arm_read(&mut self, limit: Limit) -> Result<(), Error> {
        if is_near(self.read_limit, limit) {
            return Ok(());
        }
        self.set_read_limit(limit)
    }

    #[inline]
    pub(super) fn arm_write(&mut self, limit: Limit) -> Result<(), Error> {
        if is_near(self.write_limit, limit) {
            return Ok(());
        }
        self.set_write_limit(limit)
    }

    /// Sets the timeouts that calls begin with, exactly.
    pub(super) fn set_limits(&mut self, limit: Limit) -> Result<(), Error> {
        self.set_read_limit(limit)?;
        self.set_write_limit(limit)
    }

    fn set_read_limit(&mut self, limit: Limit) -> Result<(), Error> {
        self.transport
            .set_read_timeout(limit)
            .map_err(no_time_out)?;
        self.read_limit = limit;
        Ok(())
    }

    fn set_write_limit(&mut self, limit: Limit) -> Result<(), Error> {
        self.transport
            .set_write_timeout(limit)
            .map_err(no_time_out)?;
        self.write_limit = limit;
        Ok(())
    }
}

#[inline]
fn is_near(armed: Limit, wanted: Limit) -> bool {
    if armed == wanted {
        return true;
    }
    match (armed, wanted) {
        (Some(armed), Some(wanted)) => armed.abs_diff(wanted) <= TIMEOUT_SLACK,
        _ => false,
    }
}

/// Also by the system, which calls that a timeout when it gives a connection up.
pub(super) fn broken(error: io::Error) -> Error {
    Error::new(ErrorKind::Connection, "the connection broke").with_source(error)
}

fn no_time_out(error: io::Error) -> Error {
    Error::new(
        ErrorKind::Connection,
        "no time-out could be set on the connection",
    )
    .with_source(error)
}
