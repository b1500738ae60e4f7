//! The tests of the crate from outside, a module a subject.

#![cfg(feature = "std")]

mod agreement;
mod ahead;
mod arrivals;
mod decoding;
mod encoding;
mod framing;
#[expect(
    unreachable_pub,
    reason = "the fuzz targets are another crate, which has this file too"
)]
mod fuzzed;
mod inline;
mod limits;
mod naive;
mod numbers;
mod places;
mod recorded;
mod rows;
mod splits;
mod viewing;
mod written;
