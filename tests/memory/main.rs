//! How much memory a large value costs beyond the caller's own copy, counted by the allocator. It is a
//! binary of its own, since whatever runs beside it would be counted too.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

use redis::{Client, Protocol, prelude::*};
use redis_testkit::Server;

const MIB: usize = 1 << 20;
const VALUE: usize = 64 * MIB;
/// At most 1.1 times the value.
const MOST: usize = VALUE / 10 * 11;
/// What a client may keep once it is idle again: less than any large value.
const KEPT: usize = 2 * MIB;

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn grow(by: usize) {
    let now = NOW.fetch_add(by, Ordering::Relaxed) + by;
    PEAK.fetch_max(now, Ordering::Relaxed);
}

// SAFETY: everything is left to the system's allocator; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // As if it copied, which the system does not where it can move pages instead.
        grow(size);
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// What `work` allocated at most, over what there was before it, and how much of it stays.
fn peak<T>(work: impl FnOnce() -> T) -> (T, usize, usize) {
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let result = work();
    let peak = PEAK.load(Ordering::Relaxed) - before;
    let stays = NOW.load(Ordering::Relaxed).saturating_sub(before);
    (result, peak, stays)
}

fn report(what: &str, peak: usize, own: usize) -> usize {
    let beyond = peak.saturating_sub(own);
    let ratio = beyond as f64 / VALUE as f64;
    println!("{what}: {ratio:.3} times the value beyond the caller's own copy ({beyond} bytes)");
    beyond
}

/// One test, so that none runs beside another.
#[test]
fn a_large_value_costs_little_more_than_itself() {
    let server = Server::start().unwrap();
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let client = Client::builder()
            .tcp(server.host(), server.port())
            .protocol(protocol)
            .build();
        client.ping().unwrap();
        let value = vec![b'x'; VALUE];

        let ((), set, _) = peak(|| client.set("large", &value).unwrap());
        let set = report("SET of &Vec<u8>", set, 0);
        assert!(set < MOST, "{set}");

        let (answer, get, stays) = peak(|| client.get::<Vec<u8>>("large").unwrap().unwrap());
        assert!(answer == value, "another value came back");
        let get = report("GET into Vec<u8>", get, VALUE);
        assert!(get < MOST, "{get}");
        let kept = stays.saturating_sub(VALUE);
        println!("kept by the idle client: {kept} bytes");
        assert!(kept < KEPT, "{kept}");

        let (count, strlen, kept) = peak(|| {
            let mut pipeline = client.pipeline();
            pipeline.get::<Vec<u8>>("large").strlen("large");
            let (answer, length): (Vec<u8>, usize) = pipeline.execute().unwrap();
            answer.len() + length
        });
        assert_eq!(count, 2 * VALUE);
        let strlen = report("GET and STRLEN in a transaction", strlen, VALUE);
        assert!(strlen < MOST, "{strlen}");
        println!("kept by the idle client: {kept} bytes");
        assert!(kept < KEPT, "{kept}");
    }
}
