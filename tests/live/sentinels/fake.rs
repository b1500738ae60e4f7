//! A Sentinel that says what it is told to.

use std::sync::{Arc, Mutex};

use redis_testkit::{ScriptedServer, Server};

use super::PATIENCE;

/// A Sentinel that says what it is told to.
pub(super) struct FakeSentinel {
    pub(super) server: ScriptedServer,
    pub(super) says: Arc<Mutex<Says>>,
}

impl FakeSentinel {
    pub(super) fn start(says: Says) -> Self {
        let says = Arc::new(Mutex::new(says));
        let theirs = Arc::clone(&says);
        let answer = move |request: &[Vec<u8>]| theirs.lock().unwrap().clone().answer(request);
        let server = ScriptedServer::answering(answer).unwrap();
        Self { server, says }
    }

    pub(super) fn of(primary: &Server) -> Self {
        Self::start(Says::healthy(primary.port()))
    }

    /// Says something else from now on.
    pub(super) fn now(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.says.lock().unwrap());
    }

    pub(super) fn address(&self) -> String {
        self.server.tcp_addr().to_string()
    }

    /// Its address, with how long it is waited for if it is known to be silent.
    pub(super) fn url(&self) -> String {
        let address = self.address();
        let patience = PATIENCE.as_secs_f64();
        match self.says.lock().unwrap().silent {
            true => format!("redis://{address}?response_timeout={patience}"),
            false => address,
        }
    }

    /// How often it was asked for the primary.
    pub(super) fn asked(&self) -> usize {
        self.heard(1, "MASTER")
    }

    /// How often somebody wanted to listen to it.
    pub(super) fn subscribed_to(&self) -> usize {
        self.heard(0, "SUBSCRIBE")
    }

    fn heard(&self, place: usize, word: &str) -> usize {
        let requests = self.server.requests();
        let has = |request: &&Vec<Vec<u8>>| {
            request
                .get(place)
                .is_some_and(|found| found == word.as_bytes())
        };
        requests.iter().filter(has).count()
    }
}

/// What a Sentinel says about the primary `mymaster`.
#[derive(Clone, Default)]
pub(super) struct Says {
    /// Nothing is known of it without a port.
    pub(super) port: Option<u16>,
    pub(super) flags: &'static str,
    pub(super) epoch: u64,
    pub(super) other_sentinels: usize,
    /// Ports and flags.
    pub(super) replicas: Vec<(u16, &'static str)>,
    /// The ports of the other Sentinels, and flags.
    pub(super) sentinels: Vec<(u16, &'static str)>,
    /// Its own id, if it says that, and those of others then, which are [`id`]s.
    pub(super) id: Option<String>,
    pub(super) silent: bool,
    /// Whether whoever subscribes may listen.
    pub(super) listened_to: bool,
}

impl Says {
    pub(super) fn healthy(port: u16) -> Self {
        Self {
            port: Some(port),
            flags: "master",
            other_sentinels: 2,
            ..Self::default()
        }
    }

    pub(super) fn answer(&self, request: &[Vec<u8>]) -> Vec<u8> {
        let words: Vec<_> = request
            .iter()
            .map(|word| String::from_utf8_lossy(word))
            .collect();
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let port = self.port.filter(|_| words.last() == Some(&"mymaster"));
        let answer = match (&words[..], port) {
            _ if self.silent => String::new(),
            (["SENTINEL", "MYID"], _) if self.id.is_some() => {
                let id = self.id.as_deref().unwrap_or_default();
                format!("${}\r\n{id}\r\n", id.len())
            }
            (["SENTINEL", "GET-MASTER-ADDR-BY-NAME", _], None) => "*-1\r\n".into(),
            (["SENTINEL", ..], None) => "-ERR No such master with that name\r\n".into(),
            (["SENTINEL", "GET-MASTER-ADDR-BY-NAME", _], Some(port)) => {
                list(&["127.0.0.1", &port.to_string()])
            }
            (["SENTINEL", "MASTER", _], Some(port)) => self.instance(port, self.flags),
            (["SENTINEL", "REPLICAS", _], _) => {
                let all = self.replicas.iter();
                let all: String = all
                    .map(|(port, flags)| self.instance(*port, flags))
                    .collect();
                format!("*{}\r\n{all}", self.replicas.len())
            }
            (["SENTINEL", "SENTINELS", _], _) => {
                let all = self.sentinels.iter();
                let all: String = all
                    .map(|(port, flags)| self.instance(*port, flags))
                    .collect();
                format!("*{}\r\n{all}", self.sentinels.len())
            }
            (["SUBSCRIBE", channels @ ..], _) if self.listened_to => acknowledgements(channels),
            _ => "-ERR unknown command\r\n".into(),
        };
        answer.into_bytes()
    }

    fn instance(&self, port: u16, flags: &str) -> String {
        let id = self.id.as_ref().map_or(String::new(), |_| id(port));
        list(&[
            "runid",
            &id,
            "ip",
            "127.0.0.1",
            "port",
            &port.to_string(),
            "flags",
            flags,
            "config-epoch",
            &self.epoch.to_string(),
            "num-other-sentinels",
            &self.other_sentinels.to_string(),
        ])
    }
}

/// The id of the one that listens at this port.
pub(super) fn id(port: u16) -> String {
    format!("id-{port}")
}

pub(super) fn list(words: &[&str]) -> String {
    let words = words
        .iter()
        .map(|word| format!("${}\r\n{word}\r\n", word.len()));
    let words: Vec<_> = words.collect();
    format!("*{}\r\n{}", words.len(), words.concat())
}

/// What `SUBSCRIBE` is answered with.
pub(super) fn acknowledgements(channels: &[&str]) -> String {
    let acknowledge = |(count, channel): (usize, &&str)| {
        let words = list(&["subscribe", channel]);
        format!("*3{}:{count}\r\n", &words[2..])
    };
    (1..).zip(channels).map(acknowledge).collect()
}
