//! Errors: the server's own words, a kind to match on, and whether the command may have run.

use anyhow::{bail, ensure};
use redis::{Client, Error, ErrorKind, Result, ServerErrorKind, prelude::*};

use crate::transcript::{failed, line, note, show};

pub(crate) fn show(client: &Client) -> anyhow::Result<()> {
    show!(client.set("text", "not a list")?);
    let error = fails("client.lpush(\"text\", 1)?;", client.lpush("text", 1))?;
    show!(error.kind());
    show!(error.code());
    ensure!(
        error.kind() == ErrorKind::Server(ServerErrorKind::WrongType),
        "it is another error: {error}"
    );

    note("a type that does not fit is an error, not a guess");
    fails(
        "let n: Option<i64> = client.get(\"text\")?;",
        client.get::<i64>("text"),
    )?;

    note("a pipeline names the command that failed");
    fails(
        "client.batch().incr(\"n\").lpush(\"text\", \"x\").execute()?;",
        client.batch().incr("n").lpush("text", "x").execute(),
    )?;

    note("what cannot be sent is not sent");
    fails("client.del([] as [&str; 0])?;", client.del([] as [&str; 0]))?;

    note("a server that is not there: an error at once, and nothing was executed");
    line("let nobody = Client::open(\"redis://127.0.0.1:1\")?;");
    let nobody = Client::open("redis://127.0.0.1:1")?;
    let error = fails("nobody.incr(\"n\")?;", nobody.incr("n"))?;
    show!((error.is_connection(), error.maybe_executed()));
    ensure!(
        error.is_connection() && !error.maybe_executed(),
        "it is another error: {error}"
    );
    Ok(())
}

/// Shows a call that has to fail.
fn fails<T>(code: &str, result: Result<T>) -> anyhow::Result<Error> {
    line(code);
    match result {
        Ok(_) => bail!("expected an error from {code}"),
        Err(error) => {
            failed(&error);
            Ok(error)
        }
    }
}
