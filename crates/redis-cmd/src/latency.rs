//! What took long: <https://redis.io/docs/latest/commands/?group=server>.

use std::{collections::BTreeMap, time::Duration};

use resp_proto::{DecodeError, FromReply, Reply, Value};

use crate::{
    Execute, Milliseconds, ToArg, ToArgs, UnixSeconds, cmd,
    named::{Named, rest_of},
};

/// Commands on what took the server long, which it records if its setting `latency-monitor-threshold` is
/// not 0.
pub trait LatencyCommands: Execute {
    /// What the server thinks of what took long.
    ///
    /// Complexity: O(1).
    #[doc(alias = "LATENCY DOCTOR")]
    fn latency_doctor(self) -> Self::Output<String> {
        self.execute(cmd("LATENCY DOCTOR").read_only())
    }

    /// The history of an event as a picture in text; an error when there is none.
    ///
    /// Complexity: O(1).
    #[doc(alias = "LATENCY GRAPH")]
    fn latency_graph(self, event: impl ToArg) -> Self::Output<String> {
        self.execute(cmd("LATENCY GRAPH").read_only().arg(&event))
    }

    /// How long the calls of commands took, none of `commands` being all that were called.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "LATENCY HISTOGRAM")]
    fn latency_histogram(
        self,
        commands: impl ToArgs,
    ) -> Self::Output<BTreeMap<String, LatencyHistogram>> {
        self.execute(cmd("LATENCY HISTOGRAM").read_only().args(&commands))
    }

    /// When an event took long, and how long.
    ///
    /// Complexity: O(1).
    #[doc(alias = "LATENCY HISTORY")]
    fn latency_history(self, event: impl ToArg) -> Self::Output<Vec<(UnixSeconds, Milliseconds)>> {
        self.execute(cmd("LATENCY HISTORY").read_only().arg(&event))
    }

    /// What took long last, by event.
    ///
    /// Complexity: O(1).
    #[doc(alias = "LATENCY LATEST")]
    fn latency_latest(self) -> Self::Output<Vec<LatencyEvent>> {
        self.execute(cmd("LATENCY LATEST").read_only())
    }

    /// Forgets events, all of them if there is none in `events`. Returns their number.
    ///
    /// Complexity: O(1).
    #[doc(alias = "LATENCY RESET")]
    fn latency_reset(self, events: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("LATENCY RESET").args(&events))
    }
}

/// How long the calls of a command took.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LatencyHistogram {
    /// How many there were.
    pub calls: u64,
    /// How many of them took up to so many microseconds.
    pub buckets: BTreeMap<u64, u64>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for LatencyHistogram {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            calls: fields.take("calls")?,
            buckets: fields.take("histogram_usec")?,
            rest: fields.rest()?,
        })
    }
}

/// An event that took long.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LatencyEvent {
    /// Its name.
    pub event: String,
    /// When it last took long.
    pub time: UnixSeconds,
    /// How long then.
    pub latest: Duration,
    /// How long it took at most.
    pub max: Duration,
    /// Whatever else the server says: in Valkey, the sum in milliseconds and the number.
    pub rest: Vec<Value>,
}

impl FromReply<'_> for LatencyEvent {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let parts: Vec<Reply<'_>> = reply.decode()?;
        let [event, time, latest, max, rest @ ..] = &parts[..] else {
            return Err(DecodeError::mismatch("the parts of an event", reply));
        };
        Ok(Self {
            event: event.decode()?,
            time: time.decode()?,
            latest: Duration::from_millis(latest.decode()?),
            max: Duration::from_millis(max.decode()?),
            rest: rest_of(rest, 0)?,
        })
    }
}
