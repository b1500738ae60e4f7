//! The subscriber: what its owner can have it do.

use std::{
    fmt,
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use redis_cmd::{ToArg, ToArgs, Waits, cmd};
use redis_conn::{Connector, Deadline, Error, ErrorKind};

use crate::Checkout;

use super::{
    Control, HandlerOutcome, Listen, Message, WorkerThread,
    answers::Heard,
    control::Shared,
    handler::Handler,
    link::{Link, Pauses},
    listener::Until,
    message::Name,
    subscriptions::{Space, Subscriptions},
    worker,
};

/// What whoever makes a [`PubSub`] decides about losing connections.
#[derive(Clone)]
#[non_exhaustive]
pub struct PubSubConfig {
    /// Makes one attempt to connect again. It is asked in a thread of its own.
    pub reconnect: Arc<dyn Connector>,
    /// How long to wait before the second attempt and those after it: told the number of the attempts that have failed,
    /// and the delay before.
    pub pause: Arc<dyn Fn(u32, Duration) -> Duration + Send + Sync>,
    /// After how long a silence the server is sent a health check (`PING`); `None` or zero for never.
    pub ping_after: Option<Duration>,
}

impl PubSubConfig {
    /// Connects again by `reconnect`, after delays that double from 10 milliseconds to a second, and never sends a
    /// health check (`PING`).
    #[must_use]
    pub fn new(reconnect: Arc<dyn Connector>) -> Self {
        let pause = |_, before: Duration| {
            before
                .saturating_mul(2)
                .clamp(Duration::from_millis(10), Duration::from_secs(1))
        };
        Self {
            reconnect,
            pause: Arc::new(pause),
            ping_after: None,
        }
    }
}

impl fmt::Debug for PubSubConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PubSubConfig")
            .field("ping_after", &self.ping_after)
            .finish_non_exhaustive()
    }
}

/// A subscriber: what it has subscribed to, and the messages that come.
///
/// A client makes one: `client.pubsub()`. It has a connection of its own, outside of the pool, from the
/// first subscription on. Nothing is read before somebody waits, so what comes faster than it is taken
/// waits with the operating system and the server.
///
/// A lost connection is re-established, however many attempts that takes, and all subscriptions are restored with their
/// handlers. A [`MessageKind::Gap`](crate::MessageKind::Gap) says that messages may be missing. Losses are noticed, and
/// health checks (`PING`) are sent, while somebody waits.
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
/// A lost connection is not an error: it is re-established. Errors are: a password refused on reconnecting
/// (`Authentication`; the next call retries, after a delay), a refused subscription (`NOPERM`; it is dropped, the
/// others stay), and a handler that failed. You can go on waiting after each. A cluster node that does not serve a
/// shard channel's slot also refuses a new subscription (`MOVED`, `CLUSTERDOWN`, `TRYAGAIN`); an existing one that is
/// being restored, after a lost connection or because the slot moved, is requested repeatedly until the node accepts it
/// or another one has the slot (`MOVED`), and messages may be missed until then. What a server refuses while a script
/// keeps it busy (`BUSY`) is requested repeatedly too, and is no error; nor is it one that a health check is refused.
pub struct PubSub {
    pub(super) subscriptions: Subscriptions,
    pub(super) link: Link,
    pub(super) shared: Arc<Shared>,
    pub(super) checkout: Arc<dyn Checkout>,
    pub(super) ping_after: Option<Duration>,
    pub(super) ignores_acknowledgements: bool,
    pub(super) gap_handler: Option<Handler>,
    /// Why messages are missed, until everything is subscribed to again.
    pub(super) gap: Option<Arc<Error>>,
    /// Whether this gap was delivered on this connection.
    pub(super) gap_told: bool,
    /// A message that has to come after a gap.
    pub(super) held: Option<Heard>,
    /// When the server could not do something for the time being.
    pub(super) put_off: Instant,
    /// When something was last sent to a server that owed no answer.
    pub(super) asked: Instant,
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
            put_off: Instant::now(),
            asked: Instant::now(),
        }
    }

    /// Whether acknowledgements of subscribing and unsubscribing are kept from the caller, which they are not by
    /// default.
    #[must_use]
    pub fn ignore_subscribe_messages(mut self, ignore: bool) -> Self {
        self.ignores_acknowledgements = ignore;
        self
    }

    /// After how long a silence the server is sent a health check (`PING`), which it has to answer within the response
    /// timeout; `None` or zero for never.
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
    /// `InvalidInput` when there is no channel, or one that cannot be sent; those of connecting if this is the first
    /// subscription.
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
    /// Since Redis 7.0.
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
    /// Those of [`subscribe`](PubSub::subscribe).
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
    /// Those of [`subscribe`](PubSub::subscribe).
    pub fn psubscribe_with<O: HandlerOutcome>(
        &mut self,
        pattern: impl ToArg,
        handler: impl FnMut(Message) -> O + Send + 'static,
    ) -> Result<(), Error> {
        self.add_with(Space::Patterns, &pattern, Handler::new(handler))
    }

    /// Subscribes to a shard channel, whose messages then go to `handler` and are not returned.
    ///
    /// Since Redis 7.0.
    ///
    /// # Errors
    /// Those of [`subscribe`](PubSub::subscribe).
    pub fn ssubscribe_with<O: HandlerOutcome>(
        &mut self,
        channel: impl ToArg,
        handler: impl FnMut(Message) -> O + Send + 'static,
    ) -> Result<(), Error> {
        self.add_with(Space::Shards, &channel, Handler::new(handler))
    }

    /// Ends the subscription to channels; to all of them if `channels` is empty, like `()`. The server
    /// acknowledges each by a message; until then, more may be published on it. While the connection is lost, there
    /// is nothing to be acknowledged, and they are forgotten at once.
    ///
    /// # Errors
    /// `InvalidInput` when a name cannot be sent; no subscription ends then.
    #[doc(alias = "UNSUBSCRIBE")]
    pub fn unsubscribe(&mut self, channels: impl ToArgs) -> Result<(), Error> {
        self.end(Space::Channels, &channels)
    }

    /// Ends the subscription to patterns; to all of them if `patterns` is empty.
    ///
    /// # Errors
    /// Those of [`unsubscribe`](PubSub::unsubscribe).
    #[doc(alias = "PUNSUBSCRIBE")]
    pub fn punsubscribe(&mut self, patterns: impl ToArgs) -> Result<(), Error> {
        self.end(Space::Patterns, &patterns)
    }

    /// Ends the subscription to shard channels; to all of them if `channels` is empty.
    ///
    /// Since Redis 7.0.
    ///
    /// # Errors
    /// Those of [`unsubscribe`](PubSub::unsubscribe).
    #[doc(alias = "SUNSUBSCRIBE")]
    pub fn sunsubscribe(&mut self, channels: impl ToArgs) -> Result<(), Error> {
        self.end(Space::Shards, &channels)
    }

    /// Sends a health check (`PING`), whose answer comes as a [`MessageKind::Pong`](crate::MessageKind::Pong) with the
    /// same payload.
    ///
    /// # Errors
    /// `Connection` while the connection is lost; those of connecting if there was none.
    #[doc(alias = "PING")]
    pub fn ping(&mut self, payload: impl ToArg) -> Result<(), Error> {
        let payload = arguments(&payload)
            .map_err(|error| error.at("PING"))?
            .concat();
        self.connect_first()?;
        if !self.link.is_up() {
            let message = "the connection was lost and is being made again";
            return Err(Error::new(ErrorKind::Connection, message));
        }
        self.subscriptions.ping(&payload, false);
        self.send();
        Ok(())
    }

    /// Whether anything is subscribed to. It stays so until the acknowledgement of the last unsubscribing was
    /// received, or the connection is lost, which ends what is being unsubscribed from.
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
    /// A timeout of zero takes what has come already and does not wait; one handler is called at most. `None` waits for
    /// as long as it takes. The response timeout has nothing to do with it, and whether there is a connection neither.
    /// Without any subscription it waits for another thread to make one.
    ///
    /// # Errors
    /// See [above](PubSub#errors-while-waiting). `PubSub` if the wait could never end: nothing is subscribed to and no
    /// [`Control`] exists that could change that. A `Control` captured by the gap handler counts as existing, although
    /// that handler does not run here; in that case pass a timeout, or [listen](PubSub::listen).
    pub fn get_message(
        &mut self,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Option<Message>, Error> {
        self.next_message(Until::Time(timeout.into()))
    }

    /// The messages that no handler takes, for as long as anything is subscribed to and nobody
    /// [stops](Control::stop) it.
    pub fn listen(&mut self) -> Listen<'_> {
        Listen::new(self)
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
        mut self,
        policy: impl FnMut(&Error) -> ControlFlow<()> + Send + 'static,
    ) -> Result<WorkerThread, Error> {
        // What handles have asked for until now is looked at here; what they ask for from now on, there.
        self.shared.demand_handlers();
        self.obey();
        if let Some(name) = self.subscriptions.without_handler() {
            let message = format!(
                "expected a handler for each subscription, found none for {}; subscribe with one",
                name.escape_ascii()
            );
            return Err(Error::new(ErrorKind::PubSub, message));
        }
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
        let names = names_of(space, name)?;
        self.connect_first()?;
        self.subscriptions.subscribe(space, names, Some(handler));
        self.send();
        Ok(())
    }

    fn end(&mut self, space: Space, names: &dyn ToArgs) -> Result<(), Error> {
        let names = names_to_leave(space, names)?;
        self.leave(space, names);
        self.send();
        Ok(())
    }

    /// Ends the subscription to these names, or to all. Without any, a lost connection is nobody's business.
    pub(super) fn leave(&mut self, space: Space, names: Option<Vec<Name>>) {
        self.subscriptions.unsubscribe(space, names);
        if !self.subscriptions.is_subscribed() && !self.link.is_up() {
            self.link.rest(&self.shared);
            self.gap = None;
        }
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
        let deadline = self.checkout.deadline(Waits::No);
        if !self.send_some(deadline) {
            self.lose(deadline.missed("sending the command"));
        }
    }

    /// The same, of what there is room for until then; whether nothing is left. What is left is sent by whoever waits.
    pub(super) fn send_some(&mut self, until: Deadline) -> bool {
        let was_owed = self.subscriptions.was_owed();
        let (output, written) = self.subscriptions.output();
        let Some(feed) = self.link.feed().filter(|_| !output.is_empty()) else {
            return true;
        };
        let before = *written;
        let result = feed.send_some(output, written, until);
        // Asking on makes no silence shorter, nor does what the server does not take.
        if !was_owed && *written > before {
            self.asked = Instant::now();
        }
        match result {
            Ok(true) => self.subscriptions.sent(),
            Ok(false) => return false,
            Err(error) => self.lose(error),
        }
        true
    }

    pub(super) fn connected(&mut self) {
        self.asked = Instant::now();
        self.gap_told = false;
        self.subscriptions.connected();
        self.send_some(Deadline::within(Duration::ZERO));
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

/// The names among arguments, at least one.
pub(super) fn names_of(space: Space, names: &dyn ToArgs) -> Result<Vec<Name>, Error> {
    let names = arguments(names).map_err(|error| error.at(space.word(true)))?;
    if names.is_empty() {
        let message = "expected at least one name, found none";
        return Err(Error::new(ErrorKind::InvalidInput, message).at(space.word(true)));
    }
    Ok(names)
}

/// The names among arguments; `None` if there are none, which stands for all.
pub(super) fn names_to_leave(space: Space, names: &dyn ToArgs) -> Result<Option<Vec<Name>>, Error> {
    let names = arguments(names).map_err(|error| error.at(space.word(false)))?;
    Ok(Some(names).filter(|names| !names.is_empty()))
}

/// The names among arguments, or why they are none. No name is of another kind than what `PUBLISH` takes.
fn arguments(arguments: &dyn ToArgs) -> Result<Vec<Name>, Error> {
    let command = cmd::<()>("PUBLISH").args(arguments);
    match command.reason_against() {
        Some(reason) => Err(Error::new(ErrorKind::InvalidInput, reason)),
        None => Ok(command.arguments().skip(1).map(Name::from).collect()),
    }
}
