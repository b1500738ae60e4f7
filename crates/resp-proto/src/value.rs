//! The owned tree, for replies whose type is not known beforehand.

use alloc::{string::String, vec::Vec};
use core::{fmt, time::Duration};

use crate::{
    Data, DecodeError, Frame, Framer, FromReply, FromReplyOwned, Limits, MAX_NESTING, Protocol,
    Reply, ServerError, encode::Replies, reply::Text,
};

/// Any reply, owned.
///
/// Use it where the type of a reply is not known when the program is written; a concrete type is
/// decoded faster and says more. Attributes are dropped. Two values are equal when they are of the same
/// type: a bulk string never equals a simple string.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No value, in any of its three spellings.
    #[default]
    Null,
    /// An integer.
    Integer(i64),
    /// A double.
    Double(f64),
    /// A boolean.
    Boolean(bool),
    /// The digits of an integer of any size.
    BigNumber(String),
    /// A bulk string.
    Bulk(Vec<u8>),
    /// A simple string, like `OK`. Bytes that are not UTF-8 are replaced.
    Simple(String),
    /// Text with the three bytes that name its format.
    Verbatim([u8; 3], Vec<u8>),
    /// An error, as part of a reply or of a pipeline's replies.
    Error(ServerError),
    /// An array.
    Array(Vec<Value>),
    /// A map, in the order of the wire, duplicate keys included.
    Map(Vec<(Value, Value)>),
    /// A set, in the order of the wire.
    Set(Vec<Value>),
    /// Something that the server sent of its own accord.
    Push(Vec<Value>),
    /// A point in time: how long after the beginning of 1970 in UTC. No reply is decoded into it; it is for
    /// those who know that a number is one. Written as a reply, it is whole seconds.
    Time(Duration),
}

impl Value {
    /// The bytes of a string of any kind.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bulk(bytes) | Self::Verbatim(_, bytes) => Some(bytes),
            Self::Simple(text) | Self::BigNumber(text) => Some(text.as_bytes()),
            _ => None,
        }
    }

    /// The text of a string of any kind, if it is UTF-8.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        core::str::from_utf8(self.as_bytes()?).ok()
    }

    /// The first value in a map whose key is this text; `None` when there is none, and for what is no map.
    #[must_use]
    #[inline]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else {
            return None;
        };
        let mut entries = entries.iter();
        entries
            .find_map(|(other, value)| (other.as_bytes() == Some(key.as_bytes())).then_some(value))
    }

    /// Decodes the value into a type of the caller's choice, as if a server had just sent it.
    ///
    /// It is written as a reply and read again, which costs more than decoding a reply at once.
    ///
    /// ```
    /// use resp_proto::Value;
    ///
    /// let value = Value::Array(vec![Value::from("1"), Value::from(2)]);
    /// assert_eq!(value.decode::<Vec<i64>>().unwrap(), [1, 2]);
    /// ```
    ///
    /// # Errors
    /// Those of [`Reply::decode`]; also for a value that cannot be sent, like a big number that is no digits,
    /// a simple string of two lines, or one that is nested deeper than any reply.
    #[inline]
    pub fn decode<T: FromReplyOwned>(&self) -> Result<T, DecodeError> {
        Frame::again(&self.to_resp3()?).reply().decode()
    }

    /// The value as a reply of RESP3, which [`Frame::again`] takes.
    ///
    /// # Errors
    /// For a value that cannot be sent: see [`decode`](Value::decode).
    #[inline]
    pub fn to_resp3(&self) -> Result<Vec<u8>, DecodeError> {
        let mut bytes = Vec::new();
        Replies::new(&mut bytes, Protocol::Resp3).value(self);
        match Framer::with_limits(Limits::NONE).advance(&bytes) {
            Ok(Some(frame)) if frame.len() == bytes.len() && self.fits_lines() => Ok(bytes),
            _ => Err(DecodeError::not_sent()),
        }
    }

    /// Whether each simple string inside is a line, as far down as a frame goes.
    fn fits_lines(&self) -> bool {
        match self {
            Self::Simple(text) => !text.contains(['\r', '\n']),
            Self::Array(values) | Self::Set(values) | Self::Push(values) => {
                values.iter().all(Self::fits_lines)
            }
            Self::Map(entries) => entries
                .iter()
                .all(|(key, value)| key.fits_lines() && value.fits_lines()),
            _ => true,
        }
    }

    /// Whether the value says that there is none.
    #[must_use]
    #[inline]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut show = |name, value: &dyn fmt::Debug| f.debug_tuple(name).field(value).finish();
        match self {
            Self::Null => f.write_str("Null"),
            Self::Integer(number) => show("Integer", number),
            Self::Double(number) => show("Double", number),
            Self::Boolean(value) => show("Boolean", value),
            Self::BigNumber(digits) => show("BigNumber", digits),
            Self::Bulk(text) => show("Bulk", &Text(text)),
            Self::Simple(text) => show("Simple", text),
            Self::Verbatim(format, text) => f
                .debug_tuple("Verbatim")
                .field(&Text(format))
                .field(&Text(text))
                .finish(),
            Self::Error(error) => show("Error", error),
            Self::Array(values) => show("Array", values),
            Self::Map(entries) => show("Map", entries),
            Self::Set(values) => show("Set", values),
            Self::Push(values) => show("Push", values),
            Self::Time(since) => show("Time", since),
        }
    }
}

impl From<&str> for Value {
    #[inline]
    fn from(text: &str) -> Self {
        Self::Bulk(text.into())
    }
}

impl From<String> for Value {
    #[inline]
    fn from(text: String) -> Self {
        Self::Bulk(text.into_bytes())
    }
}

impl From<Vec<u8>> for Value {
    #[inline]
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bulk(bytes)
    }
}

impl From<&[u8]> for Value {
    #[inline]
    fn from(bytes: &[u8]) -> Self {
        Self::Bulk(bytes.into())
    }
}

impl From<Vec<Value>> for Value {
    #[inline]
    fn from(values: Vec<Self>) -> Self {
        Self::Array(values)
    }
}

impl From<i64> for Value {
    #[inline]
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Value {
    #[inline]
    fn from(number: f64) -> Self {
        Self::Double(number)
    }
}

impl From<bool> for Value {
    #[inline]
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl<'a> FromReply<'a> for Value {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        Self::within(reply, MAX_NESTING)
    }

    #[inline]
    fn from_bulk(text: Vec<u8>) -> Result<Self, Vec<u8>> {
        Ok(Self::Bulk(text))
    }
}

impl Value {
    /// The value of a reply in which up to so many levels are nested, as a framer sees to.
    #[inline]
    fn within<'a>(reply: Reply<'a>, levels: usize) -> Result<Self, DecodeError> {
        let lossy = |text| String::from_utf8_lossy(text).into_owned();
        let inside = |element: Reply<'a>| match levels.checked_sub(1) {
            Some(levels) => Self::within(element, levels),
            None => Err(DecodeError::mismatch("at most 128 levels", reply)),
        };
        let all = |elements: crate::Elements<'a>| elements.map(inside).collect::<Result<_, _>>();
        Ok(match reply.data() {
            Data::Null => Self::Null,
            Data::Integer(number) => Self::Integer(number),
            Data::Double(number) => Self::Double(number),
            Data::Boolean(value) => Self::Boolean(value),
            Data::BigNumber(digits) => Self::BigNumber(lossy(digits)),
            Data::Bulk(bytes) => Self::Bulk(bytes.into()),
            Data::Simple(text) => Self::Simple(lossy(text)),
            Data::Verbatim { format, text } => Self::Verbatim(format, text.into()),
            Data::Error(line) => Self::Error(ServerError::from_line(line)),
            Data::Array(elements) => Self::Array(all(elements)?),
            Data::Set(elements) => Self::Set(all(elements)?),
            Data::Push(elements) => Self::Push(all(elements)?),
            Data::Map(entries) => Self::Map(
                entries
                    .map(|(key, value)| Ok((inside(key)?, inside(value)?)))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }
}
