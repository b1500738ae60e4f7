//! Lost connections: everything is subscribed to again, and that something may be missing is said.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use redis::{
    Client, ClientFilter, ClientKind, ErrorKind, MessageKind, RetryPolicy, ServerErrorKind, cmd,
    prelude::*,
};
use redis_testkit::{Direction, FaultProxy, Faults};

use super::{KillSubscribers, LONG, next, on_every_way, subscriber};
use crate::{
    patience::eventually,
    ways::{client, server, server_with, ways},
};

#[test]
fn everything_is_acknowledged_once_more_and_then_there_is_a_gap() {
    on_every_way(|client| {
        let names: [&[u8]; 3] = [b"a", b"bin\xff\r\n", "\u{2660}".as_bytes()];
        let mut p = client.pubsub();
        p.subscribe(names).unwrap();
        p.psubscribe(names).unwrap();
        p.ssubscribe(names).unwrap();
        p.subscribe("left").unwrap();
        p.unsubscribe("left").unwrap();
        for _ in 0..11 {
            next(&mut p);
        }
        assert_eq!(client.kill_subscribers(), 1);
        let mut again: Vec<_> = (0..9)
            .map(|_| {
                let message = next(&mut p);
                (message.kind() as u8, message.channel().to_vec())
            })
            .collect();
        again.sort();
        let mut expected: Vec<_> = [
            MessageKind::Subscribe,
            MessageKind::PSubscribe,
            MessageKind::SSubscribe,
        ]
        .iter()
        .flat_map(|&kind| names.map(|name| (kind as u8, name.to_vec())))
        .collect();
        expected.sort();
        assert_eq!(again, expected);
        let gap = next(&mut p);
        assert_eq!(gap.kind(), MessageKind::Gap);
        assert_eq!(gap.reason().unwrap().kind(), ErrorKind::Connection);
        assert!(gap.text().is_err() && gap.data().is_empty());

        client.publish(b"bin\xff\r\n", "x").unwrap();
        let mut kinds = [next(&mut p).kind(), next(&mut p).kind()];
        kinds.sort_by_key(|kind| *kind as u8);
        assert_eq!(kinds, [MessageKind::Message, MessageKind::PMessage]);
        assert!(p.get_message(Duration::from_millis(20)).unwrap().is_none());
    });
}

#[test]
fn handlers_of_binary_names_are_kept_and_called_once() {
    on_every_way(|client| {
        let (sender, receiver) = mpsc::channel();
        let mut p = subscriber(client, "end");
        p.subscribe_with(b"bin\xff", move |message| sender.send(message))
            .unwrap();
        eventually("the subscription works", || {
            let channels: Vec<Vec<u8>> = client.pubsub_channels().unwrap();
            channels.len() == 2
        });
        for round in 0..3 {
            assert_eq!(client.publish(b"bin\xff", round).unwrap(), 1);
            assert_eq!(client.publish("end", "").unwrap(), 1);
            assert_eq!(next(&mut p).channel(), b"end");
            let message = receiver.try_recv().unwrap();
            assert_eq!(message.text().unwrap(), round.to_string());
            assert!(receiver.try_recv().is_err(), "once is enough");
            assert_eq!(p.channels().len(), 2);
            assert_eq!(client.kill_subscribers(), 1);
            assert_eq!(next(&mut p).kind(), MessageKind::Gap);
        }
    });
}

#[test]
fn listening_and_getting_both_go_on() {
    on_every_way(|client| {
        let mut p = client.pubsub();
        p.subscribe("foo").unwrap();
        assert_eq!(next(&mut p).count(), Some(1));
        let kinds = [
            MessageKind::Subscribe,
            MessageKind::Gap,
            MessageKind::Message,
        ];
        assert_eq!(client.kill_subscribers(), 1);
        let first = next(&mut p);
        assert_eq!((first.kind(), first.count()), (kinds[0], Some(1)));
        client.publish("foo", "bar").unwrap();
        assert_eq!(next(&mut p).kind(), kinds[1]);
        assert_eq!(next(&mut p).kind(), kinds[2]);

        assert_eq!(client.kill_subscribers(), 1);
        let control = p.control();
        thread::scope(|scope| {
            scope.spawn(|| {
                eventually("somebody listens", || {
                    client.publish("foo", "bar").unwrap() == 1
                });
            });
            let heard: Vec<_> = p
                .listen()
                .take(3)
                .map(|message| message.unwrap().kind())
                .collect();
            assert_eq!(heard, kinds);
        });
        drop(control);
    });
}

#[test]
fn while_the_server_is_down_a_wait_is_no_longer_than_it_was_asked_to_be() {
    let server = server();
    let proxy = FaultProxy::start(server.tcp_addr()).unwrap();
    let client = Client::builder()
        .url(&proxy.url())
        .unwrap()
        .connect_timeout(2 * LONG)
        .build();
    let mut p = subscriber(&client, "c");
    for silent in [false, true] {
        if silent {
            // Connections are accepted and left alone, so an attempt takes its full time.
            proxy.accept_silently().unwrap();
        } else {
            proxy.refuse();
        }
        proxy.cut();
        for limit in [0, 30, 150].map(Duration::from_millis) {
            let started = Instant::now();
            assert!(p.get_message(limit).unwrap().is_none());
            let took = started.elapsed();
            assert!((limit..LONG).contains(&took), "{took:?}");
        }
        proxy.accept().unwrap();
        proxy.cut();
        assert_eq!(next(&mut p).kind(), MessageKind::Gap);
        client.publish("c", "x").unwrap();
        assert_eq!(next(&mut p).text().unwrap(), "x");
    }
}

#[test]
fn many_attempts_fail_and_the_last_one_does_not() {
    let server = server();
    let client = client(&server);
    let mut p = subscriber(&client, "c");
    server.kill().unwrap();
    assert!(p.get_message(Duration::from_millis(500)).unwrap().is_none());
    server.restart().unwrap();
    assert_eq!(next(&mut p).kind(), MessageKind::Gap);
    client.publish("c", "x").unwrap();
    assert_eq!(next(&mut p).text().unwrap(), "x");
}

#[test]
fn a_server_that_has_fallen_silent_is_given_up() {
    let server = server();
    for (name, _) in ways(&server).into_iter().step_by(2) {
        println!("over {name}");
        let proxy = FaultProxy::start(server.tcp_addr()).unwrap();
        let client = Client::builder()
            .url(&proxy.url())
            .unwrap()
            .response_timeout(Duration::from_secs(2))
            .build();
        let mut p = client.pubsub().ping_after(Duration::from_millis(50));
        p.subscribe("c").unwrap();
        assert_eq!(next(&mut p).kind(), MessageKind::Subscribe);
        let link = proxy.newest_link().unwrap();
        link.set(Direction::ToClient, Faults::stall());
        let started = Instant::now();
        assert_eq!(next(&mut p).kind(), MessageKind::Subscribe);
        let gap = next(&mut p);
        assert!(gap.reason().unwrap().is_timeout(), "{gap:?}");
        println!("a silent server was given up after {:?}", started.elapsed());
    }
}

#[test]
fn a_password_that_was_changed_is_an_error_each_time_and_no_end() {
    let server = server();
    let admin = client(&server);
    let client = Client::builder().tcp(server.host(), server.port()).build();
    let mut p = subscriber(&client, "c");
    admin.ping().unwrap();
    admin.config_set([("requirepass", "changed")]).unwrap();
    // This connection has logged in before there was a password.
    assert_eq!(admin.kill_subscribers(), 1);
    for _ in 0..3 {
        let error = p.get_message(LONG).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
        assert!(p.subscribed());
    }
    admin.config_set([("requirepass", "")]).unwrap();
    let started = Instant::now();
    let gap = loop {
        assert!(started.elapsed() < LONG);
        // An attempt may have been under way.
        if let Ok(Some(gap)) = p.get_message(LONG) {
            break gap;
        }
    };
    assert_eq!(gap.kind(), MessageKind::Gap);
}

#[test]
fn what_may_not_be_subscribed_to_again_takes_nothing_else_down() {
    let server = server();
    let admin = client(&server);
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let rules = ["on", "nopass", "+@all", "~*", "allchannels"];
        admin.acl_setuser("reader", rules).unwrap();
        let client = builder.username("reader").password("x").build();
        let mut p = client.pubsub().ignore_subscribe_messages(true);
        p.subscribe(["a", "b", "c"]).unwrap();
        eventually("all are subscribed to", || {
            let channels: Vec<String> = admin.pubsub_channels().unwrap();
            channels.len() == 3
        });
        // The server ends connections whose subscriptions are not allowed any more.
        let rules = ["resetchannels", "&a", "&c"];
        admin.acl_setuser("reader", rules).unwrap();
        let error = p.get_message(LONG).unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::NoPermission)
        );
        assert!(
            error.to_string().starts_with("SUBSCRIBE b: NOPERM"),
            "{error}"
        );
        assert_eq!(next(&mut p).kind(), MessageKind::Gap);
        let mut channels = p.channels();
        channels.sort();
        assert_eq!(channels, [b"a", b"c"]);
        for channel in ["a", "c"] {
            assert_eq!(admin.publish(channel, "x").unwrap(), 1);
            assert_eq!(next(&mut p).channel(), channel.as_bytes());
        }
    }
}

#[test]
fn thousands_of_names_are_asked_for_again() {
    on_every_way(|client| {
        let names: Vec<String> = (0..5_000)
            .map(|number| format!("channel:{number}"))
            .collect();
        let mut p = client.pubsub().ignore_subscribe_messages(true);
        p.subscribe(&names).unwrap();
        eventually("the subscription works", || {
            client.publish(&names[names.len() - 1], "x").unwrap() == 1
        });
        assert_eq!(next(&mut p).text().unwrap(), "x");
        client.kill_subscribers();
        assert_eq!(next(&mut p).kind(), MessageKind::Gap);
        let counts: Vec<(String, u64)> = client.pubsub_numsub(&names).unwrap();
        assert_eq!(counts.len(), names.len());
        assert!(counts.iter().all(|(_, count)| *count == 1));
    });
}

#[test]
fn what_nobody_takes_waits_with_the_server_until_that_has_enough_of_it() {
    const MESSAGE: usize = 1 << 16;
    const MOST: usize = 400;
    on_every_way(|client| {
        client
            .config_set([("client-output-buffer-limit", "pubsub 8mb 0 0")])
            .unwrap();
        let mut p = subscriber(client, "c");
        let is_subscribed = || -> bool {
            let counts: Vec<(String, u64)> = client.pubsub_numsub("c").unwrap();
            counts[0].1 > 0
        };
        let data = vec![b'x'; MESSAGE];
        let mut published = 0;
        while is_subscribed() && published < MOST {
            client.publish("c", &data).unwrap();
            published += 1;
        }
        // What the server held is lost with the connection; what was in sockets comes first. A server that shares
        // one copy among its subscribers may not find that it holds too much.
        let (mut taken, mut is_lost) = (0, false);
        while taken < published && !is_lost {
            match next(&mut p).kind() {
                MessageKind::Message => taken += 1,
                kind => {
                    assert_eq!(kind, MessageKind::Gap);
                    is_lost = true;
                }
            }
        }
        println!(
            "{taken} of {published} messages of {MESSAGE} bytes came to a reader that was away"
        );
        assert!(is_lost || published == MOST);
        client.publish("c", "x").unwrap();
        assert_eq!(next(&mut p).text().unwrap(), "x");
    });
}

#[test]
fn a_shard_channel_whose_slot_goes_takes_no_other_channel_along() {
    let server = server_with(|builder| {
        let builder = builder.config("cluster-enabled", "yes");
        builder.config("cluster-require-full-coverage", "no")
    });
    let node = client(&server);
    node.cluster_addslotsrange((0, 16383)).unwrap();
    eventually("the cluster is up", || {
        node.cluster_info().unwrap().state == "ok"
    });
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let mut p = builder.build().pubsub();
        p.subscribe("c").unwrap();
        p.ssubscribe("foo").unwrap();
        let listeners = || {
            let filter = ClientFilter::new().kind(ClientKind::PubSub);
            let listeners = node.client_list_with(filter).unwrap();
            listeners.iter().map(|one| one.id).collect::<Vec<_>>()
        };
        use MessageKind::{Gap, Message, SMessage, SSubscribe, Subscribe};
        assert_eq!(
            [next(&mut p).kind(), next(&mut p).kind()],
            [Subscribe, SSubscribe]
        );
        let before = listeners();

        let slot = node.cluster_keyslot("foo").unwrap();
        node.cluster_delslots([slot]).unwrap();
        node.publish("c", "x").unwrap();
        let gap = next(&mut p);
        assert_eq!(gap.kind(), Gap);
        println!("{:?}", gap.reason());
        assert_eq!(next(&mut p).kind(), Message);
        assert_eq!(p.shard_channels(), [b"foo"]);
        assert_eq!(listeners(), before);

        // It is asked for until the node has it again.
        node.cluster_addslots([slot]).unwrap();
        assert_eq!(
            [next(&mut p).kind(), next(&mut p).kind()],
            [SSubscribe, Gap]
        );
        node.spublish("foo", "x").unwrap();
        assert_eq!(next(&mut p).kind(), SMessage);
        drop(p);
        eventually("it is gone", || listeners().is_empty());
    }
}

#[test]
fn a_script_that_runs_for_long_costs_no_subscription() {
    let server = server_with(|builder| builder.config("lua-time-limit", "1"));
    let (client, other) = (client(&server), client(&server));
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let silence = Duration::from_millis(20);
        let mut p = builder.build().pubsub().ping_after(silence);
        p.subscribe(["c", "left"]).unwrap();
        assert_eq!(
            [next(&mut p).kind(), next(&mut p).kind()],
            [MessageKind::Subscribe; 2]
        );
        thread::scope(|scope| {
            let script = scope.spawn(|| client.eval::<()>("while true do end", (), ()));
            eventually("the server is busy", || match other.ping() {
                Err(error) => error.kind() == ErrorKind::Server(ServerErrorKind::Busy),
                Ok(_) => false,
            });
            // Neither a health check nor what is to be subscribed to is answered as it would be.
            p.subscribe("d").unwrap();
            p.unsubscribe("left").unwrap();
            for _ in 0..5 {
                let message = p.get_message(Duration::from_millis(50)).unwrap();
                assert!(message.is_none(), "{message:?}");
            }
            other.script_kill().unwrap();
            assert!(script.join().unwrap().is_err());
        });
        let mut kinds = [next(&mut p).kind(), next(&mut p).kind()];
        kinds.sort_by_key(|kind| *kind as u8);
        assert_eq!(kinds, [MessageKind::Subscribe, MessageKind::Unsubscribe]);
        for channel in ["left", "c", "d"] {
            other.publish(channel, "x").unwrap();
        }
        assert_eq!(
            [next(&mut p), next(&mut p)].map(|x| x.channel().to_vec()),
            [b"c", b"d"]
        );
    }
}

#[test]
fn a_server_that_loads_its_data_anew_costs_no_subscription() {
    // A second for two thousand keys, and a look at its clients every few of them.
    let server = server_with(|builder| {
        builder
            .config("key-load-delay", "500")
            .config("loading-process-events-interval-bytes", "1024")
            .config("rdbcompression", "no")
            .config("enable-debug-command", "yes")
    });
    let (client, other) = (
        client(&server),
        client(&server).with_retry(RetryPolicy::none()),
    );
    let mut pipeline = client.pipeline();
    for number in 0..2000 {
        pipeline.set(format!("key{number}"), "x".repeat(100));
    }
    pipeline.execute::<()>().unwrap();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let silence = Duration::from_millis(20);
        let mut p = builder.build().pubsub().ping_after(silence);
        p.subscribe("c").unwrap();
        assert_eq!(next(&mut p).kind(), MessageKind::Subscribe);
        let mut refusals = 0;
        thread::scope(|scope| {
            let reload = cmd::<()>("DEBUG").word("RELOAD");
            let reload = scope.spawn(|| client.with_response_timeout(3 * LONG).execute(reload));
            while !reload.is_finished() {
                let refused = other.ping().is_err_and(|error| {
                    error.kind() == ErrorKind::Server(ServerErrorKind::Loading)
                });
                refusals += u32::from(refused);
                // A health check is not answered as it would be.
                let message = p.get_message(Duration::from_millis(50)).unwrap();
                assert!(message.is_none(), "{message:?}");
            }
            reload.join().unwrap().unwrap();
        });
        assert!(refusals > 1, "it was never seen loading");
        client.publish("c", "x").unwrap();
        assert_eq!(next(&mut p).text().unwrap(), "x");
    }
}
