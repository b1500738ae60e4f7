//! Clauses: what options are made of.

use std::fmt;

use crate::{Args, Command, ToArg, ToArgs, args::Refusal};

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
        self.filled.retain(|(other, _)| *other != slot);
        self.add(slot, words);
    }

    /// Whether anything is in a slot.
    pub(crate) fn has(&self, slot: u8) -> bool {
        self.filled.iter().any(|(other, _)| *other == slot)
    }

    /// Fills a slot with a word and what it introduces, which must not be nothing.
    pub(crate) fn set_list<A: ToArgs + ?Sized>(&mut self, slot: u8, word: &str, list: &A) {
        let mut words = Kept::of(&(word, list));
        if words.words.len() < 2 {
            words.refusal = Some(Refusal::Nothing);
        }
        self.filled.retain(|(other, _)| *other != slot);
        self.insert(slot, words);
    }

    /// Whether this slot or one behind it is filled.
    pub(crate) fn fills_any_from(&self, slot: u8) -> bool {
        self.filled.iter().any(|(other, _)| *other >= slot)
    }

    /// Fills a slot behind what is in it.
    pub(crate) fn add<A: ToArgs + ?Sized>(&mut self, slot: u8, words: &A) {
        self.insert(slot, Kept::of(words));
    }

    fn insert(&mut self, slot: u8, words: Kept) {
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

/// Arguments that are kept until they are written.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    words: Vec<Vec<u8>>,
    refusal: Option<Refusal>,
}

impl Kept {
    pub(crate) fn of<A: ToArgs + ?Sized>(args: &A) -> Self {
        let mut written = Args::new();
        args.write_args(&mut written);
        Self::written(&written)
    }

    fn written(args: &Args<'_>) -> Self {
        Self {
            words: args.iter().map(<[u8]>::to_vec).collect(),
            refusal: args.refusal(),
        }
    }
}

/// Shows how much there is, not what: it may be a password.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: usize = self.words.iter().map(Vec::len).sum();
        let words = self.words.len();
        f.debug_struct("Kept")
            .field("words", &words)
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}

impl Clause for Kept {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let words = self.words.iter();
        words.fold(command.refused(self.refusal), Command::arg)
    }
}

/// The arguments that something is written as, owned.
pub(crate) fn owned_all<A: ToArgs + ?Sized>(args: &A) -> Vec<Vec<u8>> {
    Kept::of(args).words
}

/// The argument that something is written as, owned.
pub(crate) fn owned<A: ToArg + ?Sized>(arg: &A) -> Vec<u8> {
    arg.to_bytes()
}
