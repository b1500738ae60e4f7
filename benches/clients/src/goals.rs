//! What this client has promised itself, and whether it keeps it.

use crate::{
    contenders::{FLOOR, OURS},
    figures::{Figures, Results},
    tables::table,
};

/// A promise about our figures at one workload: at most so much, or so many times what another one has.
struct Goal {
    workload: &'static str,
    measure: Measure,
    against: Option<&'static str>,
    at_most: f64,
}

#[derive(Clone, Copy)]
enum Measure {
    Cpu,
    Time,
    P99,
    Instructions,
    Allocations,
    SystemCalls,
}

impl Measure {
    fn name(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Time => "time",
            Self::P99 => "p99",
            Self::Instructions => "instructions",
            Self::Allocations => "allocations",
            Self::SystemCalls => "system calls",
        }
    }

    fn of(self, ours: &Figures, theirs: Option<&Figures>) -> Option<f64> {
        let counted = |count: fn(&Figures) -> Option<f64>| match theirs {
            Some(theirs) => Some(count(ours)? / count(theirs)?),
            None => count(ours),
        };
        match self {
            Self::Cpu => Some(ours.cpu_relative_to(theirs?)),
            Self::Time => Some(ours.time_relative_to(theirs?)),
            Self::P99 => counted(|figures| figures.quantile(0.99)),
            Self::Instructions => counted(|figures| figures.instructions),
            Self::Allocations => counted(|figures| figures.allocations),
            Self::SystemCalls => counted(|figures| figures.system_calls),
        }
    }
}

const fn limit(workload: &'static str, measure: Measure, at_most: f64) -> Goal {
    Goal {
        workload,
        measure,
        against: None,
        at_most,
    }
}

const fn beside(
    workload: &'static str,
    measure: Measure,
    against: &'static str,
    at_most: f64,
) -> Goal {
    Goal {
        workload,
        measure,
        against: Some(against),
        at_most,
    }
}

const GOALS: &[Goal] = &[
    beside("GET", Measure::Cpu, FLOOR, 1.1),
    beside("SET", Measure::Cpu, FLOOR, 1.1),
    limit("GET", Measure::Instructions, 1500.0),
    limit("GET i64", Measure::Allocations, 0.0),
    limit("GET", Measure::Allocations, 1.0),
    limit("GET", Measure::SystemCalls, 2.0),
    limit("SET", Measure::SystemCalls, 2.0),
    beside("pipeline 100", Measure::Cpu, FLOOR, 1.3),
    beside("pipeline 100", Measure::Cpu, "redis-rs", 0.4),
    beside("pipeline 100", Measure::Cpu, "hiredis", 1.0),
    beside("pipeline 10,000", Measure::Cpu, FLOOR, 1.3),
    beside("pipeline 10,000", Measure::Cpu, "redis-rs", 0.4),
    beside("pipeline 10,000", Measure::Cpu, "hiredis", 1.0),
    beside("LRANGE bytes", Measure::Cpu, FLOOR, 1.3),
    beside("LRANGE bytes", Measure::Cpu, "redis-rs", 0.4),
    beside("LRANGE bytes", Measure::Cpu, "hiredis", 1.0),
    beside("LRANGE strings", Measure::Cpu, FLOOR, 1.3),
    beside("LRANGE strings", Measure::Cpu, "redis-rs", 0.4),
    beside("LRANGE strings", Measure::Cpu, "hiredis", 1.0),
    beside("HGETALL", Measure::Cpu, FLOOR, 1.3),
    beside("HGETALL", Measure::Cpu, "redis-rs", 0.4),
    beside("HGETALL", Measure::Cpu, "hiredis", 1.0),
    beside("MGET", Measure::Cpu, FLOOR, 1.3),
    beside("MGET", Measure::Cpu, "redis-rs", 0.4),
    beside("MGET", Measure::Cpu, "hiredis", 1.0),
    limit("pipeline 100", Measure::Allocations, 101.0),
    limit("LRANGE bytes", Measure::Allocations, 1001.0),
    limit("LRANGE strings", Measure::Allocations, 1001.0),
    limit("MGET", Measure::Allocations, 1.0),
    beside("GET 1 MiB", Measure::Time, FLOOR, 1.15),
    beside("SET 1 MiB", Measure::Time, FLOOR, 1.15),
    beside("GET 64 MiB", Measure::Time, FLOOR, 1.15),
    beside("SET 64 MiB", Measure::Time, FLOOR, 1.15),
    beside("1 thread", Measure::Time, "redis-rs r2d2", 1.0),
    beside("2 threads", Measure::Time, "redis-rs r2d2", 1.0),
    beside("8 threads", Measure::Time, "redis-rs r2d2", 1.0),
    beside("64 threads", Measure::Time, "redis-rs r2d2", 0.4),
    beside("64 threads", Measure::P99, "redis-rs r2d2", 1.0),
    beside("pub/sub", Measure::Cpu, "redis-rs", 0.5),
];

/// A row for each promise that this run tells something about.
pub(crate) fn report(results: &Results) -> String {
    let rows: Vec<Vec<String>> = GOALS
        .iter()
        .filter_map(|goal| {
            let ours = results.find(goal.workload, OURS)?;
            let theirs = match goal.against {
                Some(name) => Some(results.find(goal.workload, name)?),
                None => None,
            };
            let found = goal.measure.of(ours, theirs)?;
            // As exact as it is printed.
            let kept = (found * 100.0).round() <= goal.at_most * 100.0;
            Some(vec![
                goal.workload.to_owned(),
                goal.measure.name().to_owned(),
                goal.against
                    .map_or(String::new(), |name| format!("/ {name}")),
                format!("{found:.2}"),
                format!("{}", goal.at_most),
                if kept { "reached" } else { "MISSED" }.to_owned(),
            ])
        })
        .collect();
    table(&["goal", "measure", "", "found", "at most", ""], &rows)
}
