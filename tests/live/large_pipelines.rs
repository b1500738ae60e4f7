//! Pipelines of any size, on any way, against peers that are slow: they end, with all replies in order.

use std::time::{Duration, Instant};

use redis::{Client, Pem, Slots, Tls, Value, prelude::*};
use redis_testkit::{CertificateAuthority, Direction, FaultProxy, Faults};

use crate::{
    thoroughness::plain_or_full,
    ways::{on_every_way, server, server_with, ways},
};

const SIZES: [usize; 4] = [1, 100, 10_000, 1_000_000];

/// Executes so many commands and checks that each got its own reply.
fn count_up(client: &Client, size: usize, transaction: bool) -> Duration {
    client.flushall().unwrap();
    let mut pipeline = client.pipeline();
    pipeline.transaction(transaction);
    for _ in 0..size {
        pipeline.incr("counter");
    }
    let started = Instant::now();
    let counts: Vec<i64> = pipeline.execute().unwrap();
    let elapsed = started.elapsed();
    assert_eq!(counts.len(), size);
    assert!(counts.into_iter().eq(1..=size as i64));
    assert_eq!(client.get::<usize>("counter").unwrap(), Some(size));
    assert_eq!(client.pool_stats().idle, 1);
    elapsed
}

fn patient(proxy: &FaultProxy) -> Client {
    Client::builder()
        .tcp("127.0.0.1", proxy.tcp_addr().unwrap().port())
        .response_timeout(Duration::from_secs(600))
        .build()
}

#[test]
fn a_slow_reader_gets_all_commands_and_we_all_replies() {
    let server = server();
    let proxy = FaultProxy::start(server.tcp_addr()).unwrap();
    let client = patient(&proxy);
    for size in SIZES {
        client.ping().unwrap();
        // So many bytes a second that each direction takes long, for its size.
        let rate = (size as u64 * 31 / plain_or_full(1, 20)).max(1_000);
        proxy.set(Direction::ToServer, Faults::none().bytes_per_second(rate));
        proxy.set(Direction::ToClient, Faults::none().bytes_per_second(rate));
        let elapsed = count_up(&client, size, false);
        println!("{size} commands to a slow reader: {elapsed:?}");
        proxy.heal().unwrap();
    }
}

#[test]
fn one_byte_per_segment_makes_no_difference() {
    let server = server();
    let proxy = FaultProxy::start(server.tcp_addr()).unwrap();
    let client = patient(&proxy);
    // A million commands are 39 million segments.
    for size in &SIZES[..plain_or_full(3, 4)] {
        for transaction in [true, false] {
            for direction in Direction::BOTH {
                proxy.set_for_new(direction, Faults::none().segments_of(1));
            }
            client.disconnect();
            let elapsed = count_up(&client, *size, transaction);
            println!("{size} commands, one byte per segment: {elapsed:?}");
        }
    }
}

#[test]
fn a_million_commands_are_a_pipeline_on_every_way() {
    let size = plain_or_full(100_000, 1_000_000);
    on_every_way(|client| {
        let client = client.with_response_timeout(Duration::from_secs(60));
        for transaction in [true, false] {
            let elapsed = count_up(&client, size, transaction);
            println!("{size} commands, transaction {transaction}: {elapsed:?}");
        }
    });
}

#[test]
fn a_million_commands_go_through_tls() {
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority.issue_for_server(&["127.0.0.1"]).unwrap();
    let server = server_with(|builder| builder.tls(certificate.server_tls()));
    let roots = Pem::Bytes(authority.pem().as_bytes().to_vec());
    let address = ("127.0.0.1", server.tls_port().unwrap());
    let proxy = FaultProxy::start(std::net::SocketAddr::new(
        address.0.parse().unwrap(),
        address.1,
    ))
    .unwrap();
    for port in [address.1, proxy.tcp_addr().unwrap().port()] {
        let client = Client::builder()
            .tcp("127.0.0.1", port)
            .tls(Tls::new().roots(roots.clone()))
            .response_timeout(Duration::from_secs(600))
            .build();
        let size = plain_or_full(100_000, 1_000_000);
        for transaction in [true, false] {
            let elapsed = count_up(&client, size, transaction);
            println!("{size} commands over TLS: {elapsed:?}");
        }
        // For the second round.
        let slow = Faults::none().bytes_per_second(3_000_000);
        proxy.set_for_new(Direction::ToServer, slow.clone());
        proxy.set_for_new(Direction::ToClient, slow);
    }
}

#[test]
fn a_server_that_refuses_a_command_before_it_has_all_of_it_is_quoted_and_has_not_executed_it() {
    let server = server();
    let value = vec![b'x'; 64 << 20];
    for (name, builder) in ways(&server) {
        let client = builder.retries(0).build();
        client.config_set(("proto-max-bulk-len", "1mb")).unwrap();
        let call = client.set("large", &value).unwrap_err();
        let mut pipeline = client.pipeline();
        pipeline.transaction(false).set("large", &value);
        let pipelined = pipeline.execute::<Vec<Value>>().unwrap_err();
        let transaction = client.pipeline().set("large", &value).execute::<()>();
        let mut attempts = 0;
        let watching = client.transaction("k", |watched| {
            attempts += 1;
            watched.multi().set("large", &value).execute::<()>()
        });
        assert_eq!(attempts, 1, "{name}: {watching:?}");
        let (transaction, watching) = (transaction.unwrap_err(), watching.unwrap_err());
        for error in [call, pipelined, transaction, watching] {
            assert!(!error.maybe_executed(), "{name}: {error}");
            let line = "ERR Protocol error: invalid bulk length";
            assert_eq!(error.line(), Some(line), "{name}: {error}");
        }
        assert_eq!(client.exists("large").unwrap(), 0);
    }
}

#[test]
fn large_requests_and_large_replies_cross() {
    on_every_way(|client| {
        let value = vec![b'v'; 10_000];
        for transaction in [true, false] {
            let mut pipeline = client.pipeline();
            pipeline.transaction(transaction);
            let mut slots = Vec::new();
            for index in 0..2_000 {
                let key = format!("k{}", index % 10);
                pipeline.set(&key, &value);
                slots.push(pipeline.slot().get::<Vec<u8>>(&key));
            }
            let replies: Slots = pipeline.execute().unwrap();
            for slot in slots {
                assert!(replies.get(slot).unwrap().as_deref() == Some(value.as_slice()));
            }
            pipeline.flushall();
            assert_eq!(pipeline.execute::<Vec<Value>>().unwrap().len(), 1);
        }
    });
}
