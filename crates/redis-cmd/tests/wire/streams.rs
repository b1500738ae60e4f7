//! What commands on streams, HyperLogLogs and vector sets, scripts, functions and messages put on the wire.

use std::time::{Duration, UNIX_EPOCH};

use redis_cmd::{
    ClaimOptions, EntryPolicy, FlushMode, FunctionCommands, GroupOptions, HyperLogLogCommands, Lex,
    LexRange, Milliseconds, NackOptions, PendingRange, PubSubCommands, ReadGroupOptions,
    ReadOptions, RestorePolicy, ScriptingCommands, StreamCommands, StreamGroupCommands, StreamId,
    Trim, VAddOptions, VSimOptions, Vector, VectorQuery, VectorSetCommands, XAddOptions,
    XCfgSetOptions, XSetIdOptions,
};
use resp_proto::Value;

use crate::spy::{Sent, Spy, reads, writes};

pub(crate) fn rows() -> Vec<Sent> {
    let mut rows = streams();
    rows.extend(reading_streams());
    rows.extend(scripts());
    rows.extend(vectors());
    rows.extend([
        writes(Spy.pfadd("k", ["a", "b"]), "PFADD [k] a b"),
        reads(Spy.pfcount(["a", "b"]), "PFCOUNT [a] [b]"),
        writes(Spy.pfmerge("d", ["a", "b"]), "PFMERGE [d] [a] [b]"),
        writes(Spy.pfmerge("d", ()), "PFMERGE [d]"),
        writes(Spy.publish("c", "m"), "PUBLISH c m"),
        writes(Spy.spublish("c", "m"), "SPUBLISH [c] m"),
        reads(Spy.pubsub_channels::<String>(), "PUBSUB CHANNELS"),
        reads(
            Spy.pubsub_channels_matching::<String>("a*"),
            "PUBSUB CHANNELS a*",
        ),
        reads(Spy.pubsub_numpat(), "PUBSUB NUMPAT"),
        reads(Spy.pubsub_numsub::<String>(["a", "b"]), "PUBSUB NUMSUB a b"),
        reads(Spy.pubsub_shardchannels::<String>(), "PUBSUB SHARDCHANNELS"),
        reads(
            Spy.pubsub_shardchannels_matching::<String>("a*"),
            "PUBSUB SHARDCHANNELS a*",
        ),
        reads(
            Spy.pubsub_shardnumsub::<String>(["a"]),
            "PUBSUB SHARDNUMSUB a",
        ),
    ]);
    rows
}

fn streams() -> Vec<Sent> {
    let second = Milliseconds(1000);
    let id = StreamId {
        milliseconds: 5,
        sequence: 1,
    };
    let mut rows = vec![
        writes(Spy.xack("k", "g", [id, id]), "XACK [k] g 5-1 5-1"),
        writes(
            Spy.xackdel("k", "g", EntryPolicy::KeepReferences, ["1-0", "2-0"]),
            "XACKDEL [k] g KEEPREF IDS 2 1-0 2-0",
        ),
        writes(
            Spy.xdelex("k", EntryPolicy::DeleteReferences, ["1-0"]),
            "XDELEX [k] DELREF IDS 1 1-0",
        ),
        writes(Spy.xadd("k", "*", ("f", 1)), "XADD [k] * f 1"),
        writes(
            Spy.xautoclaim::<Value>("k", "g", "c", second, "0-0", Some(5)),
            "XAUTOCLAIM [k] g c 1000 0-0 COUNT 5",
        ),
        writes(
            Spy.xautoclaim_justid("k", "g", "c", second, id, None),
            "XAUTOCLAIM [k] g c 1000 5-1 JUSTID",
        ),
        writes(
            Spy.xclaim::<Value>("k", "g", "c", second, [id], ClaimOptions::new()),
            "XCLAIM [k] g c 1000 5-1",
        ),
        writes(
            Spy.xclaim_justid(
                "k",
                "g",
                "c",
                second,
                [id],
                ClaimOptions::new()
                    .last_id(id)
                    .force()
                    .retry_count(3)
                    .time(UNIX_EPOCH + Duration::from_millis(5)),
            ),
            "XCLAIM [k] g c 1000 5-1 TIME 5 RETRYCOUNT 3 FORCE LASTID 5-1 JUSTID",
        ),
        writes(
            Spy.xclaim::<Value>(
                "k",
                "g",
                "c",
                second,
                [id],
                ClaimOptions::new().time(5).idle(7),
            ),
            "XCLAIM [k] g c 1000 5-1 IDLE 7",
        ),
        writes(Spy.xdel("k", [id]), "XDEL [k] 5-1"),
        writes(
            Spy.xgroup_create(
                "k",
                "g",
                "$",
                GroupOptions::new().entries_read(3).mkstream(),
            ),
            "XGROUP CREATE [k] g $ MKSTREAM ENTRIESREAD 3",
        ),
        writes(
            Spy.xgroup_createconsumer("k", "g", "c"),
            "XGROUP CREATECONSUMER [k] g c",
        ),
        writes(
            Spy.xgroup_delconsumer("k", "g", "c"),
            "XGROUP DELCONSUMER [k] g c",
        ),
        writes(Spy.xgroup_destroy("k", "g"), "XGROUP DESTROY [k] g"),
        writes(
            Spy.xgroup_setid("k", "g", "$", Some(3)),
            "XGROUP SETID [k] g $ ENTRIESREAD 3",
        ),
        writes(Spy.xsetid("k", id), "XSETID [k] 5-1"),
        writes(
            Spy.xsetid_with(
                "k",
                id,
                XSetIdOptions::new().max_deleted_id(id).entries_added(9),
            ),
            "XSETID [k] 5-1 ENTRIESADDED 9 MAXDELETEDID 5-1",
        ),
        writes(
            Spy.xsetid_with("k", id, XSetIdOptions::new().max_deleted_id(id)),
            "XSETID [k] 5-1 MAXDELETEDID 5-1",
        ),
        writes(
            Spy.xgroup_setid("k", "g", "$", None),
            "XGROUP SETID [k] g $",
        ),
    ];
    rows.extend([
        writes(
            Spy.xadd_with(
                "k",
                "*",
                ("f", 1),
                XAddOptions::new().trim(Trim::max_len(5)).idempotent("p", 7),
            ),
            "XADD [k] IDMP p 7 MAXLEN 5 * f 1",
        ),
        writes(
            Spy.xadd_with(
                "k",
                "*",
                ("f", 1),
                XAddOptions::new()
                    .idempotent("p", 7)
                    .idempotent_by_content("q"),
            ),
            "XADD [k] IDMPAUTO q * f 1",
        ),
        writes(
            Spy.xcfgset(
                "k",
                XCfgSetOptions::new()
                    .idmp_maxsize(500)
                    .idmp_duration(Duration::from_secs(60)),
            ),
            "XCFGSET [k] IDMP-DURATION 60 IDMP-MAXSIZE 500",
        ),
    ]);
    for (trim, words) in [
        (Trim::max_len(5), "MAXLEN 5"),
        (Trim::max_len(5).exactly(), "MAXLEN = 5"),
        (Trim::max_len(5).limit(9).exactly(), "MAXLEN = 5"),
        (Trim::min_id(id).approximately(), "MINID ~ 5-1"),
        (Trim::min_id(id).limit(9), "MINID ~ 5-1 LIMIT 9"),
        (
            Trim::max_len(5).references(EntryPolicy::Acknowledged),
            "MAXLEN 5 ACKED",
        ),
    ] {
        rows.extend([
            writes(Spy.xtrim("k", trim.clone()), &format!("XTRIM [k] {words}")),
            writes(
                Spy.xadd_with(
                    "k",
                    "*",
                    ("f", 1),
                    XAddOptions::new().trim(trim).no_mkstream(),
                ),
                &format!("XADD [k] NOMKSTREAM {words} * f 1"),
            ),
        ]);
    }
    rows
}

fn reading_streams() -> Vec<Sent> {
    vec![
        reads(Spy.xinfo_consumers("k", "g"), "XINFO CONSUMERS [k] g"),
        reads(Spy.xinfo_groups("k"), "XINFO GROUPS [k]"),
        reads(Spy.xinfo_stream::<Value>("k"), "XINFO STREAM [k]"),
        reads(
            Spy.xinfo_stream_full::<Value>("k", 5),
            "XINFO STREAM [k] FULL COUNT 5",
        ),
        reads(Spy.xlen("k"), "XLEN [k]"),
        writes(
            Spy.xnack("k", "g", ["1-0", "2-0"], NackOptions::silent()),
            "XNACK [k] g SILENT IDS 2 1-0 2-0",
        ),
        writes(
            Spy.xnack("k", "g", "1-0", NackOptions::fail()),
            "XNACK [k] g FAIL IDS 1 1-0",
        ),
        writes(
            Spy.xnack("k", "g", "1-0", NackOptions::fatal().force()),
            "XNACK [k] g FATAL IDS 1 1-0 FORCE",
        ),
        writes(
            Spy.xnack("k", "g", "1-0", NackOptions::retry_count(5).force()),
            "XNACK [k] g FAIL IDS 1 1-0 RETRYCOUNT 5 FORCE",
        ),
        reads(Spy.xpending("k", "g"), "XPENDING [k] g"),
        reads(
            Spy.xpending_range("k", "g", PendingRange::new("-", "+", 5)),
            "XPENDING [k] g - + 5",
        ),
        reads(
            Spy.xpending_range(
                "k",
                "g",
                PendingRange::new("-", "+", 5).consumer("c").idle(1000),
            ),
            "XPENDING [k] g IDLE 1000 - + 5 c",
        ),
        reads(Spy.xrange::<Value>("k", "-", "+"), "XRANGE [k] - +"),
        reads(
            Spy.xrange_count::<Value>("k", "(1-0", "+", 5),
            "XRANGE [k] (1-0 + COUNT 5",
        ),
        reads(
            Spy.xread::<String, Value>(ReadOptions::new(), "a", 0),
            "XREAD STREAMS [a] 0",
        ),
        writes(
            Spy.xreadgroup::<String, Value>(
                "g",
                "c",
                ReadGroupOptions::new(),
                ["a", "b"],
                [">", "0"],
            ),
            "XREADGROUP GROUP g c STREAMS [a] [b] > 0",
        ),
        writes(
            Spy.xreadgroup_claim::<String, Value>(
                "g",
                "c",
                ReadGroupOptions::new().no_ack().count(5),
                Milliseconds(1000),
                ["a", "b"],
            ),
            "XREADGROUP GROUP g c COUNT 5 NOACK CLAIM 1000 STREAMS [a] [b] > >",
        ),
        writes(
            Spy.xreadgroup::<String, Value>(
                "g",
                "c",
                ReadGroupOptions::new()
                    .no_ack()
                    .max_size(4096)
                    .max_count(9)
                    .count(5),
                "a",
                ">",
            ),
            "XREADGROUP GROUP g c COUNT 5 MAXCOUNT 9 MAXSIZE 4096 NOACK STREAMS [a] >",
        ),
        reads(Spy.xrevrange::<Value>("k", "+", "-"), "XREVRANGE [k] + -"),
        reads(
            Spy.xrevrange_count::<Value>("k", "+", "-", 5),
            "XREVRANGE [k] + - COUNT 5",
        ),
    ]
}

fn scripts() -> Vec<Sent> {
    vec![
        writes(Spy.eval::<Value>("return 1", (), ()), "EVAL return 1 0"),
        writes(
            Spy.evalsha::<Value>("abc", ["a", "b"], (1, "x")),
            "EVALSHA abc 2 [a] [b] 1 x",
        ),
        reads(
            Spy.evalsha_ro::<Value>("abc", "a", ()),
            "EVALSHA_RO abc 1 [a]",
        ),
        reads(Spy.eval_ro::<Value>("s", "a", 1), "EVAL_RO s 1 [a] 1"),
        reads(Spy.script_exists(["a", "b"]), "SCRIPT EXISTS a b"),
        writes(Spy.script_flush(), "SCRIPT FLUSH"),
        writes(
            Spy.script_flush_with(FlushMode::Async),
            "SCRIPT FLUSH ASYNC",
        ),
        writes(Spy.script_flush_with(FlushMode::Sync), "SCRIPT FLUSH SYNC"),
        writes(Spy.script_kill(), "SCRIPT KILL"),
        writes(Spy.script_load("s"), "SCRIPT LOAD s"),
        reads(Spy.script_show::<String>("abc"), "SCRIPT SHOW abc"),
        writes(
            Spy.fcall::<Value>("f", ["a", "b"], (1, "x")),
            "FCALL f 2 [a] [b] 1 x",
        ),
        reads(Spy.fcall_ro::<Value>("f", (), "x"), "FCALL_RO f 0 x"),
        writes(Spy.function_delete("l"), "FUNCTION DELETE l"),
        reads(Spy.function_dump(), "FUNCTION DUMP"),
        writes(Spy.function_flush(), "FUNCTION FLUSH"),
        writes(
            Spy.function_flush_with(FlushMode::Async),
            "FUNCTION FLUSH ASYNC",
        ),
        writes(
            Spy.function_flush_with(FlushMode::Sync),
            "FUNCTION FLUSH SYNC",
        ),
        writes(Spy.function_kill(), "FUNCTION KILL"),
        reads(Spy.function_list(), "FUNCTION LIST"),
        reads(
            Spy.function_list_named("a*"),
            "FUNCTION LIST LIBRARYNAME a*",
        ),
        reads(
            Spy.function_list_withcode("a*"),
            "FUNCTION LIST LIBRARYNAME a* WITHCODE",
        ),
        writes(Spy.function_load("code"), "FUNCTION LOAD code"),
        writes(
            Spy.function_load_replace("code"),
            "FUNCTION LOAD REPLACE code",
        ),
        writes(
            Spy.function_restore("d", RestorePolicy::Append),
            "FUNCTION RESTORE d APPEND",
        ),
        writes(
            Spy.function_restore("d", RestorePolicy::Flush),
            "FUNCTION RESTORE d FLUSH",
        ),
        writes(
            Spy.function_restore("d", RestorePolicy::Replace),
            "FUNCTION RESTORE d REPLACE",
        ),
        reads(Spy.function_stats(), "FUNCTION STATS"),
    ]
}

fn vectors() -> Vec<Sent> {
    let values = || Vector::Values(vec![1.0, 0.5]);
    let mut rows = vec![
        reads(Spy.vcard("k"), "VCARD [k]"),
        reads(Spy.vdim("k"), "VDIM [k]"),
        reads(Spy.vemb("k", "e"), "VEMB [k] e"),
        reads(Spy.vemb_raw("k", "e"), "VEMB [k] e RAW"),
        reads(Spy.vgetattr::<String>("k", "e"), "VGETATTR [k] e"),
        reads(Spy.vinfo("k"), "VINFO [k]"),
        reads(Spy.vismember("k", "e"), "VISMEMBER [k] e"),
        reads(Spy.vlinks::<String>("k", "e"), "VLINKS [k] e"),
        reads(
            Spy.vlinks_withscores::<String>("k", "e"),
            "VLINKS [k] e WITHSCORES",
        ),
        reads(Spy.vrandmember::<String>("k"), "VRANDMEMBER [k]"),
        reads(
            Spy.vrandmember_count::<String>("k", -2),
            "VRANDMEMBER [k] -2",
        ),
        reads(
            Spy.vrange::<String>("k", LexRange::new(Lex::included("a"), Lex::Last), -1),
            "VRANGE [k] [a + -1",
        ),
        reads(Spy.vrange::<String>("k", .., 5), "VRANGE [k] - + 5"),
        writes(Spy.vrem("k", "e"), "VREM [k] e"),
        writes(Spy.vsetattr("k", "e", "{}"), "VSETATTR [k] e {}"),
        reads(
            Spy.vsim::<String>("k", VectorQuery::element("e"), VSimOptions::new()),
            "VSIM [k] ELE e",
        ),
        reads(
            Spy.vsim_withscores::<String>(
                "k",
                values().into(),
                VSimOptions::new()
                    .no_thread()
                    .truth()
                    .filter_ef(7)
                    .filter(".a")
                    .ef(6)
                    .epsilon(0.2)
                    .count(5),
            ),
            "VSIM [k] VALUES 2 1.0 0.5 WITHSCORES COUNT 5 EPSILON 0.2 EF 6 FILTER .a FILTER-EF 7 TRUTH NOTHREAD",
        ),
        reads(
            Spy.vsim_withattribs::<String>("k", Vector::Fp32(vec![1.0]).into(), VSimOptions::new()),
            r"VSIM [k] FP32 \x00\x00\x80? WITHSCORES WITHATTRIBS",
        ),
        writes(
            Spy.vadd("k", Vector::Fp32(vec![1.0]), "e", VAddOptions::new()),
            r"VADD [k] FP32 \x00\x00\x80? e",
        ),
    ];
    let options = VAddOptions::new;
    for (options, before, behind) in [
        (options().noquant(), "", " NOQUANT"),
        (options().q8(), "", " Q8"),
        (options().q8().bin(), "", " BIN"),
        (
            options().m(4).set_attr("{}").ef(9).cas().reduce(1),
            "REDUCE 1 ",
            " CAS EF 9 SETATTR {} M 4",
        ),
    ] {
        rows.push(writes(
            Spy.vadd("k", values(), "e", options),
            &format!("VADD [k] {before}VALUES 2 1.0 0.5 e{behind}"),
        ));
    }
    rows
}
