//! A Redis and Valkey client for threads: one client object, shared by reference, with a connection
//! pool inside. No runtime, no `async`, every reply typed.
//!
//! ```no_run
//! use redis::prelude::*;
//!
//! let client = Client::open("redis://localhost")?;
//! client.set("greeting", "hello")?;
//! let greeting: Option<String> = client.get("greeting")?;
//! assert_eq!(greeting.as_deref(), Some("hello"));
//!
//! // The same client in many threads:
//! std::thread::scope(|scope| {
//!     let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| client.incr("visits"))).collect();
//!     threads.into_iter().try_for_each(|thread| thread.join().expect("no panic").map(drop))
//! })?;
//!
//! // Several commands in one round trip, executed together, typed by the compiler:
//! let ((), name, visits) = client.batch().set("seen", "now").get::<String>("name").incr("visits").execute()?;
//! # let _: (Option<String>, i64) = (name, visits);
//! # Ok::<(), redis::Error>(())
//! ```
//!
//! # Where to look
//! - How things are done, with code that runs: the [`guide`], a chapter each.
//! - Every command, by its name on the wire: the [`Client`]'s page, or the search box, which also knows
//!   redis-py's names.
//! - What a thing promises exactly: its own page. Examples there may name the crates underneath (`redis_conn`,
//!   `redis_cmd`, `redis_ext`, `resp_proto`); what programs need of them is here too. What is of use only to whoever
//!   builds another client, like `redis_ext::Sentinels` and its connectors or `redis_ext::make_call`, is there alone.
//! - Coming from [redis-py](guide::from_redis_py) or [redis-rs](guide::from_redis_rs): each call side by side.
//!
//! # How do I …
//! | | | |
//! |---|---|---|
//! | connect? | [`Client::open`] with a URL, [`Client::builder`] for everything else | [guide](guide::connections) |
//! | use it from many threads? | `&client`, or a clone of it | [guide](guide::sharing) |
//! | call a command? | the methods of [`Client`], from the traits in the [`prelude`] | [guide](guide::replies) |
//! | say what type comes back? | by the type that it is bound to | [guide](guide::replies) |
//! | keep a struct or an enum of my own? | [`ToArgs`] for what goes in, [`FromReply`] for what comes out | [guide](guide::replies) |
//! | call a command that has no method? | [`cmd`] with [`Execute::execute`]; a family of your own | [guide](guide::families) |
//! | … that is only known when the program runs? | [`Client::execute_command`] | [guide](guide::replies) |
//! | keep a value for a while? | [`StringCommands::set_with`] with [`SetOptions`], [`KeyCommands::expire`] | example `cache_aside` |
//! | keep a value as JSON text? | `Json`, with the feature `json` | [guide](guide::json) |
//! | wait until there is something in a list or a stream? | [`BlockingCommands`] | [guide](guide::streams) |
//! | share out work, and lose none of it? | [`StreamGroupCommands`] | [guide](guide::streams) |
//! | send many at once? | [`Client::batch`] for a few, [`Client::pipeline`] for any number | [guide](guide::pipelines) |
//! | change what I have read, unless somebody else has? | [`Client::transaction`], [`Client::watch`] | [guide](guide::pipelines) |
//! | receive what is published? | [`Client::pubsub`] | [guide](guide::pubsub) |
//! | hear what happens to keys? | [`Keyspace`] | [guide](guide::notifications) |
//! | see what the server is doing? | [`Client::monitor`] | [guide](guide::notifications) |
//! | run a script or a function in the server? | [`Script`], [`FunctionLibrary`] | [guide](guide::scripts) |
//! | let only one program at a time do something? | [`Client::lock`] | [guide](guide::locks) |
//! | go through all keys, or a large value? | [`Client::scan_iter`] and its siblings | [guide](guide::scans) |
//! | follow a primary that Sentinels watch over? | [`Sentinel::master_for`] | [guide](guide::sentinel) |
//! | wait for less long, or longer? | [`ClientBuilder::response_timeout`], [`Client::with_response_timeout`] | [guide](guide::failures) |
//! | know whether it is safe to try again? | [`Error::maybe_executed`] | [guide](guide::failures) |
//! | see what the client is doing? | the feature `tracing`, [`Client::pool_stats`] | [guide](guide::tracing) |
//! | encrypt? | the feature `tls`, then `rediss://` | [guide](guide::tls) |
//! | test what I build on it? | the crate `redis-testkit` | [guide](guide::testing) |
//! | read and write the protocol myself? | the crate `resp-proto` | [guide](guide::protocol) |
//!
//! # Features
//! - `tls`: encrypted connections, by rustls with ring.
//! - `hiredis`: the C library as a second parser, see [`Parser`].
//! - `json`: `Json<T>`, a value of serde's that is kept as JSON text.
//! - `tracing`: a span for each call, and events for connections, retries and waits: see [the guide](guide::tracing).
//!
//! None of them is on by default, and none changes what a type or a method does.
//!
//! # Servers
//! Tested with Redis 7.0 and 8.0 and with Valkey 8.1 and 9.1. Where servers differ, a command's page says since
//! when they know it.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

// Apart, so that the page of `Client` begins with how one is made.
mod client;

mod builder;
mod callbacks;
pub mod compat;
pub mod guide;
mod objects;
pub mod prelude;
mod retry;
mod sentinel;
#[cfg_attr(feature = "tracing", path = "trace/on.rs")]
#[cfg_attr(not(feature = "tracing"), path = "trace/off.rs")]
mod trace;

#[cfg(feature = "json")]
pub use redis_cmd::Json;
pub use redis_cmd::{
    AclCommands, AclLogEntry, AclUser, Args, ArrayBits, ArrayCommands, ArrayGrep, ArrayInfo,
    ArrayPattern, ArrayTotal, AutoClaimed, BackupCommands, BackupStatus, BitField, BitOp,
    BitPosition, BitRange, BitmapCommands, BlockingCommands, ByStream, Call, CallOptions,
    ClaimOptions, ClientCommands, ClientFilter, ClientInfo, ClientKind, ClusterCommands,
    ClusterFailover, ClusterInfo, ClusterLink, ClusterNode, Command, CommandDocs, CommandFilter,
    CommandInfo, CommandLogCommands, CommandTableCommands, Comparison, ConfigCommands, Consumer,
    ConsumerFull, CopyOptions, Delivered, DeliveredByStream, DryRun, Each, EntryPolicy,
    EntryResult, Execute, ExpireOptions, ExpireTime, Expiry, FailoverOptions, FieldExpiry,
    FieldOps, FieldPersisted, FieldReads, FlushMode, Function, FunctionCommands, FunctionStats,
    GeoAddOptions, GeoArea, GeoCommands, GeoFound, GeoOptions, GeoOrigin, GeoPoint, GeoUnit, Group,
    GroupFull, GroupOptions, HSetExOptions, HashCommands, HotKeyCommands, HotKeyOptions, HotKeys,
    HyperLogLogCommands, IncrExOptions, Info, Insert, Inserted, KeptArg, KeyCommands, LPosOptions,
    LatencyCommands, LatencyEvent, LatencyHistogram, LcsMatch, LcsMatches, LcsOptions, Lex,
    LexRange, Library, ListCommands, LogKind, LoggedCommand, Lossy, MSetExOptions, MemoryCommands,
    MemoryStats, MigrateOptions, Migrated, MigrationTasks, Milliseconds, Module, ModuleCommands,
    ModuleOptions, MoveMany, NackOptions, ParseStreamIdError, PauseMode, PendingEntry,
    PendingRange, PendingSummary, Popped, PubSubCommands, RawVector, ReadGroupOptions, ReadOptions,
    ReplicationCommands, ResetMode, RestoreOptions, RestorePolicy, Role, RunningScript,
    ScanOptions, ScanPage, Score, ScoreEnd, ScoreRange, Scored, ScriptingCommands, Seconds,
    ServerCommands, SetCommands, SetOptions, SetSlot, Shard, ShardNode, ShutdownOptions, Side,
    Similar, SlotMigration, SlotMigrations, SlotNode, SlotOrder, SlotRange, SlotUsage, SortOptions,
    SortedSetCommands, SortedSetRangeCommands, StreamCommands, StreamEntry, StreamFull,
    StreamGroupCommands, StreamId, StreamInfo, StringCommands, ToArg, ToArgs, TrackingInfo, Trim,
    Ttl, UnblockWith, UnionCardOptions, UnixMicroseconds, UnixMilliseconds, UnixSeconds,
    VAddOptions, VSimOptions, Vector, VectorQuery, VectorSetCommands, VectorSetInfo, Waits,
    XAddOptions, XCfgSetOptions, XSetIdOptions, ZAddOptions, ZCombineOptions, ZRange, cmd, raw,
};
pub use redis_conn::{
    Address, Connection, ConnectionConfig, Connector, CredentialProvider, Credentials, Deadline,
    Dial, Error, ErrorKind, Exchange, Feed, Lease, Parser, Pem, Pool, PoolConfig, PoolStats,
    PooledConnection, Protocol, Receive, Request, Result, ServerConnector, ServerErrorKind,
    Sockets, TcpOptions, Tls, Transport, UrlOption, WeakPool,
};
pub use redis_ext::{
    Append, Batch, CallFunction, Checkout, Control, FromReplies, FunctionLibrary, HandlerOutcome,
    KeyNotification, Keyspace, Listen, Lock, LockGuard, Message, MessageKind, Monitor,
    MonitoredClient, MonitoredCommand, Need, NextSlot, Pipeline, PubSub, PubSubConfig, Received,
    Replies, RunScript, ScanIter, Script, SentinelWatcher, Slot, Slots, Transaction, UniqueScan,
    Watched, WorkerThread,
};
pub use resp_proto::{
    Data, DecodeError, DecodeErrorKind, Elements, Entries, Fields, Found, FromReply,
    FromReplyOwned, Limits, Reply, ServerError, Value,
};

pub use crate::{
    builder::ClientBuilder,
    client::Client,
    retry::{Jitter, RetryPolicy},
    sentinel::{Sentinel, SentinelBuilder},
};
