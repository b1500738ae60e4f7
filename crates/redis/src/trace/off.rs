//! What stands where spans and events would be without the feature `tracing`: nothing that the compiler keeps.

use std::{fmt::Display, time::Duration};

use redis_conn::Error;

/// Nothing, in place of a span.
#[derive(Debug)]
pub(crate) struct Call;

impl Call {
    #[inline(always)]
    pub(crate) fn of<N: Display>(_name: impl FnOnce() -> N, _address: &str) -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn unnamed(_address: &str) -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn end<T>(&self, _result: &Result<T, Error>) {}
}

#[inline(always)]
pub(crate) fn retrying(_repetition: u32, _pause: Duration, _error: &Error) {}
