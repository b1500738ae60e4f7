//! When a call is made again.

use std::{thread, time::Duration};

use redis_conn::Error;

/// How often a call is repeated, and after what pause.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    /// How often at most, after the first time.
    pub(crate) retries: u32,
    /// The pause before the first repetition; it doubles with each.
    pause: Duration,
}

impl Retry {
    pub(crate) const DEFAULT: Self = Self {
        retries: 2,
        pause: Duration::from_millis(10),
    };

    /// Makes a call, and makes it again where that can help and cannot do the same thing twice.
    pub(crate) fn run<T>(
        self,
        repeatable: bool,
        mut call: impl FnMut() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut repeated = 0;
        loop {
            match call() {
                Err(error) if repeated < self.retries && helps(&error, repeatable) => {
                    thread::sleep(self.pause.saturating_mul(1 << repeated.min(16)));
                    repeated += 1;
                }
                result => return result,
            }
        }
    }
}

fn helps(error: &Error, repeatable: bool) -> bool {
    error.is_connection() && (repeatable || !error.maybe_executed())
}

#[cfg(test)]
mod tests {
    use redis_conn::ErrorKind;

    use super::*;

    const QUICK: Retry = Retry {
        retries: 2,
        pause: Duration::from_micros(1),
    };

    fn calls(repeatable: bool, error: fn() -> Error) -> u32 {
        let mut calls = 0;
        let result = QUICK.run(repeatable, || -> Result<(), _> {
            calls += 1;
            Err(error())
        });
        assert!(result.is_err());
        calls
    }

    #[test]
    fn what_was_not_sent_is_sent_again() {
        assert_eq!(
            calls(false, || Error::new(ErrorKind::Connection, "refused")),
            3
        );
    }

    #[test]
    fn what_was_sent_is_sent_again_only_if_it_reads() {
        let broken = || Error::new(ErrorKind::Connection, "broken").with_maybe_executed(true);
        assert_eq!(calls(false, broken), 1);
        assert_eq!(calls(true, broken), 3);
    }

    #[test]
    fn other_errors_are_final() {
        assert_eq!(
            calls(true, || Error::new(ErrorKind::Authentication, "no")),
            1
        );
        assert_eq!(calls(true, || Error::new(ErrorKind::Timeout, "late")), 1);
    }

    #[test]
    fn success_ends_it() {
        let mut calls = 0;
        let result = QUICK.run(false, || {
            calls += 1;
            if calls == 2 {
                Ok(calls)
            } else {
                Err(Error::new(ErrorKind::Connection, "refused"))
            }
        });
        assert_eq!(result.unwrap(), 2);
    }
}
