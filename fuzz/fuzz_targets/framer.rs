//! The framer gives the same replies however a stream is cut, and nothing after an error.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| resp_fuzz::fuzzed::framer(bytes));
