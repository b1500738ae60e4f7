//! What stands where events would be without the feature `tracing`: nothing that the compiler keeps.

use crate::{Address, Error};

/// Nothing, in place of a time.
#[derive(Debug)]
pub(crate) struct Begun;

impl Begun {
    #[inline(always)]
    pub(crate) fn now() -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn connecting<T>(&self, _address: &Address, _result: &Result<T, Error>) {}

    #[inline(always)]
    pub(crate) fn waiting<T>(&self, _max_size: usize, _result: &Result<T, Error>) {}
}
