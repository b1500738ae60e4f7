//! Slots: typed handles of replies that are still to come.

use std::{
    fmt,
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

use redis_cmd::{Command, Execute};
use redis_conn::{Error, ErrorKind};
use resp_proto::{Frame, FromReplyOwned};

use crate::{FromReplies, Replies, RunScript, queue::Queue, requests::Requests};

/// A handle of a reply that is still to come, which knows its type. [`Slots`] has the reply.
pub struct Slot<T> {
    queue: u64,
    index: usize,
    reply: PhantomData<fn() -> T>,
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slot<T> {}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot({})", self.index.saturating_add(1))
    }
}

/// Adds one command to a pipeline and answers with the [`Slot`] of its reply: see
/// [`Pipeline::slot`](crate::Pipeline::slot).
#[must_use = "nothing is added before a command is called on it"]
#[derive(Debug)]
pub struct NextSlot<'q> {
    queue: &'q mut Queue,
}

impl<'q> NextSlot<'q> {
    pub(crate) fn of(queue: &'q mut Queue) -> Self {
        Self { queue }
    }

    /// Adds any command, made with [`cmd`](redis_cmd::cmd).
    pub fn command<T: FromReplyOwned>(self, command: Command<'_, T>) -> Slot<T> {
        let index = self.queue.len();
        self.queue.push(&command);
        Slot {
            queue: self.queue.number(),
            index,
            reply: PhantomData,
        }
    }
}

impl Execute for NextSlot<'_> {
    type Output<T: FromReplyOwned> = Slot<T>;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Slot<T> {
        self.command(command)
    }
}

redis_cmd::implement_families!(for NextSlot<'_>);

impl RunScript for NextSlot<'_> {}

/// The replies of a pipeline as they came, each decoded when its [`Slot`] is shown.
///
/// ```no_run
/// # use redis_cmd::{HashCommands, StringCommands};
/// # use redis_ext::{Slot, Slots};
/// # fn with(mut pipeline: redis_ext::Pipeline) -> Result<(), redis_conn::Error> {
/// let mut visits: Vec<(&str, Slot<i64>)> = Vec::new();
/// for page in ["home", "about", "contact"] {
///     visits.push((page, pipeline.slot().incr(page)));
/// }
/// let title = pipeline.slot().hget::<String>("site", "title");
///
/// let replies: Slots = pipeline.execute()?;
/// for (page, visits) in visits {
///     println!("{page}: {}", replies.get(visits)?);
/// }
/// let title: Option<String> = replies.get(title)?;
/// # Ok(())
/// # }
/// ```
pub struct Slots {
    queue: u64,
    /// For the names of commands, from the end of the execution on.
    requests: Arc<OnceLock<Requests>>,
    /// Where each of those begins, once an error has asked for it.
    begins: OnceLock<Vec<usize>>,
    /// One reply after the other.
    bytes: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
}

impl Slots {
    /// Decodes the reply that the slot stands for, as often as it is asked for.
    ///
    /// # Errors
    /// - `Server`, when the command failed and the pipeline was told not to
    ///   [raise](crate::Pipeline::raise_on_error) that;
    /// - `Decode`, when the reply is no `T`;
    /// - `InvalidInput`, when the slot belongs to another execution.
    pub fn get<T: FromReplyOwned>(&self, slot: Slot<T>) -> Result<T, Error> {
        let Some(bytes) = self.bytes_of(slot.queue, slot.index) else {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "expected a slot of the execution that these replies came from, found one of another",
            ));
        };
        Frame::again(bytes).reply().decode().map_err(|error| {
            Error::from(error)
                .at(self.place_of(slot.index))
                .with_maybe_executed(true)
        })
    }

    /// How many replies there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no replies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Names a command. Looking through all of them each time would take long where many have failed.
    fn place_of(&self, index: usize) -> String {
        let number = index.saturating_add(1);
        let Some(requests) = self.requests.get() else {
            // The execution is not over.
            return format!("command {number} of the pipeline");
        };
        let begins = self.begins.get_or_init(|| requests.begins());
        let begin = begins.get(index).copied().unwrap_or(usize::MAX);
        requests.place_at(begin, number)
    }

    fn bytes_of(&self, queue: u64, index: usize) -> Option<&[u8]> {
        if queue != self.queue {
            return None;
        }
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.bytes.get(start..*self.ends.get(index)?)
    }
}

impl FromReplies for Slots {
    fn from_replies(replies: &mut Replies<'_>) -> Result<Self, Error> {
        let queue = replies.queue();
        let mut slots = Self {
            queue: queue.number(),
            requests: queue.keep_requests(),
            begins: OnceLock::new(),
            bytes: Vec::new(),
            ends: Vec::with_capacity(replies.len()),
        };
        while !replies.is_empty() {
            replies.read_next(|reply| {
                slots.bytes.extend_from_slice(reply.bytes());
                Ok(())
            })?;
            slots.ends.push(slots.bytes.len());
        }
        Ok(slots)
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
