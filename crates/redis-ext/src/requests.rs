//! Requests one after the other, as they were encoded.

use std::{cell::Cell, fmt};

use redis_cmd::{Command, Typed};
use resp_proto::{Data, Framer};

const MULTI: &[u8] = b"*1\r\n$5\r\nMULTI\r\n";

/// How much memory a thread's first requests have, which is enough for some hundred short ones.
const ROOM: usize = 4 << 10;
/// More memory than this is kept neither for the next requests of a queue nor for those of a thread.
const KEPT: usize = 512 << 10;

thread_local! {
    /// What the last requests were in; without memory while others are.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Requests one after the other.
pub(crate) struct Requests {
    /// [`MULTI`], then the requests: so a transaction is sent as it stands.
    encoded: Vec<u8>,
    /// Where the first request with a key begins, and which of its arguments that is.
    first_key: Option<(usize, usize)>,
}

impl Requests {
    pub(crate) fn new() -> Self {
        let mut encoded = SPARE.try_with(Cell::take).unwrap_or_default();
        encoded.clear();
        encoded.reserve(ROOM);
        encoded.extend_from_slice(MULTI);
        Self {
            encoded,
            first_key: None,
        }
    }

    #[inline]
    pub(crate) fn push<T>(&mut self, command: &Command<'_, T>) {
        if self.first_key.is_none() {
            let position = command.key_positions().next();
            self.first_key = position.map(|position| (self.encoded.len(), position));
        }
        command.write_to(&mut self.encoded);
    }

    pub(crate) fn clear(&mut self) {
        self.encoded.truncate(MULTI.len());
        self.encoded.shrink_to(KEPT);
        self.first_key = None;
    }

    pub(crate) fn after_multi(&self) -> &[u8] {
        &self.encoded
    }

    pub(crate) fn plain(&self) -> &[u8] {
        self.encoded.get(MULTI.len()..).unwrap_or_default()
    }

    /// The first key of them all.
    pub(crate) fn first_key(&self) -> Option<&[u8]> {
        let (begin, position) = self.first_key?;
        let frame = Framer::new().advance(self.encoded.get(begin..)?).ok()??;
        let Data::Array(mut arguments) = frame.reply().data() else {
            return None;
        };
        arguments.nth(position)?.decode().ok()
    }

    /// Names a command, counted from 1.
    pub(crate) fn place_of(&self, number: usize) -> String {
        self.places().name(number)
    }

    /// Where each request begins, for who names many of them in any order.
    pub(crate) fn begins(&self) -> Vec<usize> {
        let (mut begins, mut rest) = (Vec::new(), self.plain());
        while let Ok(Some(frame)) = Framer::new().advance(rest) {
            begins.push(self.plain().len().saturating_sub(rest.len()));
            rest = rest.get(frame.len()..).unwrap_or_default();
        }
        begins
    }

    /// Names the command of that number, whose request begins there.
    pub(crate) fn place_at(&self, begin: usize, number: usize) -> String {
        let rest = self.plain().get(begin..).unwrap_or_default();
        Places { rest, number }.name(number)
    }

    /// Names commands in ascending order.
    pub(crate) fn places(&self) -> Places<'_> {
        Places {
            rest: self.plain(),
            number: 1,
        }
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        if self.encoded.capacity() <= KEPT {
            let encoded = std::mem::take(&mut self.encoded);
            // A thread that is ending keeps nothing.
            let _ = SPARE.try_with(|spare| spare.set(encoded));
        }
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests")
            .field("bytes", &self.plain().len())
            .finish()
    }
}

/// Finds the texts of commands again. Only errors need them, so that is cheaper than remembering where
/// each begins.
pub(crate) struct Places<'r> {
    /// From the command of that number on.
    rest: &'r [u8],
    number: usize,
}

impl Places<'_> {
    /// Names a command, none of those before the last one that was named.
    pub(crate) fn name(&mut self, number: usize) -> String {
        while self.number < number {
            let Ok(Some(frame)) = Framer::new().advance(self.rest) else {
                break;
            };
            self.rest = self.rest.get(frame.len()..).unwrap_or_default();
            self.number = self.number.saturating_add(1);
        }
        let words = match Framer::new().advance(self.rest) {
            Ok(Some(frame)) => frame.reply().decode::<Vec<&[u8]>>().unwrap_or_default(),
            _ => Vec::new(),
        };
        place(number, &Typed::new(words).to_string())
    }
}

/// What an error says of a command.
pub(crate) fn place(number: usize, command: &str) -> String {
    format!("command {number} ({command}) of the pipeline")
}
