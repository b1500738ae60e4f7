//! Contenders one after the other, round after round: what disturbs one disturbs all.

use std::{
    io::{IsTerminal, Write, stderr},
    time::Duration,
};

use anyhow::{Error, Result};

use crate::{
    contenders::{Contender, Counts, Setting},
    counting,
    data::Addresses,
    figures::Figures,
    instruments::Instruments,
    jobs::Job,
    workloads::{Work, Workload},
};

/// How long and how closely is looked.
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// How long one contender's part of a round lasts, at least one call.
    pub(crate) sample: Duration,
    pub(crate) instruments: Instruments,
}

/// How many times longer a sample of several threads is: each makes only its part of the calls, and the system takes
/// its time until all of them run.
const CROWD: u32 = 5;

/// More messages than this at a time would not fit into what some clients keep for a slow subscriber.
const MESSAGES: usize = 50_000;

/// Measures everybody at one workload. Whoever fails is left out, and said to be.
pub(crate) fn measure(
    workload: &Workload,
    contenders: &[&'static Contender],
    addresses: &Addresses,
    effort: &Effort,
) -> Result<Vec<Figures>> {
    let mut runners = Vec::new();
    for contender in contenders {
        progress(workload, "connecting", contender);
        match Runner::start(workload, contender, addresses, effort.sample) {
            Ok(runner) => runners.extend(runner),
            Err(error) => left_out(contender, &error),
        }
    }
    for round in 1..=effort.rounds {
        runners.retain_mut(|runner| {
            let what = format!("round {round} of {}", effort.rounds);
            progress(workload, &what, runner.contender);
            runner
                .run()
                .map_err(|error| left_out(runner.contender, &error))
                .is_ok()
        });
    }
    for runner in &mut runners {
        progress(workload, "counting", runner.contender);
        runner.count(workload, addresses, &effort.instruments)?;
    }
    clear();
    Ok(runners.into_iter().map(|runner| runner.figures).collect())
}

/// A contender at work.
struct Runner {
    contender: &'static Contender,
    job: Job,
    /// How many calls fill a sample.
    calls: usize,
    figures: Figures,
}

impl Runner {
    /// Connects, and tries how many calls fill a sample; `None` if it does no such work. It is tried twice, as the
    /// first calls make connections and touch memory for the first time.
    fn start(
        workload: &Workload,
        contender: &'static Contender,
        addresses: &Addresses,
        sample: Duration,
    ) -> Result<Option<Self>> {
        let Some(mut job) = (contender.job)(&Setting::new(addresses, workload))? else {
            return Ok(None);
        };
        let (sample, most) = match workload.work {
            Work::Messages => (sample, MESSAGES),
            Work::Crowd(_) => (sample * CROWD, usize::MAX),
            _ => (sample, usize::MAX),
        };
        let mut calls = workload.few;
        for sample in [sample / 10, sample] {
            let trial = job(calls)?;
            let each = trial.elapsed.as_secs_f64() / trial.calls as f64;
            calls = ((sample.as_secs_f64() / each) as usize).clamp(1, most);
        }
        Ok(Some(Self {
            contender,
            job,
            calls,
            figures: Figures::new(contender.name),
        }))
    }

    fn run(&mut self) -> Result<()> {
        let sample = (self.job)(self.calls)?;
        self.figures.add(&sample);
        Ok(())
    }

    /// What can be counted in few calls. The difference of two runs leaves out how each begins and ends.
    fn count(
        &mut self,
        workload: &Workload,
        addresses: &Addresses,
        instruments: &Instruments,
    ) -> Result<()> {
        let counts = self.contender.counts;
        if counts == Counts::Nothing || !workload.is_countable() {
            return Ok(());
        }
        let few = workload.few;
        if counts == Counts::All {
            let (first, less) = counting::during(|| (self.job)(few));
            let (second, more) = counting::during(|| (self.job)(3 * few));
            first.and(second)?;
            let each = |less: usize, more: usize| {
                Some((more as f64 - less as f64).max(0.0) / (2 * few) as f64)
            };
            self.figures.allocations = each(less.times, more.times);
            // But for what the harness keeps of each call.
            self.figures.bytes =
                each(less.bytes, more.bytes).map(|bytes| bytes - size_of::<Duration>() as f64);
        }
        let each = |count: &dyn Fn(usize) -> Option<u64>| {
            let (less, more) = (count(few)?, count(3 * few)?);
            Some((more as f64 - less as f64) / (2 * few) as f64)
        };
        let name = self.contender.name;
        self.figures.system_calls =
            each(&|calls| instruments.system_calls(workload, name, calls, addresses));
        self.figures.instructions =
            each(&|calls| instruments.instructions(workload, name, calls, addresses));
        Ok(())
    }
}

fn left_out(contender: &Contender, error: &Error) {
    clear();
    println!("{} is left out: {error:#}", contender.name);
}

fn progress(workload: &Workload, what: &str, contender: &Contender) {
    say(&format!("{}: {what}, {}", workload.name, contender.name));
}

/// Says what is going on, where somebody looks.
pub(crate) fn say(what: &str) {
    if stderr().is_terminal() {
        eprint!("\r{what:70}");
        let _ = stderr().flush();
    }
}

/// Takes back what was said.
pub(crate) fn clear() {
    say("");
    if stderr().is_terminal() {
        eprint!("\r");
    }
}
