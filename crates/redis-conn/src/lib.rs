//! Connections to Redis and Valkey servers: sockets, handshake, deadlines and a bounded pool. Synchronous, without a runtime.
#![forbid(unsafe_code)]
