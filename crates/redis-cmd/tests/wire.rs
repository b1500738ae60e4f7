//! What each command puts on the wire, which of its arguments are keys, and whether it only reads.

use std::{collections::BTreeMap, time::Duration};

use redis_cmd::{
    BlockingCommands, Command, Execute, ExpireOptions, Expiry, HashCommands, KeyCommands,
    ListCommands, ServerCommands, SetCommands, SetOptions, Side, SortedSetCommands, StringCommands,
    Waits, ZAddOptions, ZRange,
};
use resp_proto::{Framer, FromReplyOwned, Value};

/// An executor that answers with what it was given.
#[derive(Clone, Copy)]
struct Spy;

/// A command, taken apart.
#[derive(Debug, PartialEq)]
struct Sent {
    words: String,
    keys: String,
    read_only: bool,
    waits: Waits,
    invalid: bool,
}

impl Execute for Spy {
    type Output<T: FromReplyOwned> = Sent;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Sent {
        let mut bytes = Vec::new();
        command.write_to(&mut bytes);
        let mut framer = Framer::new();
        let frame = framer
            .advance(&bytes)
            .expect("a request")
            .expect("a whole request");
        assert_eq!(frame.len(), bytes.len(), "nothing behind the request");
        let words: Vec<String> = frame.reply().decode().expect("an array of bulk strings");
        let keys: Vec<_> = command.keys().map(String::from_utf8_lossy).collect();
        Sent {
            words: words.join(" "),
            keys: keys.join(" "),
            read_only: command.is_read_only(),
            waits: command.waiting(),
            invalid: command.reason_against().is_some(),
        }
    }
}

redis_cmd::implement_families!(for Spy);
impl BlockingCommands for Spy {}

/// A command that writes.
fn write(words: &str, keys: &str) -> Sent {
    Sent {
        words: words.into(),
        keys: keys.into(),
        read_only: false,
        waits: Waits::No,
        invalid: false,
    }
}

/// A command that only reads.
fn read(words: &str, keys: &str) -> Sent {
    Sent {
        read_only: true,
        ..write(words, keys)
    }
}

#[test]
fn strings() {
    assert_eq!(Spy.append("k", "v"), write("APPEND k v", "k"));
    assert_eq!(Spy.decr("k"), write("DECR k", "k"));
    assert_eq!(Spy.decrby("k", -3), write("DECRBY k -3", "k"));
    assert_eq!(Spy.get::<String>("k"), read("GET k", "k"));
    assert_eq!(Spy.getdel::<String>("k"), write("GETDEL k", "k"));
    assert_eq!(
        Spy.getex::<String>("k", Expiry::AtSeconds(9)),
        write("GETEX k EXAT 9", "k")
    );
    assert_eq!(
        Spy.getex_persist::<String>("k"),
        write("GETEX k PERSIST", "k")
    );
    assert_eq!(
        Spy.getrange::<String>("k", 0, -1),
        read("GETRANGE k 0 -1", "k")
    );
    assert_eq!(Spy.incr("k"), write("INCR k", "k"));
    assert_eq!(
        Spy.incrby("k", i64::MIN),
        write("INCRBY k -9223372036854775808", "k")
    );
    assert_eq!(Spy.incrbyfloat("k", 0.1), write("INCRBYFLOAT k 0.1", "k"));
    assert_eq!(Spy.mget::<Value>(["a", "b"]), read("MGET a b", "a b"));
    assert_eq!(Spy.mset([("a", 1), ("b", 2)]), write("MSET a 1 b 2", "a b"));
    assert_eq!(
        Spy.msetnx(BTreeMap::from([("a", "x"), ("b", "y")])),
        write("MSETNX a x b y", "a b")
    );
    assert_eq!(Spy.psetex("k", 5, "v"), write("PSETEX k 5 v", "k"));
    assert_eq!(Spy.set("k", "v"), write("SET k v", "k"));
    assert_eq!(Spy.setex("k", 5, "v"), write("SETEX k 5 v", "k"));
    assert_eq!(Spy.setnx("k", "v"), write("SETNX k v", "k"));
    assert_eq!(Spy.setrange("k", 5, "v"), write("SETRANGE k 5 v", "k"));
    assert_eq!(Spy.strlen("k"), read("STRLEN k", "k"));
}

#[test]
fn options_of_set() {
    let options = SetOptions::new;
    for (options, words) in [
        (options(), "SET k v"),
        (options().nx(), "SET k v NX"),
        (options().xx().ex(10), "SET k v XX EX 10"),
        (options().nx().xx(), "SET k v XX"),
        (options().px(10), "SET k v PX 10"),
        (options().ex(10).keep_ttl(), "SET k v KEEPTTL"),
        (
            options().expiry(Expiry::AtMilliseconds(7)),
            "SET k v PXAT 7",
        ),
        (options().expiry(Duration::from_secs(2)), "SET k v EX 2"),
        (options().expiry(Duration::from_nanos(1)), "SET k v PX 1"),
        (
            options().expiry(std::time::UNIX_EPOCH + Duration::from_millis(1500)),
            "SET k v PXAT 1500",
        ),
    ] {
        assert_eq!(Spy.set_with("k", "v", options), write(words, "k"));
        assert_eq!(
            Spy.set_get::<String>("k", "v", options),
            write(&format!("{words} GET"), "k")
        );
    }
}

#[test]
fn keys() {
    assert_eq!(Spy.copy("a", "b"), write("COPY a b", "a b"));
    assert_eq!(Spy.del("a"), write("DEL a", "a"));
    assert_eq!(Spy.del(vec!["a", "b"]), write("DEL a b", "a b"));
    assert_eq!(Spy.exists(("a", "b")), read("EXISTS a b", "a b"));
    assert_eq!(Spy.expire("k", 5), write("EXPIRE k 5", "k"));
    for (options, word) in [
        (ExpireOptions::IfNone, "NX"),
        (ExpireOptions::IfSome, "XX"),
        (ExpireOptions::IfLater, "GT"),
        (ExpireOptions::IfSooner, "LT"),
    ] {
        assert_eq!(
            Spy.expire_with("k", 5, options),
            write(&format!("EXPIRE k 5 {word}"), "k")
        );
    }
    assert_eq!(Spy.keys::<String>("a*"), read("KEYS a*", ""));
    assert_eq!(Spy.key_type("k"), read("TYPE k", "k"));
    assert_eq!(Spy.persist("k"), write("PERSIST k", "k"));
    assert_eq!(Spy.pexpire("k", 5), write("PEXPIRE k 5", "k"));
    assert_eq!(Spy.pttl("k"), read("PTTL k", "k"));
    assert_eq!(Spy.rename("a", "b"), write("RENAME a b", "a b"));
    assert_eq!(Spy.ttl("k"), read("TTL k", "k"));
    assert_eq!(Spy.unlink(["a", "b"]), write("UNLINK a b", "a b"));
}

#[test]
fn hashes() {
    assert_eq!(Spy.hdel("k", ["f", "g"]), write("HDEL k f g", "k"));
    assert_eq!(Spy.hexists("k", "f"), read("HEXISTS k f", "k"));
    assert_eq!(Spy.hget::<String>("k", "f"), read("HGET k f", "k"));
    assert_eq!(Spy.hgetall::<Value>("k"), read("HGETALL k", "k"));
    assert_eq!(Spy.hincrby("k", "f", 2), write("HINCRBY k f 2", "k"));
    assert_eq!(
        Spy.hincrbyfloat("k", "f", 2.5),
        write("HINCRBYFLOAT k f 2.5", "k")
    );
    assert_eq!(Spy.hkeys::<String>("k"), read("HKEYS k", "k"));
    assert_eq!(Spy.hlen("k"), read("HLEN k", "k"));
    assert_eq!(
        Spy.hmget::<Value>("k", ["f", "g"]),
        read("HMGET k f g", "k")
    );
    assert_eq!(
        Spy.hset("k", ("f", 1, "g", "x")),
        write("HSET k f 1 g x", "k")
    );
    assert_eq!(Spy.hsetnx("k", "f", "v"), write("HSETNX k f v", "k"));
    assert_eq!(Spy.hvals::<String>("k"), read("HVALS k", "k"));
}

#[test]
fn lists() {
    assert_eq!(Spy.lindex::<String>("k", -1), read("LINDEX k -1", "k"));
    assert_eq!(Spy.llen("k"), read("LLEN k", "k"));
    assert_eq!(
        Spy.lmove::<String>("a", "b", Side::Left, Side::Right),
        write("LMOVE a b LEFT RIGHT", "a b")
    );
    assert_eq!(Spy.lpop::<String>("k"), write("LPOP k", "k"));
    assert_eq!(Spy.lpop_count::<String>("k", 2), write("LPOP k 2", "k"));
    assert_eq!(Spy.lpush("k", ["a", "b"]), write("LPUSH k a b", "k"));
    assert_eq!(Spy.lrange::<String>("k", 0, -1), read("LRANGE k 0 -1", "k"));
    assert_eq!(Spy.lrem("k", -2, "v"), write("LREM k -2 v", "k"));
    assert_eq!(Spy.lset("k", 0, "v"), write("LSET k 0 v", "k"));
    assert_eq!(Spy.ltrim("k", 1, 2), write("LTRIM k 1 2", "k"));
    assert_eq!(Spy.rpop::<String>("k"), write("RPOP k", "k"));
    assert_eq!(Spy.rpush("k", 1.5), write("RPUSH k 1.5", "k"));
}

#[test]
fn waiting() {
    let two = Duration::from_secs(2);
    let waiting = |words: &str, keys: &str| Sent {
        waits: Waits::For(two),
        ..write(words, keys)
    };
    let forever = |words: &str, keys: &str| Sent {
        waits: Waits::Forever,
        ..write(words, keys)
    };
    assert_eq!(
        Spy.blpop::<String, String>(["a", "b"], Some(two)),
        waiting("BLPOP a b 2.0", "a b")
    );
    assert_eq!(
        Spy.blpop::<String, String>("a", None),
        forever("BLPOP a 0.0", "a")
    );
    assert_eq!(
        Spy.brpop::<String, String>("a", Some(two)),
        waiting("BRPOP a 2.0", "a")
    );
    assert_eq!(
        Spy.blmove::<String>("a", "b", Side::Right, Side::Left, None),
        forever("BLMOVE a b RIGHT LEFT 0.0", "a b")
    );
    // Zero would be for ever.
    assert_eq!(
        Spy.blpop::<String, String>("a", Some(Duration::ZERO)).words,
        "BLPOP a 0.001"
    );
}

#[test]
fn sets() {
    assert_eq!(Spy.sadd("k", ["a", "b"]), write("SADD k a b", "k"));
    assert_eq!(Spy.scard("k"), read("SCARD k", "k"));
    assert_eq!(Spy.sdiff::<Value>(["a", "b"]), read("SDIFF a b", "a b"));
    assert_eq!(Spy.sinter::<Value>(["a", "b"]), read("SINTER a b", "a b"));
    assert_eq!(Spy.sismember("k", "m"), read("SISMEMBER k m", "k"));
    assert_eq!(Spy.smembers::<Value>("k"), read("SMEMBERS k", "k"));
    assert_eq!(Spy.spop::<String>("k"), write("SPOP k", "k"));
    assert_eq!(Spy.srem("k", ["a"]), write("SREM k a", "k"));
    assert_eq!(Spy.sunion::<Value>(["a", "b"]), read("SUNION a b", "a b"));
}

#[test]
fn sorted_sets() {
    assert_eq!(
        Spy.zadd("k", [(1.0, "a"), (f64::INFINITY, "b")]),
        write("ZADD k 1.0 a inf b", "k")
    );
    for (options, words) in [
        (ZAddOptions::new().nx(), "ZADD k NX 1 a"),
        (ZAddOptions::new().xx().gt(), "ZADD k XX GT 1 a"),
        (ZAddOptions::new().gt().nx(), "ZADD k NX 1 a"),
        (ZAddOptions::new().nx().lt(), "ZADD k LT 1 a"),
        (ZAddOptions::new().count_changed(), "ZADD k CH 1 a"),
    ] {
        assert_eq!(Spy.zadd_with("k", (1, "a"), options), write(words, "k"));
    }
    assert_eq!(Spy.zcard("k"), read("ZCARD k", "k"));
    assert_eq!(Spy.zincrby("k", -0.5, "m"), write("ZINCRBY k -0.5 m", "k"));
    assert_eq!(Spy.zpopmax::<String>("k", 2), write("ZPOPMAX k 2", "k"));
    assert_eq!(Spy.zpopmin::<String>("k", 2), write("ZPOPMIN k 2", "k"));
    for (range, words) in [
        (ZRange::from(..), "ZRANGE k 0 -1"),
        (ZRange::from(2..=5), "ZRANGE k 2 5"),
        (ZRange::ranks(-3, -1).reversed(), "ZRANGE k -3 -1 REV"),
        (
            ZRange::scores(f64::NEG_INFINITY, 2.5),
            "ZRANGE k -inf 2.5 BYSCORE",
        ),
        (
            ZRange::scores(0.0, 1.0).reversed().limit(3, 4),
            "ZRANGE k 1 0 BYSCORE REV LIMIT 3 4",
        ),
    ] {
        assert_eq!(Spy.zrange::<String>("k", range.clone()), read(words, "k"));
        assert_eq!(
            Spy.zrange_withscores::<String>("k", range),
            read(&format!("{words} WITHSCORES"), "k")
        );
    }
    assert_eq!(Spy.zrank("k", "m"), read("ZRANK k m", "k"));
    assert_eq!(Spy.zrem("k", ["a", "b"]), write("ZREM k a b", "k"));
    assert_eq!(Spy.zscore("k", "m"), read("ZSCORE k m", "k"));
}

#[test]
fn server() {
    assert_eq!(Spy.client_id(), read("CLIENT ID", ""));
    assert_eq!(Spy.config_get::<Value>("max*"), read("CONFIG GET max*", ""));
    assert_eq!(
        Spy.config_set(("a", 1, "b", 2)),
        write("CONFIG SET a 1 b 2", "")
    );
    assert_eq!(Spy.dbsize(), read("DBSIZE", ""));
    assert_eq!(Spy.echo::<String>("hi"), read("ECHO hi", ""));
    assert_eq!(Spy.flushall(), write("FLUSHALL", ""));
    assert_eq!(Spy.flushdb(), write("FLUSHDB", ""));
    assert_eq!(Spy.info(()), read("INFO", ""));
    assert_eq!(
        Spy.info(["server", "clients"]),
        read("INFO server clients", "")
    );
    assert_eq!(Spy.ping(), read("PING", ""));
    assert_eq!(Spy.time(), read("TIME", ""));
}

#[test]
fn lists_of_nothing_and_halves_of_pairs_are_invalid() {
    let none: [&str; 0] = [];
    assert!(Spy.del(none).invalid);
    assert!(Spy.mget::<Value>(none).invalid);
    assert!(Spy.sadd("k", none).invalid);
    assert!(Spy.hset("k", none).invalid);
    assert!(Spy.hset("k", ["f"]).invalid);
    assert!(Spy.mset(("a", 1, "b")).invalid);
    assert!(Spy.zadd("k", (1, "a", 2)).invalid);
    assert!(
        Spy.zrange::<String>("k", ZRange::from(..).limit(0, 1))
            .invalid
    );
    assert!(!Spy.info(none).invalid);
}
