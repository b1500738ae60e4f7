//! Commands by plain arguments: their replies cast by callbacks, the same on every way.

use std::{
    cell::RefCell,
    collections::HashMap,
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use redis::{Error, ErrorKind, ServerError, Value, prelude::*};

use super::{has, on_each_way};
use crate::patience::found;

fn array<V: Into<Value>>(items: impl IntoIterator<Item = V>) -> Value {
    Value::Array(items.into_iter().map(Into::into).collect())
}

fn map<V: Into<Value>>(entries: impl IntoIterator<Item = (&'static str, V)>) -> Value {
    let entries = entries.into_iter();
    Value::Map(
        entries
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
    )
}

/// Calls a command whose words are apart by spaces.
#[track_caller]
fn run(client: &Client, command: &str) -> Value {
    let words: Vec<_> = command.split(' ').collect();
    match client.execute_command(words) {
        Ok(value) => value,
        Err(error) => panic!("{command}: {error}"),
    }
}

#[test]
fn the_examples_of_redis_py_answer_what_they_do_there() {
    on_each_way(|client, _| {
        let is = |command: &str, expected: Value| {
            assert_eq!(run(client, command), expected, "{command}");
        };
        is("SET foo bar", true.into());
        is("GET foo", "bar".into());
        is("SET foo baz NX", Value::Null);
        is("SET foo baz GET", "bar".into());
        is("MSET a 1 b 2", true.into());
        is("MGET a nope", array(["1".into(), Value::Null]));
        is("DEL a b", 2.into());
        is("INCR n", 1.into());
        is("INCRBYFLOAT n 0.5", 1.5.into());
        is("EXPIRE foo 100", true.into());
        is("EXPIRE nope 100", false.into());
        is("PERSIST foo", true.into());
        is("HSET h f 1 g 2", 2.into());
        is("HGETALL h", map([("f", "1"), ("g", "2")]));
        is("HGETALL nope", map::<Value>([]));
        is("HEXISTS h f", true.into());
        is(
            "HSCAN h 0",
            array([0.into(), map([("f", "1"), ("g", "2")])]),
        );
        is("SADD s x", 1.into());
        is("SMEMBERS s", Value::Set(vec!["x".into()]));
        is("ZADD z 1 one 2.5 two", 2.into());
        is("ZADD z INCR 1 one", 2.0.into());
        is("ZSCORE z two", 2.5.into());
        let scored = || {
            array([
                array(["one".into(), Value::from(2.0)]),
                array(["two".into(), Value::from(2.5)]),
            ])
        };
        is("ZRANGE z 0 -1", array(["one", "two"]));
        is("ZRANGE z 0 -1 WITHSCORES", scored());
        is("zrange z 0 -1 withscores", scored());
        is("ZRANGEBYSCORE z -inf +inf WITHSCORES", scored());
        is("ZUNION 1 z WITHSCORES", scored());
        is("ZSCAN z 0", array([0.into(), scored()]));
        is(
            "ZPOPMIN z",
            array([array(["one".into(), Value::from(2.0)])]),
        );
        is(
            "ZPOPMAX z 1",
            array([array(["two".into(), Value::from(2.5)])]),
        );
        is("LPUSH l 1", 1.into());
        is("LSET l 0 2", true.into());
        is("BLPOP l 1", array(["l", "2"]));
        is("BLPOP l 0.01", Value::Null);
        is("XADD x 1-1 f v", "1-1".into());
        let entries = || array([array(["1-1".into(), map([("f", "v")])])]);
        is("XRANGE x - +", entries());
        is("XREAD STREAMS x 0", map([("x", entries())]));
        is("XREAD BLOCK 1 STREAMS x 9", map::<Value>([]));
        is("XGROUP CREATE x g 0", true.into());
        is("XREADGROUP GROUP g c STREAMS x >", map([("x", entries())]));
        is("XGROUP DESTROY x g", true.into());
        is(
            "GEOADD geo 13.361389 38.115556 P 15.087269 37.502669 C",
            2.into(),
        );
        is("GEODIST geo P C km", 166.2742.into());
        is("GEODIST geo P nope", Value::Null);
        let near = "GEOSEARCH geo FROMLONLAT 15 37 BYRADIUS 100 km WITHDIST";
        is(near, array([array(["C".into(), Value::from(56.4413)])]));
        is("CONFIG SET maxmemory 100mb", true.into());
        is("CONFIG GET maxmemory", map([("maxmemory", "104857600")]));
        is("PING", true.into());
        is("SCRIPT EXISTS abc", array([false]));
        is(
            "PUBSUB NUMSUB c",
            array([array(["c".into(), Value::from(0)])]),
        );
        is("TYPE foo", Value::Simple("string".into()));
    });
}

#[test]
fn replies_of_the_server_about_itself_are_maps_and_times() {
    on_each_way(|client, _| {
        let info = run(client, "INFO");
        let port = info.get("tcp_port").expect("a port");
        assert!(matches!(port, Value::Integer(_)), "{port:?}");
        assert!(info.get("cmdstat_flushall").is_none());
        client.set("k", 1).unwrap();
        let keys = run(client, "INFO keyspace");
        assert_eq!(
            keys.get("db0").and_then(|db| db.get("keys")),
            Some(&1.into())
        );
        let Value::Array(clients) = run(client, "CLIENT LIST") else {
            panic!("expected clients");
        };
        let id = Value::from(client.client_id().unwrap());
        let me = clients.iter().find(|client| client.get("id") == Some(&id));
        assert_eq!(me.expect("this one").get("db"), Some(&0.into()));
        assert_eq!(run(client, "CLIENT INFO").get("id"), Some(&id));
        let Value::Time(since) = run(client, "LASTSAVE") else {
            panic!("expected a time");
        };
        let ago = SystemTime::now()
            .duration_since(UNIX_EPOCH + since)
            .unwrap_or_default();
        assert!(ago < Duration::from_secs(3600), "{ago:?}");
        assert!(
            matches!(&run(client, "TIME"), Value::Array(two) if matches!(two[..], [Value::Integer(_), Value::Integer(_)]))
        );
        let stats = run(client, "MEMORY STATS");
        assert_eq!(stats.get("keys.count"), Some(&1.into()));
        assert!(matches!(stats.get("fragmentation"), Some(Value::Double(_))));
        assert!(matches!(stats.get("db.0"), Some(Value::Map(_))));
        let commands = run(client, "COMMAND");
        assert_eq!(
            commands.get("get").and_then(|get| get.get("arity")),
            Some(&2.into())
        );
        let user = run(client, "ACL GETUSER default");
        assert_eq!(user.get("enabled"), Some(&true.into()));
        assert_eq!(user.get("keys"), Some(&array(["~*"])));
    });
}

/// Commands that answer the same twice in a row, on data that is the same for all of them.
const REPEATABLE: &str = "
GET text|GET nope|GETRANGE text 1 3|STRLEN text|MGET text nope|EXISTS text nope|TTL text|PTTL nope|TYPE list|KEYS text
OBJECT ENCODING list|OBJECT REFCOUNT text|DUMP text|TOUCH text|SORT nums|SORT nums ALPHA DESC|LCS text text|LCS text text LEN|LCS text text IDX
LCS text text IDX WITHMATCHLEN|BITCOUNT text|BITPOS text 1|GETBIT text 3|BITFIELD_RO text GET u8 0|PFCOUNT hll
HGET hash f1|HGETALL hash|HGETALL nope|HMGET hash f1 nope|HKEYS hash|HVALS hash|HLEN hash|HEXISTS hash f1|HSTRLEN hash f1|HSCAN hash 0
HRANDFIELD one 1 WITHVALUES|HRANDFIELD one|LRANGE list 0 -1|LINDEX list 0|LINDEX list 9|LPOS list b|LPOS list b COUNT 0|LLEN list
SMEMBERS set|SISMEMBER set x|SMISMEMBER set x w|SCARD set|SINTER set set|SUNION set nope|SDIFF set nope|SINTERCARD 1 set|SSCAN set 0|SRANDMEMBER single 5
ZRANGE zset 0 -1|ZRANGE zset 0 -1 WITHSCORES|ZRANGE zset 0 -1 REV WITHSCORES|ZREVRANGE zset 0 -1 WITHSCORES|ZRANGEBYSCORE zset 0 9 WITHSCORES
ZREVRANGEBYSCORE zset 9 0 WITHSCORES|ZRANGEBYLEX zset - +|ZSCORE zset one|ZSCORE zset nope|ZMSCORE zset one nope|ZRANK zset two|ZREVRANK zset two
ZCARD zset|ZCOUNT zset -inf inf|ZLEXCOUNT zset - +|ZSCAN zset 0|ZDIFF 2 zset nope WITHSCORES|ZINTER 2 zset zset WITHSCORES|ZUNION 2 zset nope WITHSCORES
ZUNION 2 zset nope|ZRANDMEMBER zone 1 WITHSCORES|ZRANDMEMBER zone|ZINTERCARD 1 zset
GEOPOS geo P nope|GEODIST geo P C km|GEODIST geo P nope|GEOHASH geo P nope|GEOSEARCH geo FROMMEMBER P BYRADIUS 900 km ASC WITHDIST WITHHASH WITHCOORD
GEOSEARCH geo FROMMEMBER P BYRADIUS 900 km ASC|GEORADIUS_RO geo 15 37 900 km WITHCOORD ASC|GEORADIUSBYMEMBER_RO geo P 900 km WITHDIST ASC
XLEN stream|XRANGE stream - +|XREVRANGE stream + -|XREAD STREAMS stream 0|XREAD COUNT 1 STREAMS stream nope 0 0|XREAD STREAMS stream 9|XPENDING stream group
XINFO STREAM stream|XINFO GROUPS stream|XPENDING stream nobody|EVAL return{1,2.5,'three',{4}} 0|EVAL return{ok='fine'} 0|SCRIPT EXISTS abc def
CONFIG GET maxmemory*|CONFIG GET nope|COMMAND COUNT|COMMAND INFO get client nope|COMMAND DOCS zadd|COMMAND DOCS client|COMMAND GETKEYS MSET a 1 b 2
COMMAND GETKEYSANDFLAGS SET a 1|COMMAND LIST FILTERBY PATTERN xr*|ACL WHOAMI|ACL USERS|ACL LIST|ACL CAT|ACL CAT scripting|ACL GETUSER ada|ACL GETUSER nope|ACL DRYRUN ada get k
ACL LOG|CLIENT GETNAME|CLIENT TRACKINGINFO|LATENCY LATEST|LATENCY HISTORY event|LATENCY DOCTOR|MEMORY DOCTOR|MEMORY USAGE text|MODULE LIST
FUNCTION LIST|FUNCTION STATS|PUBSUB CHANNELS|PUBSUB NUMPAT|PUBSUB NUMSUB a b|PUBSUB SHARDNUMSUB a|ROLE|SLOWLOG LEN|DBSIZE|ECHO hi|PING|PING hi|LASTSAVE
WAIT 0 1|SCAN 0 COUNT 100|LOLWUT VERSION 1|DEBUG OBJECT one
";

/// The data, and what brings the server into one state.
const DATA: &str = "
SET text hello|RPUSH list a b c|RPUSH nums 3 1 2|PFADD hll a b|HSET hash f1 v1 f2 v2|HSET one f v|SADD set x y|SADD single x
ZADD zset 1 one 2.5 two inf three|ZADD zone 1.5 one|GEOADD geo 13.361389 38.115556 P 15.087269 37.502669 C|XADD stream 1-1 f v g w|XADD stream 1-2 h x
XGROUP CREATE stream group 0|XREADGROUP GROUP group me COUNT 1 STREAMS stream >|XGROUP CREATE stream nobody $|ACL SETUSER ada on nopass ~k* +get
";

#[test]
fn resp2_and_resp3_give_the_same_value() {
    let seen: RefCell<Option<HashMap<String, Value>>> = RefCell::default();
    let server = crate::ways::server_with(|builder| builder.config("enable-debug-command", "yes"));
    super::on_each_way_to(&server, |client, _| {
        let function = "#!lua name=lib\nredis.register_function{function_name='f', callback=function() end, flags={'no-writes'}}";
        client
            .execute_command(("FUNCTION LOAD", "REPLACE", function))
            .unwrap();
        let lines = |text: &'static str| text.split(['|', '\n']).filter(|line| !line.is_empty());
        for command in lines(DATA) {
            run(client, command);
        }
        let mut answers = HashMap::new();
        for command in lines(REPEATABLE) {
            if command == DEEP && refused_by_hiredis(client) {
                continue;
            }
            let mut value = run(client, command);
            if command.starts_with("DEBUG OBJECT") {
                // Where it lies in memory, and when it was used.
                let Value::Map(fields) = &mut value else {
                    panic!("expected a map, found {value:?}");
                };
                fields.retain(|(name, _)| {
                    !matches!(name.as_str(), Some("at" | "lru" | "lru_seconds_idle"))
                });
            }
            answers.insert(command.to_owned(), in_order(value));
        }
        let mut seen = seen.borrow_mut();
        let Some(before) = &*seen else {
            println!("{} commands", answers.len());
            assert!(answers.len() > 100);
            *seen = Some(answers);
            return;
        };
        for (command, answer) in &answers {
            assert_eq!(Some(answer), before.get(command), "{command}");
        }
    });
}

/// The one of them whose reply has arrays in arrays deeper than hiredis can read.
const DEEP: &str = "COMMAND DOCS client";

fn refused_by_hiredis(client: &Client) -> bool {
    let error = client.execute_command(DEEP).err();
    error.is_some_and(|error| error.to_string().contains("hiredis refused the reply"))
}

/// Hash tables of servers have no order that lasts.
fn in_order(value: Value) -> Value {
    let sorted = |values: Vec<Value>| {
        let mut values: Vec<_> = values.into_iter().map(in_order).collect();
        values.sort_by_cached_key(|value| format!("{value:?}"));
        values
    };
    match value {
        Value::Set(items) => Value::Set(sorted(items)),
        Value::Array(items)
            if items
                .iter()
                .all(|item| matches!(item, Value::Bulk(_) | Value::Simple(_))) =>
        {
            Value::Array(sorted(items))
        }
        Value::Array(items) => Value::Array(items.into_iter().map(in_order).collect()),
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries
                .into_iter()
                .map(|(name, value)| (name, in_order(value)))
                .collect();
            entries.sort_by_cached_key(|entry| format!("{entry:?}"));
            Value::Map(entries)
        }
        value => value,
    }
}

#[test]
fn vector_sets_give_the_same_value() {
    let seen: RefCell<Option<Vec<Value>>> = RefCell::default();
    on_each_way(|client, version| {
        if !has(version, "vector sets", Some((8, 0)), None) {
            return;
        }
        assert_eq!(
            run(client, "VADD v VALUES 2 1 0 east NOQUANT SETATTR {\"a\":1}"),
            true.into()
        );
        assert_eq!(
            run(client, "VADD v VALUES 2 0 1 north NOQUANT"),
            true.into()
        );
        let commands = [
            "VSIM v ELE east",
            "VSIM v ELE east WITHSCORES",
            "VEMB v east",
            "VEMB v east RAW",
            "VEMB v nope",
            "VISMEMBER v east",
            "VLINKS v east",
            "VLINKS v east WITHSCORES",
            "VCARD v",
            "VDIM v",
            "VGETATTR v east",
            "VINFO nope",
            "VSETATTR v north {}",
            "VREM v north",
        ];
        let answers: Vec<_> = commands
            .iter()
            .map(|command| match run(client, command) {
                // On how many levels an element is is up to chance; the lowest one comes last.
                Value::Array(levels) if command.starts_with("VLINKS") => {
                    array(levels.last().cloned())
                }
                answer => answer,
            })
            .collect();
        assert!(
            matches!(&answers[1], Value::Map(entries) if matches!(entries[0].1, Value::Double(_)))
        );
        let mut seen = seen.borrow_mut();
        let before = seen.get_or_insert(answers.clone());
        assert_eq!(&answers, before);
        assert!(matches!(run(client, "VINFO v"), Value::Map(_)));
    });
}

#[test]
fn a_callback_replaces_the_default_on_one_handle_and_its_later_clones() {
    on_each_way(|client, _| {
        client.hset("h", ("f", "1")).unwrap();
        let mut mine = client.clone();
        let earlier = mine.clone();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        mine.set_response_callback("hGetAll", move |reply, call| {
            counted.fetch_add(1, Ordering::Relaxed);
            assert_eq!(call.arguments(), [b"h"]);
            let Value::Map(entries) = call.cast(reply) else {
                return Err(Error::new(ErrorKind::Decode, "expected a map"));
            };
            let shout = |(name, value): (Value, Value)| {
                (name, format!("{}!", value.as_str().unwrap()).into())
            };
            Ok(Value::Map(entries.into_iter().map(shout).collect()))
        });
        assert_eq!(run(&mine, "HGETALL h"), map([("f", "1!")]));
        assert_eq!(run(&mine, "hgetall h"), map([("f", "1!")]));
        assert_eq!(run(&mine.clone(), "HGETALL h"), map([("f", "1!")]));
        // Typed methods decode what the callback has made.
        let typed: HashMap<String, String> = mine.hgetall("h").unwrap();
        assert_eq!(typed["f"], "1!");
        assert_eq!(calls.load(Ordering::Relaxed), 4);
        for other in [client, &earlier] {
            assert_eq!(run(other, "HGETALL h"), map([("f", "1")]));
            let typed: HashMap<String, u8> = other.hgetall("h").unwrap();
            assert_eq!(typed["f"], 1);
        }
        assert_eq!(run(&mine, "HLEN h"), 1.into());
        assert!(mine.remove_response_callback("HGETALL"));
        assert!(!mine.remove_response_callback("HGETALL"));
        assert_eq!(run(&mine, "HGETALL h"), map([("f", "1")]));
        assert_eq!(calls.load(Ordering::Relaxed), 4);
    });
}

#[test]
fn options_of_the_call_reach_the_callback() {
    on_each_way(|client, _| {
        client.rpush("l", ["b", "a", "d", "c"]).unwrap();
        let pairs = client.execute_command_with(("SORT", "l", "ALPHA"), [("groups", 2)]);
        assert_eq!(
            pairs.unwrap(),
            array([array(["a", "b"]), array(["c", "d"])])
        );
        let mut mine = client.clone();
        mine.set_response_callback("LRANGE", |reply, call| match call.option("as") {
            Some(kind) if kind.as_str() == Some("count") => {
                Ok((reply.decode::<Vec<String>>().map_err(Error::from)?.len() as i64).into())
            }
            _ => Ok(reply),
        });
        let range = ("LRANGE", "l", 0, -1);
        assert_eq!(
            mine.execute_command_with(range, [("as", "count")]).unwrap(),
            4.into()
        );
        assert_eq!(
            mine.execute_command(range).unwrap(),
            array(["b", "a", "d", "c"])
        );
    });
}

#[test]
fn what_goes_wrong_in_a_callback_names_the_command_and_says_that_it_was_executed() {
    on_each_way(|client, _| {
        let mut mine = client.clone();
        mine.set_response_callback("CLIENT  id", |_, _| {
            Err(Error::new(ErrorKind::Decode, "expected something else"))
        });
        mine.set_response_callback("INCR", |_, _| Ok("no number".into()));
        let error = mine.client_id().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the reply to CLIENT ID: expected something else"
        );
        assert!(error.maybe_executed());
        assert!(mine.execute_command(["CLIENT ID"]).is_err());
        let error = mine.incr("n").unwrap_err();
        assert_eq!(
            (error.kind(), error.maybe_executed()),
            (ErrorKind::Decode, true)
        );
        assert_eq!(client.get::<i64>("n").unwrap(), Some(1));
        // Nor does an error that the callback answers deny it.
        mine.set_response_callback("INCR", |_, _| {
            Ok(Value::Error(ServerError::from_line(b"BUSY later")))
        });
        let error = mine.incr("n").unwrap_err();
        assert!(error.is_retryable() && error.maybe_executed(), "{error:?}");
        assert_eq!(client.get::<i64>("n").unwrap(), Some(2));
        // An error of the server is no reply to cast.
        client.set("text", "x").unwrap();
        assert_eq!(mine.incr("text").unwrap_err().code(), Some("ERR"));
    });
}

#[test]
fn commands_that_have_no_place_on_a_shared_connection_are_refused_here_too() {
    on_each_way(|client, _| {
        for command in [
            "SELECT 1",
            "select 1",
            "WATCH k",
            "MULTI",
            "SUBSCRIBE c",
            "CLIENT REPLY OFF",
        ] {
            let words: Vec<_> = command.split(' ').collect();
            let error = client.execute_command(words).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{command}");
        }
        let none: [&str; 0] = [];
        assert_eq!(
            client.execute_command(none).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    });
}

#[test]
fn a_command_that_waits_has_its_own_time_on_top_of_the_response_timeout() {
    on_each_way(|client, _| {
        let client = client.with_response_timeout(Duration::from_millis(300));
        for (command, nothing) in [
            ("BLPOP nothing 0.5", Value::Null),
            ("XREAD BLOCK 500 STREAMS nothing $", map::<Value>([])),
        ] {
            // Again where the machine is so busy that the time on top of it is over, too.
            let (answer, took) = found(command, || {
                let started = Instant::now();
                let answer = client.execute_command(command.split(' ').collect::<Vec<_>>());
                Some((answer.ok()?, started.elapsed()))
            });
            assert_eq!(answer, nothing, "{command}");
            assert!(took >= Duration::from_millis(500), "{command}: {took:?}");
        }
    });
}
