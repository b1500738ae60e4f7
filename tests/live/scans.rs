//! Scan iterators: everything comes, a page at a time, and the client is free meanwhile.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    thread,
};

use redis::{Client, ClientFilter, ErrorKind, RetryPolicy, ScanOptions, prelude::*};
use redis_testkit::Product;

use crate::ways::{client, on_every_way, server, ways};

fn all() -> ScanOptions {
    ScanOptions::new()
}

fn set_of<const N: usize>(items: [&str; N]) -> BTreeSet<String> {
    items.map(str::to_owned).into()
}

#[test]
fn the_loop_of_the_documentation() {
    on_every_way(|client| {
        for (key, value) in [("A", "1"), ("B", "2"), ("C", "3")] {
            client.set(key, value).unwrap();
        }
        let mut found = BTreeMap::new();
        for key in client.scan_iter::<String>(all()) {
            let key = key.unwrap();
            // The client is free inside the loop.
            let value: Option<String> = client.get(&key).unwrap();
            found.insert(key, value.unwrap());
        }
        let expected = [("A", "1"), ("B", "2"), ("C", "3")];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(found, expected.into());
    });
}

#[test]
fn a_scan_ends_behind_the_last_page() {
    on_every_way(|client| {
        const KEYS: usize = 30;
        for key in 0..KEYS {
            client.set(key, "").unwrap();
        }
        let keys = client.scan_iter::<String>(all().count(7));
        assert_eq!(keys.take(2 * KEYS).count(), KEYS);
        // It stays there.
        let mut keys = client.scan_iter::<String>(all());
        assert_eq!(keys.by_ref().take(2 * KEYS).count(), KEYS);
        assert!(keys.cursor().is_none() && keys.next().is_none());
    });
}

#[test]
fn scan_iter_gives_all_keys_or_those_that_match() {
    on_every_way(|client| {
        assert_eq!(client.scan_iter::<String>(all()).count(), 0);
        client.mset([("a", 1), ("b", 2), ("c", 3)]).unwrap();
        let keys = |options| -> BTreeSet<String> {
            client.scan_iter(options).map(Result::unwrap).collect()
        };
        assert_eq!(keys(all()), set_of(["a", "b", "c"]));
        assert_eq!(keys(all().pattern("a")), set_of(["a"]));
        assert_eq!(keys(all().pattern("[ab]").count(1)), set_of(["a", "b"]));
        let bytes: Vec<Vec<u8>> = client
            .scan_iter(all().pattern("c"))
            .map(Result::unwrap)
            .collect();
        assert_eq!(bytes, [b"c"]);
    });
}

#[test]
fn scan_iter_gives_keys_of_one_type() {
    on_every_way(|client| {
        client.sadd("a-set", 1).unwrap();
        client.hset("a-hash", ("foo", 2)).unwrap();
        client.lpush("a-list", ["aux", "aux2"]).unwrap();
        for (kind, key) in [("SET", "a-set"), ("hash", "a-hash"), ("list", "a-list")] {
            let scan = client.scan_iter(all().pattern("a*").key_type(kind));
            assert_eq!(scan.collect::<Result<Vec<String>, _>>().unwrap(), [key]);
        }
    });
}

#[test]
fn hscan_iter_gives_fields_and_values() {
    on_every_way(|client| {
        client.hset("a", [("a", 1), ("b", 2), ("c", 3)]).unwrap();
        let scan = |key, options| -> HashMap<String, i64> {
            client
                .hscan_iter(key, options)
                .map(Result::unwrap)
                .collect()
        };
        let expected = [("a", 1), ("b", 2), ("c", 3)];
        let expected = expected.map(|(field, value)| (field.to_owned(), value));
        assert_eq!(scan("a", all()), expected.into());
        assert_eq!(scan("a", all().pattern("a")), [("a".into(), 1)].into());
        assert!(scan("a_notset", all().pattern("a")).is_empty());
    });
}

#[test]
fn hscan_novalues_iter_gives_fields_alone() {
    let server = server();
    let version = server.version();
    let has =
        version.is_at_least(Product::Redis, 7, 4) || version.is_at_least(Product::Valkey, 8, 0);
    for (_, way) in ways(&server) {
        let client = way.build();
        client.hset("a", [("a", 1), ("b", 2), ("c", 3)]).unwrap();
        let scan = |key, options| client.hscan_novalues_iter(key, options).collect();
        let found: Result<BTreeSet<String>, _> = scan("a", all());
        if !has {
            assert!(matches!(found.unwrap_err().kind(), ErrorKind::Server(_)));
            continue;
        }
        assert_eq!(found.unwrap(), set_of(["a", "b", "c"]));
        assert_eq!(scan("a", all().pattern("a")).unwrap(), set_of(["a"]));
        assert_eq!(scan("a_notset", all()).unwrap(), set_of([]));
    }
}

#[test]
fn sscan_iter_gives_members() {
    on_every_way(|client| {
        client.sadd("a", [1, 2, 3]).unwrap();
        let scan = |key, options| -> BTreeSet<i64> {
            client
                .sscan_iter(key, options)
                .map(Result::unwrap)
                .collect()
        };
        assert_eq!(scan("a", all()), [1, 2, 3].into());
        assert_eq!(scan("a", all().pattern("1")), [1].into());
        assert!(scan("nope", all()).is_empty());
    });
}

#[test]
fn zscan_iter_gives_members_and_scores() {
    on_every_way(|client| {
        client.zadd("a", [(1, "a"), (2, "b"), (3, "c")]).unwrap();
        let scan = |key, options| -> BTreeSet<(String, i64)> {
            let pairs = client
                .zscan_iter::<String>(key, options)
                .map(Result::unwrap);
            pairs
                .map(|(member, score)| (member, score as i64))
                .collect()
        };
        let expected = [("a", 1), ("b", 2), ("c", 3)];
        let expected = expected.map(|(member, score)| (member.to_owned(), score));
        assert_eq!(scan("a", all()), expected.into());
        assert_eq!(scan("a", all().pattern("a")), [("a".into(), 1)].into());
        assert!(scan("nope", all()).is_empty());
    });
}

#[test]
fn a_score_in_scientific_notation_is_exact() {
    on_every_way(|client| {
        // Servers write it as 1.77e+18.
        client.zadd("a", ("1.77e+18", "a")).unwrap();
        let scores: Result<Vec<(String, f64)>, _> = client.zscan_iter("a", all()).collect();
        let (_, score) = scores.unwrap().remove(0);
        assert_eq!(score as i64, 1_770_000_000_000_000_000);
    });
}

#[test]
fn zscan_noscores_iter_gives_members_alone() {
    let server = server();
    let has = server.version().is_at_least(Product::Valkey, 8, 0);
    let client = client(&server);
    client.zadd("a", [(1, "a"), (2, "b")]).unwrap();
    let found: Result<BTreeSet<String>, _> = client.zscan_noscores_iter("a", all()).collect();
    match found {
        Ok(found) => assert!(has && found == set_of(["a", "b"])),
        Err(error) => assert!(
            !has && matches!(error.kind(), ErrorKind::Server(_)),
            "{error}"
        ),
    }
}

/// How many elements the large scans have, and the smaller pages of the smaller ones.
const MANY: usize = 12_000;

#[test]
fn whatever_stays_comes_while_keys_are_added_and_removed() {
    on_every_way(|client| {
        let stay: Vec<String> = (0..MANY).map(|index| format!("stay:{index}")).collect();
        let pairs: Vec<_> = stay.iter().map(|key| (key, 1)).collect();
        client.mset(pairs).unwrap();
        for (round, count) in [(0, 10), (1, 100), (2, 5_000)] {
            let mut found = HashSet::new();
            let mut seen = 0;
            for key in client.scan_iter::<String>(all().count(count)) {
                found.insert(key.unwrap());
                seen += 1;
                if seen % 100 != 0 {
                    continue;
                }
                // Each round makes the database larger by three times what stays.
                let come: Vec<_> = (0..300).map(|n| format!("{round}:{seen}:{n}")).collect();
                let pairs: Vec<_> = come.iter().map(|key| (key, 1)).collect();
                if seen < MANY {
                    client.mset(pairs).unwrap();
                }
            }
            let missed: Vec<_> = stay.iter().filter(|key| !found.contains(*key)).collect();
            assert!(missed.is_empty(), "COUNT {count}: missed {missed:?}");
        }
        // Now one during which nine keys of ten go.
        let mut found = HashSet::new();
        let mut gone = client.scan_iter::<String>(all().pattern("[012]:*").count(1000));
        for key in client.scan_iter::<String>(all().pattern("stay:*").count(100)) {
            found.insert(key.unwrap());
            if let Some(page) = gone.next_page().unwrap().filter(|page| !page.is_empty()) {
                client.unlink(page).unwrap();
            }
        }
        assert_eq!(found, stay.into_iter().collect::<HashSet<_>>());
    });
}

#[test]
fn whatever_stays_comes_out_of_large_values_while_they_change() {
    let server = server();
    let client = client(&server);
    let stay: Vec<String> = (0..MANY).map(|index| format!("stay:{index}")).collect();
    client.sadd("set", &stay).unwrap();
    let fields: Vec<_> = stay.iter().map(|field| (field, field)).collect();
    client.hset("hash", fields).unwrap();
    let scored: Vec<_> = stay.iter().enumerate().collect();
    client.zadd("zset", scored).unwrap();

    // Grows and shrinks by more than it was large.
    let others: Vec<String> = (0..40_000).map(|index| format!("other:{index}")).collect();
    let change = |step: usize| {
        let chunk = &others[step % 40 * 1000..][..1000];
        let scored: Vec<_> = chunk.iter().map(|member| (1, member)).collect();
        let fields: Vec<_> = chunk.iter().map(|field| (field, field)).collect();
        let mut pipeline = client.pipeline();
        match step / 40 % 2 {
            0 => pipeline
                .sadd("set", chunk)
                .hset("hash", fields)
                .zadd("zset", scored),
            _ => pipeline
                .srem("set", chunk)
                .hdel("hash", chunk)
                .zrem("zset", chunk),
        };
        pipeline.execute::<()>().unwrap();
    };
    let stays = |found: HashSet<String>, what: &str| {
        let missed: Vec<_> = stay.iter().filter(|item| !found.contains(*item)).collect();
        assert!(missed.is_empty(), "{what}: missed {missed:?}");
    };
    let slowly = |index: usize| {
        if index % 200 == 0 {
            change(index / 200);
        }
    };
    let options = || all().count(7);

    let mut found = HashSet::new();
    for (index, member) in client.sscan_iter("set", options()).enumerate() {
        found.insert(member.unwrap());
        slowly(index);
    }
    stays(found, "a set");
    let mut found = HashSet::new();
    for (index, entry) in client.hscan_iter("hash", options()).enumerate() {
        let (field, value): (String, String) = entry.unwrap();
        assert_eq!(field, value);
        found.insert(field);
        slowly(index);
    }
    stays(found, "a hash");
    let mut found = HashSet::new();
    for (index, entry) in client.zscan_iter("zset", options()).enumerate() {
        let (member, _): (String, f64) = entry.unwrap();
        found.insert(member);
        slowly(index);
    }
    stays(found, "a sorted set");
}

#[test]
fn a_scan_is_taken_up_where_another_was() {
    let server = server();
    let client = client(&server);
    let keys: BTreeSet<String> = (0..2_000).map(|index| format!("k{index}")).collect();
    client
        .mset(keys.iter().map(|key| (key, 1)).collect::<Vec<_>>())
        .unwrap();

    let mut found = BTreeSet::new();
    let mut cursor = Some(0);
    let mut parts = 0;
    while let Some(at) = cursor {
        parts += 1;
        let mut scan = client.scan_iter::<String>(all().count(50)).resume_at(at);
        assert_eq!(scan.cursor(), Some(at));
        // Stops in the middle of a page, which has to come again.
        found.extend(scan.by_ref().take(75).map(Result::unwrap));
        cursor = scan.cursor();
        assert!(cursor != Some(at) && cursor != Some(0), "no progress");
    }
    assert_eq!(found, keys);
    assert!(parts > 10, "{parts}");

    let mut scan = client.scan_iter::<String>(all());
    assert_eq!(scan.by_ref().count(), 2_000);
    assert_eq!((scan.cursor(), scan.next().is_none()), (None, true));
    // Done is not the same as not begun.
    assert_eq!(scan.resume_at(0).count(), 2_000);
}

#[test]
fn pages_can_be_had_one_by_one_and_may_be_empty() {
    let server = server();
    let client = client(&server);
    let keys: BTreeSet<String> = (0..1_000).map(|index| format!("k{index}")).collect();
    client
        .mset(keys.iter().map(|key| (key, 1)).collect::<Vec<_>>())
        .unwrap();

    let mut scan = client.scan_iter::<String>(all().pattern("k77").count(10));
    let (mut empty, mut found) = (0, Vec::new());
    while let Some(page) = scan.next_page().unwrap() {
        empty += usize::from(page.is_empty());
        found.extend(page);
    }
    assert_eq!(found, ["k77"]);
    assert!(empty > 50, "{empty}");
    assert_eq!(scan.next_page().unwrap(), None);

    // The iterator passes over the empty ones, and a page that was begun is given in full.
    let matching = client.scan_iter::<String>(all().pattern("k77").count(10));
    assert_eq!(matching.map(Result::unwrap).collect::<Vec<_>>(), ["k77"]);
    let mut scan = client.scan_iter::<String>(all().count(10));
    let mut found: BTreeSet<String> = scan.by_ref().take(3).map(Result::unwrap).collect();
    while let Some(page) = scan.next_page().unwrap() {
        found.extend(page);
    }
    assert_eq!(found, keys);
}

#[test]
fn duplicates_are_left_out_on_demand() {
    let server = server();
    let client = client(&server);
    let keys: Vec<String> = (0..1_000).map(|index| format!("k{index}")).collect();
    client
        .mset(keys.iter().map(|key| (key, 1)).collect::<Vec<_>>())
        .unwrap();
    client
        .zadd("zset", keys.iter().enumerate().collect::<Vec<_>>())
        .unwrap();

    // Going back makes all of it come again, as servers do with some of it.
    let mut plain = client.scan_iter::<String>(all());
    let first = plain.by_ref().take(500).count();
    assert_eq!(first + plain.resume_at(0).count(), 1_501);
    let mut scan = client.scan_iter::<String>(all()).unique();
    let mut found: Vec<String> = scan.by_ref().take(500).map(Result::unwrap).collect();
    assert!(scan.cursor().is_some());
    found.extend(scan.resume_at(0).map(Result::unwrap));
    assert_eq!(found.len(), 1_001);
    assert_eq!(found.iter().collect::<HashSet<_>>().len(), 1_001);
    let mut scan = client.scan_iter::<String>(all()).unique();
    let mut found = Vec::new();
    while let Some(page) = scan.next_page().unwrap() {
        found.extend(page);
    }
    assert_eq!(found.len(), 1_001);
    let mut scan = scan.resume_at(0);
    while let Some(page) = scan.next_page().unwrap() {
        assert_eq!(page, [""; 0]);
    }

    // Told apart by the member, whatever its score has become.
    let scan = client.zscan_iter::<String>("zset", all());
    let mut scan = scan.unique_by(|(member, _)| member.clone());
    let mut count = scan.by_ref().take(10).count();
    client
        .zadd("zset", keys.iter().map(|key| (7, key)).collect::<Vec<_>>())
        .unwrap();
    count += scan.resume_at(0).count();
    assert_eq!(count, 1_000);
}

#[test]
fn a_scan_ends_with_an_error_and_can_go_on_behind_it() {
    let server = server();
    let client = Client::builder()
        .tcp(server.host(), server.port())
        .retry(RetryPolicy::none())
        .build();
    let keys: Vec<String> = (0..500).map(|index| format!("k{index}")).collect();
    client.sadd("set", &keys).unwrap();

    let mut scan = client.sscan_iter::<String>("set", all().count(10));
    let mut found: HashSet<String> = scan.by_ref().take(100).map(Result::unwrap).collect();
    server.kill().unwrap();
    let rest: Vec<_> = scan.by_ref().take(1_000).collect();
    let (last, given) = rest.split_last().unwrap();
    found.extend(given.iter().map(|item| item.as_ref().unwrap().clone()));
    assert!(last.as_ref().unwrap_err().is_connection(), "{last:?}");
    assert!(scan.next().is_none(), "ended for good");
    let cursor = scan.cursor().unwrap();
    assert!(scan.next_page().is_err() && scan.cursor() == Some(cursor));

    server.restart().unwrap();
    client.sadd("set", &keys).unwrap();
    // A cursor means nothing to another server: from the beginning, then.
    let mut scan = scan.resume_at(0);
    let page = scan.next_page().unwrap().unwrap();
    assert!(!page.is_empty());
    found.extend(page);
    found.extend(scan.map(Result::unwrap));
    assert_eq!(found.len(), 500);
}

#[test]
fn a_lost_connection_does_not_disturb_a_scan() {
    let server = server();
    let client = client(&server);
    let keys: BTreeSet<String> = (0..2_000).map(|index| format!("k{index}")).collect();
    client
        .mset(keys.iter().map(|key| (key, 1)).collect::<Vec<_>>())
        .unwrap();
    let killer = self::client(&server);
    let mut found = BTreeSet::new();
    for (index, key) in client.scan_iter::<String>(all().count(20)).enumerate() {
        found.insert(key.unwrap());
        if index % 100 == 0 {
            killer
                .client_kill(ClientFilter::new().skip_me(true))
                .unwrap();
        }
    }
    assert_eq!(found, keys);
}

#[test]
fn a_scan_goes_to_another_thread_and_outlives_its_client() {
    let server = server();
    let client = client(&server);
    client.mset([("a", 1), ("b", 2)]).unwrap();
    let scan = client.scan_iter::<String>(all());
    drop(client);
    let found = thread::spawn(move || scan.map(Result::unwrap).collect::<BTreeSet<_>>());
    assert_eq!(found.join().unwrap(), set_of(["a", "b"]));
}
