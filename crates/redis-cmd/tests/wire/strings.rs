//! What commands on strings and on bits put on the wire.

use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

use redis_cmd::{
    BitField, BitOp, BitRange, BitmapCommands, Comparison, Expiry, FieldOps, FieldReads,
    IncrExOptions, LcsOptions, MSetExOptions, SetOptions, StringCommands, UnixMilliseconds,
    UnixSeconds,
};
use resp_proto::Value;

use crate::spy::{Sent, Spy, reads, writes};

pub(crate) fn rows() -> Vec<Sent> {
    let mut rows = vec![
        writes(Spy.append("k", "v"), "APPEND [k] v"),
        writes(Spy.decr("k"), "DECR [k]"),
        writes(Spy.decrby("k", -3), "DECRBY [k] -3"),
        writes(Spy.delifeq("k", "v"), "DELIFEQ [k] v"),
        reads(Spy.digest("k"), "DIGEST [k]"),
        reads(Spy.get::<String>("k"), "GET [k]"),
        writes(Spy.getdel::<String>("k"), "GETDEL [k]"),
        writes(
            Spy.getex::<String>("k", Expiry::AtSeconds(9)),
            "GETEX [k] EXAT 9",
        ),
        writes(
            Spy.getex::<String>("k", Expiry::AtMilliseconds(9)),
            "GETEX [k] PXAT 9",
        ),
        writes(
            Spy.getex::<String>("k", Duration::from_secs(2)),
            "GETEX [k] EX 2",
        ),
        writes(
            Spy.getex::<String>("k", Duration::from_millis(2)),
            "GETEX [k] PX 2",
        ),
        writes(Spy.getex_persist::<String>("k"), "GETEX [k] PERSIST"),
        reads(Spy.getrange::<String>("k", 0, -1), "GETRANGE [k] 0 -1"),
        writes(Spy.getset::<String>("k", "v"), "GETSET [k] v"),
        writes(Spy.incr("k"), "INCR [k]"),
        writes(Spy.incrby("k", i64::MIN), "INCRBY [k] -9223372036854775808"),
        writes(Spy.incrbyfloat("k", 0.1), "INCRBYFLOAT [k] 0.1"),
        reads(Spy.lcs::<String>("a", "b"), "LCS [a] [b]"),
        reads(Spy.lcs_len("a", "b"), "LCS [a] [b] LEN"),
        reads(
            Spy.lcs_idx(
                "a",
                "b",
                LcsOptions::new().with_match_len().min_match_len(4),
            ),
            "LCS [a] [b] IDX MINMATCHLEN 4 WITHMATCHLEN",
        ),
        reads(Spy.mget::<Value>(["a", "b"]), "MGET [a] [b]"),
        writes(Spy.mset([("a", 1), ("b", 2)]), "MSET [a] 1 [b] 2"),
        writes(
            Spy.msetnx(BTreeMap::from([("a", "x"), ("b", "y")])),
            "MSETNX [a] x [b] y",
        ),
        writes(Spy.psetex("k", 5, "v"), "PSETEX [k] 5 v"),
        writes(Spy.set("k", "v"), "SET [k] v"),
        writes(Spy.setex("k", 5, "v"), "SETEX [k] 5 v"),
        writes(
            Spy.setex("k", Duration::from_millis(1001), "v"),
            "SETEX [k] 2 v",
        ),
        writes(Spy.setnx("k", "v"), "SETNX [k] v"),
        writes(Spy.setrange("k", 5, "v"), "SETRANGE [k] 5 v"),
        reads(Spy.strlen("k"), "STRLEN [k]"),
        reads(Spy.substr::<String>("k", 0, -1), "SUBSTR [k] 0 -1"),
    ];
    rows.extend(set_options());
    rows.extend(bounded());
    rows.extend(bitmaps());
    rows
}

fn bounded() -> Vec<Sent> {
    let minute = Duration::from_secs(60);
    let second = UNIX_EPOCH + Duration::from_secs(9);
    vec![
        writes(
            Spy.increx("k", -1, IncrExOptions::new()),
            "INCREX [k] BYINT -1",
        ),
        writes(
            Spy.increx(
                "k",
                1,
                IncrExOptions::new()
                    .persist()
                    .expiry_if_none(minute)
                    .at_most(100),
            ),
            "INCREX [k] BYINT 1 UBOUND 100 EX 60 ENX",
        ),
        writes(
            Spy.increx(
                "k",
                1,
                IncrExOptions::new().expiry_if_none(minute).expiry(second),
            ),
            "INCREX [k] BYINT 1 EXAT 9",
        ),
        writes(
            Spy.increx_float(
                "k",
                0.1,
                IncrExOptions::new()
                    .expiry(minute)
                    .persist()
                    .saturate()
                    .at_most(1.5)
                    .at_least(f64::NEG_INFINITY),
            ),
            "INCREX [k] BYFLOAT 0.1 LBOUND -inf UBOUND 1.5 SATURATE PERSIST",
        ),
        writes(
            Spy.increx_float(
                "k",
                1.0,
                IncrExOptions::new().expiry(Duration::from_millis(1500)),
            ),
            "INCREX [k] BYFLOAT 1.0 PX 1500",
        ),
        writes(
            Spy.increx(
                "k",
                1,
                IncrExOptions::new().expiry(Expiry::AtMilliseconds(9)),
            ),
            "INCREX [k] BYINT 1 PXAT 9",
        ),
    ]
}

fn set_options() -> Vec<Sent> {
    let options = SetOptions::new;
    let cases = [
        (options(), ""),
        (options().nx(), " NX"),
        (options().xx().ex(10), " XX EX 10"),
        (options().nx().xx(), " XX"),
        (options().px(10), " PX 10"),
        (options().ex(Duration::from_millis(1500)), " EX 2"),
        (options().px(Duration::from_secs(1)), " PX 1000"),
        (options().ex(-1), " EX 0"),
        (options().expiry(UnixSeconds(5)), " EXAT 5"),
        (options().expiry(UnixMilliseconds(5)), " PXAT 5"),
        (options().ex(10).keep_ttl(), " KEEPTTL"),
        (options().expiry(Expiry::AtMilliseconds(7)), " PXAT 7"),
        (options().expiry(Expiry::AtSeconds(7)), " EXAT 7"),
        (options().expiry(Duration::from_secs(2)), " EX 2"),
        (options().expiry(Duration::from_nanos(1)), " PX 1"),
        (
            options().expiry(UNIX_EPOCH + Duration::from_millis(1500)),
            " PXAT 1500",
        ),
        // 0 is an error to servers.
        (options().expiry(UNIX_EPOCH), " EXAT 1"),
        (
            options().expiry(UNIX_EPOCH - Duration::from_millis(1500)),
            " EXAT 1",
        ),
    ];
    let mut rows = Vec::new();
    for (options, words) in cases {
        let sent = Spy.set_with("k", "v", options.clone());
        rows.push(writes(sent, &format!("SET [k] v{words}")));
        let sent = Spy.set_get::<String>("k", "v", options);
        rows.push(writes(sent, &format!("SET [k] v{words} GET")));
    }
    let options = MSetExOptions::new;
    for (options, words) in [
        (options(), ""),
        (options().xx().nx(), " NX"),
        (options().nx().xx(), " XX"),
        (options().expiry(Expiry::Seconds(7)).keep_ttl(), " KEEPTTL"),
        (
            options().keep_ttl().expiry(Expiry::Seconds(7)).nx(),
            " NX EX 7",
        ),
        (options().expiry(Duration::from_millis(7)), " PX 7"),
        (options().expiry(Expiry::AtSeconds(7)), " EXAT 7"),
        (options().expiry(Expiry::AtMilliseconds(7)), " PXAT 7"),
    ] {
        let sent = Spy.msetex([("a", 1), ("b", 2)], options);
        rows.push(writes(sent, &format!("MSETEX 2 [a] 1 [b] 2{words}")));
    }
    let options = SetOptions::new;
    for (comparison, words) in [
        (Comparison::eq(5), "IFEQ 5"),
        (Comparison::ne(5), "IFNE 5"),
        (Comparison::digest_eq("ab"), "IFDEQ ab"),
        (Comparison::digest_ne("ab"), "IFDNE ab"),
    ] {
        let sent = Spy.delex("k", comparison.clone());
        rows.push(writes(sent, &format!("DELEX [k] {words}")));
        let sent = Spy.set_with("k", "v", options().nx().compared(comparison));
        rows.push(writes(sent, &format!("SET [k] v {words}")));
    }
    rows.push(writes(
        Spy.set_with("k", "v", options().if_eq(5).ex(1)),
        "SET [k] v IFEQ 5 EX 1",
    ));
    rows
}

fn bitmaps() -> Vec<Sent> {
    let mut rows = vec![
        reads(Spy.bitcount("k"), "BITCOUNT [k]"),
        reads(
            Spy.bitcount_range("k", BitRange::bytes(0, -1)),
            "BITCOUNT [k] 0 -1",
        ),
        reads(
            Spy.bitcount_range("k", BitRange::bits(0, 9)),
            "BITCOUNT [k] 0 9 BIT",
        ),
        reads(
            Spy.bitcount_range("k", BitRange::bytes(0, 9).in_bytes()),
            "BITCOUNT [k] 0 9 BYTE",
        ),
        reads(Spy.bitpos("k", true), "BITPOS [k] 1"),
        reads(
            Spy.bitpos_range("k", false, BitRange::from_byte(2)),
            "BITPOS [k] 0 2",
        ),
        reads(
            Spy.bitpos_range("k", false, BitRange::from_byte(2).in_bytes()),
            "BITPOS [k] 0 2 -1 BYTE",
        ),
        reads(
            Spy.bitpos_range("k", true, BitRange::bits(2, 3)),
            "BITPOS [k] 1 2 3 BIT",
        ),
        reads(Spy.getbit("k", 7), "GETBIT [k] 7"),
        writes(Spy.setbit("k", 7, true), "SETBIT [k] 7 1"),
        writes(
            Spy.bitfield(
                "k",
                FieldOps::new()
                    .get(BitField::unsigned(8, 0))
                    .saturate()
                    .set(BitField::signed(5, 100), -1)
                    .fail()
                    .incrby(BitField::unsigned(4, 2).in_widths(), 3)
                    .wrap(),
            ),
            "BITFIELD [k] GET u8 0 OVERFLOW SAT SET i5 100 -1 OVERFLOW FAIL INCRBY u4 #2 3 OVERFLOW WRAP",
        ),
        reads(
            Spy.bitfield_ro("k", FieldReads::new().get(BitField::unsigned(8, 0))),
            "BITFIELD_RO [k] GET u8 0",
        ),
    ];
    for (operation, word) in [
        (BitOp::And, "AND"),
        (BitOp::Or, "OR"),
        (BitOp::Xor, "XOR"),
        (BitOp::Diff, "DIFF"),
        (BitOp::Diff1, "DIFF1"),
        (BitOp::AndOr, "ANDOR"),
        (BitOp::One, "ONE"),
    ] {
        rows.push(writes(
            Spy.bitop(operation, "d", ["a", "b"]),
            &format!("BITOP {word} [d] [a] [b]"),
        ));
    }
    rows.push(writes(Spy.bitop(BitOp::Not, "d", "a"), "BITOP NOT [d] [a]"));
    rows
}
