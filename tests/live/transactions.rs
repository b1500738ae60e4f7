//! Transactions on watched keys: executed only if nobody came in between, and nothing stays watched.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use redis::{
    Client, Connection, ConnectionConfig, Deadline, Error, ErrorKind, FromReplies, FunctionLibrary,
    Lease, Replies, Request, RetryPolicy, ServerError, ServerErrorKind, Side, Value, cmd,
    prelude::*,
};

use crate::{
    patience::found,
    ways::{client, on_every_way, server},
};

/// Fails if any connection of the server watches a key, for which `key` is changed.
pub(crate) fn assert_nothing_is_watched(client: &Client, key: &str) {
    client.append(key, "0").unwrap();
    for info in client.client_list().unwrap() {
        // A connection is dirty (d) when a key that it watches was changed. Newer servers count, too.
        assert!(!info.flags.contains('d'), "{info:?}");
        let watch = info.rest.get("watch").map(String::as_str);
        assert!(watch.is_none_or(|watch| watch == "0"), "{info:?}");
    }
}

#[test]
fn the_loop_of_the_documentation_counts_on() {
    on_every_way(|client| {
        client.set("OUR-SEQUENCE-KEY", 41).unwrap();
        let mut watched = client.watch("OUR-SEQUENCE-KEY").unwrap();
        let mut attempts = 0;
        let replies: (Value,) = loop {
            attempts += 1;
            // Immediate mode: the value is here now.
            let current: i64 = watched.get("OUR-SEQUENCE-KEY").unwrap().unwrap();
            let next = current + 1;
            if attempts == 1 {
                client.set("OUR-SEQUENCE-KEY", 100).unwrap();
            }
            let mut transaction = watched.multi();
            transaction.set("OUR-SEQUENCE-KEY", next);
            match transaction.execute() {
                Err(error) if error.kind() == ErrorKind::Watch => {
                    assert!(!error.maybe_executed());
                    assert!(!watched.is_watching());
                    watched.watch("OUR-SEQUENCE-KEY").unwrap();
                }
                result => break result.unwrap(),
            }
        };
        assert_eq!(replies, (Value::Simple("OK".into()),));
        assert_eq!(attempts, 2);
        assert_eq!(client.get::<i64>("OUR-SEQUENCE-KEY").unwrap(), Some(101));
    });
}

#[test]
fn a_watched_key_that_nobody_changes_lets_the_transaction_through() {
    on_every_way(|client| {
        client.mset([("a", 1), ("b", 2)]).unwrap();
        let mut watched = client.watch(["a", "b"]).unwrap();
        assert!(watched.is_watching());
        let a: Vec<u8> = watched.get("a").unwrap().unwrap();
        let b: Vec<u8> = watched.get("b").unwrap().unwrap();
        assert_eq!(
            (a.as_slice(), b.as_slice()),
            (b"1".as_slice(), b"2".as_slice())
        );
        let mut transaction = watched.multi();
        transaction.set("c", 3);
        assert_eq!(transaction.len(), 1);
        assert_eq!(transaction.execute::<((),)>().unwrap(), ((),));
        assert!(!watched.is_watching());
    });
}

#[test]
fn a_watched_key_that_somebody_changes_stops_it() {
    on_every_way(|client| {
        client.mset([("a", 1), ("b", 2)]).unwrap();
        let mut watched = client.watch(["a", "b"]).unwrap();
        client.set("b", 3).unwrap();
        let mut transaction = watched.multi();
        transaction.get::<i64>("a");
        let error = transaction.execute::<Vec<Value>>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Watch);
        assert_eq!(
            error.to_string(),
            "a watched key was changed, so the transaction was not executed"
        );
        assert!(!watched.is_watching());
    });
}

#[test]
fn a_change_stops_even_an_empty_transaction() {
    on_every_way(|client| {
        client.mset([("a", 1), ("b", 2)]).unwrap();
        let mut watched = client.watch(["a", "b"]).unwrap();
        client.set("b", 3).unwrap();
        let error = watched.multi().execute::<()>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Watch);
        assert!(!watched.is_watching());
        watched.watch("a").unwrap();
        assert_eq!(watched.multi().execute::<Vec<Value>>().unwrap(), []);
    });
}

#[test]
fn what_exec_is_refused_for_stands_behind_the_word_for_that() {
    for (config, code, is_clean) in [("replicaof", "READONLY", false), ("maxmemory", "OOM", true)] {
        let server = server();
        let admin = client(&server);
        let deadline = || Deadline::within(Duration::from_secs(10));
        let config_of = ConnectionConfig::from_url(&server.url()).unwrap();
        let mut connection = Connection::open(&config_of).unwrap();
        let lease = Lease::new();
        connection.hold(lease.clone());
        for request in [
            "*1\r\n$5\r\nMULTI\r\n",
            "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n",
        ] {
            let reply = connection.call::<Value>(Request::new(request.as_bytes()), deadline());
            assert!(matches!(reply, Ok(Value::Simple(_))), "{reply:?}");
        }
        match config {
            "replicaof" => admin.replicaof("127.0.0.1", 1).unwrap(),
            _ => admin.config_set([("maxmemory", 1)]).unwrap(),
        }
        connection
            .send(Request::new(b"*1\r\n$4\r\nEXEC\r\n"), deadline())
            .unwrap();
        let reply: Value = connection.receive(deadline()).unwrap().decode().unwrap();
        let Value::Error(said) = reply else {
            panic!("{reply:?}");
        };
        assert_eq!(said.code(), "EXECABORT");
        let error = Error::of_aborted_exec(said.line().as_bytes());
        assert_eq!(error.code(), Some(code), "{said}");
        assert_eq!(
            (connection.is_clean(), !lease.has_ended()),
            (is_clean, is_clean)
        );
    }
}

#[test]
fn a_transaction_that_watches_nothing_is_executed_whatever_others_do() {
    on_every_way(|client| {
        let mut attempts = 0;
        let made = client.transaction((), |watched| {
            attempts += 1;
            assert!(!watched.is_watching());
            let n: i64 = watched.get("n")?.unwrap_or(0);
            client.set("n", 7)?;
            watched.multi().incrby("n", n + 1).execute::<(i64,)>()
        });
        assert_eq!((made.unwrap(), attempts), ((8,), 1));
        assert_eq!(client.pool_stats().in_use, 0);
    });
}

#[test]
fn what_is_unwatched_may_change() {
    on_every_way(|client| {
        client.mset([("a", 1), ("b", 2)]).unwrap();
        let mut watched = client.watch(["a", "b"]).unwrap();
        client.set("b", 3).unwrap();
        watched.unwatch().unwrap();
        assert!(!watched.is_watching());
        let replies: (i64,) = watched.multi().get::<i64>("a").execute().unwrap();
        assert_eq!(replies, (1,));
    });
}

#[test]
fn more_keys_can_be_watched() {
    on_every_way(|client| {
        let mut watched = client.watch("a").unwrap();
        watched.watch(["b", "c"]).unwrap();
        client.set("c", 1).unwrap();
        let error = watched.multi().set("d", 1).execute::<()>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Watch);
        let none: [&str; 0] = [];
        for error in [
            watched.watch(none).unwrap_err(),
            client.watch(none).unwrap_err(),
        ] {
            assert_eq!(
                error.to_string(),
                "expected at least one key to watch, found none"
            );
        }
    });
}

#[test]
fn unwatch_is_sent_only_where_something_is_watched() {
    on_every_way(|client| {
        client.config_resetstat().unwrap();
        let unwatched = || {
            let stats = client.info(["commandstats"]).unwrap();
            stats.get("cmdstat_unwatch").map(str::to_owned)
        };
        let mut watched = client.watch("a").unwrap();
        watched.multi().get::<Value>("a").execute::<()>().unwrap();
        drop(watched);
        assert_eq!(unwatched(), None);
        drop(client.watch("a").unwrap());
        let unwatched = unwatched().unwrap();
        assert!(unwatched.starts_with("calls=1,"), "{unwatched}");
    });
}

#[test]
fn every_way_out_leaves_nothing_watched() {
    on_every_way(|client| {
        drop(client.watch("k").unwrap());
        assert_nothing_is_watched(client, "k");
        assert_eq!(client.pool_stats().idle, 1);

        let failing = || -> Result<(), Error> {
            let mut watched = client.watch("k")?;
            watched.lpush("k", 1)?;
            Ok(())
        };
        assert_eq!(failing().unwrap_err().code(), Some("WRONGTYPE"));
        assert_nothing_is_watched(client, "k");

        let panicking = catch_unwind(AssertUnwindSafe(|| {
            let _watched = client.watch("k").unwrap();
            panic!("on purpose");
        }));
        assert!(panicking.is_err());
        assert_nothing_is_watched(client, "k");

        let mut watched = client.watch("k").unwrap();
        watched.multi().set("k", 1);
        drop(watched);
        assert_nothing_is_watched(client, "k");
        assert_eq!(client.pool_stats().in_use, 0);
    });
}

#[test]
fn a_closure_that_fails_or_panics_leaves_nothing_watched() {
    on_every_way(|client| {
        let error = client
            .transaction("k", |watched| {
                watched.lpop::<String>("k").and_then(|_| fails())
            })
            .unwrap_err();
        assert_eq!(error.to_string(), "not today");
        assert_nothing_is_watched(client, "k");
        let panicking = catch_unwind(AssertUnwindSafe(|| {
            client.transaction("k", |watched| -> Result<(), Error> {
                let _: Option<String> = watched.get("k")?;
                panic!("on purpose")
            })
        }));
        assert!(panicking.is_err());
        assert_nothing_is_watched(client, "k");
    });
}

fn fails() -> Result<(), Error> {
    Err(Error::new(ErrorKind::InvalidInput, "not today"))
}

#[test]
fn a_transaction_is_tried_again_until_nobody_comes_in_between() {
    on_every_way(|client| {
        client.mset([("a", 1), ("b", 2)]).unwrap();
        let mut attempts = 0;
        let replies: (Value,) = client
            .transaction(["a", "b"], |watched| {
                let a: i64 = watched.get("a")?.unwrap_or(0);
                let b: i64 = watched.get("b")?.unwrap_or(0);
                attempts += 1;
                if attempts == 1 {
                    // Somebody else, the first time.
                    client.set("a", 2)?;
                }
                watched.multi().set("c", a + b).execute()
            })
            .unwrap();
        assert_eq!(replies, (Value::Simple("OK".into()),));
        assert_eq!(attempts, 2);
        assert_eq!(client.get::<String>("c").unwrap().as_deref(), Some("4"));
    });
}

#[test]
fn a_transaction_returns_what_its_closure_does() {
    on_every_way(|client| {
        client.mset([("a", 1), ("b", 2)]).unwrap();
        let answer = client.transaction("a", |watched| {
            watched.multi().incr("a").execute::<()>()?;
            Ok("a")
        });
        assert_eq!(answer.unwrap(), "a");
        let untouched = client.transaction("a", |watched| watched.get::<i64>("a"));
        assert_eq!(untouched.unwrap(), Some(2));
        assert_nothing_is_watched(client, "a");
    });
}

#[test]
fn the_number_of_attempts_is_settled_and_pauses_lie_between_them() {
    on_every_way(|client| {
        let pause = Duration::from_millis(20);
        let patient = client.with_transaction_retry(RetryPolicy::constant(2, pause));
        let mut attempts = 0;
        let started = Instant::now();
        let error = patient
            .transaction("k", |watched| {
                attempts += 1;
                client.incr("k")?;
                watched.multi().set("k", 0).execute::<()>()
            })
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Watch);
        assert_eq!(
            error.to_string(),
            "the last of 3 attempts: a watched key was changed, so the transaction was not executed"
        );
        assert_eq!(attempts, 3);
        assert!(started.elapsed() >= 2 * pause);
        assert_eq!(client.get::<i64>("k").unwrap(), Some(3));
    });
}

#[test]
fn increments_of_many_threads_are_all_counted() {
    const THREADS: usize = 16;
    const INCREMENTS: usize = 200;
    let server = server();
    let client = client(&server);
    let attempts = AtomicU32::new(0);
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..INCREMENTS {
                    client
                        .transaction("n", |watched| {
                            attempts.fetch_add(1, Ordering::Relaxed);
                            let n: i64 = watched.get("n")?.unwrap_or(0);
                            watched.multi().set("n", n + 1).execute::<()>()
                        })
                        .unwrap();
                }
            });
        }
    });
    let attempts = attempts.into_inner();
    println!("{attempts} attempts in {:?}", started.elapsed());
    assert_eq!(client.get::<i64>("n").unwrap(), Some(3200));
    assert_nothing_is_watched(&client, "n");
}

#[test]
fn what_is_cleared_is_not_executed_and_the_keys_are_still_watched() {
    on_every_way(|client| {
        let mut watched = client.watch("k").unwrap();
        let mut transaction = watched.multi();
        transaction.set("k", 1);
        transaction.clear();
        assert!(transaction.is_empty());
        transaction.set("k", 2).execute::<((),)>().unwrap();
        assert_eq!(client.get::<i64>("k").unwrap(), Some(2));
        watched.watch("k").unwrap();
        let mut transaction = watched.multi();
        transaction.clear();
        drop(transaction);
        assert!(watched.is_watching());
    });
}

#[test]
fn functions_can_be_called_while_keys_are_watched() {
    on_every_way(|client| {
        client.function_flush().unwrap();
        let library = FunctionLibrary::new(
            "#!lua name=twice
             redis.register_function{
                 function_name='twice',
                 callback=function(keys, args) return args[1] * 2 end,
                 flags={'no-writes'}
             }",
        )
        .unwrap();
        let mut watched = client.watch("k").unwrap();
        let ten: i64 = watched.call_function(&library, "twice", (), 5).unwrap();
        let twelve: i64 = watched.call_function_ro(&library, "twice", (), 6).unwrap();
        assert_eq!((ten, twelve), (10, 12));
        assert!(watched.is_watching());
    });
}

#[test]
fn immediate_commands_can_wait() {
    on_every_way(|client| {
        let limit = Duration::from_millis(300);
        let hasty = client.with_response_timeout(limit);
        // Which a busy machine may take to answer.
        let mut watched = found("a wait that outlasts the response time-out", || {
            let mut watched = hasty.watch("k").ok()?;
            let none = watched.blpop::<String, String>("l", Some(limit * 2));
            none.ok()?.is_none().then_some(watched)
        });
        thread::scope(|scope| {
            scope.spawn(|| client.rpush("l", ["x"]).unwrap());
            let popped = watched.blmove::<String>("l", "m", Side::Left, Side::Right, None);
            assert_eq!(popped.unwrap().as_deref(), Some("x"));
        });
        assert!(watched.is_watching());
    });
}

#[test]
fn errors_name_their_commands_and_stay_in_place_if_wanted() {
    on_every_way(|client| {
        client.set("c", 1).unwrap();
        let mut watched = client.watch("k").unwrap();
        let mut transaction = watched.multi();
        transaction
            .set("a", 1)
            .set("b", 2)
            .lpush("c", 3)
            .set("d", 4);
        let error = transaction.execute::<()>().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("command 3 (LPUSH c 3) of the pipeline: WRONGTYPE"),
            "{error}"
        );
        assert!(error.maybe_executed());
        watched.watch("k").unwrap();
        let mut transaction = watched.multi();
        transaction.raise_on_error(false).lpush("c", 3);
        let n = transaction.slot().incr("c");
        let replies: redis::Slots = transaction.execute().unwrap();
        assert_eq!(replies.get(n).unwrap(), 2);
        watched.watch("k").unwrap();
        let mut transaction = watched.multi();
        transaction
            .set("a", 5)
            .command::<()>(cmd("NO.SUCH.COMMAND").arg("x"));
        let error = transaction.execute::<()>().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("command 2 (NO.SUCH.COMMAND x) of the pipeline: ERR unknown command"),
            "{error}"
        );
        assert!(!error.maybe_executed());
        assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::Generic));
        assert_eq!(client.get::<i64>("a").unwrap(), Some(1));
        assert!(!watched.is_watching());
    });
}

#[test]
fn what_would_end_the_watch_in_secret_is_refused() {
    on_every_way(|client| {
        let mut watched = client.watch("k").unwrap();
        for name in ["MULTI", "EXEC", "DISCARD", "UNWATCH", "RESET", "SELECT 1"] {
            let error = watched.execute(cmd::<()>(name)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
            let mut transaction = watched.multi();
            let error = transaction
                .command(cmd::<()>(name))
                .execute::<()>()
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
            assert!(watched.is_watching());
        }
    });
}

/// Replies that are refused, each in its way, once some have been taken.
struct Refused<const WAY: usize>;

impl<const WAY: usize> FromReplies for Refused<WAY> {
    fn from_replies(replies: &mut Replies<'_>) -> Result<Self, Error> {
        match WAY {
            0 => Err(Error::new(ErrorKind::InvalidInput, "not taken at all")),
            1 => {
                replies.decode_next::<i64>()?;
                Err(Error::new(ErrorKind::Connection, "of somebody else"))
            }
            2 => Err(ServerError::from_line(b"TRYAGAIN later").into()),
            _ => {
                replies.decode_next::<i64>()?;
                replies.decode_next::<i64>()?;
                Ok(Self)
            }
        }
    }
}

fn refused<const WAY: usize>(client: &Client) {
    let check = |error: Error, what: &str| {
        assert!(error.maybe_executed(), "{WAY}, {what}: {error:?}");
        let n: Option<i64> = client.getdel("n").unwrap();
        assert_eq!(n, Some(1), "{WAY}, {what}");
    };
    for transaction in [true, false] {
        let mut pipeline = client.pipeline();
        pipeline.transaction(transaction).incr("n");
        let error = pipeline.execute::<Refused<WAY>>().map(drop).unwrap_err();
        check(error, if transaction { "EXEC" } else { "plain" });
    }
    let mut watched = client.watch("k").unwrap();
    let executed = watched.multi().incr("n").execute::<Refused<WAY>>();
    assert!(!watched.is_watching() && watched.has_executed());
    // The connection is none the worse for it.
    assert_eq!(watched.get::<i64>("n").unwrap(), Some(1));
    check(executed.map(drop).unwrap_err(), "watched");
    let executed = client.transaction("k", |watched| {
        watched.multi().incr("n").execute::<Refused<WAY>>()
    });
    check(executed.map(drop).unwrap_err(), "a transaction");
}

#[test]
fn whatever_goes_wrong_with_the_replies_the_commands_were_executed_once() {
    on_every_way(|client| {
        refused::<0>(client);
        refused::<1>(client);
        refused::<2>(client);
        refused::<3>(client);
        // Nothing was executed where there was nothing to execute.
        let error = client.pipeline().execute::<Refused<0>>().map(drop);
        assert!(!error.unwrap_err().maybe_executed());
    });
}
