//! What goes wrong when a server is looked for, started or signalled.

use std::fmt;
use std::io;

/// Why there is no server.
///
/// `Display` is one sentence in lower case; where a server said why it gave up, its last log lines
/// follow, indented.
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<io::Error>,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No server binary where one was looked for.
    NotFound,
    /// There is a file, but it is not a Redis or Valkey server that runs here.
    NotAServer,
    /// A configuration that cannot be written down as lines.
    InvalidConfig,
    /// The server ended before it answered: it refused its configuration, for example.
    Exited,
    /// The server runs, but did not answer in time.
    Timeout,
    /// The system refused something: a directory, a process, a socket.
    Io,
    /// A certificate could not be made: a name that is none, for example.
    Certificate,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn io(doing: impl Into<String>, source: io::Error) -> Self {
        Self {
            kind: ErrorKind::Io,
            message: doing.into(),
            source: Some(source),
        }
    }

    /// Which kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

/// Prints what `Display` prints: a test that unwraps should show the log with its line breaks.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
