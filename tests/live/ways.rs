//! The ways to talk to a server, on each of which every test has to hold: TCP and Unix socket, RESP2
//! and RESP3.

use std::path::Path;

use redis::{Client, ClientBuilder, Protocol, prelude::*};
use redis_testkit::{Server, ServerBinary, ServerBuilder};

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
    let mut ways = Vec::new();
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let tcp = Client::builder().tcp(server.host(), server.port());
        let unix = Client::builder().unix(server.socket_path());
        ways.push((format!("TCP, {protocol:?}"), tcp.protocol(protocol)));
        ways.push((
            format!("a Unix socket, {protocol:?}"),
            unix.protocol(protocol),
        ));
    }
    ways
}

/// A client of `server` over TCP.
pub(crate) fn client(server: &Server) -> Client {
    Client::builder().tcp(server.host(), server.port()).build()
}
