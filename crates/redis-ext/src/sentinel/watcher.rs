//! A thread that listens for promotions, so that an old primary is dropped before anybody fails on it.

use std::{
    fmt,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use redis_conn::{Connection, Deadline, Error, ErrorKind, Feed, Request};
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
/// After how long a silence a Sentinel is asked for a sign of life. If it gives none for twice as long,
/// another one is listened to.
const SILENCE: Duration = Duration::from_secs(5);
/// How long to wait before the next Sentinel is tried.
const PAUSE: Duration = Duration::from_millis(200);

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
    /// When the system has no thread to give.
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
                Error::from_io("no thread could be started to listen to Sentinels", error)
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
        while !self.stop.is_asked() {
            if let Some((sentinel, _)) = self.sentinels.next_but(&[]) {
                // However it ends, somebody else is tried: calls themselves say what is wrong.
                let listened = self.listen(&sentinel);
                self.listens.store(false, Ordering::Relaxed);
                if listened.is_err() {
                    self.sentinels.put_last(&sentinel.address);
                }
            }
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
        let mut asked_for_a_sign = false;
        while !self.stop.is_asked() {
            if feed.next(Deadline::within(POLL))?.is_some_and(is_message) {
                // Asking once is enough for all that has been said until now.
                while feed.buffered()?.is_some() {}
                self.ask_again(sentinel);
            }
            asked_for_a_sign = check(&mut feed, asked_for_a_sign)?;
        }
        Ok(())
    }

    /// A Sentinel that may not be listened to, or does not answer, is of no use here.
    fn wait_until_subscribed(&self, feed: &mut Feed, deadline: Deadline) -> Result<(), Error> {
        let mut acknowledged = 0;
        while acknowledged < CHANNELS && !self.stop.is_asked() {
            let Some(reply) = feed.next(at_most(deadline, POLL)?)? else {
                continue;
            };
            if let Data::Error(line) = reply.data() {
                return Err(ServerError::from_line(line).into());
            }
            acknowledged += 1;
        }
        Ok(())
    }

    /// Asks for every primary, and first the Sentinel that is listened to: others may not have heard of what it
    /// says yet. What is found is taken note of by those who follow it; that none is found, they will see for
    /// themselves.
    fn ask_again(&self, sentinel: &Known) {
        self.sentinels.put_first(&sentinel.address);
        for service in self.sentinels.services() {
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

/// Sees to it that a Sentinel that is gone is noticed; whether it owes a sign of life.
fn check(feed: &mut Feed, asked: bool) -> Result<bool, Error> {
    let silence = feed.heard().elapsed();
    if silence > SILENCE * 2 {
        let message = "the Sentinel that was listened to gives no sign of life";
        return Err(Error::new(ErrorKind::Timeout, message));
    }
    if silence <= SILENCE {
        return Ok(false);
    }
    if !asked {
        feed.send(Request::new(PING), Deadline::within(SILENCE))?;
    }
    Ok(true)
}
