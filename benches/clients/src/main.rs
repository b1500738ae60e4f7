//! Measures the client beside other clients: `cargo xtask bench clients`.

mod answers;
mod arguments;
mod chart;
mod contenders;
mod counting;
mod data;
mod document;
mod figures;
mod goals;
mod growth;
mod hiredis;
mod hundred;
mod instruments;
mod jobs;
mod memory;
mod minimal;
mod packages;
mod rounds;
mod tables;
mod wire;
mod workloads;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use redis_testkit::Server;

use crate::{
    arguments::{Clients, Subject},
    contenders::{Contender, FLOOR, OURS, Setting},
    counting::Counting,
    data::Addresses,
    document::{Document, place_of_chart},
    figures::Results,
    instruments::Instruments,
    rounds::Effort,
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Measures the client beside other clients, on a server of its own.
#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Arguments {
    #[command(subcommand)]
    subject: Subject,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().subject {
        Subject::Clients(arguments) => clients(&arguments),
        Subject::Growth {
            quick,
            chart,
            write,
        } => growth(quick, chart, write),
        Subject::Memory { write } => server()
            .and_then(|(_server, addresses)| memory::report(&addresses))
            .and_then(|printed| shown("memory", &printed, write)),
        Subject::Build { rounds, write } => build(rounds, write),
        Subject::Once {
            workload,
            contender,
            calls,
            port,
            socket,
        } => once(&workload, &contender, calls, Addresses { port, socket }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn clients(arguments: &Clients) -> Result<()> {
    let workloads = workloads::chosen(arguments.workload.as_deref());
    ensure!(
        !workloads.is_empty(),
        "there is no such workload; there are: {}",
        workloads::ALL.each_ref().map(|known| known.name).join(", ")
    );
    let contenders = chosen(&arguments.only)?;
    let effort = Effort {
        rounds: if arguments.quick {
            3
        } else {
            arguments.rounds.max(1)
        },
        sample: Duration::from_millis(if arguments.quick { 20 } else { 100 }),
        instruments: if arguments.quick {
            Instruments::none()
        } else {
            Instruments::find()
        },
    };
    let (server, addresses) = server()?;
    let server_is = format!("on {}\n", server.version());
    println!("{server_is}");
    let (mut results, mut details) = (Results::default(), vec![server_is.clone()]);
    for workload in workloads {
        let figures = rounds::measure(workload, &contenders, &addresses, &effort)?;
        let table = tables::workload(workload.name, &figures);
        println!("{table}");
        details.push(table);
        results.rows.push((workload.name, figures));
    }
    let ratios = [tables::ratios(&results), goals::report(&results)].join("\n");
    println!("{ratios}");
    let mut drawing = arguments.chart.clone();
    if arguments.write {
        Document::README.write("speed", &tables::summary(&results))?;
        Document::BENCHMARKS.write("clients", &[server_is, ratios].join("\n"))?;
        Document::BENCHMARKS.write("details", &details.join("\n"))?;
        drawing = drawing.or(Some(place_of_chart("cpu")));
    }
    if let Some(path) = &drawing {
        chart::draw(&results, path)?;
        println!("{} shows the processor time", path.display());
    }
    Ok(())
}

fn growth(quick: bool, drawing: Option<PathBuf>, write: bool) -> Result<()> {
    let (_server, addresses) = server()?;
    let drawing = drawing.or_else(|| write.then(|| place_of_chart("growth")));
    let printed = growth::report(&addresses, quick, drawing.as_deref())?;
    shown("growth", &printed, write)
}

fn build(rounds: usize, write: bool) -> Result<()> {
    let (minimal, hundred) = (minimal::report()?, hundred::report(rounds.max(1))?);
    if write {
        Document::README.write("size", &minimal)?;
    }
    shown("build", &[minimal, hundred].join("\n"), write)
}

/// Prints a table, and writes it to its section if asked to.
fn shown(section: &str, printed: &str, write: bool) -> Result<()> {
    println!("{printed}");
    if write {
        Document::BENCHMARKS.write(section, printed)?;
    }
    Ok(())
}

/// A server that keeps slow subscribers, filled with what is asked for. It goes with this process,
/// however that ends.
fn server() -> Result<(Server, Addresses)> {
    let server = Server::builder()
        .config("client-output-buffer-limit", "pubsub 0 0 0")
        .start()?;
    let addresses = Addresses {
        port: server.port(),
        socket: server.socket_path().display().to_string(),
    };
    data::store(&addresses).context("cannot fill the server")?;
    Ok((server, addresses))
}

/// The floor, ours, and those asked for; all that there are if none is.
fn chosen(only: &[String]) -> Result<Vec<&'static Contender>> {
    for name in only {
        let known = contenders::ALL.iter().any(|known| known.name == name);
        let names = contenders::ALL
            .each_ref()
            .map(|known| known.name)
            .join(", ");
        ensure!(known, "there is no contender {name}; there are: {names}");
    }
    let missing = contenders::redis_py_is_missing();
    if let Some(reason) = missing {
        println!("redis-py is left out: {reason}");
    }
    Ok(contenders::ALL
        .iter()
        .filter(|contender| contender.name != "redis-py" || missing.is_none())
        .filter(|contender| {
            only.is_empty()
                || ["floor", FLOOR, OURS].contains(&contender.name)
                || only.iter().any(|name| name == contender.name)
        })
        .collect())
}

fn once(workload: &str, contender: &str, calls: usize, addresses: Addresses) -> Result<()> {
    let workload = *workloads::chosen(Some(workload))
        .first()
        .context("no such workload")?;
    let contender = contenders::ALL
        .iter()
        .find(|known| known.name == contender)
        .context("no such contender")?;
    let mut job = (contender.job)(&Setting::new(&addresses, workload))?.context("no such work")?;
    job(calls).map(drop)
}
