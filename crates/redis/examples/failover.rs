//! A failover watched live: a set of a primary, two replicas and three Sentinels is started, threads write to
//! the primary, and it is demoted, paused and killed under them.
//!
//! ```text
//! cargo run -p redis --example failover
//! ```

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use redis::{Client, RetryPolicy, Sentinel, prelude::*};
use redis_testkit::SentinelSet;

const THREADS: usize = 8;
/// How often a line is printed.
const TICK: Duration = Duration::from_millis(250);
/// How long a failover is watched at most.
const LIMIT: Duration = Duration::from_secs(30);

/// What became of the calls since the last line.
#[derive(Default)]
struct Tally {
    done: AtomicU64,
    /// Failed, and certainly not executed.
    refused: AtomicU64,
    /// Failed, and nobody knows.
    unknown: AtomicU64,
}

/// A fate: what is done to the primary, in words and in deed.
type Fate = (
    &'static str,
    fn(&SentinelSet) -> Result<(), redis_testkit::Error>,
);

const FATES: [Fate; 3] = [
    ("demoted (SENTINEL FAILOVER)", |set| set.fail_over()),
    ("paused (SIGSTOP)", |set| set.primary()?.pause()),
    ("killed (SIGKILL)", |set| set.primary()?.kill()),
];

fn main() -> anyhow::Result<()> {
    play(&FATES)
}

/// Lets these things happen to a primary, one after the other, while threads write to it. Ends well only if
/// they go on writing after each.
fn play(fates: &[Fate]) -> anyhow::Result<()> {
    println!("Starting a primary, two replicas and three Sentinels …");
    let set = SentinelSet::start()?;
    let sentinel = Sentinel::builder()
        .sentinels(set.sentinel_addrs())?
        .clients(
            Client::builder()
                .connect_timeout(Duration::from_secs(1))
                .response_timeout(Duration::from_millis(500))
                .retry(RetryPolicy::none()),
        )
        .build();
    let master = sentinel.master_for(set.name());
    let watcher = sentinel.watch()?;
    let (tally, over) = (Tally::default(), AtomicBool::new(false));
    let result = thread::scope(|scope| {
        for thread in 0..THREADS {
            let (master, tally, over) = (&master, &tally, &over);
            scope.spawn(move || write_until(over, master, thread, tally));
        }
        let result = watch(&set, &sentinel, &tally, fates);
        over.store(true, Ordering::Relaxed);
        result
    });
    drop(watcher);
    result
}

fn watch(
    set: &SentinelSet,
    sentinel: &Sentinel,
    tally: &Tally,
    fates: &[Fate],
) -> anyhow::Result<()> {
    for (name, happen) in fates {
        let old = set.primary()?;
        for _ in 0..2 {
            print_line(sentinel, set.name(), tally);
        }
        println!("--- {} is {name} ---", old.tcp_addr());
        happen(set)?;
        let begun = Instant::now();
        loop {
            print_line(sentinel, set.name(), tally);
            if set.primary().is_ok_and(|now| now.port() != old.port()) {
                break;
            }
            anyhow::ensure!(
                begun.elapsed() < LIMIT,
                "nobody was promoted within {LIMIT:?}"
            );
        }
        println!("--- another one after {:.1?} ---", begun.elapsed());
        tally.done.store(0, Ordering::Relaxed);
        while print_line(sentinel, set.name(), tally) == 0 {
            anyhow::ensure!(
                begun.elapsed() < 2 * LIMIT,
                "nothing was written to the new primary"
            );
        }
        // So that there are two replicas for the next one.
        match old.is_running() {
            true => old.resume()?,
            false => old.restart()?,
        }
        while sentinel.discover_replicas(set.name())?.len() < 2 {
            anyhow::ensure!(
                begun.elapsed() < 2 * LIMIT,
                "the old primary did not come back"
            );
            thread::sleep(TICK);
        }
        // What was done meanwhile is nobody's news.
        tally.done.store(0, Ordering::Relaxed);
    }
    for _ in 0..2 {
        print_line(sentinel, set.name(), tally);
    }
    println!("The servers are stopped and nothing is left behind.");
    Ok(())
}

/// Prints what became of the calls since the last line; how many of them have succeeded.
fn print_line(sentinel: &Sentinel, name: &str, tally: &Tally) -> u64 {
    thread::sleep(TICK);
    let take = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
    let primary = match sentinel.discover_master(name) {
        Ok(address) => format!("the primary is {address}"),
        Err(error) => format!("no primary ({:?})", error.kind()),
    };
    let done = take(&tally.done);
    println!(
        "{done:>6} writes, {:>3} failed, {:>2} perhaps executed; {primary}",
        take(&tally.refused),
        take(&tally.unknown),
    );
    done
}

fn write_until(over: &AtomicBool, master: &Client, thread: usize, tally: &Tally) {
    let key = format!("counter:{thread}");
    while !over.load(Ordering::Relaxed) {
        let count = match master.incr(&key) {
            Ok(_) => &tally.done,
            Err(error) if error.maybe_executed() => &tally.unknown,
            Err(_) => &tally.refused,
        };
        count.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(test)]
mod tests {
    use super::{FATES, play};

    #[test]
    fn writing_goes_on_after_the_primary_was_killed() {
        play(&FATES[2..]).unwrap();
    }
}
