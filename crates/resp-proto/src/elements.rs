//! What aggregates hold: their values, read one after the other as they are asked for.

use core::fmt;

#[cfg(feature = "alloc")]
use crate::{Data, word::Width};
use crate::{
    Limits, Reply,
    header::{self, Header},
    short,
};

/// The values of an aggregate, in order.
#[derive(Clone, Copy)]
pub struct Elements<'a> {
    /// Starts with the next value and ends with the last of the `left` that there are.
    bytes: &'a [u8],
    left: usize,
}

impl<'a> Elements<'a> {
    /// Each value has bytes of its own. What was framed keeps to that; with other bytes, nobody makes room for more
    /// values than there can be.
    pub(crate) fn new(bytes: &'a [u8], left: usize) -> Self {
        Self {
            bytes,
            left: left.min(bytes.len()),
        }
    }

    /// How many values are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.left
    }

    /// Whether no value is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// For how many of `count` values of a type there is to be room from the start. Values that were framed are
    /// really there, but need not decode, and may be far smaller than what they decode into: what they are given
    /// before they have is a small multiple of the bytes received, which is enough for the usual types.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn room_for<T>(&self, count: usize) -> usize {
        let most = self.bytes.len().saturating_mul(16);
        count.min(most.checked_div(size_of::<T>()).unwrap_or(count))
    }

    /// Whether the next value, if there is one, is nil.
    #[inline(always)]
    pub(crate) fn starts_with_null(&self) -> bool {
        match self.bytes {
            [b'_', ..] | [b'$' | b'*', b'-', ..] => true,
            [b'|', ..] => self.peek().is_some_and(|reply| reply.is_null()),
            _ => false,
        }
    }

    /// Whether the next value, if there is one, is an error.
    #[cfg(feature = "alloc")]
    #[inline(always)]
    pub(crate) fn starts_with_error(&self) -> bool {
        match self.bytes {
            [b'-' | b'!', ..] => true,
            [b'|', ..] => self
                .peek()
                .is_some_and(|reply| matches!(reply.data(), Data::Error(_))),
            _ => false,
        }
    }

    /// The next value, which has attributes.
    #[cold]
    #[inline(never)]
    fn peek(mut self) -> Option<Reply<'a>> {
        self.next()
    }

    /// The next value if it is a bulk string in its usual form. Like the two below, it takes the value only
    /// when there is one, and saves decoding the way over a [`Reply`].
    #[inline(always)]
    pub(crate) fn take_bulk(&mut self) -> Option<&'a [u8]> {
        let left = self.left.checked_sub(1)?;
        let (text, rest) = short::bulk(self.bytes)?;
        (self.bytes, self.left) = (rest, left);
        Some(text)
    }

    #[inline(always)]
    pub(crate) fn take_integer(&mut self) -> Option<i64> {
        let left = self.left.checked_sub(1)?;
        let (number, rest) = short::integer(self.bytes)?;
        (self.bytes, self.left) = (rest, left);
        Some(number)
    }

    /// The next value if it is a bulk string that spells an integer of up to 16 digits.
    #[inline(never)]
    pub(crate) fn take_spelt_integer(&mut self) -> Option<i64> {
        let left = self.left.checked_sub(1)?;
        let (number, rest) = short::spelt_integer(self.bytes)?;
        (self.bytes, self.left) = (rest, left);
        Some(number)
    }

    /// The same where many integers are expected: `width` is that of the last one.
    #[cfg(feature = "alloc")]
    #[inline(always)]
    pub(crate) fn take_similar_integer(&mut self, width: &mut Width) -> Option<i64> {
        let left = self.left.checked_sub(1)?;
        let (number, rest) = short::next_integer(self.bytes, width)?;
        (self.bytes, self.left) = (rest, left);
        Some(number)
    }

    #[inline(always)]
    pub(crate) fn take_double(&mut self) -> Option<f64> {
        let left = self.left.checked_sub(1)?;
        let (number, rest) = short::double(self.bytes)?;
        (self.bytes, self.left) = (rest, left);
        Some(number)
    }

    /// Whether the next value is none with others inside, and has no attributes.
    #[inline(always)]
    pub(crate) fn starts_with_scalar(&self) -> bool {
        matches!(self.bytes.first(), Some(b'$' | b':' | b',' | b'+'))
    }

    /// The next value, and what follows it; it is no longer among those that are left.
    #[inline(never)]
    fn read_next(&self) -> Option<(Reply<'a>, &'a [u8])> {
        let (header, line) = header::framed(self.bytes)?;
        let length = match header {
            Header::Aggregate(..) | Header::Attribute(_) => return self.read_next_of_many(),
            Header::Blob(_, length) => line.checked_add(length)?.checked_add(2)?,
            _ => line,
        };
        let (bytes, rest) = self.bytes.split_at_checked(length)?;
        Some((Reply::view(header, bytes, line)?, rest))
    }

    /// The same for a value of which only a walk over what is inside tells where it ends.
    #[inline(never)]
    fn read_next_of_many(&self) -> Option<(Reply<'a>, &'a [u8])> {
        if self.left == 0 {
            // It is the last one, which is all that is left: going down to what is nested last costs no walks.
            return Some((Reply::whole(self.bytes), &[]));
        }
        let rest = skip(self.bytes, 1)?;
        let bytes = self
            .bytes
            .get(..self.bytes.len().checked_sub(rest.len())?)?;
        Some((Reply::whole(bytes), rest))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Reply<'a>;

    #[inline]
    fn next(&mut self) -> Option<Reply<'a>> {
        self.left = self.left.checked_sub(1)?;
        // The bytes have been framed, so there is a value. If that were ever untrue, the sequence
        // would end early rather than panic.
        let (reply, rest) = match Reply::quick(self.bytes) {
            Some(quick) => quick,
            None => self.read_next()?,
        };
        self.bytes = rest;
        Some(reply)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Elements<'_> {}

impl fmt::Debug for Elements<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// The entries of a map, in the order of the wire.
#[derive(Clone, Copy)]
pub struct Entries<'a> {
    elements: Elements<'a>,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(elements: Elements<'a>) -> Self {
        Self { elements }
    }

    /// The keys and values one after the other.
    pub(crate) fn elements(&self) -> Elements<'a> {
        self.elements
    }

    /// How many entries are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements.left / 2
    }

    /// Whether no entry is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.left == 0
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Reply<'a>, Reply<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        Some((self.elements.next()?, self.elements.next()?))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl ExactSizeIterator for Entries<'_> {}

impl fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(*self).finish()
    }
}

/// The attributes before a reply, in the order of the wire. A reply may have several groups of them,
/// which follow each other here.
#[derive(Clone, Copy)]
pub struct Attributes<'a> {
    rest: &'a [u8],
    entries: Entries<'a>,
}

impl<'a> Attributes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            entries: Entries::new(Elements::new(&[], 0)),
        }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (Reply<'a>, Reply<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.entries.next() {
                return Some(entry);
            }
            let (Header::Attribute(values), line) = header::framed(self.rest)? else {
                return None;
            };
            let bytes = self.rest.get(line..)?;
            self.rest = skip(bytes, values)?;
            let length = bytes.len().checked_sub(self.rest.len())?;
            self.entries = Entries::new(Elements::new(bytes.get(..length)?, values));
        }
    }
}

impl fmt::Debug for Attributes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(*self).finish()
    }
}

/// What follows the first `values` values of `bytes`. Counting instead of recursing makes the depth of
/// a hostile reply irrelevant.
fn skip(mut bytes: &[u8], values: usize) -> Option<&[u8]> {
    let mut left = values;
    loop {
        (bytes, left) = short::pass_values(bytes, left, &Limits::NONE);
        if left == 0 {
            return Some(bytes);
        }
        let (header, line) = header::framed(bytes)?;
        let (length, inner) = match header {
            Header::Blob(_, length) => (line.checked_add(length)?.checked_add(2)?, 0),
            Header::Aggregate(_, values) => (line, values),
            // The value that the attribute belongs to is the one that counts.
            Header::Attribute(values) => (line, values.checked_add(1)?),
            _ => (line, 0),
        };
        bytes = bytes.get(length..)?;
        left = left.checked_sub(1)?.checked_add(inner)?;
    }
}

/// What follows the attributes at the front of `bytes`.
pub(crate) fn skip_attributes(mut bytes: &[u8]) -> Option<&[u8]> {
    while let (Header::Attribute(values), line) = header::framed(bytes)? {
        bytes = skip(bytes.get(line..)?, values)?;
    }
    Some(bytes)
}
