//! The shell that removes directories which this process cannot, when it is killed.

use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Reads names until this process has ended, by whatever end. SIGHUP is ignored as by the shells of servers.
const SCRIPT: &str = r#"
trap '' HUP
while IFS= read -r dir; do
    set -- "$@" "$dir"
done
rm -rf -- "$@"
"#;

/// Sees to it that nothing of `dir` is left when this process has ended.
pub(crate) fn remove_at_the_end(dir: &Path) -> io::Result<()> {
    static SHELL: Mutex<Option<Child>> = Mutex::new(None);
    let mut shell = SHELL.lock().unwrap_or_else(PoisonError::into_inner);
    if shell.is_none() {
        *shell = Some(start()?);
    }
    let names = shell.as_mut().and_then(|shell| shell.stdin.as_mut());
    let names = names.ok_or(io::ErrorKind::BrokenPipe)?;
    names.write_all(&[dir.as_os_str().as_bytes(), b"\n"].concat())
}

fn start() -> io::Result<Child> {
    Command::new("/bin/sh")
        .args(["-c", SCRIPT, "redis-testkit"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Not in the directory that somebody may want to remove, nor ended by a Ctrl-C with us.
        .current_dir("/")
        .process_group(0)
        .spawn()
}
