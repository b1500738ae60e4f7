//! The one error of this crate and of the layers above it.

use std::{error, fmt, io, sync::Arc};

use resp_proto::{DecodeError, DecodeErrorKind, FrameError, FrameErrorKind, ServerError};

/// Why a call failed.
///
/// [`kind`](Error::kind) says what to do about it, [`code`](Error::code) is the server's own word, and
/// [`maybe_executed`](Error::maybe_executed) says whether the command may have taken effect although
/// no reply to it was delivered. Printed, it says where, what and why: the place, the message and what caused it.
///
/// ```
/// use redis_conn::{Error, ErrorKind, ServerErrorKind};
///
/// fn advice(error: &Error) -> &'static str {
///     match error.kind() {
///         ErrorKind::Server(ServerErrorKind::WrongType) => "that key is used for something else",
///         ErrorKind::Authentication => "look up the password",
///         _ if error.maybe_executed() => "find out whether it was done before doing it again",
///         _ if error.is_retryable() => "try again later",
///         _ => "fix the program",
///     }
/// }
///
/// let error = Error::new(ErrorKind::Timeout, "timed out after 5s").with_maybe_executed(true);
/// assert!(advice(&error).starts_with("find out"));
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    /// Where it went wrong, like `command 3 (LPUSH c 3) of the pipeline`.
    place: Option<String>,
    code_length: usize,
    maybe_executed: bool,
    /// Whether it lasts until somebody does something about it, though others of its kind pass.
    lasts: bool,
    source: Option<Arc<dyn error::Error + Send + Sync>>,
}

/// The kinds of errors, by what a caller can do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server cannot be reached, or the connection to it broke.
    #[doc(alias = "ConnectionError")]
    Connection,
    /// Something took longer than its deadline: connecting, waiting for a reply, waiting for a free
    /// connection.
    #[doc(alias = "TimeoutError")]
    Timeout,
    /// The server refused the user or the password, or wants one.
    #[doc(alias = "AuthenticationError")]
    Authentication,
    /// The server answered with an error.
    #[doc(alias = "ResponseError")]
    Server(ServerErrorKind),
    /// The server sent bytes that are no RESP, or replies that no command asked for.
    #[doc(alias = "InvalidResponse")]
    Protocol,
    /// The reply is not of the type that was asked for.
    Decode,
    /// What the caller asked for cannot be sent: an invalid URL, a command without its arguments.
    #[doc(alias = "DataError")]
    InvalidInput,
    /// A watched key was changed before the transaction was executed, which therefore was not.
    #[doc(alias = "WatchError")]
    Watch,
    /// Invalid use of a subscription.
    #[doc(alias = "PubSubError")]
    PubSub,
    /// Somebody else owns a lock, and did for as long as it was waited for.
    #[doc(alias = "LockError")]
    LockTaken,
    /// A lock is not owned any more: its lifetime was over, or it was removed.
    #[doc(alias = "LockNotOwnedError")]
    LockNotOwned,
    /// What has begun on one server, like a scan, would go on at another, where it means nothing.
    AnotherServer,
    /// No Sentinel knows the primary.
    #[doc(alias = "MasterNotFoundError")]
    MasterNotFound,
    /// No Sentinel knows a usable replica.
    #[doc(alias = "SlaveNotFoundError")]
    ReplicaNotFound,
}

/// What an error of the server says, as far as it is a word of the server's own. Modules and scripts
/// have words of theirs, which are [`Other`](ServerErrorKind::Other): see [`Error::code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServerErrorKind {
    /// `ERR`: no more specific word; the message says it.
    Generic,
    /// `WRONGTYPE`: the key holds something that the command does not work on.
    WrongType,
    /// `NOPERM`: the user may not do this.
    #[doc(alias = "NoPermissionError")]
    NoPermission,
    /// `LOADING`: the server is loading its data from disk. It passes.
    #[doc(alias = "BusyLoadingError")]
    Loading,
    /// `BUSY`: a script has been running for long. It passes, or `SCRIPT KILL` ends it.
    Busy,
    /// `READONLY`: a replica cannot be written to.
    #[doc(alias = "ReadOnlyError")]
    ReadOnly,
    /// `NOSCRIPT`: the server does not have the script of that digest.
    #[doc(alias = "NoScriptError")]
    NoScript,
    /// `OOM`: the server is at its memory limit.
    #[doc(alias = "OutOfMemoryError")]
    OutOfMemory,
    /// `EXECABORT`: the transaction was discarded because of an error before.
    #[doc(alias = "ExecAbortError")]
    ExecAbort,
    /// `MISCONF`: the server takes no writes because it cannot save them.
    Misconfigured,
    /// `NOREPLICAS`: too few replicas to take a write.
    NoReplicas,
    /// `MASTERDOWN`: the replica has lost its primary. It passes.
    #[doc(alias = "MasterDownError")]
    MasterDown,
    /// `CLUSTERDOWN`: part of the cluster is gone. It may pass.
    #[doc(alias = "ClusterDownError")]
    ClusterDown,
    /// `TRYAGAIN`: the keys are on the move. It passes.
    #[doc(alias = "TryAgainError")]
    TryAgain,
    /// `CROSSSLOT`: the keys are not on one node.
    #[doc(alias = "ClusterCrossSlotError")]
    CrossSlot,
    /// `MOVED`: the key is on another node.
    #[doc(alias = "MovedError")]
    Moved,
    /// `ASK`: the key is on its way to another node.
    #[doc(alias = "AskError")]
    Ask,
    /// `NOPROTO`: the server does not speak that version of the protocol.
    NoProtocol,
    /// `BUSYGROUP`: the consumer group exists.
    BusyGroup,
    /// `NOGROUP`: the consumer group does not exist.
    NoGroup,
    /// `BUSYKEY`: the key exists.
    BusyKey,
    /// Another word: [`Error::code`] has it.
    Other,
}

impl Error {
    /// An error of some kind, with what was expected, what was found and what to do.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::saying(kind, message.into())
    }

    /// The error for an `EXEC` that was refused, so that nothing was executed. If the line gives a cause after
    /// `EXECABORT Transaction discarded because of:` (as from a primary demoted since the commands were queued), the
    /// error is that cause.
    #[must_use]
    pub fn of_aborted_exec(line: &[u8]) -> Self {
        ServerError::from_line(without_abort(line)).into()
    }

    // Errors are made in many places: what does it is compiled once, and out of their way.
    #[cold]
    fn saying(kind: ErrorKind, message: String) -> Self {
        Self(Box::new(Inner {
            kind,
            message,
            place: None,
            code_length: 0,
            maybe_executed: false,
            lasts: false,
            source: None,
        }))
    }

    /// An error of the operating system while doing what `message` says.
    #[must_use]
    pub fn from_io(message: impl Into<String>, source: io::Error) -> Self {
        Self::of_system(message.into(), source)
    }

    #[cold]
    fn of_system(message: String, source: io::Error) -> Self {
        let kind = match source.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => ErrorKind::Timeout,
            _ => ErrorKind::Connection,
        };
        Self::saying(kind, message).with_source(source)
    }

    /// The same error, with what caused it.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        self.caused_by(source.into())
    }

    #[cold]
    fn caused_by(mut self, source: Box<dyn error::Error + Send + Sync>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error, saying whether the command may have taken effect.
    #[must_use]
    pub fn with_maybe_executed(mut self, maybe_executed: bool) -> Self {
        self.0.maybe_executed = maybe_executed;
        self
    }

    /// The same error, saying that it lasts until somebody does something about it.
    #[cfg(feature = "tls")]
    pub(crate) fn lasting(mut self) -> Self {
        self.0.lasts = true;
        self
    }

    /// Adds context, if there is any; each further call puts the outer context in front.
    #[must_use]
    pub fn at(self, place: impl Into<String>) -> Self {
        self.within(place.into())
    }

    #[cold]
    fn within(mut self, mut place: String) -> Self {
        if place.is_empty() {
            return self;
        }
        if let Some(narrower) = self.0.place.take() {
            place = place + ": " + &narrower;
        }
        self.0.place = Some(place);
        self
    }

    /// Without what a server that does not know a command quotes of its arguments, and with no more than the
    /// code where `secret` shows all the same.
    pub(crate) fn hiding(mut self, secret: Option<&str>) -> Self {
        let shows = |text: &str| secret.is_some_and(|it| !it.is_empty() && text.contains(it));
        let Inner {
            message,
            code_length,
            ..
        } = &mut *self.0;
        if let Some(at) = message.find(", with args") {
            message.truncate(at);
        }
        if shows(message) {
            message.truncate(*code_length);
            if shows(message) {
                (*message, *code_length) = ("an error".into(), 0);
            }
            message.push_str(" … (not shown, as it quotes the password)");
        }
        self
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The server's own word, like `WRONGTYPE`, if the server answered with an error. The set is open.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0
            .message
            .get(..self.0.code_length)
            .filter(|code| !code.is_empty())
    }

    /// The server's own line, its [`code`](Error::code) included, if the server answered with an error. What is
    /// displayed has the [place](Error::at) in front of it.
    #[must_use]
    pub fn line(&self) -> Option<&str> {
        self.code().map(|_| &*self.0.message)
    }

    /// Whether a deadline was missed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Whether there is no working connection to a server that could have answered.
    #[must_use]
    pub fn is_connection(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Connection | ErrorKind::MasterNotFound | ErrorKind::ReplicaNotFound
        )
    }

    /// Whether the same call may succeed later without anybody doing anything about it. It says nothing
    /// about whether repeating it is safe: see [`maybe_executed`](Error::maybe_executed).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        use ServerErrorKind as Server;
        match self.0.kind {
            _ if self.0.lasts => false,
            ErrorKind::Timeout | ErrorKind::Watch | ErrorKind::LockTaken => true,
            ErrorKind::Server(kind) => matches!(
                kind,
                Server::Loading
                    | Server::Busy
                    | Server::MasterDown
                    | Server::ClusterDown
                    | Server::TryAgain
            ),
            _ => self.is_connection(),
        }
    }

    /// Whether the command may have taken effect although no reply to it was delivered: it had been sent when the call
    /// failed (a single request counts once all of it was sent, several sent together from the first byte on), or its
    /// reply could not be read.
    ///
    /// False means that repeating the call cannot do the same thing twice. An error that the server
    /// itself answered is an answer, but for that of a script or a function, which may have written before it
    /// failed, whatever code it answers, and for one in the midst of a reply: what has a reply was executed.
    #[must_use]
    pub fn maybe_executed(&self) -> bool {
        self.0.maybe_executed
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.0.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(source) = &self.0.source {
            write!(f, ": {source}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    /// The whole text in one field: this is what a `main` that ends with an error prints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("text", &self.to_string())
            .field("maybe_executed", &self.0.maybe_executed)
            .finish()
    }
}

impl error::Error for Error {
    /// What is behind the cause; the cause itself is in the text, and would be read twice.
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.source.as_ref()?.source()
    }
}

/// The line of an error, or of what it says `EXEC` was refused for.
pub(crate) fn without_abort(line: &[u8]) -> &[u8] {
    let aborted = b"EXECABORT Transaction discarded because of: ";
    line.strip_prefix(aborted).unwrap_or(line)
}

impl From<ServerError> for Error {
    fn from(error: ServerError) -> Self {
        let kind = match error.code() {
            "NOAUTH" | "WRONGPASS" => ErrorKind::Authentication,
            "ERR" if is_refused_auth(error.line()) => ErrorKind::Authentication,
            code => ErrorKind::Server(ServerErrorKind::of(code)),
        };
        let mut answer = Self::new(kind, error.line());
        answer.0.code_length = error.code().len();
        answer
    }
}

/// What servers before 6.0 said to a wrong or needless password, without a word of its own. The front of the line
/// alone is looked at: behind it, scripts quote what they like.
fn is_refused_auth(line: &str) -> bool {
    [
        "ERR invalid password",
        "ERR Client sent AUTH, but no password is set",
        "ERR AUTH <password> called without any password configured",
    ]
    .iter()
    .any(|said| line.starts_with(said))
}

impl ServerErrorKind {
    fn of(code: &str) -> Self {
        match code {
            "ERR" => Self::Generic,
            "WRONGTYPE" => Self::WrongType,
            "NOPERM" => Self::NoPermission,
            "LOADING" => Self::Loading,
            "BUSY" => Self::Busy,
            "READONLY" => Self::ReadOnly,
            "NOSCRIPT" => Self::NoScript,
            "OOM" => Self::OutOfMemory,
            "EXECABORT" => Self::ExecAbort,
            "MISCONF" => Self::Misconfigured,
            "NOREPLICAS" => Self::NoReplicas,
            "MASTERDOWN" => Self::MasterDown,
            "CLUSTERDOWN" => Self::ClusterDown,
            "TRYAGAIN" => Self::TryAgain,
            "CROSSSLOT" => Self::CrossSlot,
            "MOVED" => Self::Moved,
            "ASK" => Self::Ask,
            "NOPROTO" => Self::NoProtocol,
            "BUSYGROUP" => Self::BusyGroup,
            "NOGROUP" => Self::NoGroup,
            "BUSYKEY" => Self::BusyKey,
            _ => Self::Other,
        }
    }
}

impl From<DecodeError> for Error {
    /// The command was answered, so it was executed, unless the server's error is the whole of its answer. Whether it is
    /// does not show here, so what is known of it has to be [said](Error::with_maybe_executed).
    fn from(error: DecodeError) -> Self {
        match error.kind() {
            DecodeErrorKind::Server(error) => error.clone().into(),
            _ => Self::new(ErrorKind::Decode, error.to_string()).with_maybe_executed(true),
        }
    }
}

impl From<FrameError> for Error {
    fn from(error: FrameError) -> Self {
        use FrameErrorKind as Kind;
        let message = match error.kind() {
            Kind::NestingLimit
            | Kind::BulkLimit
            | Kind::ElementsLimit
            | Kind::LineLimit
            | Kind::FrameLimit => {
                "expected a reply within the limits of the connection, found a larger one; `limits` of the client sets them"
            }
            Kind::AttributeLimit | Kind::Streamed => {
                "expected a reply that this client reads, found another"
            }
            _ => {
                "the server did not send RESP; is this the port of a Redis or Valkey server, and without TLS?"
            }
        };
        Self::new(ErrorKind::Protocol, message).with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Error {
        ServerError::from_line(line.as_bytes()).into()
    }

    #[test]
    fn only_what_servers_say_themselves_is_a_refused_password() {
        for line in [
            "ERR invalid password",
            "ERR Client sent AUTH, but no password is set",
            "ERR AUTH <password> called without any password configured for the default user.",
            "NOAUTH Authentication required.",
            "WRONGPASS invalid username-password pair or user is disabled.",
        ] {
            assert_eq!(of(line).kind(), ErrorKind::Authentication, "{line}");
        }
        for line in [
            "ERR user_script:1: invalid password of account 7 script: 1234, on @user_script:1.",
            "ERR unknown command 'X', with args beginning with: 'invalid password' ",
            "NO invalid password",
        ] {
            let kind = of(line).kind();
            assert!(matches!(kind, ErrorKind::Server(_)), "{line}: {kind:?}");
        }
    }

    #[test]
    fn no_place_is_none_and_the_outer_one_comes_first() {
        let error = Error::new(ErrorKind::InvalidInput, "no").at("").at("b");
        assert_eq!(error.at("a").at("").to_string(), "a: b: no");
    }

    #[test]
    fn a_chain_of_causes_says_nothing_twice() {
        let refused = io::Error::other(fmt::Error);
        let cause = Error::from_io("reading", refused);
        let error = Error::new(ErrorKind::Connection, "no connection").with_source(cause);
        let mut chain = vec![error.to_string()];
        let mut next = error::Error::source(&error);
        while let Some(cause) = next {
            chain.push(cause.to_string());
            next = cause.source();
        }
        let fmt_error = fmt::Error.to_string();
        assert_eq!(chain, [format!("no connection: reading: {fmt_error}")]);
    }

    #[test]
    fn the_code_is_found_behind_blanks() {
        let error = of("  WRONGTYPE Operation against a key");
        assert_eq!(error.code(), Some("WRONGTYPE"));
        assert_eq!(error.to_string(), "WRONGTYPE Operation against a key");
    }
}
