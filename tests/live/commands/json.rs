//! Values that are kept as JSON text: what the server keeps, on every way.

use std::{collections::BTreeMap, time::Duration};

use redis::{Error, ErrorKind, Json, Message, ScanOptions, prelude::*};
use serde::{Deserialize, Serialize};

use super::on_each_way;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct User {
    name: String,
    visits: BTreeMap<String, u64>,
}

#[test]
fn values_are_kept_as_json_and_come_back() {
    on_each_way(|client, _| {
        let ada = User {
            name: "Ada\r\n\u{1f600}".into(),
            visits: [("home".into(), u64::MAX)].into(),
        };
        client.set("user:1", Json(&ada)).unwrap();
        let user: Option<Json<User>> = client.get("user:1").unwrap();
        assert_eq!(user, Some(Json(ada.clone())));
        assert_eq!(client.get::<Json<User>>("user:2").unwrap(), None);
        client.hset("users", ("1", Json(&ada))).unwrap();
        let users: BTreeMap<u8, Json<User>> = client.hgetall("users").unwrap();
        assert_eq!(users, [(1, Json(ada.clone()))].into());
        let (both,) = client
            .batch()
            .mget::<Vec<Option<Json<User>>>>(["user:1", "user:2"])
            .execute()
            .unwrap();
        assert_eq!(both, [Some(Json(ada)), None]);

        client.set("user:1", "no JSON").unwrap();
        let error = client.get::<Json<User>>("user:1").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let unwritable: BTreeMap<(u8, u8), u8> = [((1, 2), 3)].into();
        let error = client.set("user:1", Json(unwritable)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(!error.maybe_executed());
    });
}

/// An empty one above all: there may be a key and a channel of that name.
#[test]
fn a_name_that_json_cannot_hold_is_no_other_name() {
    on_each_way(|client, _| {
        let unwritable = || Json(BTreeMap::from([((1, 2), 3)]));
        let refused = |error: Error| {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
            assert!(
                error.to_string().contains("value that JSON can hold"),
                "{error}"
            );
            assert!(!error.maybe_executed());
        };
        client.hset("", ("f", "v")).unwrap();
        let mut scan = client.hscan_iter::<String, String>(unwritable(), ScanOptions::new());
        refused(scan.next().unwrap().unwrap_err());
        client.del("").unwrap();
        let lock = client.lock(unwritable(), Duration::from_secs(5));
        refused(lock.try_acquire().unwrap_err());
        assert_eq!(client.exists("").unwrap(), 0);

        let mut subscriber = client.pubsub();
        refused(subscriber.subscribe(unwritable()).unwrap_err());
        refused(
            subscriber
                .subscribe_with(unwritable(), |_: Message| {})
                .unwrap_err(),
        );
        refused(subscriber.ping(unwritable()).unwrap_err());
        assert!(!subscriber.subscribed());
        subscriber.subscribe("kept").unwrap();
        refused(subscriber.unsubscribe(unwritable()).unwrap_err());
        let control = subscriber.control();
        refused(control.unsubscribe(unwritable()).unwrap_err());
        assert_eq!(subscriber.channels(), [b"kept"]);
    });
}
