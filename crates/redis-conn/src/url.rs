//! URLs: `redis://[user[:password]@][host][:port][/database][?option=value…]` and
//! `unix://[user[:password]@]/path/to/socket[?option=value…]`, in both directions.

use std::{
    fmt::{self, Write},
    path::PathBuf,
    str::FromStr,
};

use crate::{
    Address, ConnectionConfig, Error, Parser, Pem, Protocol, TcpOptions, Tls, UrlOption,
    url_option::{invalid, number},
};

impl ConnectionConfig {
    /// Reads a URL.
    ///
    /// The schemes are `redis` and `valkey` for TCP, `rediss` and `valkeys` for TCP with TLS, `unix` and
    /// `redis+unix` for a Unix socket. Without a host it is `localhost`, without a port 6379, without a
    /// database 0. User, password, host and path are percent-decoded, once. Options:
    ///
    /// | option | value |
    /// |---|---|
    /// | `db` | a number; it wins over the path |
    /// | `username`, `password` | text; they win over the front of the URL |
    /// | `protocol` | `2` or `3`; without it the newest that the server speaks |
    /// | `parser` | `native` or `hiredis`: see [`Parser`](crate::Parser) |
    /// | `client_name` | the name that the server lists connections under |
    /// | `connect_timeout`, `response_timeout` | seconds, above zero, with a fraction if need be |
    /// | `tcp_nodelay` | yes or no |
    /// | `tcp_keepalive`, `tcp_user_timeout` | seconds; 0 for none |
    /// | `bind` | the local IP address |
    /// | `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile` | the paths of PEM files |
    /// | `ssl_cert_reqs` | `required` or `none` |
    /// | `ssl_server_name` | the name that the certificate must be for |
    ///
    /// `socket_timeout` and `socket_connect_timeout`, redis-py's names, do as well.
    ///
    /// ```
    /// use redis_conn::{Address, ConnectionConfig};
    ///
    /// let config = ConnectionConfig::from_url("redis://:p%40ss@[::1]:7000/2?client_name=worker")?;
    /// assert_eq!(config.address, Address::Tcp { host: "::1".into(), port: 7000 });
    /// assert_eq!(config.password.as_deref(), Some("p@ss"));
    /// assert_eq!(config.database, 2);
    /// // Printed, it is a URL again, without secrets.
    /// assert_eq!(config.to_string(), "redis://***@[::1]:7000/2?client_name=worker");
    /// # Ok::<(), redis_conn::Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidInput`, naming the part at fault and never showing the password.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        Self::from_url_with(url, &mut |_| Ok(false))
    }

    /// Reads a URL, and asks `others` about the options that are not about connections: whether it knows them.
    ///
    /// # Errors
    /// Those of [`from_url`](ConnectionConfig::from_url), and those of `others`.
    pub fn from_url_with(
        url: &str,
        others: &mut dyn FnMut(&UrlOption) -> Result<bool, Error>,
    ) -> Result<Self, Error> {
        Self::read_url(url, others).map_err(|error| hiding_secrets(url, error))
    }

    fn read_url(
        url: &str,
        others: &mut dyn FnMut(&UrlOption) -> Result<bool, Error>,
    ) -> Result<Self, Error> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| {
            invalid(
                "expected a URL like redis://host:6379/0 or unix:///path/to/socket, found no ://",
            )
        })?;
        if rest.contains('#') {
            return Err(invalid(
                "expected no fragment, found a #; in a password it is written %23",
            ));
        }
        let (rest, query) = rest
            .split_once('?')
            .map_or((rest, ""), |(rest, query)| (rest, query));
        let mut config = match scheme.to_ascii_lowercase().as_str() {
            "redis" | "valkey" => tcp(rest)?,
            "rediss" | "valkeys" => Self {
                tls: Some(Tls::new()),
                ..tcp(rest)?
            },
            "unix" | "redis+unix" => unix(rest)?,
            other => return Err(unknown_scheme(other)),
        };
        config.read_options(query, others)?;
        Ok(config)
    }

    fn read_options(
        &mut self,
        query: &str,
        others: &mut dyn FnMut(&UrlOption) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut unknown = Vec::new();
        let mut identity = (None, None);
        let mut is_behind_password = false;
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let known = match option.split_once('=') {
                Some((name, value)) => {
                    let option = UrlOption {
                        name: name.into(),
                        value: decode("value of an option", value)?,
                    };
                    self.set_option(&option, &mut identity)? || others(&option)?
                }
                None => false,
            };
            if known {
                is_behind_password = option.starts_with("password=");
            } else if is_behind_password {
                return Err(invalid(
                    "expected & as %26 in the password, found something behind it that is no option; it is not \
                     shown, as it may be a secret",
                ));
            } else if let Some((name, _)) = option.split_once('=') {
                unknown.push(name);
            } else {
                return Err(invalid(format!(
                    "expected a value for the option {option:?}, found no ="
                )));
            }
        }
        if !unknown.is_empty() {
            return Err(invalid(format!(
                "expected options that `ConnectionConfig::from_url` or `ClientBuilder::url` lists, found {:?}",
                unknown.join(", ")
            )));
        }
        match (&mut self.tls, identity) {
            (Some(tls), (Some(certificates), Some(key))) => {
                tls.identity = Some((certificates, key));
                Ok(())
            }
            (_, (None, None)) => Ok(()),
            _ => Err(invalid(
                "expected ssl_certfile and ssl_keyfile together, found one of them alone",
            )),
        }
    }

    /// Takes an option that is about connections; false for another one. The certificate and the key of the client
    /// are kept until both are there.
    fn set_option(
        &mut self,
        option: &UrlOption,
        (certificates, key): &mut (Option<Pem>, Option<Pem>),
    ) -> Result<bool, Error> {
        let value = option.value.as_str();
        match option.name.as_str() {
            "db" => self.database = option.number()?,
            "username" => self.username = Some(value.into()),
            "password" => self.password = Some(value.into()),
            "client_name" => self.client_name = Some(value.into()),
            "connect_timeout" | "socket_connect_timeout" => {
                self.connect_timeout = option.seconds()?;
            }
            "response_timeout" | "socket_timeout" => self.response_timeout = option.seconds()?,
            "protocol" => {
                self.protocol = match value {
                    "2" => Protocol::Resp2,
                    "3" => Protocol::Resp3,
                    _ => {
                        return Err(invalid(format!(
                            "expected 2 or 3 as the protocol, found {value:?}"
                        )));
                    }
                };
            }
            "parser" => {
                self.parser = match value {
                    "native" => Parser::Native,
                    "hiredis" => Parser::Hiredis,
                    _ => {
                        return Err(invalid(format!(
                            "expected native or hiredis as the parser, found {value:?}"
                        )));
                    }
                };
            }
            "tcp_nodelay" => self.tcp.nodelay = option.boolean()?,
            "tcp_keepalive" => self.tcp.keepalive = option.seconds_or_none()?,
            "tcp_user_timeout" => self.tcp.user_timeout = option.seconds_or_none()?,
            "bind" => {
                let address = value.parse();
                self.tcp.bind = Some(address.map_err(|_| {
                    invalid(format!(
                        "expected an IP address as the bind, found {value:?}"
                    ))
                })?);
            }
            name if name.starts_with("ssl_") => {
                let tls = self.tls.as_mut().ok_or_else(|| {
                    invalid(format!(
                        "expected the scheme rediss or valkeys for {name}, found one without TLS"
                    ))
                })?;
                match name {
                    "ssl_ca_certs" => tls.roots = Some(Pem::File(value.into())),
                    "ssl_certfile" => *certificates = Some(Pem::File(value.into())),
                    "ssl_keyfile" => *key = Some(Pem::File(value.into())),
                    "ssl_server_name" => tls.server_name = Some(value.into()),
                    "ssl_cert_reqs" => {
                        tls.verify = match value {
                            "required" => true,
                            "none" => false,
                            _ => {
                                return Err(invalid(format!(
                                    "expected required or none as the ssl_cert_reqs, found {value:?}"
                                )));
                            }
                        };
                    }
                    _ => return Ok(false),
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn with_credentials(mut self, credentials: Option<&str>) -> Result<Self, Error> {
        if let Some(credentials) = credentials {
            let (user, password) = credentials
                .split_once(':')
                .map_or((credentials, None), |(user, rest)| (user, Some(rest)));
            self.username = Some(decode("user", user)?).filter(|user| !user.is_empty());
            self.password = password
                .map(|password| decode("password", password))
                .transpose()?;
        }
        Ok(self)
    }
}

impl FromStr for ConnectionConfig {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        Self::from_url(url)
    }
}

/// The URL, with `***` for user and password, and with all options that are not what they are without.
impl fmt::Display for ConnectionConfig {
    // Compiled where it is used, which is not in most programs.
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match (&self.address, &self.tls) {
            (Address::Unix(_), _) => "unix",
            (Address::Tcp { .. }, None) => "redis",
            (Address::Tcp { .. }, Some(_)) => "rediss",
        };
        let secret = if self.username.is_some() || self.password.is_some() {
            "***@"
        } else {
            ""
        };
        write!(f, "{scheme}://{secret}")?;
        let mut separator = '?';
        let mut option = |f: &mut fmt::Formatter<'_>, name: &str, value: &dyn fmt::Display| {
            let separator = std::mem::replace(&mut separator, '&');
            write!(f, "{separator}{name}=")?;
            encode(&value.to_string(), "/:", f)
        };
        match &self.address {
            Address::Tcp { host, port } => {
                if host.contains(':') {
                    f.write_char('[')?;
                    encode(host, ":", f)?;
                    write!(f, "]:{port}")?;
                } else {
                    encode(host, "", f)?;
                    write!(f, ":{port}")?;
                }
                if self.database != 0 {
                    write!(f, "/{}", self.database)?;
                }
            }
            Address::Unix(path) => {
                encode(&path.to_string_lossy(), "/:", f)?;
                if self.database != 0 {
                    option(f, "db", &self.database)?;
                }
            }
        }
        let plain = Self::new(self.address.clone());
        match self.protocol {
            Protocol::Newest => {}
            Protocol::Resp2 => option(f, "protocol", &2)?,
            Protocol::Resp3 => option(f, "protocol", &3)?,
        }
        match self.parser {
            Parser::Native => {}
            Parser::Hiredis => option(f, "parser", &"hiredis")?,
        }
        if let Some(name) = &self.client_name {
            option(f, "client_name", name)?;
        }
        if self.connect_timeout != plain.connect_timeout {
            option(f, "connect_timeout", &self.connect_timeout.as_secs_f64())?;
        }
        if self.response_timeout != plain.response_timeout {
            option(f, "response_timeout", &self.response_timeout.as_secs_f64())?;
        }
        let TcpOptions {
            nodelay,
            keepalive,
            user_timeout,
            bind,
        } = self.tcp;
        if nodelay != plain.tcp.nodelay {
            option(f, "tcp_nodelay", &if nodelay { "yes" } else { "no" })?;
        }
        if keepalive != plain.tcp.keepalive {
            option(
                f,
                "tcp_keepalive",
                &keepalive.unwrap_or_default().as_secs_f64(),
            )?;
        }
        if let Some(limit) = user_timeout {
            option(f, "tcp_user_timeout", &limit.as_secs_f64())?;
        }
        if let Some(address) = bind {
            option(f, "bind", &address)?;
        }
        let Some(tls) = &self.tls else { return Ok(()) };
        let (certificates, key) = tls.identity.clone().unzip();
        for (name, pem) in [
            ("ssl_ca_certs", &tls.roots),
            ("ssl_certfile", &certificates),
            ("ssl_keyfile", &key),
        ] {
            if let Some(Pem::File(path)) = pem {
                option(f, name, &path.display())?;
            }
        }
        if let Some(name) = &tls.server_name {
            option(f, "ssl_server_name", name)?;
        }
        if !tls.verify {
            option(f, "ssl_cert_reqs", &"none")?;
        }
        Ok(())
    }
}

/// The error, or one that quotes nothing: with a / or a ? in it that is not encoded, a part of a password is taken
/// for something else, which errors quote.
fn hiding_secrets(url: &str, error: Error) -> Error {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    match rest.split_once(['/', '?']) {
        Some((_, behind)) if behind.contains('@') => invalid(
            "expected / as %2F and ? as %3F in user and password, found an @ behind one of them; what is wrong \
             is not shown, as it may be a secret",
        ),
        _ => error,
    }
}

/// What stands before the :// is shown only if it can be a scheme: a password may have got there.
fn unknown_scheme(found: &str) -> Error {
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let found = match found.bytes().all(is_scheme) {
        true => format!("{found:?}"),
        false => "something else".into(),
    };
    invalid(format!(
        "expected redis, rediss, valkey, valkeys, unix or redis+unix as the scheme, found {found}"
    ))
}

fn tcp(rest: &str) -> Result<ConnectionConfig, Error> {
    let (authority, path) = rest
        .split_once('/')
        .map_or((rest, ""), |(authority, path)| (authority, path));
    let (credentials, host_and_port) = split_credentials(authority);
    let (host, port) = match host_and_port.strip_prefix('[') {
        Some(bracketed) => {
            let (host, rest) = bracketed.split_once(']').ok_or_else(|| {
                invalid("expected ] after the IPv6 address of the host, found none")
            })?;
            let port = match rest.strip_prefix(':') {
                None if rest.is_empty() => None,
                None => {
                    return Err(invalid(format!(
                        "expected a colon and a port after the host, found {rest:?}"
                    )));
                }
                port => port,
            };
            (host, port)
        }
        None => host_and_port
            .split_once(':')
            .map_or((host_and_port, None), |(host, port)| (host, Some(port))),
    };
    let host = match decode("host", host)? {
        host if host.is_empty() => "localhost".into(),
        host => host,
    };
    let port = match port {
        None | Some("") => 6379,
        // Not shown: without the @, a password stands where the port should.
        Some(port) => number("port", port).map_err(|_| {
            invalid(
                "expected a number up to 65535 as the port, found something else; a password is followed by an @ \
                 (redis://:password@host), and an IPv6 address is in brackets (redis://[::1])",
            )
        })?,
    };
    let mut config =
        ConnectionConfig::new(Address::Tcp { host, port }).with_credentials(credentials)?;
    if !path.is_empty() {
        config.database = number("database", path)?;
    }
    Ok(config)
}

fn unix(rest: &str) -> Result<ConnectionConfig, Error> {
    let start = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(start).unwrap_or((rest, ""));
    let (credentials, host) = split_credentials(authority);
    if host.contains(':') {
        return Err(invalid(
            "expected an absolute path after unix://, found something else; a password is followed by an @ \
             (unix://:password@/path/to/socket)",
        ));
    }
    if !host.is_empty() {
        return Err(invalid(format!(
            "expected an absolute path after unix://, found the host {host:?}; a path needs three slashes: \
             unix:///{host}{path}"
        )));
    }
    if path.is_empty() {
        return Err(invalid(
            "expected the path of a socket after unix://, found none",
        ));
    }
    let path = PathBuf::from(decode("path", path)?);
    ConnectionConfig::new(Address::Unix(path)).with_credentials(credentials)
}

/// The last `@` counts: a password may hold others, though it had better encode them.
fn split_credentials(authority: &str) -> (Option<&str>, &str) {
    authority
        .rsplit_once('@')
        .map_or((None, authority), |(credentials, host)| {
            (Some(credentials), host)
        })
}

/// Replaces `%XX`, once.
fn decode(part: &str, text: &str) -> Result<String, Error> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(invalid(format!(
                "expected two hexadecimal digits after each % of the {part}, found something else; a % is written %25"
            )));
        };
        bytes.push(u8::try_from(high.saturating_mul(16).saturating_add(low)).unwrap_or_default());
    }
    String::from_utf8(bytes)
        .map_err(|_| invalid(format!("expected the {part} to be UTF-8 once decoded")))
}

/// Writes what [`decode`] reads; the characters in `kept` stand for themselves.
fn encode(text: &str, kept: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.bytes()
        .map(char::from)
        .try_for_each(|byte| match byte {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '_' | '~' => f.write_char(byte),
            _ if kept.contains(byte) => f.write_char(byte),
            _ => write!(f, "%{:02X}", u32::from(byte)),
        })
}
