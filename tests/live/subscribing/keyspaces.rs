//! What happens to keys, as the server tells it.

use redis::{KeyNotification, Keyspace, prelude::*};

use super::next;
use crate::ways::{server, ways};

#[test]
fn events_are_heard_by_key_and_by_event_in_one_database_and_in_all() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let client = builder.database(2).build();
        client.flushall().unwrap();
        client
            .config_set([("notify-keyspace-events", "KEA")])
            .unwrap();
        let here = Keyspace::database(2);
        let cases = [
            (false, here.key("k*\u{2660}")),
            (false, here.event("set")),
            (true, here.keys_matching("k*")),
            (true, here.events_matching("s?t")),
            (true, Keyspace::every_database().key("k*\u{2660}")),
            (true, Keyspace::every_database().event("set")),
        ];
        for (is_pattern, name) in cases {
            let mut p = client.pubsub();
            if is_pattern {
                p.psubscribe(&name).unwrap();
            } else {
                p.subscribe(&name).unwrap();
            }
            assert_eq!(
                KeyNotification::of(&next(&mut p)),
                None,
                "an acknowledgement"
            );
            client.set("k*\u{2660}", 1).unwrap();
            let heard = KeyNotification::of(&next(&mut p)).unwrap();
            let expected = (2, "k*\u{2660}".as_bytes(), "set");
            assert_eq!(
                (heard.database, heard.key.as_slice(), heard.event.as_str()),
                expected
            );
        }
    }
}
