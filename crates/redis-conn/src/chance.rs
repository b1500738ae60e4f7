//! Chance, for spreading over time what would otherwise happen all at once.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A number from 0 up to 1. It is good enough for jitter, and for nothing that has to be secret.
#[must_use]
pub fn chance() -> f64 {
    // Every hasher of the standard library is seeded by chance.
    let number = RandomState::new().build_hasher().finish();
    (number >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::chance;

    #[test]
    fn chance_is_spread_between_zero_and_one() {
        let numbers: Vec<f64> = (0..1000).map(|_| chance()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = numbers.iter().sum::<f64>() / 1000.0;
        assert!((0.4..0.6).contains(&mean), "{mean}");
    }
}
