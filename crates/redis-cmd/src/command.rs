//! A command on its way to the server.

use std::{fmt, marker::PhantomData, time::Duration};

use resp_proto::Value;

use crate::{
    Args, ToArg, ToArgs, Typed,
    args::Refusal,
    clauses::Clause,
    expiry::milliseconds,
    parts::{NameKind, Parts},
    raw::name_words,
    waiting,
};

/// A command with its arguments, whose reply is a `T`.
///
/// Built with [`cmd`]. It knows what an executor has to know about it and nothing more: which arguments
/// are keys (so that it can be routed), whether it only reads (so that it may be repeated) and how long
/// the server may make it wait.
#[derive(Clone)]
pub struct Command<'a, T = Value> {
    parts: Parts<'a>,
    reply: PhantomData<fn() -> T>,
}

/// How long the server may keep a command waiting before it answers. One that may wait gets a connection of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// It answers as soon as it can.
    No,
    /// It may wait so long for something to happen.
    For(Duration),
    /// It may wait for ever.
    Forever,
}

/// Starts a command by its name. The words of a name like `CLIENT LIST` become an argument each; so do words behind the
/// name.
///
/// This is the way to commands that have no method here, those of modules for example; the type of the
/// reply is whatever the executor is asked for.
///
/// ```
/// use redis_cmd::{Command, cmd};
///
/// let command: Command<'_, i64> = cmd("OBJECT FREQ").key(&"counter").read_only();
/// assert_eq!(command.to_string(), "OBJECT FREQ counter");
/// assert_eq!(command.keys().collect::<Vec<_>>(), [b"counter"]);
/// ```
#[inline]
#[must_use]
pub fn cmd<'a, T>(name: &str) -> Command<'a, T> {
    Command {
        parts: Parts::named(name, NameKind::of(name)),
        reply: PhantomData,
    }
}

impl<'a, T> Command<'a, T> {
    /// Appends an argument that is a key.
    #[must_use]
    pub fn key<A: ToArg + ?Sized>(mut self, key: &'a A) -> Self {
        self.parts.keys(key);
        self
    }

    /// Appends keys, at least one: an empty list is an error before anything is sent.
    #[must_use]
    pub fn several_keys<A: ToArgs + ?Sized>(mut self, keys: &'a A) -> Self {
        self.parts.several_keys(keys);
        self
    }

    /// Appends keys, which may be none.
    pub(crate) fn keys_or_none<A: ToArgs + ?Sized>(mut self, keys: &'a A) -> Self {
        self.parts.keys(keys);
        self
    }

    /// Appends keys and values in turn, at least one pair.
    #[must_use]
    pub fn key_value_pairs<A: ToArgs + ?Sized>(mut self, pairs: &'a A) -> Self {
        self.parts.key_value_pairs(pairs);
        self
    }

    /// Appends the number of keys, then the keys, at least one.
    #[must_use]
    pub fn counted_keys<A: ToArgs + ?Sized>(self, keys: &'a A) -> Self {
        self.unsigned(count(keys)).several_keys(keys)
    }

    /// Appends the number of keys, then the keys, which may be none.
    #[must_use]
    pub fn counted_keys_or_none<A: ToArgs + ?Sized>(mut self, keys: &'a A) -> Self {
        self.parts.args.push_unsigned(count(keys));
        self.parts.keys(keys);
        self
    }

    /// Appends the number of pairs, then keys and values in turn, at least one pair.
    #[must_use]
    pub fn counted_key_value_pairs<A: ToArgs + ?Sized>(self, pairs: &'a A) -> Self {
        self.unsigned(count(pairs) / 2).key_value_pairs(pairs)
    }

    /// Appends the number of arguments, then the arguments, at least one and none of them `None`, since the server
    /// returns one element for each.
    #[must_use]
    pub fn counted<A: ToArgs + ?Sized>(self, args: &'a A) -> Self {
        self.unsigned(count(args)).elements(args)
    }

    /// Appends the number of pairs, then the pairs, at least one.
    #[must_use]
    pub fn counted_pairs<A: ToArgs + ?Sized>(self, pairs: &'a A) -> Self {
        self.unsigned(count(pairs) / 2).pairs(pairs)
    }

    /// Appends one argument.
    #[must_use]
    pub fn arg<A: ToArg + ?Sized>(mut self, arg: &'a A) -> Self {
        arg.write_args(&mut self.parts.args);
        self
    }

    /// Appends any number of arguments, none included.
    #[must_use]
    pub fn args<A: ToArgs + ?Sized>(mut self, args: &'a A) -> Self {
        args.write_args(&mut self.parts.args);
        self
    }

    /// Appends arguments, at least one: an empty list is an error before anything is sent.
    #[must_use]
    pub fn several<A: ToArgs + ?Sized>(mut self, args: &'a A) -> Self {
        self.parts.several(args);
        self
    }

    /// Appends arguments whose places say what they are for, or what is answered to them: at least one and none of
    /// them `None`.
    pub(crate) fn elements<A: ToArgs + ?Sized>(mut self, elements: &'a A) -> Self {
        self.parts.elements(elements);
        self
    }

    /// The same, but there may be none.
    pub(crate) fn elements_or_none<A: ToArgs + ?Sized>(mut self, elements: &'a A) -> Self {
        self.parts.elements_or_none(elements);
        self
    }

    /// Appends keys whose places say what they are for, or what is answered to them: at least one and none of them
    /// `None`.
    pub(crate) fn each_key<A: ToArgs + ?Sized>(mut self, keys: &'a A) -> Self {
        self.parts.each_key(keys);
        self
    }

    /// Appends the number of keys, then the keys, in the same way.
    pub(crate) fn counted_each_key<A: ToArgs + ?Sized>(self, keys: &'a A) -> Self {
        self.unsigned(count(keys)).each_key(keys)
    }

    /// How many arguments there are so far, the words of the name included.
    pub(crate) fn len(&self) -> usize {
        self.parts.args.len()
    }

    /// Appends arguments that come in pairs, at least one pair.
    #[must_use]
    pub fn pairs<A: ToArgs + ?Sized>(mut self, pairs: &'a A) -> Self {
        self.parts.pairs(pairs);
        self
    }

    /// Appends a word of the command's own language, like `WITHSCORES`.
    #[must_use]
    pub fn word(mut self, word: &str) -> Self {
        self.parts.args.push_copy(word.as_bytes());
        self
    }

    /// Appends a word if it is wanted.
    #[must_use]
    pub fn word_if(self, wanted: bool, word: &str) -> Self {
        if wanted { self.word(word) } else { self }
    }

    /// Appends an integer that need not outlive this call.
    #[must_use]
    pub fn integer(mut self, number: i64) -> Self {
        self.parts.args.push_integer(number);
        self
    }

    /// Appends an integer without a sign that was computed on the way.
    #[must_use]
    pub fn unsigned(mut self, number: u64) -> Self {
        self.parts.args.push_unsigned(number);
        self
    }

    /// Appends a float that was computed on the way.
    #[must_use]
    pub fn float(mut self, number: f64) -> Self {
        self.parts.args.push_float(number);
        self
    }

    /// Says that the command changes nothing, so that running it twice does no harm.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.parts.read_only = true;
        self
    }

    /// Says how long the server may make the command wait. Only module commands need this; for others it is derived
    /// from name and arguments.
    #[must_use]
    pub fn waits(mut self, waits: Waits) -> Self {
        self.parts.waits = waits;
        self
    }

    /// Makes the command one that must not be sent, because of what `reason` says.
    #[must_use]
    pub fn invalid(mut self, reason: &'static str) -> Self {
        self.parts.invalid = Some(reason);
        self
    }

    /// The arguments in order, the words of the name included.
    pub fn arguments(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.args.iter()
    }

    /// The arguments that are keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &[u8]> {
        let mut keys = self.key_positions().peekable();
        self.parts
            .args
            .iter()
            .enumerate()
            .filter_map(move |(index, argument)| keys.next_if_eq(&index).map(|_| argument))
    }

    /// Which of the arguments are keys, in ascending order; the first word of the name is 0.
    pub fn key_positions(&self) -> impl Iterator<Item = usize> {
        self.parts.key_positions()
    }

    /// The words of the name, separated by single spaces.
    #[must_use]
    pub fn name(&self) -> String {
        let words = self.arguments().take(self.name_words());
        words
            .map(String::from_utf8_lossy)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// How many of the arguments are the words of the name: two of `CLIENT LIST`, in whatever way it was given.
    #[must_use]
    pub fn name_words(&self) -> usize {
        let first = self.arguments().next().filter(|_| self.parts.is_named);
        first.map_or(0, |first| name_words(first, self.len()))
    }

    /// Whether the command changes nothing.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.parts.read_only
    }

    /// How long the server may make the command wait: what [was said](Command::waits), or else what its name and
    /// its arguments tell.
    #[must_use]
    pub fn waiting(&self) -> Waits {
        self.parts.waiting()
    }

    /// How long the server may make the command wait inside a transaction. Blocking commands return at once there; only
    /// `MIGRATE` still takes its time.
    #[must_use]
    pub fn waiting_in_transaction(&self) -> Waits {
        waiting::waiting_in_transaction(&self.parts.args)
    }

    /// Why the command must not be sent, if so: it lacks arguments or has one that no server takes, or
    /// it would change a connection that others use after it.
    #[must_use]
    pub fn reason_against(&self) -> Option<&'static str> {
        self.parts.reason_against()
    }

    /// The request as it is sent, but for long arguments: each of those belongs where
    /// [`borrowed`](Command::borrowed) says.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        self.parts.args.encoded()
    }

    /// The long arguments, which are not copied, and the places in [`encoded`](Command::encoded) where
    /// their bytes belong, in ascending order.
    #[must_use]
    pub fn borrowed(&self) -> &[(usize, &'a [u8])] {
        self.parts.args.borrowed()
    }

    /// Appends the whole request to `out`, long arguments included.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        self.parts.args.write_to(out);
    }

    /// The same command, with its reply type erased to `Value`.
    #[must_use]
    pub fn into_raw(self) -> Command<'a, Value> {
        Command {
            parts: self.parts,
            reply: PhantomData,
        }
    }

    /// Says that the arguments begin with a name.
    pub(crate) fn named(mut self) -> Self {
        self.parts.is_named = true;
        self
    }

    /// Appends `STREAMS`, keys, at least one, and for each of them that what nobody was given yet is wanted.
    pub(crate) fn streams_from_new<K: ToArgs + ?Sized>(self, keys: &'a K) -> Self {
        let mut command = self.word("STREAMS");
        let before = command.parts.args.len();
        command.parts.several_keys(keys);
        let keys = before..command.parts.args.len();
        keys.fold(command, |command, _| command.word(">"))
    }

    /// Appends arguments that come in threes, at least three.
    pub(crate) fn triples<A: ToArgs + ?Sized>(mut self, triples: &'a A) -> Self {
        self.parts.triples(triples);
        self
    }

    /// Appends options.
    pub(crate) fn with<C: Clause + ?Sized>(self, clause: &'a C) -> Self {
        clause.write_to(self)
    }

    /// Why one of the arguments cannot be sent, if so.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.parts.args.refusal()
    }

    /// Says that one of the arguments cannot be sent.
    pub(crate) fn refused(mut self, refusal: Option<Refusal>) -> Self {
        if let Some(refusal) = refusal {
            self.parts.args.refuse(refusal);
        }
        self
    }

    /// Appends an argument that was made on the way.
    pub(crate) fn copied(mut self, bytes: &[u8]) -> Self {
        self.parts.args.push_copy(bytes);
        self
    }

    /// Appends in seconds how long the server is to wait: as an integer where it is one, since Redis before 6.0 takes
    /// no others.
    pub(crate) fn waits_seconds(self, limit: Option<Duration>) -> Self {
        let limit = bounded(limit).unwrap_or_default();
        match limit.subsec_nanos() {
            0 => self.unsigned(limit.as_secs()),
            _ => self.float(limit.as_secs_f64()),
        }
    }

    /// Appends in milliseconds, rounded up, how long the server is to wait.
    pub(crate) fn waits_milliseconds(self, limit: Option<Duration>) -> Self {
        self.unsigned(bounded(limit).map_or(0, milliseconds))
    }
}

/// Servers refuse what they cannot count the milliseconds of until then, from 1970 on. Half of what they can count is
/// 146 million years.
const LONGEST_WAIT: Duration = Duration::from_millis(i64::MAX as u64 / 2);

/// How long a server is to wait; for ever where it would refuse the limit. To it, 0 is for ever: the shortest limit
/// that a caller can set is a millisecond.
fn bounded(limit: Option<Duration>) -> Option<Duration> {
    let limit = limit.filter(|&limit| limit <= LONGEST_WAIT)?;
    Some(limit.max(Duration::from_millis(1)))
}

/// How many arguments something is written as.
fn count<A: ToArgs + ?Sized>(args: &A) -> u64 {
    let mut written = Args::new();
    args.write_args(&mut written);
    written.len() as u64
}

/// What is typed in it is fit for a log, as in an error message.
impl<T> fmt::Debug for Command<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("typed", &self.to_string())
            .field("read_only", &self.parts.read_only)
            .field("waits", &self.waiting())
            .finish_non_exhaustive()
    }
}

/// The command as it would be typed, fit for an error message: see [`Typed`](crate::Typed).
impl<T> fmt::Display for Command<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Typed::new(self.arguments()).fmt(f)
    }
}
