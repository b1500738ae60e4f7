//! Tests of the whole client against real servers, a module a subject.
//!
//! Each test starts a server of its own: the one that `REDIS_SERVER` names, or one found on PATH or
//! under `target/servers`. `cargo xtask test` runs all of them once per server.

mod attempts;
mod batches;
mod blocking;
mod commands;
mod connecting;
mod documented_pipelines;
mod encrypted;
mod every_byte;
mod failures;
mod handshakes;
mod hostile_servers;
mod killing;
mod large_pipelines;
mod locks;
mod lost_pipelines;
mod lost_transactions;
mod monitoring;
mod parsers;
mod patience;
mod pipelines;
mod scans;
mod scripting;
mod sentinels;
mod servers_in_trouble;
mod sharing;
mod slots;
mod subscribing;
mod thoroughness;
mod transactions;
mod ways;
