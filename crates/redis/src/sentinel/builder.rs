//! How Sentinels are reached: what is said of all, and what the address of each says.

use std::{fmt, sync::Arc, time::Duration};

use redis_conn::{
    Address, Connection, ConnectionConfig, CredentialProvider, Dial, Error, ErrorKind,
    ServerConnector, Tls,
};
use redis_ext::{SentinelRules, Sentinels};

use crate::{Client, ClientBuilder, Sentinel};

/// Where Sentinels listen by default.
const PORT: u16 = 26379;

/// Sets up a [`Sentinel`].
///
/// User, password, TLS and all else about connections here are the Sentinels' own (redis-py's `sentinel_kwargs`);
/// those of the servers they watch are set by [`clients`](SentinelBuilder::clients). They hold for Sentinels whose URLs
/// do not say otherwise: one that names a user or a password has both from there.
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
#[doc(alias = "sentinel_kwargs")]
pub struct SentinelBuilder {
    sentinels: Vec<Said>,
    /// How Sentinels are reached, and what is done on their connections; its configuration stands for nobody's.
    connector: ServerConnector,
    username: Option<String>,
    password: Option<String>,
    tls: Option<Tls>,
    timeout: Duration,
    rules: SentinelRules,
    clients: ClientBuilder,
}

impl SentinelBuilder {
    pub(super) fn new() -> Self {
        let nobody = Address::Tcp {
            host: String::new(),
            port: PORT,
        };
        Self {
            sentinels: Vec::new(),
            connector: ServerConnector::new(ConnectionConfig::new(nobody)),
            username: None,
            password: None,
            tls: None,
            timeout: Duration::from_secs(1),
            rules: SentinelRules::default(),
            clients: Client::builder(),
        }
    }

    /// Adds Sentinels, as [`Sentinel::new`] takes them.
    ///
    /// # Errors
    /// `InvalidInput` without an address, or naming what is wrong with one.
    pub fn sentinels(
        mut self,
        addresses: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, Error> {
        let before = self.sentinels.len();
        for address in addresses {
            self.sentinels.push(Said::by(address.as_ref())?);
        }
        if self.sentinels.len() == before {
            return Err(invalid("expected the address of a Sentinel, found none"));
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

    /// Asks for user and password again for every new connection to a Sentinel: for passwords that change. They take
    /// precedence over those of a URL.
    #[must_use]
    pub fn credentials(mut self, provider: impl CredentialProvider + 'static) -> Self {
        self.connector = self.connector.with_credentials(provider);
        self
    }

    /// Reaches the Sentinels in a way of your own, through a tunnel for example. For the servers, there is
    /// [that of the clients](ClientBuilder::dial).
    #[must_use]
    pub fn dial(mut self, dial: impl Dial + 'static) -> Self {
        self.connector = self.connector.with_dial(dial);
        self
    }

    /// Runs `hook` on every new connection to a Sentinel after its handshake; when it fails, another Sentinel is asked.
    #[must_use]
    pub fn on_connect(
        mut self,
        hook: impl Fn(&mut Connection) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        self.connector = self.connector.with_on_connect(hook);
        self
    }

    /// Encrypts connections to the Sentinels, in this way unless a URL's options say another one. Without the
    /// feature `tls`, asking them is then an error.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// How long a Sentinel may take to be connected to, and again to answer, before the next one is asked; a second
    /// unless set here or by its URL. All together are given no longer than the
    /// [`connect_timeout`](ClientBuilder::connect_timeout) of the clients.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// With how many other Sentinels one has to be in touch to be believed; none by default. It keeps clients from
    /// following a Sentinel that is cut off from the others. One whose user may not ask it for `SENTINELS` goes by how
    /// many it knows, which may be gone.
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

    /// How the clients are set up: user, password, database, TLS and timeouts of the servers, the pool, and when calls
    /// are made again. The address in it is not used.
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
            .map(|said| {
                let mut connector = self.connector.clone();
                *connector.config_mut() = self.config(said);
                connector
            })
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
        let wrong = |error: Error| error.at("reading the address of a Sentinel");
        let url = match text.contains("://") {
            true => text.to_owned(),
            // What is left of a list in a setting that was split, and no host has.
            false if text.is_empty() => {
                return Err(wrong(invalid("expected host:port or a URL, found nothing")));
            }
            false if text.contains(char::is_whitespace) => {
                return Err(wrong(invalid("expected host:port or a URL, found a space")));
            }
            false => format!("redis://{text}"),
        };
        let mut config = ConnectionConfig::from_url(&url).map_err(wrong)?;
        if config.database != 0 {
            let message = "expected no database, which Sentinels do not have, found one";
            return Err(wrong(invalid(message)));
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

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
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
    fn what_is_left_of_a_list_that_was_split_is_no_address() {
        for (list, found) in [
            (vec![], "found none"),
            (vec!["a.example", ""], "found nothing"),
            (vec!["a.example", " b.example"], "found a space"),
            (vec!["a.example\n"], "found a space"),
            (vec!["u:hunter2@a.example 26379"], "found a space"),
        ] {
            let error = Sentinel::new(list).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
            let shown = error.to_string();
            assert!(
                shown.ends_with(found) && !shown.contains("hunter2"),
                "{shown}"
            );
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
