//! What the server says about connections.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use resp_proto::{DecodeError, FromReply, Reply, Value};

use crate::{
    Lossy,
    named::{Named, Texts, expect},
};

/// A connection, as the server sees it. What is no UTF-8 in a name or a path is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientInfo {
    /// The number that the server gave to it.
    pub id: i64,
    /// The address and port that it comes from.
    pub addr: String,
    /// The address and port of the server that it goes to. Since Redis 6.2.
    pub laddr: String,
    /// Its name, empty if it has none.
    pub name: String,
    /// For how long it has been open, in whole seconds.
    pub age: Duration,
    /// For how long it has been idle, in whole seconds.
    pub idle: Duration,
    /// What it is and does, a letter each: `N` is nothing special.
    pub flags: String,
    /// Its database.
    pub db: u32,
    /// The command that ran last.
    pub cmd: String,
    /// Its user. Since Redis 6.0.
    pub user: String,
    /// The protocol that it speaks. Since Redis 7.0.
    pub resp: Option<u8>,
    /// What its library calls itself. Since Redis 7.2.
    pub lib_name: String,
    /// The version of its library. Since Redis 7.2.
    pub lib_ver: String,
    /// Whatever else the server says, by its own names.
    pub rest: BTreeMap<String, String>,
}

impl ClientInfo {
    #[inline]
    fn parse(line: &str, reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Texts::of(fields_of(line));
        Ok(Self {
            id: expect(fields.find("id"), "a line of id=number and more", reply)?,
            addr: fields.text("addr"),
            laddr: fields.text("laddr"),
            name: fields.text("name"),
            age: Duration::from_secs(fields.find("age").unwrap_or_default()),
            idle: Duration::from_secs(fields.find("idle").unwrap_or_default()),
            flags: fields.text("flags"),
            db: fields.find("db").unwrap_or_default(),
            cmd: fields.text("cmd"),
            user: fields.text("user"),
            resp: fields.find("resp"),
            lib_name: fields.text("lib-name"),
            lib_ver: fields.text("lib-ver"),
            rest: fields.rest(),
        })
    }
}

/// The fields of a line. The path of a socket may hold anything: a word that looks like the name of a field begins
/// one only if there was none of that name before.
pub(crate) fn fields_of(line: &str) -> Vec<(String, String)> {
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        !name.is_empty()
            && bytes.all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
    };
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut names = BTreeSet::new();
    for word in line.trim_end().split(' ') {
        let field = word
            .split_once('=')
            .filter(|(name, _)| is_name(name) && names.insert(*name));
        match (field, fields.last_mut()) {
            (Some((name, value)), _) => fields.push((name.to_owned(), value.to_owned())),
            (None, Some((_, value))) => {
                value.push(' ');
                value.push_str(word);
            }
            (None, None) => {}
        }
    }
    fields
}

impl FromReply<'_> for ClientInfo {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let Lossy(line) = reply.decode()?;
        Self::parse(&line, reply)
    }

    #[inline]
    fn vec_from_reply(reply: Reply<'_>) -> Result<Vec<Self>, DecodeError> {
        let Lossy(text) = reply.decode()?;
        text.lines().map(|line| Self::parse(line, reply)).collect()
    }
}

/// How a connection is told about keys that change.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrackingInfo {
    /// How: `off`, or `on` and more.
    pub flags: Vec<String>,
    /// The connection to which notices go: -1 when they are not asked for, 0 when to the connection itself.
    pub redirect: i64,
    /// What the names of keys start with about which it is told.
    pub prefixes: Vec<String>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for TrackingInfo {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        let prefixes: Vec<Lossy> = fields.take("prefixes")?;
        Ok(Self {
            flags: fields.take("flags")?,
            redirect: fields.take("redirect")?,
            prefixes: prefixes.into_iter().map(String::from).collect(),
            rest: fields.rest()?,
        })
    }
}
