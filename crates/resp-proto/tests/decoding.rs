//! Every Rust type from every form of reply that it is decoded from, and from none that it is not.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    fmt::Debug,
};

use resp_proto::{
    Arrival, Data, DecodeError, DecodeErrorKind, Fields, Frame, Framer, FromReply, MAX_NESTING,
    Reply, ServerError, Value,
};

pub(crate) fn decode<'a, T: FromReply<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    let frame = Framer::new().advance(bytes).unwrap().unwrap();
    assert_eq!(frame.len(), bytes.len());
    frame.reply().decode()
}

/// Each of the replies gives the value, alone and as an element of an array.
pub(crate) fn all_give<T>(replies: &[&'static str], expected: T)
where
    T: for<'a> FromReply<'a> + PartialEq + Debug + Clone,
{
    for reply in replies {
        assert_eq!(
            decode::<T>(reply.as_bytes()),
            Ok(expected.clone()),
            "{reply:?}"
        );
        let array = format!("*2\r\n{reply}{reply}");
        let twice = Ok(vec![expected.clone(), expected.clone()]);
        assert_eq!(elements::<T>(array.as_bytes()), twice, "{array:?}");
    }
}

pub(crate) fn elements<T: for<'a> FromReply<'a>>(bytes: &[u8]) -> Result<Vec<T>, DecodeError> {
    let frame = Framer::new().advance(bytes).unwrap().unwrap();
    frame
        .reply()
        .elements()
        .unwrap()
        .zip(1..)
        .map(|(element, number)| element.decode().map_err(|error| error.at_element(number)))
        .collect()
}

/// None of the replies gives a value: the error is a mismatch of types.
pub(crate) fn none_gives<T: for<'a> FromReply<'a> + Debug>(replies: &[&str]) {
    for reply in replies {
        let got = decode::<T>(reply.as_bytes());
        assert!(is_mismatch(&got), "{reply:?} gave {got:?}");
        let array = format!("*1\r\n{reply}");
        let got = decode::<(T,)>(array.as_bytes());
        assert!(is_mismatch(&got), "{array:?} gave {got:?}");
    }
}

fn is_mismatch<T>(got: &Result<T, DecodeError>) -> bool {
    let kind = got.as_ref().map_err(DecodeError::kind);
    matches!(kind, Err(DecodeErrorKind::Mismatch { .. }))
}

pub(crate) const NULLS: &[&str] = &["_\r\n", "$-1\r\n", "*-1\r\n"];

#[test]
fn booleans_come_from_all_that_servers_say_yes_and_no_with() {
    all_give(&["#t\r\n", ":1\r\n", "+OK\r\n"], true);
    all_give(&["#f\r\n", ":0\r\n", "_\r\n", "$-1\r\n", "*-1\r\n"], false);
    none_gives::<bool>(&[
        ":2\r\n",
        ":-1\r\n",
        "+QUEUED\r\n",
        "$4\r\ntrue\r\n",
        "*0\r\n",
        ",1\r\n",
    ]);
}

#[test]
fn text_and_bytes_come_from_strings_of_any_kind_and_from_numbers() {
    let hello = ["+hello\r\n", "$5\r\nhello\r\n", "=9\r\ntxt:hello\r\n"];
    all_give(&hello, "hello".to_owned());
    all_give(&hello, b"hello".to_vec());
    all_give(&hello, *b"hello");
    all_give(
        &[":-12\r\n", "$3\r\n-12\r\n", "(-12\r\n", ",-12\r\n"],
        "-12".to_owned(),
    );
    all_give(&[",1.50\r\n"], "1.50".to_owned());
    all_give(&["$2\r\n\r\n\r\n"], b"\r\n".to_vec());
    all_give(&["$0\r\n\r\n", "+\r\n"], String::new());
    none_gives::<String>(NULLS);
    none_gives::<Vec<u8>>(NULLS);
    none_gives::<String>(&["#t\r\n", "*0\r\n", "%0\r\n"]);
    none_gives::<[u8; 4]>(&["$5\r\nhello\r\n", "$3\r\nabc\r\n"]);
    assert_eq!(decode(b"$2\r\n\xff\xfe\r\n"), Ok(vec![0xff_u8, 0xfe]));
    assert!(decode::<String>(b"$2\r\n\xff\xfe\r\n").is_err());
}

#[test]
fn borrowed_targets_point_into_the_reply() {
    let bytes = b"*3\r\n$2\r\nab\r\n+cd\r\n=6\r\ntxt:ef\r\n";
    let texts: [&str; 3] = decode(bytes).unwrap();
    assert_eq!(texts, ["ab", "cd", "ef"]);
    assert_eq!(texts[0].as_ptr(), bytes[8..].as_ptr());
    assert_eq!(
        decode::<Vec<&[u8]>>(bytes).unwrap(),
        [&b"ab"[..], b"cd", b"ef"]
    );
    let (first, rest, last): (&[u8], &str, Reply<'_>) = decode(bytes).unwrap();
    assert_eq!((first, rest), (&b"ab"[..], "cd"));
    assert!(matches!(last.data(), Data::Verbatim { text: b"ef", .. }));
    let map: HashMap<&str, &[u8]> = decode(b"%1\r\n+k\r\n$1\r\nv\r\n").unwrap();
    assert_eq!(map["k"], b"v");
}

#[test]
fn absence_is_an_option_and_nothing_else() {
    all_give::<Option<i64>>(NULLS, None);
    all_give::<Option<Vec<String>>>(NULLS, None);
    all_give(&[":1\r\n"], Some(1_i64));
    all_give(&["$0\r\n\r\n"], Some(String::new()));
    assert_eq!(
        decode(b"*3\r\n:1\r\n$-1\r\n_\r\n"),
        Ok(vec![Some(1), None, None])
    );
    none_gives::<Vec<i64>>(NULLS);
    none_gives::<HashMap<String, i64>>(NULLS);
    none_gives::<(i64, i64)>(NULLS);
    none_gives::<[i64; 0]>(NULLS);
}

#[test]
fn sequences_come_from_any_aggregate() {
    for kind in ["*", "~", ">"] {
        let reply = format!("{kind}3\r\n:1\r\n$1\r\n2\r\n,3\r\n");
        let bytes = reply.as_bytes();
        assert_eq!(decode(bytes), Ok(vec![1_i64, 2, 3]));
        assert_eq!(decode(bytes), Ok([1_i64, 2, 3]));
        assert_eq!(decode(bytes), Ok((1_i64, "2", 3.0)));
        assert_eq!(decode(bytes), Ok(Box::from([1_u8, 2, 3].map(u16::from))));
        assert_eq!(decode(bytes), Ok(HashSet::from([1_i64, 2, 3])));
        assert_eq!(decode(bytes), Ok(BTreeSet::from([1_i64, 2, 3])));
        assert!(decode::<[i64; 2]>(bytes).is_err());
        assert!(decode::<[i64; 4]>(bytes).is_err());
        assert!(decode::<(i64, i64)>(bytes).is_err());
        assert!(decode::<(i64, i64, i64, i64)>(bytes).is_err());
    }
    assert_eq!(decode(b"%1\r\n:1\r\n:2\r\n"), Ok(vec![1_i64, 2]));
    // Numbers of a byte are numbers too, though a string is the bytes themselves.
    for reply in [
        "*3\r\n:1\r\n$1\r\n2\r\n,3\r\n",
        "~3\r\n$1\r\n1\r\n:2\r\n:3\r\n",
    ] {
        assert_eq!(decode(reply.as_bytes()), Ok(vec![1_u8, 2, 3]));
        assert_eq!(decode(reply.as_bytes()), Ok([1_u8, 2, 3]));
        let nested = format!("*2\r\n{reply}$2\r\nab\r\n");
        let expected = vec![vec![1_u8, 2, 3], b"ab".to_vec()];
        assert_eq!(decode(nested.as_bytes()), Ok(expected));
    }
    all_give::<Vec<u8>>(&["*0\r\n", "$0\r\n\r\n"], Vec::new());
    none_gives::<Vec<u8>>(&["*1\r\n$1\r\nx\r\n", "*1\r\n_\r\n"]);
    assert!(decode::<Vec<u8>>(b"*1\r\n:256\r\n").is_err());
    none_gives::<[u8; 2]>(&["*1\r\n:1\r\n", "*3\r\n:1\r\n:1\r\n:1\r\n"]);
    all_give::<Vec<i64>>(&["*0\r\n", "~0\r\n", "%0\r\n"], Vec::new());
    none_gives::<Vec<i64>>(&[":1\r\n", "$1\r\n1\r\n", "+OK\r\n"]);
}

#[test]
fn maps_come_from_maps_flat_arrays_and_arrays_of_pairs() {
    let forms = [
        "%2\r\n$1\r\na\r\n,1.5\r\n$1\r\nb\r\n,2\r\n",
        "*4\r\n$1\r\na\r\n$3\r\n1.5\r\n$1\r\nb\r\n$1\r\n2\r\n",
        "*2\r\n*2\r\n$1\r\na\r\n,1.5\r\n*2\r\n$1\r\nb\r\n,2\r\n",
        "*2\r\n*2\r\n+a\r\n$3\r\n1.5\r\n*2\r\n+b\r\n:2\r\n",
    ];
    all_give(
        &forms,
        HashMap::from([("a".to_owned(), 1.5), ("b".to_owned(), 2.0)]),
    );
    all_give(
        &forms,
        BTreeMap::from([("a".to_owned(), 1.5), ("b".to_owned(), 2.0)]),
    );
    all_give(&forms, vec![("a".to_owned(), 1.5), ("b".to_owned(), 2.0)]);
    all_give(&["%0\r\n", "*0\r\n"], HashMap::<String, f64>::new());
    none_gives::<HashMap<String, f64>>(&["*1\r\n+a\r\n", "*3\r\n+a\r\n:1\r\n+b\r\n", ":1\r\n"]);
}

#[test]
fn tuples_in_a_sequence_are_flat_or_nested() {
    let flat = b"*6\r\n+a\r\n:1\r\n:2\r\n+b\r\n:3\r\n:4\r\n";
    let nested = b"*2\r\n*3\r\n+a\r\n:1\r\n:2\r\n*3\r\n+b\r\n:3\r\n:4\r\n";
    let expected = vec![("a", 1, 2), ("b", 3, 4)];
    assert_eq!(decode(flat), Ok(expected.clone()));
    assert_eq!(decode(nested), Ok(expected));
    let pairs_of_pairs = b"*2\r\n*2\r\n+a\r\n*2\r\n:1\r\n:2\r\n*2\r\n+b\r\n*2\r\n:3\r\n:4\r\n";
    assert_eq!(
        decode(pairs_of_pairs),
        Ok(vec![("a", (1, 2)), ("b", (3, 4))])
    );
    assert!(decode::<Vec<(&str, i64, i64)>>(b"*4\r\n+a\r\n:1\r\n:2\r\n+b\r\n").is_err());
}

#[test]
fn a_tuple_of_sequences_takes_one_element_each() {
    let scan = b"*2\r\n$2\r\n17\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n";
    assert_eq!(decode(scan), Ok((17_u64, vec!["a", "b"])));
    let stream = b"*1\r\n*2\r\n$3\r\n1-0\r\n*4\r\n+a\r\n+1\r\n+b\r\n+2\r\n";
    let entries: Vec<(&str, Vec<(&str, u8)>)> = decode(stream).unwrap();
    assert_eq!(entries, [("1-0", vec![("a", 1), ("b", 2)])]);
}

#[test]
fn attributes_do_not_change_what_is_decoded() {
    let ttl = "|1\r\n+ttl\r\n:9\r\n";
    assert_eq!(decode(format!("{ttl}:1\r\n").as_bytes()), Ok(1_i64));
    let array = format!("*3\r\n{ttl}:1\r\n{ttl}{ttl}$1\r\n2\r\n{ttl},3\r\n");
    assert_eq!(decode(array.as_bytes()), Ok(vec![1_i64, 2, 3]));
    assert_eq!(
        decode(array.as_bytes()),
        Ok(vec!["1".to_owned(), "2".into(), "3".into()])
    );
    assert_eq!(decode(array.as_bytes()), Ok(vec![1.0, 2.0, 3.0]));
    let map = format!("%1\r\n{ttl}+a\r\n{ttl},1\r\n");
    assert_eq!(
        decode(map.as_bytes()),
        Ok(HashMap::from([("a".to_owned(), 1.0)]))
    );
}

#[test]
fn an_error_of_the_server_is_an_error_wherever_it_stands() {
    for reply in ["-WRONGTYPE no\r\n", "!12\r\nWRONGTYPE no\r\n"] {
        let expected = decode::<Reply<'_>>(reply.as_bytes());
        let expected = DecodeError::mismatch("no error", expected.unwrap());
        let server = DecodeErrorKind::Server(ServerError::from_line(b"WRONGTYPE no"));
        assert_eq!(*expected.kind(), server);
        let bytes = reply.as_bytes();
        assert_eq!(decode::<i64>(bytes), Err(expected.clone()));
        assert_eq!(decode::<u8>(bytes), Err(expected.clone()));
        assert_eq!(decode::<f64>(bytes), Err(expected.clone()));
        assert_eq!(decode::<bool>(bytes), Err(expected.clone()));
        assert_eq!(decode::<()>(bytes), Err(expected.clone()));
        assert_eq!(decode::<String>(bytes), Err(expected.clone()));
        assert_eq!(decode::<Vec<u8>>(bytes), Err(expected.clone()));
        assert_eq!(decode::<Option<i64>>(bytes), Err(expected.clone()));
        assert_eq!(decode::<Vec<i64>>(bytes), Err(expected.clone()));
        assert_eq!(decode::<HashMap<String, i64>>(bytes), Err(expected.clone()));
        assert_eq!(decode::<(i64,)>(bytes), Err(expected.clone()));
        let inside = format!("*2\r\n:1\r\n{reply}");
        assert_eq!(
            decode::<Vec<i64>>(inside.as_bytes()),
            Err(expected.at_element(2))
        );
        let results: Vec<Result<i64, ServerError>> = decode(inside.as_bytes()).unwrap();
        assert_eq!(results[0], Ok(1));
        assert_eq!(results[1].as_ref().unwrap_err().code(), "WRONGTYPE");
    }
}

#[test]
fn what_the_protocols_send_for_one_command_decodes_to_one_value() {
    fn same<T: for<'a> FromReply<'a> + PartialEq + Debug>(resp2: &str, resp3: &str) {
        assert_eq!(decode::<T>(resp2.as_bytes()), decode::<T>(resp3.as_bytes()));
        assert!(decode::<T>(resp2.as_bytes()).is_ok());
    }
    // HGETALL, CONFIG GET
    same::<HashMap<String, String>>(
        "*2\r\n$1\r\nf\r\n$1\r\nv\r\n",
        "%1\r\n$1\r\nf\r\n$1\r\nv\r\n",
    );
    // ZRANGE … WITHSCORES
    same::<Vec<(String, f64)>>(
        "*2\r\n$1\r\na\r\n$3\r\n0.1\r\n",
        "*1\r\n*2\r\n$1\r\na\r\n,0.1\r\n",
    );
    // ZSCORE, GET of nothing, SMEMBERS, SISMEMBER of modules, INFO
    same::<Option<f64>>("$3\r\n1.5\r\n", ",1.5\r\n");
    same::<Option<String>>("$-1\r\n", "_\r\n");
    same::<HashSet<String>>("*1\r\n$1\r\na\r\n", "~1\r\n$1\r\na\r\n");
    same::<bool>(":1\r\n", "#t\r\n");
    same::<String>("$4\r\ntext\r\n", "=8\r\ntxt:text\r\n");
}

#[test]
fn the_deepest_reply_decodes_into_a_tree() {
    let deep = [b"*1\r\n".repeat(MAX_NESTING), b":1\r\n".to_vec()].concat();
    let mut value = decode::<Value>(&deep).unwrap();
    let mut depth = 0;
    while let Value::Array(mut inner) = value {
        value = inner.pop().unwrap();
        depth += 1;
    }
    assert_eq!((depth, value), (MAX_NESTING, Value::Integer(1)));
}

#[test]
fn a_mismatch_names_both_sides_and_quotes_nothing() {
    let error = decode::<i64>(b"$6\r\nsecret\r\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected an integer, found a bulk string of 6 bytes"
    );
    let error = decode::<[i64; 2]>(b"*1\r\n:1\r\n").unwrap_err();
    assert!(
        error.to_string().ends_with("found an array of 1 elements"),
        "{error}"
    );
    let error = decode::<u8>(b":300\r\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected u8, found a number outside its range"
    );
}

#[test]
fn named_fields_are_found_in_both_forms() {
    let forms = [
        &b"%3\r\n+name\r\n$1\r\ng\r\n+n\r\n:3\r\n+lag\r\n_\r\n"[..],
        b"*6\r\n$4\r\nname\r\n$1\r\ng\r\n$1\r\nn\r\n:3\r\n$3\r\nlag\r\n$-1\r\n",
    ];
    for form in forms {
        let frame = Framer::new().advance(form).unwrap().unwrap();
        let fields = Fields::of(frame.reply()).unwrap();
        assert_eq!(fields.required("name"), Ok("g"));
        assert_eq!(fields.required("n"), Ok(3_u8));
        assert_eq!(fields.required::<Option<u64>>("lag"), Ok(None));
        assert_eq!(fields.optional::<u64>("lag"), Ok(None));
        assert_eq!(fields.optional::<u64>("newer"), Ok(None));
        let missing = fields.required::<u64>("newer").unwrap_err();
        assert_eq!(
            missing.to_string(),
            "expected a field named newer, found none"
        );
        assert!(fields.required::<u64>("name").is_err());
    }
    for reply in [&b":1\r\n"[..], b"*1\r\n:1\r\n", b"-ERR\r\n", b"_\r\n"] {
        assert!(decode::<Reply<'_>>(reply).and_then(Fields::of).is_err());
    }
}

#[test]
fn text_and_numbers_come_in_what_else_the_standard_library_keeps_them_in() {
    let texts = ["$1\r\n7\r\n", "+7\r\n", ":7\r\n"];
    all_give::<std::sync::Arc<str>>(&texts, "7".into());
    all_give(&texts, std::num::NonZero::<u8>::MIN.saturating_add(6));
    all_give(&["*2\r\n:1\r\n:2\r\n"], VecDeque::from([1, 2]));
    let reply = b"$1\r\n7\r\n";
    assert!(matches!(
        decode::<Cow<'_, str>>(reply),
        Ok(Cow::Borrowed("7"))
    ));
    assert!(matches!(
        decode::<Cow<'_, [u8]>>(reply),
        Ok(Cow::Borrowed(b"7"))
    ));
    none_gives::<std::sync::Arc<str>>(&["*0\r\n"]);
    assert_eq!(
        decode::<std::num::NonZero<i64>>(b":0\r\n").unwrap_err(),
        DecodeError::out_of_range("an integer other than 0")
    );
    assert_eq!(Value::from(&b"a"[..]), Value::from("a"));
    assert_eq!(
        Value::from(vec![Value::Null]),
        Value::Array(vec![Value::Null])
    );
    assert!(Value::Null.is_null() && !Value::from("").is_null());
}

#[test]
fn debug_shows_text_as_text_and_attributes_beside_it() {
    let shown = |bytes: &[u8]| {
        let mut framer = Framer::new();
        let frame = framer.advance(bytes).unwrap().unwrap();
        format!("{:?}", frame.reply())
    };
    let owned = |bytes: &[u8]| format!("{:?}", decode::<Value>(bytes).unwrap());
    let letters = "*2\r\n$6\r\nnäher\r\n$2\r\n\n\0\r\n".as_bytes();
    for shown in [shown(letters), owned(letters)] {
        assert_eq!(shown, r#"Array([Bulk("näher"), Bulk("\n\0")])"#);
    }
    assert_eq!(
        owned(b"*3\r\n$2\r\n\xff\"\r\n=5\r\ntxt:x\r\n%1\r\n+k\r\n:1\r\n"),
        r#"Array([Bulk("\xff\""), Verbatim("txt", "x"), Map([(Simple("k"), Integer(1))])])"#
    );
    assert_eq!(
        shown(b"*4\r\n$4\r\n21.5\r\n+a\"\xff\r\n=5\r\ntxt:x\r\n_\r\n"),
        r#"Array([Bulk("21.5"), Simple("a\"\xff"), Verbatim { format: "txt", text: "x" }, Null])"#
    );
    assert_eq!(
        shown(b"|1\r\n+ttl\r\n:9\r\n%1\r\n+k\r\n#t\r\n"),
        r#"Attributed { attributes: {Simple("ttl"): Integer(9)}, data: Map({Simple("k"): Boolean(true)}) }"#
    );
    // What has never been framed may be nested as deep as it likes.
    let deep = b"|1\r\n".repeat(100_000);
    assert_eq!(format!("{:?}", Frame::again(&deep).reply()), "Null");
    let deep = [b"|1\r\n:1\r\n".repeat(50_000), b":1\r\n".repeat(100_001)].concat();
    assert!(format!("{:?}", Frame::again(&deep).reply()).len() < deep.len());
}

#[test]
fn debug_of_frames_shows_text_as_text_and_that_of_framers_is_short() {
    let reply = b"$2\r\nhi\r\n";
    let frame = Framer::new().advance(reply).unwrap().unwrap();
    let arrived = [Arrival::from(frame), Arrival::bulk(b"hi".to_vec())];
    assert_eq!(
        format!("{arrived:?}"),
        r#"[Frame("$2\r\nhi\r\n"), Bulk("hi")]"#
    );
    let mut framer = Framer::new();
    assert!(framer.advance(b"*2\r\n:1\r\n").unwrap().is_none());
    let shown = format!("{framer:?}");
    assert!(shown.contains("at: 8, needed: 9, depth: 1"), "{shown}");
    assert!(shown.len() < 300, "{shown}");
}

#[test]
fn a_value_that_no_line_can_hold_is_not_sent() {
    for broken in ["a\nb", "a\rb"] {
        let simple = Value::Simple(broken.into());
        let inside = Value::Map(vec![(Value::Null, Value::Set(vec![simple.clone()]))]);
        for value in [simple, inside] {
            assert!(value.to_resp3().is_err(), "{value:?}");
            assert!(value.decode::<Value>().is_err(), "{value:?}");
        }
        let error = Value::Error(ServerError::from_line(broken.as_bytes()));
        assert_eq!(error.decode::<Value>(), Ok(error));
    }
}
