//! Sets: <https://redis.io/docs/latest/commands/?group=set>.

use resp_proto::FromReplyOwned;

use crate::{Execute, ToArg, ToArgs, cmd};

/// Commands on sets. Members come back in no order, as a `Vec` or as a set of Rust.
pub trait SetCommands: Execute {
    /// Adds `members`; how many are new.
    #[doc(alias = "SADD")]
    fn sadd(self, key: impl ToArg, members: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("SADD").key(&key).several(&members))
    }

    /// How many members there are; 0 when there is no such key.
    #[doc(alias = "SCARD")]
    fn scard(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("SCARD").read_only().key(&key))
    }

    /// The members of the first of `keys` that are in none of the others.
    #[doc(alias = "SDIFF")]
    fn sdiff<T: FromReplyOwned>(self, keys: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("SDIFF").read_only().several_keys(&keys))
    }

    /// The members that all of `keys` have.
    #[doc(alias = "SINTER")]
    fn sinter<T: FromReplyOwned>(self, keys: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("SINTER").read_only().several_keys(&keys))
    }

    /// Whether the set has `member`.
    #[doc(alias = "SISMEMBER")]
    fn sismember(self, key: impl ToArg, member: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("SISMEMBER").read_only().key(&key).arg(&member))
    }

    /// All members; empty when there is no such key.
    #[doc(alias = "SMEMBERS")]
    fn smembers<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<T> {
        self.execute(cmd("SMEMBERS").read_only().key(&key))
    }

    /// Takes a member at random; `None` when there is none.
    #[doc(alias = "SPOP")]
    fn spop<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("SPOP").key(&key))
    }

    /// Removes `members`; how many there were.
    #[doc(alias = "SREM")]
    fn srem(self, key: impl ToArg, members: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("SREM").key(&key).several(&members))
    }

    /// The members that any of `keys` has.
    #[doc(alias = "SUNION")]
    fn sunion<T: FromReplyOwned>(self, keys: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("SUNION").read_only().several_keys(&keys))
    }
}
