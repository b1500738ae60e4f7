//! What is agreed on when a connection is made.

use redis::{Client, ErrorKind, Execute, Protocol, Value, cmd, prelude::*};

use crate::ways::{server, server_with, ways};

#[test]
fn the_newest_protocol_is_chosen_and_a_pinned_one_kept() {
    let server = server();
    let protocol = |protocol| {
        let client = Client::builder()
            .tcp(server.host(), server.port())
            .protocol(protocol)
            .build();
        match client.execute::<Value>(cmd("HGETALL").key("nope")).unwrap() {
            Value::Map(_) => 3,
            Value::Array(_) => 2,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(protocol(Protocol::Newest), 3);
    assert_eq!(protocol(Protocol::Resp3), 3);
    assert_eq!(protocol(Protocol::Resp2), 2);
}

#[test]
fn a_server_that_knows_no_hello_gets_resp2() {
    let server = server_with(|builder| {
        builder
            .config("rename-command", "HELLO \"\"")
            .password("secret")
    });
    let client = Client::builder()
        .tcp(server.host(), server.port())
        .password("secret")
        .database(2)
        .client_name("old-timer")
        .build();
    assert!(matches!(
        client.execute::<Value>(cmd("HGETALL").key("nope")).unwrap(),
        Value::Array(_)
    ));
    let info: String = client.execute(cmd("CLIENT INFO")).unwrap();
    assert!(
        info.contains("name=old-timer") && info.contains("db=2"),
        "{info}"
    );
    let pinned = Client::builder()
        .tcp(server.host(), server.port())
        .password("secret")
        .protocol(Protocol::Resp3);
    // Valkey 9 does not tell a stranger which commands it knows.
    let error = pinned.build().ping().unwrap_err();
    assert!(matches!(error.code(), Some("ERR" | "NOAUTH")), "{error}");
    assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
}

#[test]
fn name_database_and_user_are_set_on_every_way() {
    let server = server_with(|builder| builder.password("secret"));
    let admin = Client::open(&server.url()).unwrap();
    let rule = cmd("ACL SETUSER").args(&["alice", "on", ">wonderland", "+@all", "~*"]);
    admin.execute::<()>(rule).unwrap();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let client = builder
            .username("alice")
            .password("wonderland")
            .database(5)
            .client_name("rabbit")
            .build();
        let info: String = client.execute(cmd("CLIENT INFO")).unwrap();
        assert!(
            info.contains("name=rabbit") && info.contains("db=5") && info.contains("user=alice"),
            "{info}"
        );
        client.set("here", 1).unwrap();
    }
    assert_eq!(admin.exists("here").unwrap(), 0);
}

#[test]
fn a_user_who_needs_no_password_logs_in_by_name() {
    let server = server_with(|builder| builder.password("secret"));
    let admin = Client::open(&server.url()).unwrap();
    let rule = cmd("ACL SETUSER").args(&["alice", "on", "nopass", "~*", "+@all"]);
    admin.execute::<()>(rule).unwrap();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let client = builder.username("alice").build();
        let user: String = client.execute(cmd("ACL WHOAMI")).unwrap();
        assert_eq!(user, "alice");
    }
    let url = format!("redis://alice@{}:{}", server.host(), server.port());
    let client = Client::open(&url).unwrap();
    assert_eq!(
        client.execute::<String>(cmd("ACL WHOAMI")).unwrap(),
        "alice"
    );
}

#[test]
fn a_refused_user_is_an_authentication_error() {
    let server = server_with(|builder| builder.password("secret"));
    for (name, builder) in ways(&server) {
        println!("over {name}");
        for builder in [
            builder.clone(),
            builder.clone().password("wrong"),
            builder.username("nobody").password("x"),
        ] {
            let client = builder.build();
            let error = client.ping().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
            assert!(!error.to_string().contains("wrong"), "{error}");
            assert_eq!(client.pool_stats().in_use, 0);
        }
    }
}

#[test]
fn a_password_that_nobody_asked_for_is_an_authentication_error() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        for builder in [
            // With `HELLO`, servers let the user pass who has no password whatever it is.
            builder
                .clone()
                .password("needless")
                .protocol(Protocol::Resp2),
            builder.username("nobody").password("needless"),
        ] {
            let error = builder.build().ping().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
            assert!(!error.to_string().contains("needless"), "{error}");
        }
    }
}

#[test]
fn a_database_that_is_not_there_is_said_so() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let client = builder.database(9999).build();
        let error = client.ping().unwrap_err();
        assert!(
            error.to_string().contains("choosing the database: ERR"),
            "{error}"
        );
        let stats = client.pool_stats();
        assert_eq!((stats.idle, stats.in_use), (0, 0));
    }
}
