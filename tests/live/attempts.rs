//! How often a call is made, and with what before it: counted by the server.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use redis::{Client, ErrorKind, RetryPolicy, ServerErrorKind, prelude::*};
use redis_testkit::ScriptedServer;

use crate::ways::{client, server, server_with};

/// Longer than the connection has been idle when it is asked for a sign of life.
const PAUSE: Duration = Duration::from_millis(50);

/// A server that answers this, and a client that tries again twice.
fn answering(
    answer: impl Fn(&[Vec<u8>]) -> Vec<u8> + Send + Sync + 'static,
) -> (ScriptedServer, Client) {
    let server = ScriptedServer::answering(answer).unwrap();
    let client = Client::builder()
        .tcp("127.0.0.1", server.tcp_addr().port())
        .retry(RetryPolicy::constant(2, Duration::from_millis(1)))
        .build();
    (server, client)
}

/// The same where it refuses the first commands with this error.
fn refusing(count: u32, line: &'static str) -> (ScriptedServer, Client) {
    let refused = AtomicU32::new(0);
    answering(
        move |_| match refused.fetch_add(1, Ordering::Relaxed) < count {
            true => format!("{line}\r\n").into_bytes(),
            false => b"+OK\r\n".to_vec(),
        },
    )
}

fn sets(server: &ScriptedServer) -> usize {
    calls(server, "SET")
}

fn calls(server: &ScriptedServer, name: &str) -> usize {
    let requests = server.requests();
    requests
        .iter()
        .filter(|request| request[0] == name.as_bytes())
        .count()
}

#[test]
fn an_error_that_passes_is_tried_again_as_often_as_needed_and_allowed() {
    let (server, client) = refusing(1, "-LOADING Redis is loading the dataset in memory");
    client.set("k", "v").unwrap();
    assert_eq!(sets(&server), 2);

    let (server, client) = refusing(9, "-LOADING Redis is loading the dataset in memory");
    let error = client.set("k", "v").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::Loading));
    assert_eq!(sets(&server), 3);
}

#[test]
fn an_error_that_stays_is_not_tried_again() {
    for line in [
        "-READONLY You can't write against a read only replica.",
        "-OOM command not allowed when used memory > 'maxmemory'.",
        "-ERR whatever",
    ] {
        let (server, client) = refusing(1, line);
        client.set("k", "v").unwrap_err();
        assert_eq!(sets(&server), 1, "{line}");
        client.set("k", "v").unwrap();
    }
}

#[test]
fn a_script_is_tried_again_only_if_the_server_says_that_it_was_not_run() {
    for line in [
        "-LOADING Redis is loading the dataset in memory",
        "-BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    ] {
        let (server, client) = refusing(1, line);
        client.eval::<()>("return 1", (), ()).unwrap();
        assert_eq!(calls(&server, "EVAL"), 2, "{line}");
    }
    for line in ["-BUSY come back", "-TRYAGAIN later", "-LOADING my data"] {
        let (server, client) = refusing(1, line);
        let error = client.eval::<()>("return 1", (), ()).unwrap_err();
        assert!(error.is_retryable() && error.maybe_executed(), "{error}");
        assert_eq!(calls(&server, "EVAL"), 1, "{line}");
        // What only reads does no harm.
        let (server, client) = refusing(1, line);
        client.eval_ro::<()>("return 1", (), ()).unwrap();
        assert_eq!(calls(&server, "EVAL_RO"), 2, "{line}");
    }
}

#[test]
fn a_transaction_is_begun_again_once_the_server_refuses_nothing_any_more() {
    // It watches keys while it is loading, and refuses so many reads.
    let refusing_reads = |count: u32| {
        let refused = AtomicU32::new(0);
        answering(move |request| {
            let answer: &[u8] = match request[0].as_slice() {
                b"GET" if refused.fetch_add(1, Ordering::Relaxed) < count => {
                    b"-LOADING Redis is loading the dataset in memory\r\n"
                }
                b"GET" => b"$1\r\n7\r\n",
                b"EVAL" => b"-LOADING my data\r\n",
                b"INCR" => b"+QUEUED\r\n",
                b"EXEC" => b"*1\r\n:8\r\n",
                _ => b"+OK\r\n",
            };
            answer.to_vec()
        })
    };
    let increments = |client: &Client| {
        client.transaction("n", |watched| {
            let seven: Option<i64> = watched.get("n")?;
            let (eight,): (i64,) = watched.multi().incr("n").execute()?;
            Ok((seven, eight))
        })
    };
    let (server, client) = refusing_reads(2);
    assert_eq!(increments(&client).unwrap(), (Some(7), 8));
    assert_eq!((calls(&server, "WATCH"), calls(&server, "EXEC")), (3, 1));

    let (server, client) = refusing_reads(u32::MAX);
    let error = increments(&client).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::Loading));
    assert_eq!((calls(&server, "WATCH"), calls(&server, "EXEC")), (3, 0));

    // What was executed, or may have been, is not begun again.
    let executed = client.transaction("n", |watched| {
        watched.multi().incr("n").execute::<()>()?;
        watched.get::<i64>("n")
    });
    executed.unwrap_err();
    assert_eq!((calls(&server, "WATCH"), calls(&server, "EXEC")), (4, 1));
    let ran = client.transaction("n", |watched| watched.eval::<()>("return 1", (), ()));
    assert!(ran.unwrap_err().maybe_executed());
    assert_eq!((calls(&server, "WATCH"), calls(&server, "EVAL")), (5, 1));
}

#[test]
fn connecting_is_tried_again_and_a_refused_password_is_not() {
    let gone = server();
    let port = gone.port();
    gone.kill().unwrap();
    let pauses = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&pauses);
    let retry = RetryPolicy::custom(4, move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Duration::from_millis(1)
    });
    let client = Client::builder()
        .tcp("127.0.0.1", port)
        .retry(retry.clone());
    let error = client.build().incr("n").unwrap_err();
    assert!(error.is_connection() && !error.maybe_executed(), "{error}");
    assert_eq!(pauses.swap(0, Ordering::Relaxed), 4);

    let server = server_with(|builder| builder.password("secret"));
    let admin = Client::open(&server.url()).unwrap();
    let connections = || {
        let stats = admin.info("stats").unwrap();
        stats.parse::<u64>("total_connections_received").unwrap()
    };
    let before = connections();
    let client = Client::builder()
        .tcp(server.host(), server.port())
        .password("wrong")
        .retry(retry)
        .build();
    let error = client.ping().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert_eq!(connections() - before, 1);
    assert_eq!(pauses.load(Ordering::Relaxed), 0);
    let stats = client.pool_stats();
    assert_eq!((stats.idle, stats.in_use), (0, 0));
}

#[test]
fn a_sign_of_life_is_asked_for_before_whatever_comes_after_a_pause() {
    let server = server();
    let admin = client(&server);
    let signs = || {
        let stats = admin.info("commandstats").unwrap();
        let counts = stats.get("cmdstat_ping").unwrap_or("calls=0,").to_owned();
        let calls = counts.strip_prefix("calls=").unwrap();
        calls.split(',').next().unwrap().parse::<u32>().unwrap()
    };
    // The pause before a first use does not count: the connection is new.
    let of = |pause| {
        let client = Client::builder().tcp(server.host(), server.port());
        client.max_connections(1).ping_after(Some(pause)).build()
    };
    let client = of(PAUSE);
    client.set("k", 1).unwrap();
    admin.config_resetstat().unwrap();
    type Use = fn(&Client);
    let uses: [(&str, Use); 5] = [
        ("a call", |client| {
            client.get::<i64>("k").unwrap();
        }),
        ("a pipeline", |client| {
            let mut pipeline = client.pipeline();
            pipeline.transaction(false).get::<i64>("k");
            pipeline.execute::<()>().unwrap();
        }),
        ("a transaction", |client| {
            client.pipeline().get::<i64>("k").execute::<()>().unwrap();
        }),
        ("a batch", |client| {
            client.batch().get::<i64>("k").execute().unwrap();
        }),
        ("a watched key", |client| {
            let mut watched = client.watch("k").unwrap();
            watched.multi().get::<i64>("k").execute::<()>().unwrap();
        }),
    ];
    for (count, (what, call)) in (1..).zip(uses) {
        thread::sleep(PAUSE * 2);
        call(&client);
        assert_eq!(signs(), count, "{what}");
    }
    // Not within the pause, however slow the machine is.
    let client = of(Duration::from_secs(600));
    client.set("k", 1).unwrap();
    for (_, call) in uses {
        call(&client);
    }
    assert_eq!(signs(), 5);
}
