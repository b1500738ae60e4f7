//! What commands on sorted sets and on places put on the wire.

use redis_cmd::{
    GeoAddOptions, GeoArea, GeoCommands, GeoOptions, GeoOrigin, GeoUnit, Lex, LexRange,
    ScanOptions, Score, ScoreEnd, ScoreRange, SortedSetCommands, SortedSetRangeCommands,
    ZAddOptions, ZCombineOptions, ZRange,
};

use crate::spy::{Sent, Spy, reads, writes};

pub(crate) fn rows() -> Vec<Sent> {
    let two = ["a", "b"];
    let max = || ZCombineOptions::new().max().weights([2.0, 0.5]);
    let mut rows = vec![
        writes(
            Spy.zadd("k", [(1.0, "a"), (f64::INFINITY, "b")]),
            "ZADD [k] 1.0 a inf b",
        ),
        writes(
            Spy.zadd_incr("k", 1.5, "m", ZAddOptions::new().xx()),
            "ZADD [k] XX INCR 1.5 m",
        ),
        reads(Spy.zcard("k"), "ZCARD [k]"),
        reads(Spy.zdiff::<String>(two), "ZDIFF 2 [a] [b]"),
        reads(
            Spy.zdiff_withscores::<String>(two),
            "ZDIFF 2 [a] [b] WITHSCORES",
        ),
        writes(Spy.zdiffstore("d", two), "ZDIFFSTORE [d] 2 [a] [b]"),
        writes(Spy.zincrby("k", -0.5, "m"), "ZINCRBY [k] -0.5 m"),
        reads(Spy.zintercard(two), "ZINTERCARD 2 [a] [b]"),
        reads(Spy.zintercard_limit(two, 5), "ZINTERCARD 2 [a] [b] LIMIT 5"),
        writes(
            Spy.zmpop_count::<String, String>(two, ScoreEnd::Min, 3),
            "ZMPOP 2 [a] [b] MIN COUNT 3",
        ),
        writes(
            Spy.zmpop::<String, String>("a", ScoreEnd::Max),
            "ZMPOP 1 [a] MAX",
        ),
        reads(Spy.zmscore("k", ["m", "n"]), "ZMSCORE [k] m n"),
        writes(Spy.zpopmax::<String>("k"), "ZPOPMAX [k]"),
        writes(Spy.zpopmax_count::<String>("k", 2), "ZPOPMAX [k] 2"),
        writes(Spy.zpopmin::<String>("k"), "ZPOPMIN [k]"),
        writes(Spy.zpopmin_count::<String>("k", 2), "ZPOPMIN [k] 2"),
        reads(Spy.zrandmember::<String>("k"), "ZRANDMEMBER [k]"),
        reads(
            Spy.zrandmember_count::<String>("k", -2),
            "ZRANDMEMBER [k] -2",
        ),
        reads(
            Spy.zrandmember_withscores::<String>("k", 2),
            "ZRANDMEMBER [k] 2 WITHSCORES",
        ),
        reads(Spy.zrank("k", "m"), "ZRANK [k] m"),
        reads(Spy.zrank_withscore("k", "m"), "ZRANK [k] m WITHSCORE"),
        writes(Spy.zrem("k", two), "ZREM [k] a b"),
        reads(Spy.zrevrank("k", "m"), "ZREVRANK [k] m"),
        reads(Spy.zrevrank_withscore("k", "m"), "ZREVRANK [k] m WITHSCORE"),
        reads(
            Spy.zscan::<String>("k", 0, ScanOptions::new().pattern("a*").count(5)),
            "ZSCAN [k] 0 MATCH a* COUNT 5",
        ),
        reads(
            Spy.zscan_noscores::<String>("k", 0, ScanOptions::new()),
            "ZSCAN [k] 0 NOSCORES",
        ),
        reads(Spy.zscore("k", "m"), "ZSCORE [k] m"),
        reads(
            Spy.zinter::<String>(two, ZCombineOptions::new()),
            "ZINTER 2 [a] [b]",
        ),
        reads(
            Spy.zinter_withscores::<String>(two, max()),
            "ZINTER 2 [a] [b] WEIGHTS 2.0 0.5 AGGREGATE MAX WITHSCORES",
        ),
        reads(
            Spy.zunion::<String>(two, max().sum()),
            "ZUNION 2 [a] [b] WEIGHTS 2.0 0.5 AGGREGATE SUM",
        ),
        reads(
            Spy.zunion_withscores::<String>(two, max()),
            "ZUNION 2 [a] [b] WEIGHTS 2.0 0.5 AGGREGATE MAX WITHSCORES",
        ),
    ];
    for (options, word) in [
        (max().sum(), "SUM"),
        (max().min(), "MIN"),
        (max(), "MAX"),
        (max().count(), "COUNT"),
    ] {
        let combined = format!("2 [a] [b] WEIGHTS 2.0 0.5 AGGREGATE {word}");
        rows.extend([
            writes(
                Spy.zinterstore("d", two, options.clone()),
                &format!("ZINTERSTORE [d] {combined}"),
            ),
            writes(
                Spy.zunionstore("d", two, options.clone()),
                &format!("ZUNIONSTORE [d] {combined}"),
            ),
            reads(
                Spy.zinter::<String>(two, options.clone()),
                &format!("ZINTER {combined}"),
            ),
            reads(
                Spy.zunion::<String>(two, options),
                &format!("ZUNION {combined}"),
            ),
        ]);
    }
    for (options, words) in [
        (ZAddOptions::new().nx(), "NX"),
        (ZAddOptions::new().xx().gt(), "XX GT"),
        (ZAddOptions::new().gt().nx(), "NX"),
        (ZAddOptions::new().nx().lt(), "LT"),
        (ZAddOptions::new().count_changed(), "CH"),
    ] {
        rows.push(writes(
            Spy.zadd_with("k", (1, "a"), options),
            &format!("ZADD [k] {words} 1 a"),
        ));
    }
    rows.extend(ranges());
    rows.extend(places());
    rows
}

fn ranges() -> Vec<Sent> {
    let scores = || ScoreRange::new(Score::Excluded(1.5), f64::INFINITY);
    let lex = || LexRange::new(Lex::included("a"), Lex::excluded("c"));
    let mut rows = vec![
        reads(Spy.zcount("k", 1.0..=2.0), "ZCOUNT [k] 1.0 2.0"),
        reads(Spy.zcount("k", ..), "ZCOUNT [k] -inf inf"),
        reads(Spy.zlexcount("k", ..), "ZLEXCOUNT [k] - +"),
        reads(Spy.zlexcount("k", lex()), "ZLEXCOUNT [k] [a (c"),
        reads(
            Spy.zrangebylex::<String>("k", lex().limit(1, 2)),
            "ZRANGEBYLEX [k] [a (c LIMIT 1 2",
        ),
        reads(
            Spy.zrangebyscore::<String>("k", scores()),
            "ZRANGEBYSCORE [k] (1.5 inf",
        ),
        reads(
            Spy.zrangebyscore_withscores::<String>("k", scores().limit(1, 2)),
            "ZRANGEBYSCORE [k] (1.5 inf WITHSCORES LIMIT 1 2",
        ),
        writes(Spy.zremrangebylex("k", lex()), "ZREMRANGEBYLEX [k] [a (c"),
        writes(Spy.zremrangebyrank("k", 0, -2), "ZREMRANGEBYRANK [k] 0 -2"),
        writes(
            Spy.zremrangebyscore("k", scores()),
            "ZREMRANGEBYSCORE [k] (1.5 inf",
        ),
        reads(Spy.zrevrange::<String>("k", 0, -1), "ZREVRANGE [k] 0 -1"),
        reads(
            Spy.zrevrange_withscores::<String>("k", 0, -1),
            "ZREVRANGE [k] 0 -1 WITHSCORES",
        ),
        reads(
            Spy.zrevrangebylex::<String>("k", lex().limit(1, 2)),
            "ZREVRANGEBYLEX [k] (c [a LIMIT 1 2",
        ),
        reads(
            Spy.zrevrangebyscore::<String>("k", scores()),
            "ZREVRANGEBYSCORE [k] inf (1.5",
        ),
        reads(
            Spy.zrevrangebyscore_withscores::<String>("k", scores().limit(1, 2)),
            "ZREVRANGEBYSCORE [k] inf (1.5 WITHSCORES LIMIT 1 2",
        ),
    ];
    for (range, words) in [
        (ZRange::from(..), "0 -1"),
        (ZRange::from(2..=5), "2 5"),
        (ZRange::ranks(-3, -1).reversed(), "-3 -1 REV"),
        (ZRange::scores(f64::NEG_INFINITY, 2.5), "-inf 2.5 BYSCORE"),
        (
            ZRange::scores(0.0, Score::Excluded(1.0))
                .reversed()
                .limit(3, 4),
            "(1.0 0.0 BYSCORE REV LIMIT 3 4",
        ),
        (ZRange::lex(Lex::First, Lex::included("c")), "- [c BYLEX"),
    ] {
        rows.extend([
            reads(
                Spy.zrange::<String>("k", range.clone()),
                &format!("ZRANGE [k] {words}"),
            ),
            reads(
                Spy.zrange_withscores::<String>("k", range.clone()),
                &format!("ZRANGE [k] {words} WITHSCORES"),
            ),
            writes(
                Spy.zrangestore("d", "k", range),
                &format!("ZRANGESTORE [d] [k] {words}"),
            ),
        ]);
    }
    rows
}

fn places() -> Vec<Sent> {
    let km = GeoUnit::Kilometers;
    let all = || GeoOptions::new().with_dist().with_hash().with_coord();
    let mut rows = vec![
        writes(Spy.geoadd("k", (13.5, 38.0, "m")), "GEOADD [k] 13.5 38.0 m"),
        writes(
            Spy.geoadd_with(
                "k",
                [(1, 2, "m"), (3, 4, "n")],
                GeoAddOptions::new().nx().xx().count_changed(),
            ),
            "GEOADD [k] XX CH 1 2 m 3 4 n",
        ),
        writes(
            Spy.geoadd_with("k", (1, 2, "m"), GeoAddOptions::new().nx()),
            "GEOADD [k] NX 1 2 m",
        ),
        reads(Spy.geohash("k", ["m", "n"]), "GEOHASH [k] m n"),
        reads(Spy.geopos("k", ["m", "n"]), "GEOPOS [k] m n"),
        writes(
            Spy.georadius_store("k", (1.0, 2.0), 3.0, km, GeoOptions::new().count(5), "d"),
            "GEORADIUS [k] 1.0 2.0 3.0 km COUNT 5 STORE [d]",
        ),
        writes(
            Spy.georadius_storedist("k", (1.0, 2.0), 3.0, km, GeoOptions::new(), "d"),
            "GEORADIUS [k] 1.0 2.0 3.0 km STOREDIST [d]",
        ),
        writes(
            Spy.georadiusbymember_store("k", "m", 3.0, km, GeoOptions::new(), "d"),
            "GEORADIUSBYMEMBER [k] m 3.0 km STORE [d]",
        ),
        writes(
            Spy.georadiusbymember_storedist("k", "m", 3.0, km, GeoOptions::new(), "d"),
            "GEORADIUSBYMEMBER [k] m 3.0 km STOREDIST [d]",
        ),
        writes(
            Spy.geosearchstore(
                "d",
                "k",
                GeoArea::circle(GeoOrigin::member("m"), 3.0, km),
                GeoOptions::new().asc().count_any(5),
            ),
            "GEOSEARCHSTORE [d] [k] FROMMEMBER m BYRADIUS 3.0 km ASC COUNT 5 ANY",
        ),
        reads(
            Spy.geosearch::<String>(
                "k",
                GeoArea::polygon(&[(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)]),
                GeoOptions::new().desc(),
            ),
            "GEOSEARCH [k] BYPOLYGON 3 1.0 2.0 3.0 4.0 5.0 6.0 DESC",
        ),
        writes(
            Spy.geosearchstore_dist(
                "d",
                "k",
                GeoArea::polygon(&[(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)]),
                GeoOptions::new().desc(),
            ),
            "GEOSEARCHSTORE [d] [k] BYPOLYGON 3 1.0 2.0 3.0 4.0 5.0 6.0 DESC STOREDIST",
        ),
    ];
    for (unit, word) in [
        (GeoUnit::Meters, "m"),
        (GeoUnit::Kilometers, "km"),
        (GeoUnit::Feet, "ft"),
        (GeoUnit::Miles, "mi"),
    ] {
        let sorted = if word == "m" {
            (
                all().asc().count_any(5),
                "ASC COUNT 5 ANY WITHCOORD WITHDIST WITHHASH",
            )
        } else {
            (all().desc(), "DESC WITHCOORD WITHDIST WITHHASH")
        };
        let (options, words) = sorted;
        let point = GeoOrigin::point(1.0, 2.0);
        rows.extend([
            reads(
                Spy.geodist("k", "m", "n", unit),
                &format!("GEODIST [k] m n {word}"),
            ),
            writes(
                Spy.georadius::<String>("k", (1.0, 2.0), 3.0, unit, options.clone()),
                &format!("GEORADIUS [k] 1.0 2.0 3.0 {word} {words}"),
            ),
            reads(
                Spy.georadius_ro::<String>("k", (1.0, 2.0), 3.0, unit, options.clone()),
                &format!("GEORADIUS_RO [k] 1.0 2.0 3.0 {word} {words}"),
            ),
            writes(
                Spy.georadiusbymember::<String>("k", "m", 3.0, unit, options.clone()),
                &format!("GEORADIUSBYMEMBER [k] m 3.0 {word} {words}"),
            ),
            reads(
                Spy.georadiusbymember_ro::<String>("k", "m", 3.0, unit, options.clone()),
                &format!("GEORADIUSBYMEMBER_RO [k] m 3.0 {word} {words}"),
            ),
            reads(
                Spy.geosearch::<String>(
                    "k",
                    GeoArea::circle(GeoOrigin::member("m"), 3.0, unit),
                    options.clone(),
                ),
                &format!("GEOSEARCH [k] FROMMEMBER m BYRADIUS 3.0 {word} {words}"),
            ),
            reads(
                Spy.geosearch::<String>(
                    "k",
                    GeoArea::rectangle(point.clone(), 3.0, 4.0, unit),
                    options,
                ),
                &format!("GEOSEARCH [k] FROMLONLAT 1.0 2.0 BYBOX 3.0 4.0 {word} {words}"),
            ),
            writes(
                Spy.geosearchstore(
                    "d",
                    "k",
                    GeoArea::rectangle(point, 3.0, 4.0, unit),
                    GeoOptions::new(),
                ),
                &format!("GEOSEARCHSTORE [d] [k] FROMLONLAT 1.0 2.0 BYBOX 3.0 4.0 {word}"),
            ),
        ]);
    }
    rows
}
