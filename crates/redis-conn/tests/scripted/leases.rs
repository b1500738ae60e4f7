//! Leases: connections that may not be used any more are not, whoever has them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use redis_conn::{
    Connection, Connector, Deadline, Error, ErrorKind, Lease, Pool, PoolConfig, Request,
};

use crate::script::{Script, Step};

fn ping_request() -> Request<'static> {
    Request::new(b"*1\r\n$4\r\nPING\r\n")
}

/// Makes connections that hold the lease of the moment and give this answer to all they are asked.
#[derive(Clone)]
struct Leasing {
    lease: Arc<Mutex<Lease>>,
    answer: &'static [u8],
}

impl Leasing {
    fn new(answer: &'static [u8]) -> Self {
        let lease = Arc::default();
        Self { lease, answer }
    }

    fn pool(&self) -> Pool {
        let config = PoolConfig::new(3, Duration::from_millis(100));
        Pool::new(self.clone(), config)
    }

    fn end(&self) {
        self.lease.lock().unwrap().end();
    }

    /// As whoever finds another primary does.
    fn replace(&self) {
        std::mem::take(&mut *self.lease.lock().unwrap()).end();
    }
}

impl Connector for Leasing {
    fn connect(&self) -> Result<Connection, Error> {
        let answers = std::iter::repeat_n(Step::Bytes(self.answer.to_vec()), 3);
        let mut connection = Script::new(answers).connect();
        connection.hold(self.lease.lock().unwrap().clone());
        Ok(connection)
    }
}

fn ping(connection: &mut Connection) -> Result<String, Error> {
    connection.call(ping_request(), Deadline::never())
}

#[test]
fn a_connection_whose_lease_has_ended_sends_nothing() {
    let leasing = Leasing::new(b"+PONG\r\n");
    let mut connection = leasing.connect().unwrap();
    assert_eq!(ping(&mut connection).unwrap(), "PONG");
    leasing.end();
    assert!(!connection.is_clean());
    let error = ping(&mut connection).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.to_string().contains("not the primary now"), "{error}");
    assert!(!error.maybe_executed() && error.is_retryable());
}

#[test]
fn what_was_sent_before_the_lease_ended_may_have_been_executed() {
    let leasing = Leasing::new(b"+PONG\r\n");
    let mut connection = leasing.connect().unwrap();
    connection.send(ping_request(), Deadline::never()).unwrap();
    leasing.end();
    let error = connection
        .send(ping_request(), Deadline::never())
        .unwrap_err();
    assert!(error.maybe_executed(), "{error}");
}

#[test]
fn a_feed_ends_with_its_lease() {
    let leasing = Leasing::new(b"+PONG\r\n");
    let mut feed = leasing.connect().unwrap().into_feed().unwrap();
    assert!(feed.next(Deadline::never()).unwrap().is_some());
    leasing.end();
    let error = feed.next(Deadline::never()).unwrap_err();
    assert!(error.to_string().contains("not the primary now"), "{error}");
}

#[test]
fn a_pool_gives_out_no_connection_whose_lease_has_ended() {
    let leasing = Leasing::new(b"+PONG\r\n");
    let pool = leasing.pool();
    let all: Vec<_> = (0..3).map(|_| pool.checkout().unwrap()).collect();
    drop(all);
    assert_eq!(pool.stats().idle, 3);
    leasing.replace();
    // Making the first new one closes all of the old ones.
    ping(&mut pool.checkout().unwrap()).unwrap();
    let stats = pool.stats();
    assert_eq!((stats.idle, stats.in_use), (1, 0));
}

#[test]
fn ended_connections_are_closed_at_once_and_those_in_use_when_they_come_back() {
    let leasing = Leasing::new(b"+PONG\r\n");
    let pool = leasing.pool();
    let mut all: Vec<_> = (0..3).map(|_| pool.checkout().unwrap()).collect();
    let in_use = all.pop().unwrap();
    drop(all);
    leasing.replace();
    pool.close_ended();
    let stats = pool.stats();
    assert_eq!((stats.idle, stats.in_use), (0, 1));
    drop(in_use);
    let stats = pool.stats();
    assert_eq!((stats.idle, stats.in_use), (0, 0));
    ping(&mut pool.checkout().unwrap()).unwrap();
}

#[test]
fn a_server_that_calls_itself_a_replica_ends_the_lease_of_all_its_connections() {
    let leasing = Leasing::new(b"-READONLY You can't write against a read only replica.\r\n");
    let pool = leasing.pool();
    let mut first = pool.checkout().unwrap();
    let other = pool.checkout().unwrap();
    drop((pool.checkout().unwrap(), other));
    assert_eq!(pool.stats().idle, 2);
    ping(&mut first).unwrap_err();
    drop(first);
    let stats = pool.stats();
    assert_eq!((stats.idle, stats.in_use), (0, 0));
}

#[test]
fn a_weak_handle_does_not_keep_a_pool() {
    let pool = Leasing::new(b"").pool();
    let weak = pool.downgrade();
    assert!(weak.upgrade().is_some());
    drop(pool);
    assert!(weak.upgrade().is_none());
}
