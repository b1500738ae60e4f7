//! A bounded pool of connections that threads share by reference.

use std::{
    collections::VecDeque,
    fmt,
    ops::{Deref, DerefMut},
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};

use crate::{Connection, Connector, Deadline, Error, ErrorKind};

/// A connection that has been idle for longer than this is looked at before it is given out. A shorter
/// pause is too short for a server or a firewall to have given up on it.
const TRUSTED_FOR: Duration = Duration::from_millis(20);

/// How large a pool is and how long it makes its users wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolConfig {
    /// The most connections at a time, at least 1.
    pub max_size: usize,
    /// How long a user waits for a connection while all are in use.
    pub wait_timeout: Duration,
}

/// How a pool is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolStats {
    /// The most connections at a time.
    pub max_size: usize,
    /// Connections that wait for a user.
    pub idle: usize,
    /// Connections that have one, those that are just being made included.
    pub in_use: usize,
    /// Users that wait for a connection.
    pub waiting: usize,
}

/// A bounded pool of connections.
///
/// Connections are made when they are needed. The one that came back last goes out first, so that those
/// beyond need grow old. While all are in use, users wait in the order of their arrival. A clone is
/// another handle to the same pool; the last one closes it.
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
    /// Last in, first out. Empty while anybody waits.
    #[expect(
        clippy::vec_box,
        reason = "they go in and out as they are, hundreds of bytes not moved"
    )]
    idle: Vec<Box<Connection>>,
    /// Connections that exist or are being made: idle ones and those in use. At most `max_size`.
    open: usize,
    waiting: VecDeque<Arc<Waiter>>,
}

/// A place in the queue. What is put into it belongs to whoever waits there.
struct Waiter {
    grant: Mutex<Option<Grant>>,
    granted: Condvar,
}

enum Grant {
    /// This connection.
    Connection(Box<Connection>),
    /// The right to make one, counted as open already.
    Permit,
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new(connector: impl Connector + 'static, config: PoolConfig) -> Self {
        let config = PoolConfig {
            max_size: config.max_size.max(1),
            ..config
        };
        let state = State {
            idle: Vec::new(),
            open: 0,
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
        loop {
            let grant = match self.shared.try_take() {
                Ok(grant) => grant,
                Err(waiter) => self.shared.wait(&waiter)?,
            };
            let mut connection = match grant {
                Grant::Connection(connection) => connection,
                Grant::Permit => {
                    // A panic in the connector must not lose the place either.
                    let permit = Permit {
                        shared: &self.shared,
                    };
                    let connection = Box::new(permit.shared.connector.connect()?);
                    std::mem::forget(permit);
                    connection
                }
            };
            let idle_for = Instant::now().saturating_duration_since(connection.last_used());
            if idle_for <= TRUSTED_FOR || connection.is_quiet() {
                return Ok(PooledConnection {
                    connection: Some(connection),
                    shared: Arc::clone(&self.shared),
                });
            }
            drop(connection);
            self.shared.free_place();
        }
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

    /// Closes all idle connections. Those in use are not touched.
    pub fn close_idle(&self) {
        let mut state = self.shared.state.lock();
        let idle = std::mem::take(&mut state.idle);
        state.open = state.open.saturating_sub(idle.len());
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// A panic while a connection is lent closes that connection and leaves the pool as it was.
impl UnwindSafe for Pool {}
impl RefUnwindSafe for Pool {}

impl Shared {
    /// A connection or a permit if there is one, else a place in the queue.
    fn try_take(&self) -> Result<Grant, Arc<Waiter>> {
        let mut state = self.state.lock();
        if let Some(connection) = state.idle.pop() {
            return Ok(Grant::Connection(connection));
        }
        if state.open < self.config.max_size {
            state.open = state.open.saturating_add(1);
            return Ok(Grant::Permit);
        }
        let waiter = Arc::new(Waiter {
            grant: Mutex::new(None),
            granted: Condvar::new(),
        });
        state.waiting.push_back(Arc::clone(&waiter));
        Err(waiter)
    }

    fn wait(&self, waiter: &Arc<Waiter>) -> Result<Grant, Error> {
        let deadline = Deadline::within(self.config.wait_timeout);
        let mut grant = waiter.grant.lock();
        while grant.is_none() {
            let Ok(left) = deadline.remaining() else {
                break;
            };
            waiter
                .granted
                .wait_for(&mut grant, left.unwrap_or(Duration::MAX));
        }
        if let Some(grant) = grant.take() {
            return Ok(grant);
        }
        // Whoever grants holds the lock of the pool first and that of the waiter second.
        drop(grant);
        let mut state = self.state.lock();
        state.waiting.retain(|other| !Arc::ptr_eq(other, waiter));
        let (open, max_size) = (state.open, self.config.max_size);
        drop(state);
        // It may have come in the meantime.
        waiter.grant.lock().take().ok_or_else(|| {
            let waited = deadline.started().elapsed();
            Error::new(
                ErrorKind::Timeout,
                format!(
                    "no free connection: {open} of {max_size} in use for all of the {waited:.1?} that were \
                     waited; return connections sooner or allow more of them"
                ),
            )
        })
    }

    /// Takes a connection back from its user.
    fn give_back(&self, connection: Box<Connection>) {
        if !connection.is_clean() {
            // Closing may take its time; nobody should wait for that.
            drop(connection);
            return self.free_place();
        }
        let mut state = self.state.lock();
        match state.waiting.pop_front() {
            Some(waiter) => waiter.grant(Grant::Connection(connection)),
            None => state.idle.push(connection),
        }
    }

    /// One connection fewer: somebody who waits may make another.
    fn free_place(&self) {
        let mut state = self.state.lock();
        match state.waiting.pop_front() {
            Some(waiter) => waiter.grant(Grant::Permit),
            None => state.open = state.open.saturating_sub(1),
        }
    }
}

impl Waiter {
    fn grant(&self, grant: Grant) {
        *self.grant.lock() = Some(grant);
        self.granted.notify_one();
    }
}

/// The right to make a connection. Dropped, it gives the place back.
struct Permit<'p> {
    shared: &'p Shared,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.shared.free_place();
    }
}

/// A connection on loan, for one user alone.
///
/// Dropping it gives it back if it is clean and closes it if it is not, whatever the way out: return,
/// `?` or panic.
pub struct PooledConnection {
    /// `None` only while it is being dropped.
    connection: Option<Box<Connection>>,
    shared: Arc<Shared>,
}

impl Deref for PooledConnection {
    type Target = Connection;

    #[expect(
        clippy::expect_used,
        reason = "the connection is taken out only by drop"
    )]
    fn deref(&self) -> &Connection {
        self.connection.as_deref().expect("a connection until drop")
    }
}

impl DerefMut for PooledConnection {
    #[expect(
        clippy::expect_used,
        reason = "the connection is taken out only by drop"
    )]
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection
            .as_deref_mut()
            .expect("a connection until drop")
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.shared.give_back(connection);
        }
    }
}

impl fmt::Debug for PooledConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PooledConnection")
            .field(&self.connection)
            .finish()
    }
}
