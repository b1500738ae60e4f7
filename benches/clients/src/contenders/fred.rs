//! fred: asynchronous, one connection that all tasks share.

use std::collections::HashMap;

use anyhow::Result;
use fred::{
    prelude::*,
    types::{Message, MultipleKeys},
};
use tokio::sync::broadcast::Receiver;

use crate::{
    contenders::{Setting, runtime},
    data::{self, MANY, TEXT},
    jobs::{self, Job, awaited},
    workloads::{Place, Work},
};

/// How many messages its channel holds before it drops some.
const MESSAGES: usize = 1 << 17;

pub(super) fn job(setting: &Setting) -> Result<Option<Job>> {
    let runtime = runtime()?;
    let url = match setting.place {
        Place::Tcp => setting.url(),
        Place::Unix => format!("redis+{}", setting.url()),
    };
    let client = Builder::from_config(Config::from_url(&url)?)
        .with_performance_config(|config| config.broadcast_channel_capacity = MESSAGES)
        .build()?;
    runtime.block_on(client.init())?;
    let expected = setting.expected();
    Ok(Some(match setting.work {
        Work::Get => awaited(runtime, expected, async move || text(&client).await),
        Work::GetNumber => awaited(runtime, expected, async move || {
            Ok(client.get::<i64, _>("number").await?)
        }),
        Work::Set => awaited(runtime, expected, async move || {
            Ok(client
                .set::<(), _, _>("written", TEXT, None, None, false)
                .await?)
        }),
        Work::Pipeline(count) => awaited(runtime, expected, async move || {
            let pipeline = client.pipeline();
            for _ in 0..count {
                pipeline.get::<(), _>("text").await?;
            }
            Ok(pipeline.all::<Vec<String>>().await?)
        }),
        Work::ListOfBytes => {
            let key = data::list_key(MANY);
            awaited(runtime, expected, async move || {
                Ok(client.lrange::<Vec<Vec<u8>>, _>(&key, 0, -1).await?)
            })
        }
        Work::ListOfStrings => {
            let key = data::list_key(MANY);
            awaited(runtime, expected, async move || {
                Ok(client.lrange::<Vec<String>, _>(&key, 0, -1).await?)
            })
        }
        Work::Hash => awaited(runtime, expected, async move || {
            Ok(client.hgetall::<HashMap<String, String>, _>("hash").await?)
        }),
        Work::Numbers => {
            // Its own keys, of which a copy costs next to nothing: it takes them by value.
            let keys = MultipleKeys::from_iter(data::number_keys());
            awaited(runtime, expected, async move || {
                Ok(client.mget::<Vec<i64>, _>(keys.clone()).await?)
            })
        }
        Work::GetLarge(length) => {
            let key = data::large_key(length);
            awaited(runtime, expected, async move || {
                Ok(client.get::<Vec<u8>, _>(&key).await?)
            })
        }
        Work::SetLarge(length) => {
            let value = bytes::Bytes::from(data::large_value(length));
            awaited(runtime, expected, async move || {
                let set = client.set::<(), _, _>("written", value.clone(), None, None, false);
                Ok(set.await?)
            })
        }
        Work::Crowd(members) => jobs::tasks(members, runtime, expected, move || {
            let client = client.clone();
            async move { text(&client).await }
        }),
        Work::Messages => {
            const CHANNEL: &str = "fred";
            let mut messages = client.message_rx();
            runtime.block_on(client.subscribe(CHANNEL))?;
            jobs::messages(setting.publisher(CHANNEL)?, move |count| {
                runtime.block_on(receive(&mut messages, count))
            })
        }
    }))
}

async fn text(client: &Client) -> Result<String> {
    Ok(client.get("text").await?)
}

async fn receive(messages: &mut Receiver<Message>, count: usize) -> Result<usize> {
    let mut right = 0;
    for _ in 0..count {
        let message = messages.recv().await?;
        right += usize::from(message.value.as_bytes() == Some(TEXT.as_bytes()));
    }
    Ok(right)
}
