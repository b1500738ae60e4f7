//! Many messages to several subscribers whose connections are killed again and again: each message comes
//! once, in order, or there was a gap.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use redis::{MessageKind, PubSub, prelude::*};

use super::{KillSubscribers, LONG};
use crate::{
    patience::eventually,
    thoroughness::plain_or_full,
    ways::{client, server, ways},
};

/// How many messages are published in one go.
const BURST: u64 = 100;

#[derive(Debug, Default)]
struct Tally {
    delivered: u64,
    missed: u64,
    gaps: u64,
}

/// Listens for the numbers from 1 to `last`, and for the one behind, which is published until all have it.
fn listen(pubsub: &mut PubSub, last: u64) -> Tally {
    let mut tally = Tally::default();
    let mut before = 0;
    let mut gap = false;
    while before <= last {
        let message = pubsub
            .get_message(LONG)
            .unwrap()
            .expect("a message in time");
        match message.kind() {
            MessageKind::Gap => {
                tally.gaps += 1;
                gap = true;
            }
            MessageKind::Message => {
                let number: u64 = message.text().unwrap().parse().unwrap();
                assert!(number > before, "{number} came after {before}");
                let missed = number - before - 1;
                assert!(
                    missed == 0 || gap,
                    "{before} is followed by {number}, without a gap"
                );
                tally.missed += missed;
                tally.delivered += u64::from(number <= last);
                (before, gap) = (number, false);
            }
            _ => {}
        }
    }
    tally
}

#[test]
fn every_message_comes_once_in_order_or_there_was_a_gap() {
    let (messages, kills) = plain_or_full((20_000_u64, 5_u64), (100_000, 20));
    let server = server();
    let publisher = client(&server);
    let subscribers: Vec<PubSub> = ways(&server)
        .into_iter()
        .map(|(_, builder)| {
            let mut pubsub = builder.build().pubsub().ignore_subscribe_messages(true);
            pubsub.subscribe("numbers").unwrap();
            pubsub
        })
        .collect();
    let count = subscribers.len();
    let listening = AtomicUsize::new(count);
    let started = Instant::now();
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let threads: Vec<_> = subscribers
            .into_iter()
            .map(|mut pubsub| {
                let listening = &listening;
                scope.spawn(move || {
                    // Counted even if it fails, so that nobody publishes for ever.
                    struct Done<'a>(&'a AtomicUsize);
                    impl Drop for Done<'_> {
                        fn drop(&mut self) {
                            self.0.fetch_sub(1, Ordering::Relaxed);
                        }
                    }
                    let _done = Done(listening);
                    listen(&mut pubsub, messages)
                })
            })
            .collect();
        let (mut killed, mut rounds) = (0, 0);
        for first in (1..=messages).step_by(BURST as usize) {
            let mut burst = publisher.pipeline();
            burst.transaction(false);
            for number in first..first + BURST {
                burst.publish("numbers", number);
            }
            burst.execute::<Vec<u64>>().unwrap();
            if (first + BURST - 1) * kills / messages > rounds {
                rounds += 1;
                eventually("all are there to be killed", || {
                    let counts: Vec<(String, u64)> = publisher.pubsub_numsub("numbers").unwrap();
                    counts[0].1 == count as u64
                });
                // They come back while others are being published.
                killed += publisher.kill_subscribers() as u64;
            }
        }
        assert_eq!(killed, kills * count as u64);
        while listening.load(Ordering::Relaxed) > 0 {
            assert!(started.elapsed() < Duration::from_secs(120));
            publisher.publish("numbers", messages + 1).unwrap();
            thread::sleep(Duration::from_millis(1));
        }
        println!("{killed} connections were killed in {rounds} rounds");
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for tally in &tallies {
        println!("{tally:?} of {messages}");
        assert!(tally.delivered + tally.missed >= messages && tally.delivered > 0);
        // Two losses in quick succession are one gap.
        assert!(tally.gaps >= 1 && tally.gaps <= kills);
    }
    println!("{count} subscribers, {:.2?}", started.elapsed());
}
