//! Waiting for what has to become true, with an end.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long is waited if nothing is said: longer than a busy machine takes.
const LONG: Duration = Duration::from_secs(30);

/// Waits for something to become true.
pub(crate) fn eventually(what: &str, holds: impl FnMut() -> bool) {
    eventually_within(LONG, what, holds);
}

pub(crate) fn eventually_within(limit: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !holds() {
        assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits for something to be there.
pub(crate) fn found<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let mut found = None;
    eventually(what, || {
        found = find();
        found.is_some()
    });
    found.expect("it was waited for")
}
