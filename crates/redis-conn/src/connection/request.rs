//! What is sent: requests as they were encoded, and what stands in them without having been copied.

use std::{fmt, io::IoSlice};

/// Requests on their way out, and how many replies they will be answered with.
///
/// `Debug` shows lengths and no bytes: requests hold users' data and passwords.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub(super) encoded: &'a [u8],
    pub(super) borrowed: &'a [(usize, &'a [u8])],
    pub(super) replies: usize,
}

impl<'a> Request<'a> {
    /// One request, encoded.
    #[must_use]
    pub fn new(encoded: &'a [u8]) -> Self {
        Self {
            encoded,
            borrowed: &[],
            replies: 1,
        }
    }

    /// Puts pieces into the request that are sent from where they are: each at a place in the encoded
    /// bytes, in ascending order.
    #[must_use]
    pub fn with_borrowed(mut self, borrowed: &'a [(usize, &'a [u8])]) -> Self {
        self.borrowed = borrowed;
        self
    }

    /// Says that the bytes are several requests.
    #[must_use]
    pub fn with_replies(mut self, replies: usize) -> Self {
        self.replies = replies;
        self
    }

    /// How many bytes it is long.
    pub(super) fn len(self) -> usize {
        let borrowed = self.borrowed.iter().map(|(_, bytes)| bytes.len());
        borrowed.fold(self.encoded.len(), usize::saturating_add)
    }

    /// Whether the server may execute anything once it has so many bytes: a single request only if it has all.
    pub(super) fn may_be_executed_after(self, written: usize) -> bool {
        written > 0 && (self.replies > 1 || written >= self.len())
    }

    /// The bytes, if they are a single request in one piece.
    pub(crate) fn whole(&self) -> Option<&'a [u8]> {
        (self.borrowed.is_empty() && self.replies == 1).then_some(self.encoded)
    }

    /// The encoded bytes with the borrowed ones between them, to be written in this order.
    pub(super) fn pieces(self) -> Vec<IoSlice<'a>> {
        let mut pieces =
            Vec::with_capacity(self.borrowed.len().saturating_mul(2).saturating_add(1));
        let mut done = 0;
        for &(place, bytes) in self.borrowed {
            pieces.push(IoSlice::new(self.between(done, place)));
            pieces.push(IoSlice::new(bytes));
            done = place;
        }
        pieces.push(IoSlice::new(self.between(done, self.encoded.len())));
        pieces
    }

    /// What stands in one piece behind the first `written` bytes; empty at the end.
    pub(super) fn rest(self, written: usize) -> &'a [u8] {
        let (mut from, mut done) = (written, 0);
        for &(place, bytes) in self.borrowed {
            for piece in [self.between(done, place), bytes] {
                match piece.get(from..) {
                    Some(rest @ [_, ..]) => return rest,
                    _ => from = from.saturating_sub(piece.len()),
                }
            }
            done = place;
        }
        let last = self.between(done, self.encoded.len());
        last.get(from..).unwrap_or_default()
    }

    fn between(self, from: usize, to: usize) -> &'a [u8] {
        self.encoded.get(from..to).unwrap_or_default()
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("encoded", &self.encoded.len())
            .field("borrowed", &self.borrowed.len())
            .field("replies", &self.replies)
            .finish()
    }
}
