//! What a minimal program costs with each client: crates, processor time to build, sizes.

use std::{collections::BTreeSet, fs};

use anyhow::{Context, Result};
use nix::sys::resource::UsageWho;

use crate::{
    jobs::processor_time,
    packages::{NAME, OURS, Package},
    tables::{number, table},
};

/// A program that sets a key and reads it.
struct Program {
    name: &'static str,
    /// Lines of its manifest.
    dependencies: &'static str,
    main: &'static str,
}

const PROGRAMS: [Program; 5] = [
    Program {
        name: "std only",
        dependencies: "",
        main: "fn main() {\n    println!(\"hello\");\n}\n",
    },
    Program {
        name: "ours",
        dependencies: OURS,
        main: include_str!("../examples/minimal.rs"),
    },
    Program {
        name: "redis-rs",
        dependencies: "redis = { version = \"1\", default-features = false }",
        main: r#"use redis::Commands;

fn main() -> redis::RedisResult<()> {
    let mut connection = redis::Client::open("redis://localhost")?.get_connection()?;
    let () = connection.set("key", "value")?;
    let value: Option<String> = connection.get("key")?;
    println!("{value:?}");
    Ok(())
}
"#,
    },
    Program {
        name: "fred",
        dependencies: "fred = \"10\"\ntokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }",
        main: r#"use fred::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Builder::from_config(Config::from_url("redis://localhost")?).build()?;
    client.init().await?;
    let () = client.set("key", "value", None, None, false).await?;
    let value: Option<String> = client.get("key").await?;
    println!("{value:?}");
    Ok(())
}
"#,
    },
    Program {
        name: "rustis",
        dependencies: "rustis = \"0.27\"\ntokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }",
        main: r#"use rustis::{client::Client, commands::StringCommands};

#[tokio::main]
async fn main() -> rustis::Result<()> {
    let client = Client::connect("redis://localhost").await?;
    client.set("key", "value").await?;
    let value: Option<String> = client.get("key").await?;
    println!("{value:?}");
    Ok(())
}
"#,
    },
];

/// What a profile says beyond `release` for whoever wants the program to be small.
const SMALL: &str = "[profile.small]
inherits = \"release\"
opt-level = \"s\"
lto = true
codegen-units = 1
panic = \"abort\"
";

/// Builds all of them, each from nothing, as a plain release build and as a small one; the table of what that took.
pub(crate) fn report() -> Result<String> {
    let mut rows = Vec::new();
    for program in &PROGRAMS {
        eprintln!("building {} …", program.name);
        rows.push(row(program).with_context(|| format!("the program of {}", program.name))?);
    }
    let header = [
        "minimal program",
        "crates",
        "build CPU s",
        "stripped KiB",
        "small KiB",
    ];
    Ok(table(&header, &rows))
}

fn row(program: &Program) -> Result<Vec<String>> {
    let dependencies = format!("{}\n\n{SMALL}", program.dependencies);
    let package = Package::new(&dependencies, program.main)?;
    let tree = package.cargo(&["tree", "--edges=normal", "--prefix=none"])?;
    let before = processor_time(UsageWho::RUSAGE_CHILDREN);
    package.cargo(&["build", "--quiet", "--release", "--offline"])?;
    let spent = processor_time(UsageWho::RUSAGE_CHILDREN).saturating_sub(before);
    package.cargo(&["build", "--quiet", "--profile=small", "--offline"])?;
    let size = |profile| -> Result<String> {
        let binary = fs::metadata(package.target().join(profile).join(NAME))?;
        Ok(number(binary.len() as f64 / 1024.0))
    };
    Ok(vec![
        program.name.to_owned(),
        third_party(&tree).to_string(),
        number(spent.as_secs_f64()),
        size("release")?,
        size("small")?,
    ])
}

/// How many crates come from elsewhere: those of a path show it.
fn third_party(tree: &str) -> usize {
    let names: BTreeSet<&str> = tree
        .lines()
        .filter(|line| !line.contains("(/"))
        .filter_map(|line| line.trim_end_matches(" (*)").split(" (proc-macro)").next())
        .filter(|line| !line.is_empty())
        .collect();
    names.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_counted_once_and_ours_not_at_all() {
        let tree = "program v0.0.0 (/a)\nredis v0.1.0 (/a/redis)\nitoa v1.0.0\nserde v1.0.0 (proc-macro)\nitoa v1.0.0 (*)\n";
        assert_eq!(third_party(tree), 2);
    }
}
