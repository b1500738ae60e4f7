//! What the process holds at a moment: memory, threads, sockets.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::heap;

/// What the process holds. All but the heap is known on Linux only.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Bytes in use, as the allocator counts them; none where that is another one.
    pub heap: usize,
    /// Threads that run.
    pub threads: Option<usize>,
    /// Sockets that are open.
    pub sockets: Option<usize>,
    /// What the system counts as the process's memory, in bytes.
    pub resident: Option<usize>,
}

impl Held {
    /// What it holds at this moment.
    pub fn now() -> Self {
        Self {
            heap: heap::now(),
            threads: status("Threads:"),
            sockets: sockets(),
            resident: status("VmRSS:").map(|kilobytes| kilobytes << 10),
        }
    }

    /// The same as soon as there are no more threads and sockets than before, or when that takes too long:
    /// threads that were told to end do so when it is their turn.
    pub fn settled(before: Self, limit: Duration) -> Self {
        let deadline = Instant::now() + limit;
        loop {
            let now = Self::now();
            let fits = now.threads <= before.threads && now.sockets <= before.sockets;
            if fits || Instant::now() > deadline {
                return now;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn status(name: &str) -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn sockets() -> Option<usize> {
    let files = fs::read_dir("/proc/self/fd").ok()?.flatten();
    let is_socket = |path: &Path| path.to_string_lossy().starts_with("socket:");
    let links = files.filter_map(|file| fs::read_link(file.path()).ok());
    Some(links.filter(|link| is_socket(link)).count())
}
