//! The two versions of the protocol.

/// A version of the protocol.
///
/// RESP3 has all types of RESP2, so a reader of RESP3 reads both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// What a connection speaks at first: simple strings and errors, integers, bulk strings, arrays.
    Resp2,
    /// What `HELLO 3` switches to: maps, sets, doubles, booleans, pushes, attributes and more.
    #[default]
    Resp3,
}

impl Protocol {
    /// Whether a reply may start with this byte.
    pub(crate) fn has_type(self, byte: u8) -> bool {
        match byte {
            b'+' | b'-' | b':' | b'$' | b'*' => true,
            b',' | b'#' | b'_' | b'(' | b'!' | b'=' | b'%' | b'~' | b'>' | b'|' => {
                self == Self::Resp3
            }
            _ => false,
        }
    }
}
