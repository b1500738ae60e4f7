//! Whole numbers of up to 128 bits, from any text that spells one.

/// A whole number between -(2¹²⁸ − 1) and 2¹²⁸ − 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Whole {
    negative: bool,
    magnitude: u128,
}

/// Why a text is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum NotWhole {
    NoInteger,
    TooLarge,
}

/// With so many digits before an exponent, a text is a double printed to its last digit.
const DIGITS_OF_DOUBLE: usize = 16;

impl Whole {
    /// Reads `[sign] digits ["." digits] [("e" / "E") [sign] digits]`, where the digits before or behind the point
    /// may be missing.
    pub(super) fn read(text: &[u8]) -> Result<Self, NotWhole> {
        let (negative, unsigned) = sign(text);
        let (mantissa, exponent) = split_at(unsigned, |byte| matches!(byte, b'e' | b'E'));
        let (integral, fraction) = split_at(mantissa, |byte| byte == b'.');
        let fraction = fraction.unwrap_or_default();
        let digits = || integral.iter().chain(fraction);
        if digits().next().is_none() || !digits().all(u8::is_ascii_digit) {
            return Err(NotWhole::NoInteger);
        }
        let power = exponent.map_or(Ok(0), read_exponent)?;
        let counted = digits().skip_while(|&&digit| digit == b'0').count();
        if exponent.is_some() && counted >= DIGITS_OF_DOUBLE {
            return Self::of_double(text);
        }
        // As many digits as stand before the point once the exponent has moved it.
        let point = i64::try_from(integral.len())
            .unwrap_or(i64::MAX)
            .saturating_add(power);
        let before = usize::try_from(point.max(0)).unwrap_or(usize::MAX);
        if digits().skip(before).any(|&digit| digit != b'0') {
            return Err(NotWhole::NoInteger);
        }
        let mut magnitude = 0_u128;
        for digit in digits().take(before) {
            let tens = magnitude.checked_mul(10);
            let next = tens.and_then(|tens| tens.checked_add(digit.wrapping_sub(b'0').into()));
            magnitude = next.ok_or(NotWhole::TooLarge)?;
        }
        let zeros = before.saturating_sub(digits().count());
        if magnitude > 0 {
            let power = u32::try_from(zeros)
                .ok()
                .and_then(|zeros| 10_u128.checked_pow(zeros));
            let product = power.and_then(|power| magnitude.checked_mul(power));
            magnitude = product.ok_or(NotWhole::TooLarge)?;
        }
        Ok(Self {
            negative,
            magnitude,
        })
    }

    fn of_double(text: &[u8]) -> Result<Self, NotWhole> {
        let text = core::str::from_utf8(text).map_err(|_| NotWhole::NoInteger)?;
        let number: f64 = text.parse().map_err(|_| NotWhole::NoInteger)?;
        if number.is_finite() && number % 1.0 != 0.0 {
            Err(NotWhole::NoInteger)
        } else if number.abs() < 2.0 * (1_u128 << 127) as f64 {
            Ok(Self {
                negative: number < 0.0,
                magnitude: number.abs() as u128,
            })
        } else {
            Err(NotWhole::TooLarge)
        }
    }

    /// The number as another type, if that has it.
    pub(super) fn narrow<T: TryFrom<u128> + TryFrom<i128>>(self) -> Option<T> {
        if self.negative {
            let number = 0_i128.checked_sub_unsigned(self.magnitude)?;
            T::try_from(number).ok()
        } else {
            T::try_from(self.magnitude).ok()
        }
    }
}

impl From<i64> for Whole {
    fn from(number: i64) -> Self {
        Self {
            negative: number < 0,
            magnitude: number.unsigned_abs().into(),
        }
    }
}

/// Whether a text is negative, and what is behind its sign.
fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// What is before and behind the first byte that is such a one.
fn split_at(text: &[u8], is_end: impl Fn(u8) -> bool) -> (&[u8], Option<&[u8]>) {
    let mut parts = text.splitn(2, |&byte| is_end(byte));
    (parts.next().unwrap_or_default(), parts.next())
}

/// An exponent; one that no number here can have is cut.
fn read_exponent(text: &[u8]) -> Result<i64, NotWhole> {
    let (negative, digits) = sign(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NotWhole::NoInteger);
    }
    let power = digits.iter().fold(0_i64, |power, digit| {
        let digit = digit.wrapping_sub(b'0').into();
        power.saturating_mul(10).saturating_add(digit)
    });
    Ok(if negative {
        power.saturating_neg()
    } else {
        power
    })
}
