//! A report that one machine of many makes each night, and a machine that wakes up too late.
//!
//! `cargo run -p redis --example distributed_lock [-- --url redis://localhost]`

mod stage;

use std::{sync::LazyLock, thread, time::Duration};

use clap::Parser;
use redis::{Client, ErrorKind, Script, prelude::*};
use stage::Stage;

/// Stores a report unless a newer one is there. The lock alone cannot keep a machine from writing that
/// was stopped for longer than the lock lasts; the number that it has got under the lock can.
static STORE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local newest = tonumber(redis.call('HGET', KEYS[1], 'number') or 0)
         if tonumber(ARGV[1]) < newest then return 0 end
         redis.call('HSET', KEYS[1], 'number', ARGV[1], 'text', ARGV[2])
         return 1",
    )
});

const LOCK: &str = "example:report:lock";
const NUMBER: &str = "example:report:number";
const REPORT: &str = "example:report";

/// Makes the report unless it is there; whether it was this machine that did.
fn make_report(client: &Client, machine: &str) -> redis::Result<bool> {
    let lock = client.lock(LOCK, Duration::from_secs(10));
    let guard = lock.acquire(Duration::from_secs(30))?;
    if client.exists(REPORT)? > 0 {
        return Ok(false);
    }
    let number = client.incr(NUMBER)?;
    thread::sleep(Duration::from_millis(50)); // It takes its time,
    guard.reacquire()?; // and says now and then that it is still there.
    let stored = client.run_script(&STORE, REPORT, (number, format!("by {machine}")))?;
    guard.release()?;
    Ok(stored)
}

/// A machine that falls asleep after it has taken the lock, and another one that then makes the report;
/// whether the first could store its own, and what it was told when it gave the lock back.
fn sleep_through(client: &Client) -> redis::Result<(bool, ErrorKind)> {
    let lock = client.lock(LOCK, Duration::from_millis(50));
    let guard = lock.acquire(Duration::from_secs(30))?;
    let number = client.incr(NUMBER)?;
    let other_machine = make_report(client, "the machine that was awake")?;
    assert!(other_machine, "the report was there before");
    let stored = client.run_script(&STORE, REPORT, (number, "by the machine that slept"))?;
    let told = guard
        .release()
        .map_or_else(|error| error.kind(), |()| unreachable!());
    Ok((stored, told))
}

/// How many of four machines have made the report.
fn play(client: &Client) -> redis::Result<usize> {
    client.unlink([LOCK, NUMBER, REPORT])?;
    thread::scope(|scope| {
        let machine = |number| make_report(client, &format!("machine {number}"));
        let machines: Vec<_> = (1..=4)
            .map(|number| scope.spawn(move || machine(number)))
            .collect();
        let mut made = 0;
        for machine in machines {
            made += usize::from(machine.join().expect("no machine panics")?);
        }
        Ok(made)
    })
}

fn main() -> anyhow::Result<()> {
    let client = &Stage::of(stage::Arguments::parse())?.client;
    println!("{} of 4 machines made the report", play(client)?);
    println!("it is {:?}", client.hget::<String>(REPORT, "text")?);
    client.unlink(REPORT)?;
    let (stored, told) = sleep_through(client)?;
    println!("whoever slept could store its own: {stored}, and was told {told:?}");
    println!("it is {:?}", client.hget::<String>(REPORT, "text")?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use redis::{ErrorKind, prelude::*};

    use super::{REPORT, play, sleep_through, stage::Stage};

    #[test]
    fn one_machine_makes_the_report() {
        let stage = Stage::own().unwrap();
        assert_eq!(play(&stage.client).unwrap(), 1);
        assert_eq!(stage.client.hget::<u64>(REPORT, "number").unwrap(), Some(1));
    }

    #[test]
    fn whoever_slept_through_its_lock_overwrites_nothing() {
        let stage = Stage::own().unwrap();
        let slept = sleep_through(&stage.client).unwrap();
        assert_eq!(slept, (false, ErrorKind::LockNotOwned));
        let text: Option<String> = stage.client.hget(REPORT, "text").unwrap();
        assert_eq!(text.as_deref(), Some("by the machine that was awake"));
    }
}
