//! Real servers that are stopped, killed, full, still loading or locked: a clear error each, in bounded
//! time, and everything as before once the trouble is over.

use std::{
    net::UdpSocket,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use redis::{
    Client, ClientBuilder, ClientFilter, ClientKind, Error, ErrorKind, Execute, MessageKind,
    RetryPolicy, ServerErrorKind, cmd, prelude::*,
};
use redis_testkit::Server;

use crate::{
    patience::{eventually, found},
    ways::{client, server, server_with},
};

/// How long a call may take that is given up on, on a busy machine.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_stopped_server_that_was_never_reached() {
    let server = server();
    server.pause().unwrap();
    let limit = Duration::from_millis(200);
    let client = of(&server).connect_timeout(limit).build();
    let error = fails_soon(|| client.incr("n"));
    assert!(error.is_timeout() && !error.maybe_executed(), "{error}");
    assert!(
        error.to_string().contains("timed out after 200ms"),
        "{error}"
    );
    server.resume().unwrap();
    // Connecting may take longer again on a busy machine: then it is not incremented.
    let n = found("the server answers", || client.incr("n").ok());
    assert_eq!(n, 1);
}

#[test]
fn a_server_that_stops_while_threads_wait_for_it() {
    let server = server();
    let limit = Duration::from_millis(300);
    let client = of(&server)
        .max_connections(2)
        .response_timeout(limit)
        .connect_timeout(limit)
        .wait_timeout(limit)
        .build();
    // Either may take longer on a busy machine.
    eventually("the server answers", || client.set("k", "v").is_ok());
    server.pause().unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let error = fails_soon(|| client.get::<String>("k"));
                assert!(error.is_timeout(), "{error}");
            });
        }
    });
    let stats = client.pool_stats();
    assert_eq!((stats.idle, stats.in_use, stats.waiting), (0, 0, 0));
    server.resume().unwrap();
    let value = found("the server answers", || client.get("k").ok());
    assert_eq!(value, Some("v".to_owned()));
}

#[test]
fn a_server_that_is_killed_under_load_and_comes_back() {
    let server = server();
    let client = of(&server).build();
    client.ping().unwrap();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| first_error(&client)))
            .collect();
        thread::sleep(Duration::from_millis(50));
        server.kill().unwrap();
        for thread in threads {
            let error = thread.join().unwrap();
            assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
        }
    });
    let error = fails_soon(|| client.incr("n"));
    assert!(error.to_string().contains("Connection refused"), "{error}");
    assert!(!error.maybe_executed());
    server.restart().unwrap();
    assert_eq!(client.incr("n").unwrap(), 1);
}

#[test]
fn a_server_without_a_place_for_another_client() {
    let server = server_with(|builder| builder.config("maxclients", "1"));
    let first = client(&server);
    first.ping().unwrap();
    let second = of(&server).build();
    for _ in 0..20 {
        let error = fails_soon(|| second.ping());
        let shown = error.to_string();
        assert!(shown.contains("max number of clients reached"), "{shown}");
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
        assert!(error.is_retryable() && !error.maybe_executed());
    }
    drop(first);
    eventually("the second server answers", || second.ping().is_ok());
}

#[test]
fn a_full_server_is_tried_again_until_there_is_a_place() {
    let server = server_with(|builder| builder.config("maxclients", "1"));
    let admin = client(&server);
    admin.ping().unwrap();
    let leaves = Mutex::new(Some(admin));
    let patient = RetryPolicy::custom(500, move |repetition| {
        if repetition == 3 {
            leaves.lock().unwrap().take();
        }
        Duration::from_millis(10)
    });
    let patient = of(&server).retry(patient).build();
    assert_eq!(patient.incr("n").unwrap(), 1);

    // So does a subscriber that has lost its place.
    patient.config_set([("maxclients", "2")]).unwrap();
    let mut p = patient.pubsub().ignore_subscribe_messages(true);
    p.subscribe("c").unwrap();
    patient.config_set([("maxclients", "1")]).unwrap();
    let subscribers = ClientFilter::new().kind(ClientKind::PubSub);
    eventually("the subscriber is killed", || {
        patient.client_kill(subscribers.clone()).unwrap() == 1
    });
    assert!(p.get_message(Duration::from_millis(300)).unwrap().is_none());
    patient.config_set([("maxclients", "2")]).unwrap();
    let gap = p.get_message(Duration::from_secs(10)).unwrap().unwrap();
    assert_eq!(gap.kind(), MessageKind::Gap);
}

#[test]
fn a_server_that_is_still_loading() {
    // Half a second for a thousand keys, and a look at its clients every few of them.
    let server = server_with(|builder| {
        builder
            .config("key-load-delay", "500")
            .config("loading-process-events-interval-bytes", "1024")
            .config("rdbcompression", "no")
    });
    let client = of(&server).build();
    let mut pipeline = client.pipeline();
    for number in 0..1000 {
        pipeline.set(format!("key{number}"), "x".repeat(100));
    }
    pipeline.execute::<()>().unwrap();
    client.execute::<()>(cmd("SAVE")).unwrap();
    thread::scope(|scope| {
        let restart = scope.spawn(|| server.restart().unwrap());
        let mut refusals = 0;
        while !restart.is_finished() {
            let Err(error) = client.get::<String>("key999") else {
                continue;
            };
            if error.kind() == ErrorKind::Server(ServerErrorKind::Loading) {
                assert!(error.is_retryable() && !error.maybe_executed(), "{error}");
                assert_eq!(error.code(), Some("LOADING"));
                refusals += 1;
            } else {
                // Before it listens.
                assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
            }
        }
        assert!(refusals > 0, "it was never seen loading");
    });
    let value: Option<String> = client.get("key999").unwrap();
    assert_eq!(value.map(|value| value.len()), Some(100));
}

#[test]
fn a_server_in_protected_mode() {
    let Some(host) = address_of_this_machine() else {
        eprintln!("not tried: this machine has no address but the loopback's");
        return;
    };
    let server = server_with(|builder| {
        builder
            .config("bind", "* -::*")
            .config("protected-mode", "yes")
    });
    let client = Client::builder().tcp(host, server.port()).build();
    for _ in 0..20 {
        let error = fails_soon(|| client.ping());
        assert_eq!(error.code(), Some("DENIED"), "{error}");
        assert!(error.to_string().contains("protected mode"), "{error}");
    }
}

#[test]
fn a_password_that_is_changed_at_run_time() {
    let server = server_with(|builder| builder.password("old"));
    let client = of(&server).password("old").max_connections(1).build();
    client.ping().unwrap();
    let set = cmd("CONFIG SET").arg("requirepass").arg("hunter2");
    client.execute::<()>(set).unwrap();
    // Whoever is logged in stays so.
    client.ping().unwrap();
    let admin = of(&server).password("hunter2").build();
    let kill = cmd("CLIENT KILL").arg("SKIPME").arg("yes");
    admin.execute::<i64>(kill).unwrap();
    // The server closes them before it answers whatever comes next.
    admin.ping().unwrap();
    thread::sleep(Duration::from_millis(50));
    for _ in 0..3 {
        let error = fails_soon(|| client.ping());
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
        assert!(!error.maybe_executed());
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("old"),
            "{shown}"
        );
    }
    let set = cmd("CONFIG SET").arg("requirepass").arg("old");
    admin.execute::<()>(set).unwrap();
    client.ping().unwrap();
}

#[test]
fn a_primary_that_became_a_replica() {
    let primary = server();
    let replica = server_with(|builder| builder.replica_of(&primary));
    replica.wait_until_in_sync(&primary, SOON).unwrap();
    let client = of(&replica).build();
    let error = fails_soon(|| client.set("k", 1));
    assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::ReadOnly));
    assert!(!error.maybe_executed());
    let promote = cmd("REPLICAOF").arg("NO").arg("ONE");
    client.execute::<()>(promote).unwrap();
    client.set("k", 1).unwrap();
}

/// The error of the first of many calls that fails.
fn first_error(client: &Client) -> Error {
    let begun = Instant::now();
    loop {
        if let Err(error) = client.ping() {
            return error;
        }
        assert!(begun.elapsed() < SOON * 3, "the server is still there");
    }
}

fn of(server: &Server) -> ClientBuilder {
    Client::builder().tcp(server.host(), server.port())
}

fn fails_soon<T: std::fmt::Debug>(call: impl FnOnce() -> Result<T, Error>) -> Error {
    let begun = Instant::now();
    let error = call().unwrap_err();
    let took = begun.elapsed();
    assert!(took < SOON, "took {took:?}: {error}");
    error
}

/// An address that is not the loopback's, found without sending anything.
fn address_of_this_machine() -> Option<String> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Reserved for documentation (RFC 5737): there is nobody.
    socket.connect("198.51.100.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then(|| address.to_string())
}
