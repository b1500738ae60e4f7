//! Who is measured: the floor, this client, and its peers, each in a file with what it does for each workload.

mod floor;
mod fred;
mod hiredis;
mod multiplexed;
mod ours;
mod redis_py;
mod redis_rs;
mod rustis;

use std::sync::Arc;

use anyhow::Result;
use tokio::runtime::Runtime;

use crate::{
    answers::Expected,
    data::{self, Addresses},
    jobs::Job,
    wire::Publisher,
    workloads::{Place, Work, Workload},
};

/// Somebody who can do the work.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Connects, and says how the work is done; `None` where it is not.
    pub(crate) job: fn(&Setting) -> Result<Option<Job>>,
    /// Whether its allocations are made in this process by Rust, and its work by this process at all.
    pub(crate) counts: Counts,
}

/// What can be counted of a contender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    All,
    /// C allocates by itself.
    NoAllocations,
    /// It is a process of its own.
    Nothing,
}

/// What a contender is asked for.
pub(crate) struct Setting {
    pub(crate) addresses: Addresses,
    pub(crate) place: Place,
    pub(crate) work: Work,
}

/// The floor first, ours second.
pub(crate) static ALL: [Contender; 11] = [
    Contender::new("floor", floor::bytes),
    Contender::new("floor+vec", floor::decoded),
    Contender::new("ours", ours::job),
    Contender::new("ours unshared", ours::without_sharing),
    Contender::new("redis-rs", redis_rs::alone),
    Contender::new("redis-rs r2d2", redis_rs::pooled),
    Contender::new("redis-rs mux", multiplexed::job),
    Contender::new("fred", fred::job),
    Contender::new("rustis", rustis::job),
    Contender {
        counts: Counts::NoAllocations,
        ..Contender::new("hiredis", hiredis::job)
    },
    Contender {
        counts: Counts::Nothing,
        ..Contender::new("redis-py", redis_py::job)
    },
];

/// The floor with decoding, by its place in [`ALL`].
pub(crate) const FLOOR: &str = "floor+vec";
/// This project's.
pub(crate) const OURS: &str = "ours";

impl Contender {
    const fn new(name: &'static str, job: fn(&Setting) -> Result<Option<Job>>) -> Self {
        Self {
            name,
            job,
            counts: Counts::All,
        }
    }
}

impl Setting {
    pub(crate) fn new(addresses: &Addresses, workload: &Workload) -> Self {
        Self {
            addresses: addresses.clone(),
            place: workload.place,
            work: workload.work,
        }
    }

    fn expected(&self) -> Expected {
        Expected::new(data::expected(self.work))
    }

    fn url(&self) -> String {
        self.addresses.url(self.place)
    }

    fn publisher(&self, channel: &str) -> Result<Publisher> {
        Publisher::connect(&self.addresses, channel)
    }
}

/// A runtime as `#[tokio::main]` makes it.
fn runtime() -> Result<Arc<Runtime>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    Ok(Arc::new(runtime))
}

/// Why redis-py cannot take part, if it cannot.
pub(crate) fn redis_py_is_missing() -> Option<&'static str> {
    redis_py::missing()
}
