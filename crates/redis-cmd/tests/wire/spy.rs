//! An executor that answers with what it was given, and the two ways to say what that must be.

use redis_cmd::{BlockingCommands, Command, Execute, Waits};
use resp_proto::{Framer, FromReplyOwned};

/// An executor that answers with what it was given.
#[derive(Clone, Copy)]
pub(crate) struct Spy;

/// A command, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    /// The words of the name.
    pub(crate) name: String,
    /// All arguments, those of the name included.
    pub(crate) arguments: Vec<String>,
    /// Which of the arguments are keys.
    pub(crate) keys: Vec<usize>,
    pub(crate) read_only: bool,
    pub(crate) waits: Waits,
    pub(crate) invalid: bool,
}

impl Sent {
    /// The command as one text, with brackets around its keys.
    fn marked(&self) -> String {
        let words = self.arguments.iter().enumerate().map(|(index, argument)| {
            if self.keys.contains(&index) {
                format!("[{argument}]")
            } else {
                argument.clone()
            }
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

impl Execute for Spy {
    type Output<T: FromReplyOwned> = Sent;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Sent {
        let mut bytes = Vec::new();
        command.write_to(&mut bytes);
        let mut framer = Framer::new();
        let frame = framer
            .advance(&bytes)
            .expect("a request")
            .expect("a whole request");
        assert_eq!(frame.len(), bytes.len(), "nothing behind the request");
        let arguments: Vec<Vec<u8>> = frame.reply().decode().expect("an array of bulk strings");
        let arguments = arguments
            .iter()
            .map(|argument| argument.escape_ascii().to_string());
        Sent {
            name: command.name(),
            arguments: arguments.collect(),
            keys: command.key_positions().collect(),
            read_only: command.is_read_only(),
            waits: command.waiting(),
            invalid: command.reason_against().is_some(),
        }
    }
}

redis_cmd::implement_families!(for Spy);
impl BlockingCommands for Spy {}

/// A command that may change something, and what it must be, with brackets around its keys.
#[track_caller]
pub(crate) fn writes(sent: Sent, expected: &str) -> Sent {
    assert_eq!(sent.marked(), expected);
    assert!(!sent.read_only, "{expected} is not to be repeated");
    assert_eq!(sent.waits, Waits::No);
    assert!(!sent.invalid);
    sent
}

/// A command that only reads, and what it must be, with brackets around its keys.
#[track_caller]
pub(crate) fn reads(sent: Sent, expected: &str) -> Sent {
    assert!(sent.read_only, "{expected} only reads");
    writes(
        Sent {
            read_only: false,
            ..sent.clone()
        },
        expected,
    );
    sent
}

/// A command that waits, for how long, and what it must be.
#[track_caller]
pub(crate) fn waits(sent: Sent, waits: Waits, expected: &str) -> Sent {
    assert_eq!(sent.waits, waits);
    writes(
        Sent {
            waits: Waits::No,
            ..sent.clone()
        },
        expected,
    );
    sent
}
