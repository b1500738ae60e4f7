//! A call as a response callback sees it: the command that was given, and what was said beside it.

use std::fmt;

use resp_proto::Value;

use crate::{Command, Typed, callbacks};

/// Words behind which stands a value, which is no word of the language whatever it says.
const INTRODUCING: [&str; 5] = ["EXACT", "FILTER", "GLOB", "MATCH", "RE"];

/// A command whose reply is about to be cast: what a response callback is told beside the reply.
pub struct Call<'c> {
    arguments: Vec<&'c [u8]>,
    /// How many of the arguments are the name: two in `CLIENT LIST`.
    name_words: usize,
    options: &'c CallOptions,
}

impl<'c> Call<'c> {
    /// A call of this command with these options.
    #[must_use]
    pub fn new<T>(command: &'c Command<'_, T>, options: &'c CallOptions) -> Self {
        Self {
            arguments: command.arguments().collect(),
            name_words: command.name_words(),
            options,
        }
    }

    /// The words of the name, in the case that they were given in.
    #[must_use]
    pub fn name(&self) -> &[&'c [u8]] {
        self.arguments.get(..self.name_words).unwrap_or_default()
    }

    /// The arguments behind the name.
    #[must_use]
    pub fn arguments(&self) -> &[&'c [u8]] {
        self.arguments.get(self.name_words..).unwrap_or_default()
    }

    /// What was said beside the command under this name, in any case; `None` when nothing was.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&'c Value> {
        let mut options = self.options.options.iter();
        options.find_map(|(other, value)| other.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Whether a word of the command's language was given: as an option that is true, or else among the
    /// arguments, of which the first `skipped`, keys and values, are not looked at, nor is what stands behind
    /// `MATCH`, `EXACT`, `GLOB`, `RE` or `FILTER`.
    ///
    /// An option that is false says no, whatever the arguments hold.
    #[must_use]
    pub fn says(&self, word: &str, skipped: usize) -> bool {
        match self.option(word) {
            Some(value) => !matches!(value, Value::Boolean(false) | Value::Null),
            None => self.is_given(word, skipped),
        }
    }

    fn is_given(&self, word: &str, skipped: usize) -> bool {
        let mut arguments = self.arguments().iter().skip(skipped);
        while let Some(argument) = arguments.next() {
            let is = |word: &str| argument.eq_ignore_ascii_case(word.as_bytes());
            if is(word) {
                return true;
            }
            if INTRODUCING.iter().any(|word| is(word)) {
                arguments.next();
            }
        }
        false
    }

    /// Casts a reply as the default callback of the command does.
    ///
    /// The table holds what redis-py's does, and makes one value of what RESP2 and RESP3 send:
    ///
    /// | reply | value |
    /// |---|---|
    /// | `OK` of a command that only does something | `Boolean(true)` |
    /// | whether it was done, of `EXPIRE`, `HEXISTS` and their like | `Boolean` |
    /// | counts | `Integer` |
    /// | scores, distances, coordinates, `INCRBYFLOAT` | `Double` |
    /// | members with scores, flat or not | `Array` of arrays of two |
    /// | names with values, flat or not: `HGETALL`, `CONFIG GET`, `XINFO` … | `Map` |
    /// | members of sets | `Set` |
    /// | entries of streams | arrays of the id and the `Map` of fields; by stream in a `Map` |
    /// | `INFO`, `CLIENT LIST`, `CLUSTER NODES`, `ACL GETUSER`, `SLOWLOG GET`, `VEMB … RAW` … | `Map`s by redis-py's names |
    /// | `LASTSAVE` | `Time` |
    /// | text with a hint of what it is | `Bulk` |
    ///
    /// What is not of the form that a cast expects is left as it is, like the `QUEUED` of a transaction; so
    /// is every other reply. For redis-py's `SORT` with `groups`, the option `groups` makes arrays of so many.
    ///
    /// ```
    /// use redis_cmd::{Call, CallOptions, raw};
    /// use resp_proto::Value;
    ///
    /// let none = CallOptions::new();
    /// let flat = Value::Array(vec!["field".into(), "value".into()]);
    /// let command = raw(&["hgetall", "key"]);
    /// assert_eq!(
    ///     Call::new(&command, &none).cast(flat),
    ///     Value::Map(vec![("field".into(), "value".into())])
    /// );
    /// ```
    #[must_use]
    pub fn cast(&self, reply: Value) -> Value {
        // RESP2 has no hints.
        let reply = match reply {
            Value::Verbatim(_, text) => Value::Bulk(text),
            reply => reply,
        };
        match callbacks::cast_of(self.name()) {
            Some(cast) => cast.apply(reply, self),
            None => reply,
        }
    }
}

/// Shows what an error message would, and no more of a command that carries secrets than its name.
impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = Typed::new(self.arguments.iter().copied()).to_string();
        f.debug_struct("Call")
            .field("typed", &typed)
            .field("options", self.options)
            .finish_non_exhaustive()
    }
}

/// What is said beside a command to whoever casts its reply: redis-py's keyword arguments.
///
/// ```
/// use redis_cmd::CallOptions;
///
/// let one = CallOptions::from([("withscores", true)]);
/// let more = CallOptions::new().with("groups", 2).with("as_score", true);
/// # let _ = (one, more);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallOptions {
    options: Vec<(String, Value)>,
}

impl CallOptions {
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// And this, under a name whose case does not matter. What was said first under a name counts.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.options.push((name.to_owned(), value.into()));
        self
    }
}

impl<V: Into<Value>, const N: usize> From<[(&str, V); N]> for CallOptions {
    fn from(options: [(&str, V); N]) -> Self {
        let options = options.into_iter();
        options.fold(Self::new(), |all, (name, value)| all.with(name, value))
    }
}
