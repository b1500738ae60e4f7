//! What a Sentinel says about a server: a primary, a replica or another Sentinel.

use redis_conn::Address;
use resp_proto::{DecodeError, Fields, FromReply, Reply};

/// What a Sentinel says about a server that it watches, or about another Sentinel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instance {
    pub(super) address: Address,
    /// Which one it is, whatever address it is reached by.
    pub(super) id: Option<String>,
    /// Separated by commas: `master`, `slave`, `s_down`, `o_down`, `disconnected` …
    flags: String,
    /// The number of the last promotion, if it is a primary.
    pub(super) epoch: u64,
    /// How many other Sentinels watch it, if it is a primary.
    pub(super) other_sentinels: usize,
}

impl Instance {
    /// Which of its flags say that it cannot be used: it is down in this Sentinel's opinion (`s_down`), in
    /// that of several (`o_down`), or this Sentinel cannot reach it.
    pub(super) fn troubles(&self) -> Vec<&str> {
        self.flags
            .split(',')
            .filter(|flag| matches!(*flag, "s_down" | "o_down" | "disconnected"))
            .collect()
    }
}

/// An id that says something: one that is not known yet is empty.
pub(super) fn some(id: Option<String>) -> Option<String> {
    id.filter(|id| !id.is_empty())
}

impl FromReply<'_> for Instance {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let fields = Fields::of(reply)?;
        Ok(Self {
            address: Address::Tcp {
                host: fields.required("ip")?,
                port: fields.required("port")?,
            },
            id: some(fields.optional("runid")?),
            flags: fields.required("flags")?,
            epoch: fields.optional("config-epoch")?.unwrap_or(0),
            other_sentinels: fields.optional("num-other-sentinels")?.unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use resp_proto::Framer;

    use super::*;

    #[test]
    fn both_protocols_say_the_same() {
        let fields = [
            ("ip", "::1"),
            ("port", "6379"),
            ("runid", "0123"),
            ("flags", "master,s_down,o_down"),
            ("config-epoch", "7"),
            ("num-other-sentinels", "2"),
        ];
        let body: String = fields
            .iter()
            .flat_map(|(name, value)| [name, value])
            .map(|text| format!("${}\r\n{text}\r\n", text.len()))
            .collect();
        for header in ["*12\r\n", "%6\r\n"] {
            let bytes = format!("{header}{body}");
            let frame = Framer::new().advance(bytes.as_bytes()).unwrap().unwrap();
            let instance: Instance = frame.reply().decode().unwrap();
            assert_eq!(instance.address.to_string(), "[::1]:6379");
            assert_eq!(instance.id.as_deref(), Some("0123"));
            assert_eq!(instance.troubles(), ["s_down", "o_down"]);
            assert_eq!((instance.epoch, instance.other_sentinels), (7, 2));
        }
    }
}
