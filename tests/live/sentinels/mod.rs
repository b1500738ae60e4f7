//! What Sentinels say, and who is believed: scripted Sentinels in front of real servers.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use redis::{
    Address, Client, ClientBuilder, Error, ErrorKind, Protocol, RetryPolicy, Sentinel,
    ServerErrorKind, prelude::*,
};
use redis_testkit::{Script, ScriptedServer, SentinelSet, Server, ServerBuilder};

use crate::ways::{binary, client, server, server_with};

/// How long a Sentinel is waited for that says nothing. The others have all the time there is.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long a connection may take, asking Sentinels included.
const CONNECT: Duration = Duration::from_secs(5);
/// What a busy machine may add.
const SLACK: Duration = Duration::from_secs(5);
/// For servers that no Sentinel is to call down, however slow they are.
const NEVER: Duration = Duration::from_secs(600);

/// A Sentinel that says what it is told to.
struct FakeSentinel {
    server: ScriptedServer,
    says: Arc<Mutex<Says>>,
}

/// What a Sentinel says about the primary `mymaster`.
#[derive(Clone, Default)]
struct Says {
    /// Nothing is known of it without a port.
    port: Option<u16>,
    flags: &'static str,
    epoch: u64,
    other_sentinels: usize,
    /// Ports and flags.
    replicas: Vec<(u16, &'static str)>,
    /// The ports of the other Sentinels.
    sentinels: Vec<u16>,
    silent: bool,
}

impl FakeSentinel {
    fn start(says: Says) -> Self {
        let says = Arc::new(Mutex::new(says));
        let theirs = Arc::clone(&says);
        let answer = move |request: &[Vec<u8>]| theirs.lock().unwrap().clone().answer(request);
        let server = ScriptedServer::answering(answer).unwrap();
        Self { server, says }
    }

    fn of(primary: &Server) -> Self {
        Self::start(Says::healthy(primary.port()))
    }

    /// Says something else from now on.
    fn now(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.says.lock().unwrap());
    }

    fn address(&self) -> String {
        self.server.tcp_addr().to_string()
    }

    /// Its address, with how long it is waited for if it is known to be silent.
    fn url(&self) -> String {
        let address = self.address();
        let patience = PATIENCE.as_secs_f64();
        match self.says.lock().unwrap().silent {
            true => format!("redis://{address}?response_timeout={patience}"),
            false => address,
        }
    }

    /// How often it was asked for the primary.
    fn asked(&self) -> usize {
        let requests = self.server.requests();
        let asks = |request: &&Vec<Vec<u8>>| request.get(1).is_some_and(|word| word == b"MASTER");
        requests.iter().filter(asks).count()
    }
}

impl Says {
    fn healthy(port: u16) -> Self {
        Self {
            port: Some(port),
            flags: "master",
            other_sentinels: 2,
            ..Self::default()
        }
    }

    fn answer(&self, request: &[Vec<u8>]) -> Vec<u8> {
        let words: Vec<_> = request
            .iter()
            .map(|word| String::from_utf8_lossy(word))
            .collect();
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let port = self.port.filter(|_| words.last() == Some(&"mymaster"));
        let answer = match (&words[..], port) {
            _ if self.silent => String::new(),
            (["SENTINEL", "GET-MASTER-ADDR-BY-NAME", _], None) => "*-1\r\n".into(),
            (["SENTINEL", ..], None) => "-ERR No such master with that name\r\n".into(),
            (["SENTINEL", "GET-MASTER-ADDR-BY-NAME", _], Some(port)) => {
                list(&["127.0.0.1", &port.to_string()])
            }
            (["SENTINEL", "MASTER", _], Some(port)) => self.instance(port, self.flags),
            (["SENTINEL", "REPLICAS", _], _) => {
                let all = self.replicas.iter();
                let all: String = all
                    .map(|(port, flags)| self.instance(*port, flags))
                    .collect();
                format!("*{}\r\n{all}", self.replicas.len())
            }
            (["SENTINEL", "SENTINELS", _], _) => {
                let all = self.sentinels.iter();
                let all: String = all.map(|port| self.instance(*port, "sentinel")).collect();
                format!("*{}\r\n{all}", self.sentinels.len())
            }
            _ => "-ERR unknown command\r\n".into(),
        };
        answer.into_bytes()
    }

    fn instance(&self, port: u16, flags: &str) -> String {
        list(&[
            "ip",
            "127.0.0.1",
            "port",
            &port.to_string(),
            "flags",
            flags,
            "config-epoch",
            &self.epoch.to_string(),
            "num-other-sentinels",
            &self.other_sentinels.to_string(),
        ])
    }
}

fn list(words: &[&str]) -> String {
    let words = words
        .iter()
        .map(|word| format!("${}\r\n{word}\r\n", word.len()));
    let words: Vec<_> = words.collect();
    format!("*{}\r\n{}", words.len(), words.concat())
}

fn clients() -> ClientBuilder {
    Client::builder()
        .connect_timeout(CONNECT)
        .response_timeout(CONNECT)
        .retry(RetryPolicy::none())
}

fn sentinel<'f>(fakes: impl IntoIterator<Item = &'f FakeSentinel>) -> Sentinel {
    Sentinel::builder()
        .sentinels(fakes.into_iter().map(FakeSentinel::url))
        .unwrap()
        .timeout(CONNECT)
        .clients(clients())
        .build()
}

fn port(address: &Address) -> u16 {
    match address {
        Address::Tcp { port, .. } => *port,
        other => panic!("{other}"),
    }
}

fn ports<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> Vec<u16> {
    addresses.into_iter().map(port).collect()
}

/// Whom the client is connected to.
fn whom(client: &Client) -> u16 {
    client.config_get("port").unwrap()["port"].parse().unwrap()
}

fn not_found(sentinel: &Sentinel) -> Error {
    let error = sentinel.discover_master("mymaster").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MasterNotFound, "{error}");
    assert!(error.is_connection() && !error.maybe_executed());
    error
}

/// A server that accepts connections and says nothing at all.
fn deaf() -> ScriptedServer {
    ScriptedServer::start(Script::new().deaf()).unwrap()
}

#[test]
fn the_primary_and_its_replicas_are_discovered() {
    let fake = FakeSentinel::start(Says {
        replicas: vec![(1001, "slave"), (1002, "slave")],
        ..Says::healthy(1000)
    });
    let sentinel = sentinel([&fake]);
    let found = sentinel.discover_master("mymaster").unwrap();
    assert_eq!(found.to_string(), "127.0.0.1:1000");
    let replicas = sentinel.discover_replicas("mymaster").unwrap();
    assert_eq!(ports(&replicas), [1001, 1002]);
}

#[test]
fn a_name_that_no_sentinel_knows_is_an_error_that_says_so() {
    let (first, second) = (
        FakeSentinel::start(Says::default()),
        FakeSentinel::start(Says::default()),
    );
    let sentinel = sentinel([&first, &second]);
    let shown = not_found(&sentinel).to_string();
    for fake in [&first, &second] {
        assert!(shown.contains(&fake.address()), "{shown}");
    }
    assert!(shown.contains("does not know the name"), "{shown}");
    let error = sentinel.discover_replicas("mymaster").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReplicaNotFound, "{error}");
    assert!(error.to_string().contains("No such master"), "{error}");
}

#[test]
fn a_sentinel_that_is_down_is_skipped_and_the_one_that_answers_is_asked_first_then() {
    let up = FakeSentinel::start(Says::healthy(1000));
    let gone = FakeSentinel::start(Says::default());
    let addresses = [gone.address(), up.address()];
    drop(gone);
    let sentinel = Sentinel::new(&addresses).unwrap();
    assert_eq!(port(&sentinel.discover_master("mymaster").unwrap()), 1000);
    assert_eq!(sentinel.addresses()[0].to_string(), up.address());
    assert_eq!(sentinel.addresses().len(), 2);
}

#[test]
fn a_sentinel_that_does_not_answer_in_time_is_skipped_too() {
    let silent = FakeSentinel::start(Says {
        silent: true,
        ..Says::healthy(1000)
    });
    let up = FakeSentinel::start(Says::healthy(1000));
    let sentinel = sentinel([&silent, &up]);
    let begun = Instant::now();
    sentinel.discover_master("mymaster").unwrap();
    let took = begun.elapsed();
    assert!((PATIENCE..PATIENCE + SLACK).contains(&took), "{took:?}");
    assert_eq!(sentinel.addresses()[0].to_string(), up.address());
    // It is not asked again, as it is the last now.
    sentinel.discover_master("mymaster").unwrap();
    assert_eq!((silent.asked(), up.asked()), (1, 2));
}

#[test]
fn silence_of_all_is_an_error_within_the_time_for_connecting() {
    let limit = Duration::from_secs(1);
    let deaf: Vec<_> = (0..8).map(|_| deaf()).collect();
    let addresses = deaf.iter().map(|one| one.tcp_addr().to_string());
    let sentinel = Sentinel::builder()
        .sentinels(addresses)
        .unwrap()
        .timeout(PATIENCE)
        .clients(clients().connect_timeout(limit))
        .build();
    let begun = Instant::now();
    let error = not_found(&sentinel);
    assert!(begun.elapsed() < limit + SLACK, "{:?}", begun.elapsed());
    assert!(error.to_string().contains("no answer within"), "{error}");
    let begun = Instant::now();
    let error = sentinel.master_for("mymaster").incr("n").unwrap_err();
    assert!(begun.elapsed() < limit + SLACK, "{:?}", begun.elapsed());
    assert_eq!(error.kind(), ErrorKind::MasterNotFound, "{error}");
    assert!(!error.maybe_executed());
}

#[test]
fn a_sentinel_that_knows_too_few_others_is_not_believed() {
    let fake = FakeSentinel::start(Says {
        other_sentinels: 1,
        ..Says::healthy(1000)
    });
    let with = |fewest| {
        let builder = Sentinel::builder().sentinels([fake.address()]).unwrap();
        builder.min_other_sentinels(fewest).build()
    };
    with(1).discover_master("mymaster").unwrap();
    let shown = not_found(&with(2)).to_string();
    assert!(shown.contains("at least 2 others, found 1"), "{shown}");
}

#[test]
fn a_primary_that_is_called_down_is_none() {
    for (flags, shown) in [
        ("s_down,master", "is s_down"),
        ("s_down,o_down,master", "is s_down, o_down"),
        ("master,disconnected", "is disconnected"),
    ] {
        let fake = FakeSentinel::start(Says {
            flags,
            ..Says::healthy(1000)
        });
        let error = not_found(&sentinel([&fake]));
        assert!(error.to_string().contains(shown), "{error}");
    }
}

#[test]
fn another_sentinel_is_asked_when_one_calls_the_primary_down() {
    let wrong = FakeSentinel::start(Says {
        flags: "s_down,master",
        ..Says::healthy(1000)
    });
    let right = FakeSentinel::start(Says::healthy(1000));
    let sentinel = sentinel([&wrong, &right]);
    sentinel.discover_master("mymaster").unwrap();
    assert_eq!(sentinel.addresses()[0].to_string(), right.address());
}

#[test]
fn a_promoted_replica_is_the_primary_before_the_failover_is_over() {
    let fake = FakeSentinel::start(Says {
        flags: "s_down,o_down,master,failover_in_progress",
        ..Says::healthy(1000)
    });
    let says = Arc::clone(&fake.says);
    // The address is the promoted replica's already, all else is about the old primary still.
    let leader = ScriptedServer::answering(move |request| match request[1].as_slice() {
        b"GET-MASTER-ADDR-BY-NAME" => list(&["127.0.0.1", "1001"]).into_bytes(),
        _ => says.lock().unwrap().answer(request),
    });
    let leader = leader.unwrap();
    let sentinel = Sentinel::new([leader.tcp_addr().to_string()]).unwrap();
    assert_eq!(port(&sentinel.discover_master("mymaster").unwrap()), 1001);
}

#[test]
fn replicas_that_are_down_are_left_out() {
    let silent = FakeSentinel::start(Says {
        silent: true,
        ..Says::healthy(1000)
    });
    let fake = FakeSentinel::start(Says {
        replicas: vec![
            (1001, "slave,s_down"),
            (1002, "slave"),
            (1003, "slave,o_down"),
            (1004, "slave,disconnected"),
        ],
        ..Says::healthy(1000)
    });
    let sentinel = sentinel([&silent, &fake]);
    let replicas = sentinel.discover_replicas("mymaster").unwrap();
    assert_eq!(ports(&replicas), [1002]);
    assert_eq!(sentinel.addresses()[0].to_string(), fake.address());
    fake.now(|says| says.replicas.clear());
    assert_eq!(sentinel.discover_replicas("mymaster").unwrap(), []);
}

#[test]
fn other_sentinels_are_learnt_and_asked_when_the_first_is_gone() {
    let other = FakeSentinel::start(Says::healthy(1000));
    let first = FakeSentinel::start(Says {
        sentinels: vec![other.server.tcp_addr().port()],
        ..Says::healthy(1000)
    });
    let sentinel = sentinel([&first]);
    sentinel.discover_master("mymaster").unwrap();
    assert_eq!(sentinel.addresses().len(), 2);
    drop(first);
    assert_eq!(port(&sentinel.discover_master("mymaster").unwrap()), 1000);
    assert_eq!(sentinel.addresses()[0].to_string(), other.address());
}

#[test]
fn addresses_are_mapped() {
    let server = server();
    let fake = FakeSentinel::start(Says::healthy(1000));
    let port = server.port();
    let sentinel = Sentinel::builder()
        .sentinels([fake.address()])
        .unwrap()
        .map_addresses(move |_| Address::Tcp {
            host: "localhost".into(),
            port,
        })
        .build();
    assert_eq!(whom(&sentinel.master_for("mymaster")), port);
}

#[test]
fn replicas_are_taken_in_turn_then_the_primary_then_nobody() {
    let primary = server();
    let replicas: Vec<_> = (0..2).map(|_| replica(&primary)).collect();
    let fake = FakeSentinel::of(&primary);
    fake.now(|says| {
        says.replicas = replicas.iter().map(|one| (one.port(), "slave")).collect();
    });
    let client = sentinel([&fake]).replica_for("mymaster");
    let mut met = Vec::new();
    for _ in 0..4 {
        met.push(whom(&client));
        client.disconnect();
    }
    assert_eq!((met[0], met[1]), (met[2], met[3]), "{met:?}");
    assert_ne!(met[0], met[1]);
    assert!(!met.contains(&primary.port()));

    // One that is named and gone: the other one.
    replicas[0].kill().unwrap();
    for _ in 0..2 {
        assert_eq!(whom(&client), replicas[1].port());
        client.disconnect();
    }
    // One that is called a replica and is a primary: not that one.
    let promoted = self::client(&replicas[1]);
    promoted.replicaof_no_one().unwrap();
    client.disconnect();
    assert_eq!(whom(&client), primary.port());
    fake.now(|says| says.replicas.clear());
    client.disconnect();
    assert_eq!(whom(&client), primary.port());

    fake.now(|says| says.flags = "master,o_down");
    client.disconnect();
    let error = client.ping().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReplicaNotFound, "{error}");
    assert!(
        error.is_connection() && error.to_string().contains("is o_down"),
        "{error}"
    );
}

#[test]
fn a_server_that_is_called_the_primary_and_is_a_replica_is_refused() {
    let primary = server();
    let replica = replica(&primary);
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let (wrong, right) = (FakeSentinel::of(&replica), FakeSentinel::of(&primary));
        let sentinel = sentinel([&wrong, &right]).with_clients(clients().protocol(protocol));
        let client = sentinel.master_for("mymaster");
        assert_eq!(whom(&client), primary.port());
        assert_eq!(sentinel.addresses()[0].to_string(), right.address());
        right.now(|says| says.port = Some(replica.port()));
        client.disconnect();
        let error = client.incr("n").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MasterNotFound);
        let shown = error.to_string();
        assert!(
            shown.contains("expected a primary, found a replica"),
            "{shown}"
        );
        assert!(!error.maybe_executed());
        // It is asked of every Sentinel, and tried once.
        assert_eq!((wrong.asked(), right.asked()), (2, 2));
        assert!(shown.contains("too"), "{shown}");
    }
}

#[test]
fn the_sentinels_are_asked_again_at_every_attempt() {
    let (gone, up) = (server(), server());
    let fake = FakeSentinel::of(&gone);
    gone.kill().unwrap();
    let (says, port) = (Arc::clone(&fake.says), up.port());
    let retry = RetryPolicy::custom(5, move |repetition| {
        if repetition == 3 {
            says.lock().unwrap().port = Some(port);
        }
        Duration::from_millis(1)
    });
    let client = sentinel([&fake]).with_clients(clients().retry(retry));
    assert_eq!(client.master_for("mymaster").incr("n").unwrap(), 1);
    assert_eq!(fake.asked(), 4);
}

#[test]
fn a_primary_that_does_not_answer_leaves_time_to_ask_another_sentinel() {
    let (deaf, server) = (deaf(), server());
    let wrong = FakeSentinel::start(Says::healthy(deaf.tcp_addr().port()));
    let right = FakeSentinel::of(&server);
    let sentinel = sentinel([&wrong, &right]);
    let begun = Instant::now();
    sentinel.master_for("mymaster").ping().unwrap();
    assert!(begun.elapsed() < CONNECT + SLACK, "{:?}", begun.elapsed());

    right.now(|says| says.port = Some(deaf.tcp_addr().port()));
    let begun = Instant::now();
    let error = sentinel.master_for("mymaster").ping().unwrap_err();
    assert!(begun.elapsed() < CONNECT + SLACK, "{:?}", begun.elapsed());
    // Whoever has waited so long is not made to wait again.
    assert!(error.is_timeout() && !error.maybe_executed(), "{error}");
}

#[test]
fn what_another_sentinel_cannot_better_is_an_error_at_once() {
    let server = server_with(|builder| builder.password("secret"));
    let (first, second) = (FakeSentinel::of(&server), FakeSentinel::of(&server));
    let sentinel = sentinel([&first, &second]);
    let error = sentinel.master_for("mymaster").ping().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert_eq!((first.asked(), second.asked()), (1, 0));
    let right = sentinel.with_clients(clients().password("secret"));
    right.master_for("mymaster").ping().unwrap();
}

#[test]
fn a_promotion_empties_the_pools_of_all_clients_at_once() {
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    let sentinel = sentinel([&fake]);
    let builder = clients().min_connections(3);
    let client = sentinel.with_clients(builder).master_for("mymaster");
    client.warm_up().unwrap();
    let other = sentinel.master_for("mymaster");
    other.ping().unwrap();
    assert_eq!((client.pool_stats().idle, other.pool_stats().idle), (3, 1));
    fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    sentinel.discover_master("mymaster").unwrap();
    for stats in [client.pool_stats(), other.pool_stats()] {
        assert_eq!((stats.idle, stats.in_use), (0, 0));
    }
    // The old one goes on calling itself a primary.
    let calls = calls(&old);
    for client in [&client, &other] {
        assert_eq!(whom(client), new.port());
    }
    assert_eq!(self::calls(&old), calls);
}

#[test]
fn a_connection_in_use_during_a_promotion_is_not_used_for_another_call() {
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    let sentinel = sentinel([&fake]);
    let client = sentinel.master_for("mymaster");
    let mut watched = client.watch("k").unwrap();
    fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    sentinel.discover_master("mymaster").unwrap();
    let calls = calls(&old);
    let error = watched.set("k", 1).unwrap_err();
    // So a transaction that is tried again starts anew, on the new primary.
    assert_eq!(error.kind(), ErrorKind::Watch, "{error}");
    assert!(error.to_string().contains("not the primary now"), "{error}");
    assert!(!error.maybe_executed());
    drop(watched);
    let stats = client.pool_stats();
    assert_eq!((stats.idle, stats.in_use), (0, 0));
    assert_eq!(self::calls(&old), calls);
    assert_eq!(whom(&client), new.port());
}

#[test]
fn a_server_that_says_readonly_empties_the_pool() {
    let (old, new) = (server(), server());
    let fake = FakeSentinel::of(&old);
    let builder = clients().min_connections(3);
    let sentinel = sentinel([&fake]).with_clients(builder);
    let client = sentinel.master_for("mymaster");
    client.warm_up().unwrap();
    // Behind the Sentinel's back, so that the connections stay open.
    self::client(&old)
        .replicaof("127.0.0.1", new.port())
        .unwrap();
    fake.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    let error = client.set("k", 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::ReadOnly));
    assert!(!error.maybe_executed());
    let stats = client.pool_stats();
    assert_eq!((stats.idle, stats.in_use), (0, 0));
    client.set("k", 1).unwrap();
    assert_eq!(whom(&client), new.port());
}

#[test]
fn a_sentinel_that_has_not_heard_of_the_last_promotion_is_not_believed() {
    let (old, new) = (server(), server());
    let lagging = FakeSentinel::of(&old);
    let leader = FakeSentinel::of(&new);
    leader.now(|says| says.epoch = 1);
    let sentinel = sentinel([&leader, &lagging]);
    let client = sentinel.master_for("mymaster");
    assert_eq!(whom(&client), new.port());
    // The leader is gone, and the old primary still calls itself one.
    leader.now(|says| says.silent = true);
    client.disconnect();
    let error = client.incr("n").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MasterNotFound);
    assert!(
        error
            .to_string()
            .contains("does not know of the last promotion"),
        "{error}"
    );
    lagging.now(|says| (says.port, says.epoch) = (Some(new.port()), 1));
    assert_eq!(whom(&client), new.port());
}

#[test]
fn most_sentinels_can_be_set_up_anew() {
    let (old, new) = (server(), server());
    let fakes: Vec<_> = (0..3).map(|_| FakeSentinel::of(&old)).collect();
    fakes
        .iter()
        .for_each(|fake| fake.now(|says| says.epoch = 5));
    let sentinel = sentinel(&fakes);
    let client = sentinel.master_for("mymaster");
    assert_eq!(whom(&client), old.port());
    let anew = |fake: &FakeSentinel| fake.now(|says| *says = Says::healthy(new.port()));
    // The others are gone: one alone is not most of three.
    fakes[1..]
        .iter()
        .for_each(|fake| fake.now(|says| says.silent = true));
    anew(&fakes[0]);
    client.disconnect();
    client.ping().unwrap_err();
    anew(&fakes[1]);
    assert_eq!(whom(&client), new.port());
}

#[test]
fn sentinels_have_passwords_of_their_own() {
    let set = SentinelSet::builder()
        .binary(binary())
        .replicas(0)
        .sentinels(1, 1)
        .down_after(NEVER)
        .password("of the servers")
        .sentinel_password("of the Sentinels")
        .start()
        .unwrap();
    let builder = || Sentinel::builder().sentinels(set.sentinel_addrs()).unwrap();
    let error = builder().build().discover_master("mymaster").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MasterNotFound);
    assert!(error.to_string().contains("NOAUTH"), "{error}");
    let builder = || builder().password("of the Sentinels");
    let wrong = builder().clients(clients().password("of the Sentinels"));
    let error = wrong.build().master_for("mymaster").ping().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    let right = builder().clients(clients().password("of the servers"));
    let sentinel = right.build();
    sentinel.master_for("mymaster").ping().unwrap();
    let shown = format!("{error} {sentinel:?} {:?}", sentinel.master_for("mymaster"));
    assert!(!shown.contains("of the s"), "{shown}");
    // In the URL of one of them.
    let url = format!("redis://:of%20the%20Sentinels@{}", set.sentinel_addrs()[0]);
    Sentinel::new([url])
        .unwrap()
        .discover_master("mymaster")
        .unwrap();
}

fn replica(primary: &Server) -> Server {
    let replica = server_with(|builder: ServerBuilder| builder.replica_of(primary));
    replica
        .wait_until_in_sync(primary, Duration::from_secs(30))
        .unwrap();
    replica
}

/// How many commands a server has executed, but for those that handshakes and this question consist of.
fn calls(server: &Server) -> u64 {
    let info = client(server).info("commandstats").unwrap();
    let own = ["info", "hello", "client|setinfo", "client"];
    let others = info.lines().filter_map(|(_, name, counts)| {
        let name = name.strip_prefix("cmdstat_")?;
        let calls = counts.strip_prefix("calls=")?.split(',').next()?;
        (!own.contains(&name)).then_some(calls.parse::<u64>().ok()?)
    });
    others.sum()
}
