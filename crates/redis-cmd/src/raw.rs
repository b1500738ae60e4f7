//! Commands given as plain arguments, and what is known of them by their names.

use resp_proto::Value;

use crate::{Command, ToArgs, cmd, stream_options::is_relative};

/// Commands that only hold others, and those that hold others and can be called: the next word is part of
/// the name.
#[rustfmt::skip]
const CONTAINERS: [&str; 21] = [
    "ACL", "BACKUP", "CLIENT", "CLUSTER", "COMMAND", "COMMANDLOG", "CONFIG", "DEBUG", "FUNCTION", "HIMPORT",
    "HOTKEYS", "LATENCY", "MEMORY", "MODULE", "OBJECT", "PUBSUB", "SCRIPT", "SENTINEL", "SLOWLOG", "XGROUP",
    "XINFO",
];

/// Commands that only read, whatever their arguments: those that have [`read_only`](Command::read_only) in
/// their families, with whose rows `tests/wire/raw.rs` compares them. Of `XREAD`, there is more to say.
#[rustfmt::skip]
const READING: [&str; 187] = [
    "ACL CAT", "ACL DRYRUN", "ACL GENPASS", "ACL GETUSER", "ACL LIST", "ACL USERS", "ACL WHOAMI",
    "ARCOUNT", "ARGET", "ARGETRANGE", "ARGREP", "ARINFO", "ARLASTITEMS", "ARLEN", "ARMGET",
    "ARNEXT", "AROP", "ARSCAN", "BACKUP LIST", "BACKUP STATUS", "BITCOUNT", "BITFIELD_RO", "BITPOS",
    "CLIENT GETNAME", "CLIENT GETREDIR", "CLIENT ID", "CLIENT INFO", "CLIENT LIST",
    "CLIENT TRACKINGINFO", "CLUSTER COUNT-FAILURE-REPORTS", "CLUSTER COUNTKEYSINSLOT",
    "CLUSTER GETKEYSINSLOT", "CLUSTER GETSLOTMIGRATIONS", "CLUSTER INFO", "CLUSTER KEYSLOT",
    "CLUSTER LINKS", "CLUSTER MYID", "CLUSTER MYSHARDID", "CLUSTER NODES", "CLUSTER REPLICAS",
    "CLUSTER SHARDS", "CLUSTER SLAVES", "CLUSTER SLOT-STATS", "CLUSTER SLOTS", "CLUSTERSCAN",
    "COMMAND", "COMMAND COUNT", "COMMAND DOCS", "COMMAND GETKEYS", "COMMAND GETKEYSANDFLAGS",
    "COMMAND INFO", "COMMAND LIST", "COMMANDLOG GET", "COMMANDLOG LEN", "CONFIG GET", "DBSIZE",
    "DIGEST", "DUMP", "ECHO", "EVALSHA_RO", "EVAL_RO", "EXISTS", "EXPIRETIME", "FCALL_RO",
    "FUNCTION DUMP", "FUNCTION LIST", "FUNCTION STATS", "GEODIST", "GEOHASH", "GEOPOS",
    "GEORADIUSBYMEMBER_RO", "GEORADIUS_RO", "GEOSEARCH", "GET", "GETBIT", "GETRANGE", "HEXISTS",
    "HEXPIRETIME", "HGET", "HGETALL", "HKEYS", "HLEN", "HMGET", "HOTKEYS GET", "HPEXPIRETIME",
    "HPTTL", "HRANDFIELD", "HSCAN", "HSTRLEN", "HTTL", "HVALS", "INFO", "KEYS", "LASTSAVE",
    "LATENCY DOCTOR", "LATENCY GRAPH", "LATENCY HISTOGRAM", "LATENCY HISTORY", "LATENCY LATEST",
    "LCS", "LINDEX", "LLEN", "LOLWUT", "LPOS", "LRANGE", "MEMORY DOCTOR", "MEMORY MALLOC-STATS",
    "MEMORY STATS", "MEMORY USAGE", "MGET", "MODULE LIST", "OBJECT ENCODING", "OBJECT FREQ",
    "OBJECT IDLETIME", "OBJECT REFCOUNT", "PEXPIRETIME", "PFCOUNT", "PING", "PTTL",
    "PUBSUB CHANNELS", "PUBSUB NUMPAT", "PUBSUB NUMSUB", "PUBSUB SHARDCHANNELS",
    "PUBSUB SHARDNUMSUB", "RANDOMKEY", "ROLE", "SCAN", "SCARD", "SCRIPT EXISTS", "SCRIPT SHOW",
    "SDIFF", "SDIFFCARD", "SINTER", "SINTERCARD", "SISMEMBER", "SLOWLOG GET", "SLOWLOG LEN",
    "SMEMBERS", "SMISMEMBER", "SORT_RO", "SRANDMEMBER", "SSCAN", "STRLEN", "SUBSTR", "SUNION",
    "SUNIONCARD", "TIME", "TOUCH", "TTL", "TYPE", "VCARD", "VDIM", "VEMB", "VGETATTR", "VINFO",
    "VISMEMBER", "VLINKS", "VRANDMEMBER", "VRANGE", "VSIM", "XINFO CONSUMERS", "XINFO GROUPS",
    "XINFO STREAM", "XLEN", "XPENDING", "XRANGE", "XREAD", "XREVRANGE", "ZCARD", "ZCOUNT", "ZDIFF",
    "ZINTER", "ZINTERCARD", "ZLEXCOUNT", "ZMSCORE", "ZRANDMEMBER", "ZRANGE", "ZRANGEBYLEX",
    "ZRANGEBYSCORE", "ZRANK", "ZREVRANGE", "ZREVRANGEBYLEX", "ZREVRANGEBYSCORE", "ZREVRANK",
    "ZSCAN", "ZSCORE", "ZUNION",
];

/// A command of these arguments, the first of which is its name. The words of a name like `CLIENT LIST` may
/// be one argument or two.
///
/// By its name it is known whether it only reads; which of its arguments are keys
/// is not, which only [`cmd`] and the typed methods say. None at all, or a blank one for a name, is an error before anything is
/// sent.
///
/// ```
/// use std::time::Duration;
/// use redis_cmd::{Waits, raw};
///
/// let command = raw(&("BLPOP", "jobs", 2));
/// assert_eq!(command.waiting(), Waits::For(Duration::from_secs(2)));
/// assert_eq!(raw(&["config get", "maxmemory"]).name(), "config get");
/// ```
#[must_use]
pub fn raw<'a, A: ToArgs + ?Sized>(arguments: &'a A) -> Command<'a, Value> {
    known(cmd("").args(arguments))
}

/// Finds the name among the arguments, and marks the command with what is known by it.
fn known(mut command: Command<'_, Value>) -> Command<'_, Value> {
    let first = command.arguments().next().unwrap_or_default();
    if first.contains(&b' ') && !first.trim_ascii().is_empty() {
        let name = String::from_utf8_lossy(first).into_owned();
        command = split(&name, &command);
    }
    let arguments: Vec<&[u8]> = command.arguments().collect();
    let Some(first) = arguments
        .first()
        .filter(|first| !first.trim_ascii().is_empty())
    else {
        return command;
    };
    let (name, rest) = arguments.split_at(name_words(first, arguments.len()));
    let resets = || rest.iter().any(|word| word.eq_ignore_ascii_case(b"RESET"));
    let asks = || {
        rest.first()
            .is_some_and(|word| word.eq_ignore_ascii_case(b"STATUS"))
    };
    let read_only = is_listed(&READING, name)
        && !(is_name("XREAD", name) && is_relative_read(rest))
        || is_name("ACL LOG", name) && !resets()
        || is_name("CLUSTER MIGRATION", name) && asks();
    let command = command.named();
    if read_only {
        command.read_only()
    } else {
        command
    }
}

/// How many of so many words, which begin with `first`, are the name of a command. The others are its arguments, of
/// which nothing is to be shown as a name: `AUTH password`.
pub(crate) fn name_words(first: &[u8], words: usize) -> usize {
    let mut containers = CONTAINERS.iter();
    let holds_others = containers.any(|name| first.eq_ignore_ascii_case(name.as_bytes()));
    words.min(if holds_others { 2 } else { 1 })
}

/// Whether an `XREAD` begins at an id that is another one the next time. As many keys as ids stand behind the
/// first `STREAMS`, and a key may have that name as well.
fn is_relative_read(arguments: &[&[u8]]) -> bool {
    let mut behind = arguments.iter();
    behind.any(|word| word.eq_ignore_ascii_case(b"STREAMS"));
    let ids = behind.len() / 2;
    behind.skip(ids).any(|id| is_relative(id))
}

/// The command with its first argument, `name`, split into words.
fn split<'a>(name: &str, command: &Command<'_, Value>) -> Command<'a, Value> {
    let rest = command.arguments().skip(1);
    let split = rest.fold(cmd(name), Command::copied);
    split.refused(command.refusal())
}

/// Whether the words are one of these names, which are in alphabetical order, in whatever case.
fn is_listed(names: &[&str], words: &[&[u8]]) -> bool {
    entry_of(words, names, |name| name).is_some()
}

/// The entry of these words, in whatever case, in a table that is in the alphabetical order of its names.
pub(crate) fn entry_of<'t, E>(
    words: &[&[u8]],
    table: &'t [E],
    name_of: impl Fn(&'t E) -> &'t str,
) -> Option<&'t E> {
    let name = words.join(&b' ').to_ascii_uppercase();
    let found = table.binary_search_by(|entry| name_of(entry).as_bytes().cmp(&name));
    table.get(found.ok()?)
}

/// Whether the words are those of this name, in whatever case.
fn is_name(name: &str, words: &[&[u8]]) -> bool {
    let mut words = words.iter();
    let same = name.split(' ').all(|part| {
        let word = words.next();
        word.is_some_and(|word| word.eq_ignore_ascii_case(part.as_bytes()))
    });
    same && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_so_that_every_name_is_found() {
        assert!(READING.is_sorted());
        for name in READING {
            let words: Vec<&[u8]> = name.split(' ').map(str::as_bytes).collect();
            assert!(is_listed(&READING, &words), "{name}");
            assert_eq!(name_words(words[0], 9).min(words.len()), words.len());
        }
    }
}
