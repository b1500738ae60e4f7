//! No way of ending a test leaves a process or a directory behind.

use std::env;
use std::io::{BufRead, BufReader};
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use redis_testkit::{FaultProxy, Server};

/// Set for the process that a test starts from its own binary, so that it can be killed.
const VICTIM: &str = "REDIS_TESTKIT_VICTIM";

#[test]
fn after_drop() {
    let server = Server::start().unwrap();
    let trace = Trace::of(&server);
    drop(server);
    trace.assert_gone_at_once();
}

#[test]
fn after_a_drop_while_paused_or_killed() {
    let (paused, killed) = (Server::start().unwrap(), Server::start().unwrap());
    paused.pause().unwrap();
    killed.kill().unwrap();
    let traces = [Trace::of(&paused), Trace::of(&killed)];
    drop((paused, killed));
    for trace in traces {
        trace.assert_gone_at_once();
    }
}

#[test]
fn after_a_refused_start() {
    let temporary = tempfile::tempdir().unwrap();
    let status = victim_command("refused")
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let left: Vec<_> = temporary.path().read_dir().unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn after_a_panic() {
    let mut trace = None;
    let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let server = Server::start().unwrap();
        trace = Some(Trace::of(&server));
        panic!("as a failing test does");
    }));
    assert!(caught.is_err());
    trace.unwrap().assert_gone_at_once();
}

#[test]
fn after_the_test_process_was_killed() {
    let trace = trace_of_a_victim("killed", |victim| victim.kill().unwrap());
    trace.assert_gone_soon();
}

#[test]
fn after_the_test_process_was_killed_while_the_server_was_paused() {
    let trace = trace_of_a_victim("paused", |victim| victim.kill().unwrap());
    trace.assert_gone_soon();
}

#[test]
fn of_a_proxy_after_the_test_process_was_killed() {
    let trace = trace_of_a_victim("proxies", |victim| victim.kill().unwrap());
    trace.assert_gone_soon();
}

#[test]
fn after_the_test_process_exited_without_destructors() {
    let trace = trace_of_a_victim("exits", |_| {});
    trace.assert_gone_soon();
}

/// Not a test of its own: the process that tests above start.
#[test]
fn victim() {
    let Ok(how) = env::var(VICTIM) else { return };
    if how == "refused" {
        Server::builder()
            .config("no-such-directive", "1")
            .start()
            .unwrap_err();
        return;
    }
    let server = Server::start().unwrap();
    if how == "paused" {
        server.pause().unwrap();
    }
    let proxy = FaultProxy::start_unix(server.socket_path()).unwrap();
    let mut trace = Trace::of(&server);
    if how == "proxies" {
        trace.dir = proxy.socket_path().unwrap().parent().unwrap().to_owned();
    }
    println!("\nvictim {} {}", trace.pid, trace.dir.display());
    if how == "exits" {
        std::process::exit(0);
    }
    thread::sleep(Duration::from_secs(60));
}

/// In a session of its own where there is `setsid`, as in a terminal: when its leader ends, the system hangs up on
/// those who are left behind and have been stopped.
fn victim_command(how: &str) -> Command {
    let exe = env::current_exe().unwrap();
    let has_setsid = Command::new("setsid").arg("true").status().is_ok();
    let mut command = match has_setsid {
        true => Command::new("setsid"),
        false => Command::new(&exe),
    };
    if has_setsid {
        command.arg(&exe);
    }
    command
        .args(["--exact", "victim", "--nocapture"])
        .env(VICTIM, how)
        .stdin(Stdio::null());
    command
}

fn trace_of_a_victim(how: &str, end: impl FnOnce(&mut std::process::Child)) -> Trace {
    let mut victim = victim_command(how).stdout(Stdio::piped()).spawn().unwrap();
    let output = BufReader::new(victim.stdout.take().unwrap());
    let line = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("victim ").map(str::to_owned))
        .expect("the victim prints what it started");
    let (pid, dir) = line.split_once(' ').unwrap();
    let trace = Trace {
        pid: pid.parse().unwrap(),
        dir: PathBuf::from(dir),
    };
    end(&mut victim);
    victim.wait().unwrap();
    trace
}

/// What a server could leave behind.
struct Trace {
    pid: u32,
    dir: PathBuf,
}

impl Trace {
    fn of(server: &Server) -> Self {
        let dir = server.socket_path().parent().unwrap().to_owned();
        assert!(dir.is_dir());
        Self {
            pid: server.pid(),
            dir,
        }
    }

    fn assert_gone_at_once(&self) {
        assert!(
            !is_a_process(self.pid),
            "process {} is still there",
            self.pid
        );
        assert!(!self.dir.exists(), "{} is still there", self.dir.display());
    }

    /// The supervising shell needs a moment after our process has gone.
    fn assert_gone_soon(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline && (is_a_process(self.pid) || self.dir.exists()) {
            thread::sleep(Duration::from_millis(5));
        }
        self.assert_gone_at_once();
    }
}

fn is_a_process(pid: u32) -> bool {
    if Path::new("/proc/self").exists() {
        return Path::new("/proc").join(pid.to_string()).exists();
    }
    let check = Command::new("kill")
        .args(["-0", &pid.to_string()])
        .stderr(Stdio::null())
        .status();
    check.unwrap().success()
}
