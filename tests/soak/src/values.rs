//! Values that say which key they belong to and which write they are, so that a wrong, old or mixed-up one
//! is recognised.

use crate::chance::mixed;

/// The value of one write: `KEY|NUMBER|` and bytes that follow from both. Most are short, one in a hundred has
/// 16 KiB, one in two thousand 256 KiB.
pub(crate) fn value_of(key: &str, number: u64) -> Vec<u8> {
    let chance = mixed(number);
    let length = match chance % 2000 {
        0 => 256 << 10,
        1..=20 => 16 << 10,
        _ => usize::try_from(mixed(chance) % 240).unwrap_or_default(),
    };
    let mut value = format!("{key}|{number}|").into_bytes();
    let mut state = key
        .bytes()
        .fold(number, |sum, byte| mixed(sum ^ u64::from(byte)));
    let end = value.len() + length;
    while value.len() < end {
        value.extend_from_slice(&state.to_le_bytes());
        state = mixed(state);
    }
    value.truncate(end);
    value
}

/// Which write of `key` a value is, or what is wrong with it.
pub(crate) fn number_in(key: &str, value: &[u8]) -> Result<u64, String> {
    let number = value
        .strip_prefix(key.as_bytes())
        .and_then(|rest| rest.strip_prefix(b"|"))
        .and_then(|rest| rest.split(|byte| *byte == b'|').next())
        .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    let Some(number) = number else {
        let shown = &value[..value.len().min(48)];
        return Err(format!(
            "expected a value of {key}, found {} bytes: {}",
            value.len(),
            shown.escape_ascii()
        ));
    };
    let expected = value_of(key, number);
    if value == expected {
        return Ok(number);
    }
    let same = value
        .iter()
        .zip(&expected)
        .take_while(|(a, b)| a == b)
        .count();
    Err(format!(
        "value {number} of {key} is wrong from byte {same} of {} on, found {} bytes",
        expected.len(),
        value.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_by_its_key_and_number() {
        for number in 0..5_000 {
            assert_eq!(number_in("k", &value_of("k", number)), Ok(number));
        }
    }

    #[test]
    fn values_of_others_and_mixed_ones_are_recognised() {
        let value = value_of("k1", 7);
        assert!(number_in("k", &value).is_err());
        assert!(number_in("k2", &value).is_err());
        let mut mixed = value.clone();
        *mixed.last_mut().unwrap() ^= 1;
        assert!(number_in("k1", &mixed).is_err());
        assert!(number_in("k1", &value[..value.len() - 1]).is_err());
        assert!(number_in("k1", b"").is_err());
    }
}
