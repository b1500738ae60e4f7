//! What commands on strings can be told, and what LCS answers.

use std::{collections::BTreeMap, marker::PhantomData};

use resp_proto::{DecodeError, FromReply, Reply, Value};

use crate::{
    Command, Expiry, Milliseconds, Seconds, ToArg,
    clauses::{Clause, Clauses},
    kept::Kept,
    named::Named,
};

/// The conditions and the expiry of [`set_with`](crate::StringCommands::set_with).
///
/// A value has one expiry and one condition: the last one said counts.
///
/// ```
/// use std::time::Duration;
/// use redis_cmd::SetOptions;
///
/// SetOptions::new().ex(10).nx();
/// SetOptions::new().expiry(Duration::from_millis(1500)).xx();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetOptions {
    condition: Option<Condition>,
    expiry: Option<KeptOr>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Word(&'static str),
    Compared(Comparison),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeptOr {
    Kept,
    New(Expiry),
}

impl SetOptions {
    /// No condition, no expiry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only if the key does not exist.
    #[must_use]
    pub fn nx(mut self) -> Self {
        self.condition = Some(Condition::Word("NX"));
        self
    }

    /// Only if the key exists.
    #[must_use]
    pub fn xx(mut self) -> Self {
        self.condition = Some(Condition::Word("XX"));
        self
    }

    /// Only if the key holds `value`. Since Valkey 8.1 and Redis 8.4.
    #[doc(alias = "IFEQ")]
    #[must_use]
    pub fn if_eq(self, value: impl ToArg) -> Self {
        self.compared(Comparison::eq(value))
    }

    /// Only if a comparison with the value before holds. Other ones than [`if_eq`](Self::if_eq): Redis only,
    /// since 8.4.
    #[must_use]
    pub fn compared(mut self, comparison: Comparison) -> Self {
        self.condition = Some(Condition::Compared(comparison));
        self
    }

    /// To expire in `seconds`, one at least.
    #[must_use]
    pub fn ex(self, seconds: impl Into<Seconds>) -> Self {
        self.expiry(seconds.into())
    }

    /// To expire in `milliseconds`, one at least.
    #[must_use]
    pub fn px(self, milliseconds: impl Into<Milliseconds>) -> Self {
        self.expiry(milliseconds.into())
    }

    /// To expire as told: an [`Expiry`], a `Duration` from now or a `SystemTime`.
    #[must_use]
    pub fn expiry(mut self, expiry: impl Into<Expiry>) -> Self {
        self.expiry = Some(KeptOr::New(expiry.into()));
        self
    }

    /// To expire when the value before it would have. Since Redis 6.0.
    #[doc(alias = "KEEPTTL")]
    #[must_use]
    pub fn keep_ttl(mut self) -> Self {
        self.expiry = Some(KeptOr::Kept);
        self
    }
}

impl Clause for SetOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let command = match &self.condition {
            Some(Condition::Word(word)) => command.word(word),
            Some(Condition::Compared(comparison)) => command.with(comparison),
            None => command,
        };
        match &self.expiry {
            Some(KeptOr::Kept) => command.word("KEEPTTL"),
            Some(KeptOr::New(expiry)) => command.with(expiry),
            None => command,
        }
    }
}

/// The condition and the expiry of [`msetex`](crate::StringCommands::msetex), for all keys: one of each, the last
/// one said counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MSetExOptions {
    clauses: Clauses,
}

impl MSetExOptions {
    /// No condition, no expiry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only if none of the keys exists.
    #[must_use]
    pub fn nx(mut self) -> Self {
        self.clauses.set(0, "NX");
        self
    }

    /// Only if all of the keys exist.
    #[must_use]
    pub fn xx(mut self) -> Self {
        self.clauses.set(0, "XX");
        self
    }

    /// To expire as told: an [`Expiry`], a `Duration` from now or a `SystemTime`.
    #[must_use]
    pub fn expiry(mut self, expiry: impl Into<Expiry>) -> Self {
        self.clauses.set(1, &expiry.into().words());
        self
    }

    /// To expire when the values before would have.
    #[doc(alias = "KEEPTTL")]
    #[must_use]
    pub fn keep_ttl(mut self) -> Self {
        self.clauses.set(1, "KEEPTTL");
        self
    }
}

impl Clause for MSetExOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// The bounds and the expiry of [`increx`](crate::StringCommands::increx) and
/// [`increx_float`](crate::StringCommands::increx_float), whose numbers are `N`. By default, a key keeps its expiry.
///
/// ```
/// use std::time::Duration;
/// use redis_cmd::IncrExOptions;
///
/// // A hundred in a minute, which begins with the first.
/// IncrExOptions::<i64>::new().at_most(100).expiry_if_none(Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncrExOptions<N> {
    clauses: Clauses,
    numbers: PhantomData<N>,
}

impl<N: ToArg> IncrExOptions<N> {
    /// No bounds, and the expiry stays.
    #[must_use]
    pub fn new() -> Self {
        Self {
            clauses: Clauses::default(),
            numbers: PhantomData,
        }
    }

    /// The result is to be no less.
    #[doc(alias = "LBOUND")]
    #[must_use]
    pub fn at_least(mut self, bound: N) -> Self {
        self.clauses.set(0, &("LBOUND", bound));
        self
    }

    /// The result is to be no more, which is no less than [`at_least`](Self::at_least) says.
    #[doc(alias = "UBOUND")]
    #[must_use]
    pub fn at_most(mut self, bound: N) -> Self {
        self.clauses.set(1, &("UBOUND", bound));
        self
    }

    /// Adds as much as the bounds allow, instead of nothing.
    #[must_use]
    pub fn saturate(mut self) -> Self {
        self.clauses.set(2, "SATURATE");
        self
    }

    /// To expire as told: an [`Expiry`], a `Duration` from now or a `SystemTime`.
    #[must_use]
    pub fn expiry(mut self, expiry: impl Into<Expiry>) -> Self {
        self.clauses.set(3, &expiry.into().words());
        self
    }

    /// To expire as told, unless it expires already.
    #[doc(alias = "ENX")]
    #[must_use]
    pub fn expiry_if_none(mut self, expiry: impl Into<Expiry>) -> Self {
        self = self.expiry(expiry);
        self.clauses.add(3, "ENX");
        self
    }

    /// To expire no more.
    #[must_use]
    pub fn persist(mut self) -> Self {
        self.clauses.set(3, "PERSIST");
        self
    }
}

impl<N: ToArg> Default for IncrExOptions<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N> Clause for IncrExOptions<N> {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// A comparison with the value of a key. Digests are those that
/// [`digest`](crate::StringCommands::digest) answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    word: &'static str,
    with: Kept,
}

impl Comparison {
    /// The value is this.
    #[doc(alias = "IFEQ")]
    pub fn eq(value: impl ToArg) -> Self {
        Self::new("IFEQ", &value)
    }

    /// The value is not this; so is that of a key that does not exist.
    #[doc(alias = "IFNE")]
    pub fn ne(value: impl ToArg) -> Self {
        Self::new("IFNE", &value)
    }

    /// The digest of the value is this.
    #[doc(alias = "IFDEQ")]
    pub fn digest_eq(digest: impl ToArg) -> Self {
        Self::new("IFDEQ", &digest)
    }

    /// The digest of the value is not this; so is that of a key that does not exist.
    #[doc(alias = "IFDNE")]
    pub fn digest_ne(digest: impl ToArg) -> Self {
        Self::new("IFDNE", &digest)
    }

    fn new(word: &'static str, with: &impl ToArg) -> Self {
        Self {
            word,
            with: Kept::of(with),
        }
    }
}

impl Clause for Comparison {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(self.word).with(&self.with)
    }
}

/// What [`lcs_idx`](crate::StringCommands::lcs_idx) reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LcsOptions {
    clauses: Clauses,
}

impl LcsOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only matches of at least so many bytes.
    #[doc(alias = "MINMATCHLEN")]
    #[must_use]
    pub fn min_match_len(mut self, length: u64) -> Self {
        self.clauses.set(0, &("MINMATCHLEN", length));
        self
    }

    /// The length of every match.
    #[doc(alias = "WITHMATCHLEN")]
    #[must_use]
    pub fn with_match_len(mut self) -> Self {
        self.clauses.set(1, "WITHMATCHLEN");
        self
    }
}

impl Clause for LcsOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// Where two strings have bytes in common.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LcsMatches {
    /// The matches, the last one first.
    pub matches: Vec<LcsMatch>,
    /// The length of all that is common, short matches included.
    pub len: usize,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for LcsMatches {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            matches: fields.take("matches")?,
            len: fields.take("len")?,
            rest: fields.rest()?,
        })
    }
}

/// A run of bytes that two strings have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LcsMatch {
    /// The first and the last place of it in the first string.
    pub first: (usize, usize),
    /// The first and the last place of it in the second string.
    pub second: (usize, usize),
    /// Its length, if it was [asked for](LcsOptions::with_match_len).
    pub len: Option<usize>,
}

impl FromReply<'_> for LcsMatch {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let parts: Vec<Reply<'_>> = reply.decode()?;
        let [first, second, len @ ..] = &parts[..] else {
            return Err(DecodeError::mismatch("two ranges", reply));
        };
        Ok(Self {
            first: first.decode()?,
            second: second.decode()?,
            len: len.first().map_or(Ok(None), Reply::decode)?,
        })
    }
}
