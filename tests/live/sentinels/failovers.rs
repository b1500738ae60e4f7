//! A real primary with replicas and Sentinels: threads write while the primary is killed, paused or
//! demoted, and the client follows.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use redis::{Client, ClientBuilder, Error, RetryPolicy, Role, Sentinel, prelude::*};
use redis_testkit::{SentinelSet, Server};

use super::{NEVER, SLACK};
use crate::{
    patience::eventually_within,
    thoroughness::is_full,
    ways::{binary, client},
};

const THREADS: usize = 8;
/// For making a connection, asking Sentinels included.
const CONNECT: Duration = Duration::from_secs(2);
/// For a reply.
const RESPOND: Duration = Duration::from_secs(2);
/// How long a failover may take with Sentinels as impatient as these. If the first vote is split, there is
/// another one after twice their `failover-timeout`.
const FAILOVER: Duration = Duration::from_secs(20);
/// How long Sentinels leave a demoted primary in the belief that it is one, and a bit.
const CONVERSION: Duration = Duration::from_secs(30);

/// What happens to the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Killed,
    /// And resumed after the promotion, still calling itself a primary.
    Paused,
    /// While it goes on calling itself a primary.
    Demoted,
}

#[test]
fn a_killed_primary_is_followed() {
    let scene = Scene::start();
    scene.fail_over(Fate::Killed);
}

#[test]
fn a_demoted_primary_is_left_by_those_who_watch_though_it_calls_itself_one() {
    let scene = Scene::start();
    let watcher = scene.sentinel.watch().unwrap();
    scene.fail_over(Fate::Demoted);
    drop(watcher);
}

#[test]
fn a_paused_primary_is_followed_and_never_returned_to() {
    if is_full() {
        Scene::start().fail_over(Fate::Paused);
    }
}

#[test]
fn a_demoted_primary_is_left_when_it_says_so() {
    if is_full() {
        Scene::start().fail_over(Fate::Demoted);
    }
}

#[test]
fn whoever_watches_follows_a_killed_and_a_paused_primary_too() {
    if is_full() {
        for fate in [Fate::Killed, Fate::Paused] {
            let scene = Scene::start();
            let watcher = scene.sentinel.watch().unwrap();
            scene.fail_over(fate);
            drop(watcher);
        }
    }
}

#[test]
fn several_failovers_in_a_row_are_followed() {
    if is_full() {
        let scene = Scene::start();
        for _ in 0..3 {
            let old = scene.fail_over(Fate::Killed);
            old.restart().unwrap();
            scene.wait_for_replicas(2);
        }
    }
}

#[test]
fn a_patient_client_does_not_notice_that_nobody_was_there() {
    if is_full() {
        for fate in [Fate::Killed, Fate::Paused] {
            let scene = Scene::start();
            let patient = clients().retry(RetryPolicy::exponential(50, ms(50), ms(400)));
            let master = scene.sentinel.with_clients(patient);
            let master = master.master_for(scene.set.name());
            let primary = scene.set.primary().unwrap();
            match fate {
                Fate::Paused => primary.pause().unwrap(),
                _ => primary.kill().unwrap(),
            }
            let begun = Instant::now();
            assert_eq!(master.incr("n").unwrap(), 1);
            let took = begun.elapsed();
            println!("{fate:?}: a call of {took:.1?} found the new primary");
        }
    }
}

#[test]
fn the_documentations_example_of_redis_py() {
    let set = SentinelSet::builder().binary(binary()).replicas(1);
    let set = set.sentinels(1, 1).down_after(NEVER).start().unwrap();
    let sentinel = Sentinel::builder().sentinels(set.sentinel_addrs()).unwrap();
    let sentinel = sentinel.timeout(FAILOVER).build();
    let (primary, other) = (&set.servers()[0], &set.servers()[1]);
    let found = sentinel.discover_master("mymaster").unwrap();
    assert_eq!(found.to_string(), primary.tcp_addr().to_string());
    let found = sentinel.discover_replicas("mymaster").unwrap();
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, [other.tcp_addr().to_string()]);

    let master = sentinel.master_for("mymaster");
    let replica = sentinel.replica_for("mymaster");
    master.set("foo", "bar").unwrap();
    other.wait_until_in_sync(primary, FAILOVER).unwrap();
    assert_eq!(replica.get("foo").unwrap(), Some(b"bar".to_vec()));
    replica.set("foo", "baz").unwrap_err();
    // They are ordinary clients.
    let ((), foo) = master.batch().set("foo", 1).incr("foo").execute().unwrap();
    assert_eq!(foo, 2);
}

#[test]
fn sentinels_that_are_given_by_name_are_not_learnt_again_by_address() {
    let set = SentinelSet::builder().binary(binary()).replicas(0);
    let set = set.sentinels(2, 1).down_after(NEVER).start().unwrap();
    let mut names = Vec::from_iter(set.sentinel_addrs());
    names.sort();
    let names = names
        .iter()
        .map(|address| address.replace("127.0.0.1", "localhost"));
    let names = Vec::from_iter(names);
    let sentinel = Sentinel::builder().sentinels(&names).unwrap();
    // None is believed, so that each is asked.
    let sentinel = sentinel.min_other_sentinels(9).timeout(FAILOVER).build();
    sentinel.discover_master(set.name()).unwrap_err();
    let mut known = Vec::from_iter(sentinel.addresses().iter().map(ToString::to_string));
    known.sort();
    assert_eq!(known, names);
}

/// A set with a client that follows its primary and repeats nothing.
struct Scene {
    set: SentinelSet,
    sentinel: Sentinel,
    master: Client,
}

/// A write that a thread made: when it began and ended, and the port of the server that acknowledged it.
struct Write {
    thread: usize,
    key: String,
    begun: Instant,
    ended: Instant,
    result: Result<u16, Error>,
}

impl Scene {
    fn start() -> Self {
        let set = SentinelSet::builder().binary(binary());
        let set = set.start().expect("a set");
        let sentinel = Sentinel::builder()
            .sentinels(set.sentinel_addrs())
            .unwrap()
            .clients(clients())
            .build();
        let master = sentinel.master_for(set.name());
        master.ping().unwrap();
        Self {
            set,
            sentinel,
            master,
        }
    }

    /// Threads write, it happens, and they write until they have all been followed; then all that was said
    /// is compared with what is true. It returns the old primary.
    fn fail_over(&self, fate: Fate) -> &Server {
        let old = self.set.primary().unwrap();
        self.master.flushall().unwrap();
        let over = AtomicBool::new(false);
        let writes = Mutex::new(Vec::new());
        let (mut happened, mut promoted) = (Instant::now(), Instant::now());
        thread::scope(|scope| {
            // Whatever fails here, the threads end.
            let _end = EndOnDrop(&over);
            for thread in 0..THREADS {
                let (over, writes) = (&over, &writes);
                scope.spawn(move || write_until(over, &self.master, thread, writes));
            }
            eventually_within(FAILOVER, "the threads write", || {
                all_have(&writes, |write| write.result.is_ok())
            });
            happened = Instant::now();
            match fate {
                Fate::Killed => old.kill().unwrap(),
                Fate::Paused => old.pause().unwrap(),
                Fate::Demoted => self.set.fail_over().unwrap(),
            }
            let new = self.set.wait_for_another_primary(old, FAILOVER).unwrap();
            promoted = Instant::now();
            if fate == Fate::Paused {
                // Now it calls itself a primary again, until Sentinels tell it otherwise.
                old.resume().unwrap();
            }
            eventually_within(CONVERSION, "all threads write to the new primary", || {
                all_have(&writes, |write| {
                    write.result.as_ref().ok() == Some(&new.port())
                })
            });
            // For long enough to be led astray.
            thread::sleep(ms(500));
        });
        let writes = writes.into_inner().unwrap();
        let new = self.set.primary().unwrap();
        assert_ne!(new.port(), old.port());
        Outcome {
            fate,
            old,
            new,
            happened,
            promoted,
            writes: &writes,
        }
        .check();
        old
    }

    fn wait_for_replicas(&self, count: usize) {
        eventually_within(CONVERSION, "the replicas are back", || {
            let replicas = self.sentinel.discover_replicas(self.set.name());
            replicas.is_ok_and(|replicas| replicas.len() == count)
        });
    }
}

/// What is there to look at when it is over.
struct Outcome<'o> {
    fate: Fate,
    old: &'o Server,
    new: &'o Server,
    happened: Instant,
    /// When most Sentinels had said so.
    promoted: Instant,
    writes: &'o [Write],
}

impl Outcome<'_> {
    fn check(&self) {
        let (old, new) = (self.old.port(), self.new.port());
        let by = |port| move |write: &&Write| write.result.as_ref().ok() == Some(&port);
        // Nobody of ours can know of the promotion later than this.
        let known = self.writes.iter().filter(by(new)).map(|write| write.ended);
        let known = known.min().expect("the new primary was written to");
        self.print(known);

        for write in self.writes {
            let took = write.ended - write.begun;
            assert!(
                took < CONNECT + RESPOND + SLACK,
                "took {took:?}: {:?}",
                write.result
            );
        }
        for thread in 0..THREADS {
            let failures = self.failures().filter(|(write, _)| {
                write.thread == thread && write.begun > self.promoted.max(known)
            });
            let failures: Vec<_> = failures.map(|(_, error)| error.to_string()).collect();
            assert!(failures.len() <= 1, "thread {thread}: {failures:#?}");
        }
        let late = self
            .writes
            .iter()
            .filter(by(old))
            .map(|write| write.begun)
            .max();
        assert!(
            late.is_none_or(|late| late < known),
            "written to the old primary"
        );

        // What is there now is what was acknowledged by the new primary, and nothing of which it was said
        // that it was not executed.
        let client = client(self.new);
        let acknowledged = self.writes.iter().filter(by(new));
        assert_eq!(missing(&client, acknowledged), [""; 0]);
        let denied = self.failures().filter(|(_, error)| !error.maybe_executed());
        assert_eq!(present(&client, denied.map(|(write, _)| write)), [""; 0]);
        self.check_old_server(known);
    }

    /// While the old primary takes itself for one, it has only what it was sent itself.
    fn check_old_server(&self, known: Instant) {
        if !self.old.is_running() {
            return;
        }
        let client = client(self.old);
        let late = self.writes.iter().filter(|write| write.begun > known);
        let found = present(&client, late);
        // As a replica, it has all that the new primary has.
        if matches!(client.role(), Ok(Role::Primary { .. })) {
            assert_eq!(found, [""; 0], "sent to the old primary");
            println!(
                "  the old primary, which still calls itself one, has none of the later writes"
            );
        }
    }

    fn failures(&self) -> impl Iterator<Item = (&Write, &Error)> {
        fn failure(write: &Write) -> Option<(&Write, &Error)> {
            Some((write, write.result.as_ref().err()?))
        }
        self.writes.iter().filter_map(failure)
    }

    fn print(&self, known: Instant) {
        let mut recovered = HashMap::new();
        for write in self
            .writes
            .iter()
            .filter(|write| write.begun > self.happened)
        {
            if write.result.is_ok() && (write.ended >= known) {
                recovered.entry(write.thread).or_insert(write.ended);
            }
        }
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for (_, error) in self.failures() {
            let what = format!(
                "{:?}, maybe executed: {}",
                error.kind(),
                error.maybe_executed()
            );
            *kinds.entry(what).or_default() += 1;
        }
        let last = recovered.values().max().copied().unwrap_or(known);
        println!(
            "{:?}: {} writes; promoted after {:.2?}, the first thread writes to it after {:.2?}, all after {:.2?}",
            self.fate,
            self.writes.len(),
            self.promoted - self.happened,
            known - self.happened,
            last - self.happened,
        );
        for (kind, count) in kinds {
            println!("  {count} failed: {kind}");
        }
    }
}

fn clients() -> ClientBuilder {
    Client::builder()
        .connect_timeout(CONNECT)
        .response_timeout(RESPOND)
        .retry(RetryPolicy::none())
}

/// Writes a key of its own each time, and has the server say which one it is.
fn write_until(over: &AtomicBool, master: &Client, thread: usize, writes: &Mutex<Vec<Write>>) {
    for number in 0.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let key = format!("{thread}:{number}");
        let begun = Instant::now();
        let replies = master
            .batch()
            .set(&key, number)
            .config_get("port")
            .execute();
        let ended = Instant::now();
        let result = replies.map(|(_, config)| config["port"].parse().unwrap());
        let pause = if result.is_ok() { ms(1) } else { ms(20) };
        writes.lock().unwrap().push(Write {
            thread,
            key,
            begun,
            ended,
            result,
        });
        thread::sleep(pause);
    }
}

fn all_have(writes: &Mutex<Vec<Write>>, is_so: impl Fn(&Write) -> bool) -> bool {
    let writes = writes.lock().unwrap();
    (0..THREADS).all(|thread| {
        let mut own = writes.iter().rev().filter(|write| write.thread == thread);
        own.next().is_some_and(&is_so)
    })
}

fn present<'w>(client: &Client, writes: impl Iterator<Item = &'w Write>) -> Vec<String> {
    with_existence(client, writes, true)
}

fn missing<'w>(client: &Client, writes: impl Iterator<Item = &'w Write>) -> Vec<String> {
    with_existence(client, writes, false)
}

/// The keys of those writes that are on a server, or are not.
fn with_existence<'w>(
    client: &Client,
    writes: impl Iterator<Item = &'w Write>,
    exist: bool,
) -> Vec<String> {
    let keys: Vec<_> = writes.map(|write| write.key.clone()).collect();
    let mut pipeline = client.pipeline();
    pipeline.transaction(false);
    for key in &keys {
        pipeline.exists(key);
    }
    let found: Vec<bool> = pipeline.execute().unwrap();
    let keys = keys.into_iter().zip(found);
    keys.filter_map(|(key, found)| (found == exist).then_some(key))
        .collect()
}

struct EndOnDrop<'o>(&'o AtomicBool);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}
