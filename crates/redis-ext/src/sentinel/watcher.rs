//! A thread that listens for promotions, so that an old primary is dropped before anybody fails on it.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use redis_conn::{Address, Connection, Deadline, Error, ErrorKind, Feed, Request};
use resp_proto::{Data, Reply, ServerError};

use super::{
    inquiry::at_most,
    sentinels::{Known, Sentinels, lock},
};

/// The Sentinel that leads a failover says first that a replica has been promoted, and only when the other
/// replicas follow it that the primary is another one, which the other Sentinels say at once.
const SUBSCRIBE: &[u8] =
    b"*3\r\n$9\r\nSUBSCRIBE\r\n$14\r\n+switch-master\r\n$15\r\n+promoted-slave\r\n";
/// How many channels those are.
const CHANNELS: usize = 2;
const PING: &[u8] = b"*1\r\n$4\r\nPING\r\n";

/// How long a stop takes at most to be noticed.
const POLL: Duration = Duration::from_millis(100);
/// After how long a silence a Sentinel is sent a health check (`PING`). If it does not answer for as long again,
/// another one is listened to.
const SILENCE: Duration = Duration::from_secs(5);
/// How long to wait before the next Sentinel is tried.
const PAUSE: Duration = Duration::from_millis(200);
/// How long to wait at most when all have been tried in vain: twice as long each time.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Listens to a Sentinel for promotions (`+switch-master`), in a thread of its own, until it is dropped,
/// which waits for a question that is under way.
///
/// At every promotion the Sentinels are asked for the primary, which ends the use of connections to the old
/// one. When the Sentinel that is listened to is lost, or does not let its user subscribe to
/// `+switch-master` and `+promoted-slave`, another is; what may have been missed meanwhile is asked for.
#[derive(Debug)]
pub struct SentinelWatcher {
    stop: Arc<Stop>,
    listens: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl SentinelWatcher {
    /// Starts listening. Questions that follow from what is heard are given up after `limit`.
    ///
    /// # Errors
    /// `Connection` when the system has no thread to give.
    pub fn start(sentinels: &Sentinels, limit: Duration) -> Result<Self, Error> {
        let stop = Arc::new(Stop::default());
        let listens = Arc::new(AtomicBool::new(false));
        let watch = Watch {
            sentinels: sentinels.clone(),
            limit,
            stop: Arc::clone(&stop),
            listens: Arc::clone(&listens),
        };
        let thread = thread::Builder::new()
            .name("redis-sentinel".into())
            .spawn(move || watch.run())
            .map_err(|error| {
                let message = "no thread could be started to listen to Sentinels";
                Error::new(ErrorKind::Connection, message).with_source(error)
            })?;
        Ok(Self {
            stop,
            listens,
            thread: Some(thread),
        })
    }

    /// Whether a Sentinel is listened to now. It is not while none can be reached, or none allows it.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        self.listens.load(Ordering::Relaxed)
    }
}

impl Drop for SentinelWatcher {
    fn drop(&mut self) {
        self.stop.ask();
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell: all that it does is to ask Sentinels.
            let _ = thread.join();
        }
    }
}

/// Whether the thread is to end.
#[derive(Default)]
struct Stop {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn ask(&self) {
        *lock(&self.asked) = true;
        self.changed.notify_all();
    }

    fn is_asked(&self) -> bool {
        *lock(&self.asked)
    }

    /// Waits for so long, or until it is asked.
    fn wait(&self, limit: Duration) {
        let asked = lock(&self.asked);
        // Waking up too early only means trying again sooner.
        drop(
            self.changed
                .wait_timeout_while(asked, limit, |asked| !*asked),
        );
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stop").field(&self.is_asked()).finish()
    }
}

struct Watch {
    sentinels: Sentinels,
    limit: Duration,
    stop: Arc<Stop>,
    listens: Arc<AtomicBool>,
}

impl Watch {
    fn run(&self) {
        // Since one was listened to.
        let mut tried: Vec<Address> = Vec::new();
        let mut pause = PAUSE;
        while !self.stop.is_asked() {
            let Some((sentinel, _)) = self.sentinels.next_but(&tried) else {
                tried.clear();
                self.stop.wait(pause);
                pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                continue;
            };
            // However it ends, somebody else is tried: calls themselves say what is wrong. A hook or a map of addresses
            // may panic, which is not the Sentinel's fault.
            let listened = catch_unwind(AssertUnwindSafe(|| self.listen(&sentinel)));
            if self.listens.swap(false, Ordering::Relaxed) {
                (tried, pause) = (Vec::new(), PAUSE);
            }
            if let Ok(Err(error)) = listened {
                self.sentinels.fails(&sentinel.address, &error);
            }
            tried.push(sentinel.address);
            self.stop.wait(PAUSE);
        }
    }

    fn listen(&self, sentinel: &Known) -> Result<(), Error> {
        let config = sentinel.connector.config();
        let deadline = Deadline::within(config.connect_timeout);
        let mut feed = sentinel
            .connector
            .connect_to(&sentinel.address, deadline, &|_| Ok(()))
            .and_then(Connection::into_feed)?;
        feed.send(Request::new(SUBSCRIBE), deadline)?;
        self.wait_until_subscribed(&mut feed, Deadline::within(config.response_timeout))?;
        self.listens.store(true, Ordering::Relaxed);
        // What happened while nobody listened.
        self.ask_again(sentinel);
        let mut asked = None;
        while !self.stop.is_asked() {
            match feed.next(Deadline::within(POLL))? {
                Some(reply) if is_message(reply) => {
                    // Asking once is enough for all that has been said until now.
                    while feed.buffered()?.is_some() {}
                    self.ask_again(sentinel);
                }
                Some(_) => {}
                // Only who has nothing to read may be silent: asking may have taken long.
                None => asked = check(&mut feed, asked)?,
            }
        }
        Ok(())
    }

    /// A Sentinel that may not be listened to, or does not answer, is of no use here.
    fn wait_until_subscribed(&self, feed: &mut Feed, deadline: Deadline) -> Result<(), Error> {
        let mut acknowledged = 0_usize;
        while acknowledged < CHANNELS && !self.stop.is_asked() {
            let Some(reply) = feed.next(at_most(deadline, POLL)?)? else {
                continue;
            };
            if let Data::Error(line) = reply.data() {
                return Err(ServerError::from_line(line).into());
            }
            acknowledged = acknowledged.saturating_add(1);
        }
        Ok(())
    }

    /// Asks for every primary, and first the Sentinel that is listened to: others may not have heard of what it
    /// says yet. What is found is taken note of by those who follow it; that none is found, they will see for
    /// themselves.
    fn ask_again(&self, sentinel: &Known) {
        self.sentinels.put_first(&sentinel.address);
        for service in self.sentinels.followed() {
            if self.stop.is_asked() {
                return;
            }
            let _ = self.sentinels.discover_master(service.name(), self.limit);
        }
    }
}

/// Whether it is a message that was subscribed to, not the answer to the subscription or to a `PING`.
fn is_message(reply: Reply<'_>) -> bool {
    let first = reply.elements().and_then(|mut elements| elements.next());
    first.is_some_and(|first| first.text() == Some(b"message"))
}

/// Sees to it that a Sentinel that is gone is noticed; since when it owes an answer to a health check.
fn check(feed: &mut Feed, asked: Option<Instant>) -> Result<Option<Instant>, Error> {
    let now = Instant::now();
    match Silence::judge(feed.heard(), asked, now) {
        Silence::None => Ok(None),
        Silence::Owed => Ok(asked),
        Silence::Long => {
            feed.send(Request::new(PING), Deadline::within(SILENCE))?;
            Ok(Some(now))
        }
        Silence::TooLong => {
            let message = "the Sentinel that was listened to gives no sign of life";
            Err(Error::new(ErrorKind::Timeout, message))
        }
    }
}

/// What it means that there is nothing to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silence {
    None,
    /// It has to be sent a health check.
    Long,
    /// It was asked for one, and has time left to give it.
    Owed,
    TooLong,
}

impl Silence {
    /// Given when the Sentinel was last heard, and when it was sent a health check. Nobody has listened while questions
    /// were asked, so a silence counts only from when it was asked.
    fn judge(heard: Instant, asked: Option<Instant>, now: Instant) -> Self {
        let since = |then: Instant| now.saturating_duration_since(then);
        match asked.filter(|asked| heard < *asked) {
            Some(asked) if since(asked) > SILENCE => Self::TooLong,
            Some(_) => Self::Owed,
            None if since(heard) > SILENCE => Self::Long,
            None => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentinel_is_given_up_only_when_it_was_asked_for_a_sign_and_has_had_time() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let judge = |heard, asked: Option<u64>, now| {
            let asked = asked.map(at);
            Silence::judge(at(heard), asked, at(now))
        };
        assert_eq!(judge(0, None, 5), Silence::None);
        assert_eq!(judge(0, None, 6), Silence::Long);
        assert_eq!(judge(0, Some(6), 11), Silence::Owed);
        assert_eq!(judge(0, Some(6), 12), Silence::TooLong);
        assert_eq!(judge(7, Some(6), 12), Silence::None);
        // The questions before took that long.
        assert_eq!(judge(0, None, 60), Silence::Long);
        assert_eq!(judge(7, Some(6), 60), Silence::Long);
    }
}
