//! What a connection needs to know before it exists.

use std::{fmt, path::PathBuf, time::Duration};

use resp_proto::Limits;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
pub enum Protocol {
    /// RESP3, or RESP2 where the server knows no other (Redis before 6.0, some proxies).
    #[default]
    Newest,
    /// RESP2.
    Resp2,
    /// RESP3, or an error.
    Resp3,
}

/// How to reach a server and what to say to it first.
///
/// `Debug` shows no secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionConfig {
    /// Where the server is.
    pub address: Address,
    /// The ACL user; without one, the server's `default` user.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The number of the database, 0 if nothing is said.
    pub database: u32,
    /// The name that the server lists the connection under.
    pub client_name: Option<String>,
    /// Which version of the protocol to speak.
    pub protocol: Protocol,
    /// How long everything up to the end of the handshake may take: looking up the host, connecting,
    /// logging in. 5 seconds if nothing is said.
    pub connect_timeout: Duration,
    /// How long a reply may take. 5 seconds if nothing is said.
    pub response_timeout: Duration,
    /// How much a reply may claim before it is refused.
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
            protocol: Protocol::Newest,
            connect_timeout: Duration::from_secs(5),
            response_timeout: Duration::from_secs(5),
            limits: Limits::new(),
        }
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
            .field("protocol", &self.protocol)
            .field("connect_timeout", &self.connect_timeout)
            .field("response_timeout", &self.response_timeout)
            .field("limits", &self.limits)
            .finish()
    }
}
