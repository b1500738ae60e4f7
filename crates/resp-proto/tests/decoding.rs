//! Every Rust type from every form of reply that it is decoded from, and from none that it is not.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    fmt::Debug,
};

use proptest::prelude::*;
use resp_proto::{
    Data, DecodeError, Fields, Frame, Framer, FromReply, MAX_NESTING, Reply, ServerError, Value,
};

fn decode<'a, T: FromReply<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    let frame = Framer::new().advance(bytes).unwrap().unwrap();
    assert_eq!(frame.len(), bytes.len());
    frame.reply().decode()
}

/// Each of the replies gives the value, alone and as an element of an array.
fn all_give<T>(replies: &[&'static str], expected: T)
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

fn elements<T: for<'a> FromReply<'a>>(bytes: &[u8]) -> Result<Vec<T>, DecodeError> {
    let frame = Framer::new().advance(bytes).unwrap().unwrap();
    frame
        .reply()
        .elements()
        .unwrap()
        .map(|element| element.decode())
        .collect()
}

/// None of the replies gives a value: the error is a mismatch of types.
fn none_gives<T: for<'a> FromReply<'a> + Debug>(replies: &[&str]) {
    for reply in replies {
        let got = decode::<T>(reply.as_bytes());
        assert!(
            matches!(got, Err(DecodeError::Mismatch { .. })),
            "{reply:?} gave {got:?}"
        );
        let array = format!("*1\r\n{reply}");
        let got = decode::<(T,)>(array.as_bytes());
        assert!(
            matches!(got, Err(DecodeError::Mismatch { .. })),
            "{array:?} gave {got:?}"
        );
    }
}

const NULLS: &[&str] = &["_\r\n", "$-1\r\n", "*-1\r\n"];

#[test]
fn integers_come_from_integers_text_and_whole_doubles() {
    let forty_two = [
        ":42\r\n",
        ":+42\r\n",
        ":0042\r\n",
        "$2\r\n42\r\n",
        "$3\r\n+42\r\n",
        "+42\r\n",
        ",42\r\n",
        ",4.2e1\r\n",
        "(42\r\n",
        "=6\r\ntxt:42\r\n",
        "$4\r\n42.0\r\n",
    ];
    all_give::<i8>(&forty_two, 42);
    all_give::<u8>(&forty_two, 42);
    all_give::<i16>(&forty_two, 42);
    all_give::<u16>(&forty_two, 42);
    all_give::<i32>(&forty_two, 42);
    all_give::<u32>(&forty_two, 42);
    all_give::<i64>(&forty_two, 42);
    all_give::<u64>(&forty_two, 42);
    all_give::<i128>(&forty_two, 42);
    all_give::<u128>(&forty_two, 42);
    all_give::<isize>(&forty_two, 42);
    all_give::<usize>(&forty_two, 42);
    all_give(
        &[
            ":-9223372036854775808\r\n",
            "$20\r\n-9223372036854775808\r\n",
        ],
        i64::MIN,
    );
    all_give(
        &[":1234567890123456789\r\n", "(1234567890123456789\r\n"],
        1_234_567_890_123_456_789_i64,
    );
    all_give(
        &[
            "(18446744073709551615\r\n",
            "$20\r\n18446744073709551615\r\n",
        ],
        u64::MAX,
    );
    none_gives::<i64>(NULLS);
    none_gives::<i64>(&[
        "+OK\r\n",
        "$0\r\n\r\n",
        "$1\r\n-\r\n",
        "#t\r\n",
        ",1.5\r\n",
        ",inf\r\n",
        ",nan\r\n",
        "*0\r\n",
    ]);
}

#[test]
fn an_integer_that_does_not_fit_is_out_of_range_and_never_cut() {
    fn refused<T: for<'a> FromReply<'a> + Debug + PartialEq>(name: &'static str, replies: &[&str]) {
        for reply in replies {
            let expected = DecodeError::OutOfRange { expected: name };
            assert_eq!(decode::<T>(reply.as_bytes()), Err(expected), "{reply:?}");
        }
    }
    refused::<u8>("u8", &[":256\r\n", ":-1\r\n", "$3\r\n256\r\n", ",300\r\n"]);
    refused::<i8>("i8", &[":128\r\n", ":-129\r\n"]);
    refused::<u32>("u32", &[":4294967296\r\n", ":-1\r\n", "$2\r\n-1\r\n"]);
    refused::<u64>(
        "u64",
        &[":-1\r\n", "(18446744073709551616\r\n", ",1e20\r\n"],
    );
    refused::<i64>(
        "i64",
        &[
            "(9223372036854775808\r\n",
            "$19\r\n9223372036854775808\r\n",
            ",1e19\r\n",
        ],
    );
    let digits = format!("({}\r\n", "9".repeat(60));
    assert!(decode::<u128>(digits.as_bytes()).is_err());
    assert!(decode::<i64>(digits.as_bytes()).is_err());
}

#[test]
fn floats_come_from_doubles_integers_and_text() {
    all_give(
        &[
            ",1.5\r\n",
            "$3\r\n1.5\r\n",
            "+1.5\r\n",
            ",15e-1\r\n",
            "$5\r\n15e-1\r\n",
        ],
        1.5_f64,
    );
    all_give(&[":3\r\n", ",3\r\n", "$1\r\n3\r\n", "(3\r\n"], 3.0_f64);
    all_give(&[",inf\r\n", "$3\r\ninf\r\n", ",1e999\r\n"], f64::INFINITY);
    all_give(&[",-inf\r\n", "$4\r\n-inf\r\n"], f64::NEG_INFINITY);
    all_give(&[",0.1\r\n", "$3\r\n0.1\r\n"], 0.1_f32);
    for nan in [",nan\r\n", ",-nan\r\n", "$3\r\nnan\r\n"] {
        assert!(decode::<f64>(nan.as_bytes()).unwrap().is_nan());
    }
    assert!(decode::<f64>(b",-0\r\n").unwrap().is_sign_negative());
    none_gives::<f64>(NULLS);
    none_gives::<f64>(&["+OK\r\n", "$0\r\n\r\n", "#t\r\n", "*0\r\n", "%0\r\n"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_double_is_the_number_that_the_standard_library_reads(
        text in "[+-]?[0-9]{1,18}(\\.[0-9]{1,18})?([eE][+-]?[0-9]{1,3})?",
    ) {
        let expected: f64 = text.parse().unwrap();
        let alone = format!(",{text}\r\n");
        prop_assert_eq!(decode::<f64>(alone.as_bytes()).unwrap().to_bits(), expected.to_bits());
        let inside = format!("*2\r\n{alone}{alone}");
        prop_assert_eq!(decode::<[f64; 2]>(inside.as_bytes()), Ok([expected; 2]));
    }
}

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
fn an_integer_in_a_text_is_the_same_alone_and_among_others() {
    let texts = [
        "0",
        "7",
        "-7",
        "-0",
        "007",
        "1234",
        "-12345",
        "12345678",
        "-12345678",
        "123456789",
        "1234567890123456",
        "-1234567890123456",
        "12345678901234567",
        "1234567x",
        "12345678x",
        "123456789012345x",
        "+5",
        "",
        "-",
        "--5",
        " 5",
        "5 ",
        "1\r",
        "5\r\n",
        "5\r\n:1",
        "12a4",
        "a",
        "1.5",
        "1e3",
        "999999999999999999",
        "-999999999999999999",
        "1234567890123456789",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "1234567890123456789012",
    ];
    for text in texts {
        let bulk = format!("${}\r\n{text}\r\n", text.len());
        for after in ["", "$1\r\n5\r\n", ":5\r\n", "$-1\r\n", "-5\r\n"] {
            let count = 1 + usize::from(!after.is_empty());
            let array = format!("*{count}\r\n{bulk}{after}");
            let (alone, among) = (
                decode::<i64>(bulk.as_bytes()),
                decode::<Vec<i64>>(array.as_bytes()),
            );
            assert_eq!(among, elements(array.as_bytes()), "{array:?}");
            if after.ends_with("5\r\n") && !after.starts_with('-') {
                assert_eq!(among, alone.map(|number| vec![number, 5]), "{array:?}");
            }
        }
    }
}

#[test]
fn an_error_of_the_server_is_an_error_wherever_it_stands() {
    for reply in ["-WRONGTYPE no\r\n", "!12\r\nWRONGTYPE no\r\n"] {
        let expected = DecodeError::Server(ServerError::from_line(b"WRONGTYPE no"));
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
        assert_eq!(decode::<Vec<i64>>(inside.as_bytes()), Err(expected.clone()));
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
fn a_float_of_32_bits_is_rounded_once_and_never_cut() {
    for bits in [
        0x15ae_43fd_u32,
        0x0000_0001,
        0x007f_ffff,
        0x7f7f_ffff,
        0x3f80_0001,
    ] {
        let number = f32::from_bits(bits);
        for text in [
            format!("{number}"),
            format!("{number:e}"),
            format!("-{number:e}"),
        ] {
            let expected = text.parse::<f32>().unwrap().to_bits();
            let double = format!(",{text}\r\n");
            assert_eq!(
                decode::<f32>(double.as_bytes()).map(f32::to_bits),
                Ok(expected),
                "{text}"
            );
            let bulk = format!("${}\r\n{text}\r\n", text.len());
            assert_eq!(
                decode::<f32>(bulk.as_bytes()).map(f32::to_bits),
                Ok(expected),
                "{text}"
            );
        }
    }
    // Between 1 and the next number, closer to that by less than 64 bits can tell.
    let above = b",1.0000000596046447753906250000000000000000001\r\n";
    assert_eq!(decode::<f32>(above), Ok(f32::from_bits(0x3f80_0001)));
    // 2⁶⁰ + 2³⁶ + 1, for which 64 bits have 2⁶⁰ + 2³⁶: half-way.
    let above = b":1152921573326323713\r\n";
    assert_eq!(
        decode::<f32>(above),
        Ok(1_152_921_573_326_323_713_i64 as f32)
    );
    for (infinite, expected) in [
        (",inf\r\n", f32::INFINITY),
        ("$4\r\n-inf\r\n", f32::NEG_INFINITY),
    ] {
        assert_eq!(decode::<f32>(infinite.as_bytes()), Ok(expected));
    }
    for large in [",1e300\r\n", "$5\r\n-1e39\r\n", ",3.5e38\r\n", ",1e400\r\n"] {
        let expected = DecodeError::OutOfRange { expected: "f32" };
        assert_eq!(decode::<f32>(large.as_bytes()), Err(expected), "{large}");
    }
    assert!(decode::<f32>(b",nan\r\n").unwrap().is_nan());
    assert!(decode::<f32>(b",-nan\r\n").unwrap().is_nan());
}

#[test]
fn an_integer_is_every_digit_of_its_text() {
    fn gives<T: for<'a> FromReply<'a> + Debug + PartialEq>(text: &str, expected: T) {
        let bulk = format!("${}\r\n{text}\r\n", text.len());
        assert_eq!(decode(bulk.as_bytes()), Ok(expected), "{text}");
    }
    gives("9007199254740993.0", 9_007_199_254_740_993_i64);
    gives("-9223372036854775808.000", i64::MIN);
    gives("1e30", 10_i128.pow(30));
    gives("-1.5E+1", -15_i8);
    gives("1200e-2", 12_u8);
    gives(&format!("{}e-99", "0".repeat(99)), 0_i64);
    gives("0e999999999999999999999", 0_i64);
    gives(&u128::MAX.to_string(), u128::MAX);
    gives(&i128::MIN.to_string(), i128::MIN);
    gives("1.77e+18", 1_770_000_000_000_000_000_i64);
    // As many digits as a double has: it is what a server has printed of one.
    gives("9.2233720368547758e+18", 1_u64 << 63);
    gives("9.223372036854776e18", 1_u64 << 63);
    let largest = format!("({}\r\n", u128::MAX);
    assert_eq!(decode(largest.as_bytes()), Ok(u128::MAX));
    let sixty = format!("({}\r\n", "7".repeat(60));
    for (name, got) in [
        ("i64", decode::<i64>(sixty.as_bytes()).unwrap_err()),
        ("u8", decode::<u8>(sixty.as_bytes()).unwrap_err()),
        ("u128", decode::<u128>(sixty.as_bytes()).unwrap_err()),
        ("i128", decode::<i128>(largest.as_bytes()).unwrap_err()),
        ("i64", decode::<i64>(b",1e300\r\n").unwrap_err()),
        ("u128", decode::<u128>(b",-1e300\r\n").unwrap_err()),
    ] {
        assert_eq!(got, DecodeError::OutOfRange { expected: name });
    }
    none_gives::<i64>(&[
        "$4\r\n1e-1\r\n",
        "$1\r\n.\r\n",
        "$2\r\ne5\r\n",
        "$2\r\n1e\r\n",
        "$3\r\n--1\r\n",
        "$4\r\n1.2.\r\n",
        "$2\r\n 1\r\n",
        "$5\r\n1e1.0\r\n",
    ]);
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
        DecodeError::OutOfRange {
            expected: "an integer other than 0"
        }
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
        format!(
            "{:?}",
            Framer::new().advance(bytes).unwrap().unwrap().reply()
        )
    };
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
