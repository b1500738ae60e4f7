//! One client in many threads: every reply belongs to its call, and the pool keeps its bounds.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use redis::{
    Client, Connection, ConnectionConfig, Deadline, ErrorKind, Execute, Request, Waits, cmd,
    prelude::*, raw,
};

use crate::{
    patience::eventually,
    ways::{client, server, ways},
};

#[test]
fn a_client_can_be_shared_sent_and_cloned() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
}

#[test]
fn every_reply_belongs_to_its_call() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let client = builder.max_connections(4).build();
        thread::scope(|scope| {
            for thread in 0..16 {
                let client = &client;
                scope.spawn(move || {
                    let key = format!("key{thread}");
                    for round in 0..250 {
                        let value = format!("{thread}:{round}");
                        client.set(&key, &value).unwrap();
                        assert_eq!(client.get::<String>(&key).unwrap(), Some(value));
                    }
                });
            }
        });
        let stats = client.pool_stats();
        assert!(
            stats.idle <= 4 && stats.in_use == 0 && stats.waiting == 0,
            "{stats:?}"
        );
    }
}

#[test]
fn calls_that_find_no_connection_go_out_together() {
    const THREADS: u64 = 16;
    const CALLS: u64 = 250;
    let server = server();
    let watcher = client(&server);
    let reads = || {
        let stats = watcher.info("stats").unwrap();
        stats.parse::<u64>("total_reads_processed").unwrap()
    };
    for (name, builder) in ways(&server) {
        println!("over {name}");
        for (sharing, builder) in [(true, builder.clone()), (false, builder)] {
            let client = builder.max_connections(1).sharing(sharing).build();
            let before = reads();
            thread::scope(|scope| {
                for thread in 0..THREADS {
                    let client = &client;
                    scope.spawn(move || {
                        for call in 0..CALLS {
                            let question = format!("{thread}:{call}");
                            assert_eq!(client.echo::<String>(&question).unwrap(), question);
                        }
                    });
                }
            });
            let (reads, calls) = (reads() - before, THREADS * CALLS);
            println!("sharing {sharing}: {calls} calls, {reads} reads by the server");
            assert_eq!(reads < calls / 2, sharing, "{reads} reads");
        }
    }
}

/// While there are connections enough for all.
#[test]
fn calls_that_are_made_at_the_same_time_go_out_together() {
    const THREADS: u64 = 8;
    const CALLS: u64 = 1000;
    let server = server();
    let client = client(&server);
    let reads = || {
        let stats = client.info("stats").unwrap();
        stats.parse::<u64>("total_reads_processed").unwrap()
    };
    // As often as it takes: where no thread waits for a processor, they seldom meet.
    eventually("some calls go out together", || {
        let before = reads();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for _ in 0..CALLS {
                        client.incr("calls").unwrap();
                    }
                });
            }
        });
        let (reads, calls) = (reads() - before, THREADS * CALLS);
        println!("{calls} calls, {reads} reads by the server");
        reads < calls
    });
}

#[test]
fn connections_are_made_when_needed_and_no_more_than_allowed() {
    let server = server();
    let client = Client::builder()
        .tcp(server.host(), server.port())
        .max_connections(3)
        .build();
    assert_eq!(client.pool_stats().idle, 0);
    client.ping().unwrap();
    client.ping().unwrap();
    assert_eq!(client.pool_stats().idle, 1);
    let all = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                all.wait();
                for _ in 0..100 {
                    client.ping().unwrap();
                }
            });
        }
    });
    // This client of its own counts too.
    let info = crate::ways::client(&server).info("clients").unwrap();
    let connected: usize = info.parse("connected_clients").unwrap();
    assert!(connected <= 3 + 1, "{connected}");
}

#[test]
fn who_waits_too_long_for_a_connection_is_told_why() {
    let server = server();
    let other = client(&server);
    let client = Client::builder()
        .unix(server.socket_path())
        .max_connections(1)
        .wait_timeout(Duration::from_millis(100))
        .build();
    thread::scope(|scope| {
        let popped = scope.spawn(|| client.blpop::<String, String>("queue", None));
        while client.pool_stats().in_use == 0 {
            thread::yield_now();
        }
        let started = Instant::now();
        let error = client.ping().unwrap_err();
        assert!(started.elapsed() >= Duration::from_millis(100));
        other.rpush("queue", "x").unwrap();
        assert!(popped.join().unwrap().unwrap().is_some());
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(
            error
                .to_string()
                .starts_with("no free connection: 1 of 1 in use"),
            "{error}"
        );
        assert!(!error.maybe_executed());
    });
    assert_eq!(client.ping().unwrap(), "PONG");
}

#[test]
fn a_panic_while_a_connection_is_lent_does_not_lose_it() {
    struct Panics;
    impl redis::FromReply<'_> for Panics {
        fn from_reply(_: redis::Reply<'_>) -> Result<Self, redis::DecodeError> {
            panic!("on purpose")
        }
    }
    let server = server();
    let client = Client::builder()
        .tcp(server.host(), server.port())
        .max_connections(1)
        .build();
    for _ in 0..3 {
        let outcome = std::panic::catch_unwind(|| client.echo::<Panics>("x"));
        assert!(outcome.is_err());
        assert_eq!(client.echo::<String>("mine").unwrap(), "mine");
    }
}

#[test]
fn dropping_the_last_handle_closes_the_connections() {
    let server = server();
    let watcher = client(&server);
    let connected = || {
        let info = watcher.info("clients").unwrap();
        info.parse::<usize>("connected_clients").unwrap()
    };
    assert_eq!(connected(), 1);
    let client = client(&server);
    let other = client.clone();
    client.ping().unwrap();
    drop(client);
    assert_eq!(connected(), 2);
    other.ping().unwrap();
    drop(other);
    eventually("the connection is closed", || connected() == 1);
}

#[test]
fn what_would_stay_on_a_shared_connection_is_not_sent() {
    let server = server();
    let client = client(&server);
    for command in [
        "SELECT",
        "WATCH",
        "multi",
        "SUBSCRIBE",
        "CLIENT REPLY",
        "CLIENT TRACKING",
        "AUTH",
        "REPLCONF",
    ] {
        let errors = [
            client.execute::<()>(cmd(command).word("x")).unwrap_err(),
            client
                .pipeline()
                .command::<()>(cmd(command).word("x"))
                .execute::<()>()
                .unwrap_err(),
            client
                .batch()
                .command::<()>(cmd(command).word("x"))
                .execute()
                .unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
            assert!(
                error
                    .to_string()
                    .to_uppercase()
                    .contains(&command.to_uppercase()),
                "{error}"
            );
        }
    }
    assert_eq!(
        client.pool_stats().idle,
        0,
        "not even a connection was made"
    );
}

#[test]
fn whatever_is_sent_is_answered_once_and_leaves_the_connection_as_it_was() {
    // They stop the server, close connections or keep them waiting, which is what they are for.
    const LEFT_OUT: [&str; 5] = [
        "SHUTDOWN",
        "DEBUG",
        "CLIENT KILL",
        "CLIENT PAUSE",
        "FAILOVER",
    ];
    const ARGUMENTS: [&[&str]; 7] = [
        &[],
        &["0"],
        &["on"],
        &["off"],
        &["ACK", "0"],
        &["GETACK", "*"],
        &["a", "1", "1"],
    ];
    let server = server();
    let mut names = client(&server).command_list().unwrap();
    names.extend(["post".into(), "host:".into()]);
    let connect = || {
        let config = ConnectionConfig::from_url(&server.url()).unwrap();
        Connection::open(&config).unwrap()
    };
    let mut connection = connect();
    let mut sent = 0;
    for name in names {
        let name = name.to_uppercase().replace('|', " ");
        for arguments in ARGUMENTS {
            let words: Vec<&str> = name.split(' ').chain(arguments.iter().copied()).collect();
            let command = raw(&words);
            if LEFT_OUT.iter().any(|left_out| name.starts_with(left_out))
                || command.reason_against().is_some()
                || command.waiting() != Waits::No
            {
                continue;
            }
            let mut requests = Vec::new();
            let session = cmd::<()>("CLIENT INFO");
            for command in [
                &session.into_raw(),
                &command,
                &cmd("ECHO").word("mark"),
                &cmd("CLIENT INFO"),
            ] {
                command.write_to(&mut requests);
            }
            let deadline = Deadline::within(Duration::from_secs(20));
            let requests = Request::new(&requests).with_replies(4);
            connection.send(requests, deadline).unwrap();
            let mut text = || {
                let reply = connection.receive(deadline);
                let reply = reply.unwrap_or_else(|error| panic!("{words:?}: {error}"));
                reply.decode::<String>().unwrap_or_default()
            };
            let before = session_of(&text());
            text();
            assert_eq!(text(), "mark", "{words:?}");
            assert_eq!(session_of(&text()), before, "{words:?}");
            sent += 1;
        }
    }
    println!("{sent} commands with {}", server.version());
    assert!(sent > 1_000, "{sent}");
}

/// What of a connection the server's line about it says that stays with the connection.
fn session_of(info: &str) -> String {
    const STAYS: [&str; 12] = [
        "name=",
        "flags=",
        "db=",
        "sub=",
        "psub=",
        "ssub=",
        "multi=",
        "watch=",
        "user=",
        "redir=",
        "resp=",
        "lib-name=",
    ];
    let fields = info
        .split(' ')
        .filter(|field| STAYS.iter().any(|name| field.starts_with(name)));
    fields.collect::<Vec<_>>().join(" ")
}
