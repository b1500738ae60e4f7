//! A reply as it has arrived, to be decoded by whoever asked for it.

use alloc::{borrow::Cow, vec::Vec};
use core::fmt;

use crate::{
    Data, DecodeError, Frame, FromReplyOwned, Protocol, Reply, encode::Replies, reply::Text,
};

/// A reply as it has arrived: a [`Frame`] among the bytes that were read, or a long bulk string in memory of its own,
/// which `Vec<u8>` and `String` then keep instead of copying it.
#[derive(Clone)]
pub struct Arrival<'a> {
    arrived: Arrived<'a>,
}

#[derive(Clone)]
enum Arrived<'a> {
    Frame(Cow<'a, [u8]>),
    /// The text alone.
    Bulk(Vec<u8>),
}

impl<'a> Arrival<'a> {
    /// The bulk string with this text, which was [taken](crate::Framer::bulk_ahead) as it came.
    #[must_use]
    pub fn bulk(text: Vec<u8>) -> Self {
        Self {
            arrived: Arrived::Bulk(text),
        }
    }

    /// The reply, to be decoded when the bytes that were read are gone. A frame is copied.
    #[must_use]
    pub fn into_owned(self) -> Arrival<'static> {
        Arrival {
            arrived: match self.arrived {
                Arrived::Frame(bytes) => Arrived::Frame(bytes.into_owned().into()),
                Arrived::Bulk(text) => Arrived::Bulk(text),
            },
        }
    }

    /// Decodes the reply into a type of the caller's choice.
    ///
    /// ```
    /// use resp_proto::Arrival;
    ///
    /// let text = Arrival::bulk(b"many bytes".to_vec());
    /// assert_eq!(text.decode::<Option<String>>().unwrap().as_deref(), Some("many bytes"));
    /// ```
    ///
    /// # Errors
    /// Those of [`Reply::decode`].
    pub fn decode<T: FromReplyOwned>(self) -> Result<T, DecodeError> {
        match self.arrived {
            Arrived::Frame(bytes) => T::from_reply(view(&bytes)),
            Arrived::Bulk(text) => match T::from_bulk(text) {
                Ok(kept) => Ok(kept),
                Err(text) => T::from_reply(view(&as_sent(&text))),
            },
        }
    }

    /// What the server answered in place of a reply, if it did: the text of its error.
    #[must_use]
    pub fn error(&self) -> Option<&[u8]> {
        let Arrived::Frame(bytes) = &self.arrived else {
            return None;
        };
        match bytes.first()? {
            b'-' | b'!' | b'|' => match view(bytes).data() {
                Data::Error(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'a> From<Frame<'a>> for Arrival<'a> {
    fn from(frame: Frame<'a>) -> Self {
        Self {
            arrived: Arrived::Frame(frame.bytes().into()),
        }
    }
}

impl fmt::Debug for Arrival<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.arrived {
            Arrived::Frame(bytes) => Frame::again(bytes).fmt(f),
            Arrived::Bulk(text) => f.debug_tuple("Bulk").field(&Text(text)).finish(),
        }
    }
}

/// Compiled once, not for every type.
#[inline(never)]
fn view(frame: &[u8]) -> Reply<'_> {
    Frame::again(frame).reply()
}

/// A bulk string as it came, for types that read a reply.
#[cold]
fn as_sent(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len().saturating_add(32));
    Replies::new(&mut bytes, Protocol::Resp3).bulk(text);
    bytes
}
