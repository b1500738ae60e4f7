//! Throwaway Redis and Valkey servers for tests and demos.
//!
//! ```
//! use std::io::{Read, Write};
//! use redis_testkit::Server;
//!
//! # if redis_testkit::ServerBinary::find().is_err() { return Ok(()); }
//! let server = Server::builder().config("maxmemory", "64mb").start()?;
//! println!("{} listens on {} and {}", server.version(), server.url(), server.unix_url());
//!
//! let mut socket = std::net::TcpStream::connect(server.tcp_addr())?;
//! socket.write_all(b"PING\r\n")?;
//! let mut answer = [0; 7];
//! socket.read_exact(&mut answer)?;
//! assert_eq!(&answer, b"+PONG\r\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # In scope
//! Finding a server binary ([`ServerBinary`]), starting it on a free port of the loopback interface
//! and on a Unix socket in a temporary directory, waiting until it answers, and signals that tests
//! need: [`Server::pause`], [`Server::kill`], [`Server::restart`]. Replicas
//! ([`ServerBuilder::replica_of`]), with Sentinels that watch them ([`SentinelSet`]). A TLS port with certificates made in
//! the test ([`ServerBuilder::tls`]). Networks that fail when and where a test says so ([`FaultProxy`]).
//! Servers that do what no real one does ([`ScriptedServer`], [`Hostile`]).
//!
//! # What is left behind
//! Nothing. The server persists nothing, and process and directory go when the [`Server`] is
//! dropped, when a test panics, and when the test process itself is killed with SIGKILL; so does the
//! directory of a [`FaultProxy`].
//!
//! # Out of scope
//! Speaking the protocol beyond what that takes: this crate depends on no client, so that any client can
//! be tested with it. Downloading servers: an error says which command installs one.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(not(unix))]
compile_error!(
    "redis-testkit starts its servers under a POSIX shell and over Unix sockets: \
     it needs a Unix system (on Windows, use it inside WSL)"
);

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod acceptor;
mod binary;
mod builder;
mod caretaker;
#[cfg(feature = "tls")]
mod certificates;
mod endpoint;
mod error;
mod faults;
mod hostile;
mod install;
mod link;
mod port;
mod proxy;
mod readiness;
mod requests;
mod script;
mod scripted;
mod sentinels;
mod server;
mod supervisor;
mod tls;
mod url;
mod version;

pub use binary::ServerBinary;
pub use builder::ServerBuilder;
#[cfg(feature = "tls")]
pub use certificates::{Certificate, CertificateAuthority};
pub use endpoint::Endpoint;
pub use error::{Error, ErrorKind};
pub use faults::{Direction, Failure, Faults};
pub use hostile::Hostile;
pub use install::install_command;
pub use link::Link;
pub use proxy::FaultProxy;
pub use script::Script;
pub use scripted::ScriptedServer;
pub use sentinels::{SentinelSet, SentinelSetBuilder};
pub use server::Server;
pub use tls::ServerTls;
pub use version::{Product, Version};
