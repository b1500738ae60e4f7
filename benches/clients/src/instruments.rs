//! Tools that count from outside, where they exist: strace and valgrind, over a child that makes few calls.

use std::{
    env,
    process::{Command, Stdio},
};

use anyhow::Result;
use tempfile::NamedTempFile;

use crate::{data::Addresses, workloads::Workload};

/// Which of them there are.
pub(crate) struct Instruments {
    strace: bool,
    valgrind: bool,
}

impl Instruments {
    pub(crate) fn none() -> Self {
        Self {
            strace: false,
            valgrind: false,
        }
    }

    /// Looks for them, and says which are missing.
    pub(crate) fn find() -> Self {
        let runs = |tool: &str, counted: &str| {
            let found = Command::new(tool)
                // It may be there and not be allowed to.
                .arg("true")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success());
            if !found {
                println!("{counted} are not counted: there is no {tool} that works here");
            }
            found
        };
        Self {
            strace: runs("strace", "system calls"),
            valgrind: runs("valgrind", "instructions"),
        }
    }

    /// How many system calls a child makes in all, with so many calls.
    pub(crate) fn system_calls(
        &self,
        workload: &Workload,
        contender: &str,
        calls: usize,
        addresses: &Addresses,
    ) -> Option<u64> {
        if !self.strace {
            return None;
        }
        let report = NamedTempFile::new().ok()?;
        let mut command = Command::new("strace");
        command.args(["-f", "-c", "-o"]).arg(report.path());
        once(&mut command, workload, contender, calls, addresses).ok()?;
        total_calls(&std::fs::read_to_string(report.path()).ok()?)
    }

    /// How many instructions a child executes in all, with so many calls.
    pub(crate) fn instructions(
        &self,
        workload: &Workload,
        contender: &str,
        calls: usize,
        addresses: &Addresses,
    ) -> Option<u64> {
        // A single call of 64 MiB takes too long.
        if !self.valgrind || workload.few == 1 {
            return None;
        }
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        let report = once(&mut command, workload, contender, calls, addresses).ok()?;
        let line = report
            .lines()
            .find_map(|line| line.split_once("Collected :"))?;
        line.1.trim().parse().ok()
    }
}

/// Lets a tool run this program for a few calls of one contender; what the tool said.
fn once(
    command: &mut Command,
    workload: &Workload,
    contender: &str,
    calls: usize,
    addresses: &Addresses,
) -> Result<String> {
    let output = command
        .arg(env::current_exe()?)
        .args(["once", workload.name, contender, &calls.to_string()])
        .args([&addresses.port.to_string(), &addresses.socket])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()?;
    anyhow::ensure!(output.status.success(), "ended with {}", output.status);
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The number in the column `calls` of the last line of strace's summary.
///
/// ```text
/// % time     seconds  usecs/call     calls    errors syscall
/// ------ ----------- ----------- --------- --------- ----------------
/// 100.00    0.000123           4        27         1 total
/// ```
fn total_calls(summary: &str) -> Option<u64> {
    let header = summary.lines().find(|line| line.contains("usecs/call"))?;
    let end = header.find(" calls")? + " calls".len();
    let total = summary.lines().find(|line| line.ends_with(" total"))?;
    total.get(..end)?.split_whitespace().last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_are_those_of_the_last_line_with_and_without_errors() {
        for errors in ["        1", "         "] {
            let summary = format!(
                "% time     seconds  usecs/call     calls    errors syscall\n\
                 ------ ----------- ----------- --------- --------- ----------------\n\
                 100.00    0.000123           4        27           read\n\
                 ------ ----------- ----------- --------- --------- ----------------\n\
                 100.00    0.000123           4        27 {errors} total\n"
            );
            assert_eq!(total_calls(&summary), Some(27));
        }
    }
}
