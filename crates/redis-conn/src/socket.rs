//! From an address to a connected socket, within a deadline.

use std::{
    io,
    net::{SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

#[cfg(unix)]
use socket2::SockAddr;
use socket2::{Domain, Socket, TcpKeepalive, Type};

#[cfg(unix)]
use crate::transport::UnixSocket;
use crate::{Deadline, Error, ErrorKind, TcpOptions, Transport, lookup::Lookups};

/// Connects to a host. Every IP address of its name is tried, each with its share of the time.
pub(crate) fn connect_tcp(
    host: &str,
    port: u16,
    lookups: &Lookups,
    options: TcpOptions,
    deadline: Deadline,
) -> Result<TcpStream, Error> {
    connect_to_one(lookups.addresses(host, port, deadline)?, options, deadline)
}

/// Connects to one of these addresses, of which the preferred one is the last.
fn connect_to_one(
    mut addresses: Vec<SocketAddr>,
    options: TcpOptions,
    deadline: Deadline,
) -> Result<TcpStream, Error> {
    let waiting = "waiting for the connection";
    let mut last = Error::new(ErrorKind::Connection, "the host name has no address");
    if let Some(local) = options.bind {
        // From an address of one kind, none of the other kind can be reached.
        addresses.retain(|address| address.is_ipv4() == local.is_ipv4());
        let message = format!("the host has no address of the kind of {local}, which is bound to");
        last = Error::new(ErrorKind::Connection, message);
    }
    while let Some(address) = addresses.pop() {
        let others = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        let left = deadline.left().ok_or_else(|| deadline.missed(waiting))?;
        let share = left.map(|left| {
            left.checked_div(others.saturating_add(1))
                .unwrap_or(left)
                .max(Duration::from_millis(1))
        });
        let local = options.bind.map(|ip| SocketAddr::new(ip, 0));
        match connect_socket(address, local, share) {
            Ok(socket) => {
                set_options(&socket, options)?;
                return Ok(socket.into());
            }
            Err(error) => last = unreached(error, deadline),
        }
    }
    Err(last)
}

#[cfg(unix)]
pub(crate) fn connect_unix(path: &Path, deadline: Deadline) -> Result<Box<dyn Transport>, Error> {
    let wrong = || {
        Error::new(
            ErrorKind::InvalidInput,
            "expected the path of a Unix socket, about a hundred bytes at most and no zero byte, found another",
        )
    };
    // The system would end the path there. Abstract names, which are no paths, begin with one.
    let bytes = path.as_os_str().as_encoded_bytes();
    if bytes.contains(&0) && !bytes.starts_with(&[0]) {
        return Err(wrong());
    }
    let address = SockAddr::unix(path).map_err(|error| wrong().with_source(error))?;
    let too_late = || deadline.missed("waiting for the connection");
    loop {
        let limit = deadline.left().ok_or_else(too_late)?;
        match wait_for_place(&address, limit) {
            Ok(socket) => return Ok(Box::new(UnixSocket(socket))),
            // Not every system waits: then nothing tells when there is room.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let left = deadline.left().ok_or_else(too_late)?;
                std::thread::sleep(left.map_or(PAUSE, |left| left.min(PAUSE)));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::from_io("the connection could not be made", error)),
        }
    }
}

/// How long to wait where the system does not.
#[cfg(unix)]
const PAUSE: Duration = Duration::from_millis(5);

/// While the queue of connections that the server has not accepted is full, a Unix socket that blocks waits for a
/// place in it as long as it may for sending. One that does not block is never told that there is one.
#[cfg(unix)]
fn wait_for_place(
    address: &SockAddr,
    limit: Option<Duration>,
) -> io::Result<std::os::unix::net::UnixStream> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // Less than a microsecond would be no limit.
    socket.set_write_timeout(limit.map(|limit| limit.max(Duration::from_millis(1))))?;
    socket.connect(address)?;
    socket.set_write_timeout(None)?;
    Ok(socket.into())
}

#[cfg(not(unix))]
pub(crate) fn connect_unix(_: &Path, _: Deadline) -> Result<Box<dyn Transport>, Error> {
    Err(Error::new(
        ErrorKind::InvalidInput,
        "this system has no Unix sockets; use a TCP address",
    ))
}

fn connect_socket(
    address: SocketAddr,
    local: Option<SocketAddr>,
    limit: Option<Duration>,
) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if let Some(local) = local {
        socket.bind(&local.into())?;
    }
    // Without a limit too: a signal would end the wait otherwise. The system gives up by itself.
    socket.connect_timeout(&address.into(), limit.unwrap_or(Duration::MAX))?;
    // Where nobody listens, the system may choose that very port for our end, and connect the socket to itself.
    if socket.local_addr()?.as_socket() == Some(address) {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(socket)
}

/// The system gives up, too, after about two minutes, whatever the deadline is; it calls that a timeout as well.
fn unreached(error: io::Error, deadline: Deadline) -> Error {
    if error.kind() == io::ErrorKind::TimedOut && error.raw_os_error().is_none() {
        return deadline.missed("waiting for the connection");
    }
    Error::new(ErrorKind::Connection, "the connection could not be made").with_source(error)
}

fn set_options(socket: &Socket, options: TcpOptions) -> Result<(), Error> {
    socket
        .set_tcp_nodelay(options.nodelay)
        .map_err(|error| setting("TCP_NODELAY", error))?;
    if let Some(silence) = options.keepalive {
        let keepalive = TcpKeepalive::new()
            .with_time(whole_seconds(silence))
            .with_interval(Duration::from_secs(5))
            .with_retries(3);
        socket
            .set_tcp_keepalive(&keepalive)
            .map_err(|error| setting("SO_KEEPALIVE", error))?;
    }
    #[cfg(target_os = "linux")]
    if let Some(limit) = options.user_timeout {
        socket
            .set_tcp_user_timeout(Some(limit.clamp(SHORTEST, LONGEST)))
            .map_err(|error| setting("TCP_USER_TIMEOUT", error))?;
    }
    Ok(())
}

/// The system counts the milliseconds of `TCP_USER_TIMEOUT`, and takes none for its own choice.
#[cfg(target_os = "linux")]
const SHORTEST: Duration = Duration::from_millis(1);
#[cfg(target_os = "linux")]
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// The longest that Linux lets a connection be silent, about nine hours.
const LONGEST_SILENCE: u64 = 32_767;

/// The system counts seconds, from one.
fn whole_seconds(time: Duration) -> Duration {
    let begun = u64::from(time.subsec_nanos() > 0);
    Duration::from_secs(
        time.as_secs()
            .saturating_add(begun)
            .clamp(1, LONGEST_SILENCE),
    )
}

fn setting(option: &str, error: io::Error) -> Error {
    Error::from_io(format!("{option} could not be set on the socket"), error)
}

#[cfg(test)]
mod tests {
    use std::{
        net::{Ipv4Addr, Ipv6Addr, TcpListener},
        time::Instant,
    };

    use socket2::SockRef;

    use super::*;

    #[test]
    fn parts_of_a_second_keep_a_connection_alive_too() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        for (millis, seconds) in [
            (1, 1),
            (500, 1),
            (1_000, 1),
            (1_001, 2),
            (30_000, 30),
            (86_400_000, 32_767),
            (u64::MAX, 32_767),
        ] {
            let options = TcpOptions {
                keepalive: Some(Duration::from_millis(millis)),
                ..TcpOptions::new()
            };
            let deadline = Deadline::within(Duration::from_secs(5));
            let socket =
                connect_tcp("127.0.0.1", port, &Lookups::new(), options, deadline).unwrap();
            let set = SockRef::from(&socket).tcp_keepalive_time().unwrap();
            assert_eq!(set, Duration::from_secs(seconds), "{millis}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_time_that_the_system_cannot_count_is_the_nearest_that_it_can() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        for (limit, set) in [
            (Duration::ZERO, SHORTEST),
            (Duration::from_micros(1), SHORTEST),
            (Duration::from_secs(7), Duration::from_secs(7)),
            (Duration::MAX, LONGEST),
        ] {
            let options = TcpOptions {
                user_timeout: Some(limit),
                ..TcpOptions::new()
            };
            let deadline = Deadline::within(Duration::from_secs(5));
            let socket =
                connect_tcp("127.0.0.1", port, &Lookups::new(), options, deadline).unwrap();
            let found = SockRef::from(&socket).tcp_user_timeout().unwrap();
            assert_eq!(found, Some(set), "{limit:?}");
        }
    }

    /// As may happen where a server that is down had a port that the system hands out.
    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_is_connected_to_themselves() {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let limit = Some(Duration::from_secs(5));
        let error = connect_socket(address, Some(address), limit).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    /// A listener that takes nobody in: it is not refused, and nothing else comes of it either.
    #[cfg(target_os = "linux")]
    struct Hole {
        listener: Socket,
        _queued: Vec<Socket>,
    }

    #[cfg(target_os = "linux")]
    impl Hole {
        fn new() -> Self {
            let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            listener.bind(&any.into()).unwrap();
            listener.listen(0).unwrap();
            let address = listener.local_addr().unwrap();
            let queued = std::iter::repeat_with(|| {
                let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
                let limit = Duration::from_millis(100);
                socket.connect_timeout(&address, limit).map(|()| socket)
            });
            Self {
                _queued: queued.map_while(Result::ok).collect(),
                listener,
            }
        }

        fn address(&self) -> SocketAddr {
            self.listener.local_addr().unwrap().as_socket().unwrap()
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_address_that_nothing_comes_of_leaves_their_share_of_the_time_to_the_others() {
        let there = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let there = there.local_addr().unwrap();
        let hole = Hole::new();
        let options = TcpOptions::new();
        let deadline = Deadline::within(Duration::from_secs(5));
        let addresses = vec![there, hole.address()];
        let socket = connect_to_one(addresses, options, deadline).unwrap();
        assert_eq!(socket.peer_addr().unwrap(), there);
        let elapsed = deadline.started().elapsed();
        assert!(elapsed >= Duration::from_millis(2_500), "{elapsed:?}");
        let deadline = Deadline::within(Duration::from_millis(200));
        let error = connect_to_one(vec![hole.address(); 3], options, deadline).unwrap_err();
        let elapsed = deadline.started().elapsed();
        assert_eq!(
            error.to_string(),
            "waiting for the connection: timed out after 200ms"
        );
        assert!(elapsed < Duration::from_secs(8), "{elapsed:?}");
    }

    #[test]
    fn an_address_that_cannot_be_reached_from_where_it_is_bound_to_is_no_reason() {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let options = TcpOptions {
            bind: Some(Ipv4Addr::LOCALHOST.into()),
            ..TcpOptions::new()
        };
        let other = SocketAddr::from((Ipv6Addr::LOCALHOST, address.port()));
        for (addresses, said) in [
            (
                vec![other, address],
                "could not be made: Connection refused",
            ),
            (vec![other], "no address of the kind of 127.0.0.1"),
        ] {
            let deadline = Deadline::within(Duration::from_secs(20));
            let error = connect_to_one(addresses, options, deadline).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connection);
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_system_that_gives_up_has_missed_no_deadline() {
        for deadline in [
            Deadline::never(),
            Deadline::within(Duration::from_secs(300)),
        ] {
            let error = unreached(io::Error::from_raw_os_error(110), deadline);
            assert_eq!(error.kind(), ErrorKind::Connection);
            assert_eq!(
                error.to_string(),
                "the connection could not be made: Connection timed out (os error 110)"
            );
        }
    }

    #[cfg(target_os = "linux")]
    mod unix {
        use std::{fs, os::unix::net::UnixListener, path::PathBuf, sync::mpsc, thread};

        use super::*;

        /// A Unix socket whose queue of connections is full.
        struct Full {
            path: PathBuf,
            listener: UnixListener,
            _queued: Vec<Socket>,
        }

        impl Full {
            fn new(name: &str) -> Self {
                let name = format!("redis-conn-{name}-{}", std::process::id());
                let path = std::env::temp_dir().join(name);
                let address = SockAddr::unix(&path).unwrap();
                let socket = || Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
                let listener = socket();
                listener.bind(&address).unwrap();
                listener.listen(1).unwrap();
                let queued = std::iter::repeat_with(|| {
                    let socket = socket();
                    socket.set_nonblocking(true).unwrap();
                    socket.connect(&address).map(|()| socket)
                });
                Self {
                    _queued: queued.map_while(Result::ok).collect(),
                    listener: listener.into(),
                    path,
                }
            }
        }

        impl Drop for Full {
            fn drop(&mut self) {
                let _ = fs::remove_file(&self.path);
            }
        }

        #[test]
        fn a_zero_byte_does_not_lead_to_the_socket_whose_path_stands_in_front_of_it() {
            let full = Full::new("zero");
            full.listener.accept().unwrap();
            let longer = format!("{}\0x", full.path.display());
            let deadline = Deadline::within(Duration::from_secs(5));
            let error = connect_unix(Path::new(&longer), deadline).map(drop);
            assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
            let name = format!("\0redis-conn-{}\0x", std::process::id());
            let error = connect_unix(Path::new(&name), deadline).map(drop);
            let error = error.unwrap_err().to_string();
            assert!(error.contains("refused"), "{error}");
        }

        #[test]
        fn a_place_in_a_full_queue_is_waited_for() {
            for limit in [Deadline::never(), Deadline::within(Duration::from_secs(20))] {
                let full = Full::new("place");
                let (connected, is_connected) = mpsc::channel();
                thread::scope(|scope| {
                    scope.spawn(|| {
                        let result = connect_unix(&full.path, limit).map(drop);
                        connected.send(result).unwrap();
                    });
                    let early = is_connected.recv_timeout(Duration::from_millis(50));
                    assert!(early.is_err(), "{early:?}");
                    full.listener.accept().unwrap();
                    let later = is_connected.recv_timeout(Duration::from_secs(20));
                    later.expect("a connection").unwrap();
                });
            }
        }

        #[test]
        fn a_full_queue_is_not_waited_for_beyond_the_deadline() {
            let full = Full::new("deadline");
            let limit = Duration::from_millis(100);
            let started = Instant::now();
            let result = connect_unix(&full.path, Deadline::within(limit));
            let error = result.map(drop).unwrap_err();
            assert!(error.is_timeout(), "{error}");
            assert_eq!(
                error.to_string(),
                "waiting for the connection: timed out after 100ms"
            );
            let elapsed = started.elapsed();
            assert!(elapsed >= limit && elapsed < limit * 50, "{elapsed:?}");
        }

        #[test]
        fn the_limit_of_connecting_is_none_of_sending() {
            let full = Full::new("limit");
            full.listener.accept().unwrap();
            let address = SockAddr::unix(&full.path).unwrap();
            let socket = wait_for_place(&address, Some(Duration::from_secs(20))).unwrap();
            assert_eq!(socket.write_timeout().unwrap(), None);
        }
    }
}
