//! The client.

use std::{fmt, sync::Arc, time::Duration};

use redis_cmd::{BlockingCommands, Command, Execute, Waits};
use redis_conn::{
    Address, Connection, ConnectionConfig, Deadline, Error, ErrorKind, Pool, PoolConfig, PoolStats,
    Request,
};
use redis_ext::{Batch, Checkout, Pipeline};
use resp_proto::FromReplyOwned;

use crate::{ClientBuilder, retry::Retry};

/// A client of one server, to be shared.
///
/// All commands take `&self`, so one client serves any number of threads, each call on a connection of
/// its own from the pool inside. A clone is another handle to the same pool; the last one closes the
/// connections. Making one does not connect: the first command does.
///
/// The commands are methods of the traits in the [`prelude`](crate::prelude), all listed below. There is
/// no `SELECT`, `WATCH`, `MULTI` or `SUBSCRIBE` among them: their effect would stay on a connection that
/// the next call of somebody else gets. The database is a setting of the client
/// ([`ClientBuilder::database`]); transactions are [`pipeline`](Client::pipeline) and
/// [`batch`](Client::batch).
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
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    address: Address,
    pool: Pool,
    retry: Retry,
    response_timeout: Duration,
}

impl Client {
    /// A client of the server that the URL names, like `redis://user:password@host:6379/0` or
    /// `unix:///path/to/socket`: see [`ConnectionConfig::from_url`].
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

    pub(crate) fn new(connection: ConnectionConfig, pool: PoolConfig, retry: Retry) -> Self {
        let shared = Shared {
            address: connection.address.clone(),
            response_timeout: connection.response_timeout,
            pool: Pool::new(connection, pool),
            retry,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// An empty [`Pipeline`]: commands collected step by step and sent in one go.
    #[must_use]
    pub fn pipeline(&self) -> Pipeline {
        Pipeline::new(Arc::clone(&self.shared) as Arc<dyn Checkout>)
    }

    /// An empty [`Batch`]: a few commands in one expression, whose reply types the compiler adds up.
    pub fn batch(&self) -> Batch {
        Batch::new(Arc::clone(&self.shared) as Arc<dyn Checkout>)
    }

    /// How the pool of connections is doing right now.
    #[must_use]
    pub fn pool_stats(&self) -> PoolStats {
        self.shared.pool.stats()
    }
}

impl Execute for &Client {
    type Output<T: FromReplyOwned> = Result<T, Error>;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Result<T, Error> {
        if let Some(reason) = command.reason_against() {
            return Err(Error::new(ErrorKind::InvalidInput, reason).at(command.to_string()));
        }
        let request = Request::new(command.encoded()).with_borrowed(command.borrowed());
        let result = self.shared.attempt(
            command.is_read_only(),
            command.waiting(),
            |connection, deadline| connection.call(request, deadline),
        );
        result.map_err(|error| match error.kind() {
            ErrorKind::Decode => error.at(format!("the reply to {}", command.name())),
            _ => error,
        })
    }
}

redis_cmd::implement_families!(for &Client);

impl BlockingCommands for &Client {}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("address", &self.shared.address)
            .field("pool", &self.shared.pool)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Makes a call on a connection of the pool, and makes it again as the policy allows.
    fn attempt<T>(
        &self,
        repeatable: bool,
        waits: Waits,
        mut call: impl FnMut(&mut Connection, Deadline) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.retry.run(repeatable, || {
            let mut connection = self.pool.checkout()?;
            call(&mut connection, self.deadline(waits))
        })
    }

    fn deadline(&self, waits: Waits) -> Deadline {
        match waits {
            Waits::No => Deadline::within(self.response_timeout),
            Waits::For(limit) => Deadline::within(limit.saturating_add(self.response_timeout)),
            Waits::Forever => Deadline::never(),
        }
    }
}

impl Checkout for Shared {
    fn run(
        &self,
        repeatable: bool,
        waits: Waits,
        call: &mut dyn FnMut(&mut Connection, Deadline) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.attempt(repeatable, waits, call)
    }
}
