//! Set, get, count, and the types that values come back as.

use std::collections::{BTreeSet, HashMap};

use anyhow::ensure;
use redis::{Client, SetOptions, prelude::*};

use crate::transcript::{note, show};

pub(crate) fn show(client: &Client) -> anyhow::Result<()> {
    show!(client.ping()?);
    show!(client.set("foo", "bar")?);
    show!(let value: Option<String> = client.get("foo")?);
    ensure!(value.as_deref() == Some("bar"), "foo is {value:?}");
    show!(let missing: Option<String> = client.get("missing")?);
    ensure!(missing.is_none(), "there is a value");

    note("numbers are numbers, bytes are bytes");
    show!(client.incr("visits")?);
    show!(client.incrby("visits", 41)?);
    show!(let visits: Option<u64> = client.get("visits")?);
    ensure!(visits == Some(42), "visits is {visits:?}");
    show!(client.set("raw", b"\x00\xff")?);
    show!(let raw: Option<Vec<u8>> = client.get("raw")?);
    ensure!(raw.is_some_and(|raw| raw == b"\x00\xff"), "raw has changed");

    note("options that cannot contradict each other");
    show!(client.set_with("lock", "mine", SetOptions::new().nx().ex(30))?);
    show!(client.set_with("lock", "yours", SetOptions::new().nx().ex(30))?);
    show!(client.ttl("lock")?);

    note("hashes, lists, sets and sorted sets come back as what they are");
    show!(client.hset("user:1", [("name", "Ada"), ("born", "1815")])?);
    show!(let user: HashMap<String, String> = client.hgetall("user:1")?);
    ensure!(user.len() == 2, "user is {user:?}");
    show!(client.rpush("queue", ["a", "b", "c"])?);
    show!(client.lrange::<String>("queue", 0, -1)?);
    show!(client.sadd("tags", ["red", "blue", "red"])?);
    show!(let tags: BTreeSet<String> = client.smembers("tags")?);
    ensure!(tags.len() == 2, "tags is {tags:?}");
    show!(client.zadd("scores", [(1.5, "ann"), (2.5, "bob")])?);
    show!(let scores: Vec<(String, f64)> = client.zrange_withscores("scores", ..)?);
    ensure!(
        scores
            .last()
            .is_some_and(|(name, score)| name == "bob" && *score == 2.5),
        "scores is {scores:?}"
    );
    Ok(())
}
