//! Hashes: <https://redis.io/docs/latest/commands/?group=hash>.

use resp_proto::FromReplyOwned;

use crate::{Execute, ToArg, ToArgs, cmd};

/// Commands on hashes, maps of fields to values.
pub trait HashCommands: Execute {
    /// Removes `fields`; how many there were.
    #[doc(alias = "HDEL")]
    fn hdel(self, key: impl ToArg, fields: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("HDEL").key(&key).several(&fields))
    }

    /// Whether the hash has `field`.
    #[doc(alias = "HEXISTS")]
    fn hexists(self, key: impl ToArg, field: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("HEXISTS").read_only().key(&key).arg(&field))
    }

    /// The value of `field`; `None` when there is no such field or no such key.
    #[doc(alias = "HGET")]
    fn hget<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        field: impl ToArg,
    ) -> Self::Output<Option<T>> {
        self.execute(cmd("HGET").read_only().key(&key).arg(&field))
    }

    /// All fields and their values, as a map, a list of pairs or a type of your own; empty when there
    /// is no such key.
    #[doc(alias = "HGETALL")]
    fn hgetall<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<T> {
        self.execute(cmd("HGETALL").read_only().key(&key))
    }

    /// Adds `increment` to the number in `field`, which counts as 0 while there is none; the result.
    #[doc(alias = "HINCRBY")]
    fn hincrby(self, key: impl ToArg, field: impl ToArg, increment: i64) -> Self::Output<i64> {
        self.execute(cmd("HINCRBY").key(&key).arg(&field).integer(increment))
    }

    /// Adds `increment` to the float in `field`, which counts as 0 while there is none; the result.
    #[doc(alias = "HINCRBYFLOAT")]
    fn hincrbyfloat(self, key: impl ToArg, field: impl ToArg, increment: f64) -> Self::Output<f64> {
        self.execute(cmd("HINCRBYFLOAT").key(&key).arg(&field).float(increment))
    }

    /// The names of all fields; empty when there is no such key.
    #[doc(alias = "HKEYS")]
    fn hkeys<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Vec<T>> {
        self.execute(cmd("HKEYS").read_only().key(&key))
    }

    /// How many fields there are; 0 when there is no such key.
    #[doc(alias = "HLEN")]
    fn hlen(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("HLEN").read_only().key(&key))
    }

    /// The values of `fields`, in their order; where a field is missing, decode into `Vec<Option<T>>`.
    #[doc(alias = "HMGET")]
    fn hmget<T: FromReplyOwned>(self, key: impl ToArg, fields: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("HMGET").read_only().key(&key).several(&fields))
    }

    /// Sets every field to its value; how many are new. Several fields at once since 4.0.
    #[doc(alias = "HSET")]
    #[doc(alias = "HMSET")]
    fn hset(self, key: impl ToArg, fields_and_values: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("HSET").key(&key).pairs(&fields_and_values))
    }

    /// Sets `field` to `value` unless it exists; whether it did.
    #[doc(alias = "HSETNX")]
    fn hsetnx(self, key: impl ToArg, field: impl ToArg, value: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("HSETNX").key(&key).arg(&field).arg(&value))
    }

    /// The values of all fields; empty when there is no such key.
    #[doc(alias = "HVALS")]
    fn hvals<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Vec<T>> {
        self.execute(cmd("HVALS").read_only().key(&key))
    }
}
