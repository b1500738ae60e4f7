//! Slots: each reply of a pipeline by a handle that knows its type.

use std::time::{Duration, Instant};

use redis::{ErrorKind, Slot, Slots, cmd, prelude::*};

use crate::ways::{client, on_every_way, server};

#[test]
fn handles_that_a_loop_made_have_typed_replies() {
    on_every_way(|client| {
        for transaction in [true, false] {
            client.flushall().unwrap();
            client.hset("site", [("title", "Home")]).unwrap();
            let mut pipeline = client.pipeline();
            pipeline.transaction(transaction);
            let mut counters: Vec<Slot<i64>> = Vec::new();
            for page in ["home", "about", "home"] {
                counters.push(pipeline.slot().incr(page));
                pipeline.set("last", page);
            }
            let title = pipeline.slot().hget::<String>("site", "title");
            let none = pipeline.slot().get::<String>("nobody");
            let pages = pipeline
                .slot()
                .mget::<Vec<Option<u32>>>(["home", "about", "?"]);
            let own = pipeline
                .slot()
                .command::<String>(cmd("GETRANGE").key("last").arg(&0).arg(&1));

            let replies: Slots = pipeline.execute().unwrap();
            assert_eq!(replies.len(), 10);
            let counters: Vec<i64> = counters
                .into_iter()
                .map(|counter| replies.get(counter).unwrap())
                .collect();
            assert_eq!(counters, [1, 1, 2]);
            assert_eq!(replies.get(own).unwrap(), "ho");
            assert_eq!(replies.get(pages).unwrap(), [Some(2), Some(1), None]);
            assert_eq!(replies.get(none).unwrap(), None);
            // As often as you like.
            for _ in 0..2 {
                assert_eq!(replies.get(title).unwrap().as_deref(), Some("Home"));
            }
        }
    });
}

#[test]
fn looking_at_many_failed_commands_takes_as_long_as_there_are_many() {
    const MANY: usize = 10_000;
    let server = server();
    let client = client(&server);
    client.set("text", "not a number").unwrap();
    let mut pipeline = client.pipeline();
    pipeline.transaction(false).raise_on_error(false);
    let slots: Vec<Slot<i64>> = (0..MANY).map(|_| pipeline.slot().incr("text")).collect();
    let replies: Slots = pipeline.execute().unwrap();
    let begun = Instant::now();
    for (index, slot) in slots.into_iter().enumerate() {
        let error = replies.get(slot).unwrap_err();
        let place = format!("command {} (INCR text) of the pipeline: ERR ", index + 1);
        assert!(error.to_string().starts_with(&place), "{error}");
    }
    // One that looks through all before each takes minutes.
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn a_slot_of_another_execution_is_refused() {
    on_every_way(|client| {
        let mut pipeline = client.pipeline();
        let before = pipeline.slot().incr("n");
        pipeline.execute::<Slots>().unwrap();
        let cleared = pipeline.slot().incr("n");
        pipeline.clear();
        let mut other = client.pipeline();
        let elsewhere = other.slot().incr("n");
        let now = pipeline.slot().incr("n");
        let replies: Slots = pipeline.execute().unwrap();
        assert_eq!(replies.get(now).unwrap(), 2);
        for slot in [before, cleared, elsewhere] {
            let error = replies.get(slot).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert_eq!(
                error.to_string(),
                "expected a slot of the execution that these replies came from, found one of another"
            );
        }
    });
}

#[test]
fn errors_wait_in_their_slots_and_name_their_commands() {
    on_every_way(|client| {
        for transaction in [true, false] {
            client.flushall().unwrap();
            client.set("text", "t").unwrap();
            let mut pipeline = client.pipeline();
            pipeline.transaction(transaction).raise_on_error(false);
            let pushed = pipeline.slot().lpush("text", "x");
            let number = pipeline.slot().get::<i64>("text");
            let n = pipeline.slot().incr("n");
            let replies: Slots = pipeline.execute().unwrap();
            // The pipeline is used again; the replies still know their commands.
            pipeline.set("other", 1);
            let error = replies.get(pushed).unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with("command 1 (LPUSH text x) of the pipeline: WRONGTYPE"),
                "{error}"
            );
            let error = replies.get(number).unwrap_err();
            assert_eq!(
                error.to_string(),
                "command 2 (GET text) of the pipeline: expected an integer, found a bulk string of 1 bytes"
            );
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert_eq!(replies.get(n).unwrap(), 1);
        }
        // Raised, if nothing is said.
        let mut pipeline = client.pipeline();
        let _ = pipeline.slot().lpush("text", "x");
        let error = pipeline.execute::<Slots>().unwrap_err();
        assert_eq!(error.code(), Some("WRONGTYPE"));
    });
}
