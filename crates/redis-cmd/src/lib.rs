//! The commands of Redis and Valkey, typed and defined once.
//!
//! **In scope:** what a command is called, how its arguments are written, which of them are keys,
//! whether it changes data or waits, and the type of its reply.
//!
//! **Out of scope:** connections, pools, retries, I/O errors. Commands are written against one trait, [`Execute`];
//! whoever implements it (a client, a pipeline, later a cluster) has them all.
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
//!
//! A method has the name of its command, and takes what the command needs. One with more to it has a method of its
//! own where the reply is another, or where there is only that to say: `lpop` takes one element, `lpop_count` up to so
//! many, `sintercard_limit` counts up to so many. Whatever else can be said is one set of options: `set_with`,
//! `zadd_with`.
//!
#![doc = include_str!("repeatable.md")]
//!
#![doc = include_str!("left_out.md")]
//!
//! # Features
//! - `json`: `Json<T>`, a value that is kept as JSON text, as an argument and as a reply, by serde and serde_json.
// What decodes a reply that many programs ask for is not `#[inline]`: it is compiled here, once, and not whenever
// a program that uses it is built again. What tells of the server, its cluster, users, functions and their like is:
// nobody compiles it who does not ask for it.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
// Bytes from the wire must never panic.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod acl;
mod args;
mod array_options;
mod arrays;
mod backups;
mod bitmap_options;
mod bitmaps;
mod blocking;
mod call;
mod callbacks;
mod cast_texts;
mod casts;
mod clauses;
mod client_info;
mod client_options;
mod clients;
mod cluster;
mod cluster_options;
mod cluster_replies;
mod command;
mod command_logs;
mod command_table;
mod config;
mod encoded;
mod execute;
mod expiry;
mod functions;
mod geo;
mod geo_options;
mod hash_options;
mod hashes;
mod hotkeys;
mod hyperloglogs;
#[cfg(feature = "json")]
mod json;
mod kept;
mod key_options;
mod keys;
mod latency;
mod lists;
mod lossy;
mod memory;
mod modules;
mod named;
mod parts;
mod programs;
mod pubsub;
mod ranges;
mod raw;
mod replication;
mod scan;
mod scripting;
mod server;
mod server_options;
mod session;
mod sets;
mod sorted_set_options;
mod sorted_set_ranges;
mod sorted_sets;
mod stream_full;
mod stream_groups;
mod stream_options;
mod stream_replies;
mod streams;
mod string_options;
mod strings;
mod typed;
mod vector_options;
mod vector_sets;
mod waiting;

pub use crate::{
    acl::{AclCommands, AclLogEntry, AclUser, DryRun},
    args::{Args, Each, ToArg, ToArgs},
    array_options::{ArrayBits, ArrayGrep, ArrayInfo, ArrayPattern, ArrayTotal},
    arrays::ArrayCommands,
    backups::{BackupCommands, BackupStatus},
    bitmap_options::{BitField, BitOp, BitPosition, BitRange, FieldOps, FieldReads},
    bitmaps::BitmapCommands,
    blocking::BlockingCommands,
    call::{Call, CallOptions},
    client_info::{ClientInfo, TrackingInfo},
    client_options::{ClientFilter, ClientKind, PauseMode, UnblockWith},
    clients::ClientCommands,
    cluster::ClusterCommands,
    cluster_options::{
        ClusterFailover, MigrationTasks, ResetMode, SetSlot, SlotMigrations, SlotOrder,
    },
    cluster_replies::{
        ClusterInfo, ClusterLink, ClusterNode, Shard, ShardNode, SlotMigration, SlotNode,
        SlotRange, SlotUsage,
    },
    command::{Command, Waits, cmd},
    command_logs::{CommandLogCommands, LogKind, LoggedCommand},
    command_table::{CommandDocs, CommandFilter, CommandInfo, CommandTableCommands},
    config::ConfigCommands,
    execute::Execute,
    expiry::{
        ExpireTime, Expiry, Milliseconds, Seconds, Ttl, UnixMicroseconds, UnixMilliseconds,
        UnixSeconds,
    },
    functions::{Function, FunctionCommands, FunctionStats, Library, RestorePolicy, RunningScript},
    geo::GeoCommands,
    geo_options::{GeoAddOptions, GeoArea, GeoFound, GeoOptions, GeoOrigin, GeoPoint, GeoUnit},
    hash_options::{FieldExpiry, FieldPersisted, HSetExOptions},
    hashes::HashCommands,
    hotkeys::{HotKeyCommands, HotKeyOptions, HotKeys},
    hyperloglogs::HyperLogLogCommands,
    kept::KeptArg,
    key_options::{
        CopyOptions, ExpireOptions, MigrateOptions, Migrated, RestoreOptions, ScanOptions,
        SortOptions,
    },
    keys::KeyCommands,
    latency::{LatencyCommands, LatencyEvent, LatencyHistogram},
    lists::{Insert, Inserted, LPosOptions, ListCommands, MoveMany, Side},
    lossy::Lossy,
    memory::{MemoryCommands, MemoryStats},
    modules::{Module, ModuleCommands, ModuleOptions},
    pubsub::PubSubCommands,
    ranges::{Lex, LexRange, Score, ScoreRange, ZRange},
    raw::raw,
    replication::{FailoverOptions, ReplicationCommands, Role},
    scan::ScanPage,
    scripting::ScriptingCommands,
    server::ServerCommands,
    server_options::{FlushMode, Info, ShutdownOptions},
    sets::{SetCommands, UnionCardOptions},
    sorted_set_options::{Popped, ScoreEnd, Scored, ZAddOptions, ZCombineOptions},
    sorted_set_ranges::SortedSetRangeCommands,
    sorted_sets::SortedSetCommands,
    stream_full::{ConsumerFull, GroupFull, StreamFull},
    stream_groups::StreamGroupCommands,
    stream_options::{
        ClaimOptions, EntryPolicy, GroupOptions, NackOptions, PendingRange, ReadGroupOptions,
        ReadOptions, Trim, XAddOptions, XCfgSetOptions, XSetIdOptions,
    },
    stream_replies::{
        AutoClaimed, ByStream, Consumer, Delivered, DeliveredByStream, EntryResult, Group,
        ParseStreamIdError, PendingEntry, PendingSummary, StreamEntry, StreamId, StreamInfo,
    },
    streams::StreamCommands,
    string_options::{
        Comparison, IncrExOptions, LcsMatch, LcsMatches, LcsOptions, MSetExOptions, SetOptions,
    },
    strings::StringCommands,
    typed::Typed,
    vector_options::{RawVector, VAddOptions, VSimOptions, Vector, VectorQuery},
    vector_sets::{Similar, VectorSetCommands, VectorSetInfo},
};

#[cfg(feature = "json")]
pub use crate::json::Json;

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
        impl<$($($generics)*)?> $crate::AclCommands for $executor {}
        impl<$($($generics)*)?> $crate::ArrayCommands for $executor {}
        impl<$($($generics)*)?> $crate::BackupCommands for $executor {}
        impl<$($($generics)*)?> $crate::BitmapCommands for $executor {}
        impl<$($($generics)*)?> $crate::ClientCommands for $executor {}
        impl<$($($generics)*)?> $crate::ClusterCommands for $executor {}
        impl<$($($generics)*)?> $crate::CommandLogCommands for $executor {}
        impl<$($($generics)*)?> $crate::CommandTableCommands for $executor {}
        impl<$($($generics)*)?> $crate::ConfigCommands for $executor {}
        impl<$($($generics)*)?> $crate::FunctionCommands for $executor {}
        impl<$($($generics)*)?> $crate::GeoCommands for $executor {}
        impl<$($($generics)*)?> $crate::HashCommands for $executor {}
        impl<$($($generics)*)?> $crate::HotKeyCommands for $executor {}
        impl<$($($generics)*)?> $crate::HyperLogLogCommands for $executor {}
        impl<$($($generics)*)?> $crate::KeyCommands for $executor {}
        impl<$($($generics)*)?> $crate::LatencyCommands for $executor {}
        impl<$($($generics)*)?> $crate::ListCommands for $executor {}
        impl<$($($generics)*)?> $crate::MemoryCommands for $executor {}
        impl<$($($generics)*)?> $crate::ModuleCommands for $executor {}
        impl<$($($generics)*)?> $crate::PubSubCommands for $executor {}
        impl<$($($generics)*)?> $crate::ReplicationCommands for $executor {}
        impl<$($($generics)*)?> $crate::ScriptingCommands for $executor {}
        impl<$($($generics)*)?> $crate::ServerCommands for $executor {}
        impl<$($($generics)*)?> $crate::SetCommands for $executor {}
        impl<$($($generics)*)?> $crate::SortedSetCommands for $executor {}
        impl<$($($generics)*)?> $crate::SortedSetRangeCommands for $executor {}
        impl<$($($generics)*)?> $crate::StreamCommands for $executor {}
        impl<$($($generics)*)?> $crate::StreamGroupCommands for $executor {}
        impl<$($($generics)*)?> $crate::StringCommands for $executor {}
        impl<$($($generics)*)?> $crate::VectorSetCommands for $executor {}
    };
}
