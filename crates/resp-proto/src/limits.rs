//! What a reply may be and how much it may claim before it is refused.

use crate::Protocol;

/// The deepest nesting a [`Framer`](crate::Framer) can be told to accept: its state is a fixed array.
pub const MAX_NESTING: usize = 128;

/// The lowest limit on lines: shorter ones are read without a look at the limit.
const SHORTEST_LINE: usize = 64;

/// What a reply may be and how much it may claim before it is refused.
///
/// A limit guards against a peer that lies or has gone mad. It is checked against headers, before the
/// bytes that they announce have arrived.
///
/// ```
/// use resp_proto::{Framer, Limits};
///
/// let mut framer = Framer::with_limits(Limits::new().bulk_length(16));
/// assert!(framer.advance(b"$17\r\n").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) protocol: Protocol,
    pub(crate) nesting: usize,
    pub(crate) bulk_length: usize,
    pub(crate) elements: usize,
    pub(crate) line_length: usize,
    pub(crate) frame_length: usize,
}

impl Limits {
    /// The defaults: all types, 128 levels, bulks of 512 MiB (the server's own `proto-max-bulk-len`), 2²⁶ elements
    /// an aggregate, lines of 64 KiB, 1 GiB for all of a reply (the server's own `client-query-buffer-limit`, for
    /// all of a request).
    #[must_use]
    pub const fn new() -> Self {
        Self {
            protocol: Protocol::Resp3,
            nesting: MAX_NESTING,
            bulk_length: 512 << 20,
            elements: 1 << 26,
            line_length: 64 << 10,
            frame_length: 1 << 30,
        }
    }

    /// No limit but the address space: what has been framed once needs no second check.
    pub(crate) const NONE: Self = Self {
        protocol: Protocol::Resp3,
        nesting: usize::MAX,
        bulk_length: usize::MAX,
        elements: usize::MAX,
        line_length: usize::MAX,
        frame_length: usize::MAX,
    };

    /// Which types a reply may have: [`Protocol::Resp2`] refuses those that only RESP3 has.
    #[must_use]
    pub const fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// How many aggregates may be open at once, attributes included; at most [`MAX_NESTING`], and a
    /// larger number means that.
    #[must_use]
    pub const fn nesting(mut self, levels: usize) -> Self {
        self.nesting = if levels < MAX_NESTING {
            levels
        } else {
            MAX_NESTING
        };
        self
    }

    /// How long a bulk string, bulk error or verbatim string may be, in bytes.
    #[must_use]
    pub const fn bulk_length(mut self, bytes: usize) -> Self {
        self.bulk_length = bytes;
        self
    }

    /// How many values an aggregate may hold; a map counts its keys and its values. At most 2³¹ − 1,
    /// and a larger number means that.
    #[must_use]
    pub const fn elements(mut self, values: usize) -> Self {
        self.elements = if values < i32::MAX as usize {
            values
        } else {
            i32::MAX as usize
        };
        self
    }

    /// How long a line may be, in bytes, its type byte counted and its CRLF not. At least 64, which any
    /// header fits into, and a smaller number means that.
    #[must_use]
    pub const fn line_length(mut self, bytes: usize) -> Self {
        self.line_length = if bytes > SHORTEST_LINE {
            bytes
        } else {
            SHORTEST_LINE
        };
        self
    }

    /// How long a reply may be, from its first byte to its last, in bytes: what a caller who keeps an
    /// incomplete reply needs memory for. The other limits are about single values, and many small ones, or
    /// elements with attributes without end, keep to all of them. (Before the reply itself there may be 128 groups.)
    #[must_use]
    pub const fn frame_length(mut self, bytes: usize) -> Self {
        self.frame_length = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
