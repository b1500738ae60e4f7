//! The server as a whole: <https://redis.io/docs/latest/commands/?group=server>.

use crate::{
    Execute, FlushMode, Info, ShutdownOptions, ToArgs, UnixMicroseconds, UnixSeconds, cmd,
};

/// Commands on the server as a whole.
pub trait ServerCommands: Execute {
    /// Rewrites the append-only file in the background. Returns what the server says to it.
    ///
    /// Complexity: O(1).
    #[doc(alias = "BGREWRITEAOF")]
    fn bgrewriteaof(self) -> Self::Output<String> {
        self.execute(cmd("BGREWRITEAOF"))
    }

    /// Saves the data set in the background. Returns what the server says to it.
    ///
    /// Complexity: O(1).
    #[doc(alias = "BGSAVE")]
    fn bgsave(self) -> Self::Output<String> {
        self.execute(cmd("BGSAVE"))
    }

    /// Saves the data set in the background, later if something else is being saved. Returns what the server says to
    /// it.
    ///
    /// Since Redis 3.2.2. Complexity: O(1).
    #[doc(alias = "BGSAVE")]
    #[doc(alias = "BGSAVE SCHEDULE")]
    fn bgsave_schedule(self) -> Self::Output<String> {
        self.execute(cmd("BGSAVE").word("SCHEDULE"))
    }

    /// Ends a background save, or one that is scheduled. Returns what the server says to it.
    ///
    /// Valkey only, since 8.1. Complexity: O(1).
    #[doc(alias = "BGSAVE")]
    #[doc(alias = "BGSAVE CANCEL")]
    fn bgsave_cancel(self) -> Self::Output<String> {
        self.execute(cmd("BGSAVE").word("CANCEL"))
    }

    /// How many keys the database has.
    ///
    /// Complexity: O(1).
    #[doc(alias = "DBSIZE")]
    fn dbsize(self) -> Self::Output<usize> {
        self.execute(cmd("DBSIZE").read_only())
    }

    /// Deletes all keys of all databases.
    ///
    /// Complexity: O(N).
    #[doc(alias = "FLUSHALL")]
    fn flushall(self) -> Self::Output<()> {
        self.execute(cmd("FLUSHALL"))
    }

    /// Deletes all keys of all databases, now or in the background.
    ///
    /// Complexity: O(N).
    #[doc(alias = "FLUSHALL")]
    #[doc(alias = "FLUSHALL ASYNC")]
    fn flushall_with(self, mode: FlushMode) -> Self::Output<()> {
        self.execute(cmd("FLUSHALL").with(&mode))
    }

    /// Deletes all keys of the database.
    ///
    /// Complexity: O(N).
    #[doc(alias = "FLUSHDB")]
    fn flushdb(self) -> Self::Output<()> {
        self.execute(cmd("FLUSHDB"))
    }

    /// Deletes all keys of the database, now or in the background.
    ///
    /// Complexity: O(N).
    #[doc(alias = "FLUSHDB")]
    #[doc(alias = "FLUSHDB ASYNC")]
    fn flushdb_with(self, mode: FlushMode) -> Self::Output<()> {
        self.execute(cmd("FLUSHDB").with(&mode))
    }

    /// What the server says about itself; `sections` choose some, and none of them the usual ones. Several sections
    /// since Redis 7.0.
    ///
    /// Complexity: O(1).
    #[doc(alias = "INFO")]
    fn info(self, sections: impl ToArgs) -> Self::Output<Info> {
        self.execute(cmd("INFO").read_only().args(&sections))
    }

    /// When the data set was last saved.
    ///
    /// Complexity: O(1).
    #[doc(alias = "LASTSAVE")]
    fn lastsave(self) -> Self::Output<UnixSeconds> {
        self.execute(cmd("LASTSAVE").read_only())
    }

    /// A picture in text, and the version of the server.
    ///
    /// Since Redis 5.0.
    #[doc(alias = "LOLWUT")]
    fn lolwut(self) -> Self::Output<String> {
        self.execute(cmd("LOLWUT").read_only())
    }

    /// The picture of an earlier version, which takes arguments of its own.
    ///
    /// Since Redis 5.0.
    #[doc(alias = "LOLWUT")]
    #[doc(alias = "LOLWUT VERSION")]
    fn lolwut_version(self, version: u64, args: impl ToArgs) -> Self::Output<String> {
        self.execute(
            cmd("LOLWUT")
                .read_only()
                .word("VERSION")
                .unsigned(version)
                .args(&args),
        )
    }

    /// Saves the data set, and keeps everybody waiting meanwhile.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SAVE")]
    fn save(self) -> Self::Output<()> {
        self.execute(cmd("SAVE"))
    }

    /// Ends the server. There is no reply when it does: the connection is closed, and that is the error.
    ///
    /// Since Redis 7.0, it waits for replicas that are behind, unless it is to [hurry](ShutdownOptions::now): ten
    /// seconds, for which the command has a connection of its own. Where `shutdown-timeout` of the server is more than
    /// that, `cmd("SHUTDOWN").waits(…)` says so.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SHUTDOWN")]
    fn shutdown(self, options: ShutdownOptions) -> Self::Output<()> {
        self.execute(cmd("SHUTDOWN").with(&options))
    }

    /// Calls off a shutdown that is waiting for replicas. Fails when there is none.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "SHUTDOWN")]
    #[doc(alias = "SHUTDOWN ABORT")]
    fn shutdown_abort(self) -> Self::Output<()> {
        self.execute(cmd("SHUTDOWN").word("ABORT"))
    }

    /// Makes two databases change places.
    ///
    /// Since Redis 4.0. Complexity: O(N).
    #[doc(alias = "SWAPDB")]
    fn swapdb(self, one: u32, other: u32) -> Self::Output<()> {
        self.execute(cmd("SWAPDB").unsigned(one.into()).unsigned(other.into()))
    }

    /// The server's clock, which becomes a `SystemTime`.
    ///
    /// Complexity: O(1).
    #[doc(alias = "TIME")]
    fn time(self) -> Self::Output<UnixMicroseconds> {
        self.execute(cmd("TIME").read_only())
    }
}
