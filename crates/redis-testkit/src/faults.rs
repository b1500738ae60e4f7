//! What a proxy does to the bytes that go one way.

use std::time::Duration;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Requests: from the client to the server.
    ToServer,
    /// Replies: from the server to the client.
    ToClient,
}

impl Direction {
    /// Both of them, requests first.
    pub const BOTH: [Self; 2] = [Self::ToServer, Self::ToClient];

    pub(crate) fn index(self) -> usize {
        match self {
            Self::ToServer => 0,
            Self::ToClient => 1,
        }
    }
}

/// What happens when so many bytes have gone one way: see [`Faults::after`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Nothing more goes this way, not even the end of the stream, until other faults are set. What
    /// was held back is then delivered. The other way stays open.
    Stall,
    /// Both connections, to the client and to the server, are closed as a process closes them that ends
    /// in order: each side reads what was sent, then the end.
    Cut,
    /// Both connections are reset, as a process or a firewall does that has forgotten them (TCP RST).
    /// Unix sockets have no reset: they are closed.
    Reset,
    /// The receiver of this direction reads the end of the stream; what still comes is dropped. The
    /// other way stays open.
    HalfClose,
}

/// What a proxy does to the bytes that go one way; nothing unless said.
///
/// ```
/// use std::time::Duration;
/// use redis_testkit::{Failure, Faults};
///
/// let slow = Faults::none().delay(Duration::from_millis(5)).bytes_per_second(10_000);
/// let broken = Faults::none().segments_of(1).after(17, Failure::Reset);
/// assert_ne!(slow, broken);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    pub(crate) delay: Duration,
    pub(crate) segment: Option<usize>,
    pub(crate) rate: Option<u64>,
    pub(crate) failure: Option<(u64, Failure)>,
}

impl Faults {
    /// Bytes go on as they come.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Holds everything back from now on: `none().after(0, Failure::Stall)`.
    #[must_use]
    pub fn stall() -> Self {
        Self::none().after(0, Failure::Stall)
    }

    /// Keeps every piece for so long before it goes on. A piece is what one read returned, or a part
    /// of that: see [`segments_of`](Self::segments_of).
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sends pieces of at most so many bytes, at least 1, each by a system call of its own. The sockets
    /// have `TCP_NODELAY`, so that on TCP each is a segment, though a reader that is late may read
    /// several at once.
    #[must_use]
    pub fn segments_of(mut self, bytes: usize) -> Self {
        self.segment = Some(bytes.max(1));
        self
    }

    /// Lets through no more than so many bytes per second, at least 1.
    #[must_use]
    pub fn bytes_per_second(mut self, bytes: u64) -> Self {
        self.rate = Some(bytes.max(1));
        self
    }

    /// Fails as soon as `bytes` bytes have gone this way since these faults were set, and at once for 0.
    /// On a connection that is made later, the count begins with its first byte.
    #[must_use]
    pub fn after(mut self, bytes: u64, failure: Failure) -> Self {
        self.failure = Some((bytes, failure));
        self
    }

    /// How much of `available` bytes may go in one piece, of which `passed` were before.
    pub(crate) fn piece(&self, available: usize, passed: u64) -> usize {
        let segment = self.segment.unwrap_or(usize::MAX);
        // Ten pieces a second, or a large one would be followed by a long silence.
        let share = self.rate.map_or(u64::MAX, |rate| (rate / 10).max(1));
        let left = match self.failure {
            Some((after, _)) => after.saturating_sub(passed),
            None => u64::MAX,
        };
        let most = usize::try_from(left.min(share)).unwrap_or(usize::MAX);
        available.min(segment).min(most)
    }

    /// How long a piece of so many bytes is kept.
    pub(crate) fn pause(&self, bytes: usize) -> Duration {
        let throttled = self.rate.map_or(Duration::ZERO, |rate| {
            Duration::from_nanos((bytes as u64).saturating_mul(1_000_000_000) / rate)
        });
        self.delay + throttled
    }

    /// What is to happen now that `passed` bytes have gone this way.
    pub(crate) fn due(&self, passed: u64) -> Option<Failure> {
        self.failure
            .filter(|&(after, _)| passed >= after)
            .map(|(_, failure)| failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_ends_where_the_failure_is_due() {
        let faults = Faults::none().after(10, Failure::Cut);
        assert_eq!(faults.piece(100, 0), 10);
        assert_eq!(faults.piece(100, 7), 3);
        assert_eq!(faults.piece(2, 0), 2);
        assert_eq!((faults.due(9), faults.due(10)), (None, Some(Failure::Cut)));
        assert_eq!(faults.segments_of(4).piece(100, 0), 4);
    }

    #[test]
    fn a_throttled_stream_goes_in_tenths_of_a_second() {
        let faults = Faults::none().bytes_per_second(1000);
        assert_eq!(faults.piece(5000, 0), 100);
        assert_eq!(faults.pause(100), Duration::from_millis(100));
        assert_eq!(Faults::none().bytes_per_second(1).piece(5000, 0), 1);
    }
}
