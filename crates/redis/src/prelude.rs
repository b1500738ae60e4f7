//! What most programs need, for `use redis::prelude::*`: the client and the traits that its commands
//! come from.

pub use redis_cmd::{
    AclCommands as _, ArrayCommands as _, BackupCommands as _, BitmapCommands as _,
    BlockingCommands as _, ClientCommands as _, ClusterCommands as _, CommandLogCommands as _,
    CommandTableCommands as _, ConfigCommands as _, Execute as _, FunctionCommands as _,
    GeoCommands as _, HashCommands as _, HotKeyCommands as _, HyperLogLogCommands as _,
    KeyCommands as _, LatencyCommands as _, ListCommands as _, MemoryCommands as _,
    ModuleCommands as _, PubSubCommands as _, ReplicationCommands as _, ScriptingCommands as _,
    ServerCommands as _, SetCommands as _, SortedSetCommands as _, SortedSetRangeCommands as _,
    StreamCommands as _, StreamGroupCommands as _, StringCommands as _, VectorSetCommands as _,
};
pub use redis_ext::{CallFunction as _, RunScript as _};

pub use crate::{Client, Value};
