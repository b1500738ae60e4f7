//! Primaries and replicas: <https://redis.io/docs/latest/commands/?group=server>.

use resp_proto::{DecodeError, FromReply, Reply};

use crate::{
    Command, Execute, Milliseconds, ToArg,
    clauses::{Clause, Clauses},
    cmd,
    named::first_of,
};

/// Commands on who replicates whom.
pub trait ReplicationCommands: Execute {
    /// Hands over to a replica, in the background.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "FAILOVER")]
    fn failover(self, options: FailoverOptions) -> Self::Output<()> {
        self.execute(cmd("FAILOVER").with(&options))
    }

    /// Calls off a hand-over. Fails when there is none.
    ///
    /// Since Redis 6.2. Complexity: O(1).
    #[doc(alias = "FAILOVER")]
    #[doc(alias = "FAILOVER ABORT")]
    fn failover_abort(self) -> Self::Output<()> {
        self.execute(cmd("FAILOVER").word("ABORT"))
    }

    /// Makes the server a replica of another, and forget its own data.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "REPLICAOF")]
    fn replicaof(self, host: impl ToArg, port: u16) -> Self::Output<()> {
        self.execute(cmd("REPLICAOF").arg(&host).unsigned(port.into()))
    }

    /// Makes the server a primary, which keeps its data.
    ///
    /// Since Redis 5.0. Complexity: O(1).
    #[doc(alias = "REPLICAOF")]
    #[doc(alias = "REPLICAOF NO ONE")]
    fn replicaof_no_one(self) -> Self::Output<()> {
        self.execute(cmd("REPLICAOF").word("NO").word("ONE"))
    }

    /// Whether the server is a primary, a replica or a Sentinel, and of whom.
    ///
    /// Complexity: O(1).
    #[doc(alias = "ROLE")]
    fn role(self) -> Self::Output<Role> {
        self.execute(cmd("ROLE").read_only())
    }

    /// The old name of [`replicaof`](ReplicationCommands::replicaof), deprecated since Redis 5.0.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SLAVEOF")]
    fn slaveof(self, host: impl ToArg, port: u16) -> Self::Output<()> {
        self.execute(cmd("SLAVEOF").arg(&host).unsigned(port.into()))
    }

    /// The old name of [`replicaof_no_one`](ReplicationCommands::replicaof_no_one), deprecated since Redis 5.0.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SLAVEOF")]
    #[doc(alias = "SLAVEOF NO ONE")]
    fn slaveof_no_one(self) -> Self::Output<()> {
        self.execute(cmd("SLAVEOF").word("NO").word("ONE"))
    }
}

/// To whom a server hands over, and for how long it tries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailoverOptions {
    clauses: Clauses,
}

impl FailoverOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// To this replica, if it catches up in time.
    #[must_use]
    pub fn to(mut self, host: impl ToArg, port: u16) -> Self {
        self.clauses.set(0, &("TO", host, port));
        self
    }

    /// To this replica, even if it has not caught up when the time is up.
    #[doc(alias = "TO")]
    #[doc(alias = "FORCE")]
    #[must_use]
    pub fn to_force(
        mut self,
        host: impl ToArg,
        port: u16,
        milliseconds: impl Into<Milliseconds>,
    ) -> Self {
        self.clauses.set(0, &("TO", host, port, "FORCE"));
        self.timeout(milliseconds)
    }

    /// Tries for so long.
    #[must_use]
    pub fn timeout(mut self, milliseconds: impl Into<Milliseconds>) -> Self {
        self.clauses.set(1, &("TIMEOUT", milliseconds.into().0));
        self
    }
}

impl Clause for FailoverOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// What a server is to others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// It is replicated, by so many as there are entries: host, port and how far they are.
    Primary {
        /// How far it is itself.
        offset: i64,
        /// Its replicas.
        replicas: Vec<(String, u16, i64)>,
    },
    /// It replicates another.
    Replica {
        /// The host of its primary.
        host: String,
        /// The port of its primary.
        port: u16,
        /// How the connection to it is, in the server's word: `connect`, `sync`, `connected` …
        state: String,
        /// How far it is, -1 if it has not begun.
        offset: i64,
    },
    /// It watches others.
    Sentinel {
        /// The names of the primaries that it watches.
        primaries: Vec<String>,
    },
}

impl FromReply<'_> for Role {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let parts: Vec<Reply<'_>> = reply.decode()?;
        let (role, rest) = parts
            .split_first()
            .ok_or_else(|| DecodeError::mismatch("a role", reply))?;
        match (role.text(), rest) {
            (Some(b"master"), [offset, replicas, ..]) => Ok(Self::Primary {
                offset: offset.decode()?,
                replicas: replicas
                    .decode::<Vec<Reply<'_>>>()?
                    .into_iter()
                    .map(|replica| {
                        let [host, port, offset] = first_of(replica, "a host and two numbers")?;
                        Ok((host.decode()?, port.decode()?, offset.decode()?))
                    })
                    .collect::<Result<_, _>>()?,
            }),
            (Some(b"slave"), [host, port, state, offset, ..]) => Ok(Self::Replica {
                host: host.decode()?,
                port: port.decode()?,
                state: state.decode()?,
                offset: offset.decode()?,
            }),
            (Some(b"sentinel"), [primaries, ..]) => Ok(Self::Sentinel {
                primaries: primaries.decode()?,
            }),
            _ => Err(DecodeError::mismatch("a role", reply)),
        }
    }
}
