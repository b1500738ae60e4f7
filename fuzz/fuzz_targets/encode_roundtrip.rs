//! Replies that were read are written and read back.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| resp_fuzz::fuzzed::encode_roundtrip(bytes));
