//! The first words on a connection: which protocol, who, which database, under what name.
//!
//! All of it goes out at once and costs one round trip. Only a server that does not know `HELLO` costs
//! a second one, and one that knows no users another:
//!
//! ```text
//! HELLO 3 [AUTH user password] [SETNAME name]    [SELECT n]  [CLIENT SETINFO …]
//!    └ "unknown command", NOPROTO ──▶ [AUTH [user] password]  [CLIENT SETNAME name]  [SELECT n]  [CLIENT SETINFO …]
//!                                      └ "wrong number of arguments" ──▶ the same without the user
//! ```
//!
//! A user without a password logs in with an empty one, which is what servers take for those that need none. An empty
//! password without a user is none: it is what is left of `redis://:$PASSWORD@host` where that is not set.
//!
//! It is bytes in, bytes out; the connection does the I/O.

use resp_proto::{Data, Fields, Reply, ServerError, encode};

use crate::{ConnectionConfig, Error, ErrorKind, Protocol, ServerErrorKind};

/// What a request of the handshake is for, and so what its refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Hello,
    Auth,
    SetName,
    Select,
    /// Servers before 7.2 do not know it, and nothing depends on it.
    SetInfo,
}

#[derive(Debug)]
pub(crate) struct Handshake<'c> {
    config: &'c ConnectionConfig,
    protocol: Protocol,
    /// Servers before 6.0 know no users, but a password.
    knows_users: bool,
    /// What has been asked and not been answered, in reverse.
    pending: Vec<Step>,
    next: Next,
    by_primary: Option<bool>,
    failed: Option<Error>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Start,
    FallBack,
    WithoutUser,
    Done,
}

impl<'c> Handshake<'c> {
    pub(crate) fn new(config: &'c ConnectionConfig) -> Self {
        let protocol = match config.protocol {
            Protocol::Newest => config.parser.newest(),
            pinned => pinned,
        };
        Self {
            config,
            protocol,
            knows_users: true,
            pending: Vec::new(),
            next: Next::Start,
            by_primary: None,
            failed: None,
        }
    }

    /// What to send next and how many replies it will have; `None` when there is nothing more to say.
    pub(crate) fn request(&mut self) -> Option<(Vec<u8>, usize)> {
        match self.next {
            Next::Done => return None,
            Next::Start => {}
            Next::FallBack => self.protocol = Protocol::Resp2,
            Next::WithoutUser => self.knows_users = false,
        }
        (self.next, self.failed) = (Next::Done, None);
        let config = self.config;
        let user = config.username.as_deref().unwrap_or("default").as_bytes();
        let password = self.password().map(str::as_bytes);
        let name = config.client_name.as_deref().map(str::as_bytes);
        let mut bytes = Vec::new();
        let mut say = |step, words: &[&[u8]]| {
            encode::request(&mut bytes, words);
            self.pending.push(step);
        };
        if self.protocol == Protocol::Resp3 {
            let mut words: Vec<&[u8]> = vec![b"HELLO", b"3"];
            if let Some(password) = password {
                words.extend([b"AUTH".as_slice(), user, password]);
            }
            if let Some(name) = name {
                words.extend([b"SETNAME".as_slice(), name]);
            }
            say(Step::Hello, &words);
        } else {
            match password {
                Some(password) if config.username.is_none() || !self.knows_users => {
                    say(Step::Auth, &[b"AUTH", password]);
                }
                Some(password) => say(Step::Auth, &[b"AUTH", user, password]),
                None => {}
            }
            if let Some(name) = name {
                say(Step::SetName, &[b"CLIENT", b"SETNAME", name]);
            }
        }
        if config.database != 0 {
            say(
                Step::Select,
                &[b"SELECT", config.database.to_string().as_bytes()],
            );
        }
        let library: [(&[u8], &str); 2] = [
            (b"LIB-NAME", &config.lib_name),
            (b"LIB-VER", &config.lib_version),
        ];
        for (what, text) in library.into_iter().filter(|(_, text)| !text.is_empty()) {
            say(
                Step::SetInfo,
                &[b"CLIENT", b"SETINFO", what, text.as_bytes()],
            );
        }
        self.pending.reverse();
        (!bytes.is_empty()).then_some((bytes, self.pending.len()))
    }

    /// Takes the next reply.
    pub(crate) fn reply(&mut self, reply: Reply<'_>) {
        let step = self.pending.pop();
        let Data::Error(line) = reply.data() else {
            if step == Some(Step::Hello) {
                self.by_primary = said_role(reply);
            }
            return;
        };
        let error = refusal(ServerError::from_line(line));
        let (doing, error) = match step {
            Some(Step::SetInfo) if takes_nobody_in(&error) => ("introducing the client", error),
            None | Some(Step::SetInfo) => return,
            Some(Step::Hello) => {
                if self.config.protocol == Protocol::Newest && self.may_know_no_hello(&error) {
                    self.next = Next::FallBack;
                }
                ("greeting the server", error.hiding(self.password()))
            }
            Some(Step::Auth) => {
                let with_user = self.config.username.is_some() && self.knows_users;
                let refuses_two = |line: &str| line.starts_with("ERR wrong number of arguments");
                if with_user && error.line().is_some_and(refuses_two) {
                    self.next = Next::WithoutUser;
                }
                ("logging in", error.hiding(self.password()))
            }
            Some(Step::SetName) => ("naming the connection", error),
            Some(Step::Select) => ("choosing the database", error),
        };
        // What was refused first is why the rest was, and why the server closed the connection if it did.
        if self.failed.is_none() {
            self.failed = Some(error.at(doing));
        }
    }

    /// Whether the greeting may be all that is wrong. Proxies have their own words for a command that they do
    /// not know; whatever else an error without a code means, it is said once more without the greeting.
    fn may_know_no_hello(&self, error: &Error) -> bool {
        use ServerErrorKind::{Generic, NoProtocol, Other};
        match error.kind() {
            ErrorKind::Server(Generic | NoProtocol | Other) => true,
            // Valkey 9 does not tell strangers which commands it knows. Had it understood the password
            // in the greeting, it would have said something about that.
            _ => error.code() == Some("NOAUTH") && self.password().is_some(),
        }
    }

    fn password(&self) -> Option<&'c str> {
        let password = self.config.password.as_deref().unwrap_or_default();
        let is_needed = self.config.username.is_some() || !password.is_empty();
        is_needed.then_some(password)
    }

    /// What the server has refused so far.
    pub(crate) fn refusal(&mut self) -> Option<Error> {
        self.failed.take()
    }

    /// Whether the server called itself a primary; `None` if it said nothing about that.
    pub(crate) fn by_primary(&self) -> Option<bool> {
        self.by_primary
    }

    /// The protocol that was agreed on.
    pub(crate) fn finish(self) -> Result<Protocol, Error> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.protocol),
        }
    }
}

/// A server that is full says so and hangs up, whatever it was asked. There may be room the next time.
fn refusal(error: ServerError) -> Error {
    match error.line().contains("max number of clients") {
        true => Error::new(ErrorKind::Connection, error.line()),
        false => error.into(),
    }
}

/// Whether that is why the server hangs up, whatever it was asked.
fn takes_nobody_in(error: &Error) -> bool {
    error.kind() == ErrorKind::Connection || error.code() == Some("DENIED")
}

/// What the server calls itself in its greeting. Sentinels say nothing about it.
fn said_role(reply: Reply<'_>) -> Option<bool> {
    let role = Fields::of(reply).ok()?.get("role")?;
    role.text().map(|role| role == b"master")
}

#[cfg(test)]
mod tests;
