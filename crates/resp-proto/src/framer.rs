//! The framer: where in a growing buffer does a reply end?

use core::{fmt, ops::Range};

use crate::{
    Elements, FrameError, FrameErrorKind, Limits, MAX_NESTING, Reply,
    header::{self, Blob, Header},
    reply::Text,
    short,
};

/// How many groups of attributes may stand before a reply. The specification knows of one.
const MAX_ATTRIBUTES: usize = 128;

/// Finds the end of one reply after another.
///
/// It holds no bytes. The caller keeps a buffer that starts where the current reply starts, calls
/// [`advance`](Framer::advance) whenever the buffer has grown, and drops a reply's bytes once it is
/// done with them. What stands before the value that was cut is not looked at again, so a reply of a
/// million elements costs about the same per byte however it arrives. Nothing is allocated and nothing recurses.
///
/// What a frame holds has been checked to the last byte: reading it cannot fail.
#[derive(Clone)]
pub struct Framer {
    limits: Limits,
    /// Where the header to read next starts. Never more than the length of the buffer last seen.
    at: usize,
    /// How many bytes from `at` on are known to hold no complete line.
    scanned: usize,
    /// With fewer bytes than this there is nothing new to learn: 1 between two replies, more inside one, and 0
    /// once it has failed.
    needed: usize,
    /// How many values the innermost open aggregate still lacks, at least 1; outside of aggregates, 1.
    left: u32,
    /// How many values each level outside of that will lack when the one inside it has ended: `depth` levels.
    outer: [u32; MAX_NESTING],
    depth: usize,
    /// How many groups of attributes stand before this reply. Those inside of it count as its elements do.
    attributes: usize,
    failed: Option<FrameError>,
    /// Whether what was last found incomplete is the text of a bulk string that is all of the reply.
    is_in_lone_bulk: bool,
}

/// The bytes of one complete reply, its attributes included.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    bytes: &'a [u8],
}

impl Framer {
    /// A framer with the default [`Limits`].
    #[must_use]
    pub const fn new() -> Self {
        Self::with_limits(Limits::new())
    }

    /// A framer with limits of its own.
    ///
    /// ```
    /// # use resp_proto::{Framer, Limits};
    /// const SMALL: Framer = Framer::with_limits(Limits::new().nesting(4).frame_length(256));
    /// assert!(SMALL.clone().advance(b"$4096\r\n").is_err());
    /// ```
    #[must_use]
    pub const fn with_limits(limits: Limits) -> Self {
        Self {
            limits,
            at: 0,
            scanned: 0,
            needed: 1,
            left: 1,
            outer: [0; MAX_NESTING],
            depth: 0,
            attributes: 0,
            failed: None,
            is_in_lone_bulk: false,
        }
    }

    /// Looks for the end of the reply at the front of `buffer`, which holds what it held at the last
    /// call and perhaps more behind it. `None` while the reply is incomplete.
    ///
    /// After a frame the framer is ready for the next reply: the next `buffer` starts behind it.
    ///
    /// # Errors
    /// When the bytes are no RESP or exceed the limits; from then on always.
    #[inline]
    pub fn advance<'a>(&mut self, buffer: &'a [u8]) -> Result<Option<Frame<'a>>, FrameError> {
        // Most replies are short and come whole. Nothing of this one has been seen if one byte is needed.
        let end = match short::usual_value(buffer, &self.limits) {
            Some(end) if self.needed == 1 && end <= self.limits.frame_length => Some(end),
            _ => self.find_end(buffer),
        };
        match end {
            Some(end) => Ok(buffer.get(..end).map(|bytes| Frame { bytes })),
            None => self.failed.map_or(Ok(None), Err),
        }
    }

    /// The replies at the front of `buffer`, at most `most`, as long as they are complete and of the most frequent
    /// kinds, and how many bytes they take. They are strings and numbers: never an error, a push, or anything with
    /// attributes. Inside of a reply there are none.
    ///
    /// [`advance`](Framer::advance) would have found the same, one by one, and takes several times as long.
    #[must_use]
    pub fn frequent<'a>(&self, buffer: &'a [u8], most: usize) -> (Elements<'a>, usize) {
        let most = if self.needed == 1 { most } else { 0 };
        let buffer = buffer.get(..self.limits.frame_length).unwrap_or(buffer);
        let (rest, left) = short::pass_values(buffer, most, &self.limits);
        let length = buffer.len().wrapping_sub(rest.len());
        let bytes = buffer.get(..length).unwrap_or_default();
        (Elements::new(bytes, most.wrapping_sub(left)), length)
    }

    /// How many bytes the buffer must hold before [`advance`](Framer::advance) can learn anything new:
    /// a hint for how much to read. It is exact inside a bulk string, 1 between two replies, and 0 after an
    /// error.
    #[must_use]
    pub fn needed(&self) -> usize {
        self.needed
    }

    /// Whether a reply has begun and not ended.
    #[must_use]
    pub fn is_inside_reply(&self) -> bool {
        self.needed > 1
    }

    /// Where the text of the bulk string is that all of the reply at the front of `buffer` is, once that is known
    /// and as long as the reply is incomplete.
    ///
    /// A caller who wants to have a long one in memory of its own can take it from here: the text, and the two
    /// bytes behind it for [`end_bulk`](Framer::end_bulk).
    #[must_use]
    pub fn bulk_ahead(&self, buffer: &[u8]) -> Option<Range<usize>> {
        let (Header::Blob(Blob::String, length), line) = header::framed(buffer)? else {
            return None;
        };
        let end = line.saturating_add(length);
        (self.needed == end.saturating_add(2)).then_some(line..end)
    }

    /// Ends a reply of which the caller has taken the text, as [`bulk_ahead`](Framer::bulk_ahead) allows, given
    /// the two bytes behind that. The next `buffer` starts behind them.
    ///
    /// # Errors
    /// When they are not CRLF, or when no reply is incomplete that is a bulk string and nothing else; from then on
    /// always.
    pub fn end_bulk(&mut self, ending: [u8; 2]) -> Result<(), FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let end = self.needed.saturating_sub(2);
        let ended = if self.is_inside_reply() && self.is_in_lone_bulk {
            check_blob(Blob::String, &ending).map_err(|error| error.shifted(end))
        } else {
            Err(no_byte(FrameErrorKind::BulkEnding, self.at))
        };
        (self.failed, self.needed) = match ended {
            Ok(()) => (None, 1),
            Err(error) => (Some(error), 0),
        };
        ended
    }

    /// Where the reply at the front of `buffer` ends. `None` while that is not known, or once it has failed.
    #[inline(never)]
    fn find_end(&mut self, buffer: &[u8]) -> Option<usize> {
        // Nothing beyond the limit is looked at, so it is met at the same place however the bytes arrive.
        let arrived = buffer.len();
        let buffer = buffer.get(..self.limits.frame_length).unwrap_or(buffer);
        if self.needed == 1 {
            if let Some(end) = short::value(buffer, &self.limits) {
                return Some(end);
            }
        }
        if buffer.len() < self.needed || self.failed.is_some() {
            // A limit of nothing at all is met here, before there is a header.
            if buffer.len() < arrived && self.failed.is_none() {
                let error = no_byte(FrameErrorKind::FrameLimit, self.at);
                (self.failed, self.needed) = (Some(error), 0);
            }
            return None;
        }
        match self.read_on(buffer) {
            Ok(end) => end,
            Err(error) => {
                (self.failed, self.needed) = (Some(error), 0);
                None
            }
        }
    }

    #[inline(always)]
    fn read_on(&mut self, buffer: &[u8]) -> Result<Option<usize>, FrameError> {
        let mut rest = buffer.get(self.at..).unwrap_or_default();
        let mut left = self.left as usize;
        loop {
            let before = rest.len();
            (rest, left) = short::pass_values(rest, left, &self.limits);
            if rest.len() < before {
                self.scanned = 0;
            }
            while left == 0 {
                let Some(depth) = self.depth.checked_sub(1) else {
                    (self.at, self.scanned, self.needed, self.left) = (0, 0, 1, 1);
                    self.attributes = 0;
                    return Ok(Some(buffer.len().wrapping_sub(rest.len())));
                };
                self.depth = depth;
                left = self.outer.get(depth).copied().unwrap_or_default() as usize;
            }
            let at = buffer.len().wrapping_sub(rest.len());
            let length = match self.read_header(rest, at)? {
                Next::Value(length) => {
                    left = left.wrapping_sub(1);
                    length
                }
                Next::Aggregate(line, values) => {
                    self.enter(left.wrapping_sub(1), at)?;
                    left = values;
                    line
                }
                // The value that an attribute belongs to is still to come: nothing is counted.
                Next::Attribute(line, values) => {
                    self.count_attributes(at)?;
                    if values > 0 {
                        self.enter(left, at)?;
                        left = values;
                    }
                    line
                }
                Next::Incomplete(needed) => {
                    (self.at, self.left) = (at, left as u32);
                    self.needed = at.saturating_add(needed);
                    return if self.needed > self.limits.frame_length {
                        Err(no_byte(FrameErrorKind::FrameLimit, at))
                    } else {
                        Ok(None)
                    };
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
    }

    /// What stands at the front of `rest`, which is at `at` in the reply.
    #[inline(never)]
    fn read_header(&mut self, rest: &[u8], at: usize) -> Result<Next, FrameError> {
        let read = header::read(rest, self.scanned, &self.limits);
        let Some((header, line)) = read.map_err(|error| error.shifted(at))? else {
            // A last byte of CR must be looked at again, together with the LF behind it.
            self.scanned = rest.len().saturating_sub(1);
            self.is_in_lone_bulk = false;
            return Ok(Next::Incomplete(rest.len().saturating_add(1)));
        };
        self.scanned = 0;
        Ok(match header {
            Header::Blob(blob, length) => {
                let end = line.saturating_add(length).saturating_add(2);
                let Some(body) = rest.get(line..end) else {
                    self.is_in_lone_bulk = at == 0 && blob == Blob::String;
                    return Ok(Next::Incomplete(end));
                };
                check_blob(blob, body).map_err(|error| error.shifted(at.saturating_add(line)))?;
                Next::Value(end)
            }
            Header::Aggregate(_, values @ 1..) => Next::Aggregate(line, values),
            Header::Attribute(values) => Next::Attribute(line, values),
            _ => Next::Value(line),
        })
    }

    /// Nobody keeps attributes, but they are held until their reply is complete: without end, it never is.
    fn count_attributes(&mut self, at: usize) -> Result<(), FrameError> {
        if self.depth > 0 {
            return Ok(());
        }
        self.attributes = self.attributes.saturating_add(1);
        if self.attributes > MAX_ATTRIBUTES {
            return Err(no_byte(FrameErrorKind::AttributeLimit, at));
        }
        Ok(())
    }

    /// Opens a level; the one outside of it will lack `left` values when it ends.
    fn enter(&mut self, left: usize, at: usize) -> Result<(), FrameError> {
        match self.outer.get_mut(self.depth) {
            // An aggregate has at most 2³¹ − 1 values, as `Limits` sees to; without limits it is one that has been
            // framed or written here.
            Some(level) if self.depth < self.limits.nesting => *level = left as u32,
            _ => return Err(no_byte(FrameErrorKind::NestingLimit, at)),
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }
}

/// What a header says of how to go on.
enum Next {
    /// A value of so many bytes ends here.
    Value(usize),
    /// Behind a header of so many bytes come so many values, at least 1.
    Aggregate(usize, usize),
    /// The same, or no value, and then the value that they belong to.
    Attribute(usize, usize),
    /// With fewer bytes than this there is nothing new to learn.
    Incomplete(usize),
}

impl Default for Framer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Framer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Framer")
            .field("limits", &self.limits)
            .field("at", &self.at)
            .field("needed", &self.needed)
            .field("depth", &self.depth)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl<'a> Frame<'a> {
    /// A frame once more, from what [`bytes`](Frame::bytes) gave: for a buffer that could not stay
    /// borrowed in between.
    ///
    /// Other bytes mean nothing, but do no harm: reading ends early, makes room for no more values than there are
    /// bytes, and goes no deeper than [`MAX_NESTING`] levels.
    #[must_use]
    pub const fn again(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The reply, to be read in place.
    #[must_use]
    #[inline]
    pub fn reply(&self) -> Reply<'a> {
        Reply::whole(self.bytes)
    }

    /// The bytes as they came, attributes and the last CRLF included.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many bytes the reply takes, attributes included.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no reply is empty")]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Frame").field(&Text(self.bytes)).finish()
    }
}

/// An error that no single byte is at fault for, like a limit that is passed.
fn no_byte(kind: FrameErrorKind, offset: usize) -> FrameError {
    FrameError {
        kind,
        offset,
        found: None,
        is_too_large: false,
    }
}

/// Checks what follows a blob's header: the bytes and their CRLF.
fn check_blob(blob: Blob, body: &[u8]) -> Result<(), FrameError> {
    let fault = |kind, offset| FrameError {
        kind,
        offset,
        found: body.get(offset).copied(),
        is_too_large: false,
    };
    let length = body.len().saturating_sub(2);
    if !body.ends_with(b"\r\n") {
        let at = if body.get(length) == Some(&b'\r') {
            length.saturating_add(1)
        } else {
            length
        };
        return Err(fault(FrameErrorKind::BulkEnding, at));
    }
    if blob == Blob::Verbatim && body.get(3) != Some(&b':') {
        return Err(fault(FrameErrorKind::Verbatim, 3));
    }
    Ok(())
}
