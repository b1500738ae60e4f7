//! What spans several commands: pipelines, transactions and typed batches.
//!
//! **In scope:** everything that keeps a connection for more than one command.
//!
//! **Out of scope:** URLs, clients, defaults. Connections come through one seam, [`Checkout`].
//!
//! Two ways to send many commands in one round trip:
//! - [`Pipeline`] is built up step by step, in loops if need be, and says what its replies are when it
//!   is executed;
//! - [`Batch`] is one expression, and the types of its replies add up in its own type.

#![forbid(unsafe_code)]

mod batch;
mod checkout;
mod pipeline;
mod queue;
mod replies;

pub use crate::{
    batch::{Append, Batch},
    checkout::Checkout,
    pipeline::Pipeline,
    replies::{FromReplies, Replies},
};
