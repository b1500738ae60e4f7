//! Casts of text that has a structure of its own, like that of INFO.

use resp_proto::Value;

use crate::{
    casts::{array_of, map_of},
    client_info::fields_of,
};

/// The fields of a connection that are numbers.
const CLIENT_NUMBERS: [&str; 25] = [
    "age",
    "argv-mem",
    "db",
    "fd",
    "id",
    "idle",
    "multi",
    "multi-mem",
    "obl",
    "oll",
    "omem",
    "psub",
    "qbuf",
    "qbuf-free",
    "rbp",
    "rbs",
    "redir",
    "resp",
    "ssub",
    "sub",
    "tot-cmds",
    "tot-mem",
    "tot-net-in",
    "tot-net-out",
    "watch",
];

/// The parts of a text, apart by `separator`; none of an empty one.
pub(crate) fn words(reply: Value, separator: char) -> Value {
    match &reply {
        Value::Bulk(text) if text.is_empty() => Value::Array(Vec::new()),
        Value::Bulk(_) => match reply.as_str() {
            Some(text) => array_of(text.split(separator).map(Value::from)),
            None => reply,
        },
        _ => reply,
    }
}

/// An array of texts as one, with spaces in between.
pub(crate) fn joined(reply: Value) -> Value {
    match &reply {
        Value::Array(words) => {
            let words: Vec<_> = words.iter().filter_map(Value::as_bytes).collect();
            Value::Bulk(words.join(&b' '))
        }
        _ => reply,
    }
}

/// INFO: its lines by their names, numbers as such, `a=1,b=2` as a map. The sections are left out, as no
/// name is in two of them. The modules, which share one name, are together under `modules`, lines without
/// a name under `__raw__`.
pub(crate) fn info(text: &str) -> Value {
    let mut fields: Vec<(Value, Value)> = Vec::new();
    let (mut modules, mut raw) = (None, None);
    for line in text.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // The name of a host has a colon itself.
        let split = if line.starts_with("cmdstat_host:") {
            line.rsplit_once(':')
        } else {
            line.split_once(':')
        };
        match split {
            Some(("module", value)) => {
                collect(&mut modules, "modules", info_value(value), &mut fields);
            }
            Some((name, value)) => fields.push((name.into(), info_value(value))),
            None => collect(&mut raw, "__raw__", line.into(), &mut fields),
        }
    }
    Value::Map(fields)
}

/// Appends a value to the array that is under a name, at the place that it got with its first value.
fn collect(place: &mut Option<usize>, name: &str, value: Value, fields: &mut Vec<(Value, Value)>) {
    let place = *place.get_or_insert(fields.len());
    match fields.get_mut(place) {
        Some((_, Value::Array(values))) => values.push(value),
        _ => fields.push((name.into(), Value::Array(vec![value]))),
    }
}

fn info_value(text: &str) -> Value {
    let parts = text.split(',').filter(|part| !part.is_empty());
    if text.contains('=') {
        let entry = |part: &str| match part.rsplit_once('=') {
            Some((name, value)) => (name.into(), number(value)),
            None => (part.into(), Value::Boolean(true)),
        };
        map_of(parts.map(entry))
    } else if text.contains(',') {
        array_of(parts.map(number))
    } else {
        number(text)
    }
}

/// An integer, a number with a point, or text.
fn number(text: &str) -> Value {
    let parsed = if text.contains('.') {
        text.parse().map(Value::Double).ok()
    } else {
        text.parse().map(Value::Integer).ok()
    };
    parsed.unwrap_or_else(|| text.into())
}

/// A line of `CLIENT LIST`.
pub(crate) fn client(line: &str) -> Value {
    map_of(fields_of(line).into_iter().map(|(name, value)| {
        let value = if CLIENT_NUMBERS.contains(&name.as_str()) {
            number(&value)
        } else {
            value.into()
        };
        (name.into(), value)
    }))
}

/// `CLUSTER INFO`: its lines, whose values stay text, as redis-py has them.
pub(crate) fn cluster_info(text: &str) -> Value {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    map_of(lines.map(|(name, value)| (name.into(), value.into())))
}

/// `CLUSTER NODES`: the nodes by their addresses.
pub(crate) fn cluster_nodes(text: &str) -> Value {
    map_of(text.lines().filter_map(cluster_node))
}

/// `id address@port,host flags primary ping pong epoch link slots …`.
fn cluster_node(line: &str) -> Option<(Value, Value)> {
    let mut words = line.split(' ');
    let id = words.next()?;
    let (address, more) = words
        .next()
        .map(|word| word.split_once('@').unwrap_or((word, "")))?;
    let host = more.split(',').nth(1).unwrap_or_default();
    let mut fields: Vec<(Value, Value)> = vec![
        ("node_id".into(), id.into()),
        ("hostname".into(), host.into()),
    ];
    for name in [
        "flags",
        "master_id",
        "last_ping_sent",
        "last_pong_rcvd",
        "epoch",
    ] {
        fields.push((name.into(), words.next()?.into()));
    }
    let connected = words.next()? == "connected";
    let (mut slots, mut migrations) = (Vec::new(), Vec::new());
    for word in words {
        match migration(word) {
            Some(migration) => migrations.push(migration),
            None => slots.push(array_of(word.split('-').map(Value::from))),
        }
    }
    fields.push(("slots".into(), Value::Array(slots)));
    fields.push(("migrations".into(), Value::Array(migrations)));
    fields.push(("connected".into(), connected.into()));
    Some((address.into(), Value::Map(fields)))
}

/// `[slot->-node]` or `[slot-<-node]`.
fn migration(word: &str) -> Option<Value> {
    let inner = word.strip_prefix('[')?.strip_suffix(']')?;
    let (state, (slot, node)) = match inner.split_once("->-") {
        Some(parts) => ("migrating", parts),
        None => ("importing", inner.split_once("-<-")?),
    };
    let fields = [("slot", slot), ("node_id", node), ("state", state)];
    let fields = fields.map(|(name, value)| (name.into(), value.into()));
    Some(Value::Map(fields.into()))
}

/// `DEBUG OBJECT`: a line like `Value at:0x… refcount:1 …`, of which the first word is the type.
pub(crate) fn debug_object(text: &str) -> Value {
    const NUMBERS: [&str; 4] = ["refcount", "serializedlength", "lru", "lru_seconds_idle"];
    map_of(text.split(' ').enumerate().map(|(index, word)| {
        let (name, value) = match word.split_once(':') {
            Some(parts) => parts,
            None if index == 0 => ("type", word),
            None => (word, ""),
        };
        let value = if NUMBERS.contains(&name) {
            number(value)
        } else {
            value.into()
        };
        (name.into(), value)
    }))
}
