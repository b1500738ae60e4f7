//! What the run has shown, as tables.

use std::{fmt::Write, time::Duration};

use live_tests::{heap, held::Held};
use redis_testkit::Version;

use crate::{
    table::table,
    tally::{Errors, Promise, Tally},
};

/// What was measured beside the tally.
pub(crate) struct Measured {
    pub(crate) version: Version,
    pub(crate) threads: usize,
    pub(crate) seed: u64,
    pub(crate) took: Duration,
    /// Whether it was told to end early.
    pub(crate) is_cut_short: bool,
    /// What was held at rest: first after the warm-up, last at the end.
    pub(crate) at_rest: Vec<Held>,
    /// What was held before anything was started, and when all of it was gone.
    pub(crate) around: [Held; 2],
}

pub(crate) fn of(measured: &Measured, tally: &Tally) -> String {
    let mut text = String::new();
    let seconds = measured.took.as_secs_f64();
    let calls = tally.calls();
    let early = if measured.is_cut_short {
        ", ended early"
    } else {
        ""
    };
    let (threads, seed) = (measured.threads, measured.seed);
    let _ = writeln!(
        text,
        "{} · {threads} threads · {seconds:.0} s{early} · seed {seed}\n",
        measured.version
    );
    let mut rows = vec![
        row("calls", calls),
        row("calls a second", (calls as f64 / seconds.max(0.001)) as u64),
        row("calls that failed", tally.failed()),
        row("writes acknowledged", tally.writes()),
        row("messages received", tally.messages()),
    ];
    let (slowest, limit) = tally.slowest();
    rows.push(row("slowest call", format!("{slowest:.1?} of {limit:.1?}")));
    rows.push(row(
        "writes that a killed primary had acknowledged and not passed on",
        tally.lost_by_servers(),
    ));
    if let [first, .., last] = measured.at_rest.as_slice() {
        let (first, last) = (kib(first.heap), kib(last.heap));
        let at_rest = format!("{first} KiB after the warm-up, {last} KiB at the end");
        rows.push(row("memory at rest", at_rest));
    }
    rows.push(row("memory at most", format!("{} KiB", kib(heap::most()))));
    let [before, after] = measured.around;
    for (name, before, after) in [
        ("threads", before.threads, after.threads),
        ("sockets", before.sockets, after.sockets),
    ] {
        if let (Some(before), Some(after)) = (before, after) {
            rows.push(row(name, format!("{before} before, {after} after")));
        }
    }
    if let Some(resident) = measured.around[1].resident {
        rows.push(row("resident at the end", format!("{} KiB", kib(resident))));
    }
    text.push_str(&table(&["", "count"], &rows));

    let fault = |(name, fault): (&'static str, crate::tally::Fault)| {
        let recovery = format!("{:.2} s", fault.recovery.as_secs_f64());
        vec![name.to_owned(), fault.times.to_string(), recovery]
    };
    let rows: Vec<_> = tally.faults().into_iter().map(fault).collect();
    text.push('\n');
    text.push_str(&table(&["fault", "times", "recovered within"], &rows));

    let error = |(kind, errors): (String, Errors)| {
        let Errors {
            not_executed,
            maybe_executed,
        } = errors;
        vec![kind, not_executed.to_string(), maybe_executed.to_string()]
    };
    let rows: Vec<_> = tally.errors().into_iter().map(error).collect();
    text.push('\n');
    text.push_str(&table(&["error", "not executed", "maybe executed"], &rows));

    let promise = |promise: Promise| {
        let found = tally.broken(promise);
        let verdict = if found == 0 { "" } else { "BROKEN" };
        vec![promise.to_string(), found.to_string(), verdict.to_owned()]
    };
    let rows: Vec<_> = Promise::ALL.into_iter().map(promise).collect();
    text.push('\n');
    text.push_str(&table(&["what must be 0", "count", ""], &rows));
    for told in tally.told() {
        let _ = writeln!(text, "\n{told}");
    }
    text
}

fn row(name: &str, value: impl ToString) -> Vec<String> {
    vec![name.to_owned(), value.to_string()]
}

fn kib(bytes: usize) -> usize {
    bytes >> 10
}
