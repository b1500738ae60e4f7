//! The connection of a subscriber, and how it comes back.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use redis_conn::{Connection, Connector, Error, ErrorKind, Feed};

use super::control::Shared;

/// How long to wait before an attempt to connect: its number, from 1, and the pause before the last one.
pub(crate) type Pauses = Arc<dyn Fn(u32, Duration) -> Duration + Send + Sync>;

/// For how long a connection has to have lasted for its loss to be a new failure: a server that ends every
/// connection is not to be asked for one after the other without a pause.
const LASTING: Duration = Duration::from_secs(1);

/// A connection, or the attempts to get one.
///
/// Attempts are made by a thread that lives as long as one of them, so that whoever waits for messages is
/// not held up for longer than they want to be.
pub(super) struct Link {
    state: State,
    /// Makes one attempt to connect.
    connector: Arc<dyn Connector>,
    pauses: Pauses,
    /// How many attempts there were since a connection last lasted.
    attempts: u32,
    pause: Duration,
    /// Whether the server has said something of use on this connection.
    works: bool,
}

enum State {
    /// Since then.
    Up(Box<Feed>, Instant),
    /// The next attempt is due then.
    Down(Instant),
    Connecting,
}

impl Link {
    pub(super) fn new(connector: Arc<dyn Connector>, pauses: Pauses) -> Self {
        Self {
            state: State::Down(Instant::now()),
            connector,
            pauses,
            attempts: 0,
            pause: Duration::ZERO,
            works: false,
        }
    }

    pub(super) fn feed(&mut self) -> Option<&mut Feed> {
        match &mut self.state {
            State::Up(feed, _) => Some(feed),
            _ => None,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up(..))
    }

    /// Takes a connection that somebody else has made.
    pub(super) fn take(&mut self, connection: Connection) -> Result<(), Error> {
        self.up(connection.into_feed()?);
        Ok(())
    }

    fn up(&mut self, feed: Feed) {
        self.state = State::Up(Box::new(feed), Instant::now());
        self.works = false;
    }

    /// The connection is of no use any more. The first attempt at a new one is made at once, the others
    /// after pauses, and the first one too if this one has not lasted.
    pub(super) fn lose(&mut self) {
        let lasted = |since: Instant| self.works && since.elapsed() >= LASTING;
        if matches!(self.state, State::Up(_, since) if lasted(since)) {
            (self.attempts, self.pause) = (0, Duration::ZERO);
        }
        self.state = State::Down(self.next_attempt());
    }

    /// The server has said something of use.
    pub(super) fn works(&mut self) {
        self.works = true;
    }

    /// Goes on connecting, waiting no longer than that, or until there is something else to do; whether there
    /// is a connection now.
    ///
    /// # Errors
    /// Those that time does not mend. The next call tries again all the same, after the pause.
    pub(super) fn connect(
        &mut self,
        shared: &Arc<Shared>,
        until: Option<Instant>,
    ) -> Result<bool, Error> {
        match self.state {
            State::Up(..) => return Ok(true),
            State::Down(due) if due > Instant::now() => {
                shared.wait(Some(until.map_or(due, |until| until.min(due))));
                return Ok(false);
            }
            State::Down(_) => self.start(shared)?,
            State::Connecting => {}
        }
        let result = match shared.delivered() {
            Some(result) => result,
            None => {
                shared.wait(until);
                match shared.delivered() {
                    Some(result) => result,
                    None => return Ok(false),
                }
            }
        };
        match result.and_then(Connection::into_feed) {
            Ok(feed) => {
                self.up(feed);
                Ok(true)
            }
            Err(error) => {
                self.lose();
                if error.is_retryable() {
                    Ok(false)
                } else {
                    Err(error)
                }
            }
        }
    }

    fn start(&mut self, shared: &Arc<Shared>) -> Result<(), Error> {
        self.attempts = self.attempts.saturating_add(1);
        let (connector, shared) = (Arc::clone(&self.connector), Arc::clone(shared));
        let connect =
            move || {
                // A hook or a transport of the user's may panic, and somebody waits for the result.
                let result = catch_unwind(AssertUnwindSafe(|| connector.connect()));
                shared.deliver(result.unwrap_or_else(|_| {
                    Err(Error::new(ErrorKind::Connection, "connecting panicked"))
                }));
            };
        let started = thread::Builder::new()
            .name("redis-reconnect".into())
            .spawn(connect);
        match started {
            Ok(_) => {
                self.state = State::Connecting;
                Ok(())
            }
            Err(error) => {
                self.lose();
                Err(Error::from_io(
                    "no thread could be started to connect",
                    error,
                ))
            }
        }
    }

    fn next_attempt(&mut self) -> Instant {
        let now = Instant::now();
        if self.attempts > 0 {
            self.pause = (self.pauses)(self.attempts, self.pause);
        }
        now.checked_add(self.pause).unwrap_or(now)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Up(..) => "Up",
            State::Down(_) => "Down",
            State::Connecting => "Connecting",
        })
    }
}
