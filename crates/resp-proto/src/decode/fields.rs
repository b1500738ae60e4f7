//! Decoding a reply that names its fields into a struct of the user's.

use crate::{DecodeError, Entries, FromReply, Reply};

/// The fields of a reply that is a map, or the flat array that RESP2 sends in place of one: most `INFO`-like
/// replies are of this shape (`XINFO`, `CLIENT TRACKINGINFO`, `FUNCTION LIST` …).
///
/// Fields that nobody asks for are ignored, so a struct goes on working when a server adds some. Every look-up
/// walks the fields from the first one, which for the few dozen that such replies have beats any index.
///
/// ```
/// use resp_proto::{DecodeError, Fields, FromReply, Reply};
///
/// struct Group { name: String, pending: u64, lag: Option<u64> }
///
/// impl<'a> FromReply<'a> for Group {
///     fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
///         let fields = Fields::of(reply)?;
///         Ok(Group {
///             name: fields.required("name")?,
///             pending: fields.required("pending")?,
///             lag: fields.optional("lag")?,
///         })
///     }
/// }
/// # for bytes in [&b"%2\r\n+name\r\n$1\r\ng\r\n+pending\r\n:3\r\n"[..], b"*4\r\n+name\r\n$1\r\ng\r\n+pending\r\n:3\r\n"] {
/// #     let frame = resp_proto::Framer::new().advance(bytes).unwrap().unwrap();
/// #     let group: Group = frame.reply().decode().unwrap();
/// #     assert_eq!((group.name.as_str(), group.pending, group.lag), ("g", 3, None));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    entries: Entries<'a>,
}

impl<'a> Fields<'a> {
    /// The fields of a reply.
    ///
    /// # Errors
    /// When the reply is an error, or neither a map nor an array of an even number of elements.
    pub fn of(reply: Reply<'a>) -> Result<Self, DecodeError> {
        match reply.entries() {
            Some(entries) => Ok(Self { entries }),
            None => Err(DecodeError::mismatch(
                "a map or a list of keys and values",
                reply,
            )),
        }
    }

    /// The reply under a name, the first one if there are several.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Reply<'a>> {
        self.entries
            .into_iter()
            .find_map(|(key, value)| (key.text() == Some(name.as_bytes())).then_some(value))
    }

    /// The value of a field that has to be there.
    ///
    /// # Errors
    /// [`MissingField`](crate::DecodeErrorKind::MissingField) when it is not there, and what decoding it gives.
    pub fn required<T: FromReply<'a>>(&self, name: &'static str) -> Result<T, DecodeError> {
        let reply = self.get(name);
        let reply = reply.ok_or_else(|| DecodeError::missing_field(name))?;
        reply.decode().map_err(|error| error.at_field(name))
    }

    /// The value of a field that older servers do not send, or that is nil; then `None`.
    ///
    /// # Errors
    /// What decoding it gives.
    pub fn optional<T: FromReply<'a>>(&self, name: &'static str) -> Result<Option<T>, DecodeError> {
        let Some(reply) = self.get(name) else {
            return Ok(None);
        };
        reply.decode().map_err(|error| error.at_field(name))
    }
}
