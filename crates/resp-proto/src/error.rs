//! What can be wrong with bytes, and with a reply of another type than was asked for.

use core::fmt;

#[cfg(feature = "alloc")]
use crate::ServerError;

/// Bytes that are not RESP, or that claim more than the [`Limits`](crate::Limits) allow.
///
/// A stream that was wrong once cannot be trusted to have a next reply, so the framer repeats this
/// error for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameError {
    pub(crate) kind: FrameErrorKind,
    pub(crate) offset: usize,
    pub(crate) found: Option<u8>,
    /// Whether there are digits and nothing else, which spell too large a number.
    pub(crate) is_too_large: bool,
}

/// What was wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameErrorKind {
    /// A reply started with a byte that is no RESP type.
    UnknownType,
    /// A line was not ended by CR LF, or held one of the two on its own.
    LineEnding,
    /// The bytes of a bulk string were not followed by CR LF.
    BulkEnding,
    /// An integer had a sign alone, something other than digits, or did not fit 64 bits.
    Integer,
    /// A length was no plain decimal number, or -1 where the type has no null form.
    Length,
    /// A null, `_`, was followed by something on its line.
    Null,
    /// A boolean was neither `#t` nor `#f`.
    Boolean,
    /// A double was not `[+-]digits[.digits][e[+-]digits]`, `inf`, `-inf` or `nan`.
    Double,
    /// A big number was not `[+-]digits`.
    BigNumber,
    /// A verbatim string did not start with three bytes of format and a colon.
    Verbatim,
    /// A streamed string or aggregate. RESP3 describes them, no server sends them, and this crate
    /// does not read them.
    Streamed,
    /// More aggregates were open at once than the limit allows.
    NestingLimit,
    /// More than 128 groups of attributes stood before one reply.
    AttributeLimit,
    /// A bulk string was longer than the limit allows.
    BulkLimit,
    /// An aggregate had more elements than the limit allows.
    ElementsLimit,
    /// A line was longer than the limit allows.
    LineLimit,
    /// A reply was longer than the limit allows.
    FrameLimit,
}

impl FrameError {
    /// What was wrong.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> FrameErrorKind {
        self.kind
    }

    /// Where: the number of bytes between the start of the top-level reply and the byte at fault, or
    /// the first byte of the line at fault where no single byte is.
    #[must_use]
    #[inline]
    pub fn offset(&self) -> usize {
        self.offset
    }

    #[inline]
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.offset = self.offset.saturating_add(by);
        self
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            FrameErrorKind::UnknownType => "expected a RESP type byte",
            FrameErrorKind::LineEnding => "expected a line to end in CRLF",
            FrameErrorKind::BulkEnding => "expected CRLF after the bytes of a bulk string",
            FrameErrorKind::Integer => "expected an integer of 64 bits",
            FrameErrorKind::Length => "expected a length",
            FrameErrorKind::Null => "expected nothing after the type byte of a null",
            FrameErrorKind::Boolean => "expected t or f after the type byte of a boolean",
            FrameErrorKind::Double => "expected a double",
            FrameErrorKind::BigNumber => "expected the digits of a big number",
            FrameErrorKind::Verbatim => {
                "expected three bytes of format and a colon in a verbatim string"
            }
            FrameErrorKind::Streamed => "streamed strings and aggregates are not supported",
            FrameErrorKind::NestingLimit => {
                "the reply nests deeper than the limit (Limits::nesting)"
            }
            FrameErrorKind::AttributeLimit => {
                "more than 128 groups of attributes stand before a reply"
            }
            FrameErrorKind::BulkLimit => {
                "a bulk string is longer than the limit (Limits::bulk_length)"
            }
            FrameErrorKind::ElementsLimit => {
                "an aggregate has more elements than the limit (Limits::elements)"
            }
            FrameErrorKind::LineLimit => "a line is longer than the limit (Limits::line_length)",
            FrameErrorKind::FrameLimit => {
                "the reply is longer than the limit (Limits::frame_length)"
            }
        })?;
        if let Some(found) = self.found {
            write!(f, ", found \"{}\"", found.escape_ascii())?;
        }
        if self.is_too_large {
            f.write_str(", found a number that is too large")?;
        }
        write!(f, " at byte {} of the reply", self.offset)
    }
}

impl core::error::Error for FrameError {}

/// A reply that is not of the type that was asked for.
///
/// It never quotes a value: replies hold users' data, and errors end up in logs. What it does quote is the line of
/// an error of the server, [`Server`](DecodeError::Server).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The reply has another type or shape.
    Mismatch {
        /// What the asked-for type can be decoded from.
        expected: &'static str,
        /// What came, with its size.
        found: Found,
    },
    /// The reply is a number that does not fit the asked-for type.
    OutOfRange {
        /// The asked-for type.
        expected: &'static str,
    },
    /// The reply has no field of this name.
    MissingField {
        /// The name that was asked for.
        name: &'static str,
    },
    /// The reply is, or holds, an error of the server. Without the feature `alloc`, it is a
    /// [`Mismatch`](DecodeError::Mismatch) that found `an error`, whose text [`Data::Error`](crate::Data::Error) has.
    #[cfg(feature = "alloc")]
    Server(ServerError),
}

impl DecodeError {
    /// For implementations of [`FromReply`](crate::FromReply): what came is not what `expected` says.
    #[must_use]
    #[cold]
    pub fn mismatch(expected: &'static str, found: crate::Reply<'_>) -> Self {
        match found.data() {
            #[cfg(feature = "alloc")]
            crate::Data::Error(line) => Self::Server(ServerError::from_line(line)),
            data => Self::Mismatch {
                expected,
                found: Found::of(data),
            },
        }
    }

    #[inline]
    pub(crate) fn out_of_range(expected: &'static str) -> Self {
        Self::OutOfRange { expected }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::OutOfRange { expected } => {
                write!(f, "expected {expected}, found a number outside its range")
            }
            Self::MissingField { name } => write!(f, "expected a field named {name}, found none"),
            #[cfg(feature = "alloc")]
            Self::Server(error) => write!(f, "the server answered: {error}"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// The type and size of a reply, without its content: what [`DecodeError::Mismatch`] found.
///
/// ```
/// use resp_proto::{DecodeError, Framer};
///
/// let frame = Framer::new().advance(b"$6\r\nsecret\r\n").unwrap().unwrap();
/// let Err(DecodeError::Mismatch { found, .. }) = frame.reply().decode::<i64>() else {
///     panic!("a secret is no integer");
/// };
/// assert_eq!((found.name(), found.size()), ("a bulk string", Some(6)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    name: &'static str,
    size: Option<(usize, &'static str)>,
}

impl Found {
    /// What it is, with its article: `a bulk string`, `nil`, `the end of the aggregate`.
    #[must_use]
    #[inline]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How large it is: the bytes of a string, the digits of a big number, the elements of an aggregate, the
    /// entries of a map; `None` for what has no size.
    #[must_use]
    #[inline]
    pub fn size(&self) -> Option<usize> {
        self.size.map(|(size, _)| size)
    }

    fn of(data: crate::Data<'_>) -> Self {
        use crate::Data;
        let (name, size) = match data {
            Data::Simple(text) => ("a simple string", Some((text.len(), "bytes"))),
            Data::Error(_) => ("an error", None),
            Data::Integer(_) => ("an integer", None),
            Data::Bulk(bytes) => ("a bulk string", Some((bytes.len(), "bytes"))),
            Data::Null => ("nil", None),
            Data::Double(_) => ("a double", None),
            Data::Boolean(_) => ("a boolean", None),
            Data::BigNumber(digits) => ("a big number", Some((digits.len(), "digits"))),
            Data::Verbatim { text, .. } => ("a verbatim string", Some((text.len(), "bytes"))),
            Data::Array(elements) => ("an array", Some((elements.len(), "elements"))),
            Data::Set(elements) => ("a set", Some((elements.len(), "elements"))),
            Data::Push(elements) => ("a push", Some((elements.len(), "elements"))),
            Data::Map(entries) => ("a map", Some((entries.len(), "entries"))),
        };
        Self { name, size }
    }

    #[inline]
    pub(crate) fn end_of(sequence: &'static str) -> Self {
        Self {
            name: sequence,
            size: None,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match self.size {
            Some((size, unit)) => write!(f, " of {size} {unit}"),
            None => Ok(()),
        }
    }
}
