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
/// pauses rides out a failover. A primary that does not answer a new connection in its part of the time counts as
/// none, as Sentinels take a while to call it down. A call whose command may have been executed, or that has
/// waited for a reply for as long as it may, is never made again by itself.
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
    /// Sentinels at these addresses: `host:port` or URLs as [`Client::open`] takes, with user, password, TLS and
    /// time-outs for that Sentinel, where no port is 26379. Others that they know of are learnt from them, but for
    /// those that they call down; one that was learnt and does not answer is forgotten when others do not name it
    /// any more.
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
    ///
    /// Its connections lead to different servers. A scan, whose cursor means nothing on another one, is an error
    /// where it would go on at another: see [`ScanIter`](crate::ScanIter). A connection to the primary goes on
    /// being used when replicas are back, until it is as old as
    /// [`max_lifetime`](ClientBuilder::max_lifetime) says; [`Client::disconnect`] ends that at once.
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
    /// An ACL user of the Sentinels needs `+subscribe` and the channels `+switch-master` and `+promoted-slave`.
    ///
    /// # Errors
    /// When the system has no thread to give. That no Sentinel can be reached, or allows it, is none: they are
    /// tried until one does, and [`is_listening`](SentinelWatcher::is_listening) says whether one has.
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
/// [`clients`](SentinelBuilder::clients). They hold for Sentinels whose URLs do not say otherwise: one that names
/// a user or a password has both from there.
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
    sentinels: Vec<Said>,
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
            self.sentinels.push(Said::by(address.as_ref())?);
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

    /// Encrypts connections to the Sentinels, in this way unless a URL's options say another one. Without the
    /// feature `tls`, asking them is then an error.
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

    /// With how many other Sentinels one has to be in touch to be believed; none if nothing is said. It keeps
    /// clients from following a Sentinel that is cut off from the others. One whose user may not ask it for
    /// `SENTINELS` goes by how many it knows, which may be gone.
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
        let connectors: Vec<_> = self
            .sentinels
            .iter()
            .map(|said| ServerConnector::new(self.config(said)))
            .collect();
        Sentinel {
            sentinels: Sentinels::new(connectors, self.rules),
            clients: self.clients,
        }
    }

    /// What was said of one Sentinel, and of all where that is nothing.
    fn config(&self, said: &Said) -> ConnectionConfig {
        let mut config = said.config.clone();
        if config.username.is_none() && config.password.is_none() {
            config.username.clone_from(&self.username);
            config.password.clone_from(&self.password);
        }
        // That it is to be encrypted says nothing about how.
        if config.tls.as_ref().is_none_or(|tls| *tls == Tls::new()) {
            config.tls = self.tls.clone().or(config.tls);
        }
        if !said.connect_timeout {
            config.connect_timeout = self.timeout;
        }
        if !said.response_timeout {
            config.response_timeout = self.timeout;
        }
        config
    }
}

/// Shows no secrets.
impl fmt::Debug for SentinelBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentinels = self.sentinels.iter();
        let addresses: Vec<_> = sentinels.map(|one| &one.config.address).collect();
        f.debug_struct("SentinelBuilder")
            .field("addresses", &addresses)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// How a Sentinel is reached, as far as its address or URL says.
#[derive(Clone)]
struct Said {
    config: ConnectionConfig,
    /// Whether these were among it.
    connect_timeout: bool,
    response_timeout: bool,
}

impl Said {
    fn by(text: &str) -> Result<Self, Error> {
        let url = match text.contains("://") {
            true => text.to_owned(),
            false => format!("redis://{text}"),
        };
        let wrong = |error: Error| error.at("reading the address of a Sentinel");
        let mut config = ConnectionConfig::from_url(&url).map_err(wrong)?;
        if config.database != 0 {
            let message = "expected no database, which Sentinels do not have, found one";
            return Err(wrong(Error::new(ErrorKind::InvalidInput, message)));
        }
        let (server, options) = url.split_once('?').unwrap_or((&url, ""));
        if let Address::Tcp { port, .. } = &mut config.address {
            if !names_port(server) {
                *port = PORT;
            }
        }
        let says = |name: &str| {
            let mut names = options
                .split('&')
                .filter_map(|option| option.split_once('='));
            names.any(|(said, _)| said == name)
        };
        Ok(Self {
            config,
            connect_timeout: says("connect_timeout") || says("socket_connect_timeout"),
            response_timeout: says("response_timeout") || says("socket_timeout"),
        })
    }
}

/// Whether a URL without its options has a port: `scheme://user:password@host:port/path`.
fn names_port(url: &str) -> bool {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = behind_scheme.split('/').next().unwrap_or_default();
    let server = authority.rsplit('@').next().unwrap_or_default();
    let behind_host = server.rsplit(']').next().unwrap_or_default();
    behind_host
        .split_once(':')
        .is_some_and(|(_, port)| !port.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> String {
        Said::by(text).unwrap().config.address.to_string()
    }

    /// What a Sentinel is reached by, given its address and what is said of all.
    fn config(
        text: &str,
        of_all: impl FnOnce(SentinelBuilder) -> SentinelBuilder,
    ) -> ConnectionConfig {
        let builder = of_all(Sentinel::builder().sentinels([text]).unwrap());
        builder.config(&builder.sentinels[0])
    }

    #[test]
    fn addresses_are_hosts_with_or_without_a_port_or_urls() {
        assert_eq!(address("a.example"), "a.example:26379");
        assert_eq!(address("a.example:7"), "a.example:7");
        assert_eq!(address("[::1]"), "[::1]:26379");
        assert_eq!(address("[::1]:7"), "[::1]:7");
        assert_eq!(address("redis://:secret@a.example:7"), "a.example:7");
        assert_eq!(address("redis://a.example"), "a.example:26379");
        assert_eq!(address("redis://u:p:p@a.example/?db=0"), "a.example:26379");
        assert_eq!(address("rediss://u:p@[::1]"), "[::1]:26379");
        assert_eq!(address("redis://u:p@[::1]:7/0"), "[::1]:7");
        assert_eq!(address("redis://a.example:6379"), "a.example:6379");
        assert_eq!(address("unix:///run/s.sock"), "/run/s.sock");
        for wrong in ["redis://a.example/3", "a.example:seven"] {
            let error = Sentinel::new([wrong]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        }
    }

    #[test]
    fn what_an_address_says_is_not_said_for_it() {
        let of_all = |builder: SentinelBuilder| builder.username("all").password("secret");
        let who = |text| {
            let ConnectionConfig {
                username, password, ..
            } = config(text, of_all);
            (username.unwrap_or_default(), password.unwrap_or_default())
        };
        assert_eq!(who("a.example"), ("all".into(), "secret".into()));
        assert_eq!(who("redis://u:p@a.example"), ("u".into(), "p".into()));
        assert_eq!(who("redis://:p@a.example"), (String::new(), "p".into()));
        assert_eq!(who("redis://u@a.example"), ("u".into(), String::new()));
    }

    #[test]
    fn time_outs_are_those_of_the_address_even_if_they_are_what_others_have_by_default() {
        let seconds = |text: &str| {
            let config = config(text, |builder| builder.timeout(Duration::from_secs(2)));
            [config.connect_timeout, config.response_timeout].map(|limit| limit.as_secs())
        };
        assert_eq!(seconds("a.example"), [2, 2]);
        assert_eq!(seconds("redis://a.example?connect_timeout=5"), [5, 2]);
        assert_eq!(seconds("a.example?socket_timeout=5&bind=127.0.0.1"), [2, 5]);
        assert_eq!(
            seconds("redis://a.example?response_timeout=3&socket_connect_timeout=4"),
            [4, 3]
        );
    }

    #[test]
    fn tls_is_that_of_the_address_if_it_says_how() {
        let own = || Tls::new().server_name("s.example");
        let tls = |text| config(text, |builder| builder.tls(own())).tls;
        assert_eq!(tls("a.example"), Some(own()));
        assert_eq!(tls("rediss://a.example"), Some(own()));
        let insecure = Some(Tls::new().insecure());
        assert_eq!(tls("rediss://a.example?ssl_cert_reqs=none"), insecure);
        assert_eq!(
            config("rediss://a.example", |builder| builder).tls,
            Some(Tls::new())
        );
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
