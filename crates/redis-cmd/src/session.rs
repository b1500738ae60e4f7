//! Commands that change the connection they run on, and so have no place on a shared one.

use crate::Args;

/// The words of a command, and why it is not sent. Whoever has a connection for themselves sends such
/// commands without coming by here.
const CHANGES: [(&[&str], &str); 13] = [
    (
        &["SELECT"],
        "it would change the database for whoever uses the connection next; set the database of the client \
         instead",
    ),
    (
        &["MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH"],
        "it would leave a transaction open for whoever uses the connection next; a pipeline or a batch is a \
         transaction, and `watch` and `transaction` of the client are for those on watched keys",
    ),
    (
        &[
            "SUBSCRIBE",
            "PSUBSCRIBE",
            "SSUBSCRIBE",
            "UNSUBSCRIBE",
            "PUNSUBSCRIBE",
            "SUNSUBSCRIBE",
            "MONITOR",
            "SCRIPT DEBUG",
            "SYNC",
            "PSYNC",
        ],
        "what it starts has no end, and needs a connection of its own",
    ),
    (
        &["AUTH", "HELLO"],
        "it would change who the connection's next user is; set user, password and protocol of the client \
         instead",
    ),
    (
        &["RESET", "QUIT"],
        "it would end the session that the connection's next user counts on; `disconnect` of the client closes its \
         connections",
    ),
    (
        &["READONLY", "READWRITE", "ASKING"],
        "it would change what the connection's next user may do; `replica_for` of a Sentinel makes a client that reads \
         from replicas",
    ),
    (
        &["CLIENT REPLY"],
        "the connection's next user would wait for replies that do not come",
    ),
    (
        &["REPLCONF", "CLUSTER SYNCSLOTS"],
        "it is how servers talk to each other, and need not be answered: the connection's next user would be given \
         replies to other commands",
    ),
    (
        &["POST", "HOST:"],
        "it is no command: servers take it for an attack by a browser and close the connection, on which others \
         may be waiting",
    ),
    (
        &["CLIENT TRACKING", "CLIENT CACHING"],
        "nobody would hear of the keys that have changed, as this client keeps no values and drops such notices; \
         keep what you read for a limited time instead",
    ),
    (
        &[
            "CLIENT NO-EVICT",
            "CLIENT NO-TOUCH",
            "CLIENT CAPA",
            "CLIENT IMPORT-SOURCE",
        ],
        "it would go on for whoever uses the connection next; an on_connect hook does it for all of them",
    ),
    (
        &["CLIENT SETNAME", "CLIENT SETINFO"],
        "it would rename the connection of whoever uses it next; set the name of the client instead",
    ),
    (
        &[
            "HIMPORT PREPARE",
            "HIMPORT SET",
            "HIMPORT DISCARD",
            "HIMPORT DISCARDALL",
        ],
        "what it prepares belongs to one connection, and the next call may get another one; a pipeline of HSET \
         writes many hashes",
    ),
];

/// Why a command of these arguments must not run on a shared connection, if so.
pub(crate) fn reason_against(args: &Args<'_>) -> Option<&'static str> {
    let first = args.iter().next()?;
    // What a name has behind the first word is looked at first: nearly all are not of its length.
    let is = |name: &str| match name.as_bytes().split_at_checked(first.len()) {
        Some((command, [])) => first.eq_ignore_ascii_case(command),
        Some((command, [b' ', subcommand @ ..])) => {
            first.eq_ignore_ascii_case(command)
                && args
                    .iter()
                    .nth(1)
                    .is_some_and(|second| second.eq_ignore_ascii_case(subcommand))
        }
        _ => false,
    };
    CHANGES
        .iter()
        .find(|(names, _)| names.iter().any(|name| is(name)))
        .map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmd;

    fn reason(command: &str) -> Option<&'static str> {
        cmd::<()>(command).reason_against()
    }

    #[test]
    fn every_name_is_found_in_either_case() {
        for name in CHANGES.iter().flat_map(|(names, _)| names.iter()) {
            assert!(reason(name).is_some(), "{name}");
            assert!(reason(&(name.to_lowercase() + " more")).is_some(), "{name}");
        }
    }

    #[test]
    fn what_is_not_answered_like_other_commands_is_found() {
        for name in [
            "REPLCONF ACK 0",
            "replconf GETACK *",
            "CLUSTER SYNCSLOTS ACK",
            "SYNC",
            "PSYNC ? -1",
            "MONITOR",
            "CLIENT REPLY OFF",
            "UNSUBSCRIBE a b",
            "POST / HTTP/1.1",
            "Host: localhost",
        ] {
            assert!(reason(name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_would_be_dropped_is_not_said_to_be_possible() {
        for name in ["CLIENT TRACKING ON", "client caching yes"] {
            let reason = reason(name).unwrap();
            assert!(reason.contains("drops such notices"), "{reason}");
        }
    }

    #[test]
    fn other_commands_are_let_through() {
        for name in [
            "GET k",
            "SET SELECT 1",
            "CLIENT LIST",
            "CLIENT",
            "CLUSTER SLOTS",
            "REPLICAOF NO ONE",
            "SELECTED",
            "MULTI2",
            "HGETALL k",
            "ECHO",
        ] {
            assert_eq!(reason(name), None, "{name}");
        }
    }
}
