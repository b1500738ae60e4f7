//! One client in many threads.

use std::thread;

use anyhow::ensure;
use redis::{Client, prelude::*};

use crate::transcript::{line, note, show};

pub(crate) fn show(client: &Client) -> anyhow::Result<()> {
    note("every command takes &self, so a shared reference is all that a thread needs");
    line(
        "thread::scope(|scope| {\n    for _ in 0..8 {\n        scope.spawn(|| (0..100).try_for_each(|_| \
         client.incr(\"hits\").map(drop)));\n    }\n});",
    );
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..100).try_for_each(|_| client.incr("hits").map(drop))))
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().expect("no thread panics"))
    })?;
    show!(let hits: Option<i64> = client.get("hits")?);
    ensure!(hits == Some(800), "hits is {hits:?}");
    note("they had connections from the pool inside");
    show!(client.pool_stats());
    Ok(())
}
