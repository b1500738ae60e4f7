//! Strings and bits, the rest: what the server answers, on every way.

use std::time::{Duration, SystemTime};

use redis::{
    BitField, BitOp, BitPosition, BitRange, Comparison, Expiry, FieldOps, FieldReads, LcsOptions,
    MSetExOptions, Milliseconds, Seconds, SetOptions, Ttl, prelude::*,
};

use super::{has, on_each_way};

#[test]
fn values_expire_when_they_are_told_to() {
    on_each_way(|client, _| {
        client.setex("s", Duration::from_secs(90), "v").unwrap();
        client.psetex("p", 90_000, "v").unwrap();
        for key in ["s", "p"] {
            assert!(matches!(
                client.pttl(key).unwrap(),
                Ttl::Left(Milliseconds(80_000..=90_000))
            ));
        }
        let later = SystemTime::now() + Duration::from_secs(50);
        assert_eq!(
            client.getex::<String>("s", later).unwrap().as_deref(),
            Some("v")
        );
        assert!(matches!(
            client.ttl("s").unwrap(),
            Ttl::Left(Seconds(45..=51))
        ));
        client.getex_persist::<String>("s").unwrap();
        assert_eq!(client.ttl("s").unwrap(), Ttl::NoExpiry);
        assert_eq!(
            client.getex::<String>("nope", Expiry::Seconds(1)).unwrap(),
            None
        );
        assert!(client.setnx("n", 1).unwrap());
        assert!(!client.setnx("n", 2).unwrap());
        assert_eq!(client.getset::<i64>("n", 3).unwrap(), Some(1));
        assert_eq!(
            client
                .set_get::<i64>("n", 4, SetOptions::new().xx())
                .unwrap(),
            Some(3)
        );
        assert_eq!(client.substr::<String>("s", 0, 0).unwrap(), "v");
    });
}

#[test]
fn conditions_on_values_are_met_or_not() {
    on_each_way(|client, version| {
        if has(version, "SET IFEQ", Some((8, 4)), Some((8, 1))) {
            client.set("k", "a").unwrap();
            assert!(
                !client
                    .set_with("k", "c", SetOptions::new().if_eq("b"))
                    .unwrap()
            );
            assert!(
                client
                    .set_with("k", "c", SetOptions::new().if_eq("a"))
                    .unwrap()
            );
        }
        if has(version, "DIGEST and DELEX", Some((8, 4)), None) {
            client.set("k", "a").unwrap();
            let digest = client.digest("k").unwrap().unwrap();
            assert_eq!(client.digest("nope").unwrap(), None);
            assert!(!client.delex("k", Comparison::ne("a")).unwrap());
            assert!(client.delex("k", Comparison::digest_eq(digest)).unwrap());
        }
        if has(version, "DELIFEQ", None, Some((9, 0))) {
            client.set("k", "a").unwrap();
            assert!(!client.delifeq("k", "b").unwrap());
            assert!(client.delifeq("k", "a").unwrap());
        }
        if has(version, "MSETEX", Some((8, 4)), Some((9, 1))) {
            let options = MSetExOptions::new().nx().expiry(Expiry::Seconds(100));
            assert!(
                client
                    .msetex([("x", 1), ("y", 2)], options.clone())
                    .unwrap()
            );
            assert!(!client.msetex([("y", 1), ("z", 2)], options).unwrap());
            assert!(matches!(
                client.ttl("y").unwrap(),
                Ttl::Left(Seconds(90..=100))
            ));
        }
    });
}

#[test]
fn the_longest_common_sequence_is_found() {
    on_each_way(|client, _| {
        client
            .mset([("a", "ohmytext"), ("b", "mynewtext")])
            .unwrap();
        assert_eq!(client.lcs::<String>("a", "b").unwrap(), "mytext");
        assert_eq!(client.lcs_len("a", "b").unwrap(), 6);
        let found = client.lcs_idx("a", "b", LcsOptions::new()).unwrap();
        assert_eq!((found.len, found.matches.len()), (6, 2));
        let first = found.matches[0];
        assert_eq!(
            (first.first, first.second, first.len),
            ((4, 7), (5, 8), None)
        );
        let options = LcsOptions::new().min_match_len(4).with_match_len();
        let found = client.lcs_idx("a", "b", options).unwrap();
        assert_eq!(found.matches.len(), 1);
        assert_eq!(found.matches[0].len, Some(4));
        assert!(found.rest.is_empty());
    });
}

#[test]
fn bits_are_counted_combined_and_read_as_integers() {
    on_each_way(|client, version| {
        client.set("k", "foobar").unwrap();
        assert_eq!(client.bitcount("k").unwrap(), 26);
        assert_eq!(
            client.bitcount_range("k", BitRange::bytes(1, 1)).unwrap(),
            6
        );
        assert_eq!(
            client.bitcount_range("k", BitRange::bits(5, 30)).unwrap(),
            17
        );
        assert_eq!(
            client
                .bitcount_range("k", BitRange::bytes(1, 1).in_bytes())
                .unwrap(),
            6
        );
        client.set("p", b"\xff\xf0\x00").unwrap();
        assert_eq!(client.bitpos("p", false).unwrap(), BitPosition(Some(12)));
        assert_eq!(client.bitpos("p", true).unwrap(), BitPosition(Some(0)));
        assert_eq!(
            client
                .bitpos_range("p", true, BitRange::from_byte(2))
                .unwrap(),
            BitPosition(None)
        );
        assert_eq!(
            client
                .bitpos_range("p", true, BitRange::bits(7, 15))
                .unwrap(),
            BitPosition(Some(7))
        );
        assert!(client.getbit("p", 3).unwrap());
        assert!(client.setbit("p", 3, false).unwrap());
        assert!(!client.getbit("p", 3).unwrap());
        client.mset([("x", b"\x0f"), ("y", b"\x3c")]).unwrap();
        for (operation, result) in [(BitOp::And, 0x0c_u8), (BitOp::Or, 0x3f), (BitOp::Xor, 0x33)] {
            assert_eq!(client.bitop(operation, "d", ["x", "y"]).unwrap(), 1);
            assert_eq!(client.get::<Vec<u8>>("d").unwrap(), Some(vec![result]));
        }
        client.bitop(BitOp::Not, "d", "x").unwrap();
        assert_eq!(client.get::<Vec<u8>>("d").unwrap(), Some(vec![0xf0]));
        if has(version, "BITOP DIFF and others", Some((8, 2)), None) {
            for (operation, result) in [
                (BitOp::Diff, 0x03_u8),
                (BitOp::Diff1, 0x30),
                (BitOp::AndOr, 0x0c),
                (BitOp::One, 0x33),
            ] {
                client.bitop(operation, "d", ["x", "y"]).unwrap();
                assert_eq!(client.get::<Vec<u8>>("d").unwrap(), Some(vec![result]));
            }
        }
        let operations = FieldOps::new()
            .set(BitField::unsigned(8, 0), 255)
            .incrby(BitField::unsigned(8, 0), 1)
            .fail()
            .incrby(BitField::unsigned(2, 4).in_widths(), 9)
            .saturate()
            .incrby(BitField::signed(5, 100), 100)
            .get(BitField::signed(5, 100));
        assert_eq!(
            client.bitfield("f", operations).unwrap(),
            [Some(0), Some(0), None, Some(15), Some(15)]
        );
        let reads = FieldReads::new().get(BitField::signed(5, 100));
        assert_eq!(client.bitfield_ro("f", reads).unwrap(), [15]);
    });
}
