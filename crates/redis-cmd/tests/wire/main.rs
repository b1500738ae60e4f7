//! What each command puts on the wire, which of its arguments are keys, whether it only reads and whether it
//! waits: a row for each method at least.

mod arrays;
mod cluster;
mod hashes;
mod inventory;
mod keys;
mod lists;
mod raw;
mod secrets;
mod server;
mod sorted_sets;
mod spy;
mod streams;
mod strings;
mod tokens;

use redis_cmd::{
    BitOp, BitmapCommands, HashCommands, KeyCommands, MigrateOptions, Milliseconds, ReadOptions,
    ScanOptions, ServerCommands, SetCommands, SortedSetCommands, SortedSetRangeCommands,
    StreamCommands, StringCommands, ZRange,
};
use resp_proto::Value;

use crate::spy::{Sent, Spy};

/// All rows, each of which has been compared with what it must be.
fn all() -> Vec<Sent> {
    [
        strings::rows(),
        arrays::rows(),
        keys::rows(),
        hashes::rows(),
        lists::rows(),
        sorted_sets::rows(),
        streams::rows(),
        server::rows(),
        cluster::rows(),
    ]
    .concat()
}

#[test]
fn every_row_is_what_it_must_be() {
    assert!(all().len() > 500, "{}", all().len());
}

#[test]
fn lists_of_nothing_and_halves_of_pairs_are_invalid() {
    let none: [&str; 0] = [];
    assert!(Spy.del(none).invalid);
    assert!(Spy.mget::<Value>(none).invalid);
    assert!(Spy.sadd("k", none).invalid);
    assert!(Spy.sintercard(none).invalid);
    assert!(Spy.hset("k", none).invalid);
    assert!(Spy.hset("k", ["f"]).invalid);
    assert!(Spy.mset(("a", 1, "b")).invalid);
    assert!(Spy.zadd("k", (1, "a", 2)).invalid);
    assert!(
        Spy.zrange::<String>("k", ZRange::from(..).limit(0, 1))
            .invalid
    );
    let nothing = MigrateOptions::keys(none);
    assert!(Spy.migrate("h", 1, 0, Milliseconds(1), nothing).invalid);
    assert!(!Spy.info(none).invalid);
    let sets = || ScanOptions::new().key_type("set");
    assert!(Spy.hscan::<String, String>("k", 0, sets()).invalid);
    assert!(Spy.hscan_novalues::<String>("k", 0, sets()).invalid);
    assert!(Spy.sscan::<String>("k", 0, sets()).invalid);
    assert!(Spy.zscan::<String>("k", 0, sets()).invalid);
    assert!(Spy.zscan_noscores::<String>("k", 0, sets()).invalid);
    assert!(!Spy.scan::<String>(0, sets()).invalid);
    let options = ReadOptions::new;
    for (ids, invalid) in [(&["0"][..], true), (&["0"; 2], false), (&["0"; 3], true)] {
        let sent = Spy.xread::<String, Value>(options(), ["a", "b"], ids);
        assert_eq!(sent.invalid, invalid, "{ids:?}");
    }
    assert!(Spy.bitop(BitOp::Not, "d", ["a", "b"]).invalid);
    assert!(!Spy.bitop(BitOp::Not, "d", "a").invalid);
    assert!(!Spy.bitop(BitOp::Or, "d", ["a", "b"]).invalid);
}
