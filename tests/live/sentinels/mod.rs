//! Sentinels: scripted ones in front of real servers, and sets of real ones.

mod discovering;
mod encrypted;
mod failovers;
mod fake;
mod following;
mod promotions;
mod watching;

use std::time::Duration;

use redis::{Address, Client, ClientBuilder, RetryPolicy, Sentinel, prelude::*};
use redis_testkit::{Script, ScriptedServer};

use fake::FakeSentinel;

/// How long a Sentinel is waited for that says nothing. The others have all the time there is.
const PATIENCE: Duration = Duration::from_millis(200);

/// How long a connection may take, asking Sentinels included.
const CONNECT: Duration = Duration::from_secs(5);

/// What a busy machine may add.
const SLACK: Duration = Duration::from_secs(5);

/// For servers that no Sentinel is to call down, however slow they are.
const NEVER: Duration = Duration::from_secs(600);

fn clients() -> ClientBuilder {
    Client::builder()
        .connect_timeout(CONNECT)
        .response_timeout(CONNECT)
        .retry(RetryPolicy::none())
}

fn sentinel<'f>(fakes: impl IntoIterator<Item = &'f FakeSentinel>) -> Sentinel {
    Sentinel::builder()
        .sentinels(fakes.into_iter().map(FakeSentinel::url))
        .unwrap()
        .timeout(CONNECT)
        .clients(clients())
        .build()
}

fn port(address: &Address) -> u16 {
    match address {
        Address::Tcp { port, .. } => *port,
        other => panic!("{other}"),
    }
}

/// Whom the client is connected to.
fn whom(client: &Client) -> u16 {
    client.config_get("port").unwrap()["port"].parse().unwrap()
}

/// A server that accepts connections and says nothing at all.
fn deaf() -> ScriptedServer {
    ScriptedServer::start(Script::new().deaf()).unwrap()
}
