//! Permission to use connections, which whoever made them can take back.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Permission to use the connections that hold it, until it is ended.
///
/// Whoever makes connections to a server that may turn out to be the wrong one gives them a lease
/// ([`Connection::hold`](crate::Connection::hold)). When it ends, all of them refuse to send anything more,
/// whoever has them, and a pool keeps none of them. A clone is the same lease.
#[derive(Clone, Debug, Default)]
pub struct Lease {
    ended: Arc<AtomicBool>,
}

impl Lease {
    /// A lease that has not ended.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends it, for good.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// Whether it has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}
