//! Pipelines: collected in any shape, sent in one go, as a transaction or not.

use anyhow::ensure;
use redis::{Client, Received, Slots, prelude::*};

use crate::transcript::{line, note, show};

pub(crate) fn show(client: &Client) -> anyhow::Result<()> {
    line("let mut pipeline = client.pipeline();");
    let mut pipeline = client.pipeline();
    line("pipeline.set(\"foo\", 5);");
    pipeline.set("foo", 5);
    line("pipeline.set(\"bar\", 18.5);");
    pipeline.set("bar", 18.5);
    show!(pipeline.set("blee", "hello world!").len());
    show!(let replies: Vec<bool> = pipeline.execute()?);
    ensure!(replies == [true; 3], "replies is {replies:?}");

    note("calls are chained, and the replies are of the types that you say");
    show!(client.set("auto_number", 5)?);
    show!(
        let replies: (bool, bool, i64) = client
            .pipeline()
            .set("foo", "bar")
            .sadd("faz", "baz")
            .incr("auto_number")
            .execute()?
    );
    ensure!(replies == (true, true, 6), "replies is {replies:?}");

    note("a loop fills it, and it says what type its replies are");
    line("for page in [\"home\", \"about\", \"home\"] { pipeline.incr(page); }");
    for page in ["home", "about", "home"] {
        pipeline.incr(page);
    }
    show!(let hits: Vec<i64> = pipeline.execute()?);
    ensure!(hits == [1, 1, 2], "hits is {hits:?}");

    note("MULTI and EXEC are around it unless you say otherwise");
    line("pipeline.transaction(false).set(\"a\", 1).get::<i64>(\"a\");");
    pipeline.transaction(false).set("a", 1).get::<i64>("a");
    show!(let a: ((), i64) = pipeline.execute()?);
    ensure!(a.1 == 1, "a is {a:?}");

    note("a slot is the handle of one reply, and knows its type");
    show!(let visits = pipeline.slot().incr("visits"));
    show!(let title = pipeline.slot().hget::<String>("site", "title"));
    show!(let replies: Slots = pipeline.execute()?);
    let count = show!(replies.get(visits)?);
    let title = show!(replies.get(title)?);
    ensure!(
        count == 1 && title.is_none(),
        "the replies are {count} and {title:?}"
    );

    note("each command with its own result, as far as they came");
    line("pipeline.incr(\"a\").lpush(\"a\", \"x\").incr(\"a\");");
    pipeline.incr("a").lpush("a", "x").incr("a");
    show!(let received: Received<i64> = pipeline.execute()?);
    ensure!(
        received.lost.is_none() && received.replies[1].is_err(),
        "received is {received:?}"
    );
    Ok(())
}
