//! Replies that name their fields: known ones are taken out, the rest is kept.

use std::{collections::BTreeMap, str::FromStr};

use resp_proto::{DecodeError, FromReply, Reply};

/// A map, or the flat array that stands for one in RESP2.
pub(crate) struct Named<'a> {
    fields: BTreeMap<String, Reply<'a>>,
}

impl<'a> Named<'a> {
    pub(crate) fn of(reply: Reply<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            fields: reply.decode()?,
        })
    }

    /// Takes out a field that is always there.
    pub(crate) fn take<T: FromReply<'a>>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        match self.fields.remove(name) {
            Some(field) => field.decode(),
            None => Err(DecodeError::MissingField { name }),
        }
    }

    /// Takes out a field that some servers do not send, or that may be nil.
    pub(crate) fn find<T: FromReply<'a>>(&mut self, name: &str) -> Result<Option<T>, DecodeError> {
        self.fields
            .remove(name)
            .map_or(Ok(None), |field| field.decode())
    }

    /// The fields that were not taken out.
    pub(crate) fn rest<T: FromReply<'a>>(self) -> Result<BTreeMap<String, T>, DecodeError> {
        self.fields
            .into_iter()
            .map(|(name, field)| Ok((name, field.decode()?)))
            .collect()
    }
}

/// Text that anybody may have chosen: what is no UTF-8 in it is replaced, so that one odd name does not keep
/// everything else from being read.
pub(crate) struct Lossy(pub(crate) String);

impl FromReply<'_> for Lossy {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let bytes: &[u8] = reply.decode()?;
        Ok(Self(String::from_utf8_lossy(bytes).into_owned()))
    }
}

/// Text of names and values, like a line of `CLIENT LIST` or the lines of `CLUSTER INFO`.
pub(crate) struct Texts {
    fields: BTreeMap<String, String>,
}

impl Texts {
    /// These fields.
    pub(crate) fn of(fields: BTreeMap<String, String>) -> Self {
        Self { fields }
    }

    /// Splits text into fields at `between`, and each into name and value at the first `separator`.
    pub(crate) fn split(text: &str, between: &[char], separator: char) -> Self {
        let fields = text
            .split(between)
            .filter_map(|field| field.split_once(separator))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { fields }
    }

    /// Takes out a field, if it is there and of its type.
    pub(crate) fn find<T: FromStr>(&mut self, name: &str) -> Option<T> {
        let value = self.fields.get(name)?.parse().ok()?;
        self.fields.remove(name);
        Some(value)
    }

    /// Takes out a field of text, empty if it is not there.
    pub(crate) fn text(&mut self, name: &str) -> String {
        self.fields.remove(name).unwrap_or_default()
    }

    /// The fields that were not taken out.
    pub(crate) fn rest(self) -> BTreeMap<String, String> {
        self.fields
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
