//! Spans and events for whoever traces, with the feature `tracing`. No value, no key and no secret is in them.

use std::{fmt::Display, time::Duration};

use redis_conn::Error;
use tracing::{Level, event, span, span::EnteredSpan};

/// The span of one call, including all its attempts and delays, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Call {
    span: EnteredSpan,
}

impl Call {
    /// That of a command of that name, without its arguments.
    pub(crate) fn of<N: Display>(name: impl FnOnce() -> N, address: &str) -> Self {
        let call = Self::unnamed(address);
        if !call.span.is_disabled() {
            let name = tracing::field::display(name());
            call.span.record("db.operation.name", name);
        }
        call
    }

    /// That of a pipeline, a transaction, or what an iterator or a lock does.
    pub(crate) fn unnamed(address: &str) -> Self {
        let span = span!(
            target: "redis::command",
            Level::DEBUG,
            "redis",
            db.operation.name = tracing::field::Empty,
            server.address = address,
            error.kind = tracing::field::Empty,
        );
        Self {
            span: span.entered(),
        }
    }

    /// Says what became of it.
    pub(crate) fn end<T>(&self, result: &Result<T, Error>) {
        if let Err(error) = result {
            let kind = error.kind();
            self.span.record("error.kind", tracing::field::debug(kind));
        }
    }
}

/// A call will be retried after that delay.
pub(crate) fn retrying(repetition: u32, pause: Duration, error: &Error) {
    event!(
        target: "redis::retry",
        Level::DEBUG,
        repetition,
        pause_us = pause.as_micros() as u64,
        error.kind = ?error.kind(),
        "trying again"
    );
}
