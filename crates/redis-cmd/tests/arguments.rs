//! Arguments: the encoding that grows as they come is the one that would be written at once.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, VecDeque},
    num::NonZero,
    rc::Rc,
    sync::Arc,
};

use proptest::prelude::*;
use redis_cmd::{Command, ToArg, ToArgs, Typed, cmd};
use resp_proto::{Value, encode};

fn written<A: ToArgs + ?Sized>(args: &A) -> Vec<String> {
    let command: Command<'_, Value> = cmd("X").args(args);
    command
        .arguments()
        .skip(1)
        .map(|argument| String::from_utf8_lossy(argument).into_owned())
        .collect()
}

fn one<A: ToArg>(arg: A) -> String {
    let mut all = written(&arg);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn what_is_one_argument() {
    assert_eq!(one("text"), "text");
    assert_eq!(one(String::from("text")), "text");
    assert_eq!(one(b"bytes"), "bytes");
    assert_eq!(one(&b"bytes"[..]), "bytes");
    assert_eq!(one(b"bytes".to_vec()), "bytes");
    assert_eq!(one(Cow::Borrowed("text")), "text");
    assert_eq!(one(Arc::<str>::from("text")), "text");
    assert_eq!(one(Rc::new(7)), "7");
    assert_eq!(one(7_u8), "7");
    assert_eq!(one(i128::MIN), i128::MIN.to_string());
    assert_eq!(one(u64::MAX), u64::MAX.to_string());
    assert_eq!(one(NonZero::new(-7_i8).unwrap()), "-7");
    assert_eq!(one(0.1_f32), "0.1");
    assert_eq!(one(0.1_f64), "0.1");
    assert_eq!(one(f64::NEG_INFINITY), "-inf");
    assert_eq!(one(-12.141_592_653_59), "-12.14159265359");
}

#[test]
fn what_is_several_arguments() {
    assert_eq!(written(&[1, 2, 3]), ["1", "2", "3"]);
    assert_eq!(written(&vec![b"a", b"b"]), ["a", "b"]);
    assert_eq!(written(&("a", 1, 2.5)), ["a", "1", "2.5"]);
    assert_eq!(written(&[("a", 1), ("b", 2)]), ["a", "1", "b", "2"]);
    assert_eq!(
        written(&BTreeMap::from([("a", 1), ("b", 2)])),
        ["a", "1", "b", "2"]
    );
    assert_eq!(written(&BTreeSet::from(["b", "a"])), ["a", "b"]);
    assert_eq!(written(&VecDeque::from(["b", "a"])), ["b", "a"]);
    assert_eq!(written(&[Some("a"), None, Some("c")]), ["a", "c"]);
    assert_eq!(written(&None::<&str>), [""; 0]);
    assert_eq!(written(&()), [""; 0]);
}

#[test]
fn keys_are_found_behind_long_arguments() {
    let long = "v".repeat(10_000);
    let command: Command<'_, Value> = cmd("SET").arg(&long).key("k1").arg(&long).key("k2");
    assert_eq!(command.keys().collect::<Vec<_>>(), [b"k1", b"k2"]);
    assert_eq!(command.borrowed().len(), 2);
    assert_eq!(command.name(), "SET");
}

#[test]
fn a_command_is_shown_short_readable_and_without_secrets() {
    let shown = |words: &[&[u8]]| Typed::new(words.iter().copied()).to_string();
    assert_eq!(shown(&[b"LPUSH", b"c", b"3"]), "LPUSH c 3");
    assert_eq!(
        shown(&[b"SET", b"two words", b"", b"say \"hi\""]),
        r#"SET "two words" "" "say \"hi\"""#
    );
    assert_eq!(
        shown(&[b"SET", "grüße".as_bytes(), b"\xff\x00"]),
        r#"SET grüße "\xff\x00""#
    );
    assert_eq!(
        shown(&[b"SET", b"k", "ü".repeat(100).as_bytes()]),
        format!("SET k {}...", "ü".repeat(32))
    );
    let cut = "a".to_owned() + &"ü".repeat(100);
    assert_eq!(
        shown(&[b"SET", b"k", cut.as_bytes()]),
        format!("SET k a{}...", "ü".repeat(31))
    );
    assert_eq!(shown(&[&b"a"[..]; 20]), "a a a a a a a a ...");
    assert_eq!(shown(&[b"auth", b"user", b"hunter2"]), "auth ...");
    assert_eq!(
        shown(&[b"CONFIG", b"SET", b"requirepass", b"hunter2"]),
        "CONFIG SET ..."
    );
    assert_eq!(shown(&[b"PING"]), "PING");
}

#[test]
fn an_argument_longer_than_servers_take_is_not_sent() {
    // Zeroed memory that nobody touches costs nothing.
    let most = vec![0_u8; 512 << 20];
    let command: Command<'_, Value> = cmd("SET").key("k").arg(&most);
    assert_eq!(command.reason_against(), None);
    let more = vec![0_u8; (512 << 20) + 1];
    let command: Command<'_, Value> = cmd("SET").key("k").arg(&more);
    assert_eq!(
        command.reason_against(),
        Some("expected at most 512 MiB in one argument, found more")
    );
}

proptest! {
    /// The naive way: write everything at once, knowing how many there are.
    #[test]
    fn growing_a_request_is_the_same_as_writing_it_at_once(
        lengths in prop::collection::vec(prop_oneof![0_usize..20, 4000_usize..5000], 0..130)
    ) {
        let arguments: Vec<Vec<u8>> =
            lengths.iter().enumerate().map(|(index, &length)| vec![index as u8; length]).collect();
        let command: Command<'_, Value> = cmd("NAME").args(&arguments);
        let mut grown = Vec::new();
        command.write_to(&mut grown);

        let mut all: Vec<&[u8]> = vec![b"NAME"];
        all.extend(arguments.iter().map(Vec::as_slice));
        let mut at_once = Vec::new();
        encode::request(&mut at_once, &all);
        prop_assert_eq!(&grown, &at_once);
        prop_assert_eq!(command.arguments().collect::<Vec<_>>(), all);
    }
}
