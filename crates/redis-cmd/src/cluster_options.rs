//! What commands on the cluster can be told.

use crate::{
    Command, Milliseconds, ToArg, ToArgs,
    clauses::{Clause, Clauses},
    kept::Kept,
};

/// How a replica takes the place of its primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterFailover {
    /// Without the consent of the primary.
    Force,
    /// Without the consent of anybody.
    Takeover,
}

impl Clause for ClusterFailover {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::Force => "FORCE",
            Self::Takeover => "TAKEOVER",
        })
    }
}

/// How much a node forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetMode {
    /// Its id and its epochs too.
    Hard,
    /// Not its id and its epochs.
    Soft,
}

impl Clause for ResetMode {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::Hard => "HARD",
            Self::Soft => "SOFT",
        })
    }
}

/// Who serves a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetSlot {
    clauses: Clauses,
}

impl SetSlot {
    /// It is coming from a node.
    pub fn importing(node: impl ToArg) -> Self {
        Self::new(&("IMPORTING", node))
    }

    /// It is going to a node.
    pub fn migrating(node: impl ToArg) -> Self {
        Self::new(&("MIGRATING", node))
    }

    /// A node serves it.
    pub fn node(node: impl ToArg) -> Self {
        Self::new(&("NODE", node))
    }

    /// It is not moving.
    #[must_use]
    pub fn stable() -> Self {
        Self::new("STABLE")
    }

    /// Waits so many milliseconds for replicas to know it, by default two seconds; 0 is for ever, and then nothing ends
    /// the call but the replicas. Valkey only, since 8.0.
    #[must_use]
    pub fn timeout(mut self, milliseconds: impl Into<Milliseconds>) -> Self {
        self.clauses.set(1, &("TIMEOUT", milliseconds.into().0));
        self
    }

    fn new<A: ToArgs + ?Sized>(words: &A) -> Self {
        let mut clauses = Clauses::default();
        clauses.set(0, words);
        Self { clauses }
    }
}

impl Clause for SetSlot {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// Slots that move, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotMigrations {
    clauses: Clauses,
}

impl SlotMigrations {
    /// Moves ranges of slots, given by their first and last one, to a node; at least one of them.
    pub fn new(ranges: &[(u16, u16)], node: impl ToArg) -> Self {
        let none = Self {
            clauses: Clauses::default(),
        };
        none.and(ranges, node)
    }

    /// Moves other ranges to another node as well.
    #[doc(alias = "SLOTSRANGE")]
    #[doc(alias = "NODE")]
    #[must_use]
    pub fn and(mut self, ranges: &[(u16, u16)], node: impl ToArg) -> Self {
        let words = Kept::of(&("SLOTSRANGE", ranges, "NODE", node));
        self.clauses.insert(0, words.only_if(!ranges.is_empty()));
        self
    }
}

impl Clause for SlotMigrations {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// Which of the migrations that a server knows are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationTasks {
    words: Kept,
}

impl MigrationTasks {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        Self {
            words: Kept::of("ALL"),
        }
    }

    /// The one of this id.
    pub fn id(id: impl ToArg) -> Self {
        Self {
            words: Kept::of(&("ID", id)),
        }
    }
}

impl Clause for MigrationTasks {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.words)
    }
}

/// In which order slots come, and how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotOrder {
    clauses: Clauses,
}

impl SlotOrder {
    /// By a metric, in the server's word: `key-count`, `cpu-usec` …
    pub fn by(metric: impl ToArg) -> Self {
        let mut clauses = Clauses::default();
        clauses.set(0, &metric);
        Self { clauses }
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, slots: u16) -> Self {
        self.clauses.set(1, &("LIMIT", slots));
        self
    }

    /// The lowest first.
    #[must_use]
    pub fn asc(mut self) -> Self {
        self.clauses.set(2, "ASC");
        self
    }

    /// The highest first.
    #[must_use]
    pub fn desc(mut self) -> Self {
        self.clauses.set(2, "DESC");
        self
    }
}

impl Clause for SlotOrder {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}
