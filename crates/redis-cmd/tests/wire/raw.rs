//! Commands of plain arguments are known by their names: each row once more, without its method.

use std::time::Duration;

use redis_cmd::{BlockingCommands, Execute, ReadOptions, StreamCommands, Waits, cmd, raw};
use resp_proto::Value;

use crate::spy::{Sent, Spy};

#[test]
fn every_row_is_known_by_its_name_alone() {
    let rows = crate::all();
    // Argument lists that are not text would be others when they are read back from their escapes.
    let plain = rows
        .iter()
        .filter(|row| !row.arguments.iter().any(|argument| argument.contains('\\')));
    let mut compared = 0;
    for row in plain {
        let sent = Spy.execute(raw(&row.arguments));
        let known = Sent {
            keys: Vec::new(),
            ..row.clone()
        };
        assert_eq!(sent, known);
        compared += 1;
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn the_words_of_a_name_may_be_one_argument_and_in_any_case() {
    let sent = Spy.execute(raw(&("config get", "maxmemory")));
    assert_eq!((&*sent.name, sent.read_only), ("config get", true));
    assert_eq!(sent.arguments, ["config", "get", "maxmemory"]);
    assert!(!sent.invalid);
    assert_eq!(Spy.execute(raw(&["Hgetall", "k"])).name, "Hgetall");
    assert!(Spy.execute(raw(&["client list"])).read_only);
    // COMMAND holds others and can be called.
    assert_eq!(Spy.execute(raw(&["COMMAND"])).name, "COMMAND");
    assert_eq!(Spy.execute(raw(&["ANY.COMMAND", "x"])).name, "ANY.COMMAND");
}

#[test]
fn what_must_not_be_sent_is_invalid_here_as_well() {
    let none: [&str; 0] = [];
    assert!(Spy.execute(raw(&none)).invalid);
    // The next argument is not the name instead.
    for blank in ["", " ", "  ", "\t"] {
        assert!(Spy.execute(raw(&[blank, "FLUSHALL"])).invalid, "{blank:?}");
        let made = Spy.execute(cmd::<Value>(blank).word("FLUSHALL"));
        assert!(made.invalid, "{blank:?}");
    }
    assert!(Spy.execute(raw(&["select", "1"])).invalid);
    assert!(Spy.execute(raw(&["CLIENT REPLY", "OFF"])).invalid);
}

#[test]
fn what_begins_at_the_end_of_a_stream_is_not_repeated() {
    let repeated = |words: &[&str]| Spy.execute(raw(words)).read_only;
    assert!(repeated(&["XREAD", "STREAMS", "a", "b", "0", "1-1"]));
    assert!(repeated(&["XREAD", "STREAMS", "$", "+", "0", "1-1"]));
    assert!(repeated(&["XREAD", "STREAMS", "STREAMS", "a", "0", "0"]));
    assert!(!repeated(&["XREAD", "STREAMS", "a", "b", "0", "$"]));
    assert!(!repeated(&["xread", "count", "1", "streams", "a", "+"]));
    assert!(!repeated(&["XREAD", "STREAMS", "STREAMS", "a", "$", "0"]));

    let options = ReadOptions::new;
    assert!(
        !Spy.xread::<Value, Value>(options(), ("a", "b"), (0, "+"))
            .read_only
    );
    let wait = |ids: &str| Spy.xread_block::<Value, Value>(options(), None, "$", ids);
    assert!(!wait("$").read_only);
    assert!(wait("5-0").read_only);
}

#[test]
fn limits_are_read_from_where_they_stand() {
    let waits = |words: &[&str]| Spy.execute(raw(words)).waits;
    let seconds = |seconds| Waits::For(Duration::from_secs_f64(seconds));
    assert_eq!(waits(&["blpop", "a", "b", "1.5"]), seconds(1.5));
    assert_eq!(waits(&["BLPOP", "a", "0"]), Waits::Forever);
    assert_eq!(waits(&["BLMPOP", "2", "1", "a", "LEFT"]), seconds(2.0));
    assert_eq!(
        waits(&["XREAD", "block", "2000", "STREAMS", "a", "$"]),
        seconds(2.0)
    );
    assert_eq!(
        waits(&["XREAD", "BLOCK", "0", "STREAMS", "a", "$"]),
        Waits::Forever
    );
    assert_eq!(waits(&["XREAD", "STREAMS", "BLOCK", "5"]), Waits::No);
    let migrate = |timeout| waits(&["migrate", "host", "6379", "k", "0", timeout, "COPY"]);
    // Its limit is for each piece that the servers exchange.
    for timeout in ["2500", "0", "-1"] {
        assert_eq!(migrate(timeout), Waits::Forever, "{timeout}");
    }
    assert_eq!(migrate("soon"), Waits::No);
    assert_eq!(waits(&["MIGRATE", "host"]), Waits::No);
    let set_slot =
        |timeout: &[&str]| waits(&[&["cluster", "setslot", "5", "NODE", "n"], timeout].concat());
    assert_eq!(set_slot(&[]), seconds(2.0));
    assert_eq!(set_slot(&["timeout", "7500"]), seconds(7.5));
    assert_eq!(set_slot(&["TIMEOUT", "0"]), Waits::Forever);
    assert_eq!(set_slot(&["TIMEOUT", "soon"]), Waits::No);
    assert_eq!(waits(&["CLUSTER SETSLOT", "5", "STABLE"]), seconds(2.0));
    assert_eq!(waits(&["CLUSTER", "SLOTS"]), Waits::No);
    assert_eq!(waits(&["CLUSTER"]), Waits::No);
    assert_eq!(waits(&["shutdown"]), seconds(10.0));
    assert_eq!(waits(&["SHUTDOWN", "NOSAVE", "FORCE"]), seconds(10.0));
    assert_eq!(waits(&["SHUTDOWN", "NOSAVE", "now"]), Waits::No);
    assert_eq!(waits(&["SHUTDOWN", "ABORT"]), Waits::No);
    let group = ["XREADGROUP", "GROUP", "BLOCK", "7", "STREAMS", "a", ">"];
    assert_eq!(waits(&group), Waits::No);
    // Servers take the clauses in any order.
    let group = "xreadgroup count 1 block 2000 group g c streams a >";
    let group: Vec<&str> = group.split(' ').collect();
    assert_eq!(waits(&group), seconds(2.0));
    // The server refuses these at once.
    for limit in ["never", "-1", "nan", ""] {
        assert_eq!(waits(&["BLPOP", "a", limit]), Waits::No, "{limit}");
    }
    // What no server takes is for ever.
    let long = Some(Duration::MAX);
    let sent = Spy.blpop::<Value, Value>("a", long);
    assert_eq!((&*sent.arguments[2], sent.waits), ("0", Waits::Forever));
    let sent = Spy.wait(1, long);
    assert_eq!((&*sent.arguments[2], sent.waits), ("0", Waits::Forever));
    let century = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    let sent = Spy.blpop::<Value, Value>("a", Some(century));
    assert_eq!(
        (&*sent.arguments[2], sent.waits),
        ("3153600000", Waits::For(century))
    );
    assert_eq!(waits(&["BLPOP", "a", "1e300"]), Waits::Forever);
    assert_eq!(waits(&["BLPOP"]), Waits::No);
}
