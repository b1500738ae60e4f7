//! redis-py with hiredis, where Python has them: a process that is told how many calls to make.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::{
    contenders::Setting,
    data::{self, MANY},
    jobs::{Job, Sample},
    workloads::{Place, Work},
};

const PROGRAM: &str = include_str!("redis_py.py");
const CHANNEL: &str = "redis-py";

/// Why redis-py cannot take part, if it cannot.
pub(super) fn missing() -> Option<&'static str> {
    let found = Command::new("python3")
        .args(["-c", "import redis, hiredis"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match found {
        Ok(status) if status.success() => None,
        Ok(_) => Some("python3 has no redis and hiredis (pip install redis hiredis)"),
        Err(_) => Some("there is no python3"),
    }
}

pub(super) fn job(setting: &Setting) -> Result<Option<Job>> {
    let (work, number) = match setting.work {
        Work::Get => ("get", 0),
        Work::GetNumber => ("number", 0),
        Work::Set => ("set", 0),
        Work::Pipeline(count) => ("pipeline", count),
        Work::ListOfBytes => ("bytes", 0),
        Work::ListOfStrings => ("strings", 0),
        Work::Hash => ("hash", 0),
        Work::Numbers => ("numbers", 0),
        Work::GetLarge(length) => ("get_large", length),
        Work::SetLarge(length) => ("set_large", length),
        Work::Crowd(members) => ("crowd", members),
        Work::Messages => ("messages", 0),
    };
    let mut python = Python::start(setting, work, number)?;
    let mut publisher = match setting.work {
        Work::Messages => Some(setting.publisher(CHANNEL)?),
        _ => None,
    };
    Ok(Some(Box::new(move |calls| {
        if let Some(publisher) = &mut publisher {
            publisher.begin(calls)?;
        }
        let sample = python.run(calls)?;
        if let Some(publisher) = &mut publisher {
            publisher.end()?;
        }
        Ok(sample)
    })))
}

struct Python {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    fn start(setting: &Setting, work: &str, number: usize) -> Result<Self> {
        let socket = match setting.place {
            Place::Tcp => "",
            Place::Unix => &setting.addresses.socket,
        };
        let mut process = Command::new("python3")
            .args(["-c", PROGRAM, work])
            .args([&setting.addresses.port.to_string(), socket])
            .args([data::list_key(MANY), data::large_key(number)])
            .args([number.to_string(), number.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = process.stdin.take().context("no standard input")?;
        let answers = process.stdout.take().context("no standard output")?;
        let mut python = Self {
            process,
            orders,
            answers: BufReader::new(answers),
        };
        ensure!(python.line()?.trim() == "ready", "redis-py did not start");
        Ok(python)
    }

    fn run(&mut self, calls: usize) -> Result<Sample> {
        writeln!(self.orders, "{calls}")?;
        let line = self.line()?;
        let mut seconds = line.split_whitespace().map(str::parse::<f64>);
        let mut next = || seconds.next().context("redis-py failed");
        let (elapsed, cpu) = (next()??, next()??);
        let latencies = seconds
            .map(|time| time.map(Duration::from_secs_f64))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Sample {
            // Messages have no time of their own.
            calls: if latencies.is_empty() {
                calls
            } else {
                latencies.len()
            },
            elapsed: Duration::from_secs_f64(elapsed),
            cpu: Duration::from_secs_f64(cpu),
            latencies,
        })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line)
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // It ends by itself when it has no more orders; this is only quicker.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
