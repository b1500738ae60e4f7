//! Lists and waiting, the rest: what the server answers, on every way.

use std::time::Duration;

use redis::{Insert, Inserted, LPosOptions, ScoreEnd, Side, prelude::*};

use super::{has, on_each_way};

#[test]
fn elements_are_found_inserted_and_taken() {
    on_each_way(|client, _| {
        assert_eq!(client.lpushx("l", "x").unwrap(), 0);
        client.rpush("l", ["a", "b", "c", "b"]).unwrap();
        assert_eq!(client.rpushx("l", "b").unwrap(), 5);
        assert_eq!(
            client.linsert("l", Insert::Before, "c", "x").unwrap(),
            Inserted::Length(6)
        );
        assert_eq!(
            client.linsert("l", Insert::After, "nope", "x").unwrap(),
            Inserted::NoPivot
        );
        assert_eq!(
            client.linsert("nope", Insert::After, "c", "x").unwrap(),
            Inserted::NoKey
        );
        assert_eq!(client.lpos("l", "b", LPosOptions::new()).unwrap(), Some(1));
        assert_eq!(client.lpos("l", "nope", LPosOptions::new()).unwrap(), None);
        let last = LPosOptions::new().rank(-1).max_len(100);
        assert_eq!(client.lpos_count("l", "b", 0, last).unwrap(), [5, 4, 1]);
        assert_eq!(
            client.rpop_count::<String>("l", 2).unwrap(),
            Some(vec!["b".into(), "b".into()])
        );
        assert_eq!(
            client.rpoplpush::<String>("l", "m").unwrap().as_deref(),
            Some("c")
        );
        assert_eq!(
            client
                .lmpop::<String, String>(["nope", "l"], Side::Left)
                .unwrap(),
            Some(("l".into(), vec!["a".into()]))
        );
        assert_eq!(
            client
                .lmpop_count::<String, String>(["l", "m"], Side::Right, 5)
                .unwrap(),
            Some(("l".into(), vec!["x".into(), "b".into()]))
        );
        assert_eq!(
            client
                .lmpop::<String, String>(["nope", "l"], Side::Left)
                .unwrap(),
            None
        );
    });
}

#[test]
fn waiting_commands_answer_at_once_when_there_is_something() {
    let limit = Some(Duration::from_secs(5));
    on_each_way(|client, version| {
        client.rpush("l", ["a", "b", "c", "d", "e", "f"]).unwrap();
        let key = || String::from("l");
        assert_eq!(
            client
                .blpop::<String, String>(["nope", "l"], limit)
                .unwrap(),
            Some((key(), "a".into()))
        );
        assert_eq!(
            client.brpop::<String, String>("l", limit).unwrap(),
            Some((key(), "f".into()))
        );
        assert_eq!(
            client
                .brpoplpush::<String>("l", "m", limit)
                .unwrap()
                .as_deref(),
            Some("e")
        );
        assert_eq!(
            client
                .blmove::<String>("m", "l", Side::Left, Side::Right, limit)
                .unwrap()
                .as_deref(),
            Some("e")
        );
        assert_eq!(
            client
                .blmpop_count::<String, String>(limit, ["nope", "l"], Side::Left, 2)
                .unwrap(),
            Some((key(), vec!["b".into(), "c".into()]))
        );
        client.rpush("l", ["x", "y"]).unwrap();
        assert_eq!(
            client
                .blmpop::<String, String>(limit, "l", Side::Right)
                .unwrap(),
            Some((key(), vec!["y".into()]))
        );
        let zadd = || client.zadd("z", [(1.0, "one"), (2.5, "two"), (3.0, "three")]);
        zadd().unwrap();
        assert_eq!(
            client
                .bzpopmin::<String, String>(["nope", "z"], limit)
                .unwrap(),
            Some(("z".into(), "one".into(), 1.0))
        );
        assert_eq!(
            client.bzpopmax::<String, String>("z", limit).unwrap(),
            Some(("z".into(), "three".into(), 3.0))
        );
        zadd().unwrap();
        assert_eq!(
            client
                .bzmpop_count::<String, String>(limit, "z", ScoreEnd::Max, 2)
                .unwrap(),
            Some(("z".into(), vec![("three".into(), 3.0), ("two".into(), 2.5)]))
        );
        assert_eq!(
            client
                .bzmpop::<String, String>(limit, ["nope", "z"], ScoreEnd::Min)
                .unwrap(),
            Some(("z".into(), vec![("one".into(), 1.0)]))
        );
        let short = Some(Duration::from_millis(20));
        assert_eq!(
            client
                .bzmpop::<String, String>(short, "nope", ScoreEnd::Min)
                .unwrap(),
            None
        );
        assert_eq!(
            client.bzpopmin::<String, String>("nope", short).unwrap(),
            None
        );
        assert_eq!(
            client
                .blmpop::<String, String>(short, "nope", Side::Left)
                .unwrap(),
            None
        );
        assert_eq!(client.wait(0, short).unwrap(), 0);
        if has(version, "WAITAOF", Some((7, 2)), Some((7, 2))) {
            assert_eq!(client.waitaof(0, 0, short).unwrap(), (0, 0));
        }
    });
}
