//! What commands on lists and on sets put on the wire, and those that wait.

use std::time::Duration;

use redis_cmd::{
    BlockingCommands, Insert, LPosOptions, ListCommands, Milliseconds, MoveMany, ReadGroupOptions,
    ReadOptions, ScanOptions, ScoreEnd, SetCommands, Side, UnionCardOptions, Waits,
};
use resp_proto::Value;

use crate::spy::{Sent, Spy, reads, waits, writes};

pub(crate) fn rows() -> Vec<Sent> {
    let mut rows = vec![
        reads(Spy.lindex::<String>("k", -1), "LINDEX [k] -1"),
        writes(
            Spy.linsert("k", Insert::Before, "p", "e"),
            "LINSERT [k] BEFORE p e",
        ),
        writes(
            Spy.linsert("k", Insert::After, "p", "e"),
            "LINSERT [k] AFTER p e",
        ),
        reads(Spy.llen("k"), "LLEN [k]"),
        writes(
            Spy.lmove::<String>("a", "b", Side::Left, Side::Right),
            "LMOVE [a] [b] LEFT RIGHT",
        ),
        writes(
            Spy.lmovem::<String>("a", "b", Side::Left, Side::Right, MoveMany::up_to(3)),
            "LMOVEM [a] [b] LEFT RIGHT COUNT 3 OBO",
        ),
        writes(
            Spy.lmovem::<String>(
                "a",
                "b",
                Side::Right,
                Side::Left,
                MoveMany::exactly(3).in_bulk(),
            ),
            "LMOVEM [a] [b] RIGHT LEFT EXACTLY 3 BULK",
        ),
        writes(
            Spy.lmpop::<String, String>(["a", "b"], Side::Left),
            "LMPOP 2 [a] [b] LEFT",
        ),
        writes(
            Spy.lmpop_count::<String, String>("a", Side::Right, 3),
            "LMPOP 1 [a] RIGHT COUNT 3",
        ),
        writes(Spy.lpop::<String>("k"), "LPOP [k]"),
        writes(Spy.lpop_count::<String>("k", 2), "LPOP [k] 2"),
        reads(Spy.lpos("k", "e", LPosOptions::new()), "LPOS [k] e"),
        reads(
            Spy.lpos_count("k", "e", 0, LPosOptions::new().max_len(9).rank(-1)),
            "LPOS [k] e RANK -1 MAXLEN 9 COUNT 0",
        ),
        writes(Spy.lpush("k", ["a", "b"]), "LPUSH [k] a b"),
        writes(Spy.lpushx("k", ["a", "b"]), "LPUSHX [k] a b"),
        reads(Spy.lrange::<String>("k", 0, -1), "LRANGE [k] 0 -1"),
        writes(Spy.lrem("k", -2, "v"), "LREM [k] -2 v"),
        writes(Spy.lset("k", 0, "v"), "LSET [k] 0 v"),
        writes(Spy.ltrim("k", 1, 2), "LTRIM [k] 1 2"),
        writes(Spy.rpop::<String>("k"), "RPOP [k]"),
        writes(Spy.rpop_count::<String>("k", 2), "RPOP [k] 2"),
        writes(Spy.rpoplpush::<String>("a", "b"), "RPOPLPUSH [a] [b]"),
        writes(Spy.rpush("k", 1.5), "RPUSH [k] 1.5"),
        writes(Spy.rpushx("k", 1.5), "RPUSHX [k] 1.5"),
    ];
    rows.extend(sets());
    rows.extend(waiting());
    rows
}

fn sets() -> Vec<Sent> {
    vec![
        writes(Spy.sadd("k", ["a", "b"]), "SADD [k] a b"),
        reads(Spy.scard("k"), "SCARD [k]"),
        reads(Spy.sdiff::<Value>(["a", "b"]), "SDIFF [a] [b]"),
        reads(Spy.sdiffcard(["a", "b"]), "SDIFFCARD 2 [a] [b]"),
        reads(Spy.sdiffcard_limit("a", 3), "SDIFFCARD 1 [a] LIMIT 3"),
        writes(Spy.sdiffstore("d", ["a", "b"]), "SDIFFSTORE [d] [a] [b]"),
        reads(Spy.sinter::<Value>(["a", "b"]), "SINTER [a] [b]"),
        reads(Spy.sintercard(["a", "b"]), "SINTERCARD 2 [a] [b]"),
        reads(
            Spy.sintercard_limit(["a", "b"], 5),
            "SINTERCARD 2 [a] [b] LIMIT 5",
        ),
        writes(Spy.sinterstore("d", ["a", "b"]), "SINTERSTORE [d] [a] [b]"),
        reads(Spy.sismember("k", "m"), "SISMEMBER [k] m"),
        reads(Spy.smembers::<Value>("k"), "SMEMBERS [k]"),
        reads(Spy.smismember("k", ["m", "n"]), "SMISMEMBER [k] m n"),
        writes(Spy.smove("a", "b", "m"), "SMOVE [a] [b] m"),
        writes(Spy.spop::<String>("k"), "SPOP [k]"),
        writes(Spy.spop_count::<Value>("k", 2), "SPOP [k] 2"),
        reads(Spy.srandmember::<String>("k"), "SRANDMEMBER [k]"),
        reads(
            Spy.srandmember_count::<String>("k", -2),
            "SRANDMEMBER [k] -2",
        ),
        writes(Spy.srem("k", ["a"]), "SREM [k] a"),
        reads(
            Spy.sscan::<String>("k", 0, ScanOptions::new().pattern("a*").count(5)),
            "SSCAN [k] 0 MATCH a* COUNT 5",
        ),
        reads(Spy.sunion::<Value>(["a", "b"]), "SUNION [a] [b]"),
        reads(
            Spy.sunioncard(["a", "b"], UnionCardOptions::new()),
            "SUNIONCARD 2 [a] [b]",
        ),
        reads(
            Spy.sunioncard("a", UnionCardOptions::new().limit(3).approx()),
            "SUNIONCARD 1 [a] APPROX LIMIT 3",
        ),
        writes(Spy.sunionstore("d", ["a", "b"]), "SUNIONSTORE [d] [a] [b]"),
    ]
}

fn waiting() -> Vec<Sent> {
    let two = Some(Duration::from_secs(2));
    let for_two = Waits::For(Duration::from_secs(2));
    let forever = Waits::Forever;
    vec![
        waits(
            Spy.blmove::<String>("a", "b", Side::Right, Side::Left, None),
            forever,
            "BLMOVE [a] [b] RIGHT LEFT 0",
        ),
        waits(
            Spy.blmove::<String>("a", "b", Side::Left, Side::Right, two),
            for_two,
            "BLMOVE [a] [b] LEFT RIGHT 2",
        ),
        waits(
            Spy.blmovem::<String>("a", "b", Side::Left, Side::Right, two, MoveMany::exactly(3)),
            for_two,
            "BLMOVEM [a] [b] LEFT RIGHT 2 EXACTLY 3 OBO",
        ),
        waits(
            Spy.blmovem::<String>(
                "a",
                "b",
                Side::Right,
                Side::Left,
                None,
                MoveMany::up_to(3).in_bulk(),
            ),
            forever,
            "BLMOVEM [a] [b] RIGHT LEFT 0 COUNT 3 BULK",
        ),
        waits(
            Spy.blmpop_count::<String, String>(two, ["a", "b"], Side::Left, 3),
            for_two,
            "BLMPOP 2 2 [a] [b] LEFT COUNT 3",
        ),
        waits(
            Spy.blmpop::<String, String>(None, "a", Side::Right),
            forever,
            "BLMPOP 0 1 [a] RIGHT",
        ),
        waits(
            Spy.blpop::<String, String>(["a", "b"], two),
            for_two,
            "BLPOP [a] [b] 2",
        ),
        // Zero would be for ever.
        waits(
            Spy.blpop::<String, String>("a", Some(Duration::ZERO)),
            Waits::For(Duration::from_millis(1)),
            "BLPOP [a] 0.001",
        ),
        waits(
            Spy.brpop::<String, String>("a", None),
            forever,
            "BRPOP [a] 0",
        ),
        waits(
            Spy.brpoplpush::<String>("a", "b", two),
            for_two,
            "BRPOPLPUSH [a] [b] 2",
        ),
        waits(
            Spy.bzmpop_count::<String, String>(two, "a", ScoreEnd::Min, 3),
            for_two,
            "BZMPOP 2 1 [a] MIN COUNT 3",
        ),
        waits(
            Spy.bzmpop::<String, String>(two, ["a", "b"], ScoreEnd::Max),
            for_two,
            "BZMPOP 2 2 [a] [b] MAX",
        ),
        waits(
            Spy.bzpopmax::<String, String>(["a", "b"], two),
            for_two,
            "BZPOPMAX [a] [b] 2",
        ),
        waits(
            Spy.bzpopmin::<String, String>("a", two),
            for_two,
            "BZPOPMIN [a] 2",
        ),
        waits(Spy.wait(1, two), for_two, "WAIT 1 2000"),
        waits(Spy.waitaof(1, 0, None), forever, "WAITAOF 1 0 0"),
        {
            let sent = Spy.xread_block::<String, Value>(
                ReadOptions::new().max_size(4096).max_count(9).count(5),
                two,
                ["a", "b"],
                ["5-0", "0"],
            );
            assert!(sent.read_only);
            let writing = Sent {
                read_only: false,
                ..sent.clone()
            };
            waits(
                writing,
                for_two,
                "XREAD COUNT 5 MAXCOUNT 9 MAXSIZE 4096 BLOCK 2000 STREAMS [a] [b] 5-0 0",
            );
            sent
        },
        {
            let sent = Spy.xread_block::<String, Value>(ReadOptions::new().count(5), two, "a", "$");
            let writing = Sent {
                read_only: false,
                ..sent.clone()
            };
            waits(writing, for_two, "XREAD COUNT 5 BLOCK 2000 STREAMS [a] $");
            sent
        },
        waits(
            Spy.xreadgroup_claim_block::<String, Value>(
                "g",
                "c",
                ReadGroupOptions::new(),
                Some(Duration::from_secs(2)),
                Milliseconds(60_000),
                ["a", "b"],
            ),
            for_two,
            "XREADGROUP GROUP g c BLOCK 2000 CLAIM 60000 STREAMS [a] [b] > >",
        ),
        waits(
            Spy.xreadgroup_block::<String, Value>(
                "g",
                "c",
                ReadGroupOptions::new().no_ack().count(5),
                Some(Duration::from_nanos(1)),
                "a",
                ">",
            ),
            Waits::For(Duration::from_millis(1)),
            "XREADGROUP GROUP g c COUNT 5 NOACK BLOCK 1 STREAMS [a] >",
        ),
    ]
}
