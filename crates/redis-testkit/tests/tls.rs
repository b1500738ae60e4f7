//! A server with a TLS port, and certificates of its own, judged by the `openssl` program.

use std::io::Write;
use std::process::{Command, Stdio};

use redis_testkit::{Certificate, CertificateAuthority, Server};

#[test]
fn a_trusted_certificate_is_shown_on_the_tls_port() {
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority
        .issue_for_server(&["localhost", "127.0.0.1"])
        .unwrap();
    let server = server(&certificate);
    let said = ping(&server, authority.pem(), "localhost", None);
    let Some(said) = said else { return };
    assert!(said.contains("+PONG"), "{said}");
    assert!(server.tls_url().unwrap().starts_with("rediss://127.0.0.1:"));
}

#[test]
fn another_authority_an_expired_certificate_and_another_name_are_told_apart() {
    let authority = CertificateAuthority::new().unwrap();
    let other = CertificateAuthority::new().unwrap();
    let good = authority.issue_for_server(&["localhost"]).unwrap();
    let expired = authority.issue_expired(&["localhost"]).unwrap();
    for (certificate, trusted, name, complaint) in [
        (
            &good,
            other.pem(),
            "localhost",
            "unable to get local issuer|certificate signature failure|self-signed",
        ),
        (&expired, authority.pem(), "localhost", "expired"),
        (&good, authority.pem(), "elsewhere", "ostname mismatch"),
    ] {
        let Some(said) = ping(&server(certificate), trusted, name, None) else {
            return;
        };
        assert!(!said.contains("+PONG"), "{said}");
        assert!(
            complaint.split('|').any(|words| said.contains(words)),
            "{said}"
        );
    }
}

#[test]
fn a_client_without_the_certificate_that_is_asked_for_is_refused() {
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority.issue_for_server(&["localhost"]).unwrap();
    let tls = certificate
        .server_tls()
        .require_client_certificate(authority.pem());
    let server = Server::builder().tls(tls).start().unwrap();
    let Some(said) = ping(&server, authority.pem(), "localhost", None) else {
        return;
    };
    assert!(!said.contains("+PONG"), "{said}");
    let mine = authority.issue_for_client("a client").unwrap();
    let said = ping(&server, authority.pem(), "localhost", Some(&mine)).unwrap();
    assert!(said.contains("+PONG"), "{said}");
}

#[test]
fn a_server_without_tls_has_no_such_port() {
    let server = Server::start().unwrap();
    assert_eq!((server.tls_port(), server.tls_url()), (None, None));
}

#[test]
fn debug_shows_no_key() {
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority.issue_for_server(&["localhost"]).unwrap();
    let builder = Server::builder().tls(certificate.server_tls());
    let shown = format!("{authority:?} {certificate:?} {builder:?}");
    assert!(!shown.contains("BEGIN"), "{shown}");
}

fn server(certificate: &Certificate) -> Server {
    let builder = Server::builder().tls(certificate.server_tls());
    builder.start().unwrap()
}

/// What `openssl s_client` and the server say to each other; `None` where there is no such program.
fn ping(
    server: &Server,
    trusted: &str,
    name: &str,
    client: Option<&Certificate>,
) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let address = format!("127.0.0.1:{}", server.tls_port().unwrap());
    let mut command = Command::new("openssl");
    command
        .args([
            "s_client",
            "-quiet",
            "-verify_return_error",
            "-no-CAfile",
            "-no-CApath",
        ])
        .args(["-connect", &address, "-verify_hostname", name, "-CAfile"])
        .arg(file("ca.pem", trusted));
    if let Some(client) = client {
        command.arg("-cert").arg(file("client.pem", client.pem()));
        command
            .arg("-key")
            .arg(file("client.key", client.key_pem()));
    }
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("not tried: there is no openssl program on this machine");
        return None;
    };
    // It may have given up by now.
    let _ = child.stdin.take().unwrap().write_all(b"PING\r\nQUIT\r\n");
    let output = child.wait_with_output().unwrap();
    let [said, complained] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Some(said + &complained)
}
