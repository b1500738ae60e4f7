//! Connections and pools over a transport that does what a script says, without a server.

mod connecting;
mod connection;
mod exchange;
mod feed;
#[expect(
    unreachable_pub,
    reason = "the fuzz targets are another crate, which has this file too"
)]
mod fuzzed;
mod large_texts;
mod leases;
#[cfg(feature = "hiredis")]
mod parsers;
mod pool;
mod script;
mod sharing;
mod storm;
mod transports;
mod urls;
