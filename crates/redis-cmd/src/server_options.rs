//! What commands on the server can be told, and what INFO answers.

use std::{collections::BTreeMap, fmt, str::FromStr};

use resp_proto::{DecodeError, FromReply, Reply};

use crate::{
    Command, Lossy,
    clauses::{Clause, Clauses},
};

/// When what is deleted gives back its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlushMode {
    /// Later, in the background. Of keys since Redis 4.0, of scripts since Redis 6.2.
    Async,
    /// At once, which is the default unless the server's settings say otherwise. Since Redis 6.2.
    Sync,
}

impl Clause for FlushMode {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::Async => "ASYNC",
            Self::Sync => "SYNC",
        })
    }
}

/// How the server ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShutdownOptions {
    clauses: Clauses,
}

impl ShutdownOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Saves the data set, even if it is not configured to.
    #[must_use]
    pub fn save(mut self) -> Self {
        self.clauses.set(0, "SAVE");
        self
    }

    /// Saves nothing, even if it is configured to.
    #[must_use]
    pub fn nosave(mut self) -> Self {
        self.clauses.set(0, "NOSAVE");
        self
    }

    /// Does not wait for replicas. Since Redis 7.0.
    #[must_use]
    pub fn now(mut self) -> Self {
        self.clauses.set(1, "NOW");
        self
    }

    /// Ends even if saving fails. Since Redis 7.0.
    #[must_use]
    pub fn force(mut self) -> Self {
        self.clauses.set(2, "FORCE");
        self
    }

    /// Does not end while that might lose data. Valkey only, since 9.0.
    #[must_use]
    pub fn safe(mut self) -> Self {
        self.clauses.set(3, "SAFE");
        self
    }

    /// Hands over to a replica before. Valkey only, since 9.0.
    #[must_use]
    pub fn failover(mut self) -> Self {
        self.clauses.set(4, "FAILOVER");
        self
    }
}

impl Clause for ShutdownOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// What `INFO` answers: sections of lines like `name:value`.
#[derive(Clone, PartialEq, Eq)]
pub struct Info {
    text: String,
}

impl Info {
    /// The value of a line, as text; `None` when there is no such line.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.lines()
            .find_map(|(_, found, value)| (found == name).then_some(value))
    }

    /// The value of a line; `None` when there is no such line, or it is something else than a `T`.
    #[must_use]
    pub fn parse<T: FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    /// The parts of a value like `keys=1,expires=0`, as those of a database or of a command are; `None`
    /// when there is no such line.
    #[must_use]
    #[inline]
    pub fn parts(&self, name: &str) -> Option<BTreeMap<&str, &str>> {
        let mut parts = BTreeMap::new();
        for part in self.get(name)?.split(',') {
            parts.extend(part.split_once('='));
        }
        Some(parts)
    }

    /// All lines: section, name and value.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let mut section = "";
        self.text.lines().filter_map(move |line| {
            if let Some(name) = line.strip_prefix("# ") {
                section = name;
            }
            let (name, value) = line.split_once(':')?;
            Some((section, name, value))
        })
    }

    /// The text as it came; what is no UTF-8 in it, as in a path or the code of a script's error, is replaced.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.lines().map(|(_, name, value)| (name, value)))
            .finish()
    }
}

impl FromReply<'_> for Info {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let Lossy(text) = reply.decode()?;
        Ok(Self { text })
    }
}
