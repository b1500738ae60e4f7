//! How long a server may make a command wait, as its name and its arguments tell.

use std::{str, time::Duration};

use crate::{Args, Waits};

/// Where the limit of a command that waits stands among the arguments behind its name, and its unit in seconds.
type Limit = (Place, f64);

enum Place {
    At(usize),
    Last,
    /// Behind `BLOCK`, which may stand in front of `GROUP` as well as behind it. A group or a consumer may have the
    /// name of a clause.
    Block,
    /// At this place as well, but the limit is that of each of any number of steps.
    Steps(usize),
    /// Behind the `TIMEOUT` of `SETSLOT`.
    SetSlot,
    /// In the server's settings, unless it is not to wait.
    Shutdown,
}

const SECOND: f64 = 1.0;
const MILLISECOND: f64 = 1e-3;

#[rustfmt::skip]
const LIMITS: [(&str, Limit); 16] = [
    ("BLMOVE", (Place::Last, SECOND)),
    ("BLMOVEM", (Place::At(4), SECOND)),
    ("BLMPOP", (Place::At(0), SECOND)),
    ("BLPOP", (Place::Last, SECOND)),
    ("BRPOP", (Place::Last, SECOND)),
    ("BRPOPLPUSH", (Place::Last, SECOND)),
    ("BZMPOP", (Place::At(0), SECOND)),
    ("BZPOPMAX", (Place::Last, SECOND)),
    ("BZPOPMIN", (Place::Last, SECOND)),
    ("CLUSTER", (Place::SetSlot, MILLISECOND)),
    ("MIGRATE", (Place::Steps(4), MILLISECOND)),
    ("SHUTDOWN", (Place::Shutdown, SECOND)),
    ("WAIT", (Place::Last, MILLISECOND)),
    ("WAITAOF", (Place::Last, MILLISECOND)),
    ("XREAD", (Place::Block, MILLISECOND)),
    ("XREADGROUP", (Place::Block, MILLISECOND)),
];

/// How long `CLUSTER SETSLOT` waits for replicas where nothing is said.
const SET_SLOT: Waits = Waits::For(Duration::from_secs(2));

/// How long `SHUTDOWN` waits for replicas, where `shutdown-timeout` is what it is by default.
const SHUTDOWN: Waits = Waits::For(Duration::from_secs(10));

/// How long the server may make a command of these arguments wait.
pub(crate) fn waiting(args: &Args<'_>) -> Waits {
    let mut arguments = args.iter();
    let limit = arguments.next().and_then(limit_of);
    limit.map_or(Waits::No, |limit| read(limit, arguments))
}

/// How long it may in a transaction. There, the server makes nothing wait for something to happen; what is done in
/// steps takes its time all the same.
pub(crate) fn waiting_in_transaction(args: &Args<'_>) -> Waits {
    let found = args.iter().next().and_then(limit_of);
    match found {
        Some((Place::Steps(_), _)) => waiting(args),
        _ => Waits::No,
    }
}

fn limit_of(name: &[u8]) -> Option<&'static Limit> {
    let mut limits = LIMITS.iter();
    let found = limits.find(|(listed, _)| name.eq_ignore_ascii_case(listed.as_bytes()));
    found.map(|(_, limit)| limit)
}

fn read<'a>((place, unit): &Limit, mut arguments: impl Iterator<Item = &'a [u8]>) -> Waits {
    let is =
        |clause: &'static str| move |word: &&[u8]| word.eq_ignore_ascii_case(clause.as_bytes());
    let number = match place {
        Place::At(index) | Place::Steps(index) => arguments.nth(*index),
        Place::Last => arguments.last(),
        Place::Block => loop {
            match arguments.next() {
                Some(word) if is("BLOCK")(&word) => break arguments.next(),
                // Its name, and that of the consumer.
                Some(word) if is("GROUP")(&word) => {
                    arguments.nth(1);
                }
                Some(word) if !is("STREAMS")(&word) => {}
                _ => break None,
            }
        },
        Place::SetSlot => {
            if !arguments.next().as_ref().is_some_and(is("SETSLOT")) {
                return Waits::No;
            }
            match arguments.find(is("TIMEOUT")) {
                Some(_) => arguments.next(),
                None => return SET_SLOT,
            }
        }
        Place::Shutdown => {
            let hurries = arguments.any(|word| is("NOW")(&word) || is("ABORT")(&word));
            return if hurries { Waits::No } else { SHUTDOWN };
        }
    };
    let number = number.and_then(|number| str::from_utf8(number).ok()?.parse::<f64>().ok());
    let Some(number) = number.filter(|number| !number.is_nan()) else {
        // The server refuses it at once.
        return Waits::No;
    };
    match place {
        Place::Steps(_) => Waits::Forever,
        _ if number < 0.0 => Waits::No,
        _ if number == 0.0 => Waits::Forever,
        _ => Duration::try_from_secs_f64(number * unit).map_or(Waits::Forever, Waits::For),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmd;

    fn waiting(command: &str) -> Waits {
        cmd::<()>(command).waiting()
    }

    #[test]
    fn every_name_is_found_in_either_case() {
        for (name, (place, _)) in &LIMITS {
            let arguments = match place {
                Place::Block => "GROUP group consumer BLOCK 2000 STREAMS k id".to_owned(),
                Place::SetSlot => "SETSLOT 5 STABLE TIMEOUT 2000".to_owned(),
                // At any place.
                _ => "2000 ".repeat(6),
            };
            for name in [name.to_string(), name.to_lowercase()] {
                let waits = waiting(&format!("{name} {arguments}"));
                match waits {
                    Waits::For(limit) => assert!(limit.as_secs() >= 2, "{name}"),
                    _ => assert_eq!(
                        (name.to_uppercase().as_str(), waits),
                        ("MIGRATE", Waits::Forever)
                    ),
                }
            }
        }
    }

    #[test]
    fn other_commands_do_not_wait() {
        for command in [
            "",
            "GET 5",
            "MGET 5",
            "BITCOUNT 5",
            "XADD 5",
            "WAITING 5",
            "XREAD STREAMS BLOCK 5",
            "CLUSTER INFO",
            "SHUTDOWN NOW",
            "BLPOP k",
            "BLPOP k -1",
            "BLPOP k nan",
        ] {
            assert_eq!(waiting(command), Waits::No, "{command}");
        }
    }

    #[test]
    fn nothing_is_for_ever() {
        assert_eq!(waiting("BLPOP k 0"), Waits::Forever);
        assert_eq!(waiting("WAIT 1 0"), Waits::Forever);
        let command = "CLUSTER SETSLOT 5 STABLE TIMEOUT 0";
        assert_eq!(waiting(command), Waits::Forever);
    }

    #[test]
    fn in_a_transaction_only_what_is_done_in_steps_takes_its_time() {
        for (command, waits) in [
            ("MIGRATE host 6379 k 0 1000", Waits::Forever),
            ("migrate host 6379 k 0 -1", Waits::Forever),
            ("BLPOP k 5", Waits::No),
            ("WAIT 1 0", Waits::No),
            ("GET k", Waits::No),
        ] {
            let waiting = cmd::<()>(command).waiting_in_transaction();
            assert_eq!(waiting, waits, "{command}");
        }
    }
}
