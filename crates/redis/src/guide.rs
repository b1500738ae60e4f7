//! The guide: how things are done, a chapter each. What a type or a method promises in detail is on its own
//! page; the guide says which one to choose, and what happens then. In all of its code `client` is a
//! [`Client`](crate::Client) connected to a server, unless the code makes one.
//!
//! To begin with:
//! - [Connections and URLs](connections): a client, from a URL or step by step
//! - [Pools and sharing](sharing): many threads, few connections
//! - [Typed replies, and your own types](replies): what goes in, what comes out, what is `None`
//! - [Values as JSON](json): with the feature `json`
//! - [Timeouts and retries](failures): how long a call can take, what is retried, what an error means
//!
//! More than one command:
//! - [Pipelines, batches and transactions](pipelines): one round trip, transactions, watched keys
//! - [Scripts and functions](scripts): code in the server
//! - [Locks](locks): one program at a time
//! - [Scans](scans): all keys, or the elements of a large value, a page at a time
//!
//! Waiting for something:
//! - [Publishing and subscribing](pubsub): messages, handlers, threads, gaps
//! - [Keyspace notifications, and the monitor](notifications): what happens to keys, and which commands are executed
//! - [Streams and consumer groups](streams): work that is distributed, and is not lost in a crash
//!
//! In production:
//! - [Sentinel](sentinel): clients that follow the primary through failovers
//! - [TLS](tls): encryption and certificates
//! - [Tracing](tracing): logs and OpenTelemetry
//! - [Testing your application](testing): real servers, and simulated faults
//!
//! Underneath:
//! - [Commands of a module](families): methods of your own
//! - [The protocol alone](protocol): a parser and a writer, to embed
//!
//! Coming from [redis-py](from_redis_py) or from [redis-rs](from_redis_rs): each call side by side.
//!
//! The tests run its code against real servers, except for a few programs (in `tls` and in the last two tables) that
//! are only compiled. Small complete programs are the crate's examples:
//! `cargo run -p redis --example leaderboard`, or `cache_aside`, `chat`, `command_family`, `distributed_lock`,
//! `failover`, `job_queue`, `rate_limiter`. Each starts a server of its own, unless `--url` names one, and `failover`
//! always.

/// Connections and URLs.
///
#[doc = include_str!("guide/connections.md")]
pub mod connections {}

/// Pools and sharing.
///
#[doc = include_str!("guide/sharing.md")]
pub mod sharing {}

/// Typed replies, and your own types.
///
#[doc = include_str!("guide/replies.md")]
pub mod replies {}

/// Values as JSON.
///
#[doc = include_str!("guide/json.md")]
pub mod json {}

/// Pipelines, batches and transactions.
///
#[doc = include_str!("guide/pipelines.md")]
pub mod pipelines {}

/// Publishing and subscribing.
///
#[doc = include_str!("guide/pubsub.md")]
pub mod pubsub {}

/// Keyspace notifications, and the monitor.
///
#[doc = include_str!("guide/notifications.md")]
pub mod notifications {}

/// Streams and consumer groups.
///
#[doc = include_str!("guide/streams.md")]
pub mod streams {}

/// Scripts and functions.
///
#[doc = include_str!("guide/scripts.md")]
pub mod scripts {}

/// Locks.
///
#[doc = include_str!("guide/locks.md")]
pub mod locks {}

/// Scans.
///
#[doc = include_str!("guide/scans.md")]
pub mod scans {}

/// Sentinel.
///
#[doc = include_str!("guide/sentinel.md")]
pub mod sentinel {}

/// Timeouts and retries.
///
#[doc = include_str!("guide/failures.md")]
pub mod failures {}

/// TLS.
///
#[doc = include_str!("guide/tls.md")]
pub mod tls {}

/// Tracing.
///
#[doc = include_str!("guide/tracing.md")]
pub mod tracing {}

/// Testing your application.
///
#[doc = include_str!("guide/testing.md")]
pub mod testing {}

/// The protocol alone.
///
#[doc = include_str!("guide/protocol.md")]
pub mod protocol {}

/// Commands of a module.
///
#[doc = include_str!("guide/families.md")]
pub mod families {}

/// Coming from redis-py.
///
#[doc = include_str!("guide/from_redis_py.md")]
pub mod from_redis_py {}

/// Coming from redis-rs.
///
#[doc = include_str!("guide/from_redis_rs.md")]
pub mod from_redis_rs {}
