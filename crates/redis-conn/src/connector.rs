//! Where connections come from: the traits that a Sentinel, a tunnel or a vault of passwords plugs into.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

use crate::{
    Address, Connection, ConnectionConfig, Deadline, Error, ErrorKind, TcpOptions, Tls, Transport,
    lookup::Lookups, socket, trace::Begun,
};

/// Something that makes connections: to one server, or to whichever it finds to be the right one.
pub trait Connector: Send + Sync {
    /// Makes one connection, past its handshake.
    ///
    /// # Errors
    /// Why there is none.
    fn connect(&self) -> Result<Connection, Error>;
}

/// Something that reaches a server: sockets, or a tunnel, a proxy, a transport that counts.
///
/// ```
/// use redis_conn::{Address, Deadline, Dial, Error, Sockets, Transport};
///
/// /// Reaches every server through the Unix socket of a proxy on this machine.
/// struct ByProxy(Sockets);
///
/// impl Dial for ByProxy {
///     fn dial(&self, _: &Address, deadline: Deadline) -> Result<Box<dyn Transport>, Error> {
///         self.0.dial(&Address::Unix("/run/proxy.sock".into()), deadline)
///     }
/// }
/// ```
pub trait Dial: Send + Sync {
    /// Connects to `address`, and does nothing of the handshake.
    ///
    /// # Errors
    /// `Connection` or `Timeout`; the address need not be named.
    fn dial(&self, address: &Address, deadline: Deadline) -> Result<Box<dyn Transport>, Error>;
}

/// Who to log in as.
///
/// `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The ACL user; without one, the server's `default` user.
    pub username: Option<String>,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// Something that knows who to log in as, and is asked for every connection: for passwords that change.
///
/// A closure that returns [`Credentials`] is one.
pub trait CredentialProvider: Send + Sync {
    /// Who to log in as now. What it takes is taken from the time for connecting, but nothing interrupts it.
    ///
    /// # Errors
    /// Why nobody can be named; the connection is then not made.
    fn credentials(&self) -> Result<Credentials, Error>;
}

impl<F: Fn() -> Result<Credentials, Error> + Send + Sync> CredentialProvider for F {
    fn credentials(&self) -> Result<Credentials, Error> {
        self()
    }
}

type OnConnect = dyn Fn(&mut Connection) -> Result<(), Error> + Send + Sync;

/// Makes connections to one server, as its configuration says.
#[derive(Clone)]
pub struct ServerConnector {
    config: ConnectionConfig,
    dial: Option<Arc<dyn Dial>>,
    /// What stands in for `dial`; made when the first connection is, and shared by clones.
    sockets: Arc<OnceLock<Sockets>>,
    credentials: Option<Arc<dyn CredentialProvider>>,
    on_connect: Option<Arc<OnConnect>>,
}

impl ServerConnector {
    /// Reaches the server by sockets, and by TLS if the configuration says so.
    #[must_use]
    pub fn new(config: ConnectionConfig) -> Self {
        Self {
            config,
            dial: None,
            sockets: Arc::default(),
            credentials: None,
            on_connect: None,
        }
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &ConnectionConfig {
        &self.config
    }

    /// The configuration, to be changed for the connections that are made from now on.
    pub fn config_mut(&mut self) -> &mut ConnectionConfig {
        self.sockets = Arc::default();
        &mut self.config
    }

    /// Reaches the server in another way. What the configuration says about TCP and TLS is then up to
    /// that.
    #[must_use]
    pub fn with_dial(mut self, dial: impl Dial + 'static) -> Self {
        self.dial = Some(Arc::new(dial));
        self
    }

    /// Asks for user and password again for every new connection, instead of taking the configured ones.
    #[must_use]
    pub fn with_credentials(mut self, provider: impl CredentialProvider + 'static) -> Self {
        self.credentials = Some(Arc::new(provider));
        self
    }

    /// Runs `hook` on every new connection, after its handshake. If it fails, or leaves a reply
    /// untaken, the connection is not used.
    #[must_use]
    pub fn with_on_connect(
        mut self,
        hook: impl Fn(&mut Connection) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        self.on_connect = Some(Arc::new(hook));
        self
    }

    /// Makes a connection to another server than the configured one, of which all else holds, and by
    /// `deadline` instead of within the configured time. What `check` finds wrong with it, before the
    /// hook, makes it fail.
    ///
    /// # Errors
    /// As [`connect`](Connector::connect), and those of `check`.
    pub fn connect_to(
        &self,
        address: &Address,
        deadline: Deadline,
        check: &dyn Fn(&mut Connection) -> Result<(), Error>,
    ) -> Result<Connection, Error> {
        let begun = Begun::now();
        let result = self.try_connect(address, deadline, check);
        begun.connecting(address, &result);
        // Whatever was sent to a connection that nobody got has no effect on anybody's data.
        result.map_err(|error| {
            error
                .at(format!("connecting to {address}"))
                .with_maybe_executed(false)
        })
    }

    fn try_connect(
        &self,
        address: &Address,
        deadline: Deadline,
        check: &dyn Fn(&mut Connection) -> Result<(), Error>,
    ) -> Result<Connection, Error> {
        let mut config = Cow::Borrowed(&self.config);
        if *address != config.address {
            config.to_mut().address = address.clone();
        }
        if let Some(provider) = &self.credentials {
            let asking = "asking for the credentials";
            let Credentials { username, password } =
                provider.credentials().map_err(|error| error.at(asking))?;
            deadline.left().ok_or_else(|| deadline.missed(asking))?;
            let config = config.to_mut();
            (config.username, config.password) = (username, Some(password));
        }
        config.check()?;
        let transport = match &self.dial {
            Some(dial) => dial.dial(&config.address, deadline)?,
            None => {
                let sockets = || Sockets::new(self.config.tcp, self.config.tls.clone());
                self.sockets
                    .get_or_init(sockets)
                    .dial(&config.address, deadline)?
            }
        };
        let mut connection = Connection::begin(transport, &config, deadline)?;
        check(&mut connection)?;
        if let Some(hook) = &self.on_connect {
            hook(&mut connection).map_err(|error| error.at("the on_connect hook"))?;
            if !connection.is_clean() {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "expected the on_connect hook to leave a connection that can be used, found one with replies \
                     left, one that failed, or one that the server or the hook wants closed",
                ));
            }
        }
        Ok(connection.made())
    }
}

impl Connector for ServerConnector {
    fn connect(&self) -> Result<Connection, Error> {
        let deadline = Deadline::within(self.config.connect_timeout);
        self.connect_to(&self.config.address, deadline, &|_| Ok(()))
    }
}

impl Connector for ConnectionConfig {
    fn connect(&self) -> Result<Connection, Error> {
        ServerConnector::new(self.clone()).connect()
    }
}

impl fmt::Debug for ServerConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerConnector")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// Reaches servers by TCP and Unix sockets, and encrypts TCP where told.
#[derive(Debug)]
pub struct Sockets {
    tcp: TcpOptions,
    lookups: Lookups,
    #[cfg(feature = "tls")]
    tls: Option<crate::tls::Encryption>,
    #[cfg(not(feature = "tls"))]
    tls: Option<Tls>,
}

impl Sockets {
    /// Sockets with these options. Certificates are read when the first connection is made.
    #[must_use]
    pub fn new(tcp: TcpOptions, tls: Option<Tls>) -> Self {
        #[cfg(feature = "tls")]
        let tls = tls.map(crate::tls::Encryption::new);
        let lookups = Lookups::new();
        Self { tcp, lookups, tls }
    }
}

impl Dial for Sockets {
    fn dial(&self, address: &Address, deadline: Deadline) -> Result<Box<dyn Transport>, Error> {
        let connect =
            |host, port| socket::connect_tcp(host, port, &self.lookups, self.tcp, deadline);
        match (address, &self.tls) {
            (Address::Tcp { host, port }, None) => Ok(Box::new(connect(host, *port)?)),
            #[cfg(feature = "tls")]
            (Address::Tcp { host, port }, Some(tls)) => {
                tls.over(connect(host, *port)?, host, deadline)
            }
            #[cfg(not(feature = "tls"))]
            (Address::Tcp { .. }, Some(_)) => Err(Error::new(
                ErrorKind::InvalidInput,
                "TLS is asked for and not built in: switch on the feature `tls` of the crate `redis`",
            )),
            (Address::Unix(path), _) => socket::connect_unix(path, deadline),
        }
    }
}
