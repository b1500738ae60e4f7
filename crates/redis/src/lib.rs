//! A Redis and Valkey client for threads: one client object, shared by reference, with a connection pool inside.
#![forbid(unsafe_code)]
