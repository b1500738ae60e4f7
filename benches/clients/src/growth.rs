//! How the cost of a reply grows with its size, and with the number of pieces that it comes in.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use anyhow::{Result, ensure};
use redis::{Address, Deadline, Dial, ErrorKind, Transport, prelude::*};

use crate::{
    chart,
    data::{self, Addresses},
    jobs::{Clock, Sample},
    rounds,
    tables::{number, table},
    wire::Wire,
    workloads::Place,
};

/// How many elements there are.
const LENGTHS: [usize; 7] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];

/// How many bytes come at a time, at most.
const PIECES: [(&str, usize); 4] = [
    ("as they come", usize::MAX),
    ("64 KiB", 64 << 10),
    ("1 KiB", 1 << 10),
    ("1 byte", 1),
];

/// A cell of the table is measured until so many elements have been decoded.
const ELEMENTS: usize = 300_000;

/// A million elements byte by byte take a while on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A line of the chart: nanoseconds of the processor per element, for so many elements.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(usize, f64)>,
}

/// The time per element for everybody, as a table; drawn if a chart is asked for.
pub(crate) fn report(addresses: &Addresses, quick: bool, chart: Option<&Path>) -> Result<String> {
    let lengths = if quick { &LENGTHS[..5] } else { &LENGTHS };
    let mut wire = Wire::connect(addresses, Place::Tcp)?;
    for &length in lengths.iter().filter(|&&length| length != data::MANY) {
        data::store_list(&mut wire, length)?;
    }
    let mut lines = Vec::new();
    for (name, piece) in PIECES {
        let client = Client::builder()
            .url(&addresses.url(Place::Tcp))?
            .dial(Pieces { piece })
            .response_timeout(PATIENCE)
            .build();
        let line = line(&format!("ours, {name}"), lengths, |key| {
            let list: Vec<Vec<u8>> = client.lrange(key, 0, -1)?;
            Ok(list.len())
        });
        lines.push(line?);
    }
    let mut connection = redis_rs::Client::open(addresses.url(Place::Tcp))?.get_connection()?;
    lines.push(line("redis-rs, as they come", lengths, |key| {
        let list: Vec<Vec<u8>> = redis_rs::Commands::lrange(&mut connection, key, 0, -1)?;
        Ok(list.len())
    })?);
    if let Some(path) = chart {
        chart::draw_lines(&lines, path)?;
        println!("{} shows it", path.display());
    }
    Ok(printed(&lines, lengths))
}

fn line(
    name: &str,
    lengths: &[usize],
    mut lrange: impl FnMut(&str) -> Result<usize>,
) -> Result<Line> {
    let mut points = Vec::new();
    for &length in lengths {
        rounds::say(&format!("{name}: {} elements", number(length as f64)));
        let key = data::list_key(length);
        ensure!(
            lrange(&key)? == length,
            "the list is not as long as it was made"
        );
        let clock = Clock::start();
        let calls = (ELEMENTS / length).clamp(1, 10_000);
        for _ in 0..calls {
            lrange(&key)?;
        }
        let Sample { cpu, .. } = clock.stop(Vec::new());
        points.push((length, cpu.as_secs_f64() * 1e9 / (calls * length) as f64));
    }
    rounds::clear();
    Ok(Line {
        name: name.to_owned(),
        points,
    })
}

fn printed(lines: &[Line], lengths: &[usize]) -> String {
    let header: Vec<String> = ["CPU ns/element".to_owned()]
        .into_iter()
        .chain(lengths.iter().map(|&length| number(length as f64)))
        .collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            let cells = line.points.iter().map(|&(_, cost)| number(cost));
            [line.name.clone()].into_iter().chain(cells).collect()
        })
        .collect();
    table(&header, &rows)
}

/// Reaches the server by a socket that gives out few bytes at a time.
struct Pieces {
    piece: usize,
}

impl Dial for Pieces {
    fn dial(&self, address: &Address, _: Deadline) -> redis::Result<Box<dyn Transport>> {
        let Address::Tcp { host, port } = address else {
            return Err(redis::Error::new(ErrorKind::InvalidInput, "no TCP address"));
        };
        let socket = TcpStream::connect((host.as_str(), *port))
            .map_err(|error| redis::Error::new(ErrorKind::Connection, error.to_string()))?;
        Ok(Box::new(InPieces {
            socket,
            piece: self.piece,
            unread: Vec::new(),
            at: 0,
        }))
    }
}

/// What has come is kept, so that small pieces cost no system calls, which are none of the client's.
struct InPieces {
    socket: TcpStream,
    piece: usize,
    unread: Vec<u8>,
    at: usize,
}

impl Read for InPieces {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.piece == usize::MAX {
            return self.socket.read(room);
        }
        if self.at == self.unread.len() {
            self.unread.resize(1 << 20, 0);
            let count = self.socket.read(&mut self.unread)?;
            self.unread.truncate(count);
            self.at = 0;
        }
        let most = self.piece.min(room.len()).min(self.unread.len() - self.at);
        room[..most].copy_from_slice(&self.unread[self.at..self.at + most]);
        self.at += most;
        Ok(most)
    }
}

impl Write for InPieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl Transport for InPieces {
    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.socket.set_read_timeout(limit)
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        self.socket.set_write_timeout(limit)
    }

    fn is_quiet(&mut self) -> bool {
        self.at == self.unread.len() && Transport::is_quiet(&mut self.socket)
    }
}
