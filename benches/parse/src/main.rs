//! Measures the parser beside its peers.
//!
//! ```text
//! bench-parse [--rounds N] [WORKLOAD]         times, relative to hiredis
//! bench-parse --repeat N WORKLOAD CONTENDER   runs one contender so often, for a profiler
//! ```

use std::{env, process::Command};

use bench_parse::{
    decoding, parsing,
    timing::{self, Contender},
    workloads::{self, Workload},
};

/// What is to be reached, as time relative to hiredis.
const GOALS: &[(&str, &str, f64)] = &[
    ("+OK", "frame and view", 0.30),
    ("integer", "frame and view", 0.30),
    ("bulk 16 B", "frame and view", 0.30),
    ("1,000 bulks", "frame and view", 0.16),
    ("1,000 integers", "frame and view", 0.16),
    ("nested", "frame and view", 0.16),
    ("map of 1,000", "frame and view", 0.16),
    ("bulk 16 B", "into Vec<u8>", 0.50),
    ("1,000 bulks", "into Vec<Vec<u8>>", 0.42),
    ("1,000 integers", "into Vec<i64>", 0.15),
    ("map of 1,000", "into HashMap<String, f64>", 0.45),
    ("100k in 4 KiB", "frame and view", 0.50),
    ("100k in 4 KiB", "into Vec<Vec<u8>>", 0.50),
];

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["--repeat", count, workload, contender] => {
            repeat(count.parse().expect("a number"), workload, contender);
        }
        ["--rounds", rounds, ref rest @ ..] => {
            measure(rounds.parse().expect("a number"), rest.first())
        }
        ref rest => measure(31, rest.first()),
    }
}

fn measure(rounds: usize, only: Option<&&str>) {
    let chosen = |workload: &Workload| only.is_none_or(|only| workload.name.contains(only));
    println!(
        "{:15} {:28} {:>9} {:>9} {:>7}",
        "workload", "contender", "ns/value", "/hiredis", "goal"
    );
    for workload in workloads::all().iter().filter(|workload| chosen(workload)) {
        let mut contenders = parsing::contenders(workload);
        show(workload, &mut contenders, workload.replies, rounds, "");
        if let Some((target, expected, mut contenders)) = decoding::contenders(workload) {
            show(
                workload,
                &mut contenders,
                expected,
                rounds,
                &format!("into {target}"),
            );
        }
    }
    instructions(chosen);
}

fn show(
    workload: &Workload,
    contenders: &mut [Contender<'_>],
    expected: usize,
    rounds: usize,
    target: &str,
) {
    let results = timing::compare(contenders, expected, rounds);
    for (contender, (time, ratio)) in contenders.iter().zip(results) {
        let name = match (target, contender.name) {
            ("", name) => name.to_owned(),
            (target, "resp-proto") => target.to_owned(),
            (target, name) => format!("{name} {target}"),
        };
        let nanoseconds = time.as_secs_f64() * 1e9 / workload.values as f64;
        print!(
            "{:15} {name:28.28} {nanoseconds:9.1} {ratio:9.3}",
            workload.name
        );
        match GOALS
            .iter()
            .find(|(of, by, _)| (*of, *by) == (workload.name, name.as_str()))
        {
            Some((.., goal)) if ratio <= *goal => println!(" {goal:7.2} reached"),
            Some((.., goal)) => println!(" {goal:7.2} MISSED"),
            None => println!(),
        }
    }
}

/// Instructions per value, which do not depend on what else the machine does, where valgrind is.
fn instructions(chosen: impl Fn(&Workload) -> bool) {
    println!("\ninstructions per value, by valgrind");
    for workload in workloads::all().iter().filter(|workload| chosen(workload)) {
        for contender in ["hiredis", "scan floor", "frame and view", "frame and walk"] {
            let few = counted(1, workload.name, contender);
            let many = counted(3, workload.name, contender);
            let (Some(few), Some(many)) = (few, many) else {
                return println!("not counted: valgrind does not run here");
            };
            let each = (many - few) as f64 / 2.0 / workload.values as f64;
            println!("{:15} {contender:28} {each:9.1}", workload.name);
        }
    }
}

fn counted(times: usize, workload: &str, contender: &str) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().ok()?)
        .args(["--repeat", &times.to_string(), workload, contender])
        .output()
        .ok()?;
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = report
        .lines()
        .find_map(|line| line.split_once("Collected :"))?;
    line.1.trim().parse().ok()
}

fn repeat(count: usize, workload: &str, contender: &str) {
    let workloads = workloads::all();
    let workload = workloads
        .iter()
        .find(|known| known.name == workload)
        .expect("a workload");
    let mut contenders = parsing::contenders(workload);
    let contender = contenders
        .iter_mut()
        .find(|known| known.name == contender)
        .expect("a contender");
    for _ in 0..count {
        (contender.run)();
    }
}
