//! redis-rs, asynchronous: one connection that all tasks share.

use std::collections::HashMap;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use redis_rs::{AsyncCommands, AsyncConnectionConfig, Client, aio::MultiplexedConnection, pipe};

use crate::{
    contenders::{Setting, runtime},
    data::{self, MANY, TEXT},
    jobs::{self, Job, awaited},
    workloads::Work,
};

pub(super) fn job(setting: &Setting) -> Result<Option<Job>> {
    let runtime = runtime()?;
    let client = Client::open(setting.url())?;
    // As it comes, it gives up after 500 ms, which 64 MiB can take on a busy machine.
    let patient = AsyncConnectionConfig::new().set_response_timeout(None);
    let connecting = client.get_multiplexed_async_connection_with_config(&patient);
    let shared = runtime.block_on(connecting)?;
    let connection = move || shared.clone();
    let expected = setting.expected();
    Ok(Some(match setting.work {
        Work::Get => awaited(runtime, expected, async move || text(connection()).await),
        Work::GetNumber => awaited(runtime, expected, async move || {
            Ok(connection().get::<_, i64>("number").await?)
        }),
        Work::Set => awaited(runtime, expected, async move || {
            Ok(connection().set::<_, _, ()>("written", TEXT).await?)
        }),
        Work::Pipeline(count) => awaited(runtime, expected, async move || {
            let mut pipeline = pipe();
            for _ in 0..count {
                pipeline.get("text");
            }
            Ok(pipeline
                .query_async::<Vec<String>>(&mut connection())
                .await?)
        }),
        Work::ListOfBytes => {
            let key = data::list_key(MANY);
            awaited(runtime, expected, async move || {
                Ok(connection().lrange::<_, Vec<Vec<u8>>>(&key, 0, -1).await?)
            })
        }
        Work::ListOfStrings => {
            let key = data::list_key(MANY);
            awaited(runtime, expected, async move || {
                Ok(connection().lrange::<_, Vec<String>>(&key, 0, -1).await?)
            })
        }
        Work::Hash => awaited(runtime, expected, async move || {
            let mut connection = connection();
            let hash = connection.hgetall::<_, HashMap<String, String>>("hash");
            Ok(hash.await?)
        }),
        Work::Numbers => {
            let keys = data::number_keys();
            awaited(runtime, expected, async move || {
                Ok(connection().mget::<_, Vec<i64>>(&keys).await?)
            })
        }
        Work::GetLarge(length) => {
            let key = data::large_key(length);
            awaited(runtime, expected, async move || {
                Ok(connection().get::<_, Vec<u8>>(&key).await?)
            })
        }
        Work::SetLarge(length) => {
            let value = data::large_value(length);
            awaited(runtime, expected, async move || {
                Ok(connection().set::<_, _, ()>("written", &value).await?)
            })
        }
        Work::Crowd(members) => jobs::tasks(members, runtime, expected, move || text(connection())),
        Work::Messages => {
            const CHANNEL: &str = "redis-rs mux";
            let mut pubsub = runtime.block_on(async {
                let mut pubsub = client.get_async_pubsub().await?;
                pubsub.subscribe(CHANNEL).await?;
                anyhow::Ok(pubsub)
            })?;
            jobs::messages(setting.publisher(CHANNEL)?, move |count| {
                runtime.block_on(async {
                    let (mut messages, mut right) = (pubsub.on_message(), 0);
                    for _ in 0..count {
                        let message = messages.next().await.context("no more messages")?;
                        right += usize::from(message.get_payload_bytes() == TEXT.as_bytes());
                    }
                    Ok(right)
                })
            })
        }
    }))
}

async fn text(mut connection: MultiplexedConnection) -> Result<String> {
    Ok(connection.get("text").await?)
}
