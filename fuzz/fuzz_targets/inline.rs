//! Inline commands are read or refused, and quoting a word gives it back.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| resp_fuzz::fuzzed::inline(bytes));
