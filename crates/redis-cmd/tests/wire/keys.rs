//! What commands on keys put on the wire.

use std::time::{Duration, UNIX_EPOCH};

use redis_cmd::{
    CopyOptions, ExpireOptions, Expiry, KeyCommands, MigrateOptions, Milliseconds, RestoreOptions,
    ScanOptions, SortOptions, Waits,
};
use resp_proto::Value;

use crate::spy::{Sent, Spy, reads, waits, writes};

pub(crate) const CONDITIONS: [(ExpireOptions, &str); 5] = [
    (ExpireOptions::IfNone, "NX"),
    (ExpireOptions::IfSome, "XX"),
    (ExpireOptions::IfLater, "GT"),
    (ExpireOptions::IfSooner, "LT"),
    (ExpireOptions::IfSomeAndSooner, "XX LT"),
];

pub(crate) fn rows() -> Vec<Sent> {
    let second = Milliseconds(1000);
    let time = UNIX_EPOCH + Duration::from_millis(1500);
    let sorted = || {
        SortOptions::new()
            .alpha()
            .desc()
            .get("#")
            .get("w_*")
            .limit(1, 2)
            .by("w_*")
    };
    let mut rows = vec![
        writes(Spy.copy("a", "b"), "COPY [a] [b]"),
        writes(
            Spy.copy_with("a", "b", CopyOptions::new().replace().db(3)),
            "COPY [a] [b] DB 3 REPLACE",
        ),
        writes(Spy.del("a"), "DEL [a]"),
        writes(Spy.del(vec!["a", "b"]), "DEL [a] [b]"),
        reads(Spy.dump("k"), "DUMP [k]"),
        reads(Spy.exists(("a", "b")), "EXISTS [a] [b]"),
        writes(Spy.expire("k", 5), "EXPIRE [k] 5"),
        writes(Spy.expire("k", Duration::from_millis(1)), "EXPIRE [k] 1"),
        writes(Spy.expireat("k", time), "EXPIREAT [k] 2"),
        reads(Spy.expiretime("k"), "EXPIRETIME [k]"),
        reads(Spy.keys::<String>("a*"), "KEYS a*"),
        waits(
            Spy.migrate("h", 6379, 0, second, MigrateOptions::keys("k")),
            Waits::Forever,
            "MIGRATE h 6379 [k] 0 1000",
        ),
        waits(
            Spy.migrate(
                "h",
                6379,
                0,
                second,
                MigrateOptions::keys(["a", "b"]).auth("p").copy().replace(),
            ),
            Waits::Forever,
            "MIGRATE h 6379  0 1000 COPY REPLACE AUTH p KEYS [a] [b]",
        ),
        waits(
            Spy.migrate(
                "h",
                6379,
                0,
                second,
                MigrateOptions::keys("k").auth("p").auth2("u", "p"),
            ),
            Waits::Forever,
            "MIGRATE h 6379 [k] 0 1000 AUTH2 u p",
        ),
        writes(Spy.move_key("k", 1), "MOVE [k] 1"),
        reads(Spy.object_encoding("k"), "OBJECT ENCODING [k]"),
        reads(Spy.object_freq("k"), "OBJECT FREQ [k]"),
        reads(Spy.object_idletime("k"), "OBJECT IDLETIME [k]"),
        reads(Spy.object_refcount("k"), "OBJECT REFCOUNT [k]"),
        writes(Spy.persist("k"), "PERSIST [k]"),
        writes(Spy.pexpire("k", Duration::from_nanos(1)), "PEXPIRE [k] 1"),
        writes(Spy.pexpireat("k", time), "PEXPIREAT [k] 1500"),
        reads(Spy.pexpiretime("k"), "PEXPIRETIME [k]"),
        reads(Spy.pttl("k"), "PTTL [k]"),
        reads(Spy.randomkey::<String>(), "RANDOMKEY"),
        writes(Spy.rename("a", "b"), "RENAME [a] [b]"),
        writes(Spy.renamenx("a", "b"), "RENAMENX [a] [b]"),
        writes(
            Spy.restore("k", None, "d", RestoreOptions::new()),
            "RESTORE [k] 0 d",
        ),
        writes(
            Spy.restore(
                "k",
                Some(time.into()),
                "d",
                RestoreOptions::new().replace().idle_time(5),
            ),
            "RESTORE [k] 1500 d ABSTTL REPLACE IDLETIME 5",
        ),
        writes(
            Spy.restore(
                "k",
                Some(Duration::from_secs(1).into()),
                "d",
                RestoreOptions::new().idle_time(5).freq(6),
            ),
            "RESTORE [k] 1000 d FREQ 6",
        ),
        // No time at all is not for ever.
        writes(
            Spy.restore("k", Some(Duration::ZERO.into()), "d", RestoreOptions::new()),
            "RESTORE [k] 1 d",
        ),
        writes(
            Spy.restore("k", Some(UNIX_EPOCH.into()), "d", RestoreOptions::new()),
            "RESTORE [k] 1000 d ABSTTL",
        ),
        writes(
            Spy.restore(
                "k",
                Some(Expiry::AtMilliseconds(0)),
                "d",
                RestoreOptions::new(),
            ),
            "RESTORE [k] 1 d ABSTTL",
        ),
        reads(Spy.scan::<String>(0, ScanOptions::new()), "SCAN 0"),
        reads(
            Spy.scan::<String>(7, ScanOptions::new().key_type("set").count(5).pattern("a*")),
            "SCAN 7 MATCH a* COUNT 5 TYPE set",
        ),
        writes(Spy.sort::<Value>("k", SortOptions::new()), "SORT [k]"),
        writes(
            Spy.sort::<Value>("k", sorted()),
            "SORT [k] BY w_* LIMIT 1 2 GET # GET w_* DESC ALPHA",
        ),
        writes(
            Spy.sort_store("k", SortOptions::new().asc(), "d"),
            "SORT [k] ASC STORE [d]",
        ),
        reads(
            Spy.sort_ro::<Value>("k", sorted().asc()),
            "SORT_RO [k] BY w_* LIMIT 1 2 GET # GET w_* ASC ALPHA",
        ),
        reads(
            Spy.sort_ro::<Value>("k", SortOptions::new().desc()),
            "SORT_RO [k] DESC",
        ),
        reads(Spy.touch(["a", "b"]), "TOUCH [a] [b]"),
        reads(Spy.ttl("k"), "TTL [k]"),
        reads(Spy.key_type("k"), "TYPE [k]"),
        writes(Spy.unlink(["a", "b"]), "UNLINK [a] [b]"),
    ];
    for (condition, word) in CONDITIONS {
        rows.extend([
            writes(
                Spy.expire_with("k", 5, condition),
                &format!("EXPIRE [k] 5 {word}"),
            ),
            writes(
                Spy.expireat_with("k", 5, condition),
                &format!("EXPIREAT [k] 5 {word}"),
            ),
            writes(
                Spy.pexpire_with("k", 5, condition),
                &format!("PEXPIRE [k] 5 {word}"),
            ),
            writes(
                Spy.pexpireat_with("k", 5, condition),
                &format!("PEXPIREAT [k] 5 {word}"),
            ),
        ]);
    }
    rows
}
