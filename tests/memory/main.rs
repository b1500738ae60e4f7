//! How much memory it takes, counted by the allocator. It is a binary of its own, since whatever runs beside
//! it would be counted too.

mod hostile_servers;
mod large_values;
mod peak;
