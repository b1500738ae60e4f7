//! How the run gets on, on a terminal in one line that changes.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use crate::tally::Tally;

pub(crate) struct Progress {
    is_terminal: bool,
    begun: Instant,
    length: Duration,
    shown: Option<Instant>,
    calls: u64,
}

impl Progress {
    pub(crate) fn new(length: Duration) -> Self {
        Self {
            is_terminal: io::stderr().is_terminal(),
            begun: Instant::now(),
            length,
            shown: None,
            calls: 0,
        }
    }

    /// Shows it, if it is time to.
    pub(crate) fn show(&mut self, tally: &Tally, what: &str) {
        let interval = Duration::from_secs(if self.is_terminal { 1 } else { 10 });
        let since = self.shown.map(|shown| shown.elapsed());
        if since.is_some_and(|since| since < interval) {
            return;
        }
        let calls = tally.calls();
        let rate = since.map_or(0.0, |since| {
            (calls - self.calls) as f64 / since.as_secs_f64()
        });
        (self.shown, self.calls) = (Some(Instant::now()), calls);
        let broken = match tally.all_broken() {
            0 => "nothing wrong".to_owned(),
            count => format!("{count} WRONG"),
        };
        let line = format!(
            "{:>4} of {} s · {what} · {calls} calls, {rate:.0} a second · {} failed · {} faults · {broken}",
            self.begun.elapsed().as_secs(),
            self.length.as_secs(),
            tally.failed(),
            tally
                .faults()
                .values()
                .map(|fault| fault.times)
                .sum::<u64>(),
        );
        let mut stderr = io::stderr().lock();
        // Nobody to tell is no reason to end.
        let _ = if self.is_terminal {
            write!(stderr, "\r\x1b[K{line}").and_then(|()| stderr.flush())
        } else {
            writeln!(stderr, "{line}")
        };
    }

    /// Leaves the line.
    pub(crate) fn end(&self) {
        if self.is_terminal && self.shown.is_some() {
            eprintln!();
        }
    }
}
