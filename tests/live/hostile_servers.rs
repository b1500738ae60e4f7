//! Servers that misbehave in every way of the testkit's zoo: an error each, in bounded time, and no
//! connection that is used again.

use std::time::{Duration, Instant};

use redis::{Client, ErrorKind, Protocol, prelude::*};
use redis_testkit::{Hostile, Script, ScriptedServer};

/// The deadline that is to be missed.
const SHORT: Duration = Duration::from_millis(300);
/// Not to be reached, even when every core is busy.
const LONG: Duration = Duration::from_secs(20);
/// What a call may take on top of its deadline when every core is busy.
const SLACK: Duration = Duration::from_secs(5);

#[test]
fn every_hostile_server_is_given_up_on_in_time() {
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        for hostile in Hostile::ALL {
            let server = ScriptedServer::start(hostile.script()).unwrap();
            let (expected, limit) = match hostile {
                Hostile::Silent
                | Hostile::Deaf
                | Hostile::OneByteASecond
                | Hostile::LargestBulk
                | Hostile::LargestArray
                | Hostile::PushFlood => (ErrorKind::Timeout, SHORT),
                Hostile::ClosesAtOnce | Hostile::HalfReply | Hostile::HalfReplyAndReset => {
                    (ErrorKind::Connection, LONG)
                }
                _ => (ErrorKind::Protocol, LONG),
            };
            let client = client(&server, protocol, limit);
            let begun = Instant::now();
            let error = client.incr("n").unwrap_err();
            let took = begun.elapsed();
            println!("{hostile:?}, {protocol:?}: {took:.1?}: {error}");
            assert!(took < limit + SLACK, "{hostile:?} took {took:?}");
            assert_eq!(error.kind(), expected, "{hostile:?}: {error}");
            assert!(error.to_string().len() < 300, "{hostile:?}: {error}");
            let stats = client.pool_stats();
            assert_eq!((stats.idle, stats.in_use), (0, 0), "{hostile:?}");
            // What was asked counts as asked, unless there never was a connection.
            let was_asked = !server.requests().is_empty();
            assert!(
                error.maybe_executed() || !was_asked || is_no_server(hostile),
                "{hostile:?}"
            );
        }
    }
}

/// Those that do not get as far as a handshake: the request that they saw was its.
fn is_no_server(hostile: Hostile) -> bool {
    matches!(hostile, Hostile::Http | Hostile::Tls)
}

#[test]
fn one_reply_too_many_is_not_the_reply_to_the_next_call() {
    let script = Script::after_handshake()
        .expect(1)
        .send("$5\r\nfirst\r\n$6\r\nsecond\r\n")
        .again();
    let server = ScriptedServer::start(script).unwrap();
    let client = client(&server, Protocol::Resp3, LONG);
    for _ in 0..20 {
        let answer: String = client.echo("x").unwrap();
        assert_eq!(answer, "first");
        assert_eq!(client.pool_stats().idle, 0);
    }
    assert_eq!(server.connections(), 20);
}

#[test]
fn pushes_between_replies_are_nobodys_reply() {
    let script = Script::after_handshake()
        .expect(1)
        .send(">2\r\n+invalidate\r\n*1\r\n+k\r\n$2\r\nhi\r\n")
        .again();
    let server = ScriptedServer::start(script).unwrap();
    let client = client(&server, Protocol::Resp3, LONG);
    for _ in 0..20 {
        assert_eq!(client.echo::<String>("x").unwrap(), "hi");
    }
    assert_eq!(server.connections(), 1);
}

fn client(server: &ScriptedServer, protocol: Protocol, limit: Duration) -> Client {
    Client::builder()
        .tcp("127.0.0.1", server.tcp_addr().port())
        .protocol(protocol)
        .connect_timeout(limit)
        .response_timeout(limit)
        .retries(0)
        .build()
}
