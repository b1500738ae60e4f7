//! The trait between a connection and whatever carries its bytes.

#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use socket2::SockRef;

/// Something that carries bytes to a server and back: a socket, or anything that behaves like one.
///
/// Reads and writes block, for as long as the timeouts allow, and then fail with [`io::ErrorKind::WouldBlock`] or
/// [`io::ErrorKind::TimedOut`], after which they can be tried again, as after
/// [`io::ErrorKind::Interrupted`]: the deadline is looked at in between. With Unix, a `TimedOut` that is an error of the
/// operating system ([`io::Error::raw_os_error`]) is the end of the connection, which the system has given up. What a
/// write only keeps, `flush` sends.
pub trait Transport: Read + Write + Send + Sync {
    /// Has reads, writes and `flush` fail with [`io::ErrorKind::WouldBlock`] where they would block, or
    /// block again. It is asked for while many requests are being written, so that replies can be taken
    /// meanwhile.
    ///
    /// # Errors
    /// Those of the operating system; [`io::ErrorKind::Unsupported`] from a transport that cannot do it, which is what
    /// this answers if it is left as it is. Short timeouts then have to do instead.
    fn set_nonblocking(&self, _nonblocking: bool) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// How long a read may block; `None` without limit. Never called with zero.
    ///
    /// # Errors
    /// Those of the operating system.
    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()>;

    /// How long a write may block; `None` without limit. Never called with zero.
    ///
    /// # Errors
    /// Those of the operating system.
    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()>;

    /// Whether the peer has neither closed nor sent anything, found out without waiting and without
    /// taking a byte. It is asked about connections on which nothing is to be expected.
    fn is_quiet(&mut self) -> bool;
}

impl Transport for TcpStream {
    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        TcpStream::set_nonblocking(self, nonblocking)
    }

    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        TcpStream::set_read_timeout(self, limit)
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        TcpStream::set_write_timeout(self, limit)
    }

    fn is_quiet(&mut self) -> bool {
        is_quiet(SockRef::from(&*self))
    }
}

/// A large write may wait for longer than it may, part by part: [`Sockets`](crate::Sockets) write one part at a time.
#[cfg(unix)]
impl Transport for UnixStream {
    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        Self::set_nonblocking(self, nonblocking)
    }

    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        Self::set_read_timeout(self, limit)
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        Self::set_write_timeout(self, limit)
    }

    fn is_quiet(&mut self) -> bool {
        is_quiet(SockRef::from(&*self))
    }
}

/// A Unix socket that keeps to the time that a write may take.
///
/// Linux lets each part of a write wait for as long as the whole may, so a large one to somebody who takes a little now
/// and then has no end. So no write is more than one part.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct UnixSocket(pub(crate) UnixStream);

/// A little less than the largest part that Linux makes.
#[cfg(unix)]
const PART: usize = 32 << 10;

#[cfg(unix)]
impl Read for UnixSocket {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.0.read(room)
    }
}

#[cfg(unix)]
impl Write for UnixSocket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes.get(..PART).unwrap_or(bytes))
    }

    fn write_vectored(&mut self, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
        let lengths = slices.iter().map(|slice| slice.len());
        if lengths.fold(0, usize::saturating_add) <= PART {
            return self.0.write_vectored(slices);
        }
        let first = slices.iter().find(|slice| !slice.is_empty());
        self.write(first.map_or(&[], |first| first))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(unix)]
impl Transport for UnixSocket {
    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.0.set_nonblocking(nonblocking)
    }

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

/// Whether that was all the time that a read or a write may take. With Unix, sockets say so in another way: a
/// `TimedOut` of the system's is the end of a connection on which nothing was heard of the other side for too long.
pub(crate) fn is_time_out(error: &io::Error) -> bool {
    match error.kind() {
        io::ErrorKind::WouldBlock => true,
        io::ErrorKind::TimedOut => !cfg!(unix) || error.raw_os_error().is_none(),
        _ => false,
    }
}

/// A look at the next byte that does not wait: there must not be one, and no end either.
fn is_quiet(socket: SockRef<'_>) -> bool {
    let mut byte = [std::mem::MaybeUninit::uninit()];
    if socket.set_nonblocking(true).is_err() {
        return false;
    }
    let peeked = socket.peek(&mut byte);
    let restored = socket.set_nonblocking(false);
    restored.is_ok() && peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}
