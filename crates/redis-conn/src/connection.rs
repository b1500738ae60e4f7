//! One connection: requests out, replies in, and whether the two still match.

mod call;
mod exchange;
mod failure;
mod request;
mod transfer;

use std::{
    fmt,
    time::{Duration, Instant},
};

use resp_proto::{Elements, Frame, Limits, Reply};

use crate::{
    Address, ConnectionConfig, Connector, Deadline, Error, Lease, Parser, Protocol,
    ServerConnector, Transport, deadline::Limit, error::without_abort, handshake::Handshake,
    input::Input,
};

pub use call::Receive;
pub use exchange::Exchange;
pub use request::Request;

/// So small a request finds room in the socket when nothing else is on the way.
const QUICK: usize = 4 << 10;

/// A connection to a server, past its handshake.
///
/// It counts the replies that it is owed. One that has been sent nothing, owes nothing and has nothing
/// unread is *clean*; only a clean one may be given to the next user. After any failure on the way the
/// connection is *poisoned*: every further call fails.
pub struct Connection {
    transport: Box<dyn Transport>,
    input: Input,
    parser: Parser,
    state: State,
    /// Whether the server has said that somebody else should be asked: it is in sync, but the next user
    /// is better off with a new connection.
    retired: bool,
    /// Until when it may be used, if that is up to somebody.
    lease: Option<Lease>,
    address: Address,
    /// Whether errors say where the server is. Who makes a connection says that already.
    names_address: bool,
    protocol: Protocol,
    greeted_by_primary: Option<bool>,
    read_limit: Option<Duration>,
    write_limit: Option<Duration>,
    response_timeout: Duration,
    last_used: Instant,
    /// When it was lent, until something is sent.
    lent: Option<Instant>,
}

/// Whether requests and replies still match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Every request has its reply.
    Clean,
    /// So many replies are still to come.
    Busy(usize),
    /// The server speaks when it likes, and nobody counts: see [`Feed`](crate::Feed).
    Fed,
    /// Nobody knows what comes next.
    Poisoned {
        /// Whether requests were without their replies.
        owed: bool,
    },
}

impl State {
    /// When so many of the replies that were owed have come.
    fn after(owed: usize, come: usize) -> Self {
        match owed.saturating_sub(come) {
            0 => Self::Clean,
            left => Self::Busy(left),
        }
    }
}

impl Connection {
    /// Connects and shakes hands, within the configured time.
    ///
    /// # Errors
    /// `Connection` or `Timeout` when the server cannot be reached, `Authentication` when it refuses the
    /// user, `Server` when it refuses the database or the protocol.
    #[doc(alias = "connect")]
    pub fn open(config: &ConnectionConfig) -> Result<Self, Error> {
        ServerConnector::new(config.clone()).connect()
    }

    /// Shakes hands over a transport that has been connected already.
    ///
    /// # Errors
    /// As [`open`](Connection::open), but where the server is they do not say.
    pub fn over(
        transport: Box<dyn Transport>,
        config: &ConnectionConfig,
        deadline: Deadline,
    ) -> Result<Self, Error> {
        Self::begin(transport, config, deadline).map(Self::made)
    }

    /// A connection that is past its handshake and still being [`made`](Connection::made).
    pub(crate) fn begin(
        transport: Box<dyn Transport>,
        config: &ConnectionConfig,
        deadline: Deadline,
    ) -> Result<Self, Error> {
        config.check()?;
        let mut connection = Self {
            transport,
            input: Input::new(config.parser.limits(config.limits)),
            parser: config.parser,
            state: State::Clean,
            retired: false,
            lease: None,
            address: config.address.clone(),
            names_address: false,
            protocol: Protocol::Resp2,
            greeted_by_primary: None,
            read_limit: None,
            write_limit: None,
            response_timeout: config.response_timeout,
            last_used: Instant::now(),
            lent: None,
        };
        // A handshake that failed has changed nothing that anybody could miss.
        connection
            .shake_hands(config, deadline)
            .map_err(|error| error.with_maybe_executed(false))?;
        connection.set_limits(Some(config.response_timeout))?;
        // What a server thinks of what it was only told does not make it the wrong one to ask.
        connection.retired = false;
        connection.last_used = Instant::now();
        Ok(connection)
    }

    /// The connection, whose errors say from now on where the server is.
    pub(crate) fn made(mut self) -> Self {
        self.names_address = true;
        self
    }

    fn shake_hands(&mut self, config: &ConnectionConfig, deadline: Deadline) -> Result<(), Error> {
        let mut handshake = Handshake::new(config);
        while let Some((bytes, replies)) = handshake.request() {
            let sent = self.send(Request::new(&bytes).with_replies(replies), deadline);
            if let Err(error) = sent {
                // It may have done so before it was spoken to.
                if let Some(length) = self.last_words() {
                    handshake.reply(self.deliver(length, 1).reply());
                }
                return Err(handshake.refusal().unwrap_or(error));
            }
            for _ in 0..replies {
                match self.receive(deadline) {
                    Ok(reply) => handshake.reply(reply),
                    // A server that takes nobody in says so and closes: what it said is the reason.
                    Err(error) => return Err(handshake.refusal().unwrap_or(error)),
                }
            }
        }
        self.greeted_by_primary = handshake.by_primary();
        self.protocol = handshake.finish()?;
        Ok(())
    }

    /// Sends requests, whole or not at all: after a failure the connection is poisoned.
    ///
    /// Nothing is read meanwhile. Requests whose replies find no room on the way, some 64 KiB, may never be taken in by
    /// a server that waits until its replies are: [`exchange`](Connection::exchange) is for these.
    ///
    /// # Errors
    /// `Connection` or `Timeout`, with [`Error::maybe_executed`] if a whole request had been written, or
    /// requests from before still lack their replies; `Connection` when the [`Lease`] has ended; `Server` when the
    /// server refuses a single request before it has all of it.
    pub fn send(&mut self, request: Request<'_>, deadline: Deadline) -> Result<(), Error> {
        self.send_at_once(request, deadline, None).map(drop)
    }

    /// The same, where it may be known how long the first write may wait; whether one write took all of it.
    #[inline]
    fn send_at_once(
        &mut self,
        request: Request<'_>,
        deadline: Deadline,
        limit: Option<Limit>,
    ) -> Result<bool, Error> {
        self.owe(request.replies, deadline)?;
        let mut written = 0;
        self.write_all(request, deadline, limit, &mut written)
            .map_err(|error| self.fail_at_once(error, request, written))
    }

    /// How long the first write and the first read of a call may wait, if that is known without another look at
    /// the clock: all of its time when it begins as the connection is lent. There is nothing on the way then, so
    /// sending a small request does not wait.
    fn first_limit(&self, request: Request<'_>, deadline: Deadline) -> Option<Limit> {
        let begins = self.lent == Some(deadline.started());
        let limit = deadline.limit().filter(|limit| !limit.is_zero());
        limit.filter(|_| begins && request.len() <= QUICK).map(Some)
    }

    /// Waits for the next reply that a request is owed. Pushes that come before it are dropped.
    ///
    /// # Errors
    /// `Connection`, `Timeout` or `Protocol`, after which the connection is poisoned.
    pub fn receive(&mut self, deadline: Deadline) -> Result<Reply<'_>, Error> {
        self.receive_frame(deadline).map(|frame| frame.reply())
    }

    /// The same with the bytes that the reply came as, its attributes included.
    pub(crate) fn receive_frame(&mut self, deadline: Deadline) -> Result<Frame<'_>, Error> {
        let owed = self.owed()?;
        let length = loop {
            if let Some(length) = self.complete_reply()? {
                break length;
            }
            self.read_until(deadline)?;
        };
        self.has_waited(deadline);
        Ok(self.deliver(length, owed))
    }

    /// Sends a health check (`PING`), which the server has to answer within the response timeout.
    ///
    /// # Errors
    /// Those of [`call`](Connection::call).
    pub fn ping(&mut self) -> Result<(), Error> {
        self.call(
            Request::new(b"*1\r\n$4\r\nPING\r\n"),
            Deadline::within(self.response_timeout),
        )
    }

    /// Makes the connection usable only until `lease` ends. That the server calls itself a replica
    /// (`READONLY`) ends it too, for all connections that hold it: leases are for connections to
    /// primaries.
    pub fn hold(&mut self, lease: Lease) {
        self.lease = Some(lease);
    }

    /// Whether the connection can be given to another user: every request has its reply, nothing else
    /// has come, the server has not said that it is the wrong one to ask, and the [`Lease`], if it holds
    /// one, has not ended.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.state == State::Clean
            && self.input.is_empty()
            && !self.retired
            && !self.lease_has_ended()
    }

    fn lease_has_ended(&self) -> bool {
        self.lease.as_ref().is_some_and(Lease::has_ended)
    }

    /// Stops counting replies, for good: from now on the server may say anything at any time, within these limits
    /// if they are others.
    pub(crate) fn stop_counting(&mut self, limits: Option<Limits>) -> Result<(), Error> {
        match self.state {
            State::Clean if self.input.is_empty() => {
                self.state = State::Fed;
                if let Some(limits) = limits {
                    self.input.set_limits(self.parser.limits(limits));
                }
                Ok(())
            }
            State::Clean => Err(self.poison(self.unasked())),
            _ => Err(self.unusable()),
        }
    }

    /// Refuses what cannot be read from any more.
    pub(crate) fn check_fed(&self) -> Result<(), Error> {
        match self.state {
            State::Fed if self.lease_has_ended() => Err(self.lost()),
            State::Fed => Ok(()),
            _ => Err(self.unusable()),
        }
    }

    /// Takes the complete reply of that length from the front.
    pub(crate) fn take(&mut self, length: usize) -> Reply<'_> {
        self.input.take(length).reply()
    }

    /// Has the connection closed instead of given to another user, although it is in sync: because
    /// something stays on it that nobody else must meet.
    pub fn retire(&mut self) {
        self.retired = true;
    }

    /// Gives back the memory of a large reply, which would else be kept by an idle connection.
    pub(crate) fn release_memory(&mut self) {
        self.input.shrink();
    }

    /// Whether the server has neither closed the connection nor sent anything unasked. It asks the
    /// operating system, not the server.
    #[must_use]
    pub fn is_quiet(&mut self) -> bool {
        self.transport.is_quiet()
    }

    /// Which protocol the handshake has agreed on.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Whether the server called itself a primary when it was greeted; `None` when it said nothing about
    /// that, which only the greeting of RESP3 does.
    #[must_use]
    pub fn greeted_by_primary(&self) -> Option<bool> {
        self.greeted_by_primary
    }

    /// Where the server is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// When it was last in use: when the deadline of the last request was set, or when its reply came if that had
    /// longer than the response timeout.
    #[must_use]
    pub fn last_used(&self) -> Instant {
        self.last_used
    }

    /// Whoever gets it now may begin a call at once.
    pub(crate) fn lend(&mut self, now: Instant) {
        self.lent = Some(now);
    }

    /// So much time from when the connection was lent, for a call that is made at once: the clock need not be looked
    /// at again. If something has been sent since, from now. After a pause without a call, use [`Deadline::within`].
    #[must_use]
    pub fn deadline(&self, limit: Duration) -> Deadline {
        match self.lent {
            Some(lent) => Deadline::since(lent, limit),
            None => Deadline::within(limit),
        }
    }

    /// So many replies more are owed from now on.
    #[inline]
    fn owe(&mut self, replies: usize, deadline: Deadline) -> Result<(), Error> {
        let owed = match self.state {
            State::Clean if self.input.is_empty() => Some(0),
            State::Busy(owed) => Some(owed),
            State::Fed => None,
            State::Clean => return Err(self.poison(self.unasked())),
            State::Poisoned { .. } => return Err(self.unusable()),
        };
        if self.lease_has_ended() {
            let sent_before = owed.is_some_and(|owed| owed > 0);
            return Err(self.poison(self.lost().with_maybe_executed(sent_before)));
        }
        self.last_used = deadline.started();
        self.lent = None;
        if let Some(owed) = owed {
            self.state = State::after(owed.saturating_add(replies), 0);
        }
        Ok(())
    }

    /// How many replies are still to come, at least one.
    fn owed(&self) -> Result<usize, Error> {
        match self.state {
            State::Busy(owed) => Ok(owed),
            State::Poisoned { owed } => Err(self.unusable().with_maybe_executed(owed)),
            _ => Err(self.unusable()),
        }
    }

    /// Meanwhile the connection may have waited for longer than an idle one is kept.
    fn has_waited(&mut self, deadline: Deadline) {
        if deadline
            .limit()
            .is_none_or(|limit| limit > self.response_timeout)
        {
            self.last_used = Instant::now();
        }
    }

    /// The next replies, at most so many, that have come already and can be read together.
    fn take_frequent(&mut self, most: usize) -> Elements<'_> {
        let (owed, most) = match self.state {
            State::Busy(owed) if self.parser == Parser::Native => (owed, most.min(owed)),
            _ => (0, 0),
        };
        let replies = self.input.take_frequent(most);
        if !replies.is_empty() {
            self.state = State::after(owed, replies.len());
        }
        replies
    }

    /// The length of the next reply, if it is complete. Pushes before it are dropped.
    #[inline]
    fn complete_reply(&mut self) -> Result<Option<usize>, Error> {
        while !self.input.is_empty() {
            match self.complete()? {
                Some(length) if self.input.is_push(length) => drop(self.input.take(length)),
                length => return Ok(length),
            }
        }
        Ok(None)
    }

    /// The reply of that length, the next of those that are `owed`.
    #[inline]
    fn deliver(&mut self, length: usize, owed: usize) -> Frame<'_> {
        self.state = State::after(owed, 1);
        let frame = self.input.take(length);
        if let Some(line) = frame.bytes().strip_prefix(b"-") {
            let line = without_abort(line);
            // A demoted master, or a server that is only starting: perhaps the name leads to another one.
            self.retired |= [b"READONLY ".as_slice(), b"LOADING ", b"MASTERDOWN "]
                .iter()
                .any(|code| line.starts_with(code));
            if let Some(lease) = &self.lease {
                if line.starts_with(b"READONLY ") {
                    lease.end();
                }
            }
        }
        frame
    }

    /// The length of the reply at the front, if it is complete.
    #[inline]
    pub(crate) fn complete(&mut self) -> Result<Option<usize>, Error> {
        let found = match self.input.complete() {
            Ok(Some(length)) if self.parser == Parser::Hiredis => {
                self.input.rewrite(length, Parser::reread).map(Some)
            }
            found => found.map_err(Error::from),
        };
        found.map_err(|error| self.fail_waiting(error))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("address", &self.address)
            .field("protocol", &self.protocol)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
