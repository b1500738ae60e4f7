//! When keys and values expire: what commands are told, and what they tell.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use resp_proto::{DecodeError, FromReply, Reply};

use crate::{Command, clauses::Clause};

/// When a value is to expire.
///
/// A `Duration` or a `SystemTime` becomes one: in whole seconds where it is a number of them, else in
/// milliseconds, rounded up so that a value never goes before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// In so many seconds (`EX`).
    #[doc(alias = "EX")]
    Seconds(u64),
    /// In so many milliseconds (`PX`).
    #[doc(alias = "PX")]
    Milliseconds(u64),
    /// At a Unix time in seconds (`EXAT`, since Redis 6.2).
    #[doc(alias = "EXAT")]
    AtSeconds(u64),
    /// At a Unix time in milliseconds (`PXAT`, since Redis 6.2).
    #[doc(alias = "PXAT")]
    AtMilliseconds(u64),
}

impl Expiry {
    /// How it is said to the server.
    pub(crate) fn words(self) -> (&'static str, u64) {
        match self {
            Self::Seconds(number) => ("EX", number),
            Self::Milliseconds(number) => ("PX", number),
            Self::AtSeconds(number) => ("EXAT", number),
            Self::AtMilliseconds(number) => ("PXAT", number),
        }
    }

    /// In milliseconds, and whether that is a Unix time. Never 0, which would be for ever to who asks for it so.
    pub(crate) fn milliseconds(self) -> (u64, bool) {
        let (number, is_time) = match self {
            Self::Seconds(number) => (number.saturating_mul(1000), false),
            Self::Milliseconds(number) => (number, false),
            Self::AtSeconds(number) => (number.saturating_mul(1000), true),
            Self::AtMilliseconds(number) => (number, true),
        };
        (number.max(1), is_time)
    }
}

impl Clause for Expiry {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let (word, number) = self.words();
        command.word(word).unsigned(number)
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
    /// A time before 1970 becomes the first second of 1970: in the past all the same, and the earliest that
    /// servers take.
    fn from(time: SystemTime) -> Self {
        let since = since_1970(time);
        match since.subsec_nanos() {
            0 => Self::AtSeconds(since.as_secs().max(1)),
            _ => Self::AtMilliseconds(milliseconds(since)),
        }
    }
}

impl From<Seconds> for Expiry {
    /// A negative number becomes 0, which servers refuse as well.
    fn from(seconds: Seconds) -> Self {
        Self::Seconds(seconds.0.try_into().unwrap_or(0))
    }
}

impl From<Milliseconds> for Expiry {
    /// A negative number becomes 0, which servers refuse as well.
    fn from(milliseconds: Milliseconds) -> Self {
        Self::Milliseconds(milliseconds.0.try_into().unwrap_or(0))
    }
}

impl From<UnixSeconds> for Expiry {
    /// A time before 1970 becomes 1970, which servers refuse as well.
    fn from(time: UnixSeconds) -> Self {
        Self::AtSeconds(time.0.try_into().unwrap_or(0))
    }
}

impl From<UnixMilliseconds> for Expiry {
    /// A time before 1970 becomes 1970, which servers refuse as well.
    fn from(time: UnixMilliseconds) -> Self {
        Self::AtMilliseconds(time.0.try_into().unwrap_or(0))
    }
}

macro_rules! amounts {
    ($($(#[$doc:meta])+ $name:ident from $source:ty: $convert:expr;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(number)
            }
        }

        impl From<i32> for $name {
            fn from(number: i32) -> Self {
                Self(number.into())
            }
        }

        impl From<u32> for $name {
            fn from(number: u32) -> Self {
                Self(number.into())
            }
        }

        impl From<u64> for $name {
            /// More than an `i64` holds becomes the most that it holds.
            fn from(number: u64) -> Self {
                Self(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }

        impl From<$source> for $name {
            fn from(source: $source) -> Self {
                let convert: fn($source) -> u64 = $convert;
                Self::from(convert(source))
            }
        }

        impl FromReply<'_> for $name {
            fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
                reply.decode().map(Self)
            }
        }

        impl Clause for $name {
            fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
                command.integer(self.0)
            }
        }
    )+};
}

amounts! {
    /// A number of seconds; of a `Duration`, rounded up. Negative ones are in the past.
    Seconds from Duration: seconds;
    /// A number of milliseconds; of a `Duration`, rounded up. Negative ones are in the past.
    Milliseconds from Duration: milliseconds;
    /// A Unix time in seconds; of a `SystemTime`, rounded up, and at least 1970.
    UnixSeconds from SystemTime: |time| seconds(since_1970(time));
    /// A Unix time in milliseconds; of a `SystemTime`, rounded up, and at least 1970.
    UnixMilliseconds from SystemTime: |time| milliseconds(since_1970(time));
}

impl From<Seconds> for Duration {
    /// A negative number becomes 0.
    fn from(seconds: Seconds) -> Self {
        Self::from_secs(seconds.0.try_into().unwrap_or_default())
    }
}

impl From<Milliseconds> for Duration {
    /// A negative number becomes 0.
    fn from(milliseconds: Milliseconds) -> Self {
        Self::from_millis(milliseconds.0.try_into().unwrap_or_default())
    }
}

impl From<UnixSeconds> for SystemTime {
    /// A time before 1970, or one that the system cannot express, becomes 1970.
    fn from(time: UnixSeconds) -> Self {
        let since = Duration::from_secs(time.0.try_into().unwrap_or_default());
        UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
    }
}

impl From<UnixMilliseconds> for SystemTime {
    /// A time before 1970, or one that the system cannot express, becomes 1970.
    fn from(time: UnixMilliseconds) -> Self {
        let since = Duration::from_millis(time.0.try_into().unwrap_or_default());
        UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
    }
}

/// A Unix time in microseconds, which is what the server's clock says.
///
/// ```
/// use std::time::{Duration, SystemTime, UNIX_EPOCH};
/// use redis_cmd::UnixMicroseconds;
///
/// let time = SystemTime::from(UnixMicroseconds(1_500_000));
/// assert_eq!(time, UNIX_EPOCH + Duration::from_millis(1500));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMicroseconds(pub i64);

impl FromReply<'_> for UnixMicroseconds {
    /// From the seconds, and the microseconds since.
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let (seconds, microseconds): (i64, i64) = reply.decode()?;
        let whole = seconds.saturating_mul(1_000_000);
        Ok(Self(whole.saturating_add(microseconds)))
    }
}

impl From<UnixMicroseconds> for SystemTime {
    /// A time before 1970, or one that the system cannot express, becomes 1970.
    fn from(time: UnixMicroseconds) -> Self {
        let since = Duration::from_micros(time.0.try_into().unwrap_or_default());
        UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
    }
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Rounded up.
pub(crate) fn seconds(duration: Duration) -> u64 {
    let more = u64::from(duration.subsec_nanos() > 0);
    duration.as_secs().saturating_add(more)
}

/// Rounded up, and at most what 64 bits hold: half a billion years.
pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

/// How long a key or a field has left to live: in [`Seconds`] from `TTL`, in [`Milliseconds`] from `PTTL`.
///
/// ```
/// use std::time::Duration;
/// use redis_cmd::{Milliseconds, Ttl};
///
/// let ttl = Ttl::Left(Milliseconds(1500));
/// assert_eq!(ttl.left(), Some(Duration::from_millis(1500)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ttl<U> {
    /// There is no such key, or no such field.
    NoKey,
    /// It does not expire.
    NoExpiry,
    /// So long.
    Left(U),
}

impl<U: Into<Duration>> Ttl<U> {
    /// How long it has left; `None` when it does not expire, and when it is not there.
    #[must_use]
    pub fn left(self) -> Option<Duration> {
        match self {
            Self::Left(left) => Some(left.into()),
            Self::NoKey | Self::NoExpiry => None,
        }
    }
}

impl<U: From<i64>> FromReply<'_> for Ttl<U> {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        match reply.decode()? {
            -2 => Ok(Self::NoKey),
            -1 => Ok(Self::NoExpiry),
            left if left >= 0 => Ok(Self::Left(U::from(left))),
            _ => Err(DecodeError::mismatch("a time to live", reply)),
        }
    }
}

/// When a key or a field expires: in [`UnixSeconds`] from `EXPIRETIME`, in [`UnixMilliseconds`] from `PEXPIRETIME`.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use redis_cmd::{ExpireTime, UnixSeconds};
///
/// let expires = ExpireTime::At(UnixSeconds(1_700_000_000));
/// assert_eq!(expires.time(), Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpireTime<U> {
    /// There is no such key, or no such field.
    NoKey,
    /// It does not expire.
    NoExpiry,
    /// At this time.
    At(U),
}

impl<U: Into<SystemTime>> ExpireTime<U> {
    /// When it expires; `None` when it does not, and when it is not there.
    #[must_use]
    pub fn time(self) -> Option<SystemTime> {
        match self {
            Self::At(time) => Some(time.into()),
            Self::NoKey | Self::NoExpiry => None,
        }
    }
}

impl<U: From<i64>> FromReply<'_> for ExpireTime<U> {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        Ok(match reply.decode()? {
            Ttl::NoKey => Self::NoKey,
            Ttl::NoExpiry => Self::NoExpiry,
            Ttl::Left(time) => Self::At(time),
        })
    }
}
