//! What the fuzz targets call. It is a part of the tests of resp-proto and redis-conn, which replay the corpus.

#[path = "../../crates/resp-proto/tests/fuzzed.rs"]
pub mod fuzzed;
#[path = "../../crates/resp-proto/tests/naive.rs"]
mod naive;
#[path = "../../crates/redis-conn/tests/scripted/fuzzed.rs"]
pub mod urls;
