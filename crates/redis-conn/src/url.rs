//! URLs: `redis://[user[:password]@][host][:port][/database][?option=value…]` and
//! `unix://[user[:password]@]/path/to/socket[?option=value…]`.

use std::{path::PathBuf, str::FromStr, time::Duration};

use crate::{Address, ConnectionConfig, Error, ErrorKind, Protocol};

impl ConnectionConfig {
    /// Reads a URL.
    ///
    /// The schemes are `redis` and `valkey` for TCP, `unix` and `redis+unix` for a Unix socket. Without a
    /// host it is `localhost`, without a port 6379, without a database 0. User and password are
    /// percent-decoded. Options:
    ///
    /// | option | value |
    /// |---|---|
    /// | `db` | a number; it wins over the path |
    /// | `protocol` | `2` or `3`; without it the newest that the server speaks |
    /// | `client_name` | the name that the server lists connections under |
    /// | `connect_timeout`, `response_timeout` | seconds, above zero, with a fraction if need be |
    ///
    /// ```
    /// use redis_conn::{Address, ConnectionConfig};
    ///
    /// let config = ConnectionConfig::from_url("redis://:p%40ss@[::1]:7000/2?client_name=worker")?;
    /// assert_eq!(config.address, Address::Tcp { host: "::1".into(), port: 7000 });
    /// assert_eq!(config.password.as_deref(), Some("p@ss"));
    /// assert_eq!(config.database, 2);
    /// # Ok::<(), redis_conn::Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidInput`, naming the part at fault and never showing the password.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| {
            invalid(
                "expected a URL like redis://host:6379/0 or unix:///path/to/socket, found no ://",
            )
        })?;
        let (rest, query) = rest
            .split_once('?')
            .map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let mut config = match scheme.to_ascii_lowercase().as_str() {
            "redis" | "valkey" => tcp(rest)?,
            "unix" | "redis+unix" => unix(rest)?,
            "rediss" | "valkeys" => {
                return Err(invalid(
                    "expected redis or unix as the scheme, found one for TLS, which is not built in",
                ));
            }
            other => {
                return Err(invalid(format!(
                    "expected redis, valkey, unix or redis+unix as the scheme, found {other:?}"
                )));
            }
        };
        for option in query
            .into_iter()
            .flat_map(|query| query.split('&'))
            .filter(|option| !option.is_empty())
        {
            let (name, value) = option.split_once('=').ok_or_else(|| {
                invalid(format!(
                    "expected a value for the option {option:?}, found no ="
                ))
            })?;
            config.set_option(name, &decode("option", value)?)?;
        }
        Ok(config)
    }

    fn set_option(&mut self, name: &str, value: &str) -> Result<(), Error> {
        match name {
            "db" => self.database = number("db", value)?,
            "client_name" => self.client_name = Some(value.into()),
            "connect_timeout" => self.connect_timeout = seconds(name, value)?,
            "response_timeout" => self.response_timeout = seconds(name, value)?,
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
            _ => {
                return Err(invalid(format!(
                    "expected db, protocol, client_name, connect_timeout or response_timeout as an option, \
                     found {name:?}"
                )));
            }
        }
        Ok(())
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
        Some(port) => number("port", port)?,
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

fn number<T: FromStr>(part: &str, text: &str) -> Result<T, Error> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { text.parse().ok() } else { None };
    number.ok_or_else(|| invalid(format!("expected a number as the {part}, found {text:?}")))
}

fn seconds(name: &str, text: &str) -> Result<Duration, Error> {
    let seconds = text
        .parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|seconds| !seconds.is_zero()).ok_or_else(|| {
        invalid(format!(
            "expected a number of seconds above zero as the {name}, found {text:?}"
        ))
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
                "expected two hexadecimal digits after each % of the {part}"
            )));
        };
        bytes.push(u8::try_from(high.saturating_mul(16).saturating_add(low)).unwrap_or_default());
    }
    String::from_utf8(bytes)
        .map_err(|_| invalid(format!("expected the {part} to be UTF-8 once decoded")))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message).at("reading the URL of a server")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16) -> ConnectionConfig {
        ConnectionConfig::new(Address::Tcp {
            host: host.into(),
            port,
        })
    }

    fn unix(path: &str) -> ConnectionConfig {
        ConnectionConfig::new(Address::Unix(path.into()))
    }

    #[test]
    fn urls_say_what_they_say() {
        let some = |text: &str| Some(text.to_owned());
        for (url, config) in [
            ("redis://", tcp("localhost", 6379)),
            ("REDIS://Host", tcp("Host", 6379)),
            ("valkey://h:1", tcp("h", 1)),
            ("redis://h:/", tcp("h", 6379)),
            ("redis://h:0", tcp("h", 0)),
            ("redis://[::1]", tcp("::1", 6379)),
            (
                "redis://[::1]:7/3",
                ConnectionConfig {
                    database: 3,
                    ..tcp("::1", 7)
                },
            ),
            (
                "redis://h/1?db=2",
                ConnectionConfig {
                    database: 2,
                    ..tcp("h", 6379)
                },
            ),
            (
                "redis://:pw@h",
                ConnectionConfig {
                    password: some("pw"),
                    ..tcp("h", 6379)
                },
            ),
            (
                "redis://u@h",
                ConnectionConfig {
                    username: some("u"),
                    ..tcp("h", 6379)
                },
            ),
            (
                "redis://%75:a%3Ab%2540@h",
                ConnectionConfig {
                    username: some("u"),
                    password: some("a:b%40"),
                    ..tcp("h", 6379)
                },
            ),
            (
                "redis://h?protocol=2",
                ConnectionConfig {
                    protocol: Protocol::Resp2,
                    ..tcp("h", 6379)
                },
            ),
            (
                "redis://h?response_timeout=0.5&client_name=a%20b",
                ConnectionConfig {
                    response_timeout: Duration::from_millis(500),
                    client_name: some("a b"),
                    ..tcp("h", 6379)
                },
            ),
            ("unix:///run/redis.sock", unix("/run/redis.sock")),
            (
                "redis+unix:///a%20b?db=4",
                ConnectionConfig {
                    database: 4,
                    ..unix("/a b")
                },
            ),
            (
                "unix://u:p@/s",
                ConnectionConfig {
                    username: some("u"),
                    password: some("p"),
                    ..unix("/s")
                },
            ),
        ] {
            assert_eq!(ConnectionConfig::from_url(url).unwrap(), config, "{url}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (url, part) in [
            ("localhost:6379", "no ://"),
            ("http://h", "scheme, found \"http\""),
            ("redis:/h", "no ://"),
            ("redis://h:x", "port, found \"x\""),
            ("redis://h:70000", "port, found \"70000\""),
            ("redis://h:+1", "port, found \"+1\""),
            ("redis://h/x", "database, found \"x\""),
            ("redis://h/-1", "database, found \"-1\""),
            ("redis://h/1/2", "database, found \"1/2\""),
            ("redis://[::1", "]"),
            ("redis://[::1]x", "after the host, found \"x\""),
            ("redis://h?db", "\"db\", found no ="),
            ("redis://h?nope=1", "found \"nope\""),
            ("redis://h?protocol=4", "protocol, found \"4\""),
            (
                "redis://h?connect_timeout=0",
                "connect_timeout, found \"0\"",
            ),
            (
                "redis://h?connect_timeout=-1",
                "connect_timeout, found \"-1\"",
            ),
            ("redis://:%zz@h", "% of the password"),
            ("unix://tmp/r.sock", "found the host \"tmp\""),
            ("unix://", "path of a socket"),
        ] {
            let error = ConnectionConfig::from_url(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
            assert!(error.to_string().contains(part), "{url}: {error}");
        }
    }

    #[test]
    fn no_error_and_no_debug_shows_a_password() {
        for url in [
            "redis://user:hunter2@h:x",
            "redis://user:hunter2@h/x",
            "unix://user:hunter2@h/x",
        ] {
            let error = ConnectionConfig::from_url(url).unwrap_err();
            assert!(
                !format!("{error} {error:?}").contains("hunter2"),
                "{url}: {error}"
            );
        }
        let config = ConnectionConfig::from_url("redis://user:hunter2@h").unwrap();
        let shown = format!("{config:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("user:"),
            "{shown}"
        );
    }
}
