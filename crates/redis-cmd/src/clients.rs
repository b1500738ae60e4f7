//! The connections of the server: <https://redis.io/docs/latest/commands/?group=connection>.

use resp_proto::FromReplyOwned;

use crate::{
    ClientFilter, ClientInfo, Execute, Milliseconds, PauseMode, ToArg, TrackingInfo, UnblockWith,
    cmd,
};

/// Commands on connections.
///
/// Commands that change the connection that they run on are not among them: a call gets whatever connection
/// is free, so it would be somebody else's.
pub trait ClientCommands: Execute {
    /// The name of the connection that this happens to run on; `None` when it has none.
    ///
    /// Complexity: O(1).
    #[doc(alias = "CLIENT GETNAME")]
    fn client_getname(self) -> Self::Output<Option<String>> {
        self.execute(cmd("CLIENT GETNAME").read_only())
    }

    /// The connection to which notices about keys that changed go: -1 when they are not asked for, 0 when
    /// to the connection itself.
    ///
    /// Since Redis 6.0. Complexity: O(1).
    #[doc(alias = "CLIENT GETREDIR")]
    fn client_getredir(self) -> Self::Output<i64> {
        self.execute(cmd("CLIENT GETREDIR").read_only())
    }

    /// The number that the server gave to the connection that this happens to run on.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "CLIENT ID")]
    fn client_id(self) -> Self::Output<i64> {
        self.execute(cmd("CLIENT ID").read_only())
    }

    /// What the server says about the connection that this happens to run on.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "CLIENT INFO")]
    fn client_info(self) -> Self::Output<ClientInfo> {
        self.execute(cmd("CLIENT INFO").read_only())
    }

    /// Closes the connections that match. Returns their number. A filter that says nothing is an error before anything
    /// is sent.
    ///
    /// Complexity: O(N).
    #[doc(alias = "CLIENT KILL")]
    #[doc(alias = "client_kill_filter")]
    fn client_kill(self, filter: ClientFilter) -> Self::Output<usize> {
        self.execute(cmd("CLIENT KILL").with(&filter.of_some()))
    }

    /// Closes the connection of an address and port. Fails when there is none.
    ///
    /// Complexity: O(N).
    #[doc(alias = "CLIENT KILL")]
    fn client_kill_address(self, address: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("CLIENT KILL").arg(&address))
    }

    /// What the server says about all connections.
    ///
    /// Complexity: O(N).
    #[doc(alias = "CLIENT LIST")]
    fn client_list(self) -> Self::Output<Vec<ClientInfo>> {
        self.execute(cmd("CLIENT LIST").read_only())
    }

    /// What the server says about the connections that match. Redis takes a kind or ids.
    ///
    /// Complexity: O(N).
    #[doc(alias = "CLIENT LIST")]
    #[doc(alias = "CLIENT LIST TYPE")]
    fn client_list_with(self, filter: ClientFilter) -> Self::Output<Vec<ClientInfo>> {
        self.execute(cmd("CLIENT LIST").read_only().with(&filter))
    }

    /// Lets everybody wait for so long; by default, with all commands.
    ///
    /// Since Redis 3.0. Complexity: O(1).
    #[doc(alias = "CLIENT PAUSE")]
    fn client_pause(
        self,
        limit: impl Into<Milliseconds>,
        mode: Option<PauseMode>,
    ) -> Self::Output<()> {
        self.execute(cmd("CLIENT PAUSE").with(&limit.into()).with(&mode))
    }

    /// How the connection that this happens to run on is told about keys that change.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "CLIENT TRACKINGINFO")]
    fn client_trackinginfo(self) -> Self::Output<TrackingInfo> {
        self.execute(cmd("CLIENT TRACKINGINFO").read_only())
    }

    /// Wakes up a connection that waits, as if its time were up. Returns false when it does not wait.
    ///
    /// Since Redis 5.0. Complexity: O(log(N)).
    #[doc(alias = "CLIENT UNBLOCK")]
    fn client_unblock(self, id: i64) -> Self::Output<bool> {
        self.execute(cmd("CLIENT UNBLOCK").integer(id))
    }

    /// Wakes up a connection that waits. Returns false when it does not wait.
    ///
    /// Since Redis 5.0. Complexity: O(log(N)).
    #[doc(alias = "CLIENT UNBLOCK")]
    #[doc(alias = "CLIENT UNBLOCK ERROR")]
    fn client_unblock_with(self, id: i64, with: UnblockWith) -> Self::Output<bool> {
        self.execute(cmd("CLIENT UNBLOCK").integer(id).with(&with))
    }

    /// Ends the waiting that [`client_pause`](ClientCommands::client_pause) began.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "CLIENT UNPAUSE")]
    fn client_unpause(self) -> Self::Output<()> {
        self.execute(cmd("CLIENT UNPAUSE"))
    }

    /// What was sent, back again.
    ///
    /// Complexity: O(1).
    #[doc(alias = "ECHO")]
    fn echo<T: FromReplyOwned>(self, message: impl ToArg) -> Self::Output<T> {
        self.execute(cmd("ECHO").read_only().arg(&message))
    }

    /// Sends a health check (`PING`), which the server answers with `PONG`.
    ///
    /// Complexity: O(1).
    #[doc(alias = "PING")]
    fn ping(self) -> Self::Output<String> {
        self.execute(cmd("PING").read_only())
    }

    /// Sends a health check (`PING`) with a message. Returns the same message, which the server sends back.
    ///
    /// Complexity: O(1).
    #[doc(alias = "PING")]
    #[doc(alias = "PING message")]
    fn ping_with<T: FromReplyOwned>(self, message: impl ToArg) -> Self::Output<T> {
        self.execute(cmd("PING").read_only().arg(&message))
    }
}
