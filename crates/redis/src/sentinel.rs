//! Sentinels, and clients that follow the primary they watch over.

use std::{fmt, sync::Arc, time::Duration};

use redis_conn::{Address, ConnectionConfig, Connector, Error, ErrorKind, ServerConnector, Tls};
use redis_ext::{PrimaryConnector, ReplicaConnector, SentinelRules, SentinelWatcher, Sentinels};

use crate::{Client, ClientBuilder};

/// Where Sentinels listen if nothing is said.
const PORT: u16 = 26379;

/// Sentinels, which know which server is the primary now, and make [`Client`]s that follow it.
///
/// ```no_run
/// use redis::{Sentinel, prelude::*};
///
/// let sentinel = Sentinel::new(["10.0.0.1:26379", "10.0.0.2:26379", "10.0.0.3:26379"])?;
/// println!("the primary is {}", sentinel.discover_master("mymaster")?);
///
/// let master = sentinel.master_for("mymaster");
/// master.set("foo", "bar")?;
/// let replica = sentinel.replica_for("mymaster");
/// let foo: Option<String> = replica.get("foo")?;
/// # Ok::<(), redis::Error>(())
/// ```
///
/// # How a client follows
/// For every connection that its pool needs, the Sentinels are asked where the primary is, the one that
/// answered last first. One that calls the primary down is not believed, nor one that has not heard of the
/// last promotion (its configuration epoch is lower than one seen before), nor a server that does not call
/// itself a primary.
///
/// As soon as any client of this `Sentinel` learns of a promotion, all their idle connections to the old
/// primary are closed, and those in use are not used for another call: nothing more is sent to it, even if it
/// goes on calling itself a primary. It is learnt when a new connection is needed, when a server says
/// `READONLY`, and, with [`watch`](Sentinel::watch), as soon as the Sentinels say so. What was refused with
/// `READONLY` was not executed and is made again, but for scripts and for pipelines that are no transactions, of
/// which a part may have been.
///
/// While there is no primary, calls fail with [`ErrorKind::MasterNotFound`], which is retried as the
/// [`RetryPolicy`](crate::RetryPolicy) says. The default gives up after some 100 milliseconds; one with longer
/// pauses rides out a failover. A call whose command may have been executed is never made again by itself.
///
/// # Time limits
/// Each attempt of a call waits for at most the
/// [`connect_timeout`](ClientBuilder::connect_timeout) of the clients for a connection, asking Sentinels
/// included, and for at most their [`response_timeout`](ClientBuilder::response_timeout) for the reply.
///
/// Clones share what is known, and what they know of each other's clients.
#[derive(Clone)]
pub struct Sentinel {
    sentinels: Sentinels,
    clients: ClientBuilder,
}

impl Sentinel {
    /// Sentinels at these addresses: `host:port`, `host` for port 26379, or URLs as
    /// [`Client::open`] takes, with a user and password for that Sentinel or TLS. Others that they know of
    /// are learnt from them.
    ///
    /// # Errors
    /// `InvalidInput`, naming what is wrong with an address. Whether there are such Sentinels shows with the
    /// first question.
    pub fn new(addresses: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, Error> {
        Ok(Self::builder().sentinels(addresses)?.build())
    }

    /// Sets up Sentinels step by step.
    #[must_use]
    pub fn builder() -> SentinelBuilder {
        SentinelBuilder {
            sentinels: Vec::new(),
            username: None,
            password: None,
            tls: None,
            timeout: Duration::from_secs(1),
            rules: SentinelRules::default(),
            clients: Client::builder(),
        }
    }

    /// Where the primary of this name is. Sentinels are asked every time.
    ///
    /// # Errors
    /// `MasterNotFound`, with what each Sentinel said, when none names one that is up.
    pub fn discover_master(&self, name: &str) -> Result<Address, Error> {
        self.sentinels.discover_master(name, self.limit())
    }

    /// Where those replicas of the primary are that are up; there may be none. Sentinels are asked every
    /// time.
    ///
    /// # Errors
    /// `ReplicaNotFound`, with what each Sentinel said, when none knows the name.
    #[doc(alias = "discover_slaves")]
    pub fn discover_replicas(&self, name: &str) -> Result<Vec<Address>, Error> {
        self.sentinels.discover_replicas(name, self.limit())
    }

    /// A client of whichever server is the primary of this name. It connects when it is first used.
    #[must_use]
    pub fn master_for(&self, name: &str) -> Client {
        let connector =
            |server: &ServerConnector| PrimaryConnector::new(&self.sentinels, name, server.clone());
        self.client(name, format!("primary {name:?}"), connector)
            .following_primary()
    }

    /// A client of the replicas of the primary of this name, for reading: each connection goes to the next
    /// replica that is up, and to the primary when none is.
    ///
    /// What it reads may be old: replicas follow the primary with a delay. When neither can be had, calls
    /// fail with `ReplicaNotFound`.
    #[must_use]
    #[doc(alias = "slave_for")]
    pub fn replica_for(&self, name: &str) -> Client {
        let connector =
            |server: &ServerConnector| ReplicaConnector::new(&self.sentinels, name, server.clone());
        self.client(name, format!("replicas of {name:?}"), connector)
    }

    /// Another handle to the same Sentinels, whose clients are set up like this one. The address in it is
    /// not used.
    ///
    /// ```no_run
    /// use redis::{Client, Sentinel};
    ///
    /// # let sentinel = Sentinel::new(["localhost"])?;
    /// let sessions = sentinel.with_clients(Client::builder().database(3)).master_for("mymaster");
    /// # Ok::<(), redis::Error>(())
    /// ```
    #[must_use]
    pub fn with_clients(&self, clients: ClientBuilder) -> Self {
        Self {
            sentinels: self.sentinels.clone(),
            clients,
        }
    }

    /// Listens for promotions in a thread, for as long as what is returned lives: the clients then leave
    /// an old primary as soon as the Sentinels have chosen a new one, and not only when they fail on it.
    ///
    /// # Errors
    /// When the system has no thread to give. That no Sentinel can be reached is none: it is tried until
    /// one can.
    #[doc(alias = "+switch-master")]
    pub fn watch(&self) -> Result<SentinelWatcher, Error> {
        SentinelWatcher::start(&self.sentinels, self.limit())
    }

    /// Where the Sentinels are, those that were learnt included, in the order in which they are asked.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        self.sentinels.addresses()
    }

    /// How long a question may take.
    fn limit(&self) -> Duration {
        self.clients.connector.config().connect_timeout
    }

    fn client<C: Connector + 'static>(
        &self,
        name: &str,
        shown: String,
        connector: impl FnOnce(&ServerConnector) -> C,
    ) -> Client {
        let client = self.clients.clone().build_over(shown, connector);
        self.sentinels.service(name).tell(client.pool());
        client
    }
}

impl fmt::Debug for Sentinel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sentinel")
            .field("addresses", &self.addresses())
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Sentinel`].
///
/// User, password, TLS and time-out here are the Sentinels' own; those of the servers they watch are set by
/// [`clients`](SentinelBuilder::clients).
///
/// ```
/// use std::time::Duration;
/// use redis::{Client, Sentinel};
///
/// let sentinel = Sentinel::builder()
///     .sentinels(["10.0.0.1", "10.0.0.2", "10.0.0.3"])?
///     .password("of the Sentinels")
///     .min_other_sentinels(1)
///     .clients(Client::builder().password("of the servers").database(2))
///     .build();
/// # drop(sentinel);
/// # Ok::<(), redis::Error>(())
/// ```
#[derive(Clone)]
pub struct SentinelBuilder {
    sentinels: Vec<ConnectionConfig>,
    username: Option<String>,
    password: Option<String>,
    tls: Option<Tls>,
    timeout: Duration,
    rules: SentinelRules,
    clients: ClientBuilder,
}

impl SentinelBuilder {
    /// Adds Sentinels, as [`Sentinel::new`] takes them.
    ///
    /// # Errors
    /// `InvalidInput`, naming what is wrong with an address.
    pub fn sentinels(
        mut self,
        addresses: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, Error> {
        for address in addresses {
            self.sentinels.push(config(address.as_ref())?);
        }
        Ok(self)
    }

    /// Logs in to the Sentinels as this ACL user.
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Logs in to the Sentinels with this password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Encrypts connections to the Sentinels. Without the feature `tls`, asking them is then an error.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// How long a Sentinel may take to be connected to, and again to answer, before the next one is asked;
    /// a second if nothing is said here or by its URL. All together are given no longer than the
    /// [`connect_timeout`](ClientBuilder::connect_timeout) of the clients.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// How many other Sentinels one has to know of to be believed; none if nothing is said. It keeps clients
    /// from following a Sentinel that is cut off from the others.
    #[must_use]
    pub fn min_other_sentinels(mut self, fewest: usize) -> Self {
        self.rules.min_other_sentinels = fewest;
        self
    }

    /// Turns the addresses that Sentinels name, of servers and of other Sentinels, into those by which they
    /// are reached from here: through a tunnel, or from outside of a container's network.
    ///
    /// ```
    /// use redis::{Address, Sentinel};
    ///
    /// let sentinel = Sentinel::builder()
    ///     .sentinels(["localhost:26379"])?
    ///     .map_addresses(|address| match address {
    ///         Address::Tcp { port, .. } => Address::Tcp { host: "localhost".into(), port },
    ///         other => other,
    ///     })
    ///     .build();
    /// # drop(sentinel);
    /// # Ok::<(), redis::Error>(())
    /// ```
    #[must_use]
    pub fn map_addresses(
        mut self,
        map: impl Fn(Address) -> Address + Send + Sync + 'static,
    ) -> Self {
        self.rules.map_address = Some(Arc::new(map));
        self
    }

    /// How the clients are set up: user, password, database, TLS and time-outs of the servers, the pool, and
    /// when calls are made again. The address in it is not used.
    #[must_use]
    #[doc(alias = "connection_kwargs")]
    pub fn clients(mut self, clients: ClientBuilder) -> Self {
        self.clients = clients;
        self
    }

    /// The Sentinels. They are connected to when they are asked something.
    #[must_use]
    pub fn build(self) -> Sentinel {
        let said_nothing = ConnectionConfig::new(Address::Unix("".into()));
        let connectors: Vec<_> = self
            .sentinels
            .into_iter()
            .map(|mut config| {
                config.username = self.username.clone().or(config.username);
                config.password = self.password.clone().or(config.password);
                config.tls = self.tls.clone().or(config.tls);
                if config.connect_timeout == said_nothing.connect_timeout {
                    config.connect_timeout = self.timeout;
                }
                if config.response_timeout == said_nothing.response_timeout {
                    config.response_timeout = self.timeout;
                }
                ServerConnector::new(config)
            })
            .collect();
        Sentinel {
            sentinels: Sentinels::new(connectors, self.rules),
            clients: self.clients,
        }
    }
}

/// Shows no secrets.
impl fmt::Debug for SentinelBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<_> = self.sentinels.iter().map(|one| &one.address).collect();
        f.debug_struct("SentinelBuilder")
            .field("addresses", &addresses)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// How a Sentinel is reached, given its address or URL.
fn config(text: &str) -> Result<ConnectionConfig, Error> {
    let is_url = text.contains("://");
    let read = match is_url {
        true => ConnectionConfig::from_url(text),
        false => ConnectionConfig::from_url(&format!("redis://{text}")),
    };
    let mut config = read.map_err(|error| error.at("reading the address of a Sentinel"))?;
    if config.database != 0 {
        let message = "expected no database, which Sentinels do not have, found one";
        return Err(
            Error::new(ErrorKind::InvalidInput, message).at("reading the address of a Sentinel")
        );
    }
    let behind_host = text.rsplit(']').next().unwrap_or(text);
    if let Address::Tcp { port, .. } = &mut config.address {
        if !is_url && !behind_host.contains(':') {
            *port = PORT;
        }
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> String {
        config(text).unwrap().address.to_string()
    }

    #[test]
    fn addresses_are_hosts_with_or_without_a_port_or_urls() {
        assert_eq!(address("a.example"), "a.example:26379");
        assert_eq!(address("a.example:7"), "a.example:7");
        assert_eq!(address("[::1]"), "[::1]:26379");
        assert_eq!(address("[::1]:7"), "[::1]:7");
        assert_eq!(address("redis://:secret@a.example:7"), "a.example:7");
        let error = config("redis://a.example/3").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(config("a.example:seven").is_err());
    }

    #[test]
    fn no_secret_is_shown() {
        let builder = Sentinel::builder()
            .sentinels(["redis://:hunter2@a.example:7"])
            .unwrap()
            .password("hunter2")
            .clients(Client::builder().password("hunter2"));
        let shown = format!("{builder:?} {:?}", builder.clone().build());
        assert!(
            shown.contains("a.example") && !shown.contains("hunter2"),
            "{shown}"
        );
        let master = builder.build().master_for("mymaster");
        assert!(format!("{master:?}").contains("mymaster"), "{master:?}");
    }
}
