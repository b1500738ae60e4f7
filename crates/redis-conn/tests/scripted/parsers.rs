//! The two parsers on the same traffic: what real servers have said, what can be said, and what is damaged.

use std::{fs, path::Path, time::Duration};

use proptest::{collection::vec, prelude::*, sample::Index};
use redis_conn::{Connection, Deadline, Error, ErrorKind, Parser, Request};
use resp_proto::{Framer, Limits, Reply, Value};

use crate::script::{Script, Step, changed, config};

/// A connection whose replies come in these pieces and are read by that parser.
fn connection(parser: Parser, pieces: &[&[u8]]) -> Connection {
    let pieces = pieces.iter().filter(|piece| !piece.is_empty());
    let script = Script::new(pieces.map(|piece| Step::Bytes(piece.to_vec())));
    script.connect_with(&changed(config(), |config| config.parser = parser))
}

/// What `count` calls are answered, up to the first that fails; then why, or whether the connection is clean.
fn answers(parser: Parser, pieces: &[&[u8]], count: usize) -> (Vec<Value>, Result<bool, Error>) {
    let mut connection = connection(parser, pieces);
    let deadline = Deadline::within(Duration::from_secs(5));
    let requests = vec![b'x'; count];
    let request = Request::new(&requests).with_replies(count);
    connection.send(request, deadline).unwrap();
    let mut values = Vec::new();
    for _ in 0..count {
        match connection.receive(deadline) {
            Ok(reply) => values.push(value(reply)),
            Err(error) => {
                assert!(!connection.is_clean(), "kept after {error}");
                let again = connection.receive(deadline).unwrap_err();
                assert!(again.to_string().contains("failed before"), "{again}");
                return (values, Err(error));
            }
        }
    }
    (values, Ok(connection.is_clean()))
}

/// Errors are values here: they are replies, too.
fn value(reply: Reply<'_>) -> Value {
    reply.decode().unwrap()
}

/// Asserts that both parsers make the same of a stream of `count` replies that arrives in these pieces.
fn same(pieces: &[&[u8]], count: usize) {
    let (native, end) = answers(Parser::Native, pieces, count);
    assert!(end.unwrap());
    let (hiredis, end) = answers(Parser::Hiredis, pieces, count);
    assert!(end.unwrap());
    assert_eq!(native, hiredis);
}

fn frames(stream: &[u8]) -> Vec<&[u8]> {
    let limits = Limits::new().protocol(resp_proto::Protocol::Resp2);
    let (mut framer, mut rest, mut frames) = (Framer::with_limits(limits), stream, Vec::new());
    while let Some(frame) = framer.advance(rest).unwrap() {
        frames.push(frame.bytes());
        rest = &rest[frame.len()..];
    }
    frames
}

#[test]
fn a_feed_with_limits_of_its_own_lets_nothing_through_to_hiredis_that_it_does_not_read() {
    let said = |limits: Option<Limits>| {
        let connection = connection(Parser::Hiredis, &[b"#t\r\n"]);
        let feed = match limits {
            None => connection.into_feed(),
            Some(limits) => connection.into_feed_within(limits),
        };
        let error = feed.unwrap().next(Deadline::never()).unwrap_err();
        error.to_string()
    };
    let own = said(Some(Limits::new().line_length(1 << 20)));
    assert!(own.contains("expected a RESP type byte"), "{own}");
    assert_eq!(own, said(None));
}

#[test]
fn what_real_servers_have_said_in_resp2_is_the_same_to_both() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../resp-proto/tests/recorded");
    let mut compared = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_none_or(|extension| extension != "resp2")
        {
            continue;
        }
        let stream = fs::read(&path).unwrap();
        let frames = frames(&stream);
        assert!(frames.len() > 100, "{}", path.display());
        same(&[&stream], frames.len());
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        same(&bytes, frames.len());
        for frame in frames.iter().filter(|frame| frame.len() < 200) {
            for split in 0..frame.len() {
                same(&[&frame[..split], &frame[split..]], 1);
            }
        }
        compared += frames.len();
    }
    assert!(compared > 800, "{compared}");
}

#[test]
fn every_spelling_that_the_framer_lets_through_is_the_same_to_both() {
    for reply in [
        "+\r\n",
        "-\r\n",
        "-ERR no\r\n",
        ":-0\r\n",
        ":+5\r\n",
        ":00000000000000000000000000000000000000012\r\n",
        ":9223372036854775807\r\n",
        ":-9223372036854775808\r\n",
        "$0\r\n\r\n",
        "$000\r\n\r\n",
        "$00000000000000000000000000000000003\r\na\r\n\r\n",
        "$-1\r\n",
        "*-1\r\n",
        "*0\r\n",
        "*00002\r\n*0\r\n*2\r\n:+1\r\n$-1\r\n",
    ] {
        let stream = [reply, "+next\r\n", reply].concat();
        for split in 0..stream.len() {
            let (front, back) = stream.as_bytes().split_at(split);
            same(&[front, back], 3);
        }
    }
    let large = [
        b"$20000000\r\n".to_vec(),
        vec![b'\r'; 20_000_000],
        b"\r\n".to_vec(),
    ]
    .concat();
    same(&[&large], 1);
    let many = [b"*100000\r\n".to_vec(), b"$3\r\nabc\r\n".repeat(100_000)].concat();
    same(&[&many], 1);
}

/// What the framer refuses is refused in its words, at the same place, whichever parser stands behind it.
#[test]
fn what_the_framer_refuses_never_gets_to_hiredis() {
    for (bad, said) in [
        (
            "%1\r\n+a\r\n+b\r\n",
            "expected a RESP type byte, found \"%\"",
        ),
        ("_\r\n", "expected a RESP type byte"),
        ("hello\r\n", "expected a RESP type byte"),
        ("*2147483648\r\n", "more elements than the limit"),
        ("*1073741824\r\n", "more elements than the limit"),
        ("*-2\r\n", "expected a length"),
        ("$4294967295\r\n", "longer than the limit"),
        ("$-3\r\n", "expected a length"),
        ("$1\r\nabc", "expected CRLF"),
        (":12x\r\n", "expected an integer"),
        (":99999999999999999999\r\n", "expected an integer"),
        ("+a\nb\r\n", "expected a line to end in CRLF"),
    ] {
        let stream = format!("+OK\r\n{bad}");
        let (values, end) = answers(Parser::Hiredis, &[stream.as_bytes()], 2);
        assert_eq!(values.len(), 1);
        let error = end.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        let shown = error.to_string();
        assert!(
            shown.contains(said) && !shown.contains("hiredis"),
            "{shown}"
        );
        assert!(error.maybe_executed());
    }
}

/// The differences that there are, all of them.
#[test]
fn what_hiredis_refuses_ends_the_connection_and_is_nothing_but_deep_nesting() {
    let deep = |levels: usize, inside: &str| ["*1\r\n".repeat(levels), inside.into()].concat();
    for fine in [
        deep(8, ":1\r\n"),
        deep(8, "*-1\r\n").replace("*-1", "$-1"),
        deep(7, "*0\r\n"),
    ] {
        same(&[fine.as_bytes()], 1);
    }
    for refused in [
        deep(9, ":1\r\n"),
        deep(8, "*0\r\n"),
        deep(8, "*-1\r\n"),
        deep(128, "+a\r\n"),
    ] {
        let (_, end) = answers(Parser::Native, &[refused.as_bytes()], 1);
        assert!(end.unwrap());
        let (values, end) = answers(Parser::Hiredis, &[refused.as_bytes()], 1);
        assert_eq!(values, []);
        let error = end.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(
            error
                .to_string()
                .contains("hiredis refused the reply: No support for nested"),
            "{error}"
        );
        assert!(error.maybe_executed());
    }
}

fn reply() -> impl Strategy<Value = Vec<u8>> {
    let line = |kind: &'static str| move |text: String| format!("{kind}{text}\r\n").into_bytes();
    let scalar = prop_oneof![
        "[ -~]{0,12}".prop_map(line("+")),
        "[A-Z]{2,8} [ -~]{0,9}".prop_map(line("-")),
        any::<i64>().prop_map(|number| format!(":{number}\r\n").into_bytes()),
        vec(any::<u8>(), 0..40).prop_map(|bytes| {
            [format!("${}\r\n", bytes.len()).as_bytes(), &bytes, b"\r\n"].concat()
        }),
        Just(b"$-1\r\n".to_vec()),
        Just(b"*-1\r\n".to_vec()),
    ];
    // Seven levels and a scalar: no deeper than hiredis can.
    scalar.prop_recursive(7, 60, 5, |inner| {
        vec(inner, 0..5).prop_map(|items| {
            [format!("*{}\r\n", items.len()).into_bytes(), items.concat()].concat()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_can_be_said_is_the_same_to_both(replies in vec(reply(), 1..5), cuts in vec(any::<Index>(), 0..4)) {
        let stream = replies.concat();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]).collect();
        same(&pieces, replies.len());
    }

    /// Both fail at the same reply, in the same words, or neither does.
    #[test]
    fn whatever_is_damaged_is_the_same_to_both(
        stream in reply(),
        damages in vec((any::<Index>(), prop::sample::select(&b"\r\n+-:$*019x"[..])), 1..4),
    ) {
        let mut stream = stream;
        // Damaged lengths make types of what was text; only one of the two knows those of RESP3.
        for byte in stream.iter_mut().filter(|byte| b"_,#(!=~%|>".contains(byte)) {
            *byte = b'x';
        }
        for (index, byte) in damages {
            let at = index.index(stream.len());
            stream[at] = byte;
        }
        let (native, native_end) = answers(Parser::Native, &[&stream], 1);
        let (hiredis, hiredis_end) = answers(Parser::Hiredis, &[&stream], 1);
        prop_assert_eq!(native, hiredis);
        let said = |end: Result<bool, Error>| end.map_err(|error| error.to_string());
        prop_assert_eq!(said(native_end), said(hiredis_end));
    }
}
