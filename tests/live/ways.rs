//! The ways to talk to a server, on each of which every test has to hold: TCP and Unix socket, RESP2
//! and RESP3, and hiredis as the parser where it is built in.

use std::{fmt, path::Path};

use redis::{Client, ClientBuilder, Parser, Protocol, prelude::*};
use redis_testkit::{Endpoint, FaultProxy, Server, ServerBinary, ServerBuilder};

/// A server of the kind that this run is about.
pub(crate) fn server() -> Server {
    server_with(|builder| builder)
}

pub(crate) fn server_with(configure: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Server {
    configure(Server::builder().binary(binary()))
        .start()
        .expect("a server")
}

/// The kind of server that this run is about.
pub(crate) fn binary() -> ServerBinary {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/servers");
    let directories = std::fs::read_dir(fetched).into_iter().flatten();
    let directories: Vec<_> = directories.flatten().map(|entry| entry.path()).collect();
    ServerBinary::find_in(&directories).expect("a server binary")
}

/// Runs a test on a client for each way to talk to one server, which is emptied before.
pub(crate) fn on_every_way(test: impl Fn(&Client)) {
    let server = server();
    for (name, builder) in ways(&server) {
        // Shown when the test fails.
        println!("over {name} with {}", server.version());
        let client = builder.build();
        client.flushall().expect("an empty server");
        test(&client);
    }
}

pub(crate) fn ways(server: &Server) -> Vec<(String, ClientBuilder)> {
    let ways = Way::all().into_iter();
    ways.map(|way| (way.to_string(), way.client_of(&way.endpoint_of(server))))
        .collect()
}

/// One way to talk to a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    over_unix: bool,
    protocol: Protocol,
    parser: Parser,
}

impl Way {
    pub(crate) fn all() -> Vec<Self> {
        let mut ways = Vec::new();
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            for over_unix in [false, true] {
                ways.push(Self {
                    over_unix,
                    protocol,
                    parser: Parser::Native,
                });
            }
        }
        if cfg!(feature = "hiredis") {
            ways.push(Self {
                over_unix: false,
                protocol: Protocol::Newest,
                parser: Parser::Hiredis,
            });
        }
        ways
    }

    /// A client of what listens there.
    pub(crate) fn client_of(self, endpoint: &Endpoint) -> ClientBuilder {
        let builder = match endpoint {
            Endpoint::Tcp(address) => {
                Client::builder().tcp(address.ip().to_string(), address.port())
            }
            Endpoint::Unix(path) => Client::builder().unix(path),
        };
        builder.protocol(self.protocol).parser(self.parser)
    }

    /// A proxy of the same kind as the server's socket.
    pub(crate) fn proxy_of(self, server: &Server) -> FaultProxy {
        let endpoint = self.endpoint_of(server);
        let proxy = if self.over_unix {
            FaultProxy::start_unix(endpoint)
        } else {
            FaultProxy::start(endpoint)
        };
        proxy.expect("a proxy")
    }

    fn endpoint_of(self, server: &Server) -> Endpoint {
        if self.over_unix {
            server.socket_path().into()
        } else {
            server.tcp_addr().into()
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.over_unix {
            "a Unix socket, "
        } else {
            "TCP, "
        })?;
        match self.parser {
            Parser::Native => write!(f, "{:?}", self.protocol),
            parser => write!(f, "{parser:?}"),
        }
    }
}

/// A client of `server` over TCP.
pub(crate) fn client(server: &Server) -> Client {
    Client::builder().tcp(server.host(), server.port()).build()
}
