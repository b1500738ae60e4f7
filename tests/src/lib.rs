//! What the tests of the whole have in common, and the README, whose code is a test too. The tests themselves are in
//! `live/`, one binary for all of them, in `memory/` and in `soak/`.

#![cfg_attr(doctest, doc = include_str!("../../README.md"))]

pub mod heap;
pub mod held;
