//! What most programs need, for `use redis::prelude::*`: the client and the traits that its commands
//! come from.

pub use redis_cmd::{
    BlockingCommands as _, Execute as _, HashCommands as _, KeyCommands as _, ListCommands as _,
    ServerCommands as _, SetCommands as _, SortedSetCommands as _, StringCommands as _,
};

pub use crate::{Client, Value};
