//! A request's bytes, which need no allocation while they are few.

use resp_proto::encode::Output;

/// How many bytes are few.
const FEW: usize = 112;

/// The bytes of a request.
///
/// A request is put together from many tiny pieces. A `SmallVec` keeps few bytes without an allocation,
/// too, but takes several times longer to add a piece.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    few: [u8; FEW],
    /// How many of the few count; never more than there are.
    length: usize,
    /// All of the bytes, once they are more than a few.
    many: Vec<u8>,
}

impl Encoded {
    pub(crate) fn new() -> Self {
        Self {
            few: [0; FEW],
            length: 0,
            many: Vec::new(),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        if self.many.is_empty() {
            self.few()
        } else {
            &self.many
        }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        if self.many.is_empty() {
            self.few.get_mut(..self.length).unwrap_or_default()
        } else {
            &mut self.many
        }
    }

    /// Puts a byte before the one that stands at `place`.
    pub(crate) fn insert(&mut self, place: usize, byte: u8) {
        self.put(&[byte]);
        let behind = self.bytes_mut().get_mut(place..);
        behind.unwrap_or_default().rotate_right(1);
    }

    fn few(&self) -> &[u8] {
        self.few.get(..self.length).unwrap_or_default()
    }

    #[inline(never)]
    fn put_to_many(&mut self, bytes: &[u8]) {
        if self.many.is_empty() {
            self.many.reserve(bytes.len().saturating_add(4 * FEW));
            let few = self.few.get(..self.length);
            self.many.extend_from_slice(few.unwrap_or_default());
        }
        self.many.extend_from_slice(bytes);
    }
}

impl Output for Encoded {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        match self.few.get_mut(self.length..end) {
            Some(room) if self.many.is_empty() => {
                room.copy_from_slice(bytes);
                self.length = end;
            }
            _ => self.put_to_many(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_same_whether_they_are_few_or_many() {
        for piece in [1, 7, FEW - 1, FEW, FEW + 1] {
            let (mut encoded, mut naive) = (Encoded::new(), Vec::new());
            for at in 0..40 {
                let bytes = vec![at; piece];
                encoded.put(&bytes);
                naive.extend_from_slice(&bytes);
                encoded.insert(1, b'!');
                naive.insert(1, b'!');
                assert_eq!(encoded.bytes(), naive);
                assert_eq!(encoded.bytes_mut(), naive);
            }
        }
    }
}
