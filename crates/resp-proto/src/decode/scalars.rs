//! Decoding into numbers, booleans, text and bytes.

// Processors that cannot compare and swap, like the Cortex-M0, have no `Arc`.
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use alloc::sync::Arc;
#[cfg(feature = "alloc")]
use alloc::{
    borrow::Cow,
    string::{FromUtf8Error, String},
    vec::Vec,
};
use core::num::NonZero;

use crate::{
    Data, DecodeError, Elements, FromReply, Reply,
    decode::{
        collections::array,
        next,
        whole::{NotWhole, Whole},
    },
    header,
};
#[cfg(feature = "alloc")]
use crate::{decode::collections::sequence, word::Width};

impl<'a> FromReply<'a> for Reply<'a> {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        Ok(reply)
    }
}

impl FromReply<'_> for () {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        match reply.data() {
            Data::Error(_) => Err(DecodeError::mismatch("no error", reply)),
            _ => Ok(()),
        }
    }
}

impl<'a, T: FromReply<'a>> FromReply<'a> for Option<T> {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        if reply.is_null() {
            Ok(None)
        } else {
            T::from_reply(reply).map(Some)
        }
    }

    #[inline]
    fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
        if elements.starts_with_null() {
            return next(elements).map(|_| None);
        }
        T::from_elements(elements).map(Some)
    }

    #[cfg(feature = "alloc")]
    #[inline]
    fn from_bulk(text: Vec<u8>) -> Result<Self, Vec<u8>> {
        T::from_bulk(text).map(Some)
    }
}

#[cfg(feature = "alloc")]
impl<'a, T: FromReply<'a>> FromReply<'a> for Result<T, crate::ServerError> {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        match reply.data() {
            Data::Error(line) => Ok(Err(crate::ServerError::from_line(line))),
            _ => T::from_reply(reply).map(Ok),
        }
    }

    #[inline]
    fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
        if elements.starts_with_error() {
            return next(elements).and_then(Self::from_reply);
        }
        T::from_elements(elements).map(Ok)
    }

    #[inline]
    fn from_bulk(text: Vec<u8>) -> Result<Self, Vec<u8>> {
        T::from_bulk(text).map(Ok)
    }
}

impl FromReply<'_> for bool {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        match reply.data() {
            Data::Boolean(value) => Ok(value),
            Data::Integer(number @ (0 | 1)) => Ok(number == 1),
            Data::Simple(b"OK") => Ok(true),
            Data::Null => Ok(false),
            _ => Err(DecodeError::mismatch("a boolean, 0, 1, OK or nil", reply)),
        }
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl<'a> FromReply<'a> for $integer {
            #[inline]
            fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
                let out_of_range = || DecodeError::out_of_range(stringify!($integer));
                match reply.data() {
                    Data::Integer(number) => number.try_into().map_err(|_| out_of_range()),
                    _ => wide_integer(reply, stringify!($integer))?.narrow().ok_or_else(out_of_range),
                }
            }

            #[inline]
            fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
                let number = elements.take_integer();
                match number.or_else(|| elements.take_spelt_integer()) {
                    Some(number) => number
                        .try_into()
                        .map_err(|_| DecodeError::out_of_range(stringify!($integer))),
                    None => next(elements).and_then(Self::from_reply),
                }
            }

            #[cfg(feature = "alloc")]
            #[inline]
            fn vec_from_reply(reply: Reply<'a>) -> Result<Vec<Self>, DecodeError> {
                let mut width = Width::default();
                sequence(reply, |elements| match elements.take_similar_integer(&mut width) {
                    Some(number) => number
                        .try_into()
                        .map_err(|_| DecodeError::out_of_range(stringify!($integer))),
                    None => Self::from_elements(elements),
                })
            }
        }
    )*};
}

macro_rules! integers_but_zero {
    ($($integer:ty),*) => {$(
        impl<'a> FromReply<'a> for NonZero<$integer> {
            fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
                Self::new(reply.decode()?)
                    .ok_or_else(|| DecodeError::out_of_range("an integer other than 0"))
            }
        }
    )*};
}

integers_but_zero!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);

integers!(i8, i16, i32, i64, i128, isize, u16, u32, u64, u128, usize);

impl<'a> FromReply<'a> for u8 {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let out_of_range = || DecodeError::out_of_range("u8");
        wide_integer(reply, "u8")?.narrow().ok_or_else(out_of_range)
    }

    #[cfg(feature = "alloc")]
    #[inline]
    fn vec_from_reply(reply: Reply<'a>) -> Result<Vec<u8>, DecodeError> {
        match reply.text() {
            Some(bytes) => Ok(bytes.into()),
            None => numbers(reply),
        }
    }

    #[cfg(feature = "alloc")]
    #[inline]
    fn vec_from_elements(elements: &mut Elements<'a>) -> Result<Vec<u8>, DecodeError> {
        match elements.take_bulk() {
            Some(bytes) => Ok(bytes.into()),
            None => next(elements).and_then(Self::vec_from_reply),
        }
    }

    #[cfg(feature = "alloc")]
    #[inline]
    fn vec_from_bulk(text: Vec<u8>) -> Result<Vec<u8>, Vec<u8>> {
        Ok(text)
    }

    fn array_from_reply<const N: usize>(reply: Reply<'a>) -> Result<[u8; N], DecodeError> {
        if reply.elements().is_some() {
            return array(reply, u8::from_elements);
        }
        let array = bytes(reply)?.try_into();
        array.map_err(|_| DecodeError::mismatch("a string of the length of the array", reply))
    }
}

/// An integer as sent, as text, or as a double without a fraction (`1.77e+18` is a score that servers
/// send for an integer).
#[inline(never)]
fn wide_integer(reply: Reply<'_>, expected: &'static str) -> Result<Whole, DecodeError> {
    let mismatch = || DecodeError::mismatch("an integer", reply);
    let text = match reply.data() {
        Data::Integer(number) => return Ok(number.into()),
        _ => reply.text().ok_or_else(mismatch)?,
    };
    if let Ok(number) = header::integer(text) {
        return Ok(number.into());
    }
    match Whole::read(text) {
        Ok(number) => Ok(number),
        Err(NotWhole::TooLarge) => Err(DecodeError::out_of_range(expected)),
        Err(NotWhole::NoInteger) => Err(mismatch()),
    }
}

impl<'a> FromReply<'a> for f64 {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        match reply.data() {
            Data::Double(number) => Ok(number),
            // A server's integers count things; the few beyond 2⁵³ lose their last digits.
            Data::Integer(number) => Ok(number as f64),
            _ => reply
                .text()
                .and_then(parse)
                .ok_or_else(|| DecodeError::mismatch("a number", reply)),
        }
    }

    #[inline]
    fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
        match elements.take_double() {
            Some(number) => Ok(number),
            None => next(elements).and_then(Self::from_reply),
        }
    }
}

impl FromReply<'_> for f32 {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        if let Data::Integer(number) = reply.data() {
            return Ok(number as f32);
        }
        let wide = f64::from_reply(reply)?;
        let narrow = match reply
            .text()
            .filter(|_| is_rounded_twice(wide))
            .and_then(parse)
        {
            Some(read) => read,
            None => wide as f32,
        };
        // An infinity that was sent is one. A number that is too large is none.
        let is_number = |text: &[u8]| text.iter().any(u8::is_ascii_digit);
        if narrow.is_infinite() && reply.text().is_some_and(is_number) {
            return Err(DecodeError::out_of_range("f32"));
        }
        Ok(narrow)
    }
}

/// Whether a number that was rounded to 64 bits may become another one of 32 bits than its text does: it stands
/// half-way between two of those, or is so small that they have fewer digits.
#[inline]
fn is_rounded_twice(wide: f64) -> bool {
    const DROPPED: u64 = (1 << 29) - 1;
    const HALF: u64 = 1 << 28;
    let smallest = f64::from(f32::MIN_POSITIVE);
    wide.to_bits() & DROPPED == HALF || (wide.abs() < smallest && wide != 0.0)
}

impl<'a> FromReply<'a> for &'a [u8] {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        bytes(reply)
    }

    #[inline]
    fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
        match elements.take_bulk() {
            Some(bytes) => Ok(bytes),
            None => next(elements).and_then(Self::from_reply),
        }
    }
}

impl<'a> FromReply<'a> for &'a str {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let text = reply
            .text()
            .ok_or_else(|| DecodeError::mismatch("text", reply))?;
        core::str::from_utf8(text).map_err(|_| DecodeError::mismatch("text in UTF-8", reply))
    }

    #[inline]
    fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
        let mut ahead = *elements;
        let text = ahead.take_bulk().map(core::str::from_utf8);
        if let Some(Ok(text)) = text {
            *elements = ahead;
            return Ok(text);
        }
        next(elements).and_then(Self::from_reply)
    }
}

#[cfg(feature = "alloc")]
impl<'a> FromReply<'a> for String {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        match reply.text().and_then(owned) {
            Some(text) => Ok(text),
            None => reply.decode::<&str>().map(Into::into),
        }
    }

    #[inline]
    fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
        let mut ahead = *elements;
        if let Some(text) = ahead.take_bulk().and_then(owned) {
            *elements = ahead;
            return Ok(text);
        }
        next(elements).and_then(Self::from_reply)
    }

    #[inline]
    fn from_bulk(text: Vec<u8>) -> Result<Self, Vec<u8>> {
        Self::from_utf8(text).map_err(FromUtf8Error::into_bytes)
    }
}

#[cfg(feature = "alloc")]
impl<'a> FromReply<'a> for Cow<'a, str> {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        reply.decode().map(Self::Borrowed)
    }
}

#[cfg(feature = "alloc")]
impl<'a> FromReply<'a> for Cow<'a, [u8]> {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        reply.decode().map(Self::Borrowed)
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl<'a> FromReply<'a> for Arc<str> {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        reply.decode::<&str>().map(Into::into)
    }
}

/// A copy of a text in UTF-8. It is the copy that is checked: what an allocator gives out is aligned, and checking
/// what is not takes several times as long.
#[cfg(feature = "alloc")]
#[inline]
fn owned(text: &[u8]) -> Option<String> {
    String::from_utf8(text.into()).ok()
}

#[inline]
fn bytes(reply: Reply<'_>) -> Result<&[u8], DecodeError> {
    reply
        .text()
        .ok_or_else(|| DecodeError::mismatch("a string", reply))
}

/// Numbers of a byte each. Nearly always it is a string that becomes a vector of bytes, which is then the string's.
#[cfg(feature = "alloc")]
#[cold]
#[inline(never)]
fn numbers(reply: Reply<'_>) -> Result<Vec<u8>, DecodeError> {
    match reply.elements() {
        Some(_) => sequence(reply, u8::from_elements),
        None => Err(DecodeError::mismatch("a string", reply)),
    }
}

fn parse<T: core::str::FromStr>(text: &[u8]) -> Option<T> {
    core::str::from_utf8(text).ok()?.parse().ok()
}
