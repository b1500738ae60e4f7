//! What commands on the server put on the wire.

use std::time::Duration;

use redis_cmd::{
    AclCommands, BackupCommands, ClientCommands, ClientFilter, ClientKind, CommandFilter,
    CommandLogCommands, CommandTableCommands, ConfigCommands, FailoverOptions, FlushMode,
    HotKeyCommands, HotKeyOptions, LatencyCommands, LogKind, MemoryCommands, Milliseconds,
    ModuleCommands, ModuleOptions, PauseMode, ReplicationCommands, ServerCommands, ShutdownOptions,
    UnblockWith, Waits,
};

use crate::spy::{Sent, Spy, reads, waits, writes};

pub(crate) fn rows() -> Vec<Sent> {
    let mut rows = vec![
        writes(Spy.backup_abort(), "BACKUP ABORT"),
        writes(Spy.backup_cleanup(), "BACKUP CLEANUP"),
        reads(Spy.backup_list(), "BACKUP LIST"),
        writes(Spy.backup_seal(), "BACKUP SEAL"),
        writes(Spy.backup_start(), "BACKUP START"),
        reads(Spy.backup_status(), "BACKUP STATUS"),
        writes(Spy.bgrewriteaof(), "BGREWRITEAOF"),
        writes(Spy.bgsave(), "BGSAVE"),
        writes(Spy.bgsave_schedule(), "BGSAVE SCHEDULE"),
        writes(Spy.bgsave_cancel(), "BGSAVE CANCEL"),
        reads(Spy.config_get(["a", "b"]), "CONFIG GET a b"),
        writes(Spy.config_resetstat(), "CONFIG RESETSTAT"),
        writes(Spy.config_rewrite(), "CONFIG REWRITE"),
        writes(Spy.config_set(("a", 1, "b", 2)), "CONFIG SET a 1 b 2"),
        reads(Spy.dbsize(), "DBSIZE"),
        writes(Spy.flushall(), "FLUSHALL"),
        writes(Spy.flushall_with(FlushMode::Async), "FLUSHALL ASYNC"),
        writes(Spy.flushall_with(FlushMode::Sync), "FLUSHALL SYNC"),
        writes(Spy.flushdb(), "FLUSHDB"),
        writes(Spy.flushdb_with(FlushMode::Async), "FLUSHDB ASYNC"),
        writes(Spy.flushdb_with(FlushMode::Sync), "FLUSHDB SYNC"),
        reads(Spy.hotkeys_get::<String>(), "HOTKEYS GET"),
        writes(Spy.hotkeys_reset(), "HOTKEYS RESET"),
        writes(
            Spy.hotkeys_start(HotKeyOptions::cpu()),
            "HOTKEYS START METRICS 1 CPU",
        ),
        writes(
            Spy.hotkeys_start(HotKeyOptions::net().slots(&[3, 5]).count(5)),
            "HOTKEYS START METRICS 1 NET COUNT 5 SLOTS 2 3 5",
        ),
        writes(
            Spy.hotkeys_start(
                HotKeyOptions::cpu_and_net()
                    .sample(100)
                    .duration(Duration::from_millis(1500)),
            ),
            "HOTKEYS START METRICS 2 CPU NET DURATION 2 SAMPLE 100",
        ),
        writes(Spy.hotkeys_stop(), "HOTKEYS STOP"),
        reads(Spy.info(()), "INFO"),
        reads(Spy.info(["server", "clients"]), "INFO server clients"),
        reads(Spy.lastsave(), "LASTSAVE"),
        reads(Spy.lolwut(), "LOLWUT"),
        reads(Spy.lolwut_version(5, (40, 2)), "LOLWUT VERSION 5 40 2"),
        writes(Spy.save(), "SAVE"),
        writes(
            Spy.shutdown(ShutdownOptions::new().force().now().nosave().save()),
            "SHUTDOWN SAVE NOW FORCE",
        ),
        waits(
            Spy.shutdown(ShutdownOptions::new().failover().safe().nosave()),
            Waits::For(Duration::from_secs(10)),
            "SHUTDOWN NOSAVE SAFE FAILOVER",
        ),
        writes(Spy.shutdown_abort(), "SHUTDOWN ABORT"),
        writes(Spy.swapdb(0, 1), "SWAPDB 0 1"),
        reads(Spy.time(), "TIME"),
        writes(
            Spy.failover(FailoverOptions::new().to("h", 1).timeout(5)),
            "FAILOVER TO h 1 TIMEOUT 5",
        ),
        writes(
            Spy.failover(FailoverOptions::new().timeout(9).to_force("h", 1, 5)),
            "FAILOVER TO h 1 FORCE TIMEOUT 5",
        ),
        writes(Spy.failover_abort(), "FAILOVER ABORT"),
        writes(Spy.replicaof("h", 1), "REPLICAOF h 1"),
        writes(Spy.replicaof_no_one(), "REPLICAOF NO ONE"),
        reads(Spy.role(), "ROLE"),
        writes(Spy.slaveof("h", 1), "SLAVEOF h 1"),
        writes(Spy.slaveof_no_one(), "SLAVEOF NO ONE"),
        reads(Spy.memory_doctor(), "MEMORY DOCTOR"),
        reads(Spy.memory_malloc_stats(), "MEMORY MALLOC-STATS"),
        writes(Spy.memory_purge(), "MEMORY PURGE"),
        reads(Spy.memory_stats(), "MEMORY STATS"),
        reads(Spy.memory_usage("k"), "MEMORY USAGE [k]"),
        reads(
            Spy.memory_usage_samples("k", 5),
            "MEMORY USAGE [k] SAMPLES 5",
        ),
        reads(Spy.latency_doctor(), "LATENCY DOCTOR"),
        reads(Spy.latency_graph("e"), "LATENCY GRAPH e"),
        reads(Spy.latency_histogram(()), "LATENCY HISTOGRAM"),
        reads(Spy.latency_histogram("get"), "LATENCY HISTOGRAM get"),
        reads(Spy.latency_history("e"), "LATENCY HISTORY e"),
        reads(Spy.latency_latest(), "LATENCY LATEST"),
        writes(Spy.latency_reset(["e", "f"]), "LATENCY RESET e f"),
        reads(Spy.slowlog_get(), "SLOWLOG GET"),
        reads(Spy.slowlog_get_count(-1), "SLOWLOG GET -1"),
        reads(Spy.slowlog_len(), "SLOWLOG LEN"),
        writes(Spy.slowlog_reset(), "SLOWLOG RESET"),
        reads(Spy.module_list(), "MODULE LIST"),
        writes(Spy.module_load("p", ["a"]), "MODULE LOAD p a"),
        writes(
            Spy.module_loadex(
                "p",
                ModuleOptions::new()
                    .args(["a"])
                    .config("x", 1)
                    .config("y", 2),
            ),
            "MODULE LOADEX p CONFIG x 1 CONFIG y 2 ARGS a",
        ),
        writes(Spy.module_unload("m"), "MODULE UNLOAD m"),
    ];
    for (kind, word) in [
        (LogKind::Slow, "SLOW"),
        (LogKind::LargeRequest, "LARGE-REQUEST"),
        (LogKind::LargeReply, "LARGE-REPLY"),
    ] {
        rows.extend([
            reads(
                Spy.commandlog_get(5, kind),
                &format!("COMMANDLOG GET 5 {word}"),
            ),
            reads(Spy.commandlog_len(kind), &format!("COMMANDLOG LEN {word}")),
            writes(
                Spy.commandlog_reset(kind),
                &format!("COMMANDLOG RESET {word}"),
            ),
        ]);
    }
    rows.extend(clients());
    rows.extend(command_table());
    rows.extend(acl());
    rows
}

fn clients() -> Vec<Sent> {
    let mut rows = vec![
        reads(Spy.client_getname(), "CLIENT GETNAME"),
        reads(Spy.client_getredir(), "CLIENT GETREDIR"),
        reads(Spy.client_id(), "CLIENT ID"),
        reads(Spy.client_info(), "CLIENT INFO"),
        writes(Spy.client_kill_address("a:1"), "CLIENT KILL a:1"),
        reads(Spy.client_list(), "CLIENT LIST"),
        writes(Spy.client_pause(Milliseconds(5), None), "CLIENT PAUSE 5"),
        writes(
            Spy.client_pause(Milliseconds(5), Some(PauseMode::Write)),
            "CLIENT PAUSE 5 WRITE",
        ),
        writes(
            Spy.client_pause(Milliseconds(5), Some(PauseMode::All)),
            "CLIENT PAUSE 5 ALL",
        ),
        reads(Spy.client_trackinginfo(), "CLIENT TRACKINGINFO"),
        writes(Spy.client_unblock(5), "CLIENT UNBLOCK 5"),
        writes(
            Spy.client_unblock_with(5, UnblockWith::Timeout),
            "CLIENT UNBLOCK 5 TIMEOUT",
        ),
        writes(
            Spy.client_unblock_with(5, UnblockWith::Error),
            "CLIENT UNBLOCK 5 ERROR",
        ),
        writes(Spy.client_unpause(), "CLIENT UNPAUSE"),
        reads(Spy.echo::<String>("hi"), "ECHO hi"),
        reads(Spy.ping(), "PING"),
        reads(Spy.ping_with::<String>("hi"), "PING hi"),
    ];
    let all = ClientFilter::new()
        .not_ip("i")
        .not_capa("r")
        .not_db(1)
        .not_lib_ver("1")
        .not_lib_name("l")
        .not_flags("N")
        .not_name("n")
        .not_laddr("a:1")
        .not_addr("a:1")
        .not_user("u")
        .not_id([3, 4])
        .not_kind(ClientKind::Replica)
        .ip("i")
        .capa("r")
        .db(0)
        .lib_ver("2")
        .lib_name("m")
        .flags("P")
        .idle(Duration::from_millis(8001))
        .name("o")
        .max_age(8)
        .skip_me(true)
        .laddr("b:2")
        .addr("b:2")
        .user("v")
        .id([1, 2])
        .kind(ClientKind::Normal);
    let words = "TYPE NORMAL ID 1 2 USER v ADDR b:2 LADDR b:2 SKIPME YES MAXAGE 8 NAME o IDLE 9 FLAGS P \
                 LIB-NAME m LIB-VER 2 DB 0 CAPA r IP i NOT-TYPE REPLICA NOT-ID 3 4 NOT-USER u NOT-ADDR a:1 \
                 NOT-LADDR a:1 NOT-NAME n NOT-FLAGS N NOT-LIB-NAME l NOT-LIB-VER 1 NOT-DB 1 NOT-CAPA r NOT-IP i";
    rows.push(reads(
        Spy.client_list_with(all.clone()),
        &format!("CLIENT LIST {words}"),
    ));
    rows.push(writes(
        Spy.client_kill(all),
        &format!("CLIENT KILL {words}"),
    ));
    let others = ClientFilter::new().skip_me(false);
    rows.push(reads(Spy.client_list_with(others), "CLIENT LIST SKIPME NO"));
    for (kind, word) in [
        (ClientKind::Normal, "NORMAL"),
        (ClientKind::PubSub, "PUBSUB"),
        (ClientKind::Replica, "REPLICA"),
        (ClientKind::Slave, "SLAVE"),
        (ClientKind::Primary, "PRIMARY"),
        (ClientKind::Master, "MASTER"),
    ] {
        let filter = ClientFilter::new().kind(kind).skip_me(false);
        rows.push(writes(
            Spy.client_kill(filter.clone()),
            &format!("CLIENT KILL TYPE {word} SKIPME NO"),
        ));
        rows.push(reads(
            Spy.client_list_with(filter),
            &format!("CLIENT LIST TYPE {word} SKIPME NO"),
        ));
    }
    rows
}

fn command_table() -> Vec<Sent> {
    vec![
        reads(Spy.command(), "COMMAND"),
        reads(Spy.command_count(), "COMMAND COUNT"),
        reads(Spy.command_docs(["get", "set"]), "COMMAND DOCS get set"),
        reads(
            Spy.command_getkeys::<String>(["GET", "a"]),
            "COMMAND GETKEYS GET a",
        ),
        reads(
            Spy.command_getkeysandflags::<String>(["GET", "a"]),
            "COMMAND GETKEYSANDFLAGS GET a",
        ),
        reads(Spy.command_info(["get"]), "COMMAND INFO get"),
        reads(Spy.command_list(), "COMMAND LIST"),
        reads(
            Spy.command_list_filterby(CommandFilter::module("m")),
            "COMMAND LIST FILTERBY MODULE m",
        ),
        reads(
            Spy.command_list_filterby(CommandFilter::acl_category("read")),
            "COMMAND LIST FILTERBY ACLCAT read",
        ),
        reads(
            Spy.command_list_filterby(CommandFilter::pattern("a*")),
            "COMMAND LIST FILTERBY PATTERN a*",
        ),
    ]
}

fn acl() -> Vec<Sent> {
    vec![
        reads(Spy.acl_cat(), "ACL CAT"),
        reads(Spy.acl_cat_category("read"), "ACL CAT read"),
        writes(Spy.acl_deluser(["u", "v"]), "ACL DELUSER u v"),
        reads(Spy.acl_dryrun("u", "GET", ["k"]), "ACL DRYRUN u GET k"),
        reads(Spy.acl_genpass(), "ACL GENPASS"),
        reads(Spy.acl_genpass_bits(64), "ACL GENPASS 64"),
        reads(Spy.acl_getuser("u"), "ACL GETUSER u"),
        reads(Spy.acl_list(), "ACL LIST"),
        writes(Spy.acl_load(), "ACL LOAD"),
        reads(Spy.acl_log(), "ACL LOG"),
        reads(Spy.acl_log_count(5), "ACL LOG 5"),
        writes(Spy.acl_log_reset(), "ACL LOG RESET"),
        writes(Spy.acl_save(), "ACL SAVE"),
        writes(
            Spy.acl_setuser("u", ["on", "+@all"]),
            "ACL SETUSER u on +@all",
        ),
        reads(Spy.acl_users(), "ACL USERS"),
        reads(Spy.acl_whoami(), "ACL WHOAMI"),
    ]
}
