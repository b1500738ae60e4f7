//! Sentinels over TLS: they, the servers and we talk to each other encrypted only.

use std::time::Duration;

use redis::{Client, ErrorKind, RetryPolicy, Sentinel, Tls, prelude::*};
use redis_testkit::{Certificate, CertificateAuthority, Server, ServerBuilder};

use crate::{patience::found, ways::server_with};

/// How long a failover is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A primary, a replica and a Sentinel, which reach each other by their TLS ports.
struct Scene {
    authority: CertificateAuthority,
    primary: Server,
    replica: Server,
    sentinel: Server,
}

impl Scene {
    fn start() -> Self {
        let authority = CertificateAuthority::new().unwrap();
        let certificate = authority.issue_for_server(&["127.0.0.1"]).unwrap();
        let encrypted = |builder| encrypted(builder, &authority, &certificate);
        let primary = server_with(encrypted);
        let address = format!("127.0.0.1 {}", primary.tls_port().unwrap());
        let replica = server_with(|builder| encrypted(builder).config("replicaof", &address));
        replica.wait_until_in_sync(&primary, PATIENCE).unwrap();
        let sentinel = server_with(|builder| {
            encrypted(builder)
                .arg("--sentinel")
                .config("sentinel monitor", format!("mymaster {address} 1"))
                .config("sentinel down-after-milliseconds", "mymaster 2000")
                .config("sentinel failover-timeout", "mymaster 5000")
        });
        Self {
            authority,
            primary,
            replica,
            sentinel,
        }
    }

    fn trust(&self) -> Tls {
        Tls::new().roots(self.authority.pem().as_bytes().to_vec())
    }

    fn sentinel_address(&self) -> String {
        format!("127.0.0.1:{}", self.sentinel.tls_port().unwrap())
    }
}

/// Replication and Sentinels use TLS, and trust the authority; clients need no certificate.
fn encrypted(
    builder: ServerBuilder,
    authority: &CertificateAuthority,
    certificate: &Certificate,
) -> ServerBuilder {
    let tls = certificate.server_tls();
    builder
        .tls(tls.require_client_certificate(authority.pem()))
        .arg("--tls-auth-clients")
        .arg("no")
        .config("tls-replication", "yes")
}

#[test]
fn clients_follow_the_primary_over_tls() {
    let scene = Scene::start();
    let patient =
        RetryPolicy::exponential(300, Duration::from_millis(50), Duration::from_millis(100));
    let sentinel = Sentinel::builder()
        .sentinels([scene.sentinel_address()])
        .unwrap()
        .tls(scene.trust())
        .timeout(PATIENCE)
        .clients(Client::builder().tls(scene.trust()).retry(patient))
        .build();
    let port_of = |address: redis::Address| match address {
        redis::Address::Tcp { port, .. } => Some(port),
        _ => None,
    };
    // The Sentinel learns of it from the primary, and has to reach it.
    let replicas = found("the Sentinel knows a replica", || {
        let replicas = sentinel.discover_replicas("mymaster").ok()?;
        (!replicas.is_empty()).then_some(replicas)
    });
    let replicas: Vec<_> = replicas.into_iter().map(port_of).collect();
    assert_eq!(replicas, [scene.replica.tls_port()]);
    let found = sentinel.discover_master("mymaster").unwrap();
    assert_eq!(port_of(found), scene.primary.tls_port());

    let master = sentinel.master_for("mymaster");
    let replica = sentinel.replica_for("mymaster");
    master.set("foo", "bar").unwrap();
    scene
        .replica
        .wait_until_in_sync(&scene.primary, PATIENCE)
        .unwrap();
    assert_eq!(
        replica.get::<String>("foo").unwrap().as_deref(),
        Some("bar")
    );

    scene.primary.kill().unwrap();
    // What only reads is repeated, even if the old connection was used before it was known to be closed.
    assert_eq!(master.get::<String>("foo").unwrap().as_deref(), Some("bar"));
    assert_eq!(master.append("foo", "!").unwrap(), 4);
    let port = master.config_get("port").unwrap()["port"].clone();
    assert_eq!(port, scene.replica.port().to_string());
}

#[test]
fn whoever_does_not_trust_a_sentinel_or_a_server_is_told_which() {
    let scene = Scene::start();
    let elsewhere = CertificateAuthority::new().unwrap();
    let elsewhere = Tls::new().roots(elsewhere.pem().as_bytes().to_vec());
    let client = |sentinels: Tls, servers: Tls| {
        Sentinel::builder()
            .sentinels([scene.sentinel_address()])
            .unwrap()
            .tls(sentinels)
            .timeout(PATIENCE)
            .clients(
                Client::builder()
                    .tls(servers)
                    .connect_timeout(PATIENCE)
                    .retry(RetryPolicy::none()),
            )
            .build()
            .master_for("mymaster")
    };
    let error = client(elsewhere.clone(), scene.trust()).ping().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MasterNotFound, "{error}");
    let shown = error.to_string();
    assert!(
        shown.contains(&scene.sentinel_address()) && shown.contains("certificate"),
        "{shown}"
    );
    let error = client(scene.trust(), elsewhere).ping().unwrap_err();
    let shown = error.to_string();
    let primary = format!("127.0.0.1:{}", scene.primary.tls_port().unwrap());
    assert!(
        shown.contains(&primary) && shown.contains("certificate"),
        "{shown}"
    );
    client(scene.trust(), scene.trust()).ping().unwrap();
}
