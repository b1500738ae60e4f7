//! Watching every command that a server executes.
//!
//! ```text
//! line    = seconds "." micros " [" database " " client "] " word *( " " word )
//! client  = host ":" port / "unix:" path / "lua"
//! word    = DQUOTE *( "\\" / "\" DQUOTE / "\n" / "\r" / "\t" / "\a" / "\b" / "\x" 2HEXDIG / printable ) DQUOTE
//! ```
//!
//! Valkey 8.1.0 and 8.1.1 write quotes and backslashes as they are
//! (<https://github.com/valkey-io/valkey/issues/2035>). So a quote ends a word only where another word or
//! nothing follows, and a backslash before anything else is itself: what other servers write reads the same.

use std::{
    fmt,
    iter::FusedIterator,
    time::{Duration, SystemTime},
};

use redis_cmd::{Typed, Waits};
use redis_conn::{Deadline, Error, ErrorKind, Feed, Request};
use resp_proto::{Data, Limits, ServerError};

use crate::Checkout;

/// The longest line that is read. It holds a whole command, so it is as long as a command can be.
const LONGEST_LINE: usize = 1 << 30;

/// Every command that a server executes, as it does so: an iterator that ends when the connection does.
///
/// A client makes one: `client.monitor()`. It has a connection of its own, outside of the pool, which is
/// closed when it is dropped. It costs the server a good part of its speed. Commands that carry passwords
/// are not shown by the server.
///
/// ```no_run
/// # fn show(monitor: redis_ext::Monitor) -> Result<(), redis_conn::Error> {
/// for command in monitor {
///     let command = command?;
///     println!("{} said {command}", command.client);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Monitor {
    feed: Feed,
    failed: bool,
}

/// A command that a server has executed. Printed, it is shortened like a command in an error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MonitoredCommand {
    /// When, by the server's clock.
    pub time: SystemTime,
    /// In which database.
    pub database: u32,
    /// For whom.
    pub client: MonitoredClient,
    /// The command's name and its arguments.
    pub words: Vec<Vec<u8>>,
}

/// Who gave a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MonitoredClient {
    /// A client at this address and port.
    Tcp(String),
    /// A client of the Unix socket at this path.
    Unix(String),
    /// A script.
    Script,
}

impl Monitor {
    /// Starts to watch, on a connection that comes through `checkout`.
    ///
    /// # Errors
    /// Those of connecting; `Server` when the server refuses.
    pub fn start(checkout: &dyn Checkout) -> Result<Self, Error> {
        let limits = Limits::new().line_length(LONGEST_LINE);
        let mut feed = checkout.connect()?.into_feed_within(limits)?;
        let deadline = checkout.deadline(Waits::No);
        feed.send(Request::new(b"*1\r\n$7\r\nMONITOR\r\n"), deadline)?;
        let reply = feed
            .next(deadline)?
            .ok_or_else(|| deadline.missed("waiting for the reply to MONITOR"))?;
        if let Data::Error(line) = reply.data() {
            return Err(ServerError::from_line(line).into());
        }
        Ok(Self {
            feed,
            failed: false,
        })
    }

    /// The next command, or `None` if there is none in time. A timeout of zero takes what has come already, `None`
    /// waits for as long as it takes.
    ///
    /// # Errors
    /// `Connection` when the connection is lost, from then on always; `Protocol` when a line is none of a
    /// monitor's, after which it can go on.
    pub fn next_command(
        &mut self,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Option<MonitoredCommand>, Error> {
        let deadline = timeout
            .into()
            .map_or_else(Deadline::never, Deadline::within);
        let reply = match self.feed.next(deadline) {
            Ok(None) => return Ok(None),
            Ok(Some(reply)) => reply,
            Err(error) => {
                self.failed = true;
                return Err(error);
            }
        };
        let line = match reply.data() {
            Data::Simple(line) => line,
            Data::Error(line) => return Err(ServerError::from_line(line).into()),
            _ => return Err(no_line()),
        };
        read_line(line).map(Some).ok_or_else(no_line)
    }
}

impl Iterator for Monitor {
    type Item = Result<MonitoredCommand, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        self.next_command(None).transpose()
    }
}

impl FusedIterator for Monitor {}

impl fmt::Display for MonitoredCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Typed::new(self.words.iter().map(Vec::as_slice)).fmt(f)
    }
}

impl fmt::Display for MonitoredClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => f.write_str(address),
            Self::Unix(path) => write!(f, "unix:{path}"),
            Self::Script => f.write_str("lua"),
        }
    }
}

/// The line itself may hold anything, so it is not shown.
fn no_line() -> Error {
    Error::new(
        ErrorKind::Protocol,
        "expected a line of a monitor, found something else",
    )
}

fn read_line(line: &[u8]) -> Option<MonitoredCommand> {
    // The words are ASCII, as all else is escaped; a path may be anything.
    let head_end = line.windows(3).position(|bytes| bytes == b"] \"")?;
    let (head, rest) = line.split_at_checked(head_end)?;
    let head = String::from_utf8_lossy(head);
    let (time, origin) = head.split_once(" [")?;
    let (seconds, micros) = time.split_once('.')?;
    let since = Duration::from_secs(seconds.parse().ok()?)
        .checked_add(Duration::from_micros(micros.parse().ok()?))?;
    let (database, client) = origin.split_once(' ')?;
    let client = match client.strip_prefix("unix:") {
        Some(path) => MonitoredClient::Unix(path.to_owned()),
        None if client == "lua" => MonitoredClient::Script,
        None => MonitoredClient::Tcp(client.to_owned()),
    };
    Some(MonitoredCommand {
        time: SystemTime::UNIX_EPOCH.checked_add(since)?,
        database: database.parse().ok()?,
        client,
        words: read_words(rest.strip_prefix(b"] ")?)?,
    })
}

fn read_words(mut rest: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    loop {
        rest = rest.strip_prefix(b"\"")?;
        let mut word = Vec::new();
        rest = read_word(rest, &mut word)?;
        words.push(word);
        match rest {
            [] => return Some(words),
            [_space, after @ ..] => rest = after,
        }
    }
}

/// Reads up to the closing quote; what follows it: nothing, or a space and another word.
fn read_word<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        let (before, marked) = rest.split_at_checked(plain)?;
        word.extend_from_slice(before);
        let (mark, behind) = marked.split_first()?;
        if *mark == b'"' && matches!(behind, [] | [b' ', b'"', ..]) {
            return Some(behind);
        }
        let (byte, behind) = read_escaped(*mark, behind).unwrap_or((*mark, behind));
        word.push(byte);
        rest = behind;
    }
}

/// The byte that a backslash and what is behind it stand for, and what follows; `None` where it is itself.
fn read_escaped(mark: u8, behind: &[u8]) -> Option<(u8, &[u8])> {
    let (escape, after) = behind.split_first().filter(|_| mark == b'\\')?;
    let byte = match escape {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'a' => 7,
        b'b' => 8,
        b'\\' | b'"' => *escape,
        b'x' => return read_hex(after),
        _ => return None,
    };
    Some((byte, after))
}

/// A byte as two hexadecimal digits, and what follows.
fn read_hex(rest: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, after) = rest.split_first_chunk::<2>()?;
    let digits = std::str::from_utf8(digits).ok()?;
    // The sign that numbers may have is no digit.
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let byte = u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    Some((byte, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_servers_write_them() {
        let read = |line: &str| read_line(line.as_bytes()).unwrap();
        let command = read(r#"1339518083.107412 [0 127.0.0.1:60866] "keys" "*""#);
        let time = SystemTime::UNIX_EPOCH + Duration::from_micros(1_339_518_083_107_412);
        assert_eq!((command.time, command.database), (time, 0));
        assert_eq!(
            command.client,
            MonitoredClient::Tcp("127.0.0.1:60866".into())
        );
        assert_eq!(command.words, [b"keys".as_slice(), b"*"]);
        assert_eq!(command.to_string(), "keys *");
        let origins = [
            ("[15 [::1]:6]", 15, "[::1]:6"),
            ("[0 unix:/run/a b.sock]", 0, "unix:/run/a b.sock"),
            ("[2 lua]", 2, "lua"),
        ];
        for (origin, database, client) in origins {
            let command = read(&format!("1.000001 {origin} \"x\""));
            assert_eq!(command.database, database);
            assert_eq!(command.client.to_string(), client);
        }
        let command = read(r#"1.0 [0 lua] "" "a\"b\\c" "\n\r\t\a\b\x00\xff" "] \"""#);
        let words: [&[u8]; 4] = [b"", b"a\"b\\c", b"\n\r\t\x07\x08\0\xff", b"] \""];
        assert_eq!(command.words, words);
    }

    #[test]
    fn what_valkey_8_1_1_does_not_escape_is_read_all_the_same() {
        let command = read_line(br#"1.0 [0 lua] "a"b" "\ " "\xzz[\]" """ "\n""#).unwrap();
        let words: [&[u8]; 5] = [b"a\"b", b"\\ ", b"\\xzz[\\]", b"\"", b"\n"];
        assert_eq!(command.words, words);
    }

    #[test]
    fn what_is_cut_anywhere_is_no_line() {
        let line = br#"1.5 [0 unix:/s] "set" "a\x00" "b\"c""#;
        let full = read_line(line).unwrap();
        assert_eq!(full.words.len(), 3);
        for at in 0..line.len() {
            // Between two words, the line could have ended.
            let whole =
                matches!(&line[..at], [.., before, b'"'] if *before != b'\\' && *before != b' ');
            assert_eq!(read_line(&line[..at]).is_some(), whole, "cut at {at}");
        }
        for line in [
            "x [0 lua] \"a\"",
            "1.0 [x lua] \"a\"",
            "1.0 [0 lua] \"a",
            "OK",
        ] {
            assert_eq!(read_line(line.as_bytes()), None, "{line}");
        }
    }
}
