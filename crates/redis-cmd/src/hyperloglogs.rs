//! HyperLogLogs: <https://redis.io/docs/latest/commands/?group=hyperloglog>.

use crate::{Execute, ToArg, ToArgs, cmd};

/// Commands on HyperLogLogs, which count different elements with a small error and in little memory.
pub trait HyperLogLogCommands: Execute {
    /// Adds `elements`, which may be none. Returns whether the count has changed.
    ///
    /// Complexity: O(1).
    #[doc(alias = "PFADD")]
    fn pfadd(self, key: impl ToArg, elements: impl ToArgs) -> Self::Output<bool> {
        self.execute(cmd("PFADD").key(&key).args(&elements))
    }

    /// About how many different elements were added to all of `keys` together.
    ///
    /// Complexity: O(1).
    #[doc(alias = "PFCOUNT")]
    fn pfcount(self, keys: impl ToArgs) -> Self::Output<u64> {
        self.execute(cmd("PFCOUNT").read_only().several_keys(&keys))
    }

    /// Merges what was added to `sources`, which may be none, into `destination`, which is there then.
    ///
    /// Complexity: O(N).
    #[doc(alias = "PFMERGE")]
    fn pfmerge(self, destination: impl ToArg, sources: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("PFMERGE").key(&destination).keys_or_none(&sources))
    }
}
