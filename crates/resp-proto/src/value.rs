//! The owned tree, for replies whose type is not known beforehand.

use alloc::{string::String, vec::Vec};

use crate::{Data, DecodeError, FromReply, Reply, ServerError};

/// Any reply, owned.
///
/// Use it where the type of a reply is not known when the program is written; a concrete type is
/// decoded faster and says more. Attributes are dropped. Two values are equal when they are of the same
/// type: a bulk string never equals a simple string.
#[derive(Clone, Debug, Default, PartialEq)]
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
}

impl<'a> FromReply<'a> for Value {
    // The framer's limit on nesting bounds the recursion.
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let lossy = |text| String::from_utf8_lossy(text).into_owned();
        let all = |elements: crate::Elements<'a>| {
            elements.map(Self::from_reply).collect::<Result<_, _>>()
        };
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
                    .map(|(key, value)| Ok((Self::from_reply(key)?, Self::from_reply(value)?)))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }
}
