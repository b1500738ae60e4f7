//! What the parsers make of a stream, and the quirks that each is known for.

use bench_parse::hiredis;
use resp_proto::{Data, Framer, Limits, Protocol, Reply};

use crate::reader::{
    Outcome,
    Quirk::{self, *},
    Stop, Tree,
};

pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) read: fn(&[u8]) -> Outcome,
    /// All of its differences, which the README of resp-proto lists in words.
    pub(crate) quirks: &'static [Quirk],
}

pub(crate) const OURS: Peer = Peer {
    name: "resp-proto",
    read: ours,
    quirks: &[],
};

pub(crate) const PEERS: [Peer; 3] = [
    Peer {
        name: "hiredis",
        read: by_hiredis,
        quirks: &[
            LoneLineEndings,
            AnyBulkEnding,
            LooseNumbers,
            SignedLengths,
            NegativeBulkIsNull,
            NegativeArrayIsEmpty,
            NoLengthLimits,
            BelievesCounts,
            EightLevels,
        ],
    },
    Peer {
        name: "redis-protocol",
        read: by_redis_protocol,
        quirks: &[
            LoneLineEndings,
            AnyBulkEnding,
            SignedLengths,
            NoLengthLimits,
            NoNestingLimit,
            ErrorsAreUtf8,
        ],
    },
    Peer {
        name: "redis-rs",
        read: by_redis_rs,
        quirks: &[
            LoneLineEndings,
            BulkEndingByByte,
            BlanksAroundNumbers,
            SignedLengths,
            NegativeBulkIsNull,
            NegativeArrayIsNull,
            NoLengthLimits,
            HundredLevels,
            RefusesLate,
            LinesAreUtf8,
            KnowsResp3,
        ],
    },
];

/// Collects replies until there is none.
fn all(mut next: impl FnMut() -> Result<Tree, Stop>) -> Outcome {
    let mut replies = Vec::new();
    loop {
        match next() {
            Ok(reply) => replies.push(reply),
            Err(stop) => return Outcome { replies, stop },
        }
    }
}

fn ours(stream: &[u8]) -> Outcome {
    fn tree(reply: Reply<'_>) -> Tree {
        match reply.data() {
            Data::Simple(text) => Tree::Text(b'+', text.into()),
            Data::Error(text) => Tree::Text(b'-', text.into()),
            Data::Integer(number) => Tree::Integer(number),
            Data::Bulk(bytes) => Tree::Text(b'$', bytes.into()),
            Data::Null => Tree::Null,
            Data::Array(elements) => Tree::Many(b'*', elements.map(tree).collect()),
            other => panic!("no reply of RESP2 is {other:?}"),
        }
    }
    let mut framer = Framer::with_limits(Limits::new().protocol(Protocol::Resp2));
    let mut rest = stream;
    all(|| match framer.advance(rest) {
        Ok(Some(frame)) => {
            rest = &rest[frame.len()..];
            Ok(tree(frame.reply()))
        }
        Ok(None) => Err(Stop::Incomplete),
        Err(_) => Err(Stop::Refused),
    })
}

fn by_hiredis(stream: &[u8]) -> Outcome {
    fn tree(data: hiredis::Data<'_>) -> Tree {
        match data {
            hiredis::Data::Status(text) => Tree::Text(b'+', text.into()),
            hiredis::Data::Error(text) => Tree::Text(b'-', text.into()),
            hiredis::Data::Integer(number) => Tree::Integer(number),
            hiredis::Data::Bulk(bytes) => Tree::Text(b'$', bytes.into()),
            hiredis::Data::Nil => Tree::Null,
            hiredis::Data::Array(elements) => Tree::Many(b'*', elements.map(tree).collect()),
        }
    }
    let mut reader = hiredis::Reader::new();
    reader.feed(stream);
    all(|| match reader.reply() {
        Ok(Some(reply)) => Ok(tree(reply.data())),
        Ok(None) => Err(Stop::Incomplete),
        Err(hiredis::Refused) => Err(Stop::Refused),
    })
}

fn by_redis_protocol(stream: &[u8]) -> Outcome {
    use redis_protocol::resp2::{decode::decode, types::OwnedFrame};
    fn tree(frame: OwnedFrame) -> Tree {
        match frame {
            OwnedFrame::SimpleString(text) => Tree::Text(b'+', text),
            OwnedFrame::Error(text) => Tree::Text(b'-', text.into()),
            OwnedFrame::Integer(number) => Tree::Integer(number),
            OwnedFrame::BulkString(bytes) => Tree::Text(b'$', bytes),
            OwnedFrame::Null => Tree::Null,
            OwnedFrame::Array(frames) => Tree::Many(b'*', frames.into_iter().map(tree).collect()),
        }
    }
    let mut rest = stream;
    all(|| match decode(rest) {
        Ok(Some((frame, length))) => {
            rest = &rest[length..];
            Ok(tree(frame))
        }
        Ok(None) => Err(Stop::Incomplete),
        Err(_) => Err(Stop::Refused),
    })
}

fn by_redis_rs(stream: &[u8]) -> Outcome {
    use redis::{Value, VerbatimFormat};
    fn many(kind: u8, values: Vec<Value>) -> Tree {
        Tree::Many(kind, values.into_iter().map(tree).collect())
    }
    fn flat(pairs: Vec<(Value, Value)>) -> Vec<Value> {
        pairs.into_iter().flat_map(<[Value; 2]>::from).collect()
    }
    fn tree(value: Value) -> Tree {
        match value {
            Value::Nil => Tree::Null,
            Value::Int(number) => Tree::Integer(number),
            Value::BulkString(bytes) => Tree::Text(b'$', bytes),
            Value::Okay => Tree::Text(b'+', b"OK".to_vec()),
            Value::SimpleString(text) => Tree::Text(b'+', text.into()),
            Value::Array(values) => many(b'*', values),
            // It takes errors apart, and loses nothing.
            Value::ServerError(error) => {
                let detail = error.details().map(|detail| format!(" {detail}"));
                let text = format!("{}{}", error.code(), detail.unwrap_or_default());
                Tree::Text(b'-', text.into())
            }
            Value::Double(number) => Tree::Text(b',', number.to_string().into()),
            Value::Boolean(true) => Tree::Text(b'#', b"t".to_vec()),
            Value::Boolean(false) => Tree::Text(b'#', b"f".to_vec()),
            Value::BigNumber(digits) => Tree::Text(b'(', digits),
            Value::VerbatimString { format, text } => {
                let format = match format {
                    VerbatimFormat::Text => "txt".into(),
                    VerbatimFormat::Markdown => "mkd".into(),
                    VerbatimFormat::Unknown(format) => format,
                    other => panic!("no format of ours is {other:?}"),
                };
                Tree::Text(b'=', format!("{format}:{text}").into())
            }
            Value::Map(pairs) => many(b'%', flat(pairs)),
            Value::Set(values) => many(b'~', values),
            Value::Push { kind, mut data } => {
                data.insert(0, Value::SimpleString(kind.to_string()));
                many(b'>', data)
            }
            Value::Attribute { data, attributes } => {
                let mut values = flat(attributes);
                values.push(*data);
                many(b'|', values)
            }
            other => panic!("no reply of a server is {other:?}"),
        }
    }
    let (mut parser, mut rest) = (redis::Parser::new(), stream);
    all(|| match parser.parse_value(&mut rest) {
        Ok(value) => Ok(tree(value)),
        // The stream ended.
        Err(error) if error.is_io_error() => Err(Stop::Incomplete),
        Err(_) => Err(Stop::Refused),
    })
}
