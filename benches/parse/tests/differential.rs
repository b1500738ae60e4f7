//! Where other parsers make something else of a stream than this one does, and why.
//!
//! The streams are RESP2, legal and damaged. Every difference has to be one of those listed in [`explained`].

use bench_parse::hiredis;
use proptest::{collection::vec, prelude::*, sample::Index};
use resp_proto::{Data, FrameErrorKind as Kind, Framer, Limits, Protocol, Reply};

#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Simple(Vec<u8>),
    Error(Vec<u8>),
    Integer(i64),
    Bulk(Vec<u8>),
    Null,
    Array(Vec<Tree>),
}

/// The first reply of a stream, or why there is none.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    Reply(Tree),
    Incomplete,
    Refused,
}

fn ours(stream: &[u8]) -> (Outcome, Option<Kind>) {
    fn tree(reply: Reply<'_>) -> Tree {
        match reply.data() {
            Data::Simple(text) => Tree::Simple(text.into()),
            Data::Error(text) => Tree::Error(text.into()),
            Data::Integer(number) => Tree::Integer(number),
            Data::Bulk(bytes) => Tree::Bulk(bytes.into()),
            Data::Array(elements) => Tree::Array(elements.map(tree).collect()),
            _ => Tree::Null,
        }
    }
    match Framer::with_limits(Limits::new().protocol(Protocol::Resp2)).advance(stream) {
        Ok(Some(frame)) => (Outcome::Reply(tree(frame.reply())), None),
        Ok(None) => (Outcome::Incomplete, None),
        Err(error) => (Outcome::Refused, Some(error.kind())),
    }
}

fn of_hiredis(stream: &[u8]) -> Outcome {
    fn tree(data: hiredis::Data<'_>) -> Tree {
        match data {
            hiredis::Data::Status(text) => Tree::Simple(text.into()),
            hiredis::Data::Error(text) => Tree::Error(text.into()),
            hiredis::Data::Integer(number) => Tree::Integer(number),
            hiredis::Data::Bulk(bytes) => Tree::Bulk(bytes.into()),
            hiredis::Data::Nil => Tree::Null,
            hiredis::Data::Array(elements) => Tree::Array(elements.map(tree).collect()),
        }
    }
    let mut reader = hiredis::Reader::new();
    reader.feed(stream);
    match reader.reply() {
        Ok(Some(reply)) => Outcome::Reply(tree(reply.data())),
        Ok(None) => Outcome::Incomplete,
        Err(hiredis::Refused) => Outcome::Refused,
    }
}

fn of_redis_protocol(stream: &[u8]) -> Outcome {
    use redis_protocol::resp2::{decode::decode, types::OwnedFrame};
    fn tree(frame: OwnedFrame) -> Tree {
        match frame {
            OwnedFrame::SimpleString(text) => Tree::Simple(text),
            OwnedFrame::Error(text) => Tree::Error(text.into_bytes()),
            OwnedFrame::Integer(number) => Tree::Integer(number),
            OwnedFrame::BulkString(bytes) => Tree::Bulk(bytes),
            OwnedFrame::Null => Tree::Null,
            OwnedFrame::Array(frames) => Tree::Array(frames.into_iter().map(tree).collect()),
        }
    }
    match decode(stream) {
        Ok(Some((frame, _))) => Outcome::Reply(tree(frame)),
        Ok(None) => Outcome::Incomplete,
        Err(_) => Outcome::Refused,
    }
}

fn of_redis_rs(stream: &[u8]) -> Outcome {
    use redis::Value;
    fn tree(value: Value) -> Option<Tree> {
        Some(match value {
            Value::Nil => Tree::Null,
            Value::Int(number) => Tree::Integer(number),
            Value::BulkString(bytes) => Tree::Bulk(bytes),
            Value::Okay => Tree::Simple(b"OK".to_vec()),
            Value::SimpleString(text) => Tree::Simple(text.into_bytes()),
            Value::Array(values) => {
                Tree::Array(values.into_iter().map(tree).collect::<Option<_>>()?)
            }
            Value::ServerError(error) => {
                let detail = error.details().map(|detail| format!(" {detail}"));
                Tree::Error(
                    [error.code(), &detail.unwrap_or_default()]
                        .concat()
                        .into_bytes(),
                )
            }
            _ => return None,
        })
    }
    match redis::parse_redis_value(stream) {
        Ok(value) => tree(value).map_or(Outcome::Refused, Outcome::Reply),
        // It does not tell the one from the other.
        Err(_) => Outcome::Refused,
    }
}

/// Whether it is known why `peer` differs.
fn explained(
    peer: &str,
    stream: &[u8],
    ours: &Outcome,
    kind: Option<Kind>,
    theirs: &Outcome,
) -> bool {
    let has = |bytes: &[u8]| stream.windows(bytes.len()).any(|window| window == bytes);
    let deep = stream.windows(1).filter(|window| window == b"*").count() > 6;
    match (peer, ours, theirs) {
        // Errors are noticed at different times: one that is certain now may wait for the rest of its line or
        // of its bulk string elsewhere, and the other way round.
        (_, Outcome::Refused, Outcome::Incomplete) | (_, Outcome::Incomplete, Outcome::Refused) => {
            true
        }
        // hiredis 0.13 takes any two bytes behind a bulk string …
        ("hiredis", Outcome::Refused, Outcome::Reply(_)) if kind == Some(Kind::BulkEnding) => true,
        // … ends a line at CRLF alone, so that LF or CR may stand on their own in a line …
        ("hiredis", Outcome::Refused, Outcome::Reply(_)) if kind == Some(Kind::LineEnding) => true,
        // … reads numbers up to where they stop being digits, and lengths with signs, of any negative number …
        ("hiredis", Outcome::Refused, Outcome::Reply(_)) => {
            matches!(kind, Some(Kind::Integer | Kind::Length))
        }
        // … and lets them wrap around or gives up on seven levels, where arrays in an array go deeper.
        ("hiredis", Outcome::Reply(_), Outcome::Refused) => deep || has(b"*-1") || has(b"+"),
        ("hiredis", Outcome::Reply(_), Outcome::Reply(_)) => has(b":+") || has(b":"),
        // redis-protocol reads text as UTF-8 where it builds strings, so other bytes are refused, and looks for
        // CRLF alone. A length of any sign is one to it, and it is as lenient with a sign in integers.
        ("redis-protocol", Outcome::Reply(_), Outcome::Refused) => !stream.is_ascii() || deep,
        ("redis-protocol", Outcome::Refused, Outcome::Reply(_)) => {
            matches!(
                kind,
                Some(Kind::LineEnding | Kind::Length | Kind::Integer | Kind::BulkEnding)
            )
        }
        // It takes an error of Redis Cluster apart, and a null array for null like everybody.
        ("redis-protocol", Outcome::Reply(_), Outcome::Reply(_)) => false,
        // redis-rs takes any negative length for nil, reads text as UTF-8, and RESP3 at all times.
        ("redis-rs", Outcome::Refused, Outcome::Reply(_)) => {
            matches!(
                kind,
                Some(
                    Kind::Length
                        | Kind::UnknownType
                        | Kind::LineEnding
                        | Kind::Integer
                        | Kind::BulkEnding
                )
            )
        }
        ("redis-rs", Outcome::Reply(_), Outcome::Refused) => {
            !stream.is_ascii() || has(b"*") || has(b"-")
        }
        // It takes errors apart into a code and a text, and does not give back what was between them.
        ("redis-rs", Outcome::Reply(_), Outcome::Reply(_)) => has(b"-"),
        _ => false,
    }
}

/// Whether hiredis can be given the stream. Version 0.13 believes any length, allocates for it or takes a
/// negative one for a huge one, and then reads memory that is not its own (CVE-2021-32765).
fn is_bearable_for_hiredis(stream: &[u8]) -> bool {
    let lengths = stream
        .iter()
        .enumerate()
        .filter(|(_, byte)| matches!(byte, b'*' | b'$'));
    lengths.map(|(at, _)| &stream[at + 1..]).all(|rest| {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        rest.starts_with(b"-1\r\n") || (digits <= 4 && !matches!(rest.first(), Some(b'-' | b'+')))
    })
}

fn compare(stream: &[u8]) -> Result<(), TestCaseError> {
    let (ours, kind) = ours(stream);
    let hiredis = if is_bearable_for_hiredis(stream) {
        of_hiredis(stream)
    } else {
        ours.clone()
    };
    let peers = [
        ("hiredis", hiredis),
        ("redis-protocol", of_redis_protocol(stream)),
        ("redis-rs", of_redis_rs(stream)),
    ];
    for (peer, theirs) in peers {
        let same = ours == theirs || explained(peer, stream, &ours, kind, &theirs);
        prop_assert!(
            same,
            "{}: {ours:?} {kind:?}, {peer} {theirs:?}",
            stream.escape_ascii()
        );
    }
    Ok(())
}

fn reply() -> impl Strategy<Value = Vec<u8>> {
    let line = |kind: &'static str| move |text: String| format!("{kind}{text}\r\n").into_bytes();
    let scalar = prop_oneof![
        "[ -~]{0,12}".prop_map(line("+")),
        "[A-Z]{2,8} [a-z ]{0,8}[a-z]".prop_map(line("-")),
        any::<i64>().prop_map(|number| format!(":{number}\r\n").into_bytes()),
        vec(any::<u8>(), 0..20).prop_map(|bytes| {
            [format!("${}\r\n", bytes.len()).as_bytes(), &bytes, b"\r\n"].concat()
        }),
        Just(b"$-1\r\n".to_vec()),
        Just(b"*-1\r\n".to_vec()),
    ];
    scalar.prop_recursive(3, 20, 5, |inner| {
        vec(inner, 0..5).prop_map(|items| {
            [format!("*{}\r\n", items.len()).into_bytes(), items.concat()].concat()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn legal_streams_differ_only_as_explained(stream in reply()) {
        prop_assert!(matches!(ours(&stream).0, Outcome::Reply(_)));
        compare(&stream)?;
    }

    #[test]
    fn damaged_streams_differ_only_as_explained(
        stream in reply(),
        damages in vec((any::<Index>(), prop::sample::select(&b"\r\n+-:$*019x"[..])), 1..3),
    ) {
        let mut stream = stream;
        for (index, byte) in damages {
            let at = index.index(stream.len());
            stream[at] = byte;
        }
        compare(&stream)?;
    }
}
