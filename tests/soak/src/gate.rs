//! Where all who work can be made to rest, so that what is held at rest can be measured, and to stop.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// A gate that every worker passes between two pieces of work.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whether the gate is closed.
    is_closed: bool,
    is_over: bool,
    /// How many wait behind it.
    resting: usize,
}

/// What a worker is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Work,
    /// Bring the work to a point where it can be left alone, then [`Gate::rest`].
    Rest,
    End,
}

impl Gate {
    pub(crate) fn next(&self) -> Next {
        let state = self.lock();
        match *state {
            State { is_over: true, .. } => Next::End,
            State {
                is_closed: true, ..
            } => Next::Rest,
            _ => Next::Work,
        }
    }

    /// Waits until the gate is opened again.
    pub(crate) fn rest(&self) {
        let mut state = self.lock();
        state.resting += 1;
        self.changed.notify_all();
        while state.is_closed && !state.is_over {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.resting -= 1;
        self.changed.notify_all();
    }

    /// Waits for so long, or until the gate is closed; whether it is open.
    pub(crate) fn pause(&self, length: Duration) -> bool {
        let deadline = Instant::now() + length;
        let mut state = self.lock();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if state.is_closed || state.is_over || left.is_zero() {
                return !state.is_closed && !state.is_over;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Closes the gate and waits until so many rest behind it; how many do when the time is up.
    pub(crate) fn close(&self, workers: usize, limit: Duration) -> usize {
        let deadline = Instant::now() + limit;
        let mut state = self.lock();
        state.is_closed = true;
        self.changed.notify_all();
        while state.resting < workers {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.resting
    }

    pub(crate) fn open(&self) {
        self.lock().is_closed = false;
        self.changed.notify_all();
    }

    /// Everybody is to end, those who rest too.
    pub(crate) fn end(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
