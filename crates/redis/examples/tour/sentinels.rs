//! Sentinels: who is the primary, and clients that follow it.

use std::time::Duration;

use anyhow::ensure;
use redis::{Client, ErrorKind, RetryPolicy, Sentinel, prelude::*};
use redis_testkit::SentinelSet;

use crate::transcript::{failed, line, note, show};

/// How long the replica, or a failover, is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn show(_: &Client) -> anyhow::Result<()> {
    let set = SentinelSet::builder().replicas(1).sentinels(1, 1).start()?;
    let address = set.sentinel_addrs().remove(0);
    let old = set.primary()?;
    note("a primary, a replica and a Sentinel of their own, just started");
    line(&format!("let sentinel = Sentinel::new([{address:?}])?;"));
    let sentinel = Sentinel::new([address])?;
    show!(let primary = sentinel.discover_master("mymaster")?);
    show!(let replicas = sentinel.discover_replicas("mymaster")?);
    ensure!(replicas.len() == 1, "{replicas:?}");

    note("ordinary clients, for the primary and for its replicas");
    line("let master = sentinel.master_for(\"mymaster\");");
    let master = sentinel.master_for("mymaster");
    line("let replica = sentinel.replica_for(\"mymaster\");");
    let replica = sentinel.replica_for("mymaster");
    show!(master.set("foo", "bar")?);
    set.servers()[1].wait_until_in_sync(old, PATIENCE)?;
    show!(let value: Option<String> = replica.get("foo")?);
    ensure!(value.as_deref() == Some("bar"), "foo is {value:?}");

    note("the primary is killed: until there is another one, calls fail, or wait if they may");
    old.kill()?;
    let hasty = master.with_retry(RetryPolicy::none());
    line("master.with_retry(RetryPolicy::none()).incr(\"n\")?;");
    match hasty.incr("n") {
        Err(error) => failed(&error),
        Ok(n) => ensure!(n > 0, "n is {n}"),
    }
    line(
        "let patient = master.with_retry(RetryPolicy::exponential(100, Duration::from_millis(50), Duration::from_millis(200)));",
    );
    let pauses = (Duration::from_millis(50), Duration::from_millis(200));
    let patient = master.with_retry(RetryPolicy::exponential(100, pauses.0, pauses.1));
    show!(let value: Option<String> = patient.get("foo")?);
    ensure!(value.as_deref() == Some("bar"), "foo is {value:?}");
    show!(let promoted = sentinel.discover_master("mymaster")?);
    ensure!(promoted != primary, "{promoted} was not promoted");

    note("a name that no Sentinel knows");
    let Err(error) = sentinel.discover_master("nobody") else {
        anyhow::bail!("there is somebody called nobody");
    };
    line("sentinel.discover_master(\"nobody\")?;");
    failed(&error);
    ensure!(error.kind() == ErrorKind::MasterNotFound, "{error}");
    Ok(())
}
