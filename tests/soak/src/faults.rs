//! What is done to the server while it is talked to.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use redis::{Client, ClientFilter, ClientKind, Error, RetryPolicy, prelude::*};

use crate::{
    chance::Chance,
    gate::{Gate, Next},
    scene::{FIRST_PASSWORD, Group, Scene},
    tally::{Promise, Tally},
};

/// How long clients may take to work again once a fault is over, on a busy machine.
pub(crate) const RECOVERY: Duration = Duration::from_secs(20);

/// How many values of 256 KiB fill up the memory at most.
const FILLERS: u64 = 64;

/// Does harm to the server, one fault after the other.
pub(crate) struct Faults<'s> {
    scene: &'s Scene,
    director: Client,
    /// Who has to work again after each fault.
    victims: Vec<Group>,
    tally: Arc<Tally>,
    gate: Arc<Gate>,
    chance: Chance,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    KilledConnections,
    Restart,
    NewPassword,
    FullMemory,
    Slowness,
}

impl Fault {
    const ALL: [Self; 5] = [
        Self::KilledConnections,
        Self::Restart,
        Self::NewPassword,
        Self::FullMemory,
        Self::Slowness,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::KilledConnections => "connections are killed",
            Self::Restart => "the server is stopped and started again",
            Self::NewPassword => "the password is changed",
            Self::FullMemory => "memory is full",
            Self::Slowness => "the server is slow",
        }
    }
}

impl<'s> Faults<'s> {
    pub(crate) fn new(
        scene: &'s Scene,
        victims: Vec<Group>,
        tally: &Arc<Tally>,
        gate: &Arc<Gate>,
        seed: u64,
    ) -> Self {
        Self {
            director: scene.director(),
            scene,
            victims,
            tally: Arc::clone(tally),
            gate: Arc::clone(gate),
            chance: Chance::new(seed, u64::MAX),
        }
    }

    /// Rounds of all faults in an order by chance, until it is over. `after_round` is told of each.
    pub(crate) fn run(mut self, after_round: impl Fn()) -> Result<()> {
        loop {
            let mut round = Fault::ALL;
            self.chance.shuffle(&mut round);
            for fault in round {
                while !self.gate.pause(self.chance.milliseconds(300..900)) {
                    match self.gate.next() {
                        Next::End => return Ok(()),
                        Next::Rest => {
                            self.director.disconnect();
                            self.gate.rest();
                        }
                        Next::Work => {}
                    }
                }
                self.make(fault)
                    .with_context(|| format!("while {}", fault.name()))?;
                self.wait_for_recovery(fault.name());
            }
            after_round();
        }
    }

    fn make(&mut self, fault: Fault) -> Result<()> {
        match fault {
            Fault::KilledConnections => self.kill_connections(),
            Fault::Restart => self.restart(),
            Fault::NewPassword => self.change_the_password(),
            Fault::FullMemory => self.fill_memory(),
            Fault::Slowness => self.slow_down(),
        }
    }

    fn kill_connections(&mut self) -> Result<()> {
        for _ in 0..8 {
            self.kill_all(ClientKind::Normal)?;
            thread::sleep(self.chance.milliseconds(0..150));
        }
        self.kill_all(ClientKind::PubSub)
    }

    fn kill_all(&self, kind: ClientKind) -> Result<()> {
        let others = ClientFilter::new().kind(kind).skip_me(true);
        self.director.client_kill(others)?;
        Ok(())
    }

    fn restart(&mut self) -> Result<()> {
        if self.chance.next() % 2 == 0 {
            self.scene.server.kill()?;
        } else {
            self.scene.server.stop()?;
        }
        thread::sleep(self.chance.milliseconds(50..600));
        self.scene.server.restart()?;
        self.scene.password.has_changed(FIRST_PASSWORD);
        self.scene.password.tell();
        Ok(())
    }

    /// A new one that clients learn a while after the server, then the first one again.
    fn change_the_password(&mut self) -> Result<()> {
        for password in [
            format!("changed {}", self.chance.next()),
            FIRST_PASSWORD.to_owned(),
        ] {
            self.director.config_set([("requirepass", &password)])?;
            self.scene.password.has_changed(&password);
            self.kill_all(ClientKind::Normal)?;
            self.kill_all(ClientKind::PubSub)?;
            thread::sleep(self.chance.milliseconds(100..400));
            self.scene.password.tell();
            thread::sleep(self.chance.milliseconds(50..150));
        }
        Ok(())
    }

    /// Writes are refused for a while.
    fn fill_memory(&mut self) -> Result<()> {
        let filler = vec![0; 256 << 10];
        for number in 0..FILLERS {
            // Anew each time: connections that are stalled give back in a moment what they held.
            let memory = self.director.info("memory")?;
            let used: u64 = memory
                .parse("used_memory")
                .context("expected the server to say how much memory it uses")?;
            self.director.config_set([("maxmemory", used)])?;
            match self.director.set(format!("filler:{number}"), &filler) {
                Err(error) if is_full(&error) => break,
                set => set?,
            }
        }
        thread::sleep(self.chance.milliseconds(300..800));
        self.director.config_set([("maxmemory", 0)])?;
        let fillers: Vec<_> = (0..FILLERS)
            .map(|number| format!("filler:{number}"))
            .collect();
        self.director.unlink(&fillers)?;
        Ok(())
    }

    /// Pauses that calls survive, then one that they do not.
    fn slow_down(&mut self) -> Result<()> {
        for pause in [100..300, 100..300, 100..300, 1200..1800] {
            self.scene.server.pause()?;
            thread::sleep(self.chance.milliseconds(pause));
            self.scene.server.resume()?;
            thread::sleep(self.chance.milliseconds(20..100));
        }
        Ok(())
    }

    fn wait_for_recovery(&self, fault: &'static str) {
        wait_for_recovery(&self.victims, &self.tally, fault);
    }
}

fn is_full(error: &Error) -> bool {
    error.code() == Some("OOM")
}

/// Waits until every client of the groups can write again, and notes how long that takes.
pub(crate) fn wait_for_recovery(victims: &[Group], tally: &Tally, fault: &'static str) {
    let begun = Instant::now();
    for group in victims {
        for client in group.clients() {
            let client = client.with_retry(RetryPolicy::none());
            loop {
                let Err(error) = client.set(format!("{} again", group.name), fault) else {
                    break;
                };
                if begun.elapsed() > RECOVERY {
                    tally.break_promise(Promise::Recovery, || {
                        let name = group.name;
                        format!("{name}: {fault}: no answer for {RECOVERY:?}: {error}")
                    });
                    return;
                }
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
    tally.fault(fault, begun.elapsed());
}
