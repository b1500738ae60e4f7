//! Streams: what the server answers, on every way.

use std::{collections::BTreeMap, time::Duration};

use redis::{
    ClaimOptions, EntryPolicy, EntryResult, GroupOptions, Milliseconds, PendingRange,
    ReadGroupOptions, ReadOptions, StreamEntry, StreamId, Trim, XAddOptions, XSetIdOptions,
    prelude::*,
};

use super::{has, on_each_way};

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

fn fill(client: &Client) {
    for n in 1..=4_u64 {
        assert_eq!(client.xadd("s", id(n), ("n", n)).unwrap(), id(n));
    }
}

#[test]
fn entries_are_appended_read_and_trimmed() {
    on_each_way(|client, version| {
        fill(client);
        assert_eq!(client.xlen("s").unwrap(), 4);
        assert_eq!(
            client.xrange::<Fields>("s", "-", "+").unwrap(),
            [entry(1), entry(2), entry(3), entry(4)]
        );
        assert_eq!(
            client.xrange_count::<Fields>("s", "(1-0", "+", 1).unwrap(),
            [entry(2)]
        );
        // Servers say nil to that.
        assert_eq!(client.xrange_count::<Fields>("s", "-", "+", 0).unwrap(), []);
        let none = client.xrevrange_count::<Fields>("s", "+", "-", 0);
        assert_eq!(none.unwrap(), []);
        assert_eq!(
            client.xrevrange::<Fields>("s", id(2), "-").unwrap(),
            [entry(2), entry(1)]
        );
        assert_eq!(
            client.xrevrange_count::<Fields>("s", "+", "-", 1).unwrap(),
            [entry(4)]
        );
        assert_eq!(
            client
                .xread::<String, Fields>(ReadOptions::new().count(1), ["nope", "s"], [id(0), id(2)])
                .unwrap(),
            Some(vec![("s".into(), vec![entry(3)])])
        );
        assert_eq!(
            client
                .xread::<String, Fields>(ReadOptions::new(), "s", id(9))
                .unwrap(),
            None
        );
        let short = Some(Duration::from_millis(20));
        let read = client.xread_block::<String, Fields>(ReadOptions::new(), short, "s", "$");
        assert_eq!(read.unwrap(), None);
        let read = client.xread_block::<String, Fields>(ReadOptions::new(), None, "s", id(3));
        assert_eq!(read.unwrap(), Some(vec![("s".into(), vec![entry(4)])]));
        let options = XAddOptions::new().no_mkstream();
        assert_eq!(
            client.xadd_with("nope", "*", ("f", 1), options).unwrap(),
            None
        );
        let options = XAddOptions::new().trim(Trim::max_len(3));
        let added = client.xadd_with("s", id(5), ("n", 5), options).unwrap();
        assert_eq!(added, Some(id(5)));
        assert_eq!(client.xtrim("s", Trim::min_id(id(4)).exactly()).unwrap(), 1);
        assert_eq!(client.xtrim("s", Trim::max_len(100).limit(10)).unwrap(), 0);
        assert_eq!(client.xdel("s", [id(4), id(9)]).unwrap(), 1);
        let info = client.xinfo_stream::<Fields>("s").unwrap();
        assert_eq!((info.length, info.last_generated_id), (1, id(5)));
        assert_eq!(info.first_entry, Some(entry(5)));
        assert_eq!(
            (info.entries_added, info.max_deleted_entry_id),
            (Some(5), Some(id(4)))
        );
        client.xsetid("s", id(7)).unwrap();
        let past = || {
            let info = client.xinfo_stream::<Fields>("s").unwrap();
            (info.entries_added, info.max_deleted_entry_id)
        };
        let options = XSetIdOptions::new;
        for (options, expected) in [
            (options().entries_added(20), (20, 4)),
            (options().max_deleted_id(id(6)), (20, 6)),
            (options().entries_added(21).max_deleted_id(id(7)), (21, 7)),
            (options(), (21, 7)),
        ] {
            client.xsetid_with("s", id(8), options).unwrap();
            assert_eq!(past(), (Some(expected.0), Some(id(expected.1))));
        }
        if has(version, "XDELEX", Some((8, 2)), None) {
            assert_eq!(
                client
                    .xdelex("s", EntryPolicy::DeleteReferences, [id(5), id(9)])
                    .unwrap(),
                [EntryResult::Deleted, EntryResult::NoEntry]
            );
        }
    });
}

#[test]
fn groups_share_entries_among_consumers() {
    on_each_way(|client, version| {
        fill(client);
        client
            .xgroup_create("s", "g", "0", GroupOptions::new())
            .unwrap();
        let options = GroupOptions::new().mkstream().entries_read(0);
        client.xgroup_create("new", "g", "$", options).unwrap();
        let entries_read = || client.xinfo_groups("s").unwrap()[0].entries_read;
        for read in [Some(2), None, Some(0)] {
            client.xgroup_setid("s", "g", "0", read).unwrap();
            assert_eq!(entries_read(), read);
        }
        // More than there ever were.
        client.xgroup_setid("s", "g", "1-0", Some(100)).unwrap();
        assert_eq!(client.xinfo_groups("s").unwrap()[0].lag, Some(-96));
        let full = client.xinfo_stream_full::<Fields>("s", 0).unwrap();
        assert_eq!(full.groups[0].lag, Some(-96));
        client.xgroup_setid("s", "g", "0", Some(0)).unwrap();
        assert!(client.xgroup_createconsumer("s", "g", "idle").unwrap());
        let read = |consumer: &str, count| {
            let options = ReadGroupOptions::new().count(count);
            client
                .xreadgroup::<String, Fields>("g", consumer, options, "s", ">")
                .unwrap()
        };
        assert_eq!(
            read("one", 2),
            Some(vec![("s".into(), vec![entry(1), entry(2)])])
        );
        assert_eq!(read("two", 1), Some(vec![("s".into(), vec![entry(3)])]));
        client.xdel("s", id(1)).unwrap();
        let history = client
            .xreadgroup::<String, Option<Fields>>("g", "one", ReadGroupOptions::new(), "s", "0")
            .unwrap()
            .unwrap();
        assert_eq!(history[0].1[0].fields, None);
        assert_eq!(history[0].1[1].fields, Some(entry(2).fields));

        let pending = client.xpending("s", "g").unwrap();
        assert_eq!(
            (pending.count, pending.lowest, pending.highest),
            (3, Some(id(1)), Some(id(3)))
        );
        assert_eq!(pending.consumers, [("one".into(), 2), ("two".into(), 1)]);
        let range = PendingRange::new("-", "+", 10).idle(0).consumer("two");
        let entries = client.xpending_range("s", "g", range).unwrap();
        assert_eq!(
            (
                entries[0].id,
                entries[0].consumer.as_str(),
                entries[0].deliveries
            ),
            (id(3), "two", 1)
        );
        assert!(entries[0].idle.unwrap() < Duration::from_secs(60));
        let none = client.xpending("new", "g").unwrap();
        assert_eq!((none.count, none.lowest, none.consumers), (0, None, vec![]));

        let now = Milliseconds(0);
        assert_eq!(
            client
                .xclaim::<Fields>(
                    "s",
                    "g",
                    "two",
                    now,
                    id(2),
                    ClaimOptions::new().retry_count(7)
                )
                .unwrap(),
            [entry(2)]
        );
        assert_eq!(
            client
                .xclaim_justid("s", "g", "one", now, id(2), ClaimOptions::new().idle(5))
                .unwrap(),
            [id(2)]
        );
        let claimed = client
            .xautoclaim::<Fields>("s", "g", "two", now, "0", Some(10))
            .unwrap();
        assert_eq!(claimed.next, StreamId::ZERO);
        assert_eq!(claimed.entries, [entry(2), entry(3)]);
        assert_eq!(claimed.deleted, [id(1)]);
        let claimed = client
            .xautoclaim_justid("s", "g", "one", now, id(3), None)
            .unwrap();
        assert_eq!(claimed.entries, [id(3)]);

        let groups = client.xinfo_groups("s").unwrap();
        assert_eq!((groups[0].name.as_str(), groups[0].pending), ("g", 2));
        let consumers = client.xinfo_consumers("s", "g").unwrap();
        let names: Vec<_> = consumers.iter().map(|consumer| &*consumer.name).collect();
        assert_eq!(names, ["idle", "one", "two"]);
        let full = client.xinfo_stream_full::<Fields>("s", 10).unwrap();
        assert_eq!((full.length, full.entries.len()), (3, 3));
        let group = &full.groups[0];
        assert_eq!((group.name.as_str(), group.pending_count), ("g", 2));
        assert_eq!(group.pending[0].0, id(2));
        assert_eq!(
            (group.consumers.len(), group.consumers[1].pending.len()),
            (3, 1)
        );

        assert_eq!(client.xack("s", "g", [id(2), id(9)]).unwrap(), 1);
        if has(version, "XACKDEL", Some((8, 2)), None) {
            assert_eq!(
                client
                    .xackdel("s", "g", EntryPolicy::Acknowledged, [id(3)])
                    .unwrap(),
                [EntryResult::Deleted]
            );
        }
        client.xgroup_setid("s", "g", id(3), None).unwrap();
        let limit = Some(Duration::from_secs(5));
        let options = ReadGroupOptions::new().no_ack();
        let read = client.xreadgroup_block::<String, Fields>("g", "one", options, limit, "s", ">");
        assert_eq!(read.unwrap(), Some(vec![("s".into(), vec![entry(4)])]));
        client.xgroup_delconsumer("s", "g", "one").unwrap();
        assert!(client.xgroup_destroy("s", "g").unwrap());
        assert!(!client.xgroup_destroy("s", "g").unwrap());
    });
}
