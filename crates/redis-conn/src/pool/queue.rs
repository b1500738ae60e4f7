//! Places in the queue of those who found no free connection.

use parking_lot::{Condvar, Mutex};
use resp_proto::Arrival;

use super::{Member, Place, Purpose, convoy::Call};
use crate::{Deadline, Error};

/// A place in the queue. What is put into it belongs to whoever waits there.
pub(super) struct Waiter {
    /// The call that is waited for, if others may make it.
    pub(super) call: Option<Call>,
    grant: Mutex<Option<Grant>>,
    granted: Condvar,
}

/// What somebody who waits gets.
pub(super) enum Grant {
    /// A place for a connection.
    Place(Place),
    /// What has come of the call, which somebody else has made.
    Answer(Result<Arrival<'static>, Error>),
}

impl Waiter {
    /// Waits for a connection of one's own.
    pub(super) fn for_connection() -> Self {
        Self {
            call: None,
            grant: Mutex::new(None),
            granted: Condvar::new(),
        }
    }

    /// Waits for a call to be made, by whomever.
    pub(super) fn for_call(call: Call) -> Self {
        Self {
            call: Some(call),
            ..Self::for_connection()
        }
    }

    /// Gives whoever waits here the place of somebody who has no more need of it.
    pub(super) fn grant_place(&self, member: Option<Box<Member>>) {
        let purpose = self.purpose();
        self.grant(Grant::Place(Place { member, purpose }));
    }

    /// What the one who waits here wants a place for.
    pub(super) fn purpose(&self) -> Purpose {
        if self.call.is_some() {
            Purpose::Call
        } else {
            Purpose::Own
        }
    }

    /// Gives whoever waits here what it waits for. Whoever grants has taken the place out of the queue,
    /// so nobody else does.
    pub(super) fn grant(&self, grant: Grant) {
        *self.grant.lock() = Some(grant);
        self.granted.notify_one();
    }

    /// The grant, if it has come.
    pub(super) fn take_grant(&self) -> Option<Grant> {
        self.grant.lock().take()
    }

    /// Waits for a grant that is sure to come, as the place is out of the queue.
    pub(super) fn wait(&self) -> Grant {
        let mut grant = self.grant.lock();
        loop {
            if let Some(grant) = grant.take() {
                return grant;
            }
            self.granted.wait(&mut grant);
        }
    }

    /// Waits for a grant; `None` if there is none in time.
    pub(super) fn wait_until(&self, deadline: Deadline) -> Option<Grant> {
        let mut grant = self.grant.lock();
        while grant.is_none() {
            match deadline.left() {
                Some(Some(left)) => drop(self.granted.wait_for(&mut grant, left)),
                Some(None) => self.granted.wait(&mut grant),
                None => break,
            }
        }
        grant.take()
    }
}
