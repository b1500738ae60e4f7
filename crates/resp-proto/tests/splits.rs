//! However a stream is cut into pieces, the same replies come out of it.

use resp_proto::{FrameError, Framer};

use crate::{
    framing::VALID,
    naive::{self, Node},
};

/// All replies of a stream that arrives in pieces, and the error that ended it.
fn read_in_pieces(
    stream: &[u8],
    arrivals: impl Iterator<Item = usize>,
) -> (Vec<Node>, Option<FrameError>) {
    let mut framer = Framer::new();
    let mut nodes = Vec::new();
    let mut start = 0;
    for arrived in arrivals {
        loop {
            match framer.advance(&stream[start..arrived]) {
                Ok(Some(frame)) => {
                    nodes.push(naive::of_reply(frame.reply()));
                    start += frame.len();
                }
                Ok(None) => break,
                Err(error) => return (nodes, Some(error)),
            }
        }
    }
    (nodes, None)
}

fn streams() -> Vec<Vec<u8>> {
    let mut streams: Vec<Vec<u8>> = VALID.iter().map(|reply| reply.to_vec()).collect();
    streams.push(VALID.concat());
    let nested = VALID.iter().fold(b"_\r\n".to_vec(), |inner, reply| {
        [b"*2\r\n", *reply, &inner].concat()
    });
    streams.push(nested);
    streams.push(
        b"*2\r\n|1\r\n+a\r\n|0\r\n:1\r\n$3\r\nabc\r\n|2\r\n+a\r\n:1\r\n+b\r\n*0\r\n%0\r\n".to_vec(),
    );
    for illegal in [
        &b"+OK\r\n:12\r\n*2\r\n$3\r\nabcd\r\n"[..],
        b"*2\r\n:1\r\n:12x4\r\n",
        b"+a\rb\r\n",
        b"*1\r\n*?\r\n",
        b"=8\r\ntext:abc\r\n",
        b"$5\r\nhello\rx",
        // What was looked at of one line says nothing about the next.
        b"*2\r\n+longer than that\r\n+no\nline\r\n",
    ] {
        streams.push(illegal.to_vec());
    }
    streams
}

#[test]
fn every_two_way_split_gives_the_same_replies_and_the_same_error() {
    for stream in streams() {
        let whole = read_in_pieces(&stream, [stream.len()].into_iter());
        for cut in 0..stream.len() {
            let pieces = read_in_pieces(&stream, [cut, stream.len()].into_iter());
            assert_eq!(pieces, whole, "{} cut at {cut}", stream.escape_ascii());
        }
    }
}

#[test]
fn byte_by_byte_gives_the_same_replies_and_the_same_error() {
    for stream in streams() {
        let whole = read_in_pieces(&stream, [stream.len()].into_iter());
        let pieces = read_in_pieces(&stream, 0..=stream.len());
        assert_eq!(pieces, whole, "{}", stream.escape_ascii());
    }
}

#[test]
fn every_proper_prefix_of_a_legal_reply_is_incomplete() {
    for reply in VALID {
        for end in 0..reply.len() {
            let prefix = &reply[..end];
            assert_eq!(
                Framer::new().advance(prefix).map(|frame| frame.is_some()),
                Ok(false),
                "{}",
                prefix.escape_ascii()
            );
        }
    }
}

#[test]
fn a_long_line_in_pieces_is_looked_at_once() {
    // Restarting at the front of the line with every byte would take minutes.
    let line = [b"+".to_vec(), vec![b'x'; 40_000], b"\r\n".to_vec()].concat();
    let stream = line.repeat(5);
    let begun = std::time::Instant::now();
    let (nodes, error) = read_in_pieces(&stream, 0..=stream.len());
    assert_eq!((nodes.len(), error), (5, None));
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn a_long_number_in_pieces_is_looked_at_once() {
    // The same for the readers of numbers, which know no end of digits by themselves.
    for kind in [",", ":", "$", "(", "*", ",1.", ",1e"] {
        let digits = "0".repeat(60_000);
        let stream = format!("{kind}{digits}0\r\n");
        let stream = stream.as_bytes();
        let mut framer = Framer::new();
        let begun = std::time::Instant::now();
        for arrived in 0..stream.len() {
            assert_eq!(
                framer
                    .advance(&stream[..arrived])
                    .map(|frame| frame.is_some()),
                Ok(false)
            );
        }
        assert!(
            begun.elapsed().as_secs() < 6,
            "{kind} {:?}",
            begun.elapsed()
        );
    }
}

#[test]
fn a_long_array_in_pieces_is_looked_at_once() {
    // With a restart at the front of the array, 400,000 headers would be read 3,200 times over.
    let elements = b"$1\r\na\r\n".repeat(400_000);
    let stream = [b"*400000\r\n".to_vec(), elements].concat();
    let mut framer = Framer::new();
    let begun = std::time::Instant::now();
    let arrivals = (0..=stream.len()).step_by(875).chain([stream.len()]);
    let mut complete = 0;
    for arrived in arrivals {
        complete += usize::from(framer.advance(&stream[..arrived]).unwrap().is_some());
    }
    assert_eq!(complete, 1);
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}
