//! Vectors, and what commands on vector sets can be told.

use resp_proto::{DecodeError, FromReply, Reply};

use crate::{
    Command, KeptArg, ToArg,
    clauses::{Clause, Clauses},
};

/// A vector, as it is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Vector {
    /// Numbers in text (`VALUES`).
    Values(Vec<f64>),
    /// Numbers of 32 bits, in little-endian order (`FP32`): smaller and faster.
    Fp32(Vec<f32>),
}

impl From<&[f64]> for Vector {
    fn from(values: &[f64]) -> Self {
        Self::Values(values.to_vec())
    }
}

impl From<&[f32]> for Vector {
    fn from(values: &[f32]) -> Self {
        Self::Fp32(values.to_vec())
    }
}

impl Clause for Vector {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        match self {
            Self::Values(values) => command.word("VALUES").counted(values),
            Self::Fp32(values) => {
                let bytes: Vec<u8> = values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect();
                command.word("FP32").copied(&bytes)
            }
        }
    }
}

/// What similar elements are looked for.
#[derive(Clone, Debug, PartialEq)]
pub enum VectorQuery {
    /// Similar to an element (`ELE`).
    Element(KeptArg),
    /// Similar to a vector.
    Vector(Vector),
}

impl VectorQuery {
    /// Similar to an element.
    pub fn element(element: impl ToArg) -> Self {
        Self::Element(KeptArg::new(&element))
    }
}

impl From<Vector> for VectorQuery {
    fn from(vector: Vector) -> Self {
        Self::Vector(vector)
    }
}

impl Clause for VectorQuery {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        match self {
            Self::Element(element) => command.word("ELE").arg(element),
            Self::Vector(vector) => command.with(vector),
        }
    }
}

/// How [`vadd`](crate::VectorSetCommands::vadd) adds an element. Reduction and quantization are those of
/// the whole set, so all of its elements have to be added with the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VAddOptions {
    reduction: Clauses,
    clauses: Clauses,
}

impl VAddOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Projects the vector to so many dimensions.
    #[must_use]
    pub fn reduce(mut self, dimensions: u64) -> Self {
        self.reduction.set(0, &("REDUCE", dimensions));
        self
    }

    /// Looks for neighbours in the background.
    #[must_use]
    pub fn cas(mut self) -> Self {
        self.clauses.set(0, "CAS");
        self
    }

    /// Keeps numbers as they are.
    #[must_use]
    pub fn noquant(mut self) -> Self {
        self.clauses.set(1, "NOQUANT");
        self
    }

    /// Keeps numbers in 8 bits, which is the default.
    #[must_use]
    pub fn q8(mut self) -> Self {
        self.clauses.set(1, "Q8");
        self
    }

    /// Keeps numbers in one bit.
    #[must_use]
    pub fn bin(mut self) -> Self {
        self.clauses.set(1, "BIN");
        self
    }

    /// Looks at so many candidates for neighbours; 200 by default.
    #[must_use]
    pub fn ef(mut self, candidates: u64) -> Self {
        self.clauses.set(2, &("EF", candidates));
        self
    }

    /// Gives attributes to the element, as JSON.
    #[doc(alias = "SETATTR")]
    #[must_use]
    pub fn set_attr(mut self, attributes: impl ToArg) -> Self {
        self.clauses.set(3, &("SETATTR", attributes));
        self
    }

    /// Links an element to so many others, and in the first layer to twice as many; 16 by default.
    #[must_use]
    pub fn m(mut self, links: u64) -> Self {
        self.clauses.set(4, &("M", links));
        self
    }

    /// What stands in front of the vector.
    pub(crate) fn reduction(&self) -> &Clauses {
        &self.reduction
    }
}

impl Clause for VAddOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// How [`vsim`](crate::VectorSetCommands::vsim) searches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VSimOptions {
    clauses: Clauses,
}

impl VSimOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many; 10 by default.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.clauses.set(0, &("COUNT", count));
        self
    }

    /// Only those that are no farther away than this, 0 being the same and 1 the opposite. Since Redis 8.2.
    #[must_use]
    pub fn epsilon(mut self, distance: f64) -> Self {
        self.clauses.set(1, &("EPSILON", distance));
        self
    }

    /// Looks at so many candidates: more are slower and more exact.
    #[must_use]
    pub fn ef(mut self, candidates: u64) -> Self {
        self.clauses.set(2, &("EF", candidates));
        self
    }

    /// Only those whose attributes satisfy this.
    #[must_use]
    pub fn filter(mut self, expression: impl ToArg) -> Self {
        self.clauses.set(3, &("FILTER", expression));
        self
    }

    /// Filters so many candidates at most.
    #[doc(alias = "FILTER-EF")]
    #[must_use]
    pub fn filter_ef(mut self, candidates: u64) -> Self {
        self.clauses.set(4, &("FILTER-EF", candidates));
        self
    }

    /// Compares all elements, one by one.
    #[must_use]
    pub fn truth(mut self) -> Self {
        self.clauses.set(5, "TRUTH");
        self
    }

    /// Searches in the main thread of the server.
    #[doc(alias = "NOTHREAD")]
    #[must_use]
    pub fn no_thread(mut self) -> Self {
        self.clauses.set(6, "NOTHREAD");
        self
    }
}

impl Clause for VSimOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// A vector as the server keeps it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RawVector {
    /// How numbers are kept: `int8`, `bin` or `f32`.
    pub quantization: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The length of the vector that was given.
    pub norm: f64,
    /// Of 8-bit numbers, what they are to be multiplied by.
    pub range: Option<f64>,
}

impl FromReply<'_> for RawVector {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let parts: Vec<Reply<'_>> = reply.decode()?;
        let [quantization, bytes, norm, range @ ..] = &parts[..] else {
            return Err(DecodeError::mismatch("the parts of a vector", reply));
        };
        Ok(Self {
            quantization: quantization.decode()?,
            bytes: bytes.decode()?,
            norm: norm.decode()?,
            range: range.first().map_or(Ok(None), Reply::decode)?,
        })
    }
}
