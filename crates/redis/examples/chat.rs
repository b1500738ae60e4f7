//! A chat over pub/sub: whoever is in a room hears what is said there, and is told when something may have
//! been missed. Nothing is kept: who comes later hears nothing of before.
//!
//! `cargo run -p redis --example chat` shows two people talking on a throwaway server.
//! `cargo run -p redis --example chat -- --url redis://localhost --name ada` takes part: each line that is
//! typed is said, until the end of the input (Ctrl-D).

mod stage;

use std::{
    fmt,
    io::{self, BufRead},
    ops::ControlFlow,
    sync::mpsc::{self, Sender},
    time::Duration,
};

use anyhow::{Context, ensure};
use clap::Parser;
use redis::{Client, MessageKind, WorkerThread, prelude::*};
use stage::Stage;

/// Talk to whoever else is there.
#[derive(Parser)]
struct Invitation {
    #[command(flatten)]
    stage: stage::Arguments,
    /// Who you are; without it, two people are made up
    #[arg(long, requires = "url")]
    name: Option<String>,
}

/// What is heard in a room.
#[derive(Debug, PartialEq)]
enum Heard {
    Said {
        by: String,
        words: String,
    },
    /// The connection was lost for a while: something may have been said that was not heard.
    Missed,
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said { by, words } => write!(f, "{by}: {words}"),
            Self::Missed => f.write_str("(something may have been missed)"),
        }
    }
}

/// Somebody in a room, who listens in a thread of its own until this is dropped.
struct Guest<'c> {
    client: &'c Client,
    channel: String,
    name: String,
    _listener: WorkerThread,
}

impl<'c> Guest<'c> {
    /// Enters a room. From then on, all that is said there comes out of the receiver that belongs to `ear`.
    fn enter(
        client: &'c Client,
        room: &str,
        name: &str,
        ear: Sender<Heard>,
    ) -> anyhow::Result<Self> {
        let channel = format!("example:chat:{room}");
        let told = ear.clone();
        let mut pubsub = client.pubsub().on_gap(move |_| told.send(Heard::Missed));
        pubsub.subscribe_with(&channel, move |message| -> anyhow::Result<()> {
            let (by, words) = message
                .text()?
                .split_once(": ")
                .context("nobody said that")?;
            let (by, words) = (by.to_owned(), words.to_owned());
            // Whoever does not listen any more is about to leave.
            let _ = ear.send(Heard::Said { by, words });
            Ok(())
        })?;
        // What is said after the server has answered is heard.
        let answer = pubsub.get_message(Duration::from_secs(10))?;
        let entered = answer.is_some_and(|answer| answer.kind() == MessageKind::Subscribe);
        ensure!(entered, "the room cannot be entered");
        // What nobody in this chat has said, anybody can publish: that must make nobody deaf.
        let listener = pubsub.run_in_thread_with(|error| {
            eprintln!("not understood: {error}");
            ControlFlow::Continue(())
        })?;
        Ok(Self {
            client,
            channel,
            name: name.to_owned(),
            _listener: listener,
        })
    }

    /// Says something; how many hear it, oneself included.
    fn say(&self, words: &str) -> redis::Result<u64> {
        let said = format!("{}: {words}", self.name);
        self.client.publish(&self.channel, said)
    }
}

/// Two people, and what the first of them hears.
fn play(client: &Client) -> anyhow::Result<Vec<Heard>> {
    let (ear, heard) = mpsc::channel();
    let ada = Guest::enter(client, "library", "ada", ear)?;
    ada.say("anybody here?")?;
    let (ear, heard_by_alan) = mpsc::channel();
    let alan = Guest::enter(client, "library", "alan", ear)?;
    alan.say("now there is")?;
    ada.say("good")?;
    let alan_hears = heard_by_alan.into_iter().take(2).count();
    ensure!(alan_hears == 2, "alan left");
    Ok(heard.into_iter().take(3).collect())
}

/// Says each line of the input, and prints what is heard.
fn take_part(client: &Client, name: &str) -> anyhow::Result<()> {
    let (ear, heard) = mpsc::channel();
    let guest = Guest::enter(client, "lobby", name, ear)?;
    std::thread::spawn(move || heard.into_iter().for_each(|heard| println!("{heard}")));
    for line in io::stdin().lock().lines() {
        guest.say(&line?)?;
    }
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let invitation = Invitation::parse();
    let stage = Stage::of(invitation.stage)?;
    match invitation.name {
        Some(name) => take_part(&stage.client, &name),
        None => {
            play(&stage.client)?
                .iter()
                .for_each(|heard| println!("ada hears {heard}"));
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc::{self, RecvTimeoutError},
        time::Duration,
    };

    use clap::CommandFactory;
    use redis::{ClientFilter, ClientKind, prelude::*};

    use super::{Guest, Heard, Invitation, play, stage::Stage};

    fn said(by: &str, words: &str) -> Heard {
        let (by, words) = (by.to_owned(), words.to_owned());
        Heard::Said { by, words }
    }

    #[test]
    fn its_arguments_go_together() {
        Invitation::command().debug_assert();
    }

    #[test]
    fn everybody_hears_what_is_said_in_the_order_in_which_it_is_said() {
        let stage = Stage::own().unwrap();
        let expected = [
            said("ada", "anybody here?"),
            said("alan", "now there is"),
            said("ada", "good"),
        ];
        assert_eq!(play(&stage.client).unwrap(), expected);
    }

    #[test]
    fn what_is_no_speech_makes_nobody_deaf() {
        let stage = Stage::own().unwrap();
        let (ear, heard) = mpsc::channel();
        let ada = Guest::enter(&stage.client, "library", "ada", ear).unwrap();
        for noise in [b"noise".as_slice(), b"\xff: \xff", b""] {
            assert_eq!(stage.client.publish(&ada.channel, noise).unwrap(), 1);
        }
        assert_eq!(ada.say("still here").unwrap(), 1);
        let limit = Duration::from_secs(30);
        let words = heard.recv_timeout(limit).unwrap();
        assert_eq!(words, said("ada", "still here"));
    }

    #[test]
    fn whoever_lost_the_connection_is_told_and_hears_on() {
        let stage = Stage::own().unwrap();
        let (ear, heard) = mpsc::channel();
        let ada = Guest::enter(&stage.client, "library", "ada", ear).unwrap();
        let subscribers = ClientFilter::new().kind(ClientKind::PubSub);
        assert_eq!(stage.client.client_kill(subscribers).unwrap(), 1);
        let limit = Duration::from_secs(30);
        assert_eq!(heard.recv_timeout(limit).unwrap(), Heard::Missed);
        assert_eq!(ada.say("still here").unwrap(), 1);
        assert_eq!(
            heard.recv_timeout(limit).unwrap(),
            said("ada", "still here")
        );
        drop(ada);
        let ended = heard.recv_timeout(limit);
        assert_eq!(ended, Err(RecvTimeoutError::Disconnected));
    }
}
