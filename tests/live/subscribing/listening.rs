//! Waiting for messages: how long, for what, and what is refused.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use redis::{
    Client, ClientFilter, ClientKind, Connection, Deadline, ErrorKind, Json, MessageKind, Protocol,
    Request, ServerErrorKind, cmd, prelude::*,
};

use super::{LONG, next, on_every_way, subscriber, waits_in_vain};
use crate::{
    patience::{eventually, found},
    ways::{client, server, ways},
};

#[test]
fn channels_patterns_and_shard_channels_count_up_and_down() {
    on_every_way(|client| {
        let names: [&[u8]; 4] = [b"plain", "uni\u{2660}code".as_bytes(), b"bin\xff\0", b""];
        let mut p = client.pubsub();
        let counts = |p: &mut redis::PubSub, kind| {
            let mut counts = Vec::new();
            for _ in names {
                let message = next(p);
                assert_eq!(message.kind(), kind);
                assert!(names.contains(&message.channel()), "{message:?}");
                counts.push(message.count().unwrap());
            }
            counts
        };
        let sorted = |mut names: Vec<Vec<u8>>| {
            names.sort();
            names
        };
        let all = sorted(names.iter().map(|name| name.to_vec()).collect());

        assert!(!p.subscribed());
        p.subscribe(names).unwrap();
        assert!(p.subscribed());
        assert_eq!(counts(&mut p, MessageKind::Subscribe), [1, 2, 3, 4]);
        assert_eq!(sorted(p.channels()), all);
        p.unsubscribe(names).unwrap();
        assert!(p.subscribed(), "until the server has said so");
        assert_eq!(counts(&mut p, MessageKind::Unsubscribe), [3, 2, 1, 0]);
        assert!(!p.subscribed() && p.channels().is_empty());

        p.psubscribe(names).unwrap();
        assert_eq!(counts(&mut p, MessageKind::PSubscribe), [1, 2, 3, 4]);
        assert_eq!(sorted(p.patterns()), all);
        p.punsubscribe(()).unwrap();
        assert_eq!(counts(&mut p, MessageKind::PUnsubscribe), [3, 2, 1, 0]);

        p.ssubscribe(names).unwrap();
        assert_eq!(counts(&mut p, MessageKind::SSubscribe), [1, 2, 3, 4]);
        assert_eq!(sorted(p.shard_channels()), all);
        assert_eq!(client.spublish(b"bin\xff\0", "to the shard").unwrap(), 1);
        let message = next(&mut p);
        assert_eq!(message.kind(), MessageKind::SMessage);
        assert_eq!(
            (message.channel(), message.data()),
            (&b"bin\xff\0"[..], &b"to the shard"[..])
        );
        p.sunsubscribe(()).unwrap();
        assert_eq!(counts(&mut p, MessageKind::SUnsubscribe), [3, 2, 1, 0]);
        assert!(!p.subscribed());
    });
}

#[test]
fn bytes_come_as_they_were_published_however_many() {
    on_every_way(|client| {
        let mut p = subscriber(client, "c");
        for size in [0, 1, 100, 16_000, 16_384, 3_000_000, 5] {
            let data: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            assert_eq!(client.publish("c", &data).unwrap(), 1);
            assert!(next(&mut p).into_data() == data, "{size} bytes");
        }
        assert_eq!(client.publish("c", b"\xff").unwrap(), 1);
        let message = next(&mut p);
        assert_eq!(message.text().unwrap_err().kind(), ErrorKind::Decode);
    });
}

#[test]
fn what_was_published_is_read_into_the_type_that_is_asked_for() {
    on_every_way(|client| {
        let mut p = subscriber(client, "c");
        client.publish("c", 7).unwrap();
        let seven = next(&mut p);
        assert_eq!(seven.decode::<u8>().unwrap(), 7);
        assert_eq!(seven.decode::<String>().unwrap(), "7");
        client.publish("c", Json(("näher", [1, 2]))).unwrap();
        let Json((word, numbers)): Json<(String, Vec<u8>)> = next(&mut p).decode().unwrap();
        assert_eq!((word.as_str(), numbers), ("näher", vec![1, 2]));
        client.publish("c", "secret\r\n:1").unwrap();
        let text = next(&mut p);
        assert_eq!(text.decode::<Vec<u8>>().unwrap(), b"secret\r\n:1");
        let error = text.decode::<u8>().unwrap_err();
        assert_eq!(
            (error.kind(), error.maybe_executed()),
            (ErrorKind::Decode, false)
        );
        assert_eq!(
            error.to_string(),
            "a message on c: expected an integer, found a bulk string of 10 bytes"
        );
        let mut told = client.pubsub();
        told.subscribe("d").unwrap();
        let error = next(&mut told).decode::<String>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected a message that was published, found Subscribe"
        );
    });
}

#[test]
fn what_a_server_says_of_keys_that_have_changed_need_not_be_text() {
    let server = server();
    let client = client(&server);
    let old = Client::builder().url(&server.url()).unwrap();
    let old = old.protocol(Protocol::Resp2).build();
    let mut p = subscriber(&old, "__redis__:invalidate");
    let subscribers = ClientFilter::new().kind(ClientKind::PubSub);
    let id = client.client_list_with(subscribers).unwrap()[0].id;
    // Its tracking lasts as long as this connection.
    let hook = move |connection: &mut Connection| {
        let tracking = cmd::<()>("CLIENT").word("TRACKING").word("ON");
        let tracking = tracking.word("REDIRECT").arg(&id);
        let request = Request::new(tracking.encoded());
        connection.call(request, Deadline::within(LONG))
    };
    let tracking = Client::builder().url(&server.url()).unwrap();
    let tracking = tracking.max_connections(1).on_connect(hook).build();
    assert_eq!(tracking.get::<String>("k").unwrap(), None);
    client.set("k", 1).unwrap();
    let changed = next(&mut p);
    let keys: Option<Vec<String>> = changed.decode().unwrap();
    assert_eq!(keys.unwrap(), ["k"], "{changed:?}");
    client.flushall().unwrap();
    let keys: Option<Vec<String>> = next(&mut p).decode().unwrap();
    assert_eq!(keys, None);
    client.publish("__redis__:invalidate", "x").unwrap();
    assert_eq!(next(&mut p).text().unwrap(), "x");
}

#[test]
fn subscribing_ending_all_and_subscribing_again_leaves_it_subscribed() {
    on_every_way(|client| {
        let mut p = client.pubsub();
        p.subscribe("c").unwrap();
        p.unsubscribe(()).unwrap();
        p.subscribe("c").unwrap();
        for count in [1, 0, 1] {
            assert!(p.subscribed());
            assert_eq!(next(&mut p).count(), Some(count));
        }
        assert!(p.subscribed());
        assert_eq!(p.channels(), [b"c"]);
        client.publish("c", "x").unwrap();
        assert_eq!(next(&mut p).text().unwrap(), "x");
    });
}

#[test]
fn ignored_acknowledgements_still_count() {
    on_every_way(|client| {
        let mut p = client.pubsub().ignore_subscribe_messages(true);
        p.subscribe(["a", "b"]).unwrap();
        p.psubscribe("c").unwrap();
        p.unsubscribe(()).unwrap();
        p.punsubscribe(()).unwrap();
        assert!(p.subscribed());
        let started = Instant::now();
        while p.subscribed() {
            assert!(started.elapsed() < LONG);
            assert!(p.get_message(Duration::from_millis(1)).unwrap().is_none());
        }
    });
}

#[test]
fn a_timeout_of_zero_polls_some_waits_and_none_waits_for_ever() {
    on_every_way(|client| {
        let mut p = client.pubsub();
        p.subscribe("c").unwrap();
        next(&mut p);
        let started = Instant::now();
        for _ in 0..10 {
            assert!(p.get_message(Duration::ZERO).unwrap().is_none());
        }
        println!("ten polls took {:?}", started.elapsed());
        assert!(started.elapsed() < LONG);

        let started = Instant::now();
        let limit = Duration::from_millis(100);
        assert!(p.get_message(limit).unwrap().is_none());
        let took = started.elapsed();
        assert!((limit..LONG).contains(&took), "{took:?}");

        let started = Instant::now();
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(200));
                client.publish("c", "late").unwrap();
            });
            assert_eq!(p.get_message(None).unwrap().unwrap().data(), b"late");
        });
        assert!(started.elapsed() >= Duration::from_millis(200));
    });
}

#[test]
fn a_wait_ends_when_its_time_is_over() {
    on_every_way(|client| {
        waits_in_vain(subscriber(client, "c"));
    });
}

#[test]
fn a_handler_ends_with_its_subscription_or_with_another_one() {
    on_every_way(|client| {
        let mut p = client.pubsub();
        for unsubscribes in [false, true] {
            let (sender, handled) = mpsc::channel();
            p.subscribe_with("c", move |message| sender.send(message))
                .unwrap();
            if unsubscribes {
                p.unsubscribe("c").unwrap();
            }
            p.subscribe("c").unwrap();
            let none = Err(mpsc::TryRecvError::Disconnected);
            assert_eq!(handled.try_recv().map(drop), none, "it is kept");
            client.publish("c", "x").unwrap();
            let published = found("the message", || {
                Some(next(&mut p)).filter(|message| message.kind() == MessageKind::Message)
            });
            assert_eq!(published.text().unwrap(), "x");
        }
    });
}

#[test]
fn a_poll_calls_one_handler_at_most() {
    on_every_way(|client| {
        const MESSAGES: usize = 20;
        let called = Arc::new(AtomicUsize::new(0));
        let mut p = client.pubsub().ignore_subscribe_messages(true);
        let counted = Arc::clone(&called);
        p.subscribe_with("c", move |_| {
            counted.fetch_add(1, Relaxed);
        })
        .unwrap();
        let mut pipeline = client.pipeline();
        for _ in 0..MESSAGES {
            pipeline.publish("c", "x");
        }
        pipeline.execute::<Vec<u64>>().unwrap();
        eventually("all handlers are called", || {
            let before = called.load(Relaxed);
            assert!(p.get_message(Duration::ZERO).unwrap().is_none());
            let after = called.load(Relaxed);
            assert!(after <= before + 1, "{} in one go", after - before);
            after == MESSAGES
        });
    });
}

#[test]
fn listening_outlasts_the_response_time_out() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let patient = client(&server);
        let limit = Duration::from_millis(200);
        let client = builder.response_timeout(limit).retries(0).build();
        // Which a busy machine may take to answer.
        let mut p = found("a subscriber that has lost no connection", || {
            let mut p = client.pubsub();
            p.subscribe("c").ok()?;
            assert_eq!(next(&mut p).kind(), MessageKind::Subscribe);
            p.get_message(Duration::ZERO)
                .unwrap()
                .is_none()
                .then_some(p)
        });
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(limit * 2);
                patient.publish("c", "at last").unwrap();
            });
            let message = p.listen().next().unwrap().unwrap();
            assert_eq!(message.text().unwrap(), "at last");
        });
    }
}

#[test]
fn without_a_subscription_nothing_is_waited_for_in_vain() {
    on_every_way(|client| {
        let mut p = client.pubsub();
        let started = Instant::now();
        assert!(p.get_message(Duration::from_millis(60)).unwrap().is_none());
        assert!(started.elapsed() >= Duration::from_millis(60));
        let error = p.get_message(None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PubSub);
        assert_eq!(
            error.to_string(),
            "nothing is subscribed to, and nobody else could change that; subscribe first"
        );
        let errors: Vec<_> = p.listen().collect();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].as_ref().unwrap_err().kind(), ErrorKind::PubSub);
        let none: [&str; 0] = [];
        let error = p.subscribe(none).unwrap_err();
        assert_eq!(
            error.to_string(),
            "SUBSCRIBE: expected at least one name, found none"
        );
    });
}

#[test]
fn listening_ends_with_the_last_subscription() {
    on_every_way(|client| {
        let mut p = client.pubsub();
        let control = p.control();
        p.subscribe_with("work", move |_| control.unsubscribe("work"))
            .unwrap();
        p.subscribe("other").unwrap();
        p.unsubscribe("other").unwrap();
        client.publish("work", "the last").unwrap();
        let kinds: Vec<_> = p.listen().map(|message| message.unwrap().kind()).collect();
        let expected = [
            MessageKind::Subscribe,
            MessageKind::Subscribe,
            MessageKind::Unsubscribe,
            MessageKind::Unsubscribe,
        ];
        assert_eq!(kinds, expected);
    });
}

#[test]
fn a_ping_is_answered_between_messages() {
    on_every_way(|client| {
        let mut p = client.pubsub();
        // Before anything is subscribed to, RESP2 has another form for it.
        p.ping("before").unwrap();
        let pong = next(&mut p);
        assert_eq!(
            (pong.kind(), pong.data()),
            (MessageKind::Pong, &b"before"[..])
        );
        p.subscribe("c").unwrap();
        p.ping("hello world").unwrap();
        client.publish("c", "x").unwrap();
        assert_eq!(next(&mut p).kind(), MessageKind::Subscribe);
        let mut kinds = [next(&mut p), next(&mut p)].map(|message| {
            assert!(
                message.kind() == MessageKind::Message || message.text().unwrap() == "hello world"
            );
            message.kind()
        });
        kinds.sort_by_key(|kind| *kind == MessageKind::Pong);
        assert_eq!(kinds, [MessageKind::Message, MessageKind::Pong]);
    });
}

#[test]
fn silence_is_broken_by_a_ping_that_nobody_sees() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let silence = Duration::from_millis(30);
        let client = builder.clone().build();
        let own = client.pubsub().ping_after(silence);
        let of_its_client = builder.ping_after(silence).build().pubsub();
        for mut p in [own, of_its_client] {
            p.subscribe("c").unwrap();
            next(&mut p);
            let before = pings(&client);
            let started = Instant::now();
            while pings(&client) < before + 3 {
                assert!(started.elapsed() < LONG);
                assert!(p.get_message(Duration::from_millis(40)).unwrap().is_none());
            }
        }
    }
}

/// How many health checks the server has had.
fn pings(client: &Client) -> u64 {
    let stats = client.info("commandstats").unwrap();
    let line = stats.get("cmdstat_ping").unwrap_or_default();
    let count = line.split(['=', ',']).nth(1);
    count.map_or(0, |count| count.parse().unwrap())
}

#[test]
fn a_silence_of_no_length_is_none_to_be_broken() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let client = builder.clone().build();
        let own = client.pubsub().ping_after(Duration::ZERO);
        let silent = builder.ping_after(Duration::ZERO).build();
        let before = pings(&client);
        silent.dbsize().unwrap();
        // For longer than a connection is trusted in any case.
        thread::sleep(Duration::from_millis(50));
        silent.dbsize().unwrap();
        assert_eq!(pings(&client), before, "it was idle in the pool");
        let of_its_client = silent.pubsub();
        for mut p in [own, of_its_client] {
            p.subscribe("c").unwrap();
            next(&mut p);
            let before = pings(&client);
            assert!(p.get_message(Duration::from_millis(50)).unwrap().is_none());
            assert_eq!(pings(&client), before);
        }
    }
}

#[test]
fn a_refused_subscription_is_an_error_and_costs_no_other() {
    let server = server();
    let admin = client(&server);
    let rules = ["on", "nopass", "+@all", "~*", "resetchannels", "&open*"];
    admin.acl_setuser("reader", rules).unwrap();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let client = builder.username("reader").password("x").build();
        let mut p = client.pubsub();
        p.subscribe("open").unwrap();
        p.subscribe(["open2", "secret"]).unwrap();
        p.subscribe("open3").unwrap();
        assert_eq!(next(&mut p).channel(), b"open");
        let error = p.get_message(LONG).unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::NoPermission)
        );
        assert!(
            error
                .to_string()
                .starts_with("SUBSCRIBE open2 secret: NOPERM"),
            "{error}"
        );
        assert_eq!(next(&mut p).channel(), b"open3");
        let mut channels = p.channels();
        channels.sort();
        assert_eq!(channels, [&b"open"[..], b"open3"]);
    }
}
