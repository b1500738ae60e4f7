//! One Sentinel after the other is asked, within one deadline.

use std::{collections::HashSet, time::Duration};

use redis_cmd::{Command, cmd};
use redis_conn::{Address, Connection, Deadline, Error, ErrorKind, Request};
use resp_proto::{FromReplyOwned, Value};

use super::{
    instance::{Instance, some},
    sentinels::{Identity, Known, Sentinels},
    service::Service,
};

/// A walk over the Sentinels, each of which is asked once, within one deadline.
pub(super) struct Inquiry<'s> {
    sentinels: &'s Sentinels,
    name: &'s str,
    deadline: Deadline,
    asked: Vec<Address>,
    /// With how many others the Sentinel is in touch that answered last; `None` if it does not say.
    others: Option<usize>,
    /// Which Sentinel answered last; `None` if it may be one that has answered under another address.
    answering: Option<Identity>,
    /// What each Sentinel said, or why it did not.
    said: Vec<String>,
}

impl<'s> Inquiry<'s> {
    pub(super) fn new(sentinels: &'s Sentinels, name: &'s str, deadline: Deadline) -> Self {
        Self {
            sentinels,
            name,
            deadline,
            asked: Vec::new(),
            others: None,
            answering: None,
            said: Vec::new(),
        }
    }

    pub(super) fn sentinels(&self) -> &'s Sentinels {
        self.sentinels
    }

    /// The answers of the next Sentinel that has some to these subcommands, about the primary of the name.
    /// It is also asked for the other Sentinels that it knows.
    pub(super) fn next<T: Answers>(&mut self, subcommands: &[&str]) -> Option<T> {
        let mut answers = None;
        self.next_answering(subcommands, &mut |connection, deadline| {
            answers = Some(T::receive(connection, deadline)?);
            Ok(())
        });
        answers
    }

    fn next_answering(&mut self, subcommands: &[&str], receive_answers: &mut Receive<'_>) {
        while let Some((sentinel, others)) = self.sentinels.next_but(&self.asked) {
            self.asked.push(sentinel.address.clone());
            // A part is left for the others, and for connecting to what they name.
            match self.part(others.saturating_add(2)) {
                Err(_) => {
                    return self.note("was not asked, as there was no time left");
                }
                Ok(part) => match self.ask(&sentinel, subcommands, part, receive_answers) {
                    Ok(told) => {
                        let others = told.others.as_ref();
                        self.others = others.map(|others| up(others).count());
                        self.answering = sentinel.identity(told.id.as_deref());
                        return self.sentinels.answered(&sentinel, told);
                    }
                    Err(error) => {
                        self.sentinels.fails(&sentinel.address, &error);
                        self.note(error.to_string());
                    }
                },
            }
        }
    }

    /// The Sentinel that was asked last has given an answer that is of use: it will be asked first.
    pub(super) fn accept(&self) {
        if let Some(sentinel) = self.asked.last() {
            self.sentinels.put_first(sentinel);
        }
    }

    /// Takes down what came of the answer of the Sentinel that was asked last.
    pub(super) fn note(&mut self, what: impl Into<String>) {
        let what = what.into();
        let who = self
            .asked
            .last()
            .map(Address::to_string)
            .unwrap_or_default();
        self.said.push(format!("the Sentinel {who}: {what}"));
    }

    /// The error of having found nothing that is any good, with what everybody said.
    pub(super) fn error(&self, kind: ErrorKind, what: &str) -> Error {
        let name = self.name;
        let said = match self.said.as_slice() {
            [] => "no Sentinel is known".to_owned(),
            said => said.join("; "),
        };
        Error::new(kind, format!("no usable {what} {name:?}: {said}"))
    }

    /// So small a part of the time that is left.
    pub(super) fn part(&self, parts: usize) -> Result<Deadline, Error> {
        part_of(self.deadline, parts)
    }

    /// Has the answers of one Sentinel received; what it tells about itself and the others.
    fn ask(
        &self,
        sentinel: &Known,
        subcommands: &[&str],
        deadline: Deadline,
        receive_answers: &mut Receive<'_>,
    ) -> Result<Told, Error> {
        let config = sentinel.connector.config();
        let connecting = at_most(deadline, config.connect_timeout)?;
        let mut connection =
            sentinel
                .connector
                .connect_to(&sentinel.address, connecting, &|_| Ok(()))?;
        let answering = at_most(deadline, config.response_timeout)?;
        let mut bytes = Vec::new();
        for subcommand in subcommands.iter().chain(&["SENTINELS"]) {
            let command: Command<'_, Value> = cmd("SENTINEL").word(subcommand).arg(self.name);
            command.write_to(&mut bytes);
        }
        let myid: Command<'_, Value> = cmd("SENTINEL").word("MYID");
        myid.write_to(&mut bytes);
        let replies = subcommands.len().saturating_add(2);
        connection.send(Request::new(&bytes).with_replies(replies), answering)?;
        receive_answers(&mut connection, answering)?;
        // Knowing this is of use later, not now: an old one, or one that may not say, is no less good.
        Ok(Told {
            others: receive(&mut connection, answering).ok(),
            id: some(receive(&mut connection, answering).ok()),
        })
    }
}

/// What a Sentinel tells about itself and the others, as far as it does.
pub(super) struct Told {
    pub(super) others: Option<Vec<Instance>>,
    /// Which one it is. Since Redis 6.2.
    pub(super) id: Option<String>,
}

/// Receives the answers of a Sentinel.
type Receive<'r> = dyn FnMut(&mut Connection, Deadline) -> Result<(), Error> + 'r;

/// Those that nothing is said against.
pub(super) fn up(instances: &[Instance]) -> impl Iterator<Item = &Instance> {
    instances
        .iter()
        .filter(|instance| instance.troubles().is_empty())
}

/// The replies to the subcommands of a question.
pub(super) trait Answers: Sized {
    fn receive(connection: &mut Connection, deadline: Deadline) -> Result<Self, Error>;
}

pub(super) fn receive<T: FromReplyOwned>(
    connection: &mut Connection,
    deadline: Deadline,
) -> Result<T, Error> {
    Ok(connection.receive(deadline)?.decode()?)
}

/// A search for the primary of a service.
pub(super) struct Search<'s> {
    inquiry: Inquiry<'s>,
    service: &'s Service,
    /// What those said that have not heard of the last promotion.
    outdated: Vec<Outdated>,
}

/// What a Sentinel said that has not heard of the last promotion.
struct Outdated {
    found: Found,
    /// How many Sentinels there are by its count.
    sentinels: usize,
    who: Option<Identity>,
}

/// A primary that a Sentinel names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) address: Address,
    /// The number of the promotion.
    pub(super) epoch: u64,
    /// Whether most Sentinels say so although a promotion of a higher number is known: they count from the
    /// beginning.
    pub(super) set_up_anew: bool,
}

impl<'s> Search<'s> {
    pub(super) fn new(sentinels: &'s Sentinels, service: &'s Service, deadline: Deadline) -> Self {
        Self {
            inquiry: Inquiry::new(sentinels, service.name(), deadline),
            service,
            outdated: Vec::new(),
        }
    }

    /// The next primary that a Sentinel names and that may be used as far as Sentinels know.
    pub(super) fn next_primary(&mut self) -> Option<Found> {
        while let Some(answers) = self.inquiry.next(&["GET-MASTER-ADDR-BY-NAME", "MASTER"]) {
            match self.judge(answers) {
                Ok(found) => {
                    self.inquiry.accept();
                    self.service.hear(&found);
                    return Some(found);
                }
                Err(reason) => self.inquiry.note(reason),
            }
        }
        let found = self.set_up_anew()?;
        self.service.hear(&found);
        Some(found)
    }

    fn judge(&mut self, answers: PrimaryAnswers) -> Result<Found, String> {
        let PrimaryAnswers { now, primary } = answers;
        let rules = self.inquiry.sentinels().rules();
        // While a failover is being finished, what is said about the primary is still about the old one,
        // and only the address already that of the promoted one.
        let is_promoted = now != primary.address;
        let troubles = primary.troubles();
        if !is_promoted && !troubles.is_empty() {
            return Err(format!("says that {now} is {}", troubles.join(", ")));
        }
        // Its own number counts those that are long gone, too.
        let others = self.inquiry.others.unwrap_or(primary.other_sentinels);
        if others < rules.min_other_sentinels {
            return Err(format!(
                "expected it to be in touch with at least {} others, found {others}",
                rules.min_other_sentinels
            ));
        }
        let found = Found {
            address: self.inquiry.sentinels().map(now),
            epoch: primary.epoch,
            set_up_anew: false,
        };
        if self.service.is_outdated(&found) {
            let reason = format!(
                "names {}, and does not know of the last promotion",
                found.address
            );
            self.outdated.push(Outdated {
                found,
                sentinels: primary.other_sentinels.saturating_add(1),
                who: self.inquiry.answering.take(),
            });
            return Err(reason);
        }
        Ok(found)
    }

    /// What most Sentinels say, nobody having said otherwise. One that has several addresses is still one.
    fn set_up_anew(&mut self) -> Option<Found> {
        let outdated = std::mem::take(&mut self.outdated);
        let Outdated {
            found, sentinels, ..
        } = outdated.first()?;
        let agree = outdated.iter().all(|other| other.found == *found);
        let who: HashSet<_> = outdated.iter().flat_map(|one| &one.who).collect();
        (agree && who.len().saturating_mul(2) > *sentinels).then(|| Found {
            set_up_anew: true,
            ..found.clone()
        })
    }

    /// Takes down that what was found last is not to be used after all.
    pub(super) fn refuse(&mut self, error: &Error) {
        self.inquiry.note(format!("names a server, but {error}"));
    }

    /// Takes down that what was found last has been refused before.
    pub(super) fn refuse_again(&mut self, found: &Found) {
        self.inquiry.note(format!("names {} too", found.address));
    }

    pub(super) fn part(&self, parts: usize) -> Result<Deadline, Error> {
        self.inquiry.part(parts)
    }

    /// Why there is no primary. One that is named and does not answer is none: until Sentinels call it down,
    /// asking them again later is what helps, as nothing was sent.
    pub(super) fn not_found(&self) -> Error {
        self.inquiry.error(ErrorKind::MasterNotFound, "primary")
    }
}

/// What a Sentinel says about a primary.
struct PrimaryAnswers {
    /// Where it is now.
    now: Address,
    primary: Instance,
}

impl Answers for PrimaryAnswers {
    fn receive(connection: &mut Connection, deadline: Deadline) -> Result<Self, Error> {
        let now: Option<(String, u16)> = receive(connection, deadline)?;
        let Some((host, port)) = now else {
            return Err(Error::new(
                ErrorKind::MasterNotFound,
                "it does not know the name; expected that of a `sentinel monitor` line of its configuration",
            ));
        };
        Ok(Self {
            now: Address::Tcp { host, port },
            primary: receive(connection, deadline)?,
        })
    }
}

/// So small a part of the time that is left until a deadline.
pub(super) fn part_of(deadline: Deadline, parts: usize) -> Result<Deadline, Error> {
    let parts = u32::try_from(parts.max(1)).unwrap_or(u32::MAX);
    Ok(match deadline.remaining()? {
        Some(left) => Deadline::within(left.checked_div(parts).unwrap_or(left)),
        None => Deadline::never(),
    })
}

/// The deadline, or this limit if it ends sooner.
pub(super) fn at_most(deadline: Deadline, limit: Duration) -> Result<Deadline, Error> {
    let left = deadline.remaining()?.unwrap_or(Duration::MAX);
    Ok(Deadline::within(left.min(limit)))
}
