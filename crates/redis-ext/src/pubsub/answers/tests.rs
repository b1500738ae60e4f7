//! What a subscriber makes of single answers.

use resp_proto::Framer;

use super::*;

/// One reply after the other, to a subscriber that has asked for `a` and for nothing else.
fn receive(replies: &[u8]) -> Vec<Result<Heard, ErrorKind>> {
    let mut subscriptions = Subscriptions::default();
    subscriptions.connected();
    subscriptions.subscribe(Space::Channels, vec![b"a".as_slice().into()], None);
    let mut rest = replies;
    let mut framer = Framer::new();
    let mut received = Vec::new();
    while let Some(frame) = framer.advance(rest).unwrap() {
        rest = &rest[frame.len()..];
        let result = subscriptions.receive(&frame.reply());
        received.push(result.map_err(|error| error.kind()));
    }
    received
}

#[test]
fn what_no_server_says_ends_the_connection() {
    let wrong = [
        "*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:1\r\n",
        "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n",
        "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n$1\r\n1\r\n",
        "*2\r\n$9\r\nsubscribe\r\n$1\r\na\r\n",
        "*2\r\n$7\r\nmessage\r\n$1\r\na\r\n",
        "*3\r\n$8\r\npmessage\r\n$1\r\na\r\n$1\r\nb\r\n",
        "*1\r\n$4\r\nwhat\r\n",
        "*0\r\n",
        "+OK\r\n",
        ":1\r\n",
        "%1\r\n+a\r\n+b\r\n",
        "*2\r\n$4\r\npong\r\n$0\r\n\r\n",
    ];
    for reply in wrong {
        let received = receive(reply.as_bytes());
        assert!(
            matches!(received.as_slice(), [Err(ErrorKind::Protocol)]),
            "{reply:?}: {received:?}"
        );
    }
    // An error that answers nothing, and one that only says: not now.
    let acknowledged = "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n";
    for reply in [
        format!("{acknowledged}-ERR bye\r\n"),
        "-LOADING the data\r\n".into(),
    ] {
        let received = receive(reply.as_bytes());
        assert!(
            matches!(received.last(), Some(Err(ErrorKind::Server(_)))),
            "{received:?}"
        );
    }
}

#[test]
fn what_is_published_need_not_be_text() {
    let keys = "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n*1\r\n$1\r\nk\r\n";
    let all = "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n$-1\r\n";
    let received = receive([keys, all].concat().as_bytes());
    let decoded = received.iter().map(|heard| match heard {
        Ok(Heard::Published { message, .. }) => {
            assert!(message.text().is_err() && message.data().is_empty());
            message.decode::<Option<Vec<String>>>().unwrap()
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(decoded.collect::<Vec<_>>(), [Some(vec!["k".into()]), None]);
}

#[test]
fn what_servers_push_besides_is_nobodys_business() {
    let received = receive(
        b">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n",
    );
    let [Ok(Heard::Nothing), Ok(Heard::Acknowledged(message))] = received.as_slice() else {
        panic!("{received:?}");
    };
    assert_eq!(message.kind(), MessageKind::Subscribe);
}

/// A subscriber whose requests are answered by whoever asks for that.
struct Alone {
    subscriptions: Subscriptions,
    framer: Framer,
}

impl Alone {
    fn subscribed_to(space: Space, names: &[&str]) -> Self {
        let mut subscriptions = Subscriptions::default();
        for name in names {
            subscriptions.subscribe(space, vec![name.as_bytes().into()], None);
        }
        subscriptions.connected();
        Self {
            subscriptions,
            framer: Framer::new(),
        }
    }

    /// What has been asked for, each request a line.
    fn asked(&mut self) -> Vec<String> {
        let output = self.subscriptions.output().0.to_vec();
        self.subscriptions.sent();
        let mut rest = output.as_slice();
        let mut asked = Vec::new();
        while let Some(frame) = self.framer.advance(rest).unwrap() {
            rest = &rest[frame.len()..];
            let words: Vec<String> = frame.reply().decode().unwrap();
            asked.push(words.join(" "));
        }
        asked
    }

    fn hear(&mut self, reply: &str) -> Heard {
        let frame = self.framer.advance(reply.as_bytes()).unwrap().unwrap();
        let heard = self.subscriptions.receive(&frame.reply());
        heard.expect("the connection stays")
    }
}

#[test]
fn one_name_that_a_node_cannot_have_for_the_time_being_takes_down_no_other() {
    let down = "-CLUSTERDOWN Hash slot not served\r\n";
    let moving = "-TRYAGAIN Multiple keys request during rehashing of slot\r\n";
    for passing in [down, moving] {
        let mut alone = Alone::subscribed_to(Space::Shards, &["s"]);
        let subscribed = ">3\r\n$10\r\nssubscribe\r\n$1\r\ns\r\n:1\r\n";
        alone.hear(subscribed);
        alone.asked();
        // A new one is refused as ever.
        let new = vec![b"t".as_slice().into()];
        alone.subscriptions.subscribe(Space::Shards, new, None);
        assert_eq!(alone.asked(), ["SSUBSCRIBE t"]);
        assert!(matches!(alone.hear(passing), Heard::Refused(_)));
        assert_eq!(alone.subscriptions.names(Space::Shards).len(), 1);

        // One that was there before is asked for until it is there again.
        alone.subscriptions.disconnected();
        alone.subscriptions.connected();
        assert_eq!(alone.asked(), ["SSUBSCRIBE s"]);
        for _ in 0..3 {
            assert!(matches!(alone.hear(passing), Heard::PutOff));
            assert!(!alone.subscriptions.is_owed() && alone.asked().is_empty());
            assert!(alone.subscriptions.is_recovering());
            alone.subscriptions.ask_for_put_off();
            assert_eq!(alone.asked(), ["SSUBSCRIBE s"]);
        }
        assert!(matches!(alone.hear(subscribed), Heard::Acknowledged(_)));
        assert!(!alone.subscriptions.is_recovering());

        // And one that is left is not.
        alone.subscriptions.disconnected();
        alone.subscriptions.connected();
        alone.hear(passing);
        alone.subscriptions.unsubscribe(Space::Shards, None);
        alone.subscriptions.ask_for_put_off();
        assert_eq!(alone.asked(), ["SSUBSCRIBE s", "SUNSUBSCRIBE s"]);
        assert!(!alone.subscriptions.is_recovering());
    }
}

#[test]
fn what_a_busy_server_does_not_do_is_asked_for_later() {
    let busy = "-BUSY Redis is busy running a script.\r\n";
    let mut alone = Alone::subscribed_to(Space::Channels, &["a", "b"]);
    let asked = alone.asked();
    assert!(asked == ["SUBSCRIBE a b"] || asked == ["SUBSCRIBE b a"]);
    assert!(matches!(alone.hear(busy), Heard::PutOff));
    let [c, b] = ["c", "b"].map(|name| vec![Name::from(name.as_bytes())]);
    alone.subscriptions.subscribe(Space::Channels, c, None);
    alone.subscriptions.unsubscribe(Space::Channels, Some(b));
    alone.subscriptions.ping(b"", true);
    assert_eq!(alone.asked(), ["SUBSCRIBE c", "UNSUBSCRIBE b", "PING "]);
    assert!(matches!(alone.hear(busy), Heard::PutOff));
    assert!(matches!(alone.hear(busy), Heard::PutOff));
    assert!(matches!(alone.hear(busy), Heard::Nothing));
    assert!(!alone.subscriptions.is_owed() && alone.subscriptions.is_recovering());
    assert_eq!(alone.subscriptions.names(Space::Channels).len(), 2);

    alone.subscriptions.ask_for_put_off();
    let asked = ["SUBSCRIBE a", "SUBSCRIBE c", "UNSUBSCRIBE b"];
    assert_eq!(alone.asked(), asked);
    for (word, name) in [("subscribe", "a"), ("subscribe", "c"), ("unsubscribe", "b")] {
        let length = word.len();
        let answer = format!(">3\r\n${length}\r\n{word}\r\n$1\r\n{name}\r\n:1\r\n");
        assert!(matches!(alone.hear(&answer), Heard::Acknowledged(_)));
    }
    assert!(!alone.subscriptions.is_recovering());
    assert_eq!(alone.subscriptions.names(Space::Channels).len(), 2);
}

#[test]
fn who_refuses_a_health_check_is_alive() {
    for refusal in [
        "-LOADING Redis is loading the dataset in memory\r\n",
        "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n",
        "-NOPERM User u has no permissions to run the 'ping' command\r\n",
    ] {
        let mut alone = Alone::subscribed_to(Space::Channels, &["a"]);
        alone.hear(">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
        alone.subscriptions.ping(b"", true);
        assert!(matches!(alone.hear(refusal), Heard::Nothing));
        // Whoever has asked for one is told.
        alone.subscriptions.ping(b"x", false);
        assert!(matches!(alone.hear(refusal), Heard::Refused(_)));
        assert!(!alone.subscriptions.is_owed() && alone.subscriptions.is_subscribed());
    }
}

#[test]
fn what_a_node_ends_is_asked_for_again_unless_it_is_left() {
    let mut alone = Alone::subscribed_to(Space::Shards, &["s"]);
    let subscribed = ">3\r\n$10\r\nssubscribe\r\n$1\r\ns\r\n:1\r\n";
    let ended = ">3\r\n$12\r\nsunsubscribe\r\n$1\r\ns\r\n:0\r\n";
    alone.hear(subscribed);
    alone.asked();
    assert!(matches!(alone.hear(ended), Heard::Ended(_)));
    assert_eq!(alone.asked(), ["SSUBSCRIBE s"]);
    assert!(alone.subscriptions.is_recovering());
    assert!(matches!(alone.hear(subscribed), Heard::Acknowledged(_)));
    assert!(!alone.subscriptions.is_recovering());

    // It has gone to another node for good.
    alone.hear(ended);
    assert_eq!(alone.asked(), ["SSUBSCRIBE s"]);
    let refused = alone.hear("-MOVED 1 127.0.0.1:7000\r\n");
    assert!(matches!(refused, Heard::Refused(_)));
    assert!(!alone.subscriptions.is_subscribed());

    // The answer to what was asked for before comes later.
    let new = || vec![Name::from(b"s".as_slice())];
    alone.subscriptions.subscribe(Space::Shards, new(), None);
    alone.hear(subscribed);
    alone.subscriptions.ping(b"", true);
    alone.subscriptions.unsubscribe(Space::Shards, None);
    alone.asked();
    assert!(matches!(alone.hear(ended), Heard::Nothing));
    assert!(matches!(alone.hear("$0\r\n\r\n"), Heard::Nothing));
    assert!(matches!(alone.hear(ended), Heard::Acknowledged(_)));
    assert!(alone.asked().is_empty() && !alone.subscriptions.is_subscribed());
}

#[test]
fn without_a_connection_what_is_left_is_forgotten_at_once() {
    let mut alone = Alone::subscribed_to(Space::Channels, &["a", "b", "c"]);
    let leave = |name: &str| Some(vec![Name::from(name.as_bytes())]);
    // It was asked for on the connection that is lost now.
    alone.subscriptions.unsubscribe(Space::Channels, leave("a"));
    alone.subscriptions.disconnected();
    assert_eq!(alone.subscriptions.names(Space::Channels).len(), 2);
    alone.subscriptions.unsubscribe(Space::Channels, leave("b"));
    alone.asked();
    alone.subscriptions.connected();
    assert_eq!(alone.asked(), ["SUBSCRIBE c"]);
    alone.subscriptions.disconnected();
    alone.subscriptions.unsubscribe(Space::Channels, None);
    assert!(!alone.subscriptions.is_subscribed());
}
