//! A bounded pool of connections that threads share by reference.

mod convoy;
mod courtesy;
mod loan;
mod queue;

use std::{
    collections::VecDeque,
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{Connection, Connector, Deadline, Error, ErrorKind, chance, trace::Begun};

use courtesy::Courtesy;
pub use loan::PooledConnection;
use loan::{Loan, Place, Purpose};
use queue::{Grant, Waiter};

/// A connection that has been idle for longer than this is looked at before it is given out. A shorter
/// pause is too short for a server or a firewall to have given up on it.
const TRUSTED_FOR: Duration = Duration::from_millis(20);

/// How large a pool is, how long it makes its users wait, and how long it keeps connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolConfig {
    /// The most connections at a time, at least 1.
    pub max_size: usize,
    /// How many connections [`Pool::warm_up`] makes, and how many stay however long they are idle.
    pub min_size: usize,
    /// How long a user waits for a connection while all are in use.
    pub wait_timeout: Duration,
    /// How long a connection may be idle before it is closed; `None` for as long as the server likes.
    pub idle_timeout: Option<Duration>,
    /// How old a connection may become; `None` for any age. An older one is closed when it would next be given out.
    /// Each one's limit is randomly shorter by up to a tenth, so that connections made together do not go together.
    pub max_lifetime: Option<Duration>,
    /// Idle time after which a connection is checked with a `PING` before it is given out; `None` for never. Without
    /// it, the operating system is asked whether the server has closed the connection, which costs no round trip. The
    /// `PING` has a time of its own, the response timeout of
    /// [`ConnectionConfig`](crate::ConnectionConfig::response_timeout).
    pub ping_after: Option<Duration>,
    /// Whether small calls that are made at the same time may go out together on one connection: see
    /// [`Pool::call`].
    pub sharing: bool,
}

impl PoolConfig {
    /// At most `max_size` connections, for which users wait up to `wait_timeout`. No connection is opened in advance,
    /// expired, health-checked or shared.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use redis_conn::PoolConfig;
    ///
    /// let mut config = PoolConfig::new(8, Duration::from_secs(5));
    /// config.idle_timeout = Some(Duration::from_secs(300));
    /// ```
    #[must_use]
    pub const fn new(max_size: usize, wait_timeout: Duration) -> Self {
        Self {
            max_size,
            min_size: 0,
            wait_timeout,
            idle_timeout: None,
            max_lifetime: None,
            ping_after: None,
            sharing: false,
        }
    }
}

/// How a pool is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// The most connections at a time.
    pub max_size: usize,
    /// Idle connections.
    pub idle: usize,
    /// Connections in use, including those being opened.
    pub in_use: usize,
    /// Callers waiting for a connection (not those whose calls another caller makes).
    pub waiting: usize,
}

/// A bounded pool of connections.
///
/// Connections are made when they are needed. LIFO: the one returned last is handed out first, so that surplus ones
/// age; too old ones are closed when the pool is next used. While all are in use, users wait in the order of their
/// arrival. A clone is another handle to the same pool; the last one closes it.
///
/// After a `fork()`, the child must not use the pool: both would read from the same sockets. Make a new
/// one there. It is not noticed here, because asking for the process's number costs a system call a time.
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    connector: Box<dyn Connector>,
    config: PoolConfig,
    state: Mutex<State>,
}

struct State {
    /// Last in, first out, so the one at the front has been idle for longest. Empty while anybody waits for
    /// one of their own.
    idle: VecDeque<Box<Member>>,
    /// Connections that exist or are being made: idle ones and those in use. At most `max_size`.
    open: usize,
    /// How many of those in use are so for calls that may go out together.
    calling: usize,
    /// Calls whose callers let other threads go first. Unless somebody else has taken one along by then, its caller
    /// comes back for it.
    gathering: VecDeque<Arc<Waiter>>,
    /// How many others the last call has taken along that could have taken any.
    crowd: usize,
    courtesy: Courtesy,
    /// How often all connections have been told to close.
    generation: u64,
    waiting: VecDeque<Arc<Waiter>>,
}

/// A connection of the pool. Boxed, because it goes in and out and is hundreds of bytes long.
struct Member {
    connection: Connection,
    /// The generation that it belongs to.
    generation: u64,
    /// When it has become too old.
    expires: Option<Instant>,
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new(connector: impl Connector + 'static, config: PoolConfig) -> Self {
        let max_size = config.max_size.max(1);
        let config = PoolConfig {
            max_size,
            min_size: config.min_size.min(max_size),
            ..config
        };
        let state = State {
            idle: VecDeque::new(),
            open: 0,
            calling: 0,
            gathering: VecDeque::new(),
            crowd: 0,
            courtesy: Courtesy::new(),
            generation: 0,
            waiting: VecDeque::new(),
        };
        Self {
            shared: Arc::new(Shared {
                connector: Box::new(connector),
                config,
                state: Mutex::new(state),
            }),
        }
    }

    /// Takes a connection, makes one, or waits for one.
    ///
    /// # Errors
    /// `Timeout` when all were in use for too long; else what the connector says.
    pub fn checkout(&self) -> Result<PooledConnection, Error> {
        let place = self.shared.place_or_wait()?;
        PooledConnection::new(Arc::clone(&self.shared), place)
    }

    /// Makes a connection that is not of the pool: it counts for no limit, and nobody else gets it.
    ///
    /// # Errors
    /// What the connector says.
    pub fn connect(&self) -> Result<Connection, Error> {
        self.shared.connector.connect()
    }

    /// Makes connections until there are as many as [`PoolConfig::min_size`] says, idle or in use.
    ///
    /// # Errors
    /// What the connector says; those that were made stay.
    pub fn warm_up(&self) -> Result<(), Error> {
        while let Some(place) = self.shared.place_below(self.shared.config.min_size) {
            drop(Loan::new(&*self.shared, place)?);
        }
        Ok(())
    }

    /// How the pool is doing right now.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        let state = self.shared.state.lock();
        let idle = state.idle.len();
        PoolStats {
            max_size: self.shared.config.max_size,
            idle,
            in_use: state.open.saturating_sub(idle),
            waiting: state.waiting.len(),
        }
    }

    /// Closes at once those idle connections that nobody may use any more, because a
    /// [`Lease`](crate::Lease) has ended. They would not be given out in any case; this gives their
    /// sockets back. It is done whenever a connection is made or comes back unusable, too.
    pub fn close_ended(&self) {
        self.shared.close_ended();
    }

    /// A handle that does not keep the pool alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakPool {
        WeakPool {
            shared: Arc::downgrade(&self.shared),
        }
    }

    /// Closes all connections: the idle ones now, those in use when they come back. Calls that are under
    /// way are not disturbed, and later ones get new connections.
    pub fn disconnect(&self) {
        let mut state = self.shared.state.lock();
        state.generation = state.generation.wrapping_add(1);
        let idle = std::mem::take(&mut state.idle);
        state.open = state.open.saturating_sub(idle.len());
        // Closing may take its time; nobody should wait for that.
        drop(state);
        drop(idle);
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// A handle to a [`Pool`] that does not keep it alive.
#[derive(Clone)]
pub struct WeakPool {
    shared: Weak<Shared>,
}

impl WeakPool {
    /// The pool, if anybody still has it.
    #[must_use]
    pub fn upgrade(&self) -> Option<Pool> {
        self.shared.upgrade().map(|shared| Pool { shared })
    }
}

impl fmt::Debug for WeakPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WeakPool").field(&self.upgrade()).finish()
    }
}

/// A panic while a connection is lent closes it, unless it is clean, and leaves the pool as it was.
impl UnwindSafe for Pool {}
impl RefUnwindSafe for Pool {}

impl Shared {
    /// A place for a connection, as soon as there is one.
    fn place_or_wait(&self) -> Result<Place, Error> {
        let mut state = self.state.lock();
        if let Some(place) = self.take(&mut state, Purpose::Own) {
            return Ok(place);
        }
        let waiter = Arc::new(Waiter::for_connection());
        state.waiting.push_back(Arc::clone(&waiter));
        drop(state);
        match self.wait(&waiter, Instant::now())? {
            Grant::Place(place) => Ok(place),
            Grant::Answer(_) => Err(Error::new(
                ErrorKind::Connection,
                "expected a connection, found the answer to a call",
            )),
        }
    }

    /// A place for a connection, with one in it or not, if there is one.
    fn take(&self, state: &mut State, purpose: Purpose) -> Option<Place> {
        let member = state.idle.pop_back();
        if member.is_none() && state.open >= self.config.max_size {
            return None;
        }
        Some(state.place(member, purpose))
    }

    /// A place for one more connection while there are fewer than `size`.
    fn place_below(&self, size: usize) -> Option<Place> {
        let mut state = self.state.lock();
        (state.open < size).then(|| state.place(None, Purpose::Own))
    }

    /// Makes a connection, for which there is a place.
    #[cold]
    fn connect(&self) -> Result<Box<Member>, Error> {
        let generation = self.state.lock().generation;
        let connection = self.connector.connect()?;
        if !connection.is_clean() {
            return Err(connection.unclean());
        }
        // Making it may have been how the connector found out that the others lead to the wrong server.
        self.close_ended();
        let expires = self.config.max_lifetime.and_then(|limit| {
            let earlier = limit.mul_f64(chance() / 10.0);
            Instant::now().checked_add(limit.saturating_sub(earlier))
        });
        Ok(Box::new(Member {
            connection,
            generation,
            expires,
        }))
    }

    /// Whether a connection that was idle can be given out.
    #[inline]
    fn is_good(&self, member: &mut Member) -> bool {
        let now = Instant::now();
        let connection = &mut member.connection;
        connection.lend(now);
        // Its lease may have ended.
        if !connection.is_clean() || member.expires.is_some_and(|expires| now >= expires) {
            return false;
        }
        let trusted_until = connection.last_used().checked_add(TRUSTED_FOR);
        trusted_until.is_some_and(|until| now <= until) || self.is_good_after(now, connection)
    }

    /// The same after a pause for which nobody trusts a connection.
    #[cold]
    fn is_good_after(&self, now: Instant, connection: &mut Connection) -> bool {
        let idle_for = now.saturating_duration_since(connection.last_used());
        let too_long = self
            .config
            .idle_timeout
            .is_some_and(|limit| idle_for > limit);
        if too_long && self.state.lock().open > self.config.min_size || !connection.is_quiet() {
            return false;
        }
        self.config
            .ping_after
            .is_none_or(|limit| idle_for <= limit || connection.ping().is_ok())
    }

    /// Waits for a grant until [`PoolConfig::wait_timeout`] after `since`.
    fn wait(&self, waiter: &Arc<Waiter>, since: Instant) -> Result<Grant, Error> {
        let begun = Begun::now();
        let result = self.wait_for_grant(waiter, since);
        begun.waiting(self.config.max_size, &result);
        result
    }

    fn wait_for_grant(&self, waiter: &Arc<Waiter>, since: Instant) -> Result<Grant, Error> {
        let deadline = Deadline::since(since, self.config.wait_timeout);
        if let Some(grant) = waiter.wait_until(deadline) {
            return Ok(grant);
        }
        let mut state = self.state.lock();
        let is_out = take_out(&mut state.waiting, waiter);
        let (open, max_size) = (state.open, self.config.max_size);
        drop(state);
        if !is_out {
            // It has been granted something in the meantime, or somebody is making the call.
            return Ok(waiter.wait());
        }
        let waited = deadline.started().elapsed();
        Err(Error::new(
            ErrorKind::Timeout,
            format!(
                "no free connection: {open} of {max_size} in use for all of the {waited:.1?} that were \
                 waited; return connections sooner or allow more of them"
            ),
        ))
    }

    /// Takes a connection back from its user.
    fn give_back(&self, mut member: Box<Member>, purpose: Purpose) {
        member.connection.release_memory();
        let mut state = self.state.lock();
        if !member.connection.is_clean() || member.generation != state.generation {
            drop(state);
            let place = Loan::without_connection(self, purpose);
            drop(member);
            drop(place);
            // Why it cannot be used again may hold for others.
            return self.close_ended();
        }
        state.part(purpose);
        if let Some(waiter) = state.next_in_line() {
            drop(state);
            return waiter.grant_place(Some(member));
        }
        let used = member.connection.last_used();
        state.idle.push_back(member);
        if state.idle.len() > 1 {
            let surplus = self.take_surplus(&mut state, used);
            drop(state);
            drop(surplus);
        }
    }

    /// Takes out the connections that nobody has needed for too long when another one was in use. All but a few
    /// calls look at one and find nothing.
    fn take_surplus(&self, state: &mut State, used: Instant) -> VecDeque<Box<Member>> {
        let mut surplus = VecDeque::new();
        let Some(limit) = self.config.idle_timeout else {
            return surplus;
        };
        while state.idle.len() > 1 && state.open > self.config.min_size {
            match state.idle.front() {
                Some(oldest)
                    if used.saturating_duration_since(oldest.connection.last_used()) > limit =>
                {
                    surplus.extend(state.idle.pop_front());
                    state.open = state.open.saturating_sub(1);
                }
                _ => break,
            }
        }
        surplus
    }

    fn close_ended(&self) {
        let mut state = self.state.lock();
        let (good, ended) = std::mem::take(&mut state.idle)
            .into_iter()
            .partition::<VecDeque<_>, _>(|member| member.connection.is_clean());
        state.idle = good;
        state.open = state.open.saturating_sub(ended.len());
        // Closing may take its time; nobody should wait for that.
        drop(state);
        drop(ended);
    }

    /// One connection fewer: somebody who waits may make another.
    fn free_place(&self, purpose: Purpose) {
        let mut state = self.state.lock();
        state.part(purpose);
        match state.next_in_line() {
            Some(waiter) => {
                drop(state);
                waiter.grant_place(None);
            }
            None => state.open = state.open.saturating_sub(1),
        }
    }
}

impl State {
    /// A place with an idle connection, or with a new one to come.
    fn place(&mut self, member: Option<Box<Member>>, purpose: Purpose) -> Place {
        if member.is_none() {
            self.open = self.open.saturating_add(1);
        }
        self.arrive(purpose);
        Place { member, purpose }
    }

    /// About how many want to make calls.
    fn callers(&self) -> usize {
        let under_way = self.gathering.len().max(self.crowd);
        self.waiting.len().saturating_add(under_way)
    }

    /// A connection is in use for this from now on.
    fn arrive(&mut self, purpose: Purpose) {
        if purpose == Purpose::Call {
            self.calling = self.calling.saturating_add(1);
        }
    }

    /// A connection is no longer in use for this.
    fn part(&mut self, purpose: Purpose) {
        if purpose == Purpose::Call {
            self.calling = self.calling.saturating_sub(1);
        }
    }

    /// Takes out of the queue who has waited for longest, and is given a place now.
    fn next_in_line(&mut self) -> Option<Arc<Waiter>> {
        let waiter = self.waiting.pop_front()?;
        self.arrive(waiter.purpose());
        Some(waiter)
    }
}

/// Takes somebody out of a queue; whether it was still there.
fn take_out(queue: &mut VecDeque<Arc<Waiter>>, waiter: &Arc<Waiter>) -> bool {
    let before = queue.len();
    queue.retain(|other| !Arc::ptr_eq(other, waiter));
    queue.len() < before
}
