//! Sorted sets, the rest: what the server answers, on every way.

use redis::{
    Lex, LexRange, Popped, ScanOptions, Score, ScoreEnd, ScoreRange, ZAddOptions, ZCombineOptions,
    ZRange, prelude::*,
};

use super::{has, on_each_way};

fn scored(pairs: &[(&str, f64)]) -> Vec<(String, f64)> {
    let pairs = pairs.iter().map(|&(member, score)| (member.into(), score));
    pairs.collect()
}

#[test]
fn sorted_sets_are_combined_with_weights() {
    on_each_way(|client, _| {
        client.zadd("a", [(1.0, "x"), (2.0, "y")]).unwrap();
        client.zadd("b", [(10.0, "y"), (20.5, "z")]).unwrap();
        let both = ["a", "b"];
        let plain = ZCombineOptions::new;
        assert_eq!(client.zdiff::<String>(both).unwrap(), ["x"]);
        assert_eq!(
            client.zdiff_withscores::<String>(both).unwrap(),
            scored(&[("x", 1.0)])
        );
        assert_eq!(client.zdiffstore("d", both).unwrap(), 1);
        assert_eq!(client.zinter::<String>(both, plain()).unwrap(), ["y"]);
        assert_eq!(
            client
                .zinter_withscores::<String>(both, plain().weights([2, 1]).max())
                .unwrap(),
            scored(&[("y", 10.0)])
        );
        assert_eq!(client.zinterstore("d", both, plain().min()).unwrap(), 1);
        assert_eq!(client.zscore("d", "y").unwrap(), Some(2.0));
        assert_eq!(client.zintercard(both).unwrap(), 1);
        assert_eq!(client.zintercard_limit(both, 5).unwrap(), 1);
        assert_eq!(
            client.zunion::<String>(both, plain()).unwrap(),
            ["x", "y", "z"]
        );
        assert_eq!(
            client
                .zunion_withscores::<String>(both, plain().weights([1.0, 0.5]))
                .unwrap(),
            scored(&[("x", 1.0), ("y", 7.0), ("z", 10.25)])
        );
        assert_eq!(client.zunionstore("d", both, plain().sum()).unwrap(), 3);
    });
}

#[test]
fn members_are_ranked_scored_and_taken() {
    on_each_way(|client, version| {
        client
            .zadd("z", [(1.5, "a"), (2.5, "b"), (f64::INFINITY, "c")])
            .unwrap();
        assert_eq!(
            client.zmscore("z", ["a", "nope", "c"]).unwrap(),
            [Some(1.5), None, Some(f64::INFINITY)]
        );
        assert_eq!(client.zrevrank("z", "c").unwrap(), Some(0));
        assert_eq!(client.zrevrank("z", "nope").unwrap(), None);
        if has(version, "ZRANK WITHSCORE", Some((7, 2)), Some((7, 2))) {
            assert_eq!(client.zrank_withscore("z", "b").unwrap(), Some((1, 2.5)));
            assert_eq!(client.zrank_withscore("z", "nope").unwrap(), None);
            assert_eq!(client.zrevrank_withscore("z", "b").unwrap(), Some((1, 2.5)));
        }
        let xx = ZAddOptions::new().xx();
        assert_eq!(client.zadd_incr("z", 0.5, "a", xx).unwrap(), Some(2.0));
        assert_eq!(client.zadd_incr("z", 0.5, "nope", xx).unwrap(), None);
        assert!(client.zrandmember::<String>("z").unwrap().is_some());
        assert_eq!(
            client.zrandmember_count::<String>("z", -5).unwrap().len(),
            5
        );
        let mut all = client.zrandmember_withscores::<String>("z", 5).unwrap();
        all.sort_by(|one, other| one.1.total_cmp(&other.1));
        let expected = scored(&[("a", 2.0), ("b", 2.5), ("c", f64::INFINITY)]);
        assert_eq!(all, expected);
        let page = client.zscan::<String>("z", 0, ScanOptions::new()).unwrap();
        assert_eq!((page.cursor, page.items), (0, expected));
        if has(version, "ZSCAN NOSCORES", None, Some((8, 0))) {
            let page = client.zscan_noscores::<String>("z", 0, ScanOptions::new());
            assert_eq!(page.unwrap().items, ["a", "b", "c"]);
        }
        assert_eq!(
            client
                .zmpop::<String, String>(["nope", "z"], ScoreEnd::Min)
                .unwrap(),
            Some(("z".into(), scored(&[("a", 2.0)])))
        );
        assert_eq!(
            client
                .zmpop_count::<String, String>("z", ScoreEnd::Min, 1)
                .unwrap(),
            Some(("z".into(), scored(&[("b", 2.5)])))
        );
        assert_eq!(
            client
                .zmpop::<String, String>("nope", ScoreEnd::Max)
                .unwrap(),
            None
        );
        assert!(
            client
                .zpopmin_count::<String>("nope", 1)
                .unwrap()
                .is_empty()
        );
        assert_eq!(client.zpopmin::<String>("nope").unwrap(), Popped(None));
        assert_eq!(client.zpopmax::<String>("nope").unwrap(), Popped(None));
    });
}

#[test]
fn ranges_go_by_rank_score_and_bytes() {
    on_each_way(|client, _| {
        client.zadd("z", [(1, "a"), (2, "b"), (3, "c")]).unwrap();
        client.zadd("l", [(0, "a"), (0, "b"), (0, "c")]).unwrap();
        let above = || ScoreRange::new(Score::Excluded(1.0), f64::INFINITY);
        let lex = || LexRange::new(Lex::included("a"), Lex::excluded("c"));
        assert_eq!(client.zcount("z", above()).unwrap(), 2);
        assert_eq!(client.zcount("z", 1.0..=2.0).unwrap(), 2);
        assert_eq!(client.zlexcount("l", lex()).unwrap(), 2);
        assert_eq!(
            client.zrangebylex::<String>("l", lex()).unwrap(),
            ["a", "b"]
        );
        assert_eq!(
            client
                .zrevrangebylex::<String>("l", lex().limit(0, 1))
                .unwrap(),
            ["b"]
        );
        assert_eq!(client.zrange::<String>("l", lex()).unwrap(), ["a", "b"]);
        assert_eq!(
            client
                .zrangebyscore::<String>("z", above().limit(1, 1))
                .unwrap(),
            ["c"]
        );
        assert_eq!(
            client
                .zrangebyscore_withscores::<String>("z", above())
                .unwrap(),
            scored(&[("b", 2.0), ("c", 3.0)])
        );
        assert_eq!(
            client.zrevrangebyscore::<String>("z", above()).unwrap(),
            ["c", "b"]
        );
        assert_eq!(
            client
                .zrevrangebyscore_withscores::<String>("z", above().limit(0, 1))
                .unwrap(),
            scored(&[("c", 3.0)])
        );
        assert_eq!(client.zrevrange::<String>("z", 0, 1).unwrap(), ["c", "b"]);
        assert_eq!(
            client.zrevrange_withscores::<String>("z", 0, 0).unwrap(),
            scored(&[("c", 3.0)])
        );
        let highest = ZRange::scores(2.0, f64::INFINITY).reversed();
        assert_eq!(client.zrangestore("d", "z", highest).unwrap(), 2);
        assert_eq!(client.zremrangebylex("l", lex()).unwrap(), 2);
        assert_eq!(client.zremrangebyscore("z", above()).unwrap(), 2);
        assert_eq!(client.zremrangebyrank("z", 0, -1).unwrap(), 1);
    });
}
