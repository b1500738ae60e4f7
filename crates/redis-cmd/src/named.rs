//! Replies that name their fields: known ones are taken out, the rest is kept.

use std::{collections::BTreeMap, str::FromStr};

use resp_proto::{DecodeError, FromReply, Reply, Value};

/// A map, or the flat array that stands for one in RESP2.
pub(crate) struct Named<'a> {
    fields: Vec<(String, Reply<'a>)>,
}

impl<'a> Named<'a> {
    pub(crate) fn of(reply: Reply<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            fields: reply.decode()?,
        })
    }

    /// Takes out a field that is always there.
    pub(crate) fn take<T: FromReply<'a>>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        let field = self.remove(name);
        let field = field.ok_or_else(|| DecodeError::missing_field(name))?;
        field.decode().map_err(|error| error.at_field(name))
    }

    /// Takes out a field that some servers do not send, or that may be nil.
    pub(crate) fn find<T: FromReply<'a>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, DecodeError> {
        let Some(field) = self.remove(name) else {
            return Ok(None);
        };
        field.decode().map_err(|error| error.at_field(name))
    }

    fn remove(&mut self, name: &str) -> Option<Reply<'a>> {
        let at = self.fields.iter().position(|(other, _)| other == name)?;
        Some(self.fields.swap_remove(at).1)
    }

    /// The fields that were not taken out.
    pub(crate) fn rest<T: FromReply<'a>>(self) -> Result<BTreeMap<String, T>, DecodeError> {
        let mut rest = BTreeMap::new();
        for (name, field) in self.fields {
            rest.insert(name, field.decode()?);
        }
        Ok(rest)
    }
}

/// The elements of a reply behind those that have a field.
pub(crate) fn rest_of(parts: &[Reply<'_>], known: usize) -> Result<Vec<Value>, DecodeError> {
    parts.iter().skip(known).map(Reply::decode).collect()
}

/// The first parts of a reply that has so many; what later servers add behind them is left.
#[inline]
pub(crate) fn first_of<'a, const N: usize>(
    reply: Reply<'a>,
    expected: &'static str,
) -> Result<[Reply<'a>; N], DecodeError> {
    let mismatch = || DecodeError::mismatch(expected, reply);
    let mut elements = reply.elements().ok_or_else(mismatch)?;
    let mut parts = [reply; N];
    for part in &mut parts {
        *part = elements.next().ok_or_else(mismatch)?;
    }
    Ok(parts)
}

/// Text of names and values, like a line of `CLIENT LIST` or the lines of `CLUSTER INFO`.
pub(crate) struct Texts {
    fields: Vec<(String, String)>,
}

impl Texts {
    /// These fields.
    pub(crate) fn of(fields: Vec<(String, String)>) -> Self {
        Self { fields }
    }

    /// Splits text into fields at `between`, and each into name and value at the first `separator`.
    pub(crate) fn split(text: &str, between: &[char], separator: char) -> Self {
        let mut fields = Vec::new();
        for field in text.split(between) {
            if let Some((name, value)) = field.split_once(separator) {
                fields.push((name.to_owned(), value.to_owned()));
            }
        }
        Self { fields }
    }

    /// Takes out a field, if it is there and of its type.
    pub(crate) fn find<T: FromStr>(&mut self, name: &str) -> Option<T> {
        let at = self.position(name)?;
        let value = self.fields.get(at)?.1.parse().ok()?;
        self.fields.swap_remove(at);
        Some(value)
    }

    /// Takes out a field of text, empty if it is not there.
    pub(crate) fn text(&mut self, name: &str) -> String {
        match self.position(name) {
            Some(at) => self.fields.swap_remove(at).1,
            None => String::new(),
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|(other, _)| other == name)
    }

    /// The fields that were not taken out.
    pub(crate) fn rest(self) -> BTreeMap<String, String> {
        // Collecting would sort them first, which takes more code than all the rest.
        let mut rest = BTreeMap::new();
        rest.extend(self.fields);
        rest
    }
}

/// A field that must be there and of its type; if it is not, the reply is none of the kind.
pub(crate) fn expect<T>(
    field: Option<T>,
    expected: &'static str,
    reply: Reply<'_>,
) -> Result<T, DecodeError> {
    field.ok_or_else(|| DecodeError::mismatch(expected, reply))
}
