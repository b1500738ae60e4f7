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
    /// The reply at the front of `bytes`, which have been framed.
    pub(crate) fn first(bytes: &'a [u8]) -> Self {
        let mut values = Elements { bytes, left: 1 };
        values.next().unwrap_or(Self {
            data: Data::Null,
            bytes: &[],
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

    /// The next value without its attributes, and what follows it.
    fn read_next(&self) -> Option<(Reply<'a>, &'a [u8])> {
        let all = self.bytes;
        let mut bytes = all;
        let (header, line) = loop {
            let (header, line) = header::read(bytes, 0, &Limits::NONE).ok()??;
            match header {
                Header::Attribute(values) => bytes = skip(bytes.get(line..)?, values)?,
                _ => break (header, line),
            }
        };
        let attributes = all.get(..all.len().checked_sub(bytes.len())?)?;
        let after = bytes.get(line..)?;
        let (data, rest) = match header {
            Header::Simple(text) => (Data::Simple(text), after),
            Header::Error(text) => (Data::Error(text), after),
            Header::Integer(number) => (Data::Integer(number), after),
            Header::Double(text) => (Data::Double(double(text)), after),
            Header::Boolean(value) => (Data::Boolean(value), after),
            Header::BigNumber(digits) => (Data::BigNumber(digits), after),
            Header::Null => (Data::Null, after),
            Header::Blob(blob, length) => {
                let content = after.get(..length)?;
                let data = match blob {
                    Blob::String => Data::Bulk(content),
                    Blob::Error => Data::Error(content),
                    Blob::Verbatim => {
                        let (&format, text) = content.split_first_chunk::<3>()?;
                        Data::Verbatim {
                            format,
                            text: text.get(1..)?,
                        }
                    }
                };
                (data, after.get(length.checked_add(2)?..)?)
            }
            Header::Aggregate(aggregate, values) => {
                let rest = skip(after, values)?;
                let elements = Elements {
                    bytes: after,
                    left: values,
                };
                let data = match aggregate {
                    Aggregate::Array => Data::Array(elements),
                    Aggregate::Set => Data::Set(elements),
                    Aggregate::Push => Data::Push(elements),
                    Aggregate::Map => Data::Map(Entries { elements }),
                };
                (data, rest)
            }
            Header::Attribute(_) => return None,
        };
        let bytes = bytes.get(..bytes.len().checked_sub(rest.len())?)?;
        Some((
            Reply {
                data,
                bytes,
                attributes,
            },
            rest,
        ))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Reply<'a>;

    fn next(&mut self) -> Option<Reply<'a>> {
        self.left = self.left.checked_sub(1)?;
        // The bytes have been framed, so there is a value. If that were ever untrue, the sequence
        // would end early rather than panic.
        let (reply, rest) = self.read_next()?;
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
            let (Header::Attribute(values), line) =
                header::read(self.rest, 0, &Limits::NONE).ok()??
            else {
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
    while left > 0 {
        let (header, line) = header::read(bytes, 0, &Limits::NONE).ok()??;
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
    Some(bytes)
}

fn double(text: &[u8]) -> f64 {
    // The framer has checked the grammar, every word of which Rust's parser knows but "-nan".
    core::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(f64::NAN)
}
