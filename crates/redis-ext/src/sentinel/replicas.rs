//! Connections to the replicas of a primary, in turn.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use redis_cmd::Info;
use redis_conn::{
    Address, Connection, Connector, Deadline, Error, ErrorKind, Request, ServerConnector, chance,
};

use super::{
    inquiry::{Answers, Inquiry, part_of, receive, up},
    instance::Instance,
    primary::{PrimaryConnector, is_primary, may_be_elsewhere, wrong_role},
    sentinels::Sentinels,
    service::Service,
};

/// Makes connections to the replicas of a primary, each to the next one, and to the primary where none can
/// be had. A connection to the primary stays what it is when replicas are back, until it is as old as the pool
/// lets it become.
///
/// A replica whose first synchronisation is not over, by its own word (`INFO`), has nothing to read yet and is passed
/// over; one that has lost its primary answers with what it has.
///
/// All of it shares one timeout, the [`connect_timeout`](redis_conn::ConnectionConfig::connect_timeout) of the data
/// nodes, of which every server that is tried gets its part.
#[derive(Clone)]
pub struct ReplicaConnector {
    sentinels: Sentinels,
    primary: PrimaryConnector,
    /// Whose turn it is.
    turn: Arc<AtomicUsize>,
}

impl ReplicaConnector {
    /// Connections to the replicas of the primary of this name, made as `server` says but for the address.
    #[must_use]
    pub fn new(sentinels: &Sentinels, name: &str, server: ServerConnector) -> Self {
        // Many programs that start together begin with different ones.
        let first = (chance() * 1024.0) as usize;
        Self {
            sentinels: sentinels.clone(),
            primary: PrimaryConnector::new(sentinels, name, server),
            turn: Arc::new(AtomicUsize::new(first)),
        }
    }

    /// What is known of the primary.
    #[must_use]
    pub fn service(&self) -> &Arc<Service> {
        self.primary.service()
    }

    fn connect_to(&self, address: &Address, deadline: Deadline) -> Result<Connection, Error> {
        let check = |connection: &mut Connection| {
            if is_primary(connection, deadline)? {
                return Err(wrong_role("expected a replica, found a primary"));
            }
            if is_empty(connection, deadline)? {
                let message =
                    "expected a replica with data, found one in its first synchronisation";
                return Err(wrong_role(message));
            }
            Ok(())
        };
        self.primary.server().connect_to(address, deadline, &check)
    }
}

impl Connector for ReplicaConnector {
    fn connect(&self) -> Result<Connection, Error> {
        let deadline = Deadline::within(self.primary.server().config().connect_timeout);
        let name = self.service().name();
        let mut inquiry = Inquiry::new(&self.sentinels, name, deadline);
        let mut failures = Vec::new();
        match discover(&mut inquiry) {
            Err(error) => failures.push(error),
            Ok(mut replicas) => {
                // Sentinels list them in any order.
                replicas.sort_by_key(Address::to_string);
                let turn = self.turn.fetch_add(1, Ordering::Relaxed);
                let first = turn.checked_rem(replicas.len()).unwrap_or(0);
                replicas.rotate_left(first);
                for (place, address) in replicas.iter().enumerate() {
                    // A part each for those behind it, and two for the primary.
                    let parts = replicas.len().saturating_sub(place).saturating_add(2);
                    let connected =
                        part_of(deadline, parts).and_then(|part| self.connect_to(address, part));
                    match connected {
                        Ok(connection) => return Ok(connection),
                        Err(error) if may_be_elsewhere(&error) => failures.push(error),
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        match self.primary.connect_by(deadline) {
            Err(error) if may_be_elsewhere(&error) => failures.push(error),
            result => return result,
        }
        let said: Vec<_> = failures.iter().map(Error::to_string).collect();
        let said = said.join("; ");
        Err(Error::new(
            ErrorKind::ReplicaNotFound,
            format!("neither a replica nor the primary itself: {said}"),
        ))
    }
}

impl fmt::Debug for ReplicaConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplicaConnector")
            .field("primary", &self.primary)
            .finish_non_exhaustive()
    }
}

/// Whether nothing of a primary has come to the replica yet, by its own word. One that does not let its user ask is a
/// replica like any other.
fn is_empty(connection: &mut Connection, deadline: Deadline) -> Result<bool, Error> {
    let request = Request::new(b"*2\r\n$4\r\nINFO\r\n$11\r\nreplication\r\n");
    let info: Info = match connection.call(request, deadline) {
        Err(error) if matches!(error.kind(), ErrorKind::Server(_)) => return Ok(false),
        info => info.map_err(|error| error.at("asking how far it is"))?,
    };
    // Since when it has no primary any more is -1 until it has had one, and what it has read of data that it has kept
    // for itself is more than the 0 or 1 to begin with.
    let is_new = info.parse("master_link_down_since_seconds") == Some(-1)
        && info
            .parse("slave_repl_offset")
            .is_none_or(|offset: i64| offset <= 1);
    Ok(info.get("master_link_status") == Some("down") && is_new)
}

/// The replicas that the first Sentinel names that knows some which are up.
pub(super) fn discover(inquiry: &mut Inquiry<'_>) -> Result<Vec<Address>, Error> {
    let mut answered = false;
    while let Some(ReplicaAnswers(replicas)) = inquiry.next(&["REPLICAS"]) {
        answered = true;
        let usable: Vec<_> = up(&replicas)
            .map(|replica| inquiry.sentinels().map(replica.address.clone()))
            .collect();
        if !usable.is_empty() {
            inquiry.accept();
            return Ok(usable);
        }
    }
    match answered {
        true => Ok(Vec::new()),
        false => Err(inquiry.error(ErrorKind::ReplicaNotFound, "replica of")),
    }
}

/// What a Sentinel says about the replicas of a primary.
struct ReplicaAnswers(Vec<Instance>);

impl Answers for ReplicaAnswers {
    fn receive(connection: &mut Connection, deadline: Deadline) -> Result<Self, Error> {
        receive(connection, deadline).map(Self)
    }
}
