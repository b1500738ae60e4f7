//! Messages that are published and received, each with its number.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use redis::{Client, Message, MessageKind, PubSub, RetryPolicy, prelude::*};

use crate::{
    faults::RECOVERY,
    gate::{Gate, Next},
    tally::{Promise, Tally},
    values::{number_in, value_of},
};

const CHANNEL: &str = "messages";
/// How many of the last messages are remembered, to recognise one that comes again.
const REMEMBERED: u64 = 1000;

/// What publisher and subscriber know together.
#[derive(Debug, Default)]
struct Post {
    /// Messages that the server has passed on to somebody, and that have not come.
    under_way: BTreeSet<u64>,
    /// The last messages that have come.
    received: BTreeSet<u64>,
    /// When a message was published since which none has come.
    unheard_since: Option<Instant>,
}

pub(crate) struct Messages {
    post: Mutex<Post>,
    client: Client,
    tally: Arc<Tally>,
    gate: Arc<Gate>,
}

impl Messages {
    pub(crate) fn new(client: &Client, tally: &Arc<Tally>, gate: &Arc<Gate>) -> Self {
        Self {
            post: Mutex::default(),
            client: client.clone(),
            tally: Arc::clone(tally),
            gate: Arc::clone(gate),
        }
    }

    /// Publishes until it is over.
    pub(crate) fn publish(&self) {
        let client = self.client.with_retry(RetryPolicy::none());
        let mut number = 0;
        loop {
            while !self.gate.pause(Duration::from_millis(2)) {
                match self.gate.next() {
                    Next::End => return,
                    Next::Rest => self.gate.rest(),
                    Next::Work => {}
                }
            }
            match client.publish(CHANNEL, value_of(CHANNEL, number)) {
                Ok(receivers) => {
                    let mut post = self.post();
                    if post.received.last().is_none_or(|last| *last < number) {
                        post.unheard_since.get_or_insert_with(Instant::now);
                        if receivers > 0 {
                            post.under_way.insert(number);
                        }
                    }
                }
                Err(error) => self.tally.error(&error),
            }
            number += 1;
        }
    }

    /// Receives until it is over.
    pub(crate) fn receive(&self) {
        let mut pubsub: Option<PubSub> = None;
        let mut has_gap = true;
        loop {
            match self.gate.next() {
                Next::End => return,
                Next::Rest => {
                    // What comes meanwhile is not received: it is a gap, of our own making.
                    drop(pubsub.take());
                    has_gap = true;
                    self.gate.rest();
                    self.post().unheard_since = None;
                }
                Next::Work => {}
            }
            let Some(subscriber) = &mut pubsub else {
                pubsub = self.subscribe();
                continue;
            };
            match subscriber.get_message(Duration::from_millis(100)) {
                Ok(Some(message)) if message.kind() == MessageKind::Gap => has_gap = true,
                Ok(Some(message)) if message.kind() == MessageKind::Message => {
                    self.look_at(&message, has_gap);
                    has_gap = false;
                }
                Ok(_) => {}
                Err(error) => self.tally.error(&error),
            }
            self.look_at_the_clock();
        }
    }

    /// A subscriber that hears nothing any more loses messages, too, whatever gaps it tells of.
    fn look_at_the_clock(&self) {
        let mut post = self.post();
        let silence = post.unheard_since.map(|since| since.elapsed());
        if silence.is_some_and(|silence| silence > RECOVERY) {
            post.unheard_since = None;
            self.tally.break_promise(Promise::NoSilentLoss, || {
                format!("nothing came for {RECOVERY:?}, though messages were published")
            });
        }
    }

    fn subscribe(&self) -> Option<PubSub> {
        let mut pubsub = self.client.pubsub();
        match pubsub.subscribe(CHANNEL) {
            Ok(()) => Some(pubsub),
            Err(error) => {
                self.tally.error(&error);
                self.gate.pause(Duration::from_millis(20));
                None
            }
        }
    }

    fn look_at(&self, message: &Message, has_gap: bool) {
        self.tally.message_received();
        let number = match number_in(CHANNEL, message.data()) {
            Ok(number) => number,
            Err(wrong) => return self.tally.break_promise(Promise::NoWrongReply, || wrong),
        };
        let mut post = self.post();
        post.unheard_since = None;
        if !post.received.insert(number) {
            self.tally.break_promise(Promise::NoDoubleExecution, || {
                format!("message {number} came twice")
            });
        }
        while post.received.len() as u64 > REMEMBERED {
            post.received.pop_first();
        }
        let later = post.under_way.split_off(&number);
        let missing = std::mem::replace(&mut post.under_way, later);
        post.under_way.remove(&number);
        drop(post);
        if !has_gap && !missing.is_empty() {
            self.tally.break_promise(Promise::NoSilentLoss, || {
                format!("messages {missing:?} did not come before {number}, and no gap was told")
            });
        }
    }

    fn post(&self) -> MutexGuard<'_, Post> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
