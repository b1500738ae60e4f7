//! What commands on connections can be told.

use crate::{
    Command, Seconds, ToArg, ToArgs,
    clauses::{Clause, Clauses},
};

/// Which connections are meant: those to which all of this applies. Each is said once, and the last one
/// said counts.
///
/// `CLIENT KILL` takes kind, id, user, addresses, age and `skip_me` of any server; `CLIENT LIST` of Redis takes a kind
/// or ids, not both, and that of Valkey the same as `CLIENT KILL` since 8.1. Everything else is Valkey only, since 9.0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientFilter {
    /// Each clause has a slot; that which says the opposite has the slot [`OPPOSITE`] behind.
    clauses: Clauses,
}

const OPPOSITE: u8 = 20;

impl ClientFilter {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of this kind.
    #[doc(alias = "TYPE")]
    #[must_use]
    pub fn kind(mut self, kind: ClientKind) -> Self {
        self.clauses.set(1, &("TYPE", kind.word()));
        self
    }

    /// With these ids, at least one; in `CLIENT KILL`, several since Valkey 8.1.
    #[must_use]
    pub fn id(mut self, ids: impl ToArgs) -> Self {
        self.clauses.set_list(2, "ID", &ids);
        self
    }

    /// Of this user.
    #[must_use]
    pub fn user(mut self, name: impl ToArg) -> Self {
        self.clauses.set(3, &("USER", name));
        self
    }

    /// From this address and port.
    #[must_use]
    pub fn addr(mut self, address: impl ToArg) -> Self {
        self.clauses.set(4, &("ADDR", address));
        self
    }

    /// To this address and port of the server. Since Redis 6.2.
    #[must_use]
    pub fn laddr(mut self, address: impl ToArg) -> Self {
        self.clauses.set(5, &("LADDR", address));
        self
    }

    /// Not the connection that this runs on, which is the default of `CLIENT KILL`.
    #[doc(alias = "SKIPME")]
    #[must_use]
    pub fn skip_me(mut self, skip: bool) -> Self {
        self.clauses.set(6, &("SKIPME", yes_or_no(skip)));
        self
    }

    /// At least so many seconds old. Since Redis 7.4 and Valkey 8.0.
    #[doc(alias = "MAXAGE")]
    #[must_use]
    pub fn max_age(mut self, seconds: impl Into<Seconds>) -> Self {
        self.clauses.set(7, &("MAXAGE", seconds.into().0));
        self
    }

    /// With this name.
    #[must_use]
    pub fn name(mut self, name: impl ToArg) -> Self {
        self.clauses.set(8, &("NAME", name));
        self
    }

    /// Idle for at least so many seconds.
    #[must_use]
    pub fn idle(mut self, seconds: impl Into<Seconds>) -> Self {
        self.clauses.set(9, &("IDLE", seconds.into().0));
        self
    }

    /// With all of these flags, in the letters of `CLIENT LIST`.
    #[must_use]
    pub fn flags(mut self, flags: impl ToArg) -> Self {
        self.clauses.set(10, &("FLAGS", flags));
        self
    }

    /// Whose library calls itself so.
    #[doc(alias = "LIB-NAME")]
    #[must_use]
    pub fn lib_name(mut self, name: impl ToArg) -> Self {
        self.clauses.set(11, &("LIB-NAME", name));
        self
    }

    /// Whose library is of this version.
    #[doc(alias = "LIB-VER")]
    #[must_use]
    pub fn lib_ver(mut self, version: impl ToArg) -> Self {
        self.clauses.set(12, &("LIB-VER", version));
        self
    }

    /// In this database.
    #[must_use]
    pub fn db(mut self, db: u32) -> Self {
        self.clauses.set(13, &("DB", db));
        self
    }

    /// With all of these capabilities.
    #[must_use]
    pub fn capa(mut self, capabilities: impl ToArg) -> Self {
        self.clauses.set(14, &("CAPA", capabilities));
        self
    }

    /// From this host.
    #[must_use]
    pub fn ip(mut self, ip: impl ToArg) -> Self {
        self.clauses.set(15, &("IP", ip));
        self
    }

    /// Not of this kind.
    #[doc(alias = "NOT-TYPE")]
    #[must_use]
    pub fn not_kind(mut self, kind: ClientKind) -> Self {
        self.clauses.set(OPPOSITE + 1, &("NOT-TYPE", kind.word()));
        self
    }

    /// Without these ids, at least one.
    #[doc(alias = "NOT-ID")]
    #[must_use]
    pub fn not_id(mut self, ids: impl ToArgs) -> Self {
        self.clauses.set_list(OPPOSITE + 2, "NOT-ID", &ids);
        self
    }

    /// Not of this user.
    #[doc(alias = "NOT-USER")]
    #[must_use]
    pub fn not_user(mut self, name: impl ToArg) -> Self {
        self.clauses.set(OPPOSITE + 3, &("NOT-USER", name));
        self
    }

    /// Not from this address and port.
    #[doc(alias = "NOT-ADDR")]
    #[must_use]
    pub fn not_addr(mut self, address: impl ToArg) -> Self {
        self.clauses.set(OPPOSITE + 4, &("NOT-ADDR", address));
        self
    }

    /// Not to this address and port of the server.
    #[doc(alias = "NOT-LADDR")]
    #[must_use]
    pub fn not_laddr(mut self, address: impl ToArg) -> Self {
        self.clauses.set(OPPOSITE + 5, &("NOT-LADDR", address));
        self
    }

    /// Without this name.
    #[doc(alias = "NOT-NAME")]
    #[must_use]
    pub fn not_name(mut self, name: impl ToArg) -> Self {
        self.clauses.set(OPPOSITE + 8, &("NOT-NAME", name));
        self
    }

    /// Without any of these flags.
    #[doc(alias = "NOT-FLAGS")]
    #[must_use]
    pub fn not_flags(mut self, flags: impl ToArg) -> Self {
        self.clauses.set(OPPOSITE + 10, &("NOT-FLAGS", flags));
        self
    }

    /// Whose library does not call itself so.
    #[doc(alias = "NOT-LIB-NAME")]
    #[must_use]
    pub fn not_lib_name(mut self, name: impl ToArg) -> Self {
        self.clauses.set(OPPOSITE + 11, &("NOT-LIB-NAME", name));
        self
    }

    /// Whose library is not of this version.
    #[doc(alias = "NOT-LIB-VER")]
    #[must_use]
    pub fn not_lib_ver(mut self, version: impl ToArg) -> Self {
        self.clauses.set(OPPOSITE + 12, &("NOT-LIB-VER", version));
        self
    }

    /// Not in this database.
    #[doc(alias = "NOT-DB")]
    #[must_use]
    pub fn not_db(mut self, db: u32) -> Self {
        self.clauses.set(OPPOSITE + 13, &("NOT-DB", db));
        self
    }

    /// Without any of these capabilities.
    #[doc(alias = "NOT-CAPA")]
    #[must_use]
    pub fn not_capa(mut self, capabilities: impl ToArg) -> Self {
        self.clauses.set(OPPOSITE + 14, &("NOT-CAPA", capabilities));
        self
    }

    /// Not from this host.
    #[doc(alias = "NOT-IP")]
    #[must_use]
    pub fn not_ip(mut self, ip: impl ToArg) -> Self {
        self.clauses.set(OPPOSITE + 15, &("NOT-IP", ip));
        self
    }
}

impl ClientFilter {
    /// As commands take it that do something to whoever is meant.
    pub(crate) fn of_some(&self) -> OfSome<'_> {
        OfSome(self)
    }
}

/// A filter that leaves somebody out.
pub(crate) struct OfSome<'f>(&'f ClientFilter);

impl Clause for OfSome<'_> {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        if self.0.clauses.is_empty() {
            return command
                .invalid("expected at least one thing that connections are told by, found none");
        }
        command.with(self.0)
    }
}

impl Clause for ClientFilter {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientKind {
    /// Ordinary ones.
    Normal,
    /// Subscribers.
    PubSub,
    /// Replicas. Since Redis 5.0.
    Replica,
    /// Replicas, by their old name.
    Slave,
    /// The primary that the server replicates. Valkey only, since 8.0.
    Primary,
    /// The primary that the server replicates, by its old name.
    Master,
}

impl ClientKind {
    fn word(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::PubSub => "PUBSUB",
            Self::Replica => "REPLICA",
            Self::Slave => "SLAVE",
            Self::Primary => "PRIMARY",
            Self::Master => "MASTER",
        }
    }
}

/// Who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseMode {
    /// Whoever writes.
    Write,
    /// Everybody.
    All,
}

impl Clause for PauseMode {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::Write => "WRITE",
            Self::All => "ALL",
        })
    }
}

/// What a connection that is woken up gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnblockWith {
    /// What it would get when its time is up.
    Timeout,
    /// An error of the code `UNBLOCKED`.
    Error,
}

impl Clause for UnblockWith {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::Timeout => "TIMEOUT",
            Self::Error => "ERROR",
        })
    }
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "YES" } else { "NO" }
}
