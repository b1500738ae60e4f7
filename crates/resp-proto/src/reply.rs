//! The view: one framed reply, read in place.

use core::fmt;

use crate::{
    Attributes, DecodeError, Elements, Entries, Framer, FromReply, Limits, double, elements,
    header::{self, Aggregate, Blob, Header},
    short,
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
#[derive(Clone, Copy)]
#[non_exhaustive]
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
    ///
    /// The types that most replies are of are put together where the reply is used: written to memory by a
    /// function and read again by its caller, it would make the processor wait for itself.
    #[inline(always)]
    pub(crate) fn whole(bytes: &'a [u8]) -> Self {
        // Where the reply ends is known, and so where its line or its text does.
        let data = match bytes {
            [b'+', text @ .., b'\r', b'\n'] => Some(Data::Simple(text)),
            [b'$', line @ .., b'\r', b'\n'] => short::text_behind_length(line).map(Data::Bulk),
            [b':', digits @ .., b'\r', b'\n'] => short::digits(digits).map(Data::Integer),
            _ => None,
        };
        match data {
            Some(data) => Self {
                data,
                bytes,
                attributes: &[],
            },
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
    pub(crate) fn quick(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (data, rest) = match short::bulk(bytes) {
            Some((text, rest)) => (Data::Bulk(text), rest),
            None => {
                let (number, rest) = short::integer(bytes)?;
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
        let bytes = elements::skip_attributes(all)?;
        Some(Self {
            attributes: all.get(..all.len().checked_sub(bytes.len())?)?,
            ..Self::whole(bytes)
        })
    }

    /// The reply that `bytes` consist of, whose header is known.
    #[inline(always)]
    pub(crate) fn view(header: Header<'a>, bytes: &'a [u8], line: usize) -> Option<Self> {
        let after = bytes.get(line..)?;
        let data = match header {
            Header::Simple(text) => Data::Simple(text),
            Header::Error(text) => Data::Error(text),
            Header::Integer(number) => Data::Integer(number),
            Header::Double(text) => Data::Double(double::value(text)),
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
                let elements = Elements::new(after, left);
                match aggregate {
                    Aggregate::Array => Data::Array(elements),
                    Aggregate::Set => Data::Set(elements),
                    Aggregate::Push => Data::Push(elements),
                    Aggregate::Map => Data::Map(Entries::new(elements)),
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
        Attributes::new(self.attributes)
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
            Data::Map(entries) => Some(entries.elements()),
            _ => None,
        }
    }

    /// The entries of a map, or of an array that lists keys and values in turn, which is how RESP2
    /// sends one; `None` for everything else and for an odd number of elements.
    #[must_use]
    pub fn entries(&self) -> Option<Entries<'a>> {
        match self.data {
            Data::Map(entries) => Some(entries),
            Data::Array(elements) if elements.len() % 2 == 0 => Some(Entries::new(elements)),
            _ => None,
        }
    }
}

impl fmt::Debug for Reply<'_> {
    /// It calls itself for the elements of aggregates and for attributes, and so looks first whether they are
    /// nested as those of replies are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut framer = Framer::with_limits(Limits::NONE);
        if framer.advance(self.attributes).is_err() {
            return f.write_str("…");
        }
        let mut framer = Framer::with_limits(Limits::NONE);
        if self.elements().is_some() && !matches!(framer.advance(self.bytes), Ok(Some(_))) {
            return f.write_str("…");
        }
        if self.attributes.is_empty() {
            return self.data.fmt(f);
        }
        f.debug_struct("Attributed")
            .field("attributes", &self.attributes())
            .field("data", &self.data)
            .finish()
    }
}

impl fmt::Debug for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut show = |name, value: &dyn fmt::Debug| f.debug_tuple(name).field(value).finish();
        match self {
            Self::Simple(text) => show("Simple", &Text(text)),
            Self::Error(text) => show("Error", &Text(text)),
            Self::Integer(number) => show("Integer", number),
            Self::Bulk(text) => show("Bulk", &Text(text)),
            Self::Null => f.write_str("Null"),
            Self::Double(number) => show("Double", number),
            Self::Boolean(value) => show("Boolean", value),
            Self::BigNumber(digits) => show("BigNumber", &Text(digits)),
            Self::Verbatim { format, text } => f
                .debug_struct("Verbatim")
                .field("format", &Text(format))
                .field("text", &Text(text))
                .finish(),
            Self::Array(elements) => show("Array", elements),
            Self::Set(elements) => show("Set", elements),
            Self::Push(elements) => show("Push", elements),
            Self::Map(entries) => show("Map", entries),
        }
    }
}

/// Bytes as those read them who look for what went wrong.
pub(crate) struct Text<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match core::str::from_utf8(self.0) {
            Ok(text) => text.fmt(f),
            Err(_) => write!(f, "\"{}\"", self.0.escape_ascii()),
        }
    }
}
