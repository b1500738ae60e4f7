//! Calls of several callers on one connection: who gets a connection while others wait makes their calls
//! along with its own.

use std::{collections::VecDeque, fmt, sync::Arc, time::Duration};

use resp_proto::{Arrival, Frame};

use super::{FEW, Grant, MANY, PATIENCE, Place, Pool, PooledConnection, Shared, Users, Waiter};
use crate::{Connection, Deadline, Decode, Error, ErrorKind, Request, connection::decode_value};

/// How many bytes of requests go out together. Whoever is on the way has room for so many, so the server
/// takes them in even while nobody reads what it answers. Longer calls wait for a connection of their own.
const TOGETHER: usize = 16 << 10;

/// How a caller's turn came: see [`Pool::turn`].
#[derive(Debug)]
pub enum Turn {
    /// With a connection, on which the call can be made.
    Own(PooledConnection),
    /// With the answer, as the call has been made along with others.
    Answered(Answer),
}

/// The reply to a call that was made along with others.
pub struct Answer {
    kept: Kept,
}

/// A reply that outlives the bytes among which it came.
enum Kept {
    /// As it came.
    Frame(Vec<u8>),
    /// The text of a large bulk string, in the memory that it was read into.
    Bulk(Vec<u8>),
}

/// A call that others may make.
pub(super) struct Call {
    request: Vec<u8>,
    response_timeout: Duration,
}

impl Pool {
    /// Waits until a call can be made, or has been made.
    ///
    /// While there are fewer callers than there may be connections, and than 32, it is as
    /// [`checkout`](Pool::checkout). With more of them, and [`PoolConfig::sharing`](crate::PoolConfig::sharing) on, four connections in use
    /// are enough: the call waits together with others, and the first of them that gets a connection writes the
    /// requests of all at once and hands out the replies, in the order of the requests. Nobody waits so for
    /// longer than 2 milliseconds while a connection is free. It makes sense for a single small
    /// request whose reply comes as soon as the server can; never for one that blocks, and never for one
    /// after which the connection is not what it was.
    ///
    /// From when its request is sent, a call may take `response_timeout`. When one that was made
    /// together with others misses that, or the connection breaks, all of them fail that have no reply
    /// yet, each with an error of its own that says whether it may have been executed.
    ///
    /// # Errors
    /// Those of [`checkout`](Pool::checkout); for a call that was made, those of [`Connection::call`].
    pub fn turn(&self, request: Request<'_>, response_timeout: Duration) -> Result<Turn, Error> {
        let Some(request) = self.shared.shareable(request) else {
            return self.checkout().map(Turn::Own);
        };
        let call = || Call {
            request: request.to_vec(),
            response_timeout,
        };
        let (grant, waiter) = self.shared.grant_or_join(call)?;
        let place = match grant {
            Grant::Place(place) => place,
            Grant::Answer(result) => return result.map(Turn::Answered),
        };
        let mut connection = self.admit(place, Users::of_call())?;
        let own = waiter.as_ref().and_then(|waiter| waiter.call.as_ref());
        let others = own.map(|own| connection.take_along(own));
        match (own, others) {
            (Some(own), Some(others)) if !others.is_empty() => {
                drive(connection, own, others).map(Turn::Answered)
            }
            _ => Ok(Turn::Own(connection)),
        }
    }
}

impl Shared {
    /// The bytes of a request that others may send.
    fn shareable<'a>(&self, request: Request<'a>) -> Option<&'a [u8]> {
        let bytes = request.whole()?;
        (self.config.sharing && bytes.len() <= TOGETHER).then_some(bytes)
    }

    /// A connection or a permit; or a place among those whose calls go out together, and what came of that.
    fn grant_or_join(
        &self,
        call: impl FnOnce() -> Call,
    ) -> Result<(Grant, Option<Arc<Waiter>>), Error> {
        let mut state = self.state.lock();
        let callers = state.users.saturating_add(state.waiting.len());
        if callers < self.config.max_size.min(MANY) || state.calling < FEW {
            if let Some(place) = self.take(&mut state, Users::of_call()) {
                return Ok((Grant::Place(place), None));
            }
        }
        let waiter = state.queue(Waiter::for_call(call()));
        drop(state);
        let mut grant = waiter.wait(Deadline::within(PATIENCE));
        if grant.is_none() {
            grant = self.take_instead(&waiter).map(Grant::Place);
        }
        let grant = grant.map_or_else(|| self.wait(&waiter), Ok)?;
        Ok((grant, Some(waiter)))
    }

    /// What could be had without waiting, unless the call is being made.
    fn take_instead(&self, waiter: &Arc<Waiter>) -> Option<Place> {
        let mut state = self.state.lock();
        let is_waiting = state.waiting.iter().any(|other| Arc::ptr_eq(other, waiter));
        let place = is_waiting.then(|| self.take(&mut state, waiter.users()))??;
        state.leave(waiter);
        Some(place)
    }
}

impl PooledConnection {
    /// Takes those out of the queue whose calls can go out together with `own`.
    fn take_along(&mut self, own: &Call) -> VecDeque<Arc<Waiter>> {
        let mut room = TOGETHER.saturating_sub(own.request.len());
        let mut fits = |waiter: &Arc<Waiter>| {
            let call = waiter.call.as_ref();
            let left = call.and_then(|call| room.checked_sub(call.request.len()));
            room = left.unwrap_or(room);
            left.is_some()
        };
        let mut state = self.shared.state.lock();
        let (taken, left): (VecDeque<_>, _) = std::mem::take(&mut state.waiting)
            .into_iter()
            .partition(|waiter| fits(waiter));
        state.waiting = left;
        state.users = state.users.saturating_add(taken.len());
        self.users.count = self.users.count.saturating_add(taken.len());
        taken
    }
}

/// Makes the calls of all, and hands the others what they come to.
fn drive(
    mut connection: PooledConnection,
    own: &Call,
    others: VecDeque<Arc<Waiter>>,
) -> Result<Answer, Error> {
    let mut convoy = Convoy { waiting: others };
    let (requests, deadline) = convoy.requests(own);
    let request = Request::new(&requests).with_replies(convoy.waiting.len().saturating_add(1));
    let answer = connection
        .send(request, deadline)
        .and_then(|()| Answer::receive(&mut connection, deadline))
        .map_err(|error| {
            convoy.fail(&error, deadline);
            own.told(&error, deadline)
        })?;
    while let Some(waiter) = convoy.waiting.front() {
        match Answer::receive(&mut connection, deadline) {
            Ok(answer) => waiter.grant(Grant::Answer(Ok(answer))),
            Err(error) => {
                convoy.fail(&error, deadline);
                break;
            }
        }
        convoy.waiting.pop_front();
    }
    Ok(answer)
}

/// Those whose calls are being made by somebody else. None of them is ever left without an answer.
struct Convoy {
    waiting: VecDeque<Arc<Waiter>>,
}

impl Convoy {
    /// The requests of all, and until when the replies have to be there.
    fn requests(&self, own: &Call) -> (Vec<u8>, Deadline) {
        let mut requests = own.request.clone();
        let mut limit = own.response_timeout;
        for call in self
            .waiting
            .iter()
            .filter_map(|waiter| waiter.call.as_ref())
        {
            requests.extend_from_slice(&call.request);
            limit = limit.min(call.response_timeout);
        }
        (requests, Deadline::within(limit))
    }

    /// Tells all that have no reply yet why there is none.
    fn fail(&mut self, error: &Error, deadline: Deadline) {
        for waiter in self.waiting.drain(..) {
            let call = waiter.call.as_ref();
            let told = call.map_or_else(|| error.clone(), |call| call.told(error, deadline));
            waiter.grant(Grant::Answer(Err(told)));
        }
    }
}

impl Call {
    /// What an error on the way, with the deadline that all shared, is to whoever makes this call: somebody
    /// else's deadline is no time-out of theirs.
    fn told(&self, error: &Error, deadline: Deadline) -> Error {
        if error.is_timeout() && Some(self.response_timeout) > deadline.limit() {
            Error::new(
                ErrorKind::Connection,
                "the connection was given up: another call on it missed its deadline",
            )
            .with_maybe_executed(error.maybe_executed())
        } else {
            error.clone()
        }
    }
}

impl Drop for Convoy {
    /// After a panic.
    fn drop(&mut self) {
        let error = Error::new(ErrorKind::Connection, "whoever made the call panicked");
        self.fail(&error.with_maybe_executed(true), Deadline::never());
    }
}

impl Answer {
    fn receive(connection: &mut Connection, deadline: Deadline) -> Result<Self, Error> {
        let kept = match connection.receive_arrival(None, deadline)? {
            Arrival::InPlace(frame) => Kept::Frame(frame.bytes().to_vec()),
            Arrival::Bulk(text) => Kept::Bulk(text),
        };
        Ok(Self { kept })
    }

    /// Has the reply decoded.
    ///
    /// # Errors
    /// `Server` when the reply is an error, `Decode` when `decode` fails.
    pub fn decode(self, decode: &mut Decode<'_>) -> Result<(), Error> {
        match self.kept {
            Kept::Frame(bytes) => decode_value(Frame::again(&bytes).into(), decode),
            Kept::Bulk(text) => decode_value(Arrival::Bulk(text), decode),
        }
    }
}

impl fmt::Debug for Answer {
    /// Without the reply, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Kept::Frame(bytes) | Kept::Bulk(bytes)) = &self.kept;
        f.debug_struct("Answer")
            .field("length", &bytes.len())
            .finish()
    }
}
