//! Transactions on watched keys over connections that are lost: nothing is begun again that may have been executed.

use std::{
    io::{self, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use redis::{
    Address, Client, Deadline, Dial, Error, ErrorKind, FlushMode, Sockets, TcpOptions, Transport,
    Watched, prelude::*,
};
use redis_testkit::{Direction, Failure, FaultProxy, Faults};

use crate::{
    transactions::assert_nothing_is_watched,
    ways::{client, server},
};

/// How long an answer is waited for where none comes: long enough for one that does.
const PATIENCE: Duration = Duration::from_secs(2);

/// A client of a new server whose connections go through a proxy.
fn through_proxy(test: impl FnOnce(&Client, &Client, &FaultProxy)) {
    let server = server();
    let proxy = FaultProxy::start(server.tcp_addr()).unwrap();
    let watcher = client(&server);
    let client = Client::builder()
        .tcp("127.0.0.1", proxy.tcp_addr().unwrap().port())
        .build();
    test(&client, &watcher, &proxy);
}

#[test]
fn a_connection_lost_while_watching_is_a_conflict_and_the_loop_goes_on() {
    through_proxy(|client, watcher, proxy| {
        let mut watched = client.watch("k").unwrap();
        proxy.cut();
        let error = watched.get::<String>("k").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Watch);
        assert!(!error.maybe_executed());
        assert!(
            error.to_string().contains("the connection was lost"),
            "{error}"
        );
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
        let error = watched.multi().set("k", 1).execute::<()>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Watch);
        watched.watch("k").unwrap();
        watched.multi().set("k", 2).execute::<()>().unwrap();
        assert_eq!(watcher.get::<i64>("k").unwrap(), Some(2));

        let mut attempts = 0;
        let n = client.transaction("n", |watched| {
            attempts += 1;
            if attempts < 3 {
                proxy.cut();
            }
            let n: i64 = watched.get("n")?.unwrap_or(0);
            watched.multi().incrby("n", n + 1).execute::<(i64,)>()
        });
        assert_eq!((n.unwrap(), attempts), ((1,), 3));
    });
}

#[test]
fn a_connection_lost_after_exec_may_have_executed_and_is_not_tried_again() {
    through_proxy(|client, watcher, proxy| {
        let mut attempts = 0;
        let error = client
            .transaction("n", |watched: &mut Watched| {
                attempts += 1;
                let n: i64 = watched.get("n")?.unwrap_or(0);
                proxy.set(Direction::ToClient, Faults::none().after(0, Failure::Cut));
                watched.multi().set("n", n + 1).execute::<()>()
            })
            .unwrap_err();
        assert!(error.is_connection(), "{error:?}");
        assert!(error.maybe_executed());
        assert!(
            error
                .to_string()
                .starts_with("a transaction of 1 commands: "),
            "{error}"
        );
        assert_eq!(attempts, 1);
        assert!(watcher.get::<i64>("n").unwrap() <= Some(1));
    });
}

#[test]
fn what_may_have_been_executed_is_not_begun_again_by_who_passes_over_its_error() {
    type Write = fn(&mut Watched) -> Error;
    let writes: [(&str, Write); 2] = [
        ("EXEC", |watched| {
            watched.multi().incr("n").execute::<()>().unwrap_err()
        }),
        ("INCR", |watched| watched.incr("n").unwrap_err()),
    ];
    for (what, write) in writes {
        through_proxy(|client, watcher, proxy| {
            let mut attempts = 0;
            let error = client
                .transaction("n", |watched: &mut Watched| {
                    attempts += 1;
                    let cut = Faults::none().after(0, Failure::Cut);
                    proxy.set(Direction::ToClient, cut);
                    let lost = write(watched);
                    assert!(lost.is_connection() && lost.maybe_executed(), "{lost:?}");
                    proxy.set(Direction::ToClient, Faults::none());
                    // Whatever comes next, it is not said that it is safe to begin again.
                    let error = watched.multi().incr("n").execute::<()>().unwrap_err();
                    assert!(error.is_connection() && error.maybe_executed(), "{error:?}");
                    watched.get::<i64>("n")
                })
                .unwrap_err();
            assert!(
                error.is_connection() && error.maybe_executed(),
                "{what}: {error:?}"
            );
            assert_eq!(attempts, 1, "{what}");
            assert!(watcher.get::<i64>("n").unwrap() <= Some(1));
            // Who watches again begins anew.
            let mut watched = client.watch("n").unwrap();
            proxy.set(Direction::ToClient, Faults::none().after(0, Failure::Cut));
            write(&mut watched);
            proxy.set(Direction::ToClient, Faults::none());
            watched.watch("n").unwrap();
            watched.multi().set("n", 7).execute::<()>().unwrap();
            assert_eq!(watcher.get::<i64>("n").unwrap(), Some(7));
        });
    }
}

#[test]
fn a_transaction_that_was_executed_is_not_begun_again_for_a_connection_lost_afterwards() {
    through_proxy(|client, watcher, proxy| {
        let mut attempts = 0;
        let error = client
            .transaction("n", |watched: &mut Watched| {
                attempts += 1;
                watched.multi().incr("n").execute::<(i64,)>()?;
                proxy.cut();
                let lost = watched.get::<i64>("n").unwrap_err();
                assert!(lost.is_connection(), "{lost:?}");
                watched.get::<i64>("n")
            })
            .unwrap_err();
        assert!(
            error.is_connection() && !error.maybe_executed(),
            "{error:?}"
        );
        assert_eq!(attempts, 1);
        assert_eq!(watcher.get::<i64>("n").unwrap(), Some(1));
    });
}

#[test]
fn a_transaction_that_was_executed_is_not_begun_again_for_a_conflict_afterwards() {
    through_proxy(|client, watcher, _| {
        let mut attempts = 0;
        let error = client
            .transaction("n", |watched: &mut Watched| {
                attempts += 1;
                watched.multi().incr("n").execute::<(i64,)>()?;
                watched.watch("k")?;
                watcher.set("k", attempts)?;
                watched.multi().incr("n").execute::<(i64,)>()
            })
            .unwrap_err();
        assert_eq!((error.kind(), attempts), (ErrorKind::Watch, 1), "{error}");
        assert_eq!(watcher.get::<i64>("n").unwrap(), Some(1));
    });
}

#[test]
fn with_nothing_watched_another_connection_will_do() {
    through_proxy(|client, watcher, proxy| {
        let mut watched = client.watch("k").unwrap();
        watched.multi().set("k", 1).execute::<()>().unwrap();
        proxy.cut();
        watched.watch("k").unwrap();
        watcher.set("k", 2).unwrap();
        let error = watched.multi().set("k", 3).execute::<()>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Watch, "{error}");
        // What was watched is lost with the connection.
        watched.watch("k").unwrap();
        proxy.cut();
        let error = watched.watch("j").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Watch, "{error}");
    });
}

#[test]
fn an_immediate_write_that_may_have_executed_is_no_conflict() {
    through_proxy(|client, _, proxy| {
        let mut watched = client.with_response_timeout(PATIENCE).watch("k").unwrap();
        proxy.set(Direction::ToClient, Faults::stall());
        let error = watched.incr("n").unwrap_err();
        assert!(error.is_timeout() && error.maybe_executed(), "{error:?}");
        assert!(!watched.is_watching());
        drop(watched);
        assert_eq!(client.pool_stats().in_use, 0);
    });
}

/// A connection on which reading panics when it is told to.
struct Fragile {
    inner: Box<dyn Transport>,
    panics: Arc<AtomicBool>,
}

/// Makes such connections.
struct Careless(Arc<AtomicBool>);

impl Dial for Careless {
    fn dial(&self, address: &Address, deadline: Deadline) -> Result<Box<dyn Transport>, Error> {
        let inner = Sockets::new(TcpOptions::new(), None).dial(address, deadline)?;
        let panics = Arc::clone(&self.0);
        Ok(Box::new(Fragile { inner, panics }))
    }
}

impl Read for Fragile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(!self.panics.swap(false, Ordering::Relaxed), "on purpose");
        self.inner.read(buffer)
    }
}

impl Write for Fragile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Transport for Fragile {
    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.inner.set_read_timeout(limit)
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.inner.set_write_timeout(limit)
    }

    fn is_quiet(&mut self) -> bool {
        self.inner.is_quiet()
    }
}

#[test]
fn a_call_that_panics_before_its_reply_leaves_that_to_nobody() {
    let server = server();
    let panics = Arc::new(AtomicBool::new(false));
    let client = Client::builder()
        .tcp("127.0.0.1", server.port())
        .dial(Careless(Arc::clone(&panics)))
        .build();
    client.mset([("a", "of a"), ("b", "of b")]).unwrap();
    for executes in [false, true] {
        let mut watched = client.watch("k").unwrap();
        panics.store(true, Ordering::Relaxed);
        let panicked = catch_unwind(AssertUnwindSafe(|| match executes {
            false => watched.get::<String>("a").map(drop),
            true => watched.multi().get::<String>("a").execute::<()>(),
        }));
        assert!(panicked.is_err() && !watched.is_watching());
        let error = watched.get::<String>("b").unwrap_err();
        let kind = match executes {
            false => ErrorKind::Watch,
            true => ErrorKind::Connection,
        };
        assert_eq!((error.kind(), error.maybe_executed()), (kind, executes));
        watched.watch("k").unwrap();
        let b = watched.get::<String>("b").unwrap();
        assert_eq!(b.as_deref(), Some("of b"));
    }
}

#[test]
fn a_server_that_hangs_does_not_hold_up_the_way_out() {
    through_proxy(|client, watcher, proxy| {
        let watched = client.with_response_timeout(PATIENCE).watch("k").unwrap();
        proxy.set(Direction::ToClient, Faults::stall());
        let started = Instant::now();
        drop(watched);
        assert!(started.elapsed() < PATIENCE + Duration::from_secs(5));
        assert_eq!(client.pool_stats().idle, 0);
        proxy.heal().unwrap();
        watcher.flushall_with(FlushMode::Sync).unwrap();
        assert_nothing_is_watched(watcher, "k");
    });
}
