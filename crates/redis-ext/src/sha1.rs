//! SHA-1 ([RFC 3174](https://www.rfc-editor.org/rfc/rfc3174)), by which servers name scripts.
//!
//! It is a name here and protects nothing. A crate for it would bring six others along.

use std::fmt::Write;

const BLOCK: usize = 64;

/// The SHA-1 of `text`, in lower-case hexadecimal as servers write it.
pub(crate) fn hex(text: &[u8]) -> String {
    let mut state = [
        0x6745_2301,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    let blocks = text.chunks_exact(BLOCK);
    // What is left, a one bit, zeros, and the length in bits at the very end: one block or two.
    let mut rest = blocks.remainder().to_vec();
    rest.push(0x80);
    while rest.len() % BLOCK != BLOCK - 8 {
        rest.push(0);
    }
    rest.extend_from_slice(&(text.len() as u64).wrapping_mul(8).to_be_bytes());
    for block in blocks.chain(rest.chunks_exact(BLOCK)) {
        mix(&mut state, block);
    }
    state.iter().fold(String::new(), |mut hex, word| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{word:08x}");
        hex
    })
}

/// Mixes a block into the state.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a block is the first 16 of the 80 words, and all others are told by numbers from 16 to 79"
)]
fn mix(state: &mut [u32; 5], block: &[u8]) {
    let mut words = [0_u32; 80];
    for (index, byte) in block.iter().enumerate() {
        words[index / 4] |= u32::from(*byte) << (24 - index % 4 * 8);
    }
    for t in 16..80 {
        words[t] = (words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16]).rotate_left(1);
    }
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for (t, word) in words.into_iter().enumerate() {
        let (chosen, constant) = match t / 20 {
            0 => ((b & c) | (!b & d), 0x5a82_7999),
            1 => (b ^ c ^ d, 0x6ed9_eba1),
            2 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
            _ => (b ^ c ^ d, 0xca62_c1d6),
        };
        let mixed = [a.rotate_left(5), chosen, e, word, constant];
        let mixed = mixed.into_iter().fold(0, u32::wrapping_add);
        (e, d, c, b, a) = (d, c, b.rotate_left(30), a, mixed);
    }
    for (word, mixed) in state.iter_mut().zip([a, b, c, d, e]) {
        *word = word.wrapping_add(mixed);
    }
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn the_examples_of_the_standard_come_out() {
        // FIPS 180-4's, by way of RFC 3174, section 7.3. Every length around a block's is compared with
        // what servers answer, in the live tests.
        let million = "a".repeat(1_000_000);
        for (text, digest) in [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
            ),
            (&million, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        ] {
            assert_eq!(hex(text.as_bytes()), digest);
        }
    }
}
