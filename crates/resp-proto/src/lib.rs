//! RESP2 and RESP3, the wire protocol of Redis and Valkey: framing, borrowed replies, decoding and encoding, without I/O.
#![forbid(unsafe_code)]
