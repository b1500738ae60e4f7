//! Writing: requests, which are arrays of bulk strings, and the replies that a server gives ([`Replies`]).
//!
//! ```
//! let mut out = Vec::new();
//! resp_proto::encode::request(&mut out, &[b"SET", b"key", b"value"]);
//! assert_eq!(out, b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n");
//! ```

mod numbers;
mod replies;
#[cfg(feature = "alloc")]
mod vectored;

use self::numbers::sealed;
pub use self::numbers::{Float, Integer};
pub use self::replies::Replies;
#[cfg(feature = "alloc")]
pub use self::vectored::Vectored;

/// Where bytes are written to.
///
/// Writing cannot fail: an output that can be full remembers that it was, as [`FixedBuffer`] does.
pub trait Output {
    /// Appends `bytes`.
    fn put(&mut self, bytes: &[u8]);
}

impl<O: Output + ?Sized> Output for &mut O {
    fn put(&mut self, bytes: &[u8]) {
        (**self).put(bytes);
    }
}

#[cfg(feature = "alloc")]
impl Output for alloc::vec::Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Makes an output of any collection that bytes can be added to.
///
/// ```
/// use std::collections::VecDeque;
///
/// use resp_proto::encode::{self, Extending};
///
/// let mut queue = VecDeque::new();
/// encode::request(&mut Extending(&mut queue), &[b"PING"]);
/// assert_eq!(queue, b"*1\r\n$4\r\nPING\r\n");
/// ```
#[derive(Debug)]
pub struct Extending<'a, C>(pub &'a mut C);

impl<C: Extend<u8>> Output for Extending<'_, C> {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend(bytes.iter().copied());
    }
}

/// An output of fixed size, for places without an allocator.
///
/// What does not fit is counted, so that the caller learns how large the buffer has to be.
///
/// ```
/// use resp_proto::encode::{self, FixedBuffer};
///
/// let mut bytes = [0; 8];
/// let mut out = FixedBuffer::new(&mut bytes);
/// encode::request(&mut out, &[b"PING"]);
/// assert_eq!(out.finish(), Err(14));
/// ```
#[derive(Debug)]
pub struct FixedBuffer<'a> {
    bytes: &'a mut [u8],
    /// How many bytes were put, whether they fitted or not.
    length: usize,
}

impl<'a> FixedBuffer<'a> {
    /// Writes into `bytes`, from its start.
    #[must_use]
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, length: 0 }
    }

    /// What was written.
    ///
    /// # Errors
    /// The size that the buffer must have, in bytes, when it was too small.
    pub fn finish(self) -> Result<&'a [u8], usize> {
        let bytes: &'a [u8] = self.bytes;
        bytes.get(..self.length).ok_or(self.length)
    }
}

impl Output for FixedBuffer<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(bytes);
        }
        self.length = end;
    }
}

/// Writes a whole request: a command's name and its arguments. Without a name it is one that servers do not answer.
pub fn request(out: &mut impl Output, arguments: &[&[u8]]) {
    array(out, arguments.len());
    for argument in arguments {
        bulk(out, argument);
    }
}

/// Writes the header of an array of `length` values. The values must follow.
pub fn array(out: &mut impl Output, length: usize) {
    header(out, b"*", length);
}

/// Writes a bulk string.
pub fn bulk(out: &mut impl Output, bytes: &[u8]) {
    bulk_header(out, bytes.len());
    out.put(bytes);
    out.put(b"\r\n");
}

/// Writes the header of a bulk string of `length` bytes. The bytes and CRLF must follow; this is for
/// large values that are sent from where they are.
pub fn bulk_header(out: &mut impl Output, length: usize) {
    header(out, b"$", length);
}

/// Writes an integer as a bulk string, which is how commands take numbers.
pub fn integer(out: &mut impl Output, number: impl Integer) {
    bulk(
        out,
        sealed::Integer::text(number, &mut itoa::Buffer::new()).as_bytes(),
    );
}

/// Writes a float as a bulk string in the shortest form that reads back as the same number of its own
/// width; `inf`, `-inf` and `nan` as servers spell them.
pub fn float(out: &mut impl Output, number: impl Float) {
    bulk(
        out,
        sealed::Float::text(number, &mut ryu::Buffer::new()).as_bytes(),
    );
}

fn header(out: &mut impl Output, kind: &[u8; 1], length: usize) {
    line(out, kind, itoa::Buffer::new().format(length).as_bytes());
}

fn line(out: &mut impl Output, kind: &[u8; 1], text: &[u8]) {
    out.put(kind);
    out.put(text);
    out.put(b"\r\n");
}
