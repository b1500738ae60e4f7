//! Users and what they may do: <https://redis.io/docs/latest/commands/?group=server>.

use std::{collections::BTreeMap, fmt, time::Duration};

use resp_proto::{Data, DecodeError, FromReply, Reply, Value};

use crate::{Execute, Lossy, ToArg, ToArgs, UnixMilliseconds, cmd, named::Named};

/// Commands on users and what they may do.
pub trait AclCommands: Execute {
    /// The categories of commands.
    ///
    /// Since Redis 6.0. Complexity: O(1).
    #[doc(alias = "ACL CAT")]
    fn acl_cat(self) -> Self::Output<Vec<String>> {
        self.execute(cmd("ACL CAT").read_only())
    }

    /// The commands of a category.
    ///
    /// Since Redis 6.0. Complexity: O(1).
    #[doc(alias = "ACL CAT")]
    fn acl_cat_category(self, category: impl ToArg) -> Self::Output<Vec<String>> {
        self.execute(cmd("ACL CAT").read_only().arg(&category))
    }

    /// Removes users and closes their connections. Returns how many there were.
    ///
    /// Since Redis 6.0. Complexity: O(1).
    #[doc(alias = "ACL DELUSER")]
    fn acl_deluser(self, users: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("ACL DELUSER").several(&users))
    }

    /// Whether a user might run a command; an error when there is no such user or command.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "ACL DRYRUN")]
    fn acl_dryrun(
        self,
        user: impl ToArg,
        command: impl ToArg,
        args: impl ToArgs,
    ) -> Self::Output<DryRun> {
        self.execute(
            cmd("ACL DRYRUN")
                .read_only()
                .arg(&user)
                .arg(&command)
                .args(&args),
        )
    }

    /// A password that nobody can guess.
    ///
    /// Since Redis 6.0. Complexity: O(1).
    #[doc(alias = "ACL GENPASS")]
    fn acl_genpass(self) -> Self::Output<String> {
        self.execute(cmd("ACL GENPASS").read_only())
    }

    /// A password of so many bits, written in hexadecimal.
    ///
    /// Since Redis 6.0. Complexity: O(1).
    #[doc(alias = "ACL GENPASS")]
    fn acl_genpass_bits(self, bits: u32) -> Self::Output<String> {
        self.execute(cmd("ACL GENPASS").read_only().unsigned(bits.into()))
    }

    /// What a user may do; `None` when there is no such user.
    ///
    /// Since Redis 6.0. Complexity: O(N).
    #[doc(alias = "ACL GETUSER")]
    fn acl_getuser(self, user: impl ToArg) -> Self::Output<Option<AclUser>> {
        self.execute(cmd("ACL GETUSER").read_only().arg(&user))
    }

    /// All users, each as the line that would define it.
    ///
    /// Since Redis 6.0. Complexity: O(N).
    #[doc(alias = "ACL LIST")]
    fn acl_list(self) -> Self::Output<Vec<Lossy>> {
        self.execute(cmd("ACL LIST").read_only())
    }

    /// Reads users from the file that is configured. Fails when there is none.
    ///
    /// Since Redis 6.0. Complexity: O(N).
    #[doc(alias = "ACL LOAD")]
    fn acl_load(self) -> Self::Output<()> {
        self.execute(cmd("ACL LOAD"))
    }

    /// The latest ten things that were denied.
    ///
    /// Since Redis 6.0. Complexity: O(N).
    #[doc(alias = "ACL LOG")]
    fn acl_log(self) -> Self::Output<Vec<AclLogEntry>> {
        self.execute(cmd("ACL LOG").read_only())
    }

    /// The latest `count` things that were denied.
    ///
    /// Since Redis 6.0. Complexity: O(N).
    #[doc(alias = "ACL LOG")]
    fn acl_log_count(self, count: u64) -> Self::Output<Vec<AclLogEntry>> {
        self.execute(cmd("ACL LOG").read_only().unsigned(count))
    }

    /// Forgets what was denied.
    ///
    /// Since Redis 6.0. Complexity: O(N).
    #[doc(alias = "ACL LOG")]
    #[doc(alias = "ACL LOG RESET")]
    fn acl_log_reset(self) -> Self::Output<()> {
        self.execute(cmd("ACL LOG").word("RESET"))
    }

    /// Writes users to the file that is configured. Fails when there is none.
    ///
    /// Since Redis 6.0. Complexity: O(N).
    #[doc(alias = "ACL SAVE")]
    fn acl_save(self) -> Self::Output<()> {
        self.execute(cmd("ACL SAVE"))
    }

    /// Makes a user, or changes what it may do, by rules like `on`, `>password`, `~key*`, `+@read`.
    ///
    /// Since Redis 6.0. Complexity: O(N).
    #[doc(alias = "ACL SETUSER")]
    fn acl_setuser(self, user: impl ToArg, rules: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("ACL SETUSER").arg(&user).args(&rules))
    }

    /// The names of all users.
    ///
    /// Since Redis 6.0. Complexity: O(N).
    #[doc(alias = "ACL USERS")]
    fn acl_users(self) -> Self::Output<Vec<Lossy>> {
        self.execute(cmd("ACL USERS").read_only())
    }

    /// The user that this runs as.
    ///
    /// Since Redis 6.0. Complexity: O(1).
    #[doc(alias = "ACL WHOAMI")]
    fn acl_whoami(self) -> Self::Output<Lossy> {
        self.execute(cmd("ACL WHOAMI").read_only())
    }
}

/// Whether a user might run a command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DryRun {
    /// It might.
    Allowed,
    /// It might not, for the reason that the server states; what is no UTF-8 in it is replaced.
    Denied(String),
}

impl FromReply<'_> for DryRun {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        match reply.data() {
            Data::Simple(b"OK") => Ok(Self::Allowed),
            _ => reply.decode().map(|Lossy(reason)| Self::Denied(reason)),
        }
    }
}

/// Servers before 7.0 send a list where later ones send text.
struct Words(String);

impl<'a> FromReply<'a> for Words {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        match reply.elements() {
            Some(words) => {
                let words: Result<Vec<_>, _> = words.map(|word| word.decode::<Lossy>()).collect();
                Ok(Self(
                    words?
                        .into_iter()
                        .map(|word| word.0)
                        .collect::<Vec<_>>()
                        .join(" "),
                ))
            }
            None => Ok(Self(reply.decode::<Lossy>()?.0)),
        }
    }
}

/// What a user may do. What is no UTF-8 in its rules is replaced.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct AclUser {
    /// Its state: `on`, `nopass` and more.
    pub flags: Vec<String>,
    /// The hashes of its passwords.
    pub passwords: Vec<String>,
    /// The commands that it may run, as rules.
    pub commands: String,
    /// The keys that it may use, as rules.
    pub keys: String,
    /// The channels that it may use, as rules. Since Redis 6.2.
    pub channels: String,
    /// Further sets of rules, any of which is enough. Since Redis 7.0.
    pub selectors: Vec<BTreeMap<String, String>>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for AclUser {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        let selectors: Option<Vec<BTreeMap<String, Lossy>>> = fields.find("selectors")?;
        let selectors = selectors.into_iter().flatten();
        let of_text = |selector: BTreeMap<String, Lossy>| {
            let rules = selector.into_iter();
            rules.map(|(kind, Lossy(rules))| (kind, rules)).collect()
        };
        Ok(Self {
            flags: fields.take("flags")?,
            passwords: fields.take("passwords")?,
            commands: fields.take::<Lossy>("commands")?.0,
            keys: fields.take::<Words>("keys")?.0,
            channels: fields
                .find::<Words>("channels")?
                .map_or_else(String::new, |words| words.0),
            selectors: selectors.map(of_text).collect(),
            rest: fields.rest()?,
        })
    }
}

/// Shows how many passwords there are, and nothing of them.
impl fmt::Debug for AclUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AclUser")
            .field("flags", &self.flags)
            .field("passwords", &self.passwords.len())
            .field("commands", &self.commands)
            .field("keys", &self.keys)
            .field("channels", &self.channels)
            .field("selectors", &self.selectors)
            .field("rest", &self.rest)
            .finish()
    }
}

/// Something that was denied.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AclLogEntry {
    /// How often, within the last minute of it.
    pub count: u64,
    /// Why: `command`, `key`, `channel` or `auth`.
    pub reason: String,
    /// Where: `toplevel`, `multi`, `lua` or `module`.
    pub context: String,
    /// What was denied: the name of a command, a key, a channel. What is no UTF-8 in it is replaced.
    pub object: String,
    /// Whom, by the name that was given; likewise.
    pub username: String,
    /// How long ago the last time was.
    pub age: Duration,
    /// The connection, as a line of `CLIENT LIST`.
    pub client_info: String,
    /// A number that grows. Since Redis 7.2.
    pub entry_id: Option<u64>,
    /// When the first time was. Since Redis 7.2.
    pub timestamp_created: Option<UnixMilliseconds>,
    /// When the last time was. Since Redis 7.2.
    pub timestamp_last_updated: Option<UnixMilliseconds>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for AclLogEntry {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            count: fields.take("count")?,
            reason: fields.take("reason")?,
            context: fields.take("context")?,
            object: fields.take::<Lossy>("object")?.0,
            username: fields.take::<Lossy>("username")?.0,
            age: Duration::try_from_secs_f64(fields.take("age-seconds")?).unwrap_or_default(),
            client_info: fields.take::<Lossy>("client-info")?.0,
            entry_id: fields.find("entry-id")?,
            timestamp_created: fields.find("timestamp-created")?,
            timestamp_last_updated: fields.find("timestamp-last-updated")?,
            rest: fields.rest()?,
        })
    }
}
