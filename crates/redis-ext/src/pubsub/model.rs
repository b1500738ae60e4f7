//! A naive server, and everything that can happen to a subscriber in any order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use resp_proto::{Framer, encode};

use super::{
    answers::Heard,
    message::Name,
    subscriptions::{Space, Subscriptions},
};

const SPACES: [Space; 3] = [Space::Channels, Space::Patterns, Space::Shards];
/// The last one is refused by the server, with all that it is asked for together with.
const NAMES: [&[u8]; 5] = [b"a", b"b\xff\r\n", b"", b"c", b"secret"];

/// What a server knows about one connection.
struct Server {
    resp3: bool,
    /// Whether a script keeps it from doing anything.
    busy: bool,
    subscribed: [BTreeSet<Vec<u8>>; 3],
    published: u64,
    output: Vec<u8>,
}

impl Server {
    fn new(resp3: bool) -> Self {
        Self {
            resp3,
            busy: false,
            subscribed: Default::default(),
            published: 0,
            output: Vec::new(),
        }
    }

    fn say(&mut self, words: &[&[u8]], count: Option<usize>) {
        let length = words.len() + usize::from(count.is_some());
        let kind = if self.resp3 { '>' } else { '*' };
        self.output
            .extend_from_slice(format!("{kind}{length}\r\n").as_bytes());
        for word in words {
            encode::bulk(&mut self.output, word);
        }
        if let Some(count) = count {
            self.output
                .extend_from_slice(format!(":{count}\r\n").as_bytes());
        }
    }

    fn receive(&mut self, mut requests: &[u8]) {
        let mut framer = Framer::new();
        while let Some(frame) = framer.advance(requests).unwrap() {
            requests = &requests[frame.len()..];
            let words: Vec<&[u8]> = frame.reply().decode().unwrap();
            self.execute(words[0], &words[1..]);
        }
        assert!(requests.is_empty(), "requests are sent whole");
    }

    fn execute(&mut self, command: &[u8], names: &[&[u8]]) {
        if self.busy {
            return self.output.extend_from_slice(b"-BUSY later\r\n");
        }
        if command == b"PING" {
            let counted = !self.subscribed[0].is_empty() || !self.subscribed[1].is_empty();
            if counted && !self.resp3 {
                return self.say(&[b"pong", names[0]], None);
            }
            return encode::bulk(&mut self.output, names[0]);
        }
        let ways = SPACES
            .iter()
            .flat_map(|&space| [(space, true), (space, false)]);
        let (space, subscribe) = ways
            .clone()
            .find(|(space, subscribe)| space.word(*subscribe).as_bytes() == command)
            .unwrap();
        if subscribe && names.contains(&b"secret".as_slice()) {
            self.output.extend_from_slice(b"-NOPERM no\r\n");
            return;
        }
        for name in names {
            let set = &mut self.subscribed[space as usize];
            if subscribe {
                set.insert(name.to_vec());
            } else {
                set.remove(*name);
            }
            let count = match space {
                Space::Shards => self.subscribed[2].len(),
                _ => self.subscribed[0].len() + self.subscribed[1].len(),
            };
            self.say(&[&command.to_ascii_lowercase(), name], Some(count));
        }
    }

    /// Ends the subscription to a shard channel, whose slot goes and comes back at once.
    fn end(&mut self, name: &[u8]) -> bool {
        let ends = self.subscribed[2].remove(name);
        if ends {
            let count = self.subscribed[2].len();
            self.say(&[b"sunsubscribe", name], Some(count));
        }
        ends
    }

    /// Publishes a number on a channel, for each subscription that it concerns; how many those are.
    fn publish(&mut self, name: &[u8], space: Space) -> usize {
        if !self.subscribed[space as usize].contains(name) {
            return 0;
        }
        self.published += 1;
        let data = self.published.to_string();
        match space {
            Space::Channels => self.say(&[b"message", name, data.as_bytes()], None),
            Space::Patterns => self.say(&[b"pmessage", name, b"matched", data.as_bytes()], None),
            Space::Shards => self.say(&[b"smessage", name, data.as_bytes()], None),
        }
        1
    }
}

#[derive(Clone, Debug)]
enum Event {
    Subscribe(usize, Vec<usize>),
    Unsubscribe(usize, Option<Vec<usize>>),
    Ping,
    Publish(usize, usize),
    End(usize),
    /// A script begins or ends.
    Busy,
    /// The server reads what was sent.
    Send,
    /// So many bytes arrive.
    Arrive(usize),
    /// The connection is lost, and another one is made.
    Cut,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let names = || prop::collection::vec(0..NAMES.len(), 1..4);
    let event = prop_oneof![
        4 => (0..3_usize, names()).prop_map(|(space, names)| Event::Subscribe(space, names)),
        3 => (0..3_usize, prop::option::of(names()))
            .prop_map(|(space, names)| Event::Unsubscribe(space, names)),
        1 => Just(Event::Ping),
        4 => (0..3_usize, 0..NAMES.len()).prop_map(|(space, name)| Event::Publish(space, name)),
        1 => (0..NAMES.len()).prop_map(Event::End),
        1 => Just(Event::Busy),
        4 => Just(Event::Send),
        4 => (0..200_usize).prop_map(Event::Arrive),
        1 => Just(Event::Cut),
    ];
    prop::collection::vec(event, 0..60)
}

/// A subscriber, the server, and what is on its way between them.
struct World {
    client: Subscriptions,
    server: Server,
    framer: Framer,
    wire: Vec<u8>,
    /// What has arrived and is no whole reply yet.
    arrived: Vec<u8>,
    /// How many messages the server has sent on this connection, and how many have arrived.
    sent: usize,
    heard: usize,
    last: u64,
    pings: usize,
    pongs: usize,
    /// Whether the server has ended a subscription on this connection.
    ended: bool,
}

impl World {
    fn new(resp3: bool) -> Self {
        let mut client = Subscriptions::default();
        client.connected();
        Self {
            client,
            server: Server::new(resp3),
            framer: Framer::new(),
            wire: Vec::new(),
            arrived: Vec::new(),
            sent: 0,
            heard: 0,
            last: 0,
            pings: 0,
            pongs: 0,
            ended: false,
        }
    }

    fn send(&mut self) {
        self.server.receive(self.client.output().0);
        self.client.sent();
        self.wire.append(&mut self.server.output);
    }

    fn arrive(&mut self, bytes: usize) {
        let bytes = bytes.min(self.wire.len());
        self.arrived.extend(self.wire.drain(..bytes));
        while let Some(frame) = self.framer.advance(&self.arrived).unwrap() {
            let length = frame.len();
            let heard = match self.client.receive(&frame.reply()) {
                // If it was being ended by both sides, that may be taken for an answer.
                Err(_) if self.ended => return self.cut(),
                heard => heard.expect("a good server"),
            };
            match heard {
                Heard::Published { message, handled } => {
                    assert!(handled.is_none());
                    let number = message.text().unwrap().parse().unwrap();
                    assert!(number > self.last, "{number} after {}", self.last);
                    self.last = number;
                    self.heard += 1;
                }
                Heard::Refused(error) => match error.to_string() {
                    text if text == "PING: BUSY later" => self.pongs += 1,
                    text => assert!(text.contains("secret"), "{text}"),
                },
                Heard::Pong(message) => {
                    assert_eq!(message.text().unwrap(), "marker");
                    self.pongs += 1;
                }
                Heard::Acknowledged(message) => assert!(message.count().is_some()),
                Heard::Gap(_) => panic!("the server knows no gaps"),
                Heard::PutOff => {}
                Heard::Ended(_) => assert!(self.ended),
                Heard::Nothing => {}
            }
            self.arrived.drain(..length);
        }
    }

    fn cut(&mut self) {
        let resp3 = self.server.resp3;
        let published = self.server.published;
        self.server = Server::new(resp3);
        self.server.published = published;
        self.wire.clear();
        self.arrived.clear();
        self.framer = Framer::new();
        (self.sent, self.heard) = (0, 0);
        (self.pings, self.pongs, self.ended) = (0, 0, false);
        self.client.disconnected();
        self.client.connected();
    }

    fn settle(&mut self) {
        self.server.busy = false;
        for _ in 0..6 {
            self.client.ask_for_put_off();
            self.send();
            self.arrive(usize::MAX);
        }
    }
}

fn pick(names: &[usize]) -> Vec<Name> {
    names.iter().map(|&name| Name::from(NAMES[name])).collect()
}

fn run(resp3: bool, events: Vec<Event>) {
    let mut world = World::new(resp3);
    // What was wanted last, of names that were never asked for together with one that is refused.
    let mut wanted: [BTreeMap<usize, bool>; 3] = Default::default();
    let mut tainted = BTreeSet::new();
    for event in events {
        match event {
            Event::Subscribe(space, names) => {
                if names.contains(&(NAMES.len() - 1)) {
                    tainted.extend(names.iter().map(|&name| (space, name)));
                }
                wanted[space].extend(names.iter().map(|&name| (name, true)));
                world.client.subscribe(SPACES[space], pick(&names), None);
            }
            Event::Unsubscribe(space, names) => {
                let of = |names: &[usize]| names.iter().map(|&name| (name, false)).collect();
                let ended: Vec<_> = match &names {
                    Some(names) => of(names),
                    None => of(&[0, 1, 2, 3, 4]),
                };
                wanted[space].extend(ended);
                let names = names.map(|names| pick(&names));
                world.client.unsubscribe(SPACES[space], names);
            }
            Event::Ping => {
                world.client.ping(b"marker", false);
                world.client.ping(b"", true);
                world.pings += 1;
            }
            Event::Publish(space, name) => {
                world.sent += world.server.publish(NAMES[name], SPACES[space]);
                world.wire.append(&mut world.server.output);
            }
            Event::End(name) => {
                world.ended |= world.server.end(NAMES[name]);
                world.wire.append(&mut world.server.output);
            }
            Event::Busy => world.server.busy = !world.server.busy,
            Event::Send => world.send(),
            Event::Arrive(bytes) => world.arrive(bytes),
            Event::Cut => world.cut(),
        }
    }
    world.settle();
    assert!(!world.client.is_owed() && !world.client.is_recovering());
    assert_eq!(world.heard, world.sent, "no message is lost between");
    assert_eq!(world.pongs, world.pings);
    let mut any = false;
    for (index, space) in SPACES.into_iter().enumerate() {
        let mut names: Vec<Vec<u8>> = world
            .client
            .names(space)
            .iter()
            .map(|name| name.to_vec())
            .collect();
        names.sort();
        let server: Vec<Vec<u8>> = world.server.subscribed[index].iter().cloned().collect();
        assert_eq!(names, server, "what we and the server believe");
        assert!(!names.contains(&b"secret".to_vec()));
        for (name, wanted) in &wanted[index] {
            if !tainted.contains(&(index, *name)) {
                assert_eq!(
                    names.contains(&NAMES[*name].to_vec()),
                    *wanted,
                    "{name} of {space:?}"
                );
            }
        }
        any |= !names.is_empty();
    }
    assert_eq!(world.client.is_subscribed(), any);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_the_end_we_and_the_server_believe_the_same(resp3 in any::<bool>(), events in events()) {
        run(resp3, events);
    }
}

#[test]
fn what_is_left_while_it_is_asked_for_again_stays_left() {
    let events = [
        Event::Subscribe(2, vec![4, 1]),
        Event::Cut,
        Event::Unsubscribe(2, None),
    ];
    run(false, events.to_vec());
}

#[test]
fn an_answer_ends_nothing_that_was_asked_for_after_its_question() {
    let events = [
        Event::Unsubscribe(1, Some(vec![2])),
        Event::Subscribe(1, vec![4, 2]),
        Event::Unsubscribe(1, None),
        Event::Send,
        // The first acknowledgement, and not the refusal.
        Event::Arrive(33),
        Event::Subscribe(1, vec![2]),
    ];
    run(false, events.to_vec());
}

#[test]
fn names_that_were_asked_for_together_are_asked_for_one_by_one_when_refused_again() {
    let mut subscriptions = Subscriptions::default();
    for name in ["a", "secret", "c"] {
        subscriptions.subscribe(Space::Channels, vec![name.as_bytes().into()], None);
    }
    let mut server = Server::new(true);
    subscriptions.connected();
    let refused = |subscriptions: &mut Subscriptions, server: &mut Server| {
        server.receive(subscriptions.output().0);
        subscriptions.sent();
        let output = std::mem::take(&mut server.output);
        let (mut rest, mut framer) = (output.as_slice(), Framer::new());
        let mut refused = Vec::new();
        while let Some(frame) = framer.advance(rest).unwrap() {
            rest = &rest[frame.len()..];
            if let Heard::Refused(error) = subscriptions.receive(&frame.reply()).unwrap() {
                refused.push(error.to_string());
            }
        }
        refused
    };
    assert!(refused(&mut subscriptions, &mut server).is_empty());
    assert!(subscriptions.is_recovering());
    assert_eq!(
        refused(&mut subscriptions, &mut server),
        ["SUBSCRIBE secret: NOPERM no"]
    );
    assert!(!subscriptions.is_recovering());
    let expected: BTreeSet<Vec<u8>> = [b"a".to_vec(), b"c".to_vec()].into();
    assert_eq!(server.subscribed[0], expected);
    assert_eq!(subscriptions.names(Space::Channels).len(), 2);
}
