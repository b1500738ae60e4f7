//! Where in a reply that could not be decoded the fault is.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    fmt::Debug,
};

use resp_proto::{DecodeError, Elements, Fields, FromReply, Reply};

use crate::decoding::decode;

fn error<T: for<'a> FromReply<'a> + Debug>(reply: &str) -> String {
    decode::<T>(reply.as_bytes()).unwrap_err().to_string()
}

const NO_INTEGER: &str = "expected an integer, found a bulk string of 1 bytes";

#[test]
fn an_element_has_its_number_in_whatever_is_made_of_all() {
    let mut reply = format!("*20\r\n{}", "$1\r\n5\r\n".repeat(20));
    reply.replace_range(5 + 16 * 7..5 + 17 * 7, "$1\r\nx\r\n");
    let expected = format!("element 17: {NO_INTEGER}");
    assert_eq!(error::<Vec<i64>>(&reply), expected);
    assert_eq!(error::<Vec<u8>>(&reply), expected);
    assert_eq!(error::<VecDeque<i64>>(&reply), expected);
    assert_eq!(error::<Vec<Option<i64>>>(&reply), expected);
    assert_eq!(error::<[i64; 20]>(&reply), expected);
    assert_eq!(error::<[u8; 20]>(&reply), expected);
    assert_eq!(error::<BTreeSet<i64>>(&reply), expected);
    assert_eq!(error::<HashSet<i64>>(&reply), expected);
    // One row of two after the other.
    assert_eq!(error::<Vec<(i64, i64)>>(&reply), expected);
    for (number, reply) in [(1, "*2\r\n+x\r\n:1\r\n"), (2, "*2\r\n:1\r\n+x\r\n")] {
        let place = format!("element {number}: ");
        assert!(error::<Vec<i64>>(reply).starts_with(&place));
        assert!(error::<Vec<f64>>(reply).starts_with(&place));
        assert!(error::<(i64, i64)>(reply).starts_with(&place));
        assert!(error::<BTreeMap<i64, i64>>(reply).starts_with(&place));
    }
    assert_eq!(
        error::<Vec<u8>>("*2\r\n:255\r\n:256\r\n"),
        "element 2: expected u8, found a number outside its range"
    );
    assert_eq!(
        error::<Vec<i8>>("*2\r\n:127\r\n:128\r\n"),
        "element 2: expected i8, found a number outside its range"
    );
    assert_eq!(
        error::<Vec<String>>("*2\r\n+a\r\n-ERR no\r\n"),
        "element 2: the server answered: ERR no"
    );
    let not_text = decode::<Vec<&str>>(b"*2\r\n$1\r\na\r\n$1\r\n\xff\r\n").unwrap_err();
    assert_eq!(
        not_text.to_string(),
        "element 2: expected text in UTF-8, found a bulk string of 1 bytes"
    );
}

#[test]
fn an_entry_of_a_map_is_named_as_one() {
    for (reply, place) in [
        ("%2\r\n:1\r\n:2\r\n$1\r\nx\r\n:4\r\n", "the key of entry 2"),
        (
            "%2\r\n:1\r\n:2\r\n:3\r\n$1\r\nx\r\n",
            "the value of entry 2",
        ),
        ("*4\r\n:1\r\n:2\r\n:3\r\n$1\r\nx\r\n", "element 4"),
        (
            "*2\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n$1\r\nx\r\n",
            "element 2 of element 2",
        ),
    ] {
        let expected = format!("{place}: {NO_INTEGER}");
        assert_eq!(error::<HashMap<i64, i64>>(reply), expected);
        assert_eq!(error::<BTreeMap<i64, i64>>(reply), expected);
        assert_eq!(error::<Vec<(i64, i64)>>(reply), expected);
    }
}

#[test]
fn what_is_nested_is_named_from_the_inside_out() {
    type Streams = HashMap<String, Vec<(String, Vec<(String, i64)>)>>;
    let entries = "*1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\nf\r\n$1\r\nx\r\n";
    assert_eq!(
        error::<Streams>(&format!("%1\r\n$1\r\ns\r\n{entries}")),
        format!("element 2 of element 2 of element 1 of the value of entry 1: {NO_INTEGER}")
    );
    assert_eq!(
        error::<Streams>(&format!("*1\r\n*2\r\n$1\r\ns\r\n{entries}")),
        format!("element 2 of element 2 of element 1 of element 2 of element 1: {NO_INTEGER}")
    );
    // The outermost levels are those that are named.
    type Deep<T> = [[[[T; 1]; 1]; 1]; 1];
    let deep = |levels| format!("{}$1\r\nx\r\n", "*1\r\n".repeat(levels));
    let eight = ["element 1"; 8].join(" of ");
    assert_eq!(
        error::<Deep<Deep<i64>>>(&deep(8)),
        format!("{eight}: {NO_INTEGER}")
    );
    assert_eq!(
        error::<Deep<Deep<(i64,)>>>(&deep(9)),
        format!("in {eight}: {NO_INTEGER}")
    );
}

#[test]
fn too_few_elements_and_too_many_are_counted() {
    let three = "*3\r\n:1\r\n:2\r\n:3\r\n";
    let found = "found an array of 3 elements";
    for (error, expected) in [
        (error::<(i64, i64)>(three), "an aggregate for a tuple of 2"),
        (
            error::<(i64, i64, i64, i64)>(three),
            "an aggregate for a tuple of 4",
        ),
        (
            error::<((i64, i64), (i64, i64))>(three),
            "an aggregate for a tuple of 2",
        ),
        (
            error::<[i64; 4]>(three),
            "as many elements as the array has",
        ),
        (
            error::<[(i64, i64); 2]>(three),
            "as many elements as the array has",
        ),
        (error::<Vec<(i64, i64)>>(three), "whole rows of elements"),
        (error::<BTreeMap<i64, i64>>(three), "whole rows of elements"),
        (error::<HashMap<i64, i64>>(three), "whole rows of elements"),
        (
            error::<HashSet<(i64, i64)>>(three),
            "whole rows of elements",
        ),
    ] {
        assert_eq!(error, format!("expected {expected}, {found}"));
    }
    assert_eq!(
        error::<Vec<(i64, Vec<(i64, i64)>)>>(&format!("*2\r\n:1\r\n{three}")),
        format!("element 2: expected whole rows of elements, {found}")
    );
}

#[test]
fn an_error_makes_results_hardly_larger() {
    let both = size_of::<i64>() + size_of::<usize>();
    assert_eq!(size_of::<Result<i64, DecodeError>>(), both);
    assert_eq!(
        size_of::<Result<Vec<i64>, DecodeError>>(),
        size_of::<Vec<i64>>()
    );
    let error = decode::<Vec<u8>>(b"*1\r\n:300\r\n").unwrap_err();
    assert_eq!(
        format!("{error:?}"),
        r#"DecodeError { place: element 1, kind: OutOfRange { expected: "u8" } }"#
    );
    let error = decode::<u8>(b":300\r\n").unwrap_err();
    assert_eq!(
        format!("{error:?}"),
        r#"DecodeError { kind: OutOfRange { expected: "u8" } }"#
    );
}

#[derive(Debug)]
struct Counted {
    _pending: u64,
    _lag: Option<u64>,
}

impl<'a> FromReply<'a> for Counted {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let fields = Fields::of(reply)?;
        Ok(Self {
            _pending: fields.required("pending")?,
            _lag: fields.optional("lag")?,
        })
    }
}

/// Reads its own elements one by one, as for replies of no regular shape.
#[derive(Debug)]
struct Two;

impl<'a> FromReply<'a> for Two {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let mut elements: Elements<'a> = reply.elements().unwrap();
        u8::from_elements(&mut elements)?;
        u8::from_elements(&mut elements).map_err(|error| error.at_element(2))?;
        Ok(Self)
    }
}

#[test]
fn types_of_the_users_name_their_fields() {
    let row = |lag| format!("%2\r\n+pending\r\n:1\r\n+lag\r\n{lag}");
    assert_eq!(
        error::<Vec<Counted>>(&format!("*2\r\n{}{}", row("_\r\n"), row("$1\r\nx\r\n"))),
        format!("field lag of element 2: {NO_INTEGER}")
    );
    let pending = row("_\r\n").replace(":1", ":-1");
    assert_eq!(
        error::<Counted>(&pending),
        "field pending: expected u64, found a number outside its range"
    );
    assert_eq!(
        error::<Vec<Counted>>("*1\r\n%0\r\n"),
        "element 1: expected a field named pending, found none"
    );
    assert_eq!(
        error::<Vec<Two>>("*1\r\n*2\r\n:1\r\n$1\r\nx\r\n"),
        format!("element 2 of element 1: {NO_INTEGER}")
    );
    // The end of what is inside is not that of what is around it.
    assert_eq!(
        error::<Vec<Two>>("*2\r\n*2\r\n:1\r\n:2\r\n*0\r\n"),
        "element 2: expected more elements, found an array of 0 elements"
    );
    assert_eq!(
        error::<Two>("*0\r\n"),
        "expected another element, found the end of the aggregate"
    );
}
