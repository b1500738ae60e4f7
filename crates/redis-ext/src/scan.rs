//! Scans: iterators over keys and over the elements of large values, a page at a time.

use std::{collections::HashSet, fmt, hash::Hash, iter::FusedIterator, sync::Arc, vec};

use redis_cmd::{
    HashCommands, KeptArg, KeyCommands, ScanOptions, ScanPage, SetCommands, SortedSetCommands,
    ToArg,
};
use redis_conn::Error;
use resp_proto::FromReplyOwned;

use crate::{Checkout, handle::OneServer};

/// An iterator over the keys of a database, or over the elements of a hash, a set or a sorted set.
///
/// A client makes one: `client.scan_iter(options)`, and its siblings for hashes, sets and sorted sets. It asks the
/// server for a page when the one before is used up, so it holds one page in memory and the server is never busy with
/// it for long. [`ScanOptions::count`] sets how much a page is; small values come as a whole. It has a client of its
/// own inside, so that the caller's is free for use in the loop.
///
/// What the server promises: an element that is there from the beginning of the scan to its end comes at least once.
/// One that is added or removed meanwhile may come or not, and **any may come more than once**: see
/// [`unique`](ScanIter::unique). That holds within one server only; on another one, the cursor means nothing. A client
/// may have connections to several, like that of the replicas which Sentinels know, or after a failover: a page that
/// would come from another server than the one before is an error. Servers are told apart by the address the client was
/// given, so a host name that resolves to several servers counts as one: for scans, use a name that resolves to a
/// single server. One that is restarted during a scan counts as the same, too, but orders its elements anew: what the
/// rest of the scan then misses is not noticed.
///
/// A scan can be interrupted and taken up again, even by another program: see
/// [`cursor`](ScanIter::cursor).
///
/// # Errors
/// After an error the iterator ends, so that a loop that passes over errors ends too. Nothing is lost:
/// [`next_page`](ScanIter::next_page) tries again, and [`resume_at`](ScanIter::resume_at) with the
/// [`cursor`](ScanIter::cursor) makes it go on. `AnotherServer` (naming both) if the next connection leads to a server
/// other than the scan's. Retrying helps if the client has connections to both; otherwise restart with
/// [`resume_at(0)`](ScanIter::resume_at).
pub struct ScanIter<T> {
    server: OneServer,
    fetch: Fetch<T>,
    key: KeptArg,
    options: ScanOptions,
    /// What is left of a page.
    items: vec::IntoIter<T>,
    /// Where that page began.
    began: u64,
    /// Where the next page begins; `None` when there is none.
    next: Option<u64>,
    /// Whether the last attempt to get a page failed.
    failed: bool,
}

/// The command that gets a page.
type Fetch<T> = fn(&mut OneServer, &KeptArg, u64, ScanOptions) -> Result<ScanPage<T>, Error>;

impl<T: FromReplyOwned> ScanIter<T> {
    /// The keys of the database.
    #[must_use]
    pub fn keys(checkout: Arc<dyn Checkout>, options: ScanOptions) -> Self {
        Self::new(checkout, &"", options, |server, _, cursor, options| {
            server.scan(cursor, options)
        })
    }

    /// The fields of a hash without their values. Since Redis 7.4 and Valkey 8.0.
    #[must_use]
    pub fn hash_fields(
        checkout: Arc<dyn Checkout>,
        key: &(impl ToArg + ?Sized),
        options: ScanOptions,
    ) -> Self {
        Self::new(checkout, key, options, |server, key, cursor, options| {
            server.hscan_novalues(key, cursor, options)
        })
    }

    /// The members of a set.
    #[must_use]
    pub fn set(
        checkout: Arc<dyn Checkout>,
        key: &(impl ToArg + ?Sized),
        options: ScanOptions,
    ) -> Self {
        Self::new(checkout, key, options, |server, key, cursor, options| {
            server.sscan(key, cursor, options)
        })
    }

    /// The members of a sorted set without their scores. Valkey only, since 8.0.
    #[must_use]
    pub fn sorted_set_members(
        checkout: Arc<dyn Checkout>,
        key: &(impl ToArg + ?Sized),
        options: ScanOptions,
    ) -> Self {
        Self::new(checkout, key, options, |server, key, cursor, options| {
            server.zscan_noscores(key, cursor, options)
        })
    }
}

impl<F: FromReplyOwned, V: FromReplyOwned> ScanIter<(F, V)> {
    /// The fields of a hash and their values.
    #[must_use]
    pub fn hash(
        checkout: Arc<dyn Checkout>,
        key: &(impl ToArg + ?Sized),
        options: ScanOptions,
    ) -> Self {
        Self::new(checkout, key, options, |server, key, cursor, options| {
            server.hscan(key, cursor, options)
        })
    }
}

impl<M: FromReplyOwned> ScanIter<(M, f64)> {
    /// The members of a sorted set and their scores, in no order.
    #[must_use]
    pub fn sorted_set(
        checkout: Arc<dyn Checkout>,
        key: &(impl ToArg + ?Sized),
        options: ScanOptions,
    ) -> Self {
        Self::new(checkout, key, options, |server, key, cursor, options| {
            server.zscan(key, cursor, options)
        })
    }
}

impl<T> ScanIter<T> {
    fn new(
        checkout: Arc<dyn Checkout>,
        key: &(impl ToArg + ?Sized),
        options: ScanOptions,
        fetch: Fetch<T>,
    ) -> Self {
        Self {
            server: OneServer::new(checkout),
            fetch,
            key: KeptArg::new(key),
            options,
            items: Vec::new().into_iter(),
            began: 0,
            next: Some(0),
            failed: false,
        }
    }

    /// Where a scan of the same has to begin to give what this one has not given yet; `None` when that is
    /// nothing.
    ///
    /// It points at whole pages: until the last element of a page was given, it is where that page
    /// began. Remember it after having dealt with an element, and give it to
    /// [`resume_at`](ScanIter::resume_at).
    #[must_use]
    pub fn cursor(&self) -> Option<u64> {
        match self.items.len() {
            0 => self.next,
            _ => Some(self.began),
        }
    }

    /// The same scan from where another one was at; 0 is the beginning.
    ///
    /// Only what a [`cursor`](ScanIter::cursor) said about the same key of the same server makes sense. Which
    /// server that is, is not known here: it is taken to be the one that the next page comes from.
    #[doc(alias = "from_cursor")]
    #[must_use]
    pub fn resume_at(mut self, cursor: u64) -> Self {
        self.items = Vec::new().into_iter();
        (self.next, self.failed) = (Some(cursor), false);
        self.server.forget();
        self
    }

    /// The next page in one round trip, or what is left of this one; `None` at the end.
    ///
    /// A page may well be empty although the scan goes on: where few keys match a pattern, most are. The
    /// iterator passes over those, however many round trips that takes; here the caller can stop.
    ///
    /// # Errors
    /// Those of the command. Calling it again asks for the same page again.
    pub fn next_page(&mut self) -> Result<Option<Vec<T>>, Error> {
        if self.items.len() == 0 && !self.fetch()? {
            return Ok(None);
        }
        Ok(Some(self.items.by_ref().collect()))
    }

    /// Each element only once, as far as this iterator can tell.
    ///
    /// It remembers all elements that it has given: **as much memory as the whole of what is scanned**,
    /// and some. For hashes and sorted sets, where a value may change meanwhile, see
    /// [`unique_by`](ScanIter::unique_by).
    #[must_use]
    pub fn unique(self) -> UniqueScan<T, T>
    where
        T: Clone + Eq + Hash,
    {
        self.unique_by(T::clone)
    }

    /// Each element only once, told apart by what `identity` makes of them:
    /// `unique_by(|(field, _)| field.clone())`.
    ///
    /// It remembers the identity of every element returned.
    #[must_use]
    pub fn unique_by<K: Eq + Hash>(self, identity: fn(&T) -> K) -> UniqueScan<T, K> {
        UniqueScan {
            scan: self,
            identity,
            given: HashSet::new(),
        }
    }

    /// Gets the next page in place of one that is used up; false when there is none.
    fn fetch(&mut self) -> Result<bool, Error> {
        let Some(cursor) = self.next else {
            return Ok(false);
        };
        self.failed = true;
        let page = (self.fetch)(&mut self.server, &self.key, cursor, self.options.clone())?;
        self.failed = false;
        self.items = page.items.into_iter();
        self.began = cursor;
        self.next = Some(page.cursor).filter(|&cursor| cursor != 0);
        Ok(true)
    }
}

impl<T> Iterator for ScanIter<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.items.next() {
                return Some(Ok(item));
            }
            if self.failed {
                return None;
            }
            match self.fetch() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<T> FusedIterator for ScanIter<T> {}

impl<T> fmt::Debug for ScanIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanIter")
            .field("cursor", &self.cursor())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// A [`ScanIter`] that leaves out what it has given before.
pub struct UniqueScan<T, K> {
    scan: ScanIter<T>,
    identity: fn(&T) -> K,
    given: HashSet<K>,
}

impl<T, K> UniqueScan<T, K> {
    /// What [`ScanIter::cursor`] says.
    #[must_use]
    pub fn cursor(&self) -> Option<u64> {
        self.scan.cursor()
    }

    /// The same scan from somewhere else, which remembers what it has given.
    #[must_use]
    pub fn resume_at(mut self, cursor: u64) -> Self {
        self.scan = self.scan.resume_at(cursor);
        self
    }
}

impl<T, K: Eq + Hash> UniqueScan<T, K> {
    /// What [`ScanIter::next_page`] says, without what was given before.
    ///
    /// # Errors
    /// Those of [`ScanIter::next_page`].
    pub fn next_page(&mut self) -> Result<Option<Vec<T>>, Error> {
        let page = self.scan.next_page()?;
        Ok(page.map(|mut page| {
            page.retain(|item| self.given.insert((self.identity)(item)));
            page
        }))
    }
}

impl<T, K: Eq + Hash> Iterator for UniqueScan<T, K> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let (given, identity) = (&mut self.given, self.identity);
        self.scan.find(|item| match item {
            Ok(item) => given.insert(identity(item)),
            Err(_) => true,
        })
    }
}

impl<T, K: Eq + Hash> FusedIterator for UniqueScan<T, K> {}

impl<T, K> fmt::Debug for UniqueScan<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UniqueScan")
            .field("scan", &self.scan)
            .field("given", &self.given.len())
            .finish()
    }
}
