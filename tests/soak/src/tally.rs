//! What is counted, from all threads.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use redis::{Error, ErrorKind, ServerErrorKind};

/// What must not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Promise {
    NoWrongReply,
    NoLostWrite,
    NoHiddenExecution,
    NoDoubleExecution,
    NoSilentLoss,
    NoLateCall,
    NoOtherError,
    Recovery,
    NoThreadLeft,
    NoSocketLeft,
    NoGrowth,
}

impl Promise {
    pub(crate) const ALL: [Self; 11] = [
        Self::NoWrongReply,
        Self::NoLostWrite,
        Self::NoHiddenExecution,
        Self::NoDoubleExecution,
        Self::NoSilentLoss,
        Self::NoLateCall,
        Self::NoOtherError,
        Self::Recovery,
        Self::NoThreadLeft,
        Self::NoSocketLeft,
        Self::NoGrowth,
    ];
}

/// What is counted against it.
impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoWrongReply => "wrong replies",
            Self::NoLostWrite => "acknowledged writes that are lost",
            Self::NoHiddenExecution => "executed, though said not to be",
            Self::NoDoubleExecution => "executed twice",
            Self::NoSilentLoss => "messages lost without a word",
            Self::NoLateCall => "calls past their deadline",
            Self::NoOtherError => "errors that no fault explains",
            Self::Recovery => "faults not recovered from in time",
            Self::NoThreadLeft => "threads left over",
            Self::NoSocketLeft => "sockets left over",
            Self::NoGrowth => "times that memory has grown",
        })
    }
}

/// Whether a write has taken effect, as far as its caller knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    NotDone,
    Unknown,
}

impl Outcome {
    pub(crate) fn of<T>(result: &Result<T, Error>) -> Self {
        match result {
            Ok(_) => Self::Done,
            Err(error) if error.maybe_executed() => Self::Unknown,
            Err(_) => Self::NotDone,
        }
    }

    /// That of one command of a pipeline, whose errors say of all of them whether they may have been
    /// executed. An error that the server itself answered is about this one.
    pub(crate) fn of_reply<T>(result: &Result<T, Error>) -> Self {
        match result {
            Err(error) if matches!(error.kind(), ErrorKind::Server(_)) => Self::NotDone,
            result => Self::of(result),
        }
    }
}

/// What a call may take beyond its time-outs on a machine that has other things to do.
const SLACK: Duration = Duration::from_secs(5);
/// How many broken promises are told in full.
const TOLD: usize = 20;

#[derive(Debug, Default)]
pub(crate) struct Tally {
    calls: AtomicU64,
    failed: AtomicU64,
    writes: AtomicU64,
    messages: AtomicU64,
    lost_by_servers: AtomicU64,
    slowest: Mutex<(Duration, Duration)>,
    errors: Mutex<BTreeMap<String, Errors>>,
    faults: Mutex<BTreeMap<&'static str, Fault>>,
    broken: Mutex<BTreeMap<Promise, u64>>,
    told: Mutex<Vec<String>>,
}

/// Errors of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Errors {
    pub(crate) not_executed: u64,
    pub(crate) maybe_executed: u64,
}

/// What came of the faults of one sort.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fault {
    pub(crate) times: u64,
    /// The longest time from the end of a fault to calls that succeed.
    pub(crate) recovery: Duration,
}

impl Tally {
    /// Makes a call that has to end within `limit`.
    pub(crate) fn call<T>(
        &self,
        limit: Duration,
        call: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let begun = Instant::now();
        let result = call();
        let took = begun.elapsed();
        self.calls.fetch_add(1, Relaxed);
        if took > limit + SLACK {
            let answer = result.as_ref().map(drop);
            self.break_promise(Promise::NoLateCall, || {
                format!("a call of at most {limit:.1?} took {took:.1?}: {answer:?}")
            });
        }
        let mut slowest = lock(&self.slowest);
        if took > slowest.0 {
            *slowest = (took, limit);
        }
        drop(slowest);
        if let Err(error) = &result {
            self.failed.fetch_add(1, Relaxed);
            self.error(error);
        }
        result
    }

    pub(crate) fn error(&self, error: &Error) {
        let kind = match error.kind() {
            ErrorKind::Server(kind) => format!("Server({kind:?})"),
            kind => format!("{kind:?}"),
        };
        let mut errors = lock(&self.errors);
        let errors = errors.entry(kind).or_default();
        if error.maybe_executed() {
            errors.maybe_executed += 1;
        } else {
            errors.not_executed += 1;
        }
        let promise = match error.kind() {
            ErrorKind::Protocol | ErrorKind::Decode => Promise::NoWrongReply,
            _ if is_explained(error) => return,
            _ => Promise::NoOtherError,
        };
        self.break_promise(promise, || error.to_string());
    }

    pub(crate) fn write_acknowledged(&self) {
        self.writes.fetch_add(1, Relaxed);
    }

    pub(crate) fn message_received(&self) {
        self.messages.fetch_add(1, Relaxed);
    }

    /// A server that was replaced by its replica had acknowledged a write before it passed it on.
    pub(crate) fn lost_by_server(&self) {
        self.lost_by_servers.fetch_add(1, Relaxed);
    }

    pub(crate) fn fault(&self, name: &'static str, recovery: Duration) {
        let mut faults = lock(&self.faults);
        let fault = faults.entry(name).or_default();
        fault.times += 1;
        fault.recovery = fault.recovery.max(recovery);
    }

    pub(crate) fn break_promise(&self, promise: Promise, what: impl FnOnce() -> String) {
        *lock(&self.broken).entry(promise).or_default() += 1;
        let mut told = lock(&self.told);
        if told.len() < TOLD {
            told.push(format!("{promise}: {}", what()));
        }
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    pub(crate) fn writes(&self) -> u64 {
        self.writes.load(Relaxed)
    }

    pub(crate) fn messages(&self) -> u64 {
        self.messages.load(Relaxed)
    }

    pub(crate) fn lost_by_servers(&self) -> u64 {
        self.lost_by_servers.load(Relaxed)
    }

    /// How long the slowest call took, and how long it might have.
    pub(crate) fn slowest(&self) -> (Duration, Duration) {
        *lock(&self.slowest)
    }

    pub(crate) fn errors(&self) -> BTreeMap<String, Errors> {
        lock(&self.errors).clone()
    }

    /// How many faults were recovered from.
    pub(crate) fn recovered(&self) -> u64 {
        lock(&self.faults).values().map(|fault| fault.times).sum()
    }

    pub(crate) fn faults(&self) -> BTreeMap<&'static str, Fault> {
        lock(&self.faults).clone()
    }

    pub(crate) fn broken(&self, promise: Promise) -> u64 {
        lock(&self.broken)
            .get(&promise)
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn all_broken(&self) -> u64 {
        lock(&self.broken).values().sum()
    }

    /// The first broken promises, each with what happened.
    pub(crate) fn told(&self) -> Vec<String> {
        lock(&self.told).clone()
    }
}

/// Whether one of the faults makes such errors.
fn is_explained(error: &Error) -> bool {
    use ServerErrorKind as Server;
    match error.kind() {
        ErrorKind::Connection
        | ErrorKind::Timeout
        | ErrorKind::Authentication
        | ErrorKind::MasterNotFound
        | ErrorKind::ReplicaNotFound
        | ErrorKind::Watch => true,
        ErrorKind::Server(
            Server::OutOfMemory
            | Server::ExecAbort
            | Server::Loading
            | Server::ReadOnly
            | Server::MasterDown,
        ) => true,
        ErrorKind::Server(_) => error.code() == Some("UNBLOCKED"),
        _ => false,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
