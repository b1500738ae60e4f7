//! The argument orders of old Python code, each beside the strict one, on client, pipeline and batch.

use redis::{Seconds, Ttl, compat, prelude::*};

use super::on_each_way;

#[test]
fn lrem_takes_the_value_first() {
    on_each_way(|client, _| {
        client.rpush("l", ["1", "1", "2", "2"]).unwrap();
        assert_eq!(compat::lrem(client, "l", "1", 0).unwrap(), 2);
        assert_eq!(client.lrem("l", 1, "2").unwrap(), 1);
        let mut pipeline = client.pipeline();
        compat::lrem(&mut pipeline, "l", "2", 0);
        assert_eq!(pipeline.execute::<(usize,)>().unwrap(), (1,));
    });
}

#[test]
fn zadd_takes_members_first() {
    on_each_way(|client, _| {
        assert_eq!(
            compat::zadd(client, "z", [("a", 1.0), ("b", 2.0)]).unwrap(),
            2
        );
        assert_eq!(client.zadd("z", [(3.0, "c")]).unwrap(), 1);
        let (added,) = compat::zadd(client.batch(), "z", [("d", 4.0)])
            .execute()
            .unwrap();
        assert_eq!(added, 1);
        assert_eq!(client.zscore("z", "b").unwrap(), Some(2.0));
    });
}

#[test]
fn setex_takes_the_value_first() {
    on_each_way(|client, _| {
        compat::setex(client, "k", "60", 100).unwrap();
        assert!(matches!(
            client.ttl("k").unwrap(),
            Ttl::Left(Seconds(95..=100))
        ));
        client.setex("k", 60, "100").unwrap();
        assert!(matches!(
            client.ttl("k").unwrap(),
            Ttl::Left(Seconds(55..=60))
        ));
        let ((), value) = compat::setex(client.batch(), "k", "v", 9)
            .get::<String>("k")
            .execute()
            .unwrap();
        assert_eq!(value.as_deref(), Some("v"));
    });
}
