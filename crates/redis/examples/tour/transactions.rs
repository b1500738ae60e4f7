//! Transactions on watched keys: the loop of redis-py's documentation, and the call that does it all.

use std::thread;

use anyhow::ensure;
use redis::{Client, ErrorKind, prelude::*};

use crate::transcript::{failed, line, note, show};

pub(crate) fn show(client: &Client) -> anyhow::Result<()> {
    show!(client.set("OUR-SEQUENCE-KEY", 41)?);
    note("a connection of our own: commands are executed at once, and the key is watched");
    line("let mut watched = client.watch(\"OUR-SEQUENCE-KEY\")?;");
    let mut watched = client.watch("OUR-SEQUENCE-KEY")?;
    show!(let current: Option<i64> = watched.get("OUR-SEQUENCE-KEY")?);
    note("somebody else is faster");
    show!(client.incr("OUR-SEQUENCE-KEY")?);
    show!(let next = current.unwrap_or(0) + 1);
    line("watched.multi().set(\"OUR-SEQUENCE-KEY\", next).execute::<()>()?;");
    let result = watched
        .multi()
        .set("OUR-SEQUENCE-KEY", next)
        .execute::<()>();
    match result {
        Err(error) if error.kind() == ErrorKind::Watch => failed(&error),
        other => anyhow::bail!("expected a conflict, found {other:?}"),
    }
    note("once more, from the beginning");
    show!(watched.watch("OUR-SEQUENCE-KEY")?);
    show!(let current: Option<i64> = watched.get("OUR-SEQUENCE-KEY")?);
    show!(let next = current.unwrap_or(0) + 1);
    line("let (done,): (bool,) = watched.multi().set(\"OUR-SEQUENCE-KEY\", next).execute()?;");
    let (done,): (bool,) = watched.multi().set("OUR-SEQUENCE-KEY", next).execute()?;
    show!((done, next));
    ensure!(done && next == 43, "next is {next}");
    drop(watched);

    note("the same in one call, which tries again by itself; 8 threads, 25 times each");
    line("client.transaction(\"n\", |watched| {");
    line("    let n: i64 = watched.get(\"n\")?.unwrap_or(0);");
    line("    watched.multi().set(\"n\", n + 1).execute::<()>()");
    line("})?;");
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    (0..25).try_for_each(|_| {
                        client.transaction("n", |watched| {
                            let n: i64 = watched.get("n")?.unwrap_or(0);
                            watched.multi().set("n", n + 1).execute::<()>()
                        })
                    })
                })
            })
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().expect("no panic"))
    })?;
    let n = show!(client.get::<i64>("n")?);
    ensure!(n == Some(200), "n is {n:?}");
    Ok(())
}
