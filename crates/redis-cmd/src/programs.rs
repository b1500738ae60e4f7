//! Commands that run a program in the server: a script or a function.

use crate::Command;

/// Those that have a method, and so those that [`raw`](crate::raw) knows.
const RUNNING: [&str; 6] = [
    "EVAL",
    "EVALSHA",
    "EVALSHA_RO",
    "EVAL_RO",
    "FCALL",
    "FCALL_RO",
];

impl<T> Command<'_, T> {
    /// Whether the command runs a script or a function. What these answer is up to them, and so are errors of
    /// any code, which they may answer after having written: no code says that nothing was done.
    ///
    /// ```
    /// use redis_cmd::{Command, cmd, raw};
    ///
    /// let script: Command<'_> = cmd("EVAL").arg("return 1").arg(&0);
    /// assert!(script.runs_program() && raw(&("fcall", "f", 0)).runs_program());
    /// assert!(!raw(&("SCRIPT LOAD", "return 1")).runs_program());
    /// ```
    #[must_use]
    pub fn runs_program(&self) -> bool {
        self.arguments().next().is_some_and(is_running)
    }
}

fn is_running(name: &[u8]) -> bool {
    let mut running = RUNNING.iter();
    running.any(|running| name.eq_ignore_ascii_case(running.as_bytes()))
}
