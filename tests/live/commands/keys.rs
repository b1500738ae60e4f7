//! Keys, the rest: what the server answers, on every way.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::{
    CopyOptions, ExpireOptions, ExpireTime, Expiry, MigrateOptions, Migrated, Milliseconds,
    RestoreOptions, ScanOptions, Seconds, SortOptions, Ttl, UnixMilliseconds, UnixSeconds,
    prelude::*,
};

use super::on_each_way;
use crate::{patience::eventually, ways};

#[test]
fn keys_expire_at_times_and_under_conditions() {
    on_each_way(|client, _| {
        client.mset([("a", 1), ("b", 2)]).unwrap();
        let time = UNIX_EPOCH + Duration::from_millis(33_333_333_333_333);
        assert!(client.pexpireat("a", time).unwrap());
        assert_eq!(
            client.pexpiretime("a").unwrap(),
            ExpireTime::At(UnixMilliseconds(33_333_333_333_333))
        );
        assert!(client.expireat("a", 33_333_333_333_i64).unwrap());
        assert_eq!(
            client.expiretime("a").unwrap(),
            ExpireTime::At(UnixSeconds(33_333_333_333))
        );
        assert_eq!(client.expiretime("b").unwrap(), ExpireTime::NoExpiry);
        assert_eq!(client.expiretime("nope").unwrap(), ExpireTime::NoKey);
        let soon = SystemTime::now() + Duration::from_secs(100);
        assert!(
            !client
                .expireat_with("a", soon, ExpireOptions::IfNone)
                .unwrap()
        );
        assert!(
            client
                .pexpireat_with("a", soon, ExpireOptions::IfSooner)
                .unwrap()
        );
        assert!(!client.pexpire_with("a", 5, ExpireOptions::IfLater).unwrap());
        assert!(matches!(
            client.ttl("a").unwrap(),
            Ttl::Left(Seconds(95..=101))
        ));
        // Seconds are rounded up: never sooner than was said.
        let before = SystemTime::now();
        let limit = Duration::from_millis(90_001);
        assert!(client.expire("b", limit).unwrap());
        let end = client.pexpiretime("b").unwrap().time().unwrap();
        let left = end.duration_since(before).unwrap();
        assert!(left > Duration::from_millis(90_500), "{left:?}");
    });
}

#[test]
fn keys_are_copied_moved_dumped_and_restored() {
    on_each_way(|client, _| {
        client.set("a", "v").unwrap();
        assert!(client.copy("a", "b").unwrap());
        assert!(!client.copy("a", "b").unwrap());
        let options = CopyOptions::new().replace().db(0);
        assert!(client.copy_with("a", "b", options).unwrap());
        assert!(
            client
                .copy_with("a", "x", CopyOptions::new().db(1))
                .unwrap()
        );
        assert!(client.move_key("b", 1).unwrap());
        assert!(!client.move_key("b", 1).unwrap());
        client.swapdb(0, 1).unwrap();
        assert_eq!(client.exists(["a", "b", "x"]).unwrap(), 2);
        client.swapdb(0, 1).unwrap();
        let dump = client.dump("a").unwrap().unwrap();
        assert_eq!(client.dump("nope").unwrap(), None);
        client
            .restore("c", None, &dump, RestoreOptions::new())
            .unwrap();
        assert_eq!(client.ttl("c").unwrap(), Ttl::NoExpiry);
        let error = client.restore("c", None, &dump, RestoreOptions::new());
        assert_eq!(error.unwrap_err().code(), Some("BUSYKEY"));
        let options = RestoreOptions::new().replace().idle_time(50);
        client
            .restore("c", Some(Expiry::Seconds(90)), &dump, options)
            .unwrap();
        assert!(matches!(
            client.object_idletime("c").unwrap(),
            Some(Seconds(50..=60))
        ));
        assert!(client.ttl("c").unwrap().left().is_some());
        let time = UNIX_EPOCH + Duration::from_secs(33_333_333_333);
        client
            .restore("t", Some(time.into()), &dump, RestoreOptions::new())
            .unwrap();
        assert_eq!(client.expiretime("t").unwrap().time(), Some(time));
        // No time at all is not for ever.
        let at_once = Some(Duration::ZERO.into());
        client
            .restore("z", at_once, &dump, RestoreOptions::new())
            .unwrap();
        eventually("the key is gone", || client.exists("z").unwrap() == 0);
        client.del("t").unwrap();
        assert_eq!(client.get::<String>("c").unwrap().as_deref(), Some("v"));
        assert!(!client.renamenx("a", "c").unwrap());
        assert!(client.renamenx("a", "d").unwrap());
        assert_eq!(client.touch(["c", "d", "a"]).unwrap(), 2);
        assert!(client.randomkey::<String>().unwrap().is_some());
        client.flushdb().unwrap();
        assert_eq!(client.randomkey::<String>().unwrap(), None);
    });
}

#[test]
fn keys_migrate_to_another_server() {
    let other = ways::server();
    on_each_way(|client, _| {
        let there = ways::client(&other);
        there.flushall().unwrap();
        client.mset([("a", 1), ("b", 2), ("c", 3)]).unwrap();
        let timeout = Milliseconds(5000);
        let migrate = |options| {
            client
                .migrate(other.host(), other.port(), 0, timeout, options)
                .unwrap()
        };
        assert_eq!(migrate(MigrateOptions::keys("a")), Migrated::Done);
        let options = MigrateOptions::keys(["b", "c"]).copy().replace();
        assert_eq!(migrate(options), Migrated::Done);
        assert_eq!(migrate(MigrateOptions::keys("nope")), Migrated::NoKey);
        assert_eq!(there.dbsize().unwrap(), 3);
        assert_eq!(client.dbsize().unwrap(), 2);
    });
}

#[test]
fn values_are_looked_into() {
    on_each_way(|client, _| {
        client.set("n", 1).unwrap();
        assert_eq!(client.object_encoding("n").unwrap().as_deref(), Some("int"));
        assert_eq!(client.object_encoding("nope").unwrap(), None);
        assert!(client.object_refcount("n").unwrap().is_some());
        assert!(client.object_idletime("n").unwrap().is_some());
        let error = client.object_freq("n").unwrap_err();
        assert!(error.to_string().contains("LFU"), "{error}");
        client
            .config_set(("maxmemory-policy", "allkeys-lfu"))
            .unwrap();
        client.set("f", 1).unwrap();
        assert!(client.object_freq("f").unwrap().is_some());
        client
            .config_set(("maxmemory-policy", "noeviction"))
            .unwrap();
        assert!(client.memory_usage("n").unwrap().is_some());
        assert!(client.memory_usage_samples("n", 0).unwrap().is_some());
        assert_eq!(client.memory_usage("nope").unwrap(), None);
    });
}

#[test]
fn scans_find_everything_and_sorting_follows_patterns() {
    on_each_way(|client, _| {
        for index in 0..100 {
            client.set(format!("k{index}"), index).unwrap();
        }
        client.sadd("set", ["3", "1", "2"]).unwrap();
        let options = ScanOptions::new().pattern("k*").count(7).key_type("string");
        let (mut found, mut cursor) = (Vec::new(), 0);
        loop {
            let page = client.scan::<String>(cursor, options.clone()).unwrap();
            found.extend(page.items);
            cursor = page.cursor;
            if cursor == 0 {
                break;
            }
        }
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 100);
        assert_eq!(
            client.sort::<Vec<i64>>("set", SortOptions::new()).unwrap(),
            [1, 2, 3]
        );
        let options = SortOptions::new().desc().limit(0, 2).alpha();
        assert_eq!(
            client.sort_ro::<Vec<String>>("set", options).unwrap(),
            ["3", "2"]
        );
        client.mset([("w1", 9), ("w2", 8), ("w3", 7)]).unwrap();
        let options = SortOptions::new().by("w*").get("#").get("w*").get("nope*");
        assert_eq!(
            client
                .sort::<Vec<(i64, i64, Option<i64>)>>("set", options.clone())
                .unwrap(),
            [(3, 7, None), (2, 8, None), (1, 9, None)]
        );
        assert_eq!(
            client
                .sort_store("set", SortOptions::new(), "sorted")
                .unwrap(),
            3
        );
        assert_eq!(client.llen("sorted").unwrap(), 3);
    });
}
