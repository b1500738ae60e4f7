//! Text that anybody may have chosen.

use std::{fmt, ops::Deref};

use resp_proto::{DecodeError, FromReply, Reply};

use crate::{Args, ToArg, ToArgs};

/// Text that anybody may have chosen, like a rule of a user or a setting: what is no UTF-8 in it is replaced by `�`,
/// so that one odd name does not keep everything else from being read.
///
/// It can be used like a `str`, and becomes a `String`. Where each byte counts, decode the reply of [`cmd`](crate::cmd)
/// into `Vec<u8>`.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lossy(pub String);

impl Deref for Lossy {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lossy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Lossy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Lossy> for String {
    fn from(text: Lossy) -> Self {
        text.0
    }
}

impl From<&str> for Lossy {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl PartialEq<str> for Lossy {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Lossy {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<String> for Lossy {
    fn eq(&self, other: &String) -> bool {
        self.0 == *other
    }
}

impl ToArgs for Lossy {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        self.0.write_args(args);
    }
}
impl ToArg for Lossy {}

impl FromReply<'_> for Lossy {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let bytes: &[u8] = reply.decode()?;
        Ok(Self(String::from_utf8_lossy(bytes).into_owned()))
    }
}
