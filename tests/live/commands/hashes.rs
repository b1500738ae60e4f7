//! Hashes, the rest: what the server answers, on every way.

use std::time::{Duration, SystemTime};

use redis::{
    ExpireOptions, ExpireTime, Expiry, FieldExpiry, FieldPersisted, HSetExOptions, Milliseconds,
    ScanOptions, Seconds, Ttl, UnixMilliseconds, UnixSeconds, prelude::*,
};

use super::{has, on_each_way};

#[test]
fn fields_come_at_random_and_by_scans() {
    on_each_way(|client, version| {
        client.hmset("h", [("a", "1"), ("b", "22")]).unwrap();
        assert_eq!(client.hstrlen("h", "b").unwrap(), 2);
        assert!(client.hrandfield::<String>("h").unwrap().is_some());
        assert_eq!(client.hrandfield::<String>("nope").unwrap(), None);
        assert_eq!(client.hrandfield_count::<String>("h", 5).unwrap().len(), 2);
        assert_eq!(client.hrandfield_count::<String>("h", -5).unwrap().len(), 5);
        let mut pairs = client.hrandfield_withvalues::<String, i64>("h", 5).unwrap();
        pairs.sort();
        assert_eq!(pairs, [("a".into(), 1), ("b".into(), 22)]);
        let page = client
            .hscan::<String, i64>("h", 0, ScanOptions::new())
            .unwrap();
        assert_eq!((page.cursor, page.items.len()), (0, 2));
        let only = ScanOptions::new().pattern("a*").count(100);
        let page = client.hscan::<String, i64>("h", 0, only).unwrap();
        assert_eq!(page.items, [("a".into(), 1)]);
        if has(version, "HSCAN NOVALUES", Some((7, 4)), Some((8, 0))) {
            let page = client.hscan_novalues::<String>("h", 0, ScanOptions::new());
            assert_eq!(page.unwrap().items.len(), 2);
        }
    });
}

#[test]
fn fields_expire_one_by_one() {
    on_each_way(|client, version| {
        if !has(version, "expiry of fields", Some((7, 4)), Some((9, 0))) {
            return;
        }
        client.hset("h", [("a", 1), ("b", 2), ("c", 3)]).unwrap();
        let fields = ["a", "nope"];
        let set = [FieldExpiry::Set, FieldExpiry::NoField];
        assert_eq!(client.hexpire("h", 100, None, fields).unwrap(), set);
        assert_eq!(
            client
                .hexpire("h", 100, Some(ExpireOptions::IfNone), "a")
                .unwrap(),
            [FieldExpiry::Refused]
        );
        let ttls = client.httl("h", ["a", "b", "nope"]).unwrap();
        assert!(matches!(
            ttls[..],
            [Ttl::Left(Seconds(90..=100)), Ttl::NoExpiry, Ttl::NoKey]
        ));
        assert!(matches!(
            client.hpttl("h", "a").unwrap()[..],
            [Ttl::Left(Milliseconds(90_000..=100_000))]
        ));
        let soon = SystemTime::now() + Duration::from_secs(50);
        assert_eq!(client.hpexpireat("h", soon, None, fields).unwrap(), set);
        assert_eq!(
            client
                .hexpireat("h", 33_333_333_333_i64, None, fields)
                .unwrap(),
            set
        );
        assert_eq!(
            client.hexpiretime("h", ["a", "b", "nope"]).unwrap(),
            [
                ExpireTime::At(UnixSeconds(33_333_333_333)),
                ExpireTime::NoExpiry,
                ExpireTime::NoKey
            ]
        );
        assert_eq!(
            client.hpexpiretime("h", "a").unwrap(),
            [ExpireTime::At(UnixMilliseconds(33_333_333_333_000))]
        );
        assert_eq!(
            client.hpersist("h", ["a", "b", "nope"]).unwrap(),
            [
                FieldPersisted::Done,
                FieldPersisted::NoExpiry,
                FieldPersisted::NoField
            ]
        );
        assert_eq!(
            client
                .hpexpire("h", Duration::from_millis(90_000), None, "a")
                .unwrap(),
            [FieldExpiry::Set]
        );
        assert_eq!(
            client.hexpire("h", 0, None, "c").unwrap(),
            [FieldExpiry::Deleted]
        );
        assert_eq!(client.hlen("h").unwrap(), 2);
    });
}

#[test]
fn fields_are_set_read_and_deleted_with_their_expiry() {
    on_each_way(|client, version| {
        if !has(version, "HGETEX and HSETEX", Some((8, 0)), Some((9, 0))) {
            return;
        }
        let options = HSetExOptions::new().fnx().expiry(Expiry::Seconds(100));
        assert!(
            client
                .hsetex("h", options.clone(), [("a", 1), ("b", 2)])
                .unwrap()
        );
        assert!(!client.hsetex("h", options, ("a", 3)).unwrap());
        let options = HSetExOptions::new().fxx().keep_ttl();
        assert!(client.hsetex("h", options, ("a", 4)).unwrap());
        assert!(matches!(
            client.httl("h", "a").unwrap()[..],
            [Ttl::Left(Seconds(90..=100))]
        ));
        assert_eq!(
            client
                .hgetex::<(i64, Option<i64>)>("h", Duration::from_secs(20), ["a", "nope"])
                .unwrap(),
            (4, None)
        );
        assert!(matches!(
            client.httl("h", "a").unwrap()[..],
            [Ttl::Left(Seconds(15..=20))]
        ));
        assert_eq!(client.hgetex_persist::<Vec<i64>>("h", "a").unwrap(), [4]);
        assert_eq!(client.httl("h", "a").unwrap(), [Ttl::NoExpiry]);
        if has(version, "HGETDEL", Some((8, 0)), Some((9, 1))) {
            assert_eq!(
                client
                    .hgetdel::<Vec<Option<i64>>>("h", ["a", "nope"])
                    .unwrap(),
                [Some(4), None]
            );
            assert_eq!(client.hlen("h").unwrap(), 1);
        }
    });
}
