//! A proxy that counts commands per second, on this crate and std alone.
//!
//! ```text
//! counting_proxy [LISTEN [SERVER]]        127.0.0.1:7000 and 127.0.0.1:6379 if nothing is said
//! ```
//!
//! Bytes are passed on as they come; the framer only looks at them as they go by. A request that it cannot
//! read is the server's to refuse.

#![forbid(unsafe_code)]

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use resp_proto::{Framer, inline};

/// How often each command was seen since the last look.
type Counts = Arc<Mutex<BTreeMap<String, u64>>>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = env::args().skip(1);
    let listener = TcpListener::bind(words.next().unwrap_or("127.0.0.1:7000".into()))?;
    let server = words.next().unwrap_or("127.0.0.1:6379".into());
    println!("from {} to {server}", listener.local_addr()?);
    let counts = Counts::default();
    let shown = Arc::clone(&counts);
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(1));
            println!("{}", line(&std::mem::take(&mut *shown.lock().unwrap())));
        }
    });
    for client in listener.incoming() {
        if let Err(error) = serve(client?, &server, &counts) {
            eprintln!("{server}: {error}");
        }
    }
    Ok(())
}

/// Connects a client with the server, for as long as both like.
fn serve(client: TcpStream, server: &str, counts: &Counts) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    let counts = Arc::clone(counts);
    let (answers, back) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || pass_on(answers, back, |_| {}));
    thread::spawn(move || {
        let mut requests = Requests::default();
        pass_on(client, server, |bytes| requests.see(bytes, &counts))
    });
    Ok(())
}

/// `12 commands/s: GET 10, SET 2`
fn line(counts: &BTreeMap<String, u64>) -> String {
    let each: Vec<_> = counts
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    format!(
        "{} commands/s: {}",
        counts.values().sum::<u64>(),
        each.join(", ")
    )
}

/// Ends when one side does, and tells the other.
fn pass_on(mut from: TcpStream, mut to: TcpStream, mut see: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; 16 << 10];
    loop {
        // Whoever resets the connection ends it, like whoever closes it.
        let count = from.read(&mut buffer).unwrap_or(0);
        if count == 0 {
            return to.shutdown(Shutdown::Write);
        }
        to.write_all(&buffer[..count])?;
        see(&buffer[..count]);
    }
}

/// The requests of one client, which arrive in pieces.
#[derive(Default)]
struct Requests {
    framer: Framer,
    /// What has arrived and belongs to no complete request yet.
    bytes: Vec<u8>,
    lost: bool,
}

impl Requests {
    fn see(&mut self, bytes: &[u8], counts: &Counts) {
        if self.lost {
            return;
        }
        self.bytes.extend_from_slice(bytes);
        let mut seen = 0;
        while let Some((length, name)) = self.next(seen) {
            seen += length;
            if !name.is_empty() {
                *counts.lock().unwrap().entry(name).or_default() += 1;
            }
        }
        self.bytes.drain(..seen);
    }

    /// How long the request at the front is, and which command.
    fn next(&mut self, from: usize) -> Option<(usize, String)> {
        let bytes = &self.bytes[from..];
        let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_uppercase();
        if matches!(bytes.first(), None | Some(b'*')) {
            let frame = self.framer.advance(bytes).unwrap_or_else(|_| {
                self.lost = true;
                None
            })?;
            let first = frame.reply().elements().and_then(|mut words| words.next());
            let text = first.and_then(|word| word.text()).unwrap_or_default();
            return Some((frame.len(), name(text)));
        }
        let inline = inline::read(bytes).unwrap_or_else(|_| {
            self.lost = true;
            None
        })?;
        let first = inline.words().next().map(|word| word.to_vec());
        Some((inline.len(), name(&first.unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_both_kinds_in_pieces_are_counted() {
        let stream =
            b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n\r\n*2\r\n$3\r\nget\r\n$1\r\nk\r\n*1\r\n";
        for size in 1..stream.len() {
            let (counts, mut requests) = (Counts::default(), Requests::default());
            stream
                .chunks(size)
                .for_each(|piece| requests.see(piece, &counts));
            assert_eq!(line(&counts.lock().unwrap()), "3 commands/s: GET 2, PING 1");
        }
    }

    #[test]
    fn a_client_gets_the_servers_answers_and_its_commands_are_counted() {
        let server = redis_testkit::Server::start().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let counts = Counts::default();
        let accepted = listener.accept().unwrap().0;
        serve(accepted, &server.tcp_addr().to_string(), &counts).unwrap();
        client
            .write_all(b"*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\nPING\r\n")
            .unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut answers = Vec::new();
        client.read_to_end(&mut answers).unwrap();
        assert_eq!(answers, b"$2\r\nhi\r\n+PONG\r\n");
        assert_eq!(
            line(&counts.lock().unwrap()),
            "2 commands/s: ECHO 1, PING 1"
        );
    }

    #[test]
    fn what_is_no_request_is_passed_on_and_not_counted() {
        let (counts, mut requests) = (Counts::default(), Requests::default());
        requests.see(b"*x\r\n*1\r\n$4\r\nPING\r\n", &counts);
        assert_eq!(line(&counts.lock().unwrap()), "0 commands/s: ");
    }
}
