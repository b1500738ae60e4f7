//! Lists: <https://redis.io/docs/latest/commands/?group=list>.

use resp_proto::{DecodeError, FromReply, FromReplyOwned, Reply};

use crate::{
    Command, Execute, ToArg, ToArgs,
    clauses::{Clause, Clauses},
    cmd,
};

/// An end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The head.
    Left,
    /// The tail.
    Right,
}

impl Clause for Side {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::Left => "LEFT",
            Self::Right => "RIGHT",
        })
    }
}

/// How many elements [`lmovem`](ListCommands::lmovem) moves: one after the other if nothing else is said, so that
/// those that go from the front to the front end up in reverse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoveMany {
    number: &'static str,
    count: u64,
    order: &'static str,
}

impl MoveMany {
    /// As many as there are, but no more than `count`.
    #[doc(alias = "COUNT")]
    #[doc(alias = "OBO")]
    #[must_use]
    pub fn up_to(count: u64) -> Self {
        Self {
            number: "COUNT",
            count,
            order: "OBO",
        }
    }

    /// So many, or none if there are fewer.
    #[must_use]
    pub fn exactly(count: u64) -> Self {
        Self {
            number: "EXACTLY",
            ..Self::up_to(count)
        }
    }

    /// All at once, so that they keep their order.
    #[doc(alias = "BULK")]
    #[must_use]
    pub fn in_bulk(self) -> Self {
        Self {
            order: "BULK",
            ..self
        }
    }
}

impl Clause for MoveMany {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let command = command.word(self.number).unsigned(self.count);
        command.word(self.order)
    }
}

/// Where [`linsert`](ListCommands::linsert) puts an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insert {
    /// In front of the pivot.
    Before,
    /// Behind the pivot.
    After,
}

impl Clause for Insert {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::Before => "BEFORE",
            Self::After => "AFTER",
        })
    }
}

/// What [`linsert`](ListCommands::linsert) has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// Nothing: there is no such key.
    NoKey,
    /// Nothing: there is no such pivot.
    NoPivot,
    /// The element is there; the length that results.
    Length(usize),
}

impl FromReply<'_> for Inserted {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        match reply.decode::<i64>()? {
            -1 => Ok(Self::NoPivot),
            0 => Ok(Self::NoKey),
            _ => reply.decode().map(Self::Length),
        }
    }
}

/// Commands on lists. Those that wait for an element are in [`BlockingCommands`](crate::BlockingCommands).
pub trait ListCommands: Execute {
    /// The element at `index`, negative ones counted from the end; `None` when there is none.
    ///
    /// Complexity: O(N).
    #[doc(alias = "LINDEX")]
    fn lindex<T: FromReplyOwned>(self, key: impl ToArg, index: i64) -> Self::Output<Option<T>> {
        self.execute(cmd("LINDEX").read_only().key(&key).integer(index))
    }

    /// Puts `element` beside the first one that equals `pivot`. Returns the length that results, if there is such a key
    /// and such a pivot.
    ///
    /// Complexity: O(N).
    #[doc(alias = "LINSERT")]
    fn linsert(
        self,
        key: impl ToArg,
        place: Insert,
        pivot: impl ToArg,
        element: impl ToArg,
    ) -> Self::Output<Inserted> {
        self.execute(
            cmd("LINSERT")
                .key(&key)
                .with(&place)
                .arg(&pivot)
                .arg(&element),
        )
    }

    /// How many elements there are; 0 when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "LLEN")]
    fn llen(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("LLEN").read_only().key(&key))
    }

    /// Takes an element from one list and puts it on another, or on another end of the same. Returns the element, or
    /// `None` when there is none.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "LMOVE")]
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
                .with(&from)
                .with(&to),
        )
    }

    /// Takes elements from one list and puts them on another, or on another end of the same. Returns the elements, in
    /// the order that they have there, or `None` when there are not [exactly](MoveMany::exactly) as many.
    ///
    /// Redis only, since 8.10. Complexity: O(N).
    #[doc(alias = "LMOVEM")]
    fn lmovem<T: FromReplyOwned>(
        self,
        source: impl ToArg,
        destination: impl ToArg,
        from: Side,
        to: Side,
        many: MoveMany,
    ) -> Self::Output<Option<Vec<T>>> {
        self.execute(
            cmd("LMOVEM")
                .key(&source)
                .key(&destination)
                .with(&from)
                .with(&to)
                .with(&many),
        )
    }

    /// Takes an element from the first of `keys` that has one. Returns its key and the element, or `None` when there is
    /// none.
    ///
    /// Since Redis 7.0. Complexity: O(N+M).
    #[doc(alias = "LMPOP")]
    fn lmpop<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        from: Side,
    ) -> Self::Output<Option<(K, Vec<T>)>> {
        self.execute(cmd("LMPOP").counted_keys(&keys).with(&from))
    }

    /// Takes up to `count` elements from the first of `keys` that has any. Returns its key and the elements, or `None`
    /// when there is none.
    ///
    /// Since Redis 7.0. Complexity: O(N+M).
    #[doc(alias = "LMPOP")]
    #[doc(alias = "LMPOP COUNT")]
    fn lmpop_count<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        from: Side,
        count: u64,
    ) -> Self::Output<Option<(K, Vec<T>)>> {
        self.execute(
            cmd("LMPOP")
                .counted_keys(&keys)
                .with(&from)
                .word("COUNT")
                .unsigned(count),
        )
    }

    /// Removes and returns the first element; `None` when there is none.
    ///
    /// Complexity: O(N).
    #[doc(alias = "LPOP")]
    fn lpop<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("LPOP").key(&key))
    }

    /// Removes and returns up to `count` elements from the front; `None` when there is no such key.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "LPOP")]
    fn lpop_count<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: u64,
    ) -> Self::Output<Option<Vec<T>>> {
        self.execute(cmd("LPOP").key(&key).unsigned(count))
    }

    /// The place of the first element that equals `element`; `None` when there is none.
    ///
    /// Since Redis 6.0.6. Complexity: O(N).
    #[doc(alias = "LPOS")]
    fn lpos(
        self,
        key: impl ToArg,
        element: impl ToArg,
        options: LPosOptions,
    ) -> Self::Output<Option<usize>> {
        self.execute(
            cmd("LPOS")
                .read_only()
                .key(&key)
                .arg(&element)
                .with(&options),
        )
    }

    /// The places of the first `count` elements that equal `element`, 0 being all of them; empty when there is
    /// none.
    ///
    /// Since Redis 6.0.6. Complexity: O(N).
    #[doc(alias = "LPOS")]
    #[doc(alias = "LPOS COUNT")]
    fn lpos_count(
        self,
        key: impl ToArg,
        element: impl ToArg,
        count: u64,
        options: LPosOptions,
    ) -> Self::Output<Vec<usize>> {
        self.execute(
            cmd("LPOS")
                .read_only()
                .key(&key)
                .arg(&element)
                .with(&options)
                .word("COUNT")
                .unsigned(count),
        )
    }

    /// Puts `elements` in front one after the other, so that the last one ends up first. Returns the length that
    /// results.
    ///
    /// Complexity: O(1).
    #[doc(alias = "LPUSH")]
    fn lpush(self, key: impl ToArg, elements: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("LPUSH").key(&key).several(&elements))
    }

    /// What [`lpush`](ListCommands::lpush) does, if there is a list at `key`. Returns the length that results, 0 when
    /// there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "LPUSHX")]
    fn lpushx(self, key: impl ToArg, elements: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("LPUSHX").key(&key).several(&elements))
    }

    /// The elements from `start` to `stop`, both included, negative places counted from the end; empty when
    /// there are none.
    ///
    /// Complexity: O(S+N).
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

    /// Removes elements equal to `element`: the first `count`, the last `-count`, or with 0 all. Returns how many were
    /// removed.
    ///
    /// Complexity: O(N+M).
    #[doc(alias = "LREM")]
    fn lrem(self, key: impl ToArg, count: i64, element: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("LREM").key(&key).integer(count).arg(&element))
    }

    /// Replaces the element at `index`. Fails when there is none.
    ///
    /// Complexity: O(N).
    #[doc(alias = "LSET")]
    fn lset(self, key: impl ToArg, index: i64, element: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("LSET").key(&key).integer(index).arg(&element))
    }

    /// Removes all elements but those from `start` to `stop`, both included.
    ///
    /// Complexity: O(N).
    #[doc(alias = "LTRIM")]
    fn ltrim(self, key: impl ToArg, start: i64, stop: i64) -> Self::Output<()> {
        self.execute(cmd("LTRIM").key(&key).integer(start).integer(stop))
    }

    /// Removes and returns the last element; `None` when there is none.
    ///
    /// Complexity: O(N).
    #[doc(alias = "RPOP")]
    fn rpop<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("RPOP").key(&key))
    }

    /// Removes and returns up to `count` elements from the end, the last one first; `None` when there is no such key.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "RPOP")]
    fn rpop_count<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: u64,
    ) -> Self::Output<Option<Vec<T>>> {
        self.execute(cmd("RPOP").key(&key).unsigned(count))
    }

    /// Takes the last element of one list and puts it in front of another. Returns the element, or `None` when there is
    /// none. Deprecated since Redis 6.2 in favour of [`lmove`](ListCommands::lmove).
    ///
    /// Complexity: O(1).
    #[doc(alias = "RPOPLPUSH")]
    fn rpoplpush<T: FromReplyOwned>(
        self,
        source: impl ToArg,
        destination: impl ToArg,
    ) -> Self::Output<Option<T>> {
        self.execute(cmd("RPOPLPUSH").key(&source).key(&destination))
    }

    /// Appends `elements` in their order. Returns the length that results.
    ///
    /// Complexity: O(1).
    #[doc(alias = "RPUSH")]
    fn rpush(self, key: impl ToArg, elements: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("RPUSH").key(&key).several(&elements))
    }

    /// What [`rpush`](ListCommands::rpush) does, if there is a list at `key`. Returns the length that results, 0 when
    /// there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "RPUSHX")]
    fn rpushx(self, key: impl ToArg, elements: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("RPUSHX").key(&key).several(&elements))
    }
}

/// Where [`lpos`](ListCommands::lpos) looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LPosOptions {
    clauses: Clauses,
}

impl LPosOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with the match of this rank: 1 is the first, -1 the last, which then comes first. Not 0.
    #[must_use]
    pub fn rank(mut self, rank: i64) -> Self {
        self.clauses.set(0, &("RANK", rank));
        self
    }

    /// Looks at no more elements than so many; 0 is no limit.
    #[doc(alias = "MAXLEN")]
    #[must_use]
    pub fn max_len(mut self, elements: u64) -> Self {
        self.clauses.set(1, &("MAXLEN", elements));
        self
    }
}

impl Clause for LPosOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}
