//! Watching what the server executes.

use std::time::{Duration, Instant, SystemTime};

use redis::{ErrorKind, Monitor, MonitoredClient, MonitoredCommand, ServerErrorKind, prelude::*};

use crate::{
    patience::{eventually, found},
    ways::{client, on_every_way, server, ways},
};

const LONG: Duration = Duration::from_secs(10);

/// The next command of that name. Others, of a connection's handshake for example, come between.
fn next(monitor: &mut Monitor, name: &str) -> MonitoredCommand {
    let started = Instant::now();
    loop {
        assert!(started.elapsed() < LONG, "no {name}");
        let command = monitor.next_command(LONG).unwrap().expect("a command");
        if command.words[0].eq_ignore_ascii_case(name.as_bytes()) {
            return command;
        }
    }
}

#[test]
fn commands_are_shown_with_time_database_client_and_every_byte() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let client = builder.database(3).build();
        let mut monitor = client.monitor().unwrap();
        let odd: Vec<u8> = (0..=255).collect();
        client.set(&odd, "a \"b\" \\ c\r\n").unwrap();
        let command = next(&mut monitor, "SET");
        assert_eq!(
            command.words,
            [b"SET".as_slice(), &odd, b"a \"b\" \\ c\r\n"]
        );
        assert_eq!(command.database, 3);
        let age = SystemTime::now()
            .duration_since(command.time)
            .unwrap_or_default();
        assert!(age < LONG, "{age:?}");
        match &command.client {
            MonitoredClient::Unix(path) => {
                assert!(name.contains("Unix") && !path.is_empty(), "{path}");
            }
            MonitoredClient::Tcp(address) => {
                assert!(
                    name.contains("TCP") && address.starts_with("127.0.0.1:"),
                    "{address}"
                );
            }
            other => panic!("{other:?}"),
        }

        let value = vec![b'\xff'; 200_000];
        client.set("large", &value).unwrap();
        assert!(next(&mut monitor, "SET").words[2] == value);

        let text = "return redis.call('INCR', KEYS[1])";
        let _: i64 = client.eval(text, "n", ()).unwrap();
        assert_eq!(next(&mut monitor, "INCR").client, MonitoredClient::Script);
    }
}

#[test]
fn watching_outlasts_the_response_time_out_and_ends_when_it_is_dropped() {
    on_every_way(|client| {
        let limit = Duration::from_millis(200);
        let hasty = client.with_response_timeout(limit);
        let monitors = || -> usize {
            let list: String = redis::Execute::execute(client, redis::cmd("CLIENT LIST")).unwrap();
            let flag = |line: &&str| {
                line.split(' ')
                    .any(|field| field.starts_with("flags=") && field.contains('O'))
            };
            list.lines().filter(flag).count()
        };
        // Which a busy machine may take to answer.
        let mut monitor = found("a monitor", || hasty.monitor().ok());
        eventually("no other monitor is left", || monitors() == 1);
        let started = Instant::now();
        while monitor.next_command(limit * 2).unwrap().is_some() {}
        assert!(started.elapsed() >= limit * 2);
        client.ping().unwrap();
        let first = monitor.next().unwrap().unwrap();
        assert_eq!(first.to_string(), "PING");
        assert!(monitor.next_command(Duration::ZERO).unwrap().is_none());
        assert_eq!(monitors(), 1);
        drop(monitor);
        eventually("it is closed", || monitors() == 0);
    });
}

#[test]
fn a_lost_connection_ends_it_with_an_error() {
    let server = server();
    let client = client(&server);
    let mut monitor = client.monitor().unwrap();
    server.kill().unwrap();
    let error = monitor.by_ref().find_map(Result::err).unwrap();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(monitor.next().is_none());
    assert!(monitor.next_command(Duration::ZERO).is_err());
}

#[test]
fn who_may_not_watch_is_told_so() {
    let server = server();
    let rules = ["on", "nopass", "+@all", "-monitor", "~*"];
    client(&server).acl_setuser("blind", rules).unwrap();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let error = builder
            .username("blind")
            .password("x")
            .build()
            .monitor()
            .unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::NoPermission)
        );
    }
}
