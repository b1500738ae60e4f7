//! Hashes: <https://redis.io/docs/latest/commands/?group=hash>.

use resp_proto::FromReplyOwned;

use crate::{
    Execute, ExpireOptions, ExpireTime, Expiry, FieldExpiry, FieldPersisted, HSetExOptions,
    Milliseconds, ScanOptions, ScanPage, Seconds, ToArg, ToArgs, Ttl, UnixMilliseconds,
    UnixSeconds, cmd,
};

/// Commands on hashes, maps of fields to values.
pub trait HashCommands: Execute {
    /// Removes `fields`. Returns how many there were.
    ///
    /// Complexity: O(N).
    #[doc(alias = "HDEL")]
    fn hdel(self, key: impl ToArg, fields: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("HDEL").key(&key).several(&fields))
    }

    /// Whether the hash has `field`.
    ///
    /// Complexity: O(1).
    #[doc(alias = "HEXISTS")]
    fn hexists(self, key: impl ToArg, field: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("HEXISTS").read_only().key(&key).arg(&field))
    }

    /// Makes `fields` expire in `seconds`, if the condition holds. Returns what became of each.
    ///
    /// Since Redis 7.4 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HEXPIRE")]
    fn hexpire(
        self,
        key: impl ToArg,
        seconds: impl Into<Seconds>,
        condition: Option<ExpireOptions>,
        fields: impl ToArgs,
    ) -> Self::Output<Vec<FieldExpiry>> {
        self.execute(
            cmd("HEXPIRE")
                .key(&key)
                .with(&seconds.into())
                .with(&condition)
                .word("FIELDS")
                .counted(&fields),
        )
    }

    /// Makes `fields` expire at a time, if the condition holds. Returns what became of each.
    ///
    /// Since Redis 7.4 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HEXPIREAT")]
    fn hexpireat(
        self,
        key: impl ToArg,
        time: impl Into<UnixSeconds>,
        condition: Option<ExpireOptions>,
        fields: impl ToArgs,
    ) -> Self::Output<Vec<FieldExpiry>> {
        self.execute(
            cmd("HEXPIREAT")
                .key(&key)
                .with(&time.into())
                .with(&condition)
                .word("FIELDS")
                .counted(&fields),
        )
    }

    /// When each of `fields` expires, as Unix time in seconds.
    ///
    /// Since Redis 7.4 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HEXPIRETIME")]
    fn hexpiretime(
        self,
        key: impl ToArg,
        fields: impl ToArgs,
    ) -> Self::Output<Vec<ExpireTime<UnixSeconds>>> {
        self.execute(
            cmd("HEXPIRETIME")
                .read_only()
                .key(&key)
                .word("FIELDS")
                .counted(&fields),
        )
    }

    /// The value of `field`; `None` when there is no such field or no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "HGET")]
    fn hget<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        field: impl ToArg,
    ) -> Self::Output<Option<T>> {
        self.execute(cmd("HGET").read_only().key(&key).arg(&field))
    }

    /// All fields and their values, as a map, a list of pairs or a type of your own; empty when there is no
    /// such key.
    ///
    /// Complexity: O(N).
    #[doc(alias = "HGETALL")]
    fn hgetall<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<T> {
        self.execute(cmd("HGETALL").read_only().key(&key))
    }

    /// The values of `fields`, which are then removed; where a field is missing, decode into
    /// `Vec<Option<T>>`.
    ///
    /// Since Redis 8.0 and Valkey 9.1. Complexity: O(N).
    #[doc(alias = "HGETDEL")]
    fn hgetdel<T: FromReplyOwned>(self, key: impl ToArg, fields: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("HGETDEL").key(&key).word("FIELDS").counted(&fields))
    }

    /// The values of `fields`, which from now on expire as told; where a field is missing, decode into
    /// `Vec<Option<T>>`.
    ///
    /// Since Redis 8.0 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HGETEX")]
    fn hgetex<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        expiry: impl Into<Expiry>,
        fields: impl ToArgs,
    ) -> Self::Output<T> {
        self.execute(
            cmd("HGETEX")
                .key(&key)
                .with(&expiry.into())
                .word("FIELDS")
                .counted(&fields),
        )
    }

    /// The values of `fields`, which from now on do not expire; where a field is missing, decode into
    /// `Vec<Option<T>>`.
    ///
    /// Since Redis 8.0 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HGETEX")]
    fn hgetex_persist<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        fields: impl ToArgs,
    ) -> Self::Output<T> {
        self.execute(
            cmd("HGETEX")
                .key(&key)
                .word("PERSIST")
                .word("FIELDS")
                .counted(&fields),
        )
    }

    /// Adds `increment` to the number in `field`, which counts as 0 while there is none. Returns the result.
    ///
    /// Complexity: O(1).
    #[doc(alias = "HINCRBY")]
    fn hincrby(self, key: impl ToArg, field: impl ToArg, increment: i64) -> Self::Output<i64> {
        self.execute(cmd("HINCRBY").key(&key).arg(&field).integer(increment))
    }

    /// Adds `increment` to the float in `field`, which counts as 0 while there is none. Returns the result.
    ///
    /// Complexity: O(1).
    #[doc(alias = "HINCRBYFLOAT")]
    fn hincrbyfloat(self, key: impl ToArg, field: impl ToArg, increment: f64) -> Self::Output<f64> {
        self.execute(cmd("HINCRBYFLOAT").key(&key).arg(&field).float(increment))
    }

    /// The names of all fields; empty when there is no such key.
    ///
    /// Complexity: O(N).
    #[doc(alias = "HKEYS")]
    fn hkeys<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Vec<T>> {
        self.execute(cmd("HKEYS").read_only().key(&key))
    }

    /// How many fields there are; 0 when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "HLEN")]
    fn hlen(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("HLEN").read_only().key(&key))
    }

    /// The values of `fields`, in their order; where a field is missing, decode into `Vec<Option<T>>`.
    ///
    /// Complexity: O(N).
    #[doc(alias = "HMGET")]
    fn hmget<T: FromReplyOwned>(self, key: impl ToArg, fields: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("HMGET").read_only().key(&key).elements(&fields))
    }

    /// Sets every field to its value: what [`hset`](HashCommands::hset) does, without the count. Deprecated since Redis
    /// 4.0.
    ///
    /// Complexity: O(N).
    #[doc(alias = "HMSET")]
    fn hmset(self, key: impl ToArg, fields_and_values: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("HMSET").key(&key).pairs(&fields_and_values))
    }

    /// Makes `fields` stay. Returns what became of each.
    ///
    /// Since Redis 7.4 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HPERSIST")]
    fn hpersist(self, key: impl ToArg, fields: impl ToArgs) -> Self::Output<Vec<FieldPersisted>> {
        self.execute(cmd("HPERSIST").key(&key).word("FIELDS").counted(&fields))
    }

    /// Makes `fields` expire in `milliseconds`, if the condition holds. Returns what became of each.
    ///
    /// Since Redis 7.4 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HPEXPIRE")]
    fn hpexpire(
        self,
        key: impl ToArg,
        milliseconds: impl Into<Milliseconds>,
        condition: Option<ExpireOptions>,
        fields: impl ToArgs,
    ) -> Self::Output<Vec<FieldExpiry>> {
        self.execute(
            cmd("HPEXPIRE")
                .key(&key)
                .with(&milliseconds.into())
                .with(&condition)
                .word("FIELDS")
                .counted(&fields),
        )
    }

    /// Makes `fields` expire at a time, to the millisecond, if the condition holds. Returns what became of each.
    ///
    /// Since Redis 7.4 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HPEXPIREAT")]
    fn hpexpireat(
        self,
        key: impl ToArg,
        time: impl Into<UnixMilliseconds>,
        condition: Option<ExpireOptions>,
        fields: impl ToArgs,
    ) -> Self::Output<Vec<FieldExpiry>> {
        self.execute(
            cmd("HPEXPIREAT")
                .key(&key)
                .with(&time.into())
                .with(&condition)
                .word("FIELDS")
                .counted(&fields),
        )
    }

    /// When each of `fields` expires, as Unix time in milliseconds.
    ///
    /// Since Redis 7.4 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HPEXPIRETIME")]
    fn hpexpiretime(
        self,
        key: impl ToArg,
        fields: impl ToArgs,
    ) -> Self::Output<Vec<ExpireTime<UnixMilliseconds>>> {
        self.execute(
            cmd("HPEXPIRETIME")
                .read_only()
                .key(&key)
                .word("FIELDS")
                .counted(&fields),
        )
    }

    /// How many milliseconds each of `fields` has left; [`NoKey`](Ttl::NoKey) where there is no such field.
    ///
    /// Since Redis 7.4 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HPTTL")]
    fn hpttl(self, key: impl ToArg, fields: impl ToArgs) -> Self::Output<Vec<Ttl<Milliseconds>>> {
        self.execute(
            cmd("HPTTL")
                .read_only()
                .key(&key)
                .word("FIELDS")
                .counted(&fields),
        )
    }

    /// Some field; `None` when there is no such key.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "HRANDFIELD")]
    fn hrandfield<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("HRANDFIELD").read_only().key(&key))
    }

    /// Up to `count` different fields; with a negative count exactly `-count`, which may be the same.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "HRANDFIELD")]
    fn hrandfield_count<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: i64,
    ) -> Self::Output<Vec<T>> {
        self.execute(cmd("HRANDFIELD").read_only().key(&key).integer(count))
    }

    /// Fields as from [`hrandfield_count`](HashCommands::hrandfield_count), with their values.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "HRANDFIELD")]
    #[doc(alias = "HRANDFIELD WITHVALUES")]
    fn hrandfield_withvalues<F: FromReplyOwned, V: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: i64,
    ) -> Self::Output<Vec<(F, V)>> {
        self.execute(
            cmd("HRANDFIELD")
                .read_only()
                .key(&key)
                .integer(count)
                .word("WITHVALUES"),
        )
    }

    /// Some of the fields with their values, and the cursor for the next ones; start with cursor 0, and be
    /// done when 0 comes back.
    ///
    /// Complexity: O(1).
    #[doc(alias = "HSCAN")]
    fn hscan<F: FromReplyOwned, V: FromReplyOwned>(
        self,
        key: impl ToArg,
        cursor: u64,
        options: ScanOptions,
    ) -> Self::Output<ScanPage<(F, V)>> {
        self.execute(
            cmd("HSCAN")
                .read_only()
                .key(&key)
                .unsigned(cursor)
                .with(&options.within_key()),
        )
    }

    /// Some of the fields, and the cursor for the next ones. Since Redis 7.4 and Valkey 8.0.
    ///
    /// Complexity: O(1).
    #[doc(alias = "HSCAN")]
    #[doc(alias = "HSCAN NOVALUES")]
    fn hscan_novalues<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        cursor: u64,
        options: ScanOptions,
    ) -> Self::Output<ScanPage<T>> {
        self.execute(
            cmd("HSCAN")
                .read_only()
                .key(&key)
                .unsigned(cursor)
                .with(&options.within_key())
                .word("NOVALUES"),
        )
    }

    /// Sets every field to its value. Returns how many are new. Several fields at once since Redis 4.0.
    ///
    /// Complexity: O(1).
    #[doc(alias = "HSET")]
    fn hset(self, key: impl ToArg, fields_and_values: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("HSET").key(&key).pairs(&fields_and_values))
    }

    /// Sets every field to its value under `options`. Returns false when their condition was not met.
    ///
    /// Since Redis 8.0 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HSETEX")]
    fn hsetex(
        self,
        key: impl ToArg,
        options: HSetExOptions,
        fields_and_values: impl ToArgs,
    ) -> Self::Output<bool> {
        self.execute(
            cmd("HSETEX")
                .key(&key)
                .with(&options)
                .word("FIELDS")
                .counted_pairs(&fields_and_values),
        )
    }

    /// Sets `field` to `value` unless it exists. Returns whether it did.
    ///
    /// Complexity: O(1).
    #[doc(alias = "HSETNX")]
    fn hsetnx(self, key: impl ToArg, field: impl ToArg, value: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("HSETNX").key(&key).arg(&field).arg(&value))
    }

    /// The length of the value of `field`, in bytes; 0 when there is no such field.
    ///
    /// Since Redis 3.2. Complexity: O(1).
    #[doc(alias = "HSTRLEN")]
    fn hstrlen(self, key: impl ToArg, field: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("HSTRLEN").read_only().key(&key).arg(&field))
    }

    /// How many seconds each of `fields` has left; [`NoKey`](Ttl::NoKey) where there is no such field.
    ///
    /// Since Redis 7.4 and Valkey 9.0. Complexity: O(N).
    #[doc(alias = "HTTL")]
    fn httl(self, key: impl ToArg, fields: impl ToArgs) -> Self::Output<Vec<Ttl<Seconds>>> {
        self.execute(
            cmd("HTTL")
                .read_only()
                .key(&key)
                .word("FIELDS")
                .counted(&fields),
        )
    }

    /// The values of all fields; empty when there is no such key.
    ///
    /// Complexity: O(N).
    #[doc(alias = "HVALS")]
    fn hvals<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Vec<T>> {
        self.execute(cmd("HVALS").read_only().key(&key))
    }
}
