//! The server itself, its settings, its logs and its commands: what it answers, on every way.

use std::time::{Duration, SystemTime};

use redis::{
    CommandFilter, FailoverOptions, FlushMode, LogKind, ModuleOptions, Role, ShutdownOptions,
    prelude::*,
};

use super::{has, on_each_way};
use crate::{patience::eventually, ways};

#[test]
fn the_server_tells_about_its_commands() {
    on_each_way(|client, _| {
        let all = client.command().unwrap();
        assert_eq!(all.len(), client.command_count().unwrap());
        let get = client.command_info(["get", "nope"]).unwrap();
        assert_eq!(get[1], None);
        let get = get[0].as_ref().unwrap();
        assert_eq!((get.name.as_str(), get.arity, get.first_key), ("get", 2, 1));
        assert!(get.flags.contains(&"readonly".into()));
        assert!(get.acl_categories.contains(&"@string".into()));
        assert_eq!(get.key_specs.len(), 1);
        let config = all.iter().find(|command| command.name == "config").unwrap();
        assert!(
            config
                .subcommands
                .iter()
                .any(|inner| inner.name == "config|get")
        );
        let docs = client.command_docs(["get", "config"]).unwrap();
        assert_eq!(docs["get"].group.as_deref(), Some("string"));
        assert!(docs["get"].rest.contains_key("arguments"));
        assert!(docs["config"].subcommands.contains_key("config|get"));
        assert_eq!(
            client
                .command_getkeys::<String>(["MSET", "a", "1", "b", "2"])
                .unwrap(),
            ["a", "b"]
        );
        let keys = client
            .command_getkeysandflags::<String>(["GET", "a"])
            .unwrap();
        assert_eq!(keys[0].0, "a");
        assert!(keys[0].1.contains(&"RO".into()));
        assert!(client.command_list().unwrap().len() > all.len());
        let filter = CommandFilter::pattern("xr*");
        let mut names = client.command_list_filterby(filter).unwrap();
        names.sort();
        assert_eq!(names, ["xrange", "xread", "xreadgroup", "xrevrange"]);
        let filter = CommandFilter::acl_category("hash");
        assert!(
            client
                .command_list_filterby(filter)
                .unwrap()
                .contains(&"hget".into())
        );
        let filter = CommandFilter::module("nope");
        assert!(client.command_list_filterby(filter).unwrap().is_empty());
    });
}

#[test]
fn the_server_tells_about_itself() {
    on_each_way(|client, version| {
        let info = client.info(["server", "keyspace"]).unwrap();
        assert!(info.lines().all(|(section, ..)| !section.is_empty()));
        client.set("k", 1).unwrap();
        assert_eq!(
            client.info("keyspace").unwrap().parts("db0").unwrap()["keys"],
            "1"
        );
        let time = client.lastsave().unwrap();
        assert!(SystemTime::from(time) <= SystemTime::now() + Duration::from_secs(1));
        assert!(client.lolwut().unwrap().contains(&version.to_string()[7..]));
        assert!(!client.lolwut_version(5, (1, 1, 1)).unwrap().is_empty());
        assert!(matches!(
            client.role().unwrap(),
            Role::Primary { offset: 0.., replicas } if replicas.is_empty()
        ));
        client.config_set(("maxmemory", "100mb", "hz", 11)).unwrap();
        let settings = client.config_get(["maxmemory", "hz"]).unwrap();
        assert_eq!(
            (&*settings["maxmemory"], &*settings["hz"]),
            ("104857600", "11")
        );
        client.config_resetstat().unwrap();
        client.config_rewrite().unwrap();
        client.flushdb_with(FlushMode::Async).unwrap();
        client.flushall_with(FlushMode::Sync).unwrap();
        assert_eq!(client.dbsize().unwrap(), 0);
    });
}

#[test]
fn the_server_tells_about_its_memory() {
    on_each_way(|client, _| {
        client.set("k", 1).unwrap();
        let stats = client.memory_stats().unwrap();
        assert_eq!(stats.keys_count, 1);
        assert!(stats.fragmentation != 0.0 && stats.total_allocated > 0);
        assert!(!stats.rest.is_empty());
        assert!(!client.memory_doctor().unwrap().is_empty());
        assert!(!client.memory_malloc_stats().unwrap().is_empty());
        client.memory_purge().unwrap();
    });
}

#[test]
fn slow_commands_are_logged() {
    on_each_way(|client, version| {
        client.config_set(("slowlog-log-slower-than", 0)).unwrap();
        client.slowlog_reset().unwrap();
        client.set("slow", b"\xff").unwrap();
        assert!(client.slowlog_len().unwrap() > 0);
        client.config_set(("slowlog-log-slower-than", -1)).unwrap();
        let log = client.slowlog_get().unwrap();
        let set = log
            .iter()
            .find(|logged| logged.arguments[0] == b"SET")
            .unwrap();
        assert_eq!(set.arguments[2], b"\xff");
        assert!(set.duration() < Duration::from_secs(10));
        assert!(set.client_addr.is_some());
        assert_eq!(client.slowlog_get_count(1).unwrap().len(), 1);
        if has(version, "COMMANDLOG", None, Some((8, 1))) {
            assert!(client.commandlog_len(LogKind::Slow).unwrap() > 0);
            let log = client.commandlog_get(-1, LogKind::Slow).unwrap();
            assert!(log.iter().any(|logged| logged.id == set.id));
            client.commandlog_reset(LogKind::LargeReply).unwrap();
            assert!(
                client
                    .commandlog_get(5, LogKind::LargeReply)
                    .unwrap()
                    .is_empty()
            );
            assert_eq!(client.commandlog_len(LogKind::LargeRequest).unwrap(), 0);
        }
    });
}

#[test]
fn latencies_are_recorded() {
    on_each_way(|client, _| {
        client.config_set(("latency-monitor-threshold", 1)).unwrap();
        client.latency_reset(()).unwrap();
        let busy = "local n = 0 for i = 1, 3000000 do n = n + i end return n";
        client.eval::<i64>(busy, (), ()).unwrap();
        let latest = client.latency_latest().unwrap();
        let event = &latest[0];
        assert!(event.max >= Duration::from_millis(1) && event.max >= event.latest);
        assert!(!client.latency_history(&event.event).unwrap().is_empty());
        assert!(client.latency_graph(&event.event).unwrap().contains("high"));
        assert!(!client.latency_doctor().unwrap().is_empty());
        client.ping().unwrap();
        let histograms = client.latency_histogram("ping").unwrap();
        assert!(histograms["ping"].calls >= 1);
        assert!(!histograms["ping"].buckets.is_empty());
        assert!(client.latency_histogram(()).unwrap().len() > 1);
        assert_eq!(client.latency_reset(&event.event).unwrap(), 1);
        client.config_set(("latency-monitor-threshold", 0)).unwrap();
    });
}

#[test]
fn the_data_set_is_saved() {
    on_each_way(|client, version| {
        client.save().unwrap();
        let wait = || {
            let busy = |name| client.info("persistence").unwrap().get(name) != Some("0");
            eventually("it is saved", || {
                !busy("rdb_bgsave_in_progress") && !busy("aof_rewrite_in_progress")
            });
        };
        wait();
        assert!(client.bgsave().unwrap().starts_with("Background"));
        wait();
        assert!(client.bgsave_schedule().unwrap().starts_with("Background"));
        wait();
        assert!(client.bgrewriteaof().unwrap().starts_with("Background"));
        wait();
        if has(version, "BGSAVE CANCEL", None, Some((8, 1))) {
            assert!(client.bgsave_cancel().is_err());
        }
    });
}

#[test]
fn modules_are_listed_and_refused() {
    on_each_way(|client, _| {
        let modules = client.module_list().unwrap();
        assert!(modules.iter().all(|module| !module.name.is_empty()));
        assert!(client.module_load("/nope.so", ()).is_err());
        let options = ModuleOptions::new().config("a", 1).args("x");
        assert!(client.module_loadex("/nope.so", options).is_err());
        assert!(client.module_unload("nope").is_err());
    });
}

#[test]
fn servers_replicate_each_other() {
    let primary = ways::server();
    on_each_way(|client, _| {
        let port = primary.port();
        client.replicaof(primary.host(), port).unwrap();
        assert!(matches!(
            client.role().unwrap(),
            Role::Replica { port: found, .. } if found == port
        ));
        client.replicaof_no_one().unwrap();
        client.slaveof(primary.host(), port).unwrap();
        client.slaveof_no_one().unwrap();
        assert!(matches!(client.role().unwrap(), Role::Primary { .. }));
        let options = FailoverOptions::new().to_force("127.0.0.1", 1, 5);
        assert!(client.failover(options).is_err());
        assert!(client.failover_abort().is_err());
    });
}

#[test]
fn servers_end_when_they_are_told_to() {
    for index in 0..4 {
        let server = ways::server();
        let (name, builder) = ways::ways(&server).swap_remove(index);
        println!("over {name} with {}", server.version());
        let client = builder.build();
        assert!(client.shutdown_abort().is_err());
        let options = ShutdownOptions::new().nosave().now().force();
        assert!(
            client.shutdown(options).is_err(),
            "the connection is closed"
        );
        eventually("the server has ended", || !server.is_running());
    }
}

#[test]
fn a_server_that_waits_for_its_replicas_may_end_later_than_others_answer() {
    let server = ways::server_with(|builder| builder.config("shutdown-timeout", "3"));
    let replica = ways::server_with(|builder| builder.replica_of(&server));
    replica
        .wait_until_in_sync(&server, Duration::from_secs(30))
        .unwrap();
    let client = ways::client(&server);
    let hasty = Client::builder()
        .tcp(server.host(), server.port())
        .response_timeout(Duration::from_millis(500))
        .build();
    // It has its connection, for which there may be little time while the machine is busy.
    eventually("a connection", || hasty.ping().is_ok());
    replica.pause().unwrap();
    client.set("unknown", "to the replica").unwrap();
    let error = hasty.shutdown(ShutdownOptions::new().nosave());
    let error = error.expect_err("the connection is closed");
    assert!(!error.is_timeout(), "{error}");
    eventually("the server has ended", || !server.is_running());
    replica.resume().unwrap();
}
