//! What a reply and a value tell of themselves without being decoded.

use resp_proto::{Frame, Reply, Value};

fn view(bytes: &[u8]) -> Reply<'_> {
    Frame::again(bytes).reply()
}

#[test]
fn whoever_iterates_knows_how_much_is_left() {
    for (reply, entries) in [
        ("*4\r\n:1\r\n*1\r\n_\r\n$1\r\na\r\n+b\r\n", 2),
        ("%2\r\n:1\r\n*1\r\n_\r\n$1\r\na\r\n+b\r\n", 2),
        ("*0\r\n", 0),
        ("%0\r\n", 0),
    ] {
        let mut elements = view(reply.as_bytes()).elements().unwrap();
        for left in (0..=entries * 2).rev() {
            assert_eq!((elements.len(), elements.is_empty()), (left, left == 0));
            assert_eq!(elements.size_hint(), (left, Some(left)));
            assert_eq!(elements.next().is_some(), left > 0);
        }
        let mut pairs = view(reply.as_bytes()).entries().unwrap();
        for left in (0..=entries).rev() {
            assert_eq!((pairs.len(), pairs.is_empty()), (left, left == 0));
            assert_eq!(pairs.size_hint(), (left, Some(left)));
            assert_eq!(pairs.next().is_some(), left > 0);
        }
    }
    for other in ["*1\r\n:1\r\n", "~2\r\n:1\r\n:2\r\n", ":2\r\n", "_\r\n"] {
        assert!(view(other.as_bytes()).entries().is_none(), "{other:?}");
    }
}

#[test]
fn a_reply_shows_its_text_its_bytes_and_its_attributes() {
    for (reply, text) in [
        ("+OK\r\n", Some("OK")),
        ("$2\r\nhi\r\n", Some("hi")),
        ("=6\r\ntxt:hi\r\n", Some("hi")),
        (":-0\r\n", Some("-0")),
        (",1.50\r\n", Some("1.50")),
        ("(+12\r\n", Some("+12")),
        ("-ERR\r\n", None),
        ("#t\r\n", None),
        ("_\r\n", None),
        ("*0\r\n", None),
    ] {
        for attributes in [
            "",
            "|1\r\n+a\r\n:1\r\n",
            "|0\r\n|2\r\n+a\r\n:1\r\n+b\r\n*0\r\n",
        ] {
            let whole = format!("{attributes}{reply}");
            let viewed = view(whole.as_bytes());
            assert_eq!(viewed.text(), text.map(str::as_bytes), "{whole:?}");
            assert_eq!(viewed.bytes(), reply.as_bytes());
            assert_eq!(viewed.is_null(), reply == "_\r\n");
            let names = attributes.matches('+').count();
            assert_eq!(viewed.attributes().count(), names, "{whole:?}");
        }
    }
}

#[test]
fn a_value_shows_its_text_and_its_fields() {
    for value in [
        Value::from("12"),
        Value::Simple("12".into()),
        Value::BigNumber("12".into()),
        Value::Verbatim(*b"txt", b"12".to_vec()),
    ] {
        assert_eq!(value.as_bytes(), Some(&b"12"[..]));
        assert_eq!(value.as_str(), Some("12"));
        let map = Value::Map(vec![
            (Value::Integer(12), Value::Null),
            (value.clone(), Value::from(1)),
            (value, Value::from(2)),
        ]);
        assert_eq!(map.get("12"), Some(&Value::Integer(1)));
        assert_eq!(map.get("1"), None);
    }
    assert_eq!(Value::from(&b"\xff"[..]).as_str(), None);
    for value in [
        Value::Null,
        Value::from(12),
        Value::from(vec![Value::from("12")]),
    ] {
        assert_eq!((value.as_bytes(), value.get("12")), (None, None));
    }
}
