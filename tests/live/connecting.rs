//! What can be put between a client and its server: transports, credentials, hooks, policies.

use std::{
    io::{self, IoSlice, Read, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use redis::{
    Address, Client, Credentials, Deadline, Dial, Error, ErrorKind, Execute, Request, RetryPolicy,
    Sockets, TcpOptions, Transport, cmd, prelude::*,
};

use crate::ways::{server, server_with, ways};

/// Not to be reached, even on a busy machine.
const LONG: Duration = Duration::from_secs(20);

/// Counts the bytes that pass, in both directions: a connection of one's own.
#[derive(Clone, Default)]
struct Counting(Arc<Counts>);

#[derive(Default)]
struct Counts {
    sent: AtomicUsize,
    received: AtomicUsize,
}

struct Counted {
    inner: Box<dyn Transport>,
    counts: Arc<Counts>,
}

impl Dial for Counting {
    fn dial(&self, address: &Address, deadline: Deadline) -> Result<Box<dyn Transport>, Error> {
        let inner = Sockets::new(TcpOptions::new(), None).dial(address, deadline)?;
        Ok(Box::new(Counted {
            inner,
            counts: Arc::clone(&self.0),
        }))
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.counts.received.fetch_add(count, Ordering::Relaxed);
        Ok(count)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.counts.sent.fetch_add(count, Ordering::Relaxed);
        Ok(count)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let count = self.inner.write_vectored(pieces)?;
        self.counts.sent.fetch_add(count, Ordering::Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Transport for Counted {
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
fn a_transport_of_ones_own_carries_everything() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let counting = Counting::default();
        let client = builder.dial(counting.clone()).build();
        client.ping().unwrap();
        let counted = || {
            (
                counting.0.sent.load(Ordering::Relaxed),
                counting.0.received.load(Ordering::Relaxed),
            )
        };
        let (sent, received) = counted();
        let value = vec![b'x'; 100_000];
        client.set("k", &value).unwrap();
        assert_eq!(client.get::<Vec<u8>>("k").unwrap(), Some(value));
        let (sent, received) = (counted().0 - sent, counted().1 - received);
        assert_eq!(
            sent,
            "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\n\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n".len()
                + 100_000
        );
        assert_eq!(received, "+OK\r\n$100000\r\n\r\n".len() + 100_000);
    }
}

#[test]
fn credentials_are_asked_for_anew_for_every_connection() {
    let server = server_with(|builder| builder.password("first"));
    let password = Arc::new(Mutex::new("first".to_owned()));
    let vault = Arc::clone(&password);
    let client = Client::builder()
        .tcp(server.host(), server.port())
        .password("ignored")
        .credentials(move || {
            Ok(Credentials {
                username: None,
                password: vault.lock().unwrap().clone(),
            })
        })
        .build();
    client.ping().unwrap();
    client.config_set(("requirepass", "second")).unwrap();
    "second".clone_into(&mut password.lock().unwrap());
    client.disconnect();
    assert_eq!(client.ping().unwrap(), "PONG");

    let nobody = Client::builder()
        .tcp(server.host(), server.port())
        .credentials(|| Err(Error::new(ErrorKind::Authentication, "the vault is closed")));
    let error = nobody.build().ping().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(
        error
            .to_string()
            .contains("asking for the credentials: the vault is closed"),
        "{error}"
    );
}

#[test]
fn a_hook_sees_every_new_connection() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let client = builder
            .on_connect(|connection| {
                let deadline = Deadline::within(LONG);
                connection.call(
                    Request::new(b"*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$6\r\nhooked\r\n"),
                    deadline,
                )
            })
            .build();
        for _ in 0..2 {
            let info: String = client.execute(cmd("CLIENT INFO")).unwrap();
            assert!(info.contains("name=hooked"), "{info}");
            client.disconnect();
        }
    }
}

#[test]
fn a_hook_that_fails_or_leaves_a_reply_costs_the_connection_alone() {
    let server = server();
    let tcp = || {
        Client::builder()
            .tcp(server.host(), server.port())
            .max_connections(1)
    };
    let failing = tcp()
        .on_connect(|_| Err(Error::new(ErrorKind::InvalidInput, "not today")))
        .build();
    let leaving = tcp()
        .on_connect(|connection| {
            let deadline = Deadline::within(LONG);
            connection.send(Request::new(b"*1\r\n$4\r\nPING\r\n"), deadline)
        })
        .build();
    for (client, reason) in [
        (failing, "not today"),
        (
            leaving,
            "expected the on_connect hook to leave a connection",
        ),
    ] {
        for _ in 0..2 {
            let error = client.ping().unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
            assert_eq!(client.pool_stats().in_use, 0);
        }
    }
}

#[test]
fn a_url_sets_up_the_pool_too() {
    let server = server();
    let url = format!(
        "{}?max_connections=3&min_connections=2&retries=0&idle_timeout=0",
        server.url()
    );
    let client = Client::open(&url).unwrap();
    client.warm_up().unwrap();
    assert_eq!(
        (client.pool_stats().max_size, client.pool_stats().idle),
        (3, 2)
    );
    let error = Client::open(&format!("{}?max_connection=3", server.url())).unwrap_err();
    assert!(
        error.to_string().contains("found \"max_connection\""),
        "{error}"
    );
}

#[test]
fn a_handle_has_time_outs_and_policies_of_its_own_and_shares_the_connections() {
    let server = server();
    // Two connections, because making one takes the time that connecting may take.
    let client = Client::builder()
        .tcp(server.host(), server.port())
        .min_connections(2)
        .build();
    client.warm_up().unwrap();
    let id = client.client_id().unwrap();
    let other = client.with_response_timeout(LONG);
    assert_eq!(other.client_id().unwrap(), id);
    let hasty = other
        .with_response_timeout(Duration::from_millis(200))
        .with_retry(RetryPolicy::none());
    server.pause().unwrap();
    let started = Instant::now();
    assert!(hasty.get::<String>("k").unwrap_err().is_timeout());
    assert!(
        started.elapsed() < Duration::from_secs(8),
        "{:?}",
        started.elapsed()
    );
    let started = Instant::now();
    assert!(
        hasty
            .pipeline()
            .get::<String>("k")
            .execute::<()>()
            .unwrap_err()
            .is_timeout()
    );
    assert!(
        started.elapsed() < Duration::from_secs(8),
        "{:?}",
        started.elapsed()
    );
    server.resume().unwrap();
    client.ping().unwrap();
}

#[test]
fn a_server_that_comes_back_in_time_is_not_noticed_by_who_retries() {
    let server = server();
    let patient =
        RetryPolicy::exponential(300, Duration::from_millis(20), Duration::from_millis(100));
    let client = Client::builder()
        .tcp(server.host(), server.port())
        .retry(patient)
        .build();
    client.set("k", 1).unwrap();
    server.kill().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(300));
            server.restart().unwrap();
        });
        // The connection is gone, so that nothing of an increment can be sent before there is a new one.
        thread::sleep(Duration::from_millis(50));
        assert_eq!(client.incr("n").unwrap(), 1);
    });
}
