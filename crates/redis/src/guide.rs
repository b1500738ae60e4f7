//! The guide: how things are done, a chapter each. What a type or a method promises in detail is on its own
//! page; this says which one to take, and what happens then.
//!
//! All of its code is run by the tests, against real servers. Small whole programs are the crate's examples:
//! `cargo run -p redis --example leaderboard`, or `cache_aside`, `chat`, `command_family`, `distributed_lock`,
//! `failover`, `job_queue`, `rate_limiter`. Each starts a server of its own, unless `--url` names one.

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

/// Notifications about keys, and the monitor.
///
#[doc = include_str!("guide/notifications.md")]
pub mod notifications {}

/// Streams, and groups of consumers.
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

/// Time-outs and retries.
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
