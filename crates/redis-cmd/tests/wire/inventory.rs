//! What a server says about its commands, compared with the rows: names, keys, whether a command reads or
//! waits, and the words of its language. `cargo xtask commands` runs it on every server.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::TcpStream,
};

use redis_cmd::{Command, CommandInfo, CommandTableCommands, Execute, Waits, cmd};
use redis_testkit::Server;
use resp_proto::{DecodeError, Framer, FromReplyOwned, Value};

use crate::{spy::Sent, tokens};

const LEFT_OUT: &str = include_str!("../../src/left_out.md");
const REPEATABLE: &str = include_str!("../../src/repeatable.md");

/// Routed by an argument that is no key: in a cluster, a shard channel belongs to a slot as a key does. The
/// server's `COMMAND GETKEYS` leaves it out, and ours has to have it.
const ROUTED: [&str; 1] = ["SPUBLISH"];

/// Wait though they are not flagged so: `WAIT` of Redis 7.0, and what waits for another server.
const WAITS_UNFLAGGED: [&str; 4] = ["CLUSTER SETSLOT", "MIGRATE", "SHUTDOWN", "WAIT"];

/// The plainest executor there is: a socket, a request, a reply.
struct Socket(TcpStream);

impl Execute for &mut Socket {
    type Output<T: FromReplyOwned> = Result<T, DecodeError>;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Result<T, DecodeError> {
        let mut request = Vec::new();
        command.write_to(&mut request);
        self.0.write_all(&request).expect("a server that reads");
        let (mut framer, mut bytes) = (Framer::new(), Vec::new());
        loop {
            if let Some(frame) = framer.advance(&bytes).expect("RESP") {
                return frame.reply().decode();
            }
            let mut piece = [0; 65536];
            let length = self.0.read(&mut piece).expect("a server that writes");
            assert!(length > 0, "the server has closed the connection");
            bytes.extend_from_slice(&piece[..length]);
        }
    }
}

impl CommandTableCommands for &mut Socket {}

#[test]
#[ignore = "needs a server: `cargo xtask commands` runs it on all"]
fn every_command_of_the_server_has_a_method_or_a_reason() {
    let server = Server::start().expect("a server");
    let mut socket = Socket(TcpStream::connect(server.tcp_addr()).expect("a connection"));
    socket
        .execute::<()>(cmd("HELLO").integer(3))
        .expect("RESP3");
    let rows = crate::all();
    let infos = callable(socket.command().expect("COMMAND"));
    let mut wrong = Vec::new();
    wrong.extend(names(&mut socket, &infos, &rows));
    wrong.extend(keys(&mut socket, &infos, &rows));
    wrong.extend(flags(&infos, &rows));
    wrong.extend(words(&mut socket, &rows));
    println!("{}: {} wrong", server.version(), wrong.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Commands and subcommands by name, without those that only hold others.
fn callable(table: Vec<CommandInfo>) -> BTreeMap<String, CommandInfo> {
    let mut all = BTreeMap::new();
    for info in table {
        // COMMAND alone holds others and can be called.
        let holds = !info.subcommands.is_empty() && info.name != "command";
        for inner in info.subcommands.clone() {
            all.insert(wire_name(&inner.name), inner);
        }
        if !holds {
            all.insert(wire_name(&info.name), info);
        }
    }
    all
}

fn wire_name(name: &str) -> String {
    name.to_ascii_uppercase().replace('|', " ")
}

/// The names in the first column of a table.
fn left_out() -> BTreeSet<&'static str> {
    let lines = LEFT_OUT.lines().filter_map(|line| line.strip_prefix("| `"));
    lines.filter_map(|line| line.split('`').next()).collect()
}

fn repeatable() -> BTreeSet<&'static str> {
    let listed = REPEATABLE.split("\n\n").last().unwrap_or_default();
    listed.split('`').skip(1).step_by(2).collect()
}

/// Prints how many names of each group have a method, and returns those that have neither a method nor a
/// reason.
fn names(socket: &mut Socket, infos: &BTreeMap<String, CommandInfo>, rows: &[Sent]) -> Vec<String> {
    let docs = socket.command_docs(()).expect("COMMAND DOCS");
    let mut groups = BTreeMap::new();
    for (name, doc) in &docs {
        let group = doc.group.clone().unwrap_or_default();
        groups.insert(wire_name(name), group);
        for (name, doc) in &doc.subcommands {
            groups.insert(wire_name(name), doc.group.clone().unwrap_or_default());
        }
    }
    let typed: BTreeSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let left_out = left_out();
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::<&str, [usize; 3]>::new();
    for name in infos.keys() {
        let group = groups.get(name).map_or("", String::as_str);
        let count = counts.entry(group).or_default();
        count[0] += 1;
        if typed.contains(name.as_str()) {
            count[1] += 1;
        } else if left_out.contains(name.as_str()) {
            count[2] += 1;
        } else {
            wrong.push(format!("{name} has neither a method nor a reason"));
        }
    }
    println!(
        "{:<14} {:>5} {:>5} {:>8}",
        "group", "names", "typed", "left out"
    );
    let mut sum = [0; 3];
    for (group, count) in counts {
        let [names, typed, left] = count;
        println!("{group:<14} {names:>5} {typed:>5} {left:>8}");
        sum = [sum[0] + names, sum[1] + typed, sum[2] + left];
    }
    println!("{:<14} {:>5} {:>5} {:>8}", "all", sum[0], sum[1], sum[2]);
    let with_a_method = infos.keys().map(String::as_str);
    let with_a_method: Vec<&str> = with_a_method.filter(|name| typed.contains(name)).collect();
    println!("with a method: {}", with_a_method.join(", "));
    let both = left_out.intersection(&typed);
    wrong.extend(both.map(|name| format!("{name} is said to be left out, and is not")));
    wrong
}

/// Compares which arguments are keys.
fn keys(socket: &mut Socket, infos: &BTreeMap<String, CommandInfo>, rows: &[Sent]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for row in rows.iter().filter(|row| infos.contains_key(&row.name)) {
        let line = row.arguments.join(" ");
        let mut ours: Vec<&str> = row.keys.iter().map(|&at| &*row.arguments[at]).collect();
        let mut theirs: Vec<String> = match socket.command_getkeys(&row.arguments) {
            Ok(keys) => keys,
            // Those without keys.
            Err(error) if error.to_string().contains("no key arguments") => Vec::new(),
            // Redis 7.0 does not take a command without arguments, which has no keys either.
            Err(_) if ours.is_empty() && row.arguments.len() == 1 => Vec::new(),
            Err(error) => {
                // An older server than the row is written for.
                println!("not compared: {line}: {error}");
                continue;
            }
        };
        ours.sort_unstable();
        theirs.sort_unstable();
        compared += 1;
        if ours != theirs && !ROUTED.contains(&row.name.as_str()) {
            wrong.push(format!(
                "{line}: the server's keys are {theirs:?}, ours {ours:?}"
            ));
        }
    }
    println!("keys compared in {compared} rows");
    wrong
}

/// Compares whether commands only read, and whether they wait.
fn flags(infos: &BTreeMap<String, CommandInfo>, rows: &[Sent]) -> Vec<String> {
    let mut wrong = Vec::new();
    let repeatable = repeatable();
    let waiting: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.waits != Waits::No)
        .map(|row| row.name.as_str())
        .collect();
    for row in rows {
        let Some(info) = infos.get(&row.name) else {
            continue;
        };
        let name = &row.name;
        let flag = |flag: &str| info.flags.iter().any(|other| other == flag);
        // What begins at the end of a stream begins elsewhere the next time.
        let from_now = name == "XREAD" && row.arguments.last().is_some_and(|id| id == "$");
        if flag("readonly") && !row.read_only && !from_now {
            wrong.push(format!("{name} only reads, and is not marked so"));
        }
        if row.read_only && !flag("readonly") && !repeatable.contains(name.as_str()) {
            wrong.push(format!("{name} is marked as reading, and does not say why"));
        }
        let waits = waiting.contains(name.as_str());
        if flag("blocking") != waits && !WAITS_UNFLAGGED.contains(&name.as_str()) {
            wrong.push(format!(
                "{name} waits, or does not, unlike what the server says"
            ));
        }
    }
    wrong.dedup();
    wrong
}

/// Compares the words of the commands' languages.
fn words(socket: &mut Socket, rows: &[Sent]) -> Vec<String> {
    let written = tokens::written(rows);
    let docs: BTreeMap<String, Value> = socket.execute(cmd("COMMAND DOCS")).expect("COMMAND DOCS");
    let mut wrong = Vec::new();
    let mut compared = 0;
    let mut check = |name: &str, doc: &Value| {
        let mut found = BTreeSet::new();
        collect_tokens(doc, &mut found);
        let name = wire_name(name);
        let Some(words) = written.get(name.as_str()) else {
            return;
        };
        compared += found.len();
        let missing = found.iter().filter(|token| !words.contains(token.as_str()));
        wrong.extend(missing.map(|token| format!("{name} is never written with {token}")));
    };
    for (name, doc) in &docs {
        match field(doc, "subcommands") {
            Some(Value::Map(inner)) => {
                for (name, doc) in inner {
                    check(name.as_str().unwrap_or_default(), doc);
                }
            }
            _ => check(name, doc),
        }
    }
    println!("{compared} words compared");
    wrong
}

fn field<'v>(map: &'v Value, name: &str) -> Option<&'v Value> {
    let Value::Map(entries) = map else {
        return None;
    };
    let entry = entries.iter().find(|(key, _)| key.as_str() == Some(name));
    entry.map(|(_, value)| value)
}

fn collect_tokens(doc: &Value, found: &mut BTreeSet<String>) {
    if let Some(token) = field(doc, "token").and_then(Value::as_str) {
        // That of an empty argument is spelt with its quotes.
        if !token.is_empty() && token != "\"\"" {
            found.insert(token.to_owned());
        }
    }
    match doc {
        Value::Map(entries) => entries
            .iter()
            .for_each(|(_, value)| collect_tokens(value, found)),
        Value::Array(items) => items.iter().for_each(|item| collect_tokens(item, found)),
        _ => {}
    }
}
