//! What is measured: each workload is a row of every table.

use crate::data::{LARGE, LARGEST};

/// One thing that clients are asked to do, again and again.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) work: Work,
    pub(crate) place: Place,
    /// How many calls are few enough for a tool that slows them down a hundred times.
    pub(crate) few: usize,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// `GET` of 16 bytes into a `String`.
    Get,
    /// `GET` of a number into an `i64`.
    GetNumber,
    /// `SET` of 16 bytes.
    Set,
    /// So many `GET`s of 16 bytes in one go, into a `Vec<String>`.
    Pipeline(usize),
    /// `LRANGE` of 1,000 elements of 16 bytes into a `Vec<Vec<u8>>`.
    ListOfBytes,
    /// The same into a `Vec<String>`.
    ListOfStrings,
    /// `HGETALL` of 1,000 fields into a `HashMap<String, String>`.
    Hash,
    /// `MGET` of 1,000 keys into a `Vec<i64>`.
    Numbers,
    /// `GET` of so many bytes into a `Vec<u8>`.
    GetLarge(usize),
    /// `SET` of so many bytes.
    SetLarge(usize),
    /// `GET` of 16 bytes by so many threads (tasks, where a client is `async`) that share one client.
    Crowd(usize),
    /// Receives a published message of 16 bytes.
    Messages,
}

/// How the server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Tcp,
    Unix,
}

impl Workload {
    const fn tcp(name: &'static str, work: Work, few: usize) -> Self {
        Self {
            name,
            work,
            place: Place::Tcp,
            few,
        }
    }

    const fn unix(name: &'static str, work: Work, few: usize) -> Self {
        Self {
            name,
            work,
            place: Place::Unix,
            few,
        }
    }

    /// Whether calls are so alike and so much their own that counting few of them tells about all.
    pub(crate) fn is_countable(&self) -> bool {
        !matches!(self.work, Work::Crowd(_) | Work::Messages)
    }
}

pub(crate) static ALL: [Workload; 21] = [
    Workload::tcp("GET", Work::Get, 200),
    Workload::tcp("GET i64", Work::GetNumber, 200),
    Workload::tcp("SET", Work::Set, 200),
    Workload::unix("GET unix", Work::Get, 200),
    Workload::unix("SET unix", Work::Set, 200),
    Workload::tcp("pipeline 100", Work::Pipeline(100), 20),
    Workload::tcp("pipeline 10,000", Work::Pipeline(10_000), 2),
    Workload::tcp("LRANGE bytes", Work::ListOfBytes, 10),
    Workload::tcp("LRANGE strings", Work::ListOfStrings, 10),
    Workload::tcp("HGETALL", Work::Hash, 10),
    Workload::tcp("MGET", Work::Numbers, 10),
    Workload::tcp("GET 1 MiB", Work::GetLarge(LARGE), 5),
    Workload::tcp("SET 1 MiB", Work::SetLarge(LARGE), 5),
    Workload::tcp("GET 64 MiB", Work::GetLarge(LARGEST), 1),
    Workload::tcp("SET 64 MiB", Work::SetLarge(LARGEST), 1),
    Workload::tcp("1 thread", Work::Crowd(1), 200),
    Workload::tcp("2 threads", Work::Crowd(2), 200),
    Workload::tcp("8 threads", Work::Crowd(8), 200),
    Workload::tcp("64 threads", Work::Crowd(64), 640),
    Workload::unix("64 threads unix", Work::Crowd(64), 640),
    Workload::tcp("pub/sub", Work::Messages, 1000),
];

/// The workloads whose names contain `only`, or the one of exactly that name.
pub(crate) fn chosen(only: Option<&str>) -> Vec<&'static Workload> {
    let Some(only) = only else {
        return ALL.iter().collect();
    };
    match ALL.iter().find(|workload| workload.name == only) {
        Some(workload) => vec![workload],
        None => ALL
            .iter()
            .filter(|workload| workload.name.contains(only))
            .collect(),
    }
}
