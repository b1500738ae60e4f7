//! Each fault of the proxy, seen from a socket in front of it and a listener behind it.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use redis_testkit::{Direction, Failure, FaultProxy, Faults, Server};

use Direction::{ToClient, ToServer};

#[test]
fn bytes_and_connections_pass_and_are_counted() {
    let (mut client, mut server, proxy) = joined();
    client.write_all(b"hello").unwrap();
    assert_eq!(read(&mut server, 5), b"hello");
    server.write_all(b"and back").unwrap();
    assert_eq!(read(&mut client, 8), b"and back");
    assert_eq!((proxy.bytes(ToServer), proxy.bytes(ToClient)), (5, 8));
    assert_eq!(proxy.connections(), 1);
    let link = proxy.newest_link().unwrap();
    assert_eq!((link.bytes(ToServer), link.bytes(ToClient)), (5, 8));
}

#[test]
fn an_end_of_stream_passes_and_the_other_way_stays_open() {
    let (mut client, mut server, proxy) = joined();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(server.read(&mut [0]).unwrap(), 0);
    server.write_all(b"late").unwrap();
    assert_eq!(read(&mut client, 4), b"late");
    drop(server);
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    eventually(|| proxy.links().is_empty());
}

#[test]
fn a_cut_lets_through_exactly_what_it_is_told_to() {
    for after in 0..=5 {
        let (mut client, mut server, proxy) = joined();
        proxy.set(ToServer, Faults::none().after(after, Failure::Cut));
        let _ = client.write_all(b"hello");
        let mut arrived = Vec::new();
        server.read_to_end(&mut arrived).unwrap();
        assert_eq!(arrived, &b"hello"[..usize::try_from(after).unwrap()]);
        assert_eq!(client.read(&mut [0]).unwrap_or(0), 0);
        assert!(proxy.links().is_empty());
    }
}

#[test]
fn counting_begins_where_the_faults_are_set() {
    let (mut client, mut server, proxy) = joined();
    client.write_all(b"a handshake").unwrap();
    read(&mut server, 11);
    proxy.set(ToServer, Faults::none().after(2, Failure::Cut));
    client.write_all(b"hello").unwrap();
    let mut arrived = Vec::new();
    server.read_to_end(&mut arrived).unwrap();
    assert_eq!(arrived, b"he");
}

#[test]
fn a_reset_is_a_reset_on_both_sides() {
    let (mut client, mut server, proxy) = joined();
    proxy.set(ToClient, Faults::none().after(3, Failure::Reset));
    server.write_all(b"hello").unwrap();
    assert_eq!(read(&mut client, 3), b"hel");
    for side in [&mut client, &mut server] {
        let error = side.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }

    // Also when it comes out of the blue, and when the peer reads nothing.
    let (mut client, _server, proxy) = joined();
    client.set_nonblocking(true).unwrap();
    while client.write(&[0; 65536]).is_ok() {}
    client.set_nonblocking(false).unwrap();
    proxy.reset();
    let error = client.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn a_stall_holds_everything_back_and_then_delivers_it() {
    let (mut client, mut server, proxy) = joined();
    proxy.set(ToServer, Faults::none().after(2, Failure::Stall));
    client.write_all(b"hello").unwrap();
    assert_eq!(read(&mut server, 2), b"he");
    assert!(is_silent(&mut server));
    // The other way is open.
    server.write_all(b"x").unwrap();
    read(&mut client, 1);
    proxy.newest_link().unwrap().heal();
    assert_eq!(read(&mut server, 3), b"llo");

    // An end of stream is held back too.
    proxy.set(ToServer, Faults::stall());
    drop(client);
    assert!(is_silent(&mut server));
    proxy.newest_link().unwrap().heal();
    assert_eq!(server.read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_half_closed_direction_ends_and_the_other_goes_on() {
    let (mut client, mut server, proxy) = joined();
    proxy.set(ToServer, Faults::none().after(2, Failure::HalfClose));
    client.write_all(b"hello").unwrap();
    let mut arrived = Vec::new();
    server.read_to_end(&mut arrived).unwrap();
    assert_eq!(arrived, b"he");
    server.write_all(b"still here").unwrap();
    assert_eq!(read(&mut client, 10), b"still here");
    client.write_all(b"into the void").unwrap();
    proxy.newest_link().unwrap().half_close(ToClient);
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
}

#[test]
fn delays_add_up_per_piece() {
    let (mut client, mut server, proxy) = joined();
    let faults = Faults::none()
        .segments_of(1)
        .delay(Duration::from_millis(10));
    proxy.set(ToServer, faults);
    let begun = Instant::now();
    client.write_all(&[b'x'; 50]).unwrap();
    let mut pieces = 0;
    let mut left = 50;
    while left > 0 {
        left -= server.read(&mut [0; 64]).unwrap();
        pieces += 1;
    }
    // A busy machine does not look away for as long as that.
    assert!(begun.elapsed() >= Duration::from_millis(500));
    assert!(pieces > 1, "all in one piece");
}

#[test]
fn a_throttle_keeps_its_rate() {
    let (mut client, mut server, proxy) = joined();
    proxy.set(ToServer, Faults::none().bytes_per_second(10_000));
    let begun = Instant::now();
    client.write_all(&[b'x'; 3000]).unwrap();
    read(&mut server, 3000);
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(290), "{took:?}");
    assert!(took < Duration::from_secs(6), "{took:?}");
}

#[test]
fn connections_can_be_refused_ignored_and_served_again() {
    let server = Server::start().unwrap();
    let proxy = FaultProxy::start(server.tcp_addr()).unwrap();
    let connect = || TcpStream::connect(proxy.tcp_addr().unwrap());
    let ping = |client: &mut TcpStream| client.write_all(b"PING\r\n").unwrap();
    let mut client = connect().unwrap();
    ping(&mut client);
    assert_eq!(read(&mut client, 7), b"+PONG\r\n");

    proxy.refuse();
    let error = connect().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    ping(&mut client);
    assert_eq!(read(&mut client, 7), b"+PONG\r\n");

    proxy.accept_silently().unwrap();
    let mut ignored = connect().unwrap();
    ping(&mut ignored);
    assert!(is_silent(&mut ignored));

    proxy.accept().unwrap();
    assert_eq!(ignored.read(&mut [0]).unwrap_or(0), 0);
    let mut served = connect().unwrap();
    ping(&mut served);
    assert_eq!(read(&mut served, 7), b"+PONG\r\n");
    assert_eq!((proxy.connections(), proxy.links().len()), (3, 2));
}

#[test]
fn faults_can_be_set_for_connections_to_come_and_taken_back() {
    let server = Server::start().unwrap();
    let proxy = FaultProxy::start(server.tcp_addr()).unwrap();
    proxy.set_for_new(ToClient, Faults::none().after(1, Failure::Cut));
    let mut client = TcpStream::connect(proxy.tcp_addr().unwrap()).unwrap();
    client.write_all(b"PING\r\n").unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, b"+");
    proxy.heal().unwrap();
    let mut client = TcpStream::connect(proxy.tcp_addr().unwrap()).unwrap();
    client.write_all(b"PING\r\n").unwrap();
    assert_eq!(read(&mut client, 7), b"+PONG\r\n");
}

#[test]
fn unix_sockets_work_on_either_side() {
    let server = Server::start().unwrap();
    let proxy = FaultProxy::start_unix(server.socket_path()).unwrap();
    assert_eq!(
        proxy.url(),
        format!("unix://{}", proxy.socket_path().unwrap().display())
    );
    let mut client = UnixStream::connect(proxy.socket_path().unwrap()).unwrap();
    client.write_all(b"PING\r\n").unwrap();
    assert_eq!(read(&mut client, 7), b"+PONG\r\n");
    proxy.refuse();
    UnixStream::connect(proxy.socket_path().unwrap()).unwrap_err();
    proxy.accept().unwrap();
    UnixStream::connect(proxy.socket_path().unwrap()).unwrap();
    proxy.reset();
    assert_eq!(client.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn dropping_the_proxy_closes_what_it_holds_whatever_state_that_is_in() {
    let (mut client, mut server, proxy) = joined();
    proxy.set(ToServer, Faults::stall());
    proxy.set(ToClient, Faults::none().delay(Duration::from_secs(60)));
    client.write_all(b"hello").unwrap();
    server.write_all(b"hello").unwrap();
    let address = proxy.tcp_addr().unwrap();
    let begun = Instant::now();
    drop(proxy);
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(client.read(&mut [0]).unwrap_or(0), 0);
    assert_eq!(server.read(&mut [0]).unwrap_or(0), 0);
    TcpStream::connect(address).unwrap_err();
}

#[test]
fn a_client_of_a_server_that_is_not_there_is_closed() {
    let server = Server::start().unwrap();
    server.kill().unwrap();
    let proxy = FaultProxy::start(server.tcp_addr()).unwrap();
    let mut client = TcpStream::connect(proxy.tcp_addr().unwrap()).unwrap();
    assert_eq!(client.read(&mut [0]).unwrap_or(0), 0);
}

/// A client and a server, with the proxy between them.
fn joined() -> (TcpStream, TcpStream, FaultProxy) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = FaultProxy::start(listener.local_addr().unwrap()).unwrap();
    let client = TcpStream::connect(proxy.tcp_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    for side in [&client, &server] {
        side.set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
    }
    eventually(|| proxy.newest_link().is_some());
    (client, server, proxy)
}

fn read(side: &mut impl Read, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    side.read_exact(&mut bytes).unwrap();
    bytes
}

fn is_silent(side: &mut TcpStream) -> bool {
    let limit = side.read_timeout().unwrap();
    side.set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    let outcome = side.read(&mut [0]);
    side.set_read_timeout(limit).unwrap();
    outcome.is_err_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        )
    })
}

fn eventually(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !is_so() {
        assert!(Instant::now() < deadline, "it does not come true");
        thread::sleep(Duration::from_millis(1));
    }
}
