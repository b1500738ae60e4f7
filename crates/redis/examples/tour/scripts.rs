//! Scripts and functions: code that the server runs as one step.

use anyhow::{Context, ensure};
use redis::{Client, prelude::*};
use redis_testkit::Server;

use crate::transcript::{line, note, show};

pub(crate) fn show(client: &Client) -> anyhow::Result<()> {
    client.script_flush()?;
    client.function_flush()?;

    line(
        "let multiply = client.register_script(\"
    local value = redis.call('GET', KEYS[1])
    value = tonumber(value)
    return value * ARGV[1]\");",
    );
    let multiply = client.register_script(
        "
    local value = redis.call('GET', KEYS[1])
    value = tonumber(value)
    return value * ARGV[1]",
    );
    show!(client.set("foo", 2)?);
    show!(let product: i64 = client.run_script(&multiply, "foo", 5)?);
    ensure!(product == 10, "product is {product}");
    note("the server did not know it, got it, and goes by its SHA-1 from now on");
    show!(let known = client.script_exists(multiply.sha1())?);
    ensure!(known == [true], "known is {known:?}");

    note("the same script on another server, and in a pipeline");
    let another_server = Server::start().context("the chapter needs another server")?;
    line(&format!(
        "let other = Client::open({:?})?;",
        another_server.url()
    ));
    let other = Client::open(&another_server.url())?;
    show!(other.set("foo", 3)?);
    show!(let product: i64 = other.run_script(&multiply, "foo", 5)?);
    ensure!(product == 15, "product is {product}");
    line(
        "let (_, product) = client.batch().set(\"foo\", 5).run_script::<i64>(&multiply, \"foo\", 5).execute()?;",
    );
    let ((), product) = client
        .batch()
        .set("foo", 5)
        .run_script::<i64>(&multiply, "foo", 5)
        .execute()?;
    show!(product);
    ensure!(product == 25, "product is {product}");

    note("functions live in libraries, which come to a server that lacks them");
    line(
        "let library = client.register_library(\"#!lua name=greetings
    redis.register_function('greet', function(keys, args) return 'hello ' .. args[1] end)\")?;",
    );
    let library = client.register_library(
        "#!lua name=greetings
    redis.register_function('greet', function(keys, args) return 'hello ' .. args[1] end)",
    )?;
    show!(let greeting: String = client.call_function(&library, "greet", (), "world")?);
    ensure!(greeting == "hello world", "greeting is {greeting:?}");
    show!(library.delete(client)?);
    Ok(())
}
