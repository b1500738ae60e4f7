//! A large bulk string on its way into memory of its own.

use resp_proto::FrameError;

use super::{Input, KEPT};

/// How much of one is read at a time: so little that it is still in the processor's cache when it is moved on.
const PIECE: usize = 256 << 10;

/// A large bulk string on its way into memory of its own, which whoever asked for it can keep. So it is in memory
/// once, and needs no room in the buffer.
pub(crate) struct Bulk {
    /// What has arrived of it; at last the CRLF, too.
    text: Vec<u8>,
    /// How long that will be in the end.
    length: usize,
}

impl Input {
    /// Begins to take the reply at the front if it is a bulk string, nothing else, and larger than the buffer is
    /// meant to become.
    pub(crate) fn begin_bulk(&mut self) -> Option<Bulk> {
        if self.framer.needed() <= KEPT {
            return None;
        }
        let text = self.framer.bulk_ahead(self.arrived())?;
        self.start = self.start.saturating_add(text.start).min(self.end);
        Some(Bulk {
            text: Vec::new(),
            length: text.len().saturating_add(2),
        })
    }

    /// Moves what has arrived of it out of the buffer; the text, once that is all of it.
    pub(crate) fn take_bulk(&mut self, bulk: &mut Bulk) -> Result<Option<Vec<u8>>, FrameError> {
        let arrived = self.arrived();
        let missing = bulk.length.saturating_sub(bulk.text.len());
        let piece = arrived.get(..missing).unwrap_or(arrived);
        bulk.push(piece);
        self.start = self.start.saturating_add(piece.len());
        let ending = match bulk.text.last_chunk::<2>() {
            Some(ending) if bulk.text.len() == bulk.length => *ending,
            _ => {
                self.widen();
                return Ok(None);
            }
        };
        self.framer.end_bulk(ending)?;
        bulk.text.truncate(bulk.length.saturating_sub(2));
        Ok(Some(std::mem::take(&mut bulk.text)))
    }

    /// Makes the next read a larger one if the last one has filled all that there was, which has been taken.
    fn widen(&mut self) {
        if self.end == self.bytes.len() && self.bytes.len() < PIECE {
            self.bytes.resize(PIECE, 0);
        }
    }
}

impl Bulk {
    /// The memory is at most twice what has arrived, whatever the header says, and in the end exactly as large as it
    /// has to be.
    fn push(&mut self, piece: &[u8]) {
        let arrived = self.text.len().saturating_add(piece.len());
        if arrived > self.text.capacity() {
            let size = arrived.saturating_mul(2).min(self.length);
            self.text
                .reserve_exact(size.saturating_sub(self.text.len()));
        }
        self.text.extend_from_slice(piece);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use resp_proto::Limits;

    use super::*;

    /// Reads a bulk string in reads of at most `most` bytes; what has come of it, and the most memory that its
    /// text had meanwhile for each byte that had come.
    fn take(
        input: &mut Input,
        mut wire: &[u8],
        most: usize,
    ) -> Result<Option<Vec<u8>>, FrameError> {
        let mut bulk = None;
        while !wire.is_empty() {
            let read = |room: &mut [u8]| {
                let most = most.min(room.len());
                wire.read(&mut room[..most])
            };
            assert!(input.fill(read).unwrap() > 0);
            if bulk.is_none() {
                assert!(input.complete().unwrap().is_none());
                bulk = input.begin_bulk();
            }
            let Some(bulk) = &mut bulk else { continue };
            let taken = input.take_bulk(bulk)?;
            if taken.is_some() {
                return Ok(taken);
            }
            assert!(bulk.text.capacity() <= 2 * bulk.text.len());
            assert!(input.bytes.len() <= PIECE, "{}", input.bytes.len());
        }
        Ok(None)
    }

    fn wire(text: &[u8], after: &[u8]) -> Vec<u8> {
        let header = format!("${}\r\n", text.len());
        [header.as_bytes(), text, after].concat()
    }

    fn text(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    #[test]
    fn a_large_text_comes_whole_and_in_no_more_memory_than_it_needs_however_it_arrives() {
        for length in [KEPT, KEPT + 1, 3 * KEPT + 7] {
            for most in [5, 1000, 1 << 20] {
                let text = text(length);
                let mut input = Input::new(Limits::new());
                let taken = take(&mut input, &wire(&text, b"\r\n:1\r\n"), most);
                let taken = taken.unwrap().unwrap();
                assert!(taken == text, "another text of {length} in reads of {most}");
                assert_eq!(taken.capacity(), length + 2);
            }
        }
    }

    #[test]
    fn a_header_alone_allocates_nothing_and_a_byte_behind_it_hardly_more() {
        for (text, most) in [("", 0), ("x", 2), ("xyz", 6)] {
            let header = format!("$500000000\r\n{text}");
            let mut input = Input::new(Limits::new());
            input.fill(|room| header.as_bytes().read(room)).unwrap();
            assert!(input.complete().unwrap().is_none());
            let mut bulk = input.begin_bulk().unwrap();
            assert!(input.take_bulk(&mut bulk).unwrap().is_none());
            assert!(bulk.text.capacity() <= most, "{}", bulk.text.capacity());
        }
    }

    #[test]
    fn what_comes_behind_a_large_text_is_the_next_reply() {
        let text = text(2 * KEPT);
        let mut input = Input::new(Limits::new());
        take(&mut input, &wire(&text, b"\r\n:123\r\n"), 1 << 20).unwrap();
        assert_eq!(input.complete().unwrap(), Some(6));
        assert_eq!(input.take(6).bytes(), b":123\r\n");
        assert!(input.is_empty());
    }

    #[test]
    fn a_large_text_that_ends_otherwise_is_an_error_where_the_framer_would_find_it() {
        for ending in [b"xx", b"\rx", b"\n\r"] {
            let wire = wire(&text(2 * KEPT), ending);
            let taken = take(&mut Input::new(Limits::new()), &wire, 1 << 20);
            let framed = resp_proto::Framer::new().advance(&wire).map(drop);
            assert_eq!(taken.map(drop), framed);
            assert!(framed.is_err());
        }
    }

    #[test]
    fn only_what_is_large_and_all_of_a_reply_is_taken() {
        let text = text(2 * KEPT);
        for (before, length) in [
            ("*1\r\n", text.len()),
            ("|0\r\n", text.len()),
            ("", KEPT - 100),
        ] {
            let wire = [before.as_bytes(), &wire(&text[..length], b"")].concat();
            let mut input = Input::new(Limits::new());
            input.fill(|room| wire.as_slice().read(room)).unwrap();
            assert!(input.complete().unwrap().is_none());
            assert!(input.begin_bulk().is_none(), "{before:?}, {length}");
        }
    }
}
