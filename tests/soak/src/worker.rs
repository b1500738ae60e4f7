//! One of the threads that put load on a server, and look at every answer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use redis::{Error, Received, Script, prelude::*};

use crate::{
    chance::Chance,
    counter::Counter,
    gate::{Gate, Next},
    ledger::Ledger,
    queue::Queue,
    register::{Name, Register},
    scene::{Group, Handle},
    tally::{Outcome, Promise, Tally},
};

/// How long a worker may take to find its data in order once nothing goes wrong any more.
const SETTLING: Duration = Duration::from_secs(60);
/// How long a list without an element is waited for.
const BLOCKING: Duration = Duration::from_millis(20);

/// What the workers of a group share.
#[derive(Clone, Debug)]
pub(crate) struct Team {
    pub(crate) group: Group,
    pub(crate) tally: Arc<Tally>,
    pub(crate) gate: Arc<Gate>,
    /// The registers of all of them.
    registers: Vec<Name>,
    push: Script,
}

#[derive(Debug)]
pub(crate) struct Worker {
    team: Team,
    chance: Chance,
    /// One that makes calls again, and one that does not.
    handles: [Handle; 2],
    patient: Handle,
    register: Register,
    counter: Counter,
    ledger: Ledger,
    queue: Queue,
    /// What is asked to be echoed.
    token: u64,
}

impl Team {
    pub(crate) fn new(group: Group, workers: usize, tally: &Arc<Tally>, gate: &Arc<Gate>) -> Self {
        let name = |worker| Name::new(format!("{}:{worker}:register", group.name));
        Self {
            registers: (0..workers).map(name).collect(),
            group,
            tally: Arc::clone(tally),
            gate: Arc::clone(gate),
            push: Script::new("return redis.call('RPUSH', KEYS[1], ARGV[1])"),
        }
    }

    pub(crate) fn worker(&self, number: usize, seed: u64) -> Worker {
        let Group {
            name, forgetful, ..
        } = self.group;
        let own = format!("{name}:{number}");
        let seed = seed.wrapping_add(name.len() as u64);
        Worker {
            chance: Chance::new(seed, number as u64),
            handles: self.group.handles(number),
            patient: self.group.patient(number),
            register: Register::new(self.registers[number].clone(), forgetful),
            counter: Counter::new(format!("{own}:counter"), forgetful),
            ledger: Ledger::new(format!("{own}:ledger"), forgetful),
            queue: Queue::new(format!("{own}:queue")),
            token: (number as u64) << 48,
            team: self.clone(),
        }
    }
}

impl Worker {
    pub(crate) fn run(mut self) {
        let gate = Arc::clone(&self.team.gate);
        loop {
            match gate.next() {
                Next::Work => self.work(),
                Next::Rest => {
                    self.settle();
                    gate.rest();
                }
                Next::End => return,
            }
        }
    }

    /// One call, by chance. Its error has been counted, and is no reason to stop.
    fn work(&mut self) {
        if self.ledger.is_full() {
            let Handle { client, limit } = &self.patient;
            let turned = self.ledger.turn(client, *limit, &self.team.tally);
            return self.take_breath(turned);
        }
        let tried = match self.chance.within(0..100) {
            0..15 => self.set(),
            15..35 => self.get(),
            35..45 => self.look_at_others(),
            45..53 => self.echo(),
            53..58 => self.echo_many(),
            58..66 => self.push(),
            66..70 => self.push_many(),
            70..74 => self.push_together(),
            74..78 => self.push_by_script(),
            78..82 => self.push_if_unchanged(),
            82..90 => self.count(),
            90..94 => self.read_the_count(),
            94..98 => self.work_a_job_off(),
            _ => self.wait_for_nothing(),
        };
        self.take_breath(tried);
    }

    /// A server that is away refuses at once, and the threads would do nothing but ask it.
    fn take_breath(&self, tried: Result<(), Error>) {
        if tried.is_err() {
            self.team.gate.pause(Duration::from_millis(5));
        }
    }

    fn handle(&mut self) -> Handle {
        let which = self.chance.next() % 2;
        self.handles[usize::from(which == 1)].clone()
    }

    fn set(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let (number, value) = self.register.next();
        let key = &self.register.name.key;
        let result = self.team.tally.call(limit, || client.set(key, &value));
        self.register
            .note(number, Outcome::of(&result), &self.team.tally);
        result
    }

    fn get(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let key = &self.register.name.key;
        let value: Option<Vec<u8>> = self.team.tally.call(limit, || client.get(key))?;
        self.register.check(value.as_deref(), &self.team.tally);
        Ok(())
    }

    fn look_at_others(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let names: Vec<_> = (0..3)
            .filter_map(|_| self.chance.one_of(&self.team.registers))
            .collect();
        let keys: Vec<&str> = names.iter().map(|name| name.key.as_str()).collect();
        let tally = &self.team.tally;
        let values: Vec<Option<Vec<u8>>> = tally.call(limit, || client.mget(&keys))?;
        if values.len() != keys.len() {
            tally.break_promise(Promise::NoWrongReply, || {
                format!("{} keys have {} values", keys.len(), values.len())
            });
        }
        for (name, value) in names.iter().zip(&values) {
            name.check(value.as_deref(), tally);
        }
        Ok(())
    }

    fn echo(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let token = self.token();
        let answer: u64 = self.team.tally.call(limit, || client.echo(token))?;
        self.compare(&[token], &[answer]);
        Ok(())
    }

    fn echo_many(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let tokens: Vec<u64> = (0..20).map(|_| self.token()).collect();
        let mut pipeline = client.pipeline();
        pipeline.transaction(self.chance.next() % 2 == 0);
        for token in &tokens {
            pipeline.echo::<u64>(*token);
        }
        let answers: Vec<u64> = self.team.tally.call(limit, || pipeline.execute())?;
        self.compare(&tokens, &answers);
        Ok(())
    }

    fn token(&mut self) -> u64 {
        self.token += 1;
        self.token
    }

    fn compare(&self, asked: &[u64], answered: &[u64]) {
        if asked != answered {
            self.team.tally.break_promise(Promise::NoWrongReply, || {
                format!("{asked:?} was echoed as {answered:?}")
            });
        }
    }

    fn push(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let (key, element) = (self.ledger.key(), self.ledger.next(1));
        let result = self.team.tally.call(limit, || client.rpush(key, &element));
        self.ledger.note(Outcome::of(&result), &self.team.tally);
        result.map(drop)
    }

    /// Commands that are sent together, each with an outcome of its own.
    fn push_many(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let elements = self.ledger.next(10);
        let mut pipeline = client.pipeline();
        pipeline.transaction(false);
        for element in &elements {
            pipeline.rpush(self.ledger.key(), element);
        }
        let tally = Arc::clone(&self.team.tally);
        let result: Result<Received<usize>, _> = tally.call(limit, || pipeline.execute());
        let received = match result {
            Ok(received) => received,
            Err(error) => {
                let result = Err::<(), _>(error);
                self.note_all(elements.len(), &result);
                return result;
            }
        };
        for reply in &received.replies {
            self.ledger.note(Outcome::of_reply(reply), &tally);
            if let Err(error) = reply {
                tally.error(error);
            }
        }
        let rest = received.lost.map_or(Ok(()), Err);
        self.note_all(elements.len() - received.replies.len(), &rest);
        rest.inspect_err(|error| tally.error(error))
    }

    /// A transaction: all or nothing.
    fn push_together(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let (key, elements) = (self.ledger.key(), self.ledger.next(3));
        let [first, second, third] = elements.as_slice() else {
            return Ok(());
        };
        let batch = client
            .batch()
            .rpush(key, first)
            .rpush(key, second)
            .rpush(key, third);
        let result = self.team.tally.call(limit, || batch.execute());
        self.note_all(3, &result);
        result.map(drop)
    }

    fn push_by_script(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let (key, element) = (self.ledger.key(), self.ledger.next(1));
        let script = &self.team.push;
        let call = || script.run(&[key], &element, |command| client.execute::<usize>(command));
        let result = self.team.tally.call(limit * 2, call);
        self.note_all(1, &result);
        result.map(drop)
    }

    fn push_if_unchanged(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let (key, element) = (self.ledger.key(), self.ledger.next(1));
        let call = || {
            client.transaction(key, |watched| {
                let _: usize = watched.llen(key)?;
                watched.multi().rpush(key, &element).execute::<(usize,)>()
            })
        };
        // WATCH, LLEN and the transaction; nobody else writes to the key, but for a late write of ours.
        let result = self.team.tally.call(limit * 6, call);
        self.note_all(1, &result);
        result.map(drop)
    }

    fn note_all<T>(&mut self, count: usize, result: &Result<T, Error>) {
        for _ in 0..count {
            self.ledger.note(Outcome::of(result), &self.team.tally);
        }
    }

    fn count(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let key = &self.counter.key;
        let result = self.team.tally.call(limit, || client.incr(key));
        let answer = result.as_ref().ok().copied();
        self.counter
            .note(Outcome::of(&result), answer, &self.team.tally);
        result.map(drop)
    }

    fn read_the_count(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let key = &self.counter.key;
        let answer = self.team.tally.call(limit, || client.get(key))?;
        self.counter.note_read(answer, &self.team.tally);
        Ok(())
    }

    fn work_a_job_off(&mut self) -> Result<(), Error> {
        if self.team.group.forgetful {
            // A job may come back there: the replica need not have heard that it was taken.
            return self.wait_for_nothing();
        }
        let Handle { client, limit } = self.handle();
        let tally = Arc::clone(&self.team.tally);
        let (number, job) = self.queue.next();
        let put = tally.call(limit, || client.rpush(&self.queue.key, &job));
        self.queue.note_put(number, Outcome::of(&put), &tally);
        put?;
        let take = || client.blpop::<String, Vec<u8>>(&self.queue.key, Some(BLOCKING));
        let taken = tally.call(limit + BLOCKING, take);
        if Outcome::of(&taken) == Outcome::Unknown {
            self.queue.note_lost_take();
        }
        let job = taken?.map(|(_, job)| job);
        self.queue.note_take(job.as_deref(), &tally);
        Ok(())
    }

    fn wait_for_nothing(&mut self) -> Result<(), Error> {
        let Handle { client, limit } = self.handle();
        let tally = &self.team.tally;
        let call = || client.blpop::<String, Vec<u8>>("nobody puts anything here", Some(BLOCKING));
        let answer = tally.call(limit + BLOCKING, call)?;
        if let Some((key, _)) = answer {
            tally.break_promise(Promise::NoWrongReply, || format!("a job came from {key}"));
        }
        Ok(())
    }

    /// Looks at everything that was written, until it could be had.
    fn settle(&mut self) {
        let Handle { client, limit } = self.patient.clone();
        let begun = Instant::now();
        let tally = Arc::clone(&self.team.tally);
        loop {
            let settled = self.ledger.settle(&client, limit, &tally);
            match settled.and_then(|()| self.get()) {
                Ok(()) => return,
                Err(error) if begun.elapsed() > SETTLING => {
                    let name = self.team.group.name;
                    return tally.break_promise(Promise::Recovery, || {
                        format!("{name}: no answer for {SETTLING:?}: {error}")
                    });
                }
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}
