//! What commands on keys can be told.

use std::fmt;

use resp_proto::{DecodeError, FromReply, Reply};

use crate::{
    Command, Seconds, ToArg, ToArgs,
    clauses::{Clause, Clauses},
    kept::Kept,
    ranges::Limit,
};

/// The condition under which a key or a field gets an expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpireOptions {
    /// Only if there is no expiry (`NX`).
    #[doc(alias = "NX")]
    IfNone,
    /// Only if there is an expiry (`XX`).
    #[doc(alias = "XX")]
    IfSome,
    /// Only if it makes it live longer (`GT`); without expiry it lives longest.
    #[doc(alias = "GT")]
    IfLater,
    /// Only if it makes it live shorter (`LT`).
    #[doc(alias = "LT")]
    IfSooner,
    /// Only if there is an expiry and it makes it live shorter (`XX LT`); of fields, with Valkey only.
    #[doc(alias = "XX")]
    IfSomeAndSooner,
}

impl Clause for ExpireOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        match self {
            Self::IfNone => command.word("NX"),
            Self::IfSome => command.word("XX"),
            Self::IfLater => command.word("GT"),
            Self::IfSooner => command.word("LT"),
            Self::IfSomeAndSooner => command.word("XX").word("LT"),
        }
    }
}

/// How [`copy_with`](crate::KeyCommands::copy_with) copies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyOptions {
    clauses: Clauses,
}

impl CopyOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Into another database.
    #[must_use]
    pub fn db(mut self, db: u32) -> Self {
        self.clauses.set(0, &("DB", db));
        self
    }

    /// Over whatever is at the destination.
    #[must_use]
    pub fn replace(mut self) -> Self {
        self.clauses.set(1, "REPLACE");
        self
    }
}

impl Clause for CopyOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// How [`restore`](crate::KeyCommands::restore) makes a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreOptions {
    clauses: Clauses,
}

impl RestoreOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Over whatever is there.
    #[must_use]
    pub fn replace(mut self) -> Self {
        self.clauses.set(0, "REPLACE");
        self
    }

    /// As if it had not been used for so long; it excludes [`freq`](Self::freq). Since Redis 5.0.
    #[doc(alias = "IDLETIME")]
    #[must_use]
    pub fn idle_time(mut self, seconds: impl Into<Seconds>) -> Self {
        self.clauses.set(2, &("IDLETIME", seconds.into().0));
        self
    }

    /// As if it had been used so often; it excludes [`idle_time`](Self::idle_time). Since Redis 5.0.
    #[must_use]
    pub fn freq(mut self, frequency: u8) -> Self {
        self.clauses.set(2, &("FREQ", frequency));
        self
    }
}

impl Clause for RestoreOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// What a scan leaves out. Nothing of it changes how much work a scan is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanOptions {
    clauses: Clauses,
}

/// The slot of what only a scan of keys is told.
const TYPE: u8 = 2;

impl ScanOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only what matches a glob-style pattern.
    #[doc(alias = "MATCH")]
    #[must_use]
    pub fn pattern(mut self, pattern: impl ToArg) -> Self {
        self.clauses.set(0, &("MATCH", pattern));
        self
    }

    /// About so many at a time; 10 by default.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.clauses.set(1, &("COUNT", count));
        self
    }

    /// Only keys that hold this, in the server's word. A scan of what is in one key is not sent with it. Since Redis
    /// 6.0.
    #[doc(alias = "TYPE")]
    #[must_use]
    pub fn key_type(mut self, name: impl ToArg) -> Self {
        self.clauses.set(TYPE, &("TYPE", name));
        self
    }

    /// What a scan of what is in one key is told.
    pub(crate) fn within_key(&self) -> WithinKey<'_> {
        WithinKey(&self.clauses)
    }
}

impl Clause for ScanOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

pub(crate) struct WithinKey<'o>(&'o Clauses);

impl Clause for WithinKey<'_> {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        if self.0.has(TYPE) {
            return command.invalid("expected no type of keys to scan what is in one, found one");
        }
        command.with(self.0)
    }
}

/// By what, and what of it, [`sort`](crate::KeyCommands::sort) answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SortOptions {
    clauses: Clauses,
}

impl SortOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// By the values that lie where the pattern says, elements put in place of its `*`; a pattern without
    /// one leaves all in their order.
    #[must_use]
    pub fn by(mut self, pattern: impl ToArg) -> Self {
        self.clauses.set(0, &("BY", pattern));
        self
    }

    /// Leaves out the first `offset`, and stops after `count`.
    #[must_use]
    pub fn limit(mut self, offset: u64, count: u64) -> Self {
        self.clauses.set(1, &Limit::new(offset, count).words());
        self
    }

    /// Answers what lies where the pattern says, instead of the elements; `#` is the element itself. May be
    /// said several times.
    #[must_use]
    pub fn get(mut self, pattern: impl ToArg) -> Self {
        self.clauses.add(2, &("GET", pattern));
        self
    }

    /// Lowest first, which is the default.
    #[must_use]
    pub fn asc(mut self) -> Self {
        self.clauses.set(3, "ASC");
        self
    }

    /// Highest first.
    #[must_use]
    pub fn desc(mut self) -> Self {
        self.clauses.set(3, "DESC");
        self
    }

    /// As text, not as numbers.
    #[must_use]
    pub fn alpha(mut self) -> Self {
        self.clauses.set(4, "ALPHA");
        self
    }
}

impl Clause for SortOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// Which keys [`migrate`](crate::KeyCommands::migrate) moves, and how.
#[derive(Clone, PartialEq, Eq)]
pub struct MigrateOptions {
    clauses: Clauses,
    keys: Kept,
}

impl MigrateOptions {
    /// Moves these keys. Several since Redis 3.0.6.
    #[must_use]
    pub fn keys(keys: impl ToArgs) -> Self {
        Self {
            clauses: Clauses::default(),
            keys: Kept::of(&keys),
        }
    }

    /// Leaves the keys here as well.
    #[must_use]
    pub fn copy(mut self) -> Self {
        self.clauses.set(0, "COPY");
        self
    }

    /// Over whatever is there.
    #[must_use]
    pub fn replace(mut self) -> Self {
        self.clauses.set(1, "REPLACE");
        self
    }

    /// The password for the other server. Since Redis 4.0.7.
    #[must_use]
    pub fn auth(mut self, password: impl ToArg) -> Self {
        self.clauses.set(2, &("AUTH", password));
        self
    }

    /// The user and password for the other server. Since Redis 6.0.
    #[must_use]
    pub fn auth2(mut self, username: impl ToArg, password: impl ToArg) -> Self {
        self.clauses.set(2, &("AUTH2", username, password));
        self
    }

    /// What stands in the place of the key: the only key, or nothing if there are several.
    pub(crate) fn first_key(&self) -> FirstKey<'_> {
        FirstKey(&self.keys)
    }
}

impl fmt::Debug for MigrateOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigrateOptions")
            .field("keys", &self.keys.words().len())
            .field("clauses", &self.clauses)
            .finish()
    }
}

/// What [`migrate`](crate::KeyCommands::migrate) has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Migrated {
    /// The keys that there were are on the other server.
    Done,
    /// There was none of the keys.
    NoKey,
}

impl FromReply<'_> for Migrated {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        match reply.text() {
            Some(b"OK") => Ok(Self::Done),
            Some(b"NOKEY") => Ok(Self::NoKey),
            _ => Err(DecodeError::mismatch("OK or NOKEY", reply)),
        }
    }
}

pub(crate) struct FirstKey<'k>(&'k Kept);

impl Clause for FirstKey<'_> {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        match self.0.words() {
            [key] => command.key(key),
            [] => command.invalid("expected at least one key, found none"),
            _ => command.word(""),
        }
    }
}

impl Clause for MigrateOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let command = command.with(&self.clauses);
        match self.keys.words() {
            [] | [_] => command.refused(self.keys.refusal()),
            _ => command.word("KEYS").several_keys(&self.keys),
        }
    }
}
