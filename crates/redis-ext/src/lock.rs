//! A lock that programs on many machines share.

use std::{
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
    sync::{Arc, LazyLock},
    thread,
    time::Duration,
};

use redis_cmd::{KeptArg, KeyCommands, Milliseconds, SetOptions, StringCommands, ToArg, Typed};
use redis_conn::{Deadline, Error, ErrorKind, chance};

use crate::{Checkout, RunScript, Script, handle::Handle};

/// How long to wait between two attempts, if nothing is said.
const PAUSE: Duration = Duration::from_millis(100);

/// Gives the lock back, if the token is still its value: 1 if so.
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
/// A client makes one: `client.lock(name, lifetime)`. Whoever has it gets a [`LockGuard`], which gives it
/// back when it is dropped. It is also given back when `lifetime` is over, so that nothing waits for ever
/// for a program that has crashed.
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
/// - A program that is stopped for longer than `lifetime` (by its machine, or by waiting for something)
///   still believes that it has the lock. Where that would do harm, let what is written to refuse old
///   writers, for instance by a number from `INCR`, taken under the lock, which may only grow.
/// - It cannot be had twice by the same thread: the second attempt waits for the first guard.
#[derive(Clone)]
pub struct Lock {
    handle: Handle,
    name: Arc<KeptArg>,
    lifetime: Duration,
    pause: Duration,
}

impl Lock {
    /// The lock at the key `name`, which whoever gets it has for `lifetime`, in whole milliseconds, rounded
    /// up, from 1. Nothing is sent.
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
        }
    }

    /// How long to wait between two attempts: 100 ms, if nothing is said. Each wait is longer or shorter by
    /// up to a half, by chance, so that those who wait do not all come at once.
    #[doc(alias = "sleep")]
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Takes the lock if it is free; `None` when somebody has it.
    ///
    /// # Errors
    /// Those of `SET`. If it may have been executed, and the lock taken in vain, one attempt has been made
    /// to give it back.
    pub fn try_acquire(&self) -> Result<Option<LockGuard>, Error> {
        // Made before the lock is taken, so that it is given back on every way out.
        let guard = LockGuard {
            lock: self.clone(),
            token: token(),
            released: false,
        };
        let options = SetOptions::new().nx().expiry(self.lifetime);
        let taken = self.handle.set_with(&*self.name, &guard.token, options);
        match taken {
            Ok(true) => Ok(Some(guard)),
            Err(error) if error.maybe_executed() => Err(error),
            taken => {
                guard.forget();
                taken.map(|_| None)
            }
        }
    }

    /// Takes the lock, and waits up to `limit` until it is free. Who waits longest does not come first.
    ///
    /// # Errors
    /// `Timeout` when it was not free in time; those of [`try_acquire`](Lock::try_acquire), at once.
    #[doc(alias = "blocking_timeout")]
    pub fn acquire(&self, limit: Duration) -> Result<LockGuard, Error> {
        let deadline = Deadline::within(limit);
        loop {
            if let Some(guard) = self.try_acquire()? {
                return Ok(guard);
            }
            let Ok(left) = deadline.remaining() else {
                let message =
                    format!("expected it to become free within {limit:?}, found it taken");
                return Err(Error::new(ErrorKind::Timeout, message).at(self.to_string()));
            };
            let pause = (self.pause / 2).saturating_add(self.pause.mul_f64(chance()));
            thread::sleep(left.map_or(pause, |left| pause.min(left)));
        }
    }

    /// Whether anybody has the lock.
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

/// A [`Lock`] that was taken. Dropping it gives it back.
///
/// Giving it back takes a round trip, and dropping cannot report that it failed: the lock is then free
/// when its lifetime is over. [`release`](LockGuard::release) reports it.
#[must_use = "the lock is given back when this is dropped"]
pub struct LockGuard {
    lock: Lock,
    /// What the key holds while the lock is ours.
    token: String,
    released: bool,
}

impl LockGuard {
    /// What the lock's key holds as long as this guard has the lock: 32 hexadecimal digits that no other
    /// guard has.
    ///
    /// They are made by the standard library's [`RandomState`], which the operating system's random
    /// numbers seed: good enough to be unique, not meant to be a secret.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether this guard has the lock now: its lifetime is not over, and nobody has removed it.
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
    /// `LockNotOwned` when this guard does not have the lock any more; those of the script that does it.
    pub fn extend(&self, longer: Duration) -> Result<(), Error> {
        self.change(&EXTEND, longer)
    }

    /// Makes the lock last for its lifetime from now on.
    ///
    /// # Errors
    /// Those of [`extend`](LockGuard::extend).
    pub fn reacquire(&self) -> Result<(), Error> {
        self.change(&RENEW, self.lock.lifetime)
    }

    /// Makes the lock last for `lifetime` from now on.
    ///
    /// # Errors
    /// Those of [`extend`](LockGuard::extend).
    #[doc(alias = "replace_ttl")]
    pub fn renew(&self, lifetime: Duration) -> Result<(), Error> {
        self.change(&RENEW, lifetime.max(Duration::from_millis(1)))
    }

    /// Gives the lock back.
    ///
    /// # Errors
    /// `LockNotOwned` when this guard did not have the lock any more: whatever was done under it, somebody
    /// else may have done too. Those of the script that does it; the lock is then free when its lifetime
    /// is over, if not before.
    pub fn release(mut self) -> Result<(), Error> {
        self.released = true;
        self.change(&RELEASE, Duration::ZERO)
    }

    fn change(&self, script: &Script, time: Duration) -> Result<(), Error> {
        let Lock { handle, name, .. } = &self.lock;
        let args = (&*self.token, Milliseconds::from(time).0);
        if handle.run_script(script, name, args)? {
            return Ok(());
        }
        let message =
            "expected to have it, found that its lifetime was over or that it was removed";
        Err(Error::new(ErrorKind::LockNotOwned, message).at(self.lock.to_string()))
    }

    /// Drops the guard of a lock that was not taken.
    fn forget(mut self) {
        self.released = true;
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        if !self.released {
            // Nobody is there to be told. The lock is free when its lifetime is over.
            let _ = self.change(&RELEASE, Duration::ZERO);
        }
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
    // Each state has other keys, which the operating system's random numbers seed, and the hash of nothing
    // under a key is 64 bits that look random.
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, thread};

    use super::token;

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
}
