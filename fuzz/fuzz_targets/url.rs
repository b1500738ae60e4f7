//! A URL is read or refused, prints as one that says the same, and shows no secret.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| resp_fuzz::urls::url(bytes));
