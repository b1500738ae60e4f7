//! What the fuzz targets call. It is a part of the tests of resp-proto, which replay the corpus.

#[path = "../../crates/resp-proto/tests/fuzzed.rs"]
pub mod fuzzed;
#[path = "../../crates/resp-proto/tests/naive.rs"]
mod naive;
