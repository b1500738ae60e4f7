//! From bytes to the type that a user asked for: each contender counts what it decoded.

use std::{collections::HashMap, hint::black_box};

use resp_proto::FromReplyOwned;

use crate::{
    hiredis::{self, Data},
    parsing::{frames, pieces},
    timing::Contender,
    workloads::Workload,
};

/// hiredis is the first, with which the others are compared. `None` for a workload whose type is not asked
/// for.
pub fn contenders(workload: &Workload) -> Option<(&'static str, usize, Vec<Contender<'_>>)> {
    Some(match workload.name {
        "integer" => ("i64", 10_000, of::<i64>(workload, integer, |_| 1)),
        "bulk 16 B" => ("Vec<u8>", 10_000, of::<Vec<u8>>(workload, bytes, |_| 1)),
        "1,000 bulks" | "100k in 4 KiB" | "100k whole" => {
            let count = workload.values - 1;
            (
                "Vec<Vec<u8>>",
                count,
                of(workload, |data| list(data, bytes), Vec::len),
            )
        }
        "1,000 integers" => (
            "Vec<i64>",
            1000,
            of(workload, |data| list(data, integer), Vec::len),
        ),
        "map of 1,000" => (
            "HashMap<String, f64>",
            1000,
            of(workload, map, HashMap::len),
        ),
        _ => return None,
    })
}

fn of<'w, T: FromReplyOwned + redis::FromRedisValue + 'w>(
    workload: &'w Workload,
    from_hiredis: impl Fn(Data<'_>) -> T + 'w,
    count: impl Fn(&T) -> usize + Copy + 'w,
) -> Vec<Contender<'w>> {
    vec![
        Contender::new("hiredis", move || {
            let (mut reader, mut counted) = (hiredis::Reader::new(), 0);
            for piece in pieces(workload.resp2(), workload.piece) {
                reader.feed(piece);
                while let Some(reply) = reader.reply().expect("legal") {
                    counted += count(black_box(&from_hiredis(reply.data())));
                }
            }
            counted
        }),
        Contender::new("resp-proto", move || {
            let mut counted = 0;
            frames(workload, |reply| {
                counted += count(black_box(&reply.decode::<T>().expect("of that type")));
            });
            counted
        }),
        Contender::new("redis-rs", move || {
            let (mut parser, mut rest, mut counted) =
                (redis::Parser::new(), &workload.stream[..], 0);
            for _ in 0..workload.replies {
                let value = parser.parse_value(&mut rest).expect("legal");
                counted += count(black_box(
                    &redis::from_redis_value::<T>(value).expect("of that type"),
                ));
            }
            counted
        }),
    ]
}

fn integer(data: Data<'_>) -> i64 {
    match data {
        Data::Integer(number) => number,
        _ => panic!("expected an integer"),
    }
}

fn bytes(data: Data<'_>) -> Vec<u8> {
    match data {
        Data::Bulk(bytes) => bytes.to_vec(),
        _ => panic!("expected a bulk string"),
    }
}

fn text(data: Data<'_>) -> &str {
    match data {
        Data::Bulk(bytes) => std::str::from_utf8(bytes).expect("text"),
        _ => panic!("expected a bulk string"),
    }
}

fn list<T>(data: Data<'_>, item: impl Fn(Data<'_>) -> T) -> Vec<T> {
    match data {
        Data::Array(elements) => elements.map(item).collect(),
        _ => panic!("expected an array"),
    }
}

fn map(data: Data<'_>) -> HashMap<String, f64> {
    let Data::Array(mut elements) = data else {
        panic!("expected an array");
    };
    let mut map = HashMap::with_capacity(elements.len() / 2);
    while let (Some(key), Some(value)) = (elements.next(), elements.next()) {
        map.insert(text(key).to_owned(), text(value).parse().expect("a float"));
    }
    map
}
