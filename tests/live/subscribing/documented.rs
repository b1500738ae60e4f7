//! The examples of redis-py's documentation, with the values that it shows.

use std::{ops::ControlFlow, sync::mpsc, time::Duration};

use redis::{MessageKind, prelude::*};

use super::{LONG, dictionary, next, on_every_way, subscriber};
use crate::patience::eventually;

#[test]
fn subscribing_is_acknowledged_with_the_number_of_subscriptions() {
    on_every_way(|client| {
        let mut p = client.pubsub();
        p.subscribe(["my-first-channel", "my-second-channel"])
            .unwrap();
        p.psubscribe("my-*").unwrap();
        let acknowledged = [
            (MessageKind::Subscribe, "my-first-channel", "1"),
            (MessageKind::Subscribe, "my-second-channel", "2"),
            (MessageKind::PSubscribe, "my-*", "3"),
        ];
        for (kind, channel, data) in acknowledged {
            let expected = (kind, None, channel.to_owned(), data.to_owned());
            assert_eq!(dictionary(&next(&mut p)), expected);
        }

        // Once for the channel, once for the pattern.
        assert_eq!(client.publish("my-first-channel", "some data").unwrap(), 2);
        let channel = "my-first-channel".to_owned();
        let data = "some data".to_owned();
        assert_eq!(
            dictionary(&next(&mut p)),
            (MessageKind::Message, None, channel.clone(), data.clone())
        );
        assert_eq!(
            dictionary(&next(&mut p)),
            (MessageKind::PMessage, Some("my-*".into()), channel, data)
        );

        p.unsubscribe(()).unwrap();
        p.punsubscribe(()).unwrap();
        let mut left = vec!["my-first-channel", "my-second-channel"];
        for count in [2, 1] {
            let message = next(&mut p);
            assert_eq!(message.kind(), MessageKind::Unsubscribe);
            assert_eq!(message.count(), Some(count));
            left.retain(|channel| channel.as_bytes() != message.channel());
        }
        assert!(left.is_empty(), "{left:?}");
        let last = (MessageKind::PUnsubscribe, None, "my-*".into(), "0".into());
        assert_eq!(dictionary(&next(&mut p)), last);
        assert!(!p.subscribed());
    });
}

#[test]
fn a_handler_takes_messages_and_get_message_does_not_return_them() {
    on_every_way(|client| {
        let (sender, receiver) = mpsc::channel();
        let mut p = client.pubsub();
        p.subscribe_with("my-channel", move |message| sender.send(message))
            .unwrap();
        let acknowledged = (
            MessageKind::Subscribe,
            None,
            "my-channel".into(),
            "1".into(),
        );
        assert_eq!(dictionary(&next(&mut p)), acknowledged);
        assert_eq!(client.publish("my-channel", "awesome data").unwrap(), 1);
        assert!(receiver.try_recv().is_err(), "nobody has listened yet");
        eventually("the handler is called", || {
            assert!(p.get_message(Duration::ZERO).unwrap().is_none());
            match receiver.try_recv() {
                Ok(message) => message.text().unwrap() == "awesome data",
                Err(_) => false,
            }
        });
    });
}

#[test]
fn acknowledgements_can_be_ignored() {
    on_every_way(|client| {
        let mut p = subscriber(client, "my-channel");
        assert!(p.get_message(Duration::from_millis(50)).unwrap().is_none());
        assert_eq!(client.publish("my-channel", "my data").unwrap(), 1);
        let message = (
            MessageKind::Message,
            None,
            "my-channel".into(),
            "my data".into(),
        );
        assert_eq!(dictionary(&next(&mut p)), message);
    });
}

#[test]
fn messages_are_read_in_three_ways() {
    on_every_way(|client| {
        // One: polling, between other things.
        let mut p = subscriber(client, "my-channel");
        client.publish("my-channel", "one").unwrap();
        let mut found = None;
        eventually("a poll finds the message", || {
            found = p.get_message(Duration::ZERO).unwrap();
            found.is_some()
        });
        assert_eq!(found.unwrap().text().unwrap(), "one");

        // Two: an iterator.
        client.publish("my-channel", "two").unwrap();
        client.publish("my-channel", "quit").unwrap();
        let mut heard = Vec::new();
        for message in p.listen() {
            let text = message.unwrap().text().unwrap().to_owned();
            let quit = text == "quit";
            heard.push(text);
            if quit {
                break;
            }
        }
        assert_eq!(heard, ["two", "quit"]);
        drop(p);

        // Three: a thread.
        let (sender, receiver) = mpsc::channel();
        let mut p = client.pubsub();
        p.subscribe_with("my-channel", move |message| sender.send(message))
            .unwrap();
        let thread = p.run_in_thread().unwrap();
        eventually(
            "the thread's subscription works, and that of before is gone",
            || client.publish("my-channel", "three").unwrap() == 1,
        );
        assert_eq!(
            receiver.recv_timeout(LONG).unwrap().text().unwrap(),
            "three"
        );
        thread.stop();
        eventually("the thread has ended", || thread.is_finished());
        thread.join().unwrap();
    });
}

#[test]
fn an_exception_handler_stops_the_thread() {
    on_every_way(|client| {
        let mut p = client.pubsub();
        p.subscribe_with("my-channel", |_| Err::<(), _>("broken on purpose"))
            .unwrap();
        let (sender, receiver) = mpsc::channel();
        let thread = p
            .run_in_thread_with(move |error| {
                sender.send(error.to_string()).unwrap();
                ControlFlow::Break(())
            })
            .unwrap();
        eventually("the subscription works", || {
            client.publish("my-channel", "x").unwrap() == 1
        });
        let seen = receiver.recv_timeout(LONG).unwrap();
        let expected = "the handler of a message on my-channel: it failed: broken on purpose";
        assert_eq!(seen, expected);
        assert_eq!(thread.join().unwrap_err().to_string(), expected);
    });
}

#[test]
fn the_server_tells_who_listens_to_what() {
    on_every_way(|client| {
        let mut p = client.pubsub();
        p.subscribe(["foo", "bar"]).unwrap();
        p.psubscribe("b*").unwrap();
        for _ in 0..3 {
            next(&mut p);
        }
        let mut channels: Vec<String> = client.pubsub_channels().unwrap();
        channels.sort();
        assert_eq!(channels, ["bar", "foo"]);
        let numbers: Vec<(String, u64)> = client.pubsub_numsub(["foo", "bar", "none"]).unwrap();
        let expected = [("foo", 1), ("bar", 1), ("none", 0)];
        assert_eq!(
            numbers,
            expected.map(|(name, count)| (name.to_owned(), count))
        );
        assert_eq!(client.pubsub_numpat().unwrap(), 1);
        drop(p);
        eventually("dropping it closes its connection", || {
            client.pubsub_numpat().unwrap() == 0
        });
    });
}
