//! What spans several commands: pipelines, transactions, typed batches, scripts, scans and locks; what listens
//! to a server: subscriptions and monitoring; and connections that follow what Sentinels say.
//!
//! **In scope:** everything that takes more than one command.
//!
//! **Out of scope:** URLs, clients, defaults. Connections come through one trait, [`Checkout`].
//!
//! Two ways to send many commands in one round trip:
//! - [`Pipeline`] is built up step by step, in loops if need be, and says what its replies are when it
//!   is executed, all together or [slot by slot](Slots);
//! - [`Batch`] is one expression, and the types of its replies add up in its own type.
//!
//! Both are transactions if nothing else is said. One that depends on what it has read is a
//! [`Transaction`] on a connection of its own, on which keys are [`Watched`].
//!
//! Objects that send what is needed by themselves: [`Script`] and [`FunctionLibrary`], whose code comes to
//! the server when it lacks it; [`ScanIter`], which asks for page after page; [`Lock`].
//!
//! What has a connection of its own and hears what the server says: [`PubSub`], with [`Keyspace`] for the names of
//! channels that tell what happens to keys, and [`Monitor`].
//!
//! [`Sentinels`] know which server is the primary; [`PrimaryConnector`] and [`ReplicaConnector`] make the
//! connections of a pool that follows them, and [`SentinelWatcher`] listens for promotions.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
// Bytes from the wire must never panic.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

mod batch;
mod call;
mod checkout;
mod function_library;
mod handle;
mod keyspace;
mod lock;
mod monitor;
mod pipeline;
mod pubsub;
mod queue;
mod received;
mod refusals;
mod replies;
mod requests;
mod scan;
mod script;
mod sentinel;
mod sha1;
mod slots;
mod transaction;
mod watched;

pub use crate::{
    batch::{Append, Batch},
    call::{Decode, at_reply, decoded, make_call},
    checkout::{Checkout, Need},
    function_library::{CallFunction, FunctionLibrary},
    keyspace::{KeyNotification, Keyspace},
    lock::{Lock, LockGuard},
    monitor::{Monitor, MonitoredClient, MonitoredCommand},
    pipeline::Pipeline,
    pubsub::{
        Control, HandlerOutcome, Listen, Message, MessageKind, PubSub, PubSubConfig, WorkerThread,
    },
    received::Received,
    replies::{FromReplies, Replies},
    scan::{ScanIter, UniqueScan},
    script::{RunScript, Script},
    sentinel::{
        AddressMapper, PrimaryConnector, ReplicaConnector, SentinelRules, SentinelWatcher,
        Sentinels, Service,
    },
    slots::{NextSlot, Slot, Slots},
    transaction::Transaction,
    watched::Watched,
};
