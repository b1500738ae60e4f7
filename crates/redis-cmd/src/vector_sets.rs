//! Vector sets: <https://redis.io/docs/latest/commands/?group=vector_set>.

use std::collections::BTreeMap;

use resp_proto::{DecodeError, Elements, FromReply, FromReplyOwned, Reply, Value};

use crate::{
    Execute, LexRange, Lossy, RawVector, Scored, ToArg, VAddOptions, VSimOptions, Vector,
    VectorQuery, cmd, named::Named,
};

/// Commands on vector sets, whose members are found by how similar their vectors are. Redis only, since
/// 8.0.
pub trait VectorSetCommands: Execute {
    /// Adds `element` with its vector, or gives it another one. Returns whether it is new.
    #[doc(alias = "VADD")]
    fn vadd(
        self,
        key: impl ToArg,
        vector: Vector,
        element: impl ToArg,
        options: VAddOptions,
    ) -> Self::Output<bool> {
        self.execute(
            cmd("VADD")
                .key(&key)
                .with(options.reduction())
                .with(&vector)
                .arg(&element)
                .with(&options),
        )
    }

    /// How many elements there are; 0 when there is no such key.
    #[doc(alias = "VCARD")]
    fn vcard(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("VCARD").read_only().key(&key))
    }

    /// How many dimensions the vectors have; an error when there is no such key.
    #[doc(alias = "VDIM")]
    fn vdim(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("VDIM").read_only().key(&key))
    }

    /// About the vector that was given to `element`; `None` when there is no such element.
    #[doc(alias = "VEMB")]
    fn vemb(self, key: impl ToArg, element: impl ToArg) -> Self::Output<Option<Vec<f64>>> {
        self.execute(cmd("VEMB").read_only().key(&key).arg(&element))
    }

    /// The vector of `element` as the server keeps it; `None` when there is no such element.
    #[doc(alias = "VEMB")]
    #[doc(alias = "VEMB RAW")]
    fn vemb_raw(self, key: impl ToArg, element: impl ToArg) -> Self::Output<Option<RawVector>> {
        self.execute(cmd("VEMB").read_only().key(&key).arg(&element).word("RAW"))
    }

    /// The attributes of `element`, as JSON; `None` when it has none, or when there is no such element.
    #[doc(alias = "VGETATTR")]
    fn vgetattr<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        element: impl ToArg,
    ) -> Self::Output<Option<T>> {
        self.execute(cmd("VGETATTR").read_only().key(&key).arg(&element))
    }

    /// How a vector set is made; `None` when there is no such key.
    #[doc(alias = "VINFO")]
    fn vinfo(self, key: impl ToArg) -> Self::Output<Option<VectorSetInfo>> {
        self.execute(cmd("VINFO").read_only().key(&key))
    }

    /// Whether there is such an element.
    #[doc(alias = "VISMEMBER")]
    fn vismember(self, key: impl ToArg, element: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("VISMEMBER").read_only().key(&key).arg(&element))
    }

    /// The neighbours of `element` in each layer of the graph, the top one first; `None` when there is no
    /// such element.
    #[doc(alias = "VLINKS")]
    fn vlinks<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        element: impl ToArg,
    ) -> Self::Output<Option<Vec<Vec<T>>>> {
        self.execute(cmd("VLINKS").read_only().key(&key).arg(&element))
    }

    /// The neighbours of `element` in each layer of the graph, with how similar they are; `None` when there
    /// is no such element.
    #[doc(alias = "VLINKS")]
    #[doc(alias = "VLINKS WITHSCORES")]
    fn vlinks_withscores<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        element: impl ToArg,
    ) -> Self::Output<Option<Vec<Scored<T>>>> {
        self.execute(
            cmd("VLINKS")
                .read_only()
                .key(&key)
                .arg(&element)
                .word("WITHSCORES"),
        )
    }

    /// An element at random; `None` when there is no such key.
    #[doc(alias = "VRANDMEMBER")]
    fn vrandmember<T: FromReplyOwned>(self, key: impl ToArg) -> Self::Output<Option<T>> {
        self.execute(cmd("VRANDMEMBER").read_only().key(&key))
    }

    /// Up to `count` different elements; with a negative count exactly `-count`, which may be the same.
    #[doc(alias = "VRANDMEMBER")]
    fn vrandmember_count<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: i64,
    ) -> Self::Output<Vec<T>> {
        self.execute(cmd("VRANDMEMBER").read_only().key(&key).integer(count))
    }

    /// Up to `count` elements of a range by their bytes, all if it is negative.
    ///
    /// Since Redis 8.4.
    #[doc(alias = "VRANGE")]
    fn vrange<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        range: impl Into<LexRange>,
        count: i64,
    ) -> Self::Output<Vec<T>> {
        self.execute(
            cmd("VRANGE")
                .read_only()
                .key(&key)
                .with(&range.into())
                .integer(count),
        )
    }

    /// Removes `element`. Returns whether it was there.
    #[doc(alias = "VREM")]
    fn vrem(self, key: impl ToArg, element: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("VREM").key(&key).arg(&element))
    }

    /// Gives attributes to `element`, as JSON, or takes them away with an empty text. Returns false when there is no
    /// such element.
    #[doc(alias = "VSETATTR")]
    fn vsetattr(
        self,
        key: impl ToArg,
        element: impl ToArg,
        attributes: impl ToArg,
    ) -> Self::Output<bool> {
        self.execute(cmd("VSETATTR").key(&key).arg(&element).arg(&attributes))
    }

    /// The elements most similar to a vector or to one of them, the most similar first.
    #[doc(alias = "VSIM")]
    fn vsim<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        query: VectorQuery,
        options: VSimOptions,
    ) -> Self::Output<Vec<T>> {
        self.execute(
            cmd("VSIM")
                .read_only()
                .key(&key)
                .with(&query)
                .with(&options),
        )
    }

    /// The elements most similar to a vector or to one of them, with how similar they are: 1 is the same, 0
    /// the opposite.
    #[doc(alias = "VSIM")]
    #[doc(alias = "VSIM WITHSCORES")]
    fn vsim_withscores<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        query: VectorQuery,
        options: VSimOptions,
    ) -> Self::Output<Scored<T>> {
        self.execute(
            cmd("VSIM")
                .read_only()
                .key(&key)
                .with(&query)
                .word("WITHSCORES")
                .with(&options),
        )
    }

    /// The elements most similar to a vector or to one of them, with how similar they are and their attributes.
    ///
    /// Since Redis 8.2.
    #[doc(alias = "VSIM")]
    #[doc(alias = "VSIM WITHATTRIBS")]
    fn vsim_withattribs<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        query: VectorQuery,
        options: VSimOptions,
    ) -> Self::Output<Vec<Similar<T>>> {
        self.execute(
            cmd("VSIM")
                .read_only()
                .key(&key)
                .with(&query)
                .word("WITHSCORES")
                .word("WITHATTRIBS")
                .with(&options),
        )
    }
}

/// An element that is similar to a vector.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Similar<T> {
    /// The element.
    pub element: T,
    /// How similar it is: 1 is the same, 0 the opposite.
    pub score: f64,
    /// Its attributes, if it has any: JSON. What is no UTF-8 in them is replaced.
    pub attributes: Option<String>,
}

impl<'a, T: FromReply<'a>> FromReply<'a> for Similar<T> {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let (element, score, attributes): (T, f64, Option<Lossy>) = reply.decode()?;
        Ok(Self {
            element,
            score,
            attributes: attributes.map(String::from),
        })
    }

    /// RESP3 has a map whose values are arrays of two, RESP2 has all in a row.
    #[inline]
    fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
        let element = T::from_elements(elements)?;
        let (score, attributes) = <(f64, Option<Lossy>)>::from_elements(elements)?;
        Ok(Self {
            element,
            score,
            attributes: attributes.map(String::from),
        })
    }
}

/// How a vector set is made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VectorSetInfo {
    /// How numbers are kept: `int8`, `bin` or `f32`.
    pub quantization: String,
    /// How many numbers a vector has.
    pub dimensions: u64,
    /// How many elements there are.
    pub size: u64,
    /// How many layers the graph has above the first.
    pub max_level: Option<u64>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for VectorSetInfo {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            quantization: fields.take("quant-type")?,
            dimensions: fields.take("vector-dim")?,
            size: fields.take("size")?,
            max_level: fields.find("max-level")?,
            rest: fields.rest()?,
        })
    }
}
