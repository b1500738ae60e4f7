//! A replica of a throwaway server.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use redis_testkit::{ErrorKind, Server};

const LIMIT: Duration = Duration::from_secs(10);

#[test]
fn a_replica_has_what_its_primary_has() {
    let primary = Server::start().unwrap();
    assert_eq!(exchange(&primary, "SET a before\r\n"), "+OK\r\n");
    let replica = Server::builder().replica_of(&primary).start().unwrap();
    replica.wait_until_in_sync(&primary, LIMIT).unwrap();
    assert_eq!(exchange(&replica, "GET a\r\n"), "$6\r\nbefore\r\n");
    for round in 10..60 {
        exchange(&primary, &format!("SET a {round}\r\n"));
        replica.wait_until_in_sync(&primary, LIMIT).unwrap();
        let answer = exchange(&replica, "GET a\r\n");
        assert_eq!(answer, format!("$2\r\n{round}\r\n"));
    }
    assert!(exchange(&replica, "SET a 1\r\n").starts_with("-READONLY"));
}

#[test]
fn a_replica_knows_the_password_of_its_primary() {
    let primary = Server::builder().password("s3cret \"word").start().unwrap();
    let builder = Server::builder().replica_of(&primary);
    assert!(!format!("{builder:?}").contains("s3cret"));
    let replica = builder.start().unwrap();
    replica.wait_until_in_sync(&primary, LIMIT).unwrap();
}

#[test]
fn a_replica_without_its_primary_is_not_in_sync() {
    let primary = Server::start().unwrap();
    let replica = Server::builder().replica_of(&primary).start().unwrap();
    replica.wait_until_in_sync(&primary, LIMIT).unwrap();
    primary.kill().unwrap();
    let error = replica
        .wait_until_in_sync(&primary, Duration::from_millis(300))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

fn exchange(server: &Server, request: &str) -> String {
    let mut socket = UnixStream::connect(server.socket_path()).unwrap();
    socket
        .write_all(format!("{request}QUIT\r\n").as_bytes())
        .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer.strip_suffix("+OK\r\n").unwrap_or(&answer).to_owned()
}
