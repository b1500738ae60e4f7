//! Scripts, functions and published messages: what the server answers, on every way.

use std::{thread, time::Duration};

use redis::{FlushMode, RestorePolicy, Value, prelude::*};

use super::{has, on_each_way, on_each_way_to};
use crate::{patience::found, ways};

const SCRIPT: &str = "return {KEYS[1], ARGV[1], #KEYS}";
const LIBRARY: &str = "#!lua name=mylib\n\
    redis.register_function{function_name='echo', callback=function(keys, args) return args[1] end, flags={'no-writes'}}";

#[test]
fn scripts_run_by_text_and_by_hash() {
    on_each_way(|client, version| {
        let reply = client
            .eval::<(String, i64, usize)>(SCRIPT, ["k"], 5)
            .unwrap();
        assert_eq!(reply, ("k".into(), 5, 1));
        assert_eq!(client.eval_ro::<i64>("return #KEYS", (), ()).unwrap(), 0);
        let hash = client.script_load(SCRIPT).unwrap();
        assert_eq!(hash.len(), 40);
        assert_eq!(
            client.script_exists([&*hash, "nope"]).unwrap(),
            [true, false]
        );
        let reply = client
            .evalsha::<(String, i64, usize)>(&hash, ["k", "l"], 5)
            .unwrap();
        assert_eq!(reply.2, 2);
        let reply = client
            .evalsha_ro::<(String, i64, usize)>(&hash, "k", 5)
            .unwrap();
        assert_eq!(reply.2, 1);
        if has(version, "SCRIPT SHOW", None, Some((8, 0))) {
            assert_eq!(client.script_show::<String>(&hash).unwrap(), SCRIPT);
        }
        client.script_flush_with(FlushMode::Sync).unwrap();
        let error = client.evalsha::<Value>(&hash, (), ()).unwrap_err();
        assert_eq!(error.code(), Some("NOSCRIPT"));
        client.script_flush().unwrap();
        assert_eq!(client.script_kill().unwrap_err().code(), Some("NOTBUSY"));
    });
}

#[test]
fn functions_come_in_libraries() {
    on_each_way(|client, _| {
        client.function_flush().unwrap();
        assert_eq!(client.function_load(LIBRARY).unwrap(), "mylib");
        assert!(client.function_load(LIBRARY).is_err());
        assert_eq!(client.function_load_replace(LIBRARY).unwrap(), "mylib");
        assert_eq!(client.fcall::<String>("echo", (), "hi").unwrap(), "hi");
        assert_eq!(client.fcall_ro::<String>("echo", "k", "hi").unwrap(), "hi");
        let libraries = client.function_list().unwrap();
        let library = &libraries[0];
        assert_eq!(
            (library.name.as_str(), library.engine.as_str()),
            ("mylib", "LUA")
        );
        let function = &library.functions[0];
        assert_eq!(
            (function.name.as_str(), &function.description),
            ("echo", &None)
        );
        assert_eq!(function.flags, ["no-writes"]);
        assert_eq!(library.code, None);
        assert!(client.function_list_named("other*").unwrap().is_empty());
        let libraries = client.function_list_withcode("my*").unwrap();
        assert_eq!(libraries[0].code.as_deref(), Some(LIBRARY));
        let stats = client.function_stats().unwrap();
        assert_eq!(stats.running, None);
        assert_eq!(stats.engines["LUA"]["libraries_count"], 1);
        let dump = client.function_dump().unwrap();
        client
            .function_restore(&dump, RestorePolicy::Replace)
            .unwrap();
        client.function_delete("mylib").unwrap();
        client
            .function_restore(&dump, RestorePolicy::Append)
            .unwrap();
        client
            .function_restore(&dump, RestorePolicy::Flush)
            .unwrap();
        client.function_flush_with(FlushMode::Async).unwrap();
        assert!(client.function_list().unwrap().is_empty());
        assert_eq!(client.function_kill().unwrap_err().code(), Some("NOTBUSY"));
    });
}

#[test]
fn what_runs_for_long_is_told_of_and_ended() {
    let server = ways::server();
    // On connections of its own, so that nothing else waits behind what does not end.
    let other = ways::client(&server);
    on_each_way_to(&server, |client, _| {
        // From then on servers answer to others.
        client.config_set(("lua-time-limit", 50)).unwrap();
        let code = "#!lua name=endless\n\
            redis.register_function('endless', function() while true do end end)";
        client.function_load_replace(code).unwrap();
        thread::scope(|scope| {
            let call = scope.spawn(|| other.fcall::<Value>("endless", "k", b"\xff"));
            let running = found("a function that runs", || {
                client.function_stats().unwrap().running
            });
            assert_eq!(running.name, "endless");
            assert_eq!(running.command.len(), 5);
            assert_eq!(running.command[4], Value::Bulk(vec![0xff]));
            assert!(running.duration < Duration::from_secs(60));
            assert_eq!(client.ping().unwrap_err().code(), Some("BUSY"));
            client.function_kill().unwrap();
            let error = call.join().unwrap().unwrap_err();
            assert!(error.maybe_executed(), "{error}");
        });
        assert_eq!(client.function_stats().unwrap().running, None);
        thread::scope(|scope| {
            let call = scope.spawn(|| other.eval::<Value>("while true do end", (), ()));
            found("a script that is ended", || client.script_kill().ok());
            call.join().unwrap().unwrap_err();
        });
        client.function_flush().unwrap();
    });
}

#[test]
fn messages_go_to_whoever_listens() {
    on_each_way(|client, _| {
        assert_eq!(client.publish("c", "m").unwrap(), 0);
        assert_eq!(client.spublish("c", "m").unwrap(), 0);
        assert!(client.pubsub_channels::<String>().unwrap().is_empty());
        assert!(
            client
                .pubsub_channels_matching::<String>("c*")
                .unwrap()
                .is_empty()
        );
        assert_eq!(client.pubsub_numpat().unwrap(), 0);
        assert_eq!(
            client.pubsub_numsub::<String>(["a", "b"]).unwrap(),
            [("a".into(), 0), ("b".into(), 0)]
        );
        assert!(client.pubsub_shardchannels::<String>().unwrap().is_empty());
        let channels = client.pubsub_shardchannels_matching::<String>("c*");
        assert!(channels.unwrap().is_empty());
        assert_eq!(
            client.pubsub_shardnumsub::<String>("a").unwrap(),
            [("a".into(), 0)]
        );
    });
}
