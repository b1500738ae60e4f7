//! Primaries that are killed, or told to hand over, while Sentinels watch.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use redis_testkit::{SentinelSet, Server};

use crate::{
    chance::Chance,
    faults::wait_for_recovery,
    gate::{Gate, Next},
    scene::Group,
    tally::Tally,
};

/// How long Sentinels may take to choose, and a server to follow the chosen one.
const LIMIT: Duration = Duration::from_secs(90);
/// Sentinels refuse a failover for twice the `failover-timeout` after the last one.
const BETWEEN: Duration = Duration::from_millis(6_500);

/// One failover after the other, until it is over.
pub(crate) fn run(
    set: &SentinelSet,
    victims: &Group,
    tally: &Tally,
    gate: &Arc<Gate>,
    mut chance: Chance,
) -> Result<()> {
    let mut is_killed = true;
    let mut pause = Duration::from_secs(1);
    loop {
        while !gate.pause(pause) {
            match gate.next() {
                Next::End => return Ok(()),
                Next::Rest => gate.rest(),
                Next::Work => {}
            }
        }
        pause = BETWEEN + chance.milliseconds(0..1500);
        let old = set.primary()?;
        if is_killed {
            old.kill()?;
        } else if set.fail_over().is_err() {
            // They are not ready for one yet.
            continue;
        }
        let new = another_primary(set, old, gate)?;
        if let (Some(_), false) = (new, is_killed) {
            wait_for_recovery(
                std::slice::from_ref(victims),
                tally,
                "the primary hands over",
            );
        } else if new.is_some() {
            wait_for_recovery(
                std::slice::from_ref(victims),
                tally,
                "the primary is killed",
            );
        }
        if is_killed {
            old.restart()?;
        }
        follow(set, old, gate)?;
        is_killed = !is_killed;
    }
}

/// The new primary; `None` when it is over before there is one, and the old one still is.
fn another_primary<'s>(
    set: &'s SentinelSet,
    old: &Server,
    gate: &Gate,
) -> Result<Option<&'s Server>> {
    let deadline = Instant::now() + LIMIT;
    loop {
        match set.wait_for_another_primary(old, Duration::from_millis(200)) {
            Ok(new) => return Ok(Some(new)),
            Err(_) if gate.next() == Next::End => return Ok(None),
            Err(error) if Instant::now() > deadline => {
                return Err(error).context("the Sentinels choose no other primary");
            }
            Err(_) => {}
        }
    }
}

/// Waits until the old primary follows the new one, so that there is a replica to choose the next time;
/// or until everybody is to rest, as clients need only the new one.
fn follow(set: &SentinelSet, old: &Server, gate: &Gate) -> Result<()> {
    let deadline = Instant::now() + LIMIT;
    loop {
        // Another failover may be under way meanwhile: the machine is busy, and they are impatient.
        let found = set.primary();
        let is_primary = found.as_ref().is_ok_and(|new| new.port() == old.port());
        let followed = found.and_then(|new| old.wait_until_in_sync(new, Duration::from_secs(1)));
        match followed {
            _ if is_primary || gate.next() != Next::Work => return Ok(()),
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > deadline => {
                bail!("the old primary does not follow the new one: {error}")
            }
            Err(_) => {}
        }
    }
}
