//! Writing replies: what a proxy or a test double needs.

use crate::{
    Data, MAX_NESTING, Protocol, Reply,
    encode::{self, Output, sealed::Float},
};

/// Writes replies in one of the two protocols.
///
/// What RESP2 has no type for is written as servers write it for clients that speak RESP2: a map as a flat
/// array, a set as an array, a double as a bulk string, a boolean as 0 or 1. A handler is then written
/// once, for RESP3.
///
/// Aggregates are a header, behind which the caller writes as many values as it announced.
///
/// ```
/// use resp_proto::{Protocol, encode::Replies};
///
/// fn answer(protocol: Protocol) -> Vec<u8> {
///     let mut out = Vec::new();
///     let mut replies = Replies::new(&mut out, protocol);
///     replies.map(1);
///     replies.bulk(b"score");
///     replies.double(1.5);
///     out
/// }
/// assert_eq!(answer(Protocol::Resp3), b"%1\r\n$5\r\nscore\r\n,1.5\r\n");
/// assert_eq!(answer(Protocol::Resp2), b"*2\r\n$5\r\nscore\r\n$3\r\n1.5\r\n");
/// ```
#[derive(Debug)]
pub struct Replies<'o, O> {
    out: &'o mut O,
    protocol: Protocol,
}

impl<'o, O: Output> Replies<'o, O> {
    /// Writes behind what `out` holds.
    #[inline]
    pub fn new(out: &'o mut O, protocol: Protocol) -> Self {
        Self { out, protocol }
    }

    /// A simple string. CR and LF, which it cannot hold, become spaces.
    #[inline]
    pub fn simple(&mut self, text: &[u8]) {
        self.text_line(b"+", text);
    }

    /// An error: by convention an upper-case code, a space and a message. CR and LF, which it cannot hold,
    /// become spaces, as servers do.
    #[inline]
    pub fn error(&mut self, text: &[u8]) {
        self.text_line(b"-", text);
    }

    /// An integer.
    #[inline]
    pub fn integer(&mut self, number: i64) {
        encode::line(
            self.out,
            b":",
            itoa::Buffer::new().format(number).as_bytes(),
        );
    }

    /// A bulk string.
    #[inline]
    pub fn bulk(&mut self, bytes: &[u8]) {
        encode::bulk(self.out, bytes);
    }

    /// No value: `_`, and in RESP2 `$-1`.
    #[inline]
    pub fn null(&mut self) {
        self.out.put(match self.protocol {
            Protocol::Resp2 => b"$-1\r\n",
            Protocol::Resp3 => b"_\r\n",
        });
    }

    /// No aggregate: `_`, and in RESP2 `*-1`.
    #[inline]
    pub fn null_array(&mut self) {
        self.out.put(match self.protocol {
            Protocol::Resp2 => b"*-1\r\n",
            Protocol::Resp3 => b"_\r\n",
        });
    }

    /// A double, in the shortest form that reads back as the same number, which for a whole one has no point; in
    /// RESP2 the bulk string of it.
    #[inline]
    pub fn double(&mut self, number: f64) {
        let mut buffer = ryu::Buffer::new();
        let text = Float::text(number, &mut buffer);
        self.double_text(text.strip_suffix(".0").unwrap_or(text).as_bytes());
    }

    /// A boolean; in RESP2 the integer 1 or 0.
    #[inline]
    pub fn boolean(&mut self, value: bool) {
        self.out.put(match (self.protocol, value) {
            (Protocol::Resp2, true) => b":1\r\n",
            (Protocol::Resp2, false) => b":0\r\n",
            (Protocol::Resp3, true) => b"#t\r\n",
            (Protocol::Resp3, false) => b"#f\r\n",
        });
    }

    /// An integer of any size, as digits with or without a sign; in RESP2 the bulk string of them. That
    /// they are digits is the caller's promise: a reader refuses anything else.
    #[inline]
    pub fn big_number(&mut self, digits: &[u8]) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(digits),
            Protocol::Resp3 => self.text_line(b"(", digits),
        }
    }

    /// An error that may hold any bytes; in RESP2 a plain error, in which CR and LF become spaces.
    #[inline]
    pub fn bulk_error(&mut self, text: &[u8]) {
        match self.protocol {
            Protocol::Resp2 => self.error(text),
            Protocol::Resp3 => self.blob(b"!", &[text]),
        }
    }

    /// Text with a hint of what it is, `txt` or `mkd`; in RESP2 a bulk string without the hint.
    #[inline]
    pub fn verbatim(&mut self, format: [u8; 3], text: &[u8]) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(text),
            Protocol::Resp3 => self.blob(b"=", &[&format, b":", text]),
        }
    }

    /// The header of an array of `length` values.
    #[inline]
    pub fn array(&mut self, length: usize) {
        encode::array(self.out, length);
    }

    /// The header of a set of `length` values; in RESP2 an array.
    #[inline]
    pub fn set(&mut self, length: usize) {
        self.aggregate(b"~", length);
    }

    /// The header of a push of `length` values, the first of which names its kind; in RESP2 an array, which
    /// is how published messages come there.
    #[inline]
    pub fn push(&mut self, length: usize) {
        self.aggregate(b">", length);
    }

    /// The header of a map of `entries` entries, a key and a value each; in RESP2 a flat array.
    #[inline]
    pub fn map(&mut self, entries: usize) {
        match self.protocol {
            Protocol::Resp2 => encode::array(self.out, entries.saturating_mul(2)),
            Protocol::Resp3 => encode::header(self.out, b"%", entries),
        }
    }

    /// The header of `entries` attributes of the next value. False in RESP2, which has none: nothing was
    /// written, and the entries must not be written either.
    #[must_use = "in RESP2 the entries must not be written"]
    #[inline]
    pub fn attributes(&mut self, entries: usize) -> bool {
        if self.protocol == Protocol::Resp3 {
            encode::header(self.out, b"|", entries);
        }
        self.protocol == Protocol::Resp3
    }

    /// A reply that was read, in this protocol: what a proxy between peers of different protocols passes on.
    /// Where both speak RESP3, [`Frame::bytes`](crate::Frame::bytes) need no writing at all.
    ///
    /// It calls itself for the elements of aggregates; the framer's limit on nesting bounds that. What is nested
    /// deeper, in bytes that were not framed, is written as no value.
    #[inline]
    pub fn reply(&mut self, reply: Reply<'_>) {
        self.reply_within(reply, MAX_NESTING);
    }

    #[inline]
    fn reply_within(&mut self, reply: Reply<'_>, levels: usize) {
        let inside = |replies: &mut Self, element| match levels.checked_sub(1) {
            Some(levels) => replies.reply_within(element, levels),
            None => replies.null(),
        };
        let attributes = reply.attributes().count();
        if attributes > 0 && self.attributes(attributes) {
            for (name, value) in reply.attributes() {
                inside(self, name);
                inside(self, value);
            }
        }
        match reply.data() {
            Data::Simple(text) => self.simple(text),
            Data::Error(text) if reply.bytes().first() == Some(&b'!') => self.bulk_error(text),
            Data::Error(text) => self.error(text),
            Data::Integer(number) => self.integer(number),
            Data::Bulk(bytes) => self.bulk(bytes),
            Data::Null if reply.bytes().first() == Some(&b'*') => self.null_array(),
            Data::Null => self.null(),
            // As it was sent: another spelling of the same number would change what a user sees.
            Data::Double(_) => self.double_text(reply.text().unwrap_or_default()),
            Data::Boolean(value) => self.boolean(value),
            Data::BigNumber(digits) => self.big_number(digits),
            Data::Verbatim { format, text } => self.verbatim(format, text),
            Data::Array(elements) => self.array(elements.len()),
            Data::Set(elements) => self.set(elements.len()),
            Data::Push(elements) => self.push(elements.len()),
            Data::Map(entries) => self.map(entries.len()),
        }
        for element in reply.elements().into_iter().flatten() {
            inside(self, element);
        }
    }

    /// An owned reply.
    ///
    /// It calls itself for the elements of aggregates, like everything else that handles a tree.
    #[cfg(feature = "alloc")]
    #[inline]
    pub fn value(&mut self, value: &crate::Value) {
        use crate::Value;
        match value {
            Value::Null => self.null(),
            Value::Integer(number) => self.integer(*number),
            Value::Double(number) => self.double(*number),
            Value::Boolean(value) => self.boolean(*value),
            Value::BigNumber(digits) => self.big_number(digits.as_bytes()),
            Value::Bulk(bytes) => self.bulk(bytes),
            Value::Simple(text) => self.simple(text.as_bytes()),
            Value::Verbatim(format, text) => self.verbatim(*format, text),
            Value::Time(since) => self.integer(since.as_secs().try_into().unwrap_or(i64::MAX)),
            Value::Error(error) if error.line().contains(['\r', '\n']) => {
                self.bulk_error(error.line().as_bytes());
            }
            Value::Error(error) => self.error(error.line().as_bytes()),
            Value::Array(values) => {
                self.array(values.len());
                self.values(values);
            }
            Value::Set(values) => {
                self.set(values.len());
                self.values(values);
            }
            Value::Push(values) => {
                self.push(values.len());
                self.values(values);
            }
            Value::Map(entries) => {
                self.map(entries.len());
                for (key, value) in entries {
                    self.value(key);
                    self.value(value);
                }
            }
        }
    }

    #[cfg(feature = "alloc")]
    #[inline]
    fn values(&mut self, values: &[crate::Value]) {
        for value in values {
            self.value(value);
        }
    }

    #[inline]
    fn double_text(&mut self, text: &[u8]) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(text),
            Protocol::Resp3 => encode::line(self.out, b",", text),
        }
    }

    #[inline]
    fn aggregate(&mut self, kind: &[u8; 1], length: usize) {
        match self.protocol {
            Protocol::Resp2 => encode::array(self.out, length),
            Protocol::Resp3 => encode::header(self.out, kind, length),
        }
    }

    #[inline]
    fn text_line(&mut self, kind: &[u8; 1], text: &[u8]) {
        self.out.put(kind);
        let mut parts = text.split(|byte| matches!(byte, b'\r' | b'\n'));
        self.out.put(parts.next().unwrap_or_default());
        for part in parts {
            self.out.put(b" ");
            self.out.put(part);
        }
        self.out.put(b"\r\n");
    }

    #[inline]
    fn blob(&mut self, kind: &[u8; 1], parts: &[&[u8]]) {
        let length = parts
            .iter()
            .fold(0_usize, |sum, part| sum.saturating_add(part.len()));
        encode::header(self.out, kind, length);
        for part in parts {
            self.out.put(part);
        }
        self.out.put(b"\r\n");
    }
}
