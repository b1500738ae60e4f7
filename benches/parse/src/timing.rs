//! Contenders, one after the other, round after round: what disturbs one disturbs all.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// One way to do the work.
pub struct Contender<'a> {
    pub name: &'static str,
    /// Does it once; what it counted shows that it did.
    pub run: Box<dyn FnMut() -> usize + 'a>,
}

impl<'a> Contender<'a> {
    pub fn new(name: &'static str, run: impl FnMut() -> usize + 'a) -> Self {
        Self {
            name,
            run: Box::new(run),
        }
    }
}

/// A run that takes longer is not repeated much.
const SLOW: Duration = Duration::from_millis(100);

/// How long a sample is at least.
const SAMPLE: Duration = Duration::from_millis(2);

/// The time that each contender takes for one run, as the median of its rounds, and relative to the first
/// one, as the median of the rounds' ratios.
///
/// # Panics
/// When a contender's count is not `expected`: it has not done the work.
pub fn compare(
    contenders: &mut [Contender<'_>],
    expected: usize,
    rounds: usize,
) -> Vec<(Duration, f64)> {
    let runs: Vec<u32> = contenders
        .iter_mut()
        .map(|contender| {
            assert_eq!(
                (contender.run)(),
                expected,
                "{} has not done the work",
                contender.name
            );
            let begun = Instant::now();
            let mut runs = 0;
            while begun.elapsed() < SAMPLE {
                black_box((contender.run)());
                runs += 1;
            }
            runs
        })
        .collect();
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..rounds {
        for ((contender, &runs), times) in contenders.iter_mut().zip(&runs).zip(&mut times) {
            // A hundred times slower than the others needs no third look.
            if round > 1 && times[0] > SLOW {
                continue;
            }
            let begun = Instant::now();
            for _ in 0..runs {
                black_box((contender.run)());
            }
            times.push(begun.elapsed() / runs);
        }
    }
    let first = times[0].clone();
    times
        .into_iter()
        .map(|times| {
            let ratios = times
                .iter()
                .zip(&first)
                .map(|(time, first)| time.as_secs_f64() / first.as_secs_f64());
            (median(times.clone()), median(ratios.collect()))
        })
        .collect()
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).expect("no NaN is measured"));
    values[values.len() / 2]
}
