//! What commands cost to build: a program of a hundred beside one of two, each alone, as after a change of its code.

use std::time::Instant;

use anyhow::{Context, Result};
use nix::sys::resource::UsageWho;

use crate::{
    figures::median,
    jobs::processor_time,
    packages::{NAME, OURS, Package},
    tables::{number, table},
};

const TWO: &str = include_str!("../examples/minimal.rs");
const HUNDRED: &str = include_str!("../examples/hundred_commands.rs");

/// The promise: so many seconds more for a hundred commands than for two.
const AT_MOST: f64 = 1.0;

const PROFILES: [&str; 2] = ["release", "dev"];

/// The seconds of one program with one profile, round by round.
#[derive(Default)]
struct Figures {
    time: Vec<f64>,
    cpu: Vec<f64>,
}

/// A program and its figures with each of [`PROFILES`].
struct Program {
    name: &'static str,
    package: Package,
    figures: [Figures; PROFILES.len()],
}

/// Builds both programs in turn, so many times; the table of what that took, and whether the promise is kept.
pub(crate) fn report(rounds: usize) -> Result<String> {
    let two = Program::new("2 commands", TWO)?;
    let hundred = Program::new("100 commands", HUNDRED)?;
    let mut programs = [two, hundred];
    for round in 1..=rounds {
        eprintln!("building a hundred commands: round {round} of {rounds} …");
        for at in 0..PROFILES.len() {
            for program in &mut programs {
                program.build(at)?;
            }
        }
    }
    let [two, hundred] = programs;
    let header = [
        "own crate alone",
        "release s",
        "release CPU s",
        "debug s",
        "debug CPU s",
    ];
    let rows = [
        two.row(),
        hundred.row(),
        row("difference", &hundred.beyond(&two)),
    ];
    let goals: Vec<Vec<String>> = ["release", "debug"]
        .iter()
        .zip(hundred.beyond(&two))
        .map(|(profile, [more, _])| {
            let kept = (more * 100.0).round() <= AT_MOST * 100.0;
            vec![
                format!("{profile} s, 100 commands"),
                "– 2 commands".to_owned(),
                format!("{more:.2}"),
                AT_MOST.to_string(),
                if kept { "reached" } else { "MISSED" }.to_owned(),
            ]
        })
        .collect();
    let header_of_goals = ["goal", "", "found", "at most", ""];
    Ok([table(&header, &rows), table(&header_of_goals, &goals)].join("\n"))
}

impl Program {
    /// With all that it depends on built.
    fn new(name: &'static str, main: &str) -> Result<Self> {
        eprintln!("building what {name} depend on …");
        let program = Self {
            name,
            package: Package::new(OURS, main)?,
            figures: Default::default(),
        };
        for profile in PROFILES {
            program.cargo("build", profile, &["--offline"])?;
        }
        Ok(program)
    }

    /// Builds the program's own crate, and nothing else, from nothing.
    fn build(&mut self, at: usize) -> Result<()> {
        self.cargo("clean", PROFILES[at], &["--package", NAME])?;
        let (begun, before) = (Instant::now(), processor_time(UsageWho::RUSAGE_CHILDREN));
        self.cargo("build", PROFILES[at], &["--offline"])?;
        let (time, after) = (begun.elapsed(), processor_time(UsageWho::RUSAGE_CHILDREN));
        let figures = &mut self.figures[at];
        figures.time.push(time.as_secs_f64());
        figures.cpu.push(after.saturating_sub(before).as_secs_f64());
        Ok(())
    }

    fn cargo(&self, command: &str, profile: &str, arguments: &[&str]) -> Result<()> {
        let all = [&[command, "--quiet", "--profile", profile], arguments].concat();
        self.package
            .cargo(&all)
            .with_context(|| format!("the program of {}", self.name))?;
        Ok(())
    }

    fn row(&self) -> Vec<String> {
        let medians = self
            .figures
            .each_ref()
            .map(|figures| [median(figures.time.clone()), median(figures.cpu.clone())]);
        row(self.name, &medians)
    }

    /// For each profile, how much more time and processor time it took than another one in the same round, in the middle.
    fn beyond(&self, other: &Self) -> [[f64; 2]; PROFILES.len()] {
        let more = |these: &[f64], those: &[f64]| {
            median(these.iter().zip(those).map(|(a, b)| a - b).collect())
        };
        std::array::from_fn(|at| {
            let (these, those) = (&self.figures[at], &other.figures[at]);
            [more(&these.time, &those.time), more(&these.cpu, &those.cpu)]
        })
    }
}

fn row(name: &str, figures: &[[f64; 2]]) -> Vec<String> {
    let figures = figures.iter().flatten().map(|&seconds| number(seconds));
    [name.to_owned()].into_iter().chain(figures).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_commands_are_a_hundred() {
        let commands = |program: &str| program.matches("client.").count();
        assert_eq!((commands(TWO), commands(HUNDRED)), (2, 100));
    }
}
