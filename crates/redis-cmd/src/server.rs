//! The server and the connection to it: <https://redis.io/docs/latest/commands/?group=server> and
//! <https://redis.io/docs/latest/commands/?group=connection>.

use resp_proto::FromReplyOwned;

use crate::{Execute, ToArg, ToArgs, cmd};

/// Commands on the server as a whole.
pub trait ServerCommands: Execute {
    /// The settings whose names match the glob-style `patterns`, as a map. Several patterns since 7.0.
    #[doc(alias = "CONFIG GET")]
    fn config_get<T: FromReplyOwned>(self, patterns: impl ToArgs) -> Self::Output<T> {
        self.execute(cmd("CONFIG GET").read_only().several(&patterns))
    }

    /// Changes settings until the server is restarted. Several at once since 7.0.
    #[doc(alias = "CONFIG SET")]
    fn config_set(self, names_and_values: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("CONFIG SET").pairs(&names_and_values))
    }

    /// The number that the server gave to the connection that this happens to run on.
    #[doc(alias = "CLIENT ID")]
    fn client_id(self) -> Self::Output<i64> {
        self.execute(cmd("CLIENT ID").read_only())
    }

    /// How many keys the database has.
    #[doc(alias = "DBSIZE")]
    fn dbsize(self) -> Self::Output<usize> {
        self.execute(cmd("DBSIZE").read_only())
    }

    /// What was sent, back again.
    #[doc(alias = "ECHO")]
    fn echo<T: FromReplyOwned>(self, message: impl ToArg) -> Self::Output<T> {
        self.execute(cmd("ECHO").read_only().arg(&message))
    }

    /// Deletes all keys of all databases.
    #[doc(alias = "FLUSHALL")]
    fn flushall(self) -> Self::Output<()> {
        self.execute(cmd("FLUSHALL"))
    }

    /// Deletes all keys of the database.
    #[doc(alias = "FLUSHDB")]
    fn flushdb(self) -> Self::Output<()> {
        self.execute(cmd("FLUSHDB"))
    }

    /// What the server says about itself, in lines of `name:value`; `sections` choose some, and none of
    /// them the usual ones.
    #[doc(alias = "INFO")]
    fn info(self, sections: impl ToArgs) -> Self::Output<String> {
        self.execute(cmd("INFO").read_only().args(&sections))
    }

    /// Asks the server for a sign of life: `PONG`.
    #[doc(alias = "PING")]
    fn ping(self) -> Self::Output<String> {
        self.execute(cmd("PING").read_only())
    }

    /// The server's clock: Unix time in seconds, and the microseconds since.
    #[doc(alias = "TIME")]
    fn time(self) -> Self::Output<(u64, u32)> {
        self.execute(cmd("TIME").read_only())
    }
}
