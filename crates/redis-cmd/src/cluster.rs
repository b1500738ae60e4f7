//! The cluster: <https://redis.io/docs/latest/commands/?group=cluster>.

use resp_proto::FromReplyOwned;

use crate::{
    ClusterFailover, ClusterInfo, ClusterLink, ClusterNode, Execute, FlushMode, MigrationTasks,
    ResetMode, ScanOptions, ScanPage, SetSlot, Shard, SlotMigration, SlotMigrations, SlotOrder,
    SlotRange, SlotUsage, ToArg, ToArgs, cmd, kept::Kept,
};

/// Commands on the cluster that the server is a node of. Those that say something about a node say it about
/// the one that this happens to run on.
pub trait ClusterCommands: Execute {
    /// Makes the node serve slots that nobody serves.
    ///
    /// Since Redis 3.0. Complexity: O(N).
    #[doc(alias = "CLUSTER ADDSLOTS")]
    fn cluster_addslots(self, slots: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("CLUSTER ADDSLOTS").several(&slots))
    }

    /// Makes the node serve ranges of slots, given by their first and last one, that nobody serves.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "CLUSTER ADDSLOTSRANGE")]
    fn cluster_addslotsrange(self, ranges: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("CLUSTER ADDSLOTSRANGE").pairs(&ranges))
    }

    /// Gives the node an epoch of its own. Returns what the server says to it.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER BUMPEPOCH")]
    fn cluster_bumpepoch(self) -> Self::Output<String> {
        self.execute(cmd("CLUSTER BUMPEPOCH"))
    }

    /// Calls off all migrations of slots from the node.
    ///
    /// Valkey only, since 9.0. Complexity: O(N).
    #[doc(alias = "CLUSTER CANCELSLOTMIGRATIONS")]
    fn cluster_cancelslotmigrations(self) -> Self::Output<()> {
        self.execute(cmd("CLUSTER CANCELSLOTMIGRATIONS"))
    }

    /// How many nodes say that a node has failed.
    ///
    /// Since Redis 3.0. Complexity: O(N).
    #[doc(alias = "CLUSTER COUNT-FAILURE-REPORTS")]
    fn cluster_count_failure_reports(self, node: impl ToArg) -> Self::Output<u64> {
        self.execute(cmd("CLUSTER COUNT-FAILURE-REPORTS").read_only().arg(&node))
    }

    /// How many keys the node has in a slot.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER COUNTKEYSINSLOT")]
    fn cluster_countkeysinslot(self, slot: u16) -> Self::Output<usize> {
        self.execute(
            cmd("CLUSTER COUNTKEYSINSLOT")
                .read_only()
                .unsigned(slot.into()),
        )
    }

    /// Makes the node think that nobody serves some slots.
    ///
    /// Since Redis 3.0. Complexity: O(N).
    #[doc(alias = "CLUSTER DELSLOTS")]
    fn cluster_delslots(self, slots: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("CLUSTER DELSLOTS").several(&slots))
    }

    /// Makes the node think that nobody serves ranges of slots, given by their first and last one.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "CLUSTER DELSLOTSRANGE")]
    fn cluster_delslotsrange(self, ranges: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("CLUSTER DELSLOTSRANGE").pairs(&ranges))
    }

    /// Makes a replica take the place of its primary, by default with its consent.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER FAILOVER")]
    fn cluster_failover(self, how: Option<ClusterFailover>) -> Self::Output<()> {
        self.execute(cmd("CLUSTER FAILOVER").with(&how))
    }

    /// Deletes all keys of a slot.
    ///
    /// Valkey only, since 9.0. Complexity: O(N).
    #[doc(alias = "CLUSTER FLUSHSLOT")]
    fn cluster_flushslot(self, slot: u16, mode: Option<FlushMode>) -> Self::Output<()> {
        self.execute(cmd("CLUSTER FLUSHSLOT").unsigned(slot.into()).with(&mode))
    }

    /// Makes the node serve no slot.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER FLUSHSLOTS")]
    fn cluster_flushslots(self) -> Self::Output<()> {
        self.execute(cmd("CLUSTER FLUSHSLOTS"))
    }

    /// Makes the node forget another.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER FORGET")]
    fn cluster_forget(self, node: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("CLUSTER FORGET").arg(&node))
    }

    /// Up to `count` keys that the node has in a slot.
    ///
    /// Since Redis 3.0. Complexity: O(N).
    #[doc(alias = "CLUSTER GETKEYSINSLOT")]
    fn cluster_getkeysinslot<T: FromReplyOwned>(
        self,
        slot: u16,
        count: u64,
    ) -> Self::Output<Vec<T>> {
        self.execute(
            cmd("CLUSTER GETKEYSINSLOT")
                .read_only()
                .unsigned(slot.into())
                .unsigned(count),
        )
    }

    /// The migrations of slots that the node knows of.
    ///
    /// Valkey only, since 9.0. Complexity: O(N).
    #[doc(alias = "CLUSTER GETSLOTMIGRATIONS")]
    fn cluster_getslotmigrations(self) -> Self::Output<Vec<SlotMigration>> {
        self.execute(cmd("CLUSTER GETSLOTMIGRATIONS").read_only())
    }

    /// How the cluster is.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER INFO")]
    fn cluster_info(self) -> Self::Output<ClusterInfo> {
        self.execute(cmd("CLUSTER INFO").read_only())
    }

    /// The slot of a key.
    ///
    /// Since Redis 3.0. Complexity: O(N).
    #[doc(alias = "CLUSTER KEYSLOT")]
    fn cluster_keyslot(self, key: impl ToArg) -> Self::Output<u16> {
        self.execute(cmd("CLUSTER KEYSLOT").read_only().arg(&key))
    }

    /// The connections of the node to others.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "CLUSTER LINKS")]
    fn cluster_links(self) -> Self::Output<Vec<ClusterLink>> {
        self.execute(cmd("CLUSTER LINKS").read_only())
    }

    /// Makes the node one of the cluster that another is in.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER MEET")]
    fn cluster_meet(self, host: impl ToArg, port: u16) -> Self::Output<()> {
        self.execute(cmd("CLUSTER MEET").arg(&host).unsigned(port.into()))
    }

    /// Makes the node one of the cluster that another is in, whose bus has a port of its own.
    ///
    /// Since Redis 4.0. Complexity: O(1).
    #[doc(alias = "CLUSTER MEET")]
    fn cluster_meet_bus(self, host: impl ToArg, port: u16, bus_port: u16) -> Self::Output<()> {
        self.execute(
            cmd("CLUSTER MEET")
                .arg(&host)
                .unsigned(port.into())
                .unsigned(bus_port.into()),
        )
    }

    /// Moves slots with their keys to other nodes, in the background.
    ///
    /// Valkey only, since 9.0. Complexity: O(N).
    #[doc(alias = "CLUSTER MIGRATESLOTS")]
    fn cluster_migrateslots(self, migrations: SlotMigrations) -> Self::Output<()> {
        self.execute(cmd("CLUSTER MIGRATESLOTS").with(&migrations))
    }

    /// Stops migrations of slots that this node imports or exports. Returns their number.
    ///
    /// Redis only, since 8.4. Complexity: O(N).
    #[doc(alias = "CLUSTER MIGRATION")]
    #[doc(alias = "CLUSTER MIGRATION CANCEL")]
    fn cluster_migration_cancel(self, tasks: MigrationTasks) -> Self::Output<usize> {
        self.execute(cmd("CLUSTER MIGRATION").word("CANCEL").with(&tasks))
    }

    /// Moves ranges of slots, given by their first and last one, with their keys to this node, in the background.
    /// Returns the id of the migration.
    ///
    /// Redis only, since 8.4. Complexity: O(N).
    #[doc(alias = "CLUSTER MIGRATION")]
    #[doc(alias = "CLUSTER MIGRATION IMPORT")]
    fn cluster_migration_import(self, ranges: impl ToArgs) -> Self::Output<String> {
        self.execute(cmd("CLUSTER MIGRATION").word("IMPORT").pairs(&ranges))
    }

    /// How migrations of slots go, or how they went; empty when there is none.
    ///
    /// Redis only, since 8.4. Complexity: O(N).
    #[doc(alias = "CLUSTER MIGRATION")]
    #[doc(alias = "CLUSTER MIGRATION STATUS")]
    fn cluster_migration_status(self, tasks: MigrationTasks) -> Self::Output<Vec<SlotMigration>> {
        self.execute(
            cmd("CLUSTER MIGRATION")
                .read_only()
                .word("STATUS")
                .with(&tasks),
        )
    }

    /// The id of the node.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER MYID")]
    fn cluster_myid(self) -> Self::Output<String> {
        self.execute(cmd("CLUSTER MYID").read_only())
    }

    /// The id of the shard that the node is in.
    ///
    /// Since Redis 7.2. Complexity: O(1).
    #[doc(alias = "CLUSTER MYSHARDID")]
    fn cluster_myshardid(self) -> Self::Output<String> {
        self.execute(cmd("CLUSTER MYSHARDID").read_only())
    }

    /// All nodes.
    ///
    /// Since Redis 3.0. Complexity: O(N).
    #[doc(alias = "CLUSTER NODES")]
    fn cluster_nodes(self) -> Self::Output<Vec<ClusterNode>> {
        self.execute(cmd("CLUSTER NODES").read_only())
    }

    /// The replicas of a node; an error when it is no primary.
    ///
    /// Since Redis 5.0. Complexity: O(N).
    #[doc(alias = "CLUSTER REPLICAS")]
    fn cluster_replicas(self, node: impl ToArg) -> Self::Output<Vec<ClusterNode>> {
        self.execute(cmd("CLUSTER REPLICAS").read_only().arg(&node))
    }

    /// Makes the node a replica of another.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER REPLICATE")]
    fn cluster_replicate(self, node: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("CLUSTER REPLICATE").arg(&node))
    }

    /// Makes the node a primary without slots.
    ///
    /// Valkey only, since 9.0. Complexity: O(1).
    #[doc(alias = "CLUSTER REPLICATE")]
    #[doc(alias = "CLUSTER REPLICATE NO ONE")]
    fn cluster_replicate_no_one(self) -> Self::Output<()> {
        self.execute(cmd("CLUSTER REPLICATE").word("NO").word("ONE"))
    }

    /// Makes the node leave the cluster, by default softly.
    ///
    /// Since Redis 3.0. Complexity: O(N).
    #[doc(alias = "CLUSTER RESET")]
    fn cluster_reset(self, mode: Option<ResetMode>) -> Self::Output<()> {
        self.execute(cmd("CLUSTER RESET").with(&mode))
    }

    /// Writes what the node knows of the cluster to its disk.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER SAVECONFIG")]
    fn cluster_saveconfig(self) -> Self::Output<()> {
        self.execute(cmd("CLUSTER SAVECONFIG"))
    }

    /// Sets the epoch of a node that is new.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER SET-CONFIG-EPOCH")]
    fn cluster_set_config_epoch(self, epoch: u64) -> Self::Output<()> {
        self.execute(cmd("CLUSTER SET-CONFIG-EPOCH").unsigned(epoch))
    }

    /// Says who serves a slot, or that it is moving. Since Valkey 8.0, a primary answers when its replicas know it or
    /// when its [time](SetSlot::timeout) is up, so the command runs on a connection that nobody else waits for.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLUSTER SETSLOT")]
    fn cluster_setslot(self, slot: u16, state: SetSlot) -> Self::Output<()> {
        self.execute(cmd("CLUSTER SETSLOT").unsigned(slot.into()).with(&state))
    }

    /// The shards, with their slots and nodes.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "CLUSTER SHARDS")]
    fn cluster_shards(self) -> Self::Output<Vec<Shard>> {
        self.execute(cmd("CLUSTER SHARDS").read_only())
    }

    /// The old name of [`cluster_replicas`](ClusterCommands::cluster_replicas), deprecated since Redis 5.0.
    ///
    /// Since Redis 3.0. Complexity: O(N).
    #[doc(alias = "CLUSTER SLAVES")]
    fn cluster_slaves(self, node: impl ToArg) -> Self::Output<Vec<ClusterNode>> {
        self.execute(cmd("CLUSTER SLAVES").read_only().arg(&node))
    }

    /// How much slots of a range are used.
    ///
    /// Since Valkey 8.0 and Redis 8.2. Complexity: O(N).
    #[doc(alias = "CLUSTER SLOT-STATS")]
    fn cluster_slot_stats(self, first: u16, last: u16) -> Self::Output<Vec<SlotUsage>> {
        self.execute(
            cmd("CLUSTER SLOT-STATS")
                .read_only()
                .word("SLOTSRANGE")
                .unsigned(first.into())
                .unsigned(last.into()),
        )
    }

    /// How much slots are used, in the order of a metric.
    ///
    /// Since Valkey 8.0 and Redis 8.2. Complexity: O(N).
    #[doc(alias = "CLUSTER SLOT-STATS")]
    #[doc(alias = "CLUSTER SLOT-STATS ORDERBY")]
    fn cluster_slot_stats_orderby(self, order: SlotOrder) -> Self::Output<Vec<SlotUsage>> {
        self.execute(
            cmd("CLUSTER SLOT-STATS")
                .read_only()
                .word("ORDERBY")
                .with(&order),
        )
    }

    /// Who serves which slots. Deprecated since Redis 7.0 in favour of
    /// [`cluster_shards`](ClusterCommands::cluster_shards).
    ///
    /// Since Redis 3.0. Complexity: O(N).
    #[doc(alias = "CLUSTER SLOTS")]
    fn cluster_slots(self) -> Self::Output<Vec<SlotRange>> {
        self.execute(cmd("CLUSTER SLOTS").read_only())
    }

    /// Some of the keys of the cluster, or of one `slot` of it, and the cursor for the next ones; start with cursor
    /// `0`, and be done when `0` comes back.
    ///
    /// Valkey only, since 9.1. Complexity: O(N).
    #[doc(alias = "CLUSTERSCAN")]
    fn clusterscan<T: FromReplyOwned>(
        self,
        cursor: impl ToArg,
        slot: Option<u16>,
        options: ScanOptions,
    ) -> Self::Output<ScanPage<T, String>> {
        let slot = slot.map(|slot| Kept::of(&("SLOT", slot)));
        self.execute(
            cmd("CLUSTERSCAN")
                .read_only()
                .arg(&cursor)
                .with(&options)
                .with(&slot),
        )
    }
}
