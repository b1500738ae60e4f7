//! The pipeline: commands collected step by step and sent in one go.

use std::{fmt, sync::Arc};

use redis_cmd::{Command, Execute};
use redis_conn::Error;
use resp_proto::FromReplyOwned;

use crate::{
    Checkout, FromReplies, NextSlot,
    queue::{Mode, Queue},
};

/// Commands collected step by step and sent in one go, by default as a transaction.
///
/// A client makes one: `client.pipeline()`. Every command of a client can be called on it, but those that wait. Each
/// answers the pipeline again, so calls can be chained; nothing is sent before [`execute`](Pipeline::execute). The
/// result type is chosen there. A command with a generic reply needs a type argument here too
/// (`pipeline.get::<String>("k")`); any type will do.
///
/// Commands that wait can be [added](Pipeline::command) to what is no transaction: a `WAIT` behind the writes that
/// it is to wait for, on the same connection. In a transaction, the server makes nothing wait.
///
/// ```no_run
/// # use redis_cmd::StringCommands;
/// # fn with(mut pipeline: redis_ext::Pipeline) -> Result<(), redis_conn::Error> {
/// for page in ["home", "about", "contact"] {
///     pipeline.incr(page);
/// }
/// let hits: Vec<i64> = pipeline.execute()?;
/// # Ok(())
/// # }
/// ```
///
/// As a transaction, the server executes all commands without any other in between, or none of them.
/// It does not undo: a command that fails does not keep the others from being executed.
#[must_use = "a pipeline does nothing until it is executed"]
pub struct Pipeline {
    checkout: Arc<dyn Checkout>,
    queue: Queue,
    mode: Mode,
}

impl Pipeline {
    /// An empty pipeline over whatever lends connections.
    pub fn new(checkout: Arc<dyn Checkout>) -> Self {
        Self {
            checkout,
            queue: Queue::new(),
            mode: Mode::DEFAULT,
        }
    }

    /// Whether the commands are a transaction (`MULTI` … `EXEC`), which they are by default, or only sent together.
    pub fn transaction(&mut self, transaction: bool) -> &mut Self {
        self.mode.transaction = transaction;
        self
    }

    /// Whether [`execute`](Pipeline::execute) fails when a command fails, which it does by default. Otherwise errors
    /// stay in their places: decode into `Vec<Value>`, or into `Result<T, ServerError>` where you want to look at them.
    pub fn raise_on_error(&mut self, raise: bool) -> &mut Self {
        self.mode.raise_on_error = raise;
        self
    }

    /// Adds any command, made with [`cmd`](redis_cmd::cmd).
    pub fn command<T: FromReplyOwned>(&mut self, command: Command<'_, T>) -> &mut Self {
        self.queue.push(&command);
        self
    }

    /// Adds one command and answers with the handle of its reply, which knows its type. So commands
    /// that a loop adds can have replies of any types: execute the pipeline into [`Slots`](crate::Slots).
    ///
    /// ```no_run
    /// # use redis_cmd::StringCommands;
    /// # use redis_ext::Slots;
    /// # fn with(mut pipeline: redis_ext::Pipeline) -> Result<(), redis_conn::Error> {
    /// let visits = pipeline.slot().incr("visits");
    /// let replies: Slots = pipeline.execute()?;
    /// let visits: i64 = replies.get(visits)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn slot(&mut self) -> NextSlot<'_> {
        NextSlot::of(&mut self.queue)
    }

    /// Forgets the commands that are waiting.
    #[doc(alias = "DISCARD")]
    #[doc(alias = "reset")]
    pub fn clear(&mut self) {
        self.queue.clear();
    }

    /// How many commands are waiting.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether no command is waiting.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.len() == 0
    }

    /// Sends the commands and decodes their replies, in their order: into `Vec<Value>` for whatever
    /// comes, `Vec<T>` where all are alike, a tuple where each has its own type, `()` where only errors
    /// matter, [`Received`](crate::Received) where a lost connection is to cost no reply,
    /// [`Slots`](crate::Slots) for typed handles. Afterwards the pipeline is empty, whatever came of it.
    /// Without a command, nothing is sent.
    ///
    /// However many commands there are, replies are taken and decoded while later commands are still being written. All
    /// of it has to be done within the response timeout, with the limits of all commands that wait on top.
    ///
    /// # Errors
    /// - `InvalidInput`, before anything is sent, when a command lacks its arguments or must not be in a
    ///   pipeline, or there are not as many commands as the tuple has places;
    /// - `Connection` or `Timeout`, naming the first command without a reply: with
    ///   [`Error::maybe_executed`] if any byte was sent; in a transaction that the server has begun, which
    ///   it does not execute before it has all of it, if all was sent;
    /// - `Server`: the first error among the replies, with the number and the text of its command. In a
    ///   transaction that was refused, nothing was executed; else all other commands were;
    /// - `Decode`: a reply is not of its type, though all commands were executed.
    pub fn execute<T: FromReplies>(&mut self) -> Result<T, Error> {
        let queue = self.queue.emptied();
        queue.execute(&*self.checkout, self.mode)
    }
}

impl Execute for &mut Pipeline {
    type Output<T: FromReplyOwned> = Self;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Self {
        self.command(command)
    }
}

redis_cmd::implement_families!(for &mut Pipeline);

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("len", &self.len())
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}
