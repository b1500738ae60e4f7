//! The Sentinels that are known, in the order in which they are asked.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis_conn::{Address, Deadline, Error, ServerConnector};

use super::{
    inquiry::{Inquiry, Search, up},
    instance::Instance,
    replicas,
    service::Service,
};

/// How many Sentinels are remembered at most, however many others they name.
const MOST: usize = 32;

/// Where a server is really, given the address that a Sentinel knows it by.
pub type AddressMapper = dyn Fn(Address) -> Address + Send + Sync;

/// Which answers of Sentinels count, and how addresses in them are read.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct SentinelRules {
    /// With how many other Sentinels one has to be in touch to be believed about a primary: those that it calls
    /// down do not count. It keeps a client from following a Sentinel that is cut off from the others.
    pub min_other_sentinels: usize,
    /// Turns the addresses that Sentinels name into those by which this client reaches the servers;
    /// without one, they are taken as they are.
    pub map_address: Option<Arc<AddressMapper>>,
}

impl fmt::Debug for SentinelRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentinelRules")
            .field("min_other_sentinels", &self.min_other_sentinels)
            .field("maps_addresses", &self.map_address.is_some())
            .finish()
    }
}

/// Sentinels, and what they have been found to say. A clone is another handle to the same.
#[derive(Clone)]
pub struct Sentinels {
    shared: Arc<Shared>,
}

struct Shared {
    /// The one that answered last is first, those that failed are last.
    known: Mutex<Vec<Known>>,
    services: Mutex<HashMap<String, Arc<Service>>>,
    rules: SentinelRules,
}

/// A Sentinel.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) address: Address,
    /// How it is reached; for one that another named, as that other.
    pub(super) connector: ServerConnector,
    /// Whether another Sentinel named it, and not the user.
    is_learnt: bool,
    /// Whether it did not answer when it was asked last.
    has_failed: bool,
}

impl Sentinels {
    /// Sentinels that are each reached in this way. The time-outs in it are for that Sentinel: so long is
    /// it waited for before the next one is asked.
    #[must_use]
    pub fn new(sentinels: impl IntoIterator<Item = ServerConnector>, rules: SentinelRules) -> Self {
        let known = sentinels.into_iter().map(|connector| Known {
            address: connector.config().address.clone(),
            connector,
            is_learnt: false,
            has_failed: false,
        });
        Self {
            shared: Arc::new(Shared {
                known: Mutex::new(known.collect()),
                services: Mutex::default(),
                rules,
            }),
        }
    }

    /// Where the Sentinels are, in the order in which they are asked: the one that answered last is first.
    /// Those that others have named are among them.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        let known = self.known();
        known.iter().map(|one| one.address.clone()).collect()
    }

    /// What is known of the primary of this name, and who follows it.
    #[must_use]
    pub fn service(&self, name: &str) -> Arc<Service> {
        let mut services = lock(&self.shared.services);
        match services.get(name) {
            Some(service) => Arc::clone(service),
            None => {
                let service = Arc::new(Service::new(name));
                services.insert(name.to_owned(), Arc::clone(&service));
                service
            }
        }
    }

    /// Asks for the primary of this name, and what is said is remembered: connections to another one that
    /// was promoted earlier are not used any more.
    ///
    /// # Errors
    /// `MasterNotFound`, with what each Sentinel said, when none names one that is up.
    pub fn discover_master(&self, name: &str, limit: Duration) -> Result<Address, Error> {
        let service = self.service(name);
        let mut search = Search::new(self, &service, Deadline::within(limit));
        match search.next_primary() {
            Some(found) => Ok(found.address),
            None => Err(search.not_found()),
        }
    }

    /// Asks for the replicas of the primary of this name, those that are down left out; there may be none
    /// left.
    ///
    /// # Errors
    /// `ReplicaNotFound`, with what each Sentinel said, when none knows the name.
    pub fn discover_replicas(&self, name: &str, limit: Duration) -> Result<Vec<Address>, Error> {
        let mut inquiry = Inquiry::new(self, name, Deadline::within(limit));
        replicas::discover(&mut inquiry)
    }

    pub(super) fn rules(&self) -> &SentinelRules {
        &self.shared.rules
    }

    /// All services that anybody has asked for.
    pub(super) fn services(&self) -> Vec<Arc<Service>> {
        lock(&self.shared.services).values().cloned().collect()
    }

    /// The first Sentinel that is none of these, and how many there are beside it.
    pub(super) fn next_but(&self, asked: &[Address]) -> Option<(Known, usize)> {
        let known = self.known();
        let mut rest = known.iter().filter(|one| !asked.contains(&one.address));
        rest.next().map(|first| (first.clone(), rest.count()))
    }

    /// A Sentinel has answered, and named those others if it says anything about them. Those that are up are
    /// remembered, and reached as it is. Of those that were learnt so before, one that has failed is forgotten if
    /// it is not among them.
    pub(super) fn answered(&self, sentinel: &Known, others: Option<Vec<Instance>>) {
        // Before the list is locked: whoever maps addresses may want to look at it.
        let named: Option<Vec<_>> = others.map(|others| {
            let addresses = up(&others).map(|other| self.map(other.address.clone()));
            addresses.collect()
        });
        let mut known = self.known();
        if let Some(one) = place(&known, &sentinel.address).and_then(|place| known.get_mut(place)) {
            one.has_failed = false;
        }
        let Some(named) = named else { return };
        known.retain(|one| !one.is_learnt || !one.has_failed || named.contains(&one.address));
        for address in named {
            if known.len() < MOST && place(&known, &address).is_none() {
                known.push(Known {
                    address,
                    connector: sentinel.connector.clone(),
                    is_learnt: true,
                    has_failed: false,
                });
            }
        }
    }

    pub(super) fn put_first(&self, sentinel: &Address) {
        let mut known = self.known();
        if let Some(place) = place(&known, sentinel) {
            known[..=place].rotate_right(1);
        }
    }

    /// It did not answer.
    pub(super) fn put_last(&self, sentinel: &Address) {
        let mut known = self.known();
        if let Some(place) = place(&known, sentinel) {
            known[place].has_failed = true;
            known[place..].rotate_left(1);
        }
    }

    /// Where a server is that a Sentinel knows by this address.
    pub(super) fn map(&self, address: Address) -> Address {
        match &self.shared.rules.map_address {
            Some(map) => map(address),
            None => address,
        }
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        lock(&self.shared.known)
    }
}

impl fmt::Debug for Sentinels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sentinels")
            .field("addresses", &self.addresses())
            .finish_non_exhaustive()
    }
}

fn place(known: &[Known], address: &Address) -> Option<usize> {
    known.iter().position(|one| one.address == *address)
}

/// What is changed under a lock here is never left half changed, so a panic elsewhere spoils nothing.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
