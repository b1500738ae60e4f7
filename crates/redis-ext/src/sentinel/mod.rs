//! Sentinels: which server is the primary, and connections that follow it.
//!
//! What a client has to do is on <https://redis.io/docs/latest/develop/reference/sentinel-clients/>; beyond
//! that, what is known does not get unknown again. Every promotion has a number that Sentinels agree on
//! (the configuration epoch). Once one has been heard of, a Sentinel that has not heard of it is not
//! believed, and no connection to the primary before it is used any more: see [`Service`].

mod inquiry;
mod instance;
mod primary;
mod replicas;
mod sentinels;
mod service;
mod watcher;

pub use self::{
    primary::PrimaryConnector,
    replicas::ReplicaConnector,
    sentinels::{AddressMapper, SentinelRules, Sentinels},
    service::Service,
    watcher::SentinelWatcher,
};
