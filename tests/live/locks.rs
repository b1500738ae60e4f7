//! Locks: one has it, the others wait, and nobody gives back what is somebody else's.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use redis::{Client, ErrorKind, RetryPolicy, Ttl, prelude::*};
use redis_testkit::{Direction, FaultProxy, Faults, Script, ScriptedServer};

use crate::{
    patience::eventually,
    ways::{client, on_every_way, server},
};

const LIFETIME: Duration = Duration::from_secs(60);

/// How many milliseconds the key has left.
fn left(client: &Client, name: &str) -> u64 {
    match client.pttl(name).unwrap() {
        Ttl::Left(left) => left.0.unsigned_abs(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_lock_is_taken_and_given_back() {
    on_every_way(|client| {
        let lock = client.lock("foo", LIFETIME);
        assert!(!lock.is_locked().unwrap());
        let guard = lock.acquire(LIFETIME).unwrap();
        assert_eq!(
            client.get::<String>("foo").unwrap().as_deref(),
            Some(guard.token())
        );
        assert!((50_000..=60_000).contains(&left(client, "foo")));
        assert!(lock.is_locked().unwrap() && guard.is_owned().unwrap());
        guard.release().unwrap();
        assert_eq!(client.get::<String>("foo").unwrap(), None);
        assert!(!lock.is_locked().unwrap());
    });
}

#[test]
fn only_one_has_it() {
    on_every_way(|client| {
        let (one, other) = (client.lock("foo", LIFETIME), client.lock("foo", LIFETIME));
        let guard = one.try_acquire().unwrap().unwrap();
        assert!(one.try_acquire().unwrap().is_none());
        assert!(other.try_acquire().unwrap().is_none());
        assert!(other.is_locked().unwrap());
        guard.release().unwrap();
        let guard = other.try_acquire().unwrap().unwrap();
        assert!(one.try_acquire().unwrap().is_none());
        drop(guard);
        assert!(one.try_acquire().unwrap().is_some());
    });
}

#[test]
fn a_fraction_of_a_second_is_a_lifetime() {
    on_every_way(|client| {
        let lock = client.lock("foo", Duration::from_micros(59_500_001));
        let guard = lock.acquire(LIFETIME).unwrap();
        assert!((50_000..=59_501).contains(&left(client, "foo")));
        guard.renew(Duration::ZERO).unwrap();
        // A lifetime of nothing is one of a millisecond.
        let lock = client.lock("bar", Duration::ZERO);
        assert!(lock.try_acquire().unwrap().is_some());
    });
}

#[test]
fn waiting_for_a_lock_ends_in_time() {
    on_every_way(|client| {
        let lock = client
            .lock("foo", LIFETIME)
            .pause(Duration::from_millis(10));
        let _guard = lock.try_acquire().unwrap().unwrap();
        let started = Instant::now();
        let error = lock.acquire(Duration::from_millis(200)).unwrap_err();
        let waited = started.elapsed();
        assert_eq!(
            error.to_string(),
            "lock foo: expected it to become free within 200ms, found it taken"
        );
        // Unlike anything that is wrong with the server or the way there.
        assert_eq!(error.kind(), ErrorKind::LockTaken);
        assert!(error.is_retryable() && !error.maybe_executed());
        assert!(waited >= Duration::from_millis(200), "{waited:?}");

        // However long the pause.
        let lock = lock.pause(Duration::MAX);
        assert!(lock.acquire(Duration::from_millis(20)).is_err());
        assert!(started.elapsed() < Duration::from_secs(8));
    });
}

#[test]
fn whoever_waits_gets_it_when_it_is_free() {
    on_every_way(|client| {
        let lock = client.lock("foo", LIFETIME).pause(Duration::from_millis(5));
        let guard = lock.try_acquire().unwrap().unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| lock.acquire(LIFETIME).unwrap().release().unwrap());
            drop(guard);
            waiting.join().unwrap();
        });
        // Or when its lifetime is over.
        std::mem::forget(
            client
                .lock("foo", Duration::from_millis(50))
                .try_acquire()
                .unwrap()
                .unwrap(),
        );
        lock.acquire(LIFETIME).unwrap().release().unwrap();
    });
}

#[test]
fn what_is_not_owned_any_more_is_not_given_back() {
    on_every_way(|client| {
        let lock = client.lock("foo", LIFETIME);
        let not_owned = |result: Result<(), redis::Error>| {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LockNotOwned);
            assert!(!error.maybe_executed() && !error.is_retryable());
            assert_eq!(
                error.to_string(),
                "lock foo: expected to have it, found that its lifetime was over or that it was removed"
            );
        };
        for value in [Some("a"), None] {
            let guard = lock.try_acquire().unwrap().unwrap();
            match value {
                Some(value) => client.set("foo", value).unwrap(),
                None => drop(client.del("foo").unwrap()),
            }
            assert!(!guard.is_owned().unwrap());
            not_owned(guard.extend(LIFETIME));
            not_owned(guard.renew(LIFETIME));
            not_owned(guard.reacquire());
            not_owned(guard.release());
            assert_eq!(client.get::<String>("foo").unwrap().as_deref(), value);
            client.del("foo").unwrap();

            // Nor by dropping the guard.
            let guard = lock.try_acquire().unwrap().unwrap();
            client.set("foo", "somebody else's").unwrap();
            drop(guard);
            assert_eq!(client.del("foo").unwrap(), 1);
        }
    });
}

#[test]
fn a_lock_is_made_to_last_longer() {
    on_every_way(|client| {
        let guard = client.lock("foo", LIFETIME).try_acquire().unwrap().unwrap();
        guard.extend(Duration::from_secs(60)).unwrap();
        assert!((110_000..=120_000).contains(&left(client, "foo")));
        guard.extend(Duration::from_millis(30_500)).unwrap();
        assert!((140_500..=150_500).contains(&left(client, "foo")));
        guard.renew(Duration::from_secs(25)).unwrap();
        assert!((15_000..=25_000).contains(&left(client, "foo")));
        guard.reacquire().unwrap();
        assert!((50_000..=60_000).contains(&left(client, "foo")));
        // Somebody has made it last for ever.
        assert!(client.persist("foo").unwrap());
        guard.extend(Duration::from_secs(13)).unwrap();
        assert!((3_000..=13_000).contains(&left(client, "foo")));
        guard.release().unwrap();
    });
}

#[test]
fn a_lock_is_given_back_on_every_way_out() {
    on_every_way(|client| {
        let lock = client.lock("foo", LIFETIME);
        {
            let _guard = lock.try_acquire().unwrap().unwrap();
            assert!(lock.is_locked().unwrap());
        }
        assert!(!lock.is_locked().unwrap());

        let fails = || -> Result<(), redis::Error> {
            let _guard = lock.acquire(LIFETIME)?;
            client.set("text", "x")?;
            client.incr("text").map(drop)
        };
        assert!(fails().is_err());
        assert!(!lock.is_locked().unwrap());

        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _guard = lock.try_acquire().unwrap().unwrap();
            panic!("while it is held");
        }));
        assert!(panicked.is_err());
        assert!(!lock.is_locked().unwrap());
    });
}

#[test]
fn no_two_threads_have_it_at_once() {
    let server = server();
    let inside = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            let lock = client(&server)
                .lock("foo", LIFETIME)
                .pause(Duration::from_millis(2));
            let inside = &inside;
            scope.spawn(move || {
                for _ in 0..25 {
                    let guard = lock.acquire(LIFETIME).unwrap();
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two are inside");
                    thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                    guard.release().unwrap();
                }
            });
        }
    });
}

#[test]
fn a_lock_that_may_have_been_taken_in_vain_is_given_back() {
    let server = server();
    let proxy = FaultProxy::start(server.tcp_addr()).unwrap();
    let client = Client::builder()
        .url(&proxy.url())
        .unwrap()
        .response_timeout(Duration::from_secs(2))
        .retry(RetryPolicy::none())
        .build();
    client.ping().unwrap();
    let direct = self::client(&server);
    // The command arrives, its reply does not.
    let link = proxy.newest_link().unwrap();
    link.set(Direction::ToClient, Faults::stall());
    let lock = client.lock("foo", LIFETIME);
    let error = lock.try_acquire().unwrap_err();
    assert!(error.is_timeout() && error.maybe_executed(), "{error}");
    assert!(!direct.lock("foo", LIFETIME).is_locked().unwrap());
    let sets = direct.info("commandstats").unwrap();
    assert!(sets.get("cmdstat_set").is_some(), "it was taken before");

    // Nothing is sent where nobody listens, so there is nothing to give back either.
    proxy.refuse();
    client.disconnect();
    let started = Instant::now();
    let error = lock.try_acquire().unwrap_err();
    assert!(error.is_connection() && !error.maybe_executed(), "{error}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

/// Fails if `work` does not end.
fn ends(what: &str, work: impl FnOnce() + Send + 'static) {
    let worker = thread::spawn(work);
    eventually(&format!("the end of {what}"), || worker.is_finished());
    worker.join().unwrap();
}

#[test]
fn dropping_a_guard_ends_however_patient_the_client_is() {
    let server = server();
    let client = Client::builder()
        .tcp(server.host(), server.port())
        .retry(RetryPolicy::constant(1, Duration::from_millis(1)).forever())
        .build();
    let gone = client.lock("gone", LIFETIME).try_acquire().unwrap();
    let over = client.lock("over", Duration::from_millis(1));
    let over = over.try_acquire().unwrap();
    server.kill().unwrap();
    // So that a connection has to be made, which can be tried for ever.
    client.disconnect();
    ends("dropping it while there is no server", || drop(gone));
    ends("dropping it when its lifetime is over", || drop(over));
}

#[test]
fn a_server_that_says_nothing_does_not_hold_up_whoever_wants_a_lock() {
    let silent = ScriptedServer::start(Script::after_handshake()).unwrap();
    let client = Client::builder()
        .tcp("127.0.0.1", silent.tcp_addr().port())
        .response_timeout(Duration::from_secs(600))
        .build();
    ends("waiting for an answer", move || {
        let lock = client.lock("foo", LIFETIME);
        let error = lock.acquire(Duration::from_millis(100)).unwrap_err();
        assert!(error.is_timeout() && error.maybe_executed(), "{error}");
    });
    let refusing = ScriptedServer::start(Script::new().close()).unwrap();
    let client = Client::builder()
        .tcp("127.0.0.1", refusing.tcp_addr().port())
        .retry(RetryPolicy::constant(1, Duration::from_millis(1)).forever())
        .build();
    ends("waiting for a server", move || {
        let lock = client.lock("foo", LIFETIME);
        let error = lock.acquire(Duration::from_millis(100)).unwrap_err();
        assert!(error.is_connection() && !error.maybe_executed(), "{error}");
    });
}

#[test]
fn a_token_hands_a_lock_over_and_can_be_chosen() {
    on_every_way(|client| {
        let lock = client.lock("foo", LIFETIME);
        let token = lock.try_acquire().unwrap().unwrap().into_token();
        assert!(lock.is_locked().unwrap(), "it was given back");
        // Somewhere else, with another client.
        let guard = client.clone().lock("foo", LIFETIME).guard_of(&*token);
        assert!(guard.is_owned().unwrap() && guard.token() == token);
        guard.reacquire().unwrap();
        drop(guard);
        assert!(!lock.is_locked().unwrap());
        assert!(!lock.guard_of(token).is_owned().unwrap());

        let guard = lock.clone().token("worker-7").try_acquire().unwrap();
        let value: Option<String> = client.get("foo").unwrap();
        assert_eq!(value.as_deref(), Some("worker-7"));
        assert!(lock.guard_of("worker-8").release().is_err());
        guard.unwrap().release().unwrap();
    });
}

#[test]
fn a_lock_that_was_handed_over_is_given_back_whatever_its_lifetime_was_before() {
    on_every_way(|client| {
        let guard = client.lock("foo", LIFETIME).try_acquire().unwrap();
        let token = guard.unwrap().into_token();
        // It was made to last longer than those who hand it over and take it once agreed on.
        let brief = client.lock("foo", Duration::from_millis(1));
        let guard = brief.guard_of(token);
        thread::sleep(Duration::from_millis(5));
        assert!(guard.is_owned().unwrap());
        drop(guard);
        assert!(!brief.is_locked().unwrap());
    });
}
