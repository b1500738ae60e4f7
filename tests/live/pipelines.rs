//! Pipelines: with and without a transaction, with errors in the middle, used again.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use redis::{Client, ErrorKind, ServerError, ServerErrorKind, Value, cmd, prelude::*, raw};
use redis_testkit::ScriptedServer;

use crate::ways::{client, on_every_way, server};

#[test]
fn commands_are_collected_and_answered_in_order() {
    on_every_way(|client| {
        for transaction in [true, false] {
            client.flushall().unwrap();
            let mut pipeline = client.pipeline();
            pipeline.transaction(transaction);
            pipeline
                .set("foo", "bar")
                .get::<String>("foo")
                .incr("n")
                .rpush("l", ["a", "b"]);
            pipeline
                .lrange::<String>("l", 0, -1)
                .hgetall::<Value>("nope");
            assert_eq!(pipeline.len(), 6);
            type Replies = ((), String, i64, usize, Vec<String>, Vec<(String, String)>);
            let (set, foo, n, length, list, hash): Replies = pipeline.execute().unwrap();
            assert_eq!((set, foo.as_str(), n, length), ((), "bar", 1, 2));
            assert_eq!((list, hash), (vec!["a".into(), "b".into()], vec![]));
            assert!(pipeline.is_empty());
        }
    });
}

#[test]
fn a_loop_fills_a_pipeline_and_a_vector_takes_its_replies() {
    on_every_way(|client| {
        for transaction in [true, false] {
            client.flushall().unwrap();
            let mut pipeline = client.pipeline();
            pipeline.transaction(transaction);
            for index in 0..10_000 {
                pipeline.incrby(format!("k{}", index % 10), 1);
            }
            let counts: Vec<i64> = pipeline.execute().unwrap();
            assert_eq!(
                counts,
                (0..10_000).map(|index| index / 10 + 1).collect::<Vec<_>>()
            );
        }
    });
}

#[test]
fn the_first_error_is_raised_with_its_place_and_the_pipeline_stays_usable() {
    on_every_way(|client| {
        for transaction in [true, false] {
            client.flushall().unwrap();
            let mut pipeline = client.pipeline();
            pipeline.transaction(transaction);
            pipeline.set("a", 1).set("b", 2).lpush("a", 3).set("d", 4);
            let error = pipeline.execute::<()>().unwrap_err();
            assert_eq!(
                error.to_string(),
                "command 3 (LPUSH a 3) of the pipeline: WRONGTYPE Operation against a key holding the wrong \
                 kind of value"
            );
            assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::WrongType));
            assert!(error.maybe_executed());
            assert_eq!(client.get::<i64>("d").unwrap(), Some(4));
            assert_eq!(pipeline.get::<i64>("b").execute::<(i64,)>().unwrap(), (2,));
            assert_eq!(client.pool_stats().idle, 1);
        }
    });
}

#[test]
fn errors_stay_in_their_places_if_wanted() {
    on_every_way(|client| {
        for transaction in [true, false] {
            client.flushall().unwrap();
            let mut pipeline = client.pipeline();
            pipeline.transaction(transaction).raise_on_error(false);
            pipeline.set("a", 1).lpush("a", 3).incr("a");
            let replies: Vec<Value> = pipeline.execute().unwrap();
            assert!(
                matches!(&replies[1], Value::Error(error) if error.code() == "WRONGTYPE"),
                "{replies:?}"
            );
            assert_eq!(replies[2], Value::Integer(2));
            pipeline.lpush("a", 3).incr("a");
            let (pushed, n): (Result<usize, ServerError>, i64) = pipeline.execute().unwrap();
            assert_eq!((pushed.unwrap_err().code(), n), ("WRONGTYPE", 3));
        }
    });
}

#[test]
fn a_transaction_that_the_server_refuses_says_which_command_it_was() {
    on_every_way(|client| {
        let mut pipeline = client.pipeline();
        pipeline
            .set("a", 1)
            .command::<()>(cmd("NO.SUCH.COMMAND").arg("x"));
        let error = pipeline.execute::<()>().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("command 2 (NO.SUCH.COMMAND x) of the pipeline: ERR unknown command"),
            "{error}"
        );
        assert!(!error.maybe_executed());
        assert_eq!(client.exists("a").unwrap(), 0);
    });
}

#[test]
fn a_reply_of_another_type_names_its_command_and_costs_nothing_else() {
    on_every_way(|client| {
        for transaction in [true, false] {
            let mut pipeline = client.pipeline();
            pipeline.transaction(transaction);
            pipeline.set("a", "text").get::<i64>("a").incr("n");
            let error = pipeline.execute::<((), i64, i64)>().unwrap_err();
            assert_eq!(
                error.to_string(),
                "command 2 (GET a) of the pipeline: expected an integer, found a bulk string of 4 bytes"
            );
            assert_eq!(client.pool_stats().idle, 1);
            assert_eq!(client.get::<String>("a").unwrap().as_deref(), Some("text"));
        }
    });
}

/// Whether the replies have come together or one by one.
#[test]
fn the_first_of_many_replies_that_is_of_another_type_is_named_and_the_rest_is_taken() {
    on_every_way(|client| {
        client.set("number", 1).unwrap();
        client.set("text", "text").unwrap();
        for wrong in [0, 1, 57, 99] {
            let mut pipeline = client.pipeline();
            pipeline.transaction(false);
            for number in 0..100 {
                let is_wrong = number == wrong || number > wrong + 20;
                pipeline.get::<i64>(if is_wrong { "text" } else { "number" });
            }
            let error = pipeline.execute::<Vec<i64>>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode);
            let place = format!("command {} (GET text) of the pipeline", wrong + 1);
            assert!(error.to_string().starts_with(&place), "{error}");
            assert_eq!(client.pool_stats().idle, 1);
            assert_eq!(client.get::<i64>("number").unwrap(), Some(1));
        }
    });
}

#[test]
fn nothing_is_sent_that_cannot_be_answered() {
    on_every_way(|client| {
        let mut pipeline = client.pipeline();
        assert_eq!(pipeline.execute::<Vec<Value>>().unwrap(), []);
        pipeline.set("a", 1);
        assert_eq!(
            pipeline.execute::<((), ())>().unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
        let none: [&str; 0] = [];
        pipeline.set("a", 1).del(none);
        let error = pipeline.execute::<()>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "command 2 (DEL) of the pipeline: expected at least one key, found none"
        );
        assert_eq!(client.exists("a").unwrap(), 0);
    });
}

#[test]
fn commands_that_wait_have_their_time_in_what_is_no_transaction() {
    let server = server();
    let client = client(&server).with_response_timeout(Duration::from_secs(5));
    let wait = raw(&("BLPOP", "none", 3));
    let mut pipeline = client.pipeline();
    pipeline
        .transaction(false)
        .set("k", 1)
        .command(wait.clone())
        .command(wait.clone())
        .command(cmd::<i64>("WAIT").arg(&0).arg(&100));
    // Longer than the response time-out.
    let started = Instant::now();
    let replies: ((), Value, Value, i64) = pipeline.execute().unwrap();
    assert_eq!(replies, ((), Value::Null, Value::Null, 0));
    assert!(started.elapsed() >= Duration::from_secs(6));
    // In a transaction, nothing waits.
    let (none,): (Value,) = client.pipeline().command(wait).execute().unwrap();
    assert_eq!(none, Value::Null);
}

#[test]
fn an_answer_to_exec_that_is_none_is_told_by_its_kind_alone() {
    let server = ScriptedServer::answering(|request| match request[0].as_slice() {
        b"MULTI" => b"+OK\r\n".to_vec(),
        b"EXEC" => b"$7\r\nhunter2\r\n".to_vec(),
        _ => b"+QUEUED\r\n".to_vec(),
    });
    let client = Client::builder().tcp("127.0.0.1", server.as_ref().unwrap().tcp_addr().port());
    let error = client
        .build()
        .pipeline()
        .incr("n")
        .execute::<()>()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.maybe_executed());
    assert_eq!(
        error.to_string(),
        "EXEC of 1 commands: expected an array of the reply to each command, found a bulk string of 7 bytes"
    );
}

#[test]
fn a_pipeline_whose_replies_panic_is_empty_afterwards_and_is_not_executed_again() {
    #[derive(Debug)]
    struct Panics;
    impl redis::FromReply<'_> for Panics {
        fn from_reply(_: redis::Reply<'_>) -> Result<Self, redis::DecodeError> {
            panic!("on purpose")
        }
    }
    on_every_way(|client| {
        client.set("n", 0).unwrap();
        for transaction in [true, false] {
            let mut pipeline = client.pipeline();
            pipeline.transaction(transaction).incr("n").incr("n");
            let panicking = catch_unwind(AssertUnwindSafe(|| {
                pipeline.execute::<Vec<Panics>>().map(drop)
            }));
            assert!(panicking.is_err());
            assert!(pipeline.is_empty());
            let () = pipeline.execute().unwrap();
        }
        let mut watched = client.watch("n").unwrap();
        let mut transaction = watched.multi();
        transaction.incr("n");
        let panicking = catch_unwind(AssertUnwindSafe(|| {
            transaction.execute::<Vec<Panics>>().map(drop)
        }));
        assert!(panicking.is_err() && transaction.is_empty());
        assert_eq!(client.get::<i64>("n").unwrap(), Some(5));
        // Nothing is watched any more, and what was executed is not to be begun again.
        assert!(!watched.is_watching() && watched.has_executed());
        assert_eq!(watched.get::<i64>("n").unwrap(), Some(5));
        let attempts = Cell::new(0);
        let error = client.transaction("n", |watched| {
            attempts.set(attempts.get() + 1);
            let panics = || watched.multi().incr("n").execute::<(Panics,)>().map(drop);
            assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
            watched.watch("n")?;
            client.incr("n")?;
            watched.multi().incr("n").execute::<()>()
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Watch);
        assert_eq!(attempts.get(), 1);
    });
}
