//! The tasks of this repository, run as `cargo xtask NAME`.
#![forbid(unsafe_code)]

mod apt;
mod bench;
mod ci;
mod commands;
mod demo;
mod fetch;
mod fuzz;
mod layers;
mod links;
mod make;
mod matrix;
mod named_tests;
mod record;
mod servers;
mod soak;
mod source_rules;
mod sources_list;
mod table;
mod test;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// The tasks of this repository.
///
/// Servers are found in this order: the path in the environment variable REDIS_SERVER; redis-server,
/// then valkey-server on PATH; what a former run fetched under target/servers; the system's package
/// manager, which downloads and unpacks without installing.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version = None)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs a guided tour of the client against a throwaway server
    Demo(demo::Arguments),
    /// Runs every test: those of the crates once, then the live ones on each chosen server
    ///
    /// Without --server: on every server that this machine has (REDIS_SERVER, PATH, and what was
    /// fetched before); when it has none, on the one that the system's package manager offers. The
    /// last lines say what was not run.
    ///
    /// With ARGS, only live tests run: `cargo xtask test -- sentinels` those with that in their names.
    Test(test::Arguments),
    /// Fetches servers under target/servers, side by side, without installing them
    ///
    /// They come from Debian packages: Redis 7.0 of Debian 12, Redis 8.0 and Valkey 8.1 of Debian 13,
    /// and Valkey 9 of unstable, each with the libraries it needs, from the mirror that the system
    /// uses. A server that is there is not fetched again: remove its directory for a newer one.
    Servers(servers::Arguments),
    /// Asks every server for its commands, and compares names, keys, flags and options with the methods
    ///
    /// Prints for each group how many names there are, how many have a method, and how many are left out
    /// for a reason, which crates/redis-cmd/src/left_out.md states; then what is missing, by name.
    Commands(commands::Arguments),
    /// Checks the rules that compiler and clippy cannot: layers, file headers, names, re-exports, links
    Tidy,
    /// Lets every fuzz target run for a while; needs a nightly compiler, and ends with status 77 without one
    Fuzz(fuzz::Arguments),
    /// Records what every server answers to a hundred commands, as test data for the parser
    Record,
    /// Measures speed beside other libraries
    ///
    /// Without a subject: the parser and the client, `parse` and `clients`.
    Bench(bench::Arguments),
    /// Puts load on servers that fail, for minutes, and counts what must not happen
    ///
    /// Threads write and read values that say which key and which write they are, while connections are
    /// killed and cut, the server is stopped, slowed down, filled up and told another password, and
    /// primaries under Sentinels are killed. Ends with tables, and with status 1 if any promise was broken.
    /// Ctrl-C ends it early, with the tables, and with status 130 if nothing was wrong.
    Soak(soak::Arguments),
    /// Runs everything that has to pass before a change lands
    Ci,
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    let done = Workspace::find().and_then(|workspace| match task {
        Task::Demo(arguments) => demo::run(&workspace, &arguments),
        Task::Test(arguments) => test::run(&workspace, &arguments),
        Task::Servers(arguments) => servers::run(&workspace, &arguments),
        Task::Commands(arguments) => commands::run(&workspace, &arguments),
        Task::Tidy => tidy::run(&workspace),
        Task::Fuzz(arguments) => fuzz::run(&workspace, &arguments),
        Task::Record => record::run(&workspace),
        Task::Bench(arguments) => bench::run(&workspace, &arguments),
        Task::Soak(arguments) => soak::run(&workspace, &arguments),
        Task::Ci => ci::run(&workspace),
    });
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The commands that a text tells to type: what follows `cargo xtask` up to the end of the code or a remark.
    fn commands(text: &str) -> Vec<Vec<&str>> {
        let said = text.split("cargo xtask ").skip(1);
        said.map(|rest| {
            let line = rest.split(['`', '#', '\n']).next().unwrap_or_default();
            line.split_whitespace().collect()
        })
        .collect()
    }

    #[test]
    fn commands_in_the_documents_are_understood() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut tried = 0;
        for entry in fs::read_dir(root).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            for words in commands(&fs::read_to_string(&path).unwrap()) {
                let command = ["cargo xtask"].iter().chain(&words);
                let parsed = Arguments::try_parse_from(command);
                let refused = parsed.err().filter(clap::Error::use_stderr);
                let refused = refused.map(|error| error.kind());
                assert_eq!(refused, None, "{words:?} in {}", path.display());
                tried += 1;
            }
        }
        assert!(tried > 20, "{tried}");
    }
}
