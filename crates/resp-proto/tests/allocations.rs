//! Framing, viewing and decoding into borrowed types ask no allocator for anything.

#![cfg(feature = "std")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
};

use resp_proto::{
    Data, Framer, Reply,
    encode::{self, FixedBuffer},
};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is left to the system's allocator; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        LARGEST.set(LARGEST.get().max(layout.size()));
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        LARGEST.set(LARGEST.get().max(size));
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

/// Every type, nesting, attributes, and an array of many elements.
fn stream() -> Vec<u8> {
    let mut stream =
        b"+OK\r\n-ERR no\r\n:42\r\n$5\r\nhello\r\n$-1\r\n_\r\n,1.5\r\n#t\r\n(123\r\n!2\r\nno\r\n\
        =6\r\ntxt:hi\r\n|1\r\n+a\r\n*1\r\n:1\r\n%1\r\n+k\r\n~1\r\n*1\r\n>1\r\n:1\r\n"
            .to_vec();
    stream.extend(b"*1000\r\n");
    stream.extend(b"$4\r\nelem\r\n".repeat(1000));
    stream
}

fn walk(reply: Reply<'_>) -> usize {
    let inner: usize = reply.elements().into_iter().flatten().map(walk).sum();
    let attributes: usize = reply
        .attributes()
        .map(|(key, value)| walk(key) + walk(value))
        .sum();
    1 + inner + attributes
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(black_box(vec![1_u8]))), 1);
}

#[test]
fn framing_whole_and_in_pieces_allocates_nothing() {
    let stream = stream();
    let mut frames = 0;
    let counted = allocations(|| {
        for step in [1, 7, stream.len()] {
            let mut framer = Framer::new();
            let (mut start, mut arrived) = (0, 0);
            while start < stream.len() {
                match framer.advance(&stream[start..arrived]).unwrap() {
                    Some(frame) => {
                        frames += 1;
                        start += frame.len();
                    }
                    None => arrived = stream.len().min(arrived + step),
                }
            }
        }
    });
    assert_eq!((frames, counted), (3 * 13, 0));
}

#[test]
fn an_error_allocates_nothing() {
    assert_eq!(
        allocations(|| assert!(Framer::new().advance(b"?").is_err())),
        0
    );
}

#[test]
fn viewing_every_element_allocates_nothing() {
    let stream = stream();
    let mut values = 0;
    let counted = allocations(|| {
        let mut framer = Framer::new();
        let mut rest = &stream[..];
        while let Some(frame) = framer.advance(rest).unwrap() {
            values += walk(frame.reply());
            rest = &rest[frame.len()..];
        }
    });
    assert_eq!((values, counted), (11 + 9 + 1001, 0));
}

#[test]
fn decoding_into_borrowed_types_allocates_nothing() {
    let bytes = b"*6\r\n$3\r\nkey\r\n+OK\r\n:1\r\n,2.5\r\n$-1\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n";
    let counted = allocations(|| {
        type Row<'a> = (&'a [u8], bool, u8, f64, Option<&'a str>, [&'a str; 2]);
        let frame = Framer::new().advance(bytes).unwrap().unwrap();
        let row: Row<'_> = frame.reply().decode().unwrap();
        assert_eq!(row, (&b"key"[..], true, 1, 2.5, None, ["a", "b"]));
        assert!(matches!(frame.reply().data(), Data::Array(elements) if elements.len() == 6));
    });
    assert_eq!(counted, 0);
}

#[test]
fn writing_into_a_fixed_buffer_allocates_nothing() {
    let mut bytes = [0; 64];
    let counted = allocations(|| {
        let mut out = FixedBuffer::new(&mut bytes);
        encode::request(&mut out, &[b"SET", b"key", b"value"]);
        encode::float(&mut out, 1.5);
        assert!(out.finish().is_ok());
    });
    assert_eq!(counted, 0);
}

#[test]
fn a_vector_of_numbers_is_one_allocation() {
    let bytes = [b"*1000\r\n".to_vec(), b":7\r\n".repeat(1000)].concat();
    let frame = Framer::new().advance(&bytes).unwrap().unwrap();
    let counted = allocations(|| {
        let numbers: Vec<i64> = frame.reply().decode().unwrap();
        assert_eq!(numbers.len(), 1000);
    });
    assert_eq!(counted, 1);
}

#[test]
fn usual_replies_are_decoded_into_memory_that_is_reserved_once() {
    fn counted<T: for<'a> resp_proto::FromReply<'a>>(header: &str, row: &str) -> usize {
        let bytes = [header.to_owned(), row.repeat(1000)].concat();
        let frame = Framer::new().advance(bytes.as_bytes()).unwrap().unwrap();
        allocations(|| drop(black_box(frame.reply().decode::<T>().unwrap())))
    }
    assert_eq!(counted::<Vec<String>>("*1000\r\n", "$1\r\na\r\n"), 1_001);
    assert_eq!(counted::<Vec<Option<String>>>("*1000\r\n", "_\r\n"), 1);
    assert_eq!(
        counted::<Vec<(String, f64)>>("*2000\r\n", "$1\r\na\r\n$1\r\n1\r\n"),
        1_001
    );
    assert_eq!(
        counted::<Vec<(String, f64)>>("*1000\r\n", "*2\r\n+a\r\n,1\r\n"),
        1_001
    );
    assert_eq!(counted::<Vec<(i64, i64)>>("%1000\r\n", ":1\r\n:2\r\n"), 1);
}

#[test]
fn little_is_reserved_for_what_may_not_decode() {
    // None of them decodes, and its target is much larger than what was received.
    let bytes = [b"*100000\r\n".to_vec(), b"_\r\n".repeat(100_000)].concat();
    let reply = Framer::new().advance(&bytes).unwrap().unwrap().reply();
    LARGEST.set(0);
    assert!(reply.decode::<Vec<[f64; 1024]>>().is_err());
    assert!(reply.decode::<Vec<[String; 16]>>().is_err());
    assert!(
        reply
            .decode::<std::collections::HashSet<[i64; 1024]>>()
            .is_err()
    );
    assert!(
        reply
            .decode::<std::collections::HashMap<[i64; 1024], i64>>()
            .is_err()
    );
    let largest = LARGEST.get();
    assert!(largest <= 32 * bytes.len(), "{largest} for {}", bytes.len());
}
