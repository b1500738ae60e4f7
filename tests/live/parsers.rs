//! hiredis as the parser of a client: how it is chosen, and what it cannot do. That it does the rest as well
//! is what all tests show that run on every way.

use redis::{Client, ErrorKind, Parser, Protocol, prelude::*};
#[cfg(feature = "hiredis")]
use redis::{Execute, Value, cmd};

use crate::ways::{client, server};

#[test]
#[cfg(feature = "hiredis")]
fn hiredis_is_chosen_for_each_client_and_speaks_resp2() {
    let server = server();
    let (host, port) = (server.host(), server.port());
    let built = Client::builder().tcp(host, port).parser(Parser::Hiredis);
    let url = format!("redis://{host}:{port}?parser=hiredis");
    for client in [built.build(), Client::open(&url).unwrap()] {
        let reply = client.execute::<Value>(cmd("HGETALL").key("nope"));
        assert_eq!(reply.unwrap(), Value::Array(vec![]));
        assert_eq!(client.incr("n").unwrap(), 1);
        assert!(client.del("n").unwrap() == 1 && client.ping().unwrap() == "PONG");
    }
    let native = client(&server);
    let reply = native.execute::<Value>(cmd("HGETALL").key("nope"));
    assert_eq!(reply.unwrap(), Value::Map(vec![]));
}

/// With RESP3 it cannot be had, and without the feature not at all.
#[test]
fn a_parser_that_cannot_be_had_is_an_error_and_not_another_parser() {
    let server = server();
    let connections = || {
        let info = client(&server).info("stats").unwrap();
        let received = info.get("total_connections_received").unwrap();
        received.parse::<u64>().unwrap()
    };
    let before = connections();
    let asked = Client::builder()
        .tcp(server.host(), server.port())
        .parser(Parser::Hiredis);
    let clients = if cfg!(feature = "hiredis") {
        vec![asked.protocol(Protocol::Resp3).build()]
    } else {
        vec![
            asked.clone().build(),
            asked.protocol(Protocol::Resp2).build(),
        ]
    };
    for client in clients {
        let error = client.ping().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let expected = if cfg!(feature = "hiredis") {
            "hiredis, which reads no RESP3"
        } else {
            "switch on the feature `hiredis`"
        };
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.maybe_executed() && !error.is_retryable());
        assert_eq!(client.pool_stats().in_use, 0);
    }
    // But for the one that asks.
    assert_eq!(connections(), before + 1);
}

#[test]
#[cfg(feature = "hiredis")]
fn what_hiredis_cannot_read_costs_a_connection_and_is_said() {
    let server = server();
    let client = Client::builder()
        .tcp(server.host(), server.port())
        .parser(Parser::Hiredis)
        .build();
    let nested = |levels: usize| {
        let script = format!("return {}1{}", "{".repeat(levels), "}".repeat(levels));
        client.execute::<Value>(cmd("EVAL").arg(&script).arg(&0))
    };
    nested(8).unwrap();
    let connection = client.client_id().unwrap();
    let error = nested(9).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(
        error
            .to_string()
            .contains("hiredis refused the reply: No support"),
        "{error}"
    );
    assert!(error.maybe_executed());
    assert_eq!(
        client.pool_stats().idle,
        0,
        "the connection is not used again"
    );
    assert_ne!(client.client_id().unwrap(), connection);
}
