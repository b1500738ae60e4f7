//! The framer and the view agree with the naive parser, on legal streams and on damaged ones.

use proptest::{collection::vec, prelude::*, sample::Index};
use resp_proto::Framer;

use crate::naive::{self, Node, Stop, Tree};

/// What the crate makes of a stream, in the naive parser's words.
fn read_all(mut stream: &[u8]) -> (Vec<Node>, Option<Stop>) {
    let mut framer = Framer::new();
    let mut nodes = Vec::new();
    while !stream.is_empty() {
        match framer.advance(stream) {
            Ok(Some(frame)) => {
                nodes.push(naive::of_reply(frame.reply()));
                stream = &stream[frame.len()..];
            }
            Ok(None) => return (nodes, Some(Stop::Incomplete)),
            Err(_) => return (nodes, Some(Stop::Invalid)),
        }
    }
    (nodes, None)
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let byte = any::<u8>().prop_filter("no CR, no LF", |byte| !b"\r\n".contains(byte));
    vec(byte, 0..40)
}

fn scalar() -> impl Strategy<Value = Tree> {
    prop_oneof![
        line().prop_map(Tree::Simple),
        line().prop_map(Tree::Error),
        any::<i64>().prop_map(Tree::Integer),
        (-1000_i64..1000).prop_map(Tree::Integer),
        vec(any::<u8>(), 0..40).prop_map(Tree::Bulk),
        prop_oneof![Just("_"), Just("$-1"), Just("*-1")].prop_map(Tree::Null),
        "(-?inf|nan|[+-]?[0-9]{1,20}(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?)"
            .prop_map(Tree::Double),
        any::<bool>().prop_map(Tree::Boolean),
        "[+-]?[0-9]{1,40}".prop_map(Tree::BigNumber),
        vec(any::<u8>(), 0..40).prop_map(Tree::BulkError),
        (any::<[u8; 3]>(), vec(any::<u8>(), 0..40))
            .prop_map(|(format, text)| Tree::Verbatim(format, text)),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    let plain = |tree| Node {
        attributes: Vec::new(),
        tree,
    };
    scalar().prop_map(plain).prop_recursive(5, 60, 6, |inner| {
        let pairs = vec((inner.clone(), inner.clone()), 0..4);
        let many = vec(inner.clone(), 0..8);
        let tree = prop_oneof![
            scalar(),
            many.clone().prop_map(Tree::Array),
            many.clone().prop_map(Tree::Set),
            many.prop_map(Tree::Push),
            pairs.clone().prop_map(Tree::Map),
        ];
        let attributes = prop_oneof![3 => Just(Vec::new()), 1 => pairs];
        (attributes, tree).prop_map(|(attributes, tree)| Node { attributes, tree })
    })
}

fn written(nodes: &[Node]) -> Vec<u8> {
    let mut stream = Vec::new();
    nodes.iter().for_each(|node| node.write(&mut stream));
    stream
}

/// One way to damage a stream.
#[derive(Clone, Debug)]
enum Damage {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Cut(Index),
    Repeat(Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let telling = prop::sample::select(&b"\r\n+-:$*_,#(!=%~>|0123456789?.eE\0\xff"[..]);
    let byte = prop_oneof![3 => telling, 1 => any::<u8>()];
    prop_oneof![
        (any::<Index>(), byte.clone()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        (any::<Index>(), byte).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        any::<Index>().prop_map(Damage::Remove),
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Damage::Repeat(from, to)),
    ]
}

fn damaged(mut stream: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        if stream.is_empty() {
            break;
        }
        let at = |index: &Index| index.index(stream.len());
        match damage {
            Damage::Replace(index, byte) => {
                let at = at(index);
                stream[at] = *byte;
            }
            Damage::Insert(index, byte) => stream.insert(at(index), *byte),
            Damage::Remove(index) => {
                stream.remove(at(index));
            }
            Damage::Cut(index) => stream.truncate(at(index)),
            Damage::Repeat(from, to) => {
                let (from, to) = (at(from).min(at(to)), at(from).max(at(to)));
                let again = stream[from..to].to_vec();
                stream.splice(from..from, again);
            }
        }
    }
    stream
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_legal_stream_reads_as_it_was_written(nodes in vec(node(), 1..4)) {
        let stream = written(&nodes);
        prop_assert_eq!(naive::parse_all(&stream), (nodes.clone(), None));
        prop_assert_eq!(read_all(&stream), (nodes, None));
    }

    #[test]
    fn a_damaged_stream_reads_as_the_naive_parser_reads_it(
        nodes in vec(node(), 1..4),
        damages in vec(damage(), 1..4),
    ) {
        let stream = damaged(written(&nodes), &damages);
        prop_assert_eq!(read_all(&stream), naive::parse_all(&stream), "{}", stream.escape_ascii());
    }

    #[test]
    fn a_soup_of_telling_bytes_reads_as_the_naive_parser_reads_it(
        stream in vec(prop::sample::select(&b"\r\n\r\n\r\n+-:$*_,#(!=%~>|01234?.eEtf"[..]), 0..60),
    ) {
        prop_assert_eq!(read_all(&stream), naive::parse_all(&stream), "{}", stream.escape_ascii());
    }

    #[test]
    fn every_prefix_of_a_legal_stream_is_incomplete(node in node()) {
        let stream = written(&[node]);
        for end in 0..stream.len() {
            let framed = Framer::new().advance(&stream[..end]).map(|frame| frame.is_some());
            prop_assert_eq!(framed, Ok(false));
        }
    }

    #[test]
    fn pieces_of_any_size_give_the_same_replies(
        nodes in vec(node(), 1..4),
        damages in vec(damage(), 0..2),
        sizes in vec(1_usize..30, 1..50),
    ) {
        let stream = damaged(written(&nodes), &damages);
        let (mut framer, mut got) = (Framer::new(), Vec::new());
        let (mut start, mut arrived, mut stop) = (0, 0, None);
        for size in sizes.iter().cycle() {
            match framer.advance(&stream[start..arrived]) {
                Ok(Some(frame)) => {
                    got.push(naive::of_reply(frame.reply()));
                    start += frame.len();
                }
                Err(_) => {
                    stop = Some(Stop::Invalid);
                    break;
                }
                Ok(None) if arrived == stream.len() => {
                    stop = (start < arrived).then_some(Stop::Incomplete);
                    break;
                }
                Ok(None) => arrived = stream.len().min(arrived + size),
            }
        }
        prop_assert_eq!((got, stop), naive::parse_all(&stream));
    }
}
