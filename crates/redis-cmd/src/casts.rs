//! Casts: what becomes of a reply before a caller gets it, the same from RESP2 and from RESP3.
//!
//! A cast that does not fit a reply leaves it as it is, so that nothing is lost: the `QUEUED` of a
//! transaction, an error inside an aggregate, the form of a later server.

use std::{mem, str, time::Duration};

use resp_proto::Value;

use crate::{Call, cast_texts};

/// What becomes of a reply.
#[derive(Debug)]
pub(crate) enum Cast {
    /// As it is; the elements of a set or an array, in an array.
    Same,
    /// `OK`, with or without more behind it, becomes true.
    Done,
    /// Any status becomes true.
    Begun,
    /// `PONG` becomes true.
    Pong,
    /// 1 and `OK` become true, 0 false.
    Truth,
    /// Text becomes an integer.
    Integer,
    /// Text becomes a double.
    Double,
    /// Text of words becomes an array of them.
    Words,
    /// Text of words becomes a set of what is between commas.
    Flags,
    /// An array of words becomes one text.
    Joined,
    /// An integer of seconds becomes a time.
    Time,
    /// An array becomes a set.
    Set,
    /// Names and values in turn become a map.
    Map,
    /// The same, with a cast for each value.
    MapOf(&'static Cast),
    /// The same, with casts for the values of some names.
    Fields(&'static [(&'static str, Cast)]),
    /// An array of pairs becomes a map, with a cast for each value.
    MapOfPairs(&'static Cast),
    /// The elements of an array become the values of a map with these keys, as far as there are any.
    Record(&'static [(&'static str, Cast)]),
    /// An array of maps becomes a map of them by what they hold under this name.
    By(&'static str),
    /// The elements of an array or a set, in an array.
    Each(&'static Cast),
    /// Some elements of an array, by their places.
    At(&'static [(usize, Cast)]),
    /// Pairs, flat or not, become arrays of two, with a cast for the second.
    Pairs(&'static Cast),
    /// Two casts, one after the other.
    Then(&'static Cast, &'static Cast),
    /// A cast if a word was given behind so many arguments.
    If(&'static str, Skip, &'static Cast),
    /// A cast if it was not.
    Unless(&'static str, Skip, &'static Cast),
    /// Arrays of as many elements as the option `groups` says.
    Groups,
    /// Text as casts of its own read it.
    Text(Text),
    /// Whatever the elements of a place that was found are: distance, hash and position.
    Place,
    /// Of `XPENDING`, the summary or the entries.
    Pending,
    /// Of `VSIM`, what was asked for beside the elements.
    Similar,
    /// Of `ACL GETUSER`, commands and categories of them apart.
    User,
    /// Of Sentinel, the flags of a server as truths.
    Sentinel,
}

/// How many arguments, keys and values, come before the words of a command's language.
#[derive(Debug)]
pub(crate) enum Skip {
    /// So many.
    First(usize),
    /// The number of keys, and so many keys.
    Keys,
}

/// Text that has a structure of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Text {
    Info,
    Client,
    Clients,
    ClusterInfo,
    ClusterNodes,
    DebugObject,
}

impl Cast {
    /// Casts a reply to this call.
    ///
    /// It calls itself for what is inside, no deeper than the table.
    pub(crate) fn apply(&self, reply: Value, call: &Call<'_>) -> Value {
        match self {
            Self::Same => reply,
            Self::Done => done(reply),
            Self::Begun => match reply {
                Value::Simple(text) if text != "QUEUED" => Value::Boolean(true),
                reply => reply,
            },
            Self::Pong => match reply {
                Value::Simple(text) if text == "PONG" => Value::Boolean(true),
                reply => reply,
            },
            Self::Truth => match done(reply) {
                Value::Integer(number @ (0 | 1)) => Value::Boolean(number == 1),
                reply => reply,
            },
            Self::Integer => parsed(reply, Value::Integer),
            Self::Double => parsed(reply, Value::Double),
            Self::Words => cast_texts::words(reply, ' '),
            Self::Flags => match cast_texts::words(reply, ',') {
                Value::Array(flags) => Value::Set(flags),
                reply => reply,
            },
            Self::Joined => cast_texts::joined(reply),
            Self::Time => time(reply),
            Self::Set => match reply {
                Value::Array(items) => Value::Set(items),
                reply => reply,
            },
            Self::Map => map(reply),
            Self::MapOf(cast) => each_value(map(reply), &|_, value| cast.apply(value, call)),
            Self::Fields(casts) => each_value(map(reply), &|name, value| {
                let mut casts = casts.iter();
                match casts.find(|(other, _)| name.as_bytes() == Some(other.as_bytes())) {
                    Some((_, cast)) => cast.apply(value, call),
                    None => value,
                }
            }),
            Self::MapOfPairs(cast) => {
                each_value(map_of_pairs(reply), &|_, value| cast.apply(value, call))
            }
            Self::Record(fields) => match reply {
                Value::Array(items) => map_of(
                    fields
                        .iter()
                        .zip(items)
                        .map(|((name, cast), item)| ((*name).into(), cast.apply(item, call))),
                ),
                reply => reply,
            },
            Self::By(name) => by(name, reply),
            Self::Each(cast) => match reply {
                Value::Array(items) | Value::Set(items) => {
                    array_of(items.into_iter().map(|item| cast.apply(item, call)))
                }
                reply => reply,
            },
            Self::At(casts) => at(casts, reply, call),
            Self::Pairs(cast) => pairs(cast, reply, call),
            Self::Then(first, second) => second.apply(first.apply(reply, call), call),
            Self::If(word, skip, cast) if call.says(word, skip.count(call)) => {
                cast.apply(reply, call)
            }
            Self::Unless(word, skip, cast) if !call.says(word, skip.count(call)) => {
                cast.apply(reply, call)
            }
            Self::If(..) | Self::Unless(..) => reply,
            Self::Groups => groups(reply, call),
            Self::Text(text) => text.read(reply),
            Self::Place => place(reply, call),
            Self::Pending => pending(reply, call),
            Self::Similar => similar(reply, call),
            Self::User => user(reply),
            Self::Sentinel => sentinel(reply),
        }
    }
}

impl Skip {
    fn count(&self, call: &Call<'_>) -> usize {
        match self {
            Self::First(count) => *count,
            Self::Keys => {
                let number = call.arguments().first();
                let number = number.and_then(|number| str::from_utf8(number).ok()?.parse().ok());
                number.map_or(0, |keys: usize| keys.saturating_add(1))
            }
        }
    }
}

impl Text {
    fn read(self, reply: Value) -> Value {
        let text = match &reply {
            Value::Bulk(text) | Value::Verbatim(_, text) => String::from_utf8_lossy(text),
            Value::Simple(text) => text.into(),
            // Lines apart, as those of `CLUSTER REPLICAS` are.
            Value::Array(lines) => {
                let lines: Vec<_> = lines.iter().filter_map(Value::as_str).collect();
                lines.join("\n").into()
            }
            _ => return reply,
        };
        match self {
            Self::Info => cast_texts::info(&text),
            Self::Client => cast_texts::client(&text),
            Self::Clients => array_of(text.lines().map(cast_texts::client)),
            Self::ClusterInfo => cast_texts::cluster_info(&text),
            Self::ClusterNodes => cast_texts::cluster_nodes(&text),
            Self::DebugObject => cast_texts::debug_object(&text),
        }
    }
}

/// A map of these entries. To collect them would compile several times as much, for each iterator.
pub(crate) fn map_of(entries: impl Iterator<Item = (Value, Value)>) -> Value {
    let mut map = Vec::new();
    for entry in entries {
        map.push(entry);
    }
    Value::Map(map)
}

/// An array of these elements.
pub(crate) fn array_of(elements: impl Iterator<Item = Value>) -> Value {
    let mut array = Vec::new();
    for element in elements {
        array.push(element);
    }
    Value::Array(array)
}

fn done(reply: Value) -> Value {
    match reply {
        Value::Simple(text) if text == "OK" || text.starts_with("OK ") => Value::Boolean(true),
        reply => reply,
    }
}

/// Text as a number, if it is one.
pub(crate) fn parsed<T: str::FromStr>(reply: Value, number: fn(T) -> Value) -> Value {
    let text = match &reply {
        Value::Bulk(_) | Value::Simple(_) => reply.as_str(),
        _ => None,
    };
    match text.and_then(|text| text.parse().ok()) {
        Some(value) => number(value),
        None => reply,
    }
}

fn time(reply: Value) -> Value {
    match reply {
        Value::Integer(seconds) => match seconds.try_into() {
            Ok(seconds) => Value::Time(Duration::from_secs(seconds)),
            Err(_) => reply,
        },
        reply => reply,
    }
}

/// Names and values in turn, as RESP2 has them.
fn map(reply: Value) -> Value {
    match reply {
        Value::Array(items) if items.len() % 2 == 0 => {
            let mut items = items.into_iter();
            map_of(std::iter::from_fn(|| Some((items.next()?, items.next()?))))
        }
        reply => reply,
    }
}

fn map_of_pairs(reply: Value) -> Value {
    match reply {
        Value::Null => Value::Map(Vec::new()),
        Value::Array(items) if items.iter().all(is_pair) => {
            map_of(items.into_iter().filter_map(pair))
        }
        reply => reply,
    }
}

fn is_pair(value: &Value) -> bool {
    matches!(value, Value::Array(items) if items.len() == 2)
}

fn pair(value: Value) -> Option<(Value, Value)> {
    match value {
        Value::Array(items) => {
            let mut items = items.into_iter();
            Some((items.next()?, items.next()?))
        }
        _ => None,
    }
}

fn each_value(mut reply: Value, cast: &dyn Fn(&Value, Value) -> Value) -> Value {
    if let Value::Map(entries) = &mut reply {
        for (name, value) in entries {
            *value = cast(name, mem::take(value));
        }
    }
    reply
}

fn by(name: &str, reply: Value) -> Value {
    match reply {
        Value::Array(items) if items.iter().all(|item| item.get(name).is_some()) => {
            map_of(items.into_iter().map(|item| {
                let key = item.get(name).cloned().unwrap_or_default();
                // Names of commands are statuses.
                let key = key.as_str().map_or(Value::Null, Value::from);
                (key, item)
            }))
        }
        reply => reply,
    }
}

fn at(casts: &[(usize, Cast)], mut reply: Value, call: &Call<'_>) -> Value {
    if let Value::Array(items) = &mut reply {
        for (place, cast) in casts {
            if let Some(item) = items.get_mut(*place) {
                *item = cast.apply(mem::take(item), call);
            }
        }
    }
    reply
}

/// In RESP2 they are flat; in RESP3 some are, and some are not.
fn pairs(cast: &Cast, reply: Value, call: &Call<'_>) -> Value {
    let entries = match reply {
        Value::Array(items) if items.iter().all(is_pair) => {
            items.into_iter().filter_map(pair).collect()
        }
        reply => match map(reply) {
            Value::Map(entries) => entries,
            reply => return reply,
        },
    };
    let two = |(first, second)| Value::Array(vec![first, cast.apply(second, call)]);
    array_of(entries.into_iter().map(two))
}

fn groups(reply: Value, call: &Call<'_>) -> Value {
    let size = match call.option("groups") {
        Some(Value::Integer(size)) => usize::try_from(*size).unwrap_or_default(),
        _ => 0,
    };
    match reply {
        Value::Array(items) if items.len().checked_rem(size) == Some(0) => {
            let groups = items.chunks(size);
            array_of(groups.map(|group| Value::Array(group.to_vec())))
        }
        reply => reply,
    }
}

fn place(reply: Value, call: &Call<'_>) -> Value {
    let cast = |item| match item {
        Value::Array(_) => Cast::Each(&Cast::Double).apply(item, call),
        item => parsed(item, Value::Double),
    };
    match reply {
        Value::Array(items) => {
            let mut items = items.into_iter();
            let member = items.next();
            array_of(member.into_iter().chain(items.map(cast)))
        }
        reply => reply,
    }
}

fn pending(reply: Value, call: &Call<'_>) -> Value {
    const CONSUMERS: Cast = Cast::Each(&Cast::Record(&[
        ("name", Cast::Same),
        ("pending", Cast::Integer),
    ]));
    const SUMMARY: Cast = Cast::Record(&[
        ("pending", Cast::Same),
        ("min", Cast::Same),
        ("max", Cast::Same),
        ("consumers", CONSUMERS),
    ]);
    const ENTRIES: Cast = Cast::Each(&Cast::Record(&[
        ("message_id", Cast::Same),
        ("consumer", Cast::Same),
        ("time_since_delivered", Cast::Same),
        ("times_delivered", Cast::Same),
    ]));
    match &reply {
        Value::Array(items) if matches!(items.first(), Some(Value::Integer(_))) => {
            let mut reply = SUMMARY.apply(reply, call);
            if let Value::Map(entries) = &mut reply {
                for (_, value) in entries.iter_mut().skip(3) {
                    // Nobody is nil rather than an empty array.
                    if *value == Value::Null {
                        *value = Value::Array(Vec::new());
                    }
                }
            }
            reply
        }
        _ => ENTRIES.apply(reply, call),
    }
}

fn similar(reply: Value, call: &Call<'_>) -> Value {
    // The key, and the vector or the member.
    let says = |word| call.says(word, 3);
    let (scores, attributes) = (says("WITHSCORES"), says("WITHATTRIBS"));
    let reply = match reply {
        Value::Array(items) if scores && attributes => {
            map_of(items.chunks_exact(3).filter_map(|chunk| {
                let (element, rest) = chunk.split_first()?;
                Some((element.clone(), Value::Array(rest.to_vec())))
            }))
        }
        reply if scores || attributes => map(reply),
        reply => reply,
    };
    const BOTH: Cast = Cast::Record(&[("score", Cast::Double), ("attributes", Cast::Same)]);
    each_value(reply, &|_, value| match value {
        value if scores && attributes => BOTH.apply(value, call),
        value if scores => parsed(value, Value::Double),
        value => value,
    })
}

fn user(mut reply: Value) -> Value {
    let Value::Map(entries) = &mut reply else {
        return reply;
    };
    let (mut categories, mut enabled) = (Vec::new(), false);
    for (name, value) in entries.iter_mut() {
        match (name.as_str(), value) {
            (Some("commands"), Value::Array(words)) => {
                let all = mem::take(words).into_iter();
                (categories, *words) =
                    all.partition(|word| word.as_bytes().is_some_and(|word| word.contains(&b'@')));
            }
            (Some("flags"), Value::Array(flags)) => {
                enabled = flags.iter().any(|flag| flag.as_str() == Some("on"));
            }
            _ => {}
        }
    }
    entries.push(("categories".into(), Value::Array(categories)));
    entries.push(("enabled".into(), Value::Boolean(enabled)));
    reply
}

fn sentinel(mut reply: Value) -> Value {
    const FLAGS: [(&str, &str); 7] = [
        ("is_master", "master"),
        ("is_slave", "slave"),
        ("is_sdown", "s_down"),
        ("is_odown", "o_down"),
        ("is_sentinel", "sentinel"),
        ("is_disconnected", "disconnected"),
        ("is_master_down", "master_down"),
    ];
    let Some(Value::Set(flags)) = reply.get("flags") else {
        return reply;
    };
    let truths = FLAGS.map(|(name, flag)| {
        let is = flags.iter().any(|other| other.as_str() == Some(flag));
        (Value::from(name), Value::Boolean(is))
    });
    if let Value::Map(entries) = &mut reply {
        entries.extend(truths);
    }
    reply
}
