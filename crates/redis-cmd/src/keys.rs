//! Keys of any type: <https://redis.io/docs/latest/commands/?group=generic>.

use resp_proto::FromReplyOwned;

use crate::{Command, Execute, ToArg, ToArgs, Ttl, cmd};

/// Commands on keys, whatever they hold.
pub trait KeyCommands: Execute {
    /// Copies `source` to `destination`, which must not exist; whether it did. Since 6.2.
    #[doc(alias = "COPY")]
    fn copy(self, source: impl ToArg, destination: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("COPY").key(&source).key(&destination))
    }

    /// Deletes `keys`; how many there were.
    #[doc(alias = "DEL")]
    #[doc(alias = "delete")]
    fn del(self, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("DEL").several_keys(&keys))
    }

    /// How many of `keys` exist; one that is named twice counts twice.
    #[doc(alias = "EXISTS")]
    fn exists(self, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("EXISTS").read_only().several_keys(&keys))
    }

    /// Makes `key` expire in `seconds`; false when there is no such key.
    #[doc(alias = "EXPIRE")]
    fn expire(self, key: impl ToArg, seconds: i64) -> Self::Output<bool> {
        self.execute(cmd("EXPIRE").key(&key).integer(seconds))
    }

    /// Makes `key` expire in `seconds` if the condition holds; false when it does not, or when there is
    /// no such key. Since 7.0.
    #[doc(alias = "EXPIRE NX")]
    fn expire_with(
        self,
        key: impl ToArg,
        seconds: i64,
        options: ExpireOptions,
    ) -> Self::Output<bool> {
        self.execute(options.write_to(cmd("EXPIRE").key(&key).integer(seconds)))
    }

    /// Makes `key` expire in `milliseconds`; false when there is no such key.
    #[doc(alias = "PEXPIRE")]
    fn pexpire(self, key: impl ToArg, milliseconds: i64) -> Self::Output<bool> {
        self.execute(cmd("PEXPIRE").key(&key).integer(milliseconds))
    }

    /// The keys that match a glob-style `pattern`. It looks at every key of the database and blocks the
    /// server meanwhile: use a scan where there are many.
    #[doc(alias = "KEYS")]
    fn keys<T: FromReplyOwned>(self, pattern: impl ToArg) -> Self::Output<Vec<T>> {
        self.execute(cmd("KEYS").read_only().arg(&pattern))
    }

    /// What `key` holds, in the server's word: `string`, `list`, `hash` …; `none` when there is no such
    /// key.
    #[doc(alias = "TYPE")]
    fn key_type(self, key: impl ToArg) -> Self::Output<String> {
        self.execute(cmd("TYPE").read_only().key(&key))
    }

    /// Makes `key` stay for ever; false when it would have, or when there is no such key.
    #[doc(alias = "PERSIST")]
    fn persist(self, key: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("PERSIST").key(&key))
    }

    /// Gives `key` another name, at which anything else is overwritten; an error when there is no such
    /// key.
    #[doc(alias = "RENAME")]
    fn rename(self, key: impl ToArg, new_key: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("RENAME").key(&key).key(&new_key))
    }

    /// How many seconds `key` has left.
    #[doc(alias = "TTL")]
    fn ttl(self, key: impl ToArg) -> Self::Output<Ttl> {
        self.execute(cmd("TTL").read_only().key(&key))
    }

    /// How many milliseconds `key` has left.
    #[doc(alias = "PTTL")]
    fn pttl(self, key: impl ToArg) -> Self::Output<Ttl> {
        self.execute(cmd("PTTL").read_only().key(&key))
    }

    /// Deletes `keys` and frees their memory in the background; how many there were.
    #[doc(alias = "UNLINK")]
    fn unlink(self, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("UNLINK").several_keys(&keys))
    }
}

/// The condition of [`expire_with`](KeyCommands::expire_with).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpireOptions {
    /// Only if the key has no expiry (`NX`).
    IfNone,
    /// Only if the key has an expiry (`XX`).
    IfSome,
    /// Only if it makes the key live longer (`GT`); a key without expiry lives longest.
    IfLater,
    /// Only if it makes the key live shorter (`LT`).
    IfSooner,
}

impl ExpireOptions {
    fn write_to<T>(self, command: Command<'_, T>) -> Command<'_, T> {
        command.word(match self {
            Self::IfNone => "NX",
            Self::IfSome => "XX",
            Self::IfLater => "GT",
            Self::IfSooner => "LT",
        })
    }
}
