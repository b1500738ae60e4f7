//! The default casts: the same value from both protocols, and the one that redis-py's users know.

use std::{mem, time::Duration};

use redis_cmd::{Call, CallOptions, raw};
use resp_proto::{Framer, Value};

use crate::{CAPTURED, unescape};

/// What servers of the matrix answered to the same commands: requests and replies in turn, once in each
/// protocol.
const RECORDED: [(&str, &[u8], &[u8]); 4] = [
    (
        "Redis 7",
        include_bytes!("../../../resp-proto/tests/recorded/redis-7.resp2"),
        include_bytes!("../../../resp-proto/tests/recorded/redis-7.resp3"),
    ),
    (
        "Redis 8",
        include_bytes!("../../../resp-proto/tests/recorded/redis-8.resp2"),
        include_bytes!("../../../resp-proto/tests/recorded/redis-8.resp3"),
    ),
    (
        "Valkey 8",
        include_bytes!("../../../resp-proto/tests/recorded/valkey-8.resp2"),
        include_bytes!("../../../resp-proto/tests/recorded/valkey-8.resp3"),
    ),
    (
        "Valkey 9",
        include_bytes!("../../../resp-proto/tests/recorded/valkey-9.resp2"),
        include_bytes!("../../../resp-proto/tests/recorded/valkey-9.resp3"),
    ),
];

/// Commands that change what protocol is spoken, or what a connection is for: their replies differ and are
/// none of a shared connection.
const OF_CONNECTIONS: [&str; 5] = [
    "HELLO",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "PSUBSCRIBE",
    "PUNSUBSCRIBE",
];

fn read(bytes: &[u8]) -> Value {
    let mut framer = Framer::new();
    let frame = framer.advance(bytes).expect("RESP").expect("a whole reply");
    frame.reply().decode().expect("any reply")
}

pub(crate) fn cast(arguments: &[&str], reply: Value) -> Value {
    cast_with(arguments, CallOptions::new(), reply)
}

fn cast_with(arguments: &[&str], options: impl Into<CallOptions>, reply: Value) -> Value {
    Call::new(&raw(arguments), &options.into()).cast(reply)
}

/// The casts of a captured reply in both protocols.
#[track_caller]
fn both(line: &str) -> [Value; 2] {
    let mut parts = line.split('\t');
    let words: Vec<_> = parts.next().expect("a command").split(' ').collect();
    let mut next = || cast(&words, read(&unescape(parts.next().expect("a reply"))));
    [next(), next()]
}

/// The cast of a captured reply, which must be the same in both protocols.
#[track_caller]
fn captured(command: &str) -> Value {
    let mut lines = CAPTURED.lines();
    let line = lines.find(|line| line.split('\t').next() == Some(command));
    let [resp2, resp3] = both(line.expect("a captured command"));
    assert_eq!(resp2, resp3, "{command}");
    resp3
}

/// A value of the same type with nothing in it, for what two servers or two moments differ in. Maps and sets
/// are in order, which they are on no server.
fn shape(value: &Value) -> Value {
    let sorted = |mut values: Vec<Value>| {
        values.sort_by_cached_key(|value| format!("{value:?}"));
        values
    };
    match value {
        Value::Integer(_) => Value::Integer(0),
        Value::Double(_) => Value::Double(0.0),
        Value::Bulk(_) => Value::Bulk(Vec::new()),
        Value::Time(_) => Value::Time(Duration::ZERO),
        Value::Array(items) => Value::Array(items.iter().map(shape).collect()),
        Value::Set(items) => Value::Set(sorted(items.iter().map(shape).collect())),
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries
                .iter()
                .map(|(name, value)| (name.clone(), shape(value)))
                .collect();
            entries.sort_by_cached_key(|entry| format!("{entry:?}"));
            Value::Map(entries)
        }
        value => value.clone(),
    }
}

#[test]
fn every_captured_reply_is_cast_to_the_same_value_from_both_protocols() {
    // Two moments apart.
    const MEASURED: [&str; 2] = ["MEMORY STATS", "VINFO v"];
    for line in CAPTURED.lines() {
        let [mut resp2, mut resp3] = both(line);
        if MEASURED.iter().any(|name| line.starts_with(name)) {
            (resp2, resp3) = (shape(&resp2), shape(&resp3));
        }
        assert_eq!(resp2, resp3, "{line}");
    }
}

#[test]
fn every_recorded_reply_of_every_server_is_cast_to_the_same_value_from_both_protocols() {
    for (server, resp2, resp3) in RECORDED {
        let [resp2, resp3] = [resp2, resp3].map(exchanges);
        assert_eq!(resp2.len(), resp3.len());
        assert!(resp2.len() > 100, "{}", resp2.len());
        let (mut same, mut alike) = (0, 0);
        for ((words, one), (_, other)) in resp2.into_iter().zip(resp3) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if OF_CONNECTIONS.contains(&words[0]) {
                continue;
            }
            let [one, other] = [one, other].map(|reply| cast(&words, reply));
            if one == other {
                same += 1;
            } else {
                // Times, numbers of connections, what was measured.
                assert_eq!(shape(&one), shape(&other), "{server}: {words:?}");
                alike += 1;
            }
        }
        println!("{server}: {same} the same, {alike} of the same shape");
        assert!(alike < 15, "{server}: {alike}");
    }
}

/// The requests of a recording with their replies.
fn exchanges(mut bytes: &[u8]) -> Vec<(Vec<String>, Value)> {
    let mut framer = Framer::new();
    let mut next = || {
        let frame = framer.advance(bytes).expect("RESP")?;
        let value: Value = frame.reply().decode().expect("any reply");
        let (_, rest) = mem::take(&mut bytes).split_at(frame.len());
        bytes = rest;
        Some(value)
    };
    let mut all = Vec::new();
    while let Some(request) = next() {
        let words: Vec<String> = request.decode().expect("a request");
        // `UNSUBSCRIBE` of nothing and its like have one reply here as well.
        all.push((words, next().expect("a reply")));
    }
    all
}

pub(crate) fn array<V: Into<Value>>(items: impl IntoIterator<Item = V>) -> Value {
    Value::Array(items.into_iter().map(Into::into).collect())
}

pub(crate) fn map<V: Into<Value>>(entries: impl IntoIterator<Item = (&'static str, V)>) -> Value {
    let entries = entries
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()));
    Value::Map(entries.collect())
}

pub(crate) fn scored(pairs: &[(&str, f64)]) -> Value {
    let pairs = pairs
        .iter()
        .map(|&(member, score)| array([member.into(), Value::from(score)]));
    array(pairs)
}

fn integers(numbers: &[i64]) -> Value {
    array(numbers.iter().copied())
}

pub(crate) fn status(text: &str) -> Value {
    Value::Simple(text.into())
}

#[test]
fn what_was_captured_is_cast_as_redis_py_does() {
    assert_eq!(captured("HGETALL h"), map([("f", "1"), ("g", "2.5")]));
    assert_eq!(captured("INCRBYFLOAT n 0.5"), Value::from(6.5));
    assert_eq!(captured("CONFIG GET maxmemory"), map([("maxmemory", "0")]));
    let page = array([Value::from(0), map([("f", "1"), ("g", "2.75")])]);
    assert_eq!(captured("HSCAN h 0"), page);
    assert_eq!(captured("SMEMBERS s"), Value::Set(vec!["x".into()]));
    let all = scored(&[("one", 1.0), ("two", 2.5), ("all", f64::INFINITY)]);
    assert_eq!(captured("ZRANGE z 0 -1 WITHSCORES"), all);
    assert_eq!(captured("ZSCAN z 0"), array([Value::from(0), all]));
    assert_eq!(captured("ZSCORE z two"), Value::from(2.5));
    assert_eq!(
        captured("ZMSCORE z two nope"),
        array([Value::from(2.5), Value::Null])
    );
    assert_eq!(captured("ZADD z XX INCR 1 one"), Value::from(2.0));
    assert_eq!(captured("ZADD z XX INCR 1 nope"), Value::Null);
    assert_eq!(
        captured("ZRANK z two WITHSCORE"),
        array([Value::from(1), Value::from(2.5)])
    );
    // Without a count, RESP3 has it flat.
    assert_eq!(captured("ZPOPMIN z"), scored(&[("one", 2.0)]));
    assert_eq!(
        captured("ZPOPMAX z 5"),
        scored(&[("all", f64::INFINITY), ("two", 2.5)])
    );
    assert_eq!(
        captured("GEODIST g Palermo Catania km"),
        Value::from(166.2742)
    );
    let entry = |id: &str, n: &'static str| array([id.into(), map([("n", n)])]);
    let entries = array([entry("1-0", "1"), entry("2-0", "2")]);
    assert_eq!(captured("XRANGE x - +"), entries);
    assert_eq!(
        captured("XREAD STREAMS x 1-0"),
        map([("x", array([entry("2-0", "2")]))])
    );
    assert_eq!(captured("XREAD STREAMS x 9-0"), map::<Value>([]));
    let pending = captured("XPENDING x grp");
    assert_eq!(pending.get("pending"), Some(&Value::from(1)));
    let consumer = Value::Map(vec![
        ("name".into(), "c".into()),
        ("pending".into(), 1.into()),
    ]);
    assert_eq!(pending.get("consumers"), Some(&array([consumer])));
    assert_eq!(
        captured("XINFO STREAM x").get("last-entry"),
        Some(&entry("2-0", "2"))
    );
    assert_eq!(
        captured("PUBSUB NUMSUB c"),
        array([array(["c".into(), Value::from(0)])])
    );
    assert_eq!(captured("VSIM v ELE east WITHSCORES"), map([("east", 1.0)]));
    assert_eq!(captured("VISMEMBER v east"), Value::from(true));
    let ada = captured("ACL GETUSER ada");
    assert_eq!(ada.get("enabled"), Some(&Value::from(true)));
    assert_eq!(ada.get("commands"), Some(&array(["+get"])));
    assert_eq!(ada.get("categories"), Some(&array(["-@all"])));
    assert_eq!(ada.get("keys"), Some(&array(["~k*"])));
    let Value::Array(infos) = captured("COMMAND INFO get nope") else {
        panic!("expected an array");
    };
    assert_eq!(infos[0].get("arity"), Some(&Value::from(2)));
    assert_eq!(infos[1], Value::Null);
}

#[test]
fn statuses_and_truths() {
    for command in [
        "SET k v",
        "FLUSHALL",
        "config set a b",
        "CLIENT SETNAME x",
        "hmset h f v",
    ] {
        let words: Vec<_> = command.split(' ').collect();
        assert_eq!(cast(&words, status("OK")), Value::from(true), "{command}");
        // Inside a transaction.
        assert_eq!(
            cast(&words, status("QUEUED")),
            status("QUEUED"),
            "{command}"
        );
    }
    assert_eq!(cast(&["SET", "k", "v", "NX"], Value::Null), Value::Null);
    // A value that happens to be this is no status.
    assert_eq!(cast(&["SET", "k", "v", "GET"], "OK".into()), "OK".into());
    assert_eq!(cast(&["EXPIRE", "k", "1"], 1.into()), true.into());
    assert_eq!(cast(&["HEXISTS", "k", "f"], 0.into()), false.into());
    assert_eq!(cast(&["DEL", "k"], 1.into()), 1.into());
    assert_eq!(cast(&["PING"], status("PONG")), true.into());
    assert_eq!(cast(&["PING", "PONG"], "PONG".into()), "PONG".into());
    let started = status("Background saving started");
    assert_eq!(cast(&["BGSAVE"], started), true.into());
    assert_eq!(cast(&["CLIENT", "KILL", "ID", "7"], 1.into()), 1.into());
    let truths = array([true, false]);
    assert_eq!(
        cast(&["SCRIPT EXISTS", "a", "b"], integers(&[1, 0])),
        truths
    );
    assert_eq!(
        cast(&["SENTINEL", "CKQUORUM", "m"], status("OK 3 usable")),
        true.into()
    );
}

#[test]
fn times() {
    let since = Duration::from_secs(1_700_000_000);
    assert_eq!(
        cast(&["LASTSAVE"], 1_700_000_000.into()),
        Value::Time(since)
    );
    assert_eq!(
        cast(&["TIME"], array(["1700000000", "12"])),
        integers(&[1_700_000_000, 12])
    );
}

#[test]
fn words_and_options_say_what_a_reply_holds() {
    let flat = || array(["a", "1", "b", "2"]);
    let pairs = scored(&[("a", 1.0), ("b", 2.0)]);
    let range = ["ZRANGE", "z", "0", "-1"];
    assert_eq!(cast(&[&range[..], &["withscores"]].concat(), flat()), pairs);
    assert_eq!(cast(&range, flat()), flat());
    // A key of that name is no word of the language.
    assert_eq!(cast(&["ZRANGE", "WITHSCORES", "0", "-1"], flat()), flat());
    let union = ["ZUNION", "2", "WITHSCORES", "withscores"];
    assert_eq!(cast(&union, flat()), flat());
    assert_eq!(cast(&[&union[..], &["WITHSCORES"]].concat(), flat()), pairs);
    // redis-py's keyword says it as well.
    assert_eq!(cast_with(&range, [("withscores", true)], flat()), pairs);
    let with = [&range[..], &["WITHSCORES"]].concat();
    assert_eq!(cast_with(&with, [("withscores", false)], flat()), flat());
    let groups = array([array(["a", "1"]), array(["b", "2"])]);
    assert_eq!(cast_with(&["SORT", "l"], [("groups", 2)], flat()), groups);
    assert_eq!(cast_with(&["SORT", "l"], [("groups", 3)], flat()), flat());
    assert_eq!(cast(&["SORT", "l"], flat()), flat());
    let fields = array([array(["a", "1"]), array(["b", "2"])]);
    assert_eq!(
        cast(&["HRANDFIELD", "h", "2", "WITHVALUES"], flat()),
        fields
    );
    assert_eq!(
        cast(&["HRANDFIELD", "h", "2", "WITHVALUES"], fields.clone()),
        fields
    );
    let page = |items| array([Value::from("7"), items]);
    let cast_page = |words: &[&str]| cast(words, page(flat()));
    let as_map = array([7.into(), map([("a", "1"), ("b", "2")])]);
    assert_eq!(cast_page(&["HSCAN", "h", "0"]), as_map);
    assert_eq!(
        cast_page(&["HSCAN", "h", "0", "NOVALUES"]),
        array([7.into(), flat()])
    );
    // A pattern of that name is no word of the language either.
    assert_eq!(cast_page(&["HSCAN", "h", "0", "MATCH", "novalues"]), as_map);
    assert_eq!(
        cast_page(&["HSCAN", "h", "0", "match", "NOVALUES", "NOVALUES"]),
        array([7.into(), flat()])
    );
    let scored = array([7.into(), scored(&[("a", 1.0), ("b", 2.0)])]);
    assert_eq!(cast_page(&["ZSCAN", "z", "0", "MATCH", "noscores"]), scored);
    for kind in ["EXACT", "GLOB", "RE", "MATCH"] {
        let grep = ["ARGREP", "k", "-", "+", kind, "withvalues"];
        assert_eq!(cast(&grep, flat()), flat(), "{kind}");
        let with = [&grep[..], &["WITHVALUES"]].concat();
        assert_eq!(cast(&with, flat()), fields, "{kind}");
    }
    // Members alone are no members with scores.
    assert_eq!(
        cast_page(&["ZSCAN", "z", "0", "NOSCORES"]),
        array([7.into(), flat()])
    );
}

#[test]
fn text_with_a_structure_becomes_maps() {
    let text = "# Server\r\nredis_version:7.0.15\r\nhz:10\r\nload:0.5\r\n\r\n\
                # Modules\r\nmodule:name=a,ver=1\r\nmodule:name=b,ver=2\r\n# Keyspace\r\n\
                db0:keys=2,expires=0\r\nlist:1,2\r\nno colon\r\n";
    for reply in [text.into(), Value::Verbatim(*b"txt", text.into())] {
        let info = cast(&["INFO"], reply);
        assert_eq!(info.get("redis_version"), Some(&"7.0.15".into()));
        assert_eq!(info.get("hz"), Some(&10.into()));
        assert_eq!(info.get("load"), Some(&0.5.into()));
        assert_eq!(
            info.get("db0").and_then(|db| db.get("keys")),
            Some(&2.into())
        );
        assert_eq!(info.get("list"), Some(&integers(&[1, 2])));
        assert_eq!(info.get("__raw__"), Some(&array(["no colon"])));
        let Some(Value::Array(modules)) = info.get("modules") else {
            panic!("expected modules");
        };
        assert_eq!(modules[1].get("ver"), Some(&2.into()));
    }
    let clients = "id=3 addr=/run/a b:0 name= age=7 cmd=get\nid=4 addr=1.2.3.4:5 age=8 flags=N\n";
    let Value::Array(clients) = cast(&["CLIENT", "LIST"], clients.into()) else {
        panic!("expected clients");
    };
    assert_eq!(clients.len(), 2);
    assert_eq!(clients[0].get("id"), Some(&3.into()));
    assert_eq!(clients[0].get("addr"), Some(&"/run/a b:0".into()));
    assert_eq!(clients[0].get("name"), Some(&"".into()));
    assert_eq!(clients[1].get("flags"), Some(&"N".into()));
    let info = cast(
        &["CLUSTER INFO"],
        "cluster_state:ok\r\ncluster_size:3\r\n".into(),
    );
    assert_eq!(info, map([("cluster_state", "ok"), ("cluster_size", "3")]));
    let object =
        "Value at:0x7f refcount:1 encoding:raw serializedlength:9 lru:1 lru_seconds_idle:2";
    let object = cast(&["DEBUG", "OBJECT", "k"], status(object));
    assert_eq!(object.get("type"), Some(&"Value".into()));
    assert_eq!(object.get("serializedlength"), Some(&9.into()));
}

#[test]
fn nodes_are_maps_by_their_addresses() {
    let line = "aaa 10.0.0.1:6379@16379,host.example myself,master - 0 5 2 connected 0-99 200 [7->-bbb] [8-<-ccc]";
    for reply in [line.into(), array([line])] {
        let nodes = cast(&["CLUSTER", "NODES"], reply);
        let node = nodes.get("10.0.0.1:6379").expect("a node");
        let field = |name: &str| node.get(name).expect("a field");
        assert_eq!(field("node_id"), &"aaa".into());
        assert_eq!(field("hostname"), &"host.example".into());
        assert_eq!(field("flags"), &"myself,master".into());
        assert_eq!(field("connected"), &true.into());
        assert_eq!(field("slots"), &array([array(["0", "99"]), array(["200"])]));
        let Value::Array(migrations) = field("migrations") else {
            panic!("expected migrations");
        };
        assert_eq!(migrations[1].get("state"), Some(&"importing".into()));
        assert_eq!(migrations[0].get("node_id"), Some(&"bbb".into()));
    }
}

#[test]
fn a_sentinel_tells_of_servers_with_flags_as_truths() {
    let state = ["name", "mine", "port", "6379", "flags", "master,o_down"];
    let in_resp2 = array(state);
    let in_resp3 = map([
        ("name", "mine"),
        ("port", "6379"),
        ("flags", "master,o_down"),
    ]);
    let of = |reply: &Value| cast(&["SENTINEL", "MASTER", "mine"], reply.clone());
    let primary = of(&in_resp2);
    assert_eq!(primary, of(&in_resp3));
    assert_eq!(primary.get("port"), Some(&6379.into()));
    assert_eq!(
        primary.get("flags"),
        Some(&Value::Set(vec!["master".into(), "o_down".into()]))
    );
    assert_eq!(primary.get("is_odown"), Some(&true.into()));
    assert_eq!(primary.get("is_slave"), Some(&false.into()));
    let all = cast(&["SENTINEL", "MASTERS"], array([in_resp2]));
    assert_eq!(all.get("mine"), Some(&primary));
    let address = cast(
        &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mine"],
        array(["::1", "6379"]),
    );
    assert_eq!(address, array(["::1".into(), Value::from(6379)]));
    let settings = || array(["resolve-hostnames", "no"]);
    let as_map = map([("resolve-hostnames", "no")]);
    for command in ["CONFIG GET *", "DEBUG"] {
        let words: Vec<_> = ["SENTINEL"].into_iter().chain(command.split(' ')).collect();
        assert_eq!(cast(&words, settings()), as_map, "{command}");
        assert_eq!(cast(&words, as_map.clone()), as_map, "{command}");
        assert_eq!(cast(&words, status("OK")), true.into(), "{command}");
    }
    // Valkey has other words for them.
    let state = || array(["name", "mine", "port", "6379", "flags", "master,o_down"]);
    assert_eq!(cast(&["SENTINEL", "PRIMARY", "mine"], state()), primary);
    assert_eq!(cast(&["SENTINEL", "PRIMARIES"], array([state()])), all);
    let words = ["SENTINEL", "GET-PRIMARY-ADDR-BY-NAME", "mine"];
    assert_eq!(cast(&words, array(["::1", "6379"])), address);
}

#[test]
fn logs_are_maps() {
    let entry = array([
        Value::from(3),
        1_700_000_000.into(),
        25.into(),
        array(["SET", "k", "v"]),
        "1.2.3.4:5".into(),
        "me".into(),
    ]);
    let Value::Array(log) = cast(&["SLOWLOG", "GET"], array([entry])) else {
        panic!("expected a log");
    };
    assert_eq!(log[0].get("command"), Some(&"SET k v".into()));
    assert_eq!(log[0].get("duration"), Some(&25.into()));
    assert_eq!(log[0].get("client_name"), Some(&"me".into()));
    assert_eq!(cast(&["ACL", "LOG", "RESET"], status("OK")), true.into());
    let denied = array(["age-seconds", "1.5", "client-info", "id=4 name="]);
    let Value::Array(log) = cast(&["ACL", "LOG"], array([denied])) else {
        panic!("expected a log");
    };
    assert_eq!(log[0].get("age-seconds"), Some(&1.5.into()));
    let client = log[0].get("client-info").expect("a client");
    assert_eq!(client.get("id"), Some(&4.into()));
}

/// Of Redis 8.8, as documented.
#[test]
fn arrays_and_bounded_numbers_are_the_same_from_both_protocols() {
    let pairs = || array([array(["2".into(), Value::from("a")])]);
    let with_values = ["ARGREP", "k", "-", "+", "MATCH", "a", "WITHVALUES"];
    assert_eq!(cast(&with_values, array(["2", "a"])), pairs());
    assert_eq!(cast(&["ARSCAN", "k", "0", "9"], pairs()), pairs());
    let without = ["ARGREP", "WITHVALUES", "-", "+", "MATCH", "a"];
    assert_eq!(cast(&without, array([2, 4])), array([2, 4]));
    assert_eq!(cast(&["ARSEEK", "k", "1"], 0.into()), false.into());
    let floats = ["INCREX", "k", "BYFLOAT", "0.5"];
    let in_resp3 = array([Value::from(1.5), 0.5.into()]);
    assert_eq!(cast(&floats, array(["1.5", "0.5"])), in_resp3);
    assert_eq!(cast(&floats, in_resp3.clone()), in_resp3);
    assert_eq!(cast(&["INCREX", "BYFLOAT"], array([5, 1])), array([5, 1]));
    assert_eq!(cast(&["BACKUP", "START"], status("OK")), true.into());
}

#[test]
fn what_has_no_cast_or_another_form_is_left_as_it_is() {
    let odd = || array(["a", "b", "c"]);
    assert_eq!(cast(&["HGETALL", "h"], odd()), odd());
    assert_eq!(cast(&["ANY.COMMAND"], odd()), odd());
    assert_eq!(
        cast(&["ZSCORE", "z", "m"], "no number".into()),
        "no number".into()
    );
    assert_eq!(cast(&["INFO"], Value::Null), Value::Null);
    assert_eq!(cast(&["LASTSAVE"], (-1).into()), (-1).into());
    // RESP2 has no hints of what text is.
    assert_eq!(
        cast(&["LOLWUT"], Value::Verbatim(*b"txt", b"art".into())),
        "art".into()
    );
}
