//! What other parsers make of the same bytes, predicted exactly: the streams are RESP2, legal, odd, damaged, deep
//! and cut, and each peer reads them as [`reader`] does with the [quirks](reader::Quirk) of that peer.
//!
//! One thing is not compared: hiredis 0.13 allocates for as many elements as a header claims and then writes
//! beyond that (CVE-2021-32765), so it is not given a stream where it would.

mod peers;
mod reader;

use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{
    peers::{OURS, PEERS, Peer},
    reader::{
        Quirk::{self, *},
        Stop, read,
    },
};

fn is_as_predicted(peer: &Peer, stream: &[u8]) -> Result<(), TestCaseError> {
    let predicted = read(peer.quirks, stream);
    if predicted.stop != Stop::Harmful {
        let shown = stream.escape_ascii();
        prop_assert_eq!((peer.read)(stream), predicted, "{}: {}", peer.name, shown);
    }
    Ok(())
}

fn all_are_as_predicted(stream: &[u8]) -> Result<(), TestCaseError> {
    is_as_predicted(&OURS, stream)?;
    PEERS
        .iter()
        .try_for_each(|peer| is_as_predicted(peer, stream))
}

fn reply() -> impl Strategy<Value = Vec<u8>> {
    let line = |kind: &'static str| move |text: String| format!("{kind}{text}\r\n").into_bytes();
    let scalar = prop_oneof![
        "[ -~]{0,12}".prop_map(line("+")),
        "[A-Z]{2,8} [a-z ]{0,8}[a-z]".prop_map(line("-")),
        any::<i64>().prop_map(|number| format!(":{number}\r\n").into_bytes()),
        vec(any::<u8>(), 0..20).prop_map(|bytes| {
            [format!("${}\r\n", bytes.len()).as_bytes(), &bytes, b"\r\n"].concat()
        }),
        Just(b"$-1\r\n".to_vec()),
        Just(b"*-1\r\n".to_vec()),
    ];
    scalar.prop_recursive(3, 20, 5, |inner| {
        vec(inner, 0..5).prop_map(|items| {
            [format!("*{}\r\n", items.len()).into_bytes(), items.concat()].concat()
        })
    })
}

/// Lines that parsers may take in more than one way, and what can follow them.
fn odd_piece() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop::sample::select(&b"+-:$*+-:$*_,#(!=%~>|?"[..]);
    let number = prop::sample::select(vec![
        "0",
        "1",
        "2",
        "3",
        "+1",
        "-0",
        "-1",
        "-01",
        "-2",
        "00",
        "02",
        " 1",
        "1 ",
        "\t2",
        "\u{a0}1",
        "",
        "+",
        "-",
        "--1",
        "+-1",
        "1\r",
        "1\rx",
        "\n",
        "1\n",
        "x",
        "1x",
        "?",
        "1.5",
        "t",
        "inf",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551617",
        "4294967297",
        "-4294967295",
        "536870912",
        "536870913",
        "67108864",
        "67108865",
    ]);
    let text = prop_oneof![
        3 => number.prop_map(|text| text.as_bytes().to_vec()),
        1 => "[a-z:]{0,5}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..5),
    ];
    let ending = prop::sample::select(&["\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "", "xx"][..]);
    prop_oneof![
        6 => (kind, text, ending)
            .prop_map(|(kind, text, end)| [&[kind], &text[..], end.as_bytes()].concat()),
        2 => prop::sample::select(&["\r\n", "a\r\n", "ab\r\n", "a\r", "abxx", "txt:a\r\n"][..])
            .prop_map(|bytes| bytes.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..4),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(3000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn legal_replies_are_the_same_to_everybody(replies in vec(reply(), 1..5)) {
        let stream = replies.concat();
        let ours = (OURS.read)(&stream);
        prop_assert_eq!(ours.replies.len(), replies.len());
        for peer in &PEERS {
            prop_assert_eq!((peer.read)(&stream), ours.clone(), "{}", peer.name);
        }
        all_are_as_predicted(&stream)?;
    }

    #[test]
    fn damaged_replies_are_read_as_the_quirks_say(
        replies in vec(reply(), 1..3),
        damages in vec((any::<Index>(), 0..3, prop::sample::select(&b"\r\n+-:$*019x ?_#\xff"[..])), 1..4),
        length in any::<Index>(),
        is_cut in prop::bool::weighted(0.2),
    ) {
        let mut stream = replies.concat();
        for (index, how, byte) in damages {
            let at = index.index(stream.len());
            match how {
                0 => stream.insert(at, byte),
                1 if stream.len() > 1 => _ = stream.remove(at),
                _ => stream[at] = byte,
            }
        }
        if is_cut {
            stream.truncate(length.index(stream.len()));
        }
        all_are_as_predicted(&stream)?;
    }

    #[test]
    fn odd_lines_are_read_as_the_quirks_say(pieces in vec(odd_piece(), 1..8)) {
        all_are_as_predicted(&pieces.concat())?;
    }

    #[test]
    fn nested_replies_are_read_as_the_quirks_say(
        depth in prop_oneof![0_usize..12, 95_usize..135],
        inner in prop_oneof![reply(), odd_piece(), Just(b"*0\r\n".to_vec())],
    ) {
        all_are_as_predicted(&["*1\r\n".repeat(depth).as_bytes(), &inner].concat())?;
    }
}

/// Streams that show a quirk to whoever has it.
fn shown_by(quirk: Quirk) -> Vec<Vec<u8>> {
    let texts: &[&[u8]] = match quirk {
        LoneLineEndings => &[b"+a\nb\rc\r\n"],
        AnyBulkEnding => &[b"$1\r\naxx"],
        BulkEndingByByte => &[b"$1\r\nax"],
        LooseNumbers => &[
            b":x\r\n",
            b":\r\n",
            b":18446744073709551617\r\n",
            b":1\rx\r\n",
        ],
        BlanksAroundNumbers => &[b": 1 \r\n"],
        SignedLengths => &[b"$+0\r\n\r\n", b"*-0\r\n"],
        NegativeBulkIsNull => &[b"$-5\r\n"],
        NegativeArrayIsNull | NegativeArrayIsEmpty => &[b"*-5\r\n"],
        NoLengthLimits => &[b"$536870913\r\n", b"*67108865\r\n"],
        BelievesCounts => &[b"*4294967297\r\n"],
        RefusesLate => &[b"?"],
        LinesAreUtf8 => &[b"+\xff\r\n"],
        ErrorsAreUtf8 => &[b"*2\r\n-\xff\r\n:1\r\n"],
        KnowsResp3 => &[b"_\r\n"],
        NoNestingLimit => return vec!["*1\r\n".repeat(129).into()],
        EightLevels => return vec![["*1\r\n".repeat(8), "*0\r\n".into()].concat().into()],
        HundredLevels => return vec![["*1\r\n".repeat(100), ":1\r\n".into()].concat().into()],
    };
    texts.iter().map(|text| text.to_vec()).collect()
}

#[test]
fn no_quirk_of_a_peer_is_idle() {
    for peer in &PEERS {
        for &quirk in peer.quirks {
            let others: Vec<_> = peer
                .quirks
                .iter()
                .copied()
                .filter(|&other| other != quirk)
                .collect();
            let shows = shown_by(quirk).iter().any(|stream| {
                let predicted = read(peer.quirks, stream);
                is_as_predicted(peer, stream).unwrap();
                read(&others, stream) != predicted
            });
            assert!(shows, "{}: {quirk:?} shows nowhere", peer.name);
        }
    }
}
