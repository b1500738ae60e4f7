//! Connections to whichever server is the primary.

use std::{fmt, sync::Arc};

use redis_cmd::Role;
use redis_conn::{
    Address, Connection, Connector, Deadline, Error, ErrorKind, Request, ServerConnector,
};

use super::{
    inquiry::{Found, Search},
    sentinels::Sentinels,
    service::Service,
};

/// Makes connections to whichever server the Sentinels say is the primary, and that says so itself.
///
/// Asking, connecting, the handshake and the server's word on its role share one timeout, the
/// [`connect_timeout`](redis_conn::ConnectionConfig::connect_timeout) of the data nodes. Of what is left, every
/// Sentinel gets its part, and a server that is named half, so that another Sentinel can be asked if it does not
/// answer.
#[derive(Clone)]
pub struct PrimaryConnector {
    sentinels: Sentinels,
    service: Arc<Service>,
    server: ServerConnector,
}

impl PrimaryConnector {
    /// Connections to the primary of this name, made as `server` says but for the address.
    #[must_use]
    pub fn new(sentinels: &Sentinels, name: &str, server: ServerConnector) -> Self {
        Self {
            sentinels: sentinels.clone(),
            service: sentinels.service(name),
            server,
        }
    }

    /// What is known of the primary.
    #[must_use]
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    pub(super) fn server(&self) -> &ServerConnector {
        &self.server
    }

    pub(super) fn connect_by(&self, deadline: Deadline) -> Result<Connection, Error> {
        let mut search = Search::new(&self.sentinels, &self.service, deadline);
        let mut tried: Vec<Address> = Vec::new();
        while let Some(found) = search.next_primary() {
            if tried.contains(&found.address) {
                search.refuse_again(&found);
                continue;
            }
            let connected = search
                .part(2)
                .and_then(|part| self.connect_to(&found, part));
            match connected {
                Ok(connection) => return Ok(connection),
                Err(error) if may_be_elsewhere(&error) => search.refuse(&error),
                Err(error) => return Err(error),
            }
            tried.push(found.address);
        }
        Err(search.not_found())
    }

    fn connect_to(&self, found: &Found, deadline: Deadline) -> Result<Connection, Error> {
        let check = |connection: &mut Connection| {
            if !is_primary(connection, deadline)? {
                return Err(wrong_role("expected a primary, found a replica"));
            }
            let lease = self
                .service
                .settle(found)
                .ok_or_else(|| wrong_role("it was the primary until a promotion just now"))?;
            connection.hold(lease);
            Ok(())
        };
        self.server.connect_to(&found.address, deadline, &check)
    }
}

impl Connector for PrimaryConnector {
    fn connect(&self) -> Result<Connection, Error> {
        self.connect_by(Deadline::within(self.server.config().connect_timeout))
    }
}

impl fmt::Debug for PrimaryConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrimaryConnector")
            .field("sentinels", &self.sentinels)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// Whether the server calls itself a primary: in its greeting, or else when asked.
pub(super) fn is_primary(connection: &mut Connection, deadline: Deadline) -> Result<bool, Error> {
    if let Some(said) = connection.greeted_by_primary() {
        return Ok(said);
    }
    let role: Role = connection
        .call(Request::new(b"*1\r\n$4\r\nROLE\r\n"), deadline)
        .map_err(|error| error.at("asking for the role"))?;
    Ok(matches!(role, Role::Primary { .. }))
}

pub(super) fn wrong_role(message: &str) -> Error {
    Error::new(ErrorKind::MasterNotFound, message)
}

/// Whether another Sentinel may know better: the server cannot be reached, or is not what it is said to be.
/// A refused password will not be better elsewhere.
pub(super) fn may_be_elsewhere(error: &Error) -> bool {
    error.is_connection() || error.is_timeout()
}
