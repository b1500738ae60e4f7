//! When a call is made again.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    thread,
    time::Duration,
};

use redis_conn::{Error, ErrorKind, ServerErrorKind, chance};

use crate::trace;

/// How often a call is retried, and after what delays.
///
/// The policy says *when*. *What* is retried is fixed: a call that failed with a [retryable](Error::is_retryable) error
/// other than a timeout, if it cannot have been executed ([`Error::maybe_executed`]) or only reads. For a client that
/// follows a primary ([`Sentinel::master_for`](crate::Sentinel::master_for)), also after `READONLY`. A script or
/// function may have been executed whatever error it returns.
///
/// ```
/// use std::time::Duration;
/// use redis::{Client, Jitter, RetryPolicy};
///
/// let patient = RetryPolicy::exponential(5, Duration::from_millis(20), Duration::from_secs(2));
/// let client = Client::builder().retry(patient.jitter(Jitter::Full)).build();
/// # drop(client);
/// ```
#[derive(Clone)]
pub struct RetryPolicy {
    /// How often at most, after the first time; `None` for ever.
    retries: Option<u32>,
    pauses: Pauses,
    jitter: Jitter,
}

#[derive(Clone)]
enum Pauses {
    Exponential { first: Duration, longest: Duration },
    Custom(Arc<dyn Fn(u32) -> Duration + Send + Sync>),
}

/// How delays are randomised, so that many clients do not come back all at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Jitter {
    /// Not at all.
    None,
    /// Half of the delay is fixed, the other half random.
    #[default]
    Equal,
    /// All of the delay is random.
    Full,
    /// Random between the first delay and three times the previous one.
    Decorrelated,
}

impl RetryPolicy {
    /// Never again.
    #[must_use]
    pub fn none() -> Self {
        Self::exponential(0, Duration::ZERO, Duration::ZERO)
    }

    /// What suits transactions on watched keys: many short attempts, as each that fails means that
    /// another one has succeeded.
    pub(crate) fn for_transactions() -> Self {
        Self::exponential(99, Duration::from_millis(1), Duration::from_millis(64))
            .jitter(Jitter::Full)
    }

    /// Up to `retries` times, after the same delay each time.
    #[must_use]
    pub fn constant(retries: u32, pause: Duration) -> Self {
        Self::exponential(retries, pause, pause).jitter(Jitter::None)
    }

    /// Up to `retries` times, after delays that double from `first` to `longest`, spread by [`Jitter::Equal`].
    #[must_use]
    pub fn exponential(retries: u32, first: Duration, longest: Duration) -> Self {
        Self {
            retries: Some(retries),
            pauses: Pauses::Exponential { first, longest },
            jitter: Jitter::default(),
        }
    }

    /// Up to `retries` times, after delays of your own choice: `pause` is called with the number of the repetition,
    /// from 1 to `retries` or, if it is to go on [for ever](RetryPolicy::forever), without end. A
    /// [`PubSub`](crate::PubSub) that connects again for longer repeats the last delay.
    #[must_use]
    pub fn custom(retries: u32, pause: impl Fn(u32) -> Duration + Send + Sync + 'static) -> Self {
        Self {
            retries: Some(retries),
            pauses: Pauses::Custom(Arc::new(pause)),
            jitter: Jitter::None,
        }
    }

    /// Without end. A call then ends only when it succeeds, or fails in a way that time does not mend.
    #[must_use]
    pub fn forever(mut self) -> Self {
        self.retries = None;
        self
    }

    /// Randomises the delays in this way.
    #[must_use]
    pub fn jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    /// Makes a call, and makes it again where that can help and cannot do the same thing twice.
    pub(crate) fn run<T>(
        &self,
        repeatable: bool,
        call: impl FnMut() -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.run_while(|error| helps(error, repeatable), call)
    }

    /// Makes a call, and makes it again after errors that `helps` says it helps against.
    #[inline]
    pub(crate) fn run_while<T>(
        &self,
        helps: impl Fn(&Error) -> bool,
        mut call: impl FnMut() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (mut repeated, mut before) = (0, Duration::ZERO);
        loop {
            match call() {
                Err(error) if self.allows(repeated) && helps(&error) => {
                    repeated += 1;
                    before = self.wait(repeated, before, &error);
                }
                result => return result,
            }
        }
    }

    /// Whether a call that has been repeated so often may be once more.
    fn allows(&self, repeated: u32) -> bool {
        self.retries.is_none_or(|most| repeated < most)
    }

    /// Waits before a repetition; for how long.
    #[cold]
    fn wait(&self, repetition: u32, before: Duration, error: &Error) -> Duration {
        let pause = self.pause(repetition, before, chance());
        trace::retrying(repetition, pause, error);
        thread::sleep(pause);
        pause
    }

    /// The delays of something that has to be repeated until it succeeds: those of the default for a policy that has
    /// none. They are never so short that repeating would keep the processor busy. Delays of a user's own choice are
    /// told no number beyond those of the policy: its last one is what all later ones are.
    pub(crate) fn pauses(&self) -> Arc<dyn Fn(u32, Duration) -> Duration + Send + Sync> {
        let (policy, last) = match (&self.pauses, self.retries) {
            (Pauses::Exponential { longest, .. }, _) if longest.is_zero() => {
                (Self::default(), u32::MAX)
            }
            (Pauses::Custom(_), Some(0)) => (Self::default(), u32::MAX),
            (Pauses::Custom(_), Some(last)) => (self.clone(), last),
            _ => (self.clone(), u32::MAX),
        };
        Arc::new(move |repetition, before| {
            let pause = policy.pause(repetition.min(last), before, chance());
            pause.max(Duration::from_millis(5))
        })
    }

    /// The delay before a repetition, counted from 1, with `chance` between 0 and 1.
    fn pause(&self, repetition: u32, before: Duration, chance: f64) -> Duration {
        let (first, longest) = match &self.pauses {
            Pauses::Custom(pause) => (pause(repetition), Duration::MAX),
            Pauses::Exponential { first, longest } => (*first, *longest),
        };
        let doubled = match &self.pauses {
            Pauses::Custom(_) => first,
            Pauses::Exponential { .. } => first
                .saturating_mul(1 << (repetition - 1).min(31))
                .min(longest),
        };
        match self.jitter {
            Jitter::None => doubled,
            Jitter::Equal => doubled / 2 + (doubled / 2).mul_f64(chance),
            Jitter::Full => doubled.mul_f64(chance),
            Jitter::Decorrelated => {
                let widest = before.saturating_mul(3).clamp(first, longest.max(first));
                first + (widest - first).mul_f64(chance)
            }
        }
    }
}

/// A policy keeps no state between calls, so a panic in a call cannot leave one half changed.
impl UnwindSafe for RetryPolicy {}
impl RefUnwindSafe for RetryPolicy {}

impl Default for RetryPolicy {
    /// Three times, after about 10, 20 and 40 milliseconds.
    fn default() -> Self {
        Self::exponential(3, Duration::from_millis(10), Duration::from_millis(500))
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RetryPolicy");
        shown
            .field("retries", &self.retries)
            .field("jitter", &self.jitter);
        if let Pauses::Exponential { first, longest } = &self.pauses {
            shown.field("first", first).field("longest", longest);
        }
        shown.finish_non_exhaustive()
    }
}

/// Whether a server that is not the primary refused the call, of which it did nothing then: the next connection
/// leads to another server. A script can answer so as well, and may have been executed then.
pub(crate) fn is_elsewhere(error: &Error) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly) && !error.maybe_executed()
}

/// Whether a server that cannot execute anything for now refused the call, of which it did nothing then.
pub(crate) fn is_refused_for_now(error: &Error) -> bool {
    let refused = matches!(error.kind(), ErrorKind::Server(_));
    refused && error.is_retryable() && !error.maybe_executed()
}

/// Whether making the call again can help, and cannot do the same thing twice.
pub(crate) fn helps(error: &Error, repeatable: bool) -> bool {
    // Whoever has waited for as long as they wanted to does not want to wait again. A watched key that
    // was changed has to be read again first.
    let final_ = matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Watch);
    !final_ && error.is_retryable() && (repeatable || !error.maybe_executed())
}

#[cfg(test)]
mod tests {
    use redis_conn::ErrorKind;
    use resp_proto::ServerError;

    use super::*;

    fn calls(repeatable: bool, error: fn() -> Error) -> u32 {
        let mut calls = 0;
        let result = RetryPolicy::constant(2, Duration::from_micros(1)).run(
            repeatable,
            || -> Result<(), _> {
                calls += 1;
                Err(error())
            },
        );
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
    fn what_the_server_could_not_do_yet_is_sent_again() {
        assert_eq!(
            calls(false, || ServerError::from_line(
                b"LOADING Redis is loading"
            )
            .into()),
            3
        );
        assert_eq!(
            calls(false, || ServerError::from_line(b"TRYAGAIN").into()),
            3
        );
        // A pipeline of which something else was executed.
        let half = || Error::from(ServerError::from_line(b"TRYAGAIN")).with_maybe_executed(true);
        assert_eq!(calls(false, half), 1);
    }

    #[test]
    fn what_a_demoted_primary_refuses_is_for_another_unless_it_may_have_been_executed() {
        let refused = || Error::from(ServerError::from_line(b"READONLY You can't write"));
        assert!(is_elsewhere(&refused()));
        assert!(!is_elsewhere(&refused().with_maybe_executed(true)));
        assert!(!is_elsewhere(&ServerError::from_line(b"ERR no").into()));
        assert_eq!(
            calls(false, || {
                ServerError::from_line(b"READONLY You can't write").into()
            }),
            1
        );
    }

    #[test]
    fn other_errors_are_final() {
        assert_eq!(
            calls(true, || Error::new(ErrorKind::Authentication, "no")),
            1
        );
        assert_eq!(calls(true, || Error::new(ErrorKind::Timeout, "late")), 1);
        assert_eq!(calls(true, || Error::new(ErrorKind::Watch, "changed")), 1);
        assert_eq!(calls(true, || ServerError::from_line(b"ERR no").into()), 1);
    }

    #[test]
    fn success_ends_it_however_often_it_may_be_tried() {
        let mut calls = 0;
        let policy = RetryPolicy::constant(0, Duration::from_micros(1)).forever();
        let result = policy.run(false, || {
            calls += 1;
            if calls == 20 {
                Ok(calls)
            } else {
                Err(Error::new(ErrorKind::Connection, "refused"))
            }
        });
        assert_eq!(result.unwrap(), 20);
    }

    #[test]
    fn pauses_are_what_the_policy_says() {
        let ms = Duration::from_millis;
        let exponential = RetryPolicy::exponential(9, ms(10), ms(50));
        let pauses = |policy: &RetryPolicy, chance: f64| {
            let mut before = Duration::ZERO;
            (1..=5)
                .map(|repetition| {
                    before = policy.pause(repetition, before, chance);
                    before
                })
                .collect::<Vec<_>>()
        };
        let none = exponential.clone().jitter(Jitter::None);
        assert_eq!(pauses(&none, 0.5), [ms(10), ms(20), ms(40), ms(50), ms(50)]);
        assert_eq!(
            pauses(&exponential, 0.0),
            [ms(5), ms(10), ms(20), ms(25), ms(25)]
        );
        assert_eq!(
            pauses(&exponential, 1.0),
            [ms(10), ms(20), ms(40), ms(50), ms(50)]
        );
        let full = exponential.clone().jitter(Jitter::Full);
        assert_eq!(pauses(&full, 0.0), [ms(0); 5]);
        assert_eq!(pauses(&full, 1.0), [ms(10), ms(20), ms(40), ms(50), ms(50)]);
        let decorrelated = exponential.jitter(Jitter::Decorrelated);
        assert_eq!(pauses(&decorrelated, 0.0), [ms(10); 5]);
        assert_eq!(
            pauses(&decorrelated, 1.0),
            [ms(10), ms(30), ms(50), ms(50), ms(50)]
        );
        assert_eq!(pauses(&RetryPolicy::constant(3, ms(7)), 0.3), [ms(7); 5]);
        let custom = RetryPolicy::custom(3, |repetition| Duration::from_millis(repetition.into()));
        assert_eq!(pauses(&custom, 0.3), [ms(1), ms(2), ms(3), ms(4), ms(5)]);
        // Far repetitions do not overflow.
        assert_eq!(none.pause(u32::MAX, ms(50), 0.5), ms(50));
    }

    #[test]
    fn pauses_of_what_never_gives_up_are_told_no_number_that_the_policy_does_not_have() {
        const TABLE: [u64; 3] = [10, 20, 30];
        let ms = Duration::from_millis;
        let custom = |retries| {
            RetryPolicy::custom(retries, |number| {
                Duration::from_millis(TABLE[number as usize - 1])
            })
        };
        let pauses = |policy: RetryPolicy| [1, 2, 3, 4, 99].map(|n| policy.pauses()(n, ms(0)));
        assert_eq!(pauses(custom(3)), [ms(10), ms(20), ms(30), ms(30), ms(30)]);
        // One that never repeats has no pauses of its own.
        assert!(pauses(custom(0)).iter().all(|pause| *pause <= ms(500)));
        let counted = |number: u32| Duration::from_millis(u64::from(number) * 10);
        let forever = RetryPolicy::custom(3, counted).forever();
        assert_eq!(pauses(forever)[4], ms(990));
    }
}
