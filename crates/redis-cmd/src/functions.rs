//! Functions, which libraries bring to the server:
//! <https://redis.io/docs/latest/commands/?group=scripting>.

use std::{collections::BTreeMap, time::Duration};

use resp_proto::{DecodeError, FromReply, FromReplyOwned, Reply, Value};

use crate::{
    Command, Execute, FlushMode, Lossy, ToArg, ToArgs, clauses::Clause, cmd, named::Named,
};

/// Commands that call functions of the server, and look after their libraries. Since Redis 7.0.
///
/// Functions get their keys and their other arguments apart, either may be none: `()`. A `None` among them is left out,
/// so that those behind it move up: an empty text in its place keeps them where they are.
pub trait FunctionCommands: Execute {
    /// Calls a function. Returns its result.
    ///
    /// Since Redis 7.0.
    #[doc(alias = "FCALL")]
    fn fcall<T: FromReplyOwned>(
        self,
        function: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Self::Output<T> {
        self.execute(
            cmd("FCALL")
                .arg(&function)
                .counted_keys_or_none(&keys)
                .args(&args),
        )
    }

    /// Calls a function that only reads. Returns its result.
    ///
    /// Since Redis 7.0.
    #[doc(alias = "FCALL_RO")]
    fn fcall_ro<T: FromReplyOwned>(
        self,
        function: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Self::Output<T> {
        self.execute(
            cmd("FCALL_RO")
                .read_only()
                .arg(&function)
                .counted_keys_or_none(&keys)
                .args(&args),
        )
    }

    /// Removes a library. Fails when there is none of that name.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "FUNCTION DELETE")]
    fn function_delete(self, library: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("FUNCTION DELETE").arg(&library))
    }

    /// All libraries in the server's own format, for
    /// [`function_restore`](FunctionCommands::function_restore).
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "FUNCTION DUMP")]
    fn function_dump(self) -> Self::Output<Vec<u8>> {
        self.execute(cmd("FUNCTION DUMP").read_only())
    }

    /// Removes all libraries.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "FUNCTION FLUSH")]
    fn function_flush(self) -> Self::Output<()> {
        self.execute(cmd("FUNCTION FLUSH"))
    }

    /// Removes all libraries, now or in the background.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "FUNCTION FLUSH")]
    fn function_flush_with(self, mode: FlushMode) -> Self::Output<()> {
        self.execute(cmd("FUNCTION FLUSH").with(&mode))
    }

    /// Stops the function that is running, unless it has written something. Fails when there is none.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "FUNCTION KILL")]
    fn function_kill(self) -> Self::Output<()> {
        self.execute(cmd("FUNCTION KILL"))
    }

    /// All libraries.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "FUNCTION LIST")]
    fn function_list(self) -> Self::Output<Vec<Library>> {
        self.execute(cmd("FUNCTION LIST").read_only())
    }

    /// The libraries whose names match a glob-style pattern.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "FUNCTION LIST")]
    #[doc(alias = "FUNCTION LIST LIBRARYNAME")]
    fn function_list_named(self, pattern: impl ToArg) -> Self::Output<Vec<Library>> {
        self.execute(
            cmd("FUNCTION LIST")
                .read_only()
                .word("LIBRARYNAME")
                .arg(&pattern),
        )
    }

    /// The libraries whose names match a glob-style pattern, with their code.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "FUNCTION LIST")]
    #[doc(alias = "FUNCTION LIST WITHCODE")]
    fn function_list_withcode(self, pattern: impl ToArg) -> Self::Output<Vec<Library>> {
        self.execute(
            cmd("FUNCTION LIST")
                .read_only()
                .word("LIBRARYNAME")
                .arg(&pattern)
                .word("WITHCODE"),
        )
    }

    /// Adds a library. Returns its name. An error when there is one of that name.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "FUNCTION LOAD")]
    fn function_load(self, code: impl ToArg) -> Self::Output<String> {
        self.execute(cmd("FUNCTION LOAD").arg(&code))
    }

    /// Adds a library, over the one of its name if there is one. Returns its name.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "FUNCTION LOAD")]
    #[doc(alias = "FUNCTION LOAD REPLACE")]
    fn function_load_replace(self, code: impl ToArg) -> Self::Output<String> {
        self.execute(cmd("FUNCTION LOAD").word("REPLACE").arg(&code))
    }

    /// Adds the libraries of a dump.
    ///
    /// Since Redis 7.0. Complexity: O(N).
    #[doc(alias = "FUNCTION RESTORE")]
    fn function_restore(self, dump: impl ToArg, policy: RestorePolicy) -> Self::Output<()> {
        self.execute(cmd("FUNCTION RESTORE").arg(&dump).with(&policy))
    }

    /// Which function is running, and how many there are.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "FUNCTION STATS")]
    fn function_stats(self) -> Self::Output<FunctionStats> {
        self.execute(cmd("FUNCTION STATS").read_only())
    }
}

/// What becomes of the libraries that are there when a dump is restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestorePolicy {
    /// They stay, and one of the same name is an error.
    Append,
    /// They go.
    Flush,
    /// They stay, but those of the same name.
    Replace,
}

impl Clause for RestorePolicy {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(match self {
            Self::Append => "APPEND",
            Self::Flush => "FLUSH",
            Self::Replace => "REPLACE",
        })
    }
}

/// A library of functions.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Library {
    /// Its name.
    pub name: String,
    /// What runs it, like `LUA`.
    pub engine: String,
    /// Its functions.
    pub functions: Vec<Function>,
    /// Its code, if that was asked for; what is no UTF-8 in it is replaced.
    pub code: Option<String>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for Library {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        let code: Option<Lossy> = fields.find("library_code")?;
        Ok(Self {
            name: fields.take("library_name")?,
            engine: fields.take("engine")?,
            functions: fields.take("functions")?,
            code: code.map(|Lossy(text)| text),
            rest: fields.rest()?,
        })
    }
}

/// A function of a library.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What its library says about it; what is no UTF-8 in it is replaced.
    pub description: Option<String>,
    /// What it may do, like `no-writes`.
    pub flags: Vec<String>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for Function {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        let description: Option<Lossy> = fields.find("description")?;
        Ok(Self {
            name: fields.take("name")?,
            description: description.map(|Lossy(text)| text),
            flags: fields.take("flags")?,
            rest: fields.rest()?,
        })
    }
}

/// Which function is running, and how many there are.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FunctionStats {
    /// The one that is running.
    pub running: Option<RunningScript>,
    /// By engine, how many libraries and functions there are.
    pub engines: BTreeMap<String, BTreeMap<String, u64>>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for FunctionStats {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            running: fields.find("running_script")?,
            engines: fields.take("engines")?,
            rest: fields.rest()?,
        })
    }
}

/// A function that is running.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunningScript {
    /// Its name.
    pub name: String,
    /// The command that called it.
    pub command: Vec<Value>,
    /// For how long.
    pub duration: Duration,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for RunningScript {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            name: fields.take("name")?,
            command: fields.take("command")?,
            duration: Duration::from_millis(fields.take("duration_ms")?),
            rest: fields.rest()?,
        })
    }
}
