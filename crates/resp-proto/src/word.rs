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
    let Some(word) = bytes.first_chunk() else {
        return number_at_end(bytes);
    };
    match short_number(word) {
        Some(count) => Some((
            value(u64::from_le_bytes(*word), count),
            count.wrapping_add(2) as usize,
        )),
        None => long_number(bytes),
    }
}

/// The length of such a line, where the number does not matter.
#[inline(always)]
pub(crate) fn number_line(bytes: &[u8]) -> Option<usize> {
    let Some(word) = bytes.first_chunk() else {
        return number_at_end(bytes).map(|(_, line)| line);
    };
    match short_number(word) {
        Some(count) => Some(count.wrapping_add(2) as usize),
        None => long_number(bytes).map(|(_, line)| line),
    }
}

/// The same for a line that is known to hold digits, if they are few.
#[inline(always)]
pub(crate) fn checked_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let word: &[u8; 8] = bytes.first_chunk()?;
    let count = match word {
        [_, b'\r', ..] => 1,
        [_, _, b'\r', ..] => 2,
        [_, _, _, b'\r', ..] => 3,
        [_, _, _, _, b'\r', ..] => 4,
        [_, _, _, _, _, b'\r', ..] => 5,
        [_, _, _, _, _, _, b'\r', _] => 6,
        [.., b'\r'] => 7,
        _ => return None,
    };
    Some((
        value(u64::from_le_bytes(*word), count),
        count.wrapping_add(2) as usize,
    ))
}

/// How many digits there are before CRLF, if the word starts with a few and CRLF.
#[inline(always)]
fn short_number(word: &[u8; 8]) -> Option<u32> {
    match word {
        [_, b'\r', ..] => digits_and_ending::<1>(word),
        [_, _, b'\r', ..] => digits_and_ending::<2>(word),
        [_, _, _, b'\r', ..] => digits_and_ending::<3>(word),
        [_, _, _, _, b'\r', ..] => digits_and_ending::<4>(word),
        [_, _, _, _, _, b'\r', ..] => digits_and_ending::<5>(word),
        [_, _, _, _, _, _, b'\r', _] => digits_and_ending::<6>(word),
        _ => None,
    }
}

/// `COUNT`, if the first so many bytes are digits and CRLF comes behind them.
#[inline(always)]
fn digits_and_ending<const COUNT: u32>(word: &[u8; 8]) -> Option<u32> {
    const CRLF: u16 = u16::from_le_bytes(*b"\r\n");
    let word = u64::from_le_bytes(*word);
    let values = word ^ all(b'0');
    let places = u64::MAX.wrapping_shr(64_u32.wrapping_sub(COUNT.wrapping_mul(8)));
    let others = (values.wrapping_add(all(0x76)) | values) & all(0x80) & places;
    let ending = word.wrapping_shr(COUNT.wrapping_mul(8)) as u16;
    (others == 0 && ending == CRLF).then_some(COUNT)
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

/// How many digits `bytes` starts with.
pub(crate) fn digits(bytes: &[u8]) -> usize {
    let mut count = 0_usize;
    loop {
        let rest = bytes.get(count..).unwrap_or_default();
        let more = leading_digits(load(rest)) as usize;
        count = count.wrapping_add(more);
        if more < 8 {
            return count;
        }
    }
}

/// The number that digits spell; of more than [`MOST_DIGITS`], its low 64 bits.
#[inline]
pub(crate) fn decimal(digits: &[u8]) -> u64 {
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
    digits.chunks(8).fold(0, |sum: u64, chunk| {
        let power = POWERS.get(chunk.len()).copied().unwrap_or_default();
        sum.wrapping_mul(power)
            .wrapping_add(value(load(chunk), chunk.len() as u32))
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
