//! The commands of Redis and Valkey, typed and defined once, over one seam that any executor can implement.
#![forbid(unsafe_code)]
