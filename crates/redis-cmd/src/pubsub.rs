//! Publishing: <https://redis.io/docs/latest/commands/?group=pubsub>.

use resp_proto::FromReplyOwned;

use crate::{Execute, ToArg, ToArgs, cmd};

/// Commands that publish messages, and tell who listens. Subscribing changes a connection for good, so it
/// is no command of a shared client.
pub trait PubSubCommands: Execute {
    /// Sends a message to whoever listens to `channel`. Returns how many it reached, in a cluster on this node only.
    ///
    /// Complexity: O(N+M).
    #[doc(alias = "PUBLISH")]
    fn publish(self, channel: impl ToArg, message: impl ToArg) -> Self::Output<u64> {
        self.execute(cmd("PUBLISH").arg(&channel).arg(&message))
    }

    /// The channels that somebody listens to by name.
    ///
    /// Complexity: O(N).
    #[doc(alias = "PUBSUB CHANNELS")]
    fn pubsub_channels<T: FromReplyOwned>(self) -> Self::Output<Vec<T>> {
        self.execute(cmd("PUBSUB CHANNELS").read_only())
    }

    /// The channels that somebody listens to by name, and that match a glob-style pattern.
    ///
    /// Complexity: O(N).
    #[doc(alias = "PUBSUB CHANNELS")]
    fn pubsub_channels_matching<T: FromReplyOwned>(
        self,
        pattern: impl ToArg,
    ) -> Self::Output<Vec<T>> {
        self.execute(cmd("PUBSUB CHANNELS").read_only().arg(&pattern))
    }

    /// How many patterns are listened to.
    ///
    /// Complexity: O(1).
    #[doc(alias = "PUBSUB NUMPAT")]
    fn pubsub_numpat(self) -> Self::Output<u64> {
        self.execute(cmd("PUBSUB NUMPAT").read_only())
    }

    /// How many listen to each of `channels` by name.
    ///
    /// Complexity: O(N).
    #[doc(alias = "PUBSUB NUMSUB")]
    fn pubsub_numsub<T: FromReplyOwned>(
        self,
        channels: impl ToArgs,
    ) -> Self::Output<Vec<(T, u64)>> {
        self.execute(cmd("PUBSUB NUMSUB").read_only().args(&channels))
    }

    /// The shard channels that somebody listens to.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "PUBSUB SHARDCHANNELS")]
    fn pubsub_shardchannels<T: FromReplyOwned>(self) -> Self::Output<Vec<T>> {
        self.execute(cmd("PUBSUB SHARDCHANNELS").read_only())
    }

    /// The shard channels that somebody listens to, and that match a glob-style pattern.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "PUBSUB SHARDCHANNELS")]
    fn pubsub_shardchannels_matching<T: FromReplyOwned>(
        self,
        pattern: impl ToArg,
    ) -> Self::Output<Vec<T>> {
        self.execute(cmd("PUBSUB SHARDCHANNELS").read_only().arg(&pattern))
    }

    /// How many listen to each of the shard channels.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "PUBSUB SHARDNUMSUB")]
    fn pubsub_shardnumsub<T: FromReplyOwned>(
        self,
        channels: impl ToArgs,
    ) -> Self::Output<Vec<(T, u64)>> {
        self.execute(cmd("PUBSUB SHARDNUMSUB").read_only().args(&channels))
    }

    /// Sends a message to whoever listens to a shard channel. Returns how many it reached.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "SPUBLISH")]
    fn spublish(self, channel: impl ToArg, message: impl ToArg) -> Self::Output<u64> {
        self.execute(cmd("SPUBLISH").key(&channel).arg(&message))
    }
}
