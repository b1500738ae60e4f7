//! The streams of replies that every parser is given.

use std::fmt::Write;

/// A stream, and how it arrives.
pub struct Workload {
    pub name: &'static str,
    pub stream: Vec<u8>,
    /// The same replies for a parser that speaks RESP2 alone.
    pub in_resp2: Option<Vec<u8>>,
    /// How many top-level replies there are.
    pub replies: usize,
    /// How many replies there are, elements included.
    pub values: usize,
    /// How many bytes arrive at a time.
    pub piece: usize,
}

/// What a client reads from a socket at a time.
const READ: usize = 16 << 10;

impl Workload {
    fn new(name: &'static str, stream: Vec<u8>, replies: usize, values: usize) -> Self {
        Self {
            name,
            stream,
            in_resp2: None,
            replies,
            values,
            piece: usize::MAX,
        }
    }

    /// The stream for a parser that may speak RESP2 alone.
    pub fn resp2(&self) -> &[u8] {
        self.in_resp2.as_deref().unwrap_or(&self.stream)
    }
}

/// Makes the workload of this name.
type Maker = fn(&'static str) -> Workload;

/// Each workload by its name: making one takes longer than reading it.
const MAKERS: [(&str, Maker); 10] = [
    ("+OK", |name| Workload {
        piece: READ,
        ..Workload::new(name, b"+OK\r\n".repeat(10_000), 10_000, 10_000)
    }),
    ("integer", |name| Workload {
        piece: READ,
        ..Workload::new(name, integers(10_000), 10_000, 10_000)
    }),
    ("bulk 16 B", |name| Workload {
        piece: READ,
        ..Workload::new(name, bulks(10_000), 10_000, 10_000)
    }),
    ("bulk 1 MiB", |name| {
        Workload::new(name, bulk(&vec![b'x'; 1 << 20]), 1, 1)
    }),
    ("1,000 bulks", |name| {
        Workload::new(name, array(1000, &bulks(1000)), 1, 1001)
    }),
    ("1,000 integers", |name| {
        Workload::new(name, array(1000, &integers(1000)), 1, 1001)
    }),
    ("nested", |name| {
        Workload::new(name, nested(), 1, 240 * 25 + 1)
    }),
    ("map of 1,000", |name| Workload {
        in_resp2: Some(array(2000, &scores(true))),
        ..Workload::new(
            name,
            [b"%1000\r\n".to_vec(), scores(false)].concat(),
            1,
            2001,
        )
    }),
    ("100k in 4 KiB", |name| Workload {
        piece: 4 << 10,
        ..Workload::new(name, array(100_000, &bulks(100_000)), 1, 100_001)
    }),
    ("100k whole", |name| {
        Workload::new(name, array(100_000, &bulks(100_000)), 1, 100_001)
    }),
];

/// What all workloads are called.
pub fn names() -> impl Iterator<Item = &'static str> {
    MAKERS.iter().map(|(name, _)| *name)
}

/// The workloads that are chosen by name.
pub fn chosen(is_chosen: impl Fn(&str) -> bool) -> Vec<Workload> {
    let chosen = MAKERS.iter().filter(|(name, _)| is_chosen(name));
    chosen.map(|(name, make)| make(name)).collect()
}

fn integers(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|n| format!(":{}\r\n", n * 7919 % 1_000_000).into_bytes())
        .collect()
}

fn bulks(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|n| bulk(format!("value:{n:010}").as_bytes()))
        .collect()
}

fn bulk(bytes: &[u8]) -> Vec<u8> {
    [format!("${}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn array(count: usize, values: &[u8]) -> Vec<u8> {
    [format!("*{count}\r\n").as_bytes(), values].concat()
}

/// Members and scores, as RESP2 and as RESP3 has them.
fn scores(in_resp2: bool) -> Vec<u8> {
    (0..1000)
        .flat_map(|n| {
            let score = format!("{}.{:03}", n * 37 % 1000, n);
            let member = bulk(format!("member:{n:04}").as_bytes());
            let score = if in_resp2 {
                bulk(score.as_bytes())
            } else {
                format!(",{score}\r\n").into_bytes()
            };
            [member, score].concat()
        })
        .collect()
}

/// Like the answer to COMMAND: 240 descriptions of 25 values each, four levels deep.
fn nested() -> Vec<u8> {
    let mut stream = "*240\r\n".to_owned();
    for n in 0..240 {
        let name = format!("command{}", n);
        // Writing into a string cannot fail.
        let _ = write!(
            stream,
            "*10\r\n${}\r\n{name}\r\n:-{}\r\n*3\r\n+write\r\n+denyoom\r\n+fast\r\n:1\r\n:1\r\n:1\r\n\
             *4\r\n+@keyspace\r\n+@write\r\n+@slow\r\n+@dangerous\r\n*0\r\n\
             *1\r\n*2\r\n$5\r\nflags\r\n*2\r\n+RW\r\n+ACCESS\r\n*1\r\n*0\r\n",
            name.len(),
            n % 9 + 1,
        );
    }
    stream.into_bytes()
}
