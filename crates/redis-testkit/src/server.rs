//! A running throwaway server.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::binary::ServerBinary;
use crate::builder::ServerBuilder;
use crate::error::{Error, ErrorKind};
use crate::port::Port;
use crate::readiness;
use crate::supervisor::Supervisor;
use crate::url;
use crate::version::Version;

/// How long a start or an end is waited for between two looks.
const POLL: Duration = Duration::from_millis(2);
/// How long [`Server::stop`] leaves a server to end by itself.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// How many of the log's last lines an error shows.
const LOG_LINES: usize = 12;

/// A server of one's own, on a free TCP port of 127.0.0.1 and on a Unix socket.
///
/// It is killed, and its directory removed, when this value is dropped and when this process ends in
/// any way. All methods take `&self`: threads may share it.
pub struct Server {
    // Before `dir`: the server has to end before its directory goes.
    supervisor: Mutex<Supervisor>,
    dir: TempDir,
    binary: ServerBinary,
    args: Vec<OsString>,
    start_timeout: Duration,
    password: Option<String>,
    port: Port,
    tls_port: Option<Port>,
}

impl Server {
    /// Starts the server that [`ServerBinary::find`] finds, as it comes: no password, no limits.
    ///
    /// # Errors
    /// As for [`ServerBuilder::start`].
    pub fn start() -> Result<Self, Error> {
        Self::builder().start()
    }

    /// A server with a password, a configuration or a binary of one's choice.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::new()
    }

    /// Starts it on a port that is free now.
    pub(crate) fn start_once(binary: ServerBinary, builder: &ServerBuilder) -> Result<Self, Error> {
        let dir = socket_dir()?;
        let port = Port::reserve()?;
        let tls_port = builder.tls.as_ref().map(|_| Port::reserve()).transpose()?;
        let config_path = dir.path().join("redis.conf");
        let config = builder.config_file(
            &port,
            tls_port.as_ref(),
            dir.path(),
            &dir.path().join(SOCKET),
        )?;
        fs::write(&config_path, config)
            .map_err(|error| Error::io(format!("cannot write {}", config_path.display()), error))?;
        let mut args = vec![config_path.into_os_string()];
        args.extend_from_slice(&builder.args);
        let supervisor = launch(dir.path(), &binary, &args, builder.start_timeout)?;
        Ok(Self {
            supervisor: Mutex::new(supervisor),
            dir,
            binary,
            args,
            start_timeout: builder.start_timeout,
            password: builder.password.clone(),
            port,
            tls_port,
        })
    }

    /// The TCP port. Nobody else gets it while the server is down (on Linux; elsewhere somebody may).
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The TCP host: always `127.0.0.1`.
    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// Host and port.
    pub fn tcp_addr(&self) -> SocketAddr {
        self.port.address()
    }

    /// The port with TLS, if the server was built with [`ServerBuilder::tls`].
    pub fn tls_port(&self) -> Option<u16> {
        self.tls_port.as_ref().map(Port::number)
    }

    /// `rediss://127.0.0.1:PORT`, with `:password@` where the server has one; `None` without
    /// [`ServerBuilder::tls`].
    pub fn tls_url(&self) -> Option<String> {
        let port = self.tls_port()?;
        Some(url::tls(self.host(), port, self.password.as_deref()))
    }

    /// The Unix socket.
    pub fn socket_path(&self) -> PathBuf {
        self.dir.path().join(SOCKET)
    }

    /// `redis://127.0.0.1:PORT`, with `:password@` where the server has one.
    pub fn url(&self) -> String {
        url::tcp(self.host(), self.port(), self.password.as_deref())
    }

    /// `unix:///path/of/the/socket`, with `:password@` where the server has one.
    pub fn unix_url(&self) -> String {
        url::unix(&self.socket_path(), self.password.as_deref())
    }

    /// The password that the server was started with.
    pub(crate) fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// The server's process id; another one after a [`restart`](Self::restart).
    pub fn pid(&self) -> u32 {
        self.supervisor().pid()
    }

    /// Product and version.
    pub fn version(&self) -> Version {
        self.binary.version()
    }

    /// The binary that was started.
    pub fn binary(&self) -> &ServerBinary {
        &self.binary
    }

    /// What the server has logged so far, restarts included; empty when nothing.
    pub fn log(&self) -> String {
        log_in(self.dir.path())
    }

    /// Whether the server's process is there. A paused server is.
    pub fn is_running(&self) -> bool {
        !self.supervisor().server_has_ended()
    }

    /// Kills the server (SIGKILL) and returns when it is gone; clients see their connection break.
    /// Killing it again does nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the supervising shell is gone.
    pub fn kill(&self) -> Result<(), Error> {
        self.signal("KILL")
    }

    /// Asks the server to end (SIGTERM) and returns when it is gone; after five seconds it is
    /// killed.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the supervising shell is gone.
    pub fn stop(&self) -> Result<(), Error> {
        self.signal("TERM")?;
        let deadline = Instant::now() + STOP_TIMEOUT;
        while self.is_running() && Instant::now() < deadline {
            thread::sleep(POLL);
        }
        self.kill()
    }

    /// Freezes the server (SIGSTOP): it still accepts connections, as the system does that for it,
    /// and answers nothing until [`resume`](Self::resume).
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the supervising shell is gone.
    pub fn pause(&self) -> Result<(), Error> {
        self.signal("STOP")
    }

    /// Lets a paused server go on (SIGCONT); it then answers what it was sent meanwhile.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the supervising shell is gone.
    pub fn resume(&self) -> Result<(), Error> {
        self.signal("CONT")
    }

    /// Kills the server if it runs, and starts it anew on the same port and socket, with the data
    /// that it has saved: none, unless it was told to.
    ///
    /// # Errors
    /// As for [`ServerBuilder::start`]; the server is then gone.
    pub fn restart(&self) -> Result<(), Error> {
        let mut supervisor = self.supervisor();
        supervisor.signal("KILL").map_err(shell_is_gone)?;
        let next = launch(
            self.dir.path(),
            &self.binary,
            &self.args,
            self.start_timeout,
        )?;
        std::mem::replace(&mut *supervisor, next)
            .release()
            .map_err(shell_is_gone)
    }

    /// Waits until this replica has all that `primary` has been told up to now.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when that takes longer than `limit`.
    pub fn wait_until_in_sync(&self, primary: &Self, limit: Duration) -> Result<(), Error> {
        let deadline = Instant::now() + limit;
        let mut wanted = None;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let message = format!("the replica was not in sync within {limit:?}");
                return Err(Error::new(ErrorKind::Timeout, message));
            }
            wanted = wanted.or_else(|| primary.offset("master_repl_offset", left));
            // Without a link to the primary, the replica has no such line.
            let found = self.offset("slave_repl_offset", left);
            if found.is_some() && found >= wanted && wanted.is_some() {
                return Ok(());
            }
            thread::sleep(POLL);
        }
    }

    /// A number of `INFO replication`, if the server answers and the link to its primary is up.
    fn offset(&self, field: &str, patience: Duration) -> Option<u64> {
        let (socket, password) = (self.socket_path(), self.password());
        let info = readiness::replication(&socket, password, patience)?;
        if info.contains("master_link_status:down") {
            return None;
        }
        let value = |line: &str| line.strip_prefix(field)?.strip_prefix(':')?.parse().ok();
        info.lines().find_map(value)
    }

    fn signal(&self, name: &str) -> Result<(), Error> {
        self.supervisor().signal(name).map_err(shell_is_gone)
    }

    fn supervisor(&self) -> MutexGuard<'_, Supervisor> {
        self.supervisor
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows no password.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("version", &self.version())
            .field("pid", &self.pid())
            .field("tcp_addr", &self.tcp_addr())
            .field("tls_port", &self.tls_port)
            .field("socket_path", &self.socket_path())
            .field("password", &self.password.as_ref().map(|_| "…"))
            .finish_non_exhaustive()
    }
}

/// The socket's name in the server's directory.
const SOCKET: &str = "redis.sock";

/// A private directory whose paths fit into a socket address, which holds 108 bytes on Linux and
/// 104 elsewhere; a long `TMPDIR` would break that, so then it is `/tmp`.
pub(crate) fn socket_dir() -> Result<TempDir, Error> {
    let mut parent = std::env::temp_dir();
    if parent.as_os_str().len() > 64 {
        parent = PathBuf::from("/tmp");
    }
    tempfile::Builder::new()
        .prefix("redis-testkit-")
        .tempdir_in(&parent)
        .map_err(|error| {
            Error::io(
                format!("cannot make a directory in {}", parent.display()),
                error,
            )
        })
}

/// Starts the server of `dir` and returns when it answers.
fn launch(
    dir: &Path,
    binary: &ServerBinary,
    args: &[OsString],
    timeout: Duration,
) -> Result<Supervisor, Error> {
    let deadline = Instant::now() + timeout;
    let socket = dir.join(SOCKET);
    let supervisor = Supervisor::start(dir, binary.path(), args)
        .map_err(|error| Error::io("cannot start /bin/sh to hold the server", error))?;
    let failure = loop {
        // Looked at before asking: a server cannot answer after its end.
        let ended = supervisor.server_has_ended();
        let left = deadline.saturating_duration_since(Instant::now());
        if ended {
            break (ErrorKind::Exited, "ended before it answered".to_owned());
        }
        if left.is_zero() {
            break (
                ErrorKind::Timeout,
                format!("did not answer within {timeout:?}"),
            );
        }
        if readiness::answers(&socket, left) {
            return Ok(supervisor);
        }
        thread::sleep(POLL);
    };
    let (kind, what) = failure;
    let (version, path) = (binary.version(), binary.path().display());
    let message = format!("{version} at {path} {what}{}", last_lines(&log_in(dir)));
    // The directory is the caller's to remove: after a failed restart, its log is still wanted.
    let _ = supervisor.release();
    Err(Error::new(kind, message))
}

fn log_in(dir: &Path) -> String {
    fs::read(dir.join("server.log"))
        .map(|log| String::from_utf8_lossy(&log).into_owned())
        .unwrap_or_default()
}

fn last_lines(log: &str) -> String {
    let lines: Vec<_> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        return "; it logged nothing".to_owned();
    }
    let tail = &lines[lines.len().saturating_sub(LOG_LINES)..];
    format!("; the end of its log:\n    {}", tail.join("\n    "))
}

fn shell_is_gone(error: std::io::Error) -> Error {
    Error::io("the shell that holds the server is gone", error)
}
