//! What a connection needs to know before it exists.

use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

use resp_proto::Limits;

use crate::{Error, ErrorKind, Parser};

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// A host name or an IP address, without brackets, and a port.
    Tcp {
        /// The host.
        host: String,
        /// The port, most often 6379.
        port: u16,
    },
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

/// Which version of the protocol to speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// RESP3, or RESP2 where the server (Redis before 6.0, some proxies) or the [`Parser`] knows no other.
    #[default]
    Newest,
    /// RESP2.
    Resp2,
    /// RESP3, or an error.
    Resp3,
}

/// How to reach a server and what to say to it first.
///
/// `Debug` and `Display` show no secrets; `Display` is a URL.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionConfig {
    /// Where the server is.
    pub address: Address,
    /// The ACL user; without one, the server's `default` user.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The number of the database, by default 0.
    pub database: u32,
    /// The name that the server lists the connection under.
    pub client_name: Option<String>,
    /// The name of the library that the server lists the connection under (`lib-name`), without spaces; by default that
    /// of this crate. An empty one is not sent, for proxies that hang up at commands which they do not know.
    pub lib_name: String,
    /// The version of that library, likewise.
    pub lib_version: String,
    /// Which version of the protocol to speak.
    pub protocol: Protocol,
    /// Which parser reads the replies.
    pub parser: Parser,
    /// How long everything up to the end of the handshake may take, above zero: asking for credentials, looking up the
    /// host, connecting, TLS, logging in. 5 seconds by default.
    pub connect_timeout: Duration,
    /// How long a reply may take, above zero. 5 seconds by default.
    pub response_timeout: Duration,
    /// How to encrypt; by default not at all. For TCP only, and only with the feature `tls`.
    pub tls: Option<Tls>,
    /// Options of TCP sockets.
    pub tcp: TcpOptions,
    /// Limits on reply size and nesting.
    pub limits: Limits,
}

impl ConnectionConfig {
    /// The defaults, for a server at `address`.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self {
            address,
            username: None,
            password: None,
            database: 0,
            client_name: None,
            lib_name: env!("CARGO_PKG_NAME").into(),
            lib_version: env!("CARGO_PKG_VERSION").into(),
            protocol: Protocol::Newest,
            parser: Parser::Native,
            connect_timeout: Duration::from_secs(5),
            response_timeout: Duration::from_secs(5),
            tls: None,
            tcp: TcpOptions::new(),
            limits: Limits::new(),
        }
    }

    /// What can be said of it before anything is connected to.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for (timeout, what) in [
            (self.connect_timeout, "connect"),
            (self.response_timeout, "response"),
        ] {
            if timeout.is_zero() {
                let message = format!("expected a {what} timeout above zero, found zero");
                return Err(Error::new(ErrorKind::InvalidInput, message));
            }
        }
        self.parser.check(self.protocol)
    }
}

impl fmt::Debug for ConnectionConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |secret: &Option<String>| secret.as_ref().map(|_| "***");
        f.debug_struct("ConnectionConfig")
            .field("address", &self.address)
            .field("username", &hidden(&self.username))
            .field("password", &hidden(&self.password))
            .field("database", &self.database)
            .field("client_name", &self.client_name)
            .field("lib_name", &self.lib_name)
            .field("lib_version", &self.lib_version)
            .field("protocol", &self.protocol)
            .field("parser", &self.parser)
            .field("connect_timeout", &self.connect_timeout)
            .field("response_timeout", &self.response_timeout)
            .field("tls", &self.tls)
            .field("tcp", &self.tcp)
            .field("limits", &self.limits)
            .finish()
    }
}

/// Options of TCP sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpOptions {
    /// Whether small requests go out at once (`TCP_NODELAY`), which they do by default.
    pub nodelay: bool,
    /// Idle time before TCP keep-alive probes, in whole seconds (rounded up); default 30 s, `None`: off. After 3
    /// unanswered probes 5 s apart the connection is dropped: this is what ends a wait without a deadline when the host
    /// is gone.
    pub keepalive: Option<Duration>,
    /// How long sent bytes may stay unacknowledged before the system gives the connection up (`TCP_USER_TIMEOUT`, on
    /// Linux only); by default the system's choice.
    pub user_timeout: Option<Duration>,
    /// The local address to connect from; by default the system's choice.
    pub bind: Option<IpAddr>,
}

impl TcpOptions {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            nodelay: true,
            keepalive: Some(Duration::from_secs(30)),
            user_timeout: None,
            bind: None,
        }
    }
}

impl Default for TcpOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// How to encrypt a connection. It takes effect with the feature `tls` only; without it, connecting is
/// an error that says so.
///
/// `Debug` shows no keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tls {
    /// Trusted root certificates; by default, those of the system.
    pub roots: Option<Pem>,
    /// The client certificate, with its chain, and its key; by default none.
    pub identity: Option<(Pem, Pem)>,
    /// The name that the server's certificate must be for; by default the host.
    pub server_name: Option<String>,
    /// Whether the server's certificate is verified, which it is by default. If not, anybody between here and the
    /// server can read and change everything.
    pub verify: bool,
}

impl Tls {
    /// Trusts whom the system trusts, and shows no certificate.
    #[must_use]
    pub fn new() -> Self {
        Self {
            roots: None,
            identity: None,
            server_name: None,
            verify: true,
        }
    }

    /// Trusts these authorities and no others.
    #[must_use]
    pub fn roots(mut self, roots: impl Into<Pem>) -> Self {
        self.roots = Some(roots.into());
        self
    }

    /// Shows the server this certificate and proves it with this key.
    #[must_use]
    pub fn identity(mut self, certificates: impl Into<Pem>, key: impl Into<Pem>) -> Self {
        self.identity = Some((certificates.into(), key.into()));
        self
    }

    /// Expects a certificate for this name instead of the host's.
    #[must_use]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Does not look at the server's certificate. Anybody between here and the server can then read and
    /// change everything.
    #[must_use]
    pub fn insecure(mut self) -> Self {
        self.verify = false;
        self
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self::new()
    }
}

/// Certificates or a key in PEM form.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pem {
    /// In a file, which is read when the first connection is made.
    File(PathBuf),
    /// In memory.
    Bytes(Vec<u8>),
}

impl From<PathBuf> for Pem {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<Vec<u8>> for Pem {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Bytes(_) => f.write_str("Bytes(***)"),
        }
    }
}
