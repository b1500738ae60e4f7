//! Replies that have a structure of their own.

use std::{collections::BTreeMap, time::Duration};

use redis_cmd::{
    AclUser, ArrayInfo, AutoClaimed, BackupStatus, ByStream, CommandInfo, Delivered,
    DeliveredByStream, DryRun, FunctionStats, Group, GroupFull, HotKeys, LatencyEvent, LcsMatches,
    Library, LoggedCommand, MemoryStats, Module, PendingEntry, PendingSummary, Role, Shard,
    SlotMigration, SlotRange, SlotUsage, StreamEntry, StreamId, StreamInfo, TrackingInfo,
    UnixMilliseconds, UnixSeconds, VectorSetInfo,
};

use resp_proto::Value;

use crate::{both, decode, reply};

type Fields = BTreeMap<String, i64>;

fn id(milliseconds: u64) -> StreamId {
    StreamId {
        milliseconds,
        sequence: 0,
    }
}

fn entry(milliseconds: u64) -> StreamEntry<Fields> {
    StreamEntry {
        id: id(milliseconds),
        fields: [(String::from("n"), milliseconds as i64)].into(),
    }
}

#[test]
fn streams() {
    let entries = reply::<Vec<StreamEntry<Fields>>>("XRANGE x - +");
    assert_eq!(entries, [entry(1), entry(2)]);
    assert_eq!(
        reply::<Option<ByStream<String, Fields>>>("XREAD STREAMS x 1-0"),
        Some(vec![("x".into(), vec![entry(2)])])
    );
    assert_eq!(
        reply::<Option<ByStream<String, Fields>>>("XREAD STREAMS x 9-0"),
        None
    );
    let pending = reply::<PendingSummary>("XPENDING x grp");
    assert_eq!((pending.count, pending.lowest), (1, Some(id(1))));
    assert_eq!(pending.consumers, [("c".into(), 1)]);
    let claimed = reply::<AutoClaimed<StreamEntry<Fields>>>("XAUTOCLAIM x grp d 0 0-0");
    assert_eq!(
        (claimed.next, claimed.entries),
        (StreamId::ZERO, vec![entry(1)])
    );
    let groups = reply::<Vec<Group>>("XINFO GROUPS x");
    assert_eq!((&*groups[0].name, groups[0].lag), ("grp", Some(1)));
    // What has no field of its own is kept; its numbers are the same in both protocols.
    let info = reply::<StreamInfo<Fields>>("XINFO STREAM x");
    assert_eq!((info.length, info.last_entry), (2, Some(entry(2))));
    let error: Box<dyn std::error::Error> = "1-x".parse::<StreamId>().unwrap_err().into();
    assert_eq!(
        error.to_string(),
        "expected two numbers with a hyphen in between"
    );
    assert!(info.rest.contains_key("radix-tree-keys"));
}

/// As Redis 5.0 to 6.2 send them.
#[test]
fn entries_that_were_deleted_before_they_were_claimed_cost_no_others() {
    let nils = "*3\r\n*-1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\nn\r\n$1\r\n1\r\n$-1\r\n";
    let claimed: Vec<StreamEntry<Fields>> = decode(nils.as_bytes()).unwrap();
    assert_eq!(claimed, [entry(1)]);
    let claimed = format!("*2\r\n$3\r\n0-0\r\n{nils}");
    let claimed: AutoClaimed<StreamEntry<Fields>> = decode(claimed.as_bytes()).unwrap();
    assert_eq!((claimed.entries, claimed.deleted), (vec![entry(1)], vec![]));
    assert!(decode::<Vec<StreamEntry<Fields>>>(b"$1\r\nx\r\n").is_err());
}

#[test]
fn what_is_wrong_in_an_entry_is_told_with_its_place() {
    let entry = |value: &str| format!("*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\nn\r\n$1\r\n{value}\r\n");
    let entries = format!("*3\r\n*-1\r\n{}{}", entry("1"), entry("x"));
    let wrong = decode::<Vec<StreamEntry<Fields>>>(entries.as_bytes()).unwrap_err();
    let place = "element 2 of element 2 of element 3: expected an integer";
    assert!(wrong.to_string().starts_with(place), "{wrong}");
    let claimed = format!("*2\r\n$3\r\n0-0\r\n{entries}");
    let wrong = decode::<AutoClaimed<StreamEntry<Fields>>>(claimed.as_bytes()).unwrap_err();
    assert!(
        wrong.to_string().contains("of element 3 of element 2: "),
        "{wrong}"
    );
}

#[test]
fn no_entries_where_none_was_asked_for_are_nil() {
    for nil in ["*-1\r\n", "_\r\n"] {
        assert_eq!(
            decode::<Vec<StreamEntry<Fields>>>(nil.as_bytes()),
            Ok(vec![])
        );
        let maybe = decode::<Option<Vec<StreamEntry<Fields>>>>(nil.as_bytes());
        assert_eq!(maybe, Ok(None));
    }
}

#[test]
fn what_later_servers_add_to_the_parts_of_a_reply_is_kept() {
    let logged =
        b"*7\r\n:7\r\n:1700000000\r\n:15\r\n*1\r\n$4\r\nPING\r\n$3\r\nh:1\r\n$0\r\n\r\n$1\r\nx\r\n";
    let logged: LoggedCommand = decode(logged).unwrap();
    assert_eq!(logged.duration(), Duration::from_micros(15));
    assert_eq!(logged.time, UnixSeconds(1_700_000_000));
    assert_eq!(logged.rest, [Value::from("x")]);
    let event = b"*6\r\n$1\r\ne\r\n:1700000000\r\n:5\r\n:6\r\n:11\r\n$1\r\nx\r\n";
    let event: LatencyEvent = decode(event).unwrap();
    assert_eq!(event.rest, [Value::from(11), Value::from("x")]);
    let before = b"*4\r\n$1\r\ne\r\n:1700000000\r\n:5\r\n:6\r\n";
    assert_eq!(decode::<LatencyEvent>(before).unwrap().rest, []);
    let info =
        "*11\r\n$3\r\nget\r\n:2\r\n*0\r\n:1\r\n:1\r\n:1\r\n*0\r\n*0\r\n*0\r\n*0\r\n$1\r\nx\r\n";
    let info: CommandInfo = decode(info.as_bytes()).unwrap();
    assert_eq!((info.arity, info.rest), (2, vec![Value::from("x")]));
}

#[test]
fn what_later_servers_add_to_parts_that_have_no_room_for_it_is_left() {
    let entry: StreamEntry<Fields> =
        decode(b"*3\r\n$3\r\n1-0\r\n*2\r\n$1\r\nn\r\n$1\r\n1\r\n$1\r\nx\r\n").unwrap();
    assert_eq!(entry, self::entry(1));
    let entry: Delivered<Fields> =
        decode(b"*5\r\n$3\r\n1-0\r\n*0\r\n:5\r\n:2\r\n$1\r\nx\r\n").unwrap();
    assert_eq!(entry.deliveries, 2);
    let pending: PendingSummary = decode(
        b"*5\r\n:1\r\n$3\r\n1-0\r\n$3\r\n1-0\r\n*1\r\n*3\r\n$1\r\nc\r\n$1\r\n1\r\n:9\r\n:8\r\n",
    )
    .unwrap();
    assert_eq!((pending.count, pending.highest), (1, Some(id(1))));
    assert_eq!(pending.consumers, [("c".into(), 1)]);
    let pending: PendingEntry =
        decode(b"*5\r\n$3\r\n1-0\r\n$1\r\nc\r\n:5\r\n:2\r\n$1\r\nx\r\n").unwrap();
    assert_eq!(pending.deliveries, 2);
    let usage: SlotUsage =
        decode(b"*3\r\n:7\r\n*2\r\n$9\r\nkey-count\r\n:1\r\n$1\r\nx\r\n").unwrap();
    assert_eq!((usage.slot, usage.metrics["key-count"]), (7, 1));
    let matches: LcsMatches = decode(
        b"*4\r\n$7\r\nmatches\r\n*1\r\n*4\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n:4\r\n:2\r\n:9\r\n$3\r\nlen\r\n:2\r\n",
    )
    .unwrap();
    assert_eq!(matches.matches[0].len, Some(2));
    let role: Role = decode(
        b"*3\r\n$6\r\nmaster\r\n:5\r\n*1\r\n*4\r\n$1\r\nh\r\n$4\r\n6379\r\n$1\r\n4\r\n$1\r\nx\r\n",
    )
    .unwrap();
    let replicas = vec![("h".into(), 6379, 4)];
    assert_eq!(
        role,
        Role::Primary {
            offset: 5,
            replicas
        }
    );
    let text = |text: &str| format!("${}\r\n{text}\r\n", text.len());
    let number = |name: &str, number: u64| text(name) + &format!(":{number}\r\n");
    let consumer = "*10\r\n".to_owned()
        + &(text("name") + &text("c"))
        + &number("seen-time", 1)
        + &number("active-time", 1)
        + &number("pel-count", 1)
        + &text("pending")
        + "*1\r\n*4\r\n$3\r\n1-0\r\n:5\r\n:2\r\n:9\r\n";
    let group = "*10\r\n".to_owned()
        + &(text("name") + &text("g"))
        + &(text("last-delivered-id") + &text("1-0"))
        + &number("pel-count", 1)
        + &(text("pending") + "*1\r\n*5\r\n$3\r\n1-0\r\n$1\r\nc\r\n:5\r\n:2\r\n:9\r\n")
        + &(text("consumers") + "*1\r\n" + &consumer);
    let group: GroupFull = decode(group.as_bytes()).unwrap();
    assert_eq!(group.pending, [(id(1), "c".into(), UnixMilliseconds(5), 2)]);
    assert_eq!(
        group.consumers[0].pending,
        [(id(1), UnixMilliseconds(5), 2)]
    );
}

/// As its documentation has it: none of the servers at hand is of that version.
#[test]
fn entries_that_redis_8_4_delivers_say_how_often_they_were() {
    let entry = |tail| format!("*1\r\n*4\r\n$3\r\n1-0\r\n*2\r\n$1\r\nn\r\n$1\r\n1\r\n{tail}");
    let integers = entry(":1500\r\n:2\r\n");
    // 8.4.0 itself sends text.
    let texts = entry("$4\r\n1500\r\n$1\r\n2\r\n");
    for entries in [integers, texts] {
        for bytes in [
            format!("*1\r\n*2\r\n$1\r\ns\r\n{entries}"),
            format!("%1\r\n$1\r\ns\r\n{entries}"),
        ] {
            let read: DeliveredByStream<String, Fields> = decode(bytes.as_bytes()).unwrap();
            let (stream, entries) = &read[0];
            let delivered = &entries[0];
            assert_eq!((&**stream, entries.len()), ("s", 1));
            assert_eq!((delivered.id, delivered.fields["n"]), (id(1), 1));
            assert_eq!(delivered.idle, Duration::from_millis(1500));
            assert_eq!(delivered.deliveries, 2);
        }
    }
}

/// As captures in its documentation have it.
#[test]
fn keys_that_take_the_most_in_redis_8_6() {
    let fields = "$15\r\ntracking-active\r\n:1\r\n$12\r\nsample-ratio\r\n:100\r\n\
         $22\r\ncollection-duration-ms\r\n:6408\r\n$15\r\ntotal-net-bytes\r\n:119\r\n\
         $14\r\nby-cpu-time-us\r\n*4\r\n$1\r\nx\r\n:104\r\n$1\r\ny\r\n:98\r\n";
    for bytes in [
        format!("*1\r\n*10\r\n{fields}"),
        format!("*1\r\n%5\r\n{fields}"),
        format!("*10\r\n{fields}"),
    ] {
        let found: Option<HotKeys<String>> = decode(bytes.as_bytes()).unwrap();
        let found = found.unwrap();
        assert_eq!((found.active, found.sample_ratio), (true, 100));
        assert_eq!(found.duration, Duration::from_millis(6408));
        let by_time = vec![("x".to_owned(), 104), ("y".to_owned(), 98)];
        assert_eq!(
            (found.by_cpu_time, found.by_net_bytes),
            (Some(by_time), None)
        );
        assert_eq!(found.rest["total-net-bytes"], Value::Integer(119));
    }
    assert_eq!(decode::<Option<HotKeys<String>>>(b"*-1\r\n").unwrap(), None);
}

/// By the names that Redis 8.8 has in the schema of its reply.
#[test]
fn arrays_say_how_they_are_kept() {
    let fields = [
        ("count", "3"),
        ("len", "10"),
        ("next-insert-index", "0"),
        ("slices", "1"),
        ("directory-size", "1"),
        ("super-dir-entries", "0"),
        ("slice-size", "1024"),
    ]
    .map(|(name, value)| format!("${}\r\n{name}\r\n:{value}\r\n", name.len()))
    .concat();
    let dense = "$12\r\ndense-slices\r\n:0\r\n$14\r\navg-dense-fill\r\n";
    let plain = [format!("*14\r\n{fields}"), format!("%7\r\n{fields}")];
    let full = [
        format!("*18\r\n{fields}{dense}$3\r\n0.5\r\n"),
        format!("%9\r\n{fields}{dense},0.5\r\n"),
    ];
    for (plain, full) in plain.iter().zip(&full) {
        let [plain, full]: [ArrayInfo; 2] =
            [plain, full].map(|bytes| decode(bytes.as_bytes()).unwrap());
        assert_eq!((plain.count, plain.len, plain.slice_size), (3, 10, 1024));
        assert_eq!((plain.dense_slices, plain.rest.len()), (None, 2));
        assert_eq!((full.dense_slices, full.sparse_slices), (Some(0), None));
        assert!(full.rest.contains_key("avg-dense-fill"));
    }
}

/// Servers nest them, their documentation does not.
#[test]
fn elements_come_with_their_indices_flat_or_nested() {
    for bytes in [
        "*2\r\n*2\r\n:2\r\n$1\r\na\r\n*2\r\n:4\r\n$1\r\nb\r\n",
        "*4\r\n:2\r\n$1\r\na\r\n:4\r\n$1\r\nb\r\n",
    ] {
        let found: Vec<(u64, String)> = decode(bytes.as_bytes()).unwrap();
        assert_eq!(found, [(2, "a".to_owned()), (4, "b".to_owned())]);
    }
}

#[test]
fn what_was_added_within_bounds_is_a_pair_of_numbers() {
    assert_eq!(decode::<(i64, i64)>(b"*2\r\n:99\r\n:0\r\n"), Ok((99, 0)));
    for bytes in ["*2\r\n$3\r\n1.5\r\n$3\r\n0.5\r\n", "*2\r\n,1.5\r\n,0.5\r\n"] {
        assert_eq!(decode::<(f64, f64)>(bytes.as_bytes()), Ok((1.5, 0.5)));
    }
}

/// As its documentation has it, and with the times as integers.
#[test]
fn a_backup_has_times_once_it_has_come_to_them() {
    let state =
        "$5\r\nstate\r\n$12\r\nincrementing\r\n$5\r\nerror\r\n$0\r\n\r\n$10\r\nstart_time\r\n";
    for bytes in [
        format!("*8\r\n{state}$10\r\n1717921800\r\n$8\r\nend_time\r\n$1\r\n0\r\n"),
        format!("%4\r\n{state}:1717921800\r\n$8\r\nend_time\r\n:0\r\n"),
    ] {
        let status: BackupStatus = decode(bytes.as_bytes()).unwrap();
        assert_eq!((&*status.state, &*status.error), ("incrementing", ""));
        assert_eq!(status.start_time, Some(UnixSeconds(1_717_921_800)));
        assert_eq!((status.end_time, status.rest.len()), (None, 0));
    }
}

/// By the names that Redis 8.4 has in the schema of its reply.
#[test]
fn migrations_of_slots_have_the_same_fields_from_redis_and_from_valkey() {
    let redis = "*1\r\n%5\r\n$2\r\nid\r\n$1\r\nt\r\n$5\r\nslots\r\n$3\r\n0-5\r\n$6\r\nsource\r\n\
         $1\r\na\r\n$4\r\ndest\r\n$1\r\nb\r\n$7\r\nretries\r\n$1\r\n0\r\n";
    let valkey = "*1\r\n%4\r\n$4\r\nname\r\n$1\r\nt\r\n$11\r\nslot_ranges\r\n$3\r\n0-5\r\n\
         $11\r\nsource_node\r\n$1\r\na\r\n$11\r\ntarget_node\r\n$1\r\nb\r\n";
    for bytes in [redis, valkey] {
        let migrations: Vec<SlotMigration> = decode(bytes.as_bytes()).unwrap();
        let migration = &migrations[0];
        assert_eq!(migration.name.as_deref(), Some("t"));
        assert_eq!(migration.slot_ranges.as_deref(), Some("0-5"));
        assert_eq!(migration.source_node.as_deref(), Some("a"));
        assert_eq!(migration.target_node.as_deref(), Some("b"));
    }
}

#[test]
fn the_server() {
    let found = reply::<LcsMatches>("LCS a b IDX WITHMATCHLEN");
    assert_eq!((found.len, found.matches[1].first), (6, (2, 3)));
    let libraries = reply::<Vec<Library>>("FUNCTION LIST");
    assert_eq!(libraries[0].functions[0].flags, ["no-writes"]);
    assert_eq!(
        reply::<FunctionStats>("FUNCTION STATS").engines["LUA"]["functions_count"],
        1
    );
    for infos in both::<Vec<Option<CommandInfo>>>("COMMAND INFO get nope") {
        let get = infos[0].as_ref().expect("a command");
        assert_eq!((&*get.name, get.arity, &infos[1]), ("get", 2, &None));
        assert_eq!(get.flags, ["readonly", "fast"]);
    }
    let settings = reply::<BTreeMap<String, String>>("CONFIG GET maxmemory");
    assert_eq!(settings["maxmemory"], "0");
    let tracking = reply::<TrackingInfo>("CLIENT TRACKINGINFO");
    assert_eq!((tracking.redirect, &*tracking.flags[0]), (-1, "off"));
    assert!(reply::<Vec<LatencyEvent>>("LATENCY LATEST").is_empty());
    for stats in both::<MemoryStats>("MEMORY STATS") {
        assert!(stats.keys_count > 5 && stats.peak_percentage > 1.0);
        // A map, or the flat array that stands for one.
        let sizes = stats.rest["db.0"]
            .decode::<BTreeMap<String, u64>>()
            .unwrap();
        assert!(sizes["overhead.hashtable.main"] > 0);
    }
    assert!(matches!(
        reply::<Role>("ROLE"),
        Role::Primary { offset: 0, replicas } if replicas.is_empty()
    ));
    for info in both::<Option<VectorSetInfo>>("VINFO v") {
        let info = info.expect("a vector set");
        assert_eq!((&*info.quantization, info.dimensions), ("f32", 2));
    }
}

/// As clusters of Valkey 8.0 that hold little say it.
#[test]
fn data_may_take_less_than_nothing() {
    for mut stats in both::<BTreeMap<String, Value>>("MEMORY STATS") {
        for name in ["keys.bytes-per-key", "dataset.bytes"] {
            stats.insert(name.into(), Value::Integer(-44431));
        }
        let stats = stats.into_iter().map(|(name, value)| (name.into(), value));
        let stats: MemoryStats = Value::Map(stats.collect()).decode().unwrap();
        assert_eq!(
            (stats.keys_bytes_per_key, stats.dataset_bytes),
            (-44431, -44431)
        );
    }
}

#[test]
fn users() {
    let ada = reply::<Option<AclUser>>("ACL GETUSER ada").expect("a user");
    assert_eq!((&*ada.commands, &*ada.keys), ("-@all +get", "~k*"));
    assert_eq!(ada.passwords.len(), 1);
    for shown in [format!("{ada:?}"), format!("{ada:#?}")] {
        assert!(shown.contains("~k*"), "{shown}");
        assert!(!shown.contains(&ada.passwords[0]), "{shown}");
    }
    assert_eq!(reply::<Option<AclUser>>("ACL GETUSER nope"), None);
    assert_eq!(reply::<DryRun>("ACL DRYRUN ada get k1"), DryRun::Allowed);
    let denied = reply::<DryRun>("ACL DRYRUN ada get other");
    assert!(matches!(denied, DryRun::Denied(why) if why.contains("no permissions")));
}

#[test]
fn what_a_module_was_loaded_with_is_not_shown() {
    let module =
        b"*6\r\n$4\r\nname\r\n$1\r\nm\r\n$3\r\nver\r\n:1\r\n$4\r\nargs\r\n*1\r\n$7\r\nhunter2\r\n";
    let module: Module = decode(module).unwrap();
    assert_eq!(module.args, ["hunter2"]);
    assert!(!format!("{module:?} {module:#?}").contains("hunter2"));
}

#[test]
fn clusters() {
    let shards = reply::<Vec<Shard>>("CLUSTER SHARDS");
    assert_eq!(shards[0].slots, [(0, 5), (9, 9)]);
    assert_eq!(
        (&*shards[0].nodes[0].role, shards[0].nodes[0].port),
        ("master", Some(7897))
    );
    let ranges = reply::<Vec<SlotRange>>("CLUSTER SLOTS");
    assert_eq!((ranges[0].start, ranges[0].end, ranges[1].start), (0, 5, 9));
    assert_eq!(ranges[0].nodes[0].id.as_ref(), Some(&shards[0].nodes[0].id));
}
