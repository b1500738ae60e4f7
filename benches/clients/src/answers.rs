//! What contenders decode, so that it can be seen to be right.

use std::collections::HashMap;

/// What a call has answered, in the type that a user would ask for.
pub(crate) trait Answer {
    /// How many elements it has: quick enough to be asked after each call.
    fn size(&self) -> usize;

    /// Its elements as bytes, in order; those of a map sorted.
    fn elements(&self) -> Vec<Vec<u8>>;

    /// Whether it is what it should be, looked at closely.
    fn is(&self, expected: &[Vec<u8>]) -> bool {
        self.elements() == expected
    }
}

impl Answer for () {
    fn size(&self) -> usize {
        0
    }

    fn elements(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }
}

impl Answer for String {
    fn size(&self) -> usize {
        1
    }

    fn elements(&self) -> Vec<Vec<u8>> {
        vec![self.clone().into_bytes()]
    }
}

impl Answer for i64 {
    fn size(&self) -> usize {
        1
    }

    fn elements(&self) -> Vec<Vec<u8>> {
        vec![self.to_string().into_bytes()]
    }
}

impl Answer for Vec<u8> {
    fn size(&self) -> usize {
        1
    }

    fn elements(&self) -> Vec<Vec<u8>> {
        vec![self.clone()]
    }
}

impl Answer for rustis::resp::BulkString {
    fn size(&self) -> usize {
        1
    }

    fn elements(&self) -> Vec<Vec<u8>> {
        vec![self.as_bytes().to_vec()]
    }
}

impl<T: Answer> Answer for Vec<T> {
    fn size(&self) -> usize {
        self.len()
    }

    fn elements(&self) -> Vec<Vec<u8>> {
        self.iter().flat_map(Answer::elements).collect()
    }
}

impl Answer for HashMap<String, String> {
    fn size(&self) -> usize {
        2 * self.len()
    }

    fn elements(&self) -> Vec<Vec<u8>> {
        let mut pairs: Vec<_> = self.iter().collect();
        pairs.sort();
        pairs
            .into_iter()
            .flat_map(|(key, value)| [key.clone().into_bytes(), value.clone().into_bytes()])
            .collect()
    }
}

/// What must come.
pub(crate) struct Expected {
    elements: Vec<Vec<u8>>,
}

impl Expected {
    pub(crate) fn new(elements: Vec<Vec<u8>>) -> Self {
        Self { elements }
    }

    pub(crate) fn is_met_by(&self, answer: &impl Answer) -> bool {
        answer.is(&self.elements)
    }

    pub(crate) fn is_as_large_as(&self, answer: &impl Answer) -> bool {
        answer.size() == self.elements.len()
    }
}
