//! Strings: <https://redis.io/docs/latest/commands/?group=string>.

use resp_proto::FromReplyOwned;

use crate::{
    Comparison, Execute, Expiry, IncrExOptions, LcsMatches, LcsOptions, MSetExOptions,
    Milliseconds, Seconds, SetOptions, ToArg, ToArgs, cmd,
};

/// Commands on strings, which also hold numbers.
pub trait StringCommands: Execute {
    /// Appends `value` to the string at `key`, creating it if need be. Returns the length that results, in bytes.
    ///
    /// Complexity: O(1).
    #[doc(alias = "APPEND")]
    fn append(self, key: impl ToArg, value: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("APPEND").key(&key).arg(&value))
    }

    /// Takes `1` from the number at `key`, which counts as 0 while there is none. Returns the result.
    ///
    /// Complexity: O(1).
    #[doc(alias = "DECR")]
    fn decr(self, key: impl ToArg) -> Self::Output<i64> {
        self.execute(cmd("DECR").key(&key))
    }

    /// Takes `decrement` from the number at `key`, which counts as 0 while there is none. Returns the result.
    ///
    /// Complexity: O(1).
    #[doc(alias = "DECRBY")]
    fn decrby(self, key: impl ToArg, decrement: i64) -> Self::Output<i64> {
        self.execute(cmd("DECRBY").key(&key).integer(decrement))
    }

    /// Deletes `key` if it holds `value`. Returns whether it did.
    ///
    /// Valkey only, since 9.0. Complexity: O(1).
    #[doc(alias = "DELIFEQ")]
    fn delifeq(self, key: impl ToArg, value: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("DELIFEQ").key(&key).arg(&value))
    }

    /// Deletes `key` if a comparison with its value holds. Returns whether it did.
    ///
    /// Redis only, since 8.4. Complexity: O(1), with digests O(N).
    #[doc(alias = "DELEX")]
    fn delex(self, key: impl ToArg, comparison: Comparison) -> Self::Output<bool> {
        self.execute(cmd("DELEX").key(&key).with(&comparison))
    }

    /// The digest of the value of `key`, in hexadecimal; `None` when there is no such key.
    ///
    /// Redis only, since 8.4. Complexity: O(N).
    #[doc(alias = "DIGEST")]
    fn digest(self, key: impl ToArg) -> Self::Output<Option<String>> {
        self.execute(cmd("DIGEST").read_only().key(&key))
    }

    /// The value of `key`; `None` when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "GET")]
    fn get<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("GET").read_only().key(&key))
    }

    /// The value of `key`, which is then deleted; `None` when there is no such key.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "GETDEL")]
    fn getdel<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("GETDEL").key(&key))
    }

    /// The value of `key`, which from now on expires as told; `None` when there is no such key.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "GETEX")]
    fn getex<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        expiry: impl Into<Expiry>,
    ) -> Self::Output<Option<T>> {
        self.execute(cmd("GETEX").key(&key).with(&expiry.into()))
    }

    /// The value of `key`, which from now on does not expire; `None` when there is no such key.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "GETEX")]
    fn getex_persist<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("GETEX").key(&key).word("PERSIST"))
    }

    /// The bytes from `start` to `end`, both included, negative places counted from the end; empty when
    /// there are none.
    ///
    /// Complexity: O(N).
    #[doc(alias = "GETRANGE")]
    fn getrange<T: FromReplyOwned>(self, key: impl ToArg, start: i64, end: i64) -> Self::Output<T> {
        self.execute(
            cmd("GETRANGE")
                .read_only()
                .key(&key)
                .integer(start)
                .integer(end),
        )
    }

    /// Sets `key` to `value`. Returns the value that it had before, or `None` when it had none. Deprecated since Redis
    /// 6.2 in favour of [`set_get`](StringCommands::set_get).
    ///
    /// Complexity: O(1).
    #[doc(alias = "GETSET")]
    fn getset<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        value: impl ToArg,
    ) -> Self::Output<Option<T>> {
        self.execute(cmd("GETSET").key(&key).arg(&value))
    }

    /// Adds `1` to the number at `key`, which counts as 0 while there is none. Returns the result.
    ///
    /// Complexity: O(1).
    #[doc(alias = "INCR")]
    fn incr(self, key: impl ToArg) -> Self::Output<i64> {
        self.execute(cmd("INCR").key(&key))
    }

    /// Adds `increment` to the number at `key`, which counts as 0 while there is none. Returns the result.
    ///
    /// Complexity: O(1).
    #[doc(alias = "INCRBY")]
    fn incrby(self, key: impl ToArg, increment: i64) -> Self::Output<i64> {
        self.execute(cmd("INCRBY").key(&key).integer(increment))
    }

    /// Adds `increment` to the float at `key`, which counts as 0 while there is none. Returns the result.
    ///
    /// Complexity: O(1).
    #[doc(alias = "INCRBYFLOAT")]
    fn incrbyfloat(self, key: impl ToArg, increment: f64) -> Self::Output<f64> {
        self.execute(cmd("INCRBYFLOAT").key(&key).float(increment))
    }

    /// Adds `increment` to the number at `key`, which counts as 0 while there is none, under `options`. Returns the
    /// result, and how much was added, which is 0 when the result would have been out of bounds.
    ///
    /// Since Redis 8.8 and Valkey 9.2. Complexity: O(1).
    #[doc(alias = "INCREX")]
    #[doc(alias = "INCREX BYINT")]
    fn increx(
        self,
        key: impl ToArg,
        increment: i64,
        options: IncrExOptions<i64>,
    ) -> Self::Output<(i64, i64)> {
        self.execute(
            cmd("INCREX")
                .key(&key)
                .word("BYINT")
                .integer(increment)
                .with(&options),
        )
    }

    /// What [`increx`](StringCommands::increx) does, to a float.
    ///
    /// Since Redis 8.8 and Valkey 9.2. Complexity: O(1).
    #[doc(alias = "INCREX")]
    #[doc(alias = "INCREX BYFLOAT")]
    fn increx_float(
        self,
        key: impl ToArg,
        increment: f64,
        options: IncrExOptions<f64>,
    ) -> Self::Output<(f64, f64)> {
        self.execute(
            cmd("INCREX")
                .key(&key)
                .word("BYFLOAT")
                .float(increment)
                .with(&options),
        )
    }

    /// The longest sequence of bytes that the strings at both keys have in common, gaps allowed; empty when
    /// there is none.
    ///
    /// Since Redis 7.0. Complexity: O(N·M).
    #[doc(alias = "LCS")]
    fn lcs<T: FromReplyOwned>(self, key1: impl ToArg, key2: impl ToArg) -> Self::Output<T> {
        self.execute(cmd("LCS").read_only().key(&key1).key(&key2))
    }

    /// The length of what [`lcs`](StringCommands::lcs) answers, in bytes.
    ///
    /// Since Redis 7.0. Complexity: O(N·M).
    #[doc(alias = "LCS")]
    #[doc(alias = "LCS LEN")]
    fn lcs_len(self, key1: impl ToArg, key2: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("LCS").read_only().key(&key1).key(&key2).word("LEN"))
    }

    /// Where the strings at both keys have bytes in common.
    ///
    /// Since Redis 7.0. Complexity: O(N·M).
    #[doc(alias = "LCS")]
    #[doc(alias = "LCS IDX")]
    fn lcs_idx(
        self,
        key1: impl ToArg,
        key2: impl ToArg,
        options: LcsOptions,
    ) -> Self::Output<LcsMatches> {
        self.execute(
            cmd("LCS")
                .read_only()
                .key(&key1)
                .key(&key2)
                .word("IDX")
                .with(&options),
        )
    }

    /// The values of `keys`, in their order; where a key is missing, decode into `Vec<Option<T>>`.
    ///
    /// Complexity: O(N).
    #[doc(alias = "MGET")]
    fn mget<T: FromReplyOwned>(self, keys: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("MGET").read_only().each_key(&keys))
    }

    /// Sets every key to its value, all at once.
    ///
    /// Complexity: O(N).
    #[doc(alias = "MSET")]
    fn mset(self, pairs: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("MSET").key_value_pairs(&pairs))
    }

    /// Sets every key to its value, all at once, under `options`. Returns false when their condition was not met.
    ///
    /// Since Valkey 9.1 and Redis 8.4. Complexity: O(N).
    #[doc(alias = "MSETEX")]
    fn msetex(self, pairs: impl ToArgs, options: MSetExOptions) -> Self::Output<bool> {
        self.execute(cmd("MSETEX").counted_key_value_pairs(&pairs).with(&options))
    }

    /// Sets every key to its value, all at once, unless one of them exists. Returns whether it did.
    ///
    /// Complexity: O(N).
    #[doc(alias = "MSETNX")]
    fn msetnx(self, pairs: impl ToArgs) -> Self::Output<bool> {
        self.execute(cmd("MSETNX").key_value_pairs(&pairs))
    }

    /// Sets `key` to `value`, to expire in `milliseconds`. Deprecated since Redis 2.6.12 in favour of
    /// [`set_with`](StringCommands::set_with).
    ///
    /// Complexity: O(1).
    #[doc(alias = "PSETEX")]
    fn psetex(
        self,
        key: impl ToArg,
        milliseconds: impl Into<Milliseconds>,
        value: impl ToArg,
    ) -> Self::Output<()> {
        self.execute(
            cmd("PSETEX")
                .key(&key)
                .with(&milliseconds.into())
                .arg(&value),
        )
    }

    /// Sets `key` to `value`. An expiry that it had is gone.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SET")]
    fn set(self, key: impl ToArg, value: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("SET").key(&key).arg(&value))
    }

    /// Sets `key` to `value` under `options`. Returns false when their condition was not met.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SET")]
    #[doc(alias = "SET NX")]
    #[doc(alias = "SET XX")]
    #[doc(alias = "SET EX")]
    fn set_with(
        self,
        key: impl ToArg,
        value: impl ToArg,
        options: SetOptions,
    ) -> Self::Output<bool> {
        self.execute(cmd("SET").key(&key).arg(&value).with(&options))
    }

    /// Sets `key` to `value` under `options`. Returns the value that it had before, even if the condition was not met,
    /// or `None` when it had none. Since Redis 6.2; with [`nx`](SetOptions::nx) since Redis 7.0.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SET")]
    #[doc(alias = "SET GET")]
    fn set_get<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        value: impl ToArg,
        options: SetOptions,
    ) -> Self::Output<Option<T>> {
        self.execute(cmd("SET").key(&key).arg(&value).with(&options).word("GET"))
    }

    /// Sets `key` to `value`, to expire in `seconds`. Deprecated since Redis 2.6.12 in favour of
    /// [`set_with`](StringCommands::set_with).
    ///
    /// Complexity: O(1).
    #[doc(alias = "SETEX")]
    fn setex(
        self,
        key: impl ToArg,
        seconds: impl Into<Seconds>,
        value: impl ToArg,
    ) -> Self::Output<()> {
        self.execute(cmd("SETEX").key(&key).with(&seconds.into()).arg(&value))
    }

    /// Sets `key` to `value` unless it exists. Returns whether it did. Deprecated since Redis 2.6.12 in favour of
    /// [`set_with`](StringCommands::set_with).
    ///
    /// Complexity: O(1).
    #[doc(alias = "SETNX")]
    fn setnx(self, key: impl ToArg, value: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("SETNX").key(&key).arg(&value))
    }

    /// Writes `value` over the string at `key` from byte `offset` on, filling up with zero bytes. Returns the length
    /// that results, in bytes.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SETRANGE")]
    fn setrange(self, key: impl ToArg, offset: usize, value: impl ToArg) -> Self::Output<usize> {
        self.execute(
            cmd("SETRANGE")
                .key(&key)
                .unsigned(offset as u64)
                .arg(&value),
        )
    }

    /// The length of the string at `key`, in bytes; 0 when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "STRLEN")]
    fn strlen(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("STRLEN").read_only().key(&key))
    }

    /// The bytes from `start` to `end`: the old name of [`getrange`](StringCommands::getrange), deprecated since Redis
    /// 2.0.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SUBSTR")]
    fn substr<T: FromReplyOwned>(self, key: impl ToArg, start: i64, end: i64) -> Self::Output<T> {
        self.execute(
            cmd("SUBSTR")
                .read_only()
                .key(&key)
                .integer(start)
                .integer(end),
        )
    }
}
