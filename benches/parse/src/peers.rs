//! The other parsers, as one function each: the length of the reply at the front, `None` while it is
//! incomplete.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use resp_proto::Framer;
use tokio_util::codec::Decoder;

use crate::{parsing::pieces, timing::Contender, workloads::Workload};

/// Those that speak RESP3, and, if the workload is RESP2, those that speak that alone.
pub fn contenders(workload: &Workload) -> Vec<Contender<'_>> {
    use redis_protocol::{resp2::decode as resp2, resp3::decode::complete as resp3};
    let mut contenders = vec![
        Contender::new("redis-rs", || {
            let (mut parser, mut rest, mut replies) =
                (redis::Parser::new(), &workload.stream[..], 0);
            // It reads from where it likes; what it has not got yet would be an error, so it gets all.
            while replies < workload.replies {
                black_box(parser.parse_value(&mut rest).expect("legal"));
                replies += 1;
            }
            replies
        }),
        Contender::new("redis-protocol 3 owned", || {
            from_front(&workload.stream, workload.piece, |bytes| {
                Some(black_box(resp3::decode(bytes).expect("legal")?).1)
            })
        }),
        Contender::new("redis-protocol 3 range", || {
            from_front(&workload.stream, workload.piece, |bytes| {
                Some(black_box(resp3::decode_range(bytes).expect("legal")?).1)
            })
        }),
        Contender::new("redis-protocol 3 bytes", || {
            from_buffer(&workload.stream, workload.piece, |bytes| {
                black_box(resp3::decode_bytes_mut(bytes).expect("legal")).map(|_| ())
            })
        }),
    ];
    if workload.piece >= 16 << 10 {
        // It is given where each reply ends, which is half of the work.
        let ends = ends(&workload.stream);
        contenders.push(Contender::new("rustis (given ends)", move || {
            let mut start = 0;
            for &end in &ends {
                rustis::fuzz_api::parse_frame(black_box(&workload.stream[start..end]));
                start = end;
            }
            ends.len()
        }));
    }
    if workload.in_resp2.is_some() {
        return contenders;
    }
    contenders.extend([
        Contender::new("redis-protocol 2 owned", || {
            from_front(&workload.stream, workload.piece, |bytes| {
                Some(black_box(resp2::decode(bytes).expect("legal")?).1)
            })
        }),
        Contender::new("redis-protocol 2 range", || {
            from_front(&workload.stream, workload.piece, |bytes| {
                Some(black_box(resp2::decode_range(bytes).expect("legal")?).1)
            })
        }),
        Contender::new("redis-protocol 2 bytes", || {
            from_buffer(&workload.stream, workload.piece, |bytes| {
                black_box(resp2::decode_bytes_mut(bytes).expect("legal")).map(|_| ())
            })
        }),
        Contender::new("resp-rs", || {
            let mut parser = resp_rs::resp2::Parser::new();
            let stream = Bytes::copy_from_slice(&workload.stream);
            let (mut arrived, mut replies) = (0, 0);
            while arrived < stream.len() {
                let next = stream.len().min(arrived.saturating_add(workload.piece));
                parser.feed(stream.slice(arrived..next));
                arrived = next;
                while let Some(frame) = parser.next_frame().expect("legal") {
                    black_box(frame);
                    replies += 1;
                }
            }
            replies
        }),
        Contender::new("redis-async", || {
            let mut codec = redis_async::resp::RespCodec;
            from_buffer(&workload.stream, workload.piece, |bytes| {
                black_box(codec.decode(bytes).expect("legal")).map(|_| ())
            })
        }),
    ]);
    // It has no negative numbers, and takes a reply that is incomplete for a wrong one.
    if !matches!(workload.name, "nested" | "1,000 integers" | "integer") {
        contenders.push(Contender::new("redis-parser", || {
            from_front(&workload.stream, workload.piece, |bytes| {
                let (rest, value) = redis_parser::resp2::parse(bytes).ok()?;
                black_box(value);
                Some(bytes.len() - rest.len())
            })
        }));
    }
    contenders
}

/// For parsers that are asked with all that has arrived and not been used.
pub(crate) fn from_front(
    stream: &[u8],
    piece: usize,
    mut parse: impl FnMut(&[u8]) -> Option<usize>,
) -> usize {
    let (mut start, mut arrived, mut replies) = (0, 0, 0);
    while arrived < stream.len() {
        arrived = stream.len().min(arrived.saturating_add(piece));
        while start < arrived {
            let Some(length) = parse(&stream[start..arrived]) else {
                break;
            };
            start += length;
            replies += 1;
        }
    }
    replies
}

/// For parsers that take replies off a buffer of their own.
pub(crate) fn from_buffer(
    stream: &[u8],
    piece: usize,
    mut parse: impl FnMut(&mut BytesMut) -> Option<()>,
) -> usize {
    let (mut buffer, mut replies) = (BytesMut::new(), 0);
    for piece in pieces(stream, piece) {
        buffer.extend_from_slice(piece);
        while !buffer.is_empty() && parse(&mut buffer).is_some() {
            replies += 1;
        }
    }
    replies
}

pub(crate) fn ends(stream: &[u8]) -> Vec<usize> {
    let (mut framer, mut ends, mut start) = (Framer::new(), Vec::new(), 0);
    while let Ok(Some(frame)) = framer.advance(&stream[start..]) {
        start += frame.len();
        ends.push(start);
    }
    ends
}
