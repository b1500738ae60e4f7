//! What is stored in the server, and what clients should therefore answer.

use anyhow::{Context, Result, ensure};

use crate::{
    wire::{Wire, request},
    workloads::{Place, Work},
};

/// 1 MiB.
pub(crate) const LARGE: usize = 1 << 20;
/// 64 MiB.
pub(crate) const LARGEST: usize = 64 << 20;
/// How many elements the list and the hash have, and how many keys are numbers.
pub(crate) const MANY: usize = 1000;

/// The value of every small key, and what is published: 16 bytes.
pub(crate) const TEXT: &str = "sixteen bytes ok";

/// Where the server listens.
#[derive(Clone)]
pub(crate) struct Addresses {
    pub(crate) port: u16,
    pub(crate) socket: String,
}

impl Addresses {
    /// A URL as most clients take it.
    pub(crate) fn url(&self, place: Place) -> String {
        match place {
            Place::Tcp => format!("redis://127.0.0.1:{}", self.port),
            Place::Unix => format!("unix://{}", self.socket),
        }
    }
}

/// The key that a `GET` of that length reads.
pub(crate) fn large_key(length: usize) -> String {
    format!("large:{length}")
}

/// A value of that length, not all alike.
pub(crate) fn large_value(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at / 7) as u8).collect()
}

/// The keys of the numbers.
pub(crate) fn number_keys() -> Vec<String> {
    (0..MANY).map(|number| format!("number:{number}")).collect()
}

fn number(at: usize) -> i64 {
    at as i64 * 1_000_003
}

fn element(at: usize) -> String {
    format!("element {at:08}")
}

/// The list under this key has so many elements: see `growth`.
pub(crate) fn list_key(length: usize) -> String {
    format!("list:{length}")
}

/// Stores everything.
pub(crate) fn store(addresses: &Addresses) -> Result<()> {
    let mut wire = Wire::connect(addresses, Place::Tcp)?;
    wire.ask(&request(&["SET", "text", TEXT]))?;
    wire.ask(&request(&["SET", "number", "1234567"]))?;
    store_list(&mut wire, MANY)?;
    for at in 0..MANY {
        wire.ask(&request(&["HSET", "hash", &element(at), TEXT]))?;
        let (key, value) = (format!("number:{at}"), number(at).to_string());
        wire.ask(&request(&["SET", &key, &value]))?;
    }
    for length in [LARGE, LARGEST] {
        let value = large_value(length);
        wire.ask(&request(&[
            b"SET".as_slice(),
            large_key(length).as_bytes(),
            &value,
        ]))?;
    }
    Ok(())
}

/// Stores a list of so many elements under [`list_key`].
pub(crate) fn store_list(wire: &mut Wire, length: usize) -> Result<()> {
    let elements: Vec<String> = (0..length).map(element).collect();
    let key = list_key(length);
    for some in elements.chunks(1000) {
        let words: Vec<&str> = ["RPUSH", &key]
            .into_iter()
            .chain(some.iter().map(String::as_str))
            .collect();
        let reply = wire.ask(&request(&words))?;
        ensure!(reply.starts_with(b":"), "RPUSH failed");
    }
    Ok(())
}

/// What a call of this work should answer, each element in turn.
pub(crate) fn expected(work: Work) -> Vec<Vec<u8>> {
    let text = || TEXT.as_bytes().to_vec();
    match work {
        Work::Get | Work::Crowd(_) | Work::Messages => vec![text()],
        Work::GetNumber => vec![b"1234567".to_vec()],
        Work::Set | Work::SetLarge(_) => Vec::new(),
        Work::Pipeline(count) => vec![text(); count],
        Work::ListOfBytes | Work::ListOfStrings => {
            (0..MANY).map(|at| element(at).into_bytes()).collect()
        }
        Work::Hash => (0..MANY)
            .flat_map(|at| [element(at).into_bytes(), text()])
            .collect(),
        Work::Numbers => (0..MANY).map(|at| number(at).to_string().into()).collect(),
        Work::GetLarge(length) => vec![large_value(length)],
    }
}

/// The requests of one call, as bytes.
pub(crate) fn encoded(work: Work) -> Result<Vec<u8>> {
    Ok(match work {
        Work::Get | Work::Crowd(_) => request(&["GET", "text"]),
        Work::GetNumber => request(&["GET", "number"]),
        Work::Set => request(&["SET", "written", TEXT]),
        Work::Pipeline(count) => request(&["GET", "text"]).repeat(count),
        Work::ListOfBytes | Work::ListOfStrings => request(&["LRANGE", &list_key(MANY), "0", "-1"]),
        Work::Hash => request(&["HGETALL", "hash"]),
        Work::Numbers => {
            let keys = number_keys();
            let words = ["MGET"].into_iter().chain(keys.iter().map(String::as_str));
            request(&words.collect::<Vec<_>>())
        }
        Work::GetLarge(length) => request(&["GET", &large_key(length)]),
        Work::SetLarge(length) => request(&[
            b"SET".as_slice(),
            b"written",
            large_value(length).as_slice(),
        ]),
        Work::Messages => None.context("messages come unasked")?,
    })
}
