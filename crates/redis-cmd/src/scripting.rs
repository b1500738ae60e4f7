//! Scripts: <https://redis.io/docs/latest/commands/?group=scripting>.

use resp_proto::FromReplyOwned;

use crate::{Execute, FlushMode, ToArg, ToArgs, cmd};

/// Commands that run scripts in the server, and look after them.
///
/// Scripts get their keys and their other arguments apart, either may be none: `()`. A `None` among them is left out,
/// so that those behind it move up: an empty text in its place keeps them where they are.
pub trait ScriptingCommands: Execute {
    /// Runs a script. Returns its result.
    #[doc(alias = "EVAL")]
    fn eval<T: FromReplyOwned>(
        self,
        script: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Self::Output<T> {
        self.execute(
            cmd("EVAL")
                .arg(&script)
                .counted_keys_or_none(&keys)
                .args(&args),
        )
    }

    /// Runs a script that the server knows already, by the SHA-1 of its text. Returns its result, or an error of the
    /// code `NOSCRIPT` when the server does not know it.
    #[doc(alias = "EVALSHA")]
    fn evalsha<T: FromReplyOwned>(
        self,
        sha1: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Self::Output<T> {
        self.execute(
            cmd("EVALSHA")
                .arg(&sha1)
                .counted_keys_or_none(&keys)
                .args(&args),
        )
    }

    /// What [`evalsha`](ScriptingCommands::evalsha) does, for a script that only reads.
    ///
    /// Since Redis 7.0.
    #[doc(alias = "EVALSHA_RO")]
    fn evalsha_ro<T: FromReplyOwned>(
        self,
        sha1: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Self::Output<T> {
        self.execute(
            cmd("EVALSHA_RO")
                .read_only()
                .arg(&sha1)
                .counted_keys_or_none(&keys)
                .args(&args),
        )
    }

    /// What [`eval`](ScriptingCommands::eval) does, for a script that only reads.
    ///
    /// Since Redis 7.0.
    #[doc(alias = "EVAL_RO")]
    fn eval_ro<T: FromReplyOwned>(
        self,
        script: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Self::Output<T> {
        self.execute(
            cmd("EVAL_RO")
                .read_only()
                .arg(&script)
                .counted_keys_or_none(&keys)
                .args(&args),
        )
    }

    /// Whether the server knows each of the scripts.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SCRIPT EXISTS")]
    fn script_exists(self, sha1s: impl ToArgs) -> Self::Output<Vec<bool>> {
        self.execute(cmd("SCRIPT EXISTS").read_only().elements(&sha1s))
    }

    /// Makes the server forget all scripts.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SCRIPT FLUSH")]
    fn script_flush(self) -> Self::Output<()> {
        self.execute(cmd("SCRIPT FLUSH"))
    }

    /// Makes the server forget all scripts, now or in the background.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "SCRIPT FLUSH")]
    #[doc(alias = "SCRIPT FLUSH ASYNC")]
    fn script_flush_with(self, mode: FlushMode) -> Self::Output<()> {
        self.execute(cmd("SCRIPT FLUSH").with(&mode))
    }

    /// Stops the script that is running, unless it has written something. Fails when there is none.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SCRIPT KILL")]
    fn script_kill(self) -> Self::Output<()> {
        self.execute(cmd("SCRIPT KILL"))
    }

    /// Makes the server know a script without running it. Returns the SHA-1 of its text.
    ///
    /// Complexity: O(N).
    #[doc(alias = "SCRIPT LOAD")]
    fn script_load(self, script: impl ToArg) -> Self::Output<String> {
        self.execute(cmd("SCRIPT LOAD").arg(&script))
    }

    /// The text of a script that the server knows; an error when it does not.
    ///
    /// Valkey only, since 8.0. Complexity: O(1).
    #[doc(alias = "SCRIPT SHOW")]
    fn script_show<T: FromReplyOwned>(self, sha1: impl ToArg) -> Self::Output<T> {
        self.execute(cmd("SCRIPT SHOW").read_only().arg(&sha1))
    }
}
