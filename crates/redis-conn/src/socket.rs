//! From an address to a connected socket, within a deadline.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs},
    path::Path,
    sync::Arc,
    thread,
    time::Duration,
};

use parking_lot::{Condvar, Mutex};
use socket2::{Domain, SockAddr, Socket, TcpKeepalive, Type};

use crate::{Deadline, Error, ErrorKind, TcpOptions, Transport};

/// Connects to a host. Every IP address of its name is tried, each with its share of the time.
pub(crate) fn connect_tcp(
    host: &str,
    port: u16,
    options: TcpOptions,
    deadline: Deadline,
) -> Result<TcpStream, Error> {
    let mut addresses = resolve(host, port, deadline)?;
    let mut last = Error::new(ErrorKind::Connection, "the host name has no address");
    while let Some(address) = addresses.pop() {
        let others = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        let share = deadline.remaining()?.map(|left| {
            left.checked_div(others.saturating_add(1))
                .unwrap_or(left)
                .max(Duration::from_millis(1))
        });
        let domain = Domain::for_address(address);
        match connect_socket(domain, &address.into(), options.bind, share) {
            Ok(socket) => {
                set_options(&socket, options)?;
                return Ok(socket.into());
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                last = deadline.missed("waiting for the connection");
            }
            Err(error) => last = Error::from_io("the connection could not be made", error),
        }
    }
    Err(last)
}

/// The addresses of a host, the preferred one last.
fn resolve(host: &str, port: u16, deadline: Deadline) -> Result<Vec<SocketAddr>, Error> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    // The system's resolver knows no deadline. A thread of its own can be left behind; it ends when the
    // resolver gives up. (A channel would do as well, and take longer to compile than this file.)
    let answer = Arc::new((Mutex::new(None), Condvar::new()));
    let (name, theirs) = (host.to_owned(), Arc::clone(&answer));
    let look_up = move || {
        let found = (name.as_str(), port)
            .to_socket_addrs()
            .map(Iterator::collect::<Vec<_>>);
        *theirs.0.lock() = Some(found);
        theirs.1.notify_one();
    };
    thread::Builder::new()
        .name("redis-resolve".into())
        .spawn(look_up)
        .map_err(|error| {
            Error::from_io("no thread could be started to look up the host name", error)
        })?;
    let mut found = answer.0.lock();
    let found = loop {
        if let Some(found) = found.take() {
            break found;
        }
        let left = deadline
            .remaining()
            .map_err(|_| deadline.missed("looking up the host name"))?;
        answer.1.wait_for(&mut found, left.unwrap_or(Duration::MAX));
    };
    let mut addresses =
        found.map_err(|error| Error::from_io("the host name could not be looked up", error))?;
    addresses.reverse();
    Ok(addresses)
}

#[cfg(unix)]
pub(crate) fn connect_unix(path: &Path, deadline: Deadline) -> Result<Box<dyn Transport>, Error> {
    let address = SockAddr::unix(path).map_err(|error| {
        Error::new(ErrorKind::InvalidInput, "not a path for a Unix socket").with_source(error)
    })?;
    loop {
        match connect_socket(Domain::UNIX, &address, None, deadline.remaining()?) {
            Ok(socket) => return Ok(Box::new(std::os::unix::net::UnixStream::from(socket))),
            // The queue of connections that the server has not accepted yet is full; nothing tells when
            // that changes.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let left = deadline.remaining()?.unwrap_or(Duration::MAX);
                thread::sleep(left.min(Duration::from_millis(5)));
            }
            Err(error) => return Err(Error::from_io("the connection could not be made", error)),
        }
    }
}

#[cfg(not(unix))]
pub(crate) fn connect_unix(_: &Path, _: Deadline) -> Result<Box<dyn Transport>, Error> {
    Err(Error::new(
        ErrorKind::InvalidInput,
        "this system has no Unix sockets; use a TCP address",
    ))
}

fn connect_socket(
    domain: Domain,
    address: &SockAddr,
    bind: Option<IpAddr>,
    limit: Option<Duration>,
) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::STREAM, None)?;
    if let Some(local) = bind {
        socket.bind(&SocketAddr::new(local, 0).into())?;
    }
    match limit {
        Some(limit) => socket.connect_timeout(address, limit)?,
        None => socket.connect(address)?,
    }
    Ok(socket)
}

fn set_options(socket: &Socket, options: TcpOptions) -> Result<(), Error> {
    socket
        .set_tcp_nodelay(options.nodelay)
        .map_err(|error| setting("TCP_NODELAY", error))?;
    if let Some(silence) = options.keepalive {
        let keepalive = TcpKeepalive::new()
            .with_time(silence)
            .with_interval(Duration::from_secs(5))
            .with_retries(3);
        socket
            .set_tcp_keepalive(&keepalive)
            .map_err(|error| setting("SO_KEEPALIVE", error))?;
    }
    #[cfg(target_os = "linux")]
    if let Some(limit) = options.user_timeout {
        socket
            .set_tcp_user_timeout(Some(limit))
            .map_err(|error| setting("TCP_USER_TIMEOUT", error))?;
    }
    Ok(())
}

fn setting(option: &str, error: io::Error) -> Error {
    Error::from_io(format!("{option} could not be set on the socket"), error)
}
