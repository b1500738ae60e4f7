//! A slow, recursive parser that follows the specification word by word, to compare the fast one with.
//!
//! It shares no code with the crate. What it copies from the crate is *when* an error is noticed: a bad
//! type byte at once, a CR or LF on its own at once, everything else when its line, or the bytes of a bulk
//! string with their ending, are complete.

use resp_proto::{Data, Reply};

/// A value with the attributes before it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) attributes: Vec<(Node, Node)>,
    pub(crate) tree: Tree,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Simple(Vec<u8>),
    Error(Vec<u8>),
    Integer(i64),
    Bulk(Vec<u8>),
    /// As it is on the wire, without CRLF.
    Null(&'static str),
    /// As it is on the wire.
    Double(String),
    Boolean(bool),
    BigNumber(String),
    BulkError(Vec<u8>),
    Verbatim([u8; 3], Vec<u8>),
    Array(Vec<Node>),
    Set(Vec<Node>),
    Push(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stop {
    Incomplete,
    Invalid,
}

const NESTING: usize = 128;
const ATTRIBUTES: usize = 128;
const BULK: u64 = 512 << 20;
const ELEMENTS: u64 = 1 << 26;
const LINE: usize = 64 << 10;

/// Reads the value at the front of `input`; what is left of it.
pub(crate) fn parse(input: &[u8]) -> Result<(Node, &[u8]), Stop> {
    value(input, 0)
}

/// Reads values until something stops it; what that was, if not the end.
pub(crate) fn parse_all(mut input: &[u8]) -> (Vec<Node>, Option<Stop>) {
    let mut nodes = Vec::new();
    while !input.is_empty() {
        match parse(input) {
            Ok((node, rest)) => {
                nodes.push(node);
                input = rest;
            }
            Err(stop) => return (nodes, Some(stop)),
        }
    }
    (nodes, None)
}

fn value(mut input: &[u8], depth: usize) -> Result<(Node, &[u8]), Stop> {
    let mut attributes = Vec::new();
    let mut groups = 0;
    while input.first() == Some(&b'|') {
        let (text, rest) = line(input)?;
        let values = values_of(b'|', text)?.ok_or(Stop::Invalid)?;
        groups += 1;
        if groups > ATTRIBUTES && depth == 0 {
            return Err(Stop::Invalid);
        }
        let (inner, rest) = elements(rest, values, depth)?;
        attributes.extend(pairs(inner));
        input = rest;
    }
    let &kind = input.first().ok_or(Stop::Incomplete)?;
    let (text, rest) = line(input)?;
    let (tree, rest) = match kind {
        b'+' => (Tree::Simple(text.into()), rest),
        b'-' => (Tree::Error(text.into()), rest),
        b':' => (Tree::Integer(integer(text)?), rest),
        b',' => (Tree::Double(double(text)?), rest),
        b'(' => (Tree::BigNumber(big_number(text)?), rest),
        b'#' => match text {
            b"t" => (Tree::Boolean(true), rest),
            b"f" => (Tree::Boolean(false), rest),
            _ => return Err(Stop::Invalid),
        },
        b'_' if text.is_empty() => (Tree::Null("_"), rest),
        b'$' if text == b"-1" => (Tree::Null("$-1"), rest),
        b'*' if text == b"-1" => (Tree::Null("*-1"), rest),
        b'$' | b'!' | b'=' => blob(kind, text, rest)?,
        b'*' | b'~' | b'>' | b'%' => {
            let values = values_of(kind, text)?.ok_or(Stop::Invalid)?;
            let (inner, rest) = elements(rest, values, depth)?;
            let tree = match kind {
                b'*' => Tree::Array(inner),
                b'~' => Tree::Set(inner),
                b'>' => Tree::Push(inner),
                _ => Tree::Map(pairs(inner)),
            };
            (tree, rest)
        }
        _ => return Err(Stop::Invalid),
    };
    Ok((Node { attributes, tree }, rest))
}

/// The text between type byte and CRLF, and what follows.
fn line(input: &[u8]) -> Result<(&[u8], &[u8]), Stop> {
    if !b"+-:$*_,#(!=%~>|".contains(&input[0]) {
        return Err(Stop::Invalid);
    }
    let end = (1..input.len()).find(|&at| input[at] == b'\r' || input[at] == b'\n');
    if end.unwrap_or(input.len() - 1) > LINE {
        return Err(Stop::Invalid);
    }
    let end = end.ok_or(Stop::Incomplete)?;
    match (input[end], input.get(end + 1)) {
        (b'\r', Some(b'\n')) => Ok((&input[1..end], &input[end + 2..])),
        (b'\r', None) => Err(Stop::Incomplete),
        _ => Err(Stop::Invalid),
    }
}

fn blob<'a>(kind: u8, text: &[u8], rest: &'a [u8]) -> Result<(Tree, &'a [u8]), Stop> {
    let length = count(text)?;
    if length > BULK || (kind == b'=' && length < 4) {
        return Err(Stop::Invalid);
    }
    let length = length as usize;
    if rest.len() < length + 2 {
        return Err(Stop::Incomplete);
    }
    let (bytes, rest) = rest.split_at(length);
    let rest = rest.strip_prefix(b"\r\n").ok_or(Stop::Invalid)?;
    let tree = match kind {
        b'$' => Tree::Bulk(bytes.into()),
        b'!' => Tree::BulkError(bytes.into()),
        _ if bytes[3] == b':' => Tree::Verbatim([bytes[0], bytes[1], bytes[2]], bytes[4..].into()),
        _ => return Err(Stop::Invalid),
    };
    Ok((tree, rest))
}

fn values_of(kind: u8, text: &[u8]) -> Result<Option<u64>, Stop> {
    let count = count(text)?;
    let values = if kind == b'%' || kind == b'|' {
        count.checked_mul(2)
    } else {
        Some(count)
    };
    match values {
        Some(values) if values <= ELEMENTS => Ok(Some(values)),
        _ => Err(Stop::Invalid),
    }
}

fn elements(mut input: &[u8], values: u64, depth: usize) -> Result<(Vec<Node>, &[u8]), Stop> {
    if values > 0 && depth == NESTING {
        return Err(Stop::Invalid);
    }
    let mut nodes = Vec::new();
    for _ in 0..values {
        let (node, rest) = value(input, depth + 1)?;
        nodes.push(node);
        input = rest;
    }
    Ok((nodes, input))
}

fn pairs(nodes: Vec<Node>) -> Vec<(Node, Node)> {
    let mut nodes = nodes.into_iter();
    std::iter::from_fn(|| Some((nodes.next()?, nodes.next()?))).collect()
}

fn count(text: &[u8]) -> Result<u64, Stop> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Err(Stop::Invalid);
    }
    std::str::from_utf8(text)
        .unwrap()
        .parse()
        .map_err(|_| Stop::Invalid)
}

fn integer(text: &[u8]) -> Result<i64, Stop> {
    big_number(text)?.parse().map_err(|_| Stop::Invalid)
}

fn big_number(text: &[u8]) -> Result<String, Stop> {
    let text = std::str::from_utf8(text).map_err(|_| Stop::Invalid)?;
    match digits(unsigned(text)) {
        Some("") => Ok(text.to_owned()),
        _ => Err(Stop::Invalid),
    }
}

fn double(text: &[u8]) -> Result<String, Stop> {
    let text = std::str::from_utf8(text).map_err(|_| Stop::Invalid)?;
    if matches!(text, "inf" | "-inf" | "nan" | "-nan") {
        return Ok(text.to_owned());
    }
    let after_fraction = |rest: &str| match rest.strip_prefix('.') {
        Some(fraction) => digits(fraction).map(str::len),
        None => Some(rest.len()),
    };
    let rest = digits(unsigned(text)).ok_or(Stop::Invalid)?;
    let left = after_fraction(rest).ok_or(Stop::Invalid)?;
    let rest = &text[text.len() - left..];
    let rest = match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => digits(unsigned(exponent)).ok_or(Stop::Invalid)?,
        None => rest,
    };
    if rest.is_empty() {
        Ok(text.to_owned())
    } else {
        Err(Stop::Invalid)
    }
}

/// What follows one digit or more.
fn digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// The same tree, from the crate's view of a reply.
pub(crate) fn of_reply(reply: Reply<'_>) -> Node {
    let entries = |entries: &mut dyn Iterator<Item = (Reply<'_>, Reply<'_>)>| {
        entries
            .map(|(key, value)| (of_reply(key), of_reply(value)))
            .collect::<Vec<_>>()
    };
    let text = |text: &[u8]| String::from_utf8(text.to_vec()).unwrap();
    let wire = text(&reply.bytes()[..1]);
    let tree = match reply.data() {
        Data::Simple(text) => Tree::Simple(text.into()),
        Data::Error(text) if wire == "!" => Tree::BulkError(text.into()),
        Data::Error(text) => Tree::Error(text.into()),
        Data::Integer(number) => Tree::Integer(number),
        Data::Bulk(bytes) => Tree::Bulk(bytes.into()),
        Data::Null => Tree::Null(match wire.as_str() {
            "_" => "_",
            "$" => "$-1",
            _ => "*-1",
        }),
        Data::Double(_) => Tree::Double(text(reply.text().unwrap())),
        Data::Boolean(value) => Tree::Boolean(value),
        Data::BigNumber(digits) => Tree::BigNumber(text(digits)),
        Data::Verbatim { format, text } => Tree::Verbatim(format, text.into()),
        Data::Array(elements) => Tree::Array(elements.map(of_reply).collect()),
        Data::Set(elements) => Tree::Set(elements.map(of_reply).collect()),
        Data::Push(elements) => Tree::Push(elements.map(of_reply).collect()),
        Data::Map(mut map) => Tree::Map(entries(&mut map)),
        other => panic!("a type without an oracle: {other:?}"),
    };
    Node {
        attributes: entries(&mut reply.attributes()),
        tree,
    }
}
