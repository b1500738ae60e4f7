//! A cache in front of something slow: what it does not have is loaded and kept for a while. When the
//! server is down, everything is slow and nothing fails.
//!
//! `cargo run -p redis --example cache_aside [-- --url redis://localhost]`

mod stage;

use std::{
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use redis::{Client, SetOptions, prelude::*};
use stage::Stage;

/// Values for a while, by their keys.
struct Cache<'c> {
    client: &'c Client,
    lifetime: Duration,
}

impl Cache<'_> {
    /// The value of `key`, from the cache or else from `load`.
    fn get_or_load(
        &self,
        key: &str,
        load: impl FnOnce() -> anyhow::Result<String>,
    ) -> anyhow::Result<String> {
        match self.client.get(key) {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => {}
            Err(error) => eprintln!("not from the cache: {error}"),
        }
        let value = load()?;
        let options = SetOptions::new().expiry(self.lifetime);
        if let Err(error) = self.client.set_with(key, &value, options) {
            eprintln!("not into the cache: {error}");
        }
        Ok(value)
    }

    /// Drops the value of `key`, for whoever has changed it at its source. That one must know if it
    /// failed: others would read the old value.
    ///
    /// Even if it did not fail, they may: whoever had loaded the old value just before puts it into the cache just
    /// after, where it stays for its lifetime. So that is how old a value can be at most, and to be chosen for that.
    fn forget(&self, key: &str) -> redis::Result<()> {
        self.client.unlink(key).map(drop)
    }
}

/// The slow source.
fn look_up(product: u32) -> anyhow::Result<String> {
    thread::sleep(Duration::from_millis(50));
    Ok(format!("product {product}, 12.50 €"))
}

fn main() -> anyhow::Result<()> {
    let stage = Stage::of(stage::Arguments::parse())?;
    let cache = Cache {
        client: &stage.client,
        lifetime: Duration::from_secs(60),
    };
    cache.forget("example:product:7")?;
    for _ in 0..3 {
        let started = Instant::now();
        let product = cache.get_or_load("example:product:7", || look_up(7))?;
        println!("{product} after {:.1?}", started.elapsed());
    }
    if let Some(left) = stage.client.ttl("example:product:7")?.left() {
        println!("to be loaded again after {left:?}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, time::Duration};

    use redis::{Client, RetryPolicy, Seconds, Ttl, prelude::*};

    use super::{Cache, stage::Stage};

    #[test]
    fn what_was_loaded_once_comes_from_the_cache_until_it_is_forgotten() {
        let stage = Stage::own().unwrap();
        let cache = Cache {
            client: &stage.client,
            lifetime: Duration::from_secs(60),
        };
        let loads = Cell::new(0);
        let read = || {
            let load = || {
                loads.set(loads.get() + 1);
                Ok(format!("version {}", loads.get()))
            };
            cache.get_or_load("example:a", load).unwrap()
        };
        assert_eq!([read(), read(), read()], ["version 1"; 3]);
        assert!(matches!(
            stage.client.ttl("example:a").unwrap(),
            Ttl::Left(Seconds(50..=60))
        ));
        cache.forget("example:a").unwrap();
        assert_eq!([read(), read()], ["version 2"; 2]);
    }

    #[test]
    fn without_a_server_everything_is_loaded() {
        let client = Client::open("redis://127.0.0.1:1").unwrap();
        let client = client.with_retry(RetryPolicy::none());
        let cache = Cache {
            client: &client,
            lifetime: Duration::from_secs(60),
        };
        let value = cache.get_or_load("example:a", || Ok("loaded".into()));
        assert_eq!(value.unwrap(), "loaded");
        assert!(cache.forget("example:a").is_err());
    }
}
