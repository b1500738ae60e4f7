//! When a key expires: what commands are told, and what they tell.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use resp_proto::{DecodeError, FromReply, Reply};

/// When a value is to expire.
///
/// A `Duration` or a `SystemTime` becomes one: in whole seconds where it is a number of them, else in
/// milliseconds, rounded up so that a value never goes before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// In so many seconds (`EX`).
    Seconds(u64),
    /// In so many milliseconds (`PX`).
    Milliseconds(u64),
    /// At a Unix time in seconds (`EXAT`).
    AtSeconds(u64),
    /// At a Unix time in milliseconds (`PXAT`).
    AtMilliseconds(u64),
}

impl Expiry {
    pub(crate) fn word_and_number(self) -> (&'static str, u64) {
        match self {
            Self::Seconds(number) => ("EX", number),
            Self::Milliseconds(number) => ("PX", number),
            Self::AtSeconds(number) => ("EXAT", number),
            Self::AtMilliseconds(number) => ("PXAT", number),
        }
    }
}

impl From<Duration> for Expiry {
    fn from(duration: Duration) -> Self {
        match duration.subsec_nanos() {
            0 => Self::Seconds(duration.as_secs()),
            _ => Self::Milliseconds(milliseconds(duration)),
        }
    }
}

impl From<SystemTime> for Expiry {
    /// A time before 1970 becomes 1970: in the past all the same.
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        match since.subsec_nanos() {
            0 => Self::AtSeconds(since.as_secs()),
            _ => Self::AtMilliseconds(milliseconds(since)),
        }
    }
}

/// Rounded up, and at most what 64 bits hold: half a billion years.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

/// How long a key has left to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ttl {
    /// There is no such key.
    NoKey,
    /// The key does not expire.
    NoExpiry,
    /// So many units: seconds from `TTL`, milliseconds from `PTTL`.
    Left(u64),
}

impl FromReply<'_> for Ttl {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        match reply.decode::<i64>()? {
            -2 => Ok(Self::NoKey),
            -1 => Ok(Self::NoExpiry),
            left => u64::try_from(left)
                .map(Self::Left)
                .map_err(|_| DecodeError::mismatch("a time to live", reply)),
        }
    }
}
