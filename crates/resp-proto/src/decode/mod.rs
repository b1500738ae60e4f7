//! Decoding a reply straight into a Rust type.

#[cfg(feature = "alloc")]
mod arrival;
mod collections;
mod error;
mod fields;
mod scalars;
mod whole;

#[cfg(feature = "alloc")]
pub use self::arrival::Arrival;
pub use self::{
    error::{DecodeError, DecodeErrorKind, Found},
    fields::Fields,
};
use crate::{Elements, Reply};

/// A type that a reply can be decoded into, without a tree in between.
///
/// One type accepts what RESP2 and what RESP3 send for the same thing: a `HashMap` takes a map, a flat
/// array or an array of pairs, an `f64` takes a double or the text of one, a `bool` takes `#t`, `:1` and
/// `+OK`. Absence is always spelt `Option`: nil decodes into `None` and into nothing else (but `bool`,
/// where it is the "not done" of conditional commands, and `()`, which takes anything that is no error).
///
/// | Rust | from |
/// |---|---|
/// | integers, `NonZero` | integer, text of one, a double without a fraction; out of range is an error |
/// | `f32`, `f64` | double, integer, text of one, `inf`, `-inf`, `nan` |
/// | `bool` | boolean, the integers 0 and 1, `OK`, nil (false) |
/// | `&str`, `String`, `Arc<str>`, `Cow<str>` | strings of any kind, numbers; must be UTF-8 |
/// | `&[u8]`, `Cow<[u8]>` | strings of any kind, numbers |
/// | `[u8; N]`, `Vec<u8>` | strings of any kind, numbers; an aggregate of numbers |
/// | `Option<T>` | nil, or what `T` is decoded from |
/// | `Vec<T>`, `VecDeque<T>`, `Box<[T]>`, `[T; N]`, sets | any aggregate |
/// | tuples | an aggregate of as many elements; inside a sequence also as many elements in a row |
/// | `HashMap`, `BTreeMap` | map, flat array, array of pairs |
/// | `Result<T, ServerError>` | an error, or what `T` is decoded from |
/// | [`Reply`] (borrowed), [`Value`](crate::Value) (owned) | anything |
///
/// A type of your own needs one short function, most often in terms of another type:
///
/// ```
/// use resp_proto::{DecodeError, FromReply, Reply};
///
/// struct Point { x: f64, y: f64 }
///
/// impl<'a> FromReply<'a> for Point {
///     fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
///         let (x, y) = reply.decode()?;
///         Ok(Point { x, y })
///     }
/// }
/// # let frame = resp_proto::Framer::new().advance(b"*2\r\n,0.5\r\n$2\r\n-1\r\n").unwrap().unwrap();
/// # let point: Point = frame.reply().decode().unwrap();
/// # assert_eq!((point.x, point.y), (0.5, -1.0));
/// ```
///
/// A row of several values, of which a reply may hold many, also needs
/// [`from_elements`](FromReply::from_elements). [`Fields`] does the same for a reply that names its fields.
#[diagnostic::on_unimplemented(
    message = "a reply cannot be decoded into `{Self}`",
    note = "integers, floats, `bool`, `String`, `Vec`, `Option`, tuples, maps and `Value` can; for a type of your own, implement `FromReply`"
)]
pub trait FromReply<'a>: Sized {
    /// Decodes one reply.
    ///
    /// # Errors
    /// [`DecodeError`] when the reply is an error of the server or is not what the type is made from.
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError>;

    /// Decodes the next of the values of a sequence; what is a row of several values, like a tuple, may take
    /// several.
    ///
    /// Override it for a type that RESP2 sends in a row and RESP3 as an array of its own, in terms of the tuple
    /// that [`from_reply`](FromReply::from_reply) is written in; `Vec`, sets, `Option` and so on then read both.
    ///
    /// ```
    /// use resp_proto::{DecodeError, Elements, FromReply, Reply};
    ///
    /// #[derive(Debug, PartialEq)]
    /// struct Scored { member: String, score: f64 }
    ///
    /// impl<'a> FromReply<'a> for Scored {
    ///     fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
    ///         let (member, score) = reply.decode()?;
    ///         Ok(Scored { member, score })
    ///     }
    ///
    ///     fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
    ///         let (member, score) = FromReply::from_elements(elements)?;
    ///         Ok(Scored { member, score })
    ///     }
    /// }
    ///
    /// for reply in [&b"*2\r\n$1\r\na\r\n$3\r\n0.1\r\n"[..], b"*1\r\n*2\r\n$1\r\na\r\n,0.1\r\n"] {
    ///     let frame = resp_proto::Framer::new().advance(reply).unwrap().unwrap();
    ///     let scored: Vec<Scored> = frame.reply().decode().unwrap();
    ///     assert_eq!(scored, [Scored { member: "a".into(), score: 0.1 }]);
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of [`from_reply`](FromReply::from_reply); also when there are too few values.
    fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
        let reply = next(elements)?;
        Self::from_reply(reply).map_err(|error| error.of(reply))
    }

    /// Whether a reply holds rows of this type as an array each, if it is a row of several values.
    #[doc(hidden)]
    #[inline]
    fn has_rows_nested(_reply: Reply<'a>) -> bool {
        false
    }

    /// Decodes the next row of a reply of which that is known.
    #[doc(hidden)]
    #[inline]
    fn from_row(elements: &mut Elements<'a>, _nested: bool) -> Result<Self, DecodeError> {
        Self::from_elements(elements)
    }

    /// Makes a bulk string that nobody else needs what it is decoded into, without copying it; or gives it back.
    #[doc(hidden)]
    #[cfg(feature = "alloc")]
    fn from_bulk(text: alloc::vec::Vec<u8>) -> Result<Self, alloc::vec::Vec<u8>> {
        Err(text)
    }

    /// The same for a vector; `u8` takes it as it is.
    #[doc(hidden)]
    #[cfg(feature = "alloc")]
    fn vec_from_bulk(
        text: alloc::vec::Vec<u8>,
    ) -> Result<alloc::vec::Vec<Self>, alloc::vec::Vec<u8>> {
        Err(text)
    }

    /// Decodes a whole reply into a vector; `u8` makes it the bytes of a string.
    #[doc(hidden)]
    #[cfg(feature = "alloc")]
    fn vec_from_reply(reply: Reply<'a>) -> Result<alloc::vec::Vec<Self>, DecodeError> {
        let nested = Self::has_rows_nested(reply);
        collections::sequence(reply, |elements| Self::from_row(elements, nested))
    }

    /// The same for the next value of a sequence.
    #[doc(hidden)]
    #[cfg(feature = "alloc")]
    fn vec_from_elements(
        elements: &mut Elements<'a>,
    ) -> Result<alloc::vec::Vec<Self>, DecodeError> {
        next(elements).and_then(Self::vec_from_reply)
    }

    /// Decodes a whole reply into an array; `u8` makes it the bytes of a string.
    #[doc(hidden)]
    fn array_from_reply<const N: usize>(reply: Reply<'a>) -> Result<[Self; N], DecodeError> {
        let nested = Self::has_rows_nested(reply);
        collections::array(reply, |elements| Self::from_row(elements, nested))
    }
}

/// A type that can be decoded from any reply and keeps nothing of it: what a client can hand out.
///
/// It is implemented for every type that is `FromReply` for all lifetimes; implement [`FromReply`].
#[diagnostic::on_unimplemented(
    message = "a reply cannot be decoded into an owned `{Self}`",
    note = "if it is `!`, nothing says which type you want: bind the reply to a variable that has one, or say `::<()>` if you need none",
    note = "borrowed types like `&str` only work on a `Reply` in hand; here use `String`, `Vec<u8>` …",
    note = "for a type of your own, implement `FromReply<'_>`"
)]
pub trait FromReplyOwned: for<'a> FromReply<'a> {}

impl<T: for<'a> FromReply<'a>> FromReplyOwned for T {}

#[inline]
fn next<'a>(elements: &mut Elements<'a>) -> Result<Reply<'a>, DecodeError> {
    elements.next().ok_or_else(DecodeError::end)
}
