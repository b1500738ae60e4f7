//! What servers say when they have not run a script or a function.

use redis_conn::Error;

/// The error of a command, which says, if that [runs a program](redis_cmd::Command::runs_program), that it
/// [may have been executed](Error::maybe_executed), unless the words are the server's own for not having run it.
///
/// The code is not enough to go by: a script that has written can answer `BUSY` or `TRYAGAIN` as well.
pub(crate) fn told_apart(error: Error, runs_program: bool) -> Error {
    if runs_program && error.line().is_some() && !was_not_run(&error) {
        return error.with_maybe_executed(true);
    }
    error
}

/// Whether the server did not know the script, and so ran nothing.
pub(crate) fn is_unknown_script(error: &Error) -> bool {
    says(error, |code, words| {
        code == "NOSCRIPT" && words.starts_with("No matching script")
    })
}

/// Whether the server has no function of that name, and so ran nothing.
pub(crate) fn is_missing_function(error: &Error) -> bool {
    says(error, |code, words| {
        code == "ERR" && words.starts_with("Function not found")
    })
}

/// Whether the server says that it ran nothing, in the words of Redis or Valkey, which differ in who is busy. A
/// command inside of a script is never refused in these words.
fn was_not_run(error: &Error) -> bool {
    let could_not = says(error, |code, words| match code {
        "BUSY" => words.contains(" is busy running a "),
        "LOADING" => words.ends_with(" is loading the dataset in memory"),
        "NOAUTH" => words.starts_with("Authentication required"),
        "MASTERDOWN" => words.starts_with("Link with MASTER is down"),
        _ => false,
    });
    could_not || is_unknown_script(error) || is_missing_function(error)
}

fn says(error: &Error, so: impl FnOnce(&str, &str) -> bool) -> bool {
    let line = error.line().and_then(|line| line.split_once(' '));
    line.is_some_and(|(code, words)| so(code, words))
}

#[cfg(test)]
mod tests {
    use redis_cmd::raw;
    use resp_proto::ServerError;

    use super::*;

    /// Whether a command that is answered so may have been executed.
    fn maybe_executed(command: &[&str], line: &str) -> bool {
        let error = Error::from(ServerError::from_line(line.as_bytes())).at("somewhere");
        told_apart(error, raw(command).runs_program()).maybe_executed()
    }

    const PROGRAMS: [&[&str]; 4] = [
        &["EVAL", "return 1", "0"],
        &["evalsha", "0123", "0"],
        &["FCALL", "f", "0"],
        &["Fcall_ro", "f", "0"],
    ];

    #[test]
    fn a_program_may_answer_any_code_after_having_written() {
        for line in [
            "BUSY come back",
            "BUSY",
            "LOADING my data",
            "TRYAGAIN Multiple keys request during rehashing of slot",
            "NOSCRIPT says the script itself",
            "ERR Function failed",
            "WRONGPASS says the script itself",
            "READONLY You can't write against a read only replica. script: 0123, on @user_script:1.",
        ] {
            for command in PROGRAMS {
                assert!(maybe_executed(command, line), "{command:?}: {line}");
            }
            assert!(!maybe_executed(&["GET", "k"], line), "{line}");
        }
    }

    #[test]
    fn the_servers_own_words_say_that_nothing_was_run() {
        for line in [
            "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
            "BUSY Valkey is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.",
            "BUSY Redis is busy running a module command.",
            "LOADING Redis is loading the dataset in memory",
            "LOADING Valkey is loading the dataset in memory",
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
            "NOSCRIPT No matching script. Please use EVAL.",
            "NOAUTH Authentication required.",
            "NOSCRIPT No matching script.",
            "ERR Function not found",
        ] {
            for command in PROGRAMS {
                assert!(!maybe_executed(command, line), "{command:?}: {line}");
            }
        }
    }
}
