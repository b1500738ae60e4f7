//! The shell that holds a server, so that no way of ending this process leaves the server behind.
//!
//! A destructor does not run when a process is killed. A pipe closes in any case, so the server is
//! the child of a small shell that reads words from us:
//!
//! | we send | it does | it answers |
//! |---|---|---|
//! | (at its start) | starts the server | the server's process id |
//! | `KILL` | kills the server and waits for its end | `done` |
//! | `RELEASE` | the same, then ends and leaves the directory | nothing |
//! | another signal's name | sends it to the server | `done` |
//! | end of file | kills the server, removes the directory, ends | nothing |
//!
//! The shell waits for the server only after it has killed it, so the process id cannot have become
//! another process's when a signal is sent.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// `$1` is the server's directory, the rest its command line.
///
/// File descriptor 3 is the life line: after the `exec`, only the server holds its other end.
/// SIGPIPE is ignored so that an answer nobody reads does not keep the shell from cleaning up, and SIGHUP because the
/// system sends it to those whom our end leaves behind while the server is stopped.
const SCRIPT: &str = r#"
dir=$1
shift
"$@" 3>&2 >>"$dir/server.log" 2>&1 </dev/null &
server=$!
exec 2>/dev/null
trap '' PIPE HUP
echo "$server"
end() {
    [ -z "$server" ] || kill -s KILL "$server"
    wait
    server=
}
while read -r word; do
    case $word in
        KILL) end ;;
        RELEASE) end; exit ;;
        *) [ -z "$server" ] || kill -s "$word" "$server" ;;
    esac
    echo done
done
end
rm -rf "$dir"
"#;

#[derive(Debug)]
pub(crate) struct Supervisor {
    shell: Child,
    /// `None` once the shell was told to end.
    words: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    life_line: UnixStream,
    pid: u32,
}

impl Supervisor {
    /// Starts `server` with its log in `dir/server.log`.
    pub(crate) fn start(
        dir: &Path,
        server: &Path,
        args: &[impl AsRef<std::ffi::OsStr>],
    ) -> io::Result<Self> {
        let (life_line, servers_end) = UnixStream::pair()?;
        life_line.set_nonblocking(true)?;
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "redis-testkit"])
            .arg(dir)
            .arg(server)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(OwnedFd::from(servers_end))
            .current_dir(dir)
            // A Ctrl-C goes to the terminal's process group: it must end us, and our end the server.
            .process_group(0)
            .spawn()?;
        let words = shell.stdin.take();
        let answers = shell
            .stdout
            .take()
            .map(BufReader::new)
            .ok_or(io::ErrorKind::BrokenPipe)?;
        let mut supervisor = Self {
            shell,
            words,
            answers,
            life_line,
            pid: 0,
        };
        let answer = supervisor.answer()?;
        supervisor.pid = answer.parse().map_err(|_| {
            io::Error::other(format!(
                "expected a process id from the shell, found {answer:?}"
            ))
        })?;
        Ok(supervisor)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether the server has ended, by itself or because we ended it.
    pub(crate) fn server_has_ended(&self) -> bool {
        // The server never writes to the life line; it closes it by ending.
        matches!((&self.life_line).read(&mut [0]), Ok(0))
    }

    /// Sends the server a signal, named without `SIG`. `KILL` returns when the server is gone.
    pub(crate) fn signal(&mut self, name: &str) -> io::Result<()> {
        self.say(name)?;
        self.answer().map(drop)
    }

    /// Ends the server and the shell, and leaves the directory to its next server.
    pub(crate) fn release(mut self) -> io::Result<()> {
        self.say("RELEASE")?;
        self.shell.wait().map(drop)
    }

    fn say(&mut self, word: &str) -> io::Result<()> {
        let words = self.words.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        words.write_all(format!("{word}\n").as_bytes())
    }

    fn answer(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        // Closing the pipe is the word to end. Nobody could act on a failure to wait.
        self.words = None;
        let _ = self.shell.wait();
    }
}
