//! hiredis, and what a careful user of it in Rust would build of its replies.

use std::{collections::HashMap, str};

use anyhow::Result;

use crate::{
    contenders::Setting,
    data::{self, MANY, TEXT},
    hiredis::{Connection, Reply},
    jobs::{self, Job, alone},
    workloads::Work,
};

pub(super) fn job(setting: &Setting) -> Result<Option<Job>> {
    let mut connection = Connection::open(&setting.addresses, setting.place)?;
    let expected = setting.expected();
    let list = data::list_key(MANY);
    let mut call = move |words: &[&[u8]]| -> Result<Reply> {
        connection.append(words)?;
        connection.reply()
    };
    Ok(Some(match setting.work {
        Work::Get => alone(expected, move || text(call(&[b"GET", b"text"])?.bytes())),
        Work::GetNumber => alone(expected, move || {
            number(call(&[b"GET", b"number"])?.bytes())
        }),
        Work::Set => alone(expected, move || {
            call(&[b"SET", b"written", TEXT.as_bytes()]).map(drop)
        }),
        Work::Pipeline(count) => {
            let mut connection = Connection::open(&setting.addresses, setting.place)?;
            alone(expected, move || {
                for _ in 0..count {
                    connection.append(&[b"GET", b"text"])?;
                }
                let replies = (0..count).map(|_| text(connection.reply()?.bytes()));
                replies.collect::<Result<Vec<String>>>()
            })
        }
        Work::ListOfBytes => alone(expected, move || {
            let reply = call(&[b"LRANGE", list.as_bytes(), b"0", b"-1"])?;
            Ok(reply.elements().map(<[u8]>::to_vec).collect::<Vec<_>>())
        }),
        Work::ListOfStrings => alone(expected, move || {
            let reply = call(&[b"LRANGE", list.as_bytes(), b"0", b"-1"])?;
            reply.elements().map(text).collect::<Result<Vec<_>>>()
        }),
        Work::Hash => alone(expected, move || {
            let reply = call(&[b"HGETALL", b"hash"])?;
            let mut elements = reply.elements();
            let mut hash = HashMap::with_capacity(MANY);
            while let (Some(key), Some(value)) = (elements.next(), elements.next()) {
                hash.insert(text(key)?, text(value)?);
            }
            Ok(hash)
        }),
        Work::Numbers => {
            let keys = data::number_keys();
            alone(expected, move || {
                let keys = keys.iter().map(String::as_bytes);
                let words: Vec<_> = [b"MGET".as_slice()].into_iter().chain(keys).collect();
                let reply = call(&words)?;
                reply.elements().map(number).collect::<Result<Vec<_>>>()
            })
        }
        Work::GetLarge(length) => {
            let key = data::large_key(length);
            alone(expected, move || {
                Ok(call(&[b"GET", key.as_bytes()])?.bytes().to_vec())
            })
        }
        Work::SetLarge(length) => {
            let value = data::large_value(length);
            alone(expected, move || {
                call(&[b"SET", b"written", &value]).map(drop)
            })
        }
        // A connection is its user's alone.
        Work::Crowd(_) => return Ok(None),
        Work::Messages => {
            const CHANNEL: &str = "hiredis";
            let mut connection = Connection::open(&setting.addresses, setting.place)?;
            connection.append(&[b"SUBSCRIBE", CHANNEL.as_bytes()])?;
            connection.reply()?;
            jobs::messages(setting.publisher(CHANNEL)?, move |count| {
                let mut right = 0;
                for _ in 0..count {
                    let message = connection.reply()?;
                    right += usize::from(message.elements().nth(2) == Some(TEXT.as_bytes()));
                }
                Ok(right)
            })
        }
    }))
}

fn text(bytes: &[u8]) -> Result<String> {
    Ok(String::from_utf8(bytes.to_vec())?)
}

fn number(bytes: &[u8]) -> Result<i64> {
    Ok(str::from_utf8(bytes)?.parse()?)
}
