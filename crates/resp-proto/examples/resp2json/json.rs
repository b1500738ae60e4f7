//! One reply as JSON.
//!
//! A value is an object with its type in `"t"`:
//!
//! | type | members |
//! |---|---|
//! | simple, error, bulk, bulkerror | `"v"`: the text, or `"x"`: the bytes in hexadecimal where they are no UTF-8 |
//! | int, big | `"v"`: a string of digits |
//! | double | `"v"`: as sent; `"bits"`: its 64 bits in hexadecimal, or `"nan"` |
//! | bool | `"v"`: true or false |
//! | null | `"form"`: `$-1`, `*-1` or `_` |
//! | verbatim | `"fmt"` and `"v"` or `"x"` |
//! | array, set, push | `"v"`: a list |
//! | map | `"v"`: a list of pairs in the order of the wire, duplicates kept |
//!
//! `"attrs"`, a list of pairs, is there when attributes precede the value.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use resp_proto::{Attributes, Data, Elements, Entries, Reply};

/// What is left to be written: a stack of these takes the place of recursion.
enum Task<'a> {
    Text(&'static str),
    Value(Reply<'a>),
    List(Elements<'a>),
    Map(Entries<'a>),
    Attributes(Attributes<'a>),
}

/// Writes a reply on one line.
pub(crate) fn write(out: &mut impl Write, reply: Reply<'_>) -> io::Result<()> {
    let mut tasks = vec![Task::Value(reply)];
    while let Some(task) = tasks.pop() {
        match task {
            Task::Text(text) => out.write_all(text.as_bytes())?,
            Task::Value(reply) => begin(out, reply, &mut tasks)?,
            Task::List(mut elements) => {
                if let Some(element) = elements.next() {
                    let separator = if elements.is_empty() { "" } else { ", " };
                    tasks.extend([
                        Task::List(elements),
                        Task::Text(separator),
                        Task::Value(element),
                    ]);
                }
            }
            Task::Map(mut entries) => {
                if let Some(entry) = entries.next() {
                    let end = if entries.is_empty() { "]" } else { "], " };
                    tasks.extend([Task::Map(entries), Task::Text(end)]);
                    pair(entry, &mut tasks);
                }
            }
            Task::Attributes(mut attributes) => {
                if let Some(entry) = attributes.next() {
                    let end = if attributes.clone().next().is_none() {
                        "]"
                    } else {
                        "], "
                    };
                    tasks.extend([Task::Attributes(attributes), Task::Text(end)]);
                    pair(entry, &mut tasks);
                }
            }
        }
    }
    Ok(())
}

/// A JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c < ' ' => {
                // Writing into a string cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Writes the head of a value, and leaves what is inside it, its attributes and its end on the stack.
fn begin<'a>(out: &mut impl Write, reply: Reply<'a>, tasks: &mut Vec<Task<'a>>) -> io::Result<()> {
    let spelling = reply.bytes().first().copied().unwrap_or_default();
    tasks.push(Task::Text("}"));
    if reply.attributes().next().is_some() {
        tasks.push(Task::Text("]"));
        tasks.push(Task::Attributes(reply.attributes()));
        tasks.push(Task::Text(", \"attrs\": ["));
    }
    let mut inside = |list| tasks.extend([Task::Text("]"), list]);
    match reply.data() {
        Data::Simple(text) => bytes(out, "simple", text),
        Data::Error(text) if spelling == b'!' => bytes(out, "bulkerror", text),
        Data::Error(text) => bytes(out, "error", text),
        Data::Bulk(text) => bytes(out, "bulk", text),
        Data::BigNumber(digits) => bytes(out, "big", digits),
        Data::Integer(number) => write!(out, "{{\"t\": \"int\", \"v\": \"{number}\""),
        Data::Boolean(value) => write!(out, "{{\"t\": \"bool\", \"v\": {value}"),
        Data::Double(number) => {
            bytes(out, "double", reply.text().unwrap_or_default())?;
            if number.is_nan() {
                out.write_all(b", \"bits\": \"nan\"")
            } else {
                write!(out, ", \"bits\": \"{:016x}\"", number.to_bits())
            }
        }
        Data::Null => {
            let form = match spelling {
                b'$' => "$-1",
                b'*' => "*-1",
                _ => "_",
            };
            write!(out, "{{\"t\": \"null\", \"form\": \"{form}\"")
        }
        Data::Verbatim { format, text } => {
            bytes(out, "verbatim", text)?;
            write!(
                out,
                ", \"fmt\": {}",
                quoted(&String::from_utf8_lossy(&format))
            )
        }
        Data::Array(elements) => {
            inside(Task::List(elements));
            out.write_all(b"{\"t\": \"array\", \"v\": [")
        }
        Data::Set(elements) => {
            inside(Task::List(elements));
            out.write_all(b"{\"t\": \"set\", \"v\": [")
        }
        Data::Push(elements) => {
            inside(Task::List(elements));
            out.write_all(b"{\"t\": \"push\", \"v\": [")
        }
        Data::Map(entries) => {
            inside(Task::Map(entries));
            out.write_all(b"{\"t\": \"map\", \"v\": [")
        }
        // Of a version of the protocol that this was not written for.
        _ => bytes(out, "other", reply.bytes()),
    }
}

/// Leaves `[key, value` on the stack; its end is there already.
fn pair<'a>((key, value): (Reply<'a>, Reply<'a>), tasks: &mut Vec<Task<'a>>) {
    tasks.extend([
        Task::Value(value),
        Task::Text(", "),
        Task::Value(key),
        Task::Text("["),
    ]);
}

fn bytes(out: &mut impl Write, kind: &str, bytes: &[u8]) -> io::Result<()> {
    write!(out, "{{\"t\": \"{kind}\", ")?;
    match std::str::from_utf8(bytes) {
        Ok(text) => write!(out, "\"v\": {}", quoted(text)),
        Err(_) => {
            out.write_all(b"\"x\": \"")?;
            for byte in bytes {
                write!(out, "{byte:02x}")?;
            }
            out.write_all(b"\"")
        }
    }
}
