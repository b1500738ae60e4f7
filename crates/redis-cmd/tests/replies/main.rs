//! Replies as servers sent them, in RESP2 and in RESP3, decode into the same typed value.
//!
//! `captured.txt` has a line a command: the command, its reply in RESP2 and in RESP3, with tabs in between
//! and with control characters escaped. They are those of Valkey 9.1, vector sets those of Redis 8.0.

mod casts;
mod fixed;
mod structures;
mod table;

use std::fmt::Debug;

use resp_proto::{DecodeError, Framer, FromReplyOwned};

const CAPTURED: &str = include_str!("captured.txt");

/// The reply to a command, which must be the same in both protocols.
#[track_caller]
fn reply<T: FromReplyOwned + Debug + PartialEq>(command: &str) -> T {
    let [resp2, resp3] = both::<T>(command);
    assert_eq!(resp2, resp3, "{command}");
    resp3
}

/// The reply to a command in RESP2 and in RESP3.
#[track_caller]
fn both<T: FromReplyOwned>(command: &str) -> [T; 2] {
    let line = CAPTURED
        .lines()
        .find_map(|line| line.strip_prefix(command)?.strip_prefix('\t'))
        .expect("a captured command");
    let (resp2, resp3) = line.split_once('\t').expect("two replies");
    [resp2, resp3].map(|bytes| match decode(&unescape(bytes)) {
        Ok(value) => value,
        Err(error) => panic!("{command}: {error}: {bytes}"),
    })
}

fn decode<T: FromReplyOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut framer = Framer::new();
    let frame = framer.advance(bytes).expect("RESP").expect("a whole reply");
    assert_eq!(frame.len(), bytes.len(), "nothing behind the reply");
    frame.reply().decode()
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut characters = text.bytes();
    while let Some(byte) = characters.next() {
        bytes.push(match byte {
            b'\\' => match characters.next().expect("an escaped character") {
                b'r' => b'\r',
                b'n' => b'\n',
                b't' => b'\t',
                b'x' => {
                    let mut digit = || characters.next().map(char::from)?.to_digit(16);
                    let value = digit().zip(digit()).expect("two digits");
                    (value.0 * 16 + value.1) as u8
                }
                other => other,
            },
            other => other,
        });
    }
    bytes
}
