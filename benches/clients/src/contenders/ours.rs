//! This project's client.

use std::collections::HashMap;

use anyhow::{Context, Result};
use redis::prelude::*;

use crate::{
    contenders::Setting,
    data::{self, MANY, TEXT},
    jobs::{Job, alone, messages, threads},
    workloads::Work,
};

pub(super) fn job(setting: &Setting) -> Result<Option<Job>> {
    let client = Client::open(&setting.url())?;
    let expected = setting.expected();
    Ok(Some(match setting.work {
        Work::Get => alone(expected, move || text(&client)),
        Work::GetNumber => alone(expected, move || {
            client.get::<i64>("number")?.context("no value")
        }),
        Work::Set => alone(expected, move || Ok(client.set("written", TEXT)?)),
        Work::Pipeline(count) => alone(expected, move || {
            let mut pipeline = client.pipeline();
            pipeline.transaction(false);
            for _ in 0..count {
                pipeline.get::<String>("text");
            }
            Ok(pipeline.execute::<Vec<String>>()?)
        }),
        Work::ListOfBytes => {
            let key = data::list_key(MANY);
            alone(expected, move || Ok(client.lrange::<Vec<u8>>(&key, 0, -1)?))
        }
        Work::ListOfStrings => {
            let key = data::list_key(MANY);
            alone(expected, move || Ok(client.lrange::<String>(&key, 0, -1)?))
        }
        Work::Hash => alone(expected, move || {
            Ok(client.hgetall::<HashMap<String, String>>("hash")?)
        }),
        Work::Numbers => {
            let keys = data::number_keys();
            alone(expected, move || Ok(client.mget::<Vec<i64>>(&keys)?))
        }
        Work::GetLarge(length) => {
            let key = data::large_key(length);
            alone(expected, move || {
                client.get::<Vec<u8>>(&key)?.context("no value")
            })
        }
        Work::SetLarge(length) => {
            let value = data::large_value(length);
            alone(expected, move || Ok(client.set("written", &value)?))
        }
        Work::Crowd(members) => threads(members, expected, move || {
            let client = client.clone();
            Ok(move || text(&client))
        }),
        Work::Messages => {
            const CHANNEL: &str = "ours";
            let mut pubsub = client.pubsub();
            pubsub.subscribe(CHANNEL)?;
            // That it is subscribed: what was published before would not come.
            pubsub.get_message(None)?.context("no subscription")?;
            messages(setting.publisher(CHANNEL)?, move |count| {
                let mut right = 0;
                for message in pubsub.listen().take(count) {
                    right += usize::from(message?.data() == TEXT.as_bytes());
                }
                Ok(right)
            })
        }
    }))
}

/// The same where calls never go out together: only where there are threads that could.
pub(super) fn without_sharing(setting: &Setting) -> Result<Option<Job>> {
    let Work::Crowd(members) = setting.work else {
        return Ok(None);
    };
    let builder = Client::builder().url(&setting.url())?;
    let client = builder.sharing(false).build();
    Ok(Some(threads(members, setting.expected(), move || {
        let client = client.clone();
        Ok(move || text(&client))
    })))
}

fn text(client: &Client) -> Result<String> {
    client.get("text")?.context("no value")
}
