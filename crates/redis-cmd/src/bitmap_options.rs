//! Ranges of bits, and operations on them.

use resp_proto::{DecodeError, FromReply, Reply};

use crate::{
    Command,
    clauses::{Clause, Clauses},
};

/// How [`bitop`](crate::BitmapCommands::bitop) combines bits. With several keys, X is the first one, and Y
/// any of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BitOp {
    /// 1 where all are 1.
    And,
    /// 1 where any is 1.
    Or,
    /// 1 where an odd number is 1.
    Xor,
    /// 1 where the only one is 0.
    Not,
    /// 1 in X and in no Y. Redis only, since 8.2.
    Diff,
    /// 1 in some Y and not in X. Redis only, since 8.2.
    Diff1,
    /// 1 in X and in some Y. Redis only, since 8.2.
    AndOr,
    /// 1 in exactly one. Redis only, since 8.2.
    One,
}

impl Clause for BitOp {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::And => "AND",
            Self::Or => "OR",
            Self::Xor => "XOR",
            Self::Not => "NOT",
            Self::Diff => "DIFF",
            Self::Diff1 => "DIFF1",
            Self::AndOr => "ANDOR",
            Self::One => "ONE",
        })
    }
}

/// Where [`bitpos`](crate::BitmapCommands::bitpos) found a bit, counted from the first one; `None` in it when there is
/// none.
///
/// It is no plain `Option` because servers say -1 where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitPosition(pub Option<u64>);

impl FromReply<'_> for BitPosition {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        match reply.decode::<i64>()? {
            -1 => Ok(Self(None)),
            _ => reply.decode().map(Self),
        }
    }
}

/// Part of a string, both ends included, negative places counted from the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitRange {
    start: i64,
    end: Option<i64>,
    unit: Option<&'static str>,
}

impl BitRange {
    /// From one byte to another.
    #[must_use]
    pub fn bytes(start: i64, end: i64) -> Self {
        Self {
            start,
            end: Some(end),
            unit: None,
        }
    }

    /// From one byte to the end of the string. For `BITPOS`; for `BITCOUNT` since Valkey 8.0.
    #[must_use]
    pub fn from_byte(start: i64) -> Self {
        Self {
            start,
            end: None,
            unit: None,
        }
    }

    /// From one bit to another. Since Redis 7.0.
    #[doc(alias = "BIT")]
    #[must_use]
    pub fn bits(start: i64, end: i64) -> Self {
        Self {
            start,
            end: Some(end),
            unit: Some("BIT"),
        }
    }

    /// Says that the places are bytes, which they are by default. Since Redis 7.0.
    #[doc(alias = "BYTE")]
    #[must_use]
    pub fn in_bytes(mut self) -> Self {
        self.end = self.end.or(Some(-1));
        self.unit = Some("BYTE");
        self
    }
}

impl Clause for BitRange {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let command = command.integer(self.start);
        let command = self.end.into_iter().fold(command, Command::integer);
        self.unit.into_iter().fold(command, Command::word)
    }
}

/// An integer within a string: its width in bits, its sign, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitField {
    sign: char,
    width: u8,
    offset: u64,
    in_widths: bool,
}

impl BitField {
    /// With a sign, `width` bits of up to 64, at a bit.
    #[must_use]
    pub fn signed(width: u8, offset: u64) -> Self {
        Self {
            sign: 'i',
            width,
            offset,
            in_widths: false,
        }
    }

    /// Without a sign, `width` bits of up to 63, at a bit.
    #[must_use]
    pub fn unsigned(width: u8, offset: u64) -> Self {
        Self {
            sign: 'u',
            ..Self::signed(width, offset)
        }
    }

    /// The offset counts integers of this width instead of bits.
    #[must_use]
    pub fn in_widths(mut self) -> Self {
        self.in_widths = true;
        self
    }

    fn words(self) -> (String, String) {
        let hash = if self.in_widths { "#" } else { "" };
        (
            format!("{}{}", self.sign, self.width),
            format!("{hash}{}", self.offset),
        )
    }
}

/// What [`bitfield`](crate::BitmapCommands::bitfield) does, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldOps {
    operations: Clauses,
}

impl FieldOps {
    /// No operation.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads an integer.
    #[must_use]
    pub fn get(mut self, field: BitField) -> Self {
        self.operations.add(0, &("GET", field.words()));
        self
    }

    /// Writes an integer. Its result is the previous one.
    #[must_use]
    pub fn set(mut self, field: BitField, value: i64) -> Self {
        self.operations.add(0, &("SET", field.words(), value));
        self
    }

    /// Adds to an integer. Its result is the new one.
    #[must_use]
    pub fn incrby(mut self, field: BitField, increment: i64) -> Self {
        self.operations
            .add(0, &("INCRBY", field.words(), increment));
        self
    }

    /// From here on, numbers that do not fit wrap around, which they do by default.
    #[doc(alias = "OVERFLOW")]
    #[must_use]
    pub fn wrap(mut self) -> Self {
        self.operations.add(0, &("OVERFLOW", "WRAP"));
        self
    }

    /// From here on, numbers that do not fit become the nearest one that does.
    #[doc(alias = "OVERFLOW")]
    #[doc(alias = "SAT")]
    #[must_use]
    pub fn saturate(mut self) -> Self {
        self.operations.add(0, &("OVERFLOW", "SAT"));
        self
    }

    /// From here on, operations whose number would not fit do nothing, and their result is `None`.
    #[doc(alias = "OVERFLOW")]
    #[must_use]
    pub fn fail(mut self) -> Self {
        self.operations.add(0, &("OVERFLOW", "FAIL"));
        self
    }
}

impl Clause for FieldOps {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.operations)
    }
}

/// What [`bitfield_ro`](crate::BitmapCommands::bitfield_ro) reads, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldReads {
    operations: FieldOps,
}

impl FieldReads {
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads an integer.
    #[must_use]
    pub fn get(mut self, field: BitField) -> Self {
        self.operations = self.operations.get(field);
        self
    }
}

impl Clause for FieldReads {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.operations)
    }
}
