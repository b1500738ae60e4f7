//! What commands on arrays put on the wire.

use redis_cmd::{ArrayBits, ArrayCommands, ArrayGrep, ArrayPattern, ArrayTotal};

use crate::spy::{Sent, Spy, reads, writes};

pub(crate) fn rows() -> Vec<Sent> {
    let mut rows = vec![
        reads(Spy.arcount("k"), "ARCOUNT [k]"),
        writes(Spy.ardel("k", [3, 1]), "ARDEL [k] 3 1"),
        writes(
            Spy.ardelrange("k", [(1, 2), (9, 5)]),
            "ARDELRANGE [k] 1 2 9 5",
        ),
        reads(
            Spy.arget::<String>("k", u64::MAX),
            "ARGET [k] 18446744073709551615",
        ),
        reads(Spy.argetrange::<String>("k", 9, 0), "ARGETRANGE [k] 9 0"),
        reads(Spy.arinfo("k"), "ARINFO [k]"),
        reads(Spy.arinfo_full("k"), "ARINFO [k] FULL"),
        writes(Spy.arinsert("k", ["a", "b"]), "ARINSERT [k] a b"),
        reads(Spy.arlastitems::<String>("k", 2), "ARLASTITEMS [k] 2"),
        reads(
            Spy.arlastitems_rev::<String>("k", 2),
            "ARLASTITEMS [k] 2 REV",
        ),
        reads(Spy.arlen("k"), "ARLEN [k]"),
        reads(Spy.armget::<String>("k", [5, 0]), "ARMGET [k] 5 0"),
        writes(Spy.armset("k", [(0, "a"), (7, "b")]), "ARMSET [k] 0 a 7 b"),
        reads(Spy.arnext("k"), "ARNEXT [k]"),
        reads(Spy.arop_match("k", 0, 9, "v"), "AROP [k] 0 9 MATCH v"),
        reads(Spy.arop_used("k", 0, 9), "AROP [k] 0 9 USED"),
        writes(Spy.arring("k", 3, ["a", "b"]), "ARRING [k] 3 a b"),
        reads(Spy.arscan::<String>("k", 0, 9), "ARSCAN [k] 0 9"),
        reads(
            Spy.arscan_limit::<String>("k", 0, 9, 2),
            "ARSCAN [k] 0 9 LIMIT 2",
        ),
        writes(Spy.arseek("k", 10), "ARSEEK [k] 10"),
        writes(Spy.arset("k", 2, ["a", "b"]), "ARSET [k] 2 a b"),
    ];
    let totals = [ArrayTotal::Sum, ArrayTotal::Min, ArrayTotal::Max];
    for (total, word) in totals.into_iter().zip(["SUM", "MIN", "MAX"]) {
        let sent = Spy.arop("k", 0, 9, total);
        rows.push(reads(sent, &format!("AROP [k] 0 9 {word}")));
    }
    let bits = [ArrayBits::And, ArrayBits::Or, ArrayBits::Xor];
    for (bits, word) in bits.into_iter().zip(["AND", "OR", "XOR"]) {
        let sent = Spy.arop_bits("k", 0, 9, bits);
        rows.push(reads(sent, &format!("AROP [k] 0 9 {word}")));
    }
    rows.extend(greps());
    rows
}

fn greps() -> Vec<Sent> {
    let cpu = || ArrayPattern::contains("cpu");
    vec![
        reads(
            Spy.argrep("k", "-", "+", ArrayGrep::one(cpu()).limit(2).ignore_case()),
            "ARGREP [k] - + MATCH cpu NOCASE LIMIT 2",
        ),
        reads(
            Spy.argrep("k", 9, 0, ArrayGrep::any([ArrayPattern::exact("x"), cpu()])),
            "ARGREP [k] 9 0 EXACT x MATCH cpu OR",
        ),
        reads(
            Spy.argrep_withvalues::<String>(
                "k",
                0,
                9,
                ArrayGrep::all([ArrayPattern::glob("e*"), ArrayPattern::regex("^e")]),
            ),
            "ARGREP [k] 0 9 GLOB e* RE ^e AND WITHVALUES",
        ),
    ]
}

#[test]
fn what_looks_for_nothing_is_invalid() {
    assert!(Spy.argrep("k", 0, 9, ArrayGrep::any([])).invalid);
    assert!(Spy.argrep("k", 0, 9, ArrayGrep::all([])).invalid);
    let none: [u64; 0] = [];
    assert!(Spy.ardel("k", none).invalid);
    assert!(Spy.ardelrange("k", [1, 2, 3]).invalid);
    assert!(Spy.armset("k", [1]).invalid);
}
