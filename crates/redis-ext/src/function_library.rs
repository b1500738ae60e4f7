//! Libraries of functions, which are brought to servers that lack them.

use std::{fmt, sync::Arc};

use redis_cmd::{Command, Execute, FunctionCommands, ToArg, ToArgs, cmd};
use redis_conn::{Error, ErrorKind};
use resp_proto::FromReplyOwned;

use crate::refusals::is_missing_function;

/// The code of a library of functions, which servers keep: since Redis 7.0, over restarts and on replicas.
///
/// Its first line says its name: `#!lua name=mylib`. It belongs to no client, and making one sends
/// nothing: [`call_function`](CallFunction::call_function) brings it to a server that lacks it, or
/// [`load`](FunctionLibrary::load) does before.
///
/// ```
/// use redis_ext::FunctionLibrary;
///
/// let library = FunctionLibrary::new(
///     "#!lua name=mylib
///      redis.register_function('twice', function(keys, args) return args[1] * 2 end)",
/// )?;
/// assert_eq!(library.name(), "mylib");
/// # Ok::<(), redis_conn::Error>(())
/// ```
#[derive(Clone)]
pub struct FunctionLibrary {
    name: Arc<str>,
    code: Arc<str>,
}

impl FunctionLibrary {
    /// A library of that code.
    ///
    /// # Errors
    /// `InvalidInput` when the first line is not like `#!lua name=mylib`.
    pub fn new(code: impl Into<Arc<str>>) -> Result<Self, Error> {
        let code = code.into();
        Ok(Self {
            name: name_in(&code)?.into(),
            code,
        })
    }

    /// Its name, from the first line of its code.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Adds it to the server. Returns its name. An error when there is one of that name.
    #[doc(alias = "FUNCTION LOAD")]
    pub fn load<E: FunctionCommands>(&self, executor: E) -> E::Output<String> {
        executor.function_load(&*self.code)
    }

    /// Adds it to the server, over the one of its name if there is one. Returns its name.
    #[doc(alias = "FUNCTION LOAD REPLACE")]
    pub fn replace<E: FunctionCommands>(&self, executor: E) -> E::Output<String> {
        executor.function_load_replace(&*self.code)
    }

    /// Removes whatever library of its name the server has. Fails when there is none.
    #[doc(alias = "FUNCTION DELETE")]
    pub fn delete<E: FunctionCommands>(&self, executor: E) -> E::Output<()> {
        executor.function_delete(&*self.name)
    }

    /// Has `executor` call one of its functions with `call` and, if the server lacks the function, again after `load`,
    /// which is to carry out the command that adds the library: for an executor that gets its reply at
    /// once.
    ///
    /// # Errors
    /// Those of `call` and of `load`.
    pub fn call<E, T>(
        &self,
        mut executor: E,
        mut call: impl FnMut(&mut E) -> Result<T, Error>,
        load: impl FnOnce(&mut E, Command<'_, String>) -> Result<String, Error>,
    ) -> Result<T, Error> {
        match call(&mut executor) {
            Err(error) if is_missing_function(&error) => {}
            result => return result,
        }
        // Somebody else may have been faster, so whether the function is there now says more than this.
        let loaded = load(&mut executor, cmd("FUNCTION LOAD").arg(&*self.code));
        match call(&mut executor) {
            Err(error) if is_missing_function(&error) => {
                loaded.map_err(|reason| reason.at(format!("loading the library {}", self.name)))?;
                Err(error)
            }
            result => result,
        }
    }
}

impl fmt::Debug for FunctionLibrary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionLibrary")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The name of a library.
///
/// ```text
/// #!ENGINE name=NAME
/// ```
fn name_in(code: &str) -> Result<&str, Error> {
    let invalid = |found: &str| {
        let message = format!("expected a first line like \"#!lua name=mylib\", found {found}");
        Error::new(ErrorKind::InvalidInput, message)
    };
    let line = code.lines().next().unwrap_or_default();
    let line = line
        .strip_prefix("#!")
        .ok_or_else(|| invalid("one without \"#!\""))?;
    let name = line.split_ascii_whitespace().skip(1).find_map(|word| {
        let (key, name) = word.split_once('=')?;
        key.eq_ignore_ascii_case("name").then_some(name)
    });
    match name.ok_or_else(|| invalid("one without a name"))? {
        "" => Err(invalid("one with an empty name")),
        name => Ok(name),
    }
}

/// Executors that call functions of a [`FunctionLibrary`], and bring it to a server that lacks it.
///
/// Pipelines and batches are none: they see too late that a function is missing. For them,
/// [`load`](FunctionLibrary::load) the library before and call its functions with
/// [`fcall`](FunctionCommands::fcall): unlike scripts, libraries stay until somebody removes them.
pub trait CallFunction: Execute {
    /// Calls a function of the library. Returns its result. If the server has no function of that name, the library is
    /// loaded first.
    ///
    /// A library of the same name that lacks the function is not replaced: that is an error, and
    /// [`replace`](FunctionLibrary::replace) is for whoever knows better. A `None` among the keys or the arguments is
    /// left out, which shifts the arguments after it.
    #[doc(alias = "FCALL")]
    fn call_function<T: FromReplyOwned>(
        self,
        library: &FunctionLibrary,
        function: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Self::Output<T>;

    /// What [`call_function`](CallFunction::call_function) does, for a function that only reads, which its
    /// flag `no-writes` says: replicas run it, and a client may run it again when a connection was lost.
    #[doc(alias = "FCALL_RO")]
    fn call_function_ro<T: FromReplyOwned>(
        self,
        library: &FunctionLibrary,
        function: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Self::Output<T>;
}

#[cfg(test)]
mod tests {
    use redis_conn::{Error, ErrorKind};
    use resp_proto::ServerError;

    use super::FunctionLibrary;

    #[test]
    fn the_first_line_says_the_name() {
        for line in [
            "#!lua name=mylib",
            "#!lua  name=mylib  ",
            "#!LUA NAME=mylib\r",
            "#!js api=1 name=mylib",
        ] {
            let library = FunctionLibrary::new(format!("{line}\nreturn 1")).unwrap();
            assert_eq!(library.name(), "mylib", "{line:?}");
        }
    }

    #[test]
    fn a_library_without_a_name_is_refused() {
        for (code, found) in [
            ("", "one without \"#!\""),
            ("return 1", "one without \"#!\""),
            ("\n#!lua name=mylib", "one without \"#!\""),
            ("#!lua", "one without a name"),
            ("#!name=mylib", "one without a name"),
            ("#!lua\nname=mylib", "one without a name"),
            ("#!lua name=", "one with an empty name"),
        ] {
            let error = FunctionLibrary::new(code).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            let expected =
                format!("expected a first line like \"#!lua name=mylib\", found {found}");
            assert_eq!(error.to_string(), expected, "{code:?}");
        }
    }

    const MISSING: &str = "ERR Function not found";

    /// What comes of a call if the calls and the loading are answered so.
    fn called(calls: &[Result<i64, &str>], load: Result<&str, &str>) -> Result<i64, String> {
        let library = FunctionLibrary::new("#!lua name=mylib\n").unwrap();
        let error = |line: &str| Error::from(ServerError::from_line(line.as_bytes()));
        let mut calls = calls.iter();
        let call = |_: &mut ()| calls.next().expect("another call").map_err(error);
        let load =
            |_: &mut (), _: redis_cmd::Command<'_, String>| load.map(str::to_owned).map_err(error);
        let result = library.call((), call, load);
        assert_eq!(calls.len(), 0, "fewer calls than expected");
        result.map_err(|error| error.to_string())
    }

    #[test]
    fn a_missing_function_brings_its_library() {
        assert_eq!(called(&[Ok(1)], Err("ERR not to be loaded")), Ok(1));
        assert_eq!(called(&[Err(MISSING), Ok(1)], Ok("mylib")), Ok(1));
    }

    #[test]
    fn two_that_load_at_once_do_not_mind_each_other() {
        let exists = Err("ERR Library 'mylib' already exists");
        assert_eq!(called(&[Err(MISSING), Ok(1)], exists), Ok(1));
    }

    #[test]
    fn a_function_that_is_not_in_the_library_is_an_error() {
        let result = called(&[Err(MISSING), Err(MISSING)], Ok("mylib"));
        assert_eq!(result.unwrap_err(), MISSING);
        let exists = Err("ERR Library 'mylib' already exists");
        let result = called(&[Err(MISSING), Err(MISSING)], exists);
        assert_eq!(
            result.unwrap_err(),
            "loading the library mylib: ERR Library 'mylib' already exists"
        );
    }
}
