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
        (b"$18446744073709551617\r\n", Kind::Length, 0),
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
        (b"*99999999999999999999999\r\n", Kind::Length, 0),
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

fn with(limits: Limits, bytes: &[u8]) -> Result<Option<usize>, (Kind, usize)> {
    match Framer::with_limits(limits).advance(bytes) {
        Ok(frame) => Ok(frame.map(|frame| frame.len())),
        Err(error) => Err((error.kind(), error.offset())),
    }
}

#[test]
fn nesting_up_to_the_limit_passes_and_one_level_more_does_not() {
    for levels in [1, 2, 7, MAX_NESTING] {
        let limits = Limits::new().nesting(levels);
        let deep = |levels| [b"*1\r\n".repeat(levels), b":1\r\n".to_vec()].concat();
        assert_eq!(with(limits, &deep(levels)), Ok(Some(levels * 4 + 4)));
        let refused = Err((Kind::NestingLimit, levels * 4));
        assert_eq!(with(limits, &deep(levels + 1)), refused);
        // The header alone is enough to refuse.
        assert_eq!(with(limits, &b"*1\r\n".repeat(levels + 1)), refused);
    }
    let limits = Limits::new().nesting(usize::MAX);
    let deeper = b"*1\r\n".repeat(MAX_NESTING + 1);
    assert_eq!(
        with(limits, &deeper),
        Err((Kind::NestingLimit, MAX_NESTING * 4))
    );
}

#[test]
fn an_empty_aggregate_is_no_level_of_nesting() {
    let limits = Limits::new().nesting(1);
    assert_eq!(with(limits, b"*2\r\n*0\r\n%0\r\n"), Ok(Some(12)));
    assert_eq!(with(Limits::new().nesting(0), b"*0\r\n"), Ok(Some(4)));
    let refused = Err((Kind::NestingLimit, 0));
    assert_eq!(with(Limits::new().nesting(0), b"*1\r\n"), refused);
}

#[test]
fn attributes_count_as_levels_of_nesting_while_they_are_open() {
    let limits = Limits::new().nesting(1);
    assert_eq!(
        with(limits, b"|1\r\n+a\r\n+b\r\n*1\r\n:1\r\n"),
        Ok(Some(20))
    );
    let nested = Err((Kind::NestingLimit, 8));
    assert_eq!(with(limits, b"|1\r\n+a\r\n*1\r\n"), nested);
    let without_end = b"|1\r\n".repeat(MAX_NESTING + 1);
    let endless = Err((Kind::NestingLimit, MAX_NESTING * 4));
    assert_eq!(with(Limits::new(), &without_end), endless);
}

#[test]
fn a_reply_has_at_most_128_groups_of_attributes() {
    for group in ["|0\r\n", "|1\r\n+a\r\n+b\r\n"] {
        let with_groups = |groups| format!("{}:1\r\n", group.repeat(groups)).into_bytes();
        let most = with_groups(128);
        assert_eq!(with(Limits::new(), &most), Ok(Some(most.len())));
        let refused = Err((Kind::AttributeLimit, 128 * group.len()));
        assert_eq!(with(Limits::new(), &with_groups(129)), refused);
        // The next reply has as many again, and elements have what they like.
        let twice = [most.clone(), most.clone()].concat();
        let mut framer = Framer::new();
        assert!(framer.advance(&twice).unwrap().is_some());
        assert!(framer.advance(&most).unwrap().is_some());
        let inside = [b"*1\r\n".to_vec(), with_groups(129)].concat();
        assert_eq!(with(Limits::new(), &inside), Ok(Some(inside.len())));
    }
}

#[test]
fn the_limit_on_bulk_strings_is_checked_on_the_header() {
    let limits = Limits::new().bulk_length(5);
    for kind in ["$", "!"] {
        let at = format!("{kind}5\r\nhello\r\n");
        assert_eq!(with(limits, at.as_bytes()), Ok(Some(11)));
        let over = format!("{kind}6\r\n");
        assert_eq!(with(limits, over.as_bytes()), Err((Kind::BulkLimit, 0)));
    }
    assert_eq!(with(limits, b"=6\r\n"), Err((Kind::BulkLimit, 0)));
    assert_eq!(with(Limits::new(), b"$536870912\r\n"), Ok(None));
    assert_eq!(
        with(Limits::new(), b"$536870913\r\n"),
        Err((Kind::BulkLimit, 0))
    );
}

#[test]
fn the_limit_on_elements_counts_keys_and_values_of_maps() {
    let limits = Limits::new().elements(2);
    assert_eq!(with(limits, b"*2\r\n:1\r\n:2\r\n"), Ok(Some(12)));
    assert_eq!(with(limits, b"%1\r\n:1\r\n:2\r\n"), Ok(Some(12)));
    for over in [&b"*3\r\n"[..], b"~3\r\n", b">3\r\n", b"%2\r\n", b"|2\r\n"] {
        assert_eq!(with(limits, over), Err((Kind::ElementsLimit, 0)));
    }
    let most = Limits::new().elements(usize::MAX);
    assert_eq!(with(most, b"*2147483647\r\n"), Ok(None));
    for over in [
        &b"*2147483648\r\n"[..],
        b"%1073741824\r\n",
        b"%18446744073709551615\r\n",
    ] {
        assert_eq!(with(most, over), Err((Kind::ElementsLimit, 0)));
    }
}

#[test]
fn the_limit_on_lines_counts_the_type_byte_and_not_the_crlf() {
    let limits = Limits::new().line_length(80);
    let line = |length: usize, end: &str| format!("+{}{end}", "x".repeat(length - 1));
    assert_eq!(with(limits, line(80, "\r\n").as_bytes()), Ok(Some(82)));
    assert_eq!(with(limits, line(80, "\r").as_bytes()), Ok(None));
    assert_eq!(with(limits, line(80, "").as_bytes()), Ok(None));
    for end in ["", "\r", "\r\n"] {
        let over = line(81, end);
        let refused = Err((Kind::LineLimit, 0));
        assert_eq!(with(limits, over.as_bytes()), refused);
    }
    let zeros = format!("${}\r\n", "0".repeat(80));
    assert_eq!(with(limits, zeros.as_bytes()), Err((Kind::LineLimit, 0)));
}

#[test]
fn the_limit_on_lines_is_never_below_what_headers_need() {
    let limits = Limits::new().line_length(0);
    assert_eq!(with(limits, b":-9223372036854775808\r\n"), Ok(Some(23)));
    let over = format!("+{}", "x".repeat(64));
    assert_eq!(with(limits, over.as_bytes()), Err((Kind::LineLimit, 0)));
}

#[test]
fn the_limit_on_replies_counts_all_of_their_bytes_however_they_arrive() {
    for &bytes in VALID {
        let stream = [bytes, b"+next\r\n"].concat();
        let limits = |most| Limits::new().frame_length(most);
        let kept = with(limits(bytes.len()), &stream);
        assert_eq!(kept, Ok(Some(bytes.len())), "{}", bytes.escape_ascii());
        let refused = with(limits(bytes.len() - 1), &stream).unwrap_err();
        assert_eq!(refused.0, Kind::FrameLimit, "{}", bytes.escape_ascii());
        for split in 0..bytes.len() {
            let mut framer = Framer::with_limits(limits(bytes.len()));
            assert!(framer.advance(&stream[..split]).unwrap().is_none());
            assert!(framer.advance(&stream).unwrap().is_some());

            let mut framer = Framer::with_limits(limits(bytes.len() - 1));
            let early = framer.advance(&stream[..split]);
            let error = early.err().or_else(|| framer.advance(&stream).err());
            let found = error.map(|error| (error.kind(), error.offset()));
            assert_eq!(found, Some(refused), "{} at {split}", bytes.escape_ascii());
        }
    }
}

#[test]
fn the_limit_on_replies_is_met_by_a_header_and_by_floods_that_keep_to_all_others() {
    let limits = Limits::new().frame_length(1000);
    assert_eq!(with(limits, b"$992\r\n"), Ok(None));
    assert_eq!(with(limits, b"$993\r\n"), Err((Kind::FrameLimit, 0)));
    assert_eq!(with(limits, b"*2\r\n$988\r\n"), Ok(None));
    assert_eq!(with(limits, b"*2\r\n$989\r\n"), Err((Kind::FrameLimit, 4)));
    for flood in [
        [b"*1\r\n".to_vec(), b"|1\r\n+a\r\n:1\r\n".repeat(100)].concat(),
        [b"*1\r\n".to_vec(), b"|0\r\n".repeat(300)].concat(),
        [b"*100000\r\n".to_vec(), b":1\r\n".repeat(300)].concat(),
        [b"*100000\r\n".to_vec(), b"*1\r\n_\r\n".repeat(200)].concat(),
    ] {
        let refused = with(limits, &flood).unwrap_err();
        assert_eq!(refused.0, Kind::FrameLimit);
        assert!(refused.1 > 980, "{refused:?}");
        assert_eq!(with(limits, &flood[..1000]), Err(refused));
        assert_eq!(with(limits, &flood[..980]), Ok(None));
    }
}

#[test]
fn the_default_limit_on_replies_lets_the_largest_bulk_string_and_arrays_of_many_through() {
    let header = |array: &str| with(Limits::new(), format!("{array}$536870912\r\n").as_bytes());
    assert_eq!(header(""), Ok(None));
    assert_eq!(header("*67108864\r\n"), Ok(None));
    let most = Limits::new().bulk_length(usize::MAX);
    assert_eq!(with(most, b"$1073741809\r\n"), Ok(None));
    assert_eq!(with(most, b"$1073741810\r\n"), Err((Kind::FrameLimit, 0)));
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
fn no_reply_fits_a_limit_that_is_shorter_than_any() {
    for limit in 0..3 {
        for reply in [&b"+OK\r\n"[..], b"_\r\n", b"$1\r\na\r\n", b"*1\r\n_\r\n"] {
            let refused = |error: FrameError| error.kind() == Kind::FrameLimit;
            let limits = Limits::new().frame_length(limit);
            let whole = Framer::with_limits(limits).advance(reply).map(|_| ());
            assert!(
                whole.is_err_and(refused),
                "{limit} {}",
                reply.escape_ascii()
            );
            let mut framer = Framer::with_limits(limits);
            let pieces: Result<Vec<_>, _> = (0..=reply.len())
                .map(|arrived| framer.advance(&reply[..arrived]).map(|_| ()))
                .collect();
            assert!(
                pieces.is_err_and(refused),
                "{limit} {}",
                reply.escape_ascii()
            );
        }
    }
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
    for kind in ["$", "*", "%", "~"] {
        let line = format!("{kind}340282366920938463463374607431768211456\r\n");
        assert_eq!(
            error(line.as_bytes()),
            "expected a length, found a number that is too large at byte 0 of the reply"
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
