//! Values that are kept as JSON text: what the server keeps, on every way.

use std::collections::BTreeMap;

use redis::{ErrorKind, Json, prelude::*};
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
