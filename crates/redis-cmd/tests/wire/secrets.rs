//! What can be printed of a command, its arguments and its options shows no secret, as text or as a list of bytes.

use redis_cmd::{
    Args, Call, CallOptions, Command, Execute, KeyCommands, MigrateOptions, Milliseconds, ToArgs,
    cmd, raw,
};
use resp_proto::{FromReplyOwned, Value};

const SECRET: &str = "hunter2";

/// An executor that answers with all that can be printed.
struct Shown;

impl Execute for Shown {
    type Output<T: FromReplyOwned> = String;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> String {
        let options = CallOptions::new();
        let call = Call::new(&command, &options);
        let name = call.name().join(&b' ').escape_ascii().to_string();
        assert_eq!(command.name(), name);
        format!("{name} {command} {command:?} {command:#?} {call:?} {call:#?}")
    }
}

impl KeyCommands for Shown {}

/// Arguments that print themselves as they are written.
struct Printing<'w>(&'w [&'w str], std::cell::RefCell<String>);

impl ToArgs for Printing<'_> {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        self.0.write_args(args);
        self.1.borrow_mut().push_str(&format!("{args:?}"));
    }
}

#[track_caller]
fn assert_hidden(shown: &str) {
    assert!(!shown.contains(SECRET), "{shown}");
    let bytes = format!("{:?}", SECRET.as_bytes());
    assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
    let lines = format!("{:#?}", SECRET.as_bytes());
    let lines = lines.lines().nth(2).unwrap_or_default().trim();
    assert!(!shown.lines().any(|line| line.trim() == lines), "{shown}");
}

#[test]
fn a_command_that_carries_secrets_shows_its_name_alone() {
    for words in [
        &["AUTH", SECRET][..],
        &["hello", "3", "AUTH", "user", SECRET],
        &["CONFIG SET", "requirepass", SECRET],
        &["config", "set", "requirepass", SECRET],
        &["ACL", "SETUSER", "ada", ">hunter2"],
        &["MIGRATE", "h", "1", "k", "0", "9", "AUTH", SECRET],
        &["MODULE", "LOAD", "m.so", SECRET],
        &["MODULE", "LOADEX", "m.so", "CONFIG", "m.key", SECRET],
        &["SENTINEL", "SET", "mymaster", "auth-pass", SECRET],
        &["SENTINEL", "CONFIG", "SET", "sentinel-pass", SECRET],
    ] {
        let shown = Shown.execute(raw(words));
        assert_hidden(&shown);
        assert!(shown.contains(words[0]), "{shown}");
        let printing = Printing(words, String::new().into());
        let _: Command<'_, Value> = raw(&printing);
        assert_hidden(&printing.1.borrow());
    }
}

#[test]
fn arguments_that_are_given_with_the_name_are_none_of_it() {
    for (command, name) in [
        ("AUTH hunter2", "AUTH"),
        ("config set requirepass hunter2", "config set"),
        ("ACL SETUSER ada >hunter2", "ACL SETUSER"),
        (" HELLO  3 AUTH ada hunter2", "HELLO"),
    ] {
        let made: Command<'_, Value> = cmd(command);
        assert_eq!(made.name(), name);
        assert_eq!(made.name(), raw(&[command]).name());
        assert_eq!(made.arguments().count(), command.split_whitespace().count());
        assert_hidden(&Shown.execute(made));
    }
    assert_eq!(cmd::<Value>("CLIENT").word("LIST").name(), "CLIENT LIST");
    assert_eq!(cmd::<Value>("CLIENT").name(), "CLIENT");
    assert_eq!(cmd::<Value>("").word("GET").name(), "");
    assert_eq!(cmd::<Value>("GET k").name(), "GET");
}

#[test]
fn options_show_how_much_they_hold() {
    for options in [
        MigrateOptions::keys(SECRET).auth(SECRET),
        MigrateOptions::keys([SECRET, "b"]).auth2("user", SECRET),
    ] {
        assert_hidden(&format!("{options:?} {options:#?}"));
        assert_hidden(&Shown.migrate("h", 1, 0, Milliseconds(9), options));
    }
}

#[test]
fn other_commands_are_shown_as_they_would_be_typed() {
    let shown = format!("{:?}", raw(&("GET", "key")));
    assert!(
        shown.contains("\"GET key\"") && shown.contains("waits: No"),
        "{shown}"
    );
}
