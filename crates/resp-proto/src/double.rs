//! What the text of a double amounts to.

/// The value of a text that the framer has found to be a double.
pub(crate) fn value(text: &[u8]) -> f64 {
    if let Some(number) = short_decimal(text) {
        return number;
    }
    // The framer has checked the grammar, every word of which Rust's parser knows but "-nan".
    core::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(f64::NAN)
}

/// The value of digits with or without a point among them, if there are so few that both their number without
/// the point and the power of ten to divide it by are exact: then the quotient is correctly rounded, too.
#[inline]
fn short_decimal(text: &[u8]) -> Option<f64> {
    const POWERS: [f64; 16] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ];
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
    // Sixteen digits are too many when none of them is the point.
    if number >> 53 != 0 {
        return None;
    }
    let value = number as f64 / POWERS.get(fraction)?;
    Some(if negative { -value } else { value })
}
