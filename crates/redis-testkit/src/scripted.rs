//! A server that does what its script says and a real one never would.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::acceptor::Acceptor;
use crate::endpoint::{Endpoint, Listener, Stream, is_time_out};
use crate::error::Error;
use crate::requests;
use crate::script::{Script, Step};

/// How long a thread waits before it looks whether it is to stop.
const POLL: Duration = Duration::from_millis(10);

/// A server on a free port of 127.0.0.1 that treats every connection as its [`Script`] says. Dropping
/// it closes all connections and ends all threads.
///
/// ```
/// use std::io::{Read, Write};
/// use redis_testkit::{Script, ScriptedServer};
///
/// let server = ScriptedServer::start(Script::new().expect(1).send("+PO").close())?;
/// let mut socket = std::net::TcpStream::connect(server.tcp_addr())?;
/// socket.write_all(b"*1\r\n$4\r\nPING\r\n")?;
/// let mut answer = Vec::new();
/// socket.read_to_end(&mut answer)?;
/// assert_eq!(answer, b"+PO");
/// assert_eq!(server.requests(), [[b"PING"]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ScriptedServer {
    acceptor: Option<Acceptor>,
    shared: Arc<Shared>,
    address: SocketAddr,
}

/// What a request is answered with.
type Answer = dyn Fn(&[Vec<u8>]) -> Vec<u8> + Send + Sync;

#[derive(Default)]
struct Shared {
    answer: Option<Box<Answer>>,
    stop: AtomicBool,
    connections: AtomicUsize,
    requests: Mutex<Vec<Vec<Vec<u8>>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl ScriptedServer {
    /// A server that does the same on every connection.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the system has no port or no thread to give.
    pub fn start(script: Script) -> Result<Self, Error> {
        Self::start_with(move |_| script.clone())
    }

    /// A server that asks for a script for each connection, counted from 0.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_with(script: impl Fn(usize) -> Script + Send + 'static) -> Result<Self, Error> {
        Self::start_sharing(Shared::default(), script)
    }

    /// A server that shakes hands as a real one, and gives every other request, word by word, to
    /// `answer`. It sends what that returns: bytes as they are, or nothing.
    ///
    /// ```
    /// use redis_testkit::ScriptedServer;
    ///
    /// // Its counters always stand at 7.
    /// let server = ScriptedServer::answering(|request| match request[0].as_slice() {
    ///     b"INCR" => b":7\r\n".to_vec(),
    ///     _ => b"-ERR unknown command\r\n".to_vec(),
    /// })?;
    /// # drop(server);
    /// # Ok::<(), redis_testkit::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn answering(
        answer: impl Fn(&[Vec<u8>]) -> Vec<u8> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let shared = Shared {
            answer: Some(Box::new(answer)),
            ..Shared::default()
        };
        Self::start_sharing(shared, |_| Script::new().answer())
    }

    fn start_sharing(
        shared: Shared,
        script: impl Fn(usize) -> Script + Send + 'static,
    ) -> Result<Self, Error> {
        let cannot = |error| Error::io("cannot listen for connections", error);
        let (listener, endpoint) = Listener::on_free_port().map_err(cannot)?;
        let Endpoint::Tcp(address) = endpoint else {
            return Err(cannot(io::ErrorKind::Unsupported.into()));
        };
        let shared = Arc::new(shared);
        let accepted = Arc::clone(&shared);
        let serve = move |stream| {
            let number = accepted.connections.fetch_add(1, Ordering::Relaxed);
            let mut session = Session {
                stream,
                shared: Arc::clone(&accepted),
                unread: Vec::new(),
                script: script(number),
            };
            let run = move || {
                // It fails when the client leaves, or when the server is dropped: nobody's concern.
                let _ = session.run();
            };
            let thread = thread::Builder::new().name("testkit-script".into());
            if let Ok(thread) = thread.spawn(run) {
                let mut threads = lock(&accepted.threads);
                threads.retain(|thread| !thread.is_finished());
                threads.push(thread);
            }
        };
        let acceptor = Acceptor::start(listener, Endpoint::Tcp(address), serve).map_err(cannot)?;
        Ok(Self {
            acceptor: Some(acceptor),
            shared,
            address,
        })
    }

    /// Host and port.
    pub fn tcp_addr(&self) -> SocketAddr {
        self.address
    }

    /// `redis://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        Endpoint::Tcp(self.address).url()
    }

    /// How many connections have been accepted.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// The requests that scripts have expected and got, word by word, without those of handshakes.
    pub fn requests(&self) -> Vec<Vec<Vec<u8>>> {
        lock(&self.shared.requests).clone()
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.acceptor = None;
        self.shared.stop.store(true, Ordering::Release);
        let threads = std::mem::take(&mut *lock(&self.shared.threads));
        for thread in threads {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for ScriptedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedServer")
            .field("address", &self.address)
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}

/// One connection.
struct Session {
    stream: Stream,
    shared: Arc<Shared>,
    unread: Vec<u8>,
    script: Script,
}

impl Session {
    fn run(&mut self) -> io::Result<()> {
        self.stream.set_read_timeout(Some(POLL))?;
        self.stream.set_write_timeout(Some(POLL))?;
        let steps = std::mem::take(&mut self.script.steps);
        let mut next = 0;
        while let Some(step) = steps.get(next) {
            next += 1;
            match step {
                Step::Handshake => self.shake_hands()?,
                Step::Expect(requests) => self.expect(*requests)?,
                Step::Send {
                    bytes,
                    piece,
                    pause,
                } => {
                    for piece in bytes.chunks(*piece) {
                        self.wait(*pause)?;
                        self.send(piece)?;
                    }
                }
                Step::Flood(bytes) => loop {
                    self.send(bytes)?;
                },
                Step::Wait(pause) => self.wait(*pause)?,
                Step::Close => {
                    self.stream.shutdown(Shutdown::Both);
                    return Ok(());
                }
                Step::Reset => {
                    self.stream.reset_on_close();
                    return Ok(());
                }
                Step::Deaf => self.wait(Duration::MAX)?,
                Step::Again(first) => next = *first,
                Step::Answer => self.answer()?,
            }
        }
        loop {
            self.read()?;
            self.unread.clear();
        }
    }

    /// A client says all of its handshake at once, so it ends where nothing of it is left.
    fn shake_hands(&mut self) -> io::Result<()> {
        let mut answered = 0;
        while answered == 0 || !self.unread.is_empty() {
            match requests::take(&mut self.unread) {
                None => self.read()?,
                Some(request) => {
                    let reply = requests::handshake_reply(&request);
                    self.send(reply.unwrap_or("-ERR not in a handshake\r\n").as_bytes())?;
                    answered += 1;
                }
            }
        }
        Ok(())
    }

    /// Answers until the client leaves.
    fn answer(&mut self) -> io::Result<()> {
        loop {
            let Some(request) = requests::take(&mut self.unread) else {
                self.read()?;
                continue;
            };
            let reply = match (requests::handshake_reply(&request), &self.shared.answer) {
                (Some(reply), _) => reply.into(),
                (None, Some(answer)) => answer(&request),
                (None, None) => Vec::new(),
            };
            lock(&self.shared.requests).push(request);
            self.send(&reply)?;
        }
    }

    fn expect(&mut self, count: usize) -> io::Result<()> {
        let mut found = 0;
        while found < count {
            let Some(request) = requests::take(&mut self.unread) else {
                self.read()?;
                continue;
            };
            // The rest of a handshake that came in several pieces.
            match requests::handshake_reply(&request) {
                Some(reply) => self.send(reply.as_bytes())?,
                None => {
                    lock(&self.shared.requests).push(request);
                    found += 1;
                }
            }
        }
        Ok(())
    }

    /// Reads something, or fails when there is nobody.
    fn read(&mut self) -> io::Result<()> {
        let mut room = [0; 4096];
        loop {
            self.go_on()?;
            match (&self.stream).read(&mut room) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    self.unread.extend_from_slice(&room[..count]);
                    return Ok(());
                }
                Err(error) if is_time_out(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn send(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.go_on()?;
            match (&self.stream).write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if is_time_out(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn wait(&self, pause: Duration) -> io::Result<()> {
        let begun = Instant::now();
        loop {
            self.go_on()?;
            let left = pause.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(POLL));
        }
    }

    /// Fails when the server is being dropped.
    fn go_on(&self) -> io::Result<()> {
        if self.shared.stop.load(Ordering::Acquire) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
