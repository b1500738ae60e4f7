//! What resp2json prints, and what it answers its caller.

use std::io::Read;

use resp_proto::{MAX_NESTING, Protocol};

use crate::{Arguments, run};

fn printed(chunk: Option<usize>, protocol: Protocol, stream: &[u8]) -> (Vec<String>, u8) {
    let arguments = Arguments {
        chunk,
        protocol,
        file: None,
    };
    let mut output = Vec::new();
    let status = run(&arguments, stream, &mut output).unwrap();
    let lines = String::from_utf8(output).unwrap();
    (lines.lines().map(str::to_owned).collect(), status)
}

fn value(stream: &[u8]) -> String {
    let (lines, status) = printed(None, Protocol::Resp3, stream);
    assert_eq!((lines.len(), status), (2, 0), "{lines:?}");
    let line = lines[0].strip_prefix(&format!("{{\"end\": {}, \"value\": ", stream.len()));
    line.and_then(|line| line.strip_suffix('}'))
        .unwrap()
        .to_owned()
}

#[test]
fn every_type_has_its_object() {
    let table: &[(&[u8], &str)] = &[
        (b"+OK\r\n", r#"{"t": "simple", "v": "OK"}"#),
        (b"+\xff\r\n", r#"{"t": "simple", "x": "ff"}"#),
        (b"-ERR \"no\"\r\n", r#"{"t": "error", "v": "ERR \"no\""}"#),
        (b":+5\r\n", r#"{"t": "int", "v": "5"}"#),
        (
            b":-9223372036854775808\r\n",
            r#"{"t": "int", "v": "-9223372036854775808"}"#,
        ),
        (
            b"$4\r\n\r\n\t\x01\r\n",
            r#"{"t": "bulk", "v": "\r\n\t\u0001"}"#,
        ),
        (
            b"$2\r\n\xc3\xa4\r\n",
            "{\"t\": \"bulk\", \"v\": \"\u{e4}\"}",
        ),
        (b"$2\r\n\xc3\x28\r\n", r#"{"t": "bulk", "x": "c328"}"#),
        (b"$-1\r\n", r#"{"t": "null", "form": "$-1"}"#),
        (b"*-1\r\n", r#"{"t": "null", "form": "*-1"}"#),
        (b"_\r\n", r#"{"t": "null", "form": "_"}"#),
        (
            b",1.50\r\n",
            r#"{"t": "double", "v": "1.50", "bits": "3ff8000000000000"}"#,
        ),
        (
            b",-0\r\n",
            r#"{"t": "double", "v": "-0", "bits": "8000000000000000"}"#,
        ),
        (
            b",-inf\r\n",
            r#"{"t": "double", "v": "-inf", "bits": "fff0000000000000"}"#,
        ),
        (b",nan\r\n", r#"{"t": "double", "v": "nan", "bits": "nan"}"#),
        (b"#t\r\n", r#"{"t": "bool", "v": true}"#),
        (b"(+12\r\n", r#"{"t": "big", "v": "+12"}"#),
        (b"!2\r\n\r\n\r\n", r#"{"t": "bulkerror", "v": "\r\n"}"#),
        (
            b"=6\r\ntxt:hi\r\n",
            r#"{"t": "verbatim", "v": "hi", "fmt": "txt"}"#,
        ),
        (b"*0\r\n", r#"{"t": "array", "v": []}"#),
        (
            b"~2\r\n:1\r\n:1\r\n",
            r#"{"t": "set", "v": [{"t": "int", "v": "1"}, {"t": "int", "v": "1"}]}"#,
        ),
        (
            b">1\r\n_\r\n",
            r#"{"t": "push", "v": [{"t": "null", "form": "_"}]}"#,
        ),
        (
            b"%2\r\n+a\r\n:1\r\n+a\r\n:2\r\n",
            concat!(
                r#"{"t": "map", "v": [[{"t": "simple", "v": "a"}, {"t": "int", "v": "1"}], "#,
                r#"[{"t": "simple", "v": "a"}, {"t": "int", "v": "2"}]]}"#
            ),
        ),
        (
            b"|1\r\n+a\r\n*0\r\n|0\r\n|1\r\n+b\r\n#f\r\n:1\r\n",
            concat!(
                r#"{"t": "int", "v": "1", "attrs": [[{"t": "simple", "v": "a"}, {"t": "array", "v": []}], "#,
                r#"[{"t": "simple", "v": "b"}, {"t": "bool", "v": false}]]}"#
            ),
        ),
        (
            b"|1\r\n+a\r\n:1\r\n*1\r\n|1\r\n+b\r\n:2\r\n_\r\n",
            concat!(
                r#"{"t": "array", "v": [{"t": "null", "form": "_", "attrs": "#,
                r#"[[{"t": "simple", "v": "b"}, {"t": "int", "v": "2"}]]}], "#,
                r#""attrs": [[{"t": "simple", "v": "a"}, {"t": "int", "v": "1"}]]}"#
            ),
        ),
    ];
    for (stream, expected) in table {
        assert_eq!(value(stream), *expected);
    }
}

#[test]
fn offsets_and_states_are_the_same_however_the_stream_is_fed() {
    let table: &[(&[u8], &str, u8)] = &[
        (b"", r#"{"state": "ok", "offset": 0}"#, 0),
        (b"+OK\r\n:1\r\n", r#"{"state": "ok", "offset": 9}"#, 0),
        (
            b"+OK\r\n*2\r\n:1\r\n",
            r#"{"state": "incomplete", "offset": 5}"#,
            1,
        ),
        (b"+OK\r", r#"{"state": "incomplete", "offset": 0}"#, 1),
        (
            b"+OK\r\n*2\r\n:1\r\n:x\r\n",
            concat!(
                r#"{"state": "error", "error": "expected an integer of 64 bits, "#,
                r#"found \"x\" at byte 9 of the reply", "offset": 14}"#
            ),
            2,
        ),
    ];
    for (stream, last, status) in table {
        let whole = printed(None, Protocol::Resp3, stream);
        assert_eq!(
            (whole.0.last().unwrap().as_str(), whole.1),
            (*last, *status)
        );
        for chunk in 1..=stream.len() {
            assert_eq!(
                printed(Some(chunk), Protocol::Resp3, stream),
                whole,
                "{chunk} at a time"
            );
        }
    }
}

#[test]
fn resp2_has_fewer_types() {
    let stream = b"*1\r\n$-1\r\n%0\r\n";
    assert_eq!(printed(None, Protocol::Resp3, stream).1, 0);
    let (lines, status) = printed(None, Protocol::Resp2, stream);
    assert_eq!((lines.len(), status), (2, 2));
    assert!(lines[1].ends_with("\"offset\": 9}"), "{lines:?}");
}

#[test]
fn the_deepest_nesting_prints_and_a_deeper_one_is_an_error() {
    let deep = [b"*1\r\n".repeat(MAX_NESTING), b":1\r\n".to_vec()].concat();
    assert_eq!(value(&deep).matches("array").count(), MAX_NESTING);
    let (lines, status) = printed(None, Protocol::Resp3, &b"*1\r\n".repeat(1_000_000));
    assert_eq!((lines.len(), status), (1, 2));
}

/// Endlessly many replies, of which a reader that keeps them would die.
struct Endless {
    left: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(self.left) / 4 * 4;
        buffer[..count].copy_from_slice(&b":1\r\n".repeat(count / 4));
        self.left -= count;
        Ok(count)
    }
}

#[test]
fn what_was_printed_is_not_kept_and_what_is_claimed_is_not_reserved() {
    let arguments = Arguments {
        chunk: Some(64),
        protocol: Protocol::Resp3,
        file: None,
    };
    let status = run(&arguments, Endless { left: 4 << 20 }, std::io::sink()).unwrap();
    assert_eq!(status, 0);
    for claim in [&b"$536870912\r\n"[..], b"*67108864\r\n", b"%33554432\r\n"] {
        let (lines, status) = printed(None, Protocol::Resp3, claim);
        assert_eq!((lines.len(), status), (1, 1));
    }
}

#[test]
fn arguments_are_understood_or_refused() {
    let parse = |words: &[&str]| Arguments::parse(words.iter().map(|&word| word.to_owned()));
    let arguments = parse(&["--chunk", "7", "--protocol", "2", "dump"]).unwrap();
    assert_eq!(
        (arguments.chunk, arguments.protocol),
        (Some(7), Protocol::Resp2)
    );
    assert_eq!(arguments.file.as_deref(), Some("dump"));
    for wrong in [
        &["--chunk"][..],
        &["--chunk", "x"],
        &["--protocol", "4"],
        &["--what"],
    ] {
        assert!(parse(wrong).is_err());
    }
}
