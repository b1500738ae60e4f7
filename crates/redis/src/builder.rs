//! How a client is set up when a URL does not say enough.

use std::{path::PathBuf, time::Duration};

use redis_conn::{
    Address, Connection, ConnectionConfig, Connector, CredentialProvider, Dial, Parser, PoolConfig,
    Protocol, ServerConnector, TcpOptions, Tls,
};
use resp_proto::Limits;

use crate::{Client, Error, RetryPolicy};

/// What servers list the connections of programs as that do not say otherwise: `redis` alone is what everybody's name
/// has in it.
const LIB_NAME: &str = "redis-rust";

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
    pub(crate) connector: ServerConnector,
    pool: PoolConfig,
    retry: RetryPolicy,
    transaction_retry: RetryPolicy,
}

impl Default for ClientBuilder {
    /// What [`Client::builder`] returns.
    fn default() -> Self {
        Self::new()
    }
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        let address = Address::Tcp {
            host: "localhost".into(),
            port: 6379,
        };
        let mut connection = ConnectionConfig::new(address);
        connection.lib_name = LIB_NAME.into();
        connection.lib_version = env!("CARGO_PKG_VERSION").into();
        let mut pool = PoolConfig::new(16, Duration::from_secs(5));
        pool.idle_timeout = Some(Duration::from_secs(300));
        pool.max_lifetime = Some(Duration::from_secs(3600));
        pool.sharing = true;
        Self {
            connector: ServerConnector::new(connection),
            pool,
            retry: RetryPolicy::default(),
            transaction_retry: RetryPolicy::for_transactions(),
        }
    }

    /// Takes everything that a URL says: what [`ConnectionConfig::from_url`] lists, and the options `max_connections`,
    /// `min_connections`, `retries` (numbers), `wait_timeout`, `idle_timeout`, `max_lifetime` and `ping_after`
    /// (seconds; for the last three 0 is none), and `sharing` (yes or no). `health_check_interval`, redis-py's name for
    /// `ping_after`, does as well. Replaces all connection settings made before, except
    /// [`credentials`](ClientBuilder::credentials), [`on_connect`](ClientBuilder::on_connect),
    /// [`dial`](ClientBuilder::dial) and [`library`](ClientBuilder::library). A credentials provider takes precedence
    /// over user and password in the URL.
    ///
    /// # Errors
    /// `InvalidInput`, naming the part of the URL at fault.
    pub fn url(mut self, url: &str) -> Result<Self, Error> {
        let mut connection = ConnectionConfig::from_url_with(url, &mut |option| {
            let pool = &mut self.pool;
            match option.name.as_str() {
                "max_connections" => pool.max_size = option.number()?,
                "min_connections" => pool.min_size = option.number()?,
                "retries" => self.retry = doubling(option.number()?),
                "wait_timeout" => pool.wait_timeout = option.seconds()?,
                "idle_timeout" => pool.idle_timeout = option.seconds_or_none()?,
                "max_lifetime" => pool.max_lifetime = option.seconds_or_none()?,
                "ping_after" | "health_check_interval" => {
                    pool.ping_after = Some(option.seconds_or_none()?.unwrap_or_default());
                }
                "sharing" => pool.sharing = option.boolean()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let before = self.connector.config_mut();
        std::mem::swap(&mut connection.lib_name, &mut before.lib_name);
        std::mem::swap(&mut connection.lib_version, &mut before.lib_version);
        *before = connection;
        Ok(self)
    }

    /// Connects to a host and port; `localhost` and 6379 by default.
    #[must_use]
    #[doc(alias = "host")]
    #[doc(alias = "port")]
    pub fn tcp(mut self, host: impl Into<String>, port: u16) -> Self {
        self.connector.config_mut().address = Address::Tcp {
            host: host.into(),
            port,
        };
        self
    }

    /// The TCP options. By default, small requests go out at once and keep-alive is on.
    #[must_use]
    #[doc(alias = "socket_keepalive")]
    pub fn tcp_options(mut self, options: TcpOptions) -> Self {
        self.connector.config_mut().tcp = options;
        self
    }

    /// Connects to a Unix socket.
    #[must_use]
    #[doc(alias = "unix_socket_path")]
    pub fn unix(mut self, path: impl Into<PathBuf>) -> Self {
        self.connector.config_mut().address = Address::Unix(path.into());
        self
    }

    /// Encrypts TCP connections. Without the feature `tls`, connecting is then an error.
    #[must_use]
    #[doc(alias = "ssl")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.connector.config_mut().tls = Some(tls);
        self
    }

    /// Logs in as this ACL user; by default, the user `default`.
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.connector.config_mut().username = Some(username.into());
        self
    }

    /// Logs in with this password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.connector.config_mut().password = Some(password.into());
        self
    }

    /// Asks for user and password again for every new connection: for passwords that change.
    ///
    /// ```
    /// use redis::{Client, Credentials};
    ///
    /// let client = Client::builder()
    ///     .credentials(|| Ok(Credentials { username: None, password: "from the vault".into() }))
    ///     .build();
    /// # drop(client);
    /// ```
    #[must_use]
    #[doc(alias = "credential_provider")]
    pub fn credentials(mut self, provider: impl CredentialProvider + 'static) -> Self {
        self.connector = self.connector.with_credentials(provider);
        self
    }

    /// Runs `hook` on every new connection after its handshake; when it fails, the connection is not
    /// used and the call that needed it fails too.
    #[must_use]
    #[doc(alias = "redis_connect_func")]
    pub fn on_connect(
        mut self,
        hook: impl Fn(&mut Connection) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        self.connector = self.connector.with_on_connect(hook);
        self
    }

    /// Reaches the server in a way of your own, through a tunnel for example.
    #[must_use]
    #[doc(alias = "connection_class")]
    pub fn dial(mut self, dial: impl Dial + 'static) -> Self {
        self.connector = self.connector.with_dial(dial);
        self
    }

    /// Uses the database of this number, by default 0. It holds for all connections of the client: there is no `SELECT`
    /// on a shared one.
    #[must_use]
    #[doc(alias = "SELECT")]
    #[doc(alias = "db")]
    pub fn database(mut self, database: u32) -> Self {
        self.connector.config_mut().database = database;
        self
    }

    /// Has the server list the connections under this name (`CLIENT LIST`). It may hold no spaces.
    #[must_use]
    #[doc(alias = "CLIENT SETNAME")]
    #[doc(alias = "client_setname")]
    pub fn client_name(mut self, name: impl Into<String>) -> Self {
        self.connector.config_mut().client_name = Some(name.into());
        self
    }

    /// Has the server list the connections as those of this library, in this version (`lib-name` and `lib-ver` of
    /// `CLIENT LIST`, since Redis 7.2): for a library that is built on this one. The default is `redis-rust` and the
    /// version of this crate. Neither may hold spaces: a server that is told such a name lists none.
    #[must_use]
    #[doc(alias = "CLIENT SETINFO")]
    #[doc(alias = "lib_name")]
    #[doc(alias = "lib_version")]
    #[doc(alias = "driver_info")]
    pub fn library(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        let config = self.connector.config_mut();
        (config.lib_name, config.lib_version) = (name.into(), version.into());
        self
    }

    /// Speaks this version of the protocol; by default, the newest that the server knows.
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.connector.config_mut().protocol = protocol;
        self
    }

    /// Reads the replies with this parser; by default, with the one of this crate. Without the feature `hiredis`,
    /// asking for that one makes connecting an error.
    #[must_use]
    #[doc(alias = "parser_class")]
    pub fn parser(mut self, parser: Parser) -> Self {
        self.connector.config_mut().parser = parser;
        self
    }

    /// How much a reply may claim before it is refused.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.connector.config_mut().limits = limits;
        self
    }

    /// How long making a connection may take, from looking up the host to having logged in; 5 seconds by default.
    #[must_use]
    #[doc(alias = "socket_connect_timeout")]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connector.config_mut().connect_timeout = limit;
        self
    }

    /// How long the server may take to answer a command, or all commands of a pipeline together; 5 seconds by default.
    /// Commands that wait have that time on top of their own.
    ///
    /// It does not cover what comes before: a call that finds no free connection waits for up to
    /// [`wait_timeout`](ClientBuilder::wait_timeout), and one that needs a new connection, as after a missed deadline,
    /// for up to [`connect_timeout`](ClientBuilder::connect_timeout). To bound a call, set all three.
    #[must_use]
    #[doc(alias = "socket_timeout")]
    pub fn response_timeout(mut self, limit: Duration) -> Self {
        self.connector.config_mut().response_timeout = limit;
        self
    }

    /// How many connections there may be at a time, at least 1; 16 by default.
    #[must_use]
    #[doc(alias = "ConnectionPool")]
    #[doc(alias = "BlockingConnectionPool")]
    pub fn max_connections(mut self, most: usize) -> Self {
        self.pool.max_size = most;
        self
    }

    /// How many connections [`Client::warm_up`] makes, and how many stay however long they are idle; none by default.
    #[must_use]
    pub fn min_connections(mut self, fewest: usize) -> Self {
        self.pool.min_size = fewest;
        self
    }

    /// How long a call waits for a connection while all are in use; 5 seconds by default.
    #[must_use]
    pub fn wait_timeout(mut self, limit: Duration) -> Self {
        self.pool.wait_timeout = limit;
        self
    }

    /// Whether small calls that are made at the same time go out together on one connection, which takes far fewer
    /// system calls than one after the other; they do by default. Commands that block, transactions, pipelines and long
    /// values never do. See [`Pool::call`](redis_conn::Pool::call) for when exactly, and for what that means for
    /// timeouts.
    #[must_use]
    pub fn sharing(mut self, sharing: bool) -> Self {
        self.pool.sharing = sharing;
        self
    }

    /// How long a connection may be idle before it is closed; 5 minutes by default, `None` for as long as the server
    /// likes.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Option<Duration>) -> Self {
        self.pool.idle_timeout = limit;
        self
    }

    /// How old a connection may become, minus a random part of up to a tenth; an hour by default, `None` for any age.
    #[must_use]
    pub fn max_lifetime(mut self, limit: Option<Duration>) -> Self {
        self.pool.max_lifetime = limit;
        self
    }

    /// Idle time after which a connection is checked with `PING` before use; default: never (one closed by the server
    /// is detected anyway). Also the silence after which a [subscriber](Client::pubsub) sends a health-check `PING`;
    /// default 30 s. Zero is never, for both.
    #[must_use]
    #[doc(alias = "health_check_interval")]
    pub fn ping_after(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.pool.ping_after = limit.into();
        self
    }

    /// When calls are made again: see [`RetryPolicy`], whose default is used here too.
    #[must_use]
    #[doc(alias = "retry_on_error")]
    #[doc(alias = "retry_on_timeout")]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Makes calls again so often at most, after delays that double from 10 milliseconds.
    #[must_use]
    pub fn retries(self, most: u32) -> Self {
        self.retry(doubling(most))
    }

    /// When transactions on watched keys are tried again: see [`Client::transaction`], which describes the default
    /// policy.
    #[must_use]
    #[doc(alias = "watch_delay")]
    pub fn transaction_retry(mut self, policy: RetryPolicy) -> Self {
        self.transaction_retry = policy;
        self
    }

    /// The client. It connects when it is first used.
    #[must_use]
    pub fn build(self) -> Client {
        let address = self.connector.config().address.to_string();
        self.build_over(address, ServerConnector::clone)
    }

    /// A client of whatever server the connector leads to that is made of the one set up here; it is shown
    /// as `address`.
    pub(crate) fn build_over<C: Connector + 'static>(
        self,
        address: String,
        connector: impl FnOnce(&ServerConnector) -> C,
    ) -> Client {
        let response_timeout = self.connector.config().response_timeout;
        let connector = connector(&self.connector);
        Client::over(connector, address, response_timeout, self.pool, self.retry)
            .with_transaction_retry(self.transaction_retry)
    }
}

/// The policy of which only the number of repetitions was said.
fn doubling(retries: u32) -> RetryPolicy {
    RetryPolicy::exponential(
        retries,
        Duration::from_millis(10),
        Duration::from_millis(500),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_what_the_builder_can_say_too() {
        let url = "redis://h?max_connections=3&wait_timeout=0.5&max_lifetime=0&health_check_interval=30&sharing=no";
        let pool = Client::builder().url(url).unwrap().pool;
        assert_eq!((pool.max_size, pool.sharing), (3, false));
        assert_eq!(pool.wait_timeout, Duration::from_millis(500));
        assert_eq!(pool.max_lifetime, None);
        assert_eq!(pool.ping_after, Some(Duration::from_secs(30)));
        let never = Client::builder().url("redis://h?ping_after=0").unwrap();
        assert_eq!(never.pool.ping_after, Some(Duration::ZERO));
    }

    #[test]
    fn options_that_are_wrong_are_named_and_secrets_are_not() {
        for (url, named) in [
            ("redis://h?nope=1&db=2", "found \"nope\""),
            (
                "redis://h?max_connections=many",
                "the max_connections, found \"many\"",
            ),
            (
                "redis://user:ab?hunter2=1@h",
                "? as %3F in user and password",
            ),
            (
                "redis://user:ab?retries=hunter2@h",
                "? as %3F in user and password",
            ),
            (
                "redis://h?password=ab&hunter2=1",
                "& as %26 in the password",
            ),
        ] {
            let error = Client::open(url).unwrap_err().to_string();
            assert!(
                error.contains(named) && !error.contains("hunter2"),
                "{error}"
            );
        }
    }
}
