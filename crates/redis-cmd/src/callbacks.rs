//! The response callbacks: which cast each command's reply goes through. One table, in alphabetical order.

use crate::{
    casts::{
        Cast::{self, *},
        Skip, Text,
    },
    raw::entry_of,
};

/// Commands by name, and what becomes of their replies. A command that is not here answers what the server
/// sent, which is the same in both protocols for all that servers have.
static CALLBACKS: [(&str, Cast); 226] = [
    ("ACL GETUSER", Then(&USER, &User)),
    ("ACL LOAD", Done),
    ("ACL LOG", Then(&Done, &ACL_LOG)),
    ("ACL SAVE", Done),
    ("ACL SETUSER", Done),
    ("ARGREP", If("WITHVALUES", Skip::First(3), &Pairs(&Same))),
    ("ARINFO", Map),
    ("ARSCAN", Pairs(&Same)),
    ("ARSEEK", Truth),
    ("ASKING", Done),
    ("AUTH", Truth),
    ("BACKUP ABORT", Done),
    ("BACKUP CLEANUP", Done),
    ("BACKUP SEAL", Done),
    ("BACKUP START", Done),
    ("BACKUP STATUS", Map),
    ("BGREWRITEAOF", Begun),
    ("BGSAVE", Begun),
    ("BZMPOP", At(&[(1, SCORED)])),
    ("BZPOPMAX", At(&[(2, Double)])),
    ("BZPOPMIN", At(&[(2, Double)])),
    ("CLIENT CACHING", Done),
    ("CLIENT CAPA", Done),
    ("CLIENT IMPORT-SOURCE", Done),
    ("CLIENT INFO", Text(Text::Client)),
    ("CLIENT KILL", Done),
    ("CLIENT LIST", Text(Text::Clients)),
    ("CLIENT NO-EVICT", Done),
    ("CLIENT NO-TOUCH", Done),
    ("CLIENT PAUSE", Done),
    ("CLIENT REPLY", Done),
    ("CLIENT SETINFO", Done),
    ("CLIENT SETNAME", Done),
    ("CLIENT TRACKING", Done),
    (
        "CLIENT TRACKINGINFO",
        Fields(&[("flags", Set), ("prefixes", Each(&Same))]),
    ),
    ("CLIENT UNBLOCK", Truth),
    ("CLIENT UNPAUSE", Done),
    ("CLUSTER ADDSLOTS", Done),
    ("CLUSTER ADDSLOTSRANGE", Done),
    ("CLUSTER CANCELSLOTMIGRATIONS", Done),
    ("CLUSTER DELSLOTS", Done),
    ("CLUSTER DELSLOTSRANGE", Done),
    ("CLUSTER FAILOVER", Done),
    ("CLUSTER FLUSHSLOT", Done),
    ("CLUSTER FLUSHSLOTS", Done),
    ("CLUSTER FORGET", Done),
    ("CLUSTER GETSLOTMIGRATIONS", Each(&Map)),
    ("CLUSTER INFO", Text(Text::ClusterInfo)),
    ("CLUSTER LINKS", Each(&Map)),
    ("CLUSTER MEET", Done),
    ("CLUSTER MIGRATESLOTS", Done),
    ("CLUSTER MIGRATION", Each(&Map)),
    ("CLUSTER NODES", Text(Text::ClusterNodes)),
    ("CLUSTER REPLICAS", Text(Text::ClusterNodes)),
    ("CLUSTER REPLICATE", Done),
    ("CLUSTER RESET", Done),
    ("CLUSTER SAVECONFIG", Done),
    ("CLUSTER SET-CONFIG-EPOCH", Done),
    ("CLUSTER SETSLOT", Done),
    ("CLUSTER SHARDS", Each(&Fields(&[("nodes", Each(&Map))]))),
    ("CLUSTER SLAVES", Text(Text::ClusterNodes)),
    ("CLUSTER SLOT-STATS", Each(&At(&[(1, Map)]))),
    ("CLUSTER SLOTS", Each(&Each(&At(&[(3, Map)])))),
    ("COMMAND", Then(&Each(&COMMAND), &By("name"))),
    ("COMMAND DOCS", MapOf(&DOCS)),
    ("COMMAND GETKEYSANDFLAGS", Each(&At(&[(1, Set)]))),
    ("COMMAND INFO", Each(&COMMAND)),
    ("COMMANDLOG GET", SLOW),
    ("COMMANDLOG RESET", Done),
    ("CONFIG GET", Map),
    ("CONFIG RESETSTAT", Done),
    ("CONFIG REWRITE", Done),
    ("CONFIG SET", Done),
    ("COPY", Truth),
    ("DEBUG OBJECT", Text(Text::DebugObject)),
    ("DISCARD", Done),
    ("EXPIRE", Truth),
    ("EXPIREAT", Truth),
    ("FAILOVER", Done),
    ("FLUSHALL", Done),
    ("FLUSHDB", Done),
    ("FUNCTION DELETE", Done),
    ("FUNCTION FLUSH", Done),
    ("FUNCTION KILL", Done),
    (
        "FUNCTION LIST",
        Each(&Fields(&[("functions", Each(&Fields(&[("flags", Set)])))])),
    ),
    ("FUNCTION RESTORE", Done),
    (
        "FUNCTION STATS",
        Fields(&[("running_script", Map), ("engines", MapOf(&Map))]),
    ),
    ("GEODIST", Double),
    ("GEOPOS", Each(&Each(&Double))),
    ("GEORADIUS", Each(&Place)),
    ("GEORADIUSBYMEMBER", Each(&Place)),
    ("GEORADIUSBYMEMBER_RO", Each(&Place)),
    ("GEORADIUS_RO", Each(&Place)),
    ("GEOSEARCH", Each(&Place)),
    ("HELLO", Fields(&[("modules", Each(&Map))])),
    ("HEXISTS", Truth),
    ("HGETALL", Map),
    ("HINCRBYFLOAT", Double),
    ("HMSET", Truth),
    ("HOTKEYS GET", Each(&HOT_KEYS)),
    ("HOTKEYS RESET", Done),
    ("HOTKEYS START", Done),
    ("HOTKEYS STOP", Done),
    (
        "HRANDFIELD",
        If("WITHVALUES", Skip::First(2), &Pairs(&Same)),
    ),
    (
        "HSCAN",
        At(&[(0, Integer), (1, Unless("NOVALUES", Skip::First(2), &Map))]),
    ),
    ("INCRBYFLOAT", Double),
    ("INCREX", If("BYFLOAT", Skip::First(1), &Each(&Double))),
    ("INFO", Text(Text::Info)),
    ("LASTSAVE", Time),
    (
        "LATENCY HISTOGRAM",
        MapOf(&Fields(&[("histogram_usec", Map)])),
    ),
    ("LCS", Map),
    ("LSET", Done),
    ("LTRIM", Done),
    ("MEMORY PURGE", Done),
    ("MEMORY STATS", MapOf(&Then(&Map, &Double))),
    ("MIGRATE", Done),
    ("MODULE LIST", Each(&Map)),
    ("MODULE LOAD", Done),
    ("MODULE LOADEX", Done),
    ("MODULE UNLOAD", Done),
    ("MOVE", Truth),
    ("MSET", Done),
    ("MSETNX", Truth),
    ("MULTI", Done),
    ("PERSIST", Truth),
    ("PEXPIRE", Truth),
    ("PEXPIREAT", Truth),
    ("PFMERGE", Done),
    ("PING", Pong),
    ("PSETEX", Truth),
    ("PUBSUB NUMSUB", Pairs(&Same)),
    ("PUBSUB SHARDNUMSUB", Pairs(&Same)),
    ("QUIT", Done),
    ("READONLY", Done),
    ("READWRITE", Done),
    ("RENAME", Done),
    ("RENAMENX", Truth),
    ("REPLICAOF", Done),
    ("RESTORE", Done),
    ("SAVE", Done),
    ("SCAN", At(&[(0, Integer)])),
    ("SCRIPT DEBUG", Done),
    ("SCRIPT EXISTS", Each(&Truth)),
    ("SCRIPT FLUSH", Done),
    ("SCRIPT KILL", Done),
    ("SDIFF", Set),
    ("SELECT", Done),
    ("SENTINEL CKQUORUM", Done),
    ("SENTINEL CONFIG", Then(&Done, &Map)),
    ("SENTINEL DEBUG", Then(&Done, &Map)),
    ("SENTINEL FAILOVER", Done),
    ("SENTINEL FLUSHCONFIG", Done),
    ("SENTINEL GET-MASTER-ADDR-BY-NAME", At(&[(1, Integer)])),
    ("SENTINEL GET-PRIMARY-ADDR-BY-NAME", At(&[(1, Integer)])),
    ("SENTINEL MASTER", SENTINEL),
    ("SENTINEL MASTERS", Then(&Each(&SENTINEL), &By("name"))),
    ("SENTINEL MONITOR", Done),
    ("SENTINEL PRIMARIES", Then(&Each(&SENTINEL), &By("name"))),
    ("SENTINEL PRIMARY", SENTINEL),
    ("SENTINEL REMOVE", Done),
    ("SENTINEL REPLICAS", Each(&SENTINEL)),
    ("SENTINEL RESET", Done),
    ("SENTINEL SENTINELS", Each(&SENTINEL)),
    ("SENTINEL SET", Done),
    ("SENTINEL SLAVES", Each(&SENTINEL)),
    ("SET", Done),
    ("SETEX", Truth),
    ("SETNX", Truth),
    ("SHUTDOWN", Done),
    ("SINTER", Set),
    ("SLAVEOF", Done),
    ("SLOWLOG GET", SLOW),
    ("SLOWLOG RESET", Done),
    ("SMEMBERS", Set),
    ("SMOVE", Truth),
    ("SORT", Groups),
    ("SORT_RO", Groups),
    ("SPOP", Set),
    ("SSCAN", At(&[(0, Integer)])),
    ("STRALGO", Map),
    ("SUNION", Set),
    ("SWAPDB", Done),
    ("TIME", Each(&Integer)),
    ("UNWATCH", Done),
    ("VADD", Truth),
    ("VEMB", EMBEDDING),
    ("VINFO", Map),
    ("VISMEMBER", Truth),
    (
        "VLINKS",
        If("WITHSCORES", Skip::First(2), &Each(&MapOf(&Double))),
    ),
    ("VREM", Truth),
    ("VSETATTR", Truth),
    ("VSIM", Similar),
    ("WATCH", Done),
    ("XAUTOCLAIM", At(&[(1, ENTRIES)])),
    ("XCFGSET", Done),
    ("XCLAIM", ENTRIES),
    ("XGROUP CREATE", Done),
    ("XGROUP DESTROY", Truth),
    ("XGROUP SETID", Done),
    ("XINFO CONSUMERS", Each(&Map)),
    ("XINFO GROUPS", Each(&Map)),
    ("XINFO STREAM", STREAM),
    ("XPENDING", Pending),
    ("XRANGE", ENTRIES),
    ("XREAD", MapOfPairs(&ENTRIES)),
    ("XREADGROUP", MapOfPairs(&ENTRIES)),
    ("XREVRANGE", ENTRIES),
    ("XSETID", Done),
    ("ZADD", Double),
    ("ZDIFF", If("WITHSCORES", Skip::Keys, &SCORED)),
    ("ZINCRBY", Double),
    ("ZINTER", If("WITHSCORES", Skip::Keys, &SCORED)),
    ("ZMPOP", At(&[(1, SCORED)])),
    ("ZMSCORE", Each(&Double)),
    ("ZPOPMAX", SCORED),
    ("ZPOPMIN", SCORED),
    ("ZRANDMEMBER", If("WITHSCORES", Skip::First(2), &SCORED)),
    ("ZRANGE", If("WITHSCORES", Skip::First(3), &SCORED)),
    ("ZRANGEBYSCORE", If("WITHSCORES", Skip::First(3), &SCORED)),
    ("ZRANK", At(&[(1, Double)])),
    ("ZREVRANGE", If("WITHSCORES", Skip::First(3), &SCORED)),
    (
        "ZREVRANGEBYSCORE",
        If("WITHSCORES", Skip::First(3), &SCORED),
    ),
    ("ZREVRANK", At(&[(1, Double)])),
    (
        "ZSCAN",
        At(&[
            (0, Integer),
            (1, Unless("NOSCORES", Skip::First(2), &SCORED)),
        ]),
    ),
    ("ZSCORE", Double),
    ("ZUNION", If("WITHSCORES", Skip::Keys, &SCORED)),
];

/// Members with their scores.
const SCORED: Cast = Pairs(&Double);

/// An id and its fields; of a delivered one, for how long it was pending and how often it was delivered, which
/// Redis 8.4.0 sends as text.
const ENTRY: Cast = At(&[(1, Map), (2, Integer), (3, Integer)]);

const ENTRIES: Cast = Each(&ENTRY);

const STREAM: Cast = Fields(&[
    ("first-entry", ENTRY),
    ("last-entry", ENTRY),
    ("entries", ENTRIES),
    ("groups", Each(&Fields(&[("consumers", Each(&Map))]))),
]);

/// As floats, or `RAW` with the norm and the range behind what is quantised, by redis-py's names.
const EMBEDDING: Cast = Then(
    &Unless("RAW", Skip::First(2), &Each(&Double)),
    &If("RAW", Skip::First(2), &KEPT),
);

const KEPT: Cast = Record(&[
    ("quantization", Same),
    ("raw", Same),
    ("l2", Double),
    ("range", Double),
]);

const HOT_KEYS: Cast = Fields(&[("by-cpu-time-us", Map), ("by-net-bytes", Map)]);

const USER: Cast = Fields(&[
    ("flags", Each(&Same)),
    ("commands", Words),
    ("keys", Words),
    ("channels", Words),
    ("selectors", Each(&Map)),
]);

const ACL_LOG: Cast = Each(&Fields(&[
    ("age-seconds", Double),
    ("client-info", Text(Text::Client)),
]));

const SLOW: Cast = Each(&Record(&[
    ("id", Same),
    ("start_time", Same),
    ("duration", Same),
    ("command", Joined),
    ("client_address", Same),
    ("client_name", Same),
]));

/// A command in `COMMAND`, by redis-py's names of its parts.
static COMMAND: Cast = Record(&[
    ("name", Same),
    ("arity", Same),
    ("flags", Set),
    ("first_key_pos", Same),
    ("last_key_pos", Same),
    ("step_count", Same),
    ("acl_categories", Set),
    ("tips", Each(&Same)),
    (
        "key_specifications",
        Each(&Fields(&[
            ("flags", Set),
            ("begin_search", Fields(&[("spec", Map)])),
            ("find_keys", Fields(&[("spec", Map)])),
        ])),
    ),
    ("subcommands", Each(&COMMAND)),
]);

static DOCS: Cast = Fields(&[
    ("doc_flags", Set),
    ("history", Each(&Same)),
    ("arguments", Each(&ARGUMENT)),
    ("subcommands", MapOf(&DOCS)),
]);

static ARGUMENT: Cast = Fields(&[("flags", Set), ("arguments", Each(&ARGUMENT))]);

/// A server in the eyes of a Sentinel.
const SENTINEL: Cast = Then(
    &Fields(&[
        ("config-epoch", Integer),
        ("down-after-milliseconds", Integer),
        ("failover-timeout", Integer),
        ("flags", Flags),
        ("info-refresh", Integer),
        ("last-hello-message", Integer),
        ("last-ok-ping-reply", Integer),
        ("last-ping-reply", Integer),
        ("last-ping-sent", Integer),
        ("link-pending-commands", Integer),
        ("link-refcount", Integer),
        ("master-link-down-time", Integer),
        ("master-port", Integer),
        ("num-other-sentinels", Integer),
        ("num-slaves", Integer),
        ("o-down-time", Integer),
        ("parallel-syncs", Integer),
        ("pending-commands", Integer),
        ("port", Integer),
        ("quorum", Integer),
        ("role-reported-time", Integer),
        ("s-down-time", Integer),
        ("slave-priority", Integer),
        ("slave-repl-offset", Integer),
        ("voted-leader-epoch", Integer),
    ]),
    &Sentinel,
);

/// The cast of the command of this name, in whatever case.
pub(crate) fn cast_of(name: &[&[u8]]) -> Option<&'static Cast> {
    entry_of(name, &CALLBACKS, |(other, _)| other).map(|(_, cast)| cast)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_so_that_every_command_is_found() {
        for (name, _) in &CALLBACKS {
            let words: Vec<&[u8]> = name.split(' ').map(str::as_bytes).collect();
            assert!(cast_of(&words).is_some(), "{name}");
        }
        assert!(CALLBACKS.is_sorted_by(|(one, _), (other, _)| one < other));
    }
}
