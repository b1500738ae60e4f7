//! `cargo xtask soak`: the client under load and under faults.

use std::os::unix::process::CommandExt;
use std::process::{self, Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::value_parser;

use crate::servers;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// For how long
    #[arg(long, default_value_t = 10.0, value_parser = minutes)]
    pub(crate) minutes: f64,
    /// How many threads put load on the servers, at least 6
    #[arg(long, default_value_t = 32, value_parser = value_parser!(u16).range(6..))]
    pub(crate) threads: u16,
    /// Where chance begins; by the clock if nothing is said
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// redis-7, redis-8, valkey-8, valkey-9 or the path of a server
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) server: Option<String>,
}

fn minutes(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(minutes) if (0.001..1e6).contains(&minutes) => Ok(minutes),
        _ => Err("expected a number of minutes, such as 0.5".to_owned()),
    }
}

/// The shell between the keyboard and the run. `$1` is the name of a pipe, the rest a command.
///
/// The command's input is the pipe, which ends when the shell is interrupted or dies; commands that a
/// shell starts in the background are not interrupted themselves. If nothing was wrong until then, the exit status
/// says that it was interrupted: 128 and the signal. A second Ctrl-C ends it the hard way.
const INTERRUPTIBLE: &str = r#"
pipe=$1
shift
mkfifo "$pipe" || exit 1
interrupted=0
end() {
    interrupted=$1
    exec 3>&-
    trap 'kill -s KILL "$run"' INT TERM
}
trap 'end 129' HUP
trap 'end 130' INT
trap 'end 143' TERM
"$@" <"$pipe" &
run=$!
exec 3>"$pipe"
rm -f "$pipe"
[ "$interrupted" = 0 ] || exec 3>&-
while :; do
    wait "$run"
    code=$?
    kill -0 "$run" 2>/dev/null && continue
    [ "$code" = 0 ] && code=$interrupted
    exit "$code"
done
"#;

/// Builds it, and becomes it.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let soak = command(workspace, arguments)?;
    let pipe = workspace.target().join(format!("soak-{}", process::id()));
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", INTERRUPTIBLE, "soak"])
        .arg(pipe)
        .arg(soak.get_program())
        .args(soak.get_args())
        .arg("--until-input-ends");
    for (name, value) in soak.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    Err(shell.exec()).context("cannot run /bin/sh")
}

/// Builds it; the command that runs it.
pub(crate) fn command(workspace: &Workspace, arguments: &Arguments) -> Result<Command> {
    let server = match &arguments.server {
        Some(given) => servers::by_name_or_path(workspace, given)?,
        None => servers::any(workspace)?,
    };
    let mut build = workspace.cargo(["build", "--release", "--package", "soak"]);
    if !build.status().context("cannot run cargo")?.success() {
        bail!("the soak does not build");
    }
    let mut soak = Command::new(workspace.target().join("release/soak"));
    soak.args(["--minutes", &arguments.minutes.to_string()]);
    soak.args(["--threads", &arguments.threads.to_string()]);
    if let Some(seed) = arguments.seed {
        soak.args(["--seed", &seed.to_string()]);
    }
    soak.env("REDIS_SERVER", server.path());
    Ok(soak)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Stdio};

    use super::*;

    /// A run whose command is `script`, in a shell of its own, once it has said that it has begun.
    fn begun(script: &str) -> (tempfile::TempDir, Child) {
        let directory = tempfile::tempdir().unwrap();
        // Who runs the tests in the background may have them ignore interruptions, which no shell can change.
        let mut shell = Command::new("env");
        shell.args([
            "--default-signal=INT",
            "/bin/sh",
            "-c",
            INTERRUPTIBLE,
            "soak",
        ]);
        shell.arg(directory.path().join("pipe"));
        shell.args(["/bin/sh", "-c", &format!("echo begun; {script}")]);
        let mut child = shell.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let output = child.stdout.as_mut().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        assert_eq!(line, "begun\n");
        (directory, child)
    }

    fn interrupt(child: &Child) {
        let kill = Command::new("kill")
            .args(["-s", "INT", &child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
    }

    #[test]
    fn a_run_that_is_interrupted_ends_by_itself_and_is_said_to_have_been() {
        // Reading ends when it is interrupted.
        for (verdict, code) in [(0, 130), (1, 1)] {
            let (_directory, mut child) = begun(&format!("cat; exit {verdict}"));
            interrupt(&child);
            assert_eq!(child.wait().unwrap().code(), Some(code));
        }
    }

    #[test]
    fn a_run_that_nobody_interrupts_has_its_own_exit_code() {
        for code in [0, 3] {
            let (_directory, mut child) = begun(&format!("exit {code}"));
            assert_eq!(child.wait().unwrap().code(), Some(code));
        }
    }

    #[test]
    fn a_run_that_does_not_end_is_ended_by_a_second_interruption() {
        let (_directory, mut child) = begun("cat; echo begun; exec sleep 600");
        interrupt(&child);
        let mut line = String::new();
        let output = child.stdout.as_mut().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        interrupt(&child);
        let status = child.wait().unwrap();
        assert_eq!(status.code().or(status.signal()), Some(137));
    }
}
