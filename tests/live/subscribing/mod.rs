//! Published messages: what redis-py's documentation shows, waiting, threads, and what survives a lost
//! connection.

mod documented;
mod keyspaces;
mod listening;
mod recovering;
mod scripted;
mod thousands;
mod threads;

use std::{sync::mpsc, thread, time::Duration};

use redis::{Client, ClientFilter, ClientKind, Message, MessageKind, PubSub, prelude::*};

use crate::{patience::eventually, ways};

/// Longer than anything takes that works.
const LONG: Duration = Duration::from_secs(10);

/// The next message, which has to come.
fn next(pubsub: &mut PubSub) -> Message {
    let message = pubsub.get_message(LONG).expect("no error");
    message.expect("a message in time")
}

/// Waits for a moment, which has to end, and without a message.
fn waits_in_vain(mut pubsub: PubSub) {
    let (sender, waited) = mpsc::channel();
    thread::spawn(move || {
        let message = pubsub.get_message(Duration::from_millis(50));
        sender.send(message.map(|message| message.is_none()))
    });
    let ended = waited.recv_timeout(LONG).expect("an end of the wait");
    assert!(ended.unwrap());
}

/// A subscriber to one channel, once the server knows of it. It is told nothing of acknowledgements.
fn subscriber(client: &Client, channel: &str) -> PubSub {
    let mut pubsub = client.pubsub().ignore_subscribe_messages(true);
    pubsub.subscribe(channel).unwrap();
    let subscriptions = || -> Vec<(String, u64)> { client.pubsub_numsub(channel).unwrap() };
    eventually("the subscription works", || subscriptions()[0].1 > 0);
    pubsub
}

/// What redis-py shows of a message: type, pattern, channel and data.
fn dictionary(message: &Message) -> (MessageKind, Option<String>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let data = match message.count() {
        Some(count) => count.to_string(),
        None => text(message.data()),
    };
    (
        message.kind(),
        message.pattern().map(text),
        text(message.channel()),
        data,
    )
}

/// Runs a test on every way to a server, each time when those who listened before are gone.
fn on_every_way(test: impl Fn(&Client)) {
    ways::on_every_way(|client| {
        eventually("nobody listens any more", || {
            let filter = ClientFilter::new().kind(ClientKind::PubSub);
            client.client_list_with(filter).unwrap().is_empty()
        });
        test(client);
    });
}

trait KillSubscribers {
    /// Ends the connections of all subscribers; how many those were.
    fn kill_subscribers(&self) -> usize;
}

impl KillSubscribers for Client {
    fn kill_subscribers(&self) -> usize {
        self.client_kill(ClientFilter::new().kind(ClientKind::PubSub))
            .unwrap()
    }
}
