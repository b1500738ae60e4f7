//! Listening to Sentinels for promotions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use redis::{Sentinel, prelude::*};
use redis_testkit::{Script, ScriptedServer};

use super::{
    clients,
    fake::{FakeSentinel, Says, acknowledgements, list},
    sentinel, whom,
};
use crate::{patience::eventually, ways::server};

#[test]
fn what_happened_while_nobody_listened_is_asked_for() {
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    fake.now(|says| says.listened_to = true);
    let sentinel = sentinel([&fake]);
    let client = sentinel.master_for("mymaster");
    client.ping().unwrap();
    fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    let watcher = sentinel.watch().unwrap();
    eventually("the pool is emptied", || client.pool_stats().idle == 0);
    drop(watcher);
    assert_eq!(fake.subscribed_to(), 1);
    assert_eq!(whom(&client), new.port());
}

#[test]
fn a_sentinel_that_may_not_be_listened_to_is_left_for_another() {
    let refuses = FakeSentinel::start(Says::healthy(1000));
    let allows = FakeSentinel::start(Says {
        listened_to: true,
        ..Says::healthy(1000)
    });
    let sentinel = sentinel([&refuses, &allows]);
    let watcher = sentinel.watch().unwrap();
    eventually("one is listened to", || watcher.is_listening());
    assert_eq!(allows.subscribed_to(), 1);
    drop(watcher);
    assert_eq!(refuses.subscribed_to(), 1);
}

#[test]
fn whatever_a_sentinel_tells_of_is_asked_for() {
    // It tells of a promotion again and again, and answers no question.
    let speaker = ScriptedServer::start_with(|connection| match connection {
        0 => {
            let told = list(&["message", "+switch-master", "mymaster"]);
            let script = Script::after_handshake()
                .expect(1)
                .send(acknowledgements(&["+switch-master", "+promoted-slave"]));
            script.send_slowly(told.repeat(1000), told.len(), Duration::from_millis(50))
        }
        _ => Script::new().close(),
    });
    let speaker = speaker.unwrap();
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    let sentinel = Sentinel::builder()
        .sentinels([speaker.tcp_addr().to_string(), fake.address()])
        .unwrap()
        .clients(clients())
        .build();
    let client = sentinel.master_for("mymaster");
    let watcher = sentinel.watch().unwrap();
    eventually("it listens", || fake.asked() > 0);
    client.ping().unwrap();
    assert_eq!(client.pool_stats().idle, 1);
    fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    eventually("the pool is emptied", || client.pool_stats().idle == 0);
    drop(watcher);
    assert_eq!(whom(&client), new.port());
}

#[test]
fn the_sentinel_that_tells_of_a_promotion_is_asked_about_it() {
    let (old, new) = (server(), server());
    let new_port = new.port();
    // It tells of a promotion again and again, is not to be reached the first time that it is asked, and knows more
    // than the other one.
    let speaker = ScriptedServer::start_with(move |connection| match connection {
        0 => {
            let told = list(&["message", "+switch-master", "mymaster"]);
            let script = Script::after_handshake()
                .expect(1)
                .send(acknowledgements(&["+switch-master", "+promoted-slave"]));
            script.send_slowly(told.repeat(1000), told.len(), Duration::from_millis(50))
        }
        1 => Script::new().close(),
        _ => {
            let says = Says {
                epoch: 1,
                ..Says::healthy(new_port)
            };
            let questions = ["GET-MASTER-ADDR-BY-NAME", "MASTER", "SENTINELS"];
            let answers = questions.map(|question| {
                let words = ["SENTINEL", question, "mymaster"];
                says.answer(&words.map(|word| word.as_bytes().to_vec()))
            });
            Script::after_handshake().expect(3).send(answers.concat())
        }
    });
    let speaker = speaker.unwrap();
    let lagging = FakeSentinel::of(&old);
    let sentinel = Sentinel::builder()
        .sentinels([speaker.tcp_addr().to_string(), lagging.address()])
        .unwrap()
        .clients(clients())
        .build();
    let _watcher = sentinel.watch().unwrap();
    eventually("it is listened to", || speaker.connections() == 1);
    // From now on the other one is asked first.
    lagging.now(|says| says.replicas = vec![(1001, "slave")]);
    sentinel.discover_replicas("mymaster").unwrap();
    let client = sentinel.master_for("mymaster");
    eventually("the client follows", || {
        let config = client.config_get("port");
        config.is_ok_and(|config| config["port"] == new.port().to_string())
    });
}

#[test]
fn a_sentinel_that_has_fallen_silent_is_left_for_another() {
    let fakes = [(); 2].map(|()| {
        FakeSentinel::start(Says {
            listened_to: true,
            ..Says::healthy(1000)
        })
    });
    let sentinel = sentinel(&fakes);
    let watcher = sentinel.watch().unwrap();
    eventually("the first one is listened to", || {
        fakes[0].subscribed_to() == 1
    });
    fakes[0].now(|says| says.silent = true);
    // It is asked for a sign of life before.
    eventually("the other one is listened to", || {
        fakes[1].subscribed_to() == 1
    });
    drop(watcher);
    assert_eq!(fakes[0].subscribed_to(), 1);
}

#[test]
fn sentinels_that_may_not_be_listened_to_are_not_asked_for_it_all_the_time_nor_taken_for_lost() {
    let fakes = [(); 2].map(|()| FakeSentinel::start(Says::healthy(1000)));
    let sentinel = sentinel(&fakes);
    let watcher = sentinel.watch().unwrap();
    // At about 0, 0.6, 1.4 and 2.6 seconds, with 0.2 from one to the other.
    thread::sleep(Duration::from_secs(3));
    let asked = fakes.each_ref().map(FakeSentinel::subscribed_to);
    assert!(
        asked.iter().all(|asked| (1..=5).contains(asked)),
        "{asked:?}"
    );
    let expected = fakes.each_ref().map(FakeSentinel::address);
    let known = sentinel.addresses();
    assert_eq!(
        known.iter().map(ToString::to_string).collect::<Vec<_>>(),
        expected
    );
    fakes[1].now(|says| says.listened_to = true);
    eventually("one is listened to", || watcher.is_listening());
}

#[test]
fn a_map_of_addresses_that_panics_does_not_end_the_watching() {
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    fake.now(|says| says.listened_to = true);
    let panics = Arc::new(AtomicBool::new(false));
    let map = {
        let panics = Arc::clone(&panics);
        move |address| match panics.load(Relaxed) {
            true => panic!("on purpose"),
            false => address,
        }
    };
    let sentinel = Sentinel::builder()
        .sentinels([fake.url()])
        .unwrap()
        .map_addresses(map)
        .clients(clients())
        .build();
    let client = sentinel.master_for("mymaster");
    client.ping().unwrap();
    panics.store(true, Relaxed);
    fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    let _watcher = sentinel.watch().unwrap();
    eventually("it is listened to again", || fake.subscribed_to() >= 2);
    panics.store(false, Relaxed);
    eventually("the pool is emptied", || client.pool_stats().idle == 0);
    assert_eq!(whom(&client), new.port());
}

#[test]
fn only_primaries_that_somebody_follows_are_asked_for() {
    let server = server();
    let fake = FakeSentinel::of(&server);
    fake.now(|says| says.listened_to = true);
    let sentinel = sentinel([&fake]);
    sentinel.discover_master("typo").unwrap_err();
    sentinel.discover_master("mymaster").unwrap();
    let asked = |name: &str| {
        let requests = fake.server.requests();
        let about =
            |request: &&Vec<Vec<u8>>| request.last().is_some_and(|it| it == name.as_bytes());
        requests.iter().filter(about).count()
    };
    let before = ["typo", "mymaster"].map(asked);
    let watcher = sentinel.watch().unwrap();
    eventually("it listens", || watcher.is_listening());
    drop(watcher);
    assert_eq!(["typo", "mymaster"].map(asked), before);
    let _client = sentinel.master_for("mymaster");
    let _watcher = sentinel.watch().unwrap();
    eventually("it is asked for", || asked("mymaster") > before[1]);
    assert_eq!(asked("typo"), before[0]);
}
