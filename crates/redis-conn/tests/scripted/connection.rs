//! A connection whose transport cuts, stalls and splits at every byte: what it delivers is right, and
//! after a failure it delivers nothing more.

use std::{sync::Arc, time::Duration};

use crate::script::{Script, Step};
use redis_conn::{Connection, Deadline, Error, ErrorKind, Request};

const REQUEST: &[u8] = b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";
const REPLY: &[u8] = b"*2\r\n$5\r\nhe\r\no\r\n:42\r\n";

fn get(connection: &mut Connection) -> Result<(Vec<u8>, i64), Error> {
    connection.call(
        Request::new(REQUEST),
        Deadline::within(Duration::from_secs(5)),
    )
}

fn bytes(bytes: &[u8]) -> Step {
    Step::Bytes(bytes.to_vec())
}

#[test]
fn a_reply_that_is_split_anywhere_is_the_same_reply() {
    for at in 0..=REPLY.len() {
        let steps = [&REPLY[..at], &REPLY[at..]]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(bytes);
        let mut connection = Script::new(steps).connect();
        assert_eq!(
            get(&mut connection).unwrap(),
            (b"he\r\no".to_vec(), 42),
            "split at {at}"
        );
        assert!(connection.is_clean());
    }
    let mut connection = Script::new(REPLY.chunks(1).map(bytes)).connect();
    assert_eq!(get(&mut connection).unwrap(), (b"he\r\no".to_vec(), 42));
}

#[test]
fn a_reply_that_is_cut_anywhere_ends_the_connection() {
    for at in 0..REPLY.len() {
        for (end, kind) in [
            (None, ErrorKind::Connection),
            (Some(Step::Reset), ErrorKind::Connection),
        ] {
            let steps = [bytes(&REPLY[..at])]
                .into_iter()
                .filter(|_| at > 0)
                .chain(end);
            let mut connection = Script::new(steps).connect();
            let error = get(&mut connection).unwrap_err();
            assert_eq!(error.kind(), kind, "cut at {at}: {error}");
            assert!(error.maybe_executed());
            assert!(!connection.is_clean());
            // Not even a good reply would be believed now.
            assert!(
                get(&mut connection)
                    .unwrap_err()
                    .to_string()
                    .contains("cannot be used any more")
            );
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_connection_that_the_system_has_given_up_is_broken_and_has_missed_no_deadline() {
    let said = "script: the connection broke: Connection timed out (os error 110)";
    for limit in [Deadline::never(), Deadline::within(Duration::from_secs(30))] {
        let mut connection = Script::new([bytes(&REPLY[..4]), Step::GivenUp]).connect();
        let error = connection.call::<()>(Request::new(REQUEST), limit);
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection);
        assert_eq!(error.to_string(), said);
        assert!(error.maybe_executed());
        let mut feed = Script::new([Step::GivenUp]).connect().into_feed().unwrap();
        assert_eq!(feed.next(limit).unwrap_err().to_string(), said);
    }
}

#[test]
fn a_reply_that_stalls_anywhere_misses_its_deadline_and_is_never_delivered_late() {
    for at in 0..REPLY.len() {
        let steps = [bytes(&REPLY[..at])]
            .into_iter()
            .filter(|_| at > 0)
            .chain([Step::Stall, bytes(&REPLY[at..])]);
        let mut connection = Script::new(steps).connect();
        let sent = connection.send(Request::new(REQUEST), Deadline::never());
        sent.unwrap();
        let deadline = Deadline::within(Duration::from_millis(5));
        let error = connection.receive(deadline).unwrap_err();
        assert!(
            error.is_timeout() && error.maybe_executed(),
            "stall at {at}: {error}"
        );
        assert!(!connection.is_clean());
        assert!(get(&mut connection).is_err());
    }
}

#[test]
fn a_request_that_is_cut_anywhere_was_not_executed() {
    for at in 0..REQUEST.len() {
        let mut script = Script::new([bytes(REPLY)]);
        script.write_limit = Some(at);
        let shared = Arc::clone(&script.shared);
        let mut connection = script.connect();
        let error = get(&mut connection).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection);
        assert!(!error.maybe_executed(), "cut at {at}");
        assert_eq!(shared.written.lock().unwrap().as_slice(), &REQUEST[..at]);
        assert!(!connection.is_clean());
    }
}

#[test]
fn a_server_that_refuses_a_call_before_it_has_all_of_it_is_quoted() {
    let line = "ERR Protocol error: invalid bulk length";
    for at in 0..REQUEST.len() {
        for split in [1, 10] {
            let said = format!("-{line}\r\n");
            let (first, last) = said.as_bytes().split_at(split);
            let mut script = Script::new([bytes(first), Step::Silence(1), bytes(last)]);
            script.write_limit = Some(at);
            let mut connection = script.connect();
            let error = get(&mut connection).unwrap_err();
            // What came before any of it was sent refuses something else.
            assert_eq!(error.line(), (at > 0).then_some(line), "cut at {at}");
            assert!(!error.maybe_executed() && !connection.is_clean());
        }
    }
}

#[test]
fn of_requests_that_are_cut_anywhere_the_first_may_have_been_executed() {
    for at in 0..REQUEST.len() {
        let mut script = Script::new([bytes(REPLY)]);
        script.write_limit = Some(at);
        let mut connection = script.connect();
        let request = Request::new(REQUEST).with_replies(2);
        let error = connection.send(request, Deadline::never()).unwrap_err();
        assert_eq!(error.maybe_executed(), at > 0, "cut at {at}");
        let error = connection.receive(Deadline::never()).unwrap_err();
        assert_eq!(error.maybe_executed(), at > 0, "cut at {at}");
    }
}

#[test]
fn an_exchange_that_is_cut_anywhere_says_the_same_however_often_it_is_asked() {
    for at in 0..REQUEST.len() {
        for replies in [1, 2] {
            let mut script = Script::new([bytes(REPLY)]);
            script.write_limit = Some(at);
            let mut connection = script.connect();
            let request = Request::new(REQUEST).with_replies(replies);
            let mut exchange = connection.exchange(request, Deadline::never());
            for time in 1..=3 {
                let error = exchange.receive().unwrap_err();
                let executed = replies > 1 && at > 0;
                assert_eq!(error.maybe_executed(), executed, "cut at {at}, time {time}");
            }
            drop(exchange);
            assert!(!connection.is_clean());
        }
    }
}

#[test]
fn a_request_that_was_sent_may_have_been_executed_though_the_next_was_not() {
    let mut script = Script::new([bytes(REPLY)]);
    script.write_limit = Some(REQUEST.len());
    let mut connection = script.connect();
    connection
        .send(Request::new(REQUEST), Deadline::never())
        .unwrap();
    for _ in 0..2 {
        let error = connection.send(Request::new(REQUEST), Deadline::never());
        error.unwrap_err();
        let error = connection.receive(Deadline::never()).unwrap_err();
        assert!(error.maybe_executed(), "{error}");
    }
}

#[test]
fn borrowed_pieces_go_to_their_places_however_short_the_writes() {
    let (first, second) = (b"0123456789".as_slice(), b"abc".as_slice());
    for size in 1..40 {
        let mut script = Script::new([bytes(b"+OK\r\n")]);
        script.write_size = Some(size);
        let shared = Arc::clone(&script.shared);
        let mut connection = script.connect();
        let borrowed = [(2, first), (4, second)];
        let request = Request::new(b"<<>>--").with_borrowed(&borrowed);
        connection.call::<()>(request, Deadline::never()).unwrap();
        assert_eq!(
            shared.written.lock().unwrap().as_slice(),
            b"<<0123456789>>abc--",
            "writes of {size}"
        );
    }
}

#[test]
fn what_the_server_refuses_or_words_differently_does_not_cost_the_connection() {
    let mut connection =
        Script::new([bytes(b"-ERR no\r\n"), bytes(b"+text\r\n"), bytes(REPLY)]).connect();
    let error = get(&mut connection).unwrap_err();
    assert_eq!((error.code(), error.maybe_executed()), (Some("ERR"), false));
    let error = get(&mut connection).unwrap_err();
    assert_eq!(
        (error.kind(), error.maybe_executed()),
        (ErrorKind::Decode, true)
    );
    assert!(connection.is_clean());
    get(&mut connection).unwrap();
}

#[test]
fn pushes_are_no_replies() {
    let push = b">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n".as_slice();
    let with_attribute = b"|1\r\n+a\r\n+b\r\n>1\r\n+x\r\n".as_slice();
    let mut connection = Script::new([bytes(&[push, with_attribute, REPLY].concat())]).connect();
    assert_eq!(get(&mut connection).unwrap().1, 42);
    assert!(connection.is_clean());
}

#[test]
fn a_reply_that_nobody_asked_for_ends_the_connection() {
    let mut connection =
        Script::new([bytes(&[REPLY, b"+surplus\r\n"].concat()), bytes(REPLY)]).connect();
    get(&mut connection).unwrap();
    assert!(!connection.is_clean());
    let error = get(&mut connection).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(!error.maybe_executed(), "nothing was sent");
}

#[test]
fn garbage_is_a_protocol_error_that_says_what_was_found() {
    let mut connection = Script::new([bytes(b"HTTP/1.1 200 OK\r\n")]).connect();
    let error = get(&mut connection).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(
        error.to_string(),
        "script: the server did not send RESP; is this the port of a Redis or Valkey server, and without TLS?: expected a RESP type byte, found \"H\" at byte 0 of the reply"
    );
    assert!(!connection.is_clean());
}

#[test]
fn replies_that_this_client_does_not_read_are_not_called_something_else_than_resp() {
    let attributes = "|1\r\n+a\r\n+b\r\n".repeat(129) + ":1\r\n";
    for (sent, found) in [
        (
            "$?\r\n;4\r\ntext\r\n;0\r\n",
            "streamed strings and aggregates are not supported, found \"?\" at byte 1",
        ),
        (
            &attributes,
            "more than 128 groups of attributes stand before a reply at byte 1536",
        ),
    ] {
        let mut connection = Script::new([bytes(sent.as_bytes())]).connect();
        let error = get(&mut connection).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        let expected = "script: expected a reply that this client reads, found another";
        assert_eq!(
            error.to_string(),
            format!("{expected}: {found} of the reply")
        );
    }
}

#[test]
fn several_requests_are_owed_several_replies() {
    let mut connection = Script::new([bytes(b"+a\r\n+b\r\n")]).connect();
    let deadline = Deadline::within(Duration::from_secs(5));
    connection
        .send(Request::new(b"..").with_replies(2), deadline)
        .unwrap();
    assert_eq!(
        connection.receive(deadline).unwrap().text(),
        Some(&b"a"[..])
    );
    assert!(!connection.is_clean(), "one reply is still owed");
    assert_eq!(
        connection.receive(deadline).unwrap().text(),
        Some(&b"b"[..])
    );
    assert!(connection.is_clean());
    assert!(connection.receive(deadline).is_err(), "nothing is owed");
}

#[test]
fn a_request_without_a_reply_is_owed_none() {
    let mut connection = Script::new([bytes(b"+a\r\n")]).connect();
    let deadline = Deadline::within(Duration::from_secs(5));
    let silent = Request::new(b"..").with_replies(0);
    connection.send(silent, deadline).unwrap();
    assert!(connection.is_clean());
    assert!(connection.receive(deadline).is_err());
}

#[test]
fn a_server_that_says_it_is_the_wrong_one_is_not_asked_again() {
    for line in [
        "-READONLY You can't write\r\n",
        "-LOADING Redis is loading\r\n",
        "-MASTERDOWN Link\r\n",
    ] {
        let mut connection = Script::new([Step::Bytes(line.into()), bytes(REPLY)]).connect();
        assert!(get(&mut connection).is_err());
        assert!(!connection.is_clean(), "{line}");
        // It is in sync all the same.
        get(&mut connection).unwrap();
    }
}

#[test]
fn debug_shows_no_byte_of_a_request() {
    let borrowed = [(20, b"hunter2".as_slice())];
    let request = Request::new(b"*2\r\n$4\r\nAUTH\r\n$7\r\n\r\n").with_borrowed(&borrowed);
    let shown = format!("{request:?}");
    assert_eq!(shown, "Request { encoded: 20, borrowed: 1, replies: 1 }");
}
