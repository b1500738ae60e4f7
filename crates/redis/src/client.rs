//! The client.

use std::{cell::Cell, fmt, sync::Arc, time::Duration};

use redis_cmd::{BlockingCommands, Command, Execute, ToArgs, Waits};
use redis_conn::{
    Connection, Connector, Deadline, Error, ErrorKind, Pool, PoolConfig, PoolStats,
    PooledConnection,
};
use redis_ext::{
    Batch, Checkout, Decode, Monitor, Need, Pipeline, PubSub, PubSubConfig, Watched, decoded,
    make_call,
};
use resp_proto::FromReplyOwned;

use crate::{ClientBuilder, RetryPolicy, callbacks::Callbacks, retry, trace::Call};

/// A client of one server, to be shared.
///
/// All commands take `&self`, so one client serves any number of threads, each call on a connection of
/// its own from the pool inside, or together with others that are made at the same time
/// ([`ClientBuilder::sharing`]). A clone is another handle to the same pool; the last one closes the
/// connections. Making one does not connect: the first command does.
///
/// The commands are methods of the traits in the [`prelude`](crate::prelude), all listed below. There is
/// no `SELECT`, `WATCH`, `MULTI` or `SUBSCRIBE` among them: their effect would stay on a connection that
/// the next call of somebody else gets. The database is a setting of the client
/// ([`ClientBuilder::database`]); transactions are [`pipeline`](Client::pipeline),
/// [`batch`](Client::batch) and, on watched keys, [`transaction`](Client::transaction).
///
/// How things are done is in the [`guide`](crate::guide): [connecting](crate::guide::connections), [types of
/// replies](crate::guide::replies), [what goes wrong](crate::guide::failures).
///
/// ```no_run
/// use redis::prelude::*;
///
/// let client = Client::open("unix:///run/redis/redis.sock?db=3")?;
/// client.rpush("queue", ["a", "b"])?;
/// let all: Vec<String> = client.lrange("queue", 0, -1)?;
/// # Ok::<(), redis::Error>(())
/// ```
#[derive(Clone)]
#[doc(alias = "Redis")]
#[doc(alias = "StrictRedis")]
pub struct Client {
    inner: Arc<Inner>,
}

/// The pool, and what a handle may differ in from others on it.
#[derive(Clone)]
pub(crate) struct Inner {
    pool: Pool,
    /// Where the server is, or how it is found.
    address: String,
    retry: RetryPolicy,
    transaction_retry: RetryPolicy,
    response_timeout: Duration,
    /// After how long a silence a subscriber sends a health check (`PING`); zero for never.
    ping_after: Duration,
    /// Whether new connections lead to the primary, wherever that is now.
    follows_primary: bool,
    /// `None` unless one was set: a call that has nothing to do with them looks at nothing else.
    pub(crate) callbacks: Option<Callbacks>,
}

impl Client {
    /// A client of the server that the URL names, like `redis://user:password@host:6379/0` or
    /// `unix:///path/to/socket`: see
    /// [`ConnectionConfig::from_url`](redis_conn::ConnectionConfig::from_url) and
    /// [`ClientBuilder::url`] for its options.
    ///
    /// # Errors
    /// `InvalidInput`, naming the part of the URL at fault. Whether there is such a server shows with the
    /// first command.
    #[doc(alias = "from_url")]
    pub fn open(url: &str) -> Result<Self, Error> {
        Ok(Self::builder().url(url)?.build())
    }

    /// Sets up a client step by step.
    #[must_use]
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// A client of whatever server the connector leads to, which is shown as `address`.
    pub(crate) fn over(
        connector: impl Connector + 'static,
        address: String,
        response_timeout: Duration,
        mut pool: PoolConfig,
        retry: RetryPolicy,
    ) -> Self {
        let ping_after = pool.ping_after.unwrap_or(Duration::from_secs(30));
        pool.ping_after = pool.ping_after.filter(|silence| !silence.is_zero());
        Self {
            inner: Arc::new(Inner {
                ping_after,
                pool: Pool::new(connector, pool),
                address,
                retry,
                transaction_retry: RetryPolicy::for_transactions(),
                response_timeout,
                follows_primary: false,
                callbacks: None,
            }),
        }
    }

    /// Another handle to the same connections, whose calls have another response timeout.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use redis::prelude::*;
    ///
    /// # let client = Client::open("redis://localhost")?;
    /// let keys = client.with_response_timeout(Duration::from_secs(60)).dbsize()?;
    /// # Ok::<(), redis::Error>(())
    /// ```
    #[must_use]
    pub fn with_response_timeout(&self, limit: Duration) -> Self {
        self.with(|inner| inner.response_timeout = limit)
    }

    /// Another handle to the same connections, whose calls are made again under another policy.
    #[must_use]
    #[doc(alias = "set_retry")]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        self.with(|inner| inner.retry = policy)
    }

    /// Another handle to the same connections, whose [`transaction`](Client::transaction)s are tried
    /// again under another policy.
    #[must_use]
    pub fn with_transaction_retry(&self, policy: RetryPolicy) -> Self {
        self.with(|inner| inner.transaction_retry = policy)
    }

    /// The same client, said to be led to the primary by its connector.
    pub(crate) fn following_primary(self) -> Self {
        self.with(|inner| inner.follows_primary = true)
    }

    fn with(&self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Inner::clone(&self.inner);
        change(&mut inner);
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Access to this handle's connections, for types of your own that make several calls on one; pipelines, scan
    /// iterators and locks use it.
    #[must_use]
    pub fn checkout(&self) -> Arc<dyn Checkout> {
        self.inner.clone()
    }

    /// An empty [`Pipeline`]: commands collected step by step and sent in one go.
    pub fn pipeline(&self) -> Pipeline {
        Pipeline::new(self.checkout())
    }

    /// An empty [`Batch`]: a few commands in one expression, whose reply types the compiler adds up.
    pub fn batch(&self) -> Batch {
        Batch::new(self.checkout())
    }

    /// Watches keys on a connection that nobody else uses until the answer is dropped: a transaction on
    /// it is executed only if none of the keys was changed in the meantime. See [`Watched`].
    ///
    /// It takes a connection out of the pool. Other calls need another, so a pool of one makes them wait.
    ///
    /// # Errors
    /// `InvalidInput` without a key; those of getting a connection and of the server.
    #[doc(alias = "WATCH")]
    pub fn watch(&self, keys: impl ToArgs) -> Result<Watched, Error> {
        Watched::new(self.checkout(), keys)
    }

    /// Watches keys and lets `attempt` read what it needs, then execute a transaction; tries again as long as somebody
    /// else changes a key in between, and, where the client [follows a primary](crate::Sentinel::master_for), when that
    /// is no longer the primary (`READONLY`). When the server refuses commands for the time being (`LOADING`, `BUSY`), it
    /// tries again under the [`RetryPolicy`], as every call does. What `attempt` returns in the end is the answer:
    /// replies, or any other value.
    ///
    /// ```no_run
    /// use redis::prelude::*;
    ///
    /// # let client = Client::open("redis://localhost")?;
    /// let next = client.transaction("OUR-SEQUENCE-KEY", |watched| {
    ///     let next = watched.get::<i64>("OUR-SEQUENCE-KEY")?.unwrap_or(0) + 1;
    ///     watched.multi().set("OUR-SEQUENCE-KEY", next).execute::<()>()?;
    ///     Ok(next)
    /// })?;
    /// # Ok::<(), redis::Error>(())
    /// ```
    ///
    /// Without a key (`()`) nothing is watched, and there is one attempt, as no key can be changed.
    ///
    /// Everything `attempt` does outside the transaction may happen more than once. By default there are up to 100
    /// attempts, with random delays of up to 1, 2, 4 … 64 milliseconds between them: see
    /// [`with_transaction_retry`](Client::with_transaction_retry). A transaction that may have been executed
    /// ([`Error::maybe_executed`]) is never tried again, whatever `attempt` does after it. When `attempt` fails or
    /// panics, nothing stays watched.
    ///
    /// # Errors
    /// Those of `attempt`; `Watch` when the last attempt found a key changed; those of
    /// [`watch`](Client::watch).
    pub fn transaction<T>(
        &self,
        keys: impl ToArgs,
        mut attempt: impl FnMut(&mut Watched) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut attempts = 0_u32;
        let (is_begun, is_over) = (Cell::new(false), Cell::new(false));
        let helps = |error: &Error| {
            let elsewhere = self.inner.follows_primary && retry::is_elsewhere(error);
            !is_over.get() && (error.kind() == ErrorKind::Watch || elsewhere)
        };
        // Servers that are loading their data do execute `WATCH`, whose own refusals have been seen to when it returns.
        let passes =
            |error: &Error| is_begun.get() && !is_over.get() && retry::is_refused_for_now(error);
        let mut attempt = || {
            attempts += 1;
            is_begun.set(false);
            let mut watched = Watched::begin(self.checkout(), &keys)?;
            is_begun.set(true);
            let result = attempt(&mut watched);
            is_over.set(watched.has_executed());
            result
        };
        let result = self.inner.retry.run_while(passes, || {
            self.inner.transaction_retry.run_while(helps, &mut attempt)
        });
        result.map_err(|error| match error.kind() {
            ErrorKind::Watch => error.at(format!("the last of {attempts} attempts")),
            _ => error,
        })
    }

    /// A [`PubSub`]: subscribes to channels and waits for what is published there, on a connection of its
    /// own.
    ///
    /// A lost connection is re-established at once; if that fails, or the new one lasts less than a second, after the
    /// delays of the [`RetryPolicy`] (the default's if it has none), as often as needed. After a silence of
    /// [`ping_after`](ClientBuilder::ping_after), 30 seconds by default, the server is sent a health check (`PING`);
    /// [`PubSub::ping_after`] is for another time, or none.
    ///
    /// ```no_run
    /// use redis::prelude::*;
    ///
    /// # let client = Client::open("redis://localhost")?;
    /// let mut pubsub = client.pubsub().ignore_subscribe_messages(true);
    /// pubsub.subscribe("news")?;
    /// for message in pubsub.listen() {
    ///     println!("{}", message?.text()?);
    /// }
    /// # Ok::<(), redis::Error>(())
    /// ```
    #[must_use]
    pub fn pubsub(&self) -> PubSub {
        let mut config = PubSubConfig::new(Arc::new(Unpooled(self.pool().clone())));
        config.pause = self.inner.retry.pauses();
        config.ping_after = Some(self.inner.ping_after);
        PubSub::new(self.checkout(), config)
    }

    /// A [`Monitor`]: every command that the server executes from now on, on a connection of its own.
    ///
    /// # Errors
    /// Those of connecting; `Server` when the server refuses.
    #[doc(alias = "MONITOR")]
    pub fn monitor(&self) -> Result<Monitor, Error> {
        Monitor::start(&*self.inner)
    }

    /// Makes connections until there are as many as
    /// [`min_connections`](ClientBuilder::min_connections) says, so that the first calls find them.
    ///
    /// # Errors
    /// Why one could not be made; those that were made stay.
    pub fn warm_up(&self) -> Result<(), Error> {
        self.inner.pool.warm_up()
    }

    /// Closes all connections: the idle ones now, those in use when their calls are done. Later calls get
    /// new ones.
    #[doc(alias = "close")]
    pub fn disconnect(&self) {
        self.inner.pool.disconnect();
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.inner.pool
    }

    /// How the pool of connections is doing right now.
    #[must_use]
    pub fn pool_stats(&self) -> PoolStats {
        self.inner.pool.stats()
    }
}

impl Execute for &Client {
    type Output<T: FromReplyOwned> = Result<T, Error>;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Result<T, Error> {
        decoded(|decode| self.call(command.into_raw(), decode))
    }
}

redis_cmd::implement_families!(for &Client);

impl BlockingCommands for &Client {}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("address", &self.inner.address)
            .field("pool", &self.inner.pool)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Makes the call that a command is, and has what comes of it decoded: the reply, or what a callback
    /// makes of that. It is compiled once, not for every command and type.
    fn call(&self, command: Command<'_>, decode: &mut Decode<'_>) -> Result<(), Error> {
        match self.callback_for(&command) {
            Some(callbacks) => callbacks.answer(self, command, decode),
            None => self.send(&command, decode),
        }
    }

    /// Makes the call that a command is, and has the reply decoded.
    pub(crate) fn send(&self, command: &Command<'_>, decode: &mut Decode<'_>) -> Result<(), Error> {
        make_call(command, decode, |request, receive| {
            let (inner, waits) = (&*self.inner, command.waiting());
            let span = Call::of(|| command.name(), &inner.address);
            let result = inner.repeat(command.is_read_only(), || match waits {
                Waits::No => inner.pool.call(request, inner.response_timeout, receive),
                _ => {
                    let mut connection = inner.pool.checkout()?;
                    connection.ask(request, inner.deadline(waits), receive)
                }
            });
            span.end(&result);
            result
        })
    }

    pub(crate) fn callbacks(&self) -> Option<&Callbacks> {
        self.inner.callbacks.as_ref()
    }

    /// The settings of this handle alone.
    pub(crate) fn inner_mut(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.inner)
    }
}

impl Inner {
    /// Makes a call, and makes it again as the policy allows.
    fn repeat<T>(
        &self,
        repeatable: bool,
        call: impl FnMut() -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.retry
            .run_while(|error| self.helps(error, repeatable), call)
    }

    /// Whether making a call again can help, and cannot do the same thing twice.
    fn helps(&self, error: &Error, repeatable: bool) -> bool {
        retry::helps(error, repeatable) || self.is_elsewhere(error)
    }

    /// Whether the next connection leads to the server that the call is for.
    fn is_elsewhere(&self, error: &Error) -> bool {
        self.follows_primary && retry::is_elsewhere(error)
    }
}

impl Checkout for Inner {
    fn run(
        &self,
        need: &Need<'_>,
        call: &mut dyn FnMut(&mut Connection, Deadline) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let span = Call::unnamed(&self.address);
        let helps = |error: &Error| {
            let helps = match need.once {
                false => self.helps(error, need.read_only),
                true => self.is_elsewhere(error),
            };
            helps && !need.is_over()
        };
        let result = self.retry.run_while(helps, || {
            let mut connection = self.pool.checkout()?;
            let deadline = self.deadline(need.waits);
            call(&mut connection, sooner(deadline, need.deadline)?)
        });
        span.end(&result);
        result
    }

    fn lend(
        &self,
        _: &Need<'_>,
        begin: &mut dyn FnMut(&mut Connection, Deadline) -> Result<(), Error>,
    ) -> Result<PooledConnection, Error> {
        let span = Call::unnamed(&self.address);
        let result = self.retry.run(true, || {
            let mut connection = self.pool.checkout()?;
            begin(&mut connection, self.deadline(Waits::No))?;
            Ok(connection)
        });
        span.end(&result);
        result
    }

    fn connect(&self) -> Result<Connection, Error> {
        let span = Call::unnamed(&self.address);
        let result = self.retry.run(true, || self.pool.connect());
        span.end(&result);
        result
    }

    fn deadline(&self, waits: Waits) -> Deadline {
        match waits {
            Waits::No => Deadline::within(self.response_timeout),
            Waits::For(limit) => Deadline::within(limit.saturating_add(self.response_timeout)),
            Waits::Forever => Deadline::never(),
        }
    }
}

/// Whichever of two deadlines, of which the second may be none, comes first.
///
/// # Errors
/// `Timeout` when the second has passed.
fn sooner(deadline: Deadline, other: Option<Deadline>) -> Result<Deadline, Error> {
    let left = other.map_or(Ok(None), |other| other.remaining())?;
    Ok(match (left, deadline.limit()) {
        (Some(left), Some(limit)) if left < limit => Deadline::within(left),
        (Some(left), None) => Deadline::within(left),
        _ => deadline,
    })
}

/// Makes connections as the pool does, at once or not at all, which belong to the caller.
struct Unpooled(Pool);

impl Connector for Unpooled {
    fn connect(&self) -> Result<Connection, Error> {
        self.0.connect()
    }
}
