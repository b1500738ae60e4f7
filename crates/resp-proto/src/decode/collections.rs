//! Decoding into arrays, tuples, vectors, sets and maps.

use crate::{Data, DecodeError, Elements, FromReply, Reply, decode::next};

// What is expected where there are too few elements, or too many.
const AS_ARRAY: &str = "as many elements as the array has";
#[cfg(feature = "alloc")]
const WHOLE_ROWS: &str = "whole rows of elements";

impl<'a, T: FromReply<'a>, const N: usize> FromReply<'a> for [T; N] {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        T::array_from_reply(reply)
    }
}

#[expect(
    clippy::expect_used,
    reason = "there is no way to say without unsafe code that all slots of an array are filled"
)]
pub(super) fn array<'a, T, const N: usize>(
    reply: Reply<'a>,
    mut next: impl FnMut(&mut Elements<'a>) -> Result<T, DecodeError>,
) -> Result<[T; N], DecodeError> {
    let mut elements = values(reply)?;
    let mut slots = [const { None }; N];
    for slot in &mut slots {
        if elements.is_empty() {
            break;
        }
        let item = next(&mut elements);
        *slot = Some(item.map_err(|error| error.among(reply, elements.len(), AS_ARRAY))?);
    }
    if !elements.is_empty() || slots.iter().any(Option::is_none) {
        return Err(DecodeError::mismatch(AS_ARRAY, reply));
    }
    Ok(slots.map(|slot| slot.expect("the check above")))
}

macro_rules! tuples {
    ($($arity:literal: $($name:ident)+;)+) => {$(
        impl<'a, $($name: FromReply<'a>),+> FromReply<'a> for ($($name,)+) {
            fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
                const AS_TUPLE: &str = concat!("an aggregate for a tuple of ", $arity);
                let mut elements = values(reply)?;
                match Self::from_row(&mut elements, false) {
                    Ok(tuple) if elements.is_empty() => Ok(tuple),
                    Ok(_) => Err(DecodeError::mismatch(AS_TUPLE, reply)),
                    Err(error) => Err(error.among(reply, elements.len(), AS_TUPLE)),
                }
            }

            // RESP3 sends an array of pairs where RESP2 sends a flat array: take whichever is there. Who has
            // the reply that the elements are of, below, asks that once.
            #[inline]
            fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
                if !elements.starts_with_scalar() {
                    let mut ahead = *elements;
                    let first = next(&mut ahead)?;
                    if first.elements().is_some_and(|inner| inner.len() == $arity) {
                        *elements = ahead;
                        return Self::from_reply(first);
                    }
                }
                Self::from_row(elements, false)
            }

            #[inline]
            fn has_rows_nested(reply: Reply<'a>) -> bool {
                has_rows_nested(reply, $arity)
            }

            #[inline(always)]
            fn from_row(elements: &mut Elements<'a>, nested: bool) -> Result<Self, DecodeError> {
                if nested {
                    return next(elements).and_then(Self::from_reply);
                }
                Ok(($($name::from_elements(elements)?,)+))
            }
        }
    )+};
}

tuples! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
    7: A B C D E F G;
    8: A B C D E F G H;
    9: A B C D E F G H I;
    10: A B C D E F G H I J;
    11: A B C D E F G H I J K;
    12: A B C D E F G H I J K L;
    13: A B C D E F G H I J K L M;
    14: A B C D E F G H I J K L M N;
    15: A B C D E F G H I J K L M N O;
    16: A B C D E F G H I J K L M N O P;
}

#[cfg(feature = "alloc")]
pub(super) use owned::sequence;

#[cfg(feature = "alloc")]
mod owned {
    //! Collections that need an allocator.

    use alloc::{
        boxed::Box,
        collections::{BTreeMap, BTreeSet, VecDeque},
        vec::Vec,
    };

    use super::{DecodeError, Elements, FromReply, Reply, WHOLE_ROWS, each_row, values};

    #[inline]
    pub(in super::super) fn sequence<'a, T>(
        reply: Reply<'a>,
        mut next: impl FnMut(&mut Elements<'a>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let mut elements = values(reply)?;
        let mut items = Vec::with_capacity(elements.room_for::<T>(elements.len()));
        while !elements.is_empty() {
            let item = next(&mut elements);
            items.push(item.map_err(|error| error.among(reply, elements.len(), WHOLE_ROWS))?);
        }
        Ok(items)
    }

    impl<'a, T: FromReply<'a>> FromReply<'a> for Vec<T> {
        #[inline]
        fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
            T::vec_from_reply(reply)
        }

        #[inline]
        fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
            T::vec_from_elements(elements)
        }

        #[inline]
        fn from_bulk(text: Vec<u8>) -> Result<Self, Vec<u8>> {
            T::vec_from_bulk(text)
        }
    }

    impl<'a, T: FromReply<'a>> FromReply<'a> for Box<[T]> {
        fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
            T::vec_from_reply(reply).map(Into::into)
        }
    }

    impl<'a, T: FromReply<'a>> FromReply<'a> for VecDeque<T> {
        fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
            T::vec_from_reply(reply).map(Into::into)
        }
    }

    impl<'a, T: FromReply<'a> + Ord> FromReply<'a> for BTreeSet<T> {
        fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
            let mut set = Self::new();
            each_row(reply, values(reply)?, |row| {
                set.insert(row);
            })?;
            Ok(set)
        }
    }

    impl<'a, K: FromReply<'a> + Ord, V: FromReply<'a>> FromReply<'a> for BTreeMap<K, V> {
        fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
            // One by one: collecting would compile a sort for every type.
            let mut map = Self::new();
            each_row(reply, values(reply)?, |(key, value)| {
                map.insert(key, value);
            })?;
            Ok(map)
        }
    }
}

#[cfg(feature = "std")]
mod hashed {
    //! Collections that need a hasher, and so `std`.

    use core::hash::{BuildHasher, Hash};
    use std::collections::{HashMap, HashSet};

    use super::{DecodeError, FromReply, Reply, each_row, values};

    impl<'a, T: FromReply<'a> + Eq + Hash, S: BuildHasher + Default> FromReply<'a> for HashSet<T, S> {
        fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
            let elements = values(reply)?;
            let room = elements.room_for::<T>(elements.len());
            let mut set = Self::with_capacity_and_hasher(room, S::default());
            each_row(reply, elements, |row| {
                set.insert(row);
            })?;
            Ok(set)
        }
    }

    impl<'a, K, V, S> FromReply<'a> for HashMap<K, V, S>
    where
        K: FromReply<'a> + Eq + Hash,
        V: FromReply<'a>,
        S: BuildHasher + Default,
    {
        fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
            let elements = values(reply)?;
            // Keys and values in turn need half of it; growing step by step costs more than that.
            let room = elements.room_for::<(K, V)>(elements.len() / 2);
            let mut map = Self::with_capacity_and_hasher(room, S::default());
            each_row(reply, elements, |(key, value)| {
                map.insert(key, value);
            })?;
            Ok(map)
        }
    }
}

/// Gives `take` each row of a reply, whose elements these are.
#[cfg(feature = "alloc")]
#[inline]
fn each_row<'a, T: FromReply<'a>>(
    reply: Reply<'a>,
    mut elements: Elements<'a>,
    mut take: impl FnMut(T),
) -> Result<(), DecodeError> {
    let nested = T::has_rows_nested(reply);
    while !elements.is_empty() {
        let row = T::from_row(&mut elements, nested);
        take(row.map_err(|error| error.among(reply, elements.len(), WHOLE_ROWS))?);
    }
    Ok(())
}

/// Whether rows of `width` values stand in a reply as an array each, rather than one after the other.
///
/// In a map they never do. In an array it is the first row that says so, unless their number does: if all values of
/// the first row are arrays of just so many themselves, the rows are taken to be nested.
#[inline]
fn has_rows_nested(reply: Reply<'_>, width: usize) -> bool {
    match reply.data() {
        Data::Array(elements) | Data::Set(elements) | Data::Push(elements) => {
            !elements.starts_with_scalar() && starts_with_rows(elements, width)
        }
        _ => false,
    }
}

#[inline(never)]
fn starts_with_rows(elements: Elements<'_>, width: usize) -> bool {
    let values = match elements.len().checked_rem(width) {
        Some(0) => width,
        _ => 1,
    };
    let mut first = elements.into_iter().take(values);
    first.all(|value| value.elements().is_some_and(|row| row.len() == width))
}

fn values<'a>(reply: Reply<'a>) -> Result<Elements<'a>, DecodeError> {
    reply
        .elements()
        .ok_or_else(|| DecodeError::mismatch("an aggregate", reply))
}
