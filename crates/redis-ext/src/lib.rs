//! What spans several commands of Redis and Valkey: pipelines, transactions and typed batches.
#![forbid(unsafe_code)]
