//! Every type decodes or refuses any reply, with and without the shortcuts for elements.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| resp_fuzz::fuzzed::decode(bytes));
