//! Every place at which a network can fail: each byte of a request and of its reply, cut, reset and
//! stalled there. Afterwards the same client gets the right answer to everything it asks.
//!
//! Plain runs try each place on one of the ways to talk to a server, neighbours on different ones; full runs
//! try all places on all ways.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use redis::{Client, Error, ErrorKind, Execute, cmd, prelude::*};
use redis_testkit::{Direction, Failure, FaultProxy, Faults, Server};

use crate::{
    patience::found,
    thoroughness::{is_full, plain_or_full},
    ways::{Way, client, server},
};

/// How many calls follow each failure on the same client.
const CALLS_AFTERWARDS: usize = 100;
/// The deadline of a reply where replies are held back.
const SHORT: Duration = Duration::from_millis(30);
/// What a call may take on top of its deadline when every core is busy.
const SLACK: Duration = Duration::from_secs(10);

#[test]
fn a_connection_that_is_cut_never_leads_to_a_wrong_reply() {
    try_every_byte(Failure::Cut);
}

#[test]
fn a_connection_that_is_reset_never_leads_to_a_wrong_reply() {
    try_every_byte(Failure::Reset);
}

#[test]
fn a_reply_that_comes_after_its_deadline_is_nobodys() {
    try_every_byte(Failure::Stall);
}

/// A call, which checks its own reply, on a key of its own.
struct Case {
    name: &'static str,
    call: fn(&Client, &str) -> Result<(), Error>,
    /// What the key holds when the call was executed once. Twice would be more.
    effect: i64,
    /// Whether it is executed as a whole or not at all.
    is_atomic: bool,
    /// In plain runs, only every so many bytes are tried.
    stride: u64,
}

const CASES: [Case; 8] = [
    Case {
        name: "GET",
        call: |client, _| {
            let text: Option<String> = client.get("text")?;
            assert_eq!(text.as_deref(), Some("the value of text"));
            Ok(())
        },
        effect: 0,
        is_atomic: true,
        stride: 1,
    },
    Case {
        name: "SET",
        call: |client, key| client.set(key, 1),
        effect: 1,
        is_atomic: true,
        stride: 1,
    },
    Case {
        name: "INCR",
        call: |client, key| {
            assert_eq!(client.incr(key)?, 1);
            Ok(())
        },
        effect: 1,
        is_atomic: true,
        stride: 1,
    },
    Case {
        name: "LRANGE",
        call: |client, _| {
            let list: Vec<String> = client.lrange("list", 0, -1)?;
            assert_eq!(list, ["one", "two", "three", ""]);
            Ok(())
        },
        effect: 0,
        is_atomic: true,
        stride: 1,
    },
    Case {
        name: "HGETALL",
        call: |client, _| {
            let hash: BTreeMap<String, String> = client.hgetall("hash")?;
            let expected = [("a", "1"), ("b", "2")].map(|(k, v)| (k.into(), v.into()));
            assert_eq!(hash, BTreeMap::from(expected));
            Ok(())
        },
        effect: 0,
        is_atomic: true,
        stride: 1,
    },
    Case {
        name: "EVAL",
        call: |client, key| {
            let script = "redis.call('INCR', KEYS[1]) return ARGV[1]";
            let command = cmd("EVAL").arg(script).arg(&1).key(key).arg("an argument");
            let said: String = client.execute(command)?;
            assert_eq!(said, "an argument");
            Ok(())
        },
        effect: 1,
        is_atomic: true,
        stride: 1,
    },
    Case {
        name: "100 INCR in a pipeline",
        call: |client, key| {
            let mut pipeline = client.pipeline();
            pipeline.transaction(false);
            for _ in 0..100 {
                pipeline.incr(key);
            }
            let counts: Vec<i64> = pipeline.execute()?;
            assert_eq!(counts, (1..=100).collect::<Vec<_>>());
            Ok(())
        },
        effect: 100,
        is_atomic: false,
        stride: 17,
    },
    Case {
        name: "MULTI, 3 INCR, EXEC",
        call: |client, key| {
            let counts: (i64, i64, i64) =
                client.pipeline().incr(key).incr(key).incr(key).execute()?;
            assert_eq!(counts, (1, 2, 3));
            Ok(())
        },
        effect: 3,
        is_atomic: true,
        stride: 1,
    },
];

/// One place to fail.
#[derive(Clone, Copy)]
struct Point {
    /// Which of [`Way::all`].
    way: usize,
    case: usize,
    direction: Direction,
    after: u64,
}

/// What one call came to.
struct Outcome {
    point: Point,
    key: String,
    error: Option<Error>,
    took: Duration,
    /// How many of the calls afterwards had to be made again.
    repeated: usize,
}

fn try_every_byte(failure: Failure) {
    let server = server();
    let oracle = client(&server);
    oracle.set("text", "the value of text").unwrap();
    oracle.rpush("list", ["one", "two", "three", ""]).unwrap();
    let fields = [("a", "1"), ("b", "2")];
    oracle.hset("hash", fields).unwrap();

    let ways = Way::all();
    let points = points(&server, &ways);
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    // Those that wait for a deadline need no core meanwhile.
    let workers = if failure == Failure::Stall { 8 } else { 3 };
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let worker = |way: &Way| Worker::new(*way, &server, failure);
                let workers: Vec<_> = ways.iter().map(worker).collect();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&point) = points.get(number) else {
                        break;
                    };
                    let outcome = workers[point.way].fail_at(point, format!("key{number:06}"));
                    outcomes.lock().unwrap().push(outcome);
                }
            });
        }
    });
    let took = begun.elapsed();
    let outcomes = outcomes.into_inner().unwrap();
    assert_eq!(outcomes.len(), points.len());
    // Requests that were held back have had the time of all the others to arrive, but for the last.
    thread::sleep(Duration::from_millis(100));
    for outcome in &outcomes {
        check(&oracle, outcome);
    }
    report(failure, &ways, &outcomes, took);
}

/// The places of this run.
fn points(server: &Server, ways: &[Way]) -> Vec<Point> {
    let all: Vec<_> = ways.iter().map(|way| points_on(*way, server)).collect();
    let mut points = Vec::new();
    for (way, of_way) in all.into_iter().enumerate() {
        for (number, (case, direction, after)) in of_way.into_iter().enumerate() {
            if is_full() || number % ways.len() == way {
                points.push(Point {
                    way,
                    case,
                    direction,
                    after,
                });
            }
        }
    }
    points
}

/// The places of all cases on one way: their requests and replies are measured first.
fn points_on(way: Way, server: &Server) -> Vec<(usize, Direction, u64)> {
    let proxy = way.proxy_of(server);
    let client = way.client_of(proxy.endpoint()).build();
    client.ping().unwrap();
    let link = proxy.newest_link().unwrap();
    let mut points = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        let before = Direction::BOTH.map(|direction| link.bytes(direction));
        // As long as the keys of the calls that will fail.
        (case.call)(&client, &format!("measure{number:02}")).unwrap();
        client.del(format!("measure{number:02}")).unwrap();
        for (direction, before) in Direction::BOTH.into_iter().zip(before) {
            let length = link.bytes(direction) - before;
            let stride = plain_or_full(case.stride, 1);
            let places = (0..=length).filter(|after| after % stride == 0 || *after == length);
            points.extend(places.map(|after| (number, direction, after)));
        }
    }
    points
}

/// One client behind one proxy, with one connection at a time.
struct Worker {
    proxy: FaultProxy,
    client: Client,
    failure: Failure,
}

impl Worker {
    fn new(way: Way, server: &Server, failure: Failure) -> Self {
        let proxy = way.proxy_of(server);
        let mut builder = way.client_of(proxy.endpoint()).max_connections(1);
        if failure == Failure::Stall {
            builder = builder.response_timeout(SHORT);
        }
        Self {
            proxy,
            client: builder.build(),
            failure,
        }
    }

    fn fail_at(&self, point: Point, key: String) -> Outcome {
        let link = found("a connection", || {
            let link = self.proxy.newest_link();
            if link.is_none() {
                let _ = self.client.ping();
            }
            link
        });
        link.set(
            point.direction,
            Faults::none().after(point.after, self.failure),
        );
        let begun = Instant::now();
        let result = (CASES[point.case].call)(&self.client, &key);
        let took = begun.elapsed();
        if let Err(error) = &result {
            let idle = self.client.pool_stats().idle;
            assert_eq!(idle, 0, "kept a connection after {error}");
        }
        // What was held back arrives now, too late.
        link.heal();
        Outcome {
            point,
            repeated: self.call_afterwards(&key),
            key,
            error: result.err(),
            took,
        }
    }

    /// Each answer says which question it is the answer to. How many had to be asked again, because the
    /// failure came behind the reply or the machine was too busy for a deadline of [`SHORT`].
    fn call_afterwards(&self, key: &str) -> usize {
        let mut repeated = 0;
        for number in 0..CALLS_AFTERWARDS {
            let question = format!("{key}:{number}");
            loop {
                match self.client.echo::<String>(&question) {
                    Ok(answer) => {
                        assert_eq!(answer, question, "a wrong reply");
                        break;
                    }
                    Err(error) => {
                        assert!(is_of_the_network(&error), "{error}");
                        repeated += 1;
                        let most = if self.failure == Failure::Stall {
                            1_000
                        } else {
                            1
                        };
                        assert!(repeated <= most, "it does not recover: {error}");
                    }
                }
            }
        }
        repeated
    }
}

/// Compares what the client said with what the server did.
fn check(oracle: &Client, outcome: &Outcome) {
    let case = &CASES[outcome.point.case];
    let Point {
        way,
        direction,
        after,
        ..
    } = outcome.point;
    let way = Way::all()[way];
    let place = format!("{} over {way}, {direction:?} after {after}", case.name);
    let took = outcome.took;
    assert!(took < SHORT + SLACK, "{place}: took {took:?}");
    let found = oracle.get::<i64>(&outcome.key).unwrap().unwrap_or(0);
    let maybe_executed = match &outcome.error {
        None => {
            assert_eq!(found, case.effect, "{place}: it said that it worked");
            return;
        }
        Some(error) => {
            assert!(is_of_the_network(error), "{place}: {error}");
            error.maybe_executed()
        }
    };
    let place = format!("{place}: {:?}", outcome.error);
    assert!(found <= case.effect, "{place}: executed twice");
    assert!(maybe_executed || found == 0, "{place}: executed unsaid");
    let is_whole = found == 0 || found == case.effect;
    assert!(is_whole || !case.is_atomic, "{place}: {found}");
}

fn is_of_the_network(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Connection | ErrorKind::Timeout)
}

fn report(failure: Failure, ways: &[Way], outcomes: &[Outcome], took: Duration) {
    println!("{failure:?}: {} places in {took:.1?}", outcomes.len());
    println!(
        "{:24} {:>8} {:>8} {:>10} {:>10} {:>10} {:>6}",
        "", "places", "worked", "not sent", "maybe", "repeated", "wrong"
    );
    let row = |name: &str, belongs: &dyn Fn(&Point) -> bool| {
        let of_row = || outcomes.iter().filter(|outcome| belongs(&outcome.point));
        let with = |maybe: bool| {
            let errors = of_row().filter_map(|outcome| outcome.error.as_ref());
            errors.filter(|e| e.maybe_executed() == maybe).count()
        };
        println!(
            "{name:24} {:>8} {:>8} {:>10} {:>10} {:>10} {:>6}",
            of_row().count(),
            of_row().filter(|outcome| outcome.error.is_none()).count(),
            with(false),
            with(true),
            of_row().map(|outcome| outcome.repeated).sum::<usize>(),
            0,
        );
    };
    for (number, case) in CASES.iter().enumerate() {
        row(case.name, &|point| point.case == number);
    }
    for (number, way) in ways.iter().enumerate() {
        row(&format!("over {way}"), &|point| point.way == number);
    }
}
