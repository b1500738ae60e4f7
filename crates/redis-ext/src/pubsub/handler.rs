//! The closures that messages go to.

use std::{error, fmt};

use redis_cmd::Typed;
use redis_conn::{Error, ErrorKind};

use super::Message;

type Cause = Box<dyn error::Error + Send + Sync>;

/// What a handler gives back: nothing, or whether it has failed.
///
/// ```
/// use redis_ext::{HandlerOutcome, Message};
///
/// fn handler<O: HandlerOutcome>(_: impl FnMut(Message) -> O) {}
///
/// handler(|message| println!("{message:?}"));
/// let (sender, _receiver) = std::sync::mpsc::channel();
/// handler(move |message| sender.send(message));
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler cannot give back `{Self}`",
    note = "it gives back `()`, or a `Result<(), E>` whose error can be boxed"
)]
pub trait HandlerOutcome {
    /// The failure, if it is one.
    #[doc(hidden)]
    fn failure(self) -> Option<Cause>;
}

impl HandlerOutcome for () {
    fn failure(self) -> Option<Cause> {
        None
    }
}

impl<E: Into<Cause>> HandlerOutcome for Result<(), E> {
    fn failure(self) -> Option<Cause> {
        self.err().map(Into::into)
    }
}

/// A closure that messages go to.
pub(crate) struct Handler(Box<dyn FnMut(Message) -> Option<Cause> + Send>);

impl Handler {
    pub(crate) fn new<O: HandlerOutcome>(
        mut handle: impl FnMut(Message) -> O + Send + 'static,
    ) -> Self {
        Self(Box::new(move |message| handle(message).failure()))
    }

    pub(crate) fn handle(&mut self, message: Message) -> Result<(), Error> {
        let channel = message.channel.clone();
        match (self.0)(message) {
            None => Ok(()),
            Some(cause) => {
                let place = match channel {
                    None => "the handler of gaps".into(),
                    Some(channel) => {
                        format!("the handler of a message on {}", Typed::new([&*channel]))
                    }
                };
                let error = Error::new(ErrorKind::PubSub, "it failed").with_source(cause);
                Err(error.at(place))
            }
        }
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handler")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{MessageKind, pubsub::message::Payload};

    #[test]
    fn a_handler_that_fails_is_named_by_what_it_handles() {
        let failure = |message| {
            let mut handler = Handler::new(|_| Err("as told"));
            handler.handle(message).unwrap_err().to_string()
        };
        let on = |channel: &[u8]| {
            failure(Message::published(
                MessageKind::Message,
                None,
                channel.into(),
                Payload::Data(Vec::new()),
            ))
        };
        assert_eq!(
            on(b"c"),
            "the handler of a message on c: it failed: as told"
        );
        let nameless = on(b"");
        assert_eq!(
            nameless,
            "the handler of a message on \"\": it failed: as told"
        );
        let gap = Message::gap(Arc::new(Error::new(ErrorKind::Connection, "lost")));
        assert_eq!(failure(gap), "the handler of gaps: it failed: as told");
    }
}
