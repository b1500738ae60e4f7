//! Connections and users: what the server answers, on every way.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    thread,
};

use redis::{
    ClientFilter, ClientKind, DryRun, GroupOptions, Milliseconds, PauseMode, ReadGroupOptions,
    UnblockWith, prelude::*,
};

use super::{has, on_each_way, on_each_way_to};
use crate::{patience::found, ways};

#[test]
fn the_library_is_listed_that_the_program_says_or_this_one() {
    on_each_way_to(&ways::server(), |client, version| {
        if !has(version, "CLIENT SETINFO", Some((7, 2)), Some((7, 2))) {
            return;
        }
        let info = client.client_info().unwrap();
        let versions = (info.lib_name.as_str(), info.lib_ver.as_str());
        assert_eq!(versions, ("redis-rust", env!("CARGO_PKG_VERSION")));
    });
    let server = ways::server();
    let client = Client::builder()
        .library("billing", "2.1")
        .url(&server.url());
    let client = client.unwrap().build();
    if has(
        server.version(),
        "CLIENT SETINFO",
        Some((7, 2)),
        Some((7, 2)),
    ) {
        let info = client.client_info().unwrap();
        assert_eq!(
            (info.lib_name.as_str(), info.lib_ver.as_str()),
            ("billing", "2.1")
        );
    }
}

#[test]
fn connections_are_listed_and_closed() {
    on_each_way(|client, version| {
        let mine = client.client_info().unwrap();
        assert_eq!(mine.id, client.client_id().unwrap());
        assert_eq!((mine.db, mine.user.as_str()), (0, "default"));
        assert!(mine.rest.contains_key("omem"));
        let all = client.client_list().unwrap();
        assert!(all.iter().any(|other| other.id == mine.id));
        let filter = ClientFilter::new().id(mine.id);
        let same = client.client_list_with(filter).unwrap();
        assert_eq!((same.len(), same[0].id), (1, mine.id));
        let filter = ClientFilter::new().kind(ClientKind::Normal);
        assert!(!client.client_list_with(filter).unwrap().is_empty());
        if has(version, "CLIENT LIST with more filters", None, Some((9, 0))) {
            let filter = ClientFilter::new().not_user("default").skip_me(false);
            assert!(client.client_list_with(filter).unwrap().is_empty());
        }
        assert!(
            client
                .client_getname()
                .unwrap()
                .is_none_or(|name| !name.is_empty())
        );
        assert_eq!(client.client_getredir().unwrap(), -1);
        let tracking = client.client_trackinginfo().unwrap();
        assert_eq!(
            (tracking.flags, tracking.redirect),
            (vec!["off".into()], -1)
        );
        let nobody = ClientFilter::new().addr("127.0.0.1:1").skip_me(true);
        assert_eq!(client.client_kill(nobody).unwrap(), 0);
        assert!(client.client_kill_address("127.0.0.1:1").is_err());
        client
            .client_pause(Milliseconds(10_000), Some(PauseMode::Write))
            .unwrap();
        client.client_unpause().unwrap();
        client.client_pause(Milliseconds(1), None).unwrap();
        client.client_unpause().unwrap();
        assert_eq!(client.ping_with::<String>("hi").unwrap(), "hi");
    });
}

#[test]
fn connections_that_wait_are_woken_up() {
    on_each_way(|client, _| {
        assert!(!client.client_unblock(i64::from(u32::MAX)).unwrap());
        for with in [UnblockWith::Timeout, UnblockWith::Error] {
            thread::scope(|scope| {
                let waiting = scope.spawn(|| client.blpop::<String, String>("nope", None));
                let id = found("a connection that waits", || {
                    let all = client.client_list().unwrap();
                    let mut waiting = all.iter().filter(|one| one.flags.contains('b'));
                    waiting.next().map(|one| one.id)
                });
                assert!(client.client_unblock_with(id, with).unwrap());
                let woken = waiting.join().unwrap();
                match with {
                    UnblockWith::Timeout => assert_eq!(woken.unwrap(), None),
                    UnblockWith::Error => {
                        assert_eq!(woken.unwrap_err().code(), Some("UNBLOCKED"));
                    }
                }
            });
        }
    });
}

#[test]
fn users_are_made_asked_about_and_removed() {
    on_each_way(|client, _| {
        assert_eq!(client.acl_whoami().unwrap(), "default");
        client.acl_log_reset().unwrap();
        let rules = ["on", ">secret", "~k*", "&c*", "+get", "(+set ~w*)"];
        client.acl_setuser("ada", rules).unwrap();
        assert_eq!(client.acl_getuser("nope").unwrap(), None);
        let ada = client.acl_getuser("ada").unwrap().unwrap();
        assert!(ada.flags.contains(&"on".into()));
        assert_eq!((ada.passwords.len(), ada.passwords[0].len()), (1, 64));
        assert_eq!((ada.keys.as_str(), ada.channels.as_str()), ("~k*", "&c*"));
        assert!(ada.commands.contains("+get"), "{}", ada.commands);
        assert_eq!(ada.selectors[0]["keys"], "~w*");
        assert_eq!(
            client.acl_dryrun("ada", "get", "k1").unwrap(),
            DryRun::Allowed
        );
        assert!(matches!(
            client.acl_dryrun("ada", "get", "other").unwrap(),
            DryRun::Denied(reason) if reason.contains("other")
        ));
        assert_eq!(client.acl_users().unwrap(), ["ada", "default"]);
        assert_eq!(client.acl_list().unwrap().len(), 2);
        // A rule that is no text costs nothing but itself.
        client.acl_setuser("ada", [b"~\xff*"]).unwrap();
        let lines = client.acl_list().unwrap();
        assert!(lines.iter().any(|line| line.contains("~\u{fffd}*")));
        let denied = client.acl_dryrun("ada", "get", b"\xfe").unwrap();
        assert!(matches!(denied, DryRun::Denied(reason) if reason.contains('\u{fffd}')));
        assert!(client.acl_cat().unwrap().contains(&"read".into()));
        assert!(
            client
                .acl_cat_category("string")
                .unwrap()
                .contains(&"get".into())
        );
        assert_eq!(client.acl_genpass().unwrap().len(), 64);
        assert_eq!(client.acl_genpass_bits(16).unwrap().len(), 4);
        assert!(client.acl_log().unwrap().is_empty());
        assert!(
            client
                .eval::<Value>("return redis.call('AUTH', 'ada', 'x')", (), ())
                .is_err()
        );
        assert!(client.acl_log_count(5).unwrap().len() <= 5);
        assert!(client.acl_load().is_err());
        assert!(client.acl_save().is_err());
        assert_eq!(client.acl_deluser(["ada", "nope"]).unwrap(), 1);
    });
}

#[test]
fn a_name_that_is_no_text_costs_no_other() {
    let server = ways::server();
    on_each_way_to(&server, |client, _| {
        let rules = [&b"on"[..], b">secret", b"~\xff*", b"+@all", b"(~\xff +get)"];
        client.acl_setuser(b"\xff", rules).unwrap();
        let user = client.acl_getuser(b"\xff").unwrap().unwrap();
        assert_eq!(user.keys, "~\u{fffd}*");
        // Valkey loses the byte.
        assert!(user.selectors[0]["keys"].starts_with('~'));
        let other = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        let mut replies = BufReader::new(&other).lines();
        let mut said = |line: &str| {
            (&other).write_all(line.as_bytes()).unwrap();
            replies.next().unwrap().unwrap()
        };
        assert_eq!(said("AUTH \"\\xff\" secret\r\n"), "+OK");
        let users = client.client_list().unwrap().into_iter();
        let users: Vec<_> = users.map(|connection| connection.user).collect();
        assert!(users.contains(&"\u{fffd}".into()) && users.contains(&"default".into()));

        client.acl_setuser(b"\xff", "-get").unwrap();
        assert!(said("GET a\r\n").starts_with("-NOPERM"));
        let denied = client.acl_log().unwrap();
        assert!(
            denied[0].client_info.contains("user=\u{fffd}"),
            "{denied:?}"
        );

        let error = client.eval::<Value>(b"return redis.error_reply('\xff\xff x')", (), ());
        error.unwrap_err();
        let errors = client.info("errorstats").unwrap();
        assert!(
            errors
                .lines()
                .any(|(_, name, _)| name == "errorstat_\u{fffd}\u{fffd}"),
            "{errors:?}"
        );

        client.xadd("s", "1-0", ("f", "v")).unwrap();
        client
            .xgroup_create("s", "g", "0", GroupOptions::new())
            .unwrap();
        let read = ReadGroupOptions::new();
        client
            .xreadgroup::<Value, Value>("g", b"\xff", read, "s", ">")
            .unwrap();
        assert_eq!(
            client.xpending("s", "g").unwrap().consumers,
            [("\u{fffd}".into(), 1)]
        );
        let stream = client.xinfo_stream_full::<Value>("s", 1).unwrap();
        assert_eq!(stream.groups[0].pending[0].1, "\u{fffd}");
        let code = b"#!lua name=odd\nredis.register_function{
            function_name='odd', callback=function() end, description='\xff'}";
        client.function_load(code).unwrap();
        let libraries = client.function_list().unwrap();
        let description = libraries[0].functions[0].description.as_deref();
        assert_eq!(description, Some("\u{fffd}"));
        client.function_flush().unwrap();
        client.acl_deluser(b"\xff").unwrap();
    });
}
