//! One run: everything is started, worked with and harmed, made to rest now and then, and put away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use live_tests::held::Held;

use crate::{
    chance::Chance,
    cuts, failovers,
    faults::Faults,
    gate::Gate,
    messages::Messages,
    progress::Progress,
    scene::{Group, Scene},
    stop::Stop,
    summary::Measured,
    tally::{Promise, Tally},
    worker::Team,
};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) length: Duration,
    pub(crate) threads: usize,
    pub(crate) seed: u64,
}

/// How long everybody may take to come to rest, with all faults ended and all data looked at.
const RESTING: Duration = Duration::from_secs(240);
/// How often what is held at rest is measured.
const BETWEEN_RESTS: Duration = Duration::from_secs(60);
/// How much more than after the warm-up may be held at rest: buffers keep what was needed last.
const GROWTH: usize = 1 << 20;
/// Whoever has that long can do something.
const A_WHILE: Duration = Duration::from_secs(30);
/// Those who publish, receive, cut, and make the server and the primary fail.
const OTHERS: usize = 5;

/// Runs it; what was measured. What went wrong is in the tally.
pub(crate) fn run(plan: Plan, stop: &Stop, tally: &Arc<Tally>) -> Result<Measured> {
    let before = Held::now();
    let begun = Instant::now();
    let mut progress = Progress::new(plan.length);
    let scene = Scene::start()?;
    let version = scene.server.version();
    let result = work(plan, stop, tally, &scene, &mut progress);
    progress.end();
    drop(scene);
    let at_rest = result?;
    let after = Held::settled(before, Duration::from_secs(10));
    compare(before, after, &at_rest, tally);
    if plan.length >= A_WHILE && !stop.is_told() {
        has_worked(tally);
    }
    Ok(Measured {
        version,
        threads: plan.threads,
        seed: plan.seed,
        took: begun.elapsed(),
        is_cut_short: stop.is_told(),
        at_rest,
        around: [before, after],
    })
}

fn work(
    plan: Plan,
    stop: &Stop,
    tally: &Arc<Tally>,
    scene: &Scene,
    progress: &mut Progress,
) -> Result<Vec<Held>> {
    let gate = Arc::new(Gate::default());
    let [direct, proxied, following] = [scene.direct(), scene.proxied(), scene.following()];
    let groups = [direct.clone(), proxied.clone(), following.clone()];
    let messages = Messages::new(&direct.clients()[0], tally, &gate);
    let rounds = AtomicUsize::new(0);
    let chance = |of| Chance::new(plan.seed, of);
    thread::scope(|scope| {
        let (gate, tally) = (&gate, tally);
        // Whatever becomes of this thread, the others end.
        let _end = End(gate);
        for (group, workers) in groups.iter().zip(shares(plan.threads)) {
            let team = Team::new(group.clone(), workers, tally, gate);
            for number in 0..workers {
                let worker = team.worker(number, plan.seed);
                scope.spawn(move || worker.run());
            }
        }
        scope.spawn(|| messages.publish());
        scope.spawn(|| messages.receive());
        let mut harmful = Vec::new();
        let victims = vec![direct.clone()];
        let faults = Faults::new(scene, victims, tally, gate, plan.seed);
        let rounds = &rounds;
        harmful.push(scope.spawn(move || {
            faults.run(|| {
                rounds.fetch_add(1, Relaxed);
            })
        }));
        let (proxied, following) = (&proxied, &following);
        harmful.push(
            scope.spawn(move || cuts::run(&scene.proxy, proxied, tally, gate, chance(1 << 60))),
        );
        harmful
            .push(scope.spawn(move || {
                failovers::run(&scene.set, following, tally, gate, chance(1 << 61))
            }));

        let director = Director {
            plan,
            stop,
            tally,
            gate,
            groups: &groups,
            begun: Instant::now(),
        };
        // One that fails has ended: then so does all.
        let is_broken = || harmful.iter().any(thread::ScopedJoinHandle::is_finished);
        let at_rest = director.direct(progress, || rounds.load(Relaxed), is_broken);
        gate.end();
        for thread in harmful {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(at_rest)
    })
}

/// Decides when there is work and when there is rest.
struct Director<'d> {
    plan: Plan,
    stop: &'d Stop,
    tally: &'d Tally,
    gate: &'d Gate,
    groups: &'d [Group],
    begun: Instant,
}

impl Director<'_> {
    fn direct(
        &self,
        progress: &mut Progress,
        rounds: impl Fn() -> usize,
        is_broken: impl Fn() -> bool,
    ) -> Vec<Held> {
        let mut at_rest = Vec::new();
        // The warm-up: every fault once, or half of the time.
        let is_over = || self.is_over() || is_broken();
        while !is_over() && rounds() == 0 && self.begun.elapsed() < self.plan.length / 2 {
            self.wait(progress, "warming up");
        }
        while !is_over() {
            at_rest.push(self.measure_at_rest());
            self.gate.open();
            let rested = Instant::now();
            while !is_over() && rested.elapsed() < BETWEEN_RESTS {
                self.wait(progress, "working");
            }
        }
        if !is_broken() {
            progress.show(self.tally, "looking at all data");
            at_rest.push(self.measure_at_rest());
        }
        at_rest
    }

    fn wait(&self, progress: &mut Progress, what: &str) {
        progress.show(self.tally, what);
        thread::sleep(Duration::from_millis(50));
    }

    fn is_over(&self) -> bool {
        self.stop.is_told() || self.begun.elapsed() >= self.plan.length
    }

    /// Lets everybody look at their data and rest, and measures what is held then.
    fn measure_at_rest(&self) -> Held {
        let all = self.plan.threads + OTHERS;
        let resting = self.gate.close(all, RESTING);
        if resting < all {
            self.tally.break_promise(Promise::Recovery, || {
                format!("{resting} of {all} threads came to rest within {RESTING:?}")
            });
        }
        for group in self.groups {
            group.disconnect();
        }
        // The proxy's threads see that only by and by.
        thread::sleep(Duration::from_millis(300));
        Held::now()
    }
}

/// Half of the threads for the server itself, a third for the proxy, the rest for the primary.
fn shares(threads: usize) -> [usize; 3] {
    let (direct, proxied) = (threads.div_ceil(2), threads / 3);
    [direct, proxied, threads - direct - proxied]
}

fn compare(before: Held, after: Held, at_rest: &[Held], tally: &Tally) {
    if after.threads > before.threads {
        tally.break_promise(Promise::NoThreadLeft, || {
            format!("{:?} before, {:?} after", before.threads, after.threads)
        });
    }
    if after.sockets > before.sockets {
        tally.break_promise(Promise::NoSocketLeft, || {
            format!("{:?} before, {:?} after", before.sockets, after.sockets)
        });
    }
    let Some((first, later)) = at_rest.split_first() else {
        return;
    };
    for held in later {
        if held.heap > first.heap + GROWTH {
            tally.break_promise(Promise::NoGrowth, || {
                format!(
                    "{} bytes at rest, {} after the warm-up",
                    held.heap, first.heap
                )
            });
        }
    }
}

/// Where nothing was done, nothing can have gone wrong.
fn has_worked(tally: &Tally) {
    for (done, what) in [
        (tally.writes(), "no write was acknowledged"),
        (tally.messages(), "no message was received"),
        (tally.recovered(), "no fault was recovered from"),
    ] {
        if done == 0 {
            tally.break_promise(Promise::Recovery, || what.to_owned());
        }
    }
}

/// Ends the work when it goes.
struct End<'g>(&'g Gate);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}
