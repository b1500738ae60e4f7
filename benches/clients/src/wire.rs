//! A raw socket: what the floor is made of, and how the server is filled.

use std::{
    io::{Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use resp_proto::{Framer, Limits};

use crate::{
    data::{Addresses, TEXT},
    workloads::Place,
};

/// Nothing here takes so long.
const LIMIT: Duration = Duration::from_secs(60);

trait Socket: Read + Write + Send {}
impl<S: Read + Write + Send> Socket for S {}

/// A connection without a client.
pub(crate) struct Wire {
    socket: Box<dyn Socket>,
    room: Vec<u8>,
}

impl Wire {
    pub(crate) fn connect(addresses: &Addresses, place: Place) -> Result<Self> {
        let socket: Box<dyn Socket> = match place {
            Place::Tcp => {
                let socket = TcpStream::connect(("127.0.0.1", addresses.port))?;
                socket.set_nodelay(true)?;
                socket.set_read_timeout(Some(LIMIT))?;
                Box::new(socket)
            }
            Place::Unix => {
                let socket = UnixStream::connect(&addresses.socket)?;
                socket.set_read_timeout(Some(LIMIT))?;
                Box::new(socket)
            }
        };
        Ok(Self {
            socket,
            room: Vec::new(),
        })
    }

    /// Sends one request and returns the whole reply; an error reply is an error.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        self.replies(request, 1)
    }

    /// Sends requests and returns their replies as they came.
    pub(crate) fn replies(&mut self, requests: &[u8], count: usize) -> Result<Vec<u8>> {
        self.socket.write_all(requests)?;
        let (mut arrived, mut room) = (Vec::new(), vec![0; 1 << 16]);
        let mut framer = Framer::with_limits(Limits::new());
        let (mut start, mut complete) = (0, 0);
        while complete < count {
            if let Some(frame) = framer.advance(&arrived[start..])? {
                start += frame.len();
                complete += 1;
                continue;
            }
            let read = self.socket.read(&mut room)?;
            ensure!(read > 0, "the server closed the connection");
            arrived.extend_from_slice(&room[..read]);
        }
        ensure!(
            !arrived.starts_with(b"-"),
            "{}",
            String::from_utf8_lossy(&arrived)
        );
        Ok(arrived)
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.socket.write_all(bytes)?)
    }

    /// Reads exactly so many bytes.
    pub(crate) fn read(&mut self, count: usize) -> Result<&[u8]> {
        if self.room.len() < count {
            self.room.resize(count, 0);
        }
        let room = &mut self.room[..count];
        self.socket.read_exact(room)?;
        Ok(room)
    }
}

/// A request, encoded.
pub(crate) fn request<W: AsRef<[u8]>>(words: &[W]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        let word = word.as_ref();
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// Lets the server itself publish, so that nobody else's work is measured with that of the subscriber.
pub(crate) struct Publisher {
    wire: Wire,
    channel: String,
}

impl Publisher {
    /// Each contender has a channel of its own, or all would get what one is measured with.
    pub(crate) fn connect(addresses: &Addresses, channel: &str) -> Result<Self> {
        Ok(Self {
            wire: Wire::connect(addresses, Place::Tcp)?,
            channel: channel.to_owned(),
        })
    }

    /// Begins to publish so many messages.
    pub(crate) fn begin(&mut self, count: usize) -> Result<()> {
        let script = "for i = 1, ARGV[2] do redis.call('PUBLISH', KEYS[1], ARGV[1]) end";
        let count = count.to_string();
        self.wire.send(&request(&[
            "EVAL",
            script,
            "1",
            &self.channel,
            TEXT,
            &count,
        ]))
    }

    /// Waits until all are published.
    pub(crate) fn end(&mut self) -> Result<()> {
        let reply = self.wire.ask(b"").context("publishing")?;
        ensure!(reply == b"$-1\r\n", "publishing failed");
        Ok(())
    }
}
