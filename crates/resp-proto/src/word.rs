//! Eight bytes at a time, in one machine word.
//!
//! Headers are short: a type byte, a few digits, CRLF. Here the bytes are loaded as one little-endian word and
//! questions are asked of all eight at once, without a loop.
//!
//! Where the next header starts depends on the length of this one, so what limits a parser is how long it takes
//! from loading a header to knowing its length. Arithmetic for that takes some twenty cycles, one header after
//! the other. A branch for every length takes none, as long as the processor guesses it, which it mostly does:
//! the headers of a reply are much alike.
//!
//! All of this is arithmetic that wraps on purpose: a byte's answer is exact as long as no byte before it
//! answered yes, and only the first yes is ever looked at.

/// A byte in all eight places.
const fn all(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// 10 to the power of the index.
const POWERS: [u64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// The most digits that [`number`] reads: any number of so many digits fits 64 bits.
const MOST_DIGITS: usize = 18;

/// The first eight bytes as a word, padded with zeros.
#[inline(always)]
fn load(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => load_tail(bytes),
    }
}

/// Fewer than eight bytes: the last header of a buffer.
#[inline]
fn load_tail(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            // The two overlap, where they agree.
            let shift = (bytes.len() as u32).wrapping_sub(4).wrapping_mul(8);
            let last = u64::from(u32::from_le_bytes(*last)).wrapping_shl(shift);
            u64::from(u32::from_le_bytes(*first)) | last
        }
        _ => bytes
            .iter()
            .rev()
            .fold(0, |word, &byte| (word << 8) | u64::from(byte)),
    }
}

/// How many digits the word starts with.
#[inline(always)]
fn leading_digits(word: u64) -> u32 {
    // A digit becomes 0 to 9, which adding 0x76 keeps below 0x80; all else ends up with its top bit set.
    let values = word ^ all(b'0');
    let others = (values.wrapping_add(all(0x76)) | values) & all(0x80);
    others.trailing_zeros() >> 3
}

/// The number that the first `count` bytes of the word spell, `1 <= count <= 8`.
#[inline(always)]
fn value(word: u64, count: u32) -> u64 {
    // Shifted so that the last digit is in the top byte; what comes in below are leading zeros.
    let unused = 64_u32.wrapping_sub(count.wrapping_mul(8));
    let digits = (word ^ all(b'0')).wrapping_shl(unused);
    // Ones and tens become numbers to 99 in every other byte, which then are added up by their weight.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    const PAIR: u64 = 0x0000_00ff_0000_00ff;
    let odd = (pairs & PAIR).wrapping_mul(100 + (1_000_000 << 32));
    let even = ((pairs >> 16) & PAIR).wrapping_mul(1 + (10_000 << 32));
    odd.wrapping_add(even) >> 32
}

/// The number on the line at the front of `bytes`, one digit to [`MOST_DIGITS`], and the length of the line
/// with its CRLF. `None` for anything else.
#[inline(always)]
pub(crate) fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let Some(word) = bytes.first_chunk::<8>() else {
        return number_at_end(bytes);
    };
    let number = match word {
        [_, b'\r', ..] => spelt_by_bytes::<1>(word),
        [_, _, b'\r', ..] => spelt_by_bytes::<2>(word),
        [_, _, _, b'\r', ..] => spelt_by_bytes::<3>(word),
        [_, _, _, _, b'\r', ..] => Width(4).number(word),
        [_, _, _, _, _, b'\r', ..] => Width(5).number(word),
        [_, _, _, _, _, _, b'\r', _] => Width(6).number(word),
        _ => None,
    };
    match number {
        Some(number) => Some(number),
        None => long_number(bytes),
    }
}

/// The length of such a line, where the number does not matter.
#[inline(always)]
pub(crate) fn number_line(bytes: &[u8]) -> Option<usize> {
    let Some(word) = bytes.first_chunk() else {
        return number_at_end(bytes).map(|(_, line)| line);
    };
    match Width::of(word) {
        Some(width) => Some(width.line()),
        None => long_number(bytes).map(|(_, line)| line),
    }
}

/// The number on a line that is known to hold digits, if they are few.
#[inline(always)]
pub(crate) fn checked_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let word: &[u8; 8] = bytes.first_chunk()?;
    let digit = |byte: u8| u64::from(byte.wrapping_sub(b'0'));
    Some(match *word {
        [a, b'\r', ..] => (digit(a), 3),
        [a, b, b'\r', ..] => (digit(a).wrapping_mul(10).wrapping_add(digit(b)), 4),
        [_, _, _, b'\r', ..] => Width(3).value_of(word),
        [_, _, _, _, b'\r', ..] => Width(4).value_of(word),
        [_, _, _, _, _, b'\r', ..] => Width(5).value_of(word),
        [_, _, _, _, _, _, b'\r', _] => Width(6).value_of(word),
        [.., b'\r'] => Width(7).value_of(word),
        _ => return None,
    })
}

/// What so few digits and CRLF spell.
#[inline(always)]
fn spelt_by_bytes<const COUNT: usize>(word: &[u8; 8]) -> Option<(u64, usize)> {
    let mut number = 0_u64;
    for byte in word.iter().take(COUNT) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.wrapping_mul(10).wrapping_add(digit.into());
    }
    ends_line(word, COUNT).then(|| (number, COUNT.wrapping_add(2)))
}

/// How many digits a number has, 1 to 6. Numbers that stand together mostly have equally many: then whether the
/// next one does is soon answered, and where it ends is known before it has been looked at.
#[derive(Clone, Copy, Default)]
pub(crate) struct Width(u32);

impl Width {
    /// The width of the number that the word starts with, if CRLF comes behind it.
    #[inline(always)]
    pub(crate) fn of(word: &[u8; 8]) -> Option<Self> {
        let width = match word {
            [_, b'\r', ..] => Self(1),
            [_, _, b'\r', ..] => Self(2),
            [_, _, _, b'\r', ..] => Self(3),
            [_, _, _, _, b'\r', ..] => Self(4),
            [_, _, _, _, _, b'\r', ..] => Self(5),
            [_, _, _, _, _, _, b'\r', _] => Self(6),
            _ => return None,
        };
        width.fits(word).then_some(width)
    }

    /// Whether the word starts with a number of this width and CRLF.
    #[inline(always)]
    pub(crate) fn fits(self, word: &[u8; 8]) -> bool {
        const CRLF: u16 = u16::from_le_bytes(*b"\r\n");
        let word = u64::from_le_bytes(*word);
        let bits = self.0.wrapping_mul(8);
        let values = word ^ all(b'0');
        // A width of 0 shifts nothing out, so all eight have to be digits, and the first two of them CRLF: nothing is.
        let places = u64::MAX.wrapping_shr(64_u32.wrapping_sub(bits));
        let others = (values.wrapping_add(all(0x76)) | values) & all(0x80) & places;
        others == 0 && word.wrapping_shr(bits) as u16 == CRLF
    }

    /// What a number of this width is, and the length of its line.
    #[inline(always)]
    pub(crate) fn value_of(self, word: &[u8; 8]) -> (u64, usize) {
        (value(u64::from_le_bytes(*word), self.0), self.line())
    }

    #[inline(always)]
    fn number(self, word: &[u8; 8]) -> Option<(u64, usize)> {
        self.fits(word).then(|| self.value_of(word))
    }

    /// The length of the line, with its CRLF.
    #[inline(always)]
    pub(crate) fn line(self) -> usize {
        self.0.wrapping_add(2) as usize
    }
}

/// The same where fewer than eight bytes are left.
#[inline(never)]
fn number_at_end(bytes: &[u8]) -> Option<(u64, usize)> {
    let word = load_tail(bytes);
    let count = leading_digits(word);
    let is_line = count > 0 && ends_line(bytes, count as usize);
    is_line.then(|| (value(word, count), count.wrapping_add(2) as usize))
}

#[inline(never)]
fn long_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let count = digits(bytes);
    if !(1..=MOST_DIGITS).contains(&count) || !ends_line(bytes, count) {
        return None;
    }
    Some((decimal(bytes.get(..count)?), count.wrapping_add(2)))
}

/// The number that the first `count` bytes spell, if those are digits: up to 16, and more bytes behind them.
#[inline]
pub(crate) fn spelt(bytes: &[u8], count: usize) -> Option<u64> {
    let part = |bytes: &[u8], count: usize| {
        let word = u64::from_le_bytes(*bytes.first_chunk()?);
        (leading_digits(word) as usize >= count).then(|| value(word, count as u32))
    };
    match count {
        1..=8 => part(bytes, count),
        9..=16 => {
            let rest = count.wrapping_sub(8);
            let power = POWERS.get(rest).copied()?;
            let high = part(bytes, 8)?.wrapping_mul(power);
            Some(high.wrapping_add(part(bytes.get(8..)?, rest)?))
        }
        _ => None,
    }
}

/// How many digits `bytes` starts with, or some number above [`MOST_DIGITS`] if they are more: who feeds a long
/// line byte by byte must not have all of it counted each time.
fn digits(bytes: &[u8]) -> usize {
    let mut count = 0_usize;
    loop {
        let rest = bytes.get(count..).unwrap_or_default();
        let more = leading_digits(load(rest)) as usize;
        count = count.wrapping_add(more);
        if more < 8 || count > MOST_DIGITS {
            return count;
        }
    }
}

/// The number that digits spell; of more than [`MOST_DIGITS`], its low 64 bits.
#[inline]
pub(crate) fn decimal(digits: &[u8]) -> u64 {
    digits.chunks(8).fold(0, |sum: u64, chunk| {
        let power = POWERS.get(chunk.len()).copied().unwrap_or_default();
        sum.wrapping_mul(power)
            .wrapping_add(value(load(chunk), chunk.len() as u32))
    })
}

/// A few digits with a point among them.
pub(crate) struct WithPoint {
    /// The number that they spell without the point.
    pub(crate) number: u64,
    /// How many digits are behind the point.
    pub(crate) fraction: usize,
    /// How long all of it is, up to eight bytes.
    pub(crate) length: usize,
}

/// What `bytes` start with, if it is that.
#[inline(always)]
pub(crate) fn number_with_point(bytes: &[u8]) -> Option<WithPoint> {
    let word = u64::from_le_bytes(*bytes.first_chunk()?);
    let before = leading_digits(word);
    let point = before.wrapping_mul(8);
    if !(1..=6).contains(&before) || word.wrapping_shr(point) as u8 != b'.' {
        return None;
    }
    // Without the point, what is behind it moves up to what is before it.
    let behind = word.wrapping_shr(point.wrapping_add(8));
    let fraction = leading_digits(behind);
    let digits = word & !u64::MAX.wrapping_shl(point) | behind.wrapping_shl(point);
    let count = before.wrapping_add(fraction);
    (fraction > 0).then(|| WithPoint {
        number: value(digits, count),
        fraction: fraction as usize,
        length: count.wrapping_add(1) as usize,
    })
}

/// Whether CRLF stands at `at`.
#[inline(always)]
pub(crate) fn ends_line(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..), Some([b'\r', b'\n', ..]))
}

/// Where the CR of a CRLF stands that ends a short line, if nothing but text is before it.
#[inline(always)]
pub(crate) fn short_text(bytes: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    while at < 32 {
        let word = load(bytes.get(at..)?);
        let zeros = |word: u64| word.wrapping_sub(all(1)) & !word & all(0x80);
        let endings = zeros(word ^ all(b'\r')) | zeros(word ^ all(b'\n'));
        if endings != 0 {
            let end = at.wrapping_add((endings.trailing_zeros() >> 3) as usize);
            return ends_line(bytes, end).then_some(end);
        }
        at = at.wrapping_add(8);
    }
    None
}

#[cfg(test)]
mod tests {
    use std::{format, vec::Vec};

    use super::*;

    #[test]
    fn numbers_of_every_length_are_read_wherever_the_buffer_ends() {
        for length in 1..=MOST_DIGITS {
            for digits in [
                "1234567890123456789",
                "0000000000000000000",
                "9999999999999999999",
            ] {
                let digits = &digits[..length];
                for after in ["", "x", "123456789"] {
                    let line = format!("{digits}\r\n{after}");
                    let expected = Some((digits.parse().unwrap(), length + 2));
                    assert_eq!(number(line.as_bytes()), expected, "{line:?}");
                    assert_eq!(decimal(digits.as_bytes()), digits.parse().unwrap());
                }
            }
        }
        for length in [0, MOST_DIGITS + 1, 40] {
            assert_eq!(
                number(format!("{}\r\n", "1".repeat(length)).as_bytes()),
                None
            );
        }
    }

    #[test]
    fn no_byte_but_a_digit_counts_as_one() {
        for at in 0..20 {
            for byte in 0..=u8::MAX {
                let mut bytes = "7".repeat(20).into_bytes();
                bytes[at] = byte;
                let expected = if byte.is_ascii_digit() { 20 } else { at };
                assert_eq!(digits(&bytes), expected, "{byte:#x} at {at}");
            }
        }
    }

    #[test]
    fn a_line_of_text_ends_at_its_first_crlf_and_nowhere_else() {
        for length in 0..40 {
            for after in ["", "x", "\r\n\r\n\r\n"] {
                let line = format!("{}\r\n{after}", "x".repeat(length));
                let expected = (length < 32).then_some(length);
                assert_eq!(short_text(line.as_bytes()), expected, "{line:?}");
            }
            for wrong in ["\n", "\r", "\rx\r\n", "\n\r\n"] {
                let line = format!("{}{wrong}", "x".repeat(length));
                assert_eq!(short_text(line.as_bytes()), None, "{line:?}");
            }
        }
        let unlike: Vec<u8> = (0..=u8::MAX)
            .filter(|byte| !b"\r\n".contains(byte))
            .collect();
        for text in unlike.chunks(31) {
            assert_eq!(short_text(&[text, b"\r\n"].concat()), Some(text.len()));
        }
    }
}
