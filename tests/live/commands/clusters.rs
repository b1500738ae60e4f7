//! A cluster of one node: what it answers, on every way.

use redis::{
    ClusterFailover, FlushMode, ResetMode, ScanOptions, SetSlot, SlotMigrations, SlotOrder,
    prelude::*,
};

use super::{has, on_each_way_to};
use crate::{patience::eventually, ways::server_with};

#[test]
fn a_node_tells_about_its_cluster() {
    let server = server_with(|builder| builder.config("cluster-enabled", "yes"));
    on_each_way_to(&server, |client, version| {
        client.cluster_reset(Some(ResetMode::Hard)).unwrap();
        client.cluster_set_config_epoch(1).unwrap();
        client.cluster_bumpepoch().unwrap();
        let id = client.cluster_myid().unwrap();
        assert_eq!(id.len(), 40);
        assert_eq!(client.cluster_info().unwrap().state, "fail");
        client.cluster_addslots([0, 1, 2]).unwrap();
        client
            .cluster_addslotsrange([(3, 99), (200, 16383)])
            .unwrap();
        client.cluster_delslots([2]).unwrap();
        client.cluster_delslotsrange((3, 5)).unwrap();
        let info = client.cluster_info().unwrap();
        assert_eq!(info.known_nodes, 1);
        assert_eq!(info.slots_assigned, 16384 - 100 - 4);
        assert!(info.rest.contains_key("cluster_stats_messages_sent"));
        let slots = vec![(0, 1), (6, 99), (200, 16383)];
        let nodes = client.cluster_nodes().unwrap();
        let node = &nodes[0];
        assert_eq!((&node.id, &node.slots, &node.primary), (&id, &slots, &None));
        assert!(node.flags.contains(&"myself".into()) && node.connected);
        let shards = client.cluster_shards().unwrap();
        assert_eq!(shards[0].slots, slots);
        assert_eq!(
            (&shards[0].nodes[0].id, &*shards[0].nodes[0].role),
            (&id, "master")
        );
        assert_eq!(shards[0].nodes[0].port, Some(server.port()));
        let ranges = client.cluster_slots().unwrap();
        assert_eq!((ranges.len(), ranges[0].start, ranges[0].end), (3, 0, 1));
        assert_eq!(ranges[0].nodes[0].id.as_ref(), Some(&id));
        assert!(client.cluster_links().unwrap().is_empty());
        assert_eq!(client.cluster_keyslot("foo").unwrap(), 12182);
        assert_eq!(client.cluster_countkeysinslot(12182).unwrap(), 0);
        assert!(
            client
                .cluster_getkeysinslot::<String>(12182, 5)
                .unwrap()
                .is_empty()
        );
        assert_eq!(client.cluster_count_failure_reports(&id).unwrap(), 0);
        assert!(client.cluster_replicas(&id).unwrap().is_empty());
        assert!(client.cluster_slaves(&id).unwrap().is_empty());
        client.cluster_setslot(2, SetSlot::node(&id)).unwrap();
        client.cluster_setslot(2, SetSlot::stable()).unwrap();
        let nobody = "0".repeat(40);
        assert!(
            client
                .cluster_setslot(2, SetSlot::migrating(&nobody))
                .is_err()
        );
        assert!(
            client
                .cluster_setslot(3, SetSlot::importing(&nobody))
                .is_err()
        );
        assert!(client.cluster_forget(&nobody).is_err());
        assert!(client.cluster_replicate(&nobody).is_err());
        assert!(
            client
                .cluster_failover(Some(ClusterFailover::Force))
                .is_err()
        );
        assert!(client.cluster_meet("not an address", 1).is_err());
        assert!(client.cluster_meet_bus("not an address", 1, 2).is_err());
        client.cluster_saveconfig().unwrap();
        if has(version, "CLUSTER MYSHARDID", Some((7, 2)), Some((7, 2))) {
            assert_eq!(client.cluster_myshardid().unwrap().len(), 40);
        }
        if has(version, "CLUSTER SLOT-STATS", Some((8, 2)), Some((8, 0))) {
            let usage = client.cluster_slot_stats(0, 1).unwrap();
            assert_eq!(
                (usage.len(), usage[1].slot, usage[1].metrics["key-count"]),
                (2, 1, 0)
            );
            let order = SlotOrder::by("key-count").desc().limit(1);
            assert_eq!(client.cluster_slot_stats_orderby(order).unwrap().len(), 1);
        }
        if has(version, "migrations of slots", None, Some((9, 0))) {
            assert!(client.cluster_getslotmigrations().unwrap().is_empty());
            let migrations = SlotMigrations::new(&[(0, 1)], &nobody);
            assert!(client.cluster_migrateslots(migrations).is_err());
            let _ = client.cluster_cancelslotmigrations();
            client.cluster_flushslot(0, Some(FlushMode::Sync)).unwrap();
            client.cluster_replicate_no_one().unwrap();
        }
        client.cluster_flushslots().unwrap();
        client.cluster_reset(None).unwrap();
    });
}

#[test]
fn the_keys_of_a_slot_are_counted_listed_and_scanned() {
    let server = server_with(|builder| builder.config("cluster-enabled", "yes"));
    let node = Client::open(&server.url()).unwrap();
    node.cluster_addslotsrange((0, 16383)).unwrap();
    eventually("the cluster is up", || {
        node.cluster_info().unwrap().state == "ok"
    });
    on_each_way_to(&server, |client, version| {
        client.set("foo", 1).unwrap();
        assert_eq!(client.cluster_countkeysinslot(12182).unwrap(), 1);
        assert_eq!(
            client.cluster_getkeysinslot::<String>(12182, 5).unwrap(),
            ["foo"]
        );
        // It holds so little that some servers count less than nothing for its data.
        assert_eq!(client.memory_stats().unwrap().keys_count, 1);
        if has(version, "CLUSTERSCAN", None, Some((9, 1))) {
            let (mut found, mut cursor) = (Vec::new(), String::from("0"));
            loop {
                let page = client.clusterscan::<String>(&cursor, Some(12182), ScanOptions::new());
                let page = page.unwrap();
                found.extend(page.items);
                cursor = page.cursor;
                if cursor == "0" {
                    break;
                }
            }
            assert_eq!(found, ["foo"]);
        }
    });
}
