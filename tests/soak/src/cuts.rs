//! What is done to the bytes between clients and the server.

use std::{sync::Arc, thread, time::Duration};

use anyhow::Result;
use redis_testkit::{Direction, Failure, FaultProxy, Faults};

use crate::{
    chance::Chance,
    faults::wait_for_recovery,
    gate::{Gate, Next},
    scene::Group,
    tally::Tally,
};

/// Cuts, stalls, splits and delays at random bytes, until it is over.
pub(crate) fn run(
    proxy: &FaultProxy,
    victims: &Group,
    tally: &Tally,
    gate: &Arc<Gate>,
    mut chance: Chance,
) -> Result<()> {
    loop {
        match gate.next() {
            Next::End => return Ok(()),
            Next::Rest => gate.rest(),
            Next::Work => {}
        }
        for _ in 0..10 {
            harm(proxy, &mut chance)?;
            thread::sleep(chance.milliseconds(5..120));
        }
        proxy.heal()?;
        wait_for_recovery(std::slice::from_ref(victims), tally, "bytes are cut off");
        gate.pause(chance.milliseconds(50..300));
    }
}

fn harm(proxy: &FaultProxy, chance: &mut Chance) -> Result<()> {
    let links = proxy.links();
    let direction = Direction::BOTH[usize::from(chance.next() % 2 == 0)];
    let faults = faults(chance);
    match chance.within(0..20) {
        // Everybody, those to come, or one.
        0 => proxy.cut(),
        1 => proxy.reset(),
        2 => proxy.set(direction, faults),
        3..6 => proxy.set_for_new(direction, faults),
        6 => {
            proxy.refuse();
            thread::sleep(chance.milliseconds(0..100));
            proxy.accept()?;
        }
        7 => {
            proxy.accept_silently()?;
            proxy.cut();
            thread::sleep(chance.milliseconds(0..200));
            proxy.accept()?;
        }
        _ => {
            if let Some(link) = chance.one_of(&links) {
                link.set(direction, faults);
            }
        }
    }
    Ok(())
}

fn faults(chance: &mut Chance) -> Faults {
    let none = Faults::none();
    // Often within a request or a reply, now and then within a large value.
    let range = if chance.next() % 4 == 0 {
        0..200_000
    } else {
        0..400
    };
    let bytes = chance.within(range);
    match chance.within(0..8) {
        0 => none.delay(Duration::from_millis(chance.within(1..20))),
        1 => none.segments_of(usize::from(chance.next() % 7 == 0) + 3),
        2 => none.bytes_per_second(chance.within(2_000..200_000)),
        3 => none.after(bytes, Failure::Stall),
        4 => none.after(bytes, Failure::HalfClose),
        5 => none.after(bytes, Failure::Reset),
        _ => none.segments_of(5).after(bytes, Failure::Cut),
    }
}
