//! What the text of a double amounts to.

/// The value of a text that the framer has found to be a double.
pub(crate) fn value(text: &[u8]) -> f64 {
    if let Some(number) = short_decimal(text) {
        return number;
    }
    // The framer has checked the grammar, every word of which Rust's parser knows.
    core::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(f64::NAN)
}

/// The quotient of a number and a power of ten, if both are exact: then it is correctly rounded, too.
#[inline(always)]
pub(crate) fn quotient(number: u64, power: usize, negative: bool) -> Option<f64> {
    const POWERS: [f64; 16] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ];
    if number >> 53 != 0 {
        return None;
    }
    let value = number as f64 / POWERS.get(power)?;
    Some(if negative { -value } else { value })
}

/// The value of up to sixteen digits with or without a point among them.
fn short_decimal(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text.split_first()? {
        (b'-', digits) => (true, digits),
        _ => (false, text),
    };
    if digits.len() > 16 {
        return None;
    }
    let (mut number, mut point) = (0_u64, digits.len());
    for (at, byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            number = number.wrapping_mul(10).wrapping_add(digit.into());
        } else if *byte == b'.' && point == digits.len() {
            point = at;
        } else {
            return None;
        }
    }
    let fraction = digits.len().wrapping_sub(point).saturating_sub(1);
    quotient(number, fraction, negative)
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn every_place_of_the_point_and_every_length_give_what_the_standard_library_gives() {
        for length in 1..=18 {
            for digits in [
                "123456789012345678",
                "000000000000000000",
                "999999999999999999",
                "100200300400500600",
            ] {
                let digits = &digits[..length];
                for point in 0..=length {
                    for sign in ["", "-"] {
                        let text = match point {
                            0 => format!("{sign}{digits}"),
                            _ => format!("{sign}{}.{}", &digits[..point], &digits[point..]),
                        };
                        let expected: f64 = text.parse().unwrap();
                        assert_eq!(
                            value(text.as_bytes()).to_bits(),
                            expected.to_bits(),
                            "{text}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_plain_number_is_left_to_the_standard_library() {
        for text in [
            "inf", "-inf", "1e5", "1E-5", "3.e2", "0.1e400", "+7", "+0.5",
        ] {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(
                value(text.as_bytes()).to_bits(),
                expected.to_bits(),
                "{text}"
            );
            assert_eq!(short_decimal(text.as_bytes()), None, "{text}");
        }
        for text in ["nan", "-nan"] {
            assert!(value(text.as_bytes()).is_nan(), "{text}");
        }
    }
}
