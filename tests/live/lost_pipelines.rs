//! Pipelines whose connection is lost on the way: what came is there, what did not is named, and nothing
//! is executed twice.

use std::time::{Duration, Instant};

use redis::{Client, ErrorKind, Received, Value, prelude::*};
use redis_testkit::{Direction, Failure, FaultProxy, Faults, Server};

use crate::{
    patience::eventually,
    ways::{client, server},
};

const COMMANDS: usize = 100;
/// `:1` with its CRLF.
const REPLY: u64 = 4;

/// A server and a client whose connections to it go through a proxy.
struct Scene {
    proxy: FaultProxy,
    client: Client,
    direct: Client,
    _server: Server,
}

impl Scene {
    fn new() -> Self {
        let server = server();
        let proxy = FaultProxy::start(server.tcp_addr()).unwrap();
        let client = Client::builder()
            .tcp("127.0.0.1", proxy.tcp_addr().unwrap().port())
            .response_timeout(Duration::from_secs(20))
            .build();
        client.ping().unwrap();
        Self {
            direct: crate::ways::client(&server),
            proxy,
            client,
            _server: server,
        }
    }

    /// The connection that is open now ends after so many bytes.
    fn cut_after(&self, direction: Direction, bytes: u64) {
        self.proxy
            .set(direction, Faults::none().after(bytes, Failure::Cut));
    }

    /// The connection that is open now ends in the middle of many requests, when the replies to the first
    /// of them have come.
    fn cut_while_sending(&self) {
        let faults = Faults::none().bytes_per_second(4_000_000);
        self.proxy
            .set(Direction::ToServer, faults.after(2_000_000, Failure::Cut));
    }
}

#[test]
fn the_replies_that_came_are_returned_and_the_first_without_one_is_named() {
    for came in [0, 1, 41, 99] {
        let scene = Scene::new();
        scene.cut_after(Direction::ToClient, came * REPLY + 2);
        let mut pipeline = scene.client.pipeline();
        pipeline.transaction(false);
        for index in 0..COMMANDS {
            pipeline.incr(format!("k{index}"));
        }
        let received: Received<i64> = pipeline.execute().unwrap();
        let replies: Vec<i64> = received
            .replies
            .into_iter()
            .map(|reply| reply.unwrap())
            .collect();
        assert_eq!(replies, vec![1; came as usize]);
        let error = received.lost.unwrap();
        let expected = format!(
            "command {} (INCR k{came}) of the pipeline, after {came} of {COMMANDS} replies: 127.0.0.1:",
            came + 1
        );
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert!(error.is_connection() && error.maybe_executed(), "{error:?}");
        assert!(pipeline.is_empty());
        let stats = scene.client.pool_stats();
        assert_eq!((stats.idle, stats.in_use), (0, 0));
        // The next user gets its own replies.
        assert_eq!(scene.client.get::<i64>("k0").unwrap(), Some(1));
    }
}

#[test]
fn without_asking_for_them_the_loss_is_an_error_that_says_the_same() {
    let scene = Scene::new();
    scene.cut_after(Direction::ToClient, 7 * REPLY);
    let mut pipeline = scene.client.pipeline();
    pipeline.transaction(false);
    for index in 0..COMMANDS {
        pipeline.incr(format!("k{index}"));
    }
    let error = pipeline.execute::<Vec<i64>>().unwrap_err();
    let expected = "command 8 (INCR k7) of the pipeline, after 7 of 100 replies: ";
    assert!(error.to_string().starts_with(expected), "{error}");
    assert!(error.is_connection() && error.maybe_executed(), "{error:?}");
}

#[test]
fn received_replies_keep_their_own_errors() {
    let server = server();
    let client = client(&server);
    for transaction in [true, false] {
        client.flushall().unwrap();
        let mut pipeline = client.pipeline();
        pipeline.transaction(transaction);
        pipeline
            .set("a", "text")
            .incr("a")
            .get::<i64>("a")
            .incr("n");
        let received: Received<i64> = pipeline.execute().unwrap();
        assert!(received.lost.is_none());
        let shown: Vec<String> = received
            .replies
            .iter()
            .map(|reply| match reply {
                Ok(number) => number.to_string(),
                Err(error) => error.to_string(),
            })
            .collect();
        assert_eq!(
            shown,
            [
                "command 1 (SET a text) of the pipeline: expected an integer, found a simple string of 2 bytes",
                "command 2 (INCR a) of the pipeline: ERR value is not an integer or out of range",
                "command 3 (GET a) of the pipeline: expected an integer, found a bulk string of 4 bytes",
                "1",
            ]
        );
        let all: Received = client.pipeline().incr("n").execute().unwrap();
        assert_eq!(*all.replies[0].as_ref().unwrap(), Value::Integer(2));
    }
}

#[test]
fn a_deadline_covers_the_whole_pipeline_and_what_came_is_kept() {
    let scene = Scene::new();
    scene.proxy.set(
        Direction::ToClient,
        Faults::none().after(5 * REPLY, Failure::Stall),
    );
    // Long enough for what does come.
    let limit = Duration::from_secs(2);
    let mut pipeline = scene.client.with_response_timeout(limit).pipeline();
    pipeline.transaction(false);
    for index in 0..COMMANDS {
        pipeline.incr(format!("k{index}"));
    }
    let started = Instant::now();
    let received: Received<i64> = pipeline.execute().unwrap();
    assert!(started.elapsed() < limit + Duration::from_secs(5));
    assert_eq!(received.replies.len(), 5);
    assert!(received.lost.unwrap().is_timeout());
}

#[test]
fn a_transaction_that_is_lost_has_no_replies_and_may_have_been_executed() {
    let scene = Scene::new();
    scene.cut_after(Direction::ToClient, 12);
    let mut pipeline = scene.client.pipeline();
    for index in 0..COMMANDS {
        pipeline.incr(format!("k{index}"));
    }
    let error = pipeline.execute::<Received>().unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("a transaction of 100 commands: "),
        "{error}"
    );
    assert!(error.is_connection() && error.maybe_executed(), "{error:?}");
}

/// Longer than all that can be on the way.
fn fill(pipeline: &mut redis::Pipeline) {
    let value = vec![b'x'; 10_000];
    pipeline.incr("executed");
    for index in 0..3_000 {
        pipeline.set(format!("k{index}"), &value);
    }
}

#[test]
fn a_transaction_that_was_not_sent_whole_was_not_executed_and_is_sent_again() {
    let scene = Scene::new();
    scene.cut_while_sending();
    let once = scene.client.with_retry(redis::RetryPolicy::none());
    let mut pipeline = once.pipeline();
    fill(&mut pipeline);
    let error = pipeline.execute::<()>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(!error.maybe_executed(), "{error}");
    assert_eq!(scene.direct.dbsize().unwrap(), 0);

    // The default policy does it by itself.
    scene.client.ping().unwrap();
    scene.cut_while_sending();
    let mut pipeline = scene.client.pipeline();
    fill(&mut pipeline);
    pipeline.execute::<()>().unwrap();
    assert_eq!(scene.direct.get::<i64>("executed").unwrap(), Some(1));
    assert_eq!(scene.direct.dbsize().unwrap(), 3_001);
}

#[test]
fn a_pipeline_that_was_not_sent_whole_may_have_been_executed() {
    for silent in [false, true] {
        let scene = Scene::new();
        if silent {
            // It is executed as far as it comes, and nobody hears of it.
            scene.proxy.set(Direction::ToClient, Faults::stall());
        }
        scene.cut_while_sending();
        let mut pipeline = scene.client.pipeline();
        pipeline.transaction(false);
        fill(&mut pipeline);
        let received: Received = pipeline.execute().unwrap();
        assert_eq!(received.replies.is_empty(), silent);
        let error = received.lost.unwrap();
        assert!(error.is_connection() && error.maybe_executed(), "{error:?}");
        eventually("what was sent is executed", || {
            scene.direct.get::<i64>("executed").unwrap() == Some(1)
        });
    }
}

#[test]
fn a_pipeline_that_was_not_sent_whole_is_not_sent_again() {
    let scene = Scene::new();
    scene.proxy.set(Direction::ToClient, Faults::stall());
    scene.cut_while_sending();
    let mut pipeline = scene.client.pipeline();
    pipeline.transaction(false);
    fill(&mut pipeline);
    // The default policy would do it if that were safe.
    let error = pipeline.execute::<()>().unwrap_err();
    assert!(error.is_connection() && error.maybe_executed(), "{error:?}");
    assert_eq!(scene.proxy.connections(), 1);
    eventually("what was sent is executed", || {
        scene.direct.get::<i64>("executed").unwrap() == Some(1)
    });
}

#[test]
fn a_pipeline_that_only_reads_is_sent_again() {
    let scene = Scene::new();
    scene.direct.mset([("a", 1), ("b", 2)]).unwrap();
    for transaction in [true, false] {
        scene.client.ping().unwrap();
        scene.cut_after(Direction::ToClient, 9);
        let mut pipeline = scene.client.pipeline();
        pipeline.transaction(transaction);
        pipeline.get::<i64>("a").get::<i64>("b");
        assert_eq!(pipeline.execute::<Vec<i64>>().unwrap(), [1, 2]);
    }
}
