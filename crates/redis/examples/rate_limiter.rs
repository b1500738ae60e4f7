//! A limit on how often somebody may do something, kept by a script: so many times in any stretch of
//! time, whichever process asks.
//!
//! `cargo run -p redis --example rate_limiter [-- --url redis://localhost]`

mod stage;

use std::{sync::LazyLock, thread, time::Duration};

use clap::Parser;
use redis::{Client, Script, prelude::*};
use stage::Stage;

/// Keeps the times of what was allowed in a sorted set. The time is the server's: clients disagree.
static ASK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME')
         local now = time[1] * 1000 + math.floor(time[2] / 1000)
         local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
         redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
         local used = redis.call('ZCARD', KEYS[1])
         if used >= limit then
             local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
             return {0, 0, oldest[2] + window - now}
         end
         redis.call('ZADD', KEYS[1], now, now .. ':' .. used)
         redis.call('PEXPIRE', KEYS[1], window)
         return {1, limit - used - 1, 0}",
    )
});

struct RateLimiter<'c> {
    client: &'c Client,
    limit: u32,
    /// In any stretch of time as long as this.
    window: Duration,
}

#[derive(Debug, PartialEq)]
enum Verdict {
    /// Go ahead; so many more may follow at once.
    Allowed { left: u32 },
    /// Ask again after so long.
    Wait(Duration),
}

impl RateLimiter<'_> {
    fn ask(&self, who: &str) -> redis::Result<Verdict> {
        let key = format!("example:rate:{who}");
        let args = (self.limit, self.window.as_millis());
        let (allowed, left, wait): (bool, u32, u64) = self.client.run_script(&ASK, key, args)?;
        Ok(match allowed {
            true => Verdict::Allowed { left },
            false => Verdict::Wait(Duration::from_millis(wait)),
        })
    }
}

fn main() -> anyhow::Result<()> {
    let stage = Stage::of(stage::Arguments::parse())?;
    let limiter = RateLimiter {
        client: &stage.client,
        limit: 3,
        window: Duration::from_secs(1),
    };
    for request in 1..=8 {
        loop {
            match limiter.ask("ada")? {
                Verdict::Allowed { left } => break println!("request {request}, {left} left"),
                Verdict::Wait(time) => {
                    println!("request {request} waits for {time:?}");
                    thread::sleep(time);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use super::{RateLimiter, Verdict, stage::Stage};

    #[test]
    fn no_more_than_the_limit_pass_however_many_ask_at_once() {
        let stage = Stage::own().unwrap();
        let limiter = RateLimiter {
            client: &stage.client,
            limit: 20,
            window: Duration::from_secs(60),
        };
        assert_eq!(limiter.ask("ada").unwrap(), Verdict::Allowed { left: 19 });
        let passed: usize = thread::scope(|scope| {
            let ask =
                || (0..10).filter(|_| matches!(limiter.ask("ada"), Ok(Verdict::Allowed { .. })));
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(move || ask().count())).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(passed, 19);
        assert_eq!(limiter.ask("grace").unwrap(), Verdict::Allowed { left: 19 });
    }

    #[test]
    fn whoever_waits_as_long_as_told_passes() {
        let stage = Stage::own().unwrap();
        let limiter = RateLimiter {
            client: &stage.client,
            limit: 2,
            window: Duration::from_millis(300),
        };
        assert_eq!(limiter.ask("ada").unwrap(), Verdict::Allowed { left: 1 });
        // On a busy machine, the window may have passed before the limit was reached.
        let verdicts = (0..1000).map(|_| limiter.ask("ada").unwrap());
        let time = verdicts.into_iter().find_map(|verdict| match verdict {
            Verdict::Allowed { .. } => None,
            Verdict::Wait(time) => Some(time),
        });
        let time = time.expect("of a thousand at once, some have to wait");
        assert!(time <= Duration::from_millis(300), "{time:?}");
        thread::sleep(time);
        assert!(matches!(
            limiter.ask("ada").unwrap(),
            Verdict::Allowed { .. }
        ));
    }
}
