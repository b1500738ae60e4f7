//! A key that one thread writes, and that everybody may read.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use crate::{
    tally::{Outcome, Promise, Tally},
    values::{number_in, value_of},
};

/// For how long a write may take effect after its caller gave up on it: longer than any server or proxy
/// holds anything back.
const GHOSTS: Duration = Duration::from_secs(30);

/// What everybody may know of a register.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) key: String,
    /// The number of the next write.
    next: Arc<AtomicU64>,
}

impl Name {
    pub(crate) fn new(key: String) -> Self {
        Self {
            key,
            next: Arc::default(),
        }
    }

    /// Whether this can be a value of the register. What was read must have been written before.
    pub(crate) fn check(&self, value: Option<&[u8]>, tally: &Tally) -> Option<u64> {
        match number_in(&self.key, value?) {
            Ok(number) if number < self.next.load(SeqCst) => Some(number),
            Ok(number) => {
                tally.break_promise(Promise::NoWrongReply, || {
                    format!("{} has value {number}, which was not written", self.key)
                });
                None
            }
            Err(wrong) => {
                tally.break_promise(Promise::NoWrongReply, || wrong);
                None
            }
        }
    }
}

/// A register as its only writer knows it.
#[derive(Debug)]
pub(crate) struct Register {
    pub(crate) name: Name,
    /// The write that was last seen to have taken effect.
    last: Option<u64>,
    /// Writes of which nobody knows, and since when.
    ghosts: Vec<(u64, Instant)>,
    forgetful: bool,
}

impl Register {
    pub(crate) fn new(name: Name, forgetful: bool) -> Self {
        Self {
            name,
            last: None,
            ghosts: Vec::new(),
            forgetful,
        }
    }

    /// The number and the value of the next write.
    pub(crate) fn next(&self) -> (u64, Vec<u8>) {
        let number = self.name.next.fetch_add(1, SeqCst);
        (number, value_of(&self.name.key, number))
    }

    pub(crate) fn note(&mut self, number: u64, outcome: Outcome, tally: &Tally) {
        match outcome {
            Outcome::Done => {
                tally.write_acknowledged();
                self.last = Some(number);
            }
            Outcome::Unknown => {
                self.ghosts.retain(|(_, since)| since.elapsed() < GHOSTS);
                self.ghosts.push((number, Instant::now()));
            }
            Outcome::NotDone => {}
        }
    }

    /// What was read has to be the last write, or one of which nobody knew.
    pub(crate) fn check(&mut self, value: Option<&[u8]>, tally: &Tally) {
        let is_nothing = value.is_none();
        let found = self.name.check(value, tally);
        if self.forgetful || (found.is_none() && !is_nothing) || found == self.last {
            return;
        }
        let ghost = self
            .ghosts
            .iter()
            .position(|(ghost, _)| Some(*ghost) == found);
        if let Some(ghost) = ghost {
            self.last = found;
            self.ghosts.swap_remove(ghost);
            return;
        }
        // What is older was overwritten: its return means that the newer one is gone, or that the reply
        // is that of an earlier call.
        tally.break_promise(Promise::NoLostWrite, || {
            let Self {
                name, last, ghosts, ..
            } = self;
            let key = &name.key;
            format!("{key} was read as {found:?}, not {last:?} or one of {ghosts:?}")
        });
        self.last = found;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_or_was_never_written_or_comes_twice_is_noticed() {
        let tally = Tally::default();
        let mut register = Register::new(Name::new("k".to_owned()), false);
        register.check(None, &tally);
        let values: Vec<_> = (0..4).map(|_| register.next().1).collect();
        register.note(0, Outcome::Done, &tally);
        register.note(1, Outcome::Done, &tally);
        register.note(2, Outcome::Unknown, &tally);
        register.note(3, Outcome::NotDone, &tally);
        register.check(Some(&values[1]), &tally);
        register.check(Some(&values[2]), &tally);
        register.check(Some(&values[2]), &tally);
        assert_eq!(tally.all_broken(), 0);
        // One was overwritten by the other, which was seen.
        register.check(Some(&values[1]), &tally);
        assert_eq!(tally.broken(Promise::NoLostWrite), 1);
        register.check(Some(&values[3]), &tally);
        assert_eq!(tally.broken(Promise::NoLostWrite), 2);
        register.check(None, &tally);
        assert_eq!(tally.broken(Promise::NoLostWrite), 3);
        register.check(Some(&value_of("k", 4)), &tally);
        register.check(Some(&value_of("other", 0)), &tally);
        assert_eq!(tally.broken(Promise::NoWrongReply), 2);
    }
}
