//! A request's bytes, in memory that the thread's last request has left.

use std::cell::Cell;

use resp_proto::encode::{self, Output};

/// The most that stands in front of the first argument: `*`, the digits of any `usize`, CRLF.
const FRONT: usize = 23;
/// What stands there when there is no argument.
const NONE: [u8; FRONT] = *b"...................*0\r\n";
/// Where the last digit of the count stands.
const LAST_DIGIT: usize = FRONT - 3;

/// How much memory a thread's first request has.
const ROOM: usize = 256;
/// Memory of more bytes than this is not left for the next request.
const KEPT: usize = 64 << 10;

thread_local! {
    /// What the last request was written to; empty while one is being written.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The bytes of a request, whose header counts the arguments as they come.
pub(crate) struct Encoded {
    /// The request, with room in front of it for a longer header and behind it for more arguments.
    bytes: Vec<u8>,
    /// Where the request begins: its header ends at [`FRONT`].
    start: usize,
    /// Where it ends.
    end: usize,
}

impl Encoded {
    /// A request of no argument.
    #[inline]
    pub(crate) fn new() -> Self {
        let mut bytes = SPARE.try_with(Cell::take).unwrap_or_default();
        match bytes.first_chunk_mut() {
            Some(front) => *front = NONE,
            None => bytes = first_room(),
        }
        Self {
            bytes,
            start: LAST_DIGIT - 1,
            end: FRONT,
        }
    }

    /// The request.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// How long the header is.
    pub(crate) fn header(&self) -> usize {
        FRONT.saturating_sub(self.start)
    }

    /// Adds one to the count in the header; whether that is a digit longer now.
    #[inline]
    pub(crate) fn count_one(&mut self) -> bool {
        match self.bytes.get_mut(LAST_DIGIT) {
            Some(digit @ b'0'..=b'8') => {
                *digit = digit.wrapping_add(1);
                false
            }
            _ => self.carry(),
        }
    }

    #[cold]
    fn carry(&mut self) -> bool {
        let front = self.bytes.get_mut(..=LAST_DIGIT).unwrap_or_default();
        for (at, byte) in front.iter_mut().enumerate().rev() {
            match *byte {
                b'9' => *byte = b'0',
                b'0'..=b'8' => {
                    *byte = byte.wrapping_add(1);
                    return false;
                }
                _ => {
                    *byte = b'1';
                    self.start = at.saturating_sub(1);
                    break;
                }
            }
        }
        if let Some(kind) = self.bytes.get_mut(self.start) {
            *kind = b'*';
        }
        true
    }

    /// Appends a bulk string; most are so short that their header need not be computed.
    pub(crate) fn bulk(&mut self, bytes: &[u8]) {
        let length = bytes.len();
        let digit = |number: usize| b'0'.wrapping_add((number % 10) as u8);
        match length {
            0..10 => self.headed([b'$', digit(length), b'\r', b'\n'], bytes),
            10..100 => {
                let header = [b'$', digit(length / 10), digit(length), b'\r', b'\n'];
                self.headed(header, bytes);
            }
            _ => encode::bulk(self, bytes),
        }
    }

    /// Appends a header, text and CRLF.
    #[inline]
    fn headed<const N: usize>(&mut self, header: [u8; N], text: &[u8]) {
        let room = self.room(text.len().saturating_add(N).saturating_add(2));
        if let Some((front, rest)) = room.split_first_chunk_mut() {
            *front = header;
            if let Some((place, ending)) = rest.split_at_mut_checked(text.len()) {
                place.copy_from_slice(text);
                ending.copy_from_slice(b"\r\n");
            }
        }
    }

    /// Room for so many bytes more, all of which have to be written.
    #[inline]
    fn room(&mut self, length: usize) -> &mut [u8] {
        let from = self.end;
        self.end = from.saturating_add(length);
        if self.end > self.bytes.len() {
            self.grow();
        }
        self.bytes.get_mut(from..self.end).unwrap_or_default()
    }

    #[cold]
    fn grow(&mut self) {
        let wanted = self.bytes.len().saturating_mul(2).max(self.end);
        self.bytes
            .reserve_exact(wanted.saturating_sub(self.bytes.len()));
        self.bytes.resize(wanted, 0);
    }
}

/// The front of a thread's first request, and room behind it.
#[cold]
fn first_room() -> Vec<u8> {
    let mut bytes = vec![0; ROOM];
    if let Some(front) = bytes.first_chunk_mut() {
        *front = NONE;
    }
    bytes
}

impl Clone for Encoded {
    fn clone(&self) -> Self {
        Self {
            bytes: self.bytes.clone(),
            ..*self
        }
    }
}

impl Drop for Encoded {
    #[inline]
    fn drop(&mut self) {
        if self.bytes.len() <= KEPT {
            let bytes = std::mem::take(&mut self.bytes);
            // A thread that is ending keeps nothing.
            let _ = SPARE.try_with(|spare| spare.set(bytes));
        }
    }
}

impl Output for Encoded {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_the_same_as_written_at_once() {
        for length in [0, 1, 9, 10, 99, 100, 1234] {
            for count in [0, 1, 9, 10, 11, 99, 100, 101, 1001] {
                let argument = vec![b'x'; length];
                let mut encoded = Encoded::new();
                let (mut naive, mut longer) = (Vec::new(), 1);
                encode::request(&mut naive, &vec![&*argument; count]);
                for _ in 0..count {
                    longer += usize::from(encoded.count_one());
                    encoded.bulk(&argument);
                }
                assert_eq!(encoded.bytes(), naive);
                assert_eq!(encoded.header(), format!("*{count}\r\n").len());
                assert_eq!(longer, count.to_string().len());
            }
        }
    }

    #[test]
    fn memory_is_left_for_the_next_request_unless_it_is_much() {
        let left = |length: usize| {
            let mut encoded = Encoded::new();
            encoded.bulk(&vec![b'x'; length]);
            drop(encoded);
            let left = SPARE.take();
            let size = left.len();
            SPARE.set(left);
            size
        };
        let much = left(1000);
        assert!(much >= 1000);
        assert_eq!(left(10), much);
        assert!(left(2 * KEPT) <= KEPT);
    }

    #[test]
    fn nothing_of_the_last_request_is_in_the_next() {
        let written = |arguments: &[&[u8]]| {
            let mut encoded = Encoded::new();
            for argument in arguments {
                encoded.count_one();
                encoded.bulk(argument);
            }
            encoded.bytes().to_vec()
        };
        let many = vec![b"abc".as_slice(); 1234];
        assert!(written(&many).starts_with(b"*1234\r\n$3\r\nabc\r\n"));
        assert_eq!(written(&[]), b"*0\r\n");
        assert_eq!(written(&[b"x"]), b"*1\r\n$1\r\nx\r\n");
    }
}
