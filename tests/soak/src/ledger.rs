//! A list that gets one element for each write, so that it tells what has become of every one of them.

use std::{collections::HashMap, fmt::Display, time::Duration};

use redis::{Client, Error, prelude::*};

use crate::tally::{Outcome, Promise, Tally};

/// Writes numbered from 0, and what their callers were told.
#[derive(Debug)]
pub(crate) struct Ledger {
    name: String,
    current: Page,
    /// Looked at once more before it goes: a write may take effect long after its caller gave up on it.
    previous: Option<Page>,
    /// Whether the server may forget what it has acknowledged, as a primary that is killed does.
    forgetful: bool,
}

#[derive(Debug)]
struct Page {
    number: u64,
    key: String,
    outcomes: Vec<Outcome>,
}

/// After how many writes the list is looked at.
const PAGE: usize = 256;

impl Ledger {
    pub(crate) fn new(name: impl Display, forgetful: bool) -> Self {
        let name = name.to_string();
        Self {
            current: Page::new(&name, 0),
            name,
            previous: None,
            forgetful,
        }
    }

    pub(crate) fn key(&self) -> &str {
        &self.current.key
    }

    /// The elements that the next `count` writes have to push.
    pub(crate) fn next(&self, count: usize) -> Vec<String> {
        let first = self.current.outcomes.len();
        (first..first + count)
            .map(|number| format!("{}|{number}", self.current.key))
            .collect()
    }

    /// What has become of the next write.
    pub(crate) fn note(&mut self, outcome: Outcome, tally: &Tally) {
        if outcome == Outcome::Done {
            tally.write_acknowledged();
        }
        self.current.outcomes.push(outcome);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.current.outcomes.len() >= PAGE
    }

    /// Compares list and callers, and begins a new page. When the list cannot be had, everything stays as
    /// it is.
    pub(crate) fn turn(
        &mut self,
        client: &Client,
        limit: Duration,
        tally: &Tally,
    ) -> Result<(), Error> {
        if let Some(previous) = &self.previous {
            previous.check(client, limit, tally, self.forgetful)?;
            let _ = tally.call(limit, || client.del(&previous.key));
            self.previous = None;
        }
        self.current.check(client, limit, tally, self.forgetful)?;
        let next = Page::new(&self.name, self.current.number + 1);
        self.previous = Some(std::mem::replace(&mut self.current, next));
        Ok(())
    }

    /// Compares what is left. Afterwards nothing is held.
    pub(crate) fn settle(
        &mut self,
        client: &Client,
        limit: Duration,
        tally: &Tally,
    ) -> Result<(), Error> {
        self.turn(client, limit, tally)?;
        self.turn(client, limit, tally)?;
        self.previous = None;
        Ok(())
    }
}

impl Page {
    fn new(name: &str, number: u64) -> Self {
        Self {
            number,
            key: format!("{name}:{number}"),
            outcomes: Vec::new(),
        }
    }

    fn check(
        &self,
        client: &Client,
        limit: Duration,
        tally: &Tally,
        forgetful: bool,
    ) -> Result<(), Error> {
        let elements: Vec<String> = tally.call(limit, || client.lrange(&self.key, 0, -1))?;
        let mut found: HashMap<usize, u32> = HashMap::new();
        for element in &elements {
            let number = element
                .strip_prefix(&self.key)
                .and_then(|rest| rest.strip_prefix('|')?.parse().ok())
                .filter(|number| *number < self.outcomes.len());
            match number {
                Some(number) => *found.entry(number).or_default() += 1,
                None => tally.break_promise(Promise::NoWrongReply, || {
                    format!("{} has the element {element:?}", self.key)
                }),
            }
        }
        for (number, outcome) in self.outcomes.iter().enumerate() {
            let times = found.get(&number).copied().unwrap_or_default();
            let what = || format!("write {number} of {}: {outcome:?}, {times} times", self.key);
            match (outcome, times) {
                (_, 2..) => tally.break_promise(Promise::NoDoubleExecution, what),
                (Outcome::NotDone, 1) => tally.break_promise(Promise::NoHiddenExecution, what),
                (Outcome::Done, 0) if forgetful => tally.lost_by_server(),
                (Outcome::Done, 0) => tally.break_promise(Promise::NoLostWrite, what),
                _ => {}
            }
        }
        Ok(())
    }
}
