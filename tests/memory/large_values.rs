//! How much memory large values and long pipelines cost beyond the caller's own copies.

use std::time::Duration;

use redis::{Client, Protocol, Slots, prelude::*};
use redis_testkit::Server;

use crate::peak::{alone, peak};

const MIB: usize = 1 << 20;
const VALUE: usize = 64 * MIB;
/// At most 1.1 times the value.
const MOST: usize = VALUE / 10 * 11;
/// What a client, or an empty pipeline, may keep once it is idle again: less than any large value.
const KEPT: usize = 2 * MIB;

fn report(what: &str, peak: usize, own: usize) -> usize {
    let beyond = peak.saturating_sub(own);
    let ratio = beyond as f64 / VALUE as f64;
    println!("{what}: {ratio:.3} times the value beyond the caller's own copy ({beyond} bytes)");
    beyond
}

#[test]
fn large_values_and_long_pipelines_cost_little_more_than_themselves() {
    let _alone = alone();
    let server = Server::start().unwrap();
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let client = Client::builder()
            .tcp(server.host(), server.port())
            .protocol(protocol)
            .response_timeout(Duration::from_secs(60))
            .build();
        client.ping().unwrap();
        a_large_value(&client);
        a_long_pipeline(&client);
        replies_that_nobody_keeps(&client);
        requests_that_slots_can_name(&client);
    }
}

fn a_large_value(client: &Client) {
    let value = vec![b'x'; VALUE];

    let ((), set, _) = peak(|| client.set("large", &value).unwrap());
    let set = report("SET of &Vec<u8>", set, 0);
    assert!(set < MOST, "{set}");

    let (answer, get, stays) = peak(|| client.get::<Vec<u8>>("large").unwrap().unwrap());
    assert!(answer == value, "another value came back");
    let get = report("GET into Vec<u8>", get, VALUE);
    assert!(get < MOST, "{get}");
    let kept = stays.saturating_sub(VALUE);
    println!("kept by the idle client: {kept} bytes");
    assert!(kept < KEPT, "{kept}");

    let (count, strlen, kept) = peak(|| {
        let mut pipeline = client.pipeline();
        pipeline.get::<Vec<u8>>("large").strlen("large");
        let (answer, length): (Vec<u8>, usize) = pipeline.execute().unwrap();
        answer.len() + length
    });
    assert_eq!(count, 2 * VALUE);
    let strlen = report("GET and STRLEN in a transaction", strlen, VALUE);
    assert!(strlen < MOST, "{strlen}");
    println!("kept by the idle client: {kept} bytes");
    assert!(kept < KEPT, "{kept}");
}

/// Beyond its requests and the caller's own replies, it takes what a small one does.
fn a_long_pipeline(client: &Client) {
    const COMMANDS: usize = 1_000_000;
    /// Of a reply like `:1000000` with its CRLF.
    const REPLY: usize = 10;
    for transaction in [false, true] {
        client.del("counter").unwrap();
        let mut pipeline = client.pipeline();
        pipeline.transaction(transaction);
        for _ in 0..COMMANDS {
            pipeline.incr("counter");
        }
        let (counts, peak, stays) = peak(|| pipeline.execute::<Vec<i64>>().unwrap());
        assert!(counts.iter().copied().eq(1..=COMMANDS as i64));
        let beyond = peak.saturating_sub(COMMANDS * size_of::<i64>());
        println!(
            "{COMMANDS} commands, transaction {transaction}: {beyond} bytes beyond requests and replies"
        );
        // A transaction's replies are one reply, which is read whole before it is decoded: its bytes, and
        // when their buffer grows, for a moment, nearly as much again.
        let most = if transaction {
            9 * COMMANDS * REPLY / 4
        } else {
            KEPT
        };
        assert!(beyond < most, "{beyond}");
        // All but the replies is given back.
        drop(counts);
        assert!(stays < COMMANDS * size_of::<i64>() + KEPT, "{stays}");
    }
}

fn replies_that_nobody_keeps(client: &Client) {
    client.set("value", vec![b'x'; 10_000]).unwrap();
    let mut pipeline = client.pipeline();
    pipeline.transaction(false);
    for _ in 0..20_000 {
        pipeline.get::<Vec<u8>>("value");
    }
    let ((), peak, _) = peak(|| pipeline.execute::<()>().unwrap());
    println!("200 MB of replies that nobody keeps: {peak} bytes");
    assert!(peak < MIB, "{peak}");
}

/// The requests of a pipeline are handed over for that, not copied.
fn requests_that_slots_can_name(client: &Client) {
    const LENGTH: usize = 64 << 10;
    let value = vec![b'x'; LENGTH];
    let mut pipeline = client.pipeline();
    pipeline.transaction(false);
    for _ in 0..VALUE / LENGTH {
        pipeline.set("value", &value);
    }
    let text = pipeline.slot().get::<i64>("value");
    let (replies, peak, _) = peak(|| pipeline.execute::<Slots>().unwrap());
    println!("slots for requests of {VALUE} bytes: {peak} bytes");
    assert!(peak < MIB, "{peak}");
    let error = replies.get(text).unwrap_err().to_string();
    assert!(
        error.starts_with("command 1025 (GET value) of the pipeline: "),
        "{error}"
    );
}
