//! A list that one thread fills at one end and waits for at the other.

use std::collections::BTreeSet;

use crate::{
    tally::{Outcome, Promise, Tally},
    values::{number_in, value_of},
};

/// Jobs, as far as their only producer, who is their only consumer, knows.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) key: String,
    next: u64,
    /// Jobs that are there.
    certain: BTreeSet<u64>,
    /// Jobs that may be there, or may still come.
    unknown: BTreeSet<u64>,
    /// How many may have been taken without anybody knowing which.
    taken_unseen: usize,
}

impl Queue {
    pub(crate) fn new(key: String) -> Self {
        Self {
            key,
            next: 0,
            certain: BTreeSet::new(),
            unknown: BTreeSet::new(),
            taken_unseen: 0,
        }
    }

    /// The number and the text of the next job.
    pub(crate) fn next(&mut self) -> (u64, Vec<u8>) {
        let number = self.next;
        self.next += 1;
        (number, value_of(&self.key, number))
    }

    pub(crate) fn note_put(&mut self, number: u64, outcome: Outcome, tally: &Tally) {
        match outcome {
            Outcome::Done => {
                tally.write_acknowledged();
                self.certain.insert(number);
            }
            Outcome::Unknown => {
                self.unknown.insert(number);
                // The oldest ones have come by now, or never will.
                while self.unknown.len() > 100 {
                    self.unknown.pop_first();
                }
            }
            Outcome::NotDone => {}
        }
    }

    /// Nobody knows whether a job was taken.
    pub(crate) fn note_lost_take(&mut self) {
        self.taken_unseen += 1;
    }

    /// What was taken has to be a job that nobody has taken before.
    pub(crate) fn note_take(&mut self, job: Option<&[u8]>, tally: &Tally) {
        let Some(job) = job else {
            return self.note_empty(tally);
        };
        match number_in(&self.key, job) {
            Ok(number) if self.certain.remove(&number) || self.unknown.remove(&number) => {}
            Ok(number) => tally.break_promise(Promise::NoDoubleExecution, || {
                format!("job {number} of {} was there once more", self.key)
            }),
            Err(wrong) => tally.break_promise(Promise::NoWrongReply, || wrong),
        }
    }

    fn note_empty(&mut self, tally: &Tally) {
        let gone = self.certain.len();
        if gone > self.taken_unseen {
            tally.break_promise(Promise::NoLostWrite, || {
                let (key, unseen) = (&self.key, self.taken_unseen);
                format!("{key} is empty: {gone} jobs are gone, {unseen} may have been taken")
            });
        }
        // A take that came to nothing before may still take one: it is not forgotten at once.
        self.taken_unseen -= gone.min(self.taken_unseen);
        self.certain.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_is_gone_or_comes_twice_is_noticed() {
        let tally = Tally::default();
        let mut queue = Queue::new("k".to_owned());
        let jobs: Vec<_> = (0..4).map(|_| queue.next().1).collect();
        queue.note_put(0, Outcome::Done, &tally);
        queue.note_put(1, Outcome::Unknown, &tally);
        queue.note_take(Some(&jobs[0]), &tally);
        queue.note_take(Some(&jobs[1]), &tally);
        queue.note_take(None, &tally);
        queue.note_put(2, Outcome::Done, &tally);
        queue.note_lost_take();
        queue.note_take(None, &tally);
        assert_eq!(tally.all_broken(), 0);
        queue.note_take(Some(&jobs[0]), &tally);
        assert_eq!(tally.broken(Promise::NoDoubleExecution), 1);
        queue.note_put(3, Outcome::Done, &tally);
        queue.note_take(None, &tally);
        assert_eq!(tally.broken(Promise::NoLostWrite), 1);
        queue.note_take(Some(&value_of("other", 0)), &tally);
        assert_eq!(tally.broken(Promise::NoWrongReply), 1);
    }
}
