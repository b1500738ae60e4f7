//! Waiting for messages: what the server says, what other threads want, and what a lost connection needs.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use redis_cmd::Waits;
use redis_conn::{Deadline, Error, ErrorKind};

use super::{Message, PubSub, answers::Heard, control::Change};

/// For how long a read may block while somebody could call from another thread. They are heard when it
/// ends: with TLS, nobody but the reader can write, so there is nothing to wake it by.
const SLICE: Duration = Duration::from_millis(50);

/// For how long a write may block. What has come is read before each: a server that is asked for very much ends the
/// connection of who does not take its answers meanwhile.
const TURN: Duration = Duration::from_millis(5);

/// For how long a read may block in any case: what a Sentinel has said meanwhile, that the server is not the
/// primary any more, is seen when it ends.
const GLANCE: Duration = Duration::from_secs(1);

/// After how long what the server could not do is asked for once more: it is seen to when a read ends.
const PUT_OFF: Duration = Duration::from_millis(500);

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

impl<'a> Listen<'a> {
    pub(super) fn new(pubsub: &'a mut PubSub) -> Self {
        Self {
            pubsub,
            state: Listening::Starting,
        }
    }
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

impl PubSub {
    pub(super) fn lose(&mut self, reason: Error) {
        self.subscriptions.disconnected();
        match self.subscriptions.is_subscribed() {
            true => drop(self.gap.get_or_insert_with(|| Arc::new(reason))),
            false => self.gap = None,
        }
        // Pauses are somebody else's code: nothing is left half done when they panic.
        self.link.lose();
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
                received = self.gap.take().map(Heard::Gap);
            }
            if received.is_none() {
                received = self.hear(None);
            }
            if received.is_none() {
                // What nobody is told of may never end.
                if wait.as_ref().is_some_and(Wait::is_over) {
                    return Ok(None);
                }
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
                Heard::Published {
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
    fn deliver(&mut self, received: Heard) -> Result<Option<Message>, Error> {
        match received {
            Heard::Published { message, handled } => {
                self.link.works();
                // No message of a new connection comes before a gap.
                if let Some(gap) = self.gap.as_ref().filter(|_| !self.gap_told) {
                    let gap = Heard::Gap(Arc::clone(gap));
                    self.gap_told = true;
                    self.held = Some(Heard::Published { message, handled });
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
            Heard::Gap(reason) => match &mut self.gap_handler {
                Some(handler) => handler.handle(Message::gap(reason)).map(|()| None),
                None => Ok(Some(Message::gap(reason))),
            },
            Heard::Ended(reason) => {
                if self.gap.is_none() {
                    (self.gap, self.gap_told) = (Some(Arc::new(reason)), false);
                }
                Ok(None)
            }
            Heard::Acknowledged(message) => {
                self.link.works();
                Ok(Some(message).filter(|_| !self.ignores_acknowledgements))
            }
            Heard::Pong(message) => Ok(Some(message)),
            Heard::Refused(error) => Err(error),
            Heard::PutOff => {
                self.put_off = Instant::now();
                // Nobody knows how long it will take.
                match self.gap.as_ref().filter(|_| !self.gap_told) {
                    Some(gap) => {
                        let gap = Heard::Gap(Arc::clone(gap));
                        self.gap_told = true;
                        self.deliver(gap)
                    }
                    None => Ok(None),
                }
            }
            Heard::Nothing => Ok(None),
        }
    }

    /// Whether messages were missed, and from now on none will be.
    fn is_gap_over(&self) -> bool {
        self.gap.is_some() && self.link.is_up() && !self.subscriptions.is_recovering()
    }

    /// Does what other threads want; whether that is to stop.
    pub(super) fn obey(&mut self) -> bool {
        let (changes, stopped) = self.shared.take();
        for change in changes {
            match change {
                Change::Subscribe(space, names, handler) => {
                    self.subscriptions.subscribe(space, names, handler);
                }
                Change::Unsubscribe(space, names) => self.leave(space, names),
            }
        }
        // What there is no room for can wait, and who is to stop cannot.
        self.send_some(Deadline::within(Duration::ZERO));
        stopped
    }

    /// What the server says: what has been read already, or what comes until then.
    fn hear(&mut self, until: Option<Deadline>) -> Option<Heard> {
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
    fn wait(&mut self, wait: &mut Wait) -> Result<Option<Heard>, Error> {
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
            if self.subscriptions.has_put_off() && self.put_off.elapsed() >= PUT_OFF {
                self.subscriptions.ask_for_put_off();
            }
            if self.subscriptions.has_output() {
                let received = self.hear(Some(Deadline::within(Duration::ZERO)));
                if received.is_some() || !self.link.is_up() {
                    return Ok(received);
                }
            }
            let limit = self.patience().min(TURN);
            let is_sent = self.send_some(wait.deadline(limit));
            let slice = if is_watched || !is_sent {
                SLICE
            } else {
                GLANCE
            };
            let limit = self.patience().min(slice);
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
            let looks_up = Instant::now().checked_add(GLANCE);
            let ends = wait.end.into_iter().chain(looks_up);
            self.shared.wait(ends.min());
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
            self.ping_after.filter(|silence| !silence.is_zero())
        };
        limit.map_or(Duration::MAX, |limit| limit.saturating_sub(self.silence()))
    }

    /// How long the server has said nothing, since it was asked.
    fn silence(&mut self) -> Duration {
        let heard = self.link.feed().map_or(self.asked, |feed| feed.heard());
        heard.max(self.asked).elapsed()
    }

    /// After a wait that brought nothing: sends a health check, or gives up waiting for its answer.
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

/// Until when somebody waits.
#[derive(Clone, Copy)]
pub(super) enum Until {
    /// For so long; `None` is for ever.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_over_when_its_time_is() {
        let hour = Duration::from_secs(3600);
        let wait = |until| Wait::new(until).is_over();
        assert!(wait(Until::Time(Some(Duration::ZERO))));
        assert!(!wait(Until::Time(Some(hour))));
        assert!(!wait(Until::Time(None)) && !wait(Until::Unsubscribed));
    }

    #[test]
    fn a_step_ends_with_the_wait_or_before() {
        let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
        let step = |until, limit| Wait::new(Until::Time(until)).deadline(limit).limit();
        assert!(step(Some(minute), hour).is_some_and(|limit| limit <= minute));
        assert!(step(Some(hour), minute).is_some_and(|limit| limit <= minute));
        assert_eq!(step(None, minute), Some(minute));
        assert_eq!(step(None, Duration::MAX), None);
    }
}
