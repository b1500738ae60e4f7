//! From the name of a host to its addresses, within a deadline.
//!
//! The system's resolver knows no deadline, so it is asked by a thread of its own. That is left behind once nobody waits
//! any longer, and ends when the resolver gives up. Whoever wants to know the same meanwhile waits for it too: while
//! names cannot be looked up, there is one thread for each, however often that is tried.

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::Arc,
    thread,
    time::Duration,
};

use parking_lot::{Condvar, Mutex};

use crate::{Deadline, Error, ErrorKind};

/// Who looks up names, and what is being looked up. A clone is the same.
#[derive(Clone, Debug)]
pub(crate) struct Lookups {
    resolver: fn(&str) -> io::Result<Vec<SocketAddr>>,
    under_way: Arc<Mutex<Vec<Arc<Lookup>>>>,
}

/// A name that is being looked up.
#[derive(Debug)]
struct Lookup {
    host: String,
    found: Mutex<Option<Result<Vec<SocketAddr>, Error>>>,
    is_found: Condvar,
}

impl Lookups {
    /// None yet. They ask the system.
    pub(crate) fn new() -> Self {
        Self {
            resolver: |host| Ok((host, 0).to_socket_addrs()?.collect()),
            under_way: Arc::default(),
        }
    }

    /// The addresses of a host, the preferred one last.
    pub(crate) fn addresses(
        &self,
        host: &str,
        port: u16,
        deadline: Deadline,
    ) -> Result<Vec<SocketAddr>, Error> {
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(ip, port)]);
        }
        let lookup = self.begin_or_join(host)?;
        let mut found = lookup.found.lock();
        let mut addresses = loop {
            if let Some(found) = &*found {
                break found.clone()?;
            }
            let left = deadline
                .left()
                .ok_or_else(|| deadline.missed("looking up the host name"))?;
            lookup
                .is_found
                .wait_for(&mut found, left.unwrap_or(Duration::MAX));
        };
        addresses.reverse();
        for address in &mut addresses {
            address.set_port(port);
        }
        Ok(addresses)
    }

    fn begin_or_join(&self, host: &str) -> Result<Arc<Lookup>, Error> {
        let mut under_way = self.under_way.lock();
        if let Some(lookup) = under_way.iter().find(|lookup| lookup.host == host) {
            return Ok(Arc::clone(lookup));
        }
        let lookup = Arc::new(Lookup {
            host: host.to_owned(),
            found: Mutex::new(None),
            is_found: Condvar::new(),
        });
        let (all, theirs) = (self.clone(), Arc::clone(&lookup));
        thread::Builder::new()
            .name("redis-resolve".into())
            .spawn(move || all.look_up(&theirs))
            .map_err(|error| {
                let message = "no thread could be started to look up the host name";
                Error::new(ErrorKind::Connection, message).with_source(error)
            })?;
        under_way.push(Arc::clone(&lookup));
        Ok(lookup)
    }

    fn look_up(&self, lookup: &Arc<Lookup>) {
        let found = (self.resolver)(&lookup.host)
            .map_err(|error| Error::from_io("the host name could not be looked up", error));
        // Whoever comes from now on has it looked up again.
        self.under_way
            .lock()
            .retain(|other| !Arc::ptr_eq(other, lookup));
        *lookup.found.lock() = Some(found);
        lookup.is_found.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static ASKED: AtomicUsize = AtomicUsize::new(0);
    static SILENCE: Mutex<()> = Mutex::new(());

    #[test]
    fn a_name_is_looked_up_by_one_thread_at_a_time_however_many_wait_for_it_and_how_often() {
        let lookups = Lookups {
            resolver: |_| {
                ASKED.fetch_add(1, Ordering::Relaxed);
                drop(SILENCE.lock());
                Ok(["[::1]:0", "127.0.0.1:0"]
                    .map(|it| it.parse().unwrap())
                    .into())
            },
            ..Lookups::new()
        };
        let expected: Vec<SocketAddr> = ["127.0.0.1:7", "[::1]:7"]
            .map(|it| it.parse().unwrap())
            .into();
        let silence = SILENCE.lock();
        for host in ["one.test", "another.test"] {
            for _ in 0..10 {
                let deadline = Deadline::within(Duration::from_millis(10));
                let error = lookups.addresses(host, 7, deadline).unwrap_err();
                let said = "looking up the host name: timed out after 10ms";
                assert_eq!(error.to_string(), said);
            }
        }
        let later = Deadline::within(Duration::from_secs(20));
        thread::scope(|scope| {
            let waiting = [(); 8].map(|()| scope.spawn(|| lookups.addresses("one.test", 7, later)));
            // Its list, its thread and all of these have it.
            while Arc::strong_count(&lookups.under_way.lock()[0]) < 10 {
                assert!(later.left().is_some(), "not all wait for the same");
                thread::yield_now();
            }
            drop(silence);
            for addresses in waiting {
                assert_eq!(addresses.join().unwrap().unwrap(), expected);
            }
        });
        while !lookups.under_way.lock().is_empty() {
            assert!(later.left().is_some(), "the other one has no end");
            thread::yield_now();
        }
        assert_eq!(ASKED.load(Ordering::Relaxed), 2);
        assert_eq!(lookups.addresses("one.test", 7, later).unwrap(), expected);
        assert_eq!(ASKED.load(Ordering::Relaxed), 3, "nothing is kept");
    }

    #[test]
    fn what_the_system_says_is_what_all_are_told() {
        let lookups = Lookups::new();
        let deadline = Deadline::within(Duration::from_secs(20));
        let local = lookups.addresses("localhost", 7, deadline).unwrap();
        assert!(
            local
                .iter()
                .all(|it| it.ip().is_loopback() && it.port() == 7)
        );
        assert!(!local.is_empty());
        let error = lookups.addresses("no host", 7, deadline).unwrap_err();
        let said = error.to_string();
        assert!(
            said.starts_with("the host name could not be looked up: "),
            "{said}"
        );
        assert!(lookups.under_way.lock().is_empty());
    }
}
