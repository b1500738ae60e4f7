//! Two commands: the program whose cost to build is measured, and what the one of a hundred is compared with.

use redis::prelude::*;

fn main() -> Result<(), redis::Error> {
    let client = Client::open("redis://localhost")?;
    client.set("key", "value")?;
    let value: Option<String> = client.get("key")?;
    println!("{value:?}");
    Ok(())
}
