//! The Sentinels that are known, in the order in which they are asked.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis_conn::{Address, Deadline, Error, ErrorKind, ServerConnector};

use super::{
    inquiry::{Inquiry, Search, Told, up},
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
    /// Those that somebody follows, and those that were found: what is known of them does not get unknown.
    services: Mutex<Vec<Arc<Service>>>,
    rules: SentinelRules,
}

/// A Sentinel.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) address: Address,
    /// How it is reached; for one that another named, as that other.
    pub(super) connector: ServerConnector,
    /// Which one it is, whatever address it is reached by, if that is known: it says so, or another that named it.
    id: Option<String>,
    /// Whether another Sentinel named it, and not the user.
    is_learnt: bool,
    /// Whether it did not answer when it was asked last.
    has_failed: bool,
}

/// What tells Sentinels apart. They name each other by IP addresses, while users give names of hosts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Identity {
    Id(String),
    /// Of one that does not say its id, and that the user gave.
    Address(Address),
}

impl Known {
    /// Which Sentinel it is, given what it says of its id; `None` if it may be one that is known by another address.
    pub(super) fn identity(&self, id: Option<&str>) -> Option<Identity> {
        match id {
            Some(id) => Some(Identity::Id(id.to_owned())),
            None if self.is_learnt => None,
            None => Some(Identity::Address(self.address.clone())),
        }
    }

    /// Whether it has this id, and has not failed under this address.
    fn works_as(&self, id: Option<&str>) -> bool {
        id.is_some() && self.id.as_deref() == id && !self.has_failed
    }
}

impl Sentinels {
    /// Sentinels that are each reached in this way. The timeouts in it are for that Sentinel: so long is it waited for
    /// before the next one is asked.
    #[must_use]
    pub fn new(sentinels: impl IntoIterator<Item = ServerConnector>, rules: SentinelRules) -> Self {
        let known = sentinels.into_iter().map(|connector| Known {
            address: connector.config().address.clone(),
            connector,
            id: None,
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
        match services.iter().find(|service| service.name() == name) {
            Some(service) => Arc::clone(service),
            None => {
                // There is no end to names that nobody has heard of.
                services.retain(|service| is_followed(service) || service.address().is_some());
                let service = Arc::new(Service::new(name));
                services.push(Arc::clone(&service));
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

    /// The services that somebody follows.
    pub(super) fn followed(&self) -> Vec<Arc<Service>> {
        let services = lock(&self.shared.services);
        let followed = services.iter().filter(|service| is_followed(service));
        followed.cloned().collect()
    }

    /// The first Sentinel that is none of these, and how many there are beside it.
    pub(super) fn next_but(&self, asked: &[Address]) -> Option<(Known, usize)> {
        let known = self.known();
        let mut rest = known.iter().filter(|one| !asked.contains(&one.address));
        rest.next().map(|first| (first.clone(), rest.count()))
    }

    /// A Sentinel has answered, and named those others if it says anything about them. Those that are up are
    /// remembered, and reached as it is, unless they are known by another address. Of those that were learnt so
    /// before, one that has failed is forgotten if it is not among them.
    pub(super) fn answered(&self, sentinel: &Known, told: Told) {
        // Before the list is locked: whoever maps addresses may want to look at it.
        let named: Option<Vec<_>> = told.others.map(|others| {
            let named =
                up(&others).map(|other| (self.map(other.address.clone()), other.id.clone()));
            named.collect()
        });
        let mut known = self.known();
        if let Some(one) = place(&known, &sentinel.address).and_then(|place| known.get_mut(place)) {
            one.has_failed = false;
            one.id = told.id.or(one.id.take());
        }
        if let Some(named) = named {
            known.retain(|one| {
                let is_named = || named.iter().any(|(address, _)| *address == one.address);
                !one.is_learnt || !one.has_failed || is_named()
            });
            for (address, id) in named {
                let is_it = |one: &Known| one.address == address || one.works_as(id.as_deref());
                if known.len() < MOST && !known.iter().any(is_it) {
                    known.push(Known {
                        address,
                        connector: sentinel.connector.clone(),
                        id,
                        is_learnt: true,
                        has_failed: false,
                    });
                }
            }
        }
        forget_twins(&mut known);
    }

    pub(super) fn put_first(&self, sentinel: &Address) {
        let mut known = self.known();
        if let Some(place) = place(&known, sentinel) {
            let (front, _) = known.split_at_mut(place.saturating_add(1));
            front.rotate_right(1);
        }
    }

    /// It was asked for something in vain. If it did not answer, it is asked last from now on; one that knows
    /// nothing of a name, or that does not let its user do something, is as good as before.
    pub(super) fn fails(&self, sentinel: &Address, error: &Error) {
        let mut known = self.known();
        let Some(place) = place(&known, sentinel) else {
            return;
        };
        let (_, rest) = known.split_at_mut(place);
        if let Some(one) = rest.first_mut() {
            one.has_failed = is_silence(error);
        }
        if is_silence(error) {
            rest.rotate_left(1);
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

/// Forgets addresses that were learnt of Sentinels that the user gave another address of, which works.
fn forget_twins(known: &mut Vec<Known>) {
    let given = known.iter().filter(|one| !one.is_learnt && !one.has_failed);
    let given: Vec<String> = given.filter_map(|one| one.id.clone()).collect();
    known.retain(|one| {
        let is_given = |id| given.contains(id);
        !one.is_learnt || !one.id.as_ref().is_some_and(is_given)
    });
}

/// Whether anybody has it but the list of all.
fn is_followed(service: &Arc<Service>) -> bool {
    Arc::strong_count(service) > 1
}

/// Whether it is the error of a Sentinel that did not answer, or with no word of its own.
fn is_silence(error: &Error) -> bool {
    use ErrorKind::{Connection, Protocol, Timeout};
    matches!(error.kind(), Connection | Protocol | Timeout)
}

fn place(known: &[Known], address: &Address) -> Option<usize> {
    known.iter().position(|one| one.address == *address)
}

/// What is changed under a lock here is never left half changed, so a panic elsewhere spoils nothing.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use redis_conn::ConnectionConfig;

    use super::*;

    #[test]
    fn names_that_nobody_follows_and_nobody_has_found_are_not_kept() {
        let sentinels = Sentinels::new([], SentinelRules::default());
        let followed = sentinels.service("followed");
        let limit = Duration::from_secs(5);
        for name in ["typo", "another", "a third"] {
            sentinels.discover_master(name, limit).unwrap_err();
        }
        assert!(lock(&sentinels.shared.services).len() <= 2);
        let names = |services: Vec<Arc<Service>>| {
            let names = services.iter().map(|service| service.name().to_owned());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names(sentinels.followed()), ["followed"]);
        drop(followed);
        assert!(sentinels.followed().is_empty());
    }

    #[test]
    fn who_answers_that_it_does_not_know_is_asked_first_as_before() {
        let address = |port| Address::Tcp {
            host: "h".into(),
            port,
        };
        let connector = |port| ServerConnector::new(ConnectionConfig::new(address(port)));
        let sentinels = Sentinels::new([connector(1), connector(2)], SentinelRules::default());
        let fails = |kind| sentinels.fails(&address(1), &Error::new(kind, "x"));
        for kind in [ErrorKind::MasterNotFound, ErrorKind::Authentication] {
            fails(kind);
            assert_eq!(sentinels.addresses(), [address(1), address(2)]);
            assert!(!sentinels.known()[0].has_failed);
        }
        fails(ErrorKind::Timeout);
        assert_eq!(sentinels.addresses(), [address(2), address(1)]);
        assert!(sentinels.known()[1].has_failed);
        fails(ErrorKind::MasterNotFound);
        assert!(!sentinels.known()[1].has_failed);
    }
}
