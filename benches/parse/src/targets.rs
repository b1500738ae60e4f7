//! The types that users ask for, made from what each parser has: by its own means where it has them, by the
//! shortest way by hand where it has not.

use std::collections::HashMap;

use bytes::Bytes;
use redis_async::resp::RespValue;
use redis_parser::resp2::Resp2Type;
use redis_protocol::resp2::types::RangeFrame;
use resp_proto::FromReplyOwned;
use resp_rs::resp2::Frame;
use rustis::resp::BulkString;
use serde::de::DeserializeOwned;

use crate::hiredis::Data;

/// A parser's own value.
pub trait Item: Sized {
    fn integer(self) -> i64;
    fn bytes(self) -> Vec<u8>;
    fn elements(self) -> impl ExactSizeIterator<Item = Self>;

    fn text(self) -> String {
        String::from_utf8(self.bytes()).expect("text")
    }

    fn number(self) -> f64 {
        self.text().parse().expect("a number")
    }
}

/// A type to be made of a reply.
pub trait Target: FromReplyOwned + redis::FromRedisValue {
    /// What rustis makes it as: serde has sequences where it has not bytes.
    type OfRustis: DeserializeOwned;

    fn of(item: impl Item) -> Self;

    /// How many values it holds.
    fn count(&self) -> usize {
        1
    }

    fn count_of_rustis(_: &Self::OfRustis) -> usize {
        1
    }
}

impl Target for i64 {
    type OfRustis = i64;

    fn of(item: impl Item) -> Self {
        item.integer()
    }
}

impl Target for Vec<u8> {
    type OfRustis = BulkString;

    fn of(item: impl Item) -> Self {
        item.bytes()
    }
}

impl<T: Target> Target for Vec<T>
where
    Self: FromReplyOwned + redis::FromRedisValue,
{
    type OfRustis = Vec<T::OfRustis>;

    fn of(item: impl Item) -> Self {
        item.elements().map(T::of).collect()
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn count_of_rustis(made: &Self::OfRustis) -> usize {
        made.len()
    }
}

impl Target for HashMap<String, f64> {
    type OfRustis = Self;

    fn of(item: impl Item) -> Self {
        let mut elements = item.elements();
        let mut map = Self::with_capacity(elements.len() / 2);
        while let (Some(key), Some(value)) = (elements.next(), elements.next()) {
            map.insert(key.text(), value.number());
        }
        map
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn count_of_rustis(made: &Self::OfRustis) -> usize {
        made.len()
    }
}

impl Item for Data<'_> {
    fn integer(self) -> i64 {
        match self {
            Data::Integer(number) => number,
            _ => panic!("expected an integer"),
        }
    }

    fn bytes(self) -> Vec<u8> {
        match self {
            Data::Bulk(bytes) => bytes.to_vec(),
            _ => panic!("expected a bulk string"),
        }
    }

    fn elements(self) -> impl ExactSizeIterator<Item = Self> {
        match self {
            Data::Array(elements) => elements,
            _ => panic!("expected an array"),
        }
    }

    fn number(self) -> f64 {
        match self {
            Data::Bulk(bytes) => number(bytes),
            _ => panic!("expected a bulk string"),
        }
    }
}

/// What redis-protocol has: where things are.
pub struct Ranges<'a>(pub RangeFrame, pub &'a [u8]);

impl Item for Ranges<'_> {
    fn integer(self) -> i64 {
        match self.0 {
            RangeFrame::Integer(number) => number,
            _ => panic!("expected an integer"),
        }
    }

    fn bytes(self) -> Vec<u8> {
        match self.0 {
            RangeFrame::BulkString((start, end)) => self.1[start..end].to_vec(),
            _ => panic!("expected a bulk string"),
        }
    }

    fn elements(self) -> impl ExactSizeIterator<Item = Self> {
        match self.0 {
            RangeFrame::Array(frames) => frames.into_iter().map(move |frame| Self(frame, self.1)),
            _ => panic!("expected an array"),
        }
    }

    fn number(self) -> f64 {
        match self.0 {
            RangeFrame::BulkString((start, end)) => number(&self.1[start..end]),
            _ => panic!("expected a bulk string"),
        }
    }
}

impl Item for Frame {
    fn integer(self) -> i64 {
        match self {
            Self::Integer(number) => number,
            _ => panic!("expected an integer"),
        }
    }

    fn bytes(self) -> Vec<u8> {
        bulk(self).to_vec()
    }

    fn elements(self) -> impl ExactSizeIterator<Item = Self> {
        match self {
            Self::Array(Some(frames)) => frames.into_iter(),
            _ => panic!("expected an array"),
        }
    }

    fn number(self) -> f64 {
        number(&bulk(self))
    }
}

fn bulk(frame: Frame) -> Bytes {
    match frame {
        Frame::BulkString(Some(bytes)) => bytes,
        _ => panic!("expected a bulk string"),
    }
}

impl Item for RespValue {
    fn integer(self) -> i64 {
        match self {
            Self::Integer(number) => number,
            _ => panic!("expected an integer"),
        }
    }

    fn bytes(self) -> Vec<u8> {
        match self {
            Self::BulkString(bytes) => bytes,
            _ => panic!("expected a bulk string"),
        }
    }

    fn elements(self) -> impl ExactSizeIterator<Item = Self> {
        match self {
            Self::Array(values) => values.into_iter(),
            _ => panic!("expected an array"),
        }
    }
}

impl Item for Resp2Type<'_> {
    fn integer(self) -> i64 {
        match self {
            Self::Integer(number) => i64::try_from(number).expect("a small number"),
            _ => panic!("expected an integer"),
        }
    }

    fn bytes(self) -> Vec<u8> {
        match self {
            Self::BulkString(bytes) => bytes.to_vec(),
            _ => panic!("expected a bulk string"),
        }
    }

    fn elements(self) -> impl ExactSizeIterator<Item = Self> {
        match self {
            Self::Array(values) => values.into_iter(),
            _ => panic!("expected an array"),
        }
    }

    fn number(self) -> f64 {
        match self {
            Self::BulkString(bytes) => number(bytes),
            _ => panic!("expected a bulk string"),
        }
    }
}

fn number(bytes: &[u8]) -> f64 {
    let text = std::str::from_utf8(bytes).expect("text");
    text.parse().expect("a number")
}
