//! What no reply may be more of: deeper, longer or larger than the limits say.

use resp_proto::{FrameError, FrameErrorKind as Kind, Framer, Limits, MAX_NESTING};

use crate::framing::VALID;

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
    assert_eq!(with(Limits::new().nesting(0), b"|0\r\n*0\r\n"), Ok(Some(8)));
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
fn a_length_beyond_all_memory_passes_the_same_limit_on_machines_of_all_sizes() {
    let most = Limits::new().bulk_length(usize::MAX).elements(usize::MAX);
    for length in ["4294967296", "18446744073709551616", &"9".repeat(60)] {
        for limits in [Limits::new(), most] {
            let refused = |kind| {
                let error = with(limits, format!("{kind}{length}\r\n").as_bytes()).unwrap_err();
                (error.1 == 0).then_some(error.0)
            };
            for kind in ["*", "~", ">", "%", "|"] {
                assert_eq!(refused(kind), Some(Kind::ElementsLimit), "{kind}{length}");
            }
            let expected = match limits == most {
                true => Kind::FrameLimit,
                false => Kind::BulkLimit,
            };
            for kind in ["$", "!", "="] {
                assert_eq!(refused(kind), Some(expected), "{kind}{length}");
            }
        }
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
