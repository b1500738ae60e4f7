//! What is taken before a reply has ended, and replies that are taken together.

use resp_proto::{Framer, Limits};

use crate::{
    framing::{VALID, frame, read},
    naive::Tree,
};

/// For every reply that is a bulk string, and for all that begin like one.
#[test]
fn the_text_of_a_bulk_string_can_be_taken_before_its_end_has_come() {
    let mut taken = 0;
    for reply in VALID {
        for arrived in 1..reply.len() {
            let mut framer = Framer::new();
            assert_eq!(framer.advance(&reply[..arrived]).map(drop), Ok(()));
            let Some(text) = framer.bulk_ahead(&reply[..arrived]) else {
                let is_known = arrived > 2 && reply[..arrived].ends_with(b"\r\n");
                assert!(!(is_known && reply[0] == b'$'), "{}", reply.escape_ascii());
                continue;
            };
            taken += 1;
            assert_eq!(reply[0], b'$');
            assert_eq!(read(reply).tree, Tree::Bulk(reply[text.clone()].to_vec()));
            assert_eq!(framer.end_bulk(*b"\r\n"), Ok(()));
            assert_eq!(text.end + 2, reply.len());
            assert!(!framer.is_inside_reply());
            assert!(framer.advance(b":1\r\n").unwrap().is_some());
        }
    }
    assert!(taken > 10, "{taken}");
}

#[test]
fn a_text_that_was_taken_and_ends_otherwise_fails_as_if_it_had_not_been() {
    for ending in [b"xx", b"\rx", b"\n\r"] {
        let reply = [b"$5\r\nhello".as_slice(), ending].concat();
        let mut framer = Framer::new();
        assert!(framer.advance(&reply[..7]).unwrap().is_none());
        assert_eq!(framer.bulk_ahead(&reply[..7]), Some(4..9));
        let error = framer.end_bulk(*ending).unwrap_err();
        assert_eq!(Err(error), frame(&reply));
        assert_eq!(framer.end_bulk(*b"\r\n"), Err(error));
        assert_eq!(framer.advance(b"+OK\r\n").map(drop), Err(error));
    }
}

#[test]
fn frequent_replies_are_those_that_would_be_found_one_by_one_and_no_errors() {
    let plain = b"+OK\r\n:12\r\n$5\r\nhello\r\n,1.5\r\n$100\r\n";
    let text = [b'x'; 100];
    let plain = [plain.as_slice(), &text, b"\r\n"].concat();
    for after in [
        "-ERR no\r\n",
        ">0\r\n",
        "*0\r\n",
        "_\r\n",
        "|0\r\n:1\r\n",
        "!0\r\n\r\n",
        "",
        "x",
        "$5\r\nhel",
    ] {
        let buffer = [&plain, after.as_bytes()].concat();
        for most in 0..7 {
            let (replies, length) = Framer::new().frequent(&buffer, most);
            let (mut framer, mut at) = (Framer::new(), 0);
            for reply in replies {
                let frame = framer.advance(&buffer[at..]).unwrap().unwrap();
                assert_eq!(reply.bytes(), frame.bytes(), "before {after:?}");
                at += frame.len();
            }
            assert_eq!(
                (replies.len(), at),
                (most.min(5), length),
                "before {after:?}"
            );
        }
    }
    // None inside of a reply, beyond a limit, or of another protocol.
    let mut framer = Framer::new();
    assert!(framer.advance(b"*1\r\n").unwrap().is_none());
    assert!(framer.frequent(b":1\r\n", 9).0.is_empty());
    for limits in [Limits::new().bulk_length(4), Limits::new().frame_length(10)] {
        let framer = Framer::with_limits(limits);
        assert!(framer.frequent(b"$5\r\nhello\r\n", 9).0.is_empty());
    }
    let old = Framer::with_limits(Limits::new().protocol(resp_proto::Protocol::Resp2));
    assert!(old.frequent(b",1.5\r\n", 9).0.is_empty());
}
