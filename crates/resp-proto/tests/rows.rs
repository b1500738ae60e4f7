//! Rows of several values, in the shapes that RESP2 and RESP3 send them in.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Debug,
};

use resp_proto::{DecodeError, Elements, Framer, FromReply, Reply, ServerError, Value};

fn decode<'a, T: FromReply<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    let frame = Framer::new().advance(bytes).unwrap().unwrap();
    frame.reply().decode()
}

const PAIRS_AS_KEYS_AND_VALUES: &[u8] =
    b"%2\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n:4\r\n*2\r\n:5\r\n:6\r\n*2\r\n:7\r\n:8\r\n";

#[test]
fn a_map_holds_keys_and_values_in_turn_even_if_each_is_a_pair() {
    let pair = |a, b| Value::Array(vec![Value::Integer(a), Value::Integer(b)]);
    let expected = vec![(pair(1, 2), pair(3, 4)), (pair(5, 6), pair(7, 8))];
    assert_eq!(decode(PAIRS_AS_KEYS_AND_VALUES), Ok(expected.clone()));
    assert_eq!(
        decode::<[(Value, Value); 2]>(PAIRS_AS_KEYS_AND_VALUES).map(Vec::from),
        Ok(expected)
    );
    let lists = BTreeMap::from([(vec![1, 2], vec![3, 4]), (vec![5, 6], vec![7, 8])]);
    assert_eq!(decode(PAIRS_AS_KEYS_AND_VALUES), Ok(lists.clone()));
    let hashed: HashMap<_, _> = lists.into_iter().collect();
    assert_eq!(
        decode::<HashMap<Vec<i64>, Vec<i64>>>(PAIRS_AS_KEYS_AND_VALUES),
        Ok(hashed)
    );
    let pairs = BTreeSet::from([(vec![1, 2], vec![3, 4]), (vec![5, 6], vec![7, 8])]);
    assert_eq!(decode(PAIRS_AS_KEYS_AND_VALUES), Ok(pairs.clone()));
    let hashed: HashSet<_> = pairs.into_iter().collect();
    assert_eq!(decode(PAIRS_AS_KEYS_AND_VALUES), Ok(hashed));
    // Neither is a pair of two numbers.
    assert!(decode::<Vec<(i64, i64)>>(PAIRS_AS_KEYS_AND_VALUES).is_err());
    assert!(decode::<BTreeSet<(i64, i64)>>(PAIRS_AS_KEYS_AND_VALUES).is_err());
    assert!(decode::<HashSet<(i64, i64)>>(PAIRS_AS_KEYS_AND_VALUES).is_err());
    let counted = b"%2\r\n*2\r\n+a\r\n+b\r\n:1\r\n*1\r\n+c\r\n:2\r\n";
    let expected = BTreeMap::from([(vec!["a", "b"], 1), (vec!["c"], 2)]);
    assert_eq!(decode::<BTreeMap<Vec<&str>, i64>>(counted), Ok(expected));
}

#[test]
fn an_array_has_its_pairs_in_turn_or_nested_throughout() {
    // What comes first is no pair of its own, so nothing behind it is.
    let in_turn = b"*4\r\n:1\r\n*2\r\n:2\r\n:3\r\n*2\r\n:4\r\n:5\r\n*2\r\n:6\r\n:7\r\n";
    let pair = |a, b| Value::Array(vec![Value::Integer(a), Value::Integer(b)]);
    let expected = vec![(Value::Integer(1), pair(2, 3)), (pair(4, 5), pair(6, 7))];
    assert_eq!(decode(in_turn), Ok(expected));
    let listed = b"*4\r\n*2\r\n+a\r\n+b\r\n:1\r\n*2\r\n+c\r\n+d\r\n:2\r\n";
    let expected = vec![(vec!["a", "b"], 1), (vec!["c", "d"], 2)];
    assert_eq!(
        decode::<Vec<(Vec<&str>, i64)>>(listed),
        Ok(expected.clone())
    );
    let expected: BTreeMap<_, _> = expected.into_iter().collect();
    assert_eq!(decode::<BTreeMap<Vec<&str>, i64>>(listed), Ok(expected));
    for nested in [
        &b"*1\r\n*2\r\n+a\r\n:1\r\n"[..],
        b"*2\r\n*2\r\n+a\r\n:1\r\n*2\r\n+b\r\n:2\r\n",
        b"*3\r\n*2\r\n+a\r\n:1\r\n*2\r\n+b\r\n:2\r\n*2\r\n+c\r\n:3\r\n",
    ] {
        let pairs: Vec<(&str, i64)> = decode(nested).unwrap();
        let map: BTreeMap<&str, i64> = decode(nested).unwrap();
        let all = [("a", 1), ("b", 2), ("c", 3)];
        assert_eq!(pairs, all[..pairs.len()]);
        assert_eq!(map, pairs.into_iter().collect());
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Scored {
    member: String,
    score: f64,
}

impl<'a> FromReply<'a> for Scored {
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let (member, score) = reply.decode()?;
        Ok(Self { member, score })
    }

    fn from_elements(elements: &mut Elements<'a>) -> Result<Self, DecodeError> {
        let (member, score) = FromReply::from_elements(elements)?;
        Ok(Self { member, score })
    }
}

const IN_TURN: &[u8] = b"*4\r\n$1\r\na\r\n$3\r\n0.1\r\n$1\r\nb\r\n$1\r\n2\r\n";
const NESTED: &[u8] = b"*2\r\n*2\r\n$1\r\na\r\n,0.1\r\n*2\r\n$1\r\nb\r\n,2\r\n";

#[test]
fn a_type_of_the_users_is_read_in_turn_and_nested_and_within_option_and_result() {
    let scored = |member: &str, score| Scored {
        member: member.into(),
        score,
    };
    let expected = vec![scored("a", 0.1), scored("b", 2.0)];
    for bytes in [IN_TURN, NESTED] {
        assert_eq!(decode(bytes), Ok(expected.clone()));
        let some: Vec<_> = expected.iter().cloned().map(Some).collect();
        assert_eq!(decode(bytes), Ok(some));
        let answered: Vec<Result<Scored, ServerError>> = decode(bytes).unwrap();
        let answered: Result<Vec<_>, _> = answered.into_iter().collect();
        assert_eq!(answered, Ok(expected.clone()));
        let pairs: Vec<Option<(String, f64)>> = decode(bytes).unwrap();
        assert_eq!(pairs[0], Some(("a".into(), 0.1)));
    }
}

#[test]
fn what_is_missing_or_failed_among_nested_rows_is_one_element() {
    let positions = b"*4\r\n*2\r\n,1\r\n,2\r\n*-1\r\n|1\r\n+a\r\n:1\r\n_\r\n*2\r\n,3\r\n,4\r\n";
    let expected = vec![Some((1.0, 2.0)), None, None, Some((3.0, 4.0))];
    assert_eq!(decode(positions), Ok(expected));
    let answers =
        b"*4\r\n-ERR no\r\n*2\r\n,1\r\n,2\r\n|1\r\n+a\r\n:1\r\n!2\r\nno\r\n*2\r\n,3\r\n,4\r\n";
    let answers: Vec<Result<(f64, f64), ServerError>> = decode(answers).unwrap();
    let good: Vec<_> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(good, [false, true, false, true]);
    // A negative number is not nil, nor is a text that begins like one.
    let some = vec![Some(-1), Some(-12)];
    assert_eq!(
        decode::<Vec<Option<i64>>>(b"*2\r\n:-1\r\n$3\r\n-12\r\n"),
        Ok(some)
    );
    assert_eq!(
        decode::<Vec<Option<i64>>>(b"*2\r\n$-1\r\n_\r\n"),
        Ok(vec![None, None])
    );
}
