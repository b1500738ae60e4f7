//! What is said to servers of all kinds, and what is made of their answers.

use resp_proto::Framer;

use super::*;
use crate::Address;

fn config() -> ConnectionConfig {
    ConnectionConfig::new(Address::Unix("redis.sock".into()))
}

fn answer(handshake: &mut Handshake<'_>, replies: &[&str]) {
    for reply in replies {
        let reply = Framer::new()
            .advance(reply.as_bytes())
            .unwrap()
            .unwrap()
            .reply();
        handshake.reply(reply);
    }
}

fn said(handshake: &mut Handshake<'_>) -> Vec<String> {
    let (bytes, replies) = handshake.request().expect("something to say");
    let mut framer = Framer::new();
    let (mut rest, mut lines) = (bytes.as_slice(), Vec::new());
    while let Some(frame) = framer.advance(rest).unwrap() {
        let words: Vec<String> = frame.reply().decode().unwrap();
        lines.push(words.join(" "));
        rest = &rest[frame.len()..];
    }
    assert_eq!(lines.len(), replies);
    assert_eq!(rest, b"");
    lines
        .into_iter()
        .filter(|line| !line.starts_with("CLIENT SETINFO"))
        .collect()
}

#[test]
fn everything_is_said_at_once() {
    let config = ConnectionConfig {
        username: Some("alice".into()),
        password: Some("secret".into()),
        client_name: Some("worker".into()),
        database: 7,
        ..config()
    };
    let mut handshake = Handshake::new(&config);
    assert_eq!(
        said(&mut handshake),
        ["HELLO 3 AUTH alice secret SETNAME worker", "SELECT 7"]
    );
    answer(
        &mut handshake,
        &[
            "%0\r\n",
            "+OK\r\n",
            "-ERR unknown subcommand\r\n",
            "+OK\r\n",
        ],
    );
    assert!(handshake.request().is_none());
    assert_eq!(handshake.finish().unwrap(), Protocol::Resp3);
}

#[test]
fn a_server_that_knows_no_hello_is_spoken_to_in_resp2() {
    let config = ConnectionConfig {
        password: Some("secret".into()),
        database: 1,
        client_name: Some("w".into()),
        ..config()
    };
    for refusal in [
        "-ERR unknown command `HELLO`\r\n",
        "-NOPROTO unsupported protocol version\r\n",
        "-NOAUTH Authentication required.\r\n",
        "-ERR unsupported command 'HELLO'\r\n",
        "-ERR unsupported command `hello` \r\n",
        "-unsupported command 'hello'\r\n",
        "-UNSUPPORTED\r\n",
    ] {
        let mut handshake = Handshake::new(&config);
        said(&mut handshake);
        answer(
            &mut handshake,
            &[refusal, "-NOAUTH\r\n", "-NOAUTH\r\n", "-NOAUTH\r\n"],
        );
        assert_eq!(
            said(&mut handshake),
            ["AUTH secret", "CLIENT SETNAME w", "SELECT 1"]
        );
        answer(&mut handshake, &["+OK\r\n"; 5]);
        assert!(handshake.request().is_none());
        assert_eq!(handshake.finish().unwrap(), Protocol::Resp2);
    }
}

#[test]
fn what_a_server_that_knows_hello_says_is_no_reason_for_resp2() {
    let config = config();
    for refusal in [
        "-WRONGPASS invalid username-password pair or user is disabled.\r\n",
        "-NOAUTH Authentication required.\r\n",
        "-NOPERM User default has no permissions to run the 'hello' command\r\n",
        "-LOADING Redis is loading the dataset in memory\r\n",
        "-MASTERDOWN Link with MASTER is down\r\n",
        "-BUSY Redis is busy running a script\r\n",
    ] {
        let mut handshake = Handshake::new(&config);
        said(&mut handshake);
        answer(&mut handshake, &[refusal]);
        assert!(handshake.request().is_none(), "{refusal}");
        let said = handshake.finish().unwrap_err().to_string();
        assert_eq!(
            said,
            format!("greeting the server: {}", refusal[1..].trim())
        );
    }
}

#[test]
fn the_library_is_what_the_configuration_says() {
    let config = ConnectionConfig {
        lib_name: "billing".into(),
        lib_version: "2.1".into(),
        ..config()
    };
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let config = ConnectionConfig {
            protocol,
            ..config.clone()
        };
        let (bytes, _) = Handshake::new(&config).request().unwrap();
        let said = String::from_utf8(bytes).unwrap();
        assert!(said.contains("\r\nLIB-NAME\r\n$7\r\nbilling\r\n"), "{said}");
        assert!(said.ends_with("\r\nLIB-VER\r\n$3\r\n2.1\r\n"), "{said}");
    }
}

#[test]
fn a_user_without_a_password_logs_in_with_an_empty_one() {
    for (protocol, first) in [
        (Protocol::Newest, "HELLO 3 AUTH alice "),
        (Protocol::Resp2, "AUTH alice "),
    ] {
        let config = ConnectionConfig {
            username: Some("alice".into()),
            protocol,
            ..config()
        };
        assert_eq!(said(&mut Handshake::new(&config)), [first]);
    }
}

#[test]
fn a_server_that_knows_no_users_is_given_the_password_alone() {
    let config = ConnectionConfig {
        username: Some("alice".into()),
        password: Some("secret".into()),
        database: 1,
        ..config()
    };
    let refuses = "-ERR wrong number of arguments for 'auth' command\r\n";
    for accepts in [true, false] {
        let mut handshake = Handshake::new(&config);
        let locked = ["-NOAUTH Authentication required.\r\n"; 3];
        for (asked, refusal) in [
            (
                "HELLO 3 AUTH alice secret",
                "-ERR unknown command `HELLO`\r\n",
            ),
            ("AUTH alice secret", refuses),
        ] {
            assert_eq!(said(&mut handshake), [asked, "SELECT 1"]);
            answer(&mut handshake, &[refusal]);
            answer(&mut handshake, &locked);
        }
        assert_eq!(said(&mut handshake), ["AUTH secret", "SELECT 1"]);
        let last = if accepts { "+OK\r\n" } else { refuses };
        answer(&mut handshake, &[last, "+OK\r\n", "+OK\r\n", "+OK\r\n"]);
        assert!(handshake.request().is_none());
        match handshake.finish() {
            Ok(protocol) => assert!(accepts && protocol == Protocol::Resp2),
            Err(error) => assert!(!accepts, "{error}"),
        }
    }
}

#[test]
fn a_library_without_a_name_is_not_spoken_of() {
    for (protocol, least) in [(Protocol::Resp3, Some(1)), (Protocol::Resp2, None)] {
        let config = ConnectionConfig {
            lib_name: String::new(),
            lib_version: String::new(),
            protocol,
            ..config()
        };
        let mut handshake = Handshake::new(&config);
        assert_eq!(handshake.request().map(|(_, replies)| replies), least);
        assert_eq!(handshake.finish().unwrap(), protocol);
    }
}

#[test]
fn an_empty_password_without_a_user_is_none() {
    for (protocol, first) in [(Protocol::Newest, &["HELLO 3"][..]), (Protocol::Resp2, &[])] {
        let config = ConnectionConfig {
            password: Some(String::new()),
            protocol,
            ..config()
        };
        assert_eq!(said(&mut Handshake::new(&config)), first);
    }
}

#[test]
fn what_a_server_quotes_of_a_login_is_not_shown() {
    let quoting = "with args beginning with: '3' 'AUTH' 'default' 'hunter2' ";
    for (protocol, password, refusal, shown) in [
        (
            Protocol::Resp3,
            "hunter2",
            format!("-ERR unknown command 'HELLO', {quoting}\r\n"),
            "greeting the server: ERR unknown command 'HELLO'",
        ),
        (
            Protocol::Resp2,
            "hunter2",
            "-ERR unknown command `AUTH`, with args beginning with: `hunter2`, \r\n".into(),
            "logging in: ERR unknown command `AUTH`",
        ),
        (
            Protocol::Resp2,
            "hunter2",
            "-ERR do not know how to AUTH hunter2\r\n".into(),
            "logging in: ERR … (not shown, as it quotes the password)",
        ),
        (
            Protocol::Resp2,
            "password",
            "-ERR invalid password\r\n".into(),
            "logging in: ERR … (not shown, as it quotes the password)",
        ),
        (
            Protocol::Resp2,
            "hunter2",
            "-hunter2 is no command\r\n".into(),
            "logging in: an error … (not shown, as it quotes the password)",
        ),
    ] {
        let config = ConnectionConfig {
            password: Some(password.into()),
            protocol,
            ..config()
        };
        let mut handshake = Handshake::new(&config);
        said(&mut handshake);
        answer(&mut handshake, &[&refusal]);
        let error = handshake.finish().unwrap_err();
        assert_eq!(error.to_string(), shown);
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        let code = refusal.starts_with("-ERR").then_some("ERR");
        assert_eq!(error.code(), code);
        let is_old = refusal.contains("invalid password");
        assert_eq!(
            error.kind() == ErrorKind::Authentication,
            is_old,
            "{error:?}"
        );
    }
}

#[test]
fn the_greeting_says_who_is_a_primary() {
    for (greeting, by_primary) in [
        ("%1\r\n$4\r\nrole\r\n$6\r\nmaster\r\n", Some(true)),
        ("%1\r\n$4\r\nrole\r\n$7\r\nreplica\r\n", Some(false)),
        ("%1\r\n$4\r\nmode\r\n$8\r\nsentinel\r\n", None),
        ("-NOPROTO no\r\n", None),
    ] {
        let config = config();
        let mut handshake = Handshake::new(&config);
        said(&mut handshake);
        answer(&mut handshake, &[greeting]);
        assert_eq!(handshake.by_primary(), by_primary, "{greeting:?}");
    }
}

#[test]
fn a_pinned_protocol_is_not_given_up() {
    let config = ConnectionConfig {
        protocol: Protocol::Resp3,
        ..config()
    };
    let mut handshake = Handshake::new(&config);
    assert_eq!(said(&mut handshake), ["HELLO 3"]);
    answer(&mut handshake, &["-NOPROTO no\r\n"]);
    assert!(handshake.request().is_none());
    let error = handshake.finish().unwrap_err();
    assert_eq!(error.code(), Some("NOPROTO"));
}

#[test]
fn a_server_that_is_full_may_have_room_later() {
    let config = config();
    let mut handshake = Handshake::new(&config);
    said(&mut handshake);
    answer(&mut handshake, &["-ERR max number of clients reached\r\n"]);
    let error = handshake.refusal().unwrap();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert!(error.is_retryable() && error.to_string().ends_with("clients reached"));
}

#[test]
fn the_first_refusal_is_the_one_reported() {
    let config = ConnectionConfig {
        password: Some("wrong".into()),
        database: 3,
        ..config()
    };
    let mut handshake = Handshake::new(&config);
    said(&mut handshake);
    answer(
        &mut handshake,
        &[
            "-WRONGPASS invalid username-password pair\r\n",
            "-NOAUTH needed\r\n",
        ],
    );
    let error = handshake.finish().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(
        error.to_string(),
        "greeting the server: WRONGPASS invalid username-password pair"
    );
}
