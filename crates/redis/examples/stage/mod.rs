//! Where an example plays: on the server that `--url` names, or on a throwaway one of its own.

use anyhow::Context;
use clap::Parser;
use redis::Client;
use redis_testkit::Server;

/// A small program that shows one thing.
#[derive(Parser)]
pub(crate) struct Arguments {
    /// The server to use, whose keys `example:…` are overwritten; otherwise a throwaway one is started
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// A client, and the server if it is ours, which ends with this.
pub(crate) struct Stage {
    pub(crate) client: Client,
    _server: Option<Server>,
}

impl Stage {
    /// As these arguments say.
    pub(crate) fn of(arguments: Arguments) -> anyhow::Result<Self> {
        match arguments.url {
            Some(url) => Ok(Self {
                client: Client::open(&url)?,
                _server: None,
            }),
            None => Self::own(),
        }
    }

    /// On a throwaway server.
    pub(crate) fn own() -> anyhow::Result<Self> {
        let server = Server::start().context(
            "without --url, an example needs a server, which `cargo xtask servers redis-7` fetches without \
             installing it",
        )?;
        Ok(Self {
            client: Client::open(&server.url())?,
            _server: Some(server),
        })
    }
}
