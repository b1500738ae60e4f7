//! Replies as they arrive: among other bytes, copied, or as a text in memory of its own.

use std::{fmt::Debug, sync::Arc};

use resp_proto::{Arrival, Frame, FromReplyOwned, Protocol, ServerError, Value, encode::Replies};

/// A text decodes into the same, or is refused with the same words, however it has arrived.
fn is_the_same<T: FromReplyOwned + PartialEq + Debug>(text: &[u8]) {
    let mut reply = Vec::new();
    Replies::new(&mut reply, Protocol::Resp2).bulk(text);
    let frame = Frame::again(&reply);
    let expected = frame.reply().decode::<T>();
    for arrival in [
        Arrival::from(frame),
        Arrival::from(frame).into_owned(),
        Arrival::bulk(text.to_vec()),
        Arrival::bulk(text.to_vec()).into_owned(),
    ] {
        let shown = format!("{arrival:?}");
        assert_eq!(arrival.decode::<T>(), expected, "{shown}");
    }
}

#[test]
fn a_text_is_the_same_however_it_has_arrived() {
    for text in [&b""[..], b"7", b"300", b"OK", b"nan", b"text", b"\xff"] {
        is_the_same::<()>(text);
        is_the_same::<bool>(text);
        is_the_same::<i64>(text);
        is_the_same::<u8>(text);
        is_the_same::<String>(text);
        is_the_same::<Arc<str>>(text);
        is_the_same::<Vec<u8>>(text);
        is_the_same::<[u8; 4]>(text);
        is_the_same::<Value>(text);
        is_the_same::<Option<String>>(text);
        is_the_same::<Option<i64>>(text);
        is_the_same::<Result<Vec<u8>, ServerError>>(text);
        is_the_same::<Vec<i64>>(text);
        is_the_same::<Vec<String>>(text);
        is_the_same::<(i64, i64)>(text);
    }
}

#[test]
fn a_text_in_memory_of_its_own_stays_there() {
    let text = vec![b'x'; 100];
    let at = text.as_ptr();
    let bytes: Vec<u8> = Arrival::bulk(text).into_owned().decode().unwrap();
    let text: String = Arrival::bulk(bytes).decode().unwrap();
    let text: Option<String> = Arrival::bulk(text.into()).decode().unwrap();
    let text: Result<String, ServerError> = Arrival::bulk(text.unwrap().into()).decode().unwrap();
    let value: Value = Arrival::bulk(text.unwrap().into()).decode().unwrap();
    assert_eq!(value.as_bytes().map(<[u8]>::as_ptr), Some(at));
}

#[test]
fn an_error_in_place_of_a_reply_is_told_from_one_inside_it_and_from_text() {
    let error = |reply: &str| {
        let arrival = Arrival::from(Frame::again(reply.as_bytes())).into_owned();
        arrival.error().map(<[u8]>::to_vec)
    };
    let attributes = "|1\r\n+a\r\n-ERR a\r\n";
    for reply in ["-ERR no\r\n", "!6\r\nERR no\r\n"] {
        assert_eq!(error(reply).as_deref(), Some(&b"ERR no"[..]));
        let after = format!("{attributes}{reply}");
        assert_eq!(error(&after).as_deref(), Some(&b"ERR no"[..]));
        assert_eq!(error(&format!("*1\r\n{reply}")), None);
    }
    assert_eq!(error(&format!("{attributes}+OK\r\n")), None);
    assert_eq!(error("+-ERR no\r\n"), None);
    assert_eq!(Arrival::bulk(b"-ERR no".to_vec()).error(), None);
}
