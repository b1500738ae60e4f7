//! The command families: each method against a real server, with the same typed value on every way.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use redis::{
    DecodeError, ErrorKind, Execute, ExpireOptions, Expiry, FromReply, Milliseconds, Popped, Reply,
    Seconds, ServerErrorKind, SetOptions, Side, Ttl, Value, ZAddOptions, ZRange, cmd, prelude::*,
};

use redis_testkit::{Product, Server, Version};

use crate::ways::{server, ways};

mod administration;
mod callbacks;
mod clients;
mod clusters;
mod hashes;
mod json;
mod keys;
mod legacy;
mod lists;
mod places;
mod scripts;
mod sets;
mod sorted_sets;
mod streams;
mod strings;
mod vector_sets;

/// Runs a test on a client for each way to talk to one server, which is emptied before, and says which
/// commands it has used.
pub(crate) fn on_each_way(test: impl Fn(&Client, Version)) {
    on_each_way_to(&server(), test);
}

pub(crate) fn on_each_way_to(server: &Server, test: impl Fn(&Client, Version)) {
    for (name, builder) in ways(server) {
        println!("over {name} with {}", server.version());
        let client = builder.build();
        client.flushall().expect("an empty server");
        client.config_resetstat().expect("new statistics");
        test(&client, server.version());
        let stats = client.info("commandstats").expect("statistics");
        let used: Vec<_> = stats
            .lines()
            .filter(|(_, _, calls)| !calls.starts_with("calls=0,"))
            .filter_map(|(_, name, _)| name.strip_prefix("cmdstat_"))
            .collect();
        let used = used.join(" ");
        println!("used over {name} with {}: {used}", server.version());
    }
}

/// Whether the server has something: since a version of Redis, a version of Valkey, or never.
pub(crate) fn has(
    version: Version,
    what: &str,
    redis: Option<(u32, u32)>,
    valkey: Option<(u32, u32)>,
) -> bool {
    let (product, since) = match version.product {
        Product::Redis => (Product::Redis, redis),
        _ => (Product::Valkey, valkey),
    };
    let has = since.is_some_and(|(major, minor)| version.is_at_least(product, major, minor));
    if !has {
        println!("skipped: {what}, which {version} does not have");
    }
    has
}

#[test]
fn strings_hold_text_bytes_and_numbers() {
    on_each_way(|client, _| {
        client.set("text", "grüße").unwrap();
        client.set("bytes", b"\x00\xff\r\n").unwrap();
        client.set("number", -7).unwrap();
        client.set("float", 2.5).unwrap();
        assert_eq!(
            client.get::<String>("text").unwrap().as_deref(),
            Some("grüße")
        );
        assert_eq!(
            client.get::<Vec<u8>>("bytes").unwrap().as_deref(),
            Some(&b"\x00\xff\r\n"[..])
        );
        assert_eq!(client.get::<i64>("number").unwrap(), Some(-7));
        assert_eq!(client.get::<f64>("float").unwrap(), Some(2.5));
        assert_eq!(client.get::<String>("missing").unwrap(), None);
        assert_eq!(client.strlen("bytes").unwrap(), 4);
        assert_eq!(client.append("text", "!").unwrap(), 8);
        assert_eq!(client.getrange::<String>("text", 0, 1).unwrap(), "gr");
        assert_eq!(client.setrange("text", 6, "e?").unwrap(), 8);
        assert_eq!(
            client
                .getdel::<Vec<u8>>("bytes")
                .unwrap()
                .map(|bytes| bytes.len()),
            Some(4)
        );
        assert_eq!(client.exists("bytes").unwrap(), 0);
    });
}

#[test]
fn numbers_are_counted() {
    on_each_way(|client, _| {
        assert_eq!(client.incr("n").unwrap(), 1);
        assert_eq!(client.incrby("n", 41).unwrap(), 42);
        assert_eq!(client.decr("n").unwrap(), 41);
        assert_eq!(client.decrby("n", 50).unwrap(), -9);
        assert_eq!(client.incrbyfloat("f", 0.1).unwrap(), 0.1);
        assert_eq!(client.incrbyfloat("f", 1e20).unwrap(), 1e20 + 0.1);
    });
}

#[test]
fn several_keys_are_set_and_read_at_once() {
    on_each_way(|client, _| {
        client.mset([("a", "1"), ("b", "2")]).unwrap();
        client.mset(HashMap::from([("c", 3)])).unwrap();
        assert_eq!(client.mget::<Vec<i64>>(["a", "b", "c"]).unwrap(), [1, 2, 3]);
        assert_eq!(
            client.mget::<(i64, Option<i64>)>(("a", "nope")).unwrap(),
            (1, None)
        );
        assert!(!client.msetnx([("a", 9), ("z", 9)]).unwrap());
        assert!(client.msetnx([("y", 9), ("z", 9)]).unwrap());
        assert_eq!(client.exists(["a", "z", "z", "nope"]).unwrap(), 3);
    });
}

#[test]
fn set_takes_conditions_and_an_expiry() {
    on_each_way(|client, _| {
        assert!(
            client
                .set_with("k", "1", SetOptions::new().nx().ex(100))
                .unwrap()
        );
        assert!(!client.set_with("k", "2", SetOptions::new().nx()).unwrap());
        assert!(matches!(
            client.ttl("k").unwrap(),
            Ttl::Left(Seconds(90..=100))
        ));
        assert!(
            client
                .set_with("k", "3", SetOptions::new().xx().keep_ttl())
                .unwrap()
        );
        assert!(matches!(
            client.pttl("k").unwrap(),
            Ttl::Left(Milliseconds(90_000..=100_000))
        ));
        let old = client.set_get::<i64>(
            "k",
            "4",
            SetOptions::new().expiry(Duration::from_millis(90_500)),
        );
        assert_eq!(old.unwrap(), Some(3));
        assert!(matches!(
            client.pttl("k").unwrap(),
            Ttl::Left(Milliseconds(80_000..=90_500))
        ));
        assert_eq!(client.getex_persist::<i64>("k").unwrap(), Some(4));
        assert_eq!(client.ttl("k").unwrap(), Ttl::NoExpiry);
        assert_eq!(
            client.getex::<i64>("k", Expiry::Seconds(50)).unwrap(),
            Some(4)
        );
        assert!(matches!(
            client.ttl("k").unwrap(),
            Ttl::Left(Seconds(40..=50))
        ));
        client.setex("k", 20, "x").unwrap();
        client.psetex("k", 20_000, "x").unwrap();
        assert!(!client.setnx("k", "y").unwrap());
        assert_eq!(client.ttl("missing").unwrap(), Ttl::NoKey);
        assert_eq!(
            client
                .set_get::<String>("missing", "1", SetOptions::new())
                .unwrap(),
            None
        );
    });
}

#[test]
fn keys_are_renamed_copied_and_deleted() {
    on_each_way(|client, _| {
        client.set("a", 1).unwrap();
        assert!(client.copy("a", "b").unwrap());
        client.rename("b", "c").unwrap();
        assert_eq!(client.key_type("c").unwrap(), "string");
        assert_eq!(client.key_type("b").unwrap(), "none");
        assert_eq!(client.keys::<String>("[ac]").unwrap().len(), 2);
        assert!(client.expire("a", 100).unwrap());
        assert!(!client.expire_with("a", 50, ExpireOptions::IfLater).unwrap());
        assert!(
            client
                .expire_with("a", 50, ExpireOptions::IfSooner)
                .unwrap()
        );
        assert!(client.pexpire("a", 100_000).unwrap());
        assert!(client.persist("a").unwrap());
        assert!(!client.persist("a").unwrap());
        assert_eq!(client.del(["a", "nope"]).unwrap(), 1);
        assert_eq!(client.unlink("c").unwrap(), 1);
        assert_eq!(client.dbsize().unwrap(), 0);
        assert_eq!(client.rename("nope", "x").unwrap_err().code(), Some("ERR"));
    });
}

#[test]
fn hashes_come_back_as_maps_pairs_and_structs() {
    #[derive(Debug, PartialEq)]
    struct User {
        name: String,
        age: u32,
    }
    impl<'a> FromReply<'a> for User {
        fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
            let mut fields: BTreeMap<&str, Reply<'a>> = reply.decode()?;
            let mut field = |name| {
                fields
                    .remove(name)
                    .ok_or_else(|| DecodeError::mismatch("a user", reply))
            };
            Ok(User {
                name: field("name")?.decode()?,
                age: field("age")?.decode()?,
            })
        }
    }

    on_each_way(|client, _| {
        assert_eq!(
            client.hset("u", [("name", "Ada"), ("age", "36")]).unwrap(),
            2
        );
        assert_eq!(client.hset("u", ("age", 37)).unwrap(), 0);
        let map: HashMap<String, String> = client.hgetall("u").unwrap();
        assert_eq!(map["age"], "37");
        let pairs: Vec<(String, String)> = client.hgetall("u").unwrap();
        assert_eq!(
            pairs,
            [("name".into(), "Ada".into()), ("age".into(), "37".into())]
        );
        assert_eq!(
            client.hgetall::<User>("u").unwrap(),
            User {
                name: "Ada".into(),
                age: 37
            }
        );
        assert!(
            client
                .hgetall::<HashMap<String, String>>("nope")
                .unwrap()
                .is_empty()
        );
        assert_eq!(client.hget::<u8>("u", "age").unwrap(), Some(37));
        assert_eq!(
            client
                .hmget::<(String, Option<i64>)>("u", ["name", "nope"])
                .unwrap(),
            ("Ada".into(), None)
        );
        assert_eq!(client.hincrby("u", "age", 3).unwrap(), 40);
        assert_eq!(client.hincrbyfloat("u", "age", 0.5).unwrap(), 40.5);
        assert!(client.hexists("u", "age").unwrap());
        assert!(!client.hsetnx("u", "age", 1).unwrap());
        assert_eq!(client.hkeys::<String>("u").unwrap(), ["name", "age"]);
        assert_eq!(client.hvals::<String>("u").unwrap(), ["Ada", "40.5"]);
        assert_eq!(client.hdel("u", ["age", "nope"]).unwrap(), 1);
        assert_eq!(client.hlen("u").unwrap(), 1);
    });
}

#[test]
fn lists_are_queues_and_stacks() {
    on_each_way(|client, _| {
        assert_eq!(client.rpush("l", ["b", "c"]).unwrap(), 2);
        assert_eq!(client.lpush("l", "a").unwrap(), 3);
        assert_eq!(
            client.lrange::<String>("l", 0, -1).unwrap(),
            ["a", "b", "c"]
        );
        assert_eq!(
            client.lindex::<String>("l", -1).unwrap().as_deref(),
            Some("c")
        );
        assert_eq!(client.lindex::<String>("l", 7).unwrap(), None);
        client.lset("l", 0, "z").unwrap();
        assert_eq!(
            client
                .lmove::<String>("l", "m", Side::Left, Side::Right)
                .unwrap()
                .as_deref(),
            Some("z")
        );
        assert_eq!(client.lpop::<String>("l").unwrap().as_deref(), Some("b"));
        assert_eq!(client.rpop::<String>("l").unwrap().as_deref(), Some("c"));
        assert_eq!(client.rpop::<String>("l").unwrap(), None);
        assert_eq!(client.lpop_count::<String>("l", 2).unwrap(), None);
        client.rpush("l", [1, 2, 1, 3, 1]).unwrap();
        assert_eq!(client.lrem("l", -2, 1).unwrap(), 2);
        assert_eq!(client.lpop_count::<i64>("l", 2).unwrap(), Some(vec![1, 2]));
        client.ltrim("l", 1, 0).unwrap();
        assert_eq!(client.llen("l").unwrap(), 0);
    });
}

#[test]
fn sets_come_back_as_sets() {
    on_each_way(|client, _| {
        assert_eq!(client.sadd("s", ["a", "b", "a"]).unwrap(), 2);
        client.sadd("t", BTreeSet::from(["b", "c"])).unwrap();
        let all: BTreeSet<String> = client.smembers("s").unwrap();
        assert_eq!(all, ["a", "b"].map(String::from).into());
        assert_eq!(client.sinter::<Vec<String>>(["s", "t"]).unwrap(), ["b"]);
        assert_eq!(client.sdiff::<Vec<String>>(["s", "t"]).unwrap(), ["a"]);
        assert_eq!(
            client.sunion::<BTreeSet<String>>(["s", "t"]).unwrap().len(),
            3
        );
        assert!(client.sismember("s", "a").unwrap());
        assert_eq!(client.srem("s", "a").unwrap(), 1);
        assert_eq!(client.spop::<String>("s").unwrap().as_deref(), Some("b"));
        assert_eq!(client.spop::<String>("s").unwrap(), None);
        assert_eq!(client.scard("s").unwrap(), 0);
    });
}

#[test]
fn sorted_sets_give_scores_as_floats() {
    on_each_way(|client, _| {
        assert_eq!(
            client
                .zadd("z", [(1.0, "one"), (2.5, "two"), (f64::INFINITY, "all")])
                .unwrap(),
            3
        );
        let with_scores: Vec<(String, f64)> = client.zrange_withscores("z", ..).unwrap();
        assert_eq!(with_scores[1], ("two".into(), 2.5));
        assert_eq!(with_scores[2].1, f64::INFINITY);
        assert_eq!(client.zrange::<String>("z", 0..=0).unwrap(), ["one"]);
        assert_eq!(
            client
                .zrange::<String>("z", ZRange::from(..).reversed())
                .unwrap(),
            ["all", "two", "one"]
        );
        assert_eq!(
            client
                .zrange::<String>("z", ZRange::scores(2.0, f64::INFINITY))
                .unwrap(),
            ["two", "all"]
        );
        let highest = ZRange::scores(0.0, 1e300).reversed().limit(0, 1);
        assert_eq!(client.zrange::<String>("z", highest).unwrap(), ["two"]);
        assert_eq!(client.zscore("z", "two").unwrap(), Some(2.5));
        assert_eq!(client.zscore("z", "nope").unwrap(), None);
        assert_eq!(client.zrank("z", "two").unwrap(), Some(1));
        assert_eq!(client.zincrby("z", 0.5, "two").unwrap(), 3.0);
        let higher = ZAddOptions::new().gt().count_changed();
        assert_eq!(
            client
                .zadd_with("z", [(2.0, "two"), (9.0, "one")], higher)
                .unwrap(),
            1
        );
        assert_eq!(
            client.zpopmin::<String>("z").unwrap(),
            Popped(Some(("two".into(), 3.0)))
        );
        assert_eq!(
            client.zpopmax_count::<String>("z", 1).unwrap(),
            [("all".into(), f64::INFINITY)]
        );
        assert_eq!(client.zrem("z", "one").unwrap(), 1);
        assert_eq!(client.zcard("z").unwrap(), 0);
    });
}

#[test]
fn the_server_tells_about_itself() {
    on_each_way(|client, _| {
        assert_eq!(client.ping().unwrap(), "PONG");
        assert_eq!(client.echo::<String>("hello").unwrap(), "hello");
        assert!(client.info("server").unwrap().get("tcp_port").is_some());
        assert!(
            client
                .info(())
                .unwrap()
                .parse::<u64>("keyspace_hits")
                .is_some()
        );
        assert!(client.time().unwrap().0 > 1_700_000_000_000_000);
        assert!(client.client_id().unwrap() > 0);
        client.config_set(("maxmemory", "100mb")).unwrap();
        let settings = client.config_get("maxmemory*").unwrap();
        assert_eq!(settings["maxmemory"], "104857600");
        client.flushdb().unwrap();
    });
}

#[test]
fn any_command_can_be_given() {
    on_each_way(|client, _| {
        let length: i64 = client
            .execute(cmd("RPUSH").key("l").args(&["a", "b"]))
            .unwrap();
        assert_eq!(length, 2);
        let encoding: String = client
            .execute(cmd("OBJECT ENCODING").key("l").read_only())
            .unwrap();
        assert!(encoding.contains("list"), "{encoding}");
        let tree: Value = client
            .execute(cmd("LRANGE").key("l").integer(0).integer(-1))
            .unwrap();
        assert_eq!(
            tree,
            Value::Array(vec![Value::Bulk(b"a".into()), Value::Bulk(b"b".into())])
        );
    });
}

#[test]
fn errors_keep_the_words_of_the_server() {
    on_each_way(|client, _| {
        client.set("text", "x").unwrap();
        let error = client.lpush("text", 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::WrongType));
        assert_eq!(error.code(), Some("WRONGTYPE"));
        assert_eq!(
            error.to_string(),
            "WRONGTYPE Operation against a key holding the wrong kind of value"
        );
        assert!(!error.maybe_executed());

        let error = client.get::<i64>("text").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(
            error.to_string(),
            "the reply to GET: expected an integer, found a bulk string of 1 bytes"
        );
        assert_eq!(
            client.get::<u8>("text").unwrap_err().kind(),
            ErrorKind::Decode
        );

        let error = client.execute::<()>(cmd("NO.SUCH.COMMAND")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::Generic));
        // None of it has cost the connection.
        assert_eq!(client.pool_stats().idle, 1);
    });
}

#[test]
fn commands_without_their_arguments_are_not_sent() {
    on_each_way(|client, _| {
        let none: [&str; 0] = [];
        let error = client.del(none).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(
            error.to_string(),
            "DEL: expected at least one key, found none"
        );
        let error = client.hset("h", ["field"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let error = client
            .zrange::<String>("z", ZRange::from(..).limit(0, 1))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    });
}

#[test]
fn large_values_arrive_whole() {
    on_each_way(|client, _| {
        let value: Vec<u8> = (0..5_000_000_u32)
            .map(|index| (index % 251) as u8)
            .collect();
        client.set("large", &value).unwrap();
        assert!(client.get::<Vec<u8>>("large").unwrap().as_deref() == Some(&value));
        let pieces: Vec<&[u8]> = value.chunks(5000).collect();
        client.rpush("pieces", &pieces).unwrap();
        assert!(client.lrange::<Vec<u8>>("pieces", 0, -1).unwrap().concat() == value);
    });
}
