//! Strings: <https://redis.io/docs/latest/commands/?group=string>.

use resp_proto::FromReplyOwned;

use crate::{Command, Execute, Expiry, ToArg, ToArgs, cmd};

/// Commands on strings, which also hold numbers.
pub trait StringCommands: Execute {
    /// Appends `value` to the string at `key`, creating it if need be; the length that results, in bytes.
    #[doc(alias = "APPEND")]
    fn append(self, key: impl ToArg, value: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("APPEND").key(&key).arg(&value))
    }

    /// Takes `1` from the number at `key`, which counts as 0 while there is none; the result.
    #[doc(alias = "DECR")]
    fn decr(self, key: impl ToArg) -> Self::Output<i64> {
        self.execute(cmd("DECR").key(&key))
    }

    /// Takes `decrement` from the number at `key`, which counts as 0 while there is none; the result.
    #[doc(alias = "DECRBY")]
    fn decrby(self, key: impl ToArg, decrement: i64) -> Self::Output<i64> {
        self.execute(cmd("DECRBY").key(&key).integer(decrement))
    }

    /// The value of `key`; `None` when there is no such key.
    #[doc(alias = "GET")]
    fn get<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("GET").read_only().key(&key))
    }

    /// The value of `key`, which is then deleted; `None` when there is no such key. Since 6.2.
    #[doc(alias = "GETDEL")]
    fn getdel<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("GETDEL").key(&key))
    }

    /// The value of `key`, which from now on expires as told; `None` when there is no such key. Since 6.2.
    #[doc(alias = "GETEX")]
    fn getex<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        expiry: impl Into<Expiry>,
    ) -> Self::Output<Option<T>> {
        let (word, number) = expiry.into().word_and_number();
        self.execute(cmd("GETEX").key(&key).word(word).unsigned(number))
    }

    /// The value of `key`, which from now on does not expire; `None` when there is no such key. Since 6.2.
    #[doc(alias = "GETEX PERSIST")]
    fn getex_persist<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("GETEX").key(&key).word("PERSIST"))
    }

    /// The bytes from `start` to `end`, both included, negative places counted from the end; empty
    /// when there are none.
    #[doc(alias = "GETRANGE")]
    #[doc(alias = "SUBSTR")]
    fn getrange<T: FromReplyOwned>(self, key: impl ToArg, start: i64, end: i64) -> Self::Output<T> {
        self.execute(
            cmd("GETRANGE")
                .read_only()
                .key(&key)
                .integer(start)
                .integer(end),
        )
    }

    /// Adds `1` to the number at `key`, which counts as 0 while there is none; the result.
    #[doc(alias = "INCR")]
    fn incr(self, key: impl ToArg) -> Self::Output<i64> {
        self.execute(cmd("INCR").key(&key))
    }

    /// Adds `increment` to the number at `key`, which counts as 0 while there is none; the result.
    #[doc(alias = "INCRBY")]
    fn incrby(self, key: impl ToArg, increment: i64) -> Self::Output<i64> {
        self.execute(cmd("INCRBY").key(&key).integer(increment))
    }

    /// Adds `increment` to the float at `key`, which counts as 0 while there is none; the result.
    #[doc(alias = "INCRBYFLOAT")]
    fn incrbyfloat(self, key: impl ToArg, increment: f64) -> Self::Output<f64> {
        self.execute(cmd("INCRBYFLOAT").key(&key).float(increment))
    }

    /// The values of `keys`, in their order; where a key is missing, decode into `Vec<Option<T>>`.
    #[doc(alias = "MGET")]
    fn mget<T: FromReplyOwned>(self, keys: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("MGET").read_only().several_keys(&keys))
    }

    /// Sets every key to its value, all at once.
    #[doc(alias = "MSET")]
    fn mset(self, pairs: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("MSET").key_value_pairs(&pairs))
    }

    /// Sets every key to its value, all at once, unless one of them exists; whether it did.
    #[doc(alias = "MSETNX")]
    fn msetnx(self, pairs: impl ToArgs) -> Self::Output<bool> {
        self.execute(cmd("MSETNX").key_value_pairs(&pairs))
    }

    /// Sets `key` to `value`. An expiry that it had is gone.
    #[doc(alias = "SET")]
    fn set(self, key: impl ToArg, value: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("SET").key(&key).arg(&value))
    }

    /// Sets `key` to `value` under `options`; false when their condition was not met.
    #[doc(alias = "SET NX")]
    #[doc(alias = "SET XX")]
    #[doc(alias = "SET EX")]
    fn set_with(
        self,
        key: impl ToArg,
        value: impl ToArg,
        options: SetOptions,
    ) -> Self::Output<bool> {
        self.execute(options.write_to(cmd("SET").key(&key).arg(&value)))
    }

    /// Sets `key` to `value` under `options`; the value that it had before, `None` when it had none.
    /// Since 6.2; with [`nx`](SetOptions::nx) since 7.0.
    #[doc(alias = "SET GET")]
    #[doc(alias = "GETSET")]
    fn set_get<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        value: impl ToArg,
        options: SetOptions,
    ) -> Self::Output<Option<T>> {
        self.execute(
            options
                .write_to(cmd("SET").key(&key).arg(&value))
                .word("GET"),
        )
    }

    /// Sets `key` to `value`, to expire in `seconds`.
    #[doc(alias = "SETEX")]
    fn setex(self, key: impl ToArg, seconds: u64, value: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("SETEX").key(&key).unsigned(seconds).arg(&value))
    }

    /// Sets `key` to `value`, to expire in `milliseconds`.
    #[doc(alias = "PSETEX")]
    fn psetex(self, key: impl ToArg, milliseconds: u64, value: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("PSETEX").key(&key).unsigned(milliseconds).arg(&value))
    }

    /// Sets `key` to `value` unless it exists; whether it did.
    #[doc(alias = "SETNX")]
    fn setnx(self, key: impl ToArg, value: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("SETNX").key(&key).arg(&value))
    }

    /// Writes `value` over the string at `key` from byte `offset` on, filling up with zero bytes; the
    /// length that results, in bytes.
    #[doc(alias = "SETRANGE")]
    fn setrange(self, key: impl ToArg, offset: usize, value: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("SETRANGE").key(&key).arg(&offset).arg(&value))
    }

    /// The length of the string at `key`, in bytes; 0 when there is no such key.
    #[doc(alias = "STRLEN")]
    fn strlen(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("STRLEN").read_only().key(&key))
    }
}

/// The conditions and the expiry of [`set_with`](StringCommands::set_with).
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetOptions {
    condition: Option<&'static str>,
    expiry: Option<KeptOr>,
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
        self.condition = Some("NX");
        self
    }

    /// Only if the key exists.
    #[must_use]
    pub fn xx(mut self) -> Self {
        self.condition = Some("XX");
        self
    }

    /// To expire in `seconds`.
    #[must_use]
    pub fn ex(self, seconds: u64) -> Self {
        self.expiry(Expiry::Seconds(seconds))
    }

    /// To expire in `milliseconds`.
    #[must_use]
    pub fn px(self, milliseconds: u64) -> Self {
        self.expiry(Expiry::Milliseconds(milliseconds))
    }

    /// To expire as told: an [`Expiry`], a `Duration` from now or a `SystemTime`.
    #[must_use]
    pub fn expiry(mut self, expiry: impl Into<Expiry>) -> Self {
        self.expiry = Some(KeptOr::New(expiry.into()));
        self
    }

    /// To expire when the value before it would have. Since 6.0.
    #[must_use]
    pub fn keep_ttl(mut self) -> Self {
        self.expiry = Some(KeptOr::Kept);
        self
    }

    fn write_to<T>(self, command: Command<'_, T>) -> Command<'_, T> {
        let command = match self.condition {
            Some(word) => command.word(word),
            None => command,
        };
        match self.expiry {
            None => command,
            Some(KeptOr::Kept) => command.word("KEEPTTL"),
            Some(KeptOr::New(expiry)) => {
                let (word, number) = expiry.word_and_number();
                command.word(word).unsigned(number)
            }
        }
    }
}
