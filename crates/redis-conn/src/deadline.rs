//! When a wait has to end.

use std::time::{Duration, Instant};

use crate::{Error, ErrorKind};

/// How long one step of a wait may take; `None` for as long as it takes.
pub(crate) type Limit = Option<Duration>;

/// How long a read may take that is to find what has come, or a write what room there is.
pub(crate) const AT_ONCE: Duration = Duration::from_millis(1);

/// When a wait has to end, if ever.
///
/// A call makes one of these and hands it to everything that it waits for, so that several short waits
/// cannot add up to a long one.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    started: Instant,
    /// How long all of it may take; `None` for no limit.
    limit: Option<Duration>,
}

impl Deadline {
    /// So much time from now.
    #[must_use]
    pub fn within(limit: Duration) -> Self {
        Self::since(Instant::now(), limit)
    }

    /// So much time from then, for whoever has just looked at the clock.
    pub(crate) fn since(started: Instant, limit: Duration) -> Self {
        Self {
            started,
            limit: Some(limit),
        }
    }

    /// No end.
    #[must_use]
    pub fn never() -> Self {
        Self {
            started: Instant::now(),
            limit: None,
        }
    }

    /// How much time the whole was given; `None` for no limit.
    #[must_use]
    pub fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// When the wait began.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// How much time is left, never zero; `Ok(None)` where there is no limit.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when no time is left.
    pub fn remaining(&self) -> Result<Option<Duration>, Error> {
        self.left().ok_or_else(|| self.passed())
    }

    /// The same for whoever has another error for it, or none: `None` when no time is left.
    pub(crate) fn left(&self) -> Option<Limit> {
        let Some(limit) = self.limit else {
            return Some(None);
        };
        let left = limit.checked_sub(self.started.elapsed());
        left.filter(|left| !left.is_zero()).map(Some)
    }

    /// The error of a wait that took too long, with what was waited for.
    #[must_use]
    pub fn missed(&self, waiting: &str) -> Error {
        self.passed().at(waiting)
    }

    fn passed(&self) -> Error {
        let limit = self.limit.unwrap_or_default();
        Error::new(ErrorKind::Timeout, format!("timed out after {limit:?}"))
    }
}
