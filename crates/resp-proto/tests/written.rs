//! The naive parser's trees as bytes again.

use crate::naive::{Node, Tree};

impl Node {
    /// Writes the node as it came.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        if !self.attributes.is_empty() {
            out.extend(format!("|{}\r\n", self.attributes.len()).bytes());
            write_pairs(&self.attributes, out);
        }
        let mut line = |kind: char, text: &[u8]| {
            out.push(kind as u8);
            out.extend_from_slice(text);
            out.extend_from_slice(b"\r\n");
        };
        let length = |length: usize| length.to_string().into_bytes();
        match &self.tree {
            Tree::Simple(text) => line('+', text),
            Tree::Error(text) => line('-', text),
            Tree::Integer(number) => line(':', number.to_string().as_bytes()),
            Tree::Null(form) => out.extend(format!("{form}\r\n").bytes()),
            Tree::Double(text) => line(',', text.as_bytes()),
            Tree::Boolean(value) => line('#', if *value { b"t" } else { b"f" }),
            Tree::BigNumber(digits) => line('(', digits.as_bytes()),
            Tree::Bulk(bytes) => {
                line('$', &length(bytes.len()));
                out.extend([bytes, &b"\r\n"[..]].concat());
            }
            Tree::BulkError(bytes) => {
                line('!', &length(bytes.len()));
                out.extend([bytes, &b"\r\n"[..]].concat());
            }
            Tree::Verbatim(format, text) => {
                line('=', &length(text.len() + 4));
                out.extend([&format[..], b":", text, b"\r\n"].concat());
            }
            Tree::Array(nodes) => {
                line('*', &length(nodes.len()));
                nodes.iter().for_each(|node| node.write(out));
            }
            Tree::Set(nodes) => {
                line('~', &length(nodes.len()));
                nodes.iter().for_each(|node| node.write(out));
            }
            Tree::Push(nodes) => {
                line('>', &length(nodes.len()));
                nodes.iter().for_each(|node| node.write(out));
            }
            Tree::Map(entries) => {
                line('%', &length(entries.len()));
                write_pairs(entries, out);
            }
        }
    }
}

fn write_pairs(pairs: &[(Node, Node)], out: &mut Vec<u8>) {
    for (key, value) in pairs {
        key.write(out);
        value.write(out);
    }
}
