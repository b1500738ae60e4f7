//! Measures the parser beside its peers: `parse [--rounds N] [WORKLOAD]`.

use benches::{decoding, parsing, timing, workloads};

fn main() {
    let mut words = std::env::args().skip(1);
    let mut rounds = 21;
    let mut only = None;
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rounds" => rounds = words.next().and_then(|n| n.parse().ok()).expect("a number"),
            _ => only = Some(word),
        }
    }
    for workload in workloads::all() {
        if only.as_ref().is_some_and(|only| !workload.name.contains(only.as_str())) {
            continue;
        }
        let mut contenders = parsing::contenders(&workload);
        let results = timing::compare(&mut contenders, workload.replies, rounds);
        for (contender, (time, ratio)) in contenders.iter().zip(results) {
            println!("{:16} {:22} {:10.1} ns/value {ratio:6.3}", workload.name, contender.name, time.as_secs_f64() * 1e9 / workload.values as f64);
        }
        if let Some((kind, expected, mut contenders)) = decoding::contenders(&workload) {
            let results = timing::compare(&mut contenders, expected, rounds);
            for (contender, (time, ratio)) in contenders.iter().zip(results) {
                println!("{:16} {:22} {:10.1} ns/value {ratio:6.3}  {kind}", workload.name, contender.name, time.as_secs_f64() * 1e9 / workload.values as f64);
            }
        }
    }
}
