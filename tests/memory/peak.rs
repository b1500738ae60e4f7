//! How much memory something takes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use live_tests::heap;

#[global_allocator]
static HEAP: heap::Counting = heap::Counting;

/// What `work` allocated at most, over what there was before it, and how much of it stays. Tests that measure
/// take turns: hold the answer of [`alone`] meanwhile.
pub(crate) fn peak<T>(work: impl FnOnce() -> T) -> (T, usize, usize) {
    let before = heap::forget();
    let result = work();
    let peak = heap::most().saturating_sub(before);
    let stays = heap::now().saturating_sub(before);
    (result, peak, stays)
}

/// Keeps other tests from measuring.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
