//! The table of default casts, entry by entry: those that no captured reply tells apart from others.

use redis_cmd::{Call, CallOptions, raw};
use resp_proto::Value;

use crate::casts::{array, cast, map, scored, status};

/// The cast of the reply to a command whose words are apart by spaces.
fn of(command: &str, reply: Value) -> Value {
    let words: Vec<_> = command.split(' ').collect();
    cast(&words, reply)
}

/// Names with commas in between.
fn each(names: &'static str) -> impl Iterator<Item = &'static str> {
    names.split(',').map(str::trim)
}

/// They answer `OK`.
const DONE: &str = "ACL LOAD, ACL SAVE, ACL SETUSER, ASKING, AUTH, BACKUP ABORT, BACKUP CLEANUP, BACKUP SEAL,
    BACKUP START, CLIENT CACHING, CLIENT CAPA, CLIENT IMPORT-SOURCE, CLIENT KILL, CLIENT NO-EVICT, CLIENT NO-TOUCH,
    CLIENT PAUSE, CLIENT REPLY, CLIENT SETINFO, CLIENT SETNAME, CLIENT TRACKING, CLIENT UNPAUSE, CLUSTER ADDSLOTS,
    CLUSTER ADDSLOTSRANGE, CLUSTER CANCELSLOTMIGRATIONS, CLUSTER DELSLOTS, CLUSTER DELSLOTSRANGE, CLUSTER FAILOVER,
    CLUSTER FLUSHSLOT, CLUSTER FLUSHSLOTS, CLUSTER FORGET, CLUSTER MEET, CLUSTER MIGRATESLOTS, CLUSTER REPLICATE,
    CLUSTER RESET, CLUSTER SAVECONFIG, CLUSTER SET-CONFIG-EPOCH, CLUSTER SETSLOT, COMMANDLOG RESET, CONFIG RESETSTAT,
    CONFIG REWRITE, CONFIG SET, DISCARD, FAILOVER, FLUSHALL, FLUSHDB, FUNCTION DELETE, FUNCTION FLUSH, FUNCTION KILL,
    FUNCTION RESTORE, HMSET, HOTKEYS RESET, HOTKEYS START, HOTKEYS STOP, LSET, LTRIM, MEMORY PURGE, MIGRATE,
    MODULE LOAD, MODULE LOADEX, MODULE UNLOAD, MSET, MULTI, PFMERGE, PSETEX, QUIT, READONLY, READWRITE, RENAME,
    REPLICAOF, RESTORE, SAVE, SCRIPT DEBUG, SCRIPT FLUSH, SCRIPT KILL, SELECT, SENTINEL CKQUORUM, SENTINEL FAILOVER,
    SENTINEL FLUSHCONFIG, SENTINEL MONITOR, SENTINEL REMOVE, SENTINEL RESET, SENTINEL SET, SET, SETEX, SHUTDOWN,
    SLAVEOF, SLOWLOG RESET, SWAPDB, UNWATCH, WATCH, XCFGSET, XGROUP CREATE, XGROUP SETID, XSETID";

/// They answer 1 or 0.
const TRUTH: &str = "ARSEEK, CLIENT UNBLOCK, COPY, EXPIRE, EXPIREAT, HEXISTS, MOVE, MSETNX, PERSIST, PEXPIRE, PEXPIREAT,
    RENAMENX, SETNX, SMOVE, VADD, VISMEMBER, VREM, VSETATTR, XGROUP DESTROY";

#[test]
fn every_command_that_only_does_something_answers_true() {
    for name in each(DONE) {
        assert_eq!(of(name, status("OK")), true.into(), "{name}");
        // In a transaction it is not done yet.
        assert_eq!(of(name, status("QUEUED")), status("QUEUED"), "{name}");
    }
    for name in ["BGREWRITEAOF", "BGSAVE"] {
        assert_eq!(of(name, status("Background saving started")), true.into());
    }
}

#[test]
fn every_command_that_may_not_do_something_answers_whether_it_did() {
    for name in each(TRUTH) {
        for done in [true, false] {
            let reply = Value::from(i64::from(done));
            assert_eq!(of(name, reply), done.into(), "{name}");
        }
    }
}

#[test]
fn names_with_values_are_maps_on_their_own_in_lists_and_in_maps() {
    let flat = || array(["a", "1"]);
    let one = || map([("a", "1")]);
    for name in each("ARINFO, BACKUP STATUS, CONFIG GET, HGETALL, STRALGO, VINFO") {
        assert_eq!(of(name, flat()), one(), "{name}");
    }
    let lists = "CLUSTER GETSLOTMIGRATIONS, CLUSTER LINKS, CLUSTER MIGRATION, HOTKEYS GET, MODULE LIST, SENTINEL REPLICAS,
        SENTINEL SENTINELS, SENTINEL SLAVES, XINFO CONSUMERS, XINFO GROUPS";
    for name in each(lists) {
        let Value::Array(maps) = of(name, array([flat()])) else {
            panic!("{name}: expected an array");
        };
        assert_eq!(maps[0].get("a"), Some(&"1".into()), "{name}");
    }
    let modules = of("HELLO", array(["modules".into(), array([flat()])]));
    assert_eq!(modules.get("modules"), Some(&array([one()])));
    let slots = of("CLUSTER SLOT-STATS", array([array([7.into(), flat()])]));
    assert_eq!(slots, array([array([7.into(), one()])]));
    let keys = array(["by-cpu-time-us".into(), flat()]);
    let Value::Array(hot) = of("HOTKEYS GET", array([keys])) else {
        panic!("expected an array");
    };
    assert_eq!(hot[0].get("by-cpu-time-us"), Some(&one()));
    let times = array(["histogram_usec".into(), flat()]);
    let latencies = of("LATENCY HISTOGRAM", array(["get".into(), times]));
    let get = latencies.get("get").expect("a command");
    assert_eq!(get.get("histogram_usec"), Some(&one()));
}

#[test]
fn members_are_sets_and_scores_are_floats() {
    for name in each("SDIFF, SINTER, SMEMBERS, SUNION") {
        let members = Value::Set(vec!["a".into()]);
        assert_eq!(of(name, array(["a"])), members, "{name}");
    }
    let with_scores =
        "ZDIFF 1 z, ZINTER 1 z, ZUNION 1 z, ZRANDMEMBER z 1, ZRANGE z 0 9, ZRANGEBYSCORE z 0 9,
        ZREVRANGE z 9 0, ZREVRANGEBYSCORE z 9 0";
    for command in each(with_scores) {
        let flat = || array(["a", "1.5"]);
        assert_eq!(of(command, flat()), flat(), "{command}");
        let command = format!("{command} WITHSCORES");
        assert_eq!(of(&command, flat()), scored(&[("a", 1.5)]), "{command}");
    }
    for name in each("HINCRBYFLOAT h f 1, INCRBYFLOAT n 1, ZINCRBY z 1 a, ZSCORE z a") {
        assert_eq!(of(name, "1.5".into()), 1.5.into(), "{name}");
    }
    let popped = array(["z".into(), array(["a", "1.5"])]);
    let key_and_scores = array(["z".into(), scored(&[("a", 1.5)])]);
    for name in each("BZMPOP 0 1 z MIN, ZMPOP 1 z MIN") {
        assert_eq!(of(name, popped.clone()), key_and_scores, "{name}");
    }
    let key_member_and_score = array(["z".into(), Value::from("a"), 1.5.into()]);
    for name in each("BZPOPMAX z 0, BZPOPMIN z 0") {
        assert_eq!(of(name, array(["z", "a", "1.5"])), key_member_and_score);
    }
    let ranked = array([Value::from(3), "1.5".into()]);
    let rank_and_score = array([Value::from(3), 1.5.into()]);
    for name in each("ZRANK z a WITHSCORE, ZREVRANK z a WITHSCORE") {
        assert_eq!(of(name, ranked.clone()), rank_and_score, "{name}");
    }
    let links = array([array(["a", "0.5"])]);
    let similar = array([map([("a", 0.5)])]);
    assert_eq!(of("VLINKS v e WITHSCORES", links.clone()), similar);
    assert_eq!(of("VLINKS v e", links.clone()), links);
}

#[test]
fn scans_have_a_number_for_a_cursor() {
    for name in each("SCAN 0, SSCAN s 0") {
        let page = array(["17".into(), array(["a"])]);
        let expected = array([17.into(), array(["a"])]);
        assert_eq!(of(name, page), expected, "{name}");
    }
}

#[test]
fn entries_of_streams_have_maps_of_fields() {
    let entries = || array([array(["1-0".into(), array(["f", "v"])])]);
    let expected = || array([array(["1-0".into(), map([("f", "v")])])]);
    for name in each("XCLAIM x g c 0 1-0, XRANGE x - +, XREVRANGE x + -") {
        assert_eq!(of(name, entries()), expected(), "{name}");
    }
    let claimed = array(["0-0".into(), entries(), array::<Value>([])]);
    let expected = array(["0-0".into(), expected(), array::<Value>([])]);
    assert_eq!(of("XAUTOCLAIM x g c 0 0", claimed), expected);
}

#[test]
fn vectors_are_floats_and_maps_of_how_they_are_kept() {
    assert_eq!(of("VEMB v e", array(["1", "0.5"])), array([1.0, 0.5]));
    let kept = |norm: Value, range: Value| {
        let (kind, bytes) = (status("int8"), Value::from("\x7f\x01"));
        array([kind, bytes, norm, range])
    };
    for name in ["VEMB v e RAW", "vemb RAW e raw"] {
        for reply in [
            kept("1.5".into(), "0.5".into()),
            kept(1.5.into(), 0.5.into()),
        ] {
            let kept = of(name, reply);
            assert_eq!(kept.get("quantization"), Some(&status("int8")), "{name}");
            assert_eq!(kept.get("raw"), Some(&"\x7f\x01".into()), "{name}");
            assert_eq!(kept.get("l2"), Some(&1.5.into()), "{name}");
            assert_eq!(kept.get("range"), Some(&0.5.into()), "{name}");
        }
    }
    let exact = array([status("f32"), "".into(), Value::from("1")]);
    let exact = of("VEMB v e RAW", exact);
    assert_eq!(
        (exact.get("l2"), exact.get("range")),
        (Some(&1.0.into()), None)
    );
    assert_eq!(of("VEMB v e RAW", Value::Null), Value::Null);
}

#[test]
fn similar_elements_are_maps_of_what_was_asked_for() {
    let flat = || array(["a".into(), Value::from("0.5"), "{}".into()]);
    let both = "VSIM v ELE e WITHSCORES WITHATTRIBS";
    let in_resp3 = map([("a", array([Value::from(0.5), "{}".into()]))]);
    let told = of(both, flat());
    assert_eq!(told, of(both, in_resp3));
    let a = told.get("a").expect("an element");
    assert_eq!(a.get("score"), Some(&0.5.into()));
    assert_eq!(a.get("attributes"), Some(&"{}".into()));
    let attributes = of("VSIM v ELE e WITHATTRIBS", array(["a", "{}"]));
    assert_eq!(attributes, map([("a", "{}")]));
    // Of elements that are called so.
    let names = ["VSIM v ELE WITHSCORES", "VSIM v ELE e FILTER withscores"];
    for name in names {
        assert_eq!(of(name, array(["a", "b"])), array(["a", "b"]), "{name}");
    }
}

#[test]
fn places_have_their_distances_as_floats() {
    for name in each("GEORADIUS, GEORADIUSBYMEMBER, GEORADIUSBYMEMBER_RO, GEORADIUS_RO, GEOSEARCH")
    {
        let command = format!("{name} g 15 37 9 km WITHDIST");
        let found = array([array(["a", "1.5"])]);
        assert_eq!(of(&command, found), scored(&[("a", 1.5)]), "{name}");
    }
}

#[test]
fn what_servers_tell_of_connections_nodes_and_commands_is_maps() {
    assert_eq!(of("CLIENT INFO", "id=4".into()).get("id"), Some(&4.into()));
    let line = "aaa 10.0.0.1:6379@16379 slave bbb 0 5 2 connected";
    for name in each("CLUSTER NODES x, CLUSTER REPLICAS x, CLUSTER SLAVES x") {
        let nodes = of(name, array([line]));
        let node = nodes.get("10.0.0.1:6379").expect("a node");
        assert_eq!(node.get("node_id"), Some(&"aaa".into()), "{name}");
    }
    let entry = || array([Value::from(3), 0.into(), 25.into(), array(["GET", "k"])]);
    for name in each("COMMANDLOG GET, SLOWLOG GET") {
        let Value::Array(log) = of(name, array([entry()])) else {
            panic!("{name}: expected an array");
        };
        assert_eq!(log[0].get("command"), Some(&"GET k".into()), "{name}");
    }
    let get = array([status("get"), 2.into()]);
    let commands = of("COMMAND", array([get]));
    let get = commands.get("get").expect("a command");
    assert_eq!(get.get("arity"), Some(&2.into()));
    let keys = of(
        "COMMAND GETKEYSANDFLAGS",
        array([array(["k".into(), array(["RO"])])]),
    );
    let flags = Value::Set(vec!["RO".into()]);
    assert_eq!(keys, array([array(["k".into(), flags])]));
    for name in each("PUBSUB NUMSUB c, PUBSUB SHARDNUMSUB c") {
        let counts = array(["c".into(), Value::from(2)]);
        let expected = array([array(["c".into(), Value::from(2)])]);
        assert_eq!(of(name, counts), expected, "{name}");
    }
    let scanned = array([2.into(), Value::from("a")]);
    assert_eq!(of("ARSCAN k 0 9", scanned.clone()), array([scanned]));
}

#[test]
fn sorted_elements_come_in_groups() {
    for name in ["SORT", "SORT_RO"] {
        let options = CallOptions::from([("groups", 2)]);
        let words = [name, "l"];
        let command = raw(&words);
        let groups = Call::new(&command, &options).cast(array(["a", "b", "c", "d"]));
        assert_eq!(
            groups,
            array([array(["a", "b"]), array(["c", "d"])]),
            "{name}"
        );
    }
}
