//! What redis-py's documentation and its own tests show of pipelines, with the values that they show.
//! The loop on watched keys and `transaction()` are in `transactions`.

use redis::{Client, ErrorKind, Pipeline, ServerErrorKind, Value, cmd, prelude::*};
use redis_testkit::{Script, ScriptedServer};

use crate::ways::on_every_way;

fn ok() -> Value {
    Value::Simple("OK".into())
}

#[test]
fn commands_are_buffered_and_answered_in_a_list() {
    on_every_way(|client| {
        let mut pipe = client.pipeline();
        pipe.set("foo", 5);
        pipe.set("bar", 18.5);
        pipe.set("blee", "hello world!");
        assert_eq!(pipe.execute::<Vec<Value>>().unwrap(), [ok(), ok(), ok()]);
        assert_eq!(client.get::<i64>("foo").unwrap(), Some(5));
        assert_eq!(client.get::<f64>("bar").unwrap(), Some(18.5));
        let blee: Option<String> = client.get("blee").unwrap();
        assert_eq!(blee.as_deref(), Some("hello world!"));
    });
}

#[test]
fn calls_are_chained() {
    on_every_way(|client| {
        client.set("auto_number", 5).unwrap();
        let replies: (bool, bool, i64) = client
            .pipeline()
            .set("foo", "bar")
            .sadd("faz", "baz")
            .incr("auto_number")
            .execute()
            .unwrap();
        assert_eq!(replies, (true, true, 6));
    });
}

#[test]
fn without_a_transaction_commands_are_only_buffered() {
    on_every_way(|client| {
        client.config_resetstat().unwrap();
        let calls = |name: &str| {
            let stats = client.info(["commandstats"]).unwrap();
            stats.get(name).is_some()
        };
        let mut pipe = client.pipeline();
        pipe.transaction(false).set("a", "a1").get::<String>("a");
        let replies: (bool, String) = pipe.execute().unwrap();
        assert_eq!(replies, (true, "a1".into()));
        assert!(!calls("cmdstat_multi") && !calls("cmdstat_exec"));
        pipe.transaction(true)
            .get::<String>("a")
            .execute::<()>()
            .unwrap();
        assert!(calls("cmdstat_multi") && calls("cmdstat_exec"));
    });
}

#[test]
fn the_length_counts_what_waits_and_is_zero_after_execution() {
    on_every_way(|client| {
        let mut pipe = client.pipeline();
        assert!(pipe.is_empty());
        pipe.set("a", "a1").set("b", "b1").set("c", "c1");
        assert_eq!((pipe.len(), pipe.is_empty()), (3, false));
        pipe.execute::<()>().unwrap();
        assert_eq!((pipe.len(), pipe.is_empty()), (0, true));
    });
}

#[test]
fn an_error_stays_in_its_place_and_the_pipeline_is_used_again() {
    on_every_way(|client| {
        client.set("c", "a").unwrap();
        let mut pipe = client.pipeline();
        pipe.raise_on_error(false);
        pipe.set("a", 1).set("b", 2).lpush("c", 3).set("d", 4);
        let replies: Vec<Value> = pipe.execute().unwrap();
        assert_eq!(
            (&replies[0], &replies[1], &replies[3]),
            (&ok(), &ok(), &ok())
        );
        assert!(matches!(&replies[2], Value::Error(error) if error.code() == "WRONGTYPE"));
        let values: (i64, i64, String, i64) = client
            .pipeline()
            .get::<i64>("a")
            .get::<i64>("b")
            .get::<String>("c")
            .get::<i64>("d")
            .execute()
            .unwrap();
        assert_eq!(values, (1, 2, "a".into(), 4));
        assert_eq!(
            pipe.set("z", "zzz").execute::<Vec<Value>>().unwrap(),
            [ok()]
        );
        assert_eq!(client.get::<String>("z").unwrap().as_deref(), Some("zzz"));
    });
}

#[test]
fn an_error_is_raised_with_its_number_and_command_and_the_pipeline_is_used_again() {
    on_every_way(|client| {
        client.set("c", "a").unwrap();
        for transaction in [true, false] {
            let mut pipe = client.pipeline();
            pipe.transaction(transaction);
            pipe.set("a", 1).set("b", 2).lpush("c", 3).set("d", 4);
            let error = pipe.execute::<()>().unwrap_err().to_string();
            assert!(
                error.starts_with("command 3 (LPUSH c 3) of the pipeline: WRONGTYPE "),
                "{error}"
            );
            assert_eq!(
                pipe.set("z", "zzz").execute::<Vec<Value>>().unwrap(),
                [ok()]
            );
        }
    });
}

#[test]
fn what_an_error_shows_of_a_command_is_short_readable_and_no_secret() {
    on_every_way(|client| {
        client.set("c", "a").unwrap();
        let long = "x".repeat(10_000);
        let binary: &[u8] = b"\x00\xff\r\n";
        let shown = |fill: &dyn Fn(&mut Pipeline)| {
            let mut pipe = client.pipeline();
            pipe.transaction(false);
            fill(&mut pipe);
            pipe.execute::<()>().unwrap_err().to_string()
        };
        let error = shown(&|pipe| {
            pipe.lpush("c", &long);
        });
        assert!(
            error.contains(&format!("(LPUSH c {}...)", "x".repeat(64))),
            "{error}"
        );
        let error = shown(&|pipe| {
            pipe.lpush("c", vec![&long; 20]);
        });
        assert!(error.len() < 1_000 && error.contains(" ...)"), "{error}");
        let error = shown(&|pipe| {
            pipe.lpush("c", "\u{a0f}\u{3a9}\u{e9}");
        });
        assert!(error.contains("\u{3a9}\u{e9}"), "{error}");
        let error = shown(&|pipe| {
            pipe.lpush("c", binary);
        });
        assert!(error.contains(r#"(LPUSH c "\x00\xff\r\n")"#), "{error}");
        let error = shown(&|pipe| {
            pipe.config_set([("no-such-option", "hunter2")]);
        });
        assert!(
            error.contains("(CONFIG SET ...)") && !error.contains("hunter2"),
            "{error}"
        );
    });
}

#[test]
fn what_is_discarded_is_not_executed() {
    on_every_way(|client| {
        let mut pipe = client.pipeline();
        pipe.set("a", 1).set("b", 2);
        pipe.clear();
        assert!(pipe.is_empty());
        assert_eq!(pipe.set("c", 3).execute::<Vec<Value>>().unwrap(), [ok()]);
        assert_eq!(client.exists(["a", "b"]).unwrap(), 0);
    });
}

#[test]
fn transactions_are_not_nested() {
    on_every_way(|client| {
        for name in ["MULTI", "EXEC", "DISCARD", "WATCH k"] {
            for transaction in [true, false] {
                let mut pipe = client.pipeline();
                pipe.transaction(transaction).set("a", 1);
                let error = pipe.command::<()>(cmd(name)).execute::<()>().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
                let expected = format!("command 2 ({name}) of the pipeline: it would leave");
                assert!(error.to_string().starts_with(&expected), "{error}");
                assert!(error.to_string().contains("transaction"), "{error}");
                // It can go on.
                assert_eq!(pipe.set("b", 1).execute::<Vec<Value>>().unwrap(), [ok()]);
            }
        }
        assert_eq!(client.exists("a").unwrap(), 0);
    });
}

#[test]
fn an_empty_pipeline_sends_nothing() {
    let server = ScriptedServer::start(Script::new().close()).unwrap();
    let client = Client::builder()
        .tcp("127.0.0.1", server.tcp_addr().port())
        .build();
    for transaction in [true, false] {
        let mut pipe = client.pipeline();
        pipe.transaction(transaction);
        assert_eq!(pipe.execute::<Vec<Value>>().unwrap(), []);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_server_that_is_still_loading_is_raised_whatever_was_said() {
    let loading = "-LOADING Redis is loading the dataset in memory\r\n";
    let answers = format!("+OK\r\n{loading}-EXECABORT Transaction discarded\r\n");
    let server = ScriptedServer::start(Script::after_handshake().expect(3).send(answers)).unwrap();
    let client = Client::builder()
        .tcp("127.0.0.1", server.tcp_addr().port())
        .retries(0)
        .build();
    let mut pipe = client.pipeline();
    let error = pipe
        .raise_on_error(false)
        .get::<String>("a")
        .execute::<Vec<Value>>()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::Loading));
    assert!(error.is_retryable() && !error.maybe_executed());
    // The connection is not given to anybody else.
    let stats = client.pool_stats();
    assert_eq!((stats.idle, stats.in_use), (0, 0));
}
