//! Values that are kept as JSON text.

use resp_proto::{DecodeError, FromReply, Reply};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::error::Category;

use crate::{
    Args, ToArg, ToArgs,
    args::{LONGEST, Refusal},
};

/// A value that is kept as JSON text: an argument where one is written, a reply where one is read.
///
/// ```
/// use redis_cmd::{Command, Json, cmd};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct User {
///     name: String,
///     age: u8,
/// }
///
/// let ada = User { name: "Ada".into(), age: 36 };
/// let value = Json(&ada);
/// let command: Command<'_> = cmd("SET").key(&"user:1").arg(&value);
/// assert_eq!(command.arguments().last(), Some(&br#"{"name":"Ada","age":36}"#[..]));
/// ```
///
/// With a client, that is `client.set("user:1", Json(&ada))?`, and
/// `let user: Option<Json<User>> = client.get("user:1")?` reads it again; the value is in
/// [`0`](Json::0). There is nothing of it on the server's side: any string can hold JSON. A key that does not exist
/// is `None` around it, and `null` in the text whatever the type makes of that.
///
/// A value that JSON cannot hold, like a map whose keys are no text, makes the command one that is not sent: an
/// error of invalid input. A float that is no number or infinite is the exception: serde_json writes `null` for it. Text that is not JSON, or not of this type, is an error of decoding, which does not
/// quote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Json<T>(pub T);

impl<T: Serialize> ToArgs for Json<T> {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        match serde_json::to_vec(&self.0) {
            Ok(text) if text.len() <= LONGEST => args.push_copy(&text),
            refused => {
                args.refuse(match refused {
                    Ok(_) => Refusal::TooLong,
                    Err(_) => Refusal::NotJson,
                });
                // In its place, so that the command lacks no argument, and says the reason for what it is.
                args.push_copy(b"");
            }
        }
    }
}

impl<T: Serialize> ToArg for Json<T> {}

impl<T: DeserializeOwned> FromReply<'_> for Json<T> {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        serde_json::from_slice(reply.decode()?)
            .map(Self)
            .map_err(|error: serde_json::Error| {
                // Its own words may quote the text.
                let expected = match error.classify() {
                    Category::Data => "JSON text of the type asked for",
                    Category::Eof => "JSON text that is complete",
                    Category::Syntax | Category::Io => "JSON text",
                };
                DecodeError::mismatch(expected, reply)
            })
    }
}
