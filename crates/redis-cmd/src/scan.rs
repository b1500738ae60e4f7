//! A page of a scan.

use resp_proto::{DecodeError, FromReply, Reply};

/// Some of what a scan finds, and where it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanPage<T, C = u64> {
    /// Where to go on; 0 says that this was the last page.
    pub cursor: C,
    /// What was found, which may be nothing even though the scan goes on.
    pub items: Vec<T>,
}

impl<'a, T: FromReply<'a>, C: FromReply<'a>> FromReply<'a> for ScanPage<T, C> {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let (cursor, items) = reply.decode()?;
        Ok(Self { cursor, items })
    }
}
