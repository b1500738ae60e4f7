//! The subscriber: subscribing, and waiting for messages.

use std::{
    fmt,
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use redis_cmd::{ToArg, ToArgs, Waits, cmd};
use redis_conn::{Deadline, Error, ErrorKind, Request};

use crate::Checkout;

use super::{
    Control, HandlerOutcome, Message, WorkerThread,
    control::{Change, Shared},
    handler::Handler,
    link::{Link, Pauses},
    message::Name,
    subscriptions::{Received, Space, Subscriptions},
    worker,
};

/// For how long a read may block while somebody could call from another thread. They are heard when it
/// ends: with TLS, nobody but the reader can write, so there is nothing to wake it by.
const SLICE: Duration = Duration::from_millis(50);

/// What whoever makes a [`PubSub`] decides about losing connections.
#[derive(Clone)]
pub struct PubSubConfig {
    /// Makes one attempt to connect again. It is asked in a thread of its own.
    pub reconnect: Arc<dyn Checkout>,
    /// How long to wait before the second attempt and those after it: told the number of the attempts that have
    /// failed, and the pause before.
    pub pause: Arc<dyn Fn(u32, Duration) -> Duration + Send + Sync>,
    /// After how long a silence the server is asked for a sign of life.
    pub ping_after: Option<Duration>,
}

/// A subscriber: what it has subscribed to, and the messages that come.
///
/// It has a connection of its own, outside of the pool, from the first subscription on. Nothing is read
/// before somebody waits, so what comes faster than it is taken waits with the operating system and the server.
///
/// A connection that is lost is made again, through any number of failures, and everything is subscribed to
/// again, with its handlers. That messages may be missing then is told by a [`MessageKind::Gap`](crate::MessageKind::Gap).
/// Losses are noticed, and signs of life are asked for, while somebody waits.
///
/// ```no_run
/// # fn listen(mut pubsub: redis_ext::PubSub) -> Result<(), redis_conn::Error> {
/// use std::time::Duration;
/// use redis_ext::MessageKind;
///
/// pubsub.subscribe(["news", "weather"])?;
/// pubsub.subscribe_with("alarms", |message| println!("alarm: {message:?}"))?;
/// while let Some(message) = pubsub.get_message(Duration::from_secs(60))? {
///     match message.kind() {
///         MessageKind::Message => println!("{}: {}", message.channel_text()?, message.text()?),
///         MessageKind::Gap => println!("look up what was missed"),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors while waiting
/// What ends a connection is no error: it is mended. What time does not mend is: a server that refuses the
/// password when connecting again (`Authentication`; the next call tries again, after a pause), or a subscription
/// (`NOPERM`; it is forgotten, the others stay), and a handler that has failed. Waiting can go on after each.
pub struct PubSub {
    subscriptions: Subscriptions,
    link: Link,
    shared: Arc<Shared>,
    checkout: Arc<dyn Checkout>,
    ping_after: Option<Duration>,
    ignores_acknowledgements: bool,
    gap_handler: Option<Handler>,
    /// Why a connection was lost, until everything is subscribed to again.
    gap: Option<Arc<Error>>,
    /// Whether a gap was delivered on this connection.
    gap_told: bool,
    /// A message that has to come after a gap.
    held: Option<Received>,
    /// When something was last sent.
    sent: Instant,
}

impl PubSub {
    /// A subscriber whose first connection comes through `checkout`.
    #[must_use]
    pub fn new(checkout: Arc<dyn Checkout>, config: PubSubConfig) -> Self {
        let pauses: Pauses = config.pause;
        Self {
            subscriptions: Subscriptions::default(),
            link: Link::new(config.reconnect, pauses),
            shared: Shared::new(),
            checkout,
            ping_after: config.ping_after,
            ignores_acknowledgements: false,
            gap_handler: None,
            gap: None,
            gap_told: false,
            held: None,
            sent: Instant::now(),
        }
    }

    /// Whether acknowledgements of subscribing and unsubscribing are kept from the caller, which they are not if
    /// nothing is said.
    #[must_use]
    pub fn ignore_subscribe_messages(mut self, ignore: bool) -> Self {
        self.ignores_acknowledgements = ignore;
        self
    }

    /// After how long a silence the server is asked for a sign of life, which it has to give within the
    /// response time-out; `None` for never.
    #[must_use]
    #[doc(alias = "health_check_interval")]
    pub fn ping_after(mut self, silence: impl Into<Option<Duration>>) -> Self {
        self.ping_after = silence.into();
        self
    }

    /// Gives gaps to `handler`, instead of returning them.
    #[must_use]
    pub fn on_gap<O: HandlerOutcome>(
        mut self,
        handler: impl FnMut(Message) -> O + Send + 'static,
    ) -> Self {
        self.gap_handler = Some(Handler::new(handler));
        self
    }

    /// Subscribes to channels by name. The server acknowledges each by a message.
    ///
    /// Subscribing again to the same channel takes its handler away.
    ///
    /// # Errors
    /// `InvalidInput` when there is no channel; those of connecting if this is the first subscription.
    #[doc(alias = "SUBSCRIBE")]
    pub fn subscribe(&mut self, channels: impl ToArgs) -> Result<(), Error> {
        self.add(Space::Channels, &channels)
    }

    /// Subscribes to all channels whose names match the glob-style patterns.
    ///
    /// # Errors
    /// Those of [`subscribe`](PubSub::subscribe).
    #[doc(alias = "PSUBSCRIBE")]
    pub fn psubscribe(&mut self, patterns: impl ToArgs) -> Result<(), Error> {
        self.add(Space::Patterns, &patterns)
    }

    /// Subscribes to shard channels: what `SPUBLISH` publishes, which in a cluster stays on the node of the
    /// channel's slot.
    ///
    /// Since 7.0.
    ///
    /// # Errors
    /// Those of [`subscribe`](PubSub::subscribe).
    #[doc(alias = "SSUBSCRIBE")]
    pub fn ssubscribe(&mut self, channels: impl ToArgs) -> Result<(), Error> {
        self.add(Space::Shards, &channels)
    }

    /// Subscribes to a channel, whose messages then go to `handler` and are not returned. It is called by
    /// the thread that waits for messages.
    ///
    /// # Errors
    /// Those of connecting if this is the first subscription.
    pub fn subscribe_with<O: HandlerOutcome>(
        &mut self,
        channel: impl ToArg,
        handler: impl FnMut(Message) -> O + Send + 'static,
    ) -> Result<(), Error> {
        self.add_with(Space::Channels, &channel, Handler::new(handler))
    }

    /// Subscribes to a pattern; what is published on channels that match it then goes to `handler` and is
    /// not returned.
    ///
    /// # Errors
    /// Those of connecting if this is the first subscription.
    pub fn psubscribe_with<O: HandlerOutcome>(
        &mut self,
        pattern: impl ToArg,
        handler: impl FnMut(Message) -> O + Send + 'static,
    ) -> Result<(), Error> {
        self.add_with(Space::Patterns, &pattern, Handler::new(handler))
    }

    /// Subscribes to a shard channel, whose messages then go to `handler` and are not returned.
    ///
    /// Since 7.0.
    ///
    /// # Errors
    /// Those of connecting if this is the first subscription.
    pub fn ssubscribe_with<O: HandlerOutcome>(
        &mut self,
        channel: impl ToArg,
        handler: impl FnMut(Message) -> O + Send + 'static,
    ) -> Result<(), Error> {
        self.add_with(Space::Shards, &channel, Handler::new(handler))
    }

    /// Ends the subscription to channels; to all of them if `channels` is empty, like `()`. The server
    /// acknowledges each by a message; until then, more may be published on it.
    #[doc(alias = "UNSUBSCRIBE")]
    pub fn unsubscribe(&mut self, channels: impl ToArgs) {
        self.end(Space::Channels, &channels);
    }

    /// Ends the subscription to patterns; to all of them if `patterns` is empty.
    #[doc(alias = "PUNSUBSCRIBE")]
    pub fn punsubscribe(&mut self, patterns: impl ToArgs) {
        self.end(Space::Patterns, &patterns);
    }

    /// Ends the subscription to shard channels; to all of them if `channels` is empty.
    ///
    /// Since 7.0.
    #[doc(alias = "SUNSUBSCRIBE")]
    pub fn sunsubscribe(&mut self, channels: impl ToArgs) {
        self.end(Space::Shards, &channels);
    }

    /// Asks the server for a sign of life, which comes as a [`MessageKind::Pong`](crate::MessageKind::Pong)
    /// with the same payload.
    ///
    /// # Errors
    /// `Connection` while the connection is lost; those of connecting if there was none.
    #[doc(alias = "PING")]
    pub fn ping(&mut self, payload: impl ToArg) -> Result<(), Error> {
        self.connect_first()?;
        if !self.link.is_up() {
            let message = "the connection was lost and is being made again";
            return Err(Error::new(ErrorKind::Connection, message));
        }
        self.subscriptions.ping(&name_of(&payload), false);
        self.send();
        Ok(())
    }

    /// Whether anything is subscribed to. It stays so until the acknowledgement of the last unsubscribing was
    /// received.
    #[must_use]
    pub fn subscribed(&self) -> bool {
        self.subscriptions.is_subscribed()
    }

    /// The channels that are subscribed to, in no order.
    #[must_use]
    pub fn channels(&self) -> Vec<Vec<u8>> {
        self.names(Space::Channels)
    }

    /// The patterns that are subscribed to, in no order.
    #[must_use]
    pub fn patterns(&self) -> Vec<Vec<u8>> {
        self.names(Space::Patterns)
    }

    /// The shard channels that are subscribed to, in no order.
    #[must_use]
    pub fn shard_channels(&self) -> Vec<Vec<u8>> {
        self.names(Space::Shards)
    }

    /// A handle for other threads, and for handlers, to subscribe, unsubscribe and stop. While there is one,
    /// waiting wakes up 20 times in a second to see what it wants.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.shared))
    }

    /// The next message that no handler takes; `None` if there is none in time, or once it was
    /// [stopped](Control::stop). Handlers are called in the meantime.
    ///
    /// A time-out of zero takes what has come already and does not wait; one handler is called at most. `None`
    /// waits for as long as it takes. The response time-out has nothing to do with it, and whether there is a
    /// connection neither. Without any subscription it waits for another thread to make one.
    ///
    /// # Errors
    /// See [above](PubSub#errors-while-waiting). `PubSub` when it would wait for ever, since nothing is subscribed to and
    /// there is no [`Control`] that could change that.
    pub fn get_message(
        &mut self,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Option<Message>, Error> {
        self.next_message(Until::Time(timeout.into()))
    }

    /// The messages that no handler takes, for as long as anything is subscribed to and nobody
    /// [stops](Control::stop) it.
    pub fn listen(&mut self) -> Listen<'_> {
        Listen {
            pubsub: self,
            state: Listening::Starting,
        }
    }

    /// Listens in a thread of its own, where all messages go to handlers. An error ends it.
    ///
    /// # Errors
    /// `PubSub` when a subscription has no handler; `Connection` when there is no thread to be had.
    pub fn run_in_thread(self) -> Result<WorkerThread, Error> {
        self.run_in_thread_with(|_| ControlFlow::Break(()))
    }

    /// Listens in a thread of its own, and asks `policy` after an error whether to go on.
    ///
    /// ```no_run
    /// # fn run(mut pubsub: redis_ext::PubSub) -> Result<(), redis_conn::Error> {
    /// use std::{error::Error, ops::ControlFlow};
    ///
    /// pubsub.subscribe_with("numbers", |message| -> Result<(), Box<dyn Error + Send + Sync>> {
    ///     println!("{}", message.text()?.parse::<i64>()?);
    ///     Ok(())
    /// })?;
    /// let worker = pubsub.run_in_thread_with(|error| {
    ///     eprintln!("{error}");
    ///     ControlFlow::Continue(())
    /// })?;
    /// worker.stop();
    /// worker.join()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`run_in_thread`](PubSub::run_in_thread).
    #[doc(alias = "exception_handler")]
    pub fn run_in_thread_with(
        self,
        policy: impl FnMut(&Error) -> ControlFlow<()> + Send + 'static,
    ) -> Result<WorkerThread, Error> {
        if let Some(name) = self.subscriptions.without_handler() {
            let message = format!(
                "expected a handler for each subscription, found none for {}; subscribe with one",
                name.escape_ascii()
            );
            return Err(Error::new(ErrorKind::PubSub, message));
        }
        self.shared.demand_handlers();
        worker::start(self, Box::new(policy))
    }

    fn add(&mut self, space: Space, names: &dyn ToArgs) -> Result<(), Error> {
        let names = names_of(space, names)?;
        self.connect_first()?;
        self.subscriptions.subscribe(space, names, None);
        self.send();
        Ok(())
    }

    fn add_with(&mut self, space: Space, name: &dyn ToArgs, handler: Handler) -> Result<(), Error> {
        self.connect_first()?;
        let names = vec![name_of(name)];
        self.subscriptions.subscribe(space, names, Some(handler));
        self.send();
        Ok(())
    }

    fn end(&mut self, space: Space, names: &dyn ToArgs) {
        let names = names_of(space, names).ok();
        self.subscriptions.unsubscribe(space, names);
        self.send();
    }

    fn names(&self, space: Space) -> Vec<Vec<u8>> {
        let names = self.subscriptions.names(space);
        names.iter().map(|name| name.to_vec()).collect()
    }

    /// Connects, if there is nothing yet that a connection would be made for.
    fn connect_first(&mut self) -> Result<(), Error> {
        if !self.link.is_up() && !self.subscriptions.is_subscribed() {
            self.link.take(self.checkout.connect()?)?;
            self.connected();
        }
        Ok(())
    }

    /// Sends what is to be sent, if there is a connection. It is lost if that fails, which is mended by
    /// whoever waits.
    fn send(&mut self) {
        let output = self.subscriptions.output();
        let Some(feed) = self.link.feed().filter(|_| !output.is_empty()) else {
            return;
        };
        self.sent = Instant::now();
        match feed.send(Request::new(output), self.checkout.deadline(Waits::No)) {
            Ok(()) => self.subscriptions.sent(),
            Err(error) => self.lose(error),
        }
    }

    fn connected(&mut self) {
        self.sent = Instant::now();
        self.gap_told = false;
        self.subscriptions.connected();
        self.send();
    }

    fn lose(&mut self, reason: Error) {
        self.link.lose();
        self.subscriptions.disconnected();
        if self.subscriptions.is_subscribed() {
            self.gap.get_or_insert_with(|| Arc::new(reason));
        }
    }

    pub(super) fn next_message(&mut self, until: Until) -> Result<Option<Message>, Error> {
        // Most messages are here already, and then nobody has to look at the clock.
        let mut wait = None;
        loop {
            if self.shared.is_rung() && self.obey() {
                return Ok(None);
            }
            let mut received = self.held.take();
            if received.is_none() && self.is_gap_over() {
                received = self.gap.take().map(Received::Gap);
            }
            if received.is_none() {
                received = self.hear(None);
            }
            if received.is_none() {
                let wait = wait.get_or_insert_with(|| Wait::new(until));
                received = self.wait(wait)?;
                if received.is_none() && wait.is_over() {
                    return Ok(None);
                }
            }
            let Some(received) = received else {
                continue;
            };
            let handled = matches!(
                received,
                Received::Published {
                    handled: Some(_),
                    ..
                }
            );
            if let Some(message) = self.deliver(received)? {
                return Ok(Some(message));
            }
            // Handlers may be slow, and what they take may never end.
            if handled && wait.get_or_insert_with(|| Wait::new(until)).is_over() {
                return Ok(None);
            }
        }
    }

    /// Gives what was received to whom it concerns: here, to the caller.
    fn deliver(&mut self, received: Received) -> Result<Option<Message>, Error> {
        match received {
            Received::Published { message, handled } => {
                self.link.works();
                // No message of a new connection comes before a gap.
                if let Some(gap) = self.gap.as_ref().filter(|_| !self.gap_told) {
                    let gap = Received::Gap(Arc::clone(gap));
                    self.gap_told = true;
                    self.held = Some(Received::Published { message, handled });
                    return self.deliver(gap);
                }
                let Some(space) = handled else {
                    return Ok(Some(message));
                };
                match self.subscriptions.handler(space, message.subscription()) {
                    Some(handler) => handler.handle(message).map(|()| None),
                    None => Ok(Some(message)),
                }
            }
            Received::Gap(reason) => match &mut self.gap_handler {
                Some(handler) => handler.handle(Message::gap(reason)).map(|()| None),
                None => Ok(Some(Message::gap(reason))),
            },
            Received::Acknowledged(message) => {
                self.link.works();
                Ok(Some(message).filter(|_| !self.ignores_acknowledgements))
            }
            Received::Pong(message) => Ok(Some(message)),
            Received::Refused(error) => Err(error),
            Received::Nothing => Ok(None),
        }
    }

    /// Whether messages were missed, and from now on none will be.
    fn is_gap_over(&self) -> bool {
        self.gap.is_some() && self.link.is_up() && !self.subscriptions.is_recovering()
    }

    /// Does what other threads want; whether that is to stop.
    fn obey(&mut self) -> bool {
        let (changes, stopped) = self.shared.take();
        for change in changes {
            match change {
                Change::Subscribe(space, names, handler) => {
                    self.subscriptions.subscribe(space, names, handler);
                }
                Change::Unsubscribe(space, names) => self.subscriptions.unsubscribe(space, names),
            }
        }
        self.send();
        stopped
    }

    /// What the server says: what has been read already, or what comes until then.
    fn hear(&mut self, until: Option<Deadline>) -> Option<Received> {
        let feed = self.link.feed()?;
        let reply = match until {
            None => feed.buffered(),
            Some(until) => feed.next(until),
        };
        let received = match reply {
            Ok(None) => return None,
            Ok(Some(reply)) => self.subscriptions.receive(&reply),
            Err(error) => Err(error),
        };
        received.map_err(|error| self.lose(error)).ok()
    }

    /// Waits, once, for something to be said, for a connection, or for a call from another thread.
    fn wait(&mut self, wait: &mut Wait) -> Result<Option<Received>, Error> {
        let is_watched = Arc::strong_count(&self.shared) > 1;
        if !self.is_active() {
            if wait.ends_unsubscribed {
                wait.is_over = true;
                return Ok(None);
            }
            if wait.end.is_none() && !is_watched {
                return Err(idle("nobody else could change that"));
            }
        }
        if self.link.is_up() {
            self.send();
            let mut limit = self.patience();
            if is_watched {
                limit = limit.min(SLICE);
            }
            let received = self.hear(Some(wait.deadline(limit)));
            if received.is_none() {
                self.check();
            }
            return Ok(received);
        }
        if self.subscriptions.is_subscribed() {
            if self.link.connect(&self.shared, wait.end)? {
                self.connected();
            }
        } else {
            // The last handle may go without a word.
            let looks_up = Instant::now() + Duration::from_secs(1);
            self.shared
                .wait(Some(wait.end.map_or(looks_up, |end| end.min(looks_up))));
        }
        Ok(None)
    }

    /// Whether anything will come without anybody doing anything about it.
    fn is_active(&self) -> bool {
        self.subscriptions.is_subscribed() || self.subscriptions.is_owed()
    }

    /// How long the server may stay silent until something has to be done about it.
    fn patience(&mut self) -> Duration {
        let limit = if self.subscriptions.is_owed() {
            self.checkout.deadline(Waits::No).limit()
        } else {
            self.ping_after
        };
        limit.map_or(Duration::MAX, |limit| limit.saturating_sub(self.silence()))
    }

    /// How long nothing was said by anybody.
    fn silence(&mut self) -> Duration {
        let heard = self.link.feed().map_or(self.sent, |feed| feed.heard());
        heard.max(self.sent).elapsed()
    }

    /// After a wait that brought nothing: asks for a sign of life, or gives up waiting for one.
    fn check(&mut self) {
        if !self.link.is_up() || !self.patience().is_zero() {
            return;
        }
        if self.subscriptions.is_owed() {
            let deadline = self.checkout.deadline(Waits::No);
            self.lose(deadline.missed("waiting for a sign of life"));
        } else {
            self.subscriptions.ping(b"", true);
        }
    }
}

/// Nobody will take what comes.
impl Drop for PubSub {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl fmt::Debug for PubSub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PubSub")
            .field("link", &self.link)
            .field("channels", &self.subscriptions.names(Space::Channels).len())
            .field("patterns", &self.subscriptions.names(Space::Patterns).len())
            .field(
                "shard_channels",
                &self.subscriptions.names(Space::Shards).len(),
            )
            .finish_non_exhaustive()
    }
}

/// The messages of a [`PubSub`], made by [`listen`](PubSub::listen).
///
/// An error does not end it: see [`PubSub`]. Whoever wants to stop at the first one says `?`.
#[derive(Debug)]
pub struct Listen<'a> {
    pubsub: &'a mut PubSub,
    state: Listening,
}

#[derive(Debug)]
enum Listening {
    Starting,
    Going,
    Ended,
}

impl Iterator for Listen<'_> {
    type Item = Result<Message, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.state {
            Listening::Ended => return None,
            Listening::Starting if !self.pubsub.is_active() && !self.pubsub.shared.is_rung() => {
                self.state = Listening::Ended;
                return Some(Err(idle("there is nothing to listen to")));
            }
            _ => self.state = Listening::Going,
        }
        let next = self.pubsub.next_message(Until::Unsubscribed).transpose();
        if next.is_none() {
            self.state = Listening::Ended;
        }
        next
    }
}

/// Until when somebody waits.
#[derive(Clone, Copy)]
pub(super) enum Until {
    /// For so long; for ever if nothing is said.
    Time(Option<Duration>),
    /// For as long as anything is subscribed to.
    Unsubscribed,
}

/// A wait that has begun.
struct Wait {
    end: Option<Instant>,
    ends_unsubscribed: bool,
    is_over: bool,
}

impl Wait {
    fn new(until: Until) -> Self {
        let limit = match until {
            Until::Time(limit) => limit,
            Until::Unsubscribed => None,
        };
        Self {
            end: limit.and_then(|limit| Instant::now().checked_add(limit)),
            ends_unsubscribed: matches!(until, Until::Unsubscribed),
            is_over: false,
        }
    }

    fn is_over(&self) -> bool {
        self.is_over || self.end.is_some_and(|end| end <= Instant::now())
    }

    /// The end of one step, which takes no longer than `limit`.
    fn deadline(&self, limit: Duration) -> Deadline {
        match self.end {
            Some(end) => Deadline::within(end.saturating_duration_since(Instant::now()).min(limit)),
            None if limit == Duration::MAX => Deadline::never(),
            None => Deadline::within(limit),
        }
    }
}

fn idle(why: &str) -> Error {
    Error::new(
        ErrorKind::PubSub,
        format!("nothing is subscribed to, and {why}; subscribe first"),
    )
}

/// The names among arguments, at least one.
pub(super) fn names_of(space: Space, names: &dyn ToArgs) -> Result<Vec<Name>, Error> {
    let names = arguments(names);
    if names.is_empty() {
        let message = "expected at least one name, found none";
        return Err(Error::new(ErrorKind::InvalidInput, message).at(space.word(true)));
    }
    Ok(names)
}

/// One argument.
pub(super) fn name_of(name: &dyn ToArgs) -> Name {
    arguments(name).into_iter().next().unwrap_or_default()
}

fn arguments(arguments: &dyn ToArgs) -> Vec<Name> {
    let command = cmd::<()>("SUBSCRIBE").args(arguments);
    command.arguments().skip(1).map(Name::from).collect()
}
