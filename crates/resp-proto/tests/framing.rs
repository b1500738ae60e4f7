//! What is a reply and what is none: every type, every limit, every kind of error and where it is found.

use resp_proto::{Data, FrameError, FrameErrorKind as Kind, Framer, Limits, MAX_NESTING};

use crate::naive::{self, Node};

pub(crate) fn frame(bytes: &[u8]) -> Result<Option<usize>, FrameError> {
    Ok(Framer::new().advance(bytes)?.map(|frame| frame.len()))
}

fn error(bytes: &[u8]) -> (Kind, usize) {
    match frame(bytes) {
        Err(error) => (error.kind(), error.offset()),
        other => panic!("{} gave {other:?}", bytes.escape_ascii()),
    }
}

pub(crate) fn read(bytes: &[u8]) -> Node {
    let frame = Framer::new().advance(bytes).unwrap().unwrap();
    naive::of_reply(frame.reply())
}

/// One reply of every type and spelling that is legal.
pub(crate) const VALID: &[&[u8]] = &[
    b"+OK\r\n",
    b"+\r\n",
    b"+a longer line, which no word of eight bytes could hold, nor three of them\r\n",
    b"+\xff\x00\r\n",
    b"-ERR unknown command\r\n",
    b"-\r\n",
    b":0\r\n",
    b":-0\r\n",
    b":+5\r\n",
    b":00000000000000000000000000000000000000012\r\n",
    b":1234567\r\n",
    b":12345678\r\n",
    b":-1234567812345678\r\n",
    b":9223372036854775807\r\n",
    b":+9223372036854775807\r\n",
    b":-9223372036854775808\r\n",
    b"$0\r\n\r\n",
    b"$000\r\n\r\n",
    b"$2\r\n\r\n\r\n",
    b"$5\r\nhello\r\n",
    b"$16\r\n0123456789abcdef\r\n",
    b"$00000000000000000000000000000000003\r\nabc\r\n",
    b"$-1\r\n",
    b"*-1\r\n",
    b"_\r\n",
    b",0\r\n",
    b",-0\r\n",
    b",+1.5\r\n",
    b",10\r\n",
    b",1.23\r\n",
    b",1e9\r\n",
    b",1.5E+300\r\n",
    b",-1.5e-300\r\n",
    b",1e999\r\n",
    b",0.1000000000000000055511151231257827021181583404541015625\r\n",
    b",inf\r\n",
    b",-inf\r\n",
    b",nan\r\n",
    b",-nan\r\n",
    b"#t\r\n",
    b"#f\r\n",
    b"(0\r\n",
    b"(+1\r\n",
    b"(-3492890328409238509324850943850943825024385\r\n",
    b"!0\r\n\r\n",
    b"!8\r\nERR a\r\nb\r\n",
    b"=4\r\ntxt:\r\n",
    b"=8\r\nmkd:# Hi\r\n",
    b"*0\r\n",
    b"*2\r\n:1\r\n:2\r\n",
    b"*3\r\n*0\r\n*1\r\n*-1\r\n$-1\r\n",
    b"~0\r\n",
    b"~2\r\n+a\r\n+a\r\n",
    b">0\r\n",
    b">2\r\n+message\r\n*1\r\n:1\r\n",
    b"%0\r\n",
    b"%2\r\n+a\r\n:1\r\n+a\r\n%1\r\n*0\r\n_\r\n",
];

#[test]
fn every_legal_reply_ends_where_it_ends_and_reads_as_the_naive_parser_reads_it() {
    for &bytes in VALID {
        assert_eq!(
            frame(bytes),
            Ok(Some(bytes.len())),
            "{}",
            bytes.escape_ascii()
        );
        let (node, rest) = naive::parse(bytes).unwrap();
        assert!(rest.is_empty());
        assert_eq!(read(bytes), node, "{}", bytes.escape_ascii());
    }
}

#[test]
fn what_follows_a_reply_is_left_alone() {
    for &bytes in VALID {
        for next in [&b"+next\r\n"[..], b"!", b"\0\0\0\0\0\0\0\0\0\0"] {
            let stream = [bytes, next].concat();
            assert_eq!(
                frame(&stream),
                Ok(Some(bytes.len())),
                "{}",
                stream.escape_ascii()
            );
        }
    }
}

#[test]
fn every_illegal_reply_is_refused_with_its_kind_and_place() {
    let table: &[(&[u8], Kind, usize)] = &[
        // Type bytes.
        (b"hello\r\n", Kind::UnknownType, 0),
        (b"\r\n", Kind::UnknownType, 0),
        (b"\0", Kind::UnknownType, 0),
        (b"@1\r\n", Kind::UnknownType, 0),
        (b"*1\r\nx", Kind::UnknownType, 4),
        // Line endings.
        (b"+OK\n", Kind::LineEnding, 3),
        (b"+OK\r\r\n", Kind::LineEnding, 4),
        (b"+O\rK\r\n", Kind::LineEnding, 3),
        (
            b"+a line that is longer than a few words\n",
            Kind::LineEnding,
            39,
        ),
        (b":1\n", Kind::LineEnding, 2),
        (b":1\rx", Kind::LineEnding, 3),
        (b"$1\n", Kind::LineEnding, 2),
        (b"$1\rxa\r\n", Kind::LineEnding, 3),
        (b"*1\n", Kind::LineEnding, 2),
        (b"*12345\rx", Kind::LineEnding, 7),
        (b"_\n", Kind::LineEnding, 1),
        (b"#t\n", Kind::LineEnding, 2),
        // What follows the bytes of a bulk string.
        (b"$1\r\nabc", Kind::BulkEnding, 5),
        (b"$1\r\na\rc", Kind::BulkEnding, 6),
        (b"$1\r\na\n\r", Kind::BulkEnding, 5),
        (b"$1\r\nab\r\n", Kind::BulkEnding, 5),
        (b"$0\r\n+O", Kind::BulkEnding, 4),
        (b"$16\r\n0123456789abcdefgh", Kind::BulkEnding, 21),
        (b"!1\r\nabc", Kind::BulkEnding, 5),
        (b"=5\r\ntxt:abc", Kind::BulkEnding, 9),
        (b"*1\r\n$1\r\nabc", Kind::BulkEnding, 9),
        // Integers.
        (b":\r\n", Kind::Integer, 1),
        (b":+\r\n", Kind::Integer, 2),
        (b":-\r\n", Kind::Integer, 2),
        (b":--1\r\n", Kind::Integer, 2),
        (b":+-1\r\n", Kind::Integer, 2),
        (b":1a\r\n", Kind::Integer, 2),
        (b": 1\r\n", Kind::Integer, 1),
        (b":1 \r\n", Kind::Integer, 2),
        (b":1.0\r\n", Kind::Integer, 2),
        (b":0x1\r\n", Kind::Integer, 2),
        (b":12345678901234567a\r\n", Kind::Integer, 18),
        (b":9223372036854775808\r\n", Kind::Integer, 1),
        (b":-9223372036854775809\r\n", Kind::Integer, 1),
        (b":18446744073709551617\r\n", Kind::Integer, 1),
        (b":99999999999999999999999999\r\n", Kind::Integer, 1),
        // Lengths.
        (b"$\r\n", Kind::Length, 1),
        (b"$-2\r\n", Kind::Length, 1),
        (b"$-0\r\n", Kind::Length, 1),
        (b"$-01\r\n", Kind::Length, 1),
        (b"$+1\r\n", Kind::Length, 1),
        (b"$1a\r\n", Kind::Length, 2),
        (b"$ 1\r\n", Kind::Length, 1),
        (b"!-1\r\n", Kind::Length, 1),
        (b"=-1\r\n", Kind::Length, 1),
        (b"!?\r\n", Kind::Length, 1),
        (b"*\r\n", Kind::Length, 1),
        (b"*-2\r\n", Kind::Length, 1),
        (b"*+1\r\n", Kind::Length, 1),
        (b"*1x\r\n", Kind::Length, 2),
        (b"~-1\r\n", Kind::Length, 1),
        (b">-1\r\n", Kind::Length, 1),
        (b"%-1\r\n", Kind::Length, 1),
        (b"|-1\r\n", Kind::Length, 1),
        (b"*99999999999999999999999x\r\n", Kind::Length, 24),
        // The small types.
        (b"_x\r\n", Kind::Null, 1),
        (b"#\r\n", Kind::Boolean, 1),
        (b"#T\r\n", Kind::Boolean, 1),
        (b"#1\r\n", Kind::Boolean, 1),
        (b"#true\r\n", Kind::Boolean, 1),
        (b",\r\n", Kind::Double, 0),
        (b",.5\r\n", Kind::Double, 0),
        (b",5.\r\n", Kind::Double, 0),
        (b",1e\r\n", Kind::Double, 0),
        (b",1e+\r\n", Kind::Double, 0),
        (b",1.5e1.5\r\n", Kind::Double, 0),
        (b",--1\r\n", Kind::Double, 0),
        (b",0x1p3\r\n", Kind::Double, 0),
        (b",1_000\r\n", Kind::Double, 0),
        (b",Inf\r\n", Kind::Double, 0),
        (b",+inf\r\n", Kind::Double, 0),
        (b",infinity\r\n", Kind::Double, 0),
        (b",NaN\r\n", Kind::Double, 0),
        (b", 1\r\n", Kind::Double, 0),
        (b",1,5\r\n", Kind::Double, 0),
        (b"(\r\n", Kind::BigNumber, 0),
        (b"(-\r\n", Kind::BigNumber, 0),
        (b"(1.0\r\n", Kind::BigNumber, 0),
        (b"(1e3\r\n", Kind::BigNumber, 0),
        (b"=3\r\ntxt\r\n", Kind::Verbatim, 0),
        (b"=0\r\n\r\n", Kind::Verbatim, 0),
        (b"=5\r\ntext:\r\n", Kind::Verbatim, 7),
        // What RESP3 describes and no server sends.
        (b"$?\r\n", Kind::Streamed, 1),
        (b"*?\r\n", Kind::Streamed, 1),
        (b"~?\r\n", Kind::Streamed, 1),
        (b"%?\r\n", Kind::Streamed, 1),
        (b">?\r\n", Kind::Streamed, 1),
        (b"|?\r\n", Kind::Streamed, 1),
        (b";4\r\n", Kind::Streamed, 0),
        (b".\r\n", Kind::Streamed, 0),
    ];
    for &(bytes, kind, offset) in table {
        assert_eq!(error(bytes), (kind, offset), "{}", bytes.escape_ascii());
        assert_eq!(
            naive::parse(bytes).unwrap_err(),
            naive::Stop::Invalid,
            "{}",
            bytes.escape_ascii()
        );
    }
}

#[test]
fn an_error_inside_an_aggregate_tells_its_place_in_the_whole_reply() {
    let bytes = b"*2\r\n%1\r\n+key\r\n*2\r\n:1\r\n:x\r\n";
    assert_eq!(error(bytes), (Kind::Integer, bytes.len() - 3));
    assert_eq!(
        frame(bytes).unwrap_err().to_string(),
        "expected an integer of 64 bits, found \"x\" at byte 23 of the reply"
    );
}

#[test]
fn the_three_nulls_are_the_same_value_in_three_spellings() {
    for null in [&b"$-1\r\n"[..], b"*-1\r\n", b"_\r\n"] {
        let reply = Framer::new().advance(null).unwrap().unwrap().reply();
        assert!(reply.is_null());
        assert!(matches!(reply.data(), Data::Null));
        assert_eq!(reply.bytes(), null);
    }
}

#[test]
fn after_an_error_nothing_more_comes_out() {
    let mut framer = Framer::new();
    let first = framer.advance(b"?\r\n").unwrap_err();
    for bytes in [&b"+OK\r\n"[..], b"", b":1\r\n:2\r\n"] {
        assert_eq!(framer.advance(bytes).unwrap_err(), first);
    }
}

#[test]
fn replies_before_an_error_are_still_given_out() {
    let mut framer = Framer::new();
    let stream = b"+OK\r\n:1\r\n:x\r\n";
    assert_eq!(framer.advance(stream).unwrap().unwrap().len(), 5);
    assert_eq!(framer.advance(&stream[5..]).unwrap().unwrap().len(), 4);
    assert_eq!(
        framer.advance(&stream[9..]).unwrap_err().kind(),
        Kind::Integer
    );
}

#[test]
fn an_attribute_belongs_to_the_value_after_it_and_is_no_element() {
    let bytes = b"*3\r\n:1\r\n|1\r\n+ttl\r\n:3600\r\n:2\r\n:3\r\n";
    let frame = Framer::new().advance(bytes).unwrap().unwrap();
    assert_eq!(frame.len(), bytes.len());
    let numbers: Vec<i64> = frame.reply().decode().unwrap();
    assert_eq!(numbers, [1, 2, 3]);
    let second = frame.reply().elements().unwrap().nth(1).unwrap();
    let ttl: Vec<(&str, i64)> = second
        .attributes()
        .map(|(name, value)| (name.decode().unwrap(), value.decode().unwrap()))
        .collect();
    assert_eq!(ttl, [("ttl", 3600)]);
    assert_eq!(second.bytes(), b":2\r\n");
}

#[test]
fn attributes_may_stand_anywhere_repeat_nest_and_be_empty() {
    for bytes in [
        &b"|1\r\n+a\r\n:1\r\n+OK\r\n"[..],
        b"|0\r\n+OK\r\n",
        b"|0\r\n|0\r\n|0\r\n*0\r\n",
        b"|1\r\n+a\r\n:1\r\n|1\r\n+b\r\n:2\r\n+OK\r\n",
        b"|1\r\n|1\r\n+deep\r\n:1\r\n+key\r\n|1\r\n+deep\r\n:2\r\n+value\r\n+OK\r\n",
        b"%1\r\n|1\r\n+a\r\n:1\r\n+key\r\n|1\r\n+b\r\n:2\r\n+value\r\n",
        b"*1\r\n|1\r\n+a\r\n*2\r\n:1\r\n:2\r\n~1\r\n|0\r\n$1\r\nx\r\n",
        b">2\r\n+invalidate\r\n|1\r\n+a\r\n_\r\n*1\r\n$1\r\nk\r\n",
    ] {
        assert_eq!(
            frame(bytes),
            Ok(Some(bytes.len())),
            "{}",
            bytes.escape_ascii()
        );
        assert_eq!(
            read(bytes),
            naive::parse(bytes).unwrap().0,
            "{}",
            bytes.escape_ascii()
        );
        for end in 0..bytes.len() {
            assert_eq!(
                frame(&bytes[..end]),
                Ok(None),
                "{}",
                bytes[..end].escape_ascii()
            );
        }
    }
}

#[test]
fn an_attribute_without_a_value_after_it_is_incomplete() {
    assert_eq!(frame(b"|1\r\n+a\r\n:1\r\n"), Ok(None));
    assert_eq!(frame(b"*1\r\n|1\r\n+a\r\n:1\r\n"), Ok(None));
    assert_eq!(frame(b"|0\r\n"), Ok(None));
}

#[test]
fn a_framer_says_how_many_bytes_it_waits_for() {
    let mut framer = Framer::new();
    assert!(!framer.is_inside_reply());
    assert_eq!(framer.needed(), 1);
    assert!(framer.advance(b"$10\r\nab").unwrap().is_none());
    assert!(framer.is_inside_reply());
    assert_eq!(framer.needed(), 17);
    assert!(framer.advance(b"$10\r\n0123456789\r\n").unwrap().is_some());
    assert!(!framer.is_inside_reply());
    assert_eq!(framer.needed(), 1);
}

#[test]
fn a_header_that_claims_much_costs_nothing_until_it_comes() {
    let limits = Limits::new().bulk_length(usize::MAX);
    let mut framer = Framer::with_limits(limits.frame_length(usize::MAX));
    let most = format!("${}\r\n", usize::MAX);
    assert!(framer.advance(most.as_bytes()).unwrap().is_none());
    assert_eq!(framer.needed(), usize::MAX);
}

#[test]
fn a_deep_reply_is_viewed_without_recursion() {
    let deep = [b"*1\r\n".repeat(MAX_NESTING), b":1\r\n".to_vec()].concat();
    let frame = Framer::new().advance(&deep).unwrap().unwrap();
    let mut reply = frame.reply();
    let mut depth = 0;
    while let Some(mut elements) = reply.elements() {
        reply = elements.next().unwrap();
        depth += 1;
    }
    assert_eq!((depth, reply.decode()), (MAX_NESTING, Ok(1)));
}

#[test]
fn only_a_bulk_string_that_is_all_of_the_reply_can_be_ended_from_outside() {
    for begun in [
        &b""[..],
        b"*2\r\n:1\r\n",
        b"*1\r\n$9\r\nabc",
        b"+ab",
        b"$9",
        b"=9\r\ntxt:",
    ] {
        let mut framer = Framer::new();
        assert_eq!(
            framer.advance(begun).map(|frame| frame.is_some()),
            Ok(false)
        );
        let refused = framer.end_bulk(*b"\r\n").unwrap_err();
        assert_eq!(refused.kind(), Kind::BulkEnding, "{}", begun.escape_ascii());
        assert_eq!(framer.advance(begun).map(|_| ()), Err(refused));
        assert_eq!(framer.end_bulk(*b"\r\n"), Err(refused));
    }
    let mut framer = Framer::new();
    assert!(framer.advance(b"$3\r\na").unwrap().is_none());
    assert_eq!(framer.end_bulk(*b"\r\n"), Ok(()));
    assert!(framer.advance(b":1\r\n").unwrap().is_some());
}

#[test]
fn a_number_that_is_too_large_is_called_that_and_a_limit_is_named() {
    let error = |bytes: &[u8]| Framer::new().advance(bytes).unwrap_err().to_string();
    for number in [
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
    ] {
        let line = format!(":{number}\r\n");
        assert_eq!(
            error(line.as_bytes()),
            "expected an integer of 64 bits, found a number that is too large at byte 1 of the reply"
        );
    }
    assert_eq!(
        error(b":12x\r\n"),
        "expected an integer of 64 bits, found \"x\" at byte 3 of the reply"
    );
    assert_eq!(
        error(b"$536870913\r\n"),
        "a bulk string is longer than the limit (Limits::bulk_length) at byte 0 of the reply"
    );
}

#[test]
fn going_down_to_what_is_nested_last_costs_the_same_however_much_it_holds() {
    let deep = b"*1\r\n".repeat(MAX_NESTING - 1);
    let bytes = [deep, b"*100000\r\n".to_vec(), b":1\r\n".repeat(100_000)].concat();
    let frame = Framer::new().advance(&bytes).unwrap().unwrap();
    let begun = std::time::Instant::now();
    for _ in 0..100 {
        let mut reply = frame.reply();
        for _ in 1..MAX_NESTING {
            reply = reply.elements().unwrap().next().unwrap();
        }
        assert_eq!(reply.elements().unwrap().len(), 100_000);
    }
    // A walk over what is inside for every level would take a minute.
    assert!(begun.elapsed().as_secs() < 6, "{:?}", begun.elapsed());
}
