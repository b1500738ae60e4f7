//! Requests whose long arguments are sent from where they are.

use alloc::vec::Vec;
use core::fmt;

use crate::encode::{self, Output};

/// Requests as a list of slices, for a vectored write: short arguments are copied, long ones borrowed.
///
/// Copying a few kilobytes costs less than one more slice does; 4096 is a good length to borrow from.
///
/// ```
/// use resp_proto::encode::Vectored;
///
/// let image = vec![0; 1 << 20];
/// let mut requests = Vectored::new(4096);
/// requests.request(&[b"SET", b"image", &image]);
/// requests.request(&[b"PING"]);
/// let slices: Vec<&[u8]> = requests.slices().collect();
/// assert_eq!(slices.len(), 3);
/// assert_eq!(slices[1].as_ptr(), image.as_ptr());
/// assert_eq!(requests.len(), slices.concat().len());
/// ```
///
/// `Debug` shows lengths and no bytes: requests hold users' data and passwords.
#[derive(Clone)]
pub struct Vectored<'a> {
    /// All bytes but those of the borrowed arguments.
    copied: Vec<u8>,
    /// Where in `copied` the bytes of an argument belong, in ascending order.
    borrowed: Vec<(usize, &'a [u8])>,
    borrow_from: usize,
}

impl<'a> Vectored<'a> {
    /// No request yet. Arguments of `borrow_from` bytes and more will be borrowed.
    #[must_use]
    pub fn new(borrow_from: usize) -> Self {
        Self {
            copied: Vec::new(),
            borrowed: Vec::new(),
            borrow_from,
        }
    }

    /// Adds a request: a command's name and its arguments.
    pub fn request(&mut self, arguments: &[&'a [u8]]) {
        encode::array(&mut self.copied, arguments.len());
        for argument in arguments {
            if argument.len() < self.borrow_from {
                encode::bulk(&mut self.copied, argument);
            } else {
                encode::bulk_header(&mut self.copied, argument.len());
                self.borrowed.push((self.copied.len(), argument));
                self.copied.put(b"\r\n");
            }
        }
    }

    /// What is to be sent, in order. No slice is empty.
    pub fn slices(&self) -> impl Iterator<Item = &[u8]> {
        let mut from = 0;
        let last = (self.copied.len(), &[][..]);
        let pieces = self.borrowed.iter().copied().chain([last]);
        pieces
            .flat_map(move |(at, borrowed)| {
                let copied = self.copied.get(from..at).unwrap_or_default();
                from = at;
                [copied, borrowed]
            })
            .filter(|slice| !slice.is_empty())
    }

    /// How many bytes there are to send.
    #[must_use]
    pub fn len(&self) -> usize {
        let borrowed = self.borrowed.iter().map(|(_, bytes)| bytes.len());
        borrowed.fold(self.copied.len(), usize::saturating_add)
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.copied.is_empty()
    }
}

impl fmt::Debug for Vectored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vectored")
            .field("len", &self.len())
            .field("borrowed", &self.borrowed.len())
            .finish_non_exhaustive()
    }
}
