//! Messages: what others publish, as it comes, in three ways.

use std::{sync::mpsc, time::Duration};

use anyhow::{Context, ensure};
use redis::{Client, ClientFilter, ClientKind, MessageKind, prelude::*};

use crate::transcript::{answer, line, note, show};

/// Longer than a server on the same machine takes.
const SOON: Duration = Duration::from_secs(5);

pub(crate) fn show(client: &Client) -> anyhow::Result<()> {
    line("let mut p = client.pubsub();");
    let mut p = client.pubsub();
    show!(p.subscribe(["my-first-channel", "my-second-channel"])?);
    show!(p.psubscribe("my-*")?);
    note("the server says of each that it is subscribed to, and how many there are");
    for _ in 0..3 {
        show!(p.get_message(SOON)?);
    }
    note("two hear it: the channel and the pattern");
    let heard = show!(client.publish("my-first-channel", "some data")?);
    ensure!(heard == 2, "{heard} heard it");
    let message = show!(p.get_message(SOON)?).context("no message")?;
    ensure!(message.text()? == "some data", "{message:?} came");
    let message = show!(p.get_message(SOON)?).context("no message")?;
    ensure!(
        message.pattern() == Some(b"my-*"),
        "{message:?} came to the pattern"
    );
    show!(p.unsubscribe(())?);
    show!(p.punsubscribe(())?);

    note("listening ends with the last subscription");
    line("for message in p.listen() { println!(\"{:?}\", message?); }");
    let mut last = None;
    for message in p.listen() {
        let message = message?;
        answer(&message);
        last = Some(message);
    }
    let count = last.and_then(|message| message.count());
    ensure!(count == Some(0), "{count:?} subscriptions are left");

    note("a handler takes messages in a thread of its own, until that is stopped");
    line("let (sender, receiver) = std::sync::mpsc::channel();");
    let (sender, receiver) = mpsc::channel();
    line("let mut p = client.pubsub();");
    let mut p = client.pubsub();
    show!(p.subscribe_with("my-channel", move |message| sender.send(message))?);
    show!(p.get_message(SOON)?);
    line("let thread = p.run_in_thread()?;");
    let thread = p.run_in_thread()?;
    show!(client.publish("my-channel", "awesome data")?);
    show!(receiver.recv_timeout(SOON)?);
    show!(thread.stop());
    show!(thread.join()?);

    note("a connection that is lost comes back, and says that something may be missing");
    line("let mut p = client.pubsub();");
    let mut p = client.pubsub();
    show!(p.subscribe("news")?);
    show!(p.get_message(SOON)?);
    show!(client.client_kill(ClientFilter::new().kind(ClientKind::PubSub))?);
    show!(p.get_message(SOON)?);
    let gap = show!(p.get_message(SOON)?).context("no gap")?;
    ensure!(gap.kind() == MessageKind::Gap, "{gap:?} came");
    show!(client.publish("news", "from now on, everything comes")?);
    show!(p.get_message(SOON)?);
    Ok(())
}
