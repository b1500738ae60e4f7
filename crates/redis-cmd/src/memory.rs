//! Where memory goes: <https://redis.io/docs/latest/commands/?group=server>.

use std::collections::BTreeMap;

use resp_proto::{DecodeError, FromReply, Reply, Value};

use crate::{Execute, ToArg, cmd, named::Named};

/// Commands on where memory goes.
pub trait MemoryCommands: Execute {
    /// What the server thinks of its use of memory.
    ///
    /// Since Redis 4.0. Complexity: O(1).
    #[doc(alias = "MEMORY DOCTOR")]
    fn memory_doctor(self) -> Self::Output<String> {
        self.execute(cmd("MEMORY DOCTOR").read_only())
    }

    /// What the allocator says.
    ///
    /// Since Redis 4.0.
    #[doc(alias = "MEMORY MALLOC-STATS")]
    fn memory_malloc_stats(self) -> Self::Output<String> {
        self.execute(cmd("MEMORY MALLOC-STATS").read_only())
    }

    /// Gives memory back that is not needed.
    ///
    /// Since Redis 4.0.
    #[doc(alias = "MEMORY PURGE")]
    fn memory_purge(self) -> Self::Output<()> {
        self.execute(cmd("MEMORY PURGE"))
    }

    /// Where memory goes.
    ///
    /// Since Redis 4.0. Complexity: O(1).
    #[doc(alias = "MEMORY STATS")]
    fn memory_stats(self) -> Self::Output<MemoryStats> {
        self.execute(cmd("MEMORY STATS").read_only())
    }

    /// How many bytes `key` and its value take; `None` when there is no such key.
    ///
    /// Since Redis 4.0. Complexity: O(N).
    #[doc(alias = "MEMORY USAGE")]
    fn memory_usage(self, key: impl ToArg) -> Self::Output<Option<u64>> {
        self.execute(cmd("MEMORY USAGE").read_only().key(&key))
    }

    /// How many bytes `key` and its value take, from so many samples of nested values, 0 being all; `None` when
    /// there is no such key.
    ///
    /// Since Redis 4.0. Complexity: O(N).
    #[doc(alias = "MEMORY USAGE")]
    #[doc(alias = "MEMORY USAGE SAMPLES")]
    fn memory_usage_samples(self, key: impl ToArg, count: u64) -> Self::Output<Option<u64>> {
        self.execute(
            cmd("MEMORY USAGE")
                .read_only()
                .key(&key)
                .word("SAMPLES")
                .unsigned(count),
        )
    }
}

/// Where memory goes, in bytes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MemoryStats {
    /// The most that ever was in use.
    pub peak_allocated: u64,
    /// What is in use.
    pub total_allocated: u64,
    /// What was in use at the start.
    pub startup_allocated: u64,
    /// What is kept for replicas.
    pub replication_backlog: u64,
    /// What connections take.
    pub clients_normal: u64,
    /// What waits to be written to the append-only file.
    pub aof_buffer: u64,
    /// All that is not data.
    pub overhead_total: u64,
    /// How many keys there are.
    pub keys_count: u64,
    /// What a key takes on average; below 0 like [`dataset_bytes`](Self::dataset_bytes).
    pub keys_bytes_per_key: i64,
    /// What data take. Below 0 where the server has counted more overhead than there is in use, as some do when they
    /// hold little.
    pub dataset_bytes: i64,
    /// How much of all that is, in percent.
    pub dataset_percentage: f64,
    /// What is in use now, in percent of the most.
    pub peak_percentage: f64,
    /// How much more is taken from the system than is in use.
    pub fragmentation: f64,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for MemoryStats {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            peak_allocated: fields.take("peak.allocated")?,
            total_allocated: fields.take("total.allocated")?,
            startup_allocated: fields.take("startup.allocated")?,
            replication_backlog: fields.take("replication.backlog")?,
            clients_normal: fields.take("clients.normal")?,
            aof_buffer: fields.take("aof.buffer")?,
            overhead_total: fields.take("overhead.total")?,
            keys_count: fields.take("keys.count")?,
            keys_bytes_per_key: fields.take("keys.bytes-per-key")?,
            dataset_bytes: fields.take("dataset.bytes")?,
            dataset_percentage: fields.take("dataset.percentage")?,
            peak_percentage: fields.take("peak.percentage")?,
            fragmentation: fields.take("fragmentation")?,
            rest: fields.rest()?,
        })
    }
}
