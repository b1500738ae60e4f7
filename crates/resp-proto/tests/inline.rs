//! Inline commands are read as servers read them.

use proptest::{collection::vec, prelude::*};
use resp_proto::inline::{self, InlineError, MAX_LINE};

fn words(line: &[u8]) -> Vec<Vec<u8>> {
    let inline = inline::read(line).unwrap().unwrap();
    assert_eq!(inline.len(), line.len());
    inline.words().map(|word| word.to_vec()).collect()
}

/// The lines were sent to a Redis 7 server, whose answers show these words.
#[test]
fn words_quotes_and_escapes_are_what_servers_make_of_them() {
    let table: &[(&[u8], &[&[u8]])] = &[
        (b"PING\r\n", &[b"PING"]),
        (b"PING\n", &[b"PING"]),
        (b"  SET \t key  value \r\n", &[b"SET", b"key", b"value"]),
        (b"\r\n", &[]),
        (b"\n", &[]),
        (b"   \r\n", &[]),
        (b"ECHO \"two words\"\r\n", &[b"ECHO", b"two words"]),
        (b"ECHO 'two words'\r\n", &[b"ECHO", b"two words"]),
        (b"ECHO \"\"\r\n", &[b"ECHO", b""]),
        (b"ECHO ''\r\n", &[b"ECHO", b""]),
        (b"ECHO ab\"cd ef\"\r\n", &[b"ECHO", b"abcd ef"]),
        (
            b"ECHO \"\\x00\\xfF\\n\\r\\t\\b\\a\\q\\\"\\\\\"\r\n",
            &[b"ECHO", b"\0\xff\n\r\t\x08\x07q\"\\"],
        ),
        (b"ECHO \"\\xg1\\x1\"\r\n", &[b"ECHO", b"xg1x1"]),
        (b"ECHO 'it\\'s \\n'\r\n", &[b"ECHO", b"it's \\n"]),
        (b"ECHO a\\nb\r\n", &[b"ECHO", b"a\\nb"]),
        (b"ECHO a\x0bb\x0cc\r\n", &[b"ECHO", b"a\x0bb\x0cc"]),
        (b"ECHO\x0b\"a\"\x0b\r\n", &[b"ECHO\x0ba"]),
        (b"ECHO \x0b a\r\n", &[b"ECHO", b"a"]),
        (b"ECHO \"a\"\x0bb\r\n", &[b"ECHO", b"a", b"b"]),
        (b"ECHO a\rb\r\n", &[b"ECHO", b"a", b"b"]),
        (b"ECHO \xc3\xa4\xff\r\n", &[b"ECHO", b"\xc3\xa4\xff"]),
    ];
    for (line, expected) in table {
        assert_eq!(&words(line), expected, "{}", line.escape_ascii());
    }
}

#[test]
fn quotes_that_do_not_match_are_refused() {
    for line in [
        &b"ECHO \"open\r\n"[..],
        b"ECHO 'open\r\n",
        b"ECHO \"a\"b\r\n",
        b"ECHO 'a'b\r\n",
        b"ECHO 'a'\"b\"\r\n",
        b"ECHO \"a\\\"\r\n",
        b"ECHO \"a\\\r\n",
    ] {
        assert_eq!(
            inline::read(line).unwrap_err(),
            InlineError::Quotes,
            "{}",
            line.escape_ascii()
        );
    }
}

#[test]
fn a_line_is_incomplete_until_it_ends_and_too_long_after_that() {
    for end in 0..6 {
        assert!(inline::read(&b"PING\r\n"[..end]).unwrap().is_none());
    }
    assert!(inline::read(&vec![b'a'; MAX_LINE]).unwrap().is_none());
    assert_eq!(
        inline::read(&vec![b'a'; MAX_LINE + 1]).unwrap_err(),
        InlineError::TooLong
    );
    let line = |length| [vec![b'a'; length], b"\n".to_vec()].concat();
    assert!(inline::read(&line(MAX_LINE)).unwrap().is_some());
    assert_eq!(
        inline::read(&line(MAX_LINE + 1)).unwrap_err(),
        InlineError::TooLong
    );
}

#[test]
fn a_zero_byte_is_refused_as_soon_as_it_is_there() {
    assert_eq!(inline::read(b"ECHO a\0").unwrap_err(), InlineError::Zero);
    assert_eq!(
        inline::read(b"ECHO \"\0\"\r\n").unwrap_err(),
        InlineError::Zero
    );
    assert!(inline::read(b"ECHO a\n\0").is_ok());
}

#[test]
fn what_follows_the_line_is_left_alone() {
    let inline = inline::read(b"PING\r\n'GET").unwrap().unwrap();
    assert_eq!((inline.len(), inline.words().count()), (6, 1));
}

#[test]
fn a_word_without_quotes_needs_no_copy() {
    let line = b"SET key 'v'\r\n";
    let inline = inline::read(line).unwrap().unwrap();
    let plain: Vec<_> = inline.words().map(|word| word.plain()).collect();
    assert_eq!(plain, [Some(&b"SET"[..]), Some(b"key"), None]);
    assert_eq!(plain[1].unwrap().as_ptr(), line[4..].as_ptr());
}

/// As servers and their command line tool quote bytes.
fn quoted(word: &[u8]) -> Vec<u8> {
    let escaped = word.iter().flat_map(|&byte| match byte {
        b'"' | b'\\' => vec![b'\\', byte],
        b' '..=b'~' => vec![byte],
        _ => format!("\\x{byte:02x}").into_bytes(),
    });
    [b'"'].into_iter().chain(escaped).chain([b'"']).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quoted_words_of_any_bytes_are_read_back(expected in vec(vec(any::<u8>(), 0..20), 0..6)) {
        let line: Vec<_> = expected.iter().map(|word| quoted(word)).collect();
        prop_assert_eq!(words(&[line.join(&b' '), b"\r\n".to_vec()].concat()), expected);
    }

    #[test]
    fn any_line_gives_words_or_an_error(line in vec(prop::sample::select(&b"ab \"'\\x0\0\r\t\x0b"[..]), 0..30)) {
        let line = [line, b"\n".to_vec()].concat();
        if let Ok(inline) = inline::read(&line) {
            let inline = inline.expect("a line that ends");
            prop_assert_eq!(inline.len(), line.len());
            prop_assert!(inline.words().map(|word| word.bytes().count()).sum::<usize>() <= line.len());
        }
    }
}
