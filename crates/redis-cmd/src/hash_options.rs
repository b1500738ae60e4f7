//! What commands on the expiry of fields can be told, and what they answer.

use resp_proto::{DecodeError, FromReply, Reply};

use crate::{
    Command, Expiry,
    clauses::{Clause, Clauses},
};

/// What became of a field that was to get an expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldExpiry {
    /// There is no such field, or no such key.
    NoField,
    /// The condition was not met.
    Refused,
    /// It has the expiry.
    Set,
    /// It is gone, because the time was in the past.
    Deleted,
    /// What a later server says by this number.
    Other(i64),
}

impl FromReply<'_> for FieldExpiry {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        Ok(match reply.decode()? {
            -2 => Self::NoField,
            0 => Self::Refused,
            1 => Self::Set,
            2 => Self::Deleted,
            other => Self::Other(other),
        })
    }
}

/// What became of a field that was to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldPersisted {
    /// There is no such field, or no such key.
    NoField,
    /// It had no expiry.
    NoExpiry,
    /// The expiry is gone.
    Done,
    /// What a later server says by this number.
    Other(i64),
}

impl FromReply<'_> for FieldPersisted {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        Ok(match reply.decode()? {
            -2 => Self::NoField,
            -1 => Self::NoExpiry,
            1 => Self::Done,
            other => Self::Other(other),
        })
    }
}

/// The condition and the expiry of [`hsetex`](crate::HashCommands::hsetex): one of each, the last one
/// said counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HSetExOptions {
    clauses: Clauses,
}

impl HSetExOptions {
    /// No condition, no expiry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only if none of the fields exists.
    #[must_use]
    pub fn fnx(mut self) -> Self {
        self.clauses.set(1, "FNX");
        self
    }

    /// Only if all of the fields exist.
    #[must_use]
    pub fn fxx(mut self) -> Self {
        self.clauses.set(1, "FXX");
        self
    }

    /// Only if the key does not exist. Valkey only, since 9.1.
    #[must_use]
    pub fn nx(mut self) -> Self {
        self.clauses.set(0, "NX");
        self
    }

    /// Only if the key exists. Valkey only, since 9.1.
    #[must_use]
    pub fn xx(mut self) -> Self {
        self.clauses.set(0, "XX");
        self
    }

    /// To expire as told: an [`Expiry`], a `Duration` from now or a `SystemTime`.
    #[must_use]
    pub fn expiry(mut self, expiry: impl Into<Expiry>) -> Self {
        self.clauses.set(2, &expiry.into().words());
        self
    }

    /// To expire when the values before would have.
    #[doc(alias = "KEEPTTL")]
    #[must_use]
    pub fn keep_ttl(mut self) -> Self {
        self.clauses.set(2, "KEEPTTL");
        self
    }
}

impl Clause for HSetExOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}
