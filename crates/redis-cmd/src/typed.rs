//! A command as a person would type it, for error messages.

use std::{cell::Cell, fmt, str};

/// The longest part of an argument that is shown, in bytes.
const LONGEST_ARGUMENT: usize = 64;
/// More than the longest word of the name of a secretive command, in bytes.
const LONGEST_WORD: usize = 16;
/// How many arguments are shown.
const MOST_ARGUMENTS: usize = 8;

/// Commands whose arguments hold secrets: only their names are shown.
const SECRETIVE: [&str; 9] = [
    "ACL SETUSER",
    "AUTH",
    "CONFIG SET",
    "HELLO",
    "MIGRATE",
    "MODULE LOAD",
    "MODULE LOADEX",
    "SENTINEL CONFIG",
    "SENTINEL SET",
];

/// A command as a person would type it: long arguments and long lists of them shortened, bytes that
/// are no printable text escaped, and nothing but the name of a command that carries secrets.
///
/// ```
/// use redis_cmd::Typed;
///
/// let words = |words: &[&'static str]| Typed::new(words.iter().map(|word| word.as_bytes()).collect::<Vec<_>>()).to_string();
/// assert_eq!(words(&["SET", "my key", "value"]), "SET \"my key\" value");
/// assert_eq!(words(&["AUTH", "user", "secret"]), "AUTH ...");
/// ```
pub struct Typed<I> {
    arguments: Cell<Option<I>>,
}

impl<'a, I: IntoIterator<Item = &'a [u8]>> Typed<I> {
    /// Takes the arguments of a command, the words of its name included. It can be shown once.
    pub fn new(arguments: I) -> Self {
        Self {
            arguments: Cell::new(Some(arguments)),
        }
    }
}

impl<'a, I: IntoIterator<Item = &'a [u8]>> fmt::Display for Typed<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.arguments.take() {
            Some(arguments) => write_command(&mut arguments.into_iter(), f),
            None => Ok(()),
        }
    }
}

impl<I> fmt::Debug for Typed<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

fn write_command(
    arguments: &mut dyn Iterator<Item = &[u8]>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut name = String::new();
    for (index, argument) in arguments.enumerate() {
        if index == MOST_ARGUMENTS || index > 0 && SECRETIVE.contains(&name.as_str()) {
            return f.write_str(" ...");
        }
        if index > 0 {
            f.write_str(" ")?;
        }
        if index < 2 {
            if index > 0 {
                name.push(' ');
            }
            let word = argument.get(..LONGEST_WORD).unwrap_or(argument);
            name.push_str(&String::from_utf8_lossy(word).to_ascii_uppercase());
        }
        write_argument(argument, f)?;
    }
    Ok(())
}

fn write_argument(argument: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let shown = argument.get(..LONGEST_ARGUMENT).unwrap_or(argument);
    let text = match str::from_utf8(shown) {
        // A character that the shortening has cut is left out.
        Err(error) if error.error_len().is_none() && shown.len() < argument.len() => {
            str::from_utf8(shown.get(..error.valid_up_to()).unwrap_or_default())
        }
        text => text,
    };
    match text {
        Ok(text) if !text.is_empty() && text.chars().all(is_plain) => f.write_str(text)?,
        Ok(text) => write!(f, "{text:?}")?,
        Err(_) => write!(f, "\"{}\"", shown.escape_ascii())?,
    }
    if shown.len() < argument.len() {
        f.write_str("...")
    } else {
        Ok(())
    }
}

fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || character.is_ascii_punctuation() && character != '"'
}
