//! What is known of a primary, and who follows it.

use std::{
    fmt,
    sync::{Mutex, MutexGuard},
};

use redis_conn::{Address, Lease, Pool, WeakPool};

use super::{inquiry::Found, sentinels::lock};

/// A primary by its name: which server it is as far as is known, and the pools that follow it.
///
/// All connections to it hold one [`Lease`]. When another server is found to be the primary, that lease ends:
/// from then on nothing more is sent to the old one, and pools close their connections to it.
pub struct Service {
    name: String,
    current: Mutex<Current>,
    pools: Mutex<Vec<Follower>>,
}

/// A pool that follows.
struct Follower {
    pool: WeakPool,
    /// Whether its connections lead to replicas, of which one may be promoted.
    is_of_replicas: bool,
}

#[derive(Debug, Default)]
struct Current {
    /// `None` until it has been found for the first time.
    address: Option<Address>,
    /// The number of the last promotion that was heard of. It goes down only when most Sentinels have been
    /// set up anew.
    epoch: u64,
    /// What the connections to this address hold.
    lease: Lease,
}

impl Service {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            current: Mutex::default(),
            pools: Mutex::default(),
        }
    }

    /// The name that the Sentinels know the primary by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the primary is as far as is known; nobody is asked.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        lock(&self.current).address.clone()
    }

    /// Has this pool close its connections to an old primary as soon as a new one is known. Without that
    /// they are not used either, but stay open until their turn comes.
    pub fn tell(&self, pool: &Pool) {
        self.add(pool, false);
    }

    /// Has this pool, whose connections lead to replicas, close all of them when another server is found to be the
    /// primary: that one has been a replica until then, and the others may not follow it yet.
    pub fn tell_replicas(&self, pool: &Pool) {
        self.add(pool, true);
    }

    fn add(&self, pool: &Pool, is_of_replicas: bool) {
        let mut pools = lock(&self.pools);
        pools.retain(|follower| follower.pool.upgrade().is_some());
        pools.push(Follower {
            pool: pool.downgrade(),
            is_of_replicas,
        });
    }

    /// Whether a later promotion is known than the one that this tells of.
    pub(super) fn is_outdated(&self, found: &Found) -> bool {
        !found.set_up_anew && found.epoch < lock(&self.current).epoch
    }

    /// Takes note of what a Sentinel says. A later promotion is believed at once; that the same one led to
    /// another server, only when that server says so too.
    pub(super) fn hear(&self, found: &Found) {
        let current = lock(&self.current);
        if current.address.is_none() || found.epoch > current.epoch || found.set_up_anew {
            self.change(current, found);
        }
    }

    /// Takes note of what a Sentinel says and the server confirms: what connections to it are to hold;
    /// `None` when a later promotion has become known in the meantime.
    pub(super) fn settle(&self, found: &Found) -> Option<Lease> {
        let current = lock(&self.current);
        if found.epoch < current.epoch && !found.set_up_anew {
            return None;
        }
        Some(self.change(current, found))
    }

    fn change(&self, mut current: MutexGuard<'_, Current>, found: &Found) -> Lease {
        current.epoch = found.epoch;
        let is_same = current.address.as_ref() == Some(&found.address);
        if is_same && !current.lease.has_ended() {
            return current.lease.clone();
        }
        let before = current.address.replace(found.address.clone());
        let is_another = !is_same && before.is_some();
        let lease = Lease::new();
        std::mem::replace(&mut current.lease, lease.clone()).end();
        drop(current);
        let followers: Vec<(Pool, bool)> = lock(&self.pools)
            .iter()
            .filter_map(|follower| Some((follower.pool.upgrade()?, follower.is_of_replicas)))
            .collect();
        for (pool, is_of_replicas) in &followers {
            match is_another && *is_of_replicas {
                true => pool.disconnect(),
                false => pool.close_ended(),
            }
        }
        lease
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.name)
            .field("current", &*lock(&self.current))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(port: u16, epoch: u64) -> Found {
        let host = "h".into();
        Found {
            address: Address::Tcp { host, port },
            epoch,
            set_up_anew: false,
        }
    }

    #[test]
    fn a_later_promotion_ends_the_lease_of_the_one_before() {
        let service = Service::new("m");
        let first = service.settle(&found(1, 1)).unwrap();
        service.hear(&found(2, 2));
        assert!(first.has_ended());
        let second = service.settle(&found(2, 2)).unwrap();
        assert!(!second.has_ended());
    }

    #[test]
    fn who_has_not_heard_of_the_last_promotion_is_not_believed() {
        let service = Service::new("m");
        let lease = service.settle(&found(2, 2)).unwrap();
        assert!(service.is_outdated(&found(1, 1)));
        service.hear(&found(1, 1));
        assert!(service.settle(&found(1, 1)).is_none());
        assert!(!lease.has_ended());
        assert_eq!(service.address(), Some(found(2, 2).address));
    }

    #[test]
    fn another_address_for_the_same_promotion_needs_the_servers_word() {
        let service = Service::new("m");
        let lease = service.settle(&found(1, 1)).unwrap();
        service.hear(&found(2, 1));
        assert!(!lease.has_ended());
        service.settle(&found(2, 1)).unwrap();
        assert!(lease.has_ended());
    }

    #[test]
    fn sentinels_that_were_set_up_anew_count_from_the_beginning() {
        let service = Service::new("m");
        let lease = service.settle(&found(1, 5)).unwrap();
        let anew = Found {
            set_up_anew: true,
            ..found(2, 0)
        };
        assert!(!service.is_outdated(&anew));
        service.settle(&anew).unwrap();
        assert!(lease.has_ended());
        assert!(!service.is_outdated(&found(3, 1)));
    }

    #[test]
    fn a_lease_that_the_server_ended_is_given_anew_when_it_is_the_primary_after_all() {
        let service = Service::new("m");
        service.settle(&found(1, 1)).unwrap().end();
        assert!(!service.settle(&found(1, 1)).unwrap().has_ended());
    }
}
