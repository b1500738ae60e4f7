//! One header: a type byte, what its line says, CRLF.
//!
//! ```text
//! simple    = "+" text CRLF            error   = "-" text CRLF       text: no CR, no LF
//! integer   = ":" [sign] digits CRLF   number  = "(" [sign] digits CRLF
//! double    = "," ( [sign] digits ["." digits] [("e" / "E") [sign] digits] / "inf" / "-inf" / "nan" ) CRLF
//! boolean   = "#" ( "t" / "f" ) CRLF   null    = "_" CRLF / "$-1" CRLF / "*-1" CRLF
//! blob      = ( "$" / "!" / "=" ) digits CRLF bytes CRLF
//! aggregate = ( "*" / "~" / ">" / "%" / "|" ) digits CRLF values
//! ```
//!
//! This is all of the grammar. The framer and the view read the usual forms in [`short`] first; the tests hold
//! that against what stands here.

use crate::{FrameError, FrameErrorKind as Kind, Limits, short};

/// What the line at the front of some bytes announces.
#[derive(Clone, Copy)]
pub(crate) enum Header<'a> {
    Simple(&'a [u8]),
    Error(&'a [u8]),
    Integer(i64),
    Double(&'a [u8]),
    Boolean(bool),
    BigNumber(&'a [u8]),
    Null,
    /// So many bytes and a CRLF follow.
    Blob(Blob, usize),
    /// So many values follow.
    Aggregate(Aggregate, usize),
    /// So many values follow, and then the value that they belong to.
    Attribute(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blob {
    String,
    Error,
    Verbatim,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Array,
    Set,
    Push,
    Map,
}

/// Reads the header at the front of `bytes`: what it says and how long it is with its CRLF, or `None`
/// while its line is incomplete. The first `scanned` bytes are known to hold no complete line.
#[inline(always)]
pub(crate) fn read<'a>(
    bytes: &'a [u8],
    scanned: usize,
    limits: &Limits,
) -> Result<Option<(Header<'a>, usize)>, FrameError> {
    match short::header(bytes, limits) {
        Some(header) => Ok(Some(header)),
        None => read_line(bytes, scanned, limits),
    }
}

/// Reads the header at the front of bytes that have been framed.
#[inline(never)]
pub(crate) fn framed(bytes: &[u8]) -> Option<(Header<'_>, usize)> {
    read(bytes, 0, &Limits::NONE).ok().flatten()
}

/// Reads any header, byte by byte.
#[inline(never)]
fn read_line<'a>(
    bytes: &'a [u8],
    scanned: usize,
    limits: &Limits,
) -> Result<Option<(Header<'a>, usize)>, FrameError> {
    let Some(&kind) = bytes.first() else {
        return Ok(None);
    };
    if !limits.protocol.has_type(kind) {
        let error = match kind {
            b';' | b'.' => Kind::Streamed,
            _ => Kind::UnknownType,
        };
        return Err(fault(error, 0, Some(kind)));
    }
    let Some(end) = line_end(bytes, scanned.max(1), limits.line_length)? else {
        return Ok(None);
    };
    let text = bytes.get(1..end).unwrap_or_default();
    let header = match kind {
        b'+' => Header::Simple(text),
        b'-' => Header::Error(text),
        b':' => Header::Integer(integer(text).map_err(|at| no_integer(text, at))?),
        b'$' | b'!' | b'=' => match length(kind, text)? {
            None => Header::Null,
            Some(length) if length > limits.bulk_length => {
                return Err(fault(Kind::BulkLimit, 0, None));
            }
            Some(length) => Header::Blob(
                match kind {
                    b'$' => Blob::String,
                    b'!' => Blob::Error,
                    _ if length < 4 => return Err(fault(Kind::Verbatim, 0, None)),
                    _ => Blob::Verbatim,
                },
                length,
            ),
        },
        b'*' | b'~' | b'>' | b'%' | b'|' => match length(kind, text)? {
            None => Header::Null,
            Some(length) => {
                let values = match kind {
                    b'%' | b'|' => length.checked_mul(2),
                    _ => Some(length),
                };
                let values = match values {
                    Some(values) if values <= limits.elements => values,
                    _ => return Err(fault(Kind::ElementsLimit, 0, None)),
                };
                match kind {
                    b'*' => Header::Aggregate(Aggregate::Array, values),
                    b'~' => Header::Aggregate(Aggregate::Set, values),
                    b'>' => Header::Aggregate(Aggregate::Push, values),
                    b'%' => Header::Aggregate(Aggregate::Map, values),
                    _ => Header::Attribute(values),
                }
            }
        },
        b',' if is_double(text) => Header::Double(text),
        b',' => return Err(fault(Kind::Double, 0, None)),
        b'#' => match text {
            b"t" => Header::Boolean(true),
            b"f" => Header::Boolean(false),
            _ => return Err(wrong(Kind::Boolean, text, 0)),
        },
        b'(' => match digits(unsigned(text)) {
            Ok(()) => Header::BigNumber(text),
            Err(_) => return Err(fault(Kind::BigNumber, 0, None)),
        },
        _ if text.is_empty() => Header::Null,
        _ => return Err(wrong(Kind::Null, text, 0)),
    };
    Ok(Some((header, end.saturating_add(2))))
}

/// Where the CR of the CRLF stands that ends the line at the front of `bytes`.
fn line_end(bytes: &[u8], from: usize, limit: usize) -> Result<Option<usize>, FrameError> {
    // Most lines are a few digits long, and calling memchr costs more than looking at them.
    const NEAR: usize = 24;
    let rest = bytes.get(from..).unwrap_or_default();
    let near = rest
        .iter()
        .take(NEAR)
        .position(|&byte| byte == b'\r' || byte == b'\n');
    let found = near.or_else(|| {
        let far = rest.get(NEAR..)?;
        memchr::memchr2(b'\r', b'\n', far).map(|at| at.saturating_add(NEAR))
    });
    let end = match found {
        Some(at) => at.saturating_add(from),
        None if bytes.len() > limit => return Err(fault(Kind::LineLimit, 0, None)),
        None => return Ok(None),
    };
    if end > limit {
        return Err(fault(Kind::LineLimit, 0, None));
    }
    match (bytes.get(end), bytes.get(end.saturating_add(1))) {
        (Some(b'\r'), Some(b'\n')) => Ok(Some(end)),
        (Some(b'\r'), None) => Ok(None),
        (Some(b'\r'), Some(&found)) => {
            Err(fault(Kind::LineEnding, end.saturating_add(1), Some(found)))
        }
        (found, _) => Err(fault(Kind::LineEnding, end, found.copied())),
    }
}

/// `[sign] digits` as 64 bits, or where it goes wrong.
pub(crate) fn integer(text: &[u8]) -> Result<i64, usize> {
    let magnitude = unsigned(text);
    if magnitude.is_empty() {
        return Err(text.len());
    }
    let negative = text.first() == Some(&b'-');
    let mut value: i64 = 0;
    for (at, &byte) in magnitude.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(at.saturating_add(text.len().saturating_sub(magnitude.len())));
        }
        // Accumulating downwards reaches i64::MIN, which has no positive counterpart.
        let next = value
            .checked_mul(10)
            .and_then(|tens| tens.checked_sub(i64::from(digit)));
        value = next.ok_or(0_usize)?;
    }
    if negative {
        Ok(value)
    } else {
        value.checked_neg().ok_or(0)
    }
}

/// Why a text is no integer of 64 bits.
#[cold]
fn no_integer(text: &[u8], at: usize) -> FrameError {
    match digits(unsigned(text)) {
        Ok(()) => FrameError {
            is_too_large: true,
            ..fault(Kind::Integer, 1, None)
        },
        Err(()) => wrong(Kind::Integer, text, at),
    }
}

/// A length, or `None` for the -1 of a RESP2 null.
fn length(kind: u8, text: &[u8]) -> Result<Option<usize>, FrameError> {
    match text {
        b"-1" if kind == b'$' || kind == b'*' => return Ok(None),
        b"?" if kind != b'!' && kind != b'=' => return Err(fault(Kind::Streamed, 1, Some(b'?'))),
        b"" => return Err(fault(Kind::Length, 1, None)),
        _ => {}
    }
    let mut value: usize = 0;
    for (at, &byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(wrong(Kind::Length, text, at));
        }
        // What does not fit is beyond any limit, on machines of all sizes.
        value = value.saturating_mul(10).saturating_add(digit.into());
    }
    Ok(Some(value))
}

fn is_double(text: &[u8]) -> bool {
    // "-nan" is outside the grammar, but printf of some C libraries writes it, and servers passed it on.
    if matches!(text, b"inf" | b"-inf" | b"nan" | b"-nan") {
        return true;
    }
    let (mantissa, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (
            text.get(..at).unwrap_or_default(),
            text.get(at.saturating_add(1)..),
        ),
        None => (text, None),
    };
    let mantissa = unsigned(mantissa);
    let (integral, fraction) = match mantissa.iter().position(|&byte| byte == b'.') {
        Some(at) => (
            mantissa.get(..at).unwrap_or_default(),
            mantissa.get(at.saturating_add(1)..),
        ),
        None => (mantissa, None),
    };
    digits(integral).is_ok()
        && fraction.is_none_or(|fraction| digits(fraction).is_ok())
        && exponent.is_none_or(|exponent| digits(unsigned(exponent)).is_ok())
}

fn unsigned(text: &[u8]) -> &[u8] {
    match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    }
}

/// One digit or more, and nothing else.
fn digits(text: &[u8]) -> Result<(), ()> {
    if !text.is_empty() && text.iter().all(u8::is_ascii_digit) {
        Ok(())
    } else {
        Err(())
    }
}

fn wrong(kind: Kind, text: &[u8], at: usize) -> FrameError {
    fault(kind, at.saturating_add(1), text.get(at).copied())
}

fn fault(kind: Kind, offset: usize, found: Option<u8>) -> FrameError {
    FrameError {
        kind,
        offset,
        found,
        is_too_large: false,
    }
}
