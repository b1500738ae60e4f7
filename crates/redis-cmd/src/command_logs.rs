//! Commands that were slow or large: <https://redis.io/docs/latest/commands/?group=server>.

use std::time::Duration;

use resp_proto::{DecodeError, FromReply, Reply, Value};

use crate::{Command, Execute, Lossy, UnixSeconds, clauses::Clause, cmd, named::rest_of};

/// Commands on those that were slow, or whose request or reply was large.
pub trait CommandLogCommands: Execute {
    /// The latest `count` commands of a log, -1 being all.
    ///
    /// Valkey only, since 8.1. Complexity: O(N).
    #[doc(alias = "COMMANDLOG GET")]
    fn commandlog_get(self, count: i64, kind: LogKind) -> Self::Output<Vec<LoggedCommand>> {
        self.execute(cmd("COMMANDLOG GET").read_only().integer(count).with(&kind))
    }

    /// How many commands a log holds.
    ///
    /// Valkey only, since 8.1. Complexity: O(1).
    #[doc(alias = "COMMANDLOG LEN")]
    fn commandlog_len(self, kind: LogKind) -> Self::Output<usize> {
        self.execute(cmd("COMMANDLOG LEN").read_only().with(&kind))
    }

    /// Empties a log.
    ///
    /// Valkey only, since 8.1. Complexity: O(N).
    #[doc(alias = "COMMANDLOG RESET")]
    fn commandlog_reset(self, kind: LogKind) -> Self::Output<()> {
        self.execute(cmd("COMMANDLOG RESET").with(&kind))
    }

    /// The latest ten commands that were slow.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SLOWLOG GET")]
    fn slowlog_get(self) -> Self::Output<Vec<LoggedCommand>> {
        self.execute(cmd("SLOWLOG GET").read_only())
    }

    /// The latest `count` commands that were slow, -1 being all.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SLOWLOG GET")]
    fn slowlog_get_count(self, count: i64) -> Self::Output<Vec<LoggedCommand>> {
        self.execute(cmd("SLOWLOG GET").read_only().integer(count))
    }

    /// How many commands there are in the log of slow ones.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SLOWLOG LEN")]
    fn slowlog_len(self) -> Self::Output<usize> {
        self.execute(cmd("SLOWLOG LEN").read_only())
    }

    /// Empties the log of slow commands.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SLOWLOG RESET")]
    fn slowlog_reset(self) -> Self::Output<()> {
        self.execute(cmd("SLOWLOG RESET"))
    }
}

/// A log of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogKind {
    /// Those that were slow.
    Slow,
    /// Those whose request was large.
    LargeRequest,
    /// Those whose reply was large.
    LargeReply,
}

impl Clause for LogKind {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::Slow => "SLOW",
            Self::LargeRequest => "LARGE-REQUEST",
            Self::LargeReply => "LARGE-REPLY",
        })
    }
}

/// A command in a log.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LoggedCommand {
    /// A number that grows.
    pub id: u64,
    /// When it ran.
    pub time: UnixSeconds,
    /// How many microseconds it took, or in the logs of large ones, how many bytes it was.
    pub amount: u64,
    /// What it was, long arguments and lists of them shortened.
    pub arguments: Vec<Vec<u8>>,
    /// The address and port that it came from. Since Redis 4.0.
    pub client_addr: Option<String>,
    /// The name of the connection. Since Redis 4.0.
    pub client_name: Option<String>,
    /// Whatever else the server says. Protocols differ in how: [decode](Value::decode) it.
    pub rest: Vec<Value>,
}

impl LoggedCommand {
    /// How long it took, in the log of slow ones.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.amount)
    }
}

impl FromReply<'_> for LoggedCommand {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let parts: Vec<Reply<'_>> = reply.decode()?;
        let [id, time, amount, arguments, client @ ..] = &parts[..] else {
            return Err(DecodeError::mismatch(
                "the parts of a logged command",
                reply,
            ));
        };
        let said = |part: Option<&Reply<'_>>| -> Result<_, DecodeError> {
            let part: Option<Lossy> = part.map_or(Ok(None), Reply::decode)?;
            Ok(part.map(|Lossy(text)| text))
        };
        Ok(Self {
            id: id.decode()?,
            time: time.decode()?,
            amount: amount.decode()?,
            arguments: arguments.decode()?,
            client_addr: said(client.first())?,
            client_name: said(client.get(1))?,
            rest: rest_of(client, 2)?,
        })
    }
}
