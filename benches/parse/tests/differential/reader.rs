//! A slow reader of RESP2, word by word as the specification has it, which can be given the quirks of others.
//!
//! Without quirks it does what this crate does, with a peer's quirks what that peer does: the same replies, and
//! the same "refused" or "incomplete" behind them.

/// One way in which a parser differs from this crate's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Quirk {
    /// Only CRLF ends a line: CR or LF may stand in it on their own.
    LoneLineEndings,
    /// Any two bytes may stand behind a bulk string.
    AnyBulkEnding,
    /// The CR behind a bulk string is checked before the LF has arrived.
    BulkEndingByByte,
    /// A number ends at the first CR, is 0 where there are no digits, -1 where there is something else, and wraps
    /// around at 64 bits.
    LooseNumbers,
    /// A number may have blanks around it.
    BlanksAroundNumbers,
    /// A length is read as integers are: with a sign, and -01 is -1.
    SignedLengths,
    /// A bulk string of any negative length is null.
    NegativeBulkIsNull,
    /// An array of any negative length is null.
    NegativeArrayIsNull,
    /// An array of a negative length other than -1 is empty.
    NegativeArrayIsEmpty,
    /// A length may be anything: what it announces is waited for.
    NoLengthLimits,
    /// Memory is allocated for as many elements as a header says, modulo 2³², and more of them written to it.
    BelievesCounts,
    /// There is no limit on nesting.
    NoNestingLimit,
    /// An array inside of eight others is refused, before its line has arrived, and even if it is empty.
    EightLevels,
    /// Any value inside of a hundred arrays is refused, before its line has arrived.
    HundredLevels,
    /// Where nothing follows a type byte that is refused, or the negative length of a map, the reply is called
    /// incomplete.
    RefusesLate,
    /// Lines have to be UTF-8.
    LinesAreUtf8,
    /// Errors have to be UTF-8, which is noticed when the whole reply is there.
    ErrorsAreUtf8,
    /// The types of RESP3 are known at all times.
    KnowsResp3,
}

use Quirk::*;

/// A reply. The bytes are type bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Text(u8, Vec<u8>),
    Integer(i64),
    Null,
    /// Maps and attributes are flat; behind attributes comes the value that they belong to.
    Many(u8, Vec<Tree>),
}

/// All that is read from a stream.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) replies: Vec<Tree>,
    pub(crate) stop: Stop,
}

/// Why there is no further reply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stop {
    /// Or there is nothing left.
    Incomplete,
    Refused,
    /// A parser with these quirks would write to memory that is not its own.
    Harmful,
}

const BULK: i64 = 512 << 20;
const ELEMENTS: i64 = 1 << 26;
const NESTING: usize = 128;

/// Reads all of a stream, as somebody with these quirks would.
pub(crate) fn read(quirks: &[Quirk], stream: &[u8]) -> Outcome {
    let mut reader = Reader {
        quirks,
        rest: stream,
    };
    let mut replies = Vec::new();
    loop {
        match reader.reply() {
            Ok(reply) => replies.push(reply),
            Err(stop) => return Outcome { replies, stop },
        }
    }
}

struct Reader<'a> {
    quirks: &'a [Quirk],
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    fn reply(&mut self) -> Result<Tree, Stop> {
        fn is_utf8(tree: &Tree) -> bool {
            match tree {
                Tree::Text(b'-', text) => str::from_utf8(text).is_ok(),
                Tree::Many(_, values) => values.iter().all(is_utf8),
                _ => true,
            }
        }
        let reply = self.value(0)?;
        if self.has(ErrorsAreUtf8) && !is_utf8(&reply) {
            return Err(Stop::Refused);
        }
        Ok(reply)
    }

    /// A value inside of `depth` aggregates.
    fn value(&mut self, depth: usize) -> Result<Tree, Stop> {
        let kind = self.take(1)?[0];
        if !b"+-:$*".contains(&kind) && !self.has(KnowsResp3)
            || kind == b'*' && self.has(EightLevels) && depth == 8
            || self.has(HundredLevels) && depth == 100
        {
            return Err(self.refusal());
        }
        match kind {
            b'+' | b'-' => Ok(Tree::Text(kind, self.line()?.into())),
            b':' => Ok(Tree::Integer(self.number()?)),
            b'$' => match self.length()? {
                -1 => Ok(Tree::Null),
                ..-1 if self.has(NegativeBulkIsNull) => Ok(Tree::Null),
                length if self.is_legal(length, BULK) => Ok(Tree::Text(b'$', self.bulk(length)?)),
                _ => Err(Stop::Refused),
            },
            b'*' => match self.length()? {
                -1 => Ok(Tree::Null),
                ..-1 if self.has(NegativeArrayIsNull) => Ok(Tree::Null),
                count if self.has(BelievesCounts) && !(-10_000..=10_000).contains(&count) => {
                    Err(Stop::Harmful)
                }
                ..-1 if self.has(NegativeArrayIsEmpty) => Ok(Tree::Many(b'*', Vec::new())),
                count if self.is_legal(count, ELEMENTS) => self.values(kind, count as u64, depth),
                _ => Err(Stop::Refused),
            },
            _ => self.resp3(kind, depth),
        }
    }

    /// A value of a type that RESP2 has not, as redis-rs reads it.
    fn resp3(&mut self, kind: u8, depth: usize) -> Result<Tree, Stop> {
        match kind {
            b'_' => self.line().map(|_| Tree::Null),
            b'(' => Ok(Tree::Text(kind, self.line()?.into())),
            b'#' => match self.line()? {
                text @ (b"t" | b"f") => Ok(Tree::Text(kind, text.into())),
                _ => Err(Stop::Refused),
            },
            b',' => {
                let text = str::from_utf8(self.line()?).map_err(|_| Stop::Refused)?;
                let number: f64 = text.trim().parse().map_err(|_| Stop::Refused)?;
                Ok(Tree::Text(kind, number.to_string().into()))
            }
            b'!' | b'=' => {
                let length = self.length()?;
                let bytes = self.bulk(length)?;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                match kind {
                    b'!' => Ok(Tree::Text(b'-', text.into())),
                    _ if text.contains(':') => Ok(Tree::Text(kind, text.into())),
                    _ => Err(Stop::Refused),
                }
            }
            b'%' | b'|' => match self.length()? {
                ..0 => Err(self.refusal()),
                count => self.values(kind, count as u64 * 2 + u64::from(kind == b'|'), depth),
            },
            b'~' => match self.length()? {
                ..0 => Ok(Tree::Null),
                count => self.values(kind, count as u64, depth),
            },
            b'>' => match self.length()? {
                ..=0 => Ok(Tree::Many(kind, vec![Tree::Text(b'+', Vec::new())])),
                count => match self.values(kind, count as u64, depth)? {
                    // The first one says what kind of push it is.
                    Tree::Many(_, mut values) => match &mut values[0] {
                        Tree::Text(first @ (b'$' | b'+'), text) if str::from_utf8(text).is_ok() => {
                            *first = b'+';
                            Ok(Tree::Many(kind, values))
                        }
                        _ => Err(Stop::Refused),
                    },
                    _ => unreachable!("aggregates have values"),
                },
            },
            _ => Err(self.refusal()),
        }
    }

    fn values(&mut self, kind: u8, count: u64, depth: usize) -> Result<Tree, Stop> {
        let is_limited = ![NoNestingLimit, EightLevels, HundredLevels]
            .iter()
            .any(|&quirk| self.has(quirk));
        if is_limited && depth == NESTING && count > 0 {
            return Err(Stop::Refused);
        }
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(self.value(depth + 1)?);
        }
        Ok(Tree::Many(kind, values))
    }

    fn refusal(&self) -> Stop {
        if self.has(RefusesLate) && self.rest.is_empty() {
            Stop::Incomplete
        } else {
            Stop::Refused
        }
    }

    fn is_legal(&self, length: i64, limit: i64) -> bool {
        length >= 0 && (length <= limit || self.has(NoLengthLimits))
    }

    /// So many bytes, and what ends them. A negative number is a huge one.
    fn bulk(&mut self, length: i64) -> Result<Vec<u8>, Stop> {
        let length = length as u64;
        let arrived = self.rest.len() as u64;
        if self.has(BulkEndingByByte) {
            let bytes = self.take(length)?;
            if self.take(1)? != b"\r" || self.take(1)? != b"\n" {
                return Err(Stop::Refused);
            }
            return Ok(bytes.into());
        }
        if arrived.saturating_sub(2) < length || arrived < 2 {
            return Err(Stop::Incomplete);
        }
        let bytes = self.take(length)?;
        if self.take(2)? != b"\r\n" && !self.has(AnyBulkEnding) {
            return Err(Stop::Refused);
        }
        Ok(bytes.into())
    }

    fn length(&mut self) -> Result<i64, Stop> {
        if self.has(SignedLengths) {
            return self.number();
        }
        match self.line()? {
            b"-1" => Ok(-1),
            digits if digits.iter().all(u8::is_ascii_digit) => integer(digits),
            _ => Err(Stop::Refused),
        }
    }

    fn number(&mut self) -> Result<i64, Stop> {
        let line = self.line()?;
        if self.has(LooseNumbers) {
            return Ok(loose_number(line));
        }
        match str::from_utf8(line) {
            Ok(text) if self.has(BlanksAroundNumbers) => integer(text.trim().as_bytes()),
            _ => integer(line),
        }
    }

    /// What stands before a CRLF, which is passed by.
    fn line(&mut self) -> Result<&'a [u8], Stop> {
        let is_crlf = |at: usize| self.rest[at..].starts_with(b"\r\n");
        let is_end = |at: usize| is_crlf(at) || b"\r\n".contains(&self.rest[at]);
        let end = if self.has(LoneLineEndings) {
            (0..self.rest.len()).find(|&at| is_crlf(at))
        } else {
            (0..self.rest.len()).find(|&at| is_end(at))
        };
        let end = end.ok_or(Stop::Incomplete)?;
        if &self.rest[end..] == b"\r" {
            return Err(Stop::Incomplete);
        }
        if !is_crlf(end) {
            return Err(Stop::Refused);
        }
        let line = self.take(end as u64)?;
        self.take(2)?;
        if self.has(LinesAreUtf8) && str::from_utf8(line).is_err() {
            return Err(Stop::Refused);
        }
        Ok(line)
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], Stop> {
        if (self.rest.len() as u64) < count {
            return Err(Stop::Incomplete);
        }
        let (taken, rest) = self.rest.split_at(count as usize);
        self.rest = rest;
        Ok(taken)
    }
}

/// `[sign] digits` of 64 bits, which is what the standard library reads.
fn integer(text: &[u8]) -> Result<i64, Stop> {
    let text = str::from_utf8(text).map_err(|_| Stop::Refused)?;
    text.parse().map_err(|_| Stop::Refused)
}

/// As hiredis reads it.
fn loose_number(line: &[u8]) -> i64 {
    let (sign, digits) = match line {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] | digits => (1_i64, digits),
    };
    let digits = digits.split(|&byte| byte == b'\r').next().unwrap_or(digits);
    if !digits.iter().all(u8::is_ascii_digit) {
        return -1;
    }
    let number = digits.iter().fold(0_i64, |number, digit| {
        number
            .wrapping_mul(10)
            .wrapping_add(i64::from(digit - b'0'))
    });
    sign.wrapping_mul(number)
}
