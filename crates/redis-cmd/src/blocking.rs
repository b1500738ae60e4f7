//! Commands that wait until something happens.

use std::time::Duration;

use resp_proto::FromReplyOwned;

use crate::{Execute, Side, ToArg, ToArgs, Waits, cmd};

/// Commands that wait, with a limit to it: `None` waits for ever.
///
/// They occupy a connection while they wait. The deadline of the call is the limit and a grace, never
/// the ordinary response time-out. They are no commands of pipelines, where nothing can wait.
pub trait BlockingCommands: Execute {
    /// Waits for an element at the front of the first of `keys` that has one, and takes it; its key and
    /// itself, `None` when the time was up.
    #[doc(alias = "BLPOP")]
    fn blpop<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        limit: Option<Duration>,
    ) -> Self::Output<Option<(K, T)>> {
        let (waits, seconds) = limit_to(limit);
        self.execute(cmd("BLPOP").several_keys(&keys).float(seconds).waits(waits))
    }

    /// Waits for an element at the end of the first of `keys` that has one, and takes it; its key and
    /// itself, `None` when the time was up.
    #[doc(alias = "BRPOP")]
    fn brpop<K: FromReplyOwned, T: FromReplyOwned>(
        self,
        keys: impl ToArgs,
        limit: Option<Duration>,
    ) -> Self::Output<Option<(K, T)>> {
        let (waits, seconds) = limit_to(limit);
        self.execute(cmd("BRPOP").several_keys(&keys).float(seconds).waits(waits))
    }

    /// Waits for an element at one end of `source`, and moves it to an end of `destination`; the
    /// element, `None` when the time was up. Since 6.2.
    #[doc(alias = "BLMOVE")]
    #[doc(alias = "BRPOPLPUSH")]
    fn blmove<T: FromReplyOwned>(
        self,
        source: impl ToArg,
        destination: impl ToArg,
        from: Side,
        to: Side,
        limit: Option<Duration>,
    ) -> Self::Output<Option<T>> {
        let (waits, seconds) = limit_to(limit);
        let command = cmd("BLMOVE")
            .key(&source)
            .key(&destination)
            .word(from.word())
            .word(to.word());
        self.execute(command.float(seconds).waits(waits))
    }
}

/// How long the server waits, and how it is told. For it, 0 is for ever: the shortest limit that a
/// caller can set is a millisecond.
fn limit_to(limit: Option<Duration>) -> (Waits, f64) {
    match limit {
        None => (Waits::Forever, 0.0),
        Some(limit) => {
            let limit = limit.max(Duration::from_millis(1));
            (Waits::For(limit), limit.as_secs_f64())
        }
    }
}
