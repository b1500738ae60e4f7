//! A primary, its replicas, and the Sentinels that watch them.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use crate::binary::ServerBinary;
use crate::error::{Error, ErrorKind};
use crate::readiness;
use crate::server::Server;

/// How long is waited between two looks.
const POLL: Duration = Duration::from_millis(5);

/// Describes a [`SentinelSet`] before it starts; made by [`SentinelSet::builder`].
#[derive(Clone)]
#[must_use = "a builder starts nothing until `start` is called"]
pub struct SentinelSetBuilder {
    binary: Option<ServerBinary>,
    name: String,
    replicas: usize,
    sentinels: usize,
    quorum: usize,
    down_after: Duration,
    failover_timeout: Duration,
    password: Option<String>,
    sentinel_password: Option<String>,
    start_timeout: Duration,
}

impl SentinelSetBuilder {
    /// Which server to start, instead of the one that [`ServerBinary::find`] finds. It is both the data
    /// nodes' and the Sentinels'.
    pub fn binary(mut self, binary: ServerBinary) -> Self {
        self.binary = Some(binary);
        self
    }

    /// The name that the Sentinels know the primary by; `mymaster` unless set.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// How many replicas there are; two unless set.
    pub fn replicas(mut self, count: usize) -> Self {
        self.replicas = count;
        self
    }

    /// How many Sentinels there are, and how many of them have to agree that the primary is down; three
    /// and two unless set.
    pub fn sentinels(mut self, count: usize, quorum: usize) -> Self {
        (self.sentinels, self.quorum) = (count, quorum);
        self
    }

    /// After how long a silence a server counts as down; half a second unless set.
    pub fn down_after(mut self, silence: Duration) -> Self {
        self.down_after = silence;
        self
    }

    /// How long a failover may take before another is tried (`failover-timeout`); three seconds unless
    /// set.
    pub fn failover_timeout(mut self, limit: Duration) -> Self {
        self.failover_timeout = limit;
        self
    }

    /// The password of the primary and of the replicas; without one, they ask for none.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The password of the Sentinels themselves; without one, they ask for none.
    pub fn sentinel_password(mut self, password: impl Into<String>) -> Self {
        self.sentinel_password = Some(password.into());
        self
    }

    /// How long [`start`](Self::start) waits until all know each other; twenty seconds unless set.
    pub fn start_timeout(mut self, timeout: Duration) -> Self {
        self.start_timeout = timeout;
        self
    }

    /// Starts all of them, and returns when the replicas are in sync and every Sentinel knows the
    /// replicas and the other Sentinels.
    ///
    /// # Errors
    /// As for [`ServerBuilder::start`](crate::ServerBuilder::start); [`ErrorKind::Timeout`] when they do
    /// not find each other in time.
    pub fn start(&self) -> Result<SentinelSet, Error> {
        let deadline = Instant::now() + self.start_timeout;
        let binary = match &self.binary {
            Some(binary) => binary.clone(),
            None => ServerBinary::find()?,
        };
        let data_node = || {
            let mut builder = Server::builder().binary(binary.clone());
            if let Some(password) = &self.password {
                // Any of them may have to replicate any other.
                builder = builder
                    .password(password)
                    .config("masterauth", format!("{password:?}"));
            }
            builder
        };
        let mut servers = vec![data_node().start()?];
        for _ in 0..self.replicas {
            servers.push(data_node().replica_of(&servers[0]).start()?);
        }
        for replica in &servers[1..] {
            let left = deadline.saturating_duration_since(Instant::now());
            replica.wait_until_in_sync(&servers[0], left)?;
        }
        let mut set = SentinelSet {
            name: self.name.clone(),
            servers,
            sentinels: Vec::new(),
        };
        for _ in 0..self.sentinels {
            set.sentinels.push(self.sentinel(&binary, &set.servers[0])?);
        }
        for sentinel in &set.sentinels {
            // They greet each other every two seconds, which is long for a test. Before 7.0 they cannot be
            // told otherwise.
            let _ = sentinel.ask("SENTINEL DEBUG PUBLISH-PERIOD 100", POLL * 20);
        }
        for sentinel in &set.sentinels {
            let others = self.sentinels.saturating_sub(1).to_string();
            let replicas = self.replicas.to_string();
            set.wait_until(sentinel, "MASTER", deadline, |state| {
                field(state, "num-other-sentinels") == Some(&others)
                    && field(state, "num-slaves") == Some(&replicas)
            })?;
            // To know them is not to have reached them.
            set.wait_until(sentinel, "REPLICAS", deadline, |state| {
                !state.contains("disconnected") && !state.contains("s_down")
            })?;
        }
        for sentinel in &set.sentinels {
            let _ = sentinel.ask("SENTINEL DEBUG PUBLISH-PERIOD 2000", POLL * 20);
        }
        Ok(set)
    }

    fn sentinel(&self, binary: &ServerBinary, primary: &Server) -> Result<Server, Error> {
        let name = &self.name;
        let milliseconds = |limit: Duration| format!("{name} {}", limit.as_millis());
        let address = format!("{} {}", primary.host(), primary.port());
        let mut builder = Server::builder()
            .binary(binary.clone())
            .arg("--sentinel")
            .config(
                "sentinel monitor",
                format!("{name} {address} {}", self.quorum),
            )
            .config(
                "sentinel down-after-milliseconds",
                milliseconds(self.down_after),
            )
            .config(
                "sentinel failover-timeout",
                milliseconds(self.failover_timeout),
            )
            // Both replicas at once: a test does not wait for one after the other.
            .config("sentinel parallel-syncs", format!("{name} 8"));
        if let Some(password) = &self.password {
            builder = builder.config("sentinel auth-pass", format!("{name} {password:?}"));
        }
        if let Some(password) = &self.sentinel_password {
            builder = builder
                .password(password)
                .config("sentinel sentinel-pass", format!("{password:?}"));
        }
        builder.start()
    }
}

/// Values are left out: some are secrets.
impl fmt::Debug for SentinelSetBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentinelSetBuilder")
            .field("name", &self.name)
            .field("replicas", &self.replicas)
            .field("sentinels", &self.sentinels)
            .field("quorum", &self.quorum)
            .field("down_after", &self.down_after)
            .finish_non_exhaustive()
    }
}

/// A primary, its replicas, and the Sentinels that watch them: real processes, each of which can be
/// paused, killed and restarted. All are gone when this value is dropped.
///
/// ```
/// use redis_testkit::SentinelSet;
///
/// # if redis_testkit::ServerBinary::find().is_err() { return Ok(()); }
/// let set = SentinelSet::builder().replicas(1).start()?;
/// assert_eq!(set.primary()?.port(), set.servers()[0].port());
/// # Ok::<(), redis_testkit::Error>(())
/// ```
#[derive(Debug)]
pub struct SentinelSet {
    name: String,
    /// The first one was the primary at the start.
    servers: Vec<Server>,
    sentinels: Vec<Server>,
}

impl SentinelSet {
    /// One primary, two replicas and three Sentinels, two of which have to agree.
    ///
    /// # Errors
    /// As for [`SentinelSetBuilder::start`].
    pub fn start() -> Result<Self, Error> {
        Self::builder().start()
    }

    /// A set of another size, with passwords, or with a binary of one's choice.
    pub fn builder() -> SentinelSetBuilder {
        SentinelSetBuilder {
            binary: None,
            name: "mymaster".to_owned(),
            replicas: 2,
            sentinels: 3,
            quorum: 2,
            down_after: Duration::from_millis(500),
            failover_timeout: Duration::from_secs(3),
            password: None,
            sentinel_password: None,
            start_timeout: Duration::from_secs(20),
        }
    }

    /// The name that the Sentinels know the primary by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The primary and the replicas; the first one was the primary at the start.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The Sentinels.
    pub fn sentinels(&self) -> &[Server] {
        &self.sentinels
    }

    /// `host:port` of each Sentinel.
    pub fn sentinel_addrs(&self) -> Vec<String> {
        let addresses = self.sentinels.iter().map(Server::tcp_addr);
        addresses.map(|address| address.to_string()).collect()
    }

    /// The server that most Sentinels that answer call the primary.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when no Sentinel answers within a second, or they do not agree.
    pub fn primary(&self) -> Result<&Server, Error> {
        let request = format!("SENTINEL GET-MASTER-ADDR-BY-NAME {}", self.name);
        let mut votes = vec![0_usize; self.servers.len()];
        for sentinel in self.sentinels.iter().filter(|one| one.is_running()) {
            let answer = sentinel.ask(&request, Duration::from_secs(1));
            let port = answer.as_deref().and_then(|answer| answer.lines().nth(4));
            let port = port.and_then(|port| port.parse().ok());
            let named = self.servers.iter().position(|one| Some(one.port()) == port);
            if let Some(named) = named {
                votes[named] += 1;
            }
        }
        let most = votes.iter().max().copied().unwrap_or_default();
        match self
            .servers
            .iter()
            .zip(&votes)
            .find(|(_, vote)| **vote == most)
        {
            Some((server, _)) if most * 2 > votes.iter().sum() => Ok(server),
            _ => Err(Error::new(
                ErrorKind::Timeout,
                format!("expected the Sentinels to agree on a primary, found the votes {votes:?}"),
            )),
        }
    }

    /// Waits until most Sentinels call another server the primary than `old`, and says which.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when that takes longer than `limit`.
    pub fn wait_for_another_primary(
        &self,
        old: &Server,
        limit: Duration,
    ) -> Result<&Server, Error> {
        let deadline = Instant::now() + limit;
        loop {
            match self.primary() {
                Ok(primary) if primary.port() != old.port() => return Ok(primary),
                _ if Instant::now() < deadline => thread::sleep(POLL),
                _ => {
                    let message = format!("no other primary was found within {limit:?}");
                    return Err(Error::new(ErrorKind::Timeout, message));
                }
            }
        }
    }

    /// Tells a Sentinel to demote the primary in favour of a replica (`SENTINEL FAILOVER`), and returns
    /// when it has begun to.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] with its refusal when no Sentinel would within five seconds: while another
    /// failover is under way, or when there is no good replica.
    pub fn fail_over(&self) -> Result<(), Error> {
        let request = format!("SENTINEL FAILOVER {}", self.name);
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut sentinels = self.sentinels.iter().cycle();
        loop {
            let answer = sentinels
                .next()
                .and_then(|one| one.ask(&request, Duration::from_secs(1)));
            match answer {
                Some(answer) if answer.starts_with("+OK") => return Ok(()),
                _ if Instant::now() < deadline => thread::sleep(POLL * 10),
                answer => {
                    let message = format!("no Sentinel hands over: {}", answer.unwrap_or_default());
                    return Err(Error::new(ErrorKind::Timeout, message));
                }
            }
        }
    }

    fn wait_until(
        &self,
        sentinel: &Server,
        subcommand: &str,
        deadline: Instant,
        is_so: impl Fn(&str) -> bool,
    ) -> Result<(), Error> {
        let request = format!("SENTINEL {subcommand} {}", self.name);
        loop {
            let state = sentinel.ask(&request, Duration::from_secs(1));
            if state.as_deref().is_some_and(&is_so) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let port = sentinel.port();
                let state = state.unwrap_or_else(|| "nothing".to_owned());
                return Err(Error::new(
                    ErrorKind::Timeout,
                    format!(
                        "the Sentinel on port {port} did not find the others; it says {state:?}"
                    ),
                ));
            }
            thread::sleep(POLL);
        }
    }
}

impl Server {
    /// What the server answers to one inline command.
    fn ask(&self, request: &str, patience: Duration) -> Option<String> {
        readiness::ask_for(&self.socket_path(), self.password(), request, patience)
    }
}

/// A value in a flat array of names and values, as RESP2 has it: name, length, value, a line each.
fn field<'a>(reply: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = reply.lines();
    lines.find(|line| *line == name)?;
    lines.nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name() {
        let reply = "*4\r\n$2\r\nip\r\n$9\r\n127.0.0.1\r\n$4\r\nport\r\n$4\r\n6379\r\n";
        assert_eq!(field(reply, "port"), Some("6379"));
        assert_eq!(field(reply, "flags"), None);
    }
}
