//! Calls of several callers on one connection: who gets a connection while others wait makes their calls
//! along with its own.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use resp_proto::Arrival;

use super::{Grant, Loan, Place, Pool, Purpose, Shared, Waiter, courtesy::Turn, take_out};
use crate::{Connection, Deadline, Error, ErrorKind, Receive, Request};

/// How many bytes of requests go out together. Whoever is on the way has room for so many, so the server
/// takes them in even while nobody reads what it answers. Longer calls wait for a connection of their own.
const TOGETHER: usize = 16 << 10;

/// How often those who wait let others go first before they go to sleep. To be woken costs both sides more than the
/// whole call does; where a processor has nothing else to do, as many turns take some microseconds.
const TURNS: usize = 10;

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
    /// From when it has a connection, a call may take `response_timeout`, and only those that may take as long go out
    /// together. When they take longer, or the connection breaks, all of them fail that have no reply yet, each with an
    /// error of its own that says whether it may have been executed. Whoever made the calls of others returns when
    /// all of them are answered.
    ///
    /// # Errors
    /// Those of [`checkout`](Pool::checkout) and of [`Connection::ask`]; `Connection` also when the reply to
    /// another call on the connection could not be read.
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
            return self
                .shared
                .call_with_others(bytes, response_timeout, receive);
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
        if state.calling == 0 && state.crowd == 0 {
            self.take(&mut state, Purpose::Call)
        } else {
            None
        }
    }

    /// Lets others go first, waits if need be, and makes the call along with others if it has not been made.
    #[cold]
    fn call_with_others(
        &self,
        request: &[u8],
        response_timeout: Duration,
        receive: &mut Receive<'_>,
    ) -> Result<(), Error> {
        let place = match self.wait_for_turn(request, response_timeout)? {
            Grant::Place(place) => place,
            Grant::Answer(answer) => return receive(answer?),
        };
        let mut connection = Loan::new(self, place)?;
        let riders = connection.take_along(request, response_timeout);
        if riders.is_empty() {
            let deadline = connection.deadline(response_timeout);
            return connection.ask(Request::new(request), deadline, receive);
        }
        receive(drive(connection, request, response_timeout, riders)?)
    }

    /// What comes of letting others go first, if that pays: one of them has taken the call along, or there is a
    /// connection for it, or it waits until there is.
    fn wait_for_turn(&self, request: &[u8], response_timeout: Duration) -> Result<Grant, Error> {
        let begun = Instant::now();
        let mut state = self.state.lock();
        let is_courteous = state.courtesy.pays();
        if !is_courteous {
            if let Some(place) = self.take(&mut state, Purpose::Call) {
                return Ok(Grant::Place(place));
            }
        }
        drop(state);
        let waiter = Arc::new(Waiter::for_call(Call::new(request, response_timeout)));
        let mut state = self.state.lock();
        let mut turns = 0;
        if is_courteous {
            state.gathering.push_back(Arc::clone(&waiter));
            drop(state);
            let turn = Turn::pass();
            state = self.state.lock();
            let callers = state.callers();
            if !state.courtesy.went(turn, callers) {
                turns = TURNS;
            }
            if !take_out(&mut state.gathering, &waiter) {
                drop(state);
                let grant = self.linger(&waiter, turns);
                return Ok(grant.unwrap_or_else(|| waiter.wait()));
            }
        }
        // Nobody would give a connection that has come back meanwhile to whoever comes to wait now.
        if let Some(place) = self.take(&mut state, Purpose::Call) {
            return Ok(Grant::Place(place));
        }
        state.waiting.push_back(Arc::clone(&waiter));
        drop(state);
        let grant = self.linger(&waiter, turns);
        grant.map_or_else(|| self.wait(&waiter, begun), Ok)
    }

    /// Lets others go first so many times while there is no grant, and fewer once that takes long.
    fn linger(&self, waiter: &Waiter, turns: usize) -> Option<Grant> {
        for _ in 0..turns {
            let grant = waiter.take_grant();
            if grant.is_some() {
                return grant;
            }
            let turn = Turn::pass();
            if turn.was_long(0) {
                let mut state = self.state.lock();
                let callers = state.callers();
                if state.courtesy.went(turn, callers) {
                    break;
                }
            }
        }
        None
    }
}

impl Loan<&Shared> {
    /// Takes those out of the queues whose calls can go out together with this one: short ones that may take as long as
    /// it may, so that nobody's deadline is another's.
    fn take_along(&mut self, request: &[u8], response_timeout: Duration) -> VecDeque<Arc<Waiter>> {
        let mut riders = VecDeque::new();
        let mut room = TOGETHER.saturating_sub(request.len());
        let mut stays = |waiter: &Arc<Waiter>| {
            let call = waiter.call.as_ref();
            let call = call.filter(|call| call.response_timeout == response_timeout);
            let left = call.and_then(|call| room.checked_sub(call.request.len()));
            if let Some(left) = left {
                room = left;
                riders.push_back(Arc::clone(waiter));
            }
            left.is_none()
        };
        let mut state = self.shared.state.lock();
        // Calls that began after all connections were told to close get a new one.
        if self.is_of(state.generation) {
            state.waiting.retain(&mut stays);
            state.gathering.retain(&mut stays);
        }
        state.crowd = riders.len();
        riders
    }
}

/// Makes a call and those of others, and hands the others what theirs come to.
fn drive(
    mut connection: Loan<&Shared>,
    request: &[u8],
    response_timeout: Duration,
    riders: VecDeque<Arc<Waiter>>,
) -> Result<Arrival<'static>, Error> {
    let mut convoy = Convoy { riders };
    let requests = convoy.requests(request);
    let count = convoy.riders.len().saturating_add(1);
    let deadline = connection.deadline(response_timeout);
    let sent = connection.send(Request::new(&requests).with_replies(count), deadline);
    sent.inspect_err(|error| convoy.fail(error))?;
    let received = receive_owned(&mut connection, deadline);
    let answer = received.inspect_err(|error| convoy.fail_behind(error, &connection))?;
    while let Some(rider) = convoy.riders.front() {
        let received = receive_owned(&mut connection, deadline);
        let error = received.as_ref().err().cloned();
        rider.grant(Grant::Answer(received));
        convoy.riders.pop_front();
        if let Some(error) = error {
            convoy.fail_behind(&error, &connection);
        }
    }
    Ok(answer)
}

/// Those whose calls are being made by somebody else. None of them is ever left without an answer.
struct Convoy {
    riders: VecDeque<Arc<Waiter>>,
}

impl Convoy {
    /// The requests of all.
    fn requests(&self, own: &[u8]) -> Vec<u8> {
        let mut requests = own.to_vec();
        for call in self.riders.iter().filter_map(|rider| rider.call.as_ref()) {
            requests.extend_from_slice(&call.request);
        }
        requests
    }

    /// Tells all why there is no reply.
    fn fail(&mut self, error: &Error) {
        for rider in self.riders.drain(..) {
            rider.grant(Grant::Answer(Err(error.clone())));
        }
    }

    /// Tells all why there is no reply behind one that could not be read.
    fn fail_behind(&mut self, error: &Error, connection: &Connection) {
        if error.kind() == ErrorKind::Protocol {
            let text =
                "the connection was given up: the reply to another call on it could not be read";
            let error = connection.name_address(Error::new(ErrorKind::Connection, text));
            self.fail(&error.with_maybe_executed(true));
        } else {
            self.fail(error);
        }
    }
}

impl Drop for Convoy {
    /// After a panic.
    fn drop(&mut self) {
        if !self.riders.is_empty() {
            let error = Error::new(ErrorKind::Connection, "whoever made the call panicked");
            self.fail(&error.with_maybe_executed(true));
        }
    }
}

/// A reply that outlives the bytes among which it came.
fn receive_owned(
    connection: &mut Connection,
    deadline: Deadline,
) -> Result<Arrival<'static>, Error> {
    let reply = connection.receive_arrival(None, deadline)?;
    Ok(reply.into_owned())
}
