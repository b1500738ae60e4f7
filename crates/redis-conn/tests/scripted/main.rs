//! Connections and pools over a transport that does what a script says, without a server.

mod connecting;
mod connection;
mod feed;
mod leases;
mod pool;
mod script;
mod urls;
