//! Scripts, seen from a socket.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use redis_testkit::{Hostile, Script, ScriptedServer};

const HELLO: &[u8] = b"*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n";
const PING: &[u8] = b"*1\r\n$4\r\nPING\r\n";

#[test]
fn a_handshake_is_answered_and_the_script_comes_after_it() {
    let script = Script::after_handshake().expect(2).send("+two\r\n").again();
    let server = ScriptedServer::start(script).unwrap();
    let mut client = connect(&server);
    client.write_all(HELLO).unwrap();
    let greeting = read_until(&mut client, "+OK\r\n");
    assert!(greeting.starts_with("%4\r\n"), "{greeting}");
    for _ in 0..2 {
        client.write_all(PING).unwrap();
        client.write_all(PING).unwrap();
        assert_eq!(read_until(&mut client, "\r\n"), "+two\r\n");
    }
    assert_eq!(server.requests().len(), 4);
    assert_eq!(server.connections(), 1);
}

#[test]
fn each_connection_can_have_a_script_of_its_own() {
    let script = |number: usize| Script::new().send(format!(":{number}\r\n")).close();
    let server = ScriptedServer::start_with(script).unwrap();
    for number in 0..3 {
        let mut answer = String::new();
        connect(&server).read_to_string(&mut answer).unwrap();
        assert_eq!(answer, format!(":{number}\r\n"));
    }
}

#[test]
fn slow_bytes_are_slow_and_a_reset_is_a_reset() {
    let script = Script::new()
        .send_slowly("abc", 1, Duration::from_millis(20))
        .reset();
    let server = ScriptedServer::start(script).unwrap();
    let mut client = connect(&server);
    let begun = Instant::now();
    assert_eq!(read_until(&mut client, "abc"), "abc");
    assert!(begun.elapsed() >= Duration::from_millis(60));
    let error = client.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn dropping_the_server_ends_every_script() {
    for hostile in Hostile::ALL {
        let server = ScriptedServer::start(hostile.script()).unwrap();
        let mut client = connect(&server);
        let _ = client.write_all(HELLO);
        let _ = client.write_all(PING);
        let begun = Instant::now();
        drop(server);
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(5), "{hostile:?}: {took:?}");
    }
}

fn connect(server: &ScriptedServer) -> TcpStream {
    let client = TcpStream::connect(server.tcp_addr()).unwrap();
    let limit = Some(Duration::from_secs(5));
    client.set_read_timeout(limit).unwrap();
    client
}

fn read_until(client: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        text.push(char::from(byte[0]));
    }
    text
}
