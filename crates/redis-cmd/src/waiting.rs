//! How long a server may make a command wait, as its name and its arguments tell.

use std::{str, time::Duration};

use crate::{Args, Waits};

/// Where the limit of a command that waits stands among the arguments behind its name, and its unit in seconds.
type Limit = (Place, f64);

enum Place {
    At(usize),
    Last,
    /// Behind `BLOCK`, which comes after so many other arguments. A group or a consumer may have the name of a
    /// clause.
    Block(usize),
    /// At this place as well, but what is not positive is a second.
    Positive(usize),
}

const SECOND: f64 = 1.0;
const MILLISECOND: f64 = 1e-3;

#[rustfmt::skip]
const LIMITS: [(&str, Limit); 14] = [
    ("BLMOVE", (Place::Last, SECOND)),
    ("BLMOVEM", (Place::At(4), SECOND)),
    ("BLMPOP", (Place::At(0), SECOND)),
    ("BLPOP", (Place::Last, SECOND)),
    ("BRPOP", (Place::Last, SECOND)),
    ("BRPOPLPUSH", (Place::Last, SECOND)),
    ("BZMPOP", (Place::At(0), SECOND)),
    ("BZPOPMAX", (Place::Last, SECOND)),
    ("BZPOPMIN", (Place::Last, SECOND)),
    ("MIGRATE", (Place::Positive(4), MILLISECOND)),
    ("WAIT", (Place::Last, MILLISECOND)),
    ("WAITAOF", (Place::Last, MILLISECOND)),
    ("XREAD", (Place::Block(0), MILLISECOND)),
    ("XREADGROUP", (Place::Block(3), MILLISECOND)),
];

/// How long the server may make a command of these arguments wait.
#[inline]
pub(crate) fn waiting(args: &Args<'_>) -> Waits {
    if args.may_begin_with(|letter| matches!(letter, b'B' | b'M' | b'W' | b'X')) {
        look_up(args)
    } else {
        Waits::No
    }
}

fn look_up(args: &Args<'_>) -> Waits {
    let mut arguments = args.iter();
    let name = arguments.next().unwrap_or_default();
    let found = LIMITS
        .iter()
        .find(|(listed, _)| name.eq_ignore_ascii_case(listed.as_bytes()));
    found.map_or(Waits::No, |(_, limit)| read(limit, arguments))
}

fn read<'a>((place, unit): &Limit, mut arguments: impl Iterator<Item = &'a [u8]>) -> Waits {
    let number = match place {
        Place::At(index) | Place::Positive(index) => arguments.nth(*index),
        Place::Last => arguments.last(),
        Place::Block(before) => {
            let is = |clause: &'static str| {
                move |word: &&[u8]| word.eq_ignore_ascii_case(clause.as_bytes())
            };
            let mut clauses = arguments
                .skip(*before)
                .take_while(|word| !is("STREAMS")(word));
            let block = clauses.find(is("BLOCK"));
            block.and_then(|_| clauses.next())
        }
    };
    let number = number.and_then(|number| str::from_utf8(number).ok()?.parse::<f64>().ok());
    let Some(number) = number.filter(|number| !number.is_nan()) else {
        // The server refuses it at once.
        return Waits::No;
    };
    match place {
        Place::Positive(_) if number <= 0.0 => Waits::For(Duration::from_secs(1)),
        _ if number < 0.0 => Waits::No,
        _ if number == 0.0 => Waits::Forever,
        _ => Duration::try_from_secs_f64(number * unit).map_or(Waits::Forever, Waits::For),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_either_case() {
        for (name, (place, _)) in &LIMITS {
            let arguments = match place {
                Place::Block(_) => "G group consumer BLOCK 2000 STREAMS k id".to_owned(),
                // At any place.
                _ => "2000 ".repeat(6),
            };
            for name in [name.to_string(), name.to_lowercase()] {
                let args = Args::named(&format!("{name} {arguments}"));
                let waits = waiting(&args);
                assert!(
                    matches!(waits, Waits::For(limit) if limit.as_secs() >= 2),
                    "{name}"
                );
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
            "BLPOP k",
            "BLPOP k -1",
            "BLPOP k nan",
        ] {
            assert_eq!(waiting(&Args::named(command)), Waits::No, "{command}");
        }
    }

    #[test]
    fn nothing_is_for_ever_and_to_migrate_a_second() {
        assert_eq!(waiting(&Args::named("BLPOP k 0")), Waits::Forever);
        assert_eq!(waiting(&Args::named("WAIT 1 0")), Waits::Forever);
        let second = Waits::For(Duration::from_secs(1));
        for limit in ["0", "-5", "1000"] {
            let command = format!("MIGRATE host 6379 k 0 {limit}");
            assert_eq!(waiting(&Args::named(&command)), second);
        }
    }
}
