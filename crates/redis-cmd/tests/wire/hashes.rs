//! What commands on hashes put on the wire.

use std::time::{Duration, UNIX_EPOCH};

use redis_cmd::{Expiry, HSetExOptions, HashCommands, ScanOptions};
use resp_proto::Value;

use crate::{
    keys::CONDITIONS,
    spy::{Sent, Spy, reads, writes},
};

pub(crate) fn rows() -> Vec<Sent> {
    let time = UNIX_EPOCH + Duration::from_millis(1500);
    let mut rows = vec![
        writes(Spy.hdel("k", ["f", "g"]), "HDEL [k] f g"),
        reads(Spy.hexists("k", "f"), "HEXISTS [k] f"),
        writes(
            Spy.hexpire("k", 5, None, ["f", "g"]),
            "HEXPIRE [k] 5 FIELDS 2 f g",
        ),
        writes(
            Spy.hexpireat("k", time, None, "f"),
            "HEXPIREAT [k] 2 FIELDS 1 f",
        ),
        reads(Spy.hexpiretime("k", "f"), "HEXPIRETIME [k] FIELDS 1 f"),
        reads(Spy.hget::<String>("k", "f"), "HGET [k] f"),
        reads(Spy.hgetall::<Value>("k"), "HGETALL [k]"),
        writes(
            Spy.hgetdel::<Value>("k", ["f", "g"]),
            "HGETDEL [k] FIELDS 2 f g",
        ),
        writes(
            Spy.hgetex_persist::<Value>("k", ["f", "g"]),
            "HGETEX [k] PERSIST FIELDS 2 f g",
        ),
        writes(Spy.hincrby("k", "f", 2), "HINCRBY [k] f 2"),
        writes(Spy.hincrbyfloat("k", "f", 2.5), "HINCRBYFLOAT [k] f 2.5"),
        reads(Spy.hkeys::<String>("k"), "HKEYS [k]"),
        reads(Spy.hlen("k"), "HLEN [k]"),
        reads(Spy.hmget::<Value>("k", ["f", "g"]), "HMGET [k] f g"),
        writes(Spy.hmset("k", ("f", 1, "g", "x")), "HMSET [k] f 1 g x"),
        writes(Spy.hpersist("k", "f"), "HPERSIST [k] FIELDS 1 f"),
        writes(
            Spy.hpexpire("k", Duration::from_millis(5), None, "f"),
            "HPEXPIRE [k] 5 FIELDS 1 f",
        ),
        writes(
            Spy.hpexpireat("k", time, None, "f"),
            "HPEXPIREAT [k] 1500 FIELDS 1 f",
        ),
        reads(Spy.hpexpiretime("k", "f"), "HPEXPIRETIME [k] FIELDS 1 f"),
        reads(Spy.hpttl("k", "f"), "HPTTL [k] FIELDS 1 f"),
        reads(Spy.hrandfield::<String>("k"), "HRANDFIELD [k]"),
        reads(Spy.hrandfield_count::<String>("k", -3), "HRANDFIELD [k] -3"),
        reads(
            Spy.hrandfield_withvalues::<String, String>("k", 3),
            "HRANDFIELD [k] 3 WITHVALUES",
        ),
        reads(
            Spy.hscan::<String, String>("k", 0, ScanOptions::new().pattern("a*").count(5)),
            "HSCAN [k] 0 MATCH a* COUNT 5",
        ),
        reads(
            Spy.hscan_novalues::<String>("k", 0, ScanOptions::new()),
            "HSCAN [k] 0 NOVALUES",
        ),
        writes(Spy.hset("k", ("f", 1, "g", "x")), "HSET [k] f 1 g x"),
        writes(Spy.hsetnx("k", "f", "v"), "HSETNX [k] f v"),
        reads(Spy.hstrlen("k", "f"), "HSTRLEN [k] f"),
        reads(Spy.httl("k", "f"), "HTTL [k] FIELDS 1 f"),
        reads(Spy.hvals::<String>("k"), "HVALS [k]"),
    ];
    for (condition, word) in CONDITIONS {
        let condition = Some(condition);
        rows.extend([
            writes(
                Spy.hexpire("k", 5, condition, "f"),
                &format!("HEXPIRE [k] 5 {word} FIELDS 1 f"),
            ),
            writes(
                Spy.hexpireat("k", 5, condition, "f"),
                &format!("HEXPIREAT [k] 5 {word} FIELDS 1 f"),
            ),
            writes(
                Spy.hpexpire("k", 5, condition, "f"),
                &format!("HPEXPIRE [k] 5 {word} FIELDS 1 f"),
            ),
            writes(
                Spy.hpexpireat("k", 5, condition, "f"),
                &format!("HPEXPIREAT [k] 5 {word} FIELDS 1 f"),
            ),
        ]);
    }
    for (expiry, words) in [
        (Expiry::Seconds(5), "EX 5"),
        (Expiry::Milliseconds(5), "PX 5"),
        (Expiry::AtSeconds(5), "EXAT 5"),
        (Expiry::AtMilliseconds(5), "PXAT 5"),
    ] {
        rows.extend([
            writes(
                Spy.hgetex::<Value>("k", expiry, "f"),
                &format!("HGETEX [k] {words} FIELDS 1 f"),
            ),
            writes(
                Spy.hsetex(
                    "k",
                    HSetExOptions::new().keep_ttl().expiry(expiry),
                    ("f", 1),
                ),
                &format!("HSETEX [k] {words} FIELDS 1 f 1"),
            ),
        ]);
    }
    let options = HSetExOptions::new;
    for (options, words) in [
        (options(), ""),
        (options().fnx().fxx(), "FXX "),
        (
            options().fnx().expiry(Expiry::Seconds(1)).keep_ttl(),
            "FNX KEEPTTL ",
        ),
        (options().nx(), "NX "),
        (options().xx(), "XX "),
    ] {
        rows.push(writes(
            Spy.hsetex("k", options, [("f", 1), ("g", 2)]),
            &format!("HSETEX [k] {words}FIELDS 2 f 1 g 2"),
        ));
    }
    rows
}
