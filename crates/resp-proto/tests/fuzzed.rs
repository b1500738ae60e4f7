//! What must hold for any bytes at all. Each function is a target of the fuzzer, which calls it with bytes of
//! its own making; the tests at the end call it with the corpus that the fuzzer starts from.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

use resp_proto::{
    Data, Frame, Framer, FromReply, Limits, Protocol, Reply, Value,
    encode::{self, Replies},
    inline,
};

use crate::naive::{self, Stop};

/// The replies are the same however a stream is cut, taken together or before their end has come, and after an
/// error nothing comes out.
///
/// The first byte says where to cut.
pub fn framer(bytes: &[u8]) {
    let Some((&seed, stream)) = bytes.split_first() else {
        return;
    };
    for limits in [
        Limits::new(),
        Limits::new().protocol(Protocol::Resp2),
        Limits::new()
            .nesting(3)
            .bulk_length(40)
            .elements(12)
            .line_length(70),
        Limits::new().frame_length(24),
    ] {
        let whole = ends(limits, stream, |_| stream.len());
        let step = usize::from(seed % 16) + 1;
        assert_eq!(ends(limits, stream, |arrived| arrived + step), whole);
        let at = usize::from(seed) % (stream.len() + 1);
        assert_eq!(
            ends(limits, stream, |arrived| if arrived < at {
                at
            } else {
                stream.len()
            }),
            whole
        );
    }
}

/// Where the replies of a stream end, and the error that ended it, if `more` tells how much arrives next.
fn ends(
    limits: Limits,
    stream: &[u8],
    more: impl Fn(usize) -> usize,
) -> (Vec<usize>, Option<resp_proto::FrameError>) {
    let mut framer = Framer::with_limits(limits);
    let (mut ends, mut start, mut arrived) = (Vec::new(), 0, 0);
    loop {
        together(&framer, limits, &stream[start..arrived]);
        match framer.advance(&stream[start..arrived]) {
            Ok(Some(frame)) => {
                assert!(frame.len() > 0 && !framer.is_inside_reply());
                start += frame.len();
                ends.push(start);
            }
            Ok(None) if arrived == stream.len() => return (ends, None),
            Ok(None) => {
                before_its_end(framer.clone(), limits, &stream[start..], arrived - start);
                assert!(framer.needed() > arrived - start);
                arrived = more(arrived).clamp(arrived + 1, stream.len());
            }
            Err(error) => {
                assert!(error.offset() <= arrived - start);
                assert_eq!(framer.advance(b"+OK\r\n").unwrap_err(), error);
                assert!(framer.bulk_ahead(&stream[start..arrived]).is_none());
                assert!(framer.frequent(b"+OK\r\n", 1).0.is_empty());
                return (ends, Some(error));
            }
        }
    }
}

/// Replies that are taken together are those that are found one by one, and each a string or a number.
fn together(framer: &Framer, limits: Limits, arrived: &[u8]) {
    for most in [1, 3, usize::MAX] {
        let (replies, length) = framer.frequent(arrived, most);
        assert!(replies.len() <= most);
        assert!(!framer.is_inside_reply() || replies.is_empty());
        let (mut one_by_one, mut at) = (Framer::with_limits(limits), 0);
        for reply in replies {
            let frame = one_by_one.advance(&arrived[at..]).unwrap().unwrap();
            assert_eq!(reply.bytes(), frame.bytes());
            assert!(reply.text().is_some() && reply.attributes().next().is_none());
            assert!(!matches!(reply.data(), Data::Error(_)));
            at += frame.len();
        }
        assert_eq!(at, length);
    }
}

/// A text that is taken before its end has come is the one that is found when it has.
fn before_its_end(mut framer: Framer, limits: Limits, stream: &[u8], arrived: usize) {
    let Some(text) = framer.bulk_ahead(&stream[..arrived]) else {
        return;
    };
    let mut whole = Framer::with_limits(limits);
    let found = whole.advance(stream);
    let Some(ending) = stream.get(text.end..text.end + 2) else {
        assert!(found.unwrap().is_none());
        return;
    };
    let ended = framer.end_bulk([ending[0], ending[1]]);
    match found {
        Ok(frame) => {
            let frame = frame.unwrap();
            assert_eq!((ended, frame.len()), (Ok(()), text.end + 2));
            assert!(matches!(frame.reply().data(), Data::Bulk(found) if *found == stream[text]));
            assert!(!framer.is_inside_reply() && framer.needed() == whole.needed());
        }
        Err(error) => assert_eq!(ended, Err(error)),
    }
}

/// The framer and the view agree with the naive parser.
pub fn reply_vs_naive(bytes: &[u8]) {
    let (nodes, stop) = naive::parse_all(bytes);
    let (mut framer, mut rest, mut read) = (Framer::new(), bytes, Vec::new());
    let stopped = loop {
        match framer.advance(rest) {
            Ok(Some(frame)) => {
                read.push(naive::of_reply(frame.reply()));
                rest = &rest[frame.len()..];
            }
            Ok(None) => break (!rest.is_empty()).then_some(Stop::Incomplete),
            Err(_) => break Some(Stop::Invalid),
        }
    };
    assert_eq!((read, stopped), (nodes, stop));
}

/// Every type decodes a reply or refuses it; alone and as an element of an array, it does the same.
pub fn decode(bytes: &[u8]) {
    let Ok(Some(frame)) = Framer::new().advance(bytes) else {
        return read_unframed(bytes);
    };
    let reply = frame.reply();
    alone_and_inside::<i64>(reply);
    alone_and_inside::<u8>(reply);
    alone_and_inside::<f64>(reply);
    alone_and_inside::<bool>(reply);
    alone_and_inside::<String>(reply);
    alone_and_inside::<Vec<u8>>(reply);
    alone_and_inside::<Option<String>>(reply);
    alone_and_inside::<Vec<i64>>(reply);
    alone_and_inside::<Vec<Vec<u8>>>(reply);
    alone_and_inside::<BTreeMap<String, f64>>(reply);
    alone_and_inside::<BTreeMap<Vec<u8>, Value>>(reply);
    let _ = reply.decode::<HashMap<String, f64>>();
    let _ = reply.decode::<Vec<(String, f64)>>();
    let _ = reply.decode::<(&str, Vec<(u64, &[u8])>)>();
    let _ = reply.decode::<[&str; 2]>();
    let _ = format!("{reply:?}");
    assert!(reply.decode::<Value>().is_ok());
}

/// Bytes that no framer has let through mean nothing, and do no harm.
pub fn read_unframed(bytes: &[u8]) {
    let reply = Frame::again(bytes).reply();
    let _ = reply.decode::<Value>();
    let _ = reply.decode::<i64>();
    let _ = reply.decode::<String>();
    let _ = reply.decode::<Vec<i64>>();
    let _ = reply.decode::<Vec<String>>();
    let _ = reply.decode::<Vec<f64>>();
    let _ = reply.decode::<Vec<(String, Vec<u8>)>>();
    let _ = reply.decode::<[&str; 2]>();
    let _ = reply.decode::<HashMap<String, Value>>();
    let _ = reply.decode::<BTreeMap<String, Vec<Value>>>();
    let elements: Vec<_> = reply.elements().into_iter().flatten().collect();
    let entries: Vec<_> = reply.entries().into_iter().flatten().collect();
    let attributes: Vec<_> = reply.attributes().collect();
    let _ = format!("{reply:?} {elements:?} {entries:?} {attributes:?}");
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        Replies::new(&mut Vec::new(), protocol).reply(reply);
    }
}

/// Decodes the reply, and an array of it twice, whose elements take a shorter way through the crate.
fn alone_and_inside<T>(reply: Reply<'_>)
where
    T: for<'r> FromReply<'r> + Debug,
{
    let array = [b"*2\r\n", reply.bytes(), reply.bytes()].concat();
    let Ok(Some(frame)) = Framer::new().advance(&array) else {
        // It was nested as deep as may be.
        return;
    };
    let alone = reply.decode::<T>();
    let alone = alone.map_err(|error| error.at_element(1));
    let inside = frame.reply().decode::<(T, T)>();
    // Compared by how they look: what is not a number is unlike itself.
    let (first, second) = match inside {
        Ok((first, second)) => (Ok(first), Some(second)),
        Err(error) => (Err(error), None),
    };
    assert_eq!(format!("{first:?}"), format!("{alone:?}"));
    if let (Some(second), Ok(alone)) = (second, alone) {
        assert_eq!(format!("{second:?}"), format!("{alone:?}"));
    }
}

/// What was read is written and read back; and bytes are read back as the argument of a request.
pub fn encode_roundtrip(bytes: &[u8]) {
    let mut request = Vec::new();
    encode::request(&mut request, &[bytes, b"", bytes]);
    let frame = Framer::new().advance(&request).unwrap().unwrap();
    assert_eq!(frame.len(), request.len());
    assert_eq!(
        frame.reply().decode::<[&[u8]; 3]>().unwrap(),
        [bytes, b"", bytes]
    );

    let Ok(Some(frame)) = Framer::new().advance(bytes) else {
        return;
    };
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let write = |reply: Reply<'_>| {
            let mut out = Vec::new();
            Replies::new(&mut out, protocol).reply(reply);
            out
        };
        let once = write(frame.reply());
        let mut framer = Framer::with_limits(Limits::new().protocol(protocol));
        let again = framer.advance(&once).unwrap().unwrap();
        assert_eq!(again.len(), once.len());
        assert_eq!(write(again.reply()), once);
        let value = frame.reply().decode::<Value>().unwrap();
        let mut out = Vec::new();
        Replies::new(&mut out, protocol).value(&value);
        let written = Framer::new().advance(&out).unwrap().unwrap();
        // RESP2 has fewer types. Compared by how they look: what is not a number is unlike itself.
        if protocol == Protocol::Resp3 {
            for read in [again, written] {
                let read = read.reply().decode::<Value>().unwrap();
                assert_eq!(format!("{read:?}"), format!("{value:?}"));
            }
        }
    }
}

/// A line is words or an error, and a word that is quoted is itself.
pub fn inline(bytes: &[u8]) {
    if let Ok(Some(command)) = inline::read(bytes) {
        assert!(command.len() <= bytes.len());
        for word in command.words() {
            let value = word.to_vec();
            assert!(value.len() <= command.len());
            assert!(word.plain().is_none_or(|plain| plain == value));
            assert_eq!(first_word(&value), value);
        }
    }
    if bytes.len() < 1000 {
        assert_eq!(first_word(bytes), bytes);
    }
}

/// The word that is read when these bytes are written in quotes.
fn first_word(bytes: &[u8]) -> Vec<u8> {
    let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let line = format!("\"{escaped}\"\n");
    let Ok(Some(command)) = inline::read(line.as_bytes()) else {
        return bytes.to_vec();
    };
    command.words().next().unwrap().to_vec()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use proptest::prelude::*;
    use resp_proto::MAX_NESTING;

    use super::*;

    type Target = fn(&[u8]);

    const TARGETS: [(&str, Target); 5] = [
        ("framer", framer),
        ("reply_vs_naive", reply_vs_naive),
        ("decode", decode),
        ("encode_roundtrip", encode_roundtrip),
        ("inline", inline),
    ];

    #[test]
    fn every_target_passes_its_corpus() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        // The corpus is part of the repository, not of the published package, which Cargo adds this file to.
        if package.join("Cargo.toml.orig").exists() {
            return;
        }
        let corpus = package.join("../../fuzz/corpus");
        for (name, target) in TARGETS {
            let seeds = fs::read_dir(corpus.join(name)).unwrap();
            let seeds: Vec<_> = seeds
                .map(|seed| fs::read(seed.unwrap().path()).unwrap())
                .collect();
            assert!(!seeds.is_empty(), "{name} has no corpus");
            seeds.iter().for_each(|seed| target(seed));
        }
    }

    #[test]
    fn every_target_passes_the_legal_replies_and_their_halves() {
        for reply in crate::framing::VALID {
            for (_, target) in TARGETS {
                target(reply);
                target(&reply[..reply.len() / 2]);
                target(&[b"\x05", *reply, reply].concat());
            }
        }
    }

    #[test]
    fn headers_that_lie_reserve_nothing() {
        for kind in ["*", "~", ">", "%", "|"] {
            for length in [
                "1",
                "999999999",
                "999999999999999999",
                "9223372036854775807",
            ] {
                let header = format!("{kind}{length}\r\n");
                for lies in [
                    header.clone(),
                    format!("{header}:1\r\n"),
                    format!("*1\r\n{header}"),
                    header.repeat(1_000),
                    format!("*1\r\n{header}:1\r\n").repeat(1_000),
                ] {
                    read_unframed(lies.as_bytes());
                }
            }
        }
    }

    #[test]
    fn levels_that_no_framer_lets_through_use_up_no_stack() {
        for level in [
            "*1\r\n",
            "~1\r\n",
            ">1\r\n",
            "%1\r\n:1\r\n",
            "*1\r\n|1\r\n:1\r\n:1\r\n",
        ] {
            let deep = level.repeat(8_000) + ":1\r\n";
            let reply = Frame::again(deep.as_bytes()).reply();
            Replies::new(&mut Vec::new(), Protocol::Resp3).reply(reply);
            assert!(reply.decode::<Value>().is_err());
            assert_eq!(format!("{reply:?}"), "…");
        }
    }

    #[test]
    fn what_a_framer_lets_through_is_read_to_its_deepest_level() {
        for (kind, inner) in [
            ("*1", "*0"),
            ("~1", ":1"),
            ("%1\r\n:1", "%0"),
            ("|1\r\n:1", ":1\r\n:1"),
        ] {
            let deepest = format!("{kind}\r\n").repeat(MAX_NESTING) + inner + "\r\n";
            let deepest = match kind.starts_with('|') {
                true => deepest + &":1\r\n".repeat(MAX_NESTING - 1),
                false => deepest,
            };
            let frame = Framer::new().advance(deepest.as_bytes()).unwrap().unwrap();
            let value: Value = frame.reply().decode().unwrap();
            assert!(!format!("{:?}", frame.reply()).contains('…'));
            let mut again = Vec::new();
            Replies::new(&mut again, Protocol::Resp3).reply(frame.reply());
            assert_eq!(again, deepest.as_bytes());
            drop(value);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_target_passes_a_soup_of_telling_bytes(
            bytes in prop::collection::vec(prop::sample::select(&b"\r\n\r\n+-:$*_,#(!=%~>|012?.e\"'\\x \0"[..]), 0..60),
        ) {
            for (_, target) in TARGETS {
                target(&bytes);
            }
        }
    }
}
