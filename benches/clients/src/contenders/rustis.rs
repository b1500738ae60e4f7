//! rustis: asynchronous, one connection that all tasks share.

use std::collections::HashMap;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use rustis::{
    client::{BatchPreparedCommand, Client},
    commands::{HashCommands, ListCommands, StringCommands},
    resp::BulkString,
};

use crate::{
    contenders::{Setting, runtime},
    data::{self, MANY, TEXT},
    jobs::{self, Job, awaited},
    workloads::Work,
};

pub(super) fn job(setting: &Setting) -> Result<Option<Job>> {
    let runtime = runtime()?;
    let client = runtime.block_on(Client::connect(setting.url()))?;
    let expected = setting.expected();
    Ok(Some(match setting.work {
        Work::Get => awaited(runtime, expected, async move || text(&client).await),
        Work::GetNumber => awaited(runtime, expected, async move || {
            Ok(client.get::<i64>("number").await?)
        }),
        Work::Set => awaited(runtime, expected, async move || {
            Ok(client.set("written", TEXT).await?)
        }),
        Work::Pipeline(count) => awaited(runtime, expected, async move || {
            let mut pipeline = client.create_pipeline();
            pipeline.reserve(count);
            for _ in 0..count {
                pipeline.get::<String>("text").queue();
            }
            Ok(pipeline.execute::<Vec<String>>().await?)
        }),
        // It does not decode into a `Vec<u8>`: this is its own type around one.
        Work::ListOfBytes => {
            let key = data::list_key(MANY);
            awaited(runtime, expected, async move || {
                Ok(client.lrange::<Vec<BulkString>>(&key, 0, -1).await?)
            })
        }
        Work::ListOfStrings => {
            let key = data::list_key(MANY);
            awaited(runtime, expected, async move || {
                Ok(client.lrange::<Vec<String>>(&key, 0, -1).await?)
            })
        }
        Work::Hash => awaited(runtime, expected, async move || {
            Ok(client.hgetall::<HashMap<String, String>>("hash").await?)
        }),
        Work::Numbers => {
            let keys = data::number_keys();
            awaited(runtime, expected, async move || {
                Ok(client.mget::<Vec<i64>>(&keys).await?)
            })
        }
        Work::GetLarge(length) => {
            let key = data::large_key(length);
            awaited(runtime, expected, async move || {
                Ok(client.get::<BulkString>(&key).await?)
            })
        }
        Work::SetLarge(length) => {
            let value = BulkString::new(data::large_value(length));
            awaited(runtime, expected, async move || {
                Ok(client.set("written", &value).await?)
            })
        }
        Work::Crowd(members) => jobs::tasks(members, runtime, expected, move || {
            let client = client.clone();
            async move { text(&client).await }
        }),
        Work::Messages => {
            const CHANNEL: &str = "rustis";
            let mut pubsub = client.create_pub_sub();
            runtime.block_on(pubsub.subscribe(CHANNEL))?;
            jobs::messages(setting.publisher(CHANNEL)?, move |count| {
                runtime.block_on(async {
                    let mut right = 0;
                    for _ in 0..count {
                        let message = pubsub.next().await.context("no more messages")??;
                        right += usize::from(message.payload() == TEXT.as_bytes());
                    }
                    Ok(right)
                })
            })
        }
    }))
}

async fn text(client: &Client) -> Result<String> {
    Ok(client.get("text").await?)
}
