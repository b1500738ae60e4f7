//! The commands that the server knows: <https://redis.io/docs/latest/commands/?group=server>.

use std::collections::BTreeMap;

use resp_proto::{DecodeError, FromReply, FromReplyOwned, Reply, Value};

use crate::{
    Command, Execute, KeptArg, ToArg, ToArgs,
    clauses::Clause,
    cmd,
    named::{Named, rest_of},
};

/// Commands on the commands that the server knows.
pub trait CommandTableCommands: Execute {
    /// All commands.
    ///
    /// Complexity: O(N).
    #[doc(alias = "COMMAND")]
    fn command(self) -> Self::Output<Vec<CommandInfo>> {
        self.execute(cmd("COMMAND").read_only())
    }

    /// How many commands there are.
    ///
    /// Complexity: O(1).
    #[doc(alias = "COMMAND COUNT")]
    fn command_count(self) -> Self::Output<usize> {
        self.execute(cmd("COMMAND COUNT").read_only())
    }

    /// What the server says about commands, none of `names` being all; unknown ones are left out.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "COMMAND DOCS")]
    fn command_docs(self, names: impl ToArgs) -> Self::Output<BTreeMap<String, CommandDocs>> {
        self.execute(cmd("COMMAND DOCS").read_only().args(&names))
    }

    /// Which arguments of a command are keys; an error when none is.
    ///
    /// Complexity: O(N).
    #[doc(alias = "COMMAND GETKEYS")]
    fn command_getkeys<T: FromReplyOwned>(self, command: impl ToArgs) -> Self::Output<Vec<T>> {
        self.execute(cmd("COMMAND GETKEYS").read_only().several(&command))
    }

    /// Which arguments of a command are keys, and what is done to them; an error when none is.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "COMMAND GETKEYSANDFLAGS")]
    fn command_getkeysandflags<T: FromReplyOwned>(
        self,
        command: impl ToArgs,
    ) -> Self::Output<Vec<(T, Vec<String>)>> {
        self.execute(cmd("COMMAND GETKEYSANDFLAGS").read_only().several(&command))
    }

    /// Some commands, none of `names` being all; `None` for those that there are not.
    ///
    /// Complexity: O(N).
    #[doc(alias = "COMMAND INFO")]
    fn command_info(self, names: impl ToArgs) -> Self::Output<Vec<Option<CommandInfo>>> {
        self.execute(cmd("COMMAND INFO").read_only().elements_or_none(&names))
    }

    /// The names of all commands.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "COMMAND LIST")]
    fn command_list(self) -> Self::Output<Vec<String>> {
        self.execute(cmd("COMMAND LIST").read_only())
    }

    /// The names of the commands that match.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "COMMAND LIST")]
    #[doc(alias = "COMMAND LIST FILTERBY")]
    fn command_list_filterby(self, filter: CommandFilter) -> Self::Output<Vec<String>> {
        self.execute(
            cmd("COMMAND LIST")
                .read_only()
                .word("FILTERBY")
                .with(&filter),
        )
    }
}

/// Which commands are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandFilter {
    by: &'static str,
    name: KeptArg,
}

impl CommandFilter {
    /// Those of a module.
    pub fn module(name: impl ToArg) -> Self {
        Self {
            by: "MODULE",
            name: KeptArg::new(&name),
        }
    }

    /// Those of a category of ACL rules.
    #[doc(alias = "ACLCAT")]
    pub fn acl_category(name: impl ToArg) -> Self {
        Self {
            by: "ACLCAT",
            name: KeptArg::new(&name),
        }
    }

    /// Those whose names match a glob-style pattern.
    pub fn pattern(pattern: impl ToArg) -> Self {
        Self {
            by: "PATTERN",
            name: KeptArg::new(&pattern),
        }
    }
}

impl Clause for CommandFilter {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(self.by).arg(&self.name)
    }
}

/// A command that the server knows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CommandInfo {
    /// Its name, in lower case; that of a subcommand like `client|list`.
    pub name: String,
    /// How many arguments it takes, its name included; if negative, at least so many.
    pub arity: i64,
    /// What it does, in the server's words.
    pub flags: Vec<String>,
    /// Where its keys begin, 0 if it has none or they move about.
    pub first_key: i64,
    /// Where its keys end, counted from the end if negative.
    pub last_key: i64,
    /// How far apart its keys are.
    pub step: i64,
    /// Its categories of ACL rules. Since Redis 6.0.
    pub acl_categories: Vec<String>,
    /// Hints to clients. Since Redis 7.0.
    pub tips: Vec<String>,
    /// Where its keys are. Protocols differ in how it is said: [decode](Value::decode) it. Since Redis 7.0.
    pub key_specs: Vec<Value>,
    /// Its subcommands. Since Redis 7.0.
    pub subcommands: Vec<CommandInfo>,
    /// Whatever else the server says. Protocols differ in how: [decode](Value::decode) it.
    pub rest: Vec<Value>,
}

impl FromReply<'_> for CommandInfo {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let parts: Vec<Reply<'_>> = reply.decode()?;
        let [name, arity, flags, first_key, last_key, step, later @ ..] = &parts[..] else {
            return Err(DecodeError::mismatch("the parts of a command", reply));
        };
        let rest = rest_of(later, 4)?;
        let later = |index: usize| later.get(index);
        Ok(Self {
            name: name.decode()?,
            arity: arity.decode()?,
            flags: flags.decode()?,
            first_key: first_key.decode()?,
            last_key: last_key.decode()?,
            step: step.decode()?,
            acl_categories: later(0).map_or(Ok(Vec::new()), Reply::decode)?,
            tips: later(1).map_or(Ok(Vec::new()), Reply::decode)?,
            key_specs: later(2).map_or(Ok(Vec::new()), Reply::decode)?,
            subcommands: later(3).map_or(Ok(Vec::new()), Reply::decode)?,
            rest,
        })
    }
}

/// What the server says about a command.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CommandDocs {
    /// What it does.
    pub summary: Option<String>,
    /// The version that brought it.
    pub since: Option<String>,
    /// What it belongs to.
    pub group: Option<String>,
    /// How its time grows.
    pub complexity: Option<String>,
    /// Its subcommands.
    pub subcommands: BTreeMap<String, CommandDocs>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for CommandDocs {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            summary: fields.find("summary")?,
            since: fields.find("since")?,
            group: fields.find("group")?,
            complexity: fields.find("complexity")?,
            subcommands: fields.find("subcommands")?.unwrap_or_default(),
            rest: fields.rest()?,
        })
    }
}
