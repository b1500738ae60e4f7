//! A reply as it has arrived, to be decoded by whoever asked for it.

use alloc::vec::Vec;
use core::fmt;

use crate::{
    Data, DecodeError, Frame, FromReplyOwned, Protocol, Reply, encode::Replies, reply::Text,
};

/// A reply as it has arrived: among the bytes that were read, or a long bulk string in memory of its own, which
/// `Vec<u8>` and `String` then keep instead of copying it.
#[derive(Clone)]
pub enum Arrival<'a> {
    /// Any reply, to be read in place.
    InPlace(Frame<'a>),
    /// The text of a bulk string.
    Bulk(Vec<u8>),
}

impl Arrival<'_> {
    /// Decodes the reply into a type of the caller's choice.
    ///
    /// ```
    /// use resp_proto::Arrival;
    ///
    /// let text = Arrival::Bulk(b"many bytes".to_vec());
    /// assert_eq!(text.decode::<Option<String>>().unwrap().as_deref(), Some("many bytes"));
    /// ```
    ///
    /// # Errors
    /// Those of [`Reply::decode`].
    pub fn decode<T: FromReplyOwned>(self) -> Result<T, DecodeError> {
        let sent;
        let frame = match self {
            Self::InPlace(frame) => frame,
            Self::Bulk(text) => match T::from_bulk(text) {
                Ok(kept) => return Ok(kept),
                Err(text) => {
                    sent = as_sent(&text);
                    Frame::again(&sent)
                }
            },
        };
        T::from_reply(view(frame))
    }

    /// What the server answered in place of a reply, if it did: the text of its error.
    #[must_use]
    pub fn error(&self) -> Option<&[u8]> {
        let Self::InPlace(frame) = self else {
            return None;
        };
        match frame.bytes().first()? {
            b'-' | b'!' | b'|' => match view(*frame).data() {
                Data::Error(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'a> From<Frame<'a>> for Arrival<'a> {
    fn from(frame: Frame<'a>) -> Self {
        Self::InPlace(frame)
    }
}

impl fmt::Debug for Arrival<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InPlace(frame) => f.debug_tuple("InPlace").field(frame).finish(),
            Self::Bulk(text) => f.debug_tuple("Bulk").field(&Text(text)).finish(),
        }
    }
}

/// Compiled once, not for every type.
#[inline(never)]
fn view(frame: Frame<'_>) -> Reply<'_> {
    frame.reply()
}

/// A bulk string as it came, for types that read a reply.
#[cold]
fn as_sent(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len().saturating_add(32));
    Replies::new(&mut bytes, Protocol::Resp3).bulk(text);
    bytes
}
