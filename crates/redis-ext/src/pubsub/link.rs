//! The connection of a subscriber, and how it comes back.

use std::{
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use redis_conn::{Connection, Connector, Error, ErrorKind, Feed};

use super::control::Shared;

/// How long to wait before an attempt to connect: its number, from 1, and the delay before the last one.
pub(crate) type Pauses = Arc<dyn Fn(u32, Duration) -> Duration + Send + Sync>;

/// What starts a thread that makes an attempt.
type Start = fn(Box<dyn FnOnce() + Send>) -> io::Result<()>;

/// For how long a connection has to have lasted for its loss to be a new failure: a server that ends every connection
/// is not to be asked for one after the other without a delay.
const LASTING: Duration = Duration::from_secs(1);

/// A delay that is longer is this long: clocks do not go for ever.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A connection, or the attempts to get one.
///
/// Attempts are made by a thread that lives as long as one of them, so that whoever waits for messages is
/// not held up for longer than they want to be.
pub(super) struct Link {
    state: State,
    /// Makes one attempt to connect.
    connector: Arc<dyn Connector>,
    start: Start,
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
            start: start_thread,
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

    /// Nobody needs a connection for the time being: what an attempt leads to that is under way is not waited for.
    pub(super) fn rest(&mut self, shared: &Shared) {
        if matches!(self.state, State::Connecting) {
            shared.give_up_connecting();
            self.state = State::Down(Instant::now());
        }
    }

    fn up(&mut self, feed: Feed) {
        self.state = State::Up(Box::new(feed), Instant::now());
        self.works = false;
    }

    /// The connection is of no use any more. The first attempt at a new one is made at once, the others after delays,
    /// and the first one too if this one has not lasted.
    pub(super) fn lose(&mut self) {
        let lasted = |since: Instant| self.works && since.elapsed() >= LASTING;
        if matches!(self.state, State::Up(_, since) if lasted(since)) {
            (self.attempts, self.pause) = (0, Duration::ZERO);
        }
        // The pauses are somebody else's code, which may panic.
        self.state = State::Down(after(LASTING));
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
    /// Those that time does not mend. The next call tries again all the same, after the delay. That the system has no
    /// thread to give is none of them.
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
            State::Down(_) => {
                if !self.start(shared) {
                    return Ok(false);
                }
            }
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

    /// Begins an attempt; whether there is a thread that makes it.
    fn start(&mut self, shared: &Arc<Shared>) -> bool {
        self.attempts = self.attempts.saturating_add(1);
        let attempt = shared.attempt();
        let (connector, shared) = (Arc::clone(&self.connector), Arc::clone(shared));
        let connect = move || {
            // A hook or a transport of the user's may panic, and somebody waits for the result.
            let result = catch_unwind(AssertUnwindSafe(|| connector.connect()));
            let panicked = |_| Err(Error::new(ErrorKind::Connection, "connecting panicked"));
            shared.deliver(attempt, result.unwrap_or_else(panicked));
        };
        let started = (self.start)(Box::new(connect)).is_ok();
        match started {
            true => self.state = State::Connecting,
            false => self.lose(),
        }
        started
    }

    fn next_attempt(&mut self) -> Instant {
        if self.attempts > 0 {
            self.pause = (self.pauses)(self.attempts, self.pause);
        }
        after(self.pause)
    }
}

/// When so much time will have passed.
fn after(pause: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(pause.min(LONGEST)).unwrap_or(now)
}

fn start_thread(connect: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    let thread = thread::Builder::new().name("redis-reconnect".into());
    thread.spawn(connect).map(drop)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than a busy machine takes for anything.
    const LONG: Duration = Duration::from_secs(20);

    /// A server that is gone.
    struct Gone;

    impl Connector for Gone {
        fn connect(&self) -> Result<Connection, Error> {
            Err(Error::new(ErrorKind::Connection, "refused"))
        }
    }

    fn link(pause: impl Fn(u32) -> Duration + Send + Sync + 'static) -> Link {
        Link::new(Arc::new(Gone), Arc::new(move |number, _| pause(number)))
    }

    #[test]
    fn a_moment_without_threads_is_waited_out() {
        let (mut link, shared) = (link(|_| Duration::from_millis(1)), Shared::new());
        let end = Instant::now() + LONG;
        link.start = |_| Err(io::ErrorKind::WouldBlock.into());
        while link.attempts < 3 {
            assert!(Instant::now() < end, "it tries again");
            assert!(!link.connect(&shared, Some(end)).expect("no error"));
        }
        link.start = |connect| {
            connect();
            Ok(())
        };
        while link.attempts < 4 {
            assert!(Instant::now() < end, "it tries again");
            assert!(!link.connect(&shared, Some(end)).expect("no error"));
        }
    }

    #[test]
    fn pauses_that_panic_leave_an_attempt_to_be_made() {
        let (mut link, shared) = (link(|number| panic!("pause {number}")), Shared::new());
        let end = Instant::now() + LONG;
        while link.attempts < 3 {
            assert!(Instant::now() < end, "it tries again");
            // Whoever catches that may call again, and is not to wait for what nobody does.
            let until = Instant::now() + LASTING * 2;
            let _ = catch_unwind(AssertUnwindSafe(|| link.connect(&shared, Some(until))));
        }
    }

    #[test]
    fn a_pause_without_end_is_not_none() {
        let mut link = link(|_| Duration::MAX);
        link.attempts = 1;
        link.lose();
        let hour = Instant::now() + Duration::from_secs(3600);
        assert!(matches!(link.state, State::Down(due) if due > hour));
    }

    #[test]
    fn what_an_attempt_leads_to_that_nobody_waits_for_any_more_is_dropped() {
        let (mut link, shared) = (link(|_| Duration::ZERO), Shared::new());
        let attempt = shared.attempt();
        link.state = State::Connecting;
        link.rest(&shared);
        shared.deliver(attempt, Gone.connect());
        assert!(shared.delivered().is_none());
        link.rest(&shared);
        shared.deliver(shared.attempt(), Gone.connect());
        assert!(shared.delivered().is_some());
    }
}
