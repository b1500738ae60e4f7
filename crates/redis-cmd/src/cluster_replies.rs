//! What commands on the cluster answer.

use std::collections::BTreeMap;

use resp_proto::{DecodeError, FromReply, Reply, Value};

use crate::{
    UnixMilliseconds,
    named::{Named, Texts, expect, first_of, rest_of},
};

/// How the cluster is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClusterInfo {
    /// `ok`, or `fail` when it does not serve.
    pub state: String,
    /// How many slots are served by somebody.
    pub slots_assigned: u32,
    /// How many slots are served by nodes that are well.
    pub slots_ok: u32,
    /// How many slots are served by nodes that may have failed.
    pub slots_pfail: u32,
    /// How many slots are served by nodes that have failed.
    pub slots_fail: u32,
    /// How many nodes are known.
    pub known_nodes: u32,
    /// How many primaries serve slots.
    pub size: u32,
    /// The highest epoch that is known.
    pub current_epoch: u64,
    /// The epoch of this node.
    pub my_epoch: u64,
    /// Whatever else the server says, by its own names.
    pub rest: BTreeMap<String, String>,
}

impl FromReply<'_> for ClusterInfo {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Texts::split(reply.decode()?, &['\r', '\n'], ':');
        Ok(Self {
            state: expect(fields.find("cluster_state"), "lines of name:value", reply)?,
            slots_assigned: fields.find("cluster_slots_assigned").unwrap_or_default(),
            slots_ok: fields.find("cluster_slots_ok").unwrap_or_default(),
            slots_pfail: fields.find("cluster_slots_pfail").unwrap_or_default(),
            slots_fail: fields.find("cluster_slots_fail").unwrap_or_default(),
            known_nodes: fields.find("cluster_known_nodes").unwrap_or_default(),
            size: fields.find("cluster_size").unwrap_or_default(),
            current_epoch: fields.find("cluster_current_epoch").unwrap_or_default(),
            my_epoch: fields.find("cluster_my_epoch").unwrap_or_default(),
            rest: fields.rest(),
        })
    }
}

/// A node of the cluster, as a line of `CLUSTER NODES` says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClusterNode {
    /// Its id.
    pub id: String,
    /// Its address, like `host:port@bus-port,name`.
    pub address: String,
    /// What it is: `myself`, `master`, `slave`, `fail` and more.
    pub flags: Vec<String>,
    /// The id of its primary, if it is a replica.
    pub primary: Option<String>,
    /// When a ping was sent that is not answered; `None` if all are.
    pub ping_sent: Option<UnixMilliseconds>,
    /// When the last answer came; `None` if none has.
    pub pong_received: Option<UnixMilliseconds>,
    /// Its epoch.
    pub config_epoch: u64,
    /// Whether there is a connection to it.
    pub connected: bool,
    /// The slots that it serves, by their first and last one.
    pub slots: Vec<(u16, u16)>,
    /// The slots that are moving, in the server's words.
    pub moving: Vec<String>,
}

impl ClusterNode {
    #[inline]
    fn parse(line: &str, reply: Reply<'_>) -> Result<Self, DecodeError> {
        let wrong = || DecodeError::mismatch("lines that describe nodes", reply);
        let mut words = line.split_ascii_whitespace();
        let mut word = || words.next().ok_or_else(wrong);
        let time = |word: &str| match word.parse() {
            Ok(0) => Ok(None),
            Ok(time) => Ok(Some(UnixMilliseconds(time))),
            Err(_) => Err(wrong()),
        };
        let mut node = Self {
            id: word()?.to_owned(),
            address: word()?.to_owned(),
            flags: word()?.split(',').map(str::to_owned).collect(),
            primary: Some(word()?).filter(|&id| id != "-").map(str::to_owned),
            ping_sent: time(word()?)?,
            pong_received: time(word()?)?,
            config_epoch: word()?.parse().map_err(|_| wrong())?,
            connected: word()? == "connected",
            slots: Vec::new(),
            moving: Vec::new(),
        };
        for word in words {
            let (first, last) = word.split_once('-').unwrap_or((word, word));
            match (first.parse(), last.parse()) {
                (Ok(first), Ok(last)) => node.slots.push((first, last)),
                _ => node.moving.push(word.to_owned()),
            }
        }
        Ok(node)
    }
}

impl<'a> FromReply<'a> for ClusterNode {
    #[inline]
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        Self::parse(reply.decode()?, reply)
    }

    /// All nodes come as one text, replicas as a list of lines.
    #[inline]
    fn vec_from_reply(reply: Reply<'a>) -> Result<Vec<Self>, DecodeError> {
        match reply.elements() {
            Some(lines) => lines.map(Self::from_reply).collect(),
            None => {
                let text: &str = reply.decode()?;
                text.lines().map(|line| Self::parse(line, reply)).collect()
            }
        }
    }
}

/// A shard: nodes that have the same keys.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Shard {
    /// The slots that they serve, by their first and last one.
    pub slots: Vec<(u16, u16)>,
    /// The nodes.
    pub nodes: Vec<ShardNode>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for Shard {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            slots: fields.take("slots")?,
            nodes: fields.take("nodes")?,
            rest: fields.rest()?,
        })
    }
}

/// A node of a shard.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ShardNode {
    /// Its id.
    pub id: String,
    /// The address of its host.
    pub ip: Option<String>,
    /// Where clients are to go: `None`, or empty, when that is the host that told them; `?` when the server does not know.
    pub endpoint: Option<String>,
    /// The name of its host.
    pub hostname: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    /// Its port for TLS.
    pub tls_port: Option<u16>,
    /// `master` or `replica`.
    pub role: String,
    /// How far it is.
    pub replication_offset: i64,
    /// `online`, `failed` or `loading`.
    pub health: String,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for ShardNode {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            id: fields.take("id")?,
            ip: fields.find("ip")?,
            endpoint: fields.find("endpoint")?,
            hostname: fields.find("hostname")?,
            port: fields.find("port")?,
            tls_port: fields.find("tls-port")?,
            role: fields.take("role")?,
            replication_offset: fields.take("replication-offset")?,
            health: fields.take("health")?,
            rest: fields.rest()?,
        })
    }
}

/// Slots, and the nodes that serve them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SlotRange {
    /// The first slot.
    pub start: u16,
    /// The last slot.
    pub end: u16,
    /// The nodes, the primary first.
    pub nodes: Vec<SlotNode>,
}

impl FromReply<'_> for SlotRange {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let parts: Vec<Reply<'_>> = reply.decode()?;
        let [start, end, nodes @ ..] = &parts[..] else {
            return Err(DecodeError::mismatch("slots and nodes", reply));
        };
        Ok(Self {
            start: start.decode()?,
            end: end.decode()?,
            nodes: nodes.iter().map(Reply::decode).collect::<Result<_, _>>()?,
        })
    }
}

/// A node that serves slots.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SlotNode {
    /// Where clients are to go: `None`, or empty, when that is the host that told them; `?` when the server does not know.
    pub endpoint: Option<String>,
    /// Its port.
    pub port: u16,
    /// Its id. Since Redis 4.0.
    pub id: Option<String>,
    /// Other ways to get there, like `ip` and `hostname`. Since Redis 7.0.
    pub metadata: BTreeMap<String, String>,
    /// Whatever else the server says. Protocols differ in how: [decode](Value::decode) it.
    pub rest: Vec<Value>,
}

impl FromReply<'_> for SlotNode {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let parts: Vec<Reply<'_>> = reply.decode()?;
        let [endpoint, port, more @ ..] = &parts[..] else {
            return Err(DecodeError::mismatch("a host and a port", reply));
        };
        Ok(Self {
            endpoint: endpoint.decode()?,
            port: port.decode()?,
            id: more.first().map_or(Ok(None), Reply::decode)?,
            metadata: more.get(1).map_or(Ok(BTreeMap::new()), Reply::decode)?,
            rest: rest_of(more, 2)?,
        })
    }
}

/// A connection between nodes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ClusterLink {
    /// `to` or `from` the other node.
    pub direction: String,
    /// The id of the other node.
    pub node: String,
    /// When it was opened.
    pub create_time: UnixMilliseconds,
    /// What it is ready for: `r`, `w`.
    pub events: String,
    /// The memory for what is to be sent, in bytes.
    pub send_buffer_allocated: u64,
    /// What is to be sent, in bytes.
    pub send_buffer_used: u64,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for ClusterLink {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        Ok(Self {
            direction: fields.take("direction")?,
            node: fields.take("node")?,
            create_time: fields.take("create-time")?,
            events: fields.take("events")?,
            send_buffer_allocated: fields.take("send-buffer-allocated")?,
            send_buffer_used: fields.take("send-buffer-used")?,
            rest: fields.rest()?,
        })
    }
}

/// Slots that move, or have moved: between servers of Valkey, or of Redis.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SlotMigration {
    /// Its name, or its id.
    pub name: Option<String>,
    /// `EXPORT` or `IMPORT`; of Redis `migrate` or `import`.
    pub operation: Option<String>,
    /// The slots.
    pub slot_ranges: Option<String>,
    /// The id of the node that they come from.
    pub source_node: Option<String>,
    /// The id of the node that they go to.
    pub target_node: Option<String>,
    /// How it is, in the server's word.
    pub state: Option<String>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for SlotMigration {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        let mut either = |valkey, redis| match fields.find(valkey) {
            Ok(None) => fields.find(redis),
            found => found,
        };
        Ok(Self {
            name: either("name", "id")?,
            slot_ranges: either("slot_ranges", "slots")?,
            source_node: either("source_node", "source")?,
            target_node: either("target_node", "dest")?,
            operation: fields.find("operation")?,
            state: fields.find("state")?,
            rest: fields.rest()?,
        })
    }
}

/// How much a slot is used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SlotUsage {
    /// The slot.
    pub slot: u16,
    /// By metric, like `key-count`.
    pub metrics: BTreeMap<String, u64>,
}

impl FromReply<'_> for SlotUsage {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let [slot, metrics] = first_of(reply, "a slot and metrics")?;
        Ok(Self {
            slot: slot.decode()?,
            metrics: metrics.decode()?,
        })
    }
}
