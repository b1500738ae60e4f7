//! Published messages: subscribing to them, waiting for them, and knowing when some may be missing.
//!
//! ```text
//!  PubSub ── subscriber.rs ──── listener.rs ──┬── subscriptions.rs   what is subscribed to, what the server owes: no I/O
//!     │                                       │   answers.rs         what the server's answers do to that
//!     ▲                                       ├── link.rs            the connection, and how it comes back
//!     │ a flag, a bell                        └── handler.rs         the closures that messages go to
//!  Control ── control.rs        worker.rs: a thread that listens       message.rs: what the caller gets
//! ```

mod answers;
mod control;
mod handler;
mod link;
mod listener;
mod message;
#[cfg(test)]
mod model;
mod subscriber;
mod subscriptions;
mod worker;

pub use self::{
    control::Control,
    handler::HandlerOutcome,
    listener::Listen,
    message::{Message, MessageKind},
    subscriber::{PubSub, PubSubConfig},
    worker::WorkerThread,
};
