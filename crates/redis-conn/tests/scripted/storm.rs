//! A pool in a storm: many threads call, wait, give up, panic and close connections, all at the same time, on
//! connections that break anywhere. Whoever gets a reply gets its own, and who is told that nothing was executed is
//! told the truth.

use std::{
    collections::HashSet,
    io::{self, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use redis_conn::{
    Connection, Connector, Deadline, Error, ErrorKind, Lease, Pool, PoolConfig, Request, Transport,
    chance,
};
use resp_proto::Framer;

use crate::script::{changed, config};

const THREADS: usize = 24;
const CONNECTIONS: usize = 3;
const TIME: Duration = Duration::from_secs(2);

/// What all connections lead to: it executes each request as soon as it has all of it.
#[derive(Default)]
struct Server {
    is_calm: AtomicBool,
    executed: Mutex<HashSet<u64>>,
    /// What was executed once more.
    again: Mutex<Vec<u64>>,
    lease: Mutex<Lease>,
}

impl Server {
    /// Whether something happens that happens so often.
    fn happens(&self, often: f64) -> bool {
        !self.is_calm.load(Ordering::Relaxed) && chance() < often
    }

    fn execute(&self, number: u64) {
        if !self.executed.lock().unwrap().insert(number) {
            self.again.lock().unwrap().push(number);
        }
    }
}

#[derive(Clone, Default)]
struct Harbour(Arc<Server>);

impl Connector for Harbour {
    fn connect(&self) -> Result<Connection, Error> {
        if self.0.happens(0.01) {
            panic();
        }
        if self.0.happens(0.1) {
            return Err(Error::new(ErrorKind::Connection, "refused on purpose"));
        }
        let boat = Boat {
            server: Arc::clone(&self.0),
            received: Vec::new(),
            says: Vec::new(),
            is_silent: false,
        };
        let deadline = Deadline::within(Duration::from_millis(50));
        let mut connection = Connection::over(Box::new(boat), &config(), deadline)?;
        connection.hold(self.0.lease.lock().unwrap().clone());
        Ok(connection)
    }
}

/// A transport that breaks, falls silent, talks nonsense, panics, and does things by halves.
struct Boat {
    server: Arc<Server>,
    received: Vec<u8>,
    says: Vec<u8>,
    is_silent: bool,
}

impl Boat {
    fn answer(&mut self) {
        let mut framer = Framer::new();
        while let Some(frame) = framer.advance(&self.received).unwrap() {
            let length = frame.len();
            let words: Vec<String> = frame.reply().decode().unwrap();
            match words[0].parse::<u64>() {
                Ok(number) => {
                    self.server.execute(number);
                    write!(self.says, ":{number}\r\n").unwrap();
                }
                Err(_) => self.says.extend_from_slice(b"+OK\r\n"),
            }
            self.received.drain(..length);
        }
    }

    /// How much of so many bytes is moved.
    fn part(&self, length: usize) -> usize {
        match self.server.happens(0.1) {
            true => 1 + (length as f64 * chance()) as usize,
            false => length,
        }
        .min(length)
    }
}

impl Read for Boat {
    fn read(&mut self, mut room: &mut [u8]) -> io::Result<usize> {
        if self.server.happens(0.005) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        if self.server.happens(0.002) {
            panic();
        }
        if self.server.happens(0.002) {
            return room.write(b"?\r\n");
        }
        self.is_silent |= self.server.happens(0.002);
        if self.is_silent || self.says.is_empty() {
            thread::sleep(Duration::from_millis(1));
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = self.part(self.says.len().min(room.len()));
        room[..count].copy_from_slice(&self.says[..count]);
        self.says.drain(..count);
        Ok(count)
    }
}

impl Write for Boat {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.server.happens(0.005) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let count = self.part(bytes.len());
        self.received.extend_from_slice(&bytes[..count]);
        self.answer();
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Boat {
    fn set_read_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn set_write_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn is_quiet(&mut self) -> bool {
        self.says.is_empty()
    }
}

/// Panics without a word.
fn panic() -> ! {
    resume_unwind(Box::new("on purpose"))
}

/// What a thread has been told.
#[derive(Default)]
struct Told {
    replies: u64,
    /// What was not executed, as errors have it.
    not_executed: Vec<u64>,
    maybe_executed: u64,
    panics: u64,
}

/// One thread in the storm, for some time.
fn sail(pool: &Pool, server: &Server, numbers: &AtomicU64) -> Told {
    let mut told = Told::default();
    let begun = Instant::now();
    while begun.elapsed() < TIME {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let result = catch_unwind(AssertUnwindSafe(|| act(pool, number)));
        match result {
            Err(_) => told.panics += 1,
            Ok(Ok(reply)) => {
                assert_eq!(reply, number, "the reply to another call");
                told.replies += 1;
            }
            Ok(Err(error)) if error.maybe_executed() => told.maybe_executed += 1,
            Ok(Err(_)) => told.not_executed.push(number),
        }
        if server.happens(0.005) {
            pool.disconnect();
        }
        if server.happens(0.005) {
            std::mem::take(&mut *server.lease.lock().unwrap()).end();
            pool.close_ended();
        }
    }
    told
}

/// A call, one way or the other.
fn act(pool: &Pool, number: u64) -> Result<u64, Error> {
    let kind = chance();
    let limit = Duration::from_millis(if kind < 0.1 { 40 } else { 50 });
    if kind < 0.95 {
        return call(pool, number, limit);
    }
    let request = request(number);
    let request = Request::new(request.as_bytes());
    let mut connection = pool.checkout()?;
    if kind < 0.97 {
        return connection.call(request, Deadline::within(limit));
    }
    connection.send(request, Deadline::within(limit))?;
    if kind < 0.98 {
        panic();
    }
    let error = Error::new(ErrorKind::Decode, "nobody waits for the reply");
    Err(error.with_maybe_executed(true))
}

/// A call that may go out together with others. Now and then, its reply is met by a panic.
fn call(pool: &Pool, number: u64, limit: Duration) -> Result<u64, Error> {
    let mut reply = None;
    pool.call(
        Request::new(request(number).as_bytes()),
        limit,
        &mut |answer| {
            if number % 100 == 0 {
                panic();
            }
            reply = Some(answer.decode()?);
            Ok(())
        },
    )?;
    Ok(reply.unwrap())
}

fn request(number: u64) -> String {
    let text = number.to_string();
    format!("*1\r\n${}\r\n{text}\r\n", text.len())
}

#[test]
fn in_a_storm_every_reply_is_ones_own_and_nobody_is_forgotten_or_told_a_lie() {
    let harbour = Harbour::default();
    let server = Arc::clone(&harbour.0);
    let pool_config = PoolConfig::new(CONNECTIONS, Duration::from_millis(60));
    let pool_config = changed(pool_config, |config| {
        config.sharing = true;
        config.idle_timeout = Some(Duration::from_millis(20));
        config.max_lifetime = Some(Duration::from_millis(200));
    });
    let pool = Pool::new(harbour.clone(), pool_config);
    let numbers = Arc::new(AtomicU64::new(0));
    let (sender, told) = mpsc::channel();
    for _ in 0..THREADS {
        let (pool, server, numbers) = (pool.clone(), Arc::clone(&server), Arc::clone(&numbers));
        let sender = sender.clone();
        thread::spawn(move || sender.send(sail(&pool, &server, &numbers)));
    }
    drop(sender);
    let mut all = Told::default();
    for thread in 0..THREADS {
        let told = told.recv_timeout(Duration::from_secs(60));
        let told = told.unwrap_or_else(|_| panic!("{thread} of {THREADS} threads came back"));
        all.replies += told.replies;
        all.maybe_executed += told.maybe_executed;
        all.panics += told.panics;
        all.not_executed.extend(told.not_executed);
    }
    println!(
        "{} replies; {} calls maybe executed, {} not; {} panics",
        all.replies,
        all.maybe_executed,
        all.not_executed.len(),
        all.panics
    );
    let executed = server.executed.lock().unwrap();
    let lies = all.not_executed.iter().filter(|it| executed.contains(it));
    assert_eq!(lies.count(), 0, "executed, though said not to be");
    drop(executed);
    let again = server.again.lock().unwrap();
    assert!(again.is_empty(), "executed twice: {again:?}");
    assert!(all.replies > 0 && !all.not_executed.is_empty() && all.maybe_executed > 0);
    let stats = pool.stats();
    assert_eq!((stats.in_use, stats.waiting), (0, 0), "{stats:?}");
    server.is_calm.store(true, Ordering::Relaxed);
    pool.disconnect();
    let places: Vec<_> = (0..CONNECTIONS).map(|_| pool.checkout().unwrap()).collect();
    drop(places);
    let number = numbers.load(Ordering::Relaxed) / 100 * 100 + 101;
    assert_eq!(
        call(&pool, number, Duration::from_secs(10)).unwrap(),
        number
    );
}
