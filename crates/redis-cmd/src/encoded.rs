//! A request's bytes, in memory that the thread's last request has left.

use std::cell::Cell;

use resp_proto::encode::{self, Output};

/// The most that stands in front of the first argument: `*`, the digits of any `usize`, CRLF.
const FRONT: usize = 23;
/// Where the last digit of the count stands.
const LAST_DIGIT: usize = FRONT - 3;

/// Memory of more bytes than this is not left for the next request.
const KEPT: usize = 64 << 10;

thread_local! {
    /// What the last request was written to, empty; without capacity while one is being written.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The bytes of a request, whose header counts the arguments as they come.
pub(crate) struct Encoded {
    /// The request, with room in front of it for a longer header.
    bytes: Vec<u8>,
    /// Where the request begins: its header ends at [`FRONT`].
    start: usize,
}

impl Encoded {
    /// A request of no argument.
    pub(crate) fn new() -> Self {
        let mut bytes = SPARE.try_with(Cell::take).unwrap_or_default();
        bytes.extend_from_slice(b"...................*0\r\n");
        Self {
            bytes,
            start: LAST_DIGIT - 1,
        }
    }

    /// The request.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
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
        self.bytes.reserve(length.saturating_add(FRONT + 2));
        let digit = |number: usize| b'0'.wrapping_add((number % 10) as u8);
        match length {
            0..10 => self.put(&[b'$', digit(length), b'\r', b'\n']),
            10..100 => self.put(&[b'$', digit(length / 10), digit(length), b'\r', b'\n']),
            _ => encode::bulk_header(&mut self.bytes, length),
        }
        self.put(bytes);
        self.put(b"\r\n");
    }
}

impl Clone for Encoded {
    fn clone(&self) -> Self {
        Self {
            bytes: self.bytes.clone(),
            start: self.start,
        }
    }
}

impl Drop for Encoded {
    fn drop(&mut self) {
        if self.bytes.capacity() <= KEPT {
            let mut bytes = std::mem::take(&mut self.bytes);
            bytes.clear();
            // A thread that is ending keeps nothing.
            let _ = SPARE.try_with(|spare| spare.set(bytes));
        }
    }
}

impl Output for Encoded {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
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
        let capacity = |length: usize| {
            let mut encoded = Encoded::new();
            encoded.bulk(&vec![b'x'; length]);
            drop(encoded);
            SPARE.with(|spare| {
                let left = spare.take();
                assert!(left.is_empty());
                let capacity = left.capacity();
                spare.set(left);
                capacity
            })
        };
        let left = capacity(1000);
        assert!(left >= 1000);
        assert_eq!(capacity(10), left);
        assert!(capacity(2 * KEPT) <= KEPT);
    }
}
