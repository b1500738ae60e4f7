//! What can be wrong with bytes.

use core::fmt;

/// Bytes that are not RESP, or that claim more than the [`Limits`](crate::Limits) allow.
///
/// A stream that was wrong once cannot be trusted to have a next reply, so the framer repeats this
/// error for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameError {
    pub(crate) kind: FrameErrorKind,
    pub(crate) offset: usize,
    pub(crate) found: Option<u8>,
    /// Whether there are digits and nothing else, which spell too large a number.
    pub(crate) is_too_large: bool,
}

/// What was wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameErrorKind {
    /// A reply started with a byte that is no RESP type.
    UnknownType,
    /// A line was not ended by CR LF, or held one of the two on its own.
    LineEnding,
    /// The bytes of a bulk string were not followed by CR LF.
    BulkEnding,
    /// An integer had a sign alone, something other than digits, or did not fit 64 bits.
    Integer,
    /// A length was no plain decimal number, or -1 where the type has no null form.
    Length,
    /// A null, `_`, was followed by something on its line.
    Null,
    /// A boolean was neither `#t` nor `#f`.
    Boolean,
    /// A double was not `[+-]digits[.digits][e[+-]digits]`, `inf`, `-inf` or `nan` (`-nan` is taken for that).
    Double,
    /// A big number was not `[+-]digits`.
    BigNumber,
    /// A verbatim string did not start with three bytes of format and a colon.
    Verbatim,
    /// A streamed string or aggregate. RESP3 describes them, no server sends them, and this crate
    /// does not read them.
    Streamed,
    /// More aggregates were open at once than the limit allows.
    NestingLimit,
    /// More than 128 groups of attributes stood before one reply.
    AttributeLimit,
    /// A bulk string was longer than the limit allows.
    BulkLimit,
    /// An aggregate had more elements than the limit allows.
    ElementsLimit,
    /// A line was longer than the limit allows.
    LineLimit,
    /// A reply was longer than the limit allows.
    FrameLimit,
}

impl FrameError {
    /// What was wrong.
    #[must_use]
    #[inline]
    pub fn kind(&self) -> FrameErrorKind {
        self.kind
    }

    /// Where: the number of bytes between the start of the top-level reply and the byte at fault, or
    /// the first byte of the line at fault where no single byte is.
    #[must_use]
    #[inline]
    pub fn offset(&self) -> usize {
        self.offset
    }

    #[inline]
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.offset = self.offset.saturating_add(by);
        self
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            FrameErrorKind::UnknownType => "expected a RESP type byte",
            FrameErrorKind::LineEnding => "expected a line to end in CRLF",
            FrameErrorKind::BulkEnding => "expected CRLF after the bytes of a bulk string",
            FrameErrorKind::Integer => "expected an integer of 64 bits",
            FrameErrorKind::Length => "expected a length",
            FrameErrorKind::Null => "expected nothing after the type byte of a null",
            FrameErrorKind::Boolean => "expected t or f after the type byte of a boolean",
            FrameErrorKind::Double => "expected a double",
            FrameErrorKind::BigNumber => "expected the digits of a big number",
            FrameErrorKind::Verbatim => {
                "expected three bytes of format and a colon in a verbatim string"
            }
            FrameErrorKind::Streamed => "streamed strings and aggregates are not supported",
            FrameErrorKind::NestingLimit => {
                "the reply nests deeper than the limit (Limits::nesting)"
            }
            FrameErrorKind::AttributeLimit => {
                "more than 128 groups of attributes stand before a reply"
            }
            FrameErrorKind::BulkLimit => {
                "a bulk string is longer than the limit (Limits::bulk_length)"
            }
            FrameErrorKind::ElementsLimit => {
                "an aggregate has more elements than the limit (Limits::elements)"
            }
            FrameErrorKind::LineLimit => "a line is longer than the limit (Limits::line_length)",
            FrameErrorKind::FrameLimit => {
                "the reply is longer than the limit (Limits::frame_length)"
            }
        })?;
        if let Some(found) = self.found {
            write!(f, ", found \"{}\"", found.escape_ascii())?;
        }
        if self.is_too_large {
            f.write_str(", found a number that is too large")?;
        }
        write!(f, " at byte {} of the reply", self.offset)
    }
}

impl core::error::Error for FrameError {}
