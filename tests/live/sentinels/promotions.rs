//! Promotions: what becomes of connections to the old primary, and who is believed about the new one.

use std::{sync::mpsc, thread, time::Duration};

use redis::{
    Client, Error, ErrorKind, MessageKind, RetryPolicy, Sentinel, ServerErrorKind, prelude::*,
};
use redis_testkit::Server;

use super::{
    CONNECT, SLACK, clients,
    fake::{FakeSentinel, Says, id},
    sentinel, whom,
};
use crate::{
    patience::eventually,
    ways::{client, server},
};

#[test]
fn a_promotion_empties_the_pools_of_all_clients_at_once() {
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    let sentinel = sentinel([&fake]);
    let builder = clients().min_connections(3);
    let client = sentinel.with_clients(builder).master_for("mymaster");
    client.warm_up().unwrap();
    let other = sentinel.master_for("mymaster");
    other.ping().unwrap();
    assert_eq!((client.pool_stats().idle, other.pool_stats().idle), (3, 1));
    fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    sentinel.discover_master("mymaster").unwrap();
    for stats in [client.pool_stats(), other.pool_stats()] {
        assert_eq!((stats.idle, stats.in_use), (0, 0));
    }
    // The old one goes on calling itself a primary.
    let calls = calls(&old);
    for client in [&client, &other] {
        assert_eq!(whom(client), new.port());
    }
    assert_eq!(self::calls(&old), calls);
}

#[test]
fn a_connection_in_use_during_a_promotion_is_not_used_for_another_call() {
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    let sentinel = sentinel([&fake]);
    let client = sentinel.master_for("mymaster");
    let mut watched = client.watch("k").unwrap();
    fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    sentinel.discover_master("mymaster").unwrap();
    let calls = calls(&old);
    let error = watched.set("k", 1).unwrap_err();
    // So a transaction that is tried again starts anew, on the new primary.
    assert_eq!(error.kind(), ErrorKind::Watch, "{error}");
    assert!(error.to_string().contains("not the primary now"), "{error}");
    assert!(!error.maybe_executed());
    drop(watched);
    let stats = client.pool_stats();
    assert_eq!((stats.idle, stats.in_use), (0, 0));
    assert_eq!(self::calls(&old), calls);
    assert_eq!(whom(&client), new.port());
}

#[test]
fn a_subscriber_leaves_an_old_primary_that_says_nothing_about_it() {
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    let sentinel = sentinel([&fake]);
    let client = sentinel.master_for("mymaster");
    let mut p = client.pubsub().ignore_subscribe_messages(true);
    p.subscribe("c").unwrap();
    assert!(p.get_message(Duration::ZERO).unwrap().is_none());
    let (sender, receiver) = mpsc::channel();
    // Nobody has a handle to it.
    thread::spawn(move || sender.send(p.get_message(None)).is_ok());
    eventually("it has subscribed", || {
        let counts: Vec<(String, u64)> = self::client(&old).pubsub_numsub("c").unwrap();
        counts[0].1 > 0
    });
    fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    sentinel.discover_master("mymaster").unwrap();
    let heard = receiver.recv_timeout(CONNECT + SLACK);
    let gap = heard.expect("it does not wait for a sign of life").unwrap();
    assert_eq!(gap.unwrap().kind(), MessageKind::Gap);
}

#[test]
fn a_server_that_says_readonly_empties_the_pool() {
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    let builder = clients().min_connections(3);
    let sentinel = sentinel([&fake]).with_clients(builder);
    let client = sentinel.master_for("mymaster");
    client.warm_up().unwrap();
    // Behind the Sentinel's back, so that the connections stay open.
    self::client(&old)
        .replicaof("127.0.0.1", new.port())
        .unwrap();
    fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    let error = client.set("k", 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::ReadOnly));
    assert!(!error.maybe_executed());
    let stats = client.pool_stats();
    assert_eq!((stats.idle, stats.in_use), (0, 0));
    client.set("k", 1).unwrap();
    assert_eq!(whom(&client), new.port());
}

#[test]
fn what_a_demoted_primary_refuses_is_sent_to_the_new_one_but_for_scripts() {
    const COUNTS: &str = "redis.call('INCR', KEYS[1]) return 1";
    type Write = fn(&Client) -> Result<i64, Error>;
    let writes: [(&str, bool, Write); 8] = [
        ("a call", true, |client| client.incr("n")),
        ("a transaction", true, |client| {
            let replies = client.pipeline().incr("n").execute::<(i64,)>();
            replies.map(|(n,)| n)
        }),
        ("a transaction on watched keys", true, |client| {
            client.transaction("n", |watched| {
                let n: i64 = watched.get("n")?.unwrap_or(0);
                watched.multi().set("n", n + 1).execute::<()>()?;
                Ok(n + 1)
            })
        }),
        ("a call before a transaction", true, |client| {
            client.transaction("k", |watched| watched.incr("n"))
        }),
        ("a transaction of the caller's own", false, |client| {
            let mut watched = client.watch("n")?;
            let replies = watched.multi().incr("n").execute::<(i64,)>();
            replies.map(|(n,)| n)
        }),
        ("a call while keys are watched", false, |client| {
            let mut watched = client.watch("n")?;
            watched.incr("n")
        }),
        ("a script", false, |client| client.eval(COUNTS, "n", ())),
        ("a pipeline", false, |client| {
            let mut pipeline = client.pipeline();
            let replies = pipeline.transaction(false).incr("n").execute::<(i64,)>();
            replies.map(|(n,)| n)
        }),
    ];
    for (what, is_repeated, write) in writes {
        let (old, new) = (server(), server());
        let fake = FakeSentinel::of(&old);
        let again = RetryPolicy::constant(2, Duration::from_millis(1));
        let sentinel = sentinel([&fake]).with_clients(clients().retry(again));
        let client = sentinel.master_for("mymaster");
        assert_eq!(whom(&client), old.port());
        self::client(&old)
            .replicaof("127.0.0.1", new.port())
            .unwrap();
        fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
        match write(&client) {
            Ok(n) => assert_eq!((n, is_repeated), (1, true), "{what}"),
            Err(error) => {
                let read_only = ErrorKind::Server(ServerErrorKind::ReadOnly);
                assert_eq!((error.kind(), is_repeated), (read_only, false), "{what}");
            }
        }
        let n: Option<i64> = client.get("n").unwrap();
        assert_eq!(n.is_some(), is_repeated, "{what}");
        assert_eq!(whom(&client), new.port());
    }
}

#[test]
fn a_transaction_that_was_executed_is_not_made_again_for_what_a_demoted_primary_refuses_afterwards()
{
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    let sentinel = sentinel([&fake]);
    let client = sentinel.master_for("mymaster");
    let mut attempts = 0;
    let error = client
        .transaction("n", |watched| {
            attempts += 1;
            watched.multi().incr("n").execute::<(i64,)>()?;
            self::client(&old).replicaof("127.0.0.1", new.port())?;
            fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
            watched.incr("m")
        })
        .unwrap_err();
    let read_only = ErrorKind::Server(ServerErrorKind::ReadOnly);
    assert_eq!((error.kind(), attempts), (read_only, 1), "{error}");
    assert_eq!(client.get::<i64>("n").unwrap(), None);
    assert_eq!(whom(&client), new.port());
}

#[test]
fn a_sentinel_that_has_not_heard_of_the_last_promotion_is_not_believed() {
    let (old, new) = (server(), server());
    let lagging = FakeSentinel::of(&old);
    let leader = FakeSentinel::of(&new);
    leader.now(|says| says.epoch = 1);
    let sentinel = sentinel([&leader, &lagging]);
    let client = sentinel.master_for("mymaster");
    assert_eq!(whom(&client), new.port());
    // The leader is gone, and the old primary still calls itself one.
    leader.now(|says| says.silent = true);
    client.disconnect();
    let error = client.incr("n").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MasterNotFound);
    assert!(
        error
            .to_string()
            .contains("does not know of the last promotion"),
        "{error}"
    );
    lagging.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    assert_eq!(whom(&client), new.port());
}

#[test]
fn most_sentinels_can_be_set_up_anew() {
    let (old, new) = (server(), server());
    let fakes: Vec<_> = (0..3).map(|_| FakeSentinel::of(&old)).collect();
    fakes
        .iter()
        .for_each(|fake| fake.now(|says| says.epoch = 5));
    let sentinel = sentinel(&fakes);
    let client = sentinel.master_for("mymaster");
    assert_eq!(whom(&client), old.port());
    let anew = |fake: &FakeSentinel| fake.now(|says| *says = Says::healthy(new.port()));
    // The others are gone: one alone is not most of three.
    fakes[1..]
        .iter()
        .for_each(|fake| fake.now(|says| says.silent = true));
    anew(&fakes[0]);
    client.disconnect();
    client.ping().unwrap_err();
    // Two that say different things are not most of them either.
    fakes[1].now(|says| *says = Says::healthy(old.port()));
    client.ping().unwrap_err();
    anew(&fakes[1]);
    assert_eq!(whom(&client), new.port());
}

#[test]
fn one_sentinel_is_not_most_of_them_though_it_has_two_addresses() {
    for says_id in [false, true] {
        let (old, new) = (server(), server());
        let fakes: Vec<_> = (0..3).map(|_| FakeSentinel::of(&new)).collect();
        let port = |fake: &FakeSentinel| fake.server.tcp_addr().port();
        for fake in &fakes {
            let others = fakes.iter().filter(|other| port(other) != port(fake));
            let others = others.map(|other| (port(other), "sentinel")).collect();
            fake.now(|says| {
                (says.epoch, says.sentinels) = (5, others);
                says.id = says_id.then(|| id(port(fake)));
            });
        }
        // They name each other by other addresses than the user does.
        let urls = fakes.iter().map(|fake| format!("localhost:{}", port(fake)));
        let sentinel = Sentinel::builder()
            .sentinels(urls)
            .unwrap()
            .timeout(CONNECT)
            .clients(clients())
            .build();
        let client = sentinel.master_for("mymaster");
        assert_eq!(whom(&client), new.port());
        // The last one answers, so that all have been named by their other addresses.
        for fake in &fakes[..2] {
            fake.now(|says| says.flags = "master,s_down");
            sentinel.discover_master("mymaster").unwrap();
        }
        let known = if says_id { 3 } else { 6 };
        assert_eq!(sentinel.addresses().len(), known, "{sentinel:?}");
        // Only one that does not know of the last promotion can be asked now.
        let back = Says {
            id: says_id.then(|| id(port(&fakes[0]))),
            ..Says::healthy(old.port())
        };
        fakes[0].now(|says| *says = back);
        fakes[1..]
            .iter()
            .for_each(|fake| fake.now(|says| says.port = None));
        client.disconnect();
        let error = client.incr("n").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MasterNotFound, "{error}");
        let calls = self::client(&old).get::<i64>("n").unwrap();
        assert_eq!(calls, None);
    }
}

#[test]
fn sentinels_that_were_learnt_count_as_well_where_they_say_who_they_are() {
    let (old, new) = (server(), server());
    let fakes: Vec<_> = (0..3).map(|_| FakeSentinel::of(&old)).collect();
    let port = |fake: &FakeSentinel| fake.server.tcp_addr().port();
    for fake in &fakes {
        fake.now(|says| (says.epoch, says.id) = (5, Some(id(port(fake)))));
    }
    let others = fakes[1..].iter().map(|fake| (port(fake), "sentinel"));
    fakes[0].now(|says| says.sentinels = others.collect());
    let sentinel = sentinel(&fakes[..1]);
    let client = sentinel.master_for("mymaster");
    assert_eq!(whom(&client), old.port());
    for fake in &fakes {
        let anew = Says {
            id: Some(id(port(fake))),
            ..Says::healthy(new.port())
        };
        fake.now(|says| *says = anew);
    }
    client.disconnect();
    assert_eq!(whom(&client), new.port());
}

/// How many commands a server has executed, but for those that handshakes and this question consist of.
fn calls(server: &Server) -> u64 {
    let info = client(server).info("commandstats").unwrap();
    let own = ["info", "hello", "client|setinfo", "client"];
    let others = info.lines().filter_map(|(_, name, counts)| {
        let name = name.strip_prefix("cmdstat_")?;
        let calls = counts.strip_prefix("calls=")?.split(',').next()?;
        (!own.contains(&name)).then_some(calls.parse::<u64>().ok()?)
    });
    others.sum()
}
