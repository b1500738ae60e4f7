//! An error that the server sent.

use alloc::{boxed::Box, string::String};
use core::fmt;

/// An error that the server sent: its line, whole.
///
/// ```
/// use resp_proto::ServerError;
///
/// let error = ServerError::from_line(b"WRONGTYPE Operation against a key holding the wrong kind of value");
/// assert_eq!(error.code(), "WRONGTYPE");
/// assert!(error.to_string().starts_with("WRONGTYPE Operation"));
/// assert_eq!(ServerError::from_line(b" ERR").line(), "ERR");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerError {
    line: Box<str>,
}

impl ServerError {
    /// Takes the line of an error reply, without its type byte. Bytes that are not UTF-8 are replaced, and blanks
    /// before the first word left out.
    #[must_use]
    pub fn from_line(line: &[u8]) -> Self {
        Self {
            line: String::from_utf8_lossy(line.trim_ascii_start()).into(),
        }
    }

    /// The server's own word for what went wrong, like `ERR`, `WRONGTYPE` or `NOAUTH`: the first word
    /// of the line. The set is open: modules and scripts invent their own.
    #[must_use]
    pub fn code(&self) -> &str {
        self.line
            .split_ascii_whitespace()
            .next()
            .unwrap_or_default()
    }

    /// The line as the server sent it, from its first word on: the code.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl core::error::Error for ServerError {}
