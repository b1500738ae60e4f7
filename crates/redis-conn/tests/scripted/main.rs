//! Connections and pools over a transport that does what a script says, without a server.

mod connecting;
mod connection;
mod exchange;
mod feed;
mod leases;
#[cfg(feature = "hiredis")]
mod parsers;
mod pool;
mod script;
mod urls;
