//! A reply as it has arrived, to be decoded by whoever asked for it.

use alloc::vec::Vec;

use crate::{DecodeError, Frame, FromReplyOwned, Protocol, Reply, encode::Replies};

/// A reply as it has arrived: among the bytes that were read, or a long bulk string in memory of its own, which
/// `Vec<u8>` and `String` then keep instead of copying it.
#[derive(Clone, Debug)]
pub enum Arrival<'a> {
    /// Any reply, to be read in place.
    InPlace(Reply<'a>),
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
        let framed;
        let reply = match self {
            Self::InPlace(reply) => reply,
            Self::Bulk(text) => match T::from_bulk(text) {
                Ok(kept) => return Ok(kept),
                Err(text) => {
                    framed = frame(&text);
                    Frame::again(&framed).reply()
                }
            },
        };
        T::from_reply(reply)
    }
}

impl<'a> From<Reply<'a>> for Arrival<'a> {
    fn from(reply: Reply<'a>) -> Self {
        Self::InPlace(reply)
    }
}

/// A bulk string as it came, for types that read a reply.
#[cold]
fn frame(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len().saturating_add(32));
    Replies::new(&mut bytes, Protocol::Resp3).bulk(text);
    bytes
}
