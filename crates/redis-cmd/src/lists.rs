//! Lists: <https://redis.io/docs/latest/commands/?group=list>.

use resp_proto::FromReplyOwned;

use crate::{Execute, ToArg, ToArgs, cmd};

/// An end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The head.
    Left,
    /// The tail.
    Right,
}

impl Side {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Left => "LEFT",
            Self::Right => "RIGHT",
        }
    }
}

/// Commands on lists. Those that wait for an element are in
/// [`BlockingCommands`](crate::BlockingCommands).
pub trait ListCommands: Execute {
    /// The element at `index`, negative ones counted from the end; `None` when there is none.
    #[doc(alias = "LINDEX")]
    fn lindex<T: FromReplyOwned>(self, key: impl ToArg, index: i64) -> Self::Output<Option<T>> {
        self.execute(cmd("LINDEX").read_only().key(&key).integer(index))
    }

    /// How many elements there are; 0 when there is no such key.
    #[doc(alias = "LLEN")]
    fn llen(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("LLEN").read_only().key(&key))
    }

    /// Takes an element from one list and puts it on another, or on another end of the same; the
    /// element, `None` when there is none. Since 6.2.
    #[doc(alias = "LMOVE")]
    #[doc(alias = "RPOPLPUSH")]
    fn lmove<T: FromReplyOwned>(
        self,
        source: impl ToArg,
        destination: impl ToArg,
        from: Side,
        to: Side,
    ) -> Self::Output<Option<T>> {
        self.execute(
            cmd("LMOVE")
                .key(&source)
                .key(&destination)
                .word(from.word())
                .word(to.word()),
        )
    }

    /// Takes the first element; `None` when there is none.
    #[doc(alias = "LPOP")]
    fn lpop<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("LPOP").key(&key))
    }

    /// Takes up to `count` elements from the front; `None` when there is no such key. Since 6.2.
    #[doc(alias = "LPOP count")]
    fn lpop_count<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: usize,
    ) -> Self::Output<Option<Vec<T>>> {
        self.execute(cmd("LPOP").key(&key).unsigned(count as u64))
    }

    /// Puts `elements` in front one after the other, so that the last one ends up first; the length
    /// that results.
    #[doc(alias = "LPUSH")]
    fn lpush(self, key: impl ToArg, elements: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("LPUSH").key(&key).several(&elements))
    }

    /// The elements from `start` to `stop`, both included, negative places counted from the end; empty
    /// when there are none.
    #[doc(alias = "LRANGE")]
    fn lrange<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        start: i64,
        stop: i64,
    ) -> Self::Output<Vec<T>> {
        self.execute(
            cmd("LRANGE")
                .read_only()
                .key(&key)
                .integer(start)
                .integer(stop),
        )
    }

    /// Removes elements equal to `element`: the first `count`, the last `-count`, or with 0 all; how
    /// many it was.
    #[doc(alias = "LREM")]
    fn lrem(self, key: impl ToArg, count: i64, element: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("LREM").key(&key).integer(count).arg(&element))
    }

    /// Replaces the element at `index`; an error when there is none.
    #[doc(alias = "LSET")]
    fn lset(self, key: impl ToArg, index: i64, element: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("LSET").key(&key).integer(index).arg(&element))
    }

    /// Removes all elements but those from `start` to `stop`, both included.
    #[doc(alias = "LTRIM")]
    fn ltrim(self, key: impl ToArg, start: i64, stop: i64) -> Self::Output<()> {
        self.execute(cmd("LTRIM").key(&key).integer(start).integer(stop))
    }

    /// Takes the last element; `None` when there is none.
    #[doc(alias = "RPOP")]
    fn rpop<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("RPOP").key(&key))
    }

    /// Appends `elements` in their order; the length that results.
    #[doc(alias = "RPUSH")]
    fn rpush(self, key: impl ToArg, elements: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("RPUSH").key(&key).several(&elements))
    }
}
