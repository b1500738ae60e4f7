//! How a connection fails: what its error says, whether something may have been executed, and that it is of no use
//! any more.

use resp_proto::{Data, ServerError};

use super::{Connection, Request, State};
use crate::{Error, ErrorKind, deadline::AT_ONCE};

/// How many reads there may be until all is found that has come already.
const MOST_READS: usize = 8;

impl Connection {
    /// Whether anything that has no reply may have been executed when so many bytes of the last request were sent.
    pub(super) fn may_be_executed(&self, request: Request<'_>, written: usize) -> bool {
        let owed_before = matches!(self.state, State::Busy(owed) if owed > request.replies);
        owed_before || request.may_be_executed_after(written)
    }

    /// The error of a request that could not be sent at once but for so many bytes: the server's own, if it has said
    /// why it wants no more of it.
    #[cold]
    pub(super) fn fail_at_once(
        &mut self,
        error: Error,
        request: Request<'_>,
        written: usize,
    ) -> Error {
        let is_begun = written > 0 && written < request.len();
        let is_alone = request.replies == 1 && self.state == State::Busy(1);
        if is_begun && is_alone && error.kind() == ErrorKind::Connection {
            let refusal = self.last_words().and_then(|length| self.refusal(length));
            if let Some(refusal) = refusal {
                return self.poison(refusal);
            }
        }
        self.fail_sending(error, request, written)
    }

    /// The length of the reply that a server which takes nothing any more has sent before, if one has come.
    pub(super) fn last_words(&mut self) -> Option<usize> {
        for _ in 0..MOST_READS {
            if let Some(length) = self.complete_reply().ok()? {
                return Some(length);
            }
            self.read_more(Some(AT_ONCE)).ok()?;
        }
        None
    }

    /// The error that the server answers by the last reply that is owed, of that length; `None` if it is none.
    pub(super) fn refusal(&mut self, length: usize) -> Option<Error> {
        match self.deliver(length, 1).reply().data() {
            Data::Error(line) => Some(ServerError::from_line(line).into()),
            _ => None,
        }
    }

    /// The error of a request that could not be sent but for so many bytes.
    pub(super) fn fail_sending(
        &mut self,
        error: Error,
        request: Request<'_>,
        written: usize,
    ) -> Error {
        let executed = self.may_be_executed(request, written);
        self.poison(self.name_address(error.with_maybe_executed(executed)))
    }

    pub(super) fn fail_waiting(&mut self, error: Error) -> Error {
        let owed = matches!(self.state, State::Busy(_));
        self.poison(self.name_address(error.with_maybe_executed(owed)))
    }

    pub(super) fn poison(&mut self, error: Error) -> Error {
        self.state = State::Poisoned {
            owed: error.maybe_executed(),
        };
        error
    }

    pub(crate) fn name_address(&self, error: Error) -> Error {
        if self.names_address {
            error.at(self.address.to_string())
        } else {
            error
        }
    }

    /// Why the connection cannot be given to another user: see [`is_clean`](Connection::is_clean).
    pub(crate) fn unclean(&self) -> Error {
        if self.lease_has_ended() {
            self.lost()
        } else if self.state == State::Clean && !self.input.is_empty() {
            self.unasked()
        } else {
            self.name_address(Error::new(
                ErrorKind::Connection,
                "expected a connection that is ready for use, found one in the middle of something",
            ))
        }
    }

    pub(super) fn unasked(&self) -> Error {
        self.name_address(Error::new(
            ErrorKind::Protocol,
            "the server sent something that nobody had asked for",
        ))
    }

    pub(super) fn lost(&self) -> Error {
        self.name_address(Error::new(
            ErrorKind::Connection,
            "the connection may not be used any more: its server is not the primary now",
        ))
    }

    pub(super) fn unusable(&self) -> Error {
        let message = match self.state {
            State::Poisoned { .. } => "the connection failed before and cannot be used any more",
            _ => "no request is waiting for a reply",
        };
        self.name_address(Error::new(ErrorKind::Connection, message))
    }
}
