//! The short and usual forms of the common types, which nearly all values have.
//!
//! Everything here says "not one of those" rather than "wrong": errors, rare types and long numbers are left to
//! [`header`](crate::header), which alone has the whole grammar. So this file can be as quick as it likes, and
//! the tests hold the two against each other.

use crate::{
    Limits, Protocol, double,
    header::{Aggregate, Blob, Header},
    word::{self, Width},
};

/// Passes by at most `count` values at the front of `bytes`, as long as they are complete, of the most common
/// types, in their usual form and within the limits. What follows them, and how many of `count` are left: there,
/// [`header::read`](crate::header::read) has to look.
///
/// This is the loop in which a parser spends its time, so it is a function of its own, with few enough
/// variables that all stay in registers.
#[inline(never)]
pub(crate) fn pass_values<'a>(
    mut bytes: &'a [u8],
    mut count: usize,
    limits: &Limits,
) -> (&'a [u8], usize) {
    let mut width = Width::default();
    while count > 0 {
        if let Some(after) = integer_line(bytes, &mut width).and_then(|line| bytes.get(line..)) {
            bytes = after;
            count = count.wrapping_sub(1);
            continue;
        }
        let length = match usual_bulk(bytes, limits) {
            Some(length) => Some(length),
            None => value(bytes, limits),
        };
        let Some(rest) = length.and_then(|length| bytes.get(length..)) else {
            break;
        };
        bytes = rest;
        count = count.wrapping_sub(1);
    }
    (bytes, count)
}

/// How long the integer at the front of `bytes` is, if it is positive and not long. `width` is that of the
/// last one, and becomes that of this one.
#[inline(always)]
fn integer_line(bytes: &[u8], width: &mut Width) -> Option<usize> {
    let word = integer_word(bytes)?;
    if !width.fits(word) {
        *width = Width::of(word)?;
    }
    Some(width.line().wrapping_add(1))
}

#[inline(always)]
fn integer_word(bytes: &[u8]) -> Option<&[u8; 8]> {
    match bytes.first_chunk::<9>()? {
        [b':', ..] => bytes.get(1..)?.first_chunk(),
        _ => None,
    }
}

/// The integer at the front of framed bytes, and what follows it, likewise.
#[cfg(feature = "alloc")]
#[inline(always)]
pub(crate) fn next_integer<'a>(bytes: &'a [u8], width: &mut Width) -> Option<(i64, &'a [u8])> {
    let word = integer_word(bytes)?;
    if !width.fits(word) {
        *width = Width::of(word)?;
    }
    let (number, line) = width.value_of(word);
    Some((number as i64, bytes.get(line.wrapping_add(1)..)?))
}

/// How long the value at the front of `bytes` is, if it is one of the three most frequent: `OK`, a positive
/// integer, a bulk string of up to 99 bytes.
#[inline(always)]
pub(crate) fn usual_value(bytes: &[u8], limits: &Limits) -> Option<usize> {
    match bytes {
        [b'+', b'O', b'K', b'\r', b'\n', ..] => Some(5),
        [b':', ..] => {
            let word = integer_word(bytes)?;
            Some(Width::of(word)?.line().wrapping_add(1))
        }
        _ => usual_bulk(bytes, limits),
    }
}

/// How long the bulk string at the front of `bytes` is, if it has 10 to 99 bytes.
#[inline(always)]
fn usual_bulk(bytes: &[u8], limits: &Limits) -> Option<usize> {
    match bytes {
        [b'$', tens, ones, b'\r', b'\n', ..] if tens.is_ascii_digit() && ones.is_ascii_digit() => {
            let digit = |byte: u8| usize::from(byte.wrapping_sub(b'0'));
            let length = digit(*tens).wrapping_mul(10).wrapping_add(digit(*ones));
            let end = length.wrapping_add(5);
            (length <= limits.bulk_length && word::ends_line(bytes, end))
                .then(|| end.wrapping_add(2))
        }
        _ => None,
    }
}

/// How long the value at the front of `bytes` is, if it is such a one.
#[inline(always)]
pub(crate) fn value(bytes: &[u8], limits: &Limits) -> Option<usize> {
    let (&kind, rest) = bytes.split_first()?;
    if kind == b'$' {
        let (length, line) = short_length(limits.bulk_length, rest)?;
        let end = line.checked_add(length)?;
        return word::ends_line(rest, end).then(|| end.wrapping_add(3));
    }
    let line = if kind == b':' {
        let digits = rest.strip_prefix(b"-").unwrap_or(rest);
        let sign = rest.len().wrapping_sub(digits.len());
        word::number_line(digits)?.wrapping_add(sign)
    } else if kind == b'+' {
        short_simple(rest)?.len().wrapping_add(2)
    } else if kind == b',' && limits.protocol == Protocol::Resp3 {
        match word::number_with_point(rest) {
            Some(found) if word::ends_line(rest, found.length) => found.length.wrapping_add(2),
            _ => short_double(rest)?.len().wrapping_add(2),
        }
    } else {
        return None;
    };
    Some(line.wrapping_add(1))
}

/// The short and legal forms of the common types, which nearly all headers are. Whatever it does not know,
/// errors included, is left to [`header`](crate::header), which alone has the whole grammar.
#[inline(always)]
pub(crate) fn header<'a>(bytes: &'a [u8], limits: &Limits) -> Option<(Header<'a>, usize)> {
    let (&kind, rest) = bytes.split_first()?;
    let (header, line) = match kind {
        b'$' | b':' | b'*' | b'%' | b'~' | b'>' => {
            // Reading numbers takes much code, so it stands here once.
            let (number, line) = word::number(rest)?;
            (header_of_number(kind, number, limits)?, line)
        }
        b'+' => {
            let text = short_simple(rest)?;
            (Header::Simple(text), text.len().wrapping_add(2))
        }
        b',' if limits.protocol == Protocol::Resp3 => {
            let text = short_double(rest)?;
            (Header::Double(text), text.len().wrapping_add(2))
        }
        b'_' if limits.protocol == Protocol::Resp3 && word::ends_line(rest, 0) => (Header::Null, 2),
        _ => return None,
    };
    Some((header, line.wrapping_add(1)))
}

/// What a header says whose line is a number.
#[inline(always)]
fn header_of_number(kind: u8, number: u64, limits: &Limits) -> Option<Header<'static>> {
    if kind == b':' {
        return Some(Header::Integer(number as i64));
    }
    let length = usize::try_from(number).ok()?;
    if kind == b'$' {
        return (length <= limits.bulk_length).then_some(Header::Blob(Blob::String, length));
    }
    let (aggregate, values) = match kind {
        b'*' => (Aggregate::Array, Some(length)),
        _ if limits.protocol == Protocol::Resp2 => return None,
        b'~' => (Aggregate::Set, Some(length)),
        b'>' => (Aggregate::Push, Some(length)),
        _ => (Aggregate::Map, length.checked_mul(2)),
    };
    let values = values.filter(|&values| values <= limits.elements)?;
    Some(Header::Aggregate(aggregate, values))
}

/// The bulk string at the front of framed bytes, and what follows it; `None` too where
/// [`header::framed`](crate::header::framed) has to look.
#[inline(always)]
pub(crate) fn bulk(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&kind, rest) = bytes.split_first()?;
    if kind != b'$' || rest.first() == Some(&b'-') {
        return None;
    }
    let (length, line) = word::checked_number(rest)?;
    let (text, rest) = rest.get(line..)?.split_at_checked(length as usize)?;
    Some((text, rest.get(2..)?))
}

/// The integer at the front of framed bytes, likewise.
#[inline(always)]
pub(crate) fn integer(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (&kind, rest) = bytes.split_first()?;
    if kind != b':' {
        return None;
    }
    let (number, line, rest) = match rest.split_first()? {
        (b'-', digits) => {
            let (number, line) = word::checked_number(digits)?;
            ((number as i64).wrapping_neg(), line, digits)
        }
        (b'+', _) => return None,
        _ => {
            let (number, line) = word::checked_number(rest)?;
            (number as i64, line, rest)
        }
    };
    Some((number, rest.get(line..)?))
}

/// The text of a bulk string that has been framed, given all between its type and its last CRLF.
#[inline(always)]
pub(crate) fn text_behind_length(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [b'-', ..] => None,
        [_, b'\r', b'\n', text @ ..]
        | [_, _, b'\r', b'\n', text @ ..]
        | [_, _, _, b'\r', b'\n', text @ ..]
        | [_, _, _, _, b'\r', b'\n', text @ ..] => Some(text),
        _ => None,
    }
}

/// The number that a few digits spell which have been framed.
#[inline(always)]
pub(crate) fn digits(digits: &[u8]) -> Option<i64> {
    let (negative, digits) = match digits {
        [b'-', digits @ ..] => (true, digits),
        [b'+', ..] => return None,
        _ => (false, digits),
    };
    if digits.len() > 8 {
        return None;
    }
    let spelt = digits.iter().fold(0_i64, |number, digit| {
        number
            .wrapping_mul(10)
            .wrapping_add(digit.wrapping_sub(b'0').into())
    });
    Some(if negative {
        spelt.wrapping_neg()
    } else {
        spelt
    })
}

/// The integer that the bulk string at the front of framed bytes spells, if it does with up to 16 digits, and what
/// follows it.
#[inline(always)]
pub(crate) fn spelt_integer(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let digit = |byte: u8| usize::from(byte.wrapping_sub(b'0'));
    let (length, text) = match bytes {
        [b'$', ones, b'\r', b'\n', text @ ..] => (digit(*ones), text),
        [b'$', b'1', ones, b'\r', b'\n', text @ ..] => (digit(*ones).wrapping_add(10), text),
        _ => return None,
    };
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (1, digits),
        _ => (0, text),
    };
    let number = word::spelt(digits, length.checked_sub(sign)?)? as i64;
    let signed = if sign == 0 {
        number
    } else {
        number.wrapping_neg()
    };
    Some((signed, text.get(length.wrapping_add(2)..)?))
}

/// The double at the front of framed bytes, likewise.
#[inline(always)]
pub(crate) fn double(bytes: &[u8]) -> Option<(f64, &[u8])> {
    let rest = bytes.strip_prefix(b",")?;
    let (negative, digits) = match rest {
        [b'-', digits @ ..] => (true, digits),
        _ => (false, rest),
    };
    if let Some(found) = word::number_with_point(digits) {
        // Where an exponent follows there is no end of the line.
        if word::ends_line(digits, found.length) {
            let value = double::quotient(found.number, found.fraction, negative)?;
            return Some((value, digits.get(found.length.wrapping_add(2)..)?));
        }
    }
    let text = short_double(rest)?;
    Some((double::value(text), rest.get(text.len().wrapping_add(2)..)?))
}

#[inline(always)]
fn short_length(limit: usize, bytes: &[u8]) -> Option<(usize, usize)> {
    let (number, line) = word::number(bytes)?;
    let number = usize::try_from(number).ok()?;
    (number <= limit).then_some((number, line))
}

#[inline(always)]
fn short_simple(bytes: &[u8]) -> Option<&[u8]> {
    // By far the most frequent of its kind.
    if bytes.starts_with(b"OK\r\n") {
        return bytes.get(..2);
    }
    bytes.get(..word::short_text(bytes)?)
}

/// How long the text of a double may be for [`short_double`]; it counts no further.
const MOST_OF_DOUBLE: usize = 60;

/// The text of a line that says `[sign] digits ["." digits]`.
#[inline(always)]
fn short_double(bytes: &[u8]) -> Option<&[u8]> {
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        let digits = rest.iter().take(MOST_OF_DOUBLE.wrapping_add(1));
        digits.take_while(|byte| byte.is_ascii_digit()).count()
    };
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let integral = digits(sign);
    let mut end = sign.wrapping_add(integral);
    let mut fraction = 1;
    if bytes.get(end) == Some(&b'.') {
        end = end.wrapping_add(1);
        fraction = digits(end);
        end = end.wrapping_add(fraction);
    }
    if integral == 0 || fraction == 0 || end > MOST_OF_DOUBLE || !word::ends_line(bytes, end) {
        return None;
    }
    bytes.get(..end)
}
