//! How thorough this run is: plain runs leave out what takes minutes.

/// The environment variable that asks for all of it.
const VARIABLE: &str = "LIVE_TESTS";

/// Whether the environment says `LIVE_TESTS=full`: every place instead of a sample, every round instead
/// of a few.
pub(crate) fn is_full() -> bool {
    std::env::var(VARIABLE).is_ok_and(|value| value == "full")
}

/// One of two sizes of a test.
pub(crate) fn plain_or_full<T>(plain: T, full: T) -> T {
    if is_full() { full } else { plain }
}
