//! Modules: <https://redis.io/docs/latest/commands/?group=server>.

use std::{collections::BTreeMap, fmt};

use resp_proto::{DecodeError, FromReply, Reply, Value};

use crate::{
    Command, Execute, Lossy, ToArg, ToArgs,
    clauses::{Clause, Clauses},
    cmd,
    named::Named,
};

/// Commands on modules, which bring commands of their own to the server.
pub trait ModuleCommands: Execute {
    /// The modules.
    ///
    /// Since Redis 4.0. Complexity: O(N).
    #[doc(alias = "MODULE LIST")]
    fn module_list(self) -> Self::Output<Vec<Module>> {
        self.execute(cmd("MODULE LIST").read_only())
    }

    /// Loads a module. Fails when it cannot be.
    ///
    /// Since Redis 4.0. Complexity: O(1).
    #[doc(alias = "MODULE LOAD")]
    fn module_load(self, path: impl ToArg, args: impl ToArgs) -> Self::Output<()> {
        self.execute(cmd("MODULE LOAD").arg(&path).args(&args))
    }

    /// Loads a module with settings of its own. Fails when it cannot be.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "MODULE LOADEX")]
    fn module_loadex(self, path: impl ToArg, options: ModuleOptions) -> Self::Output<()> {
        self.execute(cmd("MODULE LOADEX").arg(&path).with(&options))
    }

    /// Unloads a module. Fails when there is none of that name, or it cannot be.
    ///
    /// Since Redis 4.0. Complexity: O(1).
    #[doc(alias = "MODULE UNLOAD")]
    fn module_unload(self, name: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("MODULE UNLOAD").arg(&name))
    }
}

/// What a module is loaded with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleOptions {
    clauses: Clauses,
}

impl ModuleOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a setting. May be said several times.
    #[must_use]
    pub fn config(mut self, name: impl ToArg, value: impl ToArg) -> Self {
        self.clauses.add(0, &("CONFIG", name, value));
        self
    }

    /// With arguments of its own.
    #[must_use]
    pub fn args(mut self, args: impl ToArgs) -> Self {
        self.clauses.set(1, &("ARGS", args));
        self
    }
}

impl Clause for ModuleOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// A module.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Module {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: i64,
    /// Where it was loaded from. Since Redis 7.0.
    pub path: Option<String>,
    /// What it was loaded with. Since Redis 7.0.
    pub args: Vec<String>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for Module {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        let path: Option<Lossy> = fields.find("path")?;
        let args: Option<Vec<Lossy>> = fields.find("args")?;
        Ok(Self {
            name: fields.take("name")?,
            version: fields.take("ver")?,
            path: path.map(String::from),
            args: args.into_iter().flatten().map(String::from).collect(),
            rest: fields.rest()?,
        })
    }
}

/// Shows how many arguments it was loaded with, and nothing of them: one may be a password.
impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("path", &self.path)
            .field("args", &self.args.len())
            .field("rest", &self.rest)
            .finish()
    }
}
