//! What is written is what is read back: requests, and replies in both protocols.

use std::collections::VecDeque;

use proptest::{collection::vec, prelude::*};
use resp_proto::{
    FrameErrorKind, Framer, Limits, Protocol, Reply, ServerError, Value,
    encode::{self, Extending, FixedBuffer, Output, Replies, Vectored},
};

fn read(bytes: &[u8]) -> Reply<'_> {
    let frame = Framer::new().advance(bytes).unwrap().unwrap();
    assert_eq!(frame.len(), bytes.len());
    frame.reply()
}

fn resp2(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    Replies::new(&mut out, Protocol::Resp2).value(value);
    let framed = Framer::with_limits(Limits::new().protocol(Protocol::Resp2))
        .advance(&out)
        .unwrap();
    assert_eq!(framed.unwrap().len(), out.len());
    out
}

fn resp3(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    Replies::new(&mut out, Protocol::Resp3).value(value);
    out
}

#[test]
fn every_type_is_written_as_its_protocol_has_it() {
    let bulk = |text: &str| Value::Bulk(text.into());
    let table = [
        (Value::Simple("OK".into()), "+OK\r\n", "+OK\r\n"),
        (
            Value::Error(ServerError::from_line(b"ERR no")),
            "-ERR no\r\n",
            "-ERR no\r\n",
        ),
        (
            Value::Error(ServerError::from_line(b"ERR a\r\nb")),
            "-ERR a  b\r\n",
            "!8\r\nERR a\r\nb\r\n",
        ),
        (Value::Integer(-7), ":-7\r\n", ":-7\r\n"),
        (bulk("a\r\n"), "$3\r\na\r\n\r\n", "$3\r\na\r\n\r\n"),
        (bulk(""), "$0\r\n\r\n", "$0\r\n\r\n"),
        (Value::Null, "$-1\r\n", "_\r\n"),
        (Value::Double(1.5), "$3\r\n1.5\r\n", ",1.5\r\n"),
        (Value::Double(3.0), "$1\r\n3\r\n", ",3\r\n"),
        (Value::Double(-0.0), "$2\r\n-0\r\n", ",-0\r\n"),
        (Value::Double(1e16), "$4\r\n1e16\r\n", ",1e16\r\n"),
        (Value::Double(f64::INFINITY), "$3\r\ninf\r\n", ",inf\r\n"),
        (
            Value::Double(f64::NEG_INFINITY),
            "$4\r\n-inf\r\n",
            ",-inf\r\n",
        ),
        (Value::Double(f64::NAN), "$3\r\nnan\r\n", ",nan\r\n"),
        (Value::Boolean(true), ":1\r\n", "#t\r\n"),
        (Value::Boolean(false), ":0\r\n", "#f\r\n"),
        (
            Value::BigNumber("-123".into()),
            "$4\r\n-123\r\n",
            "(-123\r\n",
        ),
        (
            Value::Verbatim(*b"txt", b"hi".to_vec()),
            "$2\r\nhi\r\n",
            "=6\r\ntxt:hi\r\n",
        ),
        (
            Value::Array(vec![Value::Integer(1)]),
            "*1\r\n:1\r\n",
            "*1\r\n:1\r\n",
        ),
        (
            Value::Set(vec![Value::Integer(1)]),
            "*1\r\n:1\r\n",
            "~1\r\n:1\r\n",
        ),
        (
            Value::Push(vec![bulk("x")]),
            "*1\r\n$1\r\nx\r\n",
            ">1\r\n$1\r\nx\r\n",
        ),
        (
            Value::Map(vec![(bulk("k"), Value::Null)]),
            "*2\r\n$1\r\nk\r\n$-1\r\n",
            "%1\r\n$1\r\nk\r\n_\r\n",
        ),
    ];
    for (value, in_resp2, in_resp3) in table {
        assert_eq!(String::from_utf8(resp2(&value)).unwrap(), in_resp2);
        assert_eq!(String::from_utf8(resp3(&value)).unwrap(), in_resp3);
    }
}

#[test]
fn nulls_of_aggregates_and_attributes_are_written_as_their_protocol_has_them() {
    let write = |protocol| {
        let mut out = Vec::new();
        let mut replies = Replies::new(&mut out, protocol);
        if replies.attributes(1) {
            replies.simple(b"ttl");
            replies.integer(9);
        }
        replies.null_array();
        out
    };
    assert_eq!(write(Protocol::Resp2), b"*-1\r\n");
    assert_eq!(write(Protocol::Resp3), b"|1\r\n+ttl\r\n:9\r\n_\r\n");
}

#[test]
fn a_line_cannot_be_broken_out_of() {
    let mut out = Vec::new();
    let mut replies = Replies::new(&mut out, Protocol::Resp3);
    replies.simple(b"a\r\n-ERR injected");
    replies.error(b"\nb\r");
    assert_eq!(out, b"+a  -ERR injected\r\n- b \r\n");
}

#[test]
fn a_reply_is_passed_on_to_a_peer_of_the_other_protocol() {
    let bytes = b"|1\r\n+ttl\r\n:9\r\n%2\r\n+a\r\n,1.50\r\n+b\r\n~2\r\n#t\r\n=6\r\ntxt:hi\r\n";
    let mut out = Vec::new();
    Replies::new(&mut out, Protocol::Resp2).reply(read(bytes));
    assert_eq!(
        out,
        b"*4\r\n+a\r\n$4\r\n1.50\r\n+b\r\n*2\r\n:1\r\n$2\r\nhi\r\n"
    );
    let mut same = Vec::new();
    Replies::new(&mut same, Protocol::Resp3).reply(read(bytes));
    assert_eq!(same, bytes);
}

#[test]
fn every_legal_reply_is_passed_on_unchanged_in_its_own_protocol() {
    for &bytes in crate::framing::VALID {
        let mut out = Vec::new();
        Replies::new(&mut out, Protocol::Resp3).reply(read(bytes));
        let (expected, _) = crate::naive::parse(bytes).unwrap();
        let (got, _) = crate::naive::parse(&out).unwrap();
        // RESP3 has one null.
        if !bytes.ends_with(b"-1\r\n") {
            assert_eq!(got, expected);
        }
    }
}

#[test]
fn a_reader_of_resp2_refuses_the_types_of_resp3() {
    let limits = Limits::new().protocol(Protocol::Resp2);
    for kind in b",#_(!=%~>|" {
        let error = Framer::with_limits(limits).advance(&[*kind]).unwrap_err();
        assert_eq!(
            (error.kind(), error.offset()),
            (FrameErrorKind::UnknownType, 0)
        );
        let inside = [b"*2\r\n:1\r\n", &[*kind][..]].concat();
        let error = Framer::with_limits(limits).advance(&inside).unwrap_err();
        assert_eq!(
            (error.kind(), error.offset()),
            (FrameErrorKind::UnknownType, 8)
        );
    }
    let all = b"*5\r\n+OK\r\n-ERR\r\n:1\r\n$1\r\nx\r\n*-1\r\n";
    assert!(Framer::with_limits(limits).advance(all).unwrap().is_some());
}

#[test]
fn a_fixed_buffer_that_is_too_small_tells_the_needed_size() {
    let whole = b"*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n";
    for size in 0..=whole.len() {
        let mut bytes = vec![0; size];
        let mut out = FixedBuffer::new(&mut bytes);
        encode::request(&mut out, &[b"GET", b"key"]);
        let expected = if size < whole.len() {
            Err(whole.len())
        } else {
            Ok(&whole[..])
        };
        assert_eq!(out.finish(), expected);
    }
}

#[test]
fn every_sink_gets_the_same_bytes() {
    fn write(out: &mut impl Output) {
        encode::request(out, &[b"SET", b"k", b""]);
        encode::integer(out, u64::MAX);
        encode::integer(out, i128::MIN);
        encode::float(out, 0.1_f32);
        encode::float(out, f64::NEG_INFINITY);
    }
    let mut vector = Vec::new();
    write(&mut vector);
    let mut queue = VecDeque::new();
    write(&mut Extending(&mut queue));
    assert_eq!(queue, vector);
    let mut bytes = [0; 256];
    let mut fixed = FixedBuffer::new(&mut bytes);
    write(&mut fixed);
    assert_eq!(fixed.finish().unwrap(), vector);
    let request = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n";
    let numbers =
        "$20\r\n18446744073709551615\r\n$40\r\n-170141183460469231731687303715884105728\r\n";
    let floats = "$3\r\n0.1\r\n$4\r\n-inf\r\n";
    assert_eq!(vector, [request, numbers, floats].concat().into_bytes());
}

fn value() -> impl Strategy<Value = Value> {
    let bytes = || vec(any::<u8>(), 0..20);
    let line = "[^\r\n]{0,20}";
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>()
            .prop_filter("NaN is unlike itself", |n| !n.is_nan())
            .prop_map(Value::Double),
        any::<bool>().prop_map(Value::Boolean),
        "-?[0-9]{1,40}".prop_map(Value::BigNumber),
        bytes().prop_map(Value::Bulk),
        line.prop_map(Value::Simple),
        (any::<[u8; 3]>(), bytes()).prop_map(|(format, text)| Value::Verbatim(format, text)),
        "\\PC{0,20}".prop_map(|text| Value::Error(ServerError::from_line(text.as_bytes()))),
    ];
    scalar.prop_recursive(4, 40, 6, |inner| {
        let many = vec(inner.clone(), 0..6);
        prop_oneof![
            many.clone().prop_map(Value::Array),
            many.clone().prop_map(Value::Set),
            many.prop_map(Value::Push),
            vec((inner.clone(), inner), 0..4).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_written_in_resp3_is_read_back(value in value()) {
        prop_assert_eq!(read(&resp3(&value)).decode::<Value>(), Ok(value));
    }

    #[test]
    fn a_value_written_in_resp2_is_one_reply_of_resp2(value in value()) {
        let out = resp2(&value);
        let mut passed_on = Vec::new();
        Replies::new(&mut passed_on, Protocol::Resp2).reply(read(&out));
        prop_assert_eq!(passed_on, out);
    }

    #[test]
    fn a_request_is_read_back(arguments in vec(vec(any::<u8>(), 0..50), 0..10), borrow_from in 0_usize..60) {
        let arguments: Vec<&[u8]> = arguments.iter().map(Vec::as_slice).collect();
        let mut out = Vec::new();
        encode::request(&mut out, &arguments);
        prop_assert_eq!(read(&out).decode::<Vec<&[u8]>>().unwrap(), &arguments[..]);
        let mut vectored = Vectored::new(borrow_from);
        vectored.request(&arguments);
        vectored.request(&arguments);
        prop_assert_eq!(vectored.slices().collect::<Vec<_>>().concat(), out.repeat(2));
        prop_assert_eq!(vectored.len(), out.len() * 2);
        prop_assert!(vectored.slices().all(|slice| !slice.is_empty()));
    }

    #[test]
    fn a_float_is_read_back_to_the_last_bit(number in any::<f64>(), narrow in any::<f32>()) {
        let mut out = Vec::new();
        encode::float(&mut out, number);
        let back: f64 = read(&out).decode().unwrap();
        prop_assert!(back.to_bits() == number.to_bits() || number.is_nan() && back.is_nan());
        out.clear();
        encode::float(&mut out, narrow);
        let back: f32 = read(&out).decode().unwrap();
        prop_assert!(back.to_bits() == narrow.to_bits() || narrow.is_nan() && back.is_nan());
    }
}

#[test]
fn an_argument_is_borrowed_from_the_length_that_was_asked_for() {
    let mut requests = Vectored::new(4);
    assert!(requests.is_empty());
    let (short, long) = ([b'x'; 3], [b'y'; 4]);
    requests.request(&[&short]);
    assert_eq!(requests.slices().count(), 1);
    requests.request(&[&long]);
    let slices: Vec<_> = requests.slices().collect();
    assert!(slices.len() == 3 && !requests.is_empty());
    assert_eq!(slices[1].as_ptr(), long.as_ptr());
    // Whoever has borrowed an output can lend it on.
    let mut out = Vec::new();
    encode::request(&mut &mut out, &[&short]);
    encode::request(&mut out, &[&long]);
    assert_eq!(slices.concat(), out);
}

#[test]
fn a_null_that_is_passed_on_is_of_the_kind_that_it_was() {
    for (null, in_resp2) in [("*-1", "*-1"), ("$-1", "$-1"), ("_", "$-1")] {
        let reply = format!("*1\r\n{null}\r\n");
        for (protocol, expected) in [(Protocol::Resp2, in_resp2), (Protocol::Resp3, "_")] {
            let mut out = Vec::new();
            Replies::new(&mut out, protocol).reply(read(reply.as_bytes()));
            assert_eq!(out, format!("*1\r\n{expected}\r\n").as_bytes());
        }
    }
}

#[test]
fn debug_shows_no_byte_of_a_request() {
    let mut requests = Vectored::new(16);
    requests.request(&[b"AUTH", b"hunter2", b"a longer secret than that"]);
    let shown = format!("{requests:?}");
    assert_eq!(shown, "Vectored { len: 59, borrowed: 1, .. }");
}
