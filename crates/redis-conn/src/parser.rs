//! Which parser reads the replies, and what it cannot do.

use resp_proto::Limits;

use crate::{Error, ErrorKind, Protocol};

/// Which parser reads the replies of a connection.
///
/// Whichever it is, the framer of this crate stands in front of it: no parser is given a byte of a reply
/// before the whole of it has come and has been found to be RESP and within the limits. Seen from above, they
/// do not differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Parser {
    /// The one of this crate, for RESP2 and RESP3.
    #[default]
    Native,
    /// hiredis, the C library, as redis-py can use it. It takes effect with the feature `hiredis` only;
    /// without it, connecting is an error that says so.
    ///
    /// It is version 0.13.3, which the crate `hiredis-sys` brings and builds with `make` and a C compiler.
    /// That version speaks RESP2 alone: the handshake agrees on RESP2 where the protocol was left open, and a
    /// connection that must speak RESP3 is an error. It reads arrays in arrays up to eight levels, the one
    /// around the replies of a transaction included, and replies of up to 1 GiB; others end the connection
    /// with an error of the kind `Protocol`. It copies each reply once more, so it is the slower one.
    ///
    /// The library is linked dynamically, from the build folder, where `cargo run` and `cargo test` find it. A
    /// program that is installed needs `libhiredis.so.0.13`
    /// (`target/*/build/hiredis-sys-*/out/lib/libhiredis.so.0.13`) shipped with it: in a folder that the
    /// system's loader looks into, or beside the program when that was linked with
    /// `RUSTFLAGS='-C link-arg=-Wl,-rpath,$ORIGIN'`.
    Hiredis,
}

impl Parser {
    /// Whether it is built in and can read the protocol that was asked for.
    pub(crate) fn check(self, protocol: Protocol) -> Result<(), Error> {
        let message = match self {
            Self::Native => return Ok(()),
            Self::Hiredis if !cfg!(feature = "hiredis") => {
                "hiredis is asked for as the parser and not built in: switch on the feature `hiredis` of the crate `redis`"
            }
            Self::Hiredis if protocol == Protocol::Resp3 => {
                "expected RESP2 or the newest protocol together with hiredis, which reads no RESP3, found RESP3"
            }
            Self::Hiredis => return Ok(()),
        };
        Err(Error::new(ErrorKind::InvalidInput, message))
    }

    /// The version of the protocol to begin with, where it was left open.
    pub(crate) fn newest(self) -> Protocol {
        match self {
            Self::Native => Protocol::Resp3,
            Self::Hiredis => Protocol::Resp2,
        }
    }

    /// What the framer lets through to it.
    pub(crate) fn limits(self, limits: Limits) -> Limits {
        match self {
            Self::Native => limits,
            Self::Hiredis => limits.protocol(resp_proto::Protocol::Resp2),
        }
    }

    /// Has hiredis read a complete reply, in whose place stands afterwards what it has understood, as RESP of
    /// that length. Not for [`Native`](Parser::Native), which reads replies where they are.
    #[cfg(feature = "hiredis")]
    pub(crate) fn reread(frame: &mut [u8]) -> Result<usize, Error> {
        crate::hiredis::reread(frame)
    }

    /// Nobody gets here: see [`check`](Parser::check).
    #[cfg(not(feature = "hiredis"))]
    pub(crate) fn reread(frame: &mut [u8]) -> Result<usize, Error> {
        Ok(frame.len())
    }
}
