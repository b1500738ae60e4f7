//! Scans: all keys, or a large value, a page at a time.

use std::collections::BTreeMap;

use anyhow::ensure;
use redis::{Client, ScanOptions, prelude::*};

use crate::transcript::{line, note, show};

pub(crate) fn show(client: &Client) -> anyhow::Result<()> {
    line(
        "for (key, value) in [(\"A\", \"1\"), (\"B\", \"2\"), (\"C\", \"3\")] { client.set(key, value)?; }",
    );
    for (key, value) in [("A", "1"), ("B", "2"), ("C", "3")] {
        client.set(key, value)?;
    }
    note("the client is free inside the loop");
    line(
        "for key in client.scan_iter::<String>(ScanOptions::new()) {
    let key = key?;
    found.insert(key.clone(), client.get::<String>(key)?);
}",
    );
    let mut found = BTreeMap::new();
    for key in client.scan_iter::<String>(ScanOptions::new()) {
        let key = key?;
        found.insert(key.clone(), client.get::<String>(key)?);
    }
    show!(&found);
    ensure!(found.len() == 3, "found is {found:?}");

    note("large values, too; a pattern and the size of a page are options");
    show!(client.zadd("scores", [(9.5, "ada"), (7.25, "alan"), (8.0, "grace")])?);
    show!(
        let scores: Result<BTreeMap<String, f64>, redis::Error> =
            client.zscan_iter("scores", ScanOptions::new().pattern("a*").count(100)).collect()
    );
    let scores = scores?;
    ensure!(scores.len() == 2, "scores is {scores:?}");

    note("a scan says where it is, and another one goes on from there");
    line("let members: Vec<u32> = (0..1_000).collect();");
    let members: Vec<u32> = (0..1_000).collect();
    show!(client.sadd("many", members)?);
    line(
        "let mut scan = client.sscan_iter::<u32>(\"many\", ScanOptions::new().count(100)).unique();",
    );
    let mut scan = client
        .sscan_iter::<u32>("many", ScanOptions::new().count(100))
        .unique();
    show!(let first = scan.by_ref().take(250).count());
    show!(let cursor = scan.cursor());
    ensure!(first == 250 && cursor.is_some(), "cursor is {cursor:?}");
    show!(let rest = scan.resume_at(cursor.unwrap_or_default()).count());
    ensure!(first + rest == 1_000, "{rest} more came");
    Ok(())
}
