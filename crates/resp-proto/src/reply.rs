//! The view: one framed reply, read in place.

use core::fmt;

use crate::{
    DecodeError, FromReply, Limits,
    header::{self, Aggregate, Blob, Header},
};

/// One reply, borrowed from the bytes that it arrived in.
///
/// A view is made from a [`Frame`](crate::Frame), whose bytes have been checked, so nothing here can
/// fail. It is a few words, made without allocating and free to copy.
#[derive(Clone, Copy)]
pub struct Reply<'a> {
    data: Data<'a>,
    bytes: &'a [u8],
    attributes: &'a [u8],
}

/// What a reply is.
///
/// Aggregates are iterators that read their elements as they are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Data<'a> {
    /// `+`: a simple string; it holds neither CR nor LF.
    Simple(&'a [u8]),
    /// `-` or `!`: an error, by convention an upper-case code and a message.
    Error(&'a [u8]),
    /// `:`: an integer.
    Integer(i64),
    /// `$`: a bulk string.
    Bulk(&'a [u8]),
    /// `_`, `$-1` or `*-1`: no value.
    Null,
    /// `,`: a double. [`Reply::text`] has it as it was sent.
    Double(f64),
    /// `#`: a boolean.
    Boolean(bool),
    /// `(`: the digits of an integer of any size, with their sign if one was sent.
    BigNumber(&'a [u8]),
    /// `=`: text with a hint of what it is, `txt` or `mkd`.
    Verbatim {
        /// Three bytes that name the format.
        format: [u8; 3],
        /// The text.
        text: &'a [u8],
    },
    /// `*`: an array.
    Array(Elements<'a>),
    /// `~`: a set. The server says that its elements are unique; this crate does not check it.
    Set(Elements<'a>),
    /// `>`: something that the server sends of its own accord, like a published message.
    Push(Elements<'a>),
    /// `%`: a map, in the order of the wire, duplicate keys included.
    Map(Entries<'a>),
}

impl<'a> Reply<'a> {
    /// The reply that `bytes`, which have been framed, consist of.
    #[inline]
    pub(crate) fn whole(bytes: &'a [u8]) -> Self {
        // Where a line ends is known, as the whole reply is that line.
        if let [b'+', text @ .., b'\r', b'\n'] = bytes {
            return Self {
                data: Data::Simple(text),
                bytes,
                attributes: &[],
            };
        }
        match Self::quick(bytes) {
            Some((reply, _)) => reply,
            None => Self::whole_of_any_type(bytes),
        }
    }

    #[inline(never)]
    fn whole_of_any_type(bytes: &'a [u8]) -> Self {
        // Where the reply ends is known, so nothing inside it needs to be looked at.
        let viewed = match header::framed(bytes) {
            Some((Header::Attribute(_), _)) => Self::after_attributes(bytes),
            Some((header, line)) => Self::view(header, bytes, line),
            None => None,
        };
        viewed.unwrap_or(Self {
            data: Data::Null,
            bytes: &[],
            attributes: &[],
        })
    }

    /// The reply at the front of `bytes` and what follows it, for the types that most replies are of.
    #[inline(always)]
    fn quick(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (data, rest) = match header::framed_bulk(bytes) {
            Some((text, rest)) => (Data::Bulk(text), rest),
            None => {
                let (number, rest) = header::framed_integer(bytes)?;
                (Data::Integer(number), rest)
            }
        };
        let reply = Self {
            data,
            bytes: bytes.get(..bytes.len().wrapping_sub(rest.len()))?,
            attributes: &[],
        };
        Some((reply, rest))
    }

    #[inline(never)]
    fn after_attributes(all: &'a [u8]) -> Option<Self> {
        let bytes = skip_attributes(all)?;
        let (header, line) = header::framed(bytes)?;
        Some(Self {
            attributes: all.get(..all.len().checked_sub(bytes.len())?)?,
            ..Self::view(header, bytes, line)?
        })
    }

    /// The reply that `bytes` consist of, whose header is known.
    #[inline(always)]
    fn view(header: Header<'a>, bytes: &'a [u8], line: usize) -> Option<Self> {
        let after = bytes.get(line..)?;
        let data = match header {
            Header::Simple(text) => Data::Simple(text),
            Header::Error(text) => Data::Error(text),
            Header::Integer(number) => Data::Integer(number),
            Header::Double(text) => Data::Double(double(text)),
            Header::Boolean(value) => Data::Boolean(value),
            Header::BigNumber(digits) => Data::BigNumber(digits),
            Header::Null => Data::Null,
            Header::Blob(Blob::String, length) => Data::Bulk(after.get(..length)?),
            Header::Blob(Blob::Error, length) => Data::Error(after.get(..length)?),
            Header::Blob(Blob::Verbatim, length) => {
                let (&format, text) = after.get(..length)?.split_first_chunk::<3>()?;
                Data::Verbatim {
                    format,
                    text: text.get(1..)?,
                }
            }
            Header::Aggregate(aggregate, left) => {
                let elements = Elements { bytes: after, left };
                match aggregate {
                    Aggregate::Array => Data::Array(elements),
                    Aggregate::Set => Data::Set(elements),
                    Aggregate::Push => Data::Push(elements),
                    Aggregate::Map => Data::Map(Entries { elements }),
                }
            }
            Header::Attribute(_) => return None,
        };
        Some(Self {
            data,
            bytes,
            attributes: &[],
        })
    }

    /// What the reply is.
    #[must_use]
    pub fn data(&self) -> Data<'a> {
        self.data
    }

    /// Decodes the reply into a type of the caller's choice.
    ///
    /// # Errors
    /// When the reply is an error of the server, or does not have the shape that `T` wants.
    pub fn decode<T: FromReply<'a>>(&self) -> Result<T, DecodeError> {
        T::from_reply(*self)
    }

    /// The bytes as they came, without attributes and with the last CRLF.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The attributes that precede the reply: auxiliary data, which no part of the reply itself is.
    #[must_use]
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes {
            rest: self.attributes,
            entries: Entries {
                elements: Elements::EMPTY,
            },
        }
    }

    /// Whether the reply says that there is no value.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// The content of a string of any kind, or a number as it was sent; `None` for everything else.
    #[must_use]
    pub fn text(&self) -> Option<&'a [u8]> {
        match self.data {
            Data::Bulk(text) | Data::Simple(text) | Data::BigNumber(text) => Some(text),
            Data::Verbatim { text, .. } => Some(text),
            Data::Integer(_) | Data::Double(_) => {
                self.bytes.get(1..self.bytes.len().checked_sub(2)?)
            }
            _ => None,
        }
    }

    /// The values of any aggregate, the keys and values of a map one after the other; `None` for
    /// everything else.
    #[must_use]
    pub fn elements(&self) -> Option<Elements<'a>> {
        match self.data {
            Data::Array(elements) | Data::Set(elements) | Data::Push(elements) => Some(elements),
            Data::Map(entries) => Some(entries.elements),
            _ => None,
        }
    }

    /// The entries of a map, or of an array that lists keys and values in turn, which is how RESP2
    /// sends one; `None` for everything else and for an odd number of elements.
    #[must_use]
    pub fn entries(&self) -> Option<Entries<'a>> {
        match self.data {
            Data::Map(entries) => Some(entries),
            Data::Array(elements) if elements.left % 2 == 0 => Some(Entries { elements }),
            _ => None,
        }
    }
}

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.data, f)
    }
}

/// The values of an aggregate, in order.
#[derive(Clone, Copy)]
pub struct Elements<'a> {
    /// Starts with the next value and holds at least `left` of them.
    bytes: &'a [u8],
    left: usize,
}

impl<'a> Elements<'a> {
    const EMPTY: Self = Self {
        bytes: &[],
        left: 0,
    };

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

    /// The next value if it is a bulk string in its usual form. Like the two below, it takes the value only
    /// when there is one, and saves decoding the way over a [`Reply`].
    #[inline(always)]
    pub(crate) fn take_bulk(&mut self) -> Option<&'a [u8]> {
        let left = self.left.checked_sub(1)?;
        let (text, rest) = header::framed_bulk(self.bytes)?;
        (self.bytes, self.left) = (rest, left);
        Some(text)
    }

    #[inline(always)]
    pub(crate) fn take_integer(&mut self) -> Option<i64> {
        let left = self.left.checked_sub(1)?;
        let (number, rest) = header::framed_integer(self.bytes)?;
        (self.bytes, self.left) = (rest, left);
        Some(number)
    }

    #[inline(always)]
    pub(crate) fn take_double(&mut self) -> Option<f64> {
        let left = self.left.checked_sub(1)?;
        let (text, rest) = header::framed_double(self.bytes)?;
        (self.bytes, self.left) = (rest, left);
        Some(double(text))
    }

    /// Whether the next value is none with others inside, and has no attributes.
    #[inline(always)]
    pub(crate) fn starts_with_scalar(&self) -> bool {
        matches!(self.bytes.first(), Some(b'$' | b':' | b',' | b'+'))
    }

    /// The next value, and what follows it.
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

impl Entries<'_> {
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
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    rest: &'a [u8],
    entries: Entries<'a>,
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
            self.entries = Entries {
                elements: Elements {
                    bytes,
                    left: values,
                },
            };
            self.rest = skip(bytes, values)?;
        }
    }
}

/// What follows the first `values` values of `bytes`. Counting instead of recursing makes the depth of
/// a hostile reply irrelevant.
fn skip(mut bytes: &[u8], values: usize) -> Option<&[u8]> {
    let mut left = values;
    loop {
        (bytes, left) = header::pass_short_values(bytes, left, &Limits::NONE);
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
fn skip_attributes(mut bytes: &[u8]) -> Option<&[u8]> {
    while let (Header::Attribute(values), line) = header::framed(bytes)? {
        bytes = skip(bytes.get(line..)?, values)?;
    }
    Some(bytes)
}

fn double(text: &[u8]) -> f64 {
    if let Some(number) = short_decimal(text) {
        return number;
    }
    // The framer has checked the grammar, every word of which Rust's parser knows but "-nan".
    core::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(f64::NAN)
}

/// The value of digits with or without a point among them, if there are so few that both their number without
/// the point and the power of ten to divide it by are exact: then the quotient is correctly rounded, too.
#[inline]
fn short_decimal(text: &[u8]) -> Option<f64> {
    const POWERS: [f64; 16] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ];
    let (negative, digits) = match text.split_first()? {
        (b'-', digits) => (true, digits),
        _ => (false, text),
    };
    if digits.len() > 16 {
        return None;
    }
    let (mut number, mut point) = (0_u64, digits.len());
    for (at, byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            number = number.wrapping_mul(10).wrapping_add(digit.into());
        } else if *byte == b'.' && point == digits.len() {
            point = at;
        } else {
            return None;
        }
    }
    let fraction = digits.len().wrapping_sub(point).saturating_sub(1);
    // Sixteen digits are too many when none of them is the point.
    if number >> 53 != 0 {
        return None;
    }
    let value = number as f64 / POWERS.get(fraction)?;
    Some(if negative { -value } else { value })
}
