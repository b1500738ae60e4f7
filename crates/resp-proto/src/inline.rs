//! Inline commands: what a person types into a raw connection, read as servers read it.
//!
//! ```text
//! line     = *space [ word *( 1*space word ) *space ] [CR] LF
//! word     = 1*plain / *plain ( "'" *single "'" / DQUOTE *double DQUOTE )
//! space    = " " / TAB / LF / VT / FF / CR; the first to end a plain word is none of VT and FF
//! single   = "\'" / any byte but "'"
//! double   = "\n" / "\r" / "\t" / "\b" / "\a" / "\x" 2HEXDIG / "\" any byte / any byte but DQUOTE
//! ```
//!
//! A server takes a request that does not start with `*` for an inline command. See
//! <https://redis.io/docs/latest/develop/reference/protocol-spec/#inline-commands>.
//!
//! ```
//! use resp_proto::inline;
//!
//! let command = inline::read(b"SET key \"two words\"\r\n+next").unwrap().unwrap();
//! assert_eq!(command.len(), 21);
//! let words: Vec<Vec<u8>> = command.words().map(|word| word.to_vec()).collect();
//! assert_eq!(words, [&b"SET"[..], b"key", b"two words"]);
//! ```

use core::fmt;

/// The longest line that servers wait for: all of them read one up to here.
pub const MAX_LINE: usize = 64 << 10;

/// One inline command.
#[derive(Clone, Copy)]
pub struct Inline<'a> {
    line: &'a [u8],
    length: usize,
}

/// A line that is no inline command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InlineError {
    /// No line ends within [`MAX_LINE`] bytes.
    TooLong,
    /// A quote was not closed, or something other than space followed where it was.
    Quotes,
    /// The line holds a zero byte. Servers, for which it ends a string, do not answer such a line at all.
    Zero,
}

/// Reads the inline command at the front of `bytes`, or `None` while its line is incomplete. An empty line
/// is a command without words, which servers skip.
///
/// # Errors
/// [`InlineError`] when the line is too long, holds a zero byte or its quotes do not match. Servers close
/// the connection then, but for the zero byte.
#[inline]
pub fn read(bytes: &[u8]) -> Result<Option<Inline<'_>>, InlineError> {
    let Some(end) = memchr::memchr2(b'\n', 0, bytes) else {
        return if bytes.len() > MAX_LINE {
            Err(InlineError::TooLong)
        } else {
            Ok(None)
        };
    };
    if end > MAX_LINE {
        return Err(InlineError::TooLong);
    }
    if bytes.get(end) == Some(&0) {
        return Err(InlineError::Zero);
    }
    let line = bytes.get(..end).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let inline = Inline {
        line,
        length: end.saturating_add(1),
    };
    let mut rest = line;
    while let Some((_, after)) = split_word(rest)? {
        rest = after;
    }
    Ok(Some(inline))
}

impl<'a> Inline<'a> {
    /// How many bytes the command takes, its line ending included.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always a line ending")]
    #[inline]
    pub fn len(&self) -> usize {
        self.length
    }

    /// The words: a command's name and its arguments.
    #[inline]
    pub fn words(&self) -> impl Iterator<Item = Word<'a>> + use<'a> {
        let mut rest = self.line;
        core::iter::from_fn(move || {
            let (word, after) = split_word(rest).ok()??;
            rest = after;
            Some(word)
        })
    }
}

impl fmt::Debug for Inline<'_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.words()).finish()
    }
}

/// One word of an inline command, quotes and escapes still in it.
#[derive(Clone, Copy)]
pub struct Word<'a> {
    raw: &'a [u8],
}

impl<'a> Word<'a> {
    /// The word itself, if it has no quotes: then it needs no copy.
    #[must_use]
    #[inline]
    pub fn plain(&self) -> Option<&'a [u8]> {
        memchr::memchr2(b'"', b'\'', self.raw)
            .is_none()
            .then_some(self.raw)
    }

    /// The bytes that the word stands for.
    #[inline]
    pub fn bytes(&self) -> impl Iterator<Item = u8> + use<'a> {
        let mut quote = Quote::None;
        let mut rest = self.raw;
        core::iter::from_fn(move || {
            loop {
                match step(quote, rest)? {
                    (Step::Byte(byte), after) => {
                        rest = after;
                        return Some(byte);
                    }
                    (Step::Quote(next), after) => (quote, rest) = (next, after),
                }
            }
        })
    }

    /// The bytes that the word stands for, owned.
    #[cfg(feature = "alloc")]
    #[must_use]
    #[inline]
    pub fn to_vec(&self) -> alloc::vec::Vec<u8> {
        self.bytes().collect()
    }
}

impl fmt::Debug for Word<'_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.raw.escape_ascii())
    }
}

impl fmt::Display for InlineError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "expected a line of at most {MAX_LINE} bytes"),
            Self::Zero => f.write_str("expected a line without a zero byte"),
            Self::Quotes => f.write_str("expected quotes to be closed at the end of a word"),
        }
    }
}

impl core::error::Error for InlineError {}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

enum Step {
    Byte(u8),
    Quote(Quote),
}

/// The first word of `line` and what follows it; `None` when there is none.
#[inline]
fn split_word(line: &[u8]) -> Result<Option<(Word<'_>, &[u8])>, InlineError> {
    let from = line.iter().position(|&byte| !is_space(byte));
    let Some(start) = from.and_then(|from| line.get(from..)) else {
        return Ok(None);
    };
    let (mut quote, mut rest) = (Quote::None, start);
    while quote != Quote::None || !matches!(rest, [] | [b' ' | b'\t' | b'\n' | b'\r', ..]) {
        let (step, after) = step(quote, rest).ok_or(InlineError::Quotes)?;
        rest = after;
        match step {
            Step::Byte(_) => {}
            Step::Quote(Quote::None) if rest.first().is_none_or(|&byte| is_space(byte)) => break,
            Step::Quote(Quote::None) => return Err(InlineError::Quotes),
            Step::Quote(opened) => quote = opened,
        }
    }
    let length = start.len().saturating_sub(rest.len());
    let raw = start.get(..length).unwrap_or_default();
    Ok(Some((Word { raw }, rest)))
}

/// One step through a word: a byte that it stands for, or a quote opened or closed; and what follows.
#[inline]
fn step(quote: Quote, raw: &[u8]) -> Option<(Step, &[u8])> {
    Some(match (quote, raw) {
        (Quote::None, [b'"', rest @ ..]) => (Step::Quote(Quote::Double), rest),
        (Quote::None, [b'\'', rest @ ..]) => (Step::Quote(Quote::Single), rest),
        (Quote::Double, [b'"', rest @ ..]) | (Quote::Single, [b'\'', rest @ ..]) => {
            (Step::Quote(Quote::None), rest)
        }
        (Quote::Single, [b'\\', b'\'', rest @ ..]) => (Step::Byte(b'\''), rest),
        (Quote::Double, [b'\\', b'x', high, low, rest @ ..])
            if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
        {
            (Step::Byte(hex(*high) << 4 | hex(*low)), rest)
        }
        (Quote::Double, [b'\\', escaped, rest @ ..]) => {
            let byte = match escaped {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 0x08,
                b'a' => 0x07,
                other => *other,
            };
            (Step::Byte(byte), rest)
        }
        (_, [byte, rest @ ..]) => (Step::Byte(*byte), rest),
        (_, []) => return None,
    })
}

/// The value of a hexadecimal digit, which it has been checked to be.
#[inline]
fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit.wrapping_sub(b'0'),
        _ => (digit | 0x20).wrapping_sub(b'a').wrapping_add(10),
    }
}

/// C's `isspace`, which knows the vertical tab that Rust's `is_ascii_whitespace` does not.
#[inline]
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}
