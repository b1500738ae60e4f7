//! Settings of the server: <https://redis.io/docs/latest/commands/?group=server>.

use std::collections::BTreeMap;

use crate::{Execute, Lossy, ToArgs, cmd};

/// Commands on the settings of the server.
pub trait ConfigCommands: Execute {
    /// The settings whose names match the glob-style `patterns`. Several patterns since Redis 7.0.
    ///
    /// Complexity: O(N).
    #[doc(alias = "CONFIG GET")]
    fn config_get(self, patterns: impl ToArgs) -> Self::Output<BTreeMap<String, Lossy>> {
        self.execute(cmd("CONFIG GET").read_only().several(&patterns))
    }

    /// Starts the statistics that `INFO` tells anew.
    ///
    /// Complexity: O(1).
    #[doc(alias = "CONFIG RESETSTAT")]
    fn config_resetstat(self) -> Self::Output<()> {
        self.execute(cmd("CONFIG RESETSTAT"))
    }

    /// Writes the settings into the configuration file. Fails when the server was started without one.
    ///
    /// Complexity: O(1).
    #[doc(alias = "CONFIG REWRITE")]
    fn config_rewrite(self) -> Self::Output<()> {
        self.execute(cmd("CONFIG REWRITE"))
    }

    /// Changes settings until the server is restarted. Several at once since Redis 7.0.
    ///
    /// Complexity: O(N).
    #[doc(alias = "CONFIG SET")]
    fn config_set(self, names_and_values: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("CONFIG SET").pairs(&names_and_values))
    }
}
