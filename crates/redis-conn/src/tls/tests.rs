//! Peers whose handshake drips, breaks off or is refused, and those that go on with TLS where a socket cannot: what was
//! read counts, and each step is one write.

use std::{
    net::{Ipv4Addr, Shutdown, TcpListener},
    path::Path,
    thread::{self, JoinHandle},
    time::Instant,
};

use redis_testkit::{Certificate, CertificateAuthority};
use rustls::{ServerConfig, ServerConnection};
use rustls_native_certs::load_certs_from_paths;
use socket2::SockRef;

use super::*;

const LIMIT: Duration = Duration::from_secs(20);

/// The other end of a stream.
struct Peer {
    session: ServerConnection,
    socket: TcpStream,
}

impl Peer {
    fn send(&mut self) {
        while self.session.wants_write() {
            self.session.write_tls(&mut self.socket).unwrap();
        }
    }
}

/// A stream past its handshake, whose sockets hold only so many bytes if that is said.
fn connect(room: Option<usize>) -> (TlsStream, Peer) {
    connect_to(room, |_| {})
}

/// The same with a peer that is configured otherwise.
fn connect_to(room: Option<usize>, configure: fn(&mut ServerConfig)) -> (TlsStream, Peer) {
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority.issue_for_server(&["localhost"]).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    if let Some(room) = room {
        SockRef::from(&listener).set_recv_buffer_size(room).unwrap();
    }
    let peer: JoinHandle<Peer> = thread::spawn(move || {
        let mut config = server_config(&certificate);
        configure(&mut config);
        let mut session = ServerConnection::new(Arc::new(config)).unwrap();
        let (mut socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        while session.is_handshaking() {
            session.complete_io(&mut socket).unwrap();
        }
        let mut peer = Peer { session, socket };
        peer.send();
        peer
    });
    let config = client_config(&trusting(&authority)).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let socket = TcpStream::connect(address).unwrap();
    if let Some(room) = room {
        SockRef::from(&socket).set_send_buffer_size(room).unwrap();
    }
    let session = ClientConnection::new(config, name).unwrap();
    let mut stream = TlsStream { session, socket };
    stream.shake_hands(Deadline::within(LIMIT)).unwrap();
    // The last word of the handshake, which else goes out with the first request.
    stream.flush().unwrap();
    (stream, peer.join().unwrap())
}

fn server_config(certificate: &Certificate) -> ServerConfig {
    let chain = CertificateDer::pem_slice_iter(certificate.pem().as_bytes());
    let key = PrivateKeyDer::from_pem_slice(certificate.key_pem().as_bytes());
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.collect::<Result<_, _>>().unwrap(), key.unwrap())
        .unwrap()
}

fn trusting(authority: &CertificateAuthority) -> Tls {
    Tls::new().roots(authority.pem().as_bytes().to_vec())
}

/// Shakes hands with a peer that does as it is told.
fn meet(
    encryption: &Encryption,
    deadline: Deadline,
    peer: impl FnOnce(TcpStream) + Send,
) -> Result<(), Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    accepted.set_read_timeout(Some(LIMIT)).unwrap();
    accepted.set_nodelay(true).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| peer(accepted));
        encryption.over(socket, "localhost", deadline).map(drop)
    })
}

/// Says byte by byte what a server says while it shakes hands, so many bytes at most, each after a pause; whether that
/// is done.
fn drip(
    config: &Arc<ServerConfig>,
    mut socket: TcpStream,
    mut most: usize,
    pause: Duration,
) -> io::Result<()> {
    let mut session = ServerConnection::new(Arc::clone(config)).unwrap();
    while session.is_handshaking() {
        let mut says = Vec::new();
        while session.wants_write() {
            session.write_tls(&mut says)?;
        }
        for byte in says {
            most = most.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
            thread::sleep(pause);
            socket.write_all(&[byte])?;
        }
        if session.read_tls(&mut socket)? == 0 || session.process_new_packets().is_err() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
    }
    Ok(())
}

#[test]
fn a_handshake_may_come_byte_by_byte_and_break_off_anywhere() {
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority.issue_for_server(&["localhost"]).unwrap();
    let config = Arc::new(server_config(&certificate));
    let encryption = Encryption::new(trusting(&authority));
    let mut most = 0;
    loop {
        let deadline = Deadline::within(LIMIT);
        let met = meet(&encryption, deadline, |socket| {
            let _ = drip(&config, socket, most, Duration::ZERO);
        });
        let Err(error) = met else { break };
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
        assert!(error.is_retryable(), "{error}");
        most += 23;
    }
    assert!(most > 500, "{most}");
}

#[test]
fn a_handshake_that_drips_is_not_given_more_time() {
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority.issue_for_server(&["localhost"]).unwrap();
    let config = Arc::new(server_config(&certificate));
    let encryption = Encryption::new(trusting(&authority));
    let deadline = Deadline::within(Duration::from_millis(200));
    let error = meet(&encryption, deadline, |socket| {
        let _ = drip(&config, socket, usize::MAX, Duration::from_millis(20));
    });
    let error = error.unwrap_err();
    assert_eq!(
        error.to_string(),
        "shaking hands for TLS: timed out after 200ms"
    );
    let elapsed = deadline.started().elapsed();
    assert!(elapsed < Duration::from_secs(8), "{elapsed:?}");
}

#[test]
fn what_one_side_has_against_the_other_it_will_have_the_next_time() {
    let (authority, other) = (
        CertificateAuthority::new().unwrap(),
        CertificateAuthority::new().unwrap(),
    );
    let expired = authority.issue_expired(&["localhost"]).unwrap();
    let of_other = other.issue_for_server(&["localhost"]).unwrap();
    let elsewhere = authority.issue_for_server(&["example.org"]).unwrap();
    let encryption = Encryption::new(trusting(&authority));
    for (certificate, said) in [
        (&expired, "has expired, or the clock here is fast"),
        (&of_other, "`ssl_ca_certs` names who should"),
        (&elsewhere, "`ssl_server_name` says which one to expect"),
    ] {
        let config = Arc::new(server_config(certificate));
        let error = meet(&encryption, Deadline::within(LIMIT), |socket| {
            let _ = drip(&config, socket, usize::MAX, Duration::ZERO);
        });
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection);
        assert!(error.to_string().contains(said), "{error}");
        assert!(!error.is_retryable(), "{error}");
    }
    for (words, said) in [
        (b"-ERR unknown command\r\n".as_slice(), "does not speak TLS"),
        // An alert: the handshake has failed.
        (&[21, 3, 3, 0, 2, 2, 40], "could not agree on TLS"),
    ] {
        let error = meet(&encryption, Deadline::within(LIMIT), |mut socket| {
            socket.write_all(words).unwrap();
            let _ = socket.read(&mut [0; 1024]);
        });
        let error = error.unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        assert!(!error.is_retryable(), "{error}");
    }
}

fn read(stream: &mut TlsStream) -> io::Result<Vec<u8>> {
    let mut room = [0; 64];
    loop {
        match stream.read(&mut room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result.map(|count| room[..count].to_vec()),
        }
    }
}

#[test]
fn what_was_read_is_not_lost_though_what_was_written_cannot_be_sent() {
    // A connection that takes no more, and one that has no room just now.
    for is_broken in [true, false] {
        let (mut stream, mut peer) = connect((!is_broken).then_some(4 << 10));
        stream.socket.set_read_timeout(Some(LIMIT)).unwrap();
        if is_broken {
            stream.socket.shutdown(Shutdown::Write).unwrap();
        } else {
            let limit = Some(Duration::from_millis(50));
            stream.socket.set_write_timeout(limit).unwrap();
            while stream.socket.write(&[0; 4 << 10]).is_ok() {}
        }
        // Kept, to be sent by the next write, flush or read.
        assert_eq!(stream.write(b"PING\r\n").unwrap(), 6);
        peer.session.writer().write_all(b"+OK\r\n").unwrap();
        peer.send();
        assert_eq!(read(&mut stream).unwrap(), b"+OK\r\n", "{is_broken}");
        if is_broken {
            let error = stream.flush().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{error}");
        }
    }
}

#[test]
fn each_step_of_writing_is_one_write() {
    let (mut stream, peer) = connect(Some(4 << 10));
    let limit = Some(Duration::from_millis(50));
    stream.socket.set_write_timeout(limit).unwrap();
    // Takes a little now and then, so that no write waits in vain.
    let mut socket = peer.socket;
    let dripping = thread::spawn(move || {
        let mut drop = [0; 1 << 10];
        while matches!(socket.read(&mut drop), Ok(1..)) {
            thread::sleep(Duration::from_millis(2));
        }
    });
    let kept = stream.write(&vec![0; 60_000]).unwrap();
    assert!(kept > 50_000, "{kept}");
    let mut steps = 0;
    while let Err(error) = stream.flush() {
        assert!(
            matches!(
                error.kind(),
                io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
            ),
            "{error}"
        );
        steps += 1;
    }
    assert!(steps > 0, "all of it went out in one step");
    drop(stream);
    dripping.join().unwrap();
}

#[test]
fn a_peer_that_goes_on_talking_is_not_listened_to_until_it_has_finished() {
    let (mut stream, _peer) = connect(None);
    wait_for(&stream, 100);
    assert!(stream.is_quiet(), "a few tickets mean nothing");
    let (mut stream, _peer) = connect_to(None, |config| {
        config.send_tls13_tickets = 600;
        // Each has 81 bytes and goes into a record of its own.
        config.max_fragment_size = Some(86);
    });
    wait_for(&stream, 45_000);
    assert!(!stream.is_quiet());
}

/// Waits until so many bytes have arrived that nobody has read.
fn wait_for(stream: &TlsStream, least: usize) {
    let (begun, mut room) = (Instant::now(), vec![0; least]);
    while stream.socket.peek(&mut room).unwrap() < least {
        assert!(begun.elapsed() < LIMIT, "less than {least} bytes arrive");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn why_the_system_has_no_certificates_is_said() {
    let found = load_certs_from_paths(Some(Path::new("/nowhere/roots.pem")), None);
    let error = roots_of_system(found).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let said = error.to_string();
    assert!(
        said.contains("found none; install") && said.contains("/nowhere/roots.pem"),
        "{said}"
    );
}

#[test]
fn what_is_said_in_records_of_a_byte_each_arrives_and_new_keys_are_agreed_on_meanwhile() {
    let (mut stream, mut peer) = connect(None);
    stream.socket.set_read_timeout(Some(LIMIT)).unwrap();
    for round in 0..3 {
        for byte in b"+OK\r\n" {
            peer.session.writer().write_all(&[*byte]).unwrap();
            let mut record = Vec::new();
            peer.session.write_tls(&mut record).unwrap();
            let (first, last) = record.split_at(record.len() / 2);
            for part in [first, last] {
                peer.socket.write_all(part).unwrap();
            }
            assert_eq!(read(&mut stream).unwrap(), [*byte], "{round}");
        }
        peer.session.refresh_traffic_keys().unwrap();
        peer.send();
        wait_for(&stream, 1);
        assert!(stream.is_quiet(), "a new key is nothing that was said");
        stream.write_all(b"PING\r\n").unwrap();
        stream.flush().unwrap();
        let mut heard = [0; 6];
        rustls::Stream::new(&mut peer.session, &mut peer.socket)
            .read_exact(&mut heard)
            .unwrap();
        assert_eq!(&heard, b"PING\r\n");
    }
}

#[test]
fn the_end_is_the_end_with_a_farewell_or_without_and_in_the_midst_of_a_record() {
    for (says_farewell, half) in [(true, false), (false, false), (false, true)] {
        let (mut stream, mut peer) = connect(None);
        stream.socket.set_read_timeout(Some(LIMIT)).unwrap();
        peer.session.writer().write_all(b"+OK\r\n").unwrap();
        peer.send();
        if says_farewell {
            peer.session.send_close_notify();
        } else if half {
            peer.session.writer().write_all(b"+OK\r\n").unwrap();
            let mut record = Vec::new();
            peer.session.write_tls(&mut record).unwrap();
            peer.socket.write_all(&record[..record.len() - 1]).unwrap();
        }
        peer.send();
        peer.socket.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read(&mut stream).unwrap(), b"+OK\r\n");
        assert_eq!(read(&mut stream).unwrap(), b"");
        assert!(!stream.is_quiet());
    }
}
