//! With the feature `tracing`: what is told of calls, connections, waits and repetitions, and what is not.

use std::{
    fmt::{Debug, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use redis::{Client, Jitter, RetryPolicy, prelude::*};
use redis_testkit::{Script, ScriptedServer};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Writes down everything, a line each.
#[derive(Clone, Default)]
struct Lines {
    lines: Arc<Mutex<Vec<String>>>,
    spans: Arc<AtomicU64>,
}

impl Lines {
    fn of(work: impl FnOnce()) -> Vec<String> {
        let lines = Self::default();
        tracing::subscriber::with_default(lines.clone(), work);
        let lines = lines.lines.lock().unwrap();
        lines.clone()
    }

    fn push(&self, what: impl Into<String>, write: impl FnOnce(&mut Fields)) {
        let mut fields = Fields(what.into());
        write(&mut fields);
        self.lines.lock().unwrap().push(fields.0);
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Times differ from run to run.
        if !field.name().ends_with("_us") {
            let _ = write!(self.0, " {field}={value:?}");
        }
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.push(span.metadata().target(), |fields| span.record(fields));
        Id::from_u64(self.spans.fetch_add(1, Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.push("record", |fields| values.record(fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let what = format!("{} {}", metadata.level(), metadata.target());
        self.push(what, |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {
        self.push("end", |_| {});
    }
}

fn client(server: &ScriptedServer) -> Client {
    Client::builder()
        .tcp("127.0.0.1", server.tcp_addr().port())
        .password("the password")
        .max_connections(1)
        .wait_timeout(Duration::from_millis(50))
        .retry(RetryPolicy::constant(1, Duration::from_millis(1)).jitter(Jitter::None))
        .build()
}

#[test]
fn a_call_is_a_span_with_its_connection_and_its_repetition_in_it() {
    // The first connection breaks when it is asked something, the second answers.
    let server = ScriptedServer::start_with(|number| match number {
        0 => Script::after_handshake().expect(1).close(),
        _ => Script::after_handshake()
            .expect(1)
            .send("$9\r\nthe value\r\n"),
    });
    let server = server.unwrap();
    let client = client(&server);
    let address = server.tcp_addr().to_string();
    let lines = Lines::of(|| {
        let value: String = client.getrange("the key", 0, -1).unwrap();
        assert_eq!(value, "the value");
    });
    let connected = format!("DEBUG redis::connect message=connected server.address={address}");
    assert_eq!(
        lines,
        [
            &format!("redis::command server.address={address:?}"),
            "record db.operation.name=GETRANGE",
            &connected,
            "DEBUG redis::retry message=trying again repetition=1 error.kind=Connection",
            &connected,
            "end",
        ]
    );
}

#[test]
fn failures_are_told_by_their_kind_and_nothing_shows_a_value_or_a_secret() {
    let script = Script::after_handshake()
        .expect(1)
        .send("-WRONGTYPE the key is the value\r\n")
        .again();
    let server = ScriptedServer::start(script).unwrap();
    let client = client(&server);
    let lines = Lines::of(|| {
        client.incr("the key").unwrap_err();
        let mut pipeline = client.pipeline();
        pipeline.transaction(false).set("the key", "the value");
        pipeline.execute::<()>().unwrap_err();
    });
    let text = lines.join("\n");
    assert!(
        text.contains("record error.kind=Server(WrongType)"),
        "{text}"
    );
    assert!(!text.contains("the "), "{text}");
    let spans = lines.iter().filter(|line| line.contains("redis::command"));
    assert_eq!(spans.count(), 2, "{text}");
}

#[test]
fn who_waits_for_a_connection_in_vain_is_told_of() {
    let script = Script::after_handshake().expect(1).send("+OK\r\n").again();
    let server = ScriptedServer::start(script).unwrap();
    let client = client(&server);
    let _only_one = client.watch("k").unwrap();
    let lines = Lines::of(|| {
        client.incr("k").unwrap_err();
    });
    let waited = "WARN redis::pool message=waited in vain for a connection pool.size=1";
    assert!(lines.iter().any(|line| line == waited), "{lines:?}");
}

#[test]
fn a_server_that_cannot_be_reached_is_told_of() {
    let server = ScriptedServer::start(Script::new().close()).unwrap();
    let client = client(&server);
    let lines = Lines::of(|| {
        client.incr("k").unwrap_err();
    });
    let is_told = |line: &String| line.starts_with("WARN redis::connect message=could not connect");
    assert!(lines.iter().any(is_told), "{lines:?}");
}

#[test]
fn taking_a_connection_for_oneself_is_a_span_and_what_is_called_on_it_is_none() {
    let script = Script::after_handshake().expect(1).send("+OK\r\n").again();
    let server = ScriptedServer::start(script).unwrap();
    let client = client(&server);
    let lines = Lines::of(|| {
        let mut watched = client.watch("the key").unwrap();
        watched.set("the key", "the value").unwrap();
    });
    let spans = lines.iter().filter(|line| line.contains("redis::command"));
    assert_eq!(spans.count(), 1, "{lines:?}");
    let lines = Lines::of(|| drop(client.monitor().unwrap()));
    let spans = lines.iter().filter(|line| line.contains("redis::command"));
    assert_eq!(spans.count(), 1, "{lines:?}");
}
