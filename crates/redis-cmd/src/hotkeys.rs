//! Keys that take the most: <https://redis.io/docs/latest/commands/hotkeys/>.

use std::{collections::BTreeMap, time::Duration};

use resp_proto::{DecodeError, FromReply, FromReplyOwned, Reply, Value};

use crate::{
    Command, Execute, Seconds,
    clauses::{Clause, Clauses},
    cmd,
    kept::Kept,
    named::Named,
};

/// Commands on which keys take the most time and traffic. Redis only, since 8.6.
pub trait HotKeyCommands: Execute {
    /// What was found since the last start, and goes on to be found if it was not stopped; `None` when nothing was
    /// started.
    ///
    /// Redis only, since 8.6. Complexity: O(K).
    #[doc(alias = "HOTKEYS GET")]
    fn hotkeys_get<K: FromReplyOwned>(self) -> Self::Output<Option<HotKeys<K>>> {
        self.execute(cmd("HOTKEYS GET").read_only())
    }

    /// Forgets what was found.
    ///
    /// Redis only, since 8.6. Complexity: O(1).
    #[doc(alias = "HOTKEYS RESET")]
    fn hotkeys_reset(self) -> Self::Output<()> {
        self.execute(cmd("HOTKEYS RESET"))
    }

    /// Starts to look for keys that take the most. Fails when that was started before.
    ///
    /// Redis only, since 8.6. Complexity: O(1).
    #[doc(alias = "HOTKEYS START")]
    fn hotkeys_start(self, options: HotKeyOptions) -> Self::Output<()> {
        self.execute(cmd("HOTKEYS START").with(&options))
    }

    /// Stops to look, and keeps what was found. Returns false when nothing was started.
    ///
    /// Redis only, since 8.6. Complexity: O(1).
    #[doc(alias = "HOTKEYS STOP")]
    fn hotkeys_stop(self) -> Self::Output<bool> {
        self.execute(cmd("HOTKEYS STOP"))
    }
}

/// What [`hotkeys_start`](HotKeyCommands::hotkeys_start) looks for, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotKeyOptions {
    clauses: Clauses,
}

impl HotKeyOptions {
    /// Keys that take the most time of the processor.
    #[must_use]
    pub fn cpu() -> Self {
        Self::of(&("METRICS", 1, "CPU"))
    }

    /// Keys that take the most bytes of the network.
    #[must_use]
    pub fn net() -> Self {
        Self::of(&("METRICS", 1, "NET"))
    }

    /// Both.
    #[must_use]
    pub fn cpu_and_net() -> Self {
        Self::of(&("METRICS", 2, "CPU", "NET"))
    }

    /// So many keys of each kind.
    #[must_use]
    pub fn count(mut self, keys: u64) -> Self {
        self.clauses.set(1, &("COUNT", keys));
        self
    }

    /// For so many seconds; by default, until it is stopped.
    #[must_use]
    pub fn duration(mut self, seconds: impl Into<Seconds>) -> Self {
        self.clauses.set(2, &("DURATION", seconds.into().0));
        self
    }

    /// Looks at one command in so many.
    #[must_use]
    pub fn sample(mut self, ratio: u64) -> Self {
        self.clauses.set(3, &("SAMPLE", ratio));
        self
    }

    /// Looks at keys in these slots alone, at least one. Of a cluster only.
    #[must_use]
    pub fn slots(mut self, slots: &[u16]) -> Self {
        let words = Kept::of(&("SLOTS", slots.len(), slots));
        self.clauses.put(4, words.only_if(!slots.is_empty()));
        self
    }

    fn of(metrics: &impl crate::ToArgs) -> Self {
        let mut clauses = Clauses::default();
        clauses.set(0, metrics);
        Self { clauses }
    }
}

impl Clause for HotKeyOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// Keys that take the most.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HotKeys<K> {
    /// Whether the server still looks for them.
    pub active: bool,
    /// One command in so many is looked at.
    pub sample_ratio: u64,
    /// How long the server has looked for them.
    pub duration: Duration,
    /// Keys with the microseconds that they took, if that was looked for.
    pub by_cpu_time: Option<Vec<(K, u64)>>,
    /// Keys with the bytes that they took, if that was looked for.
    pub by_net_bytes: Option<Vec<(K, u64)>>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl<'a, K: FromReply<'a>> FromReply<'a> for HotKeys<K> {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        // Servers wrap it into an array of one.
        let wrapped = reply.elements().filter(|elements| elements.len() == 1);
        let inner = wrapped.and_then(|mut elements| elements.next());
        let mut fields = Named::of(inner.unwrap_or(reply))?;
        Ok(Self {
            active: fields.take("tracking-active")?,
            sample_ratio: fields.take("sample-ratio")?,
            duration: Duration::from_millis(fields.take("collection-duration-ms")?),
            by_cpu_time: fields.find("by-cpu-time-us")?,
            by_net_bytes: fields.find("by-net-bytes")?,
            rest: fields.rest()?,
        })
    }
}
