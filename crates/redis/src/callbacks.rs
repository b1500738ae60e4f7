//! Response callbacks: what a handle of a client does with replies instead of the default.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

use redis_cmd::{Call, CallOptions, Command, ToArgs, raw};
use redis_ext::{Decode, at_reply};
use resp_proto::{Frame, Value};

use crate::{Client, Error};

type Callback = dyn Fn(Value, &Call<'_>) -> Result<Value, Error> + Send + Sync;

/// The callbacks that were set, by name. There are few, if any.
#[derive(Clone)]
pub(crate) struct Callbacks {
    set: Vec<(String, Arc<Callback>)>,
    /// How a typed method's reply comes through here, as RESP3. Only by this pointer do methods know of it:
    /// all casts and their table would else be part of every program.
    answer: fn(&Client, Command<'_, Value>) -> Result<Vec<u8>, Error>,
}

impl Client {
    /// Calls any command by its arguments, the first of which is its name, and casts the reply by the
    /// command's callback: the one [set](Client::set_response_callback) on this handle, or else the default,
    /// of which [`Call::cast`] has the table. The value is the same from RESP2 and from RESP3.
    ///
    /// It is for what is only known when the program runs; where the command is known, its method is
    /// quicker and answers in the type that you want. [`Value::decode`] makes other types of the value.
    ///
    /// ```no_run
    /// use redis::{Value, prelude::*};
    ///
    /// # let client = Client::open("redis://localhost")?;
    /// client.execute_command(("HSET", "user:1", "name", "Ada"))?;
    /// let user = client.execute_command(["HGETALL", "user:1"])?;
    /// assert_eq!(user.get("name"), Some(&Value::from("Ada")));
    /// # Ok::<(), redis::Error>(())
    /// ```
    ///
    /// By the name it is known whether the command only reads, and so may be made again, and how long it may wait: a
    /// `BLPOP` gets its own timeout on top of the response timeout.
    ///
    /// # Errors
    /// Those of every command; `InvalidInput` without any argument, and for what has no place on a shared
    /// connection, like `SELECT`; and whatever the callback fails with.
    pub fn execute_command(&self, arguments: impl ToArgs) -> Result<Value, Error> {
        self.answer(raw(&arguments), &CallOptions::new())
    }

    /// The same with options, which reach the callback: redis-py's keyword arguments. The default callbacks detect
    /// keywords such as `WITHSCORES` in the arguments themselves.
    ///
    /// ```no_run
    /// # let client = redis::Client::open("redis://localhost")?;
    /// let arguments = ("SORT", "ids", "GET", "#", "GET", "name:*");
    /// let pairs = client.execute_command_with(arguments, [("groups", 2)])?;
    /// # Ok::<(), redis::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`execute_command`](Client::execute_command).
    pub fn execute_command_with(
        &self,
        arguments: impl ToArgs,
        options: impl Into<CallOptions>,
    ) -> Result<Value, Error> {
        self.answer(raw(&arguments), &options.into())
    }

    /// Sets the callback that converts replies to the command `name` (case-insensitive), replacing the default or an
    /// earlier one.
    ///
    /// It is for this handle and for the clones that are made of it later; other handles on the same
    /// connections keep theirs. The callback gets the reply as the server sent it, and the [`Call`], whose
    /// [`cast`](Call::cast) is the default. An error of the server does not come to it.
    ///
    /// Typed methods honour it as well: what the callback answers is decoded into the method's type. Only commands with
    /// a callback pay for that. Pipelines, batches and transactions apply neither these callbacks nor the defaults.
    /// Convert such replies yourself with a [`Call`]: `Call::new(&raw(&words), &options).cast(reply)`.
    ///
    /// ```no_run
    /// use redis::{Value, prelude::*};
    ///
    /// let mut client = Client::open("redis://localhost")?;
    /// client.set_response_callback("get", |reply, call| Ok(match call.cast(reply) {
    ///     Value::Bulk(text) => Value::Bulk(text.to_ascii_uppercase()),
    ///     reply => reply,
    /// }));
    /// client.set("greeting", "hello")?;
    /// assert_eq!(client.get::<String>("greeting")?.as_deref(), Some("HELLO"));
    /// # Ok::<(), redis::Error>(())
    /// ```
    pub fn set_response_callback(
        &mut self,
        name: &str,
        callback: impl Fn(Value, &Call<'_>) -> Result<Value, Error> + Send + Sync + 'static,
    ) {
        let none = || Callbacks {
            set: Vec::new(),
            answer: Self::answer_encoded,
        };
        let callbacks = self.inner_mut().callbacks.get_or_insert_with(none);
        callbacks.remove(name);
        callbacks.set.push((normalised(name), Arc::new(callback)));
    }

    /// Takes back what was [set](Client::set_response_callback) for a command, so that its default counts again.
    /// Returns false when nothing was.
    pub fn remove_response_callback(&mut self, name: &str) -> bool {
        let inner = self.inner_mut();
        let Some(callbacks) = &mut inner.callbacks else {
            return false;
        };
        let removed = callbacks.remove(name);
        if callbacks.set.is_empty() {
            inner.callbacks = None;
        }
        removed
    }

    /// How the reply to a command is to be answered if a callback was set for it.
    pub(crate) fn callback_for(&self, command: &Command<'_>) -> Option<&Callbacks> {
        // Looked at first: nearly always there is nothing more to do.
        let callbacks = self.callbacks()?;
        callbacks.of(command.name_words(), &mut command.arguments())?;
        Some(callbacks)
    }

    fn answer(&self, command: Command<'_, Value>, options: &CallOptions) -> Result<Value, Error> {
        let mut reply = Value::Null;
        self.send(&command, &mut |sent| {
            reply = sent.decode()?;
            Ok(())
        })?;
        let call = Call::new(&command, options);
        let words = &mut command.arguments();
        let set = self.callbacks();
        match set.and_then(|set| set.of(command.name_words(), words)) {
            Some(callback) => run(callback, reply, &call),
            None => Ok(call.cast(reply)),
        }
    }

    fn answer_encoded(&self, command: Command<'_, Value>) -> Result<Vec<u8>, Error> {
        let name = command.name();
        let value = self.answer(command, &CallOptions::new())?;
        value
            .to_resp3()
            .map_err(|error| at_reply(error.into(), || name))
    }
}

impl Callbacks {
    /// Makes a call, casts its reply, and has decoded what comes of it.
    #[cold]
    pub(crate) fn answer(
        &self,
        client: &Client,
        command: Command<'_>,
        decode: &mut Decode<'_>,
    ) -> Result<(), Error> {
        let name = command.name();
        let reply = (self.answer)(client, command)?;
        decode(Frame::again(&reply).into()).map_err(|error| {
            let error = Error::from(error).with_maybe_executed(true);
            at_reply(error, || name)
        })
    }

    /// The callback of a command that begins with `words`, so many of which are known to be its name.
    fn of(&self, name_words: usize, words: &mut dyn Iterator<Item = &[u8]>) -> Option<&Callback> {
        let (first, second) = (words.next()?, words.next().unwrap_or_default());
        let is = |name: &str| match name.split_once(' ') {
            // What `CLIENT` answers says nothing about `CLIENT LIST`.
            None => name_words == 1 && first.eq_ignore_ascii_case(name.as_bytes()),
            Some((one, two)) => {
                first.eq_ignore_ascii_case(one.as_bytes())
                    && second.eq_ignore_ascii_case(two.as_bytes())
            }
        };
        let mut found = self.set.iter().filter(|(name, _)| is(name));
        found.next().map(|(_, callback)| &**callback)
    }

    fn remove(&mut self, name: &str) -> bool {
        let name = normalised(name);
        let before = self.set.len();
        self.set.retain(|(other, _)| *other != name);
        self.set.len() < before
    }
}

/// The words of a name in upper case, with one space in between.
fn normalised(name: &str) -> String {
    let words: Vec<_> = name.split_ascii_whitespace().collect();
    words.join(" ").to_ascii_uppercase()
}

fn run(callback: &Callback, reply: Value, call: &Call<'_>) -> Result<Value, Error> {
    let name = || String::from_utf8_lossy(&call.name().join(&b' ')).into_owned();
    callback(reply, call).map_err(|error| at_reply(error.with_maybe_executed(true), name))
}

/// Nothing here changes while a callback runs. What a callback itself keeps is its author's.
impl UnwindSafe for Callbacks {}
impl RefUnwindSafe for Callbacks {}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.set.iter().map(|(name, _)| name))
            .finish()
    }
}
