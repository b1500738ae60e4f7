//! Throwaway Redis and Valkey servers for tests and demos.
#![forbid(unsafe_code)]
