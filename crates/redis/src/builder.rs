//! How a client is set up when a URL does not say enough.

use std::{path::PathBuf, time::Duration};

use redis_conn::{Address, ConnectionConfig, PoolConfig, Protocol};

use crate::{Client, Error, retry::Retry};

/// Sets up a [`Client`].
///
/// Everything has a default, and none of them waits for ever.
///
/// ```
/// use std::time::Duration;
/// use redis::Client;
///
/// let client = Client::builder()
///     .tcp("cache.example.org", 6379)
///     .password("secret")
///     .max_connections(4)
///     .response_timeout(Duration::from_millis(250))
///     .build();
/// # drop(client);
/// ```
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    connection: ConnectionConfig,
    pool: PoolConfig,
    retry: Retry,
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        let address = Address::Tcp {
            host: "localhost".into(),
            port: 6379,
        };
        Self {
            connection: ConnectionConfig::new(address),
            pool: PoolConfig {
                max_size: 16,
                wait_timeout: Duration::from_secs(5),
            },
            retry: Retry::DEFAULT,
        }
    }

    /// Takes everything that a URL says: see [`ConnectionConfig::from_url`]. What was set before for
    /// connections is forgotten.
    ///
    /// # Errors
    /// `InvalidInput`, naming the part of the URL at fault.
    pub fn url(mut self, url: &str) -> Result<Self, Error> {
        self.connection = ConnectionConfig::from_url(url)?;
        Ok(self)
    }

    /// Connects to a host and port; `localhost` and 6379 if nothing is said.
    #[must_use]
    pub fn tcp(mut self, host: impl Into<String>, port: u16) -> Self {
        self.connection.address = Address::Tcp {
            host: host.into(),
            port,
        };
        self
    }

    /// Connects to a Unix socket.
    #[must_use]
    pub fn unix(mut self, path: impl Into<PathBuf>) -> Self {
        self.connection.address = Address::Unix(path.into());
        self
    }

    /// Logs in as this ACL user; the user `default` if nothing is said.
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.connection.username = Some(username.into());
        self
    }

    /// Logs in with this password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.connection.password = Some(password.into());
        self
    }

    /// Uses the database of this number, 0 if nothing is said. It holds for all connections of the
    /// client: there is no `SELECT` on a shared one.
    #[must_use]
    pub fn database(mut self, database: u32) -> Self {
        self.connection.database = database;
        self
    }

    /// Has the server list the connections under this name (`CLIENT LIST`). It may hold no spaces.
    #[must_use]
    pub fn client_name(mut self, name: impl Into<String>) -> Self {
        self.connection.client_name = Some(name.into());
        self
    }

    /// Speaks this version of the protocol; the newest that the server knows if nothing is said.
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.connection.protocol = protocol;
        self
    }

    /// How long making a connection may take, from looking up the host to having logged in; 5 seconds
    /// if nothing is said.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connection.connect_timeout = limit;
        self
    }

    /// How long the server may take to answer a command, or all commands of a pipeline together; 5
    /// seconds if nothing is said. Commands that wait have that time on top of their own.
    #[must_use]
    pub fn response_timeout(mut self, limit: Duration) -> Self {
        self.connection.response_timeout = limit;
        self
    }

    /// How many connections there may be at a time, at least 1; 16 if nothing is said.
    #[must_use]
    pub fn max_connections(mut self, most: usize) -> Self {
        self.pool.max_size = most;
        self
    }

    /// How long a call waits for a connection while all are in use; 5 seconds if nothing is said.
    #[must_use]
    pub fn wait_timeout(mut self, limit: Duration) -> Self {
        self.pool.wait_timeout = limit;
        self
    }

    /// How often a call is repeated after an error of the connection; 2 times if nothing is said. It
    /// is repeated only where that cannot do the same thing twice: when nothing of it had been sent, or
    /// it only reads.
    #[must_use]
    pub fn retries(mut self, most: u32) -> Self {
        self.retry.retries = most;
        self
    }

    /// The client. It connects when it is first used.
    #[must_use]
    pub fn build(self) -> Client {
        Client::new(self.connection, self.pool, self.retry)
    }
}
