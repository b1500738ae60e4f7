//! A TCP port that stays a server's own, whether it listens or not.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

use crate::error::Error;

/// A port of 127.0.0.1 that the system gives to nobody else.
///
/// On Linux, a socket that is bound and does not listen keeps a port from all who ask for any one, while
/// those who connect to it are refused; whoever asks for this one and says `SO_REUSEADDR`, as servers and
/// Rust's listeners do, gets it. Other systems would refuse them too: there the port is free between two
/// servers, and somebody may be faster.
pub(crate) struct Port {
    number: u16,
    _held: Option<Socket>,
}

impl Port {
    pub(crate) fn reserve() -> Result<Self, Error> {
        Self::bind().map_err(|error| Error::io("no free port on 127.0.0.1", error))
    }

    fn bind() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = socket.local_addr()?.as_socket();
        Ok(Self {
            number: address.ok_or(io::ErrorKind::Unsupported)?.port(),
            _held: cfg!(target_os = "linux").then_some(socket),
        })
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.number))
    }
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}
