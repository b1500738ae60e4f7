//! What goes wrong with servers and networks: a clear error each, in bounded time.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use redis::{Client, ErrorKind, ServerErrorKind, prelude::*};

use crate::ways::{client, server};

/// What a busy machine may add.
const SLACK: Duration = Duration::from_secs(6);

/// Runs `call`, which must fail within `limit`.
fn fails_within(
    limit: Duration,
    call: impl FnOnce() -> Result<String, redis::Error>,
) -> redis::Error {
    let started = Instant::now();
    let error = call().unwrap_err();
    let elapsed = started.elapsed();
    assert!(elapsed < limit + SLACK, "took {elapsed:?}: {error}");
    error
}

/// A server that treats every connection as `treat` says.
fn fake_server(treat: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || listener.incoming().flatten().for_each(treat));
    port
}

#[test]
fn a_host_that_does_not_exist() {
    let client = Client::builder().tcp("no-such-host.invalid", 6379).build();
    let error = fails_within(Duration::from_secs(20), || client.ping());
    assert!(error.is_connection() || error.is_timeout(), "{error}");
    assert!(
        error
            .to_string()
            .contains("connecting to no-such-host.invalid:6379"),
        "{error}"
    );
    assert!(!error.maybe_executed());
}

#[test]
fn a_port_where_nobody_listens() {
    // One that nobody is given by chance, of a service that nobody has.
    let port = 1;
    let client = Client::builder().tcp("127.0.0.1", port).build();
    let error = fails_within(Duration::ZERO, || client.ping());
    assert_eq!(error.kind(), ErrorKind::Connection);
    let shown = error.to_string();
    assert!(
        shown.starts_with(&format!("connecting to 127.0.0.1:{port}: ")),
        "{shown}"
    );
    assert!(shown.contains("Connection refused"), "{shown}");
}

#[test]
fn a_unix_socket_that_does_not_exist() {
    let client = Client::open("unix:///nowhere/redis.sock").unwrap();
    let error = fails_within(Duration::ZERO, || client.ping());
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(
        error
            .to_string()
            .starts_with("connecting to /nowhere/redis.sock: "),
        "{error}"
    );
}

#[test]
fn a_server_that_accepts_and_never_answers() {
    let port = fake_server(|stream| {
        thread::spawn(move || {
            let _ = std::io::copy(&mut &stream, &mut std::io::sink());
        });
    });
    let client = Client::builder()
        .tcp("127.0.0.1", port)
        .connect_timeout(Duration::from_millis(200))
        .build();
    let error = fails_within(Duration::from_millis(200), || client.ping());
    assert!(error.is_timeout(), "{error}");
    assert!(
        error.to_string().contains("timed out after 200ms"),
        "{error}"
    );
    assert_eq!(client.pool_stats().in_use, 0);
}

#[test]
fn a_server_that_is_none() {
    let port = fake_server(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let client = Client::builder().tcp("127.0.0.1", port).build();
    let error = fails_within(Duration::ZERO, || client.ping());
    assert!(
        error.kind() == ErrorKind::Protocol && error.to_string().contains("found \"H\"")
            || error.is_connection(),
        "{error}"
    );
}

#[test]
fn a_server_that_stops_answering() {
    let server = server();
    let client = client(&server);
    client.ping().unwrap();
    server.pause().unwrap();
    let limit = Duration::from_millis(200);
    let hasty = client.with_response_timeout(limit);
    let error = fails_within(limit, || hasty.incr("n").map(|n| n.to_string()));
    assert!(error.is_timeout() && error.maybe_executed(), "{error}");
    assert_eq!(
        client.pool_stats().idle,
        0,
        "the connection is not used again"
    );
    server.resume().unwrap();
    // The late reply of the first call is not the reply to this one.
    let n = client.incr("n").unwrap();
    assert!(n == 1 || n == 2, "{n}");
    assert_eq!(client.ping().unwrap(), "PONG");
}

#[test]
fn a_pipeline_has_one_deadline_for_all_its_replies() {
    let server = server();
    let client = client(&server);
    client.ping().unwrap();
    server.pause().unwrap();
    let limit = Duration::from_millis(200);
    let mut pipeline = client.with_response_timeout(limit).pipeline();
    for _ in 0..100 {
        pipeline.incr("n");
    }
    let error = fails_within(limit, || {
        pipeline.execute::<Vec<i64>>().map(|_| String::new())
    });
    assert!(error.is_timeout() && error.maybe_executed(), "{error}");
    server.resume().unwrap();
}

#[test]
fn a_reply_that_drips_is_not_given_more_time() {
    let port = fake_server(|mut stream| {
        let mut request = [0; 4096];
        // The handshake, in RESP2: two replies to CLIENT SETINFO.
        let _ = stream.read(&mut request);
        let _ = stream.write_all(b"+OK\r\n+OK\r\n");
        let _ = stream.read(&mut request);
        let _ = stream.write_all(b"$1000\r\n");
        for _ in 0..1000 {
            thread::sleep(Duration::from_millis(20));
            if stream.write_all(b"x").is_err() {
                return;
            }
        }
    });
    let client = Client::builder()
        .tcp("127.0.0.1", port)
        .protocol(redis::Protocol::Resp2)
        .response_timeout(Duration::from_millis(300))
        .build();
    let error = fails_within(Duration::from_millis(300), || client.echo("x"));
    assert!(error.is_timeout(), "{error}");
}

#[test]
fn a_server_that_is_killed_and_comes_back() {
    let server = server();
    let client = client(&server);
    client.ping().unwrap();
    server.kill().unwrap();
    let error = fails_within(Duration::ZERO, || client.ping());
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    server.restart().unwrap();
    assert_eq!(client.ping().unwrap(), "PONG");
}

#[test]
fn connections_that_the_server_closed_are_noticed_before_they_are_used() {
    let server = server();
    let client = client(&server);
    let killer = crate::ways::client(&server);
    for _ in 0..5 {
        client.incr("n").unwrap();
        redis::Execute::execute::<()>(
            &killer,
            redis::cmd("CLIENT KILL").args(&["TYPE", "normal", "SKIPME", "yes"]),
        )
        .unwrap();
        // The server closes them before it answers whatever comes next.
        killer.ping().unwrap();
        // Longer than a connection is trusted without a look.
        thread::sleep(Duration::from_millis(40));
    }
    // An increment is never repeated by itself, so each of them worked the first time.
    assert_eq!(client.incr("n").unwrap(), 6);
}

#[test]
fn the_wrong_type() {
    let server = server();
    let client = client(&server);
    client.set("text", "x").unwrap();
    let error = client.sadd("text", 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::WrongType));
}

#[test]
fn a_server_at_its_memory_limit() {
    let server = server();
    let client = client(&server);
    client.config_set(("maxmemory", 1)).unwrap();
    let error = client.set("k", "v").unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::OutOfMemory)
    );
    assert!(!error.maybe_executed(), "{error}");
    assert_eq!(client.get::<String>("k").unwrap(), None);
}

#[test]
fn nothing_that_can_be_printed_shows_a_password() {
    let client = Client::open("redis://alice:hunter2@127.0.0.1:1").unwrap();
    let builder = Client::builder().password("hunter2").username("alice");
    let error = client.ping().unwrap_err();
    for shown in [
        format!("{client:?}"),
        format!("{builder:?}"),
        format!("{error:?}"),
        format!("{error}"),
    ] {
        assert!(
            !shown.contains("hunter2") && !shown.contains("alice"),
            "{shown}"
        );
    }
}
