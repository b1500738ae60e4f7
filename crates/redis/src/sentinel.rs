//! Sentinels, and clients that follow the primary they watch over.

mod builder;

use std::{fmt, time::Duration};

use redis_conn::{Address, Connector, Error, ServerConnector};
use redis_ext::{PrimaryConnector, ReplicaConnector, SentinelWatcher, Sentinels};

use crate::{Client, ClientBuilder};

pub use builder::SentinelBuilder;

/// Sentinels, which know which server is the primary now, and make [`Client`]s that follow it.
///
/// ```no_run
/// use redis::{Sentinel, prelude::*};
///
/// let sentinel = Sentinel::new(["10.0.0.1:26379", "10.0.0.2:26379", "10.0.0.3:26379"])?;
/// println!("the primary is {}", sentinel.discover_master("mymaster")?);
///
/// let master = sentinel.master_for("mymaster");
/// master.set("foo", "bar")?;
/// let replica = sentinel.replica_for("mymaster");
/// let foo: Option<String> = replica.get("foo")?;
/// # Ok::<(), redis::Error>(())
/// ```
///
/// # How a client follows
/// For every connection that its pool needs, the Sentinels are asked where the primary is, the one that
/// answered last first. One that calls the primary down is not believed, nor one that has not heard of the
/// last promotion (its configuration epoch is lower than one seen before), nor a server that does not call
/// itself a primary.
///
/// As soon as any client of this `Sentinel` learns of a promotion, all their idle connections to the old
/// primary are closed, and those in use are not used for another call: nothing more is sent to it, even if it
/// goes on calling itself a primary. It is learnt when a new connection is needed, when a server says
/// `READONLY`, and, with [`watch`](Sentinel::watch), as soon as the Sentinels say so. What was refused with
/// `READONLY` was not executed and is made again, but for scripts and for pipelines that are no transactions, of
/// which a part may have been.
///
/// While there is no primary, calls fail with [`MasterNotFound`](crate::ErrorKind::MasterNotFound), which is retried as
/// the [`RetryPolicy`](crate::RetryPolicy) says. The default gives up after some 100 milliseconds; one with longer
/// delays rides out a failover. A primary that does not answer a new connection in its part of the time counts as none,
/// as Sentinels take a while to call it down. A call whose command does more than read and may have been executed, or
/// that has waited for a reply for as long as it may, is never made again by itself.
///
/// # Time limits
/// Each attempt of a call waits for at most the [`wait_timeout`](ClientBuilder::wait_timeout) of the clients for a
/// place in the pool, for at most their [`connect_timeout`](ClientBuilder::connect_timeout) for a connection, asking
/// Sentinels included, and for at most their [`response_timeout`](ClientBuilder::response_timeout) for the reply.
///
/// Clones share what is known, and what they know of each other's clients.
#[derive(Clone)]
pub struct Sentinel {
    sentinels: Sentinels,
    clients: ClientBuilder,
}

impl Sentinel {
    /// Sentinels at these addresses: `host:port` or URLs as [`Client::open`] takes, with user, password, TLS and
    /// timeouts for that Sentinel, where no port is 26379. Others that they know of are learnt from them, but for those
    /// that they call down and those that were given by another address, which their ids tell; one that was learnt and
    /// does not answer is forgotten when others do not name it any more.
    ///
    /// # Errors
    /// `InvalidInput` without an address, or naming what is wrong with one. Whether there are such Sentinels shows with
    /// the first question.
    pub fn new(addresses: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, Error> {
        Ok(Self::builder().sentinels(addresses)?.build())
    }

    /// Sets up Sentinels step by step.
    #[must_use]
    pub fn builder() -> SentinelBuilder {
        SentinelBuilder::new()
    }

    /// Where the primary of this name is. Sentinels are asked every time.
    ///
    /// # Errors
    /// `MasterNotFound`, with what each Sentinel said, when none names one that is up.
    pub fn discover_master(&self, name: &str) -> Result<Address, Error> {
        self.sentinels.discover_master(name, self.limit())
    }

    /// Where those replicas of the primary are that are up; there may be none. Sentinels are asked every
    /// time.
    ///
    /// # Errors
    /// `ReplicaNotFound`, with what each Sentinel said, when none knows the name.
    #[doc(alias = "discover_slaves")]
    pub fn discover_replicas(&self, name: &str) -> Result<Vec<Address>, Error> {
        self.sentinels.discover_replicas(name, self.limit())
    }

    /// A client of whichever server is the primary of this name. It connects when it is first used.
    #[must_use]
    pub fn master_for(&self, name: &str) -> Client {
        let connector =
            |server: &ServerConnector| PrimaryConnector::new(&self.sentinels, name, server.clone());
        let client = self.client(format!("primary {name:?}"), connector);
        self.sentinels.service(name).tell(client.pool());
        client.following_primary()
    }

    /// A client of the replicas of the primary of this name, for reading: each connection goes to the next
    /// replica that is up and past its first synchronisation, and to the primary when none is.
    ///
    /// What it reads may be old: replicas follow the primary with a delay. When neither can be had, calls
    /// fail with `ReplicaNotFound`.
    ///
    /// Its connections lead to different servers. A scan, whose cursor means nothing on another one, is an error
    /// where it would go on at another: see [`ScanIter`](crate::ScanIter). A connection to the primary goes on
    /// being used when replicas are back, until it is as old as
    /// [`max_lifetime`](ClientBuilder::max_lifetime) says; [`Client::disconnect`] ends that at once. When any client of
    /// this `Sentinel` learns that another server is the primary now, all connections to replicas are made anew, as one
    /// of them may lead to it. So a program that only reads had better [`watch`](Sentinel::watch).
    #[must_use]
    #[doc(alias = "slave_for")]
    pub fn replica_for(&self, name: &str) -> Client {
        let connector =
            |server: &ServerConnector| ReplicaConnector::new(&self.sentinels, name, server.clone());
        let client = self.client(format!("replicas of {name:?}"), connector);
        self.sentinels.service(name).tell_replicas(client.pool());
        client
    }

    /// Another handle to the same Sentinels, whose clients are set up like this one. The address in it is
    /// not used.
    ///
    /// ```no_run
    /// use redis::{Client, Sentinel};
    ///
    /// # let sentinel = Sentinel::new(["localhost"])?;
    /// let sessions = sentinel.with_clients(Client::builder().database(3)).master_for("mymaster");
    /// # Ok::<(), redis::Error>(())
    /// ```
    #[must_use]
    pub fn with_clients(&self, clients: ClientBuilder) -> Self {
        Self {
            sentinels: self.sentinels.clone(),
            clients,
        }
    }

    /// Listens for promotions in a thread, for as long as what is returned lives: the clients then leave
    /// an old primary as soon as the Sentinels have chosen a new one, and not only when they fail on it.
    ///
    /// An ACL user of the Sentinels needs `+subscribe` and the channels `+switch-master` and `+promoted-slave`.
    ///
    /// # Errors
    /// `Connection` when the system has no thread to give. That no Sentinel can be reached, or allows it, is none: they are
    /// tried until one does, and [`is_listening`](SentinelWatcher::is_listening) says whether one has.
    #[doc(alias = "+switch-master")]
    pub fn watch(&self) -> Result<SentinelWatcher, Error> {
        SentinelWatcher::start(&self.sentinels, self.limit())
    }

    /// Where the Sentinels are, those that were learnt included, in the order in which they are asked.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        self.sentinels.addresses()
    }

    /// How long a question may take.
    fn limit(&self) -> Duration {
        self.clients.connector.config().connect_timeout
    }

    fn client<C: Connector + 'static>(
        &self,
        shown: String,
        connector: impl FnOnce(&ServerConnector) -> C,
    ) -> Client {
        self.clients.clone().build_over(shown, connector)
    }
}

impl fmt::Debug for Sentinel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sentinel")
            .field("addresses", &self.addresses())
            .finish_non_exhaustive()
    }
}
