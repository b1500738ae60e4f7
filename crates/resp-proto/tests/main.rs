//! The tests of the crate from outside, a module a subject.

#![cfg(feature = "std")]

mod agreement;
mod decoding;
mod encoding;
mod framing;
mod inline;
mod naive;
mod splits;
