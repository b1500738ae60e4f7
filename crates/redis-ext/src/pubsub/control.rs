//! Telling a subscriber from other threads what to do.

use std::{
    fmt,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use redis_cmd::{ToArg, ToArgs};
use redis_conn::{Connection, Error, ErrorKind};

use super::{
    HandlerOutcome, Message,
    handler::Handler,
    message::Name,
    subscriber::{names_of, names_to_leave},
    subscriptions::Space,
};

/// How many changes wait at most for somebody who does them. Whoever waits for messages does them 20 times in a
/// second.
const MOST_CHANGES: usize = 1 << 18;

/// A handle to a [`PubSub`](crate::PubSub), for other threads and for its handlers: it subscribes, unsubscribes and
/// stops. Clones lead to the same subscriber.
///
/// Requests are carried out by the listening thread: within 100 ms while it waits for messages, otherwise when it next
/// waits. A refusal by the server is therefore an error of [`get_message`](crate::PubSub::get_message) there.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

/// What a subscriber, its handles and the thread that makes its connection have in common.
pub(super) struct Shared {
    inbox: Mutex<Inbox>,
    bell: Condvar,
    /// Whether there are changes in the inbox, or it says to stop: looked at for every message.
    rung: AtomicBool,
}

#[derive(Default)]
struct Inbox {
    changes: Vec<Change>,
    stopped: bool,
    /// Whether nobody will ever look at the inbox again.
    closed: bool,
    /// Whether messages without a handler have nobody to go to.
    handlers_only: bool,
    connected: Option<Result<Connection, Error>>,
    /// The attempt to connect whose result somebody wants; those of earlier ones are dropped.
    attempt: u64,
}

/// A wish about subscriptions.
pub(super) enum Change {
    Subscribe(Space, Vec<Name>, Option<Handler>),
    /// All names if none are given.
    Unsubscribe(Space, Option<Vec<Name>>),
}

impl Control {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Subscribes to channels by name.
    ///
    /// # Errors
    /// `InvalidInput` when there is no channel, or one that cannot be sent; `PubSub` when the subscriber is gone or stopped, when it
    /// listens in a thread where only handlers take messages, or when too much was asked for while nobody waited
    /// for messages.
    #[doc(alias = "SUBSCRIBE")]
    pub fn subscribe(&self, channels: impl ToArgs) -> Result<(), Error> {
        self.ask(Space::Channels, &channels)
    }

    /// Subscribes to all channels whose names match the glob-style patterns.
    ///
    /// # Errors
    /// Those of [`subscribe`](Control::subscribe).
    #[doc(alias = "PSUBSCRIBE")]
    pub fn psubscribe(&self, patterns: impl ToArgs) -> Result<(), Error> {
        self.ask(Space::Patterns, &patterns)
    }

    /// Subscribes to shard channels.
    ///
    /// # Errors
    /// Those of [`subscribe`](Control::subscribe).
    #[doc(alias = "SSUBSCRIBE")]
    pub fn ssubscribe(&self, channels: impl ToArgs) -> Result<(), Error> {
        self.ask(Space::Shards, &channels)
    }

    /// Subscribes to a channel, whose messages then go to `handler`.
    ///
    /// # Errors
    /// `InvalidInput` when the name cannot be sent; `PubSub` when the subscriber is gone or stopped, or when too much
    /// was asked for while nobody waited for messages.
    pub fn subscribe_with<O: HandlerOutcome>(
        &self,
        channel: impl ToArg,
        handler: impl FnMut(Message) -> O + Send + 'static,
    ) -> Result<(), Error> {
        self.ask_with(Space::Channels, &channel, Handler::new(handler))
    }

    /// Subscribes to a pattern; what is published on channels that match it then goes to `handler`.
    ///
    /// # Errors
    /// Those of [`subscribe_with`](Control::subscribe_with).
    pub fn psubscribe_with<O: HandlerOutcome>(
        &self,
        pattern: impl ToArg,
        handler: impl FnMut(Message) -> O + Send + 'static,
    ) -> Result<(), Error> {
        self.ask_with(Space::Patterns, &pattern, Handler::new(handler))
    }

    /// Subscribes to a shard channel, whose messages then go to `handler`.
    ///
    /// # Errors
    /// Those of [`subscribe_with`](Control::subscribe_with).
    pub fn ssubscribe_with<O: HandlerOutcome>(
        &self,
        channel: impl ToArg,
        handler: impl FnMut(Message) -> O + Send + 'static,
    ) -> Result<(), Error> {
        self.ask_with(Space::Shards, &channel, Handler::new(handler))
    }

    /// Ends the subscription to channels; to all of them if `channels` is empty, like `()`.
    ///
    /// # Errors
    /// Those of [`subscribe_with`](Control::subscribe_with).
    #[doc(alias = "UNSUBSCRIBE")]
    pub fn unsubscribe(&self, channels: impl ToArgs) -> Result<(), Error> {
        self.end(Space::Channels, &channels)
    }

    /// Ends the subscription to patterns; to all of them if `patterns` is empty.
    ///
    /// # Errors
    /// Those of [`subscribe_with`](Control::subscribe_with).
    #[doc(alias = "PUNSUBSCRIBE")]
    pub fn punsubscribe(&self, patterns: impl ToArgs) -> Result<(), Error> {
        self.end(Space::Patterns, &patterns)
    }

    /// Ends the subscription to shard channels; to all of them if `channels` is empty.
    ///
    /// # Errors
    /// Those of [`subscribe_with`](Control::subscribe_with).
    #[doc(alias = "SUNSUBSCRIBE")]
    pub fn sunsubscribe(&self, channels: impl ToArgs) -> Result<(), Error> {
        self.end(Space::Shards, &channels)
    }

    /// Ends waiting, now and for good: [`get_message`](crate::PubSub::get_message) answers `None`,
    /// [`listen`](crate::PubSub::listen) and a thread end.
    pub fn stop(&self) {
        let mut inbox = self.shared.inbox();
        inbox.stopped = true;
        self.shared.ring(inbox);
    }

    /// Whether [`stop`](Control::stop) was called.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.shared.inbox().stopped
    }

    fn ask(&self, space: Space, names: &dyn ToArgs) -> Result<(), Error> {
        let names = names_of(space, names)?;
        self.shared.push(Change::Subscribe(space, names, None))
    }

    fn ask_with(&self, space: Space, name: &dyn ToArgs, handler: Handler) -> Result<(), Error> {
        let names = names_of(space, name)?;
        self.shared
            .push(Change::Subscribe(space, names, Some(handler)))
    }

    fn end(&self, space: Space, names: &dyn ToArgs) -> Result<(), Error> {
        let names = names_to_leave(space, names)?;
        self.shared.push(Change::Unsubscribe(space, names))
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("stopped", &self.is_stopped())
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            inbox: Mutex::default(),
            bell: Condvar::new(),
            rung: AtomicBool::new(false),
        })
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        // Nobody panics in between, and nothing would be half done if somebody did.
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever is about to wait has the inbox from looking whether it was rung until it waits: ringing in between
    /// would not be heard. So only who has the inbox can ring.
    fn ring(&self, inbox: MutexGuard<'_, Inbox>) {
        self.rung.store(true, Ordering::Release);
        drop(inbox);
        self.bell.notify_all();
    }

    fn push(&self, change: Change) -> Result<(), Error> {
        let mut inbox = self.inbox();
        let refusal = match &change {
            _ if inbox.closed => "the subscriber is gone",
            _ if inbox.stopped => "the subscriber was stopped",
            Change::Subscribe(_, _, None) if inbox.handlers_only => {
                "in a thread, messages go to handlers only; subscribe with one"
            }
            _ if inbox.changes.len() >= MOST_CHANGES => {
                "too much is to be done already, as nobody waits for messages; do that first"
            }
            _ => {
                inbox.changes.push(change);
                self.ring(inbox);
                return Ok(());
            }
        };
        Err(Error::new(ErrorKind::PubSub, refusal))
    }

    /// Whether there is anything to do.
    pub(super) fn is_rung(&self) -> bool {
        self.rung.load(Ordering::Acquire)
    }

    /// What there is to do, and whether to stop.
    pub(super) fn take(&self) -> (Vec<Change>, bool) {
        let mut inbox = self.inbox();
        // Who is stopped stays so.
        self.rung.store(inbox.stopped, Ordering::Release);
        (std::mem::take(&mut inbox.changes), inbox.stopped)
    }

    pub(super) fn demand_handlers(&self) {
        self.inbox().handlers_only = true;
    }

    /// The attempt to connect whose result is wanted.
    pub(super) fn attempt(&self) -> u64 {
        self.inbox().attempt
    }

    /// Nobody wants the result of the attempt that is under way, or has been made.
    pub(super) fn give_up_connecting(&self) {
        let mut inbox = self.inbox();
        inbox.attempt = inbox.attempt.wrapping_add(1);
        let unwanted = inbox.connected.take();
        drop(inbox);
        drop(unwanted);
    }

    /// Hands over a connection, or why there is none.
    pub(super) fn deliver(&self, attempt: u64, result: Result<Connection, Error>) {
        let mut inbox = self.inbox();
        if !inbox.closed && inbox.attempt == attempt {
            inbox.connected = Some(result);
        }
        drop(inbox);
        self.bell.notify_all();
    }

    pub(super) fn delivered(&self) -> Option<Result<Connection, Error>> {
        self.inbox().connected.take()
    }

    /// Waits for something to do or a connection, until then at the latest; for ever without an end.
    pub(super) fn wait(&self, until: Option<Instant>) {
        let mut inbox = self.inbox();
        while inbox.connected.is_none() && !self.is_rung() {
            let left = match until {
                None => Duration::MAX,
                Some(until) => until.saturating_duration_since(Instant::now()),
            };
            if left.is_zero() {
                return;
            }
            inbox = match until {
                None => self
                    .bell
                    .wait(inbox)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(_) => {
                    let waited = self.bell.wait_timeout(inbox, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Nobody will look at the inbox any more.
    pub(super) fn close(&self) {
        let mut inbox = self.inbox();
        inbox.closed = true;
        let left = (inbox.connected.take(), std::mem::take(&mut inbox.changes));
        // Handlers may have caught something that uses a handle when it is dropped.
        drop(inbox);
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        hint,
        sync::{Arc, mpsc},
        thread,
    };

    use super::*;

    /// Longer than a busy machine takes for anything.
    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn who_begins_to_wait_while_the_bell_is_rung_hears_it() {
        let shared = Shared::new();
        let (rings, to_ring) = mpsc::channel::<u32>();
        thread::scope(|scope| {
            scope.spawn(|| {
                for spins in to_ring {
                    (0..spins).for_each(|_| hint::spin_loop());
                    let change = Change::Unsubscribe(Space::Channels, None);
                    shared.push(change).unwrap();
                }
            });
            // It takes many to meet the moment.
            let begun = Instant::now();
            let rounds = (0..50_000).take_while(|_| begun.elapsed() < LONG / 10);
            for round in rounds {
                rings.send(round % 200).unwrap();
                let end = Instant::now() + LONG;
                while !shared.is_rung() {
                    shared.wait(Some(end));
                    assert!(Instant::now() < end, "round {round}");
                }
                shared.take();
            }
            drop(rings);
        });
    }

    #[test]
    fn what_nobody_does_is_kept_up_to_a_limit() {
        let control = Control::new(Shared::new());
        for _ in 0..MOST_CHANGES {
            control.unsubscribe(()).unwrap();
        }
        let error = control.unsubscribe(()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PubSub, "{error}");
        let (changes, is_stopped) = control.shared.take();
        assert_eq!((changes.len(), is_stopped), (MOST_CHANGES, false));
        control.subscribe("c").unwrap();
    }

    /// What a handler has caught may do anything when it is dropped.
    struct Caught(Control);

    impl Drop for Caught {
        fn drop(&mut self) {
            self.0.stop();
        }
    }

    #[test]
    fn handlers_that_nobody_will_call_are_dropped_without_a_lock() {
        let shared = Shared::new();
        let control = Control::new(Arc::clone(&shared));
        let caught = Caught(control.clone());
        let handler = move |_| assert!(!caught.0.is_stopped());
        control.subscribe_with("c", handler).unwrap();
        let (sender, closed) = mpsc::channel();
        thread::spawn(move || {
            shared.close();
            sender.send(()).unwrap();
        });
        closed.recv_timeout(LONG).expect("an end");
        assert!(control.is_stopped());
    }
}
