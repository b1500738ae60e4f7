//! A proxy between a client and a server that does harm on command.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use crate::acceptor::Acceptor;
use crate::caretaker;
use crate::endpoint::{Endpoint, Listener, Stream};
use crate::error::Error;
use crate::faults::{Direction, Faults};
use crate::link::Link;
use crate::port::Port;

/// A proxy in this process, between a client under test and a server, that delays, stalls, splits, cuts
/// and resets what goes through it when a test says so.
///
/// It begins as a faithful proxy. Faults are set for one [`Link`], that is one connection, or for
/// [all there are](Self::set), or for [those to come](Self::set_for_new). It knows nothing of the
/// protocol: what it is put in front of need not be a Redis server. Dropping it closes all of its
/// connections and ends all of its threads, two for each connection and one to accept them.
///
/// ```
/// use std::io::{Read, Write};
/// use redis_testkit::{Direction, Failure, Faults, FaultProxy, Server};
///
/// # if redis_testkit::ServerBinary::find().is_err() { return Ok(()); }
/// let server = Server::start()?;
/// let proxy = FaultProxy::start(server.tcp_addr())?;
/// let mut socket = std::net::TcpStream::connect(proxy.tcp_addr().unwrap())?;
/// let mut answer = [0; 7];
/// socket.write_all(b"PING\r\n")?;
/// socket.read_exact(&mut answer)?;
///
/// // From now on: three bytes of the next reply, then the end.
/// proxy.set(Direction::ToClient, Faults::none().after(3, Failure::Cut));
/// socket.write_all(b"PING\r\n")?;
/// let mut rest = Vec::new();
/// socket.read_to_end(&mut rest)?;
/// assert_eq!(rest, b"+PO");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FaultProxy {
    // Before the links: none may come when they are closed.
    acceptor: Mutex<Option<Acceptor>>,
    shared: Arc<Shared>,
    endpoint: Endpoint,
    _place: Place,
}

/// What keeps the place to listen at while nobody listens.
#[expect(dead_code, reason = "it is held, not read")]
enum Place {
    Port(Port),
    Directory(TempDir),
}

struct Shared {
    upstream: Endpoint,
    state: Mutex<State>,
    /// Bytes each way, of connections that are gone too.
    bytes: Arc<[AtomicU64; 2]>,
    connections: AtomicU64,
}

#[derive(Default)]
struct State {
    /// Those that are open, and a few that are not, in the order in which they were made.
    links: Vec<Link>,
    faults: [Faults; 2],
    /// Whether connections are accepted and left alone.
    is_mute: bool,
    /// What was accepted while it was.
    ignored: Vec<Stream>,
}

impl FaultProxy {
    /// A proxy on a free port of 127.0.0.1, in front of a TCP address or of the path of a Unix socket.
    /// The server need not run yet: it is connected to when a client connects.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the system has no port or no thread to give.
    pub fn start(upstream: impl Into<Endpoint>) -> Result<Self, Error> {
        let port = Port::reserve()?;
        let endpoint = Endpoint::Tcp(port.address());
        Self::listen(endpoint, upstream.into(), Place::Port(port))
    }

    /// The same on a Unix socket, in a temporary directory.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_unix(upstream: impl Into<Endpoint>) -> Result<Self, Error> {
        let dir = crate::server::socket_dir()?;
        caretaker::remove_at_the_end(dir.path())
            .map_err(|error| Error::io("cannot start /bin/sh to remove a directory", error))?;
        let endpoint = Endpoint::Unix(dir.path().join("proxy.sock"));
        Self::listen(endpoint, upstream.into(), Place::Directory(dir))
    }

    fn listen(endpoint: Endpoint, upstream: Endpoint, place: Place) -> Result<Self, Error> {
        let shared = Arc::new(Shared {
            upstream,
            state: Mutex::default(),
            bytes: Arc::default(),
            connections: AtomicU64::new(0),
        });
        let proxy = Self {
            acceptor: Mutex::new(None),
            shared,
            endpoint,
            _place: place,
        };
        proxy.listen_again()?;
        Ok(proxy)
    }

    /// Where the proxy listens.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// `redis://127.0.0.1:PORT` or `unix:///path`, without a password.
    pub fn url(&self) -> String {
        self.endpoint.url()
    }

    /// Where the proxy listens, if that is a TCP port.
    pub fn tcp_addr(&self) -> Option<SocketAddr> {
        match self.endpoint {
            Endpoint::Tcp(address) => Some(address),
            Endpoint::Unix(_) => None,
        }
    }

    /// Where the proxy listens, if that is a Unix socket.
    pub fn socket_path(&self) -> Option<&Path> {
        match &self.endpoint {
            Endpoint::Tcp(_) => None,
            Endpoint::Unix(path) => Some(path),
        }
    }

    /// The connections that are open, in the order in which they were made.
    pub fn links(&self) -> Vec<Link> {
        let mut links = self.shared.state().links.clone();
        links.retain(Link::is_open);
        links
    }

    /// The connection that was made last, if it is open.
    pub fn newest_link(&self) -> Option<Link> {
        let newest = self.shared.state().links.last().cloned();
        newest.filter(Link::is_open)
    }

    /// Sets the faults of one direction of all connections that are open now: see [`Link::set`].
    pub fn set(&self, direction: Direction, faults: Faults) {
        for link in self.links() {
            link.set(direction, faults.clone());
        }
    }

    /// Sets the faults with which connections begin that are made from now on. Offsets count from their
    /// first byte.
    pub fn set_for_new(&self, direction: Direction, faults: Faults) {
        self.shared.state().faults[direction.index()] = faults;
    }

    /// Ends all faults of all connections, those to come included, and accepts connections again.
    ///
    /// # Errors
    /// As for [`accept`](Self::accept).
    pub fn heal(&self) -> Result<(), Error> {
        self.shared.state().faults = Default::default();
        for link in self.links() {
            link.heal();
        }
        self.accept()
    }

    /// Closes all connections now.
    pub fn cut(&self) {
        self.links().iter().for_each(Link::cut);
    }

    /// Resets all connections now.
    pub fn reset(&self) {
        self.links().iter().for_each(Link::reset);
    }

    /// Stops listening: whoever connects is refused, as by a host on which the server does not run.
    /// Connections that are open stay.
    pub fn refuse(&self) {
        drop(self.acceptor().take());
    }

    /// Accepts connections and leaves them alone: nothing is read and nothing is answered, as by a host
    /// on which the server hangs. Connections that are open stay.
    ///
    /// # Errors
    /// As for [`accept`](Self::accept).
    pub fn accept_silently(&self) -> Result<(), Error> {
        self.shared.state().is_mute = true;
        self.listen_again()
    }

    /// Connects those to the server who come from now on, which is how a proxy begins. Those who were
    /// accepted silently are closed.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the system has no thread to give, or somebody else has taken the
    /// port since [`refuse`](Self::refuse), which cannot be on Linux.
    pub fn accept(&self) -> Result<(), Error> {
        let mut state = self.shared.state();
        state.is_mute = false;
        state.ignored.clear();
        drop(state);
        self.listen_again()
    }

    /// How many connections have been accepted.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// How many bytes have gone this way on all connections, those that are closed included.
    pub fn bytes(&self, direction: Direction) -> u64 {
        self.shared.bytes[direction.index()].load(Ordering::Relaxed)
    }

    fn listen_again(&self) -> Result<(), Error> {
        let mut acceptor = self.acceptor();
        if acceptor.is_none() {
            let listener = Listener::on(&self.endpoint).map_err(cannot_listen)?;
            *acceptor = Some(self.accept_from(listener).map_err(cannot_listen)?);
        }
        Ok(())
    }

    fn accept_from(&self, listener: Listener) -> io::Result<Acceptor> {
        let shared = Arc::clone(&self.shared);
        Acceptor::start(listener, self.endpoint.clone(), move |client| {
            shared.serve(client);
        })
    }

    fn acceptor(&self) -> MutexGuard<'_, Option<Acceptor>> {
        let acceptor = self.acceptor.lock();
        acceptor.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.refuse();
        let links = std::mem::take(&mut self.shared.state().links);
        links.iter().for_each(Link::cut);
        links.iter().for_each(Link::wait_for_threads);
    }
}

impl fmt::Debug for FaultProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultProxy")
            .field("endpoint", &self.endpoint)
            .field("upstream", &self.shared.upstream)
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn serve(&self, client: Stream) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state();
        if state.is_mute {
            state.ignored.push(client);
            return;
        }
        let faults = state.faults.clone();
        state.links.retain(Link::is_open);
        drop(state);
        // Where there is no server, the client is closed: it sees a server that dies at once.
        let Ok(server) = self.upstream.connect() else {
            return;
        };
        let totals = Arc::clone(&self.bytes);
        // If it does not start, it is closed.
        let _ = Link::start(client, server, faults, totals, |link| {
            self.state().links.push(link.clone());
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }
}

fn cannot_listen(error: io::Error) -> Error {
    Error::io("cannot listen for connections", error)
}
