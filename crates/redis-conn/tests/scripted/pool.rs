//! The pool: bounded, fair, and no place is ever lost.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use crate::script::{Script, Shared, Step, changed};
use redis_conn::{
    Connection, Connector, Deadline, Error, ErrorKind, Pool, PoolConfig, PooledConnection, Request,
};

/// Makes connections that answer one request or so many more, and counts them.
#[derive(Clone, Default)]
struct Fake {
    made: Arc<AtomicUsize>,
    transports: Arc<Mutex<Vec<Arc<Shared>>>>,
    fails: Arc<AtomicUsize>,
    more_replies: usize,
}

const FAIL: usize = 1;
const PANIC: usize = 2;
/// Connects to a server that says more than it was asked for.
const TALK: usize = 3;
/// Makes connections that panic when they are closed.
const FRAGILE: usize = 4;

impl Connector for Fake {
    fn connect(&self) -> Result<Connection, Error> {
        match self.fails.load(Ordering::Relaxed) {
            FAIL => return Err(Error::new(ErrorKind::Connection, "refused on purpose")),
            PANIC => panic!("on purpose"),
            _ => {}
        }
        self.made.fetch_add(1, Ordering::Relaxed);
        let mut script =
            Script::new((0..=self.more_replies).map(|_| Step::Bytes(b"+OK\r\n".to_vec())));
        if self.fails.load(Ordering::Relaxed) == TALK {
            script.steps[0] = Step::Bytes(b"+OK\r\n+OK\r\n+and more\r\n".to_vec());
        }
        script.end.panics = self.fails.load(Ordering::Relaxed) == FRAGILE;
        self.transports
            .lock()
            .unwrap()
            .push(Arc::clone(&script.shared));
        Ok(script.connect())
    }
}

pub(crate) const CONFIG: PoolConfig = PoolConfig::new(1, LONG);

fn pool(fake: &Fake, max_size: usize, wait_timeout: Duration) -> Pool {
    Pool::new(
        fake.clone(),
        changed(CONFIG, |config| {
            config.max_size = max_size;
            config.wait_timeout = wait_timeout;
        }),
    )
}

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(300);

fn spoil(connection: &mut PooledConnection) {
    // One reply is asked for and never taken.
    connection
        .send(Request::new(b"x"), Deadline::never())
        .unwrap();
}

#[test]
fn the_connection_that_came_back_last_goes_out_first() {
    let fake = Fake::default();
    let pool = pool(&fake, 3, LONG);
    let (first, second) = (pool.checkout().unwrap(), pool.checkout().unwrap());
    let address = |connection: &PooledConnection| std::ptr::from_ref::<Connection>(connection);
    let (of_first, of_second) = (address(&first), address(&second));
    drop(second);
    drop(first);
    assert_eq!(address(&pool.checkout().unwrap()), of_first);
    let again = pool.checkout().unwrap();
    assert_eq!(address(&again), of_first);
    assert_eq!(address(&pool.checkout().unwrap()), of_second);
    assert_eq!(fake.made.load(Ordering::Relaxed), 2);
}

#[test]
fn a_full_pool_makes_wait_and_then_says_why() {
    let pool = pool(&Fake::default(), 2, SHORT);
    let _in_use = (pool.checkout().unwrap(), pool.checkout().unwrap());
    let started = Instant::now();
    let error = pool.checkout().unwrap_err();
    assert!(started.elapsed() >= SHORT);
    assert!(error.is_timeout());
    assert!(
        error
            .to_string()
            .starts_with("no free connection: 2 of 2 in use"),
        "{error}"
    );
    assert_eq!(pool.stats().waiting, 0);
}

/// Has so many wait, one after the other, for the only connection of the pool, then does something and gives it back;
/// the order in which they got one.
fn served_while_waiting(pool: &Pool, count: usize, before: impl FnOnce()) -> Vec<usize> {
    let taken = pool.checkout().unwrap();
    let (sender, served) = mpsc::channel();
    thread::scope(|scope| {
        for number in 0..count {
            let sender = sender.clone();
            scope.spawn(move || {
                let connection = pool.checkout().unwrap();
                sender.send(number).unwrap();
                drop(connection);
            });
            while pool.stats().waiting <= number {
                thread::yield_now();
            }
        }
        before();
        drop(taken);
    });
    drop(sender);
    served.iter().collect()
}

#[test]
fn who_waits_first_is_served_first() {
    let pool = pool(&Fake::default(), 1, LONG);
    let order = served_while_waiting(&pool, 8, || {});
    assert_eq!(order, (0..8).collect::<Vec<_>>());
}

#[test]
fn a_connection_that_is_not_clean_is_closed_and_its_place_goes_to_who_waits() {
    let fake = Fake::default();
    let pool = pool(&fake, 1, LONG);
    let mut spoilt = pool.checkout().unwrap();
    spoil(&mut spoilt);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| pool.checkout().map(|connection| connection.is_clean()));
        while pool.stats().waiting == 0 {
            thread::yield_now();
        }
        drop(spoilt);
        assert!(waiting.join().unwrap().unwrap());
    });
    assert_eq!(fake.made.load(Ordering::Relaxed), 2);
    assert_eq!((pool.stats().idle, pool.stats().in_use), (1, 0));
}

#[test]
fn a_connector_that_fails_or_panics_costs_no_place() {
    let fake = Fake::default();
    let pool = pool(&fake, 1, SHORT);
    fake.fails.store(FAIL, Ordering::Relaxed);
    for _ in 0..3 {
        assert_eq!(pool.checkout().unwrap_err().kind(), ErrorKind::Connection);
    }
    fake.fails.store(PANIC, Ordering::Relaxed);
    for _ in 0..3 {
        assert!(catch_unwind(AssertUnwindSafe(|| pool.checkout())).is_err());
    }
    fake.fails.store(0, Ordering::Relaxed);
    pool.checkout().unwrap();
}

#[test]
fn a_connection_that_panics_when_it_is_closed_costs_no_place() {
    let fake = Fake::default();
    let pool = pool(&fake, 1, SHORT);
    for _ in 0..3 {
        fake.fails.store(FRAGILE, Ordering::Relaxed);
        let mut connection = pool.checkout().unwrap();
        fake.fails.store(0, Ordering::Relaxed);
        spoil(&mut connection);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(connection))).is_err());
    }
    fake.fails.store(FRAGILE, Ordering::Relaxed);
    drop(pool.checkout().unwrap());
    fake.fails.store(0, Ordering::Relaxed);
    fake.transports.lock().unwrap()[3]
        .loud
        .store(true, Ordering::Relaxed);
    thread::sleep(Duration::from_millis(30));
    assert!(catch_unwind(AssertUnwindSafe(|| pool.checkout())).is_err());
    pool.checkout().unwrap();
}

#[test]
fn a_new_connection_that_is_of_no_use_is_an_error_and_not_made_for_ever() {
    let fake = Fake::default();
    let pool = pool(&fake, 1, SHORT);
    fake.fails.store(TALK, Ordering::Relaxed);
    let error = pool.checkout().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    assert_eq!(fake.made.load(Ordering::Relaxed), 1);
    fake.fails.store(0, Ordering::Relaxed);
    pool.checkout().unwrap();
}

#[test]
fn however_long_connecting_takes_a_connection_is_given_out_once_it_is_made() {
    let fake = Fake::default();
    let config = changed(CONFIG, |config| config.idle_timeout = Some(Duration::ZERO));
    let pool = Pool::new(Slow(fake.clone()), config);
    drop(pool.checkout().unwrap());
    assert_eq!(fake.made.load(Ordering::Relaxed), 1);
}

/// Connects after a pause that is longer than connections are trusted for.
struct Slow(Fake);

impl Connector for Slow {
    fn connect(&self) -> Result<Connection, Error> {
        let connection = self.0.connect();
        thread::sleep(SHORT);
        connection
    }
}

#[test]
fn who_finds_a_connection_of_no_use_keeps_its_place() {
    let fake = Fake::default();
    let pool = Pool::new(Slow(fake.clone()), CONFIG);
    let order = served_while_waiting(&pool, 3, || {
        for transport in fake.transports.lock().unwrap().iter() {
            transport.loud.store(true, Ordering::Relaxed);
        }
        thread::sleep(SHORT);
    });
    assert_eq!(order, [0, 1, 2]);
    assert_eq!(fake.made.load(Ordering::Relaxed), 2);
}

#[test]
fn a_connection_that_is_no_longer_quiet_is_replaced() {
    let fake = Fake::default();
    let pool = pool(&fake, 1, SHORT);
    drop(pool.checkout().unwrap());
    for transport in fake.transports.lock().unwrap().iter() {
        transport.loud.store(true, Ordering::Relaxed);
    }
    thread::sleep(SHORT);
    drop(pool.checkout().unwrap());
    assert_eq!(fake.made.load(Ordering::Relaxed), 2);
    assert_eq!(pool.stats().idle, 1);
}

#[test]
fn disconnecting_closes_what_is_idle_now_and_what_is_in_use_later() {
    let fake = Fake::default();
    let pool = pool(&fake, 2, LONG);
    let kept = pool.checkout().unwrap();
    drop(pool.checkout().unwrap());
    pool.disconnect();
    assert_eq!((pool.stats().idle, pool.stats().in_use), (0, 1));
    assert!(kept.is_clean(), "a call under way is not disturbed");
    drop(kept);
    assert_eq!((pool.stats().idle, pool.stats().in_use), (0, 0));
    drop(pool.checkout().unwrap());
    assert_eq!(
        (pool.stats().idle, fake.made.load(Ordering::Relaxed)),
        (1, 3)
    );
}

#[test]
fn surplus_connections_age_out_while_the_needed_one_stays() {
    let fake = Fake::default();
    let config = changed(CONFIG, |config| {
        config.max_size = 4;
        config.min_size = 2;
        config.idle_timeout = Some(SHORT);
    });
    let pool = Pool::new(fake.clone(), config);
    drop((0..4).map(|_| pool.checkout().unwrap()).collect::<Vec<_>>());
    assert_eq!(pool.stats().idle, 4);
    thread::sleep(SHORT * 2);
    // The one that goes out is too old itself, and so is replaced; the others are surplus.
    let mut used = pool.checkout().unwrap();
    used.ping().unwrap();
    drop(used);
    assert_eq!(pool.stats().idle, 2, "no fewer than the minimum");
}

#[test]
fn connections_that_are_too_old_are_replaced() {
    let fake = Fake::default();
    let pool = Pool::new(
        fake.clone(),
        changed(CONFIG, |config| config.max_lifetime = Some(SHORT)),
    );
    drop(pool.checkout().unwrap());
    drop(pool.checkout().unwrap());
    assert_eq!(fake.made.load(Ordering::Relaxed), 1);
    thread::sleep(SHORT * 2);
    drop(pool.checkout().unwrap());
    assert_eq!(fake.made.load(Ordering::Relaxed), 2);
}

#[test]
fn connections_that_are_never_idle_for_long_grow_too_old_as_well() {
    let fake = Fake {
        more_replies: 1000,
        ..Fake::default()
    };
    let config = changed(CONFIG, |config| config.max_lifetime = Some(SHORT));
    let pool = Pool::new(fake.clone(), config);
    let started = Instant::now();
    while started.elapsed() < SHORT * 2 {
        // What was sent a moment ago is not looked at.
        let mut connection = pool.checkout().unwrap();
        connection.ping().unwrap();
        drop(connection);
        if fake.made.load(Ordering::Relaxed) > 1 {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!(
        "the first connection was still in use after {:?}",
        started.elapsed()
    );
}

#[test]
fn a_call_that_waits_for_long_does_not_make_a_connection_idle() {
    let fake = Fake::default();
    let config = changed(CONFIG, |config| config.idle_timeout = Some(SHORT));
    let pool = Pool::new(fake.clone(), config);
    let mut connection = pool.checkout().unwrap();
    connection
        .send(Request::new(b"x"), Deadline::never())
        .unwrap();
    thread::sleep(SHORT * 2);
    connection.receive(Deadline::never()).unwrap();
    drop(connection);
    drop(pool.checkout().unwrap());
    assert_eq!(fake.made.load(Ordering::Relaxed), 1);
}

#[test]
fn after_a_pause_the_server_is_asked_for_a_sign_of_life() {
    let fake = Fake::default();
    let pool = Pool::new(
        fake.clone(),
        changed(CONFIG, |config| config.ping_after = Some(SHORT)),
    );
    let written = |index: usize| {
        fake.transports.lock().unwrap()[index]
            .written
            .lock()
            .unwrap()
            .clone()
    };
    drop(pool.checkout().unwrap());
    drop(pool.checkout().unwrap());
    assert_eq!(written(0), b"", "not after so short a pause");
    thread::sleep(SHORT * 2);
    drop(pool.checkout().unwrap());
    assert_eq!(written(0), b"*1\r\n$4\r\nPING\r\n");
    // The script has no answer to a second one.
    thread::sleep(SHORT * 2);
    drop(pool.checkout().unwrap());
    assert_eq!(fake.made.load(Ordering::Relaxed), 2);
}

#[test]
fn the_time_of_a_first_call_begins_as_the_connection_is_lent_and_that_of_later_ones_later() {
    let fake = Fake {
        more_replies: 1,
        ..Fake::default()
    };
    let pool = pool(&fake, 1, LONG);
    drop(pool.checkout().unwrap());
    let before = Instant::now();
    let mut connection = pool.checkout().unwrap();
    let lent = Instant::now();
    let first = connection.deadline(LONG);
    assert_eq!(first.limit(), Some(LONG));
    assert!((before..=lent).contains(&first.started()));
    assert_eq!(connection.deadline(SHORT).started(), first.started());
    let call = |connection: &mut PooledConnection, deadline| {
        connection.call::<String>(Request::new(b"x"), deadline)
    };
    call(&mut connection, first).unwrap();
    let second = connection.deadline(LONG);
    assert!(second.started() >= lent);
    call(&mut connection, second).unwrap();
    drop(connection);
    let mut connection = pool.checkout().unwrap();
    let none = connection.deadline(Duration::ZERO);
    let error = call(&mut connection, none).unwrap_err();
    assert!(error.is_timeout() && !error.maybe_executed(), "{error}");
}

#[test]
fn a_pool_can_be_warmed_up() {
    let fake = Fake::default();
    let pool = Pool::new(
        fake.clone(),
        changed(CONFIG, |config| {
            config.max_size = 4;
            config.min_size = 3;
        }),
    );
    let _in_use = pool.checkout().unwrap();
    pool.warm_up().unwrap();
    assert_eq!((pool.stats().idle, pool.stats().in_use), (2, 1));
    fake.fails.store(FAIL, Ordering::Relaxed);
    pool.disconnect();
    assert!(pool.warm_up().is_err());
    assert_eq!(pool.stats().in_use, 1);
}

#[test]
fn many_threads_that_spoil_connections_now_and_then_lose_none() {
    let fake = Fake::default();
    let pool = pool(&fake, 3, LONG);
    thread::scope(|scope| {
        for thread in 0..12 {
            let pool = &pool;
            scope.spawn(move || {
                for round in 0..200 {
                    let mut connection = pool.checkout().unwrap();
                    assert!(connection.is_clean());
                    if (thread + round) % 7 == 0 {
                        spoil(&mut connection);
                    }
                }
            });
        }
    });
    let stats = pool.stats();
    assert_eq!((stats.in_use, stats.waiting), (0, 0), "{stats:?}");
    assert!(stats.idle <= 3, "{stats:?}");
    let all: Vec<_> = (0..3).map(|_| pool.checkout().unwrap()).collect();
    drop(all);
}
