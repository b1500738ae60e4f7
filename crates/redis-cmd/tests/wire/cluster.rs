//! What commands on the cluster put on the wire.

use std::time::Duration;

use redis_cmd::{
    ClusterCommands, ClusterFailover, FlushMode, MigrationTasks, ResetMode, ScanOptions, SetSlot,
    SlotMigrations, SlotOrder, Waits,
};

use crate::spy::{Sent, Spy, reads, waits, writes};

pub(crate) fn rows() -> Vec<Sent> {
    let two_seconds = Waits::For(Duration::from_secs(2));
    vec![
        writes(Spy.cluster_addslots([1, 2]), "CLUSTER ADDSLOTS 1 2"),
        writes(
            Spy.cluster_addslotsrange([(1, 2), (5, 9)]),
            "CLUSTER ADDSLOTSRANGE 1 2 5 9",
        ),
        writes(Spy.cluster_bumpepoch(), "CLUSTER BUMPEPOCH"),
        writes(
            Spy.cluster_cancelslotmigrations(),
            "CLUSTER CANCELSLOTMIGRATIONS",
        ),
        reads(
            Spy.cluster_count_failure_reports("n"),
            "CLUSTER COUNT-FAILURE-REPORTS n",
        ),
        reads(Spy.cluster_countkeysinslot(5), "CLUSTER COUNTKEYSINSLOT 5"),
        writes(Spy.cluster_delslots([1, 2]), "CLUSTER DELSLOTS 1 2"),
        writes(
            Spy.cluster_delslotsrange((1, 2)),
            "CLUSTER DELSLOTSRANGE 1 2",
        ),
        writes(Spy.cluster_failover(None), "CLUSTER FAILOVER"),
        writes(
            Spy.cluster_failover(Some(ClusterFailover::Force)),
            "CLUSTER FAILOVER FORCE",
        ),
        writes(
            Spy.cluster_failover(Some(ClusterFailover::Takeover)),
            "CLUSTER FAILOVER TAKEOVER",
        ),
        writes(
            Spy.cluster_flushslot(5, Some(FlushMode::Async)),
            "CLUSTER FLUSHSLOT 5 ASYNC",
        ),
        writes(
            Spy.cluster_flushslot(5, Some(FlushMode::Sync)),
            "CLUSTER FLUSHSLOT 5 SYNC",
        ),
        writes(Spy.cluster_flushslots(), "CLUSTER FLUSHSLOTS"),
        writes(Spy.cluster_forget("n"), "CLUSTER FORGET n"),
        reads(
            Spy.cluster_getkeysinslot::<String>(5, 10),
            "CLUSTER GETKEYSINSLOT 5 10",
        ),
        reads(Spy.cluster_getslotmigrations(), "CLUSTER GETSLOTMIGRATIONS"),
        reads(Spy.cluster_info(), "CLUSTER INFO"),
        reads(Spy.cluster_keyslot("k"), "CLUSTER KEYSLOT k"),
        reads(Spy.cluster_links(), "CLUSTER LINKS"),
        writes(Spy.cluster_meet("h", 1), "CLUSTER MEET h 1"),
        writes(Spy.cluster_meet_bus("h", 1, 2), "CLUSTER MEET h 1 2"),
        writes(
            Spy.cluster_migrateslots(
                SlotMigrations::new(&[(1, 2), (5, 9)], "n").and(&[(3, 3)], "m"),
            ),
            "CLUSTER MIGRATESLOTS SLOTSRANGE 1 2 5 9 NODE n SLOTSRANGE 3 3 NODE m",
        ),
        writes(
            Spy.cluster_migration_cancel(MigrationTasks::id("t")),
            "CLUSTER MIGRATION CANCEL ID t",
        ),
        writes(
            Spy.cluster_migration_import([(1, 2), (5, 9)]),
            "CLUSTER MIGRATION IMPORT 1 2 5 9",
        ),
        reads(
            Spy.cluster_migration_status(MigrationTasks::all()),
            "CLUSTER MIGRATION STATUS ALL",
        ),
        reads(Spy.cluster_myid(), "CLUSTER MYID"),
        reads(Spy.cluster_myshardid(), "CLUSTER MYSHARDID"),
        reads(Spy.cluster_nodes(), "CLUSTER NODES"),
        reads(Spy.cluster_replicas("n"), "CLUSTER REPLICAS n"),
        writes(Spy.cluster_replicate("n"), "CLUSTER REPLICATE n"),
        writes(Spy.cluster_replicate_no_one(), "CLUSTER REPLICATE NO ONE"),
        writes(Spy.cluster_reset(None), "CLUSTER RESET"),
        writes(
            Spy.cluster_reset(Some(ResetMode::Hard)),
            "CLUSTER RESET HARD",
        ),
        writes(
            Spy.cluster_reset(Some(ResetMode::Soft)),
            "CLUSTER RESET SOFT",
        ),
        writes(Spy.cluster_saveconfig(), "CLUSTER SAVECONFIG"),
        writes(
            Spy.cluster_set_config_epoch(5),
            "CLUSTER SET-CONFIG-EPOCH 5",
        ),
        waits(
            Spy.cluster_setslot(5, SetSlot::importing("n")),
            two_seconds,
            "CLUSTER SETSLOT 5 IMPORTING n",
        ),
        waits(
            Spy.cluster_setslot(5, SetSlot::migrating("n")),
            two_seconds,
            "CLUSTER SETSLOT 5 MIGRATING n",
        ),
        waits(
            Spy.cluster_setslot(5, SetSlot::node("n").timeout(Duration::from_millis(9))),
            Waits::For(Duration::from_millis(9)),
            "CLUSTER SETSLOT 5 NODE n TIMEOUT 9",
        ),
        waits(
            Spy.cluster_setslot(5, SetSlot::stable()),
            two_seconds,
            "CLUSTER SETSLOT 5 STABLE",
        ),
        waits(
            Spy.cluster_setslot(5, SetSlot::stable().timeout(0)),
            Waits::Forever,
            "CLUSTER SETSLOT 5 STABLE TIMEOUT 0",
        ),
        reads(Spy.cluster_shards(), "CLUSTER SHARDS"),
        reads(Spy.cluster_slaves("n"), "CLUSTER SLAVES n"),
        reads(
            Spy.cluster_slot_stats(1, 2),
            "CLUSTER SLOT-STATS SLOTSRANGE 1 2",
        ),
        reads(
            Spy.cluster_slot_stats_orderby(SlotOrder::by("key-count").asc().desc().limit(5)),
            "CLUSTER SLOT-STATS ORDERBY key-count LIMIT 5 DESC",
        ),
        reads(
            Spy.cluster_slot_stats_orderby(SlotOrder::by("key-count").asc()),
            "CLUSTER SLOT-STATS ORDERBY key-count ASC",
        ),
        reads(Spy.cluster_slots(), "CLUSTER SLOTS"),
        reads(
            Spy.clusterscan::<String>(
                "0",
                Some(5),
                ScanOptions::new().key_type("set").count(9).pattern("a*"),
            ),
            "CLUSTERSCAN 0 MATCH a* COUNT 9 TYPE set SLOT 5",
        ),
    ]
}
