//! The parser beside its peers: workloads, what each library makes of them, and how long it takes.

pub mod decoding;
pub mod hiredis;
pub mod parsing;
pub mod peers;
pub mod targets;
pub mod timing;
pub mod workloads;
