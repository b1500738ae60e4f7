//! How a server is reached, for how long it is waited for, and what happens when it goes away.

use std::time::Duration;

use anyhow::{bail, ensure};
use redis::{Client, RetryPolicy, prelude::*};

use crate::transcript::{failed, line, note, show};

pub(crate) fn show(client: &Client) -> anyhow::Result<()> {
    note("a URL says it all; printed, it keeps its secrets");
    line(
        "let config = ConnectionConfig::from_url(\"redis://me:secret@cache:6380/2?response_timeout=0.5\")?;",
    );
    let config =
        redis::ConnectionConfig::from_url("redis://me:secret@cache:6380/2?response_timeout=0.5")?;
    show!(config.to_string());
    ensure!(!config.to_string().contains("secret"), "a secret was shown");

    note("a handle of its own timeouts and retries, on the same connections");
    line(
        "let hasty = client.with_response_timeout(Duration::from_millis(50)).with_retry(RetryPolicy::none());",
    );
    let hasty = client
        .with_response_timeout(Duration::from_millis(50))
        .with_retry(RetryPolicy::none());
    show!(hasty.ping()?);

    note("a server that takes too long: an error in time, which says what may have happened");
    let slow = || redis::cmd("EVAL").arg("for i = 1, 5e7 do end").arg(&0);
    line("hasty.execute::<()>(cmd(\"EVAL\").arg(\"for i = 1, 5e7 do end\").arg(&0))?;");
    let Err(error) = hasty.execute::<()>(slow()) else {
        bail!("fifty million rounds took less than 50 ms");
    };
    failed(&error);
    show!((error.is_timeout(), error.maybe_executed()));
    ensure!(
        error.is_timeout() && error.maybe_executed(),
        "it is another error: {error}"
    );
    note("that connection is gone, so the late answer is nobody's");
    show!(client.echo::<String>("mine")?);
    Ok(())
}
