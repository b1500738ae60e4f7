//! From bytes to the library's own value: each contender counts the top-level replies.

use std::hint::black_box;

use resp_proto::{Framer, Reply};

use crate::{hiredis, peers, timing::Contender, workloads::Workload};

/// The same reply without the pieces, to see what they cost.
pub const WHOLE: &str = "frame and view, whole";

/// hiredis is the first, with which the others are compared.
pub fn contenders(workload: &Workload) -> Vec<Contender<'_>> {
    let stream = &workload.stream[..];
    let mut contenders = vec![
        Contender::new("hiredis", || {
            let (mut reader, mut replies) = (hiredis::Reader::new(), 0);
            for piece in pieces(workload.resp2(), workload.piece) {
                reader.feed(piece);
                while let Some(reply) = reader.reply().expect("legal") {
                    black_box(&reply);
                    replies += 1;
                }
            }
            replies
        }),
        Contender::new("scan floor", || floor(stream).0.min(workload.replies)),
        Contender::new("frame and view", || {
            frames(workload, |reply| {
                black_box(reply.data());
            })
        }),
        Contender::new("frame and walk", || {
            frames(workload, |reply| {
                black_box(walk(reply));
            })
        }),
    ];
    if workload.piece < stream.len() && workload.replies == 1 {
        contenders.push(Contender::new(WHOLE, || {
            let frame = Framer::new().advance(stream).expect("legal");
            black_box(frame.expect("a whole reply").reply().data());
            1
        }));
    }
    contenders.extend(peers::contenders(workload));
    contenders
}

/// The least that a parser has to do: every line end found, every bulk string skipped, nothing built. How
/// many values there were, and a sum of their lengths.
fn floor(stream: &[u8]) -> (usize, usize) {
    let (mut at, mut values, mut sum) = (0, 0, 0);
    while let Some(end) = memchr::memchr(b'\n', &stream[at..]) {
        let line = &stream[at..at + end];
        at += end + 1;
        if let [b'$', digits @ .., b'\r'] = line {
            let length = digits
                .iter()
                .fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
            sum += length;
            at += length + 2;
        }
        values += 1;
    }
    (values, black_box(sum))
}

/// Frames all replies, in the pieces that they arrive in.
pub fn frames(workload: &Workload, mut each: impl FnMut(Reply<'_>)) -> usize {
    let (mut framer, mut replies, mut start) = (Framer::new(), 0, 0);
    let (stream, mut arrived) = (&workload.stream[..], 0);
    while arrived < stream.len() {
        arrived = stream.len().min(arrived.saturating_add(workload.piece));
        while let Some(frame) = framer.advance(&stream[start..arrived]).expect("legal") {
            each(frame.reply());
            start += frame.len();
            replies += 1;
        }
    }
    replies
}

fn walk(reply: Reply<'_>) -> usize {
    let inner: usize = reply.elements().into_iter().flatten().map(walk).sum();
    inner + 1
}

pub fn pieces(stream: &[u8], size: usize) -> impl Iterator<Item = &[u8]> {
    stream.chunks(size.min(stream.len()))
}
