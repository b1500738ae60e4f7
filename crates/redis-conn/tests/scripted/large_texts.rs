//! Texts of more than a mebibyte, which are read into memory of their own.

use std::time::Duration;

use redis_conn::{Connection, Deadline, Error, ErrorKind, Request};
use resp_proto::{DecodeError, FromReply, FromReplyOwned, Reply, ServerError, Value};

use crate::script::{Script, Step};

const LENGTH: usize = 3 << 20;

fn text() -> Vec<u8> {
    (0..LENGTH).map(|at| b'a' + (at % 23) as u8).collect()
}

fn reply(text: &[u8], ending: &[u8]) -> Vec<u8> {
    let header = format!("${}\r\n", text.len());
    [header.as_bytes(), text, ending].concat()
}

fn get<T: FromReplyOwned>(connection: &mut Connection) -> Result<T, Error> {
    let deadline = Deadline::within(Duration::from_secs(30));
    connection.call(Request::new(b"..."), deadline)
}

/// What somebody makes of a reply who looks at its bytes.
struct AsSent(Vec<u8>);

impl<'a> FromReply<'a> for AsSent {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        Ok(Self(reply.bytes().to_vec()))
    }
}

#[test]
fn a_large_text_is_decoded_into_whatever_a_small_one_is() {
    let (text, sent) = (text(), reply(&text(), b"\r\n"));
    let mut connection = Script::new(vec![Step::Bytes(sent.clone()); 7]).connect();
    let connection = &mut connection;
    assert!(get::<Vec<u8>>(connection).unwrap() == text);
    assert!(get::<String>(connection).unwrap().into_bytes() == text);
    assert!(get::<Option<Vec<u8>>>(connection).unwrap().unwrap() == text);
    let fallible: Result<String, ServerError> = get(connection).unwrap();
    assert!(fallible.unwrap().into_bytes() == text);
    assert!(get::<Value>(connection).unwrap() == Value::Bulk(text));
    assert!(get::<AsSent>(connection).unwrap().0 == sent);
    let error = get::<i64>(connection).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(connection.is_clean());
}

#[test]
fn a_large_text_that_is_no_utf_8_is_no_string_and_costs_no_connection() {
    let mut text = text();
    text[LENGTH / 2] = 0xff;
    let sent = Step::Bytes(reply(&text, b"\r\n"));
    let mut connection = Script::new([sent.clone(), sent]).connect();
    let error = get::<String>(&mut connection).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("UTF-8"), "{error}");
    assert!(get::<Vec<u8>>(&mut connection).unwrap() == text);
}

#[test]
fn a_large_text_is_the_same_however_it_is_split_and_whatever_stands_around_it() {
    let (push, next) = (
        b">2\r\n+invalidate\r\n_\r\n".as_slice(),
        b"+next\r\n".as_slice(),
    );
    for piece in [1000, 300_000, LENGTH * 2] {
        let wire = [push, &reply(&text(), b"\r\n"), push, next].concat();
        let steps = wire.chunks(piece).map(|piece| Step::Bytes(piece.to_vec()));
        let mut connection = Script::new(steps).connect();
        let deadline = Deadline::within(Duration::from_secs(30));
        // The first of two replies.
        connection.send(Request::new(b"..."), deadline).unwrap();
        let taken: Vec<u8> = get(&mut connection).unwrap();
        assert!(taken == text(), "another text in pieces of {piece}");
        assert!(!connection.is_clean());
        let next = connection.receive(deadline).unwrap();
        assert_eq!(next.text(), Some(b"next".as_slice()));
        assert!(connection.is_clean());
    }
}

#[test]
fn a_large_text_that_breaks_off_stalls_or_ends_wrongly_ends_the_connection() {
    let whole = reply(&text(), b"\r\n");
    for at in [whole.len() - 1, whole.len() - 2, LENGTH / 2, 20] {
        let cut = whole[..at].to_vec();
        let mut connection = Script::new([Step::Bytes(cut.clone())]).connect();
        let error = get::<Vec<u8>>(&mut connection).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
        assert!(error.maybe_executed() && !connection.is_clean());

        let mut connection = Script::new([Step::Bytes(cut), Step::Stall]).connect();
        let soon = Deadline::within(Duration::from_millis(100));
        let error = connection.call::<Vec<u8>>(Request::new(b"..."), soon);
        let error = error.unwrap_err();
        assert!(error.is_timeout() && error.maybe_executed(), "{error}");
        assert!(get::<Vec<u8>>(&mut connection).is_err());
    }
    let mut connection = Script::new([Step::Bytes(reply(&text(), b"x\n"))]).connect();
    let error = get::<Vec<u8>>(&mut connection).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    assert!(!connection.is_clean());
}
