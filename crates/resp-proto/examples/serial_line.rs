//! A reader for a serial line that needs no allocator: a fixed buffer, filled byte by byte.
//!
//! Everything but `main` uses `core` alone and would run in a device; `main` plays the line.

#![forbid(unsafe_code)]

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

/// Reads replies of at most `N` bytes.
struct Reader<const N: usize> {
    framer: Framer,
    bytes: [u8; N],
    filled: usize,
}

impl<const N: usize> Reader<N> {
    fn new() -> Self {
        Self {
            // A header that announces more bytes than the buffer holds is refused when it comes.
            framer: Framer::with_limits(Limits::new().nesting(4).elements(N).frame_length(N)),
            bytes: [0; N],
            filled: 0,
        }
    }

    /// Takes what has arrived; the reply once it is complete. A reply is gone with the next call.
    ///
    /// What was wrong once, or larger than the buffer, stays so: then nothing more is taken from the line.
    fn poll(&mut self, line: &mut impl Line) -> Result<Option<Frame<'_>>, FrameError> {
        while let Some(slot) = self.bytes.get_mut(self.filled) {
            let Some(byte) = line.receive() else {
                return Ok(None);
            };
            *slot = byte;
            self.filled += 1;
            let length = self.filled;
            match self.framer.advance(&self.bytes[..length]) {
                Ok(Some(_)) => {
                    self.filled = 0;
                    return Ok(Some(Frame::again(&self.bytes[..length])));
                }
                Ok(None) => {}
                Err(_) => self.filled = N,
            }
        }
        self.framer.advance(&self.bytes)
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

    fn read<const N: usize>(replies: &[u8]) -> Result<Vec<String>, FrameError> {
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
    fn a_reply_that_does_not_fit_is_an_error_as_soon_as_that_is_known() {
        for (replies, taken) in [
            (&b"$10\r\n0123456789\r\n"[..], 5),
            (b"$16\r\n0123456789abcdef\r\n", 5),
            (b"*9\r\n:1\r\n:2\r\n:3\r\n:4\r\n", 16),
            (b"+0123456789abcdef\r\n", 16),
            (b"?\r\n", 1),
        ] {
            let mut line = Played { replies, looks: 0 };
            let mut reader = Reader::<16>::new();
            let error = loop {
                match reader.poll(&mut line) {
                    Ok(frame) => assert!(frame.is_none()),
                    Err(error) => break error,
                }
            };
            assert_eq!(replies.len() - line.replies.len(), taken);
            for _ in 0..4 {
                assert_eq!(reader.poll(&mut line).map(|_| ()), Err(error));
            }
            assert_eq!(replies.len() - line.replies.len(), taken);
        }
    }
}
