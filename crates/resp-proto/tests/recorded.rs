//! Replies of real servers, recorded by `cargo xtask record`: a request and its reply by turns.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    fs,
    path::Path,
};

use resp_proto::{Framer, FromReply, Limits, Protocol, Reply, Value, encode::Replies};

use crate::naive;

/// What one server answered in one protocol: words of a request, and the bytes of its reply.
struct Recording {
    name: String,
    protocol: Protocol,
    stream: Vec<u8>,
}

impl Recording {
    fn all() -> Vec<Self> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
        let mut recordings: Vec<_> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let protocol = if name.ends_with("resp2") {
                    Protocol::Resp2
                } else {
                    Protocol::Resp3
                };
                let stream = fs::read(path).unwrap();
                Self {
                    name,
                    protocol,
                    stream,
                }
            })
            .collect();
        recordings.sort_by(|a, b| a.name.cmp(&b.name));
        recordings
    }

    fn frames(&self) -> Vec<&[u8]> {
        let mut framer = Framer::with_limits(Limits::new().protocol(self.protocol));
        let (mut frames, mut rest) = (Vec::new(), &self.stream[..]);
        while !rest.is_empty() {
            let frame = framer.advance(rest).unwrap().expect("a whole reply");
            frames.push(frame.bytes());
            rest = &rest[frame.len()..];
        }
        frames
    }

    /// Requests and replies, in order.
    fn exchanges(&self) -> Vec<(String, &[u8])> {
        let frames = self.frames();
        assert_eq!(frames.len() % 2, 0, "{}", self.name);
        frames
            .chunks(2)
            .map(|pair| {
                let words: Vec<&str> = view(pair[0]).decode().unwrap();
                (words.join(" "), pair[1])
            })
            .collect()
    }

    /// The reply to the first request of these words.
    fn reply(&self, request: &str) -> &[u8] {
        let exchanges = self.exchanges();
        let found = exchanges.iter().find(|(words, _)| words == request);
        found
            .unwrap_or_else(|| panic!("{request} is not in {}", self.name))
            .1
    }
}

fn view(bytes: &[u8]) -> Reply<'_> {
    Framer::new().advance(bytes).unwrap().unwrap().reply()
}

#[test]
fn there_are_recordings_of_many_commands_in_both_protocols() {
    let recordings = Recording::all();
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let servers = recordings
            .iter()
            .filter(|recording| recording.protocol == protocol);
        assert!(servers.count() >= 3);
    }
    for recording in recordings {
        let exchanges = recording.exchanges();
        let names: BTreeSet<_> = exchanges
            .iter()
            .filter_map(|(words, _)| words.split(' ').next())
            .collect();
        assert!(names.len() >= 50, "{} has {}", recording.name, names.len());
    }
}

#[test]
fn the_naive_parser_reads_every_recording_alike() {
    for recording in Recording::all() {
        let (nodes, stop) = naive::parse_all(&recording.stream);
        assert_eq!(stop, None, "{}", recording.name);
        let read: Vec<_> = recording
            .frames()
            .into_iter()
            .map(|bytes| naive::of_reply(view(bytes)))
            .collect();
        assert_eq!(read, nodes, "{}", recording.name);
    }
}

#[test]
fn a_recording_in_pieces_of_any_size_gives_the_same_replies() {
    for recording in Recording::all() {
        let frames = recording.frames();
        for size in [1, 2, 3, 7, 64, 1000] {
            let (mut framer, mut start, mut arrived, mut count) = (Framer::new(), 0, 0, 0);
            while arrived < recording.stream.len() {
                arrived = recording.stream.len().min(arrived + size);
                while let Some(frame) = framer.advance(&recording.stream[start..arrived]).unwrap() {
                    assert_eq!(frame.bytes(), frames[count]);
                    start += frame.len();
                    count += 1;
                }
            }
            assert_eq!(count, frames.len(), "{} by {size}", recording.name);
        }
    }
}

#[test]
fn every_recorded_reply_is_read_back_after_being_written() {
    for recording in Recording::all() {
        for bytes in recording.frames() {
            let mut out = Vec::new();
            Replies::new(&mut out, recording.protocol).reply(view(bytes));
            assert_eq!(
                out.escape_ascii().to_string(),
                bytes.escape_ascii().to_string()
            );
            assert!(view(bytes).decode::<Value>().is_ok());
        }
    }
}

/// The recordings of each server, RESP2 first.
fn both_protocols() -> Vec<(Recording, Recording)> {
    let mut recordings = Recording::all().into_iter();
    std::iter::from_fn(|| Some((recordings.next()?, recordings.next()?))).collect()
}

#[test]
fn both_protocols_decode_to_the_same_value() {
    fn same<T: for<'a> FromReply<'a> + PartialEq + Debug>(request: &str) {
        for (resp2, resp3) in both_protocols() {
            let values =
                [&resp2, &resp3].map(|recording| view(recording.reply(request)).decode::<T>());
            assert!(
                values[0].is_ok(),
                "{request} on {}: {:?}",
                resp2.name,
                values[0]
            );
            assert_eq!(values[0], values[1], "{request} on {}", resp2.name);
        }
    }
    same::<String>("GET text");
    same::<Option<String>>("GET missing");
    same::<i64>("INCR number");
    same::<f64>("INCRBYFLOAT number 0.5");
    same::<bool>("SET number 1 NX");
    same::<Vec<Option<i64>>>("MGET a missing c");
    same::<BTreeMap<String, String>>("HGETALL hash");
    same::<BTreeMap<String, String>>("HGETALL missing");
    same::<(u64, BTreeMap<String, String>)>("HSCAN hash 0");
    same::<BTreeSet<String>>("SMEMBERS set");
    same::<bool>("SISMEMBER set x");
    same::<Vec<bool>>("SMISMEMBER set x w");
    same::<Vec<(String, f64)>>("ZRANGE zset 0 -1 WITHSCORES");
    same::<f64>("ZSCORE zset one");
    same::<Option<f64>>("ZSCORE zset nope");
    same::<Vec<Option<f64>>>("ZMSCORE zset one nope three");
    same::<Vec<(String, f64)>>("ZPOPMAX zset 2");
    same::<Vec<(String, BTreeMap<String, String>)>>("XRANGE stream - +");
    same::<Vec<Option<(f64, f64)>>>("GEOPOS geo Palermo nope");
    same::<BTreeMap<String, String>>("CONFIG GET maxmemory*");
    same::<Option<Vec<String>>>("LPOP missing 2");
    same::<BTreeMap<String, Vec<(String, BTreeMap<String, String>)>>>(
        "XREAD COUNT 1 STREAMS stream 0",
    );
}

#[test]
fn a_reply_in_resp3_is_passed_on_in_resp2_as_servers_write_it() {
    for request in [
        "HGETALL hash",
        "ZSCORE zset one",
        "ZSCORE zset nope",
        "ZMSCORE zset one nope three",
        "GET missing",
        "XINFO GROUPS stream",
        "MGET a missing c",
        "CLIENT TRACKINGINFO",
        "MEMORY DOCTOR",
        "LCS text text IDX",
        "GEOPOS geo Palermo nope",
        "LPOP missing 2",
    ] {
        for (resp2, resp3) in both_protocols() {
            if resp3.exchanges().iter().all(|(words, _)| words != request) {
                continue;
            }
            let mut out = Vec::new();
            Replies::new(&mut out, Protocol::Resp2).reply(view(resp3.reply(request)));
            let (got, expected) = (out.escape_ascii(), resp2.reply(request).escape_ascii());
            // RESP2 has two nulls and RESP3 one; a proxy cannot know which one a client waits for.
            let got = got.to_string();
            assert_eq!(
                got,
                expected.to_string().replace("*-1", "$-1"),
                "{request} on {}",
                resp2.name
            );
        }
    }
}
