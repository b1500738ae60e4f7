//! Locks: only one program at a time, on however many machines.

use std::time::Duration;

use anyhow::{bail, ensure};
use redis::{Client, ErrorKind, prelude::*};

use crate::transcript::{failed, line, note, show};

pub(crate) fn show(client: &Client) -> anyhow::Result<()> {
    line("let lock = client.lock(\"report\", Duration::from_secs(30));");
    let lock = client.lock("report", Duration::from_secs(30));
    line("let guard = lock.acquire(Duration::from_secs(5))?;");
    let guard = lock.acquire(Duration::from_secs(5))?;
    show!(lock.is_locked()?);
    show!(client.ttl("report")?);

    note("whoever comes meanwhile waits, for as long as it likes");
    line("lock.acquire(Duration::from_millis(50))?;");
    match lock.acquire(Duration::from_millis(50)) {
        Err(error) if error.kind() == ErrorKind::LockTaken => failed(&error),
        other => bail!("expected the lock to be taken, found {other:?}"),
    }

    note("more time, before it is over");
    show!(guard.extend(Duration::from_secs(30))?);
    show!(client.ttl("report")?);

    note("dropping the guard gives it back; giving it back by hand says whether it was still ours");
    show!(guard.release()?);
    show!(lock.is_locked()?);
    line("let guard = lock.acquire(Duration::from_secs(5))?;");
    let guard = lock.acquire(Duration::from_secs(5))?;
    show!(client.del("report")?);
    line("guard.release()?;");
    match guard.release() {
        Err(error) if error.kind() == ErrorKind::LockNotOwned => failed(&error),
        other => bail!("expected it not to be owned any more, found {other:?}"),
    }
    ensure!(!lock.is_locked()?, "the lock is taken");
    Ok(())
}
