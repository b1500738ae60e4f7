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
    ArrayCommands, BitOp, BitmapCommands, ClientCommands, ClientFilter, ClusterCommands, Each,
    EntryPolicy, GeoAddOptions, GeoArea, GeoCommands, GeoOptions, GeoOrigin, GeoUnit, HashCommands,
    HotKeyCommands, HotKeyOptions, KeyCommands, LexRange, MigrateOptions, Milliseconds,
    ReadOptions, ScanOptions, ScoreRange, ScriptingCommands, ServerCommands, SetCommands,
    SlotMigrations, SortOptions, SortedSetCommands, SortedSetRangeCommands, StreamCommands,
    StringCommands, VectorSetCommands, XCfgSetOptions, ZCombineOptions, ZRange, cmd,
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
    assert!(Spy.geoadd("k", none).invalid);
    assert!(Spy.geoadd("k", (1, 2)).invalid);
    assert!(Spy.geoadd("k", ("m", 1, 2, "n")).invalid);
    assert!(
        Spy.zrange::<String>("k", ZRange::from(..).limit(0, 1))
            .invalid
    );
    let nothing = MigrateOptions::keys(none);
    assert!(Spy.migrate("h", 1, 0, Milliseconds(1), nothing).invalid);
    assert!(!Spy.info(none).invalid);
    let all = ClientFilter::new;
    assert!(Spy.client_kill(all().id(none)).invalid);
    assert!(Spy.client_kill(all().not_id(none)).invalid);
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

#[test]
fn what_would_mean_something_else_than_was_said_is_invalid() {
    // A pair whose value is written as nothing would make the next key a value.
    assert!(Spy.mset([("a", None::<&str>), ("b", None)]).invalid);
    // What comes behind it would have another index.
    assert!(Spy.arset("k", 0, [Some("a"), None, Some("c")]).invalid);
    assert!(Spy.arinsert("k", vec![None, Some("c")]).invalid);
    assert!(Spy.arring("k", 3, (1, None::<i64>)).invalid);
    assert!(Spy.hset("k", [("f", Some(1)), ("g", None)]).invalid);
    assert!(!Spy.hset("k", [("f", Some(1)), ("g", Some(2))]).invalid);
    // So would a place without its member.
    let places = [(1, 2, Some("m")), (3, 4, None), (5, 6, None), (7, 8, None)];
    assert!(
        Spy.geoadd_with("k", places, GeoAddOptions::new().nx())
            .invalid
    );
    assert!(
        !Spy.geoadd_with("k", &places[..1], GeoAddOptions::new().nx())
            .invalid
    );
    // The second id would be a key.
    let options = ReadOptions::new;
    assert!(
        Spy.xread::<String, Value>(options(), "s", ["0", "0", "0"])
            .invalid
    );
    assert!(
        Spy.xread::<String, Value>(options(), ["s", "t"], "0")
            .invalid
    );
    // Commands that count or remove have no limit to stop at.
    let part = || ScoreRange::new(0.0, 1.0).limit(0, 1);
    assert!(Spy.zcount("k", part()).invalid);
    assert!(Spy.zremrangebyscore("k", part()).invalid);
    assert!(!Spy.zrangebyscore::<String>("k", part()).invalid);
    let part = || LexRange::from(..).limit(0, 1);
    assert!(Spy.zlexcount("k", part()).invalid);
    assert!(Spy.zremrangebylex("k", part()).invalid);
    assert!(Spy.vrange::<String>("k", part(), -1).invalid);
    assert!(Spy.xcfgset("k", XCfgSetOptions::new()).invalid);
    // More than there can be is all there is.
    let all = Spy.sort::<Value>("k", SortOptions::new().limit(0, u64::MAX));
    assert_eq!(all.arguments[4], i64::MAX.to_string());
    let all = Spy.zrange::<String>("k", ScoreRange::from(..).limit(0, u64::MAX));
    assert_eq!(all.arguments[7], i64::MAX.to_string());
    // What is stored is told nobody.
    let (area, told) = (
        || GeoArea::circle(GeoOrigin::member("m"), 1.0, GeoUnit::Kilometers),
        GeoOptions::new().with_dist(),
    );
    assert!(
        Spy.geosearchstore("d", "k", area(), told.clone()).invalid,
        "{told:?}"
    );
    assert!(!Spy.geosearch::<String>("k", area(), told).invalid);
    let none: [f64; 0] = [];
    let options = ZCombineOptions::new().weights(none);
    assert!(Spy.zunion::<String>(["a", "b"], options).invalid);
    // The weight of the next set would be this one's.
    let options = ZCombineOptions::new().weights([Some(2.0), None, Some(3.0)]);
    assert!(Spy.zunion::<String>(["a", "b"], options).invalid);
    // These would name everybody and nothing.
    assert!(Spy.client_kill(ClientFilter::new()).invalid);
    assert!(!Spy.client_list_with(ClientFilter::new()).invalid);
    let area = GeoArea::polygon(&[]);
    assert!(
        Spy.geosearch::<String>("k", area, GeoOptions::new())
            .invalid
    );
    let slots = SlotMigrations::new(&[(1, 2)], "n").and(&[], "m");
    assert!(Spy.cluster_migrateslots(slots).invalid);
    assert!(Spy.hotkeys_start(HotKeyOptions::cpu().slots(&[])).invalid);
}

#[test]
fn what_is_told_by_its_place_has_one() {
    let some = [Some("a"), None, Some("c")];
    let one = [Some("a")];
    type Value = resp_proto::Value;
    type Ask = fn(&[Option<&str>]) -> Sent;
    let asks: [(&str, Ask); 28] = [
        ("armget", |of| Spy.armget::<Value>("k", of)),
        ("bitop", |of| Spy.bitop(BitOp::Diff, "d", of)),
        ("geohash", |of| Spy.geohash("k", of)),
        ("geopos", |of| Spy.geopos("k", of)),
        ("hexpire", |of| Spy.hexpire("k", 1, None, of)),
        ("hexpireat", |of| Spy.hexpireat("k", 1, None, of)),
        ("hexpiretime", |of| Spy.hexpiretime("k", of)),
        ("hgetdel", |of| Spy.hgetdel::<Value>("k", of)),
        ("hgetex", |of| Spy.hgetex::<Value>("k", Milliseconds(1), of)),
        ("hmget", |of| Spy.hmget::<Value>("k", of)),
        ("hpersist", |of| Spy.hpersist("k", of)),
        ("hpexpire", |of| Spy.hpexpire("k", 1, None, of)),
        ("hpexpireat", |of| Spy.hpexpireat("k", 1, None, of)),
        ("hpexpiretime", |of| Spy.hpexpiretime("k", of)),
        ("hpttl", |of| Spy.hpttl("k", of)),
        ("httl", |of| Spy.httl("k", of)),
        ("mget", |of| Spy.mget::<Value>(of)),
        ("script_exists", |of| Spy.script_exists(of)),
        ("sdiff", |of| Spy.sdiff::<Value>(of)),
        ("sdiffcard", |of| Spy.sdiffcard(of)),
        ("sdiffcard_limit", |of| Spy.sdiffcard_limit(of, 1)),
        ("sdiffstore", |of| Spy.sdiffstore("d", of)),
        ("smismember", |of| Spy.smismember("k", of)),
        ("xdelex", |of| {
            Spy.xdelex("k", EntryPolicy::KeepReferences, of)
        }),
        ("zdiff", |of| Spy.zdiff::<Value>(of)),
        ("zdiff_withscores", |of| Spy.zdiff_withscores::<Value>(of)),
        ("zdiffstore", |of| Spy.zdiffstore("d", of)),
        ("zmscore", |of| Spy.zmscore("k", of)),
    ];
    for (name, ask) in asks {
        assert!(ask(&some).invalid, "{name}");
        assert!(!ask(&one).invalid, "{name}");
    }
    // Where nothing is answered by its place, `None` is nothing.
    assert_eq!(Spy.del(some).arguments, ["DEL", "a", "c"]);
    assert!(!Spy.del(some).invalid);
    assert!(!Spy.sadd("k", some).invalid);
}

#[test]
fn arguments_come_from_iterators_too() {
    let keys = Each((1..=3).map(|number| format!("user:{number}")));
    assert_eq!(
        cmd::<Value>("DEL").several_keys(&keys).to_string(),
        "DEL user:1 user:2 user:3"
    );
    let pairs = Each([("a", 1), ("b", 2)].into_iter());
    assert_eq!(
        cmd::<Value>("HSET").pairs(&pairs).to_string(),
        "HSET a 1 b 2"
    );
    assert!(Spy.mset(Each([("a", None::<i64>)].into_iter())).invalid);
    assert!(Spy.del(Each(std::iter::empty::<&str>())).invalid);
    assert_eq!(cmd::<Value>("ECHO").arg(&'é').to_string(), "ECHO é");
}
