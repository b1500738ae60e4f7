//! How a throwaway server is to be started.

use std::ffi::OsString;
use std::fmt;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use crate::binary::ServerBinary;
use crate::error::{Error, ErrorKind};
use crate::port::Port;
use crate::server::Server;
use crate::tls::ServerTls;

/// How often another port is tried when somebody has taken one before the server did.
const PORT_ATTEMPTS: usize = 10;

/// Describes a [`Server`] before it starts; made by [`Server::builder`].
#[derive(Clone)]
#[must_use = "a builder starts nothing until `start` is called"]
pub struct ServerBuilder {
    pub(crate) binary: Option<ServerBinary>,
    pub(crate) password: Option<String>,
    pub(crate) config: Vec<(String, String)>,
    pub(crate) args: Vec<OsString>,
    pub(crate) start_timeout: Duration,
    pub(crate) tls: Option<ServerTls>,
    /// The port and the password of the primary.
    pub(crate) primary: Option<(u16, Option<String>)>,
}

impl ServerBuilder {
    pub(crate) fn new() -> Self {
        Self {
            binary: None,
            password: None,
            config: Vec::new(),
            args: Vec::new(),
            start_timeout: Duration::from_secs(10),
            tls: None,
            primary: None,
        }
    }

    /// Which server to start, instead of the one that [`ServerBinary::find`] finds.
    pub fn binary(mut self, binary: ServerBinary) -> Self {
        self.binary = Some(binary);
        self
    }

    /// The password of the default user (`requirepass`); without one, the server asks for none.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// A line of the server's configuration: `value` is written as it would stand in `redis.conf`,
    /// so quote it where it has spaces that do not separate. Later lines win, also over this
    /// crate's own, such as `save ""`.
    pub fn config(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.config.push((name.into(), value.into()));
        self
    }

    /// An argument for the server's command line, where options win over the configuration.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Listens with TLS too, on a port of its own beside the plain one: [`Server::tls_port`]. The
    /// server has to be built with TLS; those of the usual distributions are.
    pub fn tls(mut self, tls: ServerTls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Makes the server a replica of another one. [`start`](Self::start) does not wait for the first
    /// copy: [`Server::wait_until_in_sync`] does.
    pub fn replica_of(mut self, primary: &Server) -> Self {
        self.primary = Some((primary.port(), primary.password().map(str::to_owned)));
        self
    }

    /// How long [`start`](Self::start) waits for the server to answer; ten seconds unless set.
    pub fn start_timeout(mut self, timeout: Duration) -> Self {
        self.start_timeout = timeout;
        self
    }

    /// Starts the server, and returns when it answers.
    ///
    /// # Errors
    /// When there is no server ([`ServerBinary::find`]), when it ends ([`ErrorKind::Exited`]) or
    /// does not answer in time ([`ErrorKind::Timeout`]), both with its last log lines, or when
    /// there is no room for a process or a directory ([`ErrorKind::Io`]).
    pub fn start(&self) -> Result<Server, Error> {
        let binary = match &self.binary {
            Some(binary) => binary.clone(),
            None => ServerBinary::find()?,
        };
        let mut attempts = 1;
        loop {
            let started = Server::start_once(binary.clone(), self);
            match started {
                Err(error) if port_was_taken(&error) && attempts < PORT_ATTEMPTS => attempts += 1,
                _ => return started,
            }
        }
    }

    /// The configuration file of a server on these ports with its data, if any, in `dir`.
    pub(crate) fn config_file(
        &self,
        port: &Port,
        tls_port: Option<&Port>,
        dir: &Path,
        socket: &Path,
    ) -> Result<String, Error> {
        let mut lines = vec![
            ("bind".to_owned(), Ipv4Addr::LOCALHOST.to_string()),
            ("port".to_owned(), port.number().to_string()),
            ("unixsocket".to_owned(), quoted(&socket.to_string_lossy())),
            ("dir".to_owned(), quoted(&dir.to_string_lossy())),
            ("daemonize".to_owned(), "no".to_owned()),
            ("save".to_owned(), quoted("")),
            ("appendonly".to_owned(), "no".to_owned()),
            // A primary waits five seconds for more replicas, before it sends the first copy.
            ("repl-diskless-sync-delay".to_owned(), "0".to_owned()),
        ];
        if let Some(password) = &self.password {
            lines.push(("requirepass".to_owned(), quoted(password)));
        }
        if let Some((port, password)) = &self.primary {
            let address = format!("{} {port}", Ipv4Addr::LOCALHOST);
            lines.push(("replicaof".to_owned(), address));
            if let Some(password) = password {
                lines.push(("masterauth".to_owned(), quoted(password)));
            }
        }
        if let (Some(tls), Some(port)) = (&self.tls, tls_port) {
            for (name, value) in tls.install(dir, port.number())? {
                lines.push((name.to_owned(), quoted(&value)));
            }
        }
        lines.extend_from_slice(&self.config);
        let mut text = String::new();
        for (name, value) in lines {
            if name.contains(['\n', '\r']) || value.contains(['\n', '\r']) {
                return Err(Error::new(
                    ErrorKind::InvalidConfig,
                    format!("expected one line of configuration for {name:?}, found a line break"),
                ));
            }
            text.push_str(&format!("{name} {value}\n"));
        }
        Ok(text)
    }
}

/// Values are left out: some are secrets.
impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.config.iter().map(|(name, _)| name).collect();
        f.debug_struct("ServerBuilder")
            .field("binary", &self.binary)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("config", &names)
            .field("args", &self.args.len())
            .field("start_timeout", &self.start_timeout)
            .field("tls", &self.tls)
            .field("is_replica", &self.primary.is_some())
            .finish()
    }
}

fn port_was_taken(error: &Error) -> bool {
    error.kind() == ErrorKind::Exited && error.to_string().contains("Address already in use")
}

/// A string in the configuration file's double quotes, where `\xHH` is any byte.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'~' => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_password_is_one_quoted_word() {
        assert_eq!(quoted("a b"), r#""a b""#);
        assert_eq!(quoted("\"\\\n\u{e9}"), r#""\"\\\x0a\xc3\xa9""#);
    }

    #[test]
    fn debug_shows_no_value() {
        let builder = ServerBuilder::new()
            .password("s3cret")
            .config("masterauth", "s3cret");
        let shown = format!("{:?}", builder.arg("--masterauth=s3cret"));
        assert!(shown.contains("masterauth"), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
