//! Connections to Redis and Valkey servers, for threads.
//!
//! **In scope:** sockets, the handshake, deadlines, what state a connection is in, a bounded pool, and
//! the [`Error`] that all layers above speak.
//!
//! **Out of scope:** what commands mean, and every policy: timeouts, sizes and retries come in as values.
//!
//! The promise that this crate exists for: **a connection that leaves a call with unread or unwritten
//! bytes is closed and never used again**, so no caller ever gets the reply to somebody else's command.
//!
//! ```no_run
//! use redis_conn::{Connection, ConnectionConfig, Deadline, Request};
//!
//! let config = ConnectionConfig::from_url("redis://localhost")?;
//! let mut connection = Connection::open(&config)?;
//! let request = Request::new(b"*1\r\n$4\r\nPING\r\n");
//! let pong: String = connection.call(request, Deadline::within(config.response_timeout))?;
//! # Ok::<(), redis_conn::Error>(())
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(feature = "hiredis"), forbid(unsafe_code))]
#![cfg_attr(feature = "hiredis", deny(unsafe_code))]
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

mod chance;
mod config;
mod connection;
mod connector;
mod deadline;
mod error;
mod feed;
mod handshake;
#[cfg(feature = "hiredis")]
#[expect(unsafe_code, reason = "hiredis is C")]
mod hiredis;
mod input;
mod lease;
mod lookup;
mod parser;
mod pool;
mod socket;
#[cfg(feature = "tls")]
mod tls;
#[cfg_attr(feature = "tracing", path = "trace/on.rs")]
#[cfg_attr(not(feature = "tracing"), path = "trace/off.rs")]
mod trace;
mod transport;
mod url;
mod url_option;

pub use crate::{
    chance::chance,
    config::{Address, ConnectionConfig, Pem, Protocol, TcpOptions, Tls},
    connection::{Connection, Exchange, Receive, Request},
    connector::{Connector, CredentialProvider, Credentials, Dial, ServerConnector, Sockets},
    deadline::Deadline,
    error::{Error, ErrorKind, ServerErrorKind},
    feed::Feed,
    lease::Lease,
    parser::Parser,
    pool::{Pool, PoolConfig, PoolStats, PooledConnection, WeakPool},
    transport::Transport,
    url_option::UrlOption,
};

/// What can fail here fails with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
