//! The client under load and under faults: what the repository promises has to hold all the time.
//!
//! Threads of three groups write and read values that say which key and which write they are: on a server of
//! their own, on the same one through a proxy that does harm to the bytes, and on a primary that Sentinels
//! watch. Meanwhile the server is stopped, slowed down, filled up and told another password, connections are
//! killed and cut, and primaries are killed. Every answer and, again and again, all data is compared with
//! what the callers were told.

mod chance;
mod counter;
mod cuts;
mod failovers;
mod faults;
mod gate;
mod ledger;
mod messages;
mod progress;
mod queue;
mod register;
mod run;
mod scene;
mod stop;
mod summary;
#[path = "../../../xtask/src/table.rs"]
mod table;
mod tally;
mod values;
mod worker;

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Result, ensure};
use clap::Parser;
use live_tests::heap;

use crate::{run::Plan, stop::Stop, tally::Tally};

#[global_allocator]
static HEAP: heap::Counting = heap::Counting;

/// The client under load and under faults, with a summary of what went wrong: nothing, or the exit status is 1.
#[derive(Parser)]
#[command(version = None)]
struct Arguments {
    /// For how long
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// How many threads put load on the servers, at least 6
    #[arg(long, default_value_t = 32)]
    threads: usize,
    /// Where chance begins; by the clock if nothing is said
    #[arg(long)]
    seed: Option<u64>,
    /// Ends as soon as the standard input does, with the summary
    #[arg(long)]
    until_input_ends: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    ensure!(
        arguments.threads >= 6,
        "expected at least 6 threads, found {}",
        arguments.threads
    );
    let stop = Stop::default();
    if arguments.until_input_ends {
        stop.watch_input()?;
    }
    let clock = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_secs())
    };
    let plan = Plan {
        length: Duration::try_from_secs_f64(arguments.minutes * 60.0)?,
        threads: arguments.threads,
        seed: arguments.seed.unwrap_or_else(clock),
    };
    let tally = Arc::new(Tally::default());
    let measured = run::run(plan, &stop, &tally)?;
    print!("{}", summary::of(&measured, &tally));
    Ok(if tally.all_broken() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
