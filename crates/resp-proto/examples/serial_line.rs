//! A reader for a serial line that needs no allocator: a fixed buffer, filled byte by byte.
//!
//! Everything but `main` uses `core` alone and would run in a device; `main` plays the line.

#![forbid(unsafe_code)]

use core::fmt;

use resp_proto::{
    Frame, FrameError, Framer, Limits,
    encode::{self, FixedBuffer},
};

/// A serial line, like the traits that device crates have for it.
trait Line {
    /// The next byte, if one has arrived.
    fn receive(&mut self) -> Option<u8>;
    fn send(&mut self, bytes: &[u8]);
}

/// What goes wrong on a device of `N` bytes.
#[derive(Debug, PartialEq)]
enum Error {
    Frame(FrameError),
    /// The reply is larger than the buffer.
    Full,
}

/// Reads replies of at most `N` bytes.
struct Reader<const N: usize> {
    framer: Framer,
    bytes: [u8; N],
    filled: usize,
}

impl<const N: usize> Reader<N> {
    fn new() -> Self {
        Self {
            // A header that announces more than the buffer holds is refused when it comes.
            framer: Framer::with_limits(
                Limits::new()
                    .nesting(4)
                    .bulk_length(N)
                    .elements(N)
                    .line_length(N),
            ),
            bytes: [0; N],
            filled: 0,
        }
    }

    /// Takes what has arrived; the reply once it is complete. A reply is gone with the next call.
    fn poll(&mut self, line: &mut impl Line) -> Result<Option<Frame<'_>>, Error> {
        while let Some(byte) = line.receive() {
            *self.bytes.get_mut(self.filled).ok_or(Error::Full)? = byte;
            self.filled += 1;
            let arrived = &self.bytes[..self.filled];
            let complete = self
                .framer
                .advance(arrived)
                .map_err(Error::Frame)?
                .is_some();
            if complete {
                let length = self.filled;
                self.filled = 0;
                return Ok(Some(Frame::again(&self.bytes[..length])));
            }
        }
        Ok(None)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(error) => error.fmt(f),
            Self::Full => f.write_str("the reply is larger than the buffer"),
        }
    }
}

/// A line on which a few replies come, one byte with every second look.
struct Played<'a> {
    replies: &'a [u8],
    looks: usize,
}

impl Line for Played<'_> {
    fn receive(&mut self) -> Option<u8> {
        self.looks += 1;
        if self.looks % 2 == 0 {
            return None;
        }
        let (&byte, rest) = self.replies.split_first()?;
        self.replies = rest;
        Some(byte)
    }

    fn send(&mut self, bytes: &[u8]) {
        println!("sent     {}", bytes.escape_ascii());
    }
}

fn main() {
    let mut line = Played {
        replies: b"$4\r\n21.5\r\n*2\r\n:1\r\n#t\r\n$4096\r\n",
        looks: 0,
    };
    let mut request = [0; 64];
    let mut out = FixedBuffer::new(&mut request);
    encode::request(&mut out, &[b"GET", b"temperature"]);
    match out.finish() {
        Ok(bytes) => line.send(bytes),
        Err(needed) => println!("a request of {needed} bytes does not fit"),
    }
    let mut reader = Reader::<64>::new();
    while !line.replies.is_empty() {
        match reader.poll(&mut line) {
            Ok(Some(frame)) => println!("received {:?}", frame.reply()),
            Ok(None) => {}
            Err(error) => return println!("gave up: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<const N: usize>(replies: &[u8]) -> Result<Vec<String>, Error> {
        let mut line = Played { replies, looks: 0 };
        let mut reader = Reader::<N>::new();
        let mut read = Vec::new();
        while !line.replies.is_empty() {
            if let Some(frame) = reader.poll(&mut line)? {
                read.push(frame.bytes().escape_ascii().to_string());
            }
        }
        Ok(read)
    }

    #[test]
    fn replies_that_fit_are_read_one_after_the_other() {
        let replies = read::<16>(b"+OK\r\n*2\r\n:1\r\n:2\r\n:3\r\n").unwrap();
        assert_eq!(
            replies,
            ["+OK\\r\\n", "*2\\r\\n:1\\r\\n:2\\r\\n", ":3\\r\\n"]
        );
    }

    #[test]
    fn a_reply_that_does_not_fit_is_an_error() {
        assert!(matches!(read::<16>(b"$17\r\n"), Err(Error::Frame(_))));
        assert_eq!(
            read::<16>(b"*9\r\n:1\r\n:2\r\n:3\r\n:4\r\n"),
            Err(Error::Full)
        );
    }
}
