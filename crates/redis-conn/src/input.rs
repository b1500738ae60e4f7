//! What has arrived and has not been consumed, and the framer that finds replies in it.

mod bulk;

use std::io;

use resp_proto::{Data, Elements, Frame, FrameError, Framer, Limits};

pub(crate) use bulk::Bulk;

/// The size that the buffer starts with and returns to.
const SMALL: usize = 16 << 10;
/// A buffer that has grown beyond this is given back once it is empty. A value of 1 MiB fits, with what
/// stands around it.
const KEPT: usize = (1 << 20) + 2 * SMALL;

/// Bytes from the server, and where the replies in them end.
#[derive(Debug)]
pub(crate) struct Input {
    framer: Framer,
    /// All of it initialised; what counts is `start..end`.
    bytes: Vec<u8>,
    /// Where the reply at the front starts. Never more than `end`.
    start: usize,
    /// Where the bytes that have arrived end. Never more than the length of `bytes`.
    end: usize,
}

impl Input {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            framer: Framer::with_limits(limits),
            bytes: Vec::new(),
            start: 0,
            end: 0,
        }
    }

    /// Other limits, from the next reply on. There must be nothing of it yet.
    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.framer = Framer::with_limits(limits);
    }

    /// What has arrived and has not been taken.
    fn arrived(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The length of the complete reply at the front, if there is one.
    #[inline]
    pub(crate) fn complete(&mut self) -> Result<Option<usize>, FrameError> {
        let arrived = self.bytes.get(self.start..self.end).unwrap_or_default();
        Ok(self.framer.advance(arrived)?.map(|frame| frame.len()))
    }

    /// Whether the complete reply of that length at the front is a push.
    pub(crate) fn is_push(&self, length: usize) -> bool {
        let end = self.start.saturating_add(length);
        let frame = Frame::again(self.bytes.get(self.start..end).unwrap_or_default());
        match frame.bytes().first() {
            Some(b'>') => true,
            // Attributes come first.
            Some(b'|') => matches!(frame.reply().data(), Data::Push(_)),
            _ => false,
        }
    }

    /// Has the complete reply of that length at the front replaced by another one that is no longer, which
    /// `rewrite` writes to where the old one starts; how long it is.
    pub(crate) fn rewrite<E>(
        &mut self,
        length: usize,
        rewrite: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let end = self.start.saturating_add(length);
        let reply = self.bytes.get_mut(self.start..end).unwrap_or_default();
        let written = rewrite(reply)?.min(reply.len());
        let saved = reply.len().saturating_sub(written);
        // What comes behind it stays where it is.
        reply.copy_within(..written, saved);
        self.start = self.start.saturating_add(saved);
        Ok(written)
    }

    /// Takes the complete reply of that length from the front. Its bytes stay until more are read.
    pub(crate) fn take(&mut self, length: usize) -> Frame<'_> {
        let from = self.start;
        self.start = self.start.saturating_add(length).min(self.end);
        Frame::again(self.bytes.get(from..self.start).unwrap_or_default())
    }

    /// Takes the replies at the front that can be read together, at most so many.
    pub(crate) fn take_frequent(&mut self, most: usize) -> Elements<'_> {
        let arrived = self.bytes.get(self.start..self.end).unwrap_or_default();
        let (replies, length) = self.framer.frequent(arrived, most);
        self.start = self.start.saturating_add(length).min(self.end);
        replies
    }

    /// Whether there is nothing that has not been taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Gives back the memory of a large reply. To be called when nothing is expected.
    pub(crate) fn shrink(&mut self) {
        if self.is_empty() && self.bytes.len() > KEPT {
            self.bytes = Vec::new();
            (self.start, self.end) = (0, 0);
        }
    }

    /// Makes room and lets `read` fill it; how many bytes that was.
    #[inline]
    pub(crate) fn fill(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        if self.is_empty() {
            (self.start, self.end) = (0, 0);
        }
        let wanted = self.start.saturating_add(self.framer.needed());
        if self.end == self.bytes.len() || wanted > self.bytes.len() {
            self.make_room();
        }
        let room = self.bytes.get_mut(self.end..).unwrap_or_default();
        let count = read(room)?.min(room.len());
        self.end = self.end.saturating_add(count);
        Ok(count)
    }

    /// Room grows with what has arrived and never with what a header claims, so a server that lies
    /// about a length costs no memory.
    fn make_room(&mut self) {
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end.saturating_sub(self.start));
        if self.end.saturating_mul(2) >= self.bytes.len() {
            let length = self.next_size();
            self.bytes
                .reserve_exact(length.saturating_sub(self.bytes.len()));
            self.bytes.resize(length, 0);
        }
    }

    /// Twice the size, but hardly more than a large bulk string needs once that is in reach: a value of
    /// 64 MiB then costs 64 MiB, the little that may stand behind it in an array included. Steps of less
    /// than a sixteenth are not taken, since many of them would make reading quadratic.
    fn next_size(&self) -> usize {
        let size = self.bytes.len();
        let least = size.saturating_add(size >> 4);
        let most = size.saturating_mul(2).saturating_add(size >> 3);
        let needed = self.framer.needed();
        if size > 0 && (least..=most).contains(&needed) {
            needed.saturating_add(SMALL)
        } else if size >= KEPT && needed < least {
            // An array of many elements, or what follows a large one.
            size.saturating_add(size >> 2)
        } else {
            size.saturating_mul(2).max(SMALL)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// Feeds a reply in reads as large as the room allows; the largest that the buffer has been.
    fn feed(input: &mut Input, mut reply: &[u8]) -> usize {
        let mut largest = 0;
        loop {
            if let Some(length) = input.complete().unwrap() {
                assert_eq!(reply.len(), 0, "complete before its end");
                input.take(length);
                return largest;
            }
            assert!(input.fill(|room| reply.read(room)).unwrap() > 0);
            largest = largest.max(input.bytes.len());
        }
    }

    fn bulk(length: usize) -> Vec<u8> {
        [
            format!("${length}\r\n").as_bytes(),
            &vec![b'x'; length],
            b"\r\n",
        ]
        .concat()
    }

    #[test]
    fn a_large_bulk_needs_no_more_than_itself() {
        for length in [
            100,
            16_000,
            16_384,
            20_000,
            1 << 20,
            (1 << 20) + 7,
            10_000_000,
        ] {
            let reply = bulk(length);
            let largest = feed(&mut Input::new(Limits::new()), &reply);
            assert!(
                largest <= reply.len().max(SMALL) + SMALL,
                "{largest} for {length}"
            );
        }
    }

    #[test]
    fn an_array_of_bulks_is_read_in_growing_steps() {
        let reply = [b"*50000\r\n".as_slice(), &bulk(20).repeat(50_000)].concat();
        let largest = feed(&mut Input::new(Limits::new()), &reply);
        assert!(largest <= reply.len() * 2, "{largest} for {}", reply.len());
    }

    #[test]
    fn little_behind_a_large_bulk_costs_little_memory_and_more_a_quarter() {
        let large = bulk(10 << 20);
        let array = |behind| {
            let reply = [b"*2\r\n".as_slice(), &large, &bulk(behind)].concat();
            feed(&mut Input::new(Limits::new()), &reply)
        };
        let (little, more) = (array(1000), array(100_000));
        assert!(little <= large.len() + 2 * SMALL, "{little}");
        assert!(more <= large.len() / 4 * 5 + 2 * SMALL, "{more}");
    }

    #[test]
    fn a_header_alone_allocates_nothing() {
        let mut input = Input::new(Limits::new());
        for header in ["$500000000\r\n", "abc"] {
            let mut bytes = header.as_bytes();
            assert!(input.complete().unwrap().is_none());
            input.fill(|room| bytes.read(room)).unwrap();
        }
        assert_eq!(input.bytes.len(), SMALL);
    }

    #[test]
    fn a_reply_that_is_rewritten_ends_where_the_next_one_starts() {
        for (written, found) in [(":12\r\n", ":12\r\n"), (":+12\r\n", ":+12\r\n")] {
            let mut bytes: &[u8] = b"+first\r\n:+12\r\n+next\r\n";
            let mut input = Input::new(Limits::new());
            input.fill(|room| bytes.read(room)).unwrap();
            let first = input.complete().unwrap().unwrap();
            input.take(first);
            let length = input.complete().unwrap().unwrap();
            let length = input.rewrite(length, |reply| {
                assert_eq!(reply, b":+12\r\n");
                reply[..written.len()].copy_from_slice(written.as_bytes());
                Ok::<_, FrameError>(written.len())
            });
            assert_eq!(input.take(length.unwrap()).bytes(), found.as_bytes());
            let next = input.complete().unwrap().unwrap();
            assert_eq!(input.take(next).bytes(), b"+next\r\n");
            assert!(input.is_empty());
        }
    }

    #[test]
    fn the_memory_of_a_large_reply_is_given_back() {
        let mut input = Input::new(Limits::new());
        feed(&mut input, &bulk(3 * KEPT));
        input.shrink();
        assert_eq!(input.bytes.capacity(), 0);
        feed(&mut input, &bulk(1000));
    }
}
