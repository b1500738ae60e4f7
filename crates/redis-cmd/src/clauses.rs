//! Clauses: what options are made of.

use crate::{Command, ToArgs, kept::Kept};

/// Something that a command's language allows at one place of it, like `LIMIT 0 10`.
pub(crate) trait Clause {
    /// Appends the clause, which may be nothing.
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T>;
}

impl<C: Clause> Clause for Option<C> {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        match self {
            Some(clause) => clause.write_to(command),
            None => command,
        }
    }
}

/// The clauses of a set of options, each in its slot.
///
/// Clauses that exclude each other share a slot, so that the last one said counts, and slots are written
/// in ascending order, so that it does not matter in which order they were filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clauses {
    /// In ascending order of slots.
    filled: Vec<(u8, Kept)>,
}

impl Clauses {
    /// Fills a slot, in place of what was in it.
    pub(crate) fn set<A: ToArgs + ?Sized>(&mut self, slot: u8, words: &A) {
        self.put(slot, Kept::of(words));
    }

    /// Whether anything is in a slot.
    pub(crate) fn has(&self, slot: u8) -> bool {
        self.filled.iter().any(|(other, _)| *other == slot)
    }

    /// Fills a slot with a word and what it introduces, which must not be nothing, nor `None` in part.
    pub(crate) fn set_list<A: ToArgs + ?Sized>(&mut self, slot: u8, word: &str, list: &A) {
        let words = Kept::of(&(word, list)).complete();
        let there_is_any = words.words().len() > 1;
        self.put(slot, words.only_if(there_is_any));
    }

    /// Whether nothing was said.
    pub(crate) fn is_empty(&self) -> bool {
        self.filled.is_empty()
    }

    /// Whether this slot or one behind it is filled.
    pub(crate) fn fills_any_from(&self, slot: u8) -> bool {
        self.filled.iter().any(|(other, _)| *other >= slot)
    }

    /// Fills a slot behind what is in it.
    pub(crate) fn add<A: ToArgs + ?Sized>(&mut self, slot: u8, words: &A) {
        self.insert(slot, Kept::of(words));
    }

    /// Fills a slot, in place of what was in it.
    pub(crate) fn put(&mut self, slot: u8, words: Kept) {
        self.filled.retain(|(other, _)| *other != slot);
        self.insert(slot, words);
    }

    /// Fills a slot behind what is in it.
    pub(crate) fn insert(&mut self, slot: u8, words: Kept) {
        let at = self.filled.partition_point(|(other, _)| *other <= slot);
        self.filled.insert(at, (slot, words));
    }
}

impl Clause for Clauses {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let words = self.filled.iter().map(|(_, words)| words);
        words.fold(command, Command::with)
    }
}
