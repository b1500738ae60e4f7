//! A feed whose transport cuts, stalls and splits: messages come whole and in order, silence is no
//! failure, and after a failure nothing more is believed.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use redis_conn::{Deadline, Error, ErrorKind, Feed, Request};

use crate::script::{Script, Step};

const SUBSCRIBE: &[u8] = b"*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n";
/// What a server says in either protocol, and in both what is no message.
const MESSAGES: &[u8] = b"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n\
    >3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$4\r\n1\r\n2\r\n+PONG\r\n-ERR no\r\n";

fn soon() -> Deadline {
    Deadline::within(Duration::from_secs(5))
}

fn feed(steps: impl IntoIterator<Item = Step>) -> Feed {
    let mut feed = Script::new(steps).connect().into_feed().unwrap();
    feed.send(Request::new(SUBSCRIBE), soon()).unwrap();
    feed
}

/// All that the feed says until it fails.
fn all(feed: &mut Feed) -> (Vec<u8>, Error) {
    let mut said = Vec::new();
    loop {
        match feed.next(soon()) {
            Ok(reply) => said.extend_from_slice(reply.expect("five seconds suffice").bytes()),
            Err(error) => return (said, error),
        }
    }
}

#[test]
fn messages_that_are_split_anywhere_are_the_same_messages() {
    for at in 1..MESSAGES.len() {
        let steps = [&MESSAGES[..at], &MESSAGES[at..]].map(|part| Step::Bytes(part.to_vec()));
        let (said, error) = all(&mut feed(steps));
        assert_eq!(said, MESSAGES, "split at {at}");
        assert_eq!(error.kind(), ErrorKind::Connection);
        assert!(!error.maybe_executed());
    }
    let bytes = MESSAGES.chunks(1).map(|byte| Step::Bytes(byte.to_vec()));
    assert_eq!(all(&mut feed(bytes)).0, MESSAGES);
}

#[test]
fn silence_is_no_failure_wherever_it_falls() {
    for at in 0..MESSAGES.len() {
        let parts = [
            Step::Bytes(MESSAGES[..at].to_vec()),
            Step::Silence(3),
            Step::Bytes(MESSAGES[at..].to_vec()),
        ];
        let mut feed = feed(parts.into_iter().skip(usize::from(at == 0)));
        let mut said = Vec::new();
        let mut silent = 0;
        while said.len() < MESSAGES.len() {
            match feed
                .next(Deadline::within(Duration::from_millis(1)))
                .unwrap()
            {
                Some(reply) => said.extend_from_slice(reply.bytes()),
                None => silent += 1,
            }
        }
        assert_eq!(said, MESSAGES, "silent at {at}");
        assert!(silent >= 1);
    }
}

#[test]
fn a_deadline_that_has_passed_takes_what_is_there_and_does_not_wait() {
    let script = Script::new([Step::Bytes(MESSAGES.to_vec()), Step::Stall]);
    let shared = Arc::clone(&script.shared);
    let mut feed = script.connect().into_feed().unwrap();
    let poll = || Deadline::within(Duration::ZERO);
    assert!(
        feed.next(poll()).unwrap().is_none(),
        "the transport is quiet"
    );
    shared.loud.store(true, Ordering::Relaxed);
    let mut replies = 0;
    let started = Instant::now();
    while feed.next(poll()).unwrap().is_some() {
        replies += 1;
    }
    assert_eq!(replies, 4);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn what_there_is_room_for_is_sent_and_the_rest_later() {
    for size in 1..=SUBSCRIBE.len() {
        let mut script = Script::new([Step::Stall]);
        script.write_size = Some(size);
        let shared = Arc::clone(&script.shared);
        let mut feed = script.connect().into_feed().unwrap();
        let (mut sent, mut calls) = (0, 1);
        let passed = || Deadline::within(Duration::ZERO);
        while !feed.send_some(SUBSCRIBE, &mut sent, passed()).unwrap() {
            assert_eq!(sent, size * calls, "one write each time");
            calls += 1;
        }
        assert_eq!(calls, SUBSCRIBE.len().div_ceil(size));
        assert_eq!(*shared.written.lock().unwrap(), SUBSCRIBE);
        // With time, all of it goes at once.
        let mut sent = 3;
        assert!(feed.send_some(SUBSCRIBE, &mut sent, soon()).unwrap());
        assert_eq!(
            shared.written.lock().unwrap()[SUBSCRIBE.len()..],
            SUBSCRIBE[3..]
        );
    }
    let mut script = Script::new([Step::Stall]);
    script.write_limit = Some(5);
    let mut feed = script.connect().into_feed().unwrap();
    for _ in 0..2 {
        let error = feed.send_some(SUBSCRIBE, &mut 0, soon()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    }
}

#[test]
fn what_is_buffered_is_taken_without_reading() {
    let mut feed = feed([Step::Bytes(MESSAGES.to_vec())]);
    assert!(feed.buffered().unwrap().is_none());
    assert!(feed.next(soon()).unwrap().is_some());
    for _ in 0..3 {
        assert!(feed.buffered().unwrap().is_some());
    }
    // The next read would meet the end.
    assert!(feed.buffered().unwrap().is_none());
}

#[test]
fn after_a_failure_nothing_is_believed() {
    for end in [Step::Reset, Step::Bytes(b"?what\r\n".to_vec())] {
        let mut feed = feed([end, Step::Bytes(MESSAGES.to_vec())]);
        assert!(feed.next(soon()).is_err());
        for _ in 0..2 {
            assert!(feed.next(soon()).is_err());
            assert!(feed.buffered().is_err());
            assert!(feed.send(Request::new(SUBSCRIBE), soon()).is_err());
        }
    }
}

#[test]
fn a_connection_that_is_owed_a_reply_does_not_become_a_feed() {
    let mut connection = Script::new([Step::Bytes(b"+late\r\n".to_vec())]).connect();
    connection.send(Request::new(SUBSCRIBE), soon()).unwrap();
    assert!(connection.into_feed().is_err());
}
