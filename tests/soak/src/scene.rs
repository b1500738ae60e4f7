//! The servers, and the clients that put load on them.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Result;
use redis::{Client, ClientBuilder, Credentials, Protocol, RetryPolicy, Sentinel, SentinelWatcher};
use redis_testkit::{FaultProxy, SentinelSet, Server};

/// How long each of these may take: a free connection, making one, a reply.
const STEP: Duration = Duration::from_secs(1);
const RETRIES: u32 = 3;
/// How long may be paused between the attempts of one call, all together.
const PAUSES: Duration = Duration::from_millis(100);
/// Fewer than there are threads, so that they get in each other's way.
const CONNECTIONS: usize = 4;
/// How long a question may take that has to be answered.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server with its proxy, and a set with Sentinels: real processes.
pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) proxy: FaultProxy,
    pub(crate) set: SentinelSet,
    /// What the clients think the password is, and what it is.
    pub(crate) password: Password,
    sentinel: Sentinel,
    _watcher: SentinelWatcher,
}

/// A handle to a client, and how long a call through it may take.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    pub(crate) client: Client,
    pub(crate) limit: Duration,
}

/// Clients of one server, by different ways.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    clients: Vec<Client>,
    /// Whether the server may forget what it has acknowledged.
    pub(crate) forgetful: bool,
}

/// A password that is changed while it is used.
#[derive(Clone)]
pub(crate) struct Password {
    known: Arc<Mutex<String>>,
    real: Arc<Mutex<String>>,
}

pub(crate) const FIRST_PASSWORD: &str = "first";

impl Scene {
    pub(crate) fn start() -> Result<Self> {
        let server = Server::builder()
            .password(FIRST_PASSWORD)
            // Every write is in the file before it is acknowledged, so the server forgets nothing when it
            // is killed. That is as sure as the operating system: nothing here takes the machine away.
            .config("appendonly", "yes")
            .config("appendfsync", "no")
            .start_timeout(Duration::from_secs(60))
            .start()?;
        let proxy = FaultProxy::start(server.tcp_addr())?;
        let set = SentinelSet::builder()
            .start_timeout(Duration::from_secs(90))
            .start()?;
        let sentinel = Sentinel::builder()
            .sentinels(set.sentinel_addrs())?
            .clients(limited(Client::builder()))
            .build();
        let watcher = sentinel.watch()?;
        Ok(Self {
            server,
            proxy,
            set,
            password: Password::first(),
            sentinel,
            _watcher: watcher,
        })
    }

    /// Clients that talk to the server itself.
    pub(crate) fn direct(&self) -> Group {
        let tcp = || Client::builder().tcp(self.server.host(), self.server.port());
        let unix = || Client::builder().unix(self.server.socket_path());
        self.group(
            "direct",
            [
                tcp().protocol(Protocol::Resp3),
                unix().protocol(Protocol::Resp2),
                unix().protocol(Protocol::Resp3),
                tcp().protocol(Protocol::Resp2),
            ],
        )
    }

    /// Clients that talk to it through the proxy.
    pub(crate) fn proxied(&self) -> Group {
        let port = self.proxy.tcp_addr().map_or(0, |address| address.port());
        let tcp = || Client::builder().tcp("127.0.0.1", port);
        self.group(
            "proxied",
            [
                tcp().protocol(Protocol::Resp3),
                tcp().protocol(Protocol::Resp2),
            ],
        )
    }

    /// Clients that follow the primary.
    pub(crate) fn following(&self) -> Group {
        Group {
            name: "following",
            clients: vec![self.sentinel.master_for(self.set.name())],
            forgetful: true,
        }
    }

    /// A client that nobody else uses, and that knows the password.
    pub(crate) fn director(&self) -> Client {
        let password = self.password.clone();
        Client::builder()
            .unix(self.server.socket_path())
            .credentials(move || Ok(credentials(&password.real)))
            .connect_timeout(PATIENCE)
            .response_timeout(PATIENCE)
            .build()
    }

    fn group(
        &self,
        name: &'static str,
        builders: impl IntoIterator<Item = ClientBuilder>,
    ) -> Group {
        let with_password = |builder: ClientBuilder| {
            let password = self.password.clone();
            limited(builder.credentials(move || Ok(credentials(&password.known)))).build()
        };
        Group {
            name,
            clients: builders.into_iter().map(with_password).collect(),
            forgetful: false,
        }
    }
}

impl Group {
    pub(crate) fn clients(&self) -> &[Client] {
        &self.clients
    }

    /// The client of the worker of this number, as handles that make calls again and that do not.
    pub(crate) fn handles(&self, worker: usize) -> [Handle; 2] {
        let client = &self.clients[worker % self.clients.len()];
        [
            Handle {
                client: client.clone(),
                limit: STEP * 3 * (RETRIES + 1) + PAUSES,
            },
            Handle {
                client: client.with_retry(RetryPolicy::none()),
                limit: STEP * 3,
            },
        ]
    }

    /// A handle for what has to be known.
    pub(crate) fn patient(&self, worker: usize) -> Handle {
        let client = &self.clients[worker % self.clients.len()];
        Handle {
            client: client
                .with_retry(RetryPolicy::none())
                .with_response_timeout(PATIENCE),
            limit: STEP * 2 + PATIENCE,
        }
    }

    pub(crate) fn disconnect(&self) {
        self.clients.iter().for_each(Client::disconnect);
    }
}

impl Password {
    fn first() -> Self {
        let first = || Arc::new(Mutex::new(FIRST_PASSWORD.to_owned()));
        Self {
            known: first(),
            real: first(),
        }
    }

    /// The server has another one now.
    pub(crate) fn has_changed(&self, password: &str) {
        password.clone_into(&mut lock(&self.real));
    }

    /// The clients are told the one that the server has.
    pub(crate) fn tell(&self) {
        let real = lock(&self.real).clone();
        *lock(&self.known) = real;
    }
}

fn limited(builder: ClientBuilder) -> ClientBuilder {
    builder
        .max_connections(CONNECTIONS)
        .wait_timeout(STEP)
        .connect_timeout(STEP)
        .response_timeout(STEP)
        .retries(RETRIES)
}

fn credentials(password: &Mutex<String>) -> Credentials {
    Credentials {
        username: None,
        password: lock(password).clone(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
