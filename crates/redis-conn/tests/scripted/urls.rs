//! The table of URLs: what each says, how it prints, and what is wrong with the others.

use std::time::Duration;

use redis_conn::{Address, ConnectionConfig, ErrorKind, Parser, Pem, Protocol, TcpOptions, Tls};

use crate::script::changed;

fn tcp(host: &str, port: u16) -> ConnectionConfig {
    ConnectionConfig::new(Address::Tcp {
        host: host.into(),
        port,
    })
}

fn unix(path: &str) -> ConnectionConfig {
    ConnectionConfig::new(Address::Unix(path.into()))
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

fn tls(tls: Tls) -> ConnectionConfig {
    changed(tcp("h", 6379), |config| config.tls = Some(tls))
}

/// A URL, what it says, and how that prints.
fn good() -> Vec<(&'static str, ConnectionConfig, &'static str)> {
    let with_tcp = |change: fn(&mut TcpOptions)| {
        let mut config = tcp("h", 6379);
        change(&mut config.tcp);
        config
    };
    vec![
        ("redis://", tcp("localhost", 6379), "redis://localhost:6379"),
        (
            "redis:///",
            tcp("localhost", 6379),
            "redis://localhost:6379",
        ),
        ("REDIS://Host", tcp("Host", 6379), "redis://Host:6379"),
        ("valkey://h:1", tcp("h", 1), "redis://h:1"),
        ("redis://h:/", tcp("h", 6379), "redis://h:6379"),
        ("redis://h:0", tcp("h", 0), "redis://h:0"),
        ("redis://h:65535", tcp("h", 65535), "redis://h:65535"),
        ("redis://:7", tcp("localhost", 7), "redis://localhost:7"),
        ("redis://[::1]", tcp("::1", 6379), "redis://[::1]:6379"),
        (
            "redis://[::1]:7/3",
            changed(tcp("::1", 7), |config| config.database = 3),
            "redis://[::1]:7/3",
        ),
        (
            "redis://[fe80::1%25eth0]",
            tcp("fe80::1%eth0", 6379),
            "redis://[fe80::1%25eth0]:6379",
        ),
        (
            "redis://my%2Fhost",
            tcp("my/host", 6379),
            "redis://my%2Fhost:6379",
        ),
        (
            "redis:///5",
            changed(tcp("localhost", 6379), |config| config.database = 5),
            "redis://localhost:6379/5",
        ),
        (
            "redis://h/1?db=2",
            changed(tcp("h", 6379), |config| config.database = 2),
            "redis://h:6379/2",
        ),
        (
            "redis://h?db=2&db=3",
            changed(tcp("h", 6379), |config| config.database = 3),
            "redis://h:6379/3",
        ),
        ("redis://h?", tcp("h", 6379), "redis://h:6379"),
        ("redis://h?&", tcp("h", 6379), "redis://h:6379"),
        (
            "redis://:pw@h",
            changed(tcp("h", 6379), |config| config.password = some("pw")),
            "redis://***@h:6379",
        ),
        (
            "redis://u@h",
            changed(tcp("h", 6379), |config| config.username = some("u")),
            "redis://***@h:6379",
        ),
        (
            "redis://u:@h",
            changed(tcp("h", 6379), |config| {
                config.username = some("u");
                config.password = some("");
            }),
            "redis://***@h:6379",
        ),
        ("redis://@h", tcp("h", 6379), "redis://h:6379"),
        (
            "redis://%75:a%3Ab%2540@h",
            changed(tcp("h", 6379), |config| {
                config.username = some("u");
                config.password = some("a:b%40");
            }),
            "redis://***@h:6379",
        ),
        (
            "redis://:%2B%3D+@h",
            changed(tcp("h", 6379), |config| config.password = some("+=+")),
            "redis://***@h:6379",
        ),
        (
            "redis://:a@b@h",
            changed(tcp("h", 6379), |config| config.password = some("a@b")),
            "redis://***@h:6379",
        ),
        (
            "redis://:a:b@h",
            changed(tcp("h", 6379), |config| config.password = some("a:b")),
            "redis://***@h:6379",
        ),
        (
            "redis://:gr%C3%BC%C3%9F@h",
            changed(tcp("h", 6379), |config| config.password = some("grüß")),
            "redis://***@h:6379",
        ),
        (
            "redis://u:p@h?username=v&password=q%25",
            changed(tcp("h", 6379), |config| {
                config.username = some("v");
                config.password = some("q%");
            }),
            "redis://***@h:6379",
        ),
        (
            "redis://h?protocol=2",
            changed(tcp("h", 6379), |config| config.protocol = Protocol::Resp2),
            "redis://h:6379?protocol=2",
        ),
        (
            "redis://h?parser=hiredis",
            changed(tcp("h", 6379), |config| config.parser = Parser::Hiredis),
            "redis://h:6379?parser=hiredis",
        ),
        ("redis://h?parser=native", tcp("h", 6379), "redis://h:6379"),
        (
            "redis://h?protocol=3",
            changed(tcp("h", 6379), |config| config.protocol = Protocol::Resp3),
            "redis://h:6379?protocol=3",
        ),
        (
            "redis://h?client_name=a%20b%2526",
            changed(tcp("h", 6379), |config| config.client_name = some("a b%26")),
            "redis://h:6379?client_name=a%20b%2526",
        ),
        (
            "redis://h?response_timeout=0.5&connect_timeout=2",
            changed(tcp("h", 6379), |config| {
                config.response_timeout = Duration::from_millis(500);
                config.connect_timeout = Duration::from_secs(2);
            }),
            "redis://h:6379?connect_timeout=2&response_timeout=0.5",
        ),
        (
            "redis://h?socket_timeout=1&socket_connect_timeout=2",
            changed(tcp("h", 6379), |config| {
                config.response_timeout = Duration::from_secs(1);
                config.connect_timeout = Duration::from_secs(2);
            }),
            "redis://h:6379?connect_timeout=2&response_timeout=1",
        ),
        (
            "redis://h?tcp_nodelay=No",
            with_tcp(|tcp| tcp.nodelay = false),
            "redis://h:6379?tcp_nodelay=no",
        ),
        ("redis://h?tcp_nodelay=1", tcp("h", 6379), "redis://h:6379"),
        (
            "redis://h?tcp_keepalive=0",
            with_tcp(|tcp| tcp.keepalive = None),
            "redis://h:6379?tcp_keepalive=0",
        ),
        (
            "redis://h?tcp_user_timeout=1.5&bind=127.0.0.1",
            with_tcp(|tcp| {
                tcp.user_timeout = Some(Duration::from_millis(1500));
                tcp.bind = Some([127, 0, 0, 1].into());
            }),
            "redis://h:6379?tcp_user_timeout=1.5&bind=127.0.0.1",
        ),
        ("rediss://h", tls(Tls::new()), "rediss://h:6379"),
        (
            "valkeys://h?ssl_cert_reqs=none",
            tls(Tls::new().insecure()),
            "rediss://h:6379?ssl_cert_reqs=none",
        ),
        (
            "rediss://h?ssl_ca_certs=/ca.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem&ssl_server_name=s",
            tls(Tls::new()
                .roots(Pem::File("/ca.pem".into()))
                .identity(Pem::File("/c.pem".into()), Pem::File("/k.pem".into()))
                .server_name("s")),
            "rediss://h:6379?ssl_ca_certs=/ca.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem&ssl_server_name=s",
        ),
        (
            "unix:///run/redis.sock",
            unix("/run/redis.sock"),
            "unix:///run/redis.sock",
        ),
        (
            "redis+unix:///a%20b?db=4",
            changed(unix("/a b"), |config| config.database = 4),
            "unix:///a%20b?db=4",
        ),
        (
            "unix://u:p@/s",
            changed(unix("/s"), |config| {
                config.username = some("u");
                config.password = some("p");
            }),
            "unix://***@/s",
        ),
        (
            "unix://:p@/s?protocol=2",
            changed(unix("/s"), |config| {
                config.password = some("p");
                config.protocol = Protocol::Resp2;
            }),
            "unix://***@/s?protocol=2",
        ),
    ]
}

/// A URL, and what its error must name.
const BAD: &[(&str, &str)] = &[
    ("", "no ://"),
    ("localhost:6379", "no ://"),
    ("redis:/h", "no ://"),
    ("redis:h", "no ://"),
    ("://h", "scheme, found \"\""),
    ("http://h", "scheme, found \"http\""),
    ("redis+tcp://h", "scheme, found \"redis+tcp\""),
    ("redis://h:x", "as the port"),
    ("redis://h:70000", "number up to 65535 as the port"),
    ("redis://h:-1", "as the port"),
    ("redis://h:+1", "as the port"),
    ("redis://::1", "IPv6 address is in brackets"),
    ("redis://:password", "is followed by an @"),
    ("unix://:password/s", "is followed by an @"),
    ("redis://h/x", "database, found \"x\""),
    ("redis://h/-1", "database, found \"-1\""),
    ("redis://h/1/2", "database, found \"1/2\""),
    ("redis://h/1/", "database, found \"1/\""),
    ("redis://h/99999999999", "database, found \"99999999999\""),
    ("redis://h?db=x", "db, found \"x\""),
    ("redis://h?db=-1", "db, found \"-1\""),
    ("redis://[::1", "]"),
    ("redis://[::1]x", "after the host, found \"x\""),
    ("redis://h?db", "\"db\", found no ="),
    ("redis://h?nope=1", "found \"nope\""),
    ("redis://h?nope=1&db=1&never=2", "found \"nope, never\""),
    ("redis://h?password=a&b=c", "& as %26 in the password"),
    ("redis://h?password=a&db=1&nope=c", "found \"nope\""),
    ("redis://h?Db=1", "found \"Db\""),
    ("redis://h#1", "#"),
    ("redis://h?protocol=4", "protocol, found \"4\""),
    ("redis://h?parser=c", "parser, found \"c\""),
    (
        "redis://h?connect_timeout=0",
        "connect_timeout, found \"0\"",
    ),
    (
        "redis://h?connect_timeout=-1",
        "connect_timeout, found \"-1\"",
    ),
    (
        "redis://h?response_timeout=inf",
        "response_timeout, found \"inf\"",
    ),
    (
        "redis://h?response_timeout=NaN",
        "response_timeout, found \"NaN\"",
    ),
    (
        "redis://h?tcp_nodelay=maybe",
        "yes or no as the tcp_nodelay, found \"maybe\"",
    ),
    ("redis://h?bind=h", "bind, found \"h\""),
    (
        "redis://h?ssl_ca_certs=/x",
        "rediss or valkeys for ssl_ca_certs",
    ),
    (
        "rediss://h?ssl_cert_reqs=optional",
        "ssl_cert_reqs, found \"optional\"",
    ),
    (
        "rediss://h?ssl_certfile=/x",
        "ssl_certfile and ssl_keyfile together",
    ),
    ("rediss://h?ssl_nope=/x", "found \"ssl_nope\""),
    ("redis://:%zz@h", "% of the password"),
    ("redis://[fe80::1%eth0]", "a % is written %25"),
    ("redis://:%4@h", "% of the password"),
    ("redis://:%ff@h", "password to be UTF-8"),
    ("redis://%2:x@h", "% of the user"),
    ("unix://run/r.sock", "found the host \"run\""),
    ("unix://", "path of a socket"),
    ("unix://u:p@", "path of a socket"),
];

#[test]
fn urls_say_what_they_say() {
    for (url, config, _) in good() {
        assert_eq!(ConnectionConfig::from_url(url).unwrap(), config, "{url}");
    }
}

#[test]
fn printed_urls_read_back_as_the_same_but_for_secrets() {
    for (url, config, printed) in good() {
        assert_eq!(config.to_string(), printed, "{url}");
        let without_secrets = changed(config, |config| {
            config.username = None;
            config.password = None;
        });
        let read = ConnectionConfig::from_url(&printed.replace("***@", ""));
        assert_eq!(read.unwrap(), without_secrets, "{url}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    for (url, part) in BAD {
        let error = ConnectionConfig::from_url(url).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
        assert!(error.to_string().contains(part), "{url}: {error}");
    }
}

#[test]
fn no_error_and_no_debug_shows_a_secret() {
    for url in [
        "redis://user:hunter2@h:x",
        "redis://user:hunter2@h/x",
        "unix://user:hunter2@h/x",
        "redis://user:hunter2@h?x=1",
        // What is not encoded makes something else of the rest.
        "redis://user:ab?hunter2@h",
        "redis://user:ab?hunter2=1@h",
        "redis://user:12?hunter2=1@h",
        "redis://user:ab/hunter2@h",
        "redis://user:ab#hunter2@h",
        "redis://user:ab%hunter2@h",
        "redis://h?password=ab&hunter2",
        "redis://h?password=ab&hunter2=1",
        // The @ is missing, or something stands in the wrong place.
        "redis://user:hunter2",
        "redis://:hunter2/0",
        "unix://user:hunter2/run/redis.sock",
        "user:hunter2@redis://h",
        "user:hunter2@h:6379",
    ] {
        let error = ConnectionConfig::from_url(url).unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{url}: {error}"
        );
    }
    let config = ConnectionConfig::from_url("rediss://user:hunter2@h").unwrap();
    let tls = Tls::new().identity(b"certificate".to_vec(), b"hunter2".to_vec());
    let config = changed(config, |config| config.tls = Some(tls));
    let shown = format!("{config:?} {config}");
    let bytes = format!("{:?}", b"hunter2");
    assert!(
        !shown.contains("hunter2") && !shown.contains("user:") && !shown.contains(&bytes),
        "{shown}"
    );
}
