//! From bytes to the type that a user asked for: each contender counts what it decoded.

use std::{collections::HashMap, hint::black_box};

use bytes::Bytes;
use redis_protocol::resp2::decode::decode_range;
use rustis::resp::bench_support::{bench_decode_chunked, bench_decode_to};
use tokio_util::codec::Decoder;

use crate::{
    hiredis,
    parsing::{frames, pieces},
    peers::{ends, from_buffer, from_front},
    targets::{Ranges, Target},
    timing::Contender,
    workloads::Workload,
};

/// What is asked for, how many values that is, and who decodes it: hiredis is the first, with which the others
/// are compared. `None` for a workload whose type is not asked for.
pub fn contenders(workload: &Workload) -> Option<(&'static str, usize, Vec<Contender<'_>>)> {
    Some(match workload.name {
        "integer" => ("i64", 10_000, of::<i64>(workload)),
        "bulk 16 B" => ("Vec<u8>", 10_000, of::<Vec<u8>>(workload)),
        "1,000 bulks" | "100k in 4 KiB" | "100k whole" => {
            let count = workload.values - 1;
            ("Vec<Vec<u8>>", count, of::<Vec<Vec<u8>>>(workload))
        }
        "1,000 integers" => ("Vec<i64>", 1000, of::<Vec<i64>>(workload)),
        "map of 1,000" => (
            "HashMap<String, f64>",
            1000,
            of::<HashMap<String, f64>>(workload),
        ),
        _ => return None,
    })
}

fn of<T: Target>(workload: &Workload) -> Vec<Contender<'_>> {
    let (stream, piece) = (workload.resp2(), workload.piece);
    let mut contenders = vec![
        Contender::new("hiredis", move || {
            let (mut reader, mut counted) = (hiredis::Reader::new(), 0);
            for piece in pieces(stream, piece) {
                reader.feed(piece);
                while let Some(reply) = reader.reply().expect("legal") {
                    counted += black_box(&T::of(reply.data())).count();
                }
            }
            counted
        }),
        Contender::new("resp-proto", move || {
            let mut counted = 0;
            frames(workload, |reply| {
                let value: T = reply.decode().expect("of that type");
                counted += black_box(&value).count();
            });
            counted
        }),
        Contender::new("redis-rs", move || {
            let (mut parser, mut rest) = (redis::Parser::new(), &workload.stream[..]);
            let mut counted = 0;
            for _ in 0..workload.replies {
                let value = parser.parse_value(&mut rest).expect("legal");
                let value: T = redis::from_redis_value(value).expect("of that type");
                counted += black_box(&value).count();
            }
            counted
        }),
        Contender::new("redis-protocol range", move || {
            let mut counted = 0;
            from_front(stream, piece, |bytes| {
                let (frame, length) = decode_range(bytes).expect("legal")?;
                counted += black_box(&T::of(Ranges(frame, bytes))).count();
                Some(length)
            });
            counted
        }),
        Contender::new("resp-rs", move || {
            let mut parser = resp_rs::resp2::Parser::new();
            let stream = Bytes::copy_from_slice(stream);
            let (mut arrived, mut counted) = (0, 0);
            while arrived < stream.len() {
                let next = stream.len().min(arrived.saturating_add(piece));
                parser.feed(stream.slice(arrived..next));
                arrived = next;
                while let Some(frame) = parser.next_frame().expect("legal") {
                    counted += black_box(&T::of(frame)).count();
                }
            }
            counted
        }),
        Contender::new("redis-async", move || {
            let (mut codec, mut counted) = (redis_async::resp::RespCodec, 0);
            from_buffer(stream, piece, |bytes| {
                let value = codec.decode(bytes).expect("legal")?;
                counted += black_box(&T::of(value)).count();
                Some(())
            });
            counted
        }),
        rustis::<T>(workload),
    ];
    // It takes a reply that is incomplete for a wrong one.
    if piece >= stream.len() || !stream.starts_with(b":") {
        contenders.push(Contender::new("redis-parser", move || {
            let mut counted = 0;
            from_front(stream, piece, |bytes| {
                let (rest, value) = redis_parser::resp2::parse(bytes).ok()?;
                counted += black_box(&T::of(value)).count();
                Some(bytes.len() - rest.len())
            });
            counted
        }));
    }
    contenders
}

/// It decodes one reply a time, and is given where each ends; a single one it reads in pieces.
fn rustis<T: Target>(workload: &Workload) -> Contender<'_> {
    let stream = &workload.stream[..];
    if workload.replies == 1 {
        let pieces: Vec<_> = pieces(stream, workload.piece).collect();
        return Contender::new("rustis", move || {
            let value: T::OfRustis = bench_decode_chunked(&pieces).expect("of that type");
            T::count_of_rustis(black_box(&value))
        });
    }
    let ends = ends(stream);
    Contender::new("rustis (given ends)", move || {
        let (mut start, mut counted) = (0, 0);
        for &end in &ends {
            let value: T::OfRustis = bench_decode_to(&stream[start..end]).expect("of that type");
            counted += T::count_of_rustis(black_box(&value));
            start = end;
        }
        counted
    })
}
