//! The floor: a raw socket, a request that is encoded already, a reply whose length and layout are known.

use std::{collections::HashMap, ops::Range};

use anyhow::{Result, ensure};

use crate::{
    answers::Answer,
    contenders::Setting,
    data,
    jobs::{self, Job},
    wire::{Publisher, Wire, request},
    workloads::Work,
};

/// Reads the reply and looks at nothing.
pub(super) fn bytes(setting: &Setting) -> Result<Option<Job>> {
    match setting.work {
        Work::Messages => Ok(Some(messages(setting)?)),
        _ => Floor::connect(setting)?.job(setting, |_, layout| Read { size: layout.len() }),
    }
}

/// Reads the reply and builds what was asked for.
pub(super) fn decoded(setting: &Setting) -> Result<Option<Job>> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let floor = || Floor::connect(setting);
    match setting.work {
        Work::Get | Work::Crowd(_) => floor()?.job(setting, move |reply, layout| {
            text(&reply[layout[0].clone()])
        }),
        Work::GetNumber => floor()?.job(setting, |reply, layout| number(&reply[layout[0].clone()])),
        Work::Set | Work::SetLarge(_) => floor()?.job(setting, |_, _| ()),
        Work::Pipeline(_) | Work::ListOfStrings => floor()?.job(setting, move |reply, layout| {
            let elements = layout.iter().map(|at| text(&reply[at.clone()]));
            elements.collect::<Vec<String>>()
        }),
        Work::ListOfBytes => floor()?.job(setting, |reply, layout| {
            let elements = layout.iter().map(|at| reply[at.clone()].to_vec());
            elements.collect::<Vec<Vec<u8>>>()
        }),
        Work::Hash => floor()?.job(setting, move |reply, layout| {
            let pairs = layout.chunks_exact(2);
            let pair =
                |at: &[Range<usize>]| (text(&reply[at[0].clone()]), text(&reply[at[1].clone()]));
            pairs.map(pair).collect::<HashMap<String, String>>()
        }),
        Work::Numbers => floor()?.job(setting, |reply, layout| {
            let numbers = layout.iter().map(|at| number(&reply[at.clone()]));
            numbers.collect::<Vec<i64>>()
        }),
        Work::GetLarge(_) => {
            floor()?.job(setting, |reply, layout| reply[layout[0].clone()].to_vec())
        }
        Work::Messages => Ok(None),
    }
}

/// What the floor knows beforehand.
#[derive(Clone)]
struct Floor {
    request: Vec<u8>,
    length: usize,
    /// Where the bulk strings of the reply are.
    layout: Vec<Range<usize>>,
}

impl Floor {
    /// Asks once, to know the reply.
    fn connect(setting: &Setting) -> Result<Self> {
        let request = data::encoded(setting.work)?;
        let replies = match setting.work {
            Work::Pipeline(count) => count,
            _ => 1,
        };
        let mut wire = Wire::connect(&setting.addresses, setting.place)?;
        let reply = wire.replies(&request, replies)?;
        Ok(Self {
            length: reply.len(),
            layout: layout(&reply),
            request,
        })
    }

    fn job<A: Answer + 'static>(
        self,
        setting: &Setting,
        decode: impl Fn(&[u8], &[Range<usize>]) -> A + Clone + Send + 'static,
    ) -> Result<Option<Job>> {
        let (addresses, place) = (setting.addresses.clone(), setting.place);
        let caller = move || {
            let (floor, decode) = (self.clone(), decode.clone());
            let mut wire = Wire::connect(&addresses, place)?;
            Ok(move || {
                wire.send(&floor.request)?;
                let reply = wire.read(floor.length)?;
                Ok(decode(reply, &floor.layout))
            })
        };
        Ok(Some(match setting.work {
            Work::Crowd(members) => jobs::threads(members, setting.expected(), caller),
            _ => jobs::alone(setting.expected(), caller()?),
        }))
    }
}

fn messages(setting: &Setting) -> Result<Job> {
    const CHANNEL: &str = "floor";
    let mut wire = Wire::connect(&setting.addresses, setting.place)?;
    wire.ask(&request(&["SUBSCRIBE", CHANNEL]))?;
    let message = request(&["message", CHANNEL, data::TEXT]);
    let publisher = Publisher::connect(&setting.addresses, CHANNEL)?;
    Ok(jobs::messages(publisher, move |count| {
        // As many at a time as a client's buffer would hold.
        let most = (64 << 10) / message.len();
        let mut left = count;
        while left > 0 {
            let now = left.min(most);
            let read = wire.read(now * message.len())?;
            ensure!(read.ends_with(&message), "a message is not right");
            left -= now;
        }
        Ok(count)
    }))
}

/// A reply that nobody has looked at; it is as long as the first one was.
struct Read {
    size: usize,
}

impl Answer for Read {
    fn size(&self) -> usize {
        self.size
    }

    fn elements(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn is(&self, expected: &[Vec<u8>]) -> bool {
        self.size == expected.len()
    }
}

/// Where the contents of bulk strings are.
fn layout(reply: &[u8]) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < reply.len() {
        let line = reply[at..].split(|&byte| byte == b'\r').next();
        let line = line.unwrap_or_default();
        let begin = at + line.len() + 2;
        at = begin;
        if let Some(digits) = line.strip_prefix(b"$") {
            let length = number(digits) as usize;
            found.push(begin..begin + length);
            at = begin + length + 2;
        }
    }
    found
}

fn number(digits: &[u8]) -> i64 {
    let digits = std::str::from_utf8(digits).expect("digits");
    digits.parse().expect("a number")
}
