//! What has been measured of one contender at one workload.

use std::time::Duration;

use crate::jobs::Sample;

/// A round of so many calls tells how slow the slowest in a hundred are.
const MANY: usize = 1000;

/// Figures per call.
pub(crate) struct Figures {
    pub(crate) contender: &'static str,
    /// Seconds per call, round by round.
    times: Vec<f64>,
    /// Processor seconds per call, round by round.
    cpu: Vec<f64>,
    /// How long the calls took, round by round.
    latencies: Vec<Vec<Duration>>,
    pub(crate) allocations: Option<f64>,
    pub(crate) bytes: Option<f64>,
    pub(crate) system_calls: Option<f64>,
    /// In user space.
    pub(crate) instructions: Option<f64>,
}

impl Figures {
    pub(crate) fn new(contender: &'static str) -> Self {
        Self {
            contender,
            times: Vec::new(),
            cpu: Vec::new(),
            latencies: Vec::new(),
            allocations: None,
            bytes: None,
            system_calls: None,
            instructions: None,
        }
    }

    pub(crate) fn add(&mut self, sample: &Sample) {
        let calls = sample.calls as f64;
        self.times.push(sample.elapsed.as_secs_f64() / calls);
        self.cpu.push(sample.cpu.as_secs_f64() / calls);
        self.latencies.push(sample.latencies.clone());
    }

    pub(crate) fn calls_per_second(&self) -> f64 {
        1.0 / median(self.times.clone())
    }

    /// In microseconds.
    pub(crate) fn cpu_per_call(&self) -> f64 {
        median(self.cpu.clone()) * 1e6
    }

    /// In microseconds: what so large a part of the calls did not exceed. Rounds of many calls have one each, of
    /// which this is the median: a disturbance shows in the slowest calls first, and must not spoil all rounds.
    pub(crate) fn quantile(&self, part: f64) -> Option<f64> {
        let long = self.latencies.iter().all(|round| round.len() >= MANY);
        let rounds: Vec<f64> = if long {
            self.latencies
                .iter()
                .filter_map(|round| quantile(round.clone(), part))
                .collect()
        } else {
            quantile(self.latencies.concat(), part)
                .into_iter()
                .collect()
        };
        (!rounds.is_empty()).then(|| median(rounds))
    }

    /// How much more processor time it takes than another one did, in the same rounds.
    pub(crate) fn cpu_relative_to(&self, other: &Self) -> f64 {
        relative(&self.cpu, &other.cpu)
    }

    /// How much more time it takes than another one did, in the same rounds.
    pub(crate) fn time_relative_to(&self, other: &Self) -> f64 {
        relative(&self.times, &other.times)
    }
}

/// In microseconds.
fn quantile(mut latencies: Vec<Duration>, part: f64) -> Option<f64> {
    latencies.sort_unstable();
    let at = (latencies.len() as f64 * part) as usize;
    let latency = latencies.get(at).or(latencies.last())?;
    Some(latency.as_secs_f64() * 1e6)
}

fn relative(these: &[f64], those: &[f64]) -> f64 {
    median(these.iter().zip(those).map(|(a, b)| a / b).collect())
}

/// The middle one; of an even number, the larger of the two.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// All that has been measured, workload by workload.
#[derive(Default)]
pub(crate) struct Results {
    pub(crate) rows: Vec<(&'static str, Vec<Figures>)>,
}

impl Results {
    pub(crate) fn find(&self, workload: &str, contender: &str) -> Option<&Figures> {
        let (_, figures) = self.rows.iter().find(|(name, _)| *name == workload)?;
        figures
            .iter()
            .find(|figures| figures.contender == contender)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rounds: &[&[u64]]) -> Figures {
        let mut figures = Figures::new("test");
        for round in rounds {
            figures.add(&Sample {
                calls: round.len(),
                latencies: round.iter().copied().map(Duration::from_micros).collect(),
                ..Sample::default()
            });
        }
        figures
    }

    #[test]
    fn one_disturbed_round_of_many_calls_spoils_no_quantile() {
        let (quiet, disturbed) = (&[7; MANY][..], &[900; MANY][..]);
        let figures = of(&[quiet, disturbed, quiet]);
        assert_eq!(figures.quantile(0.99), Some(7.0));
    }

    #[test]
    fn rounds_of_few_calls_have_a_quantile_together() {
        let figures = of(&[&[5, 1], &[2, 4], &[3]]);
        assert_eq!(figures.quantile(0.5), Some(3.0));
        assert_eq!(figures.quantile(0.99), Some(5.0));
        assert_eq!(of(&[&[], &[]]).quantile(0.5), None);
    }
}
