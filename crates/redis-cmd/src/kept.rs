//! Arguments that are kept until they are written, with what speaks against sending them.

use std::fmt;

use crate::{Args, Command, ToArg, ToArgs, args::Refusal, clauses::Clause};

/// One argument that is kept until it is sent, as options and iterators do.
///
/// What cannot be sent, like a value that JSON cannot hold, cannot be sent from here either: the command that it
/// becomes an argument of says why.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptArg {
    bytes: Vec<u8>,
    refusal: Option<Refusal>,
}

impl KeptArg {
    /// The argument that something is written as.
    pub fn new<A: ToArg + ?Sized>(arg: &A) -> Self {
        Self::behind(b"", arg)
    }

    /// The argument that something is written as, behind `front`.
    pub(crate) fn behind<A: ToArg + ?Sized>(front: &[u8], arg: &A) -> Self {
        let mut written = Args::new();
        arg.write_args(&mut written);
        Self {
            bytes: written
                .iter()
                .fold(front.to_vec(), |bytes, part| [&bytes, part].concat()),
            refusal: written.refusal(),
        }
    }

    /// As it is sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl ToArgs for KeptArg {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        args.push(&self.bytes);
        if let Some(refusal) = self.refusal {
            args.refuse(refusal);
        }
    }
}

impl ToArg for KeptArg {}

/// Shows how long it is, not what: it may be a password.
impl fmt::Debug for KeptArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptArg")
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
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

    /// As they are sent.
    pub(crate) fn words(&self) -> &[Vec<u8>] {
        &self.words
    }

    /// Why they must not be sent, if so.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// Says that they must not be sent.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        self.refusal = Some(refusal);
    }
}

impl ToArgs for Kept {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        self.words.write_args(args);
        if let Some(refusal) = self.refusal {
            args.refuse(refusal);
        }
    }
}

impl Clause for Kept {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.args(self)
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
