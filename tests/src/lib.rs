//! Holds no code: the tests are in `live/`, one binary for all of them. The README's code is a test too.

#![cfg_attr(doctest, doc = include_str!("../../README.md"))]
