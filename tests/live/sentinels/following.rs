//! Clients of the primary and of replicas: whom they connect to, and what they say when there is nobody.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use redis::{
    Error, ErrorKind, LockGuard, Protocol, RetryPolicy, ScanOptions, Sentinel, ServerErrorKind,
    prelude::*,
};
use redis_testkit::{ScriptedServer, SentinelSet, Server, ServerBuilder};

use super::{
    CONNECT, NEVER, PATIENCE, SLACK, clients, deaf,
    fake::{FakeSentinel, Says},
    sentinel, whom,
};
use crate::{
    patience::eventually,
    ways::{binary, client, server, server_with},
};

#[test]
fn replicas_are_taken_in_turn_then_the_primary_then_nobody() {
    let primary = server();
    let replicas: Vec<_> = (0..2).map(|_| replica(&primary)).collect();
    let fake = FakeSentinel::of(&primary);
    fake.now(|says| {
        says.replicas = replicas.iter().map(|one| (one.port(), "slave")).collect();
    });
    let reader = sentinel([&fake]).replica_for("mymaster");
    let mut met = Vec::new();
    for _ in 0..4 {
        met.push(whom(&reader));
        reader.disconnect();
    }
    assert_eq!((met[0], met[1]), (met[2], met[3]), "{met:?}");
    assert_ne!(met[0], met[1]);
    assert!(!met.contains(&primary.port()));

    // One that is named and gone: the other one.
    replicas[0].kill().unwrap();
    for _ in 0..2 {
        assert_eq!(whom(&reader), replicas[1].port());
        reader.disconnect();
    }
    // One that is called a replica and is a primary: not that one.
    let promoted = client(&replicas[1]);
    promoted.replicaof_no_one().unwrap();
    reader.disconnect();
    assert_eq!(whom(&reader), primary.port());
    fake.now(|says| says.replicas.clear());
    reader.disconnect();
    assert_eq!(whom(&reader), primary.port());

    fake.now(|says| says.flags = "master,o_down");
    reader.disconnect();
    let error = reader.ping().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReplicaNotFound, "{error}");
    assert!(
        error.is_connection() && error.to_string().contains("is o_down"),
        "{error}"
    );
}

#[test]
fn a_replica_that_is_promoted_is_no_replica_any_more() {
    let old = server();
    let new = replica(&old);
    let fake = FakeSentinel::of(&old);
    fake.now(|says| says.replicas = vec![(new.port(), "slave")]);
    let sentinel = sentinel([&fake]);
    let reader = sentinel.replica_for("mymaster");
    let found = sentinel.discover_master("mymaster").unwrap();
    assert_eq!(super::port(&found), old.port());
    assert_eq!(whom(&reader), new.port());
    assert_eq!(reader.pool_stats().idle, 1);
    client(&new).replicaof_no_one().unwrap();
    client(&old).replicaof("127.0.0.1", new.port()).unwrap();
    old.wait_until_in_sync(&new, Duration::from_secs(30))
        .unwrap();
    fake.now(|says| {
        (says.port, says.epoch) = (Some(new.port()), 1);
        says.replicas = vec![(old.port(), "slave")];
    });
    sentinel.discover_master("mymaster").unwrap();
    assert_eq!(reader.pool_stats().idle, 0);
    assert_eq!(whom(&reader), old.port());
    // The same primary once more is no news.
    sentinel.discover_master("mymaster").unwrap();
    assert_eq!(reader.pool_stats().idle, 1);
}

#[test]
fn a_replica_is_passed_over_until_it_has_data_and_taken_when_its_primary_is_gone() {
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let primary = server_with(|builder| {
            builder
                .config("repl-diskless-sync", "yes")
                .config("repl-diskless-sync-delay", "600")
        });
        let writer = client(&primary);
        writer.set("k", "v").unwrap();
        let replica = server_with(|builder| builder.replica_of(&primary));
        let fake = FakeSentinel::of(&primary);
        fake.now(|says| says.replicas = vec![(replica.port(), "slave")]);
        let sentinel = sentinel([&fake]).with_clients(clients().protocol(protocol));
        let reader = sentinel.replica_for("mymaster");
        let read = || -> (u16, Option<String>) {
            reader.disconnect();
            (whom(&reader), reader.get("k").unwrap())
        };
        assert_eq!(read(), (primary.port(), Some("v".into())));

        writer
            .config_set([("repl-diskless-sync-delay", "0")])
            .unwrap();
        replica
            .wait_until_in_sync(&primary, Duration::from_secs(30))
            .unwrap();
        assert_eq!(read(), (replica.port(), Some("v".into())));

        let rules = ["on", "nopass", "+@all", "-info", "~*"];
        client(&replica).acl_setuser("blind", rules).unwrap();
        let blind = clients().protocol(protocol).username("blind").password("x");
        let blind = sentinel.with_clients(blind).replica_for("mymaster");
        assert_eq!(whom(&blind), replica.port());

        // Nothing was written since: it has not got further than those that have nothing.
        primary.kill().unwrap();
        eventually("the replica has noticed", || {
            let info = client(&replica).info(["replication"]).unwrap();
            info.get("master_link_status") == Some("down")
        });
        assert_eq!(read(), (replica.port(), Some("v".into())));
    }
}

#[test]
fn a_server_that_is_called_the_primary_and_is_a_replica_is_refused() {
    let primary = server();
    let replica = replica(&primary);
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let (wrong, right) = (FakeSentinel::of(&replica), FakeSentinel::of(&primary));
        let sentinel = sentinel([&wrong, &right]).with_clients(clients().protocol(protocol));
        let client = sentinel.master_for("mymaster");
        assert_eq!(whom(&client), primary.port());
        assert_eq!(sentinel.addresses()[0].to_string(), right.address());
        right.now(|says| says.port = Some(replica.port()));
        client.disconnect();
        let error = client.incr("n").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MasterNotFound);
        let shown = error.to_string();
        assert!(
            shown.contains("expected a primary, found a replica"),
            "{shown}"
        );
        assert!(!error.maybe_executed());
        // It is asked of every Sentinel, and tried once.
        assert_eq!((wrong.asked(), right.asked()), (2, 2));
        assert!(shown.contains("too"), "{shown}");
    }
}

#[test]
fn the_sentinels_are_asked_again_at_every_attempt() {
    let (gone, up) = (server(), server());
    let fake = FakeSentinel::of(&gone);
    gone.kill().unwrap();
    let (says, port) = (Arc::clone(&fake.says), up.port());
    let retry = RetryPolicy::custom(5, move |repetition| {
        if repetition == 3 {
            says.lock().unwrap().port = Some(port);
        }
        Duration::from_millis(1)
    });
    let client = sentinel([&fake]).with_clients(clients().retry(retry));
    assert_eq!(client.master_for("mymaster").incr("n").unwrap(), 1);
    assert_eq!(fake.asked(), 4);
}

#[test]
fn a_primary_that_does_not_answer_leaves_time_to_ask_another_sentinel() {
    let (deaf, server) = (deaf(), server());
    let wrong = FakeSentinel::start(Says::healthy(deaf.tcp_addr().port()));
    let right = FakeSentinel::of(&server);
    let sentinel = sentinel([&wrong, &right]);
    let begun = Instant::now();
    sentinel.master_for("mymaster").ping().unwrap();
    assert!(begun.elapsed() < CONNECT + SLACK, "{:?}", begun.elapsed());

    right.now(|says| says.port = Some(deaf.tcp_addr().port()));
    let begun = Instant::now();
    let error = sentinel.master_for("mymaster").ping().unwrap_err();
    assert!(begun.elapsed() < CONNECT + SLACK, "{:?}", begun.elapsed());
    assert_eq!(error.kind(), ErrorKind::MasterNotFound, "{error}");
    assert!(error.to_string().contains("timed out after"), "{error}");
    let error = sentinel.replica_for("mymaster").ping().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReplicaNotFound, "{error}");
    assert!(error.to_string().contains("timed out after"), "{error}");
}

#[test]
fn a_patient_client_waits_until_a_primary_that_has_fallen_silent_is_called_down() {
    let (deaf, server) = (deaf(), server());
    for of in [Sentinel::master_for, Sentinel::replica_for] {
        let fake = FakeSentinel::start(Says::healthy(deaf.tcp_addr().port()));
        let (says, port) = (Arc::clone(&fake.says), server.port());
        let patient = RetryPolicy::custom(100, move |repetition| {
            let mut says = says.lock().unwrap();
            match repetition {
                1 => says.flags = "master,s_down",
                2 => *says = Says::healthy(port),
                _ => {}
            }
            Duration::from_millis(20)
        });
        // An attempt that a busy machine has no time for is made again.
        let clients = clients().connect_timeout(PATIENCE).retry(patient);
        let client = of(&sentinel([&fake]).with_clients(clients), "mymaster");
        client.ping().unwrap();
        assert_eq!(whom(&client), server.port());
    }
}

#[test]
fn what_another_sentinel_cannot_better_is_an_error_at_once() {
    let server = server_with(|builder| builder.password("secret"));
    let (first, second) = (FakeSentinel::of(&server), FakeSentinel::of(&server));
    let sentinel = sentinel([&first, &second]);
    let error = sentinel.master_for("mymaster").ping().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert_eq!((first.asked(), second.asked()), (1, 0));
    let right = sentinel.with_clients(clients().password("secret"));
    right.master_for("mymaster").ping().unwrap();
}

#[test]
fn a_scan_over_replicas_is_one_of_one_replica() {
    let primary = server();
    let loader = client(&primary);
    let mut pipeline = loader.pipeline();
    for number in 0..1000 {
        pipeline.set(format!("k{number}"), number);
    }
    pipeline.execute::<()>().unwrap();
    let replicas: Vec<_> = (0..2).map(|_| replica(&primary)).collect();
    let fake = FakeSentinel::of(&primary);
    fake.now(|says| {
        says.replicas = replicas.iter().map(|one| (one.port(), "slave")).collect();
    });
    // However long it tries again, that does not make the next connection lead elsewhere.
    let forever = RetryPolicy::constant(0, Duration::from_millis(1)).forever();
    let sentinel = sentinel([&fake]).with_clients(clients().retry(forever));
    let client = sentinel.replica_for("mymaster");
    let mut scan = client.scan_iter(ScanOptions::new().count(10));
    let mut found: Vec<String> = scan.next_page().unwrap().unwrap();
    let first = whom(&client);
    // With that connection in use, the next one leads to the other replica.
    let held = client.watch("k").unwrap();
    let error = scan.next_page().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AnotherServer, "{error}");
    assert!(!error.maybe_executed() && !error.is_connection());
    let expected = format!("expected a connection to 127.0.0.1:{first}, where the scan has begun");
    assert!(error.to_string().contains(&expected), "{error}");
    assert!(
        scan.next().is_none(),
        "it ends, rather than to pass over keys"
    );
    // It comes back last, so it is the next one.
    drop(held);
    while let Some(page) = scan.next_page().unwrap() {
        found.extend(page);
    }
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 1000);
    // From the beginning, any server will do.
    let _held = client.watch("k").unwrap();
    let all: Result<Vec<_>, _> = scan.resume_at(0).collect();
    assert!(all.unwrap().len() >= 1000);
}

#[test]
fn sentinels_have_passwords_of_their_own() {
    let set = SentinelSet::builder()
        .binary(binary())
        .replicas(0)
        .sentinels(1, 1)
        .down_after(NEVER)
        .password("of the servers")
        .sentinel_password("of the Sentinels")
        .start()
        .unwrap();
    let builder = || Sentinel::builder().sentinels(set.sentinel_addrs()).unwrap();
    let error = builder().build().discover_master("mymaster").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MasterNotFound);
    assert!(error.to_string().contains("NOAUTH"), "{error}");
    let builder = || builder().password("of the Sentinels");
    let wrong = builder().clients(clients().password("of the Sentinels"));
    let error = wrong.build().master_for("mymaster").ping().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    let right = builder().clients(clients().password("of the servers"));
    let sentinel = right.build();
    sentinel.master_for("mymaster").ping().unwrap();
    let shown = format!("{error} {sentinel:?} {:?}", sentinel.master_for("mymaster"));
    assert!(!shown.contains("of the s"), "{shown}");
    // In the URL of one of them.
    let url = format!("redis://:of%20the%20Sentinels@{}", set.sentinel_addrs()[0]);
    Sentinel::new([url])
        .unwrap()
        .discover_master("mymaster")
        .unwrap();
}

#[test]
fn a_primary_that_is_demoted_before_exec_is_left_like_one_that_is_before() {
    let aborts = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&aborts);
    let server = ScriptedServer::answering(move |request| {
        let aborts = || counted.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        match request[0].as_slice() {
            b"INCR" => b"+QUEUED\r\n".to_vec(),
            b"EXEC" if aborts().is_ok() => {
                b"-EXECABORT Transaction discarded because of: READONLY You can't write against a read only replica.\r\n"
                    .to_vec()
            }
            b"EXEC" => b"*1\r\n:1\r\n".to_vec(),
            _ => b"+OK\r\n".to_vec(),
        }
    })
    .unwrap();
    let fake = FakeSentinel::start(Says::healthy(server.tcp_addr().port()));
    let retry = RetryPolicy::constant(2, Duration::from_millis(1));
    let master = sentinel([&fake])
        .with_clients(clients().retry(retry))
        .master_for("mymaster");
    type Made = fn(&Client) -> Result<(i64,), Error>;
    let made: [(&str, Made); 2] = [
        ("a pipeline", |master| master.batch().incr("n").execute()),
        ("a transaction", |master| {
            master.transaction("n", |watched| watched.multi().incr("n").execute())
        }),
    ];
    for (what, made) in made {
        let before = server.connections();
        aborts.store(2, Ordering::Relaxed);
        assert_eq!(made(&master).unwrap(), (1,), "{what}");
        let execs = |request: &&Vec<Vec<u8>>| request[0] == b"EXEC";
        assert_eq!(
            server.requests().iter().filter(execs).count() % 3,
            0,
            "{what}"
        );
        assert!(
            server.connections() >= before + 2,
            "{what}: the connection was kept"
        );
    }
    // Who follows nobody is told what the server said, and that nothing was done.
    aborts.store(1, Ordering::Relaxed);
    let client = clients().tcp("127.0.0.1", server.tcp_addr().port()).build();
    let error = client.batch().incr("n").execute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::ReadOnly));
    assert!(!error.maybe_executed() && error.to_string().starts_with("EXEC: READONLY You can't"));
    assert_eq!(client.pool_stats().idle, 0);
}

#[test]
fn a_lock_outlives_a_stale_connection_to_a_primary_that_was_demoted() {
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    let retry = RetryPolicy::constant(3, Duration::from_millis(1));
    let sentinel = sentinel([&fake]).with_clients(clients().retry(retry));
    let master = sentinel.master_for("mymaster");
    let lock = master.lock("foo", Duration::from_secs(600));
    type Use = fn(LockGuard) -> Result<(), Error>;
    let uses: [(&str, Use); 4] = [
        ("extend", |guard| guard.extend(Duration::from_secs(60))),
        ("reacquire", |guard| guard.reacquire()),
        ("release", LockGuard::release),
        ("drop", |guard| {
            drop(guard);
            Ok(())
        }),
    ];
    for (what, used) in uses {
        let guard = lock.try_acquire().unwrap().unwrap();
        // It has come to the new primary as well.
        client(&new).set("foo", guard.token()).unwrap();
        client(&old).replicaof("127.0.0.1", 1).unwrap();
        fake.now(|says| says.port = Some(new.port()));
        used(guard).unwrap_or_else(|error| panic!("{what}: {error:?}"));
        assert_eq!(
            client(&new).exists("foo").unwrap(),
            0,
            "{what}: not given back"
        );
        assert_eq!(whom(&master), new.port());
        client(&old).replicaof_no_one().unwrap();
        fake.now(|says| says.port = Some(old.port()));
        master.disconnect();
        client(&old).flushall().unwrap();
        client(&new).flushall().unwrap();
    }
}

fn replica(primary: &Server) -> Server {
    let replica = server_with(|builder: ServerBuilder| builder.replica_of(primary));
    replica
        .wait_until_in_sync(primary, Duration::from_secs(30))
        .unwrap();
    replica
}
