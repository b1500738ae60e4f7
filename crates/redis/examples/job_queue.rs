//! A job queue whose workers may crash: a job is gone only when it was done, and what a worker leaves
//! behind is taken over by the others. So a job may be done twice, and none is lost.
//!
//! `cargo run -p redis --example job_queue [-- --url redis://localhost]`

mod stage;

use std::{
    collections::HashMap,
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use redis::{
    AutoClaimed, Client, ErrorKind, GroupOptions, Milliseconds, ReadGroupOptions, ServerErrorKind,
    StreamEntry, StreamId, prelude::*,
};
use stage::Stage;

const STREAM: &str = "example:jobs";
const GROUP: &str = "workers";

/// Jobs in a stream, which a group of consumers shares out among its members.
struct JobQueue<'c> {
    client: &'c Client,
    /// After how long a worker that has not finished its job is taken to have crashed.
    patience: Duration,
}

#[derive(Debug)]
struct Job {
    id: StreamId,
    task: String,
}

type Fields = HashMap<String, String>;
type Entry = StreamEntry<Fields>;

impl From<Entry> for Job {
    fn from(mut entry: Entry) -> Self {
        Self {
            id: entry.id,
            task: entry.fields.remove("task").unwrap_or_default(),
        }
    }
}

impl<'c> JobQueue<'c> {
    /// The queue, which is made if there is none.
    fn open(client: &'c Client, patience: Duration) -> redis::Result<Self> {
        match client.xgroup_create(STREAM, GROUP, "0", GroupOptions::new().mkstream()) {
            // Somebody else has made it.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::BusyGroup) => {}
            result => result?,
        }
        Ok(Self { client, patience })
    }

    fn put(&self, task: &str) -> redis::Result<StreamId> {
        self.client.xadd(STREAM, "*", ("task", task))
    }

    /// A job for a worker: one that another has left behind, or a new one. It waits up to `limit` for
    /// either.
    fn take(&self, worker: &str, limit: Duration) -> redis::Result<Option<Job>> {
        let begun = Instant::now();
        loop {
            if let Some(entry) = self.left_behind(worker)? {
                return Ok(Some(Job::from(entry)));
            }
            // No longer than it takes for a job to count as left behind.
            let left = limit.saturating_sub(begun.elapsed()).min(self.patience);
            if left.is_zero() {
                return Ok(None);
            }
            if let Some(entry) = self.next(worker, left)? {
                return Ok(Some(Job::from(entry)));
            }
        }
    }

    /// A job that another worker has taken and not finished for too long.
    fn left_behind(&self, worker: &str) -> redis::Result<Option<Entry>> {
        let idle = Milliseconds::from(self.patience);
        let mut from = StreamId::ZERO;
        loop {
            let claimed: AutoClaimed<Entry> =
                self.client
                    .xautoclaim(STREAM, GROUP, worker, idle, from, Some(1))?;
            if let Some(entry) = claimed.entries.into_iter().next() {
                return Ok(Some(entry));
            }
            // Those that were looked at are in good hands; there may be others behind them.
            match claimed.next {
                StreamId::ZERO => return Ok(None),
                next => from = next,
            }
        }
    }

    /// A job that nobody has taken yet.
    fn next(&self, worker: &str, limit: Duration) -> redis::Result<Option<Entry>> {
        let one = ReadGroupOptions::new().count(1);
        let mut streams = self.client.xreadgroup_block::<String, Fields>(
            GROUP,
            worker,
            one,
            Some(limit),
            STREAM,
            ">",
        )?;
        let entries = streams.iter_mut().flatten().map(|(_, entries)| entries);
        Ok(entries.flat_map(std::mem::take).next())
    }

    /// Says that a job was done, and removes it.
    fn done(&self, job: &Job) -> redis::Result<()> {
        let batch = self.client.batch().xack(STREAM, GROUP, job.id);
        batch.xdel(STREAM, job.id).execute().map(drop)
    }

    /// Whether every job was done.
    fn is_empty(&self) -> redis::Result<bool> {
        Ok(self.client.xlen(STREAM)? == 0)
    }
}

/// Does jobs until all are done; what was done. Crashes on the `crash_on`th, if that is said: it takes it
/// and is heard of no more.
fn work(queue: &JobQueue<'_>, worker: &str, crash_on: Option<usize>) -> redis::Result<Vec<String>> {
    let mut done = Vec::new();
    while !queue.is_empty()? {
        let Some(job) = queue.take(worker, queue.patience)? else {
            continue;
        };
        if crash_on == Some(done.len() + 1) {
            println!("{worker} crashes on {}", job.task);
            return Ok(done);
        }
        println!("{worker} does {}", job.task);
        queue.done(&job)?;
        done.push(job.task);
    }
    Ok(done)
}

/// Three workers, one of which crashes, and twelve jobs; what each has done.
fn play(client: &Client) -> redis::Result<Vec<Vec<String>>> {
    client.unlink(STREAM)?;
    let queue = JobQueue::open(client, Duration::from_millis(300))?;
    for number in 1..=12 {
        queue.put(&format!("job {number}"))?;
    }
    thread::scope(|scope| {
        let queue = &queue;
        let workers: Vec<_> = [("one", None), ("two", Some(2)), ("three", None)]
            .into_iter()
            .map(|(name, crash_on)| scope.spawn(move || work(queue, name, crash_on)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("no worker panics"))
            .collect()
    })
}

fn main() -> anyhow::Result<()> {
    let stage = Stage::of(stage::Arguments::parse())?;
    let done = play(&stage.client)?;
    println!(
        "{} jobs done, {} left",
        done.concat().len(),
        stage.client.xlen(STREAM)?
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use redis::{ClaimOptions, prelude::*};

    use super::{GROUP, JobQueue, STREAM, play, stage::Stage};

    #[test]
    fn every_job_is_done_though_a_worker_crashes() {
        let stage = Stage::own().unwrap();
        let done = play(&stage.client).unwrap().concat();
        let tasks: BTreeSet<String> = (1..=12).map(|number| format!("job {number}")).collect();
        assert_eq!(done.iter().cloned().collect::<BTreeSet<_>>(), tasks);
        assert_eq!(stage.client.xlen(STREAM).unwrap(), 0);
    }

    #[test]
    fn what_a_crashed_worker_leaves_behind_is_taken_over_after_a_while() {
        let stage = Stage::own().unwrap();
        let patient = JobQueue::open(&stage.client, Duration::from_secs(60)).unwrap();
        // Opening it once more does no harm.
        let impatient = JobQueue::open(&stage.client, Duration::from_millis(50)).unwrap();
        let id = patient.put("sweep").unwrap();
        let (short, long) = (Duration::from_millis(10), Duration::from_secs(30));
        let taken = patient.take("one", long).unwrap().unwrap();
        assert_eq!((taken.id, taken.task.as_str()), (id, "sweep"));
        assert!(patient.take("two", short).unwrap().is_none());
        // Nothing new comes, so it can only be found by looking for it again after a wait.
        let again = impatient.take("two", long).unwrap().unwrap();
        assert_eq!(again.id, id);
        patient.done(&again).unwrap();
        assert!(patient.is_empty().unwrap());
        assert!(impatient.take("one", short).unwrap().is_none());
    }

    #[test]
    fn what_is_left_behind_is_found_behind_many_jobs_that_are_being_done() {
        let stage = Stage::own().unwrap();
        let queue = JobQueue::open(&stage.client, Duration::from_secs(600)).unwrap();
        let limit = Duration::from_secs(30);
        for number in 1..=50 {
            queue.put(&format!("job {number}")).unwrap();
            queue.take("busy", limit).unwrap().unwrap();
        }
        let id = queue.put("sweep").unwrap();
        queue.take("crashed", limit).unwrap().unwrap();
        let long_ago = ClaimOptions::new().idle(Duration::from_secs(3600));
        let client = &stage.client;
        let claimed = client.xclaim_justid(STREAM, GROUP, "crashed", 0, id, long_ago);
        assert_eq!(claimed.unwrap(), [id]);
        let found = queue.take("another", Duration::from_millis(10)).unwrap();
        assert_eq!(found.unwrap().id, id);
    }
}
