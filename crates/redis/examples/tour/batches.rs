//! Batches: the compiler adds up what comes back.

use anyhow::ensure;
use redis::{Client, prelude::*};

use crate::transcript::{line, note, show};

pub(crate) fn show(client: &Client) -> anyhow::Result<()> {
    note("no annotation: the tuple's type comes from the commands");
    line(
        "let (ok, bing, n) =\n    client.batch().set(\"foo\", \"bar\").get::<String>(\"bing\").incr(\"n\").execute()?;",
    );
    let (ok, bing, n) = client
        .batch()
        .set("foo", "bar")
        .get::<String>("bing")
        .incr("n")
        .execute()?;
    show!((ok, bing.as_deref(), n));
    ensure!(bing.is_none() && n == 1, "the replies are {bing:?} and {n}");
    Ok(())
}
