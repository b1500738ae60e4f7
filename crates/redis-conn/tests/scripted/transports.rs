//! Transports of which more is to be seen than bytes: how long a step may take.

use std::{
    fs,
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpListener},
    os::unix::net::UnixListener,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use redis_conn::{
    Address, Connection, ConnectionConfig, Connector, Deadline, Error, Pool, PoolConfig, Request,
    Transport,
};

use crate::script::{changed, config};

/// How long each transport takes over a write that waits.
const WAIT: Duration = Duration::from_millis(200);

/// Takes a part of a request at once, the rest after a while, and keeps all of it until it is flushed, as TLS does.
#[derive(Default)]
struct Keeping {
    /// How much it takes at once.
    room: usize,
    greeted: bool,
    limit: Mutex<Option<Duration>>,
    /// How long the last flush could have taken.
    of_flush: Arc<Mutex<Option<Duration>>>,
    /// How long the last read could have taken.
    of_read: Arc<Mutex<Option<Duration>>>,
}

impl Read for Keeping {
    fn read(&mut self, mut buffer: &mut [u8]) -> io::Result<usize> {
        let greets = !std::mem::replace(&mut self.greeted, true);
        buffer.write(if greets {
            b"+OK\r\n+OK\r\n"
        } else {
            b"+OK\r\n"
        })
    }
}

impl Write for Keeping {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.room {
            return Ok(self.room);
        }
        thread::sleep(WAIT);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        *self.of_flush.lock().unwrap() = *self.limit.lock().unwrap();
        Ok(())
    }
}

impl Transport for Keeping {
    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        *self.of_read.lock().unwrap() = limit;
        Ok(())
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        *self.limit.lock().unwrap() = limit;
        Ok(())
    }

    fn is_quiet(&mut self) -> bool {
        true
    }
}

#[test]
fn what_was_written_in_several_steps_is_flushed_within_what_is_left_of_the_time() {
    let limit = Duration::from_secs(10);
    let large = vec![b'x'; 100_000];
    let borrowed = [(4, large.as_slice())];
    for request in [
        Request::new(&large),
        Request::new(b"<<>>").with_borrowed(&borrowed),
    ] {
        let keeping = Keeping {
            room: 60_000,
            ..Keeping::default()
        };
        let of_flush = Arc::clone(&keeping.of_flush);
        let deadline = Deadline::within(limit);
        let mut connection = Connection::over(Box::new(keeping), &config(), deadline).unwrap();
        let deadline = Deadline::within(limit);
        connection.call::<()>(request, deadline).unwrap();
        let of_flush = of_flush.lock().unwrap().unwrap();
        assert!(of_flush <= limit - WAIT, "{of_flush:?}");
    }
}

/// Connects by a transport that takes little at once.
struct Slowly {
    of_read: Arc<Mutex<Option<Duration>>>,
}

impl Connector for Slowly {
    fn connect(&self) -> Result<Connection, Error> {
        let keeping = Keeping {
            room: 4,
            of_read: Arc::clone(&self.of_read),
            ..Keeping::default()
        };
        let deadline = Deadline::within(Duration::from_secs(10));
        Connection::over(Box::new(keeping), &config(), deadline)
    }
}

#[test]
fn a_small_call_that_is_written_in_several_steps_is_waited_for_within_what_is_left_of_the_time() {
    let of_read = Arc::default();
    let connector = Slowly {
        of_read: Arc::clone(&of_read),
    };
    let limit = Duration::from_secs(10);
    let pool = Pool::new(connector, PoolConfig::new(1, limit));
    drop(pool.checkout().unwrap());
    let mut connection = pool.checkout().unwrap();
    let deadline = connection.deadline(limit);
    let request = Request::new(b"<<small>>");
    connection.call::<()>(request, deadline).unwrap();
    let of_read = of_read.lock().unwrap().unwrap();
    assert!(of_read <= limit - WAIT, "{of_read:?}");
}

/// Real sockets of both kinds, each with a peer that does as it is told.
fn of_both_kinds(peer: fn(Box<dyn ReadWrite>)) -> [Address; 2] {
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = tcp.local_addr().unwrap().port();
    let name = format!("redis-conn-{port}-{}", std::process::id());
    let path: PathBuf = std::env::temp_dir().join(name);
    let unix = UnixListener::bind(&path).unwrap();
    thread::spawn(move || peer(Box::new(tcp.accept().unwrap().0)));
    let at = path.clone();
    thread::spawn(move || {
        let (socket, _) = unix.accept().unwrap();
        fs::remove_file(at).unwrap();
        peer(Box::new(socket));
    });
    let host = "127.0.0.1".into();
    [Address::Tcp { host, port }, Address::Unix(path)]
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

fn config_for(address: &Address) -> ConnectionConfig {
    changed(config(), |config| config.address = address.clone())
}

#[test]
fn a_peer_that_takes_a_little_now_and_then_is_not_given_more_time() {
    let limit = Duration::from_millis(300);
    let addresses = of_both_kinds(|mut peer| {
        peer.write_all(b"+OK\r\n+OK\r\n").unwrap();
        let mut room = vec![0; 20_000];
        while matches!(peer.read(&mut room), Ok(1..)) {
            thread::sleep(Duration::from_millis(50));
        }
    });
    // As much as is taken within half a minute at the most.
    let large = vec![b'x'; 12_000_000];
    let borrowed = [(2, large.as_slice())];
    for address in addresses {
        let request = Request::new(b"<<>>").with_borrowed(&borrowed);
        let mut connection = Connection::open(&config_for(&address)).unwrap();
        let deadline = Deadline::within(limit);
        let error = connection.call::<()>(request, deadline).unwrap_err();
        let elapsed = deadline.started().elapsed();
        assert!(error.is_timeout() && !error.maybe_executed(), "{error}");
        assert!(elapsed < Duration::from_secs(8), "{address}: {elapsed:?}");
    }
}

#[test]
fn what_is_written_in_parts_arrives_as_it_was() {
    let addresses = of_both_kinds(|mut peer| {
        let mut received = Vec::new();
        let mut room = vec![0; 1 << 20];
        peer.write_all(b"+OK\r\n+OK\r\n").unwrap();
        while !received.ends_with(b"the end") {
            let count = peer.read(&mut room).unwrap();
            received.extend_from_slice(&room[..count]);
        }
        let start = received.windows(3).position(|bytes| bytes == b"<<0");
        let sum = received[start.unwrap()..]
            .iter()
            .fold(0_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(*byte));
        write!(peer, "+{sum}\r\n").unwrap();
    });
    let large: Vec<u8> = (0..3_000_000_u32)
        .map(|at| b'0' + (at % 71) as u8)
        .collect();
    let borrowed = [(2, large.as_slice()), (4, b"between"), (5, &large[1..])];
    let whole = [
        b"<<",
        &*large,
        b">>",
        b"between",
        b"+",
        &large[1..],
        b"the end",
    ]
    .concat();
    let sum = whole
        .iter()
        .fold(0_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(*byte));
    for address in addresses {
        let mut connection = Connection::open(&config_for(&address)).unwrap();
        let request = Request::new(b"<<>>+the end").with_borrowed(&borrowed);
        let deadline = Deadline::within(Duration::from_secs(20));
        let reply: String = connection.call(request, deadline).unwrap();
        assert_eq!(reply, sum.to_string(), "{address}");
    }
}

#[test]
fn the_longest_of_all_times_are_times_like_others() {
    let addresses = of_both_kinds(|mut peer| {
        let mut room = vec![0; 4096];
        peer.write_all(b"+OK\r\n+OK\r\n").unwrap();
        let mut received = Vec::new();
        while let Ok(count @ 1..) = peer.read(&mut room) {
            received.extend_from_slice(&room[..count]);
            while let Some(at) = received.windows(6).position(|word| word == b"PING\r\n") {
                received.drain(..at + 6);
                peer.write_all(b"+PONG\r\n").unwrap();
            }
        }
    });
    for address in addresses {
        let connector = changed(config_for(&address), |config| {
            config.connect_timeout = Duration::MAX;
            config.response_timeout = Duration::MAX;
            config.tcp.keepalive = Some(Duration::MAX);
            config.tcp.user_timeout = Some(Duration::MAX);
        });
        let pool = changed(PoolConfig::new(1, Duration::MAX), |config| {
            config.idle_timeout = Some(Duration::MAX);
            config.max_lifetime = Some(Duration::MAX);
            config.ping_after = Some(Duration::MAX);
            config.sharing = true;
        });
        let pool = Pool::new(connector, pool);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    pool.checkout().unwrap().ping().unwrap();
                    let ping = Request::new(b"*1\r\n$4\r\nPING\r\n");
                    let mut connection = pool.checkout().unwrap();
                    connection
                        .call::<()>(ping, Deadline::within(Duration::MAX))
                        .unwrap();
                    drop(connection);
                    pool.call(ping, Duration::MAX, &mut |_| Ok(())).unwrap();
                });
            }
        });
        assert_eq!((pool.stats().idle, pool.stats().in_use), (1, 0));
    }
}
