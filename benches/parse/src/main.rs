//! Measures the parser beside its peers.
//!
//! ```text
//! bench-parse [--rounds N] [WORKLOAD]         times, relative to hiredis
//! bench-parse --repeat N WORKLOAD CONTENDER   runs one contender so often, for a profiler
//! ```

use std::{
    env,
    process::{Command, ExitCode},
};

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

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["--repeat", count, workload, contender] => {
            repeat(count.parse().expect("a number"), workload, contender);
            ExitCode::SUCCESS
        }
        ["--rounds", rounds, ref rest @ ..] => {
            measure(rounds.parse().expect("a number"), rest.first())
        }
        ref rest => measure(31, rest.first()),
    }
}

fn measure(rounds: usize, only: Option<&&str>) -> ExitCode {
    let workloads = workloads::chosen(|name| only.is_none_or(|only| name.contains(only)));
    if workloads.is_empty() {
        let names: Vec<_> = workloads::names().collect();
        eprintln!(
            "error: there is no such workload; there are: {}",
            names.join(", ")
        );
        return ExitCode::FAILURE;
    }
    println!(
        "{:15} {:46} {:>9} {:>9} {:>7}",
        "workload", "contender", "ns/value", "/hiredis", "goal"
    );
    for workload in &workloads {
        for mut table in tables(workload) {
            show(workload, &mut table, rounds);
        }
    }
    instructions(&workloads);
    ExitCode::SUCCESS
}

/// Contenders with the same work to do.
struct Table<'a> {
    /// What is made of the replies, "" for the contenders' own values.
    target: &'static str,
    /// What each of them counts.
    expected: usize,
    contenders: Vec<Contender<'a>>,
}

fn tables(workload: &Workload) -> Vec<Table<'_>> {
    let own = Table {
        target: "",
        expected: workload.replies,
        contenders: parsing::contenders(workload),
    };
    let decoded = decoding::contenders(workload).map(|(target, expected, contenders)| Table {
        target,
        expected,
        contenders,
    });
    [own].into_iter().chain(decoded).collect()
}

impl Table<'_> {
    /// How what the contender does is called.
    fn name_of(&self, contender: &str) -> String {
        match (self.target, contender) {
            ("", contender) => contender.to_owned(),
            (target, "resp-proto") => format!("into {target}"),
            (target, contender) => format!("{contender} into {target}"),
        }
    }
}

/// What a reply in pieces may take, relative to the same one whole.
const PIECES_GOAL: f64 = 1.1;

fn show(workload: &Workload, table: &mut Table<'_>, rounds: usize) {
    let results = timing::compare(&mut table.contenders, table.expected, rounds);
    let ratio_of = |name| {
        let at = table
            .contenders
            .iter()
            .position(|known| known.name == name)?;
        results.get(at).map(|(_, ratio)| *ratio)
    };
    let pieces = ratio_of("frame and view")
        .zip(ratio_of(parsing::WHOLE))
        .map(|(pieces, whole)| pieces / whole);
    for (contender, (time, ratio)) in table.contenders.iter().zip(results) {
        let name = table.name_of(contender.name);
        let nanoseconds = time.as_secs_f64() * 1e9 / workload.values as f64;
        print!(
            "{:15} {name:46} {nanoseconds:9.1} {ratio:9.3}",
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
    if let Some(ratio) = pieces {
        let verdict = if ratio <= PIECES_GOAL {
            "reached"
        } else {
            "MISSED"
        };
        let name = "frame and view, pieces / whole";
        println!(
            "{:15} {name:46} {:>9} {ratio:9.3} {PIECES_GOAL:7.2} {verdict}",
            workload.name, ""
        );
    }
}

/// Contenders of which the instructions are counted: they never read in pieces from the start again.
const COUNTED: &[&str] = &[
    "hiredis",
    "scan floor",
    "frame and view",
    "frame and walk",
    "resp-proto",
    "redis-protocol range",
    "redis-async",
    "rustis",
    "rustis (given ends)",
];

/// Instructions, which do not depend on what else the machine does, where valgrind is.
fn instructions(workloads: &[Workload]) {
    println!(
        "\n{:15} {:46} {:>9} {:>12}",
        "instructions", "contender", "a value", "a reply"
    );
    for workload in workloads {
        for table in tables(workload) {
            for contender in &table.contenders {
                let is_slow =
                    workload.name == "100k in 4 KiB" && contender.name.starts_with("redis-");
                if !COUNTED.contains(&contender.name) || is_slow {
                    continue;
                }
                let name = table.name_of(contender.name);
                let few = counted(1, workload.name, &name);
                let many = counted(3, workload.name, &name);
                let (Some(few), Some(many)) = (few, many) else {
                    return println!("not counted: valgrind does not run here");
                };
                let each = (many - few) as f64 / 2.0;
                let (of_value, of_reply) = (
                    each / workload.values as f64,
                    each / workload.replies as f64,
                );
                println!(
                    "{:15} {name:46} {of_value:9.1} {of_reply:12.1}",
                    workload.name
                );
            }
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
    let workloads = workloads::chosen(|name| name == workload);
    let workload = workloads.first().expect("a workload");
    let mut tables = tables(workload);
    let contender = tables
        .iter_mut()
        .find_map(|table| {
            let wanted = |known: &Contender<'_>| table.name_of(known.name) == contender;
            let at = table.contenders.iter().position(wanted)?;
            table.contenders.get_mut(at)
        })
        .expect("a contender");
    for _ in 0..count {
        (contender.run)();
    }
}
