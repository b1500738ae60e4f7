//! What has been measured of one contender at one workload.

use std::time::Duration;

use crate::jobs::Sample;

/// Figures per call.
pub(crate) struct Figures {
    pub(crate) contender: &'static str,
    /// Seconds per call, round by round.
    times: Vec<f64>,
    /// Processor seconds per call, round by round.
    cpu: Vec<f64>,
    latencies: Vec<Duration>,
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
        self.latencies.extend(&sample.latencies);
    }

    pub(crate) fn calls_per_second(&self) -> f64 {
        1.0 / median(self.times.clone())
    }

    /// In microseconds.
    pub(crate) fn cpu_per_call(&self) -> f64 {
        median(self.cpu.clone()) * 1e6
    }

    /// In microseconds: what so large a part of the calls did not exceed.
    pub(crate) fn quantile(&self, part: f64) -> Option<f64> {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let at = (sorted.len() as f64 * part) as usize;
        let latency = sorted.get(at).or(sorted.last())?;
        Some(latency.as_secs_f64() * 1e6)
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
