//! TLS: who is trusted, who is not, and what is said in plain text by mistake.

use std::{
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use redis::{Client, ClientBuilder, ErrorKind, Pem, Protocol, Tls, prelude::*};
use redis_testkit::{Certificate, CertificateAuthority, Server};

use crate::ways::server_with;

const NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

fn authority() -> CertificateAuthority {
    CertificateAuthority::new().expect("an authority")
}

fn tls_server(certificate: &Certificate) -> Server {
    server_with(|builder| builder.tls(certificate.server_tls()))
}

fn builder(server: &Server, tls: Tls) -> ClientBuilder {
    let port = server.tls_port().expect("a TLS port");
    Client::builder()
        .tcp("127.0.0.1", port)
        .tls(tls)
        .connect_timeout(Duration::from_secs(20))
}

fn trusting(authority: &CertificateAuthority) -> Tls {
    Tls::new().roots(authority.pem().as_bytes().to_vec())
}

/// Fails before the time for connecting is over, or not long after, and answers in what words.
fn refusal(client: &Client) -> String {
    let started = Instant::now();
    let error = client.ping().unwrap_err();
    assert!(
        started.elapsed() < Duration::from_secs(15),
        "took {:?}: {error}",
        started.elapsed()
    );
    assert!(!error.maybe_executed(), "{error}");
    error.to_string()
}

#[test]
fn a_trusted_server_is_talked_to_in_both_protocols() {
    let authority = authority();
    let server = tls_server(&authority.issue_for_server(&NAMES).unwrap());
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let client = builder(&server, trusting(&authority))
            .protocol(protocol)
            .build();
        client.flushall().unwrap();
        client.set("greeting", "hello").unwrap();
        assert_eq!(
            client.get::<String>("greeting").unwrap().as_deref(),
            Some("hello")
        );
        let large: Vec<u8> = (0..3_000_000_u32)
            .map(|index| (index % 251) as u8)
            .collect();
        client.set("large", &large).unwrap();
        assert!(client.get::<Vec<u8>>("large").unwrap() == Some(large));
        let mut pipeline = client.pipeline();
        for _ in 0..1000 {
            pipeline.incr("n");
        }
        assert_eq!(pipeline.execute::<Vec<i64>>().unwrap().last(), Some(&1000));
        assert_eq!(client.pool_stats().idle, 1);
    }
}

#[test]
fn threads_share_encrypted_connections() {
    let authority = authority();
    let server = tls_server(&authority.issue_for_server(&NAMES).unwrap());
    let client = builder(&server, trusting(&authority))
        .max_connections(3)
        .build();
    thread::scope(|scope| {
        for thread in 0..8 {
            let client = &client;
            scope.spawn(move || {
                for round in 0..50 {
                    let value = format!("{thread}:{round}");
                    assert_eq!(client.echo::<String>(&value).unwrap(), value);
                }
            });
        }
    });
}

#[test]
fn a_url_and_files_do_as_well() {
    let authority = authority();
    let server = tls_server(&authority.issue_for_server(&NAMES).unwrap());
    let file = server.socket_path().with_file_name("roots.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let port = server.tls_port().unwrap();
    let url = format!("rediss://localhost:{port}?ssl_ca_certs={}", file.display());
    assert_eq!(Client::open(&url).unwrap().ping().unwrap(), "PONG");
    std::fs::remove_file(&file).unwrap();
    let shown = refusal(&Client::open(&url).unwrap());
    assert!(
        shown.contains("cannot be used for TLS: No such file"),
        "{shown}"
    );
}

#[test]
fn a_server_that_wants_a_certificate_gets_one() {
    let authority = authority();
    let certificate = authority.issue_for_server(&NAMES).unwrap();
    let server = server_with(|builder| {
        builder.tls(
            certificate
                .server_tls()
                .require_client_certificate(authority.pem()),
        )
    });
    let me = authority.issue_for_client("me").unwrap();
    let identity = trusting(&authority).identity(
        me.pem().as_bytes().to_vec(),
        me.key_pem().as_bytes().to_vec(),
    );
    assert_eq!(builder(&server, identity).build().ping().unwrap(), "PONG");
    // Without one, the server ends the connection.
    refusal(&builder(&server, trusting(&authority)).retries(0).build());
}

#[test]
fn a_server_that_nobody_trusted_vouches_for_is_refused() {
    let certificate = authority().issue_for_server(&NAMES).unwrap();
    let server = tls_server(&certificate);
    let shown = refusal(&builder(&server, trusting(&authority())).build());
    assert!(
        shown.contains("nobody trusted vouches for the server's certificate"),
        "{shown}"
    );
    // Nor does the system trust it. A system without any root certificates says that instead.
    let shown = refusal(&builder(&server, Tls::new()).build());
    assert!(
        shown.contains("nobody trusted") || shown.contains("root certificate"),
        "{shown}"
    );
    // Unless somebody insists.
    assert_eq!(
        builder(&server, Tls::new().insecure())
            .build()
            .ping()
            .unwrap(),
        "PONG"
    );
}

#[test]
fn an_expired_certificate_is_refused() {
    let authority = authority();
    let server = tls_server(&authority.issue_expired(&NAMES).unwrap());
    let shown = refusal(&builder(&server, trusting(&authority)).build());
    assert!(
        shown.contains("the server's certificate has expired"),
        "{shown}"
    );
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let authority = authority();
    let server = tls_server(&authority.issue_for_server(&["cache.example.org"]).unwrap());
    let shown = refusal(&builder(&server, trusting(&authority)).build());
    assert!(
        shown.contains("the server's certificate is for another name"),
        "{shown}"
    );
    let told = trusting(&authority).server_name("cache.example.org");
    assert_eq!(builder(&server, told).build().ping().unwrap(), "PONG");
}

#[test]
fn plain_and_encrypted_ports_are_told_apart() {
    let authority = authority();
    let server = tls_server(&authority.issue_for_server(&NAMES).unwrap());
    // TLS to a plain port: the server takes the greeting for a strange command and ends it or waits.
    let encrypted = Client::builder()
        .tcp("127.0.0.1", server.port())
        .tls(trusting(&authority));
    let shown = refusal(&encrypted.connect_timeout(Duration::from_secs(1)).build());
    assert!(shown.contains("TLS"), "{shown}");
    // Plain text to a TLS port.
    let plain = Client::builder().tcp("127.0.0.1", server.tls_port().unwrap());
    refusal(&plain.connect_timeout(Duration::from_secs(1)).build());
}

#[test]
fn a_server_that_accepts_and_says_nothing_is_not_waited_for_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let limit = Duration::from_millis(200);
    let client = Client::builder()
        .tcp("127.0.0.1", port)
        .tls(Tls::new().insecure())
        .connect_timeout(limit);
    let started = Instant::now();
    let error = client.build().ping().unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(8));
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        error.to_string().contains("shaking hands for TLS"),
        "{error}"
    );
}

#[test]
fn connections_that_the_server_closed_are_noticed_through_the_encryption() {
    let authority = authority();
    let server = tls_server(&authority.issue_for_server(&NAMES).unwrap());
    let client = builder(&server, trusting(&authority)).build();
    let killer = Client::open(&server.unix_url()).unwrap();
    for _ in 0..3 {
        client.incr("n").unwrap();
        let kill = redis::cmd("CLIENT KILL").args(&["TYPE", "normal", "SKIPME", "yes"]);
        redis::Execute::execute::<()>(&killer, kill).unwrap();
        // The server closes them before it answers whatever comes next.
        killer.ping().unwrap();
        thread::sleep(Duration::from_millis(40));
    }
    assert_eq!(client.incr("n").unwrap(), 4);
    // And one that is only idle is kept, whatever tickets the server has sent over it.
    let id = client.client_id().unwrap();
    thread::sleep(Duration::from_millis(40));
    assert_eq!(client.client_id().unwrap(), id);
}

#[test]
fn what_cannot_be_a_certificate_is_said_so() {
    let server = tls_server(&authority().issue_for_server(&NAMES).unwrap());
    let roots = Tls::new().roots(Pem::Bytes(b"nothing of the kind".to_vec()));
    let shown = refusal(&builder(&server, roots).build());
    assert!(
        shown.contains("expected at least one root certificate, found none"),
        "{shown}"
    );
}
