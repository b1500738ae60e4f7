//! Sets and HyperLogLogs, the rest: what the server answers, on every way.

use std::collections::BTreeSet;

use redis::{ScanOptions, prelude::*};

use super::on_each_way;

#[test]
fn sets_are_combined_and_stored() {
    on_each_way(|client, _| {
        client.sadd("s", ["a", "b", "c"]).unwrap();
        client.sadd("t", ["b", "c", "d"]).unwrap();
        let both = ["s", "t"];
        assert_eq!(client.sdiffstore("d", both).unwrap(), 1);
        assert_eq!(client.sinterstore("d", both).unwrap(), 2);
        assert_eq!(client.sunionstore("d", both).unwrap(), 4);
        assert_eq!(client.sintercard(both).unwrap(), 2);
        assert_eq!(client.sintercard_limit(both, 1).unwrap(), 1);
        assert_eq!(client.smismember("s", ["a", "d"]).unwrap(), [true, false]);
        assert!(client.smove("s", "t", "a").unwrap());
        assert!(!client.smove("s", "t", "a").unwrap());
        assert!(client.srandmember::<String>("s").unwrap().is_some());
        assert_eq!(client.srandmember::<String>("nope").unwrap(), None);
        assert_eq!(client.srandmember_count::<String>("s", 9).unwrap().len(), 2);
        assert_eq!(
            client.srandmember_count::<String>("s", -9).unwrap().len(),
            9
        );
        let page = client.sscan::<String>("s", 0, ScanOptions::new().count(100));
        let page = page.unwrap();
        assert_eq!((page.cursor, page.items.len()), (0, 2));
        let taken: BTreeSet<String> = client.spop_count("s", 9).unwrap().into_iter().collect();
        assert_eq!(taken, ["b", "c"].map(String::from).into());
        assert!(client.spop_count::<String>("s", 9).unwrap().is_empty());
    });
}

#[test]
fn different_elements_are_counted() {
    on_each_way(|client, _| {
        assert!(client.pfadd("a", ["x", "y"]).unwrap());
        assert!(!client.pfadd("a", ["x", "y"]).unwrap());
        assert!(client.pfadd("b", ()).unwrap());
        client.pfadd("b", ["y", "z"]).unwrap();
        assert_eq!(client.pfcount(["a", "b"]).unwrap(), 3);
        client.pfmerge("c", ["a", "b"]).unwrap();
        client.pfmerge("empty", ()).unwrap();
        assert_eq!(client.pfcount("empty").unwrap(), 0);
        assert_eq!(client.pfcount("c").unwrap(), 3);
    });
}
