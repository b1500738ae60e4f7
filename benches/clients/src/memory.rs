//! How much memory a pipeline takes, beside its requests and its replies.

use std::time::Duration;

use anyhow::{Result, ensure};
use redis::prelude::*;

use crate::{
    contenders::OURS,
    counting,
    data::{Addresses, TEXT},
    jobs::Clock,
    tables::{number, table},
    wire::request,
    workloads::Place,
};

/// How many commands there are.
const COUNTS: [usize; 3] = [10_000, 100_000, 1_000_000];

const MEBIBYTE: f64 = (1 << 20) as f64;

/// For pipelines of growing length the most memory that they took at a time, as a table.
pub(crate) fn report(addresses: &Addresses) -> Result<String> {
    let client =
        Client::open(&addresses.url(Place::Tcp))?.with_response_timeout(Duration::from_secs(120));
    client.set("written", TEXT)?;
    let mut rows = Vec::new();
    for count in COUNTS {
        let requests = request(&["SET", "written", TEXT]).len() * count;
        let clock = Clock::start();
        let (done, allocated) = counting::during(|| -> Result<()> {
            let mut pipeline = client.pipeline();
            pipeline.transaction(false);
            for _ in 0..count {
                pipeline.set("written", TEXT);
            }
            Ok(pipeline.execute()?)
        });
        let sample = clock.stop(Vec::new());
        done?;
        ensure!(allocated.peak > 0, "nothing was counted");
        let beyond = allocated.peak as f64 - requests as f64;
        rows.push(vec![
            format!("{OURS}, {} SETs", number(count as f64)),
            number(requests as f64 / MEBIBYTE),
            number(allocated.peak as f64 / MEBIBYTE),
            number(beyond / count as f64),
            number(count as f64 / sample.elapsed.as_secs_f64()),
            number(sample.cpu.as_secs_f64() * 1e9 / count as f64),
        ]);
    }
    let header = [
        "pipeline",
        "requests MiB",
        "at most MiB",
        "beyond, bytes/SET",
        "SETs/s",
        "CPU ns/SET",
    ];
    Ok(table(&header, &rows))
}
