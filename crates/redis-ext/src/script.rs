//! Scripts, which the server knows by the digest of their text.

use std::{fmt, sync::Arc};

use redis_cmd::{Command, Execute, ToArgs, cmd};
use redis_conn::Error;
use resp_proto::FromReplyOwned;

use crate::{Append, Batch, Pipeline, refusals::is_unknown_script, sha1};

/// A Lua script that the server runs as one step: nothing else happens in between.
///
/// It belongs to no client and can be run on any, on a pipeline and on a batch, with
/// [`run_script`](RunScript::run_script). Making one sends nothing, and cloning it is cheap, so it can
/// well be a `static`:
///
/// ```
/// use std::sync::LazyLock;
/// use redis_ext::Script;
///
/// static MULTIPLY: LazyLock<Script> = LazyLock::new(|| {
///     Script::new(
///         "local value = redis.call('GET', KEYS[1])
///          return tonumber(value) * ARGV[1]",
///     )
/// });
/// assert_eq!(MULTIPLY.sha1().len(), 40);
/// ```
#[derive(Clone)]
pub struct Script {
    text: Arc<str>,
    sha1: Arc<str>,
    read_only: bool,
}

impl Script {
    /// A script of that text.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        Self {
            sha1: sha1::hex(text.as_bytes()).into(),
            text,
            read_only: false,
        }
    }

    /// The same script, said to read only: the server then refuses what it would write, replicas run it,
    /// and a client may run it again when a connection was lost.
    ///
    /// It is sent with `EVALSHA_RO` and `EVAL_RO`, which are there since Redis 7.0.
    #[doc(alias = "EVAL_RO")]
    #[doc(alias = "EVALSHA_RO")]
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The SHA-1 of its text in hexadecimal, by which servers know it.
    #[must_use]
    pub fn sha1(&self) -> &str {
        &self.sha1
    }

    /// The command that runs it by its digest. A server that does not know it answers `NOSCRIPT`.
    pub fn by_digest<'a, T>(
        &'a self,
        keys: &'a (impl ToArgs + ?Sized),
        args: &'a (impl ToArgs + ?Sized),
    ) -> Command<'a, T> {
        let command = match self.read_only {
            false => cmd("EVALSHA"),
            true => cmd("EVALSHA_RO").read_only(),
        };
        let command = command.arg(&*self.sha1);
        command.counted_keys_or_none(keys).args(args)
    }

    /// The command that runs it by its text, whether the server knows it or not; it does afterwards.
    pub fn by_text<'a, T>(
        &'a self,
        keys: &'a (impl ToArgs + ?Sized),
        args: &'a (impl ToArgs + ?Sized),
    ) -> Command<'a, T> {
        let command = match self.read_only {
            false => cmd("EVAL"),
            true => cmd("EVAL_RO").read_only(),
        };
        let command = command.arg(&*self.text);
        command.counted_keys_or_none(keys).args(args)
    }

    /// Runs it by its digest and, if the server does not know it, by its text: for an executor that gets
    /// its reply at once and so can look at it.
    ///
    /// # Errors
    /// Those of `execute`.
    pub fn run<T>(
        &self,
        keys: &(impl ToArgs + ?Sized),
        args: &(impl ToArgs + ?Sized),
        mut execute: impl FnMut(Command<'_, T>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match execute(self.by_digest(keys, args)) {
            Err(error) if is_unknown_script(&error) => execute(self.by_text(keys, args)),
            result => result,
        }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script")
            .field("sha1", &self.sha1)
            .field("read_only", &self.read_only)
            .finish_non_exhaustive()
    }
}

/// Executors that run a [`Script`].
///
/// A client sends its digest (`EVALSHA`) and, if the server does not know it, its text (`EVAL`), which makes the server
/// know it: one round trip, or two if the server does not know the script (first use, after a flush, restart or
/// eviction); the first then ran nothing.
///
/// A pipeline or a batch gets its replies when it is too late to send anything else. The digest could
/// miss there even if it had been made known before: `SCRIPT FLUSH`, or a server that was started anew,
/// may come in between, and servers forget scripts that are rarely used. So the text is sent each time.
/// If a long script is called many times in one pipeline, and a `NOSCRIPT` can be dealt with, then
/// `script_load` before, and `evalsha` with [`Script::sha1`] in the pipeline, send less.
///
/// ```no_run
/// use redis_cmd::StringCommands;
/// use redis_ext::{RunScript, Script};
///
/// # fn with(batch: redis_ext::Batch) -> Result<(), redis_conn::Error> {
/// let multiply = Script::new("return redis.call('GET', KEYS[1]) * ARGV[1]");
/// let ((), ten) = batch.set("foo", 2).run_script::<i64>(&multiply, "foo", 5).execute()?;
/// assert_eq!(ten, 10);
/// # Ok(())
/// # }
/// ```
pub trait RunScript: Execute {
    /// Runs a script with its keys and its other arguments, either of which may be none: `()`. Returns what the script
    /// returns.
    ///
    /// A `None` is left out, which shifts the arguments after it.
    #[doc(alias = "EVALSHA")]
    fn run_script<T: FromReplyOwned>(
        self,
        script: &Script,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Self::Output<T> {
        self.execute(script.by_text(&keys, &args))
    }
}

impl RunScript for &mut Pipeline {}

impl<L: Append> RunScript for Batch<L> {}

#[cfg(test)]
mod tests {
    use redis_conn::Error;
    use resp_proto::ServerError;

    use super::Script;

    fn answer(line: &str) -> Error {
        // Wherever it passes, what the server said stays the same.
        Error::from(ServerError::from_line(line.as_bytes())).at("somewhere")
    }

    /// The commands that a script is run with, if they are answered so one after the other.
    fn commands(answers: &[Result<i64, &str>], script: &Script) -> (Vec<String>, String) {
        let mut answers = answers.iter();
        let mut sent = Vec::new();
        let result = script.run("foo", &5, |command| {
            sent.push(command.to_string());
            let answer = *answers.next().expect("no more commands than answers");
            answer.map_err(self::answer)
        });
        let result = result.map_or_else(|error| error.to_string(), |number| number.to_string());
        (sent, result)
    }

    const UNKNOWN: &str = "NOSCRIPT No matching script. Please use EVAL.";

    #[test]
    fn the_text_is_sent_only_to_a_server_that_does_not_know_it() {
        let script = Script::new("return 10");
        let by_digest = format!("EVALSHA {} 1 foo 5", script.sha1());
        let by_text = "EVAL \"return 10\" 1 foo 5".to_owned();

        let (sent, result) = commands(&[Ok(10)], &script);
        assert_eq!((sent, result.as_str()), (vec![by_digest.clone()], "10"));
        let (sent, result) = commands(&[Err(UNKNOWN), Ok(10)], &script);
        assert_eq!((sent, result.as_str()), (vec![by_digest, by_text], "10"));
    }

    #[test]
    fn a_script_that_answers_an_error_is_not_run_again() {
        for line in ["NOSCRIPT says the script itself", "ERR No matching script"] {
            let (sent, result) = commands(&[Err(line)], &Script::new("return 10"));
            assert_eq!((sent.len(), result), (1, format!("somewhere: {line}")));
        }
    }

    #[test]
    fn a_script_that_only_reads_may_be_repeated() {
        let script = Script::new("return 10").read_only();
        let (sent, _) = commands(&[Err(UNKNOWN), Ok(10)], &script);
        assert!(sent[0].starts_with("EVALSHA_RO ") && sent[1].starts_with("EVAL_RO "));
        assert!(script.by_digest::<()>(&(), &()).is_read_only());
        assert!(script.by_text::<()>(&(), &()).is_read_only());
        let writes = Script::new("return 10");
        assert!(!writes.by_digest::<()>(&(), &()).is_read_only());
        assert!(!writes.by_text::<()>(&(), &()).is_read_only());
    }

    #[test]
    fn debug_shows_no_text() {
        let shown = format!("{:?}", Script::new("return 'secret'"));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
