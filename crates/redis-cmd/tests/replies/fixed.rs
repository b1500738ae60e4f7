//! Numbers, text, pairs and their absence.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use redis_cmd::{
    BitPosition, ClientInfo, ClusterNode, Consumer, ConsumerFull, EntryResult, ExpireTime,
    FieldExpiry, FieldPersisted, GeoFound, GeoPoint, Inserted, Lossy, Milliseconds, PendingEntry,
    Popped, RawVector, ScanPage, Seconds, Similar, Ttl, UnixMicroseconds, UnixMilliseconds,
    UnixSeconds,
};

use crate::{both, decode, reply};

fn scored(pairs: &[(&str, f64)]) -> Vec<(String, f64)> {
    let pairs = pairs.iter().map(|&(member, score)| (member.into(), score));
    pairs.collect()
}

#[test]
fn text_numbers_and_nothing() {
    assert_eq!(
        reply::<Option<String>>("GET a").as_deref(),
        Some("ohmytext")
    );
    assert_eq!(reply::<Option<String>>("GET nope"), None);
    assert_eq!(reply::<i64>("INCR n"), 6);
    assert_eq!(reply::<f64>("INCRBYFLOAT n 0.5"), 6.5);
    assert_eq!(
        reply::<(String, Option<String>)>("MGET a nope"),
        ("ohmytext".into(), None)
    );
    assert_eq!(reply::<usize>("EXISTS a nope"), 1);
    assert_eq!(reply::<Ttl<Seconds>>("TTL a"), Ttl::NoExpiry);
    assert_eq!(
        reply::<Vec<Ttl<Seconds>>>("HTTL h FIELDS 2 f nope"),
        [Ttl::NoExpiry, Ttl::NoKey]
    );
    assert_eq!(
        reply::<Option<String>>("OBJECT ENCODING n").as_deref(),
        Some("embstr")
    );
    assert_eq!(reply::<usize>("COMMANDLOG LEN slow"), 0);
    assert_eq!(
        reply::<Vec<(String, u64)>>("PUBSUB NUMSUB c"),
        [("c".into(), 0)]
    );
}

#[test]
fn hashes_lists_and_sets() {
    let map = reply::<BTreeMap<String, f64>>("HGETALL h");
    assert_eq!(map, [("f".into(), 1.0), ("g".into(), 2.5)].into());
    assert_eq!(reply::<f64>("HINCRBYFLOAT h g 0.25"), 2.75);
    let pairs = [(String::from("f"), 1.0), ("g".into(), 2.75)];
    assert_eq!(
        reply::<Vec<(String, f64)>>("HRANDFIELD h 5 WITHVALUES"),
        pairs
    );
    let page = reply::<ScanPage<(String, f64)>>("HSCAN h 0");
    assert_eq!((page.cursor, &page.items[..]), (0, &pairs[..]));
    assert!(
        reply::<ScanPage<String>>("SCAN 0 MATCH nope")
            .items
            .is_empty()
    );
    assert_eq!(reply::<Option<usize>>("LPOS l b"), Some(1));
    assert_eq!(
        reply::<Option<(String, Vec<String>)>>("LMPOP 1 l LEFT COUNT 2"),
        Some(("l".into(), vec!["a".into(), "b".into()]))
    );
    assert_eq!(
        reply::<BTreeSet<String>>("SMEMBERS s"),
        ["x".to_owned()].into()
    );
    assert_eq!(reply::<Vec<bool>>("SMISMEMBER s x nope"), [true, false]);
    assert!(reply::<bool>("SISMEMBER s x"));
}

#[test]
fn scores_are_floats_flat_or_nested() {
    assert_eq!(reply::<Option<f64>>("ZSCORE z two"), Some(2.5));
    assert_eq!(
        reply::<Vec<Option<f64>>>("ZMSCORE z two nope"),
        [Some(2.5), None]
    );
    let all = scored(&[("one", 1.0), ("two", 2.5), ("all", f64::INFINITY)]);
    assert_eq!(reply::<Vec<(String, f64)>>("ZRANGE z 0 -1 WITHSCORES"), all);
    assert_eq!(reply::<ScanPage<(String, f64)>>("ZSCAN z 0").items, all);
    assert_eq!(reply::<Option<f64>>("ZADD z XX INCR 1 one"), Some(2.0));
    assert_eq!(reply::<Option<f64>>("ZADD z XX INCR 1 nope"), None);
    assert_eq!(
        reply::<Option<(usize, f64)>>("ZRANK z two WITHSCORE"),
        Some((1, 2.5))
    );
    assert_eq!(
        reply::<Vec<(String, f64)>>("ZDIFF 2 z y WITHSCORES"),
        all[1..]
    );
    assert_eq!(
        reply::<Vec<(String, f64)>>("ZRANDMEMBER y 1 WITHSCORES"),
        scored(&[("one", 1.0)])
    );
    assert_eq!(
        reply::<Option<(String, Vec<(String, f64)>)>>("ZMPOP 1 y MIN"),
        Some(("y".into(), scored(&[("one", 1.0)])))
    );
    // Without a count it is flat in both protocols, with one it is nested in RESP3.
    assert_eq!(
        reply::<Popped<String>>("ZPOPMIN z"),
        Popped(Some(("one".into(), 2.0)))
    );
    assert_eq!(reply::<Popped<String>>("ZPOPMIN nope"), Popped(None));
    assert_eq!(
        reply::<Vec<(String, f64)>>("ZPOPMAX z 5"),
        scored(&[("all", f64::INFINITY), ("two", 2.5)])
    );
}

#[test]
fn places_and_vectors() {
    assert_eq!(
        reply::<Option<f64>>("GEODIST g Palermo Catania km"),
        Some(166.2742)
    );
    let positions = reply::<Vec<Option<GeoPoint>>>("GEOPOS g Palermo nope");
    let palermo = GeoPoint {
        longitude: 13.361_389_338_970_184,
        latitude: 38.115_556_395_496_3,
    };
    assert_eq!(positions, [Some(palermo), None]);
    let search = "GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 100 km WITHDIST WITHHASH WITHCOORD";
    let found = &reply::<Vec<GeoFound<String>>>(search)[0];
    assert_eq!((&*found.member, found.distance), ("Catania", Some(56.4413)));
    assert_eq!(found.hash, Some(3_479_447_370_796_909));
    assert!(found.position.is_some());
    assert_eq!(
        reply::<Option<Vec<f64>>>("VEMB v east"),
        Some(vec![1.0, 0.0])
    );
    assert_eq!(
        reply::<Vec<(String, f64)>>("VSIM v ELE east WITHSCORES"),
        scored(&[("east", 1.0)])
    );
    // As Redis 8.2 documents it: in RESP3 a map to arrays of two.
    let [flat, nested]: [Vec<Similar<String>>; 2] = [
        b"*9\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\n{}\r\n$1\r\nb\r\n$3\r\n0.5\r\n$-1\r\n$1\r\nc\r\n$1\r\n0\r\n$1\r\n\xff\r\n".as_slice(),
        b"%3\r\n$1\r\na\r\n*2\r\n,1\r\n$2\r\n{}\r\n$1\r\nb\r\n*2\r\n,0.5\r\n_\r\n$1\r\nc\r\n*2\r\n,0\r\n$1\r\n\xff\r\n",
    ]
    .map(|bytes| decode(bytes).unwrap());
    assert_eq!(flat, nested);
    let found: Vec<_> = flat
        .iter()
        .map(|similar| {
            (
                &*similar.element,
                similar.score,
                similar.attributes.as_deref(),
            )
        })
        .collect();
    // The server takes any attributes.
    let odd = ("c", 0.0, Some("\u{fffd}"));
    assert_eq!(found, [("a", 1.0, Some("{}")), ("b", 0.5, None), odd]);
    assert!(reply::<bool>("VISMEMBER v east"));
    assert_eq!(both::<Option<RawVector>>("VINFO nope"), [None, None]);
}

#[test]
fn names_that_are_no_text_and_entries_that_nobody_has_cost_no_others() {
    let entries = b"*2\r\n*4\r\n$3\r\n1-0\r\n$1\r\n\xff\r\n:5\r\n:1\r\n*4\r\n$3\r\n2-0\r\n$0\r\n\r\n:-1\r\n:1\r\n";
    let entries: Vec<PendingEntry> = decode(entries).unwrap();
    let idle: Vec<_> = entries.iter().map(|entry| entry.idle).collect();
    assert_eq!(idle, [Some(Duration::from_millis(5)), None]);
    // Longer than 24 days, in which milliseconds outgrow 32 bits.
    let old = b"*4\r\n$3\r\n1-0\r\n$1\r\nc\r\n:2147483648\r\n:1\r\n";
    let old: PendingEntry = decode(old).unwrap();
    assert_eq!(old.idle, Some(Duration::from_millis(1 << 31)));
    assert_eq!(entries[0].consumer, "\u{fffd}");
    assert_eq!(entries[1].consumer, "");
}

#[test]
fn the_path_of_a_socket_may_look_like_fields() {
    let line =
        "id=3 addr=/run/sp ace id=77/s:0 fd=8 name= age=1 idle=0 flags=U db=0 cmd=client|list\n";
    let bytes = format!("${}\r\n{line}\r\n", line.len());
    let client = &decode::<Vec<ClientInfo>>(bytes.as_bytes()).unwrap()[0];
    assert_eq!((client.id, &*client.addr), (3, "/run/sp ace id=77/s:0"));
    assert_eq!((&*client.cmd, &*client.name), ("client|list", ""));
    assert_eq!(client.rest.get("fd").map(String::as_str), Some("8"));
}

#[test]
fn a_line_of_very_many_fields_takes_no_longer_for_each() {
    let fields: String = (0..200_000)
        .map(|field| format!(" f{field}={field}"))
        .collect();
    let begun = Instant::now();
    let client: ClientInfo = decode(bulk(&format!("id=3{fields}")).as_bytes()).unwrap();
    assert_eq!(client.rest.len(), 200_000);
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn what_never_was_has_no_time() {
    let decoded = |text: &str| text.split(' ').map(bulk).collect::<String>();
    let consumer = |inactive: &str| {
        let fields = decoded("name c pending") + ":1\r\n" + &bulk("idle") + ":1500\r\n";
        let bytes = format!("*8\r\n{fields}{}:{inactive}\r\n", bulk("inactive"));
        decode::<Consumer>(bytes.as_bytes()).unwrap()
    };
    assert_eq!(consumer("-1").inactive, None);
    let consumer = consumer("2500");
    assert_eq!(consumer.inactive, Some(Duration::from_millis(2500)));
    assert_eq!(consumer.idle, Duration::from_millis(1500));

    let consumer = |active: &str| {
        let fields = decoded("name c seen-time") + ":1700000000123\r\n" + &bulk("pel-count");
        let behind = ":0\r\n$7\r\npending\r\n*0\r\n";
        let active = bulk("active-time") + ":" + active + "\r\n";
        let bytes = format!("*10\r\n{fields}{behind}{active}");
        decode::<ConsumerFull>(bytes.as_bytes()).unwrap()
    };
    assert_eq!(consumer("-1").active_time, None);
    let consumer = consumer("1700000000000");
    assert_eq!(
        consumer.active_time,
        Some(UnixMilliseconds(1_700_000_000_000))
    );
    let seen = SystemTime::from(consumer.seen_time);
    assert_eq!(seen, UNIX_EPOCH + Duration::from_millis(1_700_000_000_123));

    let line = "07c3 127.0.0.1:30004@31004,host slave e7d1 0 1426238317239 4 connected";
    let node: ClusterNode = decode(bulk(line).as_bytes()).unwrap();
    assert_eq!(node.ping_sent, None);
    assert_eq!(
        node.pong_received,
        Some(UnixMilliseconds(1_426_238_317_239))
    );

    let line = "id=3 addr=h:1 age=70 idle=5";
    let client: ClientInfo = decode(bulk(line).as_bytes()).unwrap();
    assert_eq!(
        (client.age, client.idle),
        (Duration::from_secs(70), Duration::from_secs(5))
    );
}

#[test]
fn what_servers_say_with_numbers_of_their_own_has_a_type() {
    assert_eq!(decode(b":-2\r\n"), Ok(Ttl::<Seconds>::NoKey));
    assert_eq!(decode(b":5\r\n"), Ok(Ttl::Left(Seconds(5))));
    assert_eq!(decode(b":5\r\n"), Ok(Ttl::Left(Milliseconds(5))));
    assert!(decode::<Ttl<Seconds>>(b":-3\r\n").is_err());
    let left: Ttl<Seconds> = decode(b":5\r\n").unwrap();
    assert_eq!(left.left(), Some(Duration::from_secs(5)));
    let left: Ttl<Milliseconds> = decode(b":5\r\n").unwrap();
    assert_eq!(left.left(), Some(Duration::from_millis(5)));
    assert_eq!(Ttl::<Seconds>::NoExpiry.left(), None);
    let time: ExpireTime<UnixMilliseconds> = decode(b":1500\r\n").unwrap();
    assert_eq!(time.time(), Some(UNIX_EPOCH + Duration::from_millis(1500)));
    assert_eq!(decode(b":-1\r\n"), Ok(ExpireTime::<UnixSeconds>::NoExpiry));
    let clock = decode(b"*2\r\n$10\r\n1700000000\r\n$6\r\n012345\r\n");
    assert_eq!(clock, Ok(UnixMicroseconds(1_700_000_000_012_345)));
    assert_eq!(decode(b":7\r\n"), Ok(BitPosition(Some(7))));
    assert_eq!(decode(b":-1\r\n"), Ok(BitPosition(None)));
    assert_eq!(decode(b":-1\r\n"), Ok(Inserted::NoPivot));
    assert_eq!(decode(b":0\r\n"), Ok(Inserted::NoKey));
    assert_eq!(decode(b":3\r\n"), Ok(Inserted::Length(3)));
    assert_eq!(decode(b":3\r\n"), Ok(FieldExpiry::Other(3)));
    assert_eq!(decode(b":3\r\n"), Ok(FieldPersisted::Other(3)));
    assert_eq!(decode(b":3\r\n"), Ok(EntryResult::Other(3)));
    assert_eq!(decode(b"$1\r\n\xff\r\n"), Ok(Lossy::from("\u{fffd}")));
}

fn bulk(text: &str) -> String {
    format!("${}\r\n{text}\r\n", text.len())
}
