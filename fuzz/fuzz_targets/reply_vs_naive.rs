//! The framer and the view agree with the naive parser.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| resp_fuzz::fuzzed::reply_vs_naive(bytes));
