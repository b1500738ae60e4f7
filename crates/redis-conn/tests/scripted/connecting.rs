//! What a connection that is only being made fails with, and where that says it was.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use redis_conn::{
    Address, Connection, ConnectionConfig, Connector, Credentials, Deadline, Dial, Error,
    ErrorKind, Parser, Protocol, Request, ServerConnector, Transport,
};

use crate::script::{Script, Step, changed, config};

/// Reaches a server that does what a script says, and counts how often.
struct Scripted(Vec<Step>, Arc<AtomicUsize>);

impl Dial for Scripted {
    fn dial(&self, _: &Address, _: Deadline) -> Result<Box<dyn Transport>, Error> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Script {
            steps: self.0.clone().into(),
            ..Script::default()
        }))
    }
}

fn connector(config: ConnectionConfig, steps: &[Step]) -> (ServerConnector, Arc<AtomicUsize>) {
    let dials = Arc::default();
    let dial = Scripted(steps.to_vec(), Arc::clone(&dials));
    (ServerConnector::new(config).with_dial(dial), dials)
}

fn bytes(bytes: &[u8]) -> Step {
    Step::Bytes(bytes.to_vec())
}

fn ping(connection: &mut Connection) -> Result<String, Error> {
    let deadline = Deadline::within(Duration::from_millis(300));
    connection.call(Request::new(b"*1\r\n$4\r\nPING\r\n"), deadline)
}

#[test]
fn an_error_says_once_where_the_server_is_whenever_it_happens() {
    let hands = bytes(b"+OK\r\n+OK\r\n");
    let config = changed(config(), |config| {
        config.connect_timeout = Duration::from_millis(300);
    });
    for (end, said) in [
        (None, "the server closed the connection"),
        (Some(Step::Reset), "the connection broke: connection reset"),
        (
            Some(Step::Stall),
            "waiting for the reply: timed out after 300ms",
        ),
        (
            Some(bytes(b"HTTP/1.1")),
            "the server did not send RESP; is this the port of a Redis or Valkey server, and without TLS?: expected a RESP type byte, found \"H\" at byte 0 of the reply",
        ),
    ] {
        let steps: Vec<Step> = end.into_iter().collect();
        let (making, _) = connector(config.clone(), &steps);
        let error = making.connect().unwrap_err();
        assert_eq!(error.to_string(), format!("connecting to script: {said}"));

        let steps = [vec![hands.clone()], steps].concat();
        let (hooked, _) = connector(config.clone(), &steps);
        let hooked = hooked.with_on_connect(|connection| ping(connection).map(drop));
        let error = hooked.connect().unwrap_err();
        let place = "connecting to script: the on_connect hook";
        assert_eq!(error.to_string(), format!("{place}: {said}"));

        let (made, _) = connector(config.clone(), &steps);
        let error = ping(&mut made.connect().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), format!("script: {said}"));
    }
}

#[test]
fn what_a_parser_cannot_do_is_said_before_anything_is_sent() {
    let hiredis = |protocol| {
        changed(config(), |config| {
            config.protocol = protocol;
            config.parser = Parser::Hiredis;
        })
    };
    let refused = |config: &ConnectionConfig, expected: &str| {
        let (connector, dials) = connector(config.clone(), &[]);
        let over = Connection::over(
            Box::new(Script::default()),
            config,
            Deadline::within(Duration::from_secs(5)),
        );
        for error in [connector.connect().unwrap_err(), over.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(expected), "{error}");
            assert!(!error.maybe_executed());
        }
        assert_eq!(dials.load(Ordering::Relaxed), 0, "it was connected to");
    };
    if cfg!(feature = "hiredis") {
        refused(&hiredis(Protocol::Resp3), "hiredis, which reads no RESP3");
    } else {
        for protocol in [Protocol::Newest, Protocol::Resp2, Protocol::Resp3] {
            refused(&hiredis(protocol), "switch on the feature `hiredis`");
        }
    }
}

/// Run where `redis-conn` is built on its own: the other packages' tests switch TLS on.
#[test]
#[cfg(not(feature = "tls"))]
fn encryption_that_is_not_built_in_is_an_error_and_nothing_is_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("rediss://:secret@{}", listener.local_addr().unwrap());
    let config = ConnectionConfig::from_url(&url).unwrap();
    let error = ServerConnector::new(config).connect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let expected = "switch on the feature `tls` of the crate `redis`";
    assert!(error.to_string().contains(expected), "{error}");
    assert!(!error.maybe_executed() && !error.is_retryable());
    listener.set_nonblocking(true).unwrap();
    listener.accept().expect_err("a connection was made");
}

#[test]
fn a_server_that_is_full_says_so_whatever_protocol_was_tried() {
    for refusal in [
        "ERR max number of clients reached",
        "DENIED Redis is running in protected mode",
    ] {
        for (protocol, doing) in [
            (Protocol::Newest, "greeting the server"),
            (Protocol::Resp2, "introducing the client"),
        ] {
            let config = changed(config(), |config| config.protocol = protocol);
            let said = format!("-{refusal}\r\n");
            let (connector, _) = connector(config, &[bytes(said.as_bytes())]);
            let error = connector.connect().unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("connecting to script: {doing}: {refusal}")
            );
        }
    }
}

#[test]
fn no_time_at_all_is_refused_before_anything_is_connected_to() {
    let for_replies = changed(config(), |config| config.response_timeout = Duration::ZERO);
    let for_connecting = changed(config(), |config| config.connect_timeout = Duration::ZERO);
    for (config, said) in [
        (for_replies, "response timeout above zero"),
        (for_connecting, "connect timeout above zero"),
    ] {
        let (connector, dials) = connector(config, &[]);
        let error = connector.connect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(dials.load(Ordering::Relaxed), 0, "it was connected to");
    }
}

#[test]
fn a_provider_of_credentials_that_takes_all_of_the_time_is_named() {
    let limit = Duration::from_millis(50);
    let config = changed(config(), |config| config.connect_timeout = limit);
    let (connector, dials) = connector(config, &[]);
    let connector = connector.with_credentials(move || {
        thread::sleep(limit);
        Ok(Credentials {
            username: None,
            password: "late".into(),
        })
    });
    let error = connector.connect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        error.to_string(),
        "connecting to script: asking for the credentials: timed out after 50ms"
    );
    assert_eq!(dials.load(Ordering::Relaxed), 0, "it was connected to");
}

#[test]
fn a_hook_that_leaves_no_usable_connection_is_told_what_was_expected() {
    let hands = [bytes(b"+OK\r\n+OK\r\n")];
    type Hook = fn(&mut Connection) -> Result<(), Error>;
    let leaves_a_reply: Hook = |connection| {
        let deadline = Deadline::within(Duration::from_secs(5));
        connection.send(Request::new(b"*1\r\n$4\r\nPING\r\n"), deadline)
    };
    let retires: Hook = |connection| {
        connection.retire();
        Ok(())
    };
    for hook in [leaves_a_reply, retires] {
        let (connector, _) = connector(config(), &hands);
        let error = connector.with_on_connect(hook).connect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let said = error.to_string();
        assert!(
            said.contains("replies left") && said.contains("wants closed"),
            "{said}"
        );
    }
}

#[test]
fn a_server_that_has_hung_up_before_it_was_spoken_to_is_quoted() {
    let line = "ERR max number of clients reached";
    for (steps, said) in [
        (vec![bytes(format!("-{line}\r\n").as_bytes())], line),
        (vec![], "the connection broke"),
    ] {
        let script = Script {
            steps: steps.into(),
            write_limit: Some(0),
            ..Script::default()
        };
        let deadline = Deadline::within(Duration::from_secs(5));
        let error = Connection::over(Box::new(script), &config(), deadline).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection);
        assert!(error.to_string().contains(said), "{error}");
        assert!(!error.maybe_executed());
    }
}
