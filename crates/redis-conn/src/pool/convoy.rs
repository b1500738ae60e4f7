//! Calls of several callers on one connection: who gets a connection while others wait makes their calls
//! along with its own.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use resp_proto::{Arrival, Frame};

use super::{Grant, Loan, Place, Pool, Purpose, Shared, State, Waiter, courtesy::Turn, take_out};
use crate::{Connection, Deadline, Error, ErrorKind, Receive, Request};

/// How many bytes of requests go out together. Whoever is on the way has room for so many, so the server
/// takes them in even while nobody reads what it answers. Longer calls wait for a connection of their own.
const TOGETHER: usize = 16 << 10;

/// How often those who wait let others go first before they go to sleep. To be woken costs both sides more than the
/// whole call does; where a processor has nothing else to do, as many turns take some microseconds.
const TURNS: usize = 10;

/// The reply to a call that was made along with others. It outlives the bytes among which it came.
pub(super) enum Answer {
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

impl Call {
    fn new(request: &[u8], response_timeout: Duration) -> Self {
        Self {
            request: request.to_vec(),
            response_timeout,
        }
    }
}

impl Pool {
    /// Makes a call on a connection of the pool, alone or together with others, and hands its reply to `receive`.
    ///
    /// While nobody else makes one, a call has a connection for itself, as from [`checkout`](Pool::checkout). While
    /// others do, and with [`PoolConfig::sharing`](crate::PoolConfig::sharing) on, it lets other threads go on for a
    /// moment, and then takes a connection for itself and for all calls that have come meanwhile: their requests go
    /// out in one write, and the replies are handed out in their order. So calls go out together as far as their
    /// threads wait for a processor, and alone where there is one for each. While all connections are in use, calls
    /// wait, and go out together on the next that is free. All this makes sense for a single small request whose
    /// reply comes as soon as the server can; never for one that blocks, and never for one after which the
    /// connection is not what it was.
    ///
    /// From when it has a connection, a call may take `response_timeout`. When one that was made
    /// together with others misses that, or the connection breaks, all of them fail that have no reply
    /// yet, each with an error of its own that says whether it may have been executed.
    ///
    /// # Errors
    /// Those of [`checkout`](Pool::checkout) and of [`Connection::ask`].
    pub fn call(
        &self,
        request: Request<'_>,
        response_timeout: Duration,
        receive: &mut Receive<'_>,
    ) -> Result<(), Error> {
        let Some(bytes) = self.shared.shareable(request) else {
            let mut connection = self.checkout()?;
            let deadline = connection.deadline(response_timeout);
            return connection.ask(request, deadline, receive);
        };
        let Some(place) = self.shared.place_for_lone_call() else {
            let call = Call::new(bytes, response_timeout);
            return self.shared.call_with_others(call, bytes, receive);
        };
        let mut connection = Loan::new(&*self.shared, place)?;
        let deadline = connection.deadline(response_timeout);
        connection.ask(request, deadline, receive)
    }
}

impl Shared {
    /// The bytes of a request that others may send.
    fn shareable<'a>(&self, request: Request<'a>) -> Option<&'a [u8]> {
        let bytes = request.whole()?;
        (self.config.sharing && bytes.len() <= TOGETHER).then_some(bytes)
    }

    /// A place for a call, unless there are others at work or there is none.
    fn place_for_lone_call(&self) -> Option<Place> {
        let mut state = self.state.lock();
        if state.calling == 0 && !state.crowded {
            self.take(&mut state, Purpose::Call)
        } else {
            None
        }
    }

    /// Waits with others until the call can be made, or has been made.
    #[cold]
    fn call_with_others(
        &self,
        call: Call,
        request: &[u8],
        receive: &mut Receive<'_>,
    ) -> Result<(), Error> {
        let response_timeout = call.response_timeout;
        let place = match self.wait_for_turn(call)? {
            Grant::Place(place) => place,
            Grant::Answer(answer) => return answer?.hand_to(receive),
        };
        let mut connection = Loan::new(self, place)?;
        let others = connection.take_along(request);
        if others.is_empty() {
            let deadline = connection.deadline(response_timeout);
            return connection.ask(Request::new(request), deadline, receive);
        }
        drive(connection, request, response_timeout, others)?.hand_to(receive)
    }

    /// What comes of letting others go first, if that pays: one of them has taken the call along, or there is a
    /// connection for it, or it waits until there is.
    fn wait_for_turn(&self, call: Call) -> Result<Grant, Error> {
        let waiter = Arc::new(Waiter::for_call(call));
        let mut state = self.state.lock();
        let is_courteous = state.courtesy.pays();
        if is_courteous {
            state.gathering.push_back(Arc::clone(&waiter));
            drop(state);
            let turn = Turn::pass();
            state = self.state.lock();
            state.courtesy.went(turn);
            if !take_out(&mut state.gathering, &waiter) {
                drop(state);
                return Ok(self.linger(&waiter).unwrap_or_else(|| waiter.wait()));
            }
        }
        if let Some(place) = self.take(&mut state, Purpose::Call) {
            return Ok(Grant::Place(place));
        }
        state.waiting.push_back(Arc::clone(&waiter));
        drop(state);
        let grant = if is_courteous {
            self.linger(&waiter)
        } else {
            None
        };
        grant.map_or_else(|| self.wait(&waiter), Ok)
    }

    /// Lets others go first while there is no grant, for as often as that is better than to go to sleep.
    fn linger(&self, waiter: &Waiter) -> Option<Grant> {
        for _ in 0..TURNS {
            let grant = waiter.take_grant();
            if grant.is_some() {
                return grant;
            }
            let turn = Turn::pass();
            if turn.was_long() {
                self.state.lock().courtesy.went(turn);
                break;
            }
        }
        None
    }
}

impl Loan<&Shared> {
    /// Takes those out of the queue whose calls can go out together with this one.
    fn take_along(&mut self, request: &[u8]) -> VecDeque<Arc<Waiter>> {
        let mut room = TOGETHER.saturating_sub(request.len());
        let mut fits = |waiter: &Arc<Waiter>| {
            let call = waiter.call.as_ref();
            let left = call.and_then(|call| room.checked_sub(call.request.len()));
            room = left.unwrap_or(room);
            left.is_some()
        };
        let mut state = self.shared.state.lock();
        let mut taken = VecDeque::new();
        let State {
            waiting, gathering, ..
        } = &mut *state;
        for queue in [waiting, gathering] {
            for waiter in std::mem::take(queue) {
                let into = if fits(&waiter) {
                    &mut taken
                } else {
                    &mut *queue
                };
                into.push_back(waiter);
            }
        }
        state.crowded = !taken.is_empty();
        taken
    }
}

/// Makes a call and those of others, and hands the others what theirs come to.
fn drive(
    mut connection: Loan<&Shared>,
    request: &[u8],
    response_timeout: Duration,
    others: VecDeque<Arc<Waiter>>,
) -> Result<Answer, Error> {
    let mut convoy = Convoy { waiting: others };
    let (requests, deadline) = convoy.requests(request, response_timeout);
    let request = Request::new(&requests).with_replies(convoy.waiting.len().saturating_add(1));
    let answer = connection
        .send(request, deadline)
        .and_then(|()| Answer::receive(&mut connection, deadline))
        .map_err(|error| {
            convoy.fail(&error, deadline);
            told(&error, response_timeout, deadline)
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
    fn requests(&self, own: &[u8], mut limit: Duration) -> (Vec<u8>, Deadline) {
        let mut requests = own.to_vec();
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
            let limit = call.map_or(Duration::MAX, |call| call.response_timeout);
            waiter.grant(Grant::Answer(Err(told(error, limit, deadline))));
        }
    }
}

/// What an error on the way, with the deadline that all shared, is to whoever had so much time: somebody else's
/// deadline is no time-out of theirs.
fn told(error: &Error, response_timeout: Duration, deadline: Deadline) -> Error {
    if error.is_timeout() && Some(response_timeout) > deadline.limit() {
        Error::new(
            ErrorKind::Connection,
            "the connection was given up: another call on it missed its deadline",
        )
        .with_maybe_executed(error.maybe_executed())
    } else {
        error.clone()
    }
}

impl Drop for Convoy {
    /// After a panic.
    fn drop(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let error = Error::new(ErrorKind::Connection, "whoever made the call panicked");
        self.fail(&error.with_maybe_executed(true), Deadline::never());
    }
}

impl Answer {
    fn receive(connection: &mut Connection, deadline: Deadline) -> Result<Self, Error> {
        Ok(match connection.receive_arrival(None, deadline)? {
            Arrival::InPlace(frame) => Self::Frame(frame.bytes().to_vec()),
            Arrival::Bulk(text) => Self::Bulk(text),
        })
    }

    fn hand_to(self, receive: &mut Receive<'_>) -> Result<(), Error> {
        match self {
            Self::Frame(bytes) => receive(Frame::again(&bytes).into()),
            Self::Bulk(text) => receive(Arrival::Bulk(text)),
        }
    }
}
