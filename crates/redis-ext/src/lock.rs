//! A lock that programs on many machines share.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    process,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use redis_cmd::{KeptArg, KeyCommands, Milliseconds, SetOptions, StringCommands, ToArg, Typed};
use redis_conn::{Deadline, Error, ErrorKind, chance};

use crate::{Checkout, RunScript, Script, handle::Handle};

/// How long to wait between two attempts by default.
const PAUSE: Duration = Duration::from_millis(100);
/// How long an answer is waited for at least by who has less time than that, and at most by who drops a guard: it is
/// sooner than any but a server in trouble.
const ANSWER: Duration = Duration::from_secs(2);
/// How long a lock lasts whose lifetime somebody else has set, or may have: as if for ever.
const UNKNOWN: Duration = Duration::MAX;

/// Releases the lock, if the token is still its value: 1 if so.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
         return redis.call('DEL', KEYS[1])",
    )
});

/// Makes the lock last so long from now, if the token is still its value: 1 if so.
static RENEW: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
         return redis.call('PEXPIRE', KEYS[1], ARGV[2])",
    )
});

/// Makes the lock last so much longer, if the token is still its value: 1 if so.
static EXTEND: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
         local left = math.max(redis.call('PTTL', KEYS[1]), 0)
         return redis.call('PEXPIRE', KEYS[1], left + ARGV[2])",
    )
});

/// A lock that programs on many machines share: a key that only one of them can set.
///
/// A client makes one: `client.lock(name, lifetime)`. Whoever owns it has a [`LockGuard`], which releases it when
/// dropped. It is also released when `lifetime` is over, so that nothing waits for ever for a program that has crashed.
///
/// ```no_run
/// # use std::{sync::Arc, time::Duration};
/// # fn with(checkout: Arc<dyn redis_ext::Checkout>) -> Result<(), redis_conn::Error> {
/// use redis_ext::Lock;
///
/// let lock = Lock::new(checkout, &"nightly-report", Duration::from_secs(30));
/// let guard = lock.acquire(Duration::from_secs(5))?;
/// // … what only one may do at a time, in less than 30 seconds …
/// guard.release()?;
/// # Ok(())
/// # }
/// ```
///
/// # What it cannot do
/// - It is as safe as the one server it lives on. If that fails over to a replica which has not heard of
///   the lock yet, somebody else can have it too. It is not the Redlock algorithm.
/// - A program that is stopped for longer than `lifetime` (by its machine, or by waiting for something) still believes
///   that it owns the lock. Where that would do harm, use a fencing token: a number from `INCR`, taken under the lock
///   and sent with each write, so that what is written to can refuse any lower than the highest it has seen.
/// - The same thread cannot acquire it twice: the second attempt waits for the first guard.
#[derive(Clone)]
pub struct Lock {
    handle: Handle,
    name: Arc<KeptArg>,
    lifetime: Duration,
    pause: Duration,
    /// What guards hold it by, if that is not to be another text each time.
    token: Option<Arc<str>>,
}

impl Lock {
    /// The lock at the key `name`, which whoever acquires it owns for `lifetime`, in whole milliseconds, rounded up,
    /// from 1. Nothing is sent.
    #[must_use]
    pub fn new(
        checkout: Arc<dyn Checkout>,
        name: &(impl ToArg + ?Sized),
        lifetime: Duration,
    ) -> Self {
        Self {
            handle: Handle::new(checkout),
            name: Arc::new(KeptArg::new(name)),
            lifetime: lifetime.max(Duration::from_millis(1)),
            pause: PAUSE,
            token: None,
        }
    }

    /// How long to wait between two attempts: 100 ms by default. Each wait is randomly longer or shorter by up to a
    /// half, so that those who wait do not all come at once.
    #[doc(alias = "sleep")]
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Acquires with this [token](LockGuard::token) instead of a generated one, for callers that must know it in
    /// advance or identify the owner by it. It must be unique: whoever has the token owns the lock.
    #[must_use]
    pub fn token(mut self, token: impl Into<Arc<str>>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// A guard for a lock that was acquired with this token, here or elsewhere; dropping it releases the lock, whatever
    /// lifetime it was given there. Nothing is sent: [`is_owned`](LockGuard::is_owned) says whether the token still
    /// holds it.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # fn with(checkout: std::sync::Arc<dyn redis_ext::Checkout>) -> Result<(), redis_conn::Error> {
    /// # let lock = redis_ext::Lock::new(checkout, &"import", Duration::from_secs(30));
    /// let token = lock.acquire(Duration::from_secs(5))?.into_token();
    /// // … sent along with the job, to whoever does it …
    /// let guard = lock.guard_of(token);
    /// guard.reacquire()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn guard_of(&self, token: impl Into<Arc<str>>) -> LockGuard {
        LockGuard {
            lock: self.clone(),
            token: token.into(),
            ends: Mutex::new(Deadline::within(UNKNOWN)),
            released: false,
        }
    }

    /// Acquires the lock if it is free; `None` if somebody else owns it.
    ///
    /// # Errors
    /// Those of `SET`. If `SET` may have been executed, one attempt to release the lock has been made.
    pub fn try_acquire(&self) -> Result<Option<LockGuard>, Error> {
        self.attempt(&self.handle)
    }

    fn attempt(&self, handle: &Handle) -> Result<Option<LockGuard>, Error> {
        // Made before the lock is taken, so that it is given back on every way out.
        let guard = self.guard_of(self.token.clone().unwrap_or_else(|| token().into()));
        let options = SetOptions::new().nx().expiry(self.lifetime);
        let taken = handle.set_with(&*self.name, &*guard.token, options);
        match taken {
            Ok(true) => {
                *guard.ends() = Deadline::within(self.lifetime);
                Ok(Some(guard))
            }
            Err(error) if error.maybe_executed() => Err(error),
            taken => {
                guard.into_token();
                taken.map(|_| None)
            }
        }
    }

    /// Acquires the lock, and waits up to `limit` until it is free. Waiters are not served in order.
    ///
    /// An unresponsive server is waited for as long as by any call, but no longer than until `limit` is over or, so that
    /// one attempt fits, for 2 s. Waiting for a free connection and connecting have timeouts of their own, and nothing
    /// cuts short a delay of the client's retry policy.
    ///
    /// # Errors
    /// `LockTaken` when it was not free in time; those of [`try_acquire`](Lock::try_acquire), at once.
    #[doc(alias = "blocking_timeout")]
    pub fn acquire(&self, limit: Duration) -> Result<LockGuard, Error> {
        let deadline = Deadline::within(limit);
        loop {
            let left = deadline.remaining().ok().flatten().unwrap_or_default();
            let handle = self.handle.until(Deadline::within(left.max(ANSWER)));
            if let Some(guard) = self.attempt(&handle)? {
                return Ok(guard);
            }
            let Ok(left) = deadline.remaining() else {
                let message =
                    format!("expected it to become free within {limit:?}, found it taken");
                return Err(Error::new(ErrorKind::LockTaken, message).at(self.to_string()));
            };
            let pause = self
                .pause
                .mul_f64(0.5)
                .saturating_add(self.pause.mul_f64(chance()));
            thread::sleep(left.map_or(pause, |left| pause.min(left)));
        }
    }

    /// Whether anybody owns the lock.
    ///
    /// # Errors
    /// Those of `EXISTS`.
    #[doc(alias = "locked")]
    pub fn is_locked(&self) -> Result<bool, Error> {
        self.handle.exists(&*self.name).map(|count| count > 0)
    }
}

/// As error messages name it.
impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Typed::new([b"lock".as_slice(), self.name.bytes()]).fmt(f)
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock")
            .field("name", &self.to_string())
            .field("lifetime", &self.lifetime)
            .field("pause", &self.pause)
            .finish_non_exhaustive()
    }
}

/// A [`Lock`] that was acquired. Dropping the guard releases it.
///
/// Releasing takes a round trip, and dropping cannot report that it failed: the lock is then free when its lifetime is
/// over. [`release`](LockGuard::release) reports it. Dropping tries once, whatever the client's retry policy, waits no
/// longer for the answer than 2 seconds or what is left of the lifetime, and sends nothing when that is known to be over.
/// Getting a connection for it has the timeouts that it has for any call.
#[must_use = "the lock is released when this is dropped"]
pub struct LockGuard {
    lock: Lock,
    /// What the key holds while we own the lock.
    token: Arc<str>,
    /// When its lifetime is over, at the latest.
    ends: Mutex<Deadline>,
    released: bool,
}

impl LockGuard {
    /// What the lock's key holds as long as this guard owns the lock: 32 hexadecimal digits that no other guard has, or
    /// what [`Lock::token`] has said.
    ///
    /// They are made by the standard library's [`RandomState`], which the operating system's random
    /// numbers seed once for each thread, of the number of the process and of the time, so that not even a process that was
    /// forked has the same: good enough to be unique, not meant to be a secret.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Gives up the guard without releasing the lock, and returns the token. The lock stays held until its lifetime
    /// ends, or a guard made from the token ([`guard_of`](Lock::guard_of)) releases it.
    #[doc(alias = "thread_local")]
    pub fn into_token(mut self) -> String {
        self.released = true;
        self.token.as_ref().into()
    }

    /// Whether this guard owns the lock now: its lifetime is not over, and nobody has removed it.
    ///
    /// # Errors
    /// Those of `GET`.
    #[doc(alias = "owned")]
    pub fn is_owned(&self) -> Result<bool, Error> {
        let token: Option<Vec<u8>> = self.lock.handle.get(&*self.lock.name)?;
        Ok(token.is_some_and(|token| token == self.token.as_bytes()))
    }

    /// Makes the lock last `longer` than it would.
    ///
    /// # Errors
    /// `LockNotOwned` when this guard does not own the lock any more; those of the script that does it.
    pub fn extend(&self, longer: Duration) -> Result<(), Error> {
        self.prolong(&EXTEND, longer, |left| left.saturating_add(longer))
    }

    /// Makes the lock last for its lifetime from now on.
    ///
    /// # Errors
    /// Those of [`extend`](LockGuard::extend).
    pub fn reacquire(&self) -> Result<(), Error> {
        self.renew(self.lock.lifetime)
    }

    /// Makes the lock last for `lifetime` from now on.
    ///
    /// # Errors
    /// Those of [`extend`](LockGuard::extend).
    #[doc(alias = "replace_ttl")]
    pub fn renew(&self, lifetime: Duration) -> Result<(), Error> {
        let lifetime = lifetime.max(Duration::from_millis(1));
        self.prolong(&RENEW, lifetime, |_| lifetime)
    }

    /// Releases the lock.
    ///
    /// # Errors
    /// `LockNotOwned` when this guard did not own the lock any more: whatever was done under it, somebody else may have
    /// done too. Those of the script that does it; the lock is then free when its lifetime is over, if not before.
    pub fn release(mut self) -> Result<(), Error> {
        self.released = true;
        self.change(&self.lock.handle, &RELEASE, Duration::ZERO)
    }

    /// Sets how long the lock lasts: `lasts` makes that of how long it would have.
    fn prolong(
        &self,
        script: &Script,
        time: Duration,
        lasts: impl FnOnce(Duration) -> Duration,
    ) -> Result<(), Error> {
        let changed = self.change(&self.lock.handle, script, time);
        let mut ends = self.ends();
        match &changed {
            Ok(()) => {
                let left = ends.remaining().ok().flatten().unwrap_or_default();
                *ends = Deadline::within(lasts(left));
            }
            Err(error) if error.maybe_executed() => *ends = Deadline::within(UNKNOWN),
            Err(_) => {}
        }
        changed
    }

    fn change(&self, handle: &Handle, script: &Script, time: Duration) -> Result<(), Error> {
        let args = (&*self.token, Milliseconds::from(time).0);
        if handle.run_script(script, &self.lock.name, args)? {
            return Ok(());
        }
        let message =
            "expected to have it, found that its lifetime was over or that it was removed";
        Err(Error::new(ErrorKind::LockNotOwned, message).at(self.lock.to_string()))
    }

    fn ends(&self) -> MutexGuard<'_, Deadline> {
        // It is put in whole or not at all.
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        let left = self.ends().remaining().ok().flatten();
        let Some(left) = left.filter(|_| !self.released) else {
            return;
        };
        let handle = self.lock.handle.until(Deadline::within(left.min(ANSWER)));
        // Nobody is there to be told. The lock is free when its lifetime is over.
        let _ = self.change(&handle.once(), &RELEASE, Duration::ZERO);
    }
}

impl fmt::Debug for LockGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockGuard")
            .field("lock", &self.lock)
            .finish_non_exhaustive()
    }
}

/// 32 hexadecimal digits that do not come again.
fn token() -> String {
    // Each state has other keys, which the operating system's random numbers seed, and the hash of anything
    // under a key is 64 bits that look random. A forked process begins with the same keys, but not with its number.
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let (process, now) = (process::id(), now.unwrap_or_default());
    let half = || half(&RandomState::new(), process, now);
    format!("{:016x}{:016x}", half(), half())
}

fn half(state: &RandomState, process: u32, now: Duration) -> u64 {
    state.hash_one((process, now))
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashSet,
        sync::atomic::{AtomicU32, Ordering::Relaxed},
    };

    use redis_cmd::Waits;
    use redis_conn::{Connection, PooledConnection};

    use super::*;
    use crate::Need;

    /// A server whose answers are lost; how often it was asked.
    #[derive(Default)]
    struct Mute(AtomicU32);

    impl Mute {
        fn lost<T>(&self) -> Result<T, Error> {
            self.0.fetch_add(1, Relaxed);
            Err(Error::new(ErrorKind::Timeout, "no answer").with_maybe_executed(true))
        }
    }

    type Call<'c> = dyn FnMut(&mut Connection, Deadline) -> Result<(), Error> + 'c;

    impl Checkout for Mute {
        fn run(&self, _: &Need<'_>, _: &mut Call<'_>) -> Result<(), Error> {
            self.lost()
        }

        fn lend(&self, _: &Need<'_>, _: &mut Call<'_>) -> Result<PooledConnection, Error> {
            self.lost()
        }

        fn connect(&self) -> Result<Connection, Error> {
            self.lost()
        }

        fn deadline(&self, _: Waits) -> Deadline {
            Deadline::within(Duration::ZERO)
        }
    }

    #[test]
    fn a_lock_whose_new_lifetime_nobody_knows_is_released_when_its_old_one_is_over() {
        type Prolong = fn(&LockGuard) -> Result<(), Error>;
        let ways: [(u32, Prolong); 3] = [
            (0, |_| Ok(())),
            (2, |guard| guard.renew(Duration::from_secs(60))),
            (2, |guard| guard.extend(Duration::from_secs(60))),
        ];
        for (expected, prolong) in ways {
            let server = Arc::new(Mute::default());
            let lock = Lock::new(server.clone(), &"foo", Duration::from_secs(60));
            let guard = lock.guard_of("token");
            *guard.ends() = Deadline::within(Duration::from_millis(1));
            assert_eq!(prolong(&guard).is_err(), expected > 0);
            thread::sleep(Duration::from_millis(2));
            drop(guard);
            assert_eq!(server.0.load(Relaxed), expected);
        }
    }

    #[test]
    fn tokens_do_not_come_again_in_any_thread() {
        let threads: Vec<_> = (0..8)
            .map(|_| thread::spawn(|| (0..1000).map(|_| token()).collect::<Vec<_>>()))
            .collect();
        let tokens = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        let tokens: HashSet<String> = tokens.collect();
        assert_eq!(tokens.len(), 8000);
        assert!(tokens.iter().all(|token| token.len() == 32));
    }

    #[test]
    fn a_process_that_was_forked_with_the_same_keys_has_other_tokens() {
        let (state, now) = (RandomState::new(), Duration::from_secs(1));
        assert_ne!(half(&state, 1, now), half(&state, 2, now));
        assert_ne!(half(&state, 1, now), half(&state, 1, now * 2));
    }
}
