//! Events for whoever traces, with the feature `tracing`. No value, no key and no secret is in them.

use std::time::Instant;

use tracing::{Level, event};

use crate::{Address, Error};

/// What began at some time, to be told of when it ends.
#[derive(Debug)]
pub(crate) struct Begun(Instant);

impl Begun {
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    /// A connection was made to that address, or could not be.
    pub(crate) fn connecting<T>(&self, address: &Address, result: &Result<T, Error>) {
        let elapsed = self.0.elapsed();
        match result {
            Ok(_) => event!(
                target: "redis::connect",
                Level::DEBUG,
                server.address = %address,
                elapsed_us = elapsed.as_micros() as u64,
                "connected"
            ),
            Err(error) => event!(
                target: "redis::connect",
                Level::WARN,
                server.address = %address,
                elapsed_us = elapsed.as_micros() as u64,
                error.kind = ?error.kind(),
                "could not connect"
            ),
        }
    }

    /// All connections were in use, and one came free in time or did not.
    pub(crate) fn waiting<T>(&self, max_size: usize, result: &Result<T, Error>) {
        let elapsed = self.0.elapsed();
        match result {
            Ok(_) => event!(
                target: "redis::pool",
                Level::DEBUG,
                pool.size = max_size,
                elapsed_us = elapsed.as_micros() as u64,
                "waited for a connection"
            ),
            Err(_) => event!(
                target: "redis::pool",
                Level::WARN,
                pool.size = max_size,
                elapsed_us = elapsed.as_micros() as u64,
                "waited in vain for a connection"
            ),
        }
    }
}
