//! Many threads on a small pool whose connections are killed at random: every reply belongs to its call,
//! nobody waits for longer than allowed, and nothing grows.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use live_tests::held::Held;
use redis::{Client, Error, ErrorKind, Execute, cmd, prelude::*};
use redis_testkit::{Direction, Failure, FaultProxy, Faults, Server};

use crate::{
    thoroughness::plain_or_full,
    ways::{client, server},
};

/// Set for the process in which the rounds run, where nothing else opens files or starts threads.
const CHILD: &str = "LIVE_TESTS_KILLING";
const THREADS: u64 = 32;
const POOL: usize = 4;
/// For each of: a free connection, making one, a reply. Not to be reached, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(5);

#[test]
fn threads_whose_connections_are_killed_get_their_own_replies_and_nothing_grows() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killing::rounds", "--nocapture"])
        .env(CHILD, "1")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    // It would be content with no test of that name.
    assert!(output.status.success() && said.contains("1 passed"));
}

/// Not a test of its own: what the process does that the test above starts.
#[test]
fn rounds() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let calls = plain_or_full(1_000, 10_000);
    let rounds = plain_or_full(4, 10);
    let server = server();
    let proxy = FaultProxy::start(server.tcp_addr()).unwrap();
    let watcher = client(&server);
    let client = Client::builder()
        .tcp("127.0.0.1", proxy.tcp_addr().unwrap().port())
        .max_connections(POOL)
        .wait_timeout(LIMIT)
        .connect_timeout(LIMIT)
        .response_timeout(LIMIT)
        .build();
    let mut held: Vec<Held> = Vec::new();
    for round in 0..rounds {
        let tally = Tally::default();
        let begun = Instant::now();
        let kills = one_round(&server, &proxy, &client, round, calls, &tally);
        settle(&client, &watcher);
        // The proxy's own threads for connections that are gone may take a moment to end.
        let before = held.first().copied().unwrap_or_else(Held::now);
        let now = Held::settled(before, Duration::from_secs(10));
        println!(
            "round {round}: {} calls in {:.1?}, {kills} connections killed, {} calls failed, \
             longest {:?}, {now:?}",
            THREADS * calls,
            begun.elapsed(),
            tally.failed.load(Ordering::Relaxed),
            Duration::from_micros(tally.longest.load(Ordering::Relaxed)),
        );
        assert!(kills > calls / 50, "{kills} kills prove nothing");
        held.push(now);
    }
    // The first round warms up: buffers, the allocator's arenas, stacks.
    let (warm, last) = (&held[1], &held[held.len() - 1]);
    assert!(
        last.sockets <= warm.sockets && last.threads <= warm.threads,
        "{held:?}"
    );
    let room = warm.resident.map(|resident| resident + (8 << 20));
    assert!(last.resident <= room, "{held:?}");
}

/// What the calls of a round came to.
#[derive(Default)]
struct Tally {
    failed: AtomicU64,
    /// In microseconds.
    longest: AtomicU64,
}

/// All threads make their calls while connections are killed; how many were.
fn one_round(
    server: &Server,
    proxy: &FaultProxy,
    client: &Client,
    round: u64,
    calls: u64,
    tally: &Tally,
) -> u64 {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let killer = scope.spawn(|| kill_until(&is_over, server, proxy, round));
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| scope.spawn(move || call_and_check(client, round, thread, calls, tally)))
            .collect();
        let outcomes: Vec<_> = threads
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        is_over.store(true, Ordering::Relaxed);
        for outcome in outcomes {
            outcome.unwrap();
        }
        killer.join().unwrap()
    })
}

fn call_and_check(client: &Client, round: u64, thread: u64, calls: u64, tally: &Tally) {
    let counter = format!("counter:{round}:{thread}");
    // The counter is between these two.
    let (mut least, mut most) = (0, 0);
    for number in 0..calls {
        let begun = Instant::now();
        let outcome = if number % 2 == 0 {
            let question = format!("{round}:{thread}:{number}");
            let answer = client.echo::<String>(&question);
            answer.map(|answer| assert_eq!(answer, question, "a wrong reply"))
        } else {
            most += 1;
            let count = client.incr(&counter);
            count.map(|count| {
                assert!(
                    (least + 1..=most).contains(&count),
                    "{count} is a wrong reply"
                );
                (least, most) = (count, count);
            })
        };
        let took = begun.elapsed();
        // Up to three attempts, each with its three waits, and time for a busy machine.
        assert!(took < 3 * 3 * LIMIT + LIMIT, "took {took:?}: {outcome:?}");
        let micros = u64::try_from(took.as_micros()).unwrap();
        tally.longest.fetch_max(micros, Ordering::Relaxed);
        if let Err(error) = outcome {
            tally.failed.fetch_add(1, Ordering::Relaxed);
            assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
            if number % 2 == 1 && !error.maybe_executed() {
                most -= 1;
            }
        }
    }
}

/// Kills a connection every few milliseconds, in the network or in the server, at once or in the middle
/// of a reply or of a request.
fn kill_until(is_over: &AtomicBool, server: &Server, proxy: &FaultProxy, seed: u64) -> u64 {
    let killer = client(server);
    let mut random = Random(seed + 1);
    let mut kills = 0;
    while !is_over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(1 + random.below(4)));
        let links = proxy.links();
        if links.is_empty() {
            continue;
        }
        let link = &links[random.below(links.len() as u64) as usize];
        let direction = Direction::BOTH[random.below(2) as usize];
        let after = random.below(60);
        match random.below(5) {
            0 => link.cut(),
            1 => link.reset(),
            2 => link.set(direction, Faults::none().after(after, Failure::Cut)),
            3 => link.set(direction, Faults::none().after(after, Failure::Reset)),
            _ => kill_in_the_server(&killer, &mut random).unwrap(),
        }
        kills += 1;
    }
    proxy.heal().unwrap();
    kills
}

fn kill_in_the_server(killer: &Client, random: &mut Random) -> Result<(), Error> {
    let own: u64 = killer.execute(cmd("CLIENT ID"))?;
    let list: String = killer.execute(cmd("CLIENT LIST"))?;
    let ids: Vec<u64> = list
        .lines()
        .filter_map(|line| line.strip_prefix("id=")?.split(' ').next()?.parse().ok())
        .filter(|&id| id != own)
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let victim = ids[random.below(ids.len() as u64) as usize];
    let kill = cmd("CLIENT KILL").arg("ID").arg(&victim);
    killer.execute::<i64>(kill).map(drop)
}

/// With the kills over, the pool fills up once more, and the server knows of no more connections.
fn settle(client: &Client, watcher: &Client) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| (0..10).for_each(|_| drop(client.ping())));
            }
        });
        let list: String = watcher.execute(cmd("CLIENT LIST")).unwrap();
        let stats = client.pool_stats();
        if list.lines().count() == POOL + 1 && stats.idle == POOL && stats.in_use == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{stats:?}\n{list}");
    }
}

/// A generator of numbers that are the same in every run (xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
