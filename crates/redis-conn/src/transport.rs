//! The seam between a connection and whatever carries its bytes.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use socket2::SockRef;

/// Something that carries bytes to a server and back: a socket, or anything that behaves like one.
///
/// Reads and writes block, for as long as the time-outs allow, and then fail with
/// [`io::ErrorKind::WouldBlock`] or [`io::ErrorKind::TimedOut`], after which they can be tried again. What
/// a write only keeps, `flush` sends.
pub trait Transport: Read + Write + Send + Sync {
    /// Reads what has come already and waits for nothing: [`io::ErrorKind::WouldBlock`] where that is
    /// nothing, [`io::ErrorKind::Unsupported`] from a transport that cannot tell, which is what this does
    /// if it is left as it is. It is asked while many requests are being written.
    ///
    /// # Errors
    /// Those of reading.
    fn read_now(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
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
    fn read_now(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        without_waiting(SockRef::from(&*self), |mut socket| socket.read(buffer))
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

#[cfg(unix)]
impl Transport for std::os::unix::net::UnixStream {
    fn read_now(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        without_waiting(SockRef::from(&*self), |mut socket| socket.read(buffer))
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

/// A look at the next byte that does not wait: there must not be one, and no end either.
fn is_quiet(socket: SockRef<'_>) -> bool {
    let mut byte = [std::mem::MaybeUninit::uninit()];
    let peeked = without_waiting(socket, |socket| socket.peek(&mut byte));
    peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

/// Does something with a socket that blocks, as if it did not.
pub(crate) fn without_waiting<T>(
    socket: SockRef<'_>,
    work: impl FnOnce(&socket2::Socket) -> io::Result<T>,
) -> io::Result<T> {
    socket.set_nonblocking(true)?;
    let done = work(&socket);
    socket.set_nonblocking(false)?;
    done
}
