//! Servers that do to subscribers what real ones do only by chance.

use std::time::{Duration, Instant};

use redis::{Client, ErrorKind, Message, MessageKind, PubSub, RetryPolicy};
use redis_testkit::{Script, ScriptedServer};

use super::{LONG, next, waits_in_vain};

const A: &str = ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n";
const P: &str = ">3\r\n$10\r\npsubscribe\r\n$1\r\np\r\n:2\r\n";
const MESSAGE: &str = ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n";
/// It is not for a subscriber.
const INVALIDATED: &str = ">2\r\n$10\r\ninvalidate\r\n_\r\n";

/// For answers that do not come in time, and enough for those that do.
const PATIENCE: Duration = Duration::from_secs(2);

/// A subscriber to the channel `a` and the pattern `p`, of a server that acknowledges both and then does what the
/// script for each of the connections says.
fn subscriber(script: impl Fn(usize) -> Script + Send + 'static) -> (ScriptedServer, PubSub) {
    subscriber_within(LONG, script)
}

fn subscriber_within(
    response_timeout: Duration,
    script: impl Fn(usize) -> Script + Send + 'static,
) -> (ScriptedServer, PubSub) {
    let server = ScriptedServer::start_with(script).unwrap();
    let client = Client::builder()
        .url(&server.url())
        .unwrap()
        .response_timeout(response_timeout)
        .build();
    let mut pubsub = client.pubsub();
    pubsub.subscribe("a").unwrap();
    pubsub.psubscribe("p").unwrap();
    for kind in [MessageKind::Subscribe, MessageKind::PSubscribe] {
        assert_eq!(next(&mut pubsub).kind(), kind);
    }
    (server, pubsub)
}

/// The first connection of a subscriber, up to its loss.
fn lost() -> Script {
    Script::after_handshake()
        .expect(2)
        .send([A, P].concat())
        .close()
}

fn kinds(pubsub: &mut PubSub, count: usize) -> Vec<MessageKind> {
    (0..count).map(|_| next(pubsub).kind()).collect()
}

#[test]
fn no_message_of_a_new_connection_comes_before_a_gap() {
    let (_server, mut p) = subscriber(|connection| match connection {
        0 => lost(),
        // Somebody publishes between the one subscription and the other.
        _ => Script::after_handshake()
            .expect(2)
            .send([A, MESSAGE, MESSAGE, P, MESSAGE].concat()),
    });
    use MessageKind::{Gap, Message, PSubscribe, Subscribe};
    let expected = [Subscribe, Gap, Message, Message, PSubscribe, Gap, Message];
    assert_eq!(kinds(&mut p, expected.len()), expected);
}

#[test]
fn each_new_connection_has_a_gap_of_its_own() {
    let interrupted = || {
        Script::after_handshake()
            .expect(2)
            .send([A, MESSAGE, P].concat())
    };
    let (_server, mut p) = subscriber(move |connection| match connection {
        0 => lost(),
        1 => interrupted().close(),
        _ => interrupted(),
    });
    use MessageKind::{Gap, Message, PSubscribe, Subscribe};
    let expected = [Subscribe, Gap, Message, PSubscribe, Gap];
    for _ in 1..=2 {
        assert_eq!(kinds(&mut p, expected.len()), expected);
    }
}

#[test]
fn connections_that_are_lost_in_a_row_make_one_gap_and_are_not_made_at_once() {
    let (server, mut p) = subscriber(|connection| match connection {
        0 => lost(),
        1..=6 => Script::after_handshake().expect(1).close(),
        _ => Script::after_handshake()
            .expect(2)
            .send([A, P, MESSAGE].concat()),
    });
    let started = Instant::now();
    let kinds = kinds(&mut p, 4);
    use MessageKind::{Gap, Message, PSubscribe, Subscribe};
    assert_eq!(kinds, [Subscribe, PSubscribe, Gap, Message]);
    assert_eq!(server.connections(), 8);
    // Pauses of about 10, 20, 40, 80, 160 and 320 milliseconds, of which half is certain.
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(300), "{took:?}");
}

#[test]
fn connections_that_end_as_soon_as_they_work_are_not_made_at_once() {
    for retry in [RetryPolicy::default(), RetryPolicy::none()] {
        let server = ScriptedServer::start_with(|_| lost()).unwrap();
        let client = Client::builder().url(&server.url()).unwrap().retry(retry);
        let mut p = client.build().pubsub().ignore_subscribe_messages(true);
        p.subscribe("a").unwrap();
        p.psubscribe("p").unwrap();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(1) || server.connections() < 3 {
            assert!(started.elapsed() < LONG, "no more connections");
            if let Some(message) = p.get_message(Duration::from_millis(100)).unwrap() {
                assert_eq!(message.kind(), MessageKind::Gap);
            }
        }
        // At once, and after pauses of at least 5, 10, 20, 40, 80, 160, 250, 250 … milliseconds.
        let connections = server.connections();
        assert!(connections <= 12, "{connections}");
    }
}

#[test]
fn pauses_of_a_server_that_is_down_are_the_default_ones_where_there_are_none() {
    let server = ScriptedServer::start_with(|connection| match connection {
        0 => lost(),
        _ => Script::new().close(),
    })
    .unwrap();
    let client = Client::builder()
        .url(&server.url())
        .unwrap()
        .retry(RetryPolicy::none());
    let mut p = client.build().pubsub().ignore_subscribe_messages(true);
    p.subscribe("a").unwrap();
    p.psubscribe("p").unwrap();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(1) || server.connections() < 3 {
        assert!(started.elapsed() < LONG, "no more connections");
        assert!(p.get_message(Duration::from_secs(1)).unwrap().is_none());
    }
    let connections = server.connections();
    assert!(connections <= 12, "{connections}");
}

#[test]
fn what_a_server_cannot_do_yet_is_asked_for_again_later() {
    let (server, mut p) = subscriber(|connection| match connection {
        0 => lost(),
        1..=2 => Script::after_handshake()
            .expect(2)
            .send("-LOADING the data\r\n"),
        _ => Script::after_handshake().expect(2).send([A, P].concat()),
    });
    use MessageKind::{Gap, PSubscribe, Subscribe};
    assert_eq!(kinds(&mut p, 3), [Subscribe, PSubscribe, Gap]);
    assert_eq!(server.connections(), 4);
}

fn gap_after(end: impl Fn(Script) -> Script + Send + 'static) -> Message {
    let (_server, mut p) = subscriber(move |connection| {
        let script = Script::after_handshake().expect(2).send([A, P].concat());
        if connection == 0 { end(script) } else { script }
    });
    assert_eq!(next(&mut p).kind(), MessageKind::Subscribe);
    assert_eq!(next(&mut p).kind(), MessageKind::PSubscribe);
    next(&mut p)
}

#[test]
fn whatever_a_server_does_is_a_gap_with_its_reason() {
    let garbage = gap_after(|script| script.send("what is this\r\n"));
    assert_eq!(garbage.reason().unwrap().kind(), ErrorKind::Protocol);
    let unasked = gap_after(|script| script.send("+OK\r\n"));
    assert_eq!(unasked.reason().unwrap().kind(), ErrorKind::Protocol);
    let ended = gap_after(|script| script.send(">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n"));
    let reason = ended.reason().unwrap().to_string();
    assert!(reason.starts_with("UNSUBSCRIBE a: "), "{reason}");
    let reset = gap_after(Script::reset);
    assert_eq!(reset.reason().unwrap().kind(), ErrorKind::Connection);
    // Half of a message, and then the end.
    let cut = gap_after(|script| script.send(&MESSAGE[..20]).close());
    assert_eq!(cut.reason().unwrap().kind(), ErrorKind::Connection);
}

#[test]
fn an_acknowledgement_that_does_not_come_in_time_is_not_waited_for() {
    let (server, mut p) = subscriber_within(PATIENCE, |connection| match connection {
        0 => lost(),
        1 => Script::after_handshake().expect(2).send(A),
        _ => Script::after_handshake().expect(2).send([A, P].concat()),
    });
    let started = Instant::now();
    use MessageKind::{Gap, PSubscribe, Subscribe};
    assert_eq!(kinds(&mut p, 4), [Subscribe, Subscribe, PSubscribe, Gap]);
    let took = started.elapsed();
    assert!((PATIENCE..PATIENCE + LONG).contains(&took), "{took:?}");
    assert_eq!(server.connections(), 3);
}

#[test]
fn a_silence_is_not_made_shorter_by_asking_on() {
    let (_server, mut p) = subscriber_within(PATIENCE, |_| {
        Script::after_handshake().expect(2).send([A, P].concat())
    });
    let started = Instant::now();
    let gap = loop {
        assert!(started.elapsed() < PATIENCE + LONG, "nobody noticed");
        // It cannot be sent while the connection is lost.
        let _ = p.ping("are you there?");
        match p.get_message(Duration::from_millis(20)).unwrap() {
            Some(message) if message.kind() == MessageKind::Gap => break message,
            _ => {}
        }
    };
    assert!(gap.reason().unwrap().is_timeout(), "{gap:?}");
}

#[test]
fn messages_that_never_end_do_not_make_a_wait_longer() {
    let server =
        ScriptedServer::start_with(|_| Script::after_handshake().expect(1).send(A).flood(MESSAGE));
    let client = Client::open(&server.as_ref().unwrap().url()).unwrap();
    let mut p = client.pubsub().ignore_subscribe_messages(true);
    p.subscribe_with("a", |_| ()).unwrap();
    waits_in_vain(p);
}

#[test]
fn a_wait_ends_in_time_though_what_nobody_is_told_of_goes_on() {
    let (_server, p) = subscriber(|_| {
        Script::after_handshake()
            .expect(2)
            .send([A, P].concat())
            .flood(INVALIDATED.repeat(1000))
    });
    waits_in_vain(p);
}

#[test]
fn what_has_come_with_something_that_nobody_is_told_of_is_taken_without_waiting() {
    let (_server, mut p) = subscriber(|_| {
        Script::after_handshake()
            .expect(2)
            .send([A, P, INVALIDATED, MESSAGE].concat())
    });
    let message = p.get_message(Duration::ZERO).unwrap().expect("a message");
    assert_eq!(message.text().unwrap(), "x");
}

#[test]
fn messages_that_drip_byte_by_byte_are_whole() {
    let (_server, mut p) = subscriber(|_| {
        Script::after_handshake()
            .expect(2)
            .send([A, P].concat())
            .send_slowly([MESSAGE, MESSAGE].concat(), 1, Duration::from_millis(1))
    });
    for _ in 0..2 {
        let started = Instant::now();
        // Polling never waits, and loses nothing of what has come.
        let message = loop {
            assert!(started.elapsed() < LONG);
            if let Some(message) = p.get_message(Duration::ZERO).unwrap() {
                break message;
            }
        };
        assert_eq!(message.text().unwrap(), "x");
    }
}

#[test]
fn what_a_node_cannot_have_again_for_the_time_being_is_put_off_and_said() {
    let s = A.replace("$9\r\nsubscribe", "$10\r\nssubscribe");
    let subscribed = [A, &s].concat();
    let theirs = subscribed.clone();
    let down = "-CLUSTERDOWN Hash slot not served\r\n";
    let server = ScriptedServer::start_with(move |connection| {
        let script = Script::after_handshake().expect(2);
        match connection {
            0 => script.send(&theirs).close(),
            // It is asked for twice more, and all else comes in the meantime.
            _ => {
                let script = script.send([A, down].concat()).expect(1).send(down);
                script.send(MESSAGE).expect(1).send(&s)
            }
        }
    })
    .unwrap();
    let mut p = Client::open(&server.url()).unwrap().pubsub();
    p.subscribe("a").unwrap();
    p.ssubscribe("a").unwrap();
    use MessageKind::{Gap, Message, SSubscribe, Subscribe};
    let expected = [
        Subscribe, SSubscribe, Subscribe, Gap, Message, SSubscribe, Gap,
    ];
    assert_eq!(kinds(&mut p, expected.len()), expected);
    assert_eq!(server.connections(), 2);
}

#[test]
fn while_the_server_is_away_unsubscribing_ends_everything_at_once() {
    let (server, mut p) = subscriber(|connection| match connection {
        0 => lost(),
        _ => Script::after_handshake().expect(1).send(A),
    });
    // Nothing of this is heard: that the connection is lost is noticed by whoever waits.
    let started = Instant::now();
    while p.ping("are you there?").is_ok() {
        assert!(started.elapsed() < LONG, "nobody noticed");
        assert!(p.get_message(Duration::ZERO).unwrap().is_none());
    }
    p.unsubscribe(()).unwrap();
    assert!(p.subscribed());
    p.punsubscribe(()).unwrap();
    assert!(!p.subscribed());
    assert_eq!(p.listen().count(), 1, "an error");
    let error = p.get_message(None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PubSub, "{error}");
    let connections = server.connections();
    // No gap is told of what nobody wants any more, and no attempt that was under way is in the way.
    p.subscribe("a").unwrap();
    assert_eq!(next(&mut p).kind(), MessageKind::Subscribe);
    assert!(p.get_message(Duration::from_millis(50)).unwrap().is_none());
    assert!(server.connections() > connections);
}

#[test]
fn pauses_of_a_users_own_last_longer_than_their_number() {
    const TABLE: [Duration; 2] = [Duration::from_millis(1); 2];
    let server = ScriptedServer::start_with(|connection| match connection {
        0 => lost(),
        1..=6 => Script::new().close(),
        _ => Script::after_handshake().expect(2).send([A, P].concat()),
    })
    .unwrap();
    let retry = RetryPolicy::custom(2, |number| TABLE[number as usize - 1]);
    let client = Client::builder().url(&server.url()).unwrap().retry(retry);
    let mut p = client.build().pubsub().ignore_subscribe_messages(true);
    p.subscribe("a").unwrap();
    p.psubscribe("p").unwrap();
    assert_eq!(next(&mut p).kind(), MessageKind::Gap);
}

#[test]
fn what_a_server_does_not_take_holds_nobody_up_for_longer_than_they_wait() {
    let deaf = || {
        Script::after_handshake()
            .expect(2)
            .send([A, P].concat())
            .deaf()
    };
    // More than sockets take.
    let names: Vec<_> = (0..1000).map(|n| format!("{n:060000}")).collect();
    let (_server, mut p) = subscriber_within(6 * LONG, move |_| deaf());
    let control = p.control();
    control.subscribe(&names).unwrap();
    let started = Instant::now();
    assert!(p.get_message(Duration::ZERO).unwrap().is_none());
    assert!(p.get_message(Duration::from_millis(50)).unwrap().is_none());
    control.stop();
    assert!(p.get_message(None).unwrap().is_none());
    println!("three waits took {:?}", started.elapsed());
    assert!(started.elapsed() < 3 * LONG);
    drop(p);

    // And it is given up in the end.
    let (server, mut p) = subscriber_within(PATIENCE, move |connection| match connection {
        0 => deaf(),
        _ => Script::new().close(),
    });
    p.control().subscribe(&names).unwrap();
    let started = Instant::now();
    while server.connections() == 1 {
        assert!(started.elapsed() < PATIENCE + LONG, "nobody noticed");
        assert!(p.get_message(Duration::from_millis(50)).unwrap().is_none());
    }
}
