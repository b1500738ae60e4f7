//! The transaction on watched keys.

use std::fmt;

use redis_cmd::{Command, Execute};
use redis_conn::Error;
use resp_proto::FromReplyOwned;

use crate::{FromReplies, NextSlot, RunScript, Watched, queue::Queue};

/// Commands that are executed all together, or none of them if a watched key was changed: see
/// [`Watched::multi`].
///
/// It is filled like a [`Pipeline`](crate::Pipeline). Nothing is sent before
/// [`execute`](Transaction::execute), so dropping it discards it, and the keys are still watched.
#[must_use = "a transaction does nothing until it is executed"]
#[doc(alias = "DISCARD")]
pub struct Transaction<'w> {
    watched: &'w mut Watched,
    queue: Queue,
    raise_on_error: bool,
}

impl<'w> Transaction<'w> {
    pub(crate) fn of(watched: &'w mut Watched) -> Self {
        Self {
            watched,
            queue: Queue::new(),
            raise_on_error: true,
        }
    }

    /// Whether [`execute`](Transaction::execute) fails when a command fails: see
    /// [`Pipeline::raise_on_error`](crate::Pipeline::raise_on_error).
    pub fn raise_on_error(&mut self, raise: bool) -> &mut Self {
        self.raise_on_error = raise;
        self
    }

    /// Adds any command, made with [`cmd`](redis_cmd::cmd).
    pub fn command<T: FromReplyOwned>(&mut self, command: Command<'_, T>) -> &mut Self {
        self.queue.push(&command);
        self
    }

    /// Adds one command and answers with the [`Slot`](crate::Slot) of its reply: see
    /// [`Pipeline::slot`](crate::Pipeline::slot).
    pub fn slot(&mut self) -> NextSlot<'_> {
        NextSlot::of(&mut self.queue)
    }

    /// Forgets the commands that are waiting. The keys are still watched.
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

    /// Executes the commands and decodes their replies, as
    /// [`Pipeline::execute`](crate::Pipeline::execute) does. Afterwards no key is watched any more, unless
    /// nothing was sent (`InvalidInput`). Without a command, it tells whether a watched key was changed.
    ///
    /// # Errors
    /// - `Watch`, when a watched key was changed or the connection was lost, and nothing was executed;
    /// - otherwise those of [`Pipeline::execute`](crate::Pipeline::execute).
    #[doc(alias = "EXEC")]
    pub fn execute<T: FromReplies>(&mut self) -> Result<T, Error> {
        let queue = self.queue.emptied();
        self.watched.transact(&queue, self.raise_on_error)
    }
}

impl Execute for &mut Transaction<'_> {
    type Output<T: FromReplyOwned> = Self;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Self {
        self.command(command)
    }
}

redis_cmd::implement_families!(for &mut Transaction<'_>);

impl RunScript for &mut Transaction<'_> {}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("len", &self.len())
            .field("watched", &self.watched)
            .finish_non_exhaustive()
    }
}
