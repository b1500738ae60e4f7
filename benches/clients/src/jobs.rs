//! Jobs: a contender's way to make so many calls of one workload, timed and checked.

use std::{
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use tokio::runtime::Runtime;

use crate::{
    answers::{Answer, Expected},
    wire::Publisher,
};

/// Makes so many calls.
pub(crate) type Job = Box<dyn FnMut(usize) -> Result<Sample>>;

/// What some calls have cost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    pub(crate) calls: usize,
    pub(crate) elapsed: Duration,
    /// Processor time of all threads of the client's process, in user space and in the kernel.
    pub(crate) cpu: Duration,
    /// How long each call took; none where calls have no time of their own.
    pub(crate) latencies: Vec<Duration>,
}

/// Calls one after the other.
pub(crate) fn alone<A: Answer>(
    expected: Expected,
    mut call: impl FnMut() -> Result<A> + 'static,
) -> Job {
    Box::new(move |calls| {
        check(&expected, &call()?)?;
        let mut latencies = Vec::with_capacity(calls);
        let clock = Clock::start();
        for _ in 0..calls {
            latencies.push(timed(&expected, &mut call)?);
        }
        Ok(clock.stop(latencies))
    })
}

/// Calls by several threads at a time. `caller` makes what a thread uses.
pub(crate) fn threads<A: Answer, C: FnMut() -> Result<A> + Send>(
    members: usize,
    expected: Expected,
    mut caller: impl FnMut() -> Result<C> + 'static,
) -> Job {
    Box::new(move |calls| {
        let mut callers = (0..members).map(|_| caller()).collect::<Result<Vec<_>>>()?;
        for call in &mut callers {
            check(&expected, &call()?)?;
        }
        // The clock starts once all threads are there.
        let start = Barrier::new(members + 1);
        let each = calls.div_ceil(members);
        thread::scope(|scope| {
            let running: Vec<_> = callers
                .into_iter()
                .map(|mut call| {
                    let (start, expected) = (&start, &expected);
                    scope.spawn(move || {
                        let mut latencies = Vec::with_capacity(each);
                        start.wait();
                        for _ in 0..each {
                            latencies.push(timed(expected, &mut call)?);
                        }
                        Ok(latencies)
                    })
                })
                .collect();
            let clock = Clock::start();
            start.wait();
            let mut latencies = Vec::new();
            for thread in running {
                let own: Result<Vec<Duration>> = thread.join().expect("a caller panicked");
                latencies.extend(own?);
            }
            Ok(clock.stop(latencies))
        })
    })
}

/// Calls of an `async` client one after the other, in a task.
pub(crate) fn awaited<A: Answer>(
    runtime: Arc<Runtime>,
    expected: Expected,
    call: impl AsyncFn() -> Result<A> + 'static,
) -> Job {
    Box::new(move |calls| {
        runtime.block_on(async {
            check(&expected, &call().await?)?;
            let mut latencies = Vec::with_capacity(calls);
            let clock = Clock::start();
            for _ in 0..calls {
                let begun = Instant::now();
                let answer = call().await?;
                latencies.push(begun.elapsed());
                ensure!(expected.is_as_large_as(&answer), WRONG);
            }
            Ok(clock.stop(latencies))
        })
    })
}

/// Calls of an `async` client by several tasks at a time.
pub(crate) fn tasks<A: Answer, F>(
    members: usize,
    runtime: Arc<Runtime>,
    expected: Expected,
    call: impl Fn() -> F + Clone + Send + 'static,
) -> Job
where
    F: Future<Output = Result<A>> + Send,
{
    let expected = Arc::new(expected);
    Box::new(move |calls| {
        let each = calls.div_ceil(members);
        runtime.block_on(async {
            check(&expected, &call().await?)?;
            let clock = Clock::start();
            let mut running = Vec::new();
            for _ in 0..members {
                let (call, expected) = (call.clone(), Arc::clone(&expected));
                running.push(tokio::spawn(async move {
                    let mut latencies = Vec::with_capacity(each);
                    for _ in 0..each {
                        let begun = Instant::now();
                        let answer = call().await?;
                        latencies.push(begun.elapsed());
                        ensure!(expected.is_as_large_as(&answer), WRONG);
                    }
                    Ok(latencies)
                }));
            }
            let mut latencies = Vec::new();
            for task in running {
                let own: Result<Vec<Duration>> = task.await?;
                latencies.extend(own?);
            }
            Ok(clock.stop(latencies))
        })
    })
}

/// Receives messages that the server publishes; `receive` takes so many, and says how many were right.
pub(crate) fn messages(
    mut publisher: Publisher,
    mut receive: impl FnMut(usize) -> Result<usize> + 'static,
) -> Job {
    Box::new(move |calls| {
        let clock = Clock::start();
        publisher.begin(calls)?;
        let right = receive(calls)?;
        let mut sample = clock.stop(Vec::new());
        sample.calls = calls;
        publisher.end()?;
        ensure!(right == calls, "{right} of {calls} messages were right");
        Ok(sample)
    })
}

const WRONG: &str = "the reply has not as many elements as it should";

fn check(expected: &Expected, answer: &impl Answer) -> Result<()> {
    if !expected.is_met_by(answer) {
        bail!("the reply is not what it should be");
    }
    Ok(())
}

fn timed<A: Answer>(expected: &Expected, call: &mut impl FnMut() -> Result<A>) -> Result<Duration> {
    let begun = Instant::now();
    let answer = call()?;
    let took = begun.elapsed();
    ensure!(expected.is_as_large_as(&answer), WRONG);
    Ok(took)
}

/// The time that passes, and that of the processor.
pub(crate) struct Clock {
    begun: Instant,
    used: Duration,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let used = processor_time(UsageWho::RUSAGE_SELF);
        Self {
            begun: Instant::now(),
            used,
        }
    }

    pub(crate) fn stop(self, latencies: Vec<Duration>) -> Sample {
        let elapsed = self.begun.elapsed();
        Sample {
            calls: latencies.len(),
            elapsed,
            cpu: processor_time(UsageWho::RUSAGE_SELF).saturating_sub(self.used),
            latencies,
        }
    }
}

/// Processor time in user space and in the kernel until now.
pub(crate) fn processor_time(who: UsageWho) -> Duration {
    let usage = getrusage(who).expect("the system counts");
    [usage.user_time(), usage.system_time()]
        .map(|time| {
            Duration::from_secs(time.tv_sec() as u64) + Duration::from_micros(time.tv_usec() as u64)
        })
        .iter()
        .sum()
}
