//! The trait that every command goes through.

use resp_proto::FromReplyOwned;

use crate::Command;

/// Something that commands can be given to.
///
/// The receiver is `self` by value, and the trait is implemented for references where that is what an
/// executor needs: a client is shared (`&Client`) and answers with the reply, a pipeline is built up
/// (`&mut Pipeline`) and answers with itself, a typed batch is consumed and answers with a larger one.
/// So one definition of a command serves them all.
///
/// The command families ([`StringCommands`](crate::StringCommands) and its siblings) are implemented for
/// each executor one by one. What an executor's list leaves out it cannot do soundly, like blocking in
/// a pipeline. A family of your own may be implemented for everything at once:
///
/// ```
/// use redis_cmd::{Execute, ToArg, cmd};
///
/// trait BloomCommands: Execute {
///     /// Adds `item` to the filter at `key`; false when it may have been there before.
///     fn bf_add(self, key: impl ToArg, item: impl ToArg) -> Self::Output<bool> {
///         self.execute(cmd("BF.ADD").key(&key).arg(&item))
///     }
/// }
/// impl<E: Execute> BloomCommands for E {}
/// ```
pub trait Execute: Sized {
    /// What an executor answers to a command whose reply is a `T`.
    type Output<T: FromReplyOwned>;

    /// Takes one command.
    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Self::Output<T>;
}
