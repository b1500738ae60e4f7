//! A guided tour: what a user would type and what comes back, on a throwaway server of its own.
//!
//! `cargo xtask demo` finds or fetches a server and runs it.

mod batches;
mod connections;
mod errors;
mod getting_started;
mod locks;
mod messages;
mod pipelines;
mod scans;
mod scripts;
mod sentinels;
mod sharing;
mod transactions;
mod transcript;

use std::{process::ExitCode, time::Instant};

use anyhow::{Context, bail};
use clap::Parser;
use redis::{Client, prelude::*};
use redis_testkit::Server;

/// A chapter of the tour, which every way of connecting is shown.
struct Chapter {
    name: &'static str,
    title: &'static str,
    show: fn(&Client) -> anyhow::Result<()>,
}

const CHAPTERS: [Chapter; 12] = [
    Chapter {
        name: "getting-started",
        title: "Getting started",
        show: getting_started::show,
    },
    Chapter {
        name: "sharing",
        title: "One client, many threads",
        show: sharing::show,
    },
    Chapter {
        name: "pipelines",
        title: "Many commands, one round trip",
        show: pipelines::show,
    },
    Chapter {
        name: "batches",
        title: "A pipeline that knows its types",
        show: batches::show,
    },
    Chapter {
        name: "transactions",
        title: "Nobody comes in between",
        show: transactions::show,
    },
    Chapter {
        name: "scripts",
        title: "Code that the server runs",
        show: scripts::show,
    },
    Chapter {
        name: "scans",
        title: "A page at a time",
        show: scans::show,
    },
    Chapter {
        name: "messages",
        title: "What others publish",
        show: messages::show,
    },
    Chapter {
        name: "locks",
        title: "Only one at a time",
        show: locks::show,
    },
    Chapter {
        name: "sentinels",
        title: "Clients that follow the primary",
        show: sentinels::show,
    },
    Chapter {
        name: "errors",
        title: "When something goes wrong",
        show: errors::show,
    },
    Chapter {
        name: "connections",
        title: "How a server is reached, and lost",
        show: connections::show,
    },
];

/// A guided tour of the client on a throwaway server.
#[derive(Parser)]
struct Options {
    /// Show only this chapter.
    #[arg(long, value_name = "NAME")]
    chapter: Option<String>,
}

fn main() -> ExitCode {
    match tour(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn tour(options: &Options) -> anyhow::Result<()> {
    let chapters: Vec<&Chapter> = CHAPTERS
        .iter()
        .filter(|chapter| {
            options
                .chapter
                .as_deref()
                .is_none_or(|name| name == chapter.name)
        })
        .collect();
    if chapters.is_empty() {
        let names = CHAPTERS.map(|chapter| chapter.name).join(", ");
        bail!(
            "expected a chapter's name ({names}), found {:?}",
            options.chapter.as_deref().unwrap_or_default()
        );
    }

    let started = Instant::now();
    let server = Server::start().context("the tour needs a server")?;
    println!(
        "A throwaway {} listens on {} and {}.",
        server.version(),
        server.url(),
        server.unix_url()
    );
    for url in [server.url(), server.unix_url()] {
        transcript::part(&format!("Over {url}"));
        transcript::line(&format!("let client = Client::open({url:?})?;"));
        let client = Client::open(&url)?;
        for chapter in &chapters {
            transcript::chapter(chapter.title);
            client.flushall()?;
            (chapter.show)(&client).with_context(|| format!("in the chapter {}", chapter.name))?;
        }
    }
    drop(server);
    println!();
    println!(
        "The end: {} of {} chapters, each over TCP and over a Unix socket, {} lines typed, in {:.1?}.",
        chapters.len(),
        CHAPTERS.len(),
        transcript::lines(),
        started.elapsed(),
    );
    println!("The server is stopped and nothing is left behind.");
    Ok(())
}
