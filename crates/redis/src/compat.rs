//! The argument orders of old Python code, for those who bring it along.
//!
//! redis-py's `Redis` class of old had its own order for three commands, its `StrictRedis` that of the
//! server. The methods of this crate are strict. These functions take the old order; they work on whatever
//! takes commands: `&Client`, `&mut Pipeline`, `Batch`.
//!
//! ```no_run
//! use redis::{Client, compat, prelude::*};
//!
//! let client = Client::open("redis://localhost")?;
//! compat::setex(&client, "greeting", "hello", 60)?; // value, then time
//! client.setex("greeting", 60, "hello")?; // the same, as the server has it
//! # Ok::<(), redis::Error>(())
//! ```

use redis_cmd::{ListCommands, Seconds, SortedSetCommands, StringCommands, ToArg};

/// Removes elements equal to `value`: the first `num`, the last `-num`, or with 0, which was the default, all. Returns
/// how many were removed. Strict: [`ListCommands::lrem`].
#[doc(alias = "LREM")]
pub fn lrem<E: ListCommands>(
    executor: E,
    key: impl ToArg,
    value: impl ToArg,
    num: i64,
) -> E::Output<usize> {
    executor.lrem(key, num, value)
}

/// Adds members with their scores, given as `(member, score)` pairs. Returns how many are new. Strict:
/// [`SortedSetCommands::zadd`].
#[doc(alias = "ZADD")]
pub fn zadd<E: SortedSetCommands, M: ToArg>(
    executor: E,
    key: impl ToArg,
    members_and_scores: impl IntoIterator<Item = (M, f64)>,
) -> E::Output<usize> {
    let pairs = members_and_scores.into_iter();
    executor.zadd(
        key,
        pairs
            .map(|(member, score)| (score, member))
            .collect::<Vec<_>>(),
    )
}

/// Sets `key` to `value`, to expire in `time`. Strict: [`StringCommands::setex`].
#[doc(alias = "SETEX")]
pub fn setex<E: StringCommands>(
    executor: E,
    key: impl ToArg,
    value: impl ToArg,
    time: impl Into<Seconds>,
) -> E::Output<()> {
    executor.setex(key, time, value)
}
