//! One connection through the proxy: a thread for each way, and what both of them obey.
//!
//! A thread that waits in a read is woken by shutting down the reading side, which sends nothing; so a
//! connection can be closed with or without an end of stream, or reset, at any time. A thread that waits
//! in a write looks up every [`WRITE_POLL`].

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::endpoint::{Stream, is_time_out};
use crate::faults::{Direction, Failure, Faults};

/// How long a write may block before the thread looks whether it is to stop.
const WRITE_POLL: Duration = Duration::from_millis(10);

/// One connection through a [`FaultProxy`](crate::FaultProxy). Clones are handles to the same one; none
/// of them keeps it open.
#[derive(Clone, Debug)]
pub struct Link {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
    /// Of the proxy: all of its connections together.
    totals: Arc<[AtomicU64; 2]>,
}

#[derive(Debug)]
struct State {
    /// Client and server. `None` once it was closed; the threads hold them until they have noticed.
    streams: Option<[Arc<Stream>; 2]>,
    flows: [Flow; 2],
    /// Threads that have not ended.
    threads: usize,
}

#[derive(Debug, Default)]
struct Flow {
    faults: Faults,
    /// How often `faults` was set: what was counted for the last ones is not counted for these.
    generation: u64,
    /// Bytes since the faults were set.
    passed: u64,
    /// Bytes since the connection was made.
    total: u64,
    /// The receiver has been told that nothing more comes.
    has_ended: bool,
}

impl Link {
    /// Joins two connections, with these faults for either way.
    pub(crate) fn start(
        client: Stream,
        server: Stream,
        faults: [Faults; 2],
        totals: Arc<[AtomicU64; 2]>,
        register: impl FnOnce(&Self),
    ) -> io::Result<()> {
        for stream in [&client, &server] {
            stream.set_write_timeout(Some(WRITE_POLL))?;
        }
        let flows = faults.map(|faults| Flow {
            faults,
            ..Flow::default()
        });
        let streams = [Arc::new(client), Arc::new(server)];
        let link = Self {
            inner: Arc::new(Inner {
                state: Mutex::new(State {
                    streams: Some(streams.clone()),
                    flows,
                    threads: 0,
                }),
                changed: Condvar::new(),
                totals,
            }),
        };
        // Known before a byte has passed: whoever has had an answer finds the link.
        register(&link);
        for direction in Direction::BOTH {
            let (link, [client, server]) = (link.clone(), streams.clone());
            let (source, sink) = match direction {
                Direction::ToServer => (client, server),
                Direction::ToClient => (server, client),
            };
            let running = Running::new(&link);
            let pump = Pump {
                link: link.clone(),
                direction,
                source,
                sink,
            };
            let run = move || {
                // Which drops the sockets, and only then are they said to be closed.
                pump.run();
                drop(running);
            };
            thread::Builder::new()
                .name("testkit-pump".into())
                .spawn(run)
                .inspect_err(|_| link.cut())?;
        }
        // A failure that is due after no bytes at all is due now.
        for direction in Direction::BOTH {
            link.fire(direction);
        }
        Ok(())
    }

    /// Sets what happens to bytes that go this way, in place of what was set before. Counting begins
    /// anew; what a stall had held back goes on under the new faults.
    pub fn set(&self, direction: Direction, faults: Faults) {
        let mut state = self.lock();
        let flow = &mut state.flows[direction.index()];
        flow.faults = faults;
        flow.generation += 1;
        flow.passed = 0;
        drop(state);
        self.inner.changed.notify_all();
        self.fire(direction);
    }

    /// Ends all faults of both ways, and delivers what they have held back.
    pub fn heal(&self) {
        for direction in Direction::BOTH {
            self.set(direction, Faults::none());
        }
    }

    /// Closes both connections now: [`Failure::Cut`].
    pub fn cut(&self) {
        self.end(false);
    }

    /// Resets both connections now, and returns when that is done: [`Failure::Reset`].
    pub fn reset(&self) {
        self.end(true);
        self.wait_for_threads();
    }

    /// Ends this direction now: [`Failure::HalfClose`].
    pub fn half_close(&self, direction: Direction) {
        self.half_close_locked(&mut self.lock(), direction);
    }

    /// How many bytes have gone this way, from the first one on.
    pub fn bytes(&self, direction: Direction) -> u64 {
        self.lock().flows[direction.index()].total
    }

    /// Whether the connection is still there, as far as the proxy knows.
    pub fn is_open(&self) -> bool {
        self.lock().streams.is_some()
    }

    /// Returns when neither thread runs any more; the sockets are closed then.
    pub(crate) fn wait_for_threads(&self) {
        let mut state = self.lock();
        while state.threads > 0 {
            state = self.wait(state, Duration::MAX);
        }
    }

    /// Does what is due now. A stall is not done but left: see [`admit`](Self::admit).
    fn fire(&self, direction: Direction) {
        let mut state = self.lock();
        let flow = &state.flows[direction.index()];
        match flow.faults.due(flow.passed) {
            None | Some(Failure::Stall) => {}
            Some(Failure::HalfClose) => self.half_close_locked(&mut state, direction),
            Some(failure @ (Failure::Cut | Failure::Reset)) => {
                drop(state);
                self.end(failure == Failure::Reset);
            }
        }
    }

    fn half_close_locked(&self, state: &mut State, direction: Direction) {
        let Some(streams) = &state.streams else {
            return;
        };
        // The receiver of what goes to the server is the second of the two.
        streams[1 - direction.index()].shutdown(Shutdown::Write);
        state.flows[direction.index()].has_ended = true;
        self.inner.changed.notify_all();
    }

    fn end(&self, is_reset: bool) {
        let Some(streams) = self.lock().streams.take() else {
            return;
        };
        for stream in &streams {
            if is_reset {
                stream.reset_on_close();
                stream.shutdown(Shutdown::Read);
            } else {
                stream.shutdown(Shutdown::Both);
            }
        }
        self.inner.changed.notify_all();
    }

    /// Waits until some of `available` bytes may go on; how many, and 0 when none ever will.
    fn admit(&self, direction: Direction, available: usize) -> Admission {
        let index = direction.index();
        let mut state = self.lock();
        let mut kept: Option<(u64, Instant)> = None;
        loop {
            if state.streams.is_none() {
                return Admission::Closed;
            }
            let flow = &mut state.flows[index];
            if flow.has_ended {
                return Admission::Dropped;
            }
            if flow.faults.due(flow.passed) == Some(Failure::Stall) {
                kept = None;
                state = self.wait(state, Duration::MAX);
                continue;
            }
            if available == 0 {
                return Admission::Pieces(0);
            }
            let piece = flow.faults.piece(available, flow.passed);
            let until = match kept {
                Some((generation, until)) if generation == flow.generation => until,
                _ => Instant::now() + flow.faults.pause(piece),
            };
            kept = Some((flow.generation, until));
            let left = until.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                state = self.wait(state, left);
                continue;
            }
            // Counted before they are written, so that whoever sees their effect sees the count.
            flow.passed += piece as u64;
            flow.total += piece as u64;
            self.inner.totals[index].fetch_add(piece as u64, Ordering::Relaxed);
            return Admission::Pieces(piece);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        let state = self.inner.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>, limit: Duration) -> MutexGuard<'s, State> {
        let waited = self.inner.changed.wait_timeout(state, limit);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// What may be done with bytes that have arrived.
enum Admission {
    /// So many of them go on.
    Pieces(usize),
    /// They are dropped: the receiver has been told that nothing more comes.
    Dropped,
    /// There is no connection any more.
    Closed,
}

/// The thread of one direction.
struct Pump {
    link: Link,
    direction: Direction,
    source: Arc<Stream>,
    sink: Arc<Stream>,
}

impl Pump {
    fn run(self) {
        match self.copy() {
            Ok(()) => self.pass_on_the_end(),
            Err(_) => self.link.cut(),
        }
    }

    fn copy(&self) -> io::Result<()> {
        let mut buffer = vec![0; 16 << 10];
        loop {
            let count = match (&*self.source).read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let mut rest = &buffer[..count];
            while !rest.is_empty() {
                match self.link.admit(self.direction, rest.len()) {
                    Admission::Pieces(count) => {
                        let (piece, others) = rest.split_at(count);
                        self.write(piece)?;
                        rest = others;
                        self.link.fire(self.direction);
                    }
                    Admission::Dropped => break,
                    Admission::Closed => return Ok(()),
                }
            }
        }
    }

    fn write(&self, mut piece: &[u8]) -> io::Result<()> {
        while !piece.is_empty() {
            match (&*self.sink).write(piece) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => piece = &piece[count..],
                Err(error) if is_time_out(&error) && self.link.is_open() => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The source has ended: so does this direction, unless it is stalled.
    fn pass_on_the_end(&self) {
        if matches!(
            self.link.admit(self.direction, 0),
            Admission::Pieces(_) | Admission::Dropped
        ) {
            self.link.half_close(self.direction);
        }
    }
}

/// Counts a thread for as long as it holds the sockets.
struct Running(Link);

impl Running {
    fn new(link: &Link) -> Self {
        link.lock().threads += 1;
        Self(link.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.threads -= 1;
        if state.threads == 0 && state.flows.iter().all(|flow| flow.has_ended) {
            state.streams = None;
        }
        drop(state);
        self.0.inner.changed.notify_all();
    }
}
