//! A number that one thread counts up.

use crate::tally::{Outcome, Promise, Tally};

/// How often a counter was increased, as far as its only writer knows.
#[derive(Debug)]
pub(crate) struct Counter {
    pub(crate) key: String,
    /// What the server said last.
    last: i64,
    /// How many increments may have been executed since, or may still be.
    unknown: i64,
    attempts: i64,
    forgetful: bool,
}

impl Counter {
    pub(crate) fn new(key: String, forgetful: bool) -> Self {
        Self {
            key,
            last: 0,
            unknown: 0,
            attempts: 0,
            forgetful,
        }
    }

    /// What came of increasing it by one.
    pub(crate) fn note(&mut self, outcome: Outcome, answer: Option<i64>, tally: &Tally) {
        self.attempts += 1;
        match (outcome, answer) {
            (Outcome::Unknown, _) => self.unknown += 1,
            (Outcome::Done, Some(answer)) => {
                tally.write_acknowledged();
                self.check(answer, self.last + 1, tally);
            }
            _ => {}
        }
    }

    /// What came of reading it.
    pub(crate) fn note_read(&mut self, answer: Option<i64>, tally: &Tally) {
        self.check(answer.unwrap_or_default(), self.last, tally);
    }

    fn check(&mut self, answer: i64, least: i64, tally: &Tally) {
        if self.forgetful {
            if answer > self.attempts {
                tally.break_promise(Promise::NoDoubleExecution, || {
                    format!("{} is {answer} after {} calls", self.key, self.attempts)
                });
            }
            return;
        }
        let most = least + self.unknown;
        let Self { key, last, .. } = self;
        if answer < least {
            tally.break_promise(Promise::NoLostWrite, || {
                format!("{key} is {answer}, not at least {least}; it was {last}")
            });
        } else if answer > most {
            tally.break_promise(Promise::NoDoubleExecution, || {
                format!("{key} is {answer}, not at most {most}; it was {last}")
            });
        }
        self.unknown = (self.unknown - (answer - least)).clamp(0, self.unknown);
        self.last = answer;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_too_many_or_too_few_is_noticed() {
        let tally = Tally::default();
        let mut counter = Counter::new("k".to_owned(), false);
        counter.note(Outcome::Done, Some(1), &tally);
        counter.note(Outcome::Unknown, None, &tally);
        counter.note(Outcome::NotDone, None, &tally);
        counter.note(Outcome::Done, Some(3), &tally);
        counter.note_read(Some(3), &tally);
        assert_eq!(tally.all_broken(), 0);
        counter.note_read(Some(4), &tally);
        assert_eq!(tally.broken(Promise::NoDoubleExecution), 1);
        counter.note(Outcome::Done, Some(4), &tally);
        assert_eq!(tally.broken(Promise::NoLostWrite), 1);
    }
}
