//! Values that are kept as JSON text: what is written, what is read, and what is refused.

#![cfg(feature = "json")]

use std::collections::BTreeMap;

use redis_cmd::{
    Command, CommandFilter, CommandTableCommands, GeoArea, GeoCommands, GeoOptions, GeoOrigin,
    GeoUnit, Json, KeptArg, KeyCommands, Lex, LexRange, MigrateOptions, Milliseconds, SetOptions,
    SortedSetRangeCommands, StreamCommands, StringCommands, Trim, VSimOptions, VectorQuery,
    VectorSetCommands, XAddOptions, cmd, raw,
};
use resp_proto::{DecodeError, Framer, FromReplyOwned};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct User {
    name: String,
    tags: Vec<String>,
}

fn ada() -> User {
    User {
        name: "Ada".into(),
        tags: vec!["first".into(), "näher".into()],
    }
}

const TEXT: &str = r#"{"name":"Ada","tags":["first","näher"]}"#;

/// What JSON cannot hold: keys that are no text.
fn unwritable() -> BTreeMap<(u8, u8), u8> {
    [((1, 2), 3)].into()
}

fn decoded<T: FromReplyOwned>(bytes: &str) -> Result<T, DecodeError> {
    let mut framer = Framer::new();
    let frame = framer.advance(bytes.as_bytes()).unwrap().unwrap();
    frame.reply().decode()
}

fn bulk(text: &str) -> String {
    format!("${}\r\n{text}\r\n", text.len())
}

/// Answers with the command's arguments, or with why it is not sent.
struct Words;

impl redis_cmd::Execute for Words {
    type Output<T: FromReplyOwned> = Result<Vec<String>, &'static str>;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Self::Output<T> {
        let words = command.arguments().map(String::from_utf8_lossy);
        let words = words.map(Into::into).collect();
        command.reason_against().map_or(Ok(words), Err)
    }
}
redis_cmd::implement_families!(for Words);

#[test]
fn a_value_is_one_argument_of_text() {
    let words = Words.set("k", Json(&ada())).unwrap();
    assert_eq!(words, ["SET", "k", TEXT]);
    let pairs = [("a", Json(1)), ("b", Json(2))];
    assert_eq!(Words.mset(pairs).unwrap(), ["MSET", "a", "1", "b", "2"]);
    // Longer than what is borrowed.
    let long = "x".repeat(10_000);
    let words = Words.set("k", Json(&long)).unwrap();
    assert_eq!(words[2], format!("\"{long}\""));
}

#[test]
fn text_is_read_as_the_value_again() {
    let user: Json<User> = decoded(&bulk(TEXT)).unwrap();
    assert_eq!(user, Json(ada()));
    assert_eq!(decoded::<Option<Json<User>>>("$-1\r\n").unwrap(), None);
    assert_eq!(decoded::<Option<Json<User>>>("_\r\n").unwrap(), None);
    let several: Vec<Json<u8>> = decoded("*2\r\n$1\r\n1\r\n$1\r\n2\r\n").unwrap();
    assert_eq!(several, [Json(1), Json(2)]);
    let null: Json<Option<u8>> = decoded(&bulk("null")).unwrap();
    assert_eq!(null, Json(None));
}

#[test]
fn what_is_not_of_the_type_is_an_error_that_does_not_quote_it() {
    for (text, expected) in [
        ("{\"name\":\"secret\"}", "JSON text of the type asked for"),
        ("\"secret\"", "JSON text of the type asked for"),
        ("{\"name\":\"secret", "JSON text that is complete"),
        ("", "JSON text that is complete"),
        ("secret", "JSON text"),
        ("{\"name\":\"secret\",\"tags\":[]} 1", "JSON text"),
    ] {
        let error = decoded::<Json<User>>(&bulk(text)).unwrap_err().to_string();
        let size = text.len();
        let said = format!("expected {expected}, found a bulk string of {size} bytes");
        assert_eq!(error, said);
    }
    assert!(decoded::<Json<User>>("-ERR no\r\n").is_err());
    assert!(decoded::<Json<Option<u8>>>("$-1\r\n").is_err());
}

#[test]
fn what_json_cannot_hold_is_not_sent_wherever_it_stands() {
    let reason = "expected a value that JSON can hold, found one that it cannot";
    assert_eq!(Words.set("k", Json(unwritable())), Err(reason));
    let options = SetOptions::new().if_eq(Json(unwritable()));
    assert_eq!(Words.set_with("k", "v", options), Err(reason));
    let command: Command<'_> = cmd("ANY").arg(&"a").word("b");
    assert_eq!(command.reason_against(), None);
    // Where arguments are counted, it is one.
    assert_eq!(Words.mset([("a", Json(unwritable()))]), Err(reason));
    let two_words = ("config get", Json(unwritable()));
    assert_eq!(raw(&two_words).reason_against(), Some(reason));
}

#[test]
fn what_json_cannot_hold_is_not_sent_by_options_that_keep_it() {
    let reason = Err("expected a value that JSON can hold, found one that it cannot");
    let json = || Json(unwritable());
    assert_eq!(Words.exists(KeptArg::new(&json())), reason);
    for lex in [Lex::included(json()), Lex::excluded(json())] {
        assert_eq!(Words.zlexcount("z", lex.clone()..=Lex::Last), reason);
        assert_eq!(
            Words.zrange::<String>("z", LexRange::new(Lex::First, lex)),
            reason
        );
    }
    let area = GeoArea::circle(GeoOrigin::member(json()), 1.0, GeoUnit::Meters);
    assert_eq!(
        Words.geosearch::<String>("g", area, GeoOptions::new()),
        reason
    );
    for keys in [vec![json()], vec![json(), json()]] {
        let options = MigrateOptions::keys(keys);
        assert_eq!(Words.migrate("h", 1, 0, Milliseconds(1), options), reason);
    }
    assert_eq!(Words.xtrim("s", Trim::min_id(json())), reason);
    let options = XAddOptions::new().trim(Trim::min_id(json()));
    assert_eq!(Words.xadd_with("s", "*", ("f", "v"), options), reason);
    let query = VectorQuery::element(json());
    assert_eq!(Words.vsim::<String>("v", query, VSimOptions::new()), reason);
    let filter = CommandFilter::pattern(json());
    assert_eq!(Words.command_list_filterby(filter), reason);
}
