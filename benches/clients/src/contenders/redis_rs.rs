//! redis-rs, synchronous: one connection, and as many as r2d2 pools.

use std::collections::HashMap;

use anyhow::Result;
use redis_rs::{Client, Commands, ConnectionLike, pipe};

use crate::{
    contenders::Setting,
    data::{self, MANY, TEXT},
    jobs::{self, Job},
    workloads::Work,
};

pub(super) fn alone(setting: &Setting) -> Result<Option<Job>> {
    let mut connection = Client::open(setting.url())?.get_connection()?;
    let expected = setting.expected();
    Ok(Some(match setting.work {
        Work::Get => jobs::alone(expected, move || text(&mut connection)),
        Work::GetNumber => jobs::alone(expected, move || Ok(connection.get::<_, i64>("number")?)),
        Work::Set => jobs::alone(expected, move || {
            Ok(connection.set::<_, _, ()>("written", TEXT)?)
        }),
        Work::Pipeline(count) => jobs::alone(expected, move || {
            let mut pipeline = pipe();
            for _ in 0..count {
                pipeline.get("text");
            }
            Ok(pipeline.query::<Vec<String>>(&mut connection)?)
        }),
        Work::ListOfBytes => {
            let key = data::list_key(MANY);
            jobs::alone(expected, move || {
                Ok(connection.lrange::<_, Vec<Vec<u8>>>(&key, 0, -1)?)
            })
        }
        Work::ListOfStrings => {
            let key = data::list_key(MANY);
            jobs::alone(expected, move || {
                Ok(connection.lrange::<_, Vec<String>>(&key, 0, -1)?)
            })
        }
        Work::Hash => jobs::alone(expected, move || {
            Ok(connection.hgetall::<_, HashMap<String, String>>("hash")?)
        }),
        Work::Numbers => {
            let keys = data::number_keys();
            jobs::alone(expected, move || Ok(connection.mget::<_, Vec<i64>>(&keys)?))
        }
        Work::GetLarge(length) => {
            let key = data::large_key(length);
            jobs::alone(expected, move || Ok(connection.get::<_, Vec<u8>>(&key)?))
        }
        Work::SetLarge(length) => {
            let value = data::large_value(length);
            jobs::alone(expected, move || {
                Ok(connection.set::<_, _, ()>("written", &value)?)
            })
        }
        // A connection is its user's alone.
        Work::Crowd(_) => return Ok(None),
        Work::Messages => {
            const CHANNEL: &str = "redis-rs";
            // A subscriber borrows its connection, and ends the subscription when it is dropped.
            let mut pubsub = Box::leak(Box::new(connection)).as_pubsub();
            pubsub.subscribe(CHANNEL)?;
            jobs::messages(setting.publisher(CHANNEL)?, move |count| {
                let mut right = 0;
                for _ in 0..count {
                    right +=
                        usize::from(pubsub.get_message()?.get_payload_bytes() == TEXT.as_bytes());
                }
                Ok(right)
            })
        }
    }))
}

pub(super) fn pooled(setting: &Setting) -> Result<Option<Job>> {
    let Work::Crowd(members) = setting.work else {
        return Ok(None);
    };
    // As it comes, it sends a PING before each use, which halves what it can do.
    let pool = r2d2::Pool::builder()
        .max_size(members.try_into()?)
        .test_on_check_out(false)
        .build(Client::open(setting.url())?)?;
    Ok(Some(jobs::threads(
        members,
        setting.expected(),
        move || {
            let pool = pool.clone();
            Ok(move || text(&mut *pool.get()?))
        },
    )))
}

fn text(connection: &mut impl ConnectionLike) -> Result<String> {
    Ok(Commands::get(connection, "text")?)
}
