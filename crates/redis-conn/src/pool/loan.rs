//! A connection of the pool in the hands of a user, and how it gets there and back.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::{Member, Shared};
use crate::{Connection, Error};

/// What a connection is in use for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// For a call, and those of others that go out together with it.
    Call,
    /// For something else, or for a call that nobody else may make.
    Own,
}

/// A place for a connection, which counts as open and in use already.
pub(super) struct Place {
    /// The one in it; without one, one may be made.
    pub(super) member: Option<Box<Member>>,
    pub(super) purpose: Purpose,
}

/// A place whose user has it, and once it is lent a connection in it.
///
/// Dropped, it gives a connection back if that is clean and closes it if it is not; a place without one is free
/// again.
pub(super) struct Loan<S: Deref<Target = Shared>> {
    /// `None` only before it is lent and while it is being dropped.
    member: Option<Box<Member>>,
    purpose: Purpose,
    pub(super) shared: S,
}

impl<S: Deref<Target = Shared>> Loan<S> {
    /// The connection that somebody who has a place gets.
    #[inline(always)]
    pub(super) fn new(shared: S, place: Place) -> Result<Self, Error> {
        let Place { member, purpose } = place;
        let mut loan = Self {
            member,
            purpose,
            shared,
        };
        loan.make_good()?;
        Ok(loan)
    }

    /// A place that is free again once this is dropped, even if closing its connection panics.
    pub(super) fn without_connection(shared: S, purpose: Purpose) -> Self {
        Self {
            member: None,
            purpose,
            shared,
        }
    }

    /// Whether its connection belongs to this generation, and so has not been told to close since.
    pub(super) fn is_of(&self, generation: u64) -> bool {
        let member = self.member.as_ref();
        member.is_some_and(|member| member.generation == generation)
    }

    /// If the connection that was in the place turns out to be of no use, the place stays and another is made in it.
    #[inline(always)]
    fn make_good(&mut self) -> Result<(), Error> {
        if let Some(member) = &mut self.member {
            if self.shared.is_good(member) {
                return Ok(());
            }
        }
        self.member = None;
        self.member = Some(self.shared.connect()?);
        Ok(())
    }
}

impl<S: Deref<Target = Shared>> Deref for Loan<S> {
    type Target = Connection;

    #[inline]
    #[expect(
        clippy::expect_used,
        reason = "the connection is taken out only by drop"
    )]
    fn deref(&self) -> &Connection {
        let member = self.member.as_ref();
        &member.expect("a connection until drop").connection
    }
}

impl<S: Deref<Target = Shared>> DerefMut for Loan<S> {
    #[inline]
    #[expect(
        clippy::expect_used,
        reason = "the connection is taken out only by drop"
    )]
    fn deref_mut(&mut self) -> &mut Connection {
        let member = self.member.as_mut();
        &mut member.expect("a connection until drop").connection
    }
}

impl<S: Deref<Target = Shared>> Drop for Loan<S> {
    #[inline]
    fn drop(&mut self) {
        match self.member.take() {
            Some(member) => self.shared.give_back(member, self.purpose),
            None => self.shared.free_place(self.purpose),
        }
    }
}

/// A connection on loan, for one user alone.
///
/// Dropping it gives it back if it is clean and closes it if it is not, whatever the way out: return,
/// `?` or panic.
pub struct PooledConnection {
    loan: Loan<Arc<Shared>>,
}

impl PooledConnection {
    pub(super) fn new(shared: Arc<Shared>, place: Place) -> Result<Self, Error> {
        let loan = Loan::new(shared, place)?;
        Ok(Self { loan })
    }
}

impl Deref for PooledConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.loan
    }
}

impl DerefMut for PooledConnection {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.loan
    }
}

impl fmt::Debug for PooledConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PooledConnection").field(&**self).finish()
    }
}
