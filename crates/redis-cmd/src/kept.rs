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
        let mut bytes = front.to_vec();
        written
            .iter()
            .for_each(|part| bytes.extend_from_slice(part));
        Self {
            bytes,
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
    /// Whether there was a `None`, which is written as nothing.
    lacks_one: bool,
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
            lacks_one: args.lacks_one(),
            refusal: args.refusal(),
        }
    }

    /// The same, which must not be sent unless this is so.
    pub(crate) fn only_if(mut self, there_is_any: bool) -> Self {
        if !there_is_any {
            self.refusal = Some(Refusal::Nothing);
        }
        self
    }

    /// The same, which must not be sent if there was a `None`: what is behind it would come to its place.
    pub(crate) fn complete(mut self) -> Self {
        if self.lacks_one {
            self.refusal = Some(Refusal::Gap);
        }
        self
    }

    /// As they are sent.
    pub(crate) fn words(&self) -> &[Vec<u8>] {
        &self.words
    }

    /// Why they must not be sent, if so.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }
}

impl ToArgs for Kept {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        self.words.write_args(args);
        if self.lacks_one {
            None::<()>.write_args(args);
        }
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
