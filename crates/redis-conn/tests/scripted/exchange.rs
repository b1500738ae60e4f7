//! Exchanges: many requests against peers that read slowly, not at all, or not before they are read from.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::net::UnixStream,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use redis_conn::{Connection, Deadline, ErrorKind, Request, ServerErrorKind, Transport};
use resp_proto::{Data, Framer};

use crate::script::{Script, Step, config};

const REQUEST: &[u8] = b"*1\r\n$4\r\nPING\r\n";

/// Far more than anything on the way has room for.
const ECHOES: usize = 10_000;
const PAYLOAD: usize = 2_000;

/// What an echo's request and its reply consist of.
fn payload(number: usize) -> String {
    format!("{number:0PAYLOAD$}")
}

fn echoes() -> Vec<u8> {
    let mut requests = Vec::new();
    for number in 0..ECHOES {
        write!(
            requests,
            "*2\r\n$4\r\nECHO\r\n${PAYLOAD}\r\n{}\r\n",
            payload(number)
        )
        .unwrap();
    }
    requests
}

/// Greets, then answers each request before it reads the next one: it reads nothing while nobody reads
/// what it says.
fn answer_in_turn(mut peer: impl Read + Write) {
    let (mut greetings, mut unread, mut room) = (2, Vec::new(), vec![0; 16 << 10]);
    let mut framer = Framer::new();
    loop {
        let mut done = 0;
        while let Some(frame) = framer.advance(&unread[done..]).unwrap() {
            let words: Vec<&[u8]> = frame.reply().decode().unwrap();
            let reply = match greetings {
                0 => [
                    format!("${}\r\n", words[1].len()).as_bytes(),
                    words[1],
                    b"\r\n",
                ]
                .concat(),
                _ => b"+OK\r\n".to_vec(),
            };
            greetings -= greetings.min(1);
            done += frame.len();
            if peer.write_all(&reply).is_err() {
                return;
            }
        }
        unread.drain(..done);
        match peer.read(&mut room) {
            Ok(count @ 1..) => unread.extend_from_slice(&room[..count]),
            _ => return,
        }
    }
}

/// A transport that knows nothing but time-outs.
struct Plain(UnixStream);

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Transport for Plain {
    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.0.set_read_timeout(limit)
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.0.set_write_timeout(limit)
    }

    fn is_quiet(&mut self) -> bool {
        self.0.is_quiet()
    }
}

/// Each kind of transport, with a peer that does as it is told.
fn transports(peer: fn(Peer)) -> Vec<(&'static str, Box<dyn Transport>)> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    let (unix, their_unix) = UnixStream::pair().unwrap();
    let (plain, their_plain) = UnixStream::pair().unwrap();
    for stream in [
        Box::new(accepted) as Peer,
        Box::new(their_unix),
        Box::new(their_plain),
    ] {
        thread::spawn(move || peer(stream));
    }
    vec![
        ("TCP", Box::new(tcp)),
        ("a Unix socket", Box::new(unix)),
        ("a transport of one's own", Box::new(Plain(plain))),
    ]
}

trait ReadWrite: Read + Write + Send {}
impl<T: Read + Write + Send> ReadWrite for T {}
type Peer = Box<dyn ReadWrite>;

fn connect(transport: Box<dyn Transport>) -> Connection {
    Connection::over(
        transport,
        &config(),
        Deadline::within(Duration::from_secs(5)),
    )
    .unwrap()
}

#[test]
fn a_peer_that_reads_nothing_before_it_is_read_from_gets_all_requests() {
    let requests = echoes();
    for (name, transport) in transports(answer_in_turn) {
        let started = Instant::now();
        let mut connection = connect(transport);
        let deadline = Deadline::within(Duration::from_secs(20));
        let request = Request::new(&requests).with_replies(ECHOES);
        let mut exchange = connection.exchange(request, deadline);
        for number in 0..ECHOES {
            let reply = exchange.receive().unwrap();
            assert_eq!(reply.text(), Some(payload(number).as_bytes()), "{name}");
        }
        assert!(exchange.is_written());
        drop(exchange);
        assert!(connection.is_clean());
        println!("{name}: {:?}", started.elapsed());
        // The time-outs of the exchange are not those of the next call.
        let small = b"*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n";
        let reply: String = connection.call(Request::new(small), deadline).unwrap();
        assert_eq!(reply, "hi");
    }
}

#[test]
fn a_peer_that_takes_nothing_makes_the_exchange_miss_its_deadline() {
    let greet_and_wait = |mut peer: Peer| {
        peer.write_all(b"+OK\r\n+OK\r\n").unwrap();
        thread::sleep(Duration::from_secs(10));
    };
    let requests = echoes();
    for (name, transport) in transports(greet_and_wait) {
        let mut connection = connect(transport);
        let limit = Duration::from_millis(200);
        let started = Instant::now();
        let request = Request::new(&requests).with_replies(ECHOES);
        let mut exchange = connection.exchange(request, Deadline::within(limit));
        let error = exchange.receive().unwrap_err();
        assert!(error.is_timeout() && error.maybe_executed(), "{error}");
        let elapsed = started.elapsed();
        assert!(
            elapsed >= limit && elapsed < limit + Duration::from_secs(5),
            "{name}: {elapsed:?}"
        );
        assert!(!exchange.is_written());
        drop(exchange);
        assert!(!connection.is_clean());
    }
}

#[test]
fn replies_that_have_come_are_read_together_up_to_what_is_none_of_them() {
    let push = ">2\r\n+invalidate\r\n_\r\n";
    let wire = format!("+a\r\n:1\r\n$1\r\nb\r\n-ERR no\r\n{push}:2\r\n:3\r\n+surplus\r\n");
    let mut connection = Script::new([Step::Bytes(wire.into_bytes())]).connect();
    let request = Request::new(REQUEST).with_replies(6);
    let mut exchange = connection.exchange(request, Deadline::within(Duration::from_secs(5)));
    let texts = |exchange: &mut redis_conn::Exchange<'_>| {
        let texts = exchange
            .received()
            .map(|reply| reply.text().unwrap().to_vec());
        texts.collect::<Vec<_>>().concat()
    };
    assert_eq!(texts(&mut exchange), b"", "nothing has been sent");
    assert_eq!(exchange.receive().unwrap().text(), Some(b"a".as_slice()));
    assert_eq!(texts(&mut exchange), b"1b");
    assert!(matches!(
        exchange.receive().unwrap().data(),
        Data::Error(b"ERR no")
    ));
    assert_eq!(texts(&mut exchange), b"", "a push is in front");
    assert_eq!(exchange.receive().unwrap().text(), Some(b"2".as_slice()));
    assert_eq!(texts(&mut exchange), b"3", "no more than were asked for");
    assert_eq!(texts(&mut exchange), b"");
    drop(exchange);
    assert!(!connection.is_clean(), "nobody had asked for the last one");
}

#[test]
fn pieces_go_out_in_order_however_short_the_writes() {
    let encoded: Vec<u8> = (0..700_000_u32).map(|number| number as u8).collect();
    let (first, last) = (vec![b'x'; 300_000], b"end".as_slice());
    let borrowed = [(10, first.as_slice()), (encoded.len(), last)];
    let whole = [&encoded[..10], &first, &encoded[10..], last].concat();
    for write_size in [None, Some(100_003), Some(4_096)] {
        let mut script = Script::new([Step::Bytes(b"+OK\r\n".to_vec())]);
        script.write_size = write_size;
        let shared = Arc::clone(&script.shared);
        let mut connection = script.connect();
        let request = Request::new(&encoded).with_borrowed(&borrowed);
        let mut exchange = connection.exchange(request, Deadline::never());
        exchange.receive().unwrap();
        assert!(*shared.written.lock().unwrap() == whole, "{write_size:?}");
    }
}

#[test]
fn replies_that_came_before_the_connection_broke_are_delivered() {
    let requests = REQUEST.repeat(100_000);
    let replies = Step::Bytes(b"+1\r\n+2\r\n+3\r\n".to_vec());
    // In the end, they come when no more can be written, as a record of TLS that is read in parts.
    let in_parts = [vec![Step::Silence(2)], vec![Step::Part; 4]].concat();
    for (before, end) in [
        (vec![], Step::Stall),
        (vec![], Step::Reset),
        (in_parts, Step::Reset),
    ] {
        let mut script = Script::new([before, vec![replies.clone(), end]].concat());
        (script.can_rush, script.write_limit) = (true, Some(300_000));
        let mut connection = script.connect();
        let request = Request::new(&requests).with_replies(100_000);
        let mut exchange = connection.exchange(request, Deadline::never());
        for text in [b"1", b"2", b"3"] {
            assert_eq!(exchange.receive().unwrap().text(), Some(text.as_slice()));
        }
        let error = exchange.receive().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection);
        assert!(error.maybe_executed());
        assert!(exchange.receive().is_err());
        drop(exchange);
        assert!(!connection.is_clean());
    }
}

#[test]
fn a_last_reply_before_the_last_request_is_not_believed() {
    let requests = REQUEST.repeat(100_000);
    let replies = Step::Bytes(b"+1\r\n+2\r\n".to_vec());
    let mut script = Script::new([replies, Step::Stall]);
    script.can_rush = true;
    let mut connection = script.connect();
    let request = Request::new(&requests).with_replies(2);
    let mut exchange = connection.exchange(request, Deadline::never());
    exchange.receive().unwrap();
    let error = exchange.receive().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.maybe_executed());
    drop(exchange);
    assert!(!connection.is_clean());
}

/// A connection that takes 10,000 bytes at a time, so many in all, and on which that is met by reads.
fn taking(write_limit: Option<usize>, steps: impl IntoIterator<Item = Step>) -> Connection {
    let mut script = Script::new(steps);
    script.can_rush = true;
    (script.write_size, script.write_limit) = (Some(10_000), write_limit);
    script.connect()
}

#[test]
fn a_single_large_request_that_was_not_all_sent_was_not_executed_whatever_its_end_is_met_by() {
    let large = vec![b'x'; 300_000];
    for (write_limit, end) in [
        (None, None),
        (None, Some(Step::Reset)),
        (Some(100_000), Some(Step::Stall)),
        (Some(100_000), None),
    ] {
        let met = format!("{write_limit:?}, {end:?}");
        for (replies, is_owed_before) in [(1, false), (1, true), (2, false)] {
            let mut connection = taking(write_limit, end.clone());
            if is_owed_before {
                let small = Request::new(REQUEST);
                connection.send(small, Deadline::never()).unwrap();
            }
            let request = Request::new(&large).with_replies(replies);
            let mut exchange = connection.exchange(request, Deadline::never());
            for _ in 0..2 {
                let error = exchange.receive().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Connection, "{met}: {error}");
                let executed = replies > 1 || is_owed_before;
                assert_eq!(
                    error.maybe_executed(),
                    executed,
                    "{met}, {replies}: {error}"
                );
            }
            assert!(!exchange.is_written());
        }
    }
}

#[test]
fn a_server_that_refuses_a_request_before_it_has_all_of_it_is_quoted() {
    let large = vec![b'x'; 300_000];
    let line = "ERR Protocol error: invalid bulk length";
    for replies in [1, 2] {
        let before = "+1\r\n".repeat(replies - 1);
        let said = Step::Bytes(format!("{before}-{line}\r\n").into_bytes());
        let mut connection = taking(None, [said]);
        let request = Request::new(&large).with_replies(replies);
        let mut exchange = connection.exchange(request, Deadline::never());
        for _ in 1..replies {
            exchange.receive().unwrap();
        }
        let error = exchange.receive().unwrap_err();
        let kind = ErrorKind::Server(ServerErrorKind::Generic);
        assert_eq!((error.kind(), error.line()), (kind, Some(line)));
        assert_eq!(error.maybe_executed(), replies > 1);
        assert!(exchange.receive().is_err());
        drop(exchange);
        assert!(!connection.is_clean());
    }
}

#[test]
fn an_exchange_that_is_given_up_leaves_no_clean_connection() {
    let requests = REQUEST.repeat(100_000);
    for replies in [1, 2] {
        let mut script = Script::new([Step::Bytes(b"+1\r\n".to_vec()), Step::Stall]);
        script.can_rush = true;
        let mut connection = script.connect();
        let request = Request::new(&requests).with_replies(replies);
        let mut exchange = connection.exchange(request, Deadline::never());
        let _ = exchange.receive();
        drop(exchange);
        assert!(!connection.is_clean());
    }
}
