//! RESP2 and RESP3, the wire protocol of Redis and Valkey, as bytes in and bytes out.
//!
//! **In scope:** finding where a reply ends in a stream that arrives in pieces ([`Framer`]), reading a
//! reply without copying it ([`Reply`]), decoding it straight into Rust types ([`FromReply`]), writing
//! requests and replies ([`encode`]), and reading what people type ([`inline`]).
//!
//! **Out of scope:** sockets, time, threads, and what any command means. Nothing here knows that there
//! is a client.
//!
//! ```
//! use resp_proto::Framer;
//!
//! let mut framer = Framer::new();
//! // Partial input is a value, not an error …
//! assert!(framer.advance(b"*2\r\n:1\r\n$3\r\nfo").unwrap().is_none());
//! // … and the next call carries on where the last one stopped.
//! let frame = framer.advance(b"*2\r\n:1\r\n$3\r\nfoo\r\n+next").unwrap().unwrap();
//! assert_eq!(frame.len(), 17);
//! let (number, text): (i64, &str) = frame.reply().decode().unwrap();
//! assert_eq!((number, text), (1, "foo"));
//! ```
//!
//! # Features
//! - none: `core` only. Framing, viewing, borrowed decoding and writing into a fixed buffer.
//! - `alloc`: [`Value`], decoding into `String`, `Vec` and `BTreeMap`, writing into a `Vec<u8>`.
//! - `std` (default): decoding into `HashMap` and `HashSet`, run-time choice of vector instructions.
//!
//! The protocol is specified at <https://redis.io/docs/latest/develop/reference/protocol-spec/>.

// What most programs do not use (writing replies, inline commands, error texts) is `#[inline]`: it is then
// compiled by those that do.
#![no_std]
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

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod decode;
mod double;
mod elements;
pub mod encode;
mod error;
mod framer;
mod header;
pub mod inline;
mod limits;
mod protocol;
mod reply;
#[cfg(feature = "alloc")]
mod server_error;
mod short;
#[cfg(feature = "alloc")]
mod value;
mod word;

#[cfg(feature = "alloc")]
pub use crate::{decode::Arrival, server_error::ServerError, value::Value};
pub use crate::{
    decode::{DecodeError, DecodeErrorKind, Fields, Found, FromReply, FromReplyOwned},
    elements::{Attributes, Elements, Entries},
    error::{FrameError, FrameErrorKind},
    framer::{Frame, Framer},
    limits::{Limits, MAX_NESTING},
    protocol::Protocol,
    reply::{Data, Reply},
};
