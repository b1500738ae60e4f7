//! The commands of Redis and Valkey, typed and defined once.
//!
//! **In scope:** what a command is called, how its arguments are written, which of them are keys,
//! whether it changes data or waits, and the type of its reply.
//!
//! **Out of scope:** connections, pools, retries, I/O errors. Commands are written against one seam,
//! [`Execute`]; whoever implements it (a client, a pipeline, later a cluster) has them all.
//!
//! ```
//! use redis_cmd::{Command, Execute, StringCommands};
//! use resp_proto::FromReplyOwned;
//!
//! /// An executor that only says what would be sent.
//! struct Spell;
//!
//! impl Execute for Spell {
//!     type Output<T: FromReplyOwned> = String;
//!
//!     fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> String {
//!         command.to_string()
//!     }
//! }
//! impl StringCommands for Spell {}
//!
//! assert_eq!(Spell.set("greeting", "hello"), "SET greeting hello");
//! ```

#![forbid(unsafe_code)]

mod args;
mod blocking;
mod command;
mod execute;
mod expiry;
mod hashes;
mod keys;
mod lists;
mod server;
mod sets;
mod sorted_sets;
mod strings;
mod typed;

pub use crate::{
    args::{Args, ToArg, ToArgs},
    blocking::BlockingCommands,
    command::{Command, Waits, cmd},
    execute::Execute,
    expiry::{Expiry, Ttl},
    hashes::HashCommands,
    keys::{ExpireOptions, KeyCommands},
    lists::{ListCommands, Side},
    server::ServerCommands,
    sets::SetCommands,
    sorted_sets::{SortedSetCommands, ZAddOptions, ZRange},
    strings::{SetOptions, StringCommands},
    typed::Typed,
};

/// Implements every command family for an executor, but those that wait: [`BlockingCommands`] is
/// implemented apart, by executors that can wait.
///
/// It is the one list of the families. The families are not implemented for everything that is
/// [`Execute`], because then the documentation of an executor would show no command.
///
/// ```
/// # use redis_cmd::{Command, Execute, StringCommands};
/// # use resp_proto::FromReplyOwned;
/// struct Spell;
/// # impl Execute for Spell {
/// #     type Output<T: FromReplyOwned> = String;
/// #     fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> String {
/// #         command.to_string()
/// #     }
/// # }
/// redis_cmd::implement_families!(for Spell);
/// assert_eq!(Spell.incr("hits"), "INCR hits");
/// ```
#[macro_export]
macro_rules! implement_families {
    ($([$($generics:tt)*])? for $executor:ty) => {
        impl<$($($generics)*)?> $crate::HashCommands for $executor {}
        impl<$($($generics)*)?> $crate::KeyCommands for $executor {}
        impl<$($($generics)*)?> $crate::ListCommands for $executor {}
        impl<$($($generics)*)?> $crate::ServerCommands for $executor {}
        impl<$($($generics)*)?> $crate::SetCommands for $executor {}
        impl<$($($generics)*)?> $crate::SortedSetCommands for $executor {}
        impl<$($($generics)*)?> $crate::StringCommands for $executor {}
    };
}
