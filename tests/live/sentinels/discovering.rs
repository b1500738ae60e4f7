//! Which Sentinels are asked, which are believed, and what they are asked for.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use redis::{
    Address, Credentials, Deadline, Dial, Error, ErrorKind, Sentinel, Sockets, TcpOptions,
    Transport, prelude::*,
};
use redis_testkit::ScriptedServer;

use super::{
    CONNECT, PATIENCE, SLACK, clients, deaf,
    fake::{FakeSentinel, Says, list},
    port, sentinel, whom,
};
use crate::ways::server;

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
fn a_sentinel_that_is_down_is_asked_last_then() {
    let down = Says {
        flags: "s_down,master",
        ..Says::healthy(1000)
    };
    let (gone, up) = (
        FakeSentinel::start(Says::default()),
        FakeSentinel::start(down),
    );
    let addresses = [gone.address(), up.address()];
    drop(gone);
    let sentinel = Sentinel::new(&addresses).unwrap();
    not_found(&sentinel);
    assert_eq!(sentinel.addresses()[0].to_string(), up.address());
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
    assert!(error.to_string().contains("timed out after"), "{error}");
    let begun = Instant::now();
    let error = sentinel.master_for("mymaster").incr("n").unwrap_err();
    assert!(begun.elapsed() < limit + SLACK, "{:?}", begun.elapsed());
    assert_eq!(error.kind(), ErrorKind::MasterNotFound, "{error}");
    assert!(!error.maybe_executed());
}

#[test]
fn a_sentinel_that_is_in_touch_with_too_few_others_is_not_believed() {
    let gone = FakeSentinel::start(Says::default());
    let port = gone.server.tcp_addr().port();
    drop(gone);
    // It knows of three.
    let sentinels = vec![
        (port, "sentinel"),
        (1001, "s_down,sentinel,disconnected"),
        (1002, "sentinel,disconnected"),
    ];
    let fake = FakeSentinel::start(Says {
        other_sentinels: 3,
        sentinels,
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
        sentinels: vec![(other.server.tcp_addr().port(), "sentinel")],
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
fn sentinels_that_are_called_down_are_not_learnt_and_those_that_go_are_forgotten() {
    let mut fakes: Vec<_> = (0..4)
        .map(|_| FakeSentinel::start(Says::healthy(1000)))
        .collect();
    let at: Vec<_> = fakes
        .iter()
        .map(|fake| fake.server.tcp_addr().port())
        .collect();
    // The last one is gone from the beginning.
    drop(fakes.pop());
    fakes[0].now(|says| {
        says.sentinels = vec![
            (at[3], "sentinel"),
            (at[1], "sentinel"),
            (at[2], "sentinel"),
            (1001, "s_down,sentinel"),
        ];
    });
    let sentinel = sentinel([&fakes[0]]);
    let known = || {
        let mut known = ports(&sentinel.addresses());
        known.sort();
        known
    };
    let expected = |places: &[usize]| {
        let mut expected: Vec<_> = places.iter().map(|&place| at[place]).collect();
        expected.sort();
        expected
    };
    let ask = || sentinel.discover_master("mymaster").unwrap();
    ask();
    assert_eq!(known(), expected(&[0, 1, 2, 3]));
    let named = [0, 1, 3].map(|place| (at[place], "sentinel"));
    fakes[2].now(|says| says.sentinels = named.to_vec());
    // One that fails while it is still named is not forgotten, nor one that is not named and does not fail.
    fakes[0].now(|says| says.flags = "master,s_down");
    fakes[1].now(|says| says.port = None);
    ask();
    assert_eq!(known(), expected(&[0, 1, 2, 3]));
    fakes[0].now(|says| says.flags = "master");
    drop(fakes.pop());
    ask();
    assert_eq!(known(), expected(&[0, 1, 2, 3]));
    // Now they are called down. One that does not know the name has not failed.
    fakes[0].now(|says| {
        says.sentinels
            .iter_mut()
            .for_each(|one| one.1 = "s_down,sentinel");
    });
    ask();
    assert_eq!(known(), expected(&[0, 1]));
    // Those of the user stay.
    fakes[1].now(|says| *says = Says::healthy(1000));
    drop(fakes.remove(0));
    ask();
    assert_eq!(known(), expected(&[0, 1]));
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
fn whoever_maps_addresses_may_ask_which_sentinels_are_known() {
    let fake = FakeSentinel::start(Says {
        sentinels: vec![(1001, "sentinel")],
        ..Says::healthy(1000)
    });
    let known = Arc::new(OnceLock::<Sentinel>::new());
    let asked = Arc::clone(&known);
    let builder = Sentinel::builder().sentinels([fake.address()]).unwrap();
    let sentinel = builder.map_addresses(move |address| {
        assert!(!asked.get().unwrap().addresses().is_empty());
        address
    });
    let sentinel = known.get_or_init(|| sentinel.build()).clone();
    let (sender, discovered) = mpsc::channel();
    thread::spawn(move || sender.send(sentinel.discover_master("mymaster")));
    let found = discovered.recv_timeout(CONNECT + SLACK).expect("an end");
    assert_eq!(port(&found.unwrap()), 1000);
    assert_eq!(known.get().unwrap().addresses().len(), 2);
}

fn not_found(sentinel: &Sentinel) -> Error {
    let error = sentinel.discover_master("mymaster").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MasterNotFound, "{error}");
    assert!(error.is_connection() && !error.maybe_executed());
    error
}

fn ports<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> Vec<u16> {
    addresses.into_iter().map(port).collect()
}

#[test]
fn a_name_that_nobody_knows_makes_no_sentinel_one_that_did_not_answer() {
    let fakes = [(); 2].map(|()| FakeSentinel::start(Says::healthy(1000)));
    let sentinel = sentinel(&fakes);
    fakes[0].now(|says| says.port = None);
    fakes[1].now(|says| says.flags = "master,s_down");
    let error = sentinel.discover_master("mymaster").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MasterNotFound, "{error}");
    // One that does not answer would be the last.
    let known: Vec<_> = sentinel
        .addresses()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(known, fakes.each_ref().map(FakeSentinel::address));
}

#[test]
fn sentinels_are_reached_by_a_tunnel_with_credentials_of_their_own() {
    /// Leads to where the Sentinel is really.
    struct Tunnel(u16, Sockets);

    impl Dial for Tunnel {
        fn dial(&self, _: &Address, deadline: Deadline) -> Result<Box<dyn Transport>, Error> {
            let (host, port) = ("127.0.0.1".into(), self.0);
            self.1.dial(&Address::Tcp { host, port }, deadline)
        }
    }

    let fake = FakeSentinel::start(Says::healthy(1000));
    let port = fake.server.tcp_addr().port();
    let (asked, hooked) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, counted_too) = (Arc::clone(&asked), Arc::clone(&hooked));
    let sentinel = Sentinel::builder()
        .sentinels(["nowhere.invalid"])
        .unwrap()
        .dial(Tunnel(port, Sockets::new(TcpOptions::default(), None)))
        .credentials(move || {
            counted.fetch_add(1, Relaxed);
            Ok(Credentials {
                username: None,
                password: "secret".into(),
            })
        })
        .on_connect(move |_| {
            counted_too.fetch_add(1, Relaxed);
            Ok(())
        })
        .timeout(CONNECT)
        .clients(clients())
        .build();
    let found = sentinel.discover_master("mymaster").unwrap();
    assert_eq!(self::port(&found), 1000);
    assert_eq!((asked.load(Relaxed), hooked.load(Relaxed)), (1, 1));
    assert!(!format!("{sentinel:?}").contains("secret"));
}
