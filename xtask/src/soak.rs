//! `cargo xtask soak`: the client under load and under faults.

use std::os::unix::process::CommandExt;
use std::process::{self, Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::servers;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// For how long
    #[arg(long, default_value_t = 10.0)]
    pub(crate) minutes: f64,
    /// How many threads put load on the servers
    #[arg(long, default_value_t = 32)]
    pub(crate) threads: usize,
    /// Where chance begins; by the clock if nothing is said
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// redis-7, redis-8, valkey-8, valkey-9 or the path of a server
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) server: Option<String>,
}

/// The shell between the keyboard and the run. `$1` is the name of a pipe, the rest a command.
///
/// The command's input is the pipe, which ends when the shell is interrupted or dies; commands that a
/// shell starts in the background are not interrupted themselves. A second Ctrl-C ends it the hard way.
const INTERRUPTIBLE: &str = r#"
pipe=$1
shift
mkfifo "$pipe" || exit 1
"$@" <"$pipe" &
run=$!
exec 3>"$pipe"
rm -f "$pipe"
trap 'exec 3>&-; trap "kill -s KILL $run" INT TERM' INT TERM HUP
while :; do
    wait "$run"
    code=$?
    kill -0 "$run" 2>/dev/null || exit "$code"
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
