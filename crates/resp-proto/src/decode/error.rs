//! What can be wrong with a reply of another type than was asked for, and where in it.

use core::fmt;

#[cfg(feature = "alloc")]
use crate::ServerError;
use crate::{Data, Reply};

/// A reply that is not of the type that was asked for.
///
/// It shows where in the reply that is, and never quotes a value: replies hold users' data, and errors end up in logs.
/// What it does quote is the line of an error of the server, [`Server`](DecodeErrorKind::Server).
///
/// ```
/// use resp_proto::Framer;
///
/// let frame = Framer::new().advance(b"*2\r\n:1\r\n$6\r\nsecret\r\n").unwrap().unwrap();
/// let error = frame.reply().decode::<Vec<i64>>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "element 2: expected an integer, found a bulk string of 6 bytes"
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError {
    held: Held,
}

/// With an allocator an error is one word: results are hardly larger for what they mostly do not hold.
#[cfg(feature = "alloc")]
type Held = alloc::boxed::Box<Inner>;
#[cfg(not(feature = "alloc"))]
type Held = Inner;

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: DecodeErrorKind,
    place: Place,
}

/// What was wrong with the reply.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The reply has another type or shape.
    #[non_exhaustive]
    Mismatch {
        /// What the asked-for type can be decoded from.
        expected: &'static str,
        /// What came, with its size.
        found: Found,
    },
    /// The reply is a number that does not fit the asked-for type.
    #[non_exhaustive]
    OutOfRange {
        /// The asked-for type.
        expected: &'static str,
    },
    /// The reply has no field of this name.
    #[non_exhaustive]
    MissingField {
        /// The name that was asked for.
        name: &'static str,
    },
    /// The reply is, or holds, an error of the server. Without the feature `alloc`, it is a
    /// [`Mismatch`](DecodeErrorKind::Mismatch) that found `an error`, whose text [`Data::Error`] has.
    #[cfg(feature = "alloc")]
    Server(ServerError),
}

impl DecodeError {
    /// For implementations of [`FromReply`](crate::FromReply): what came is not what `expected` says.
    #[must_use]
    #[cold]
    pub fn mismatch(expected: &'static str, found: Reply<'_>) -> Self {
        Self::new(match found.data() {
            #[cfg(feature = "alloc")]
            Data::Error(line) => DecodeErrorKind::Server(ServerError::from_line(line)),
            data => DecodeErrorKind::Mismatch {
                expected,
                found: Found::of(data),
            },
        })
    }

    /// Likewise: what came is a number, but none that `expected` has.
    #[must_use]
    #[cold]
    pub fn out_of_range(expected: &'static str) -> Self {
        Self::new(DecodeErrorKind::OutOfRange { expected })
    }

    /// Likewise: what came has no field of this name.
    #[must_use]
    #[cold]
    pub fn missing_field(name: &'static str) -> Self {
        Self::new(DecodeErrorKind::MissingField { name })
    }

    /// Likewise: it is in this element of the reply, the first of which has number 1.
    #[must_use]
    #[cold]
    pub fn at_element(self, number: usize) -> Self {
        self.inside(Step::Element(number))
    }

    /// Likewise: it is in the field of this name.
    #[must_use]
    #[cold]
    pub fn at_field(self, name: &'static str) -> Self {
        self.inside(Step::Field(name))
    }

    /// What was wrong.
    #[must_use]
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.held.kind
    }

    /// What cannot be decoded because it cannot be sent.
    #[cfg(feature = "alloc")]
    #[cold]
    pub(crate) fn not_sent() -> Self {
        Self::new(DecodeErrorKind::Mismatch {
            expected: "a value that can be sent",
            found: Found::named("one that cannot"),
        })
    }

    /// No value where one more is expected.
    #[cold]
    pub(super) fn end() -> Self {
        Self::new(DecodeErrorKind::Mismatch {
            expected: "another element",
            found: Found::END,
        })
    }

    /// What was read from the values of `reply`, of which so many are left, had this error: says in which. If it is
    /// that there were too few, then `enough` were expected.
    #[cold]
    #[inline(never)]
    pub(super) fn among(self, reply: Reply<'_>, left: usize, enough: &'static str) -> Self {
        if self == Self::end() {
            return Self::mismatch(enough, reply);
        }
        let count = reply.elements().map_or(0, |values| values.len());
        let number = count.saturating_sub(left).max(1);
        self.inside(match reply.data() {
            Data::Map(_) if number % 2 == 0 => Step::Value(number / 2),
            Data::Map(_) => Step::Key(number.div_ceil(2)),
            _ => Step::Element(number),
        })
    }

    /// What was read from `reply` alone had this error. Whatever is around it must not take its end for its own.
    #[cold]
    #[inline(never)]
    pub(super) fn of(self, reply: Reply<'_>) -> Self {
        if self == Self::end() {
            return Self::mismatch("more elements", reply);
        }
        self
    }

    fn new(kind: DecodeErrorKind) -> Self {
        let inner = Inner {
            kind,
            place: Place::default(),
        };
        Self {
            #[cfg_attr(
                not(feature = "alloc"),
                expect(clippy::useless_conversion, reason = "otherwise it goes into a box")
            )]
            held: inner.into(),
        }
    }

    fn inside(mut self, step: Step) -> Self {
        self.held.place.add(step);
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.held.place != Place::default() {
            write!(f, "{}: ", self.held.place)?;
        }
        match self.kind() {
            DecodeErrorKind::Mismatch { expected, found } => {
                write!(f, "expected {expected}, found {found}")
            }
            DecodeErrorKind::OutOfRange { expected } => {
                write!(f, "expected {expected}, found a number outside its range")
            }
            DecodeErrorKind::MissingField { name } => {
                write!(f, "expected a field named {name}, found none")
            }
            #[cfg(feature = "alloc")]
            DecodeErrorKind::Server(error) => write!(f, "the server answered: {error}"),
        }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("DecodeError");
        if self.held.place != Place::default() {
            shown.field("place", &format_args!("{}", self.held.place));
        }
        shown.field("kind", self.kind()).finish()
    }
}

impl core::error::Error for DecodeError {}

/// How many levels an error can name. Without an allocator it is as large as that takes.
const LEVELS: usize = if cfg!(feature = "alloc") { 8 } else { 2 };

/// Where in a reply: what is in what, the outermost last.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    steps: [Option<Step>; LEVELS],
    /// Whether it is inside the innermost of them.
    is_deeper: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Element(usize),
    Key(usize),
    Value(usize),
    Field(&'static str),
}

impl Place {
    /// Adds what is around all others; the innermost makes room for it.
    fn add(&mut self, outermost: Step) {
        self.steps.rotate_left(1);
        let [.., last] = &mut self.steps;
        self.is_deeper |= last.replace(outermost).is_some();
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = if self.is_deeper { "in " } else { "" };
        for step in self.steps.iter().flatten() {
            f.write_str(before)?;
            match step {
                Step::Element(number) => write!(f, "element {number}")?,
                Step::Key(number) => write!(f, "the key of entry {number}")?,
                Step::Value(number) => write!(f, "the value of entry {number}")?,
                Step::Field(name) => write!(f, "field {name}")?,
            }
            before = " of ";
        }
        Ok(())
    }
}

/// The type and size of a reply, without its content: what [`Mismatch`](DecodeErrorKind::Mismatch) found.
///
/// ```
/// use resp_proto::{DecodeErrorKind, Framer};
///
/// let frame = Framer::new().advance(b"$6\r\nsecret\r\n").unwrap().unwrap();
/// let error = frame.reply().decode::<i64>().unwrap_err();
/// let DecodeErrorKind::Mismatch { found, .. } = error.kind() else {
///     panic!("a secret is no integer");
/// };
/// assert_eq!((found.name(), found.size()), ("a bulk string", Some(6)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    name: &'static str,
    size: Option<(usize, &'static str)>,
}

impl Found {
    /// What it is, with its article: `a bulk string`, `nil`, `the end of the aggregate`.
    #[must_use]
    #[inline]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How large it is: the bytes of a string, the digits of a big number, the elements of an aggregate, the
    /// entries of a map; `None` for what has no size.
    #[must_use]
    #[inline]
    pub fn size(&self) -> Option<usize> {
        self.size.map(|(size, _)| size)
    }

    const END: Self = Self::named("the end of the aggregate");

    fn of(data: Data<'_>) -> Self {
        let (name, size) = match data {
            Data::Simple(text) => ("a simple string", Some((text.len(), "bytes"))),
            Data::Error(_) => ("an error", None),
            Data::Integer(_) => ("an integer", None),
            Data::Bulk(bytes) => ("a bulk string", Some((bytes.len(), "bytes"))),
            Data::Null => ("nil", None),
            Data::Double(_) => ("a double", None),
            Data::Boolean(_) => ("a boolean", None),
            Data::BigNumber(digits) => ("a big number", Some((digits.len(), "digits"))),
            Data::Verbatim { text, .. } => ("a verbatim string", Some((text.len(), "bytes"))),
            Data::Array(elements) => ("an array", Some((elements.len(), "elements"))),
            Data::Set(elements) => ("a set", Some((elements.len(), "elements"))),
            Data::Push(elements) => ("a push", Some((elements.len(), "elements"))),
            Data::Map(entries) => ("a map", Some((entries.len(), "entries"))),
        };
        Self { name, size }
    }

    const fn named(name: &'static str) -> Self {
        Self { name, size: None }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match self.size {
            Some((size, unit)) => write!(f, " of {size} {unit}"),
            None => Ok(()),
        }
    }
}
