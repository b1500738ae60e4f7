//! An allocator that counts, when asked to.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
};

static IS_ON: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);
/// Bytes that have been allocated and not freed since counting was switched on; wraps below zero.
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator. Off, it costs one look at a flag a time.
pub(crate) struct Counting;

/// What was allocated during something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allocated {
    pub(crate) times: usize,
    pub(crate) bytes: usize,
    /// The most bytes at a time, beyond those that were there before.
    pub(crate) peak: usize,
}

/// Counts what all threads allocate while `run` runs.
pub(crate) fn during<T>(run: impl FnOnce() -> T) -> (T, Allocated) {
    for counter in [&ALLOCATIONS, &BYTES, &LIVE, &PEAK] {
        counter.store(0, Relaxed);
    }
    IS_ON.store(true, Relaxed);
    let result = run();
    IS_ON.store(false, Relaxed);
    let allocated = Allocated {
        times: ALLOCATIONS.load(Relaxed),
        bytes: BYTES.load(Relaxed),
        peak: PEAK.load(Relaxed),
    };
    (result, allocated)
}

fn grown(by: usize) {
    ALLOCATIONS.fetch_add(1, Relaxed);
    BYTES.fetch_add(by, Relaxed);
    let live = LIVE.fetch_add(by, Relaxed).wrapping_add(by);
    // What was freed and had been allocated before leaves less than nothing.
    if live as isize > 0 {
        PEAK.fetch_max(live, Relaxed);
    }
}

// SAFETY: everything is the system allocator's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if IS_ON.load(Relaxed) {
            grown(layout.size());
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if IS_ON.load(Relaxed) {
            grown(layout.size());
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if IS_ON.load(Relaxed) {
            LIVE.fetch_sub(layout.size(), Relaxed);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if IS_ON.load(Relaxed) {
            // Not `alloc` and `dealloc`: while it moves, both may be there, but large ones move by pages.
            LIVE.fetch_sub(layout.size(), Relaxed);
            grown(size);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
