//! When a server has started, and how far a replica is: asked on its Unix socket.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Whether a server answers on `socket` and has finished loading. Any failure is a "not yet".
///
/// A server that wants a password says so (`-NOAUTH`) to a `PING`, which is as good an answer.
pub(crate) fn answers(socket: &Path, patience: Duration) -> bool {
    ask(socket, b"PING\r\n", patience).is_ok_and(|answer| is_ready(&answer))
}

/// What the server says about replication, if it answers.
pub(crate) fn replication(
    socket: &Path,
    password: Option<&str>,
    patience: Duration,
) -> Option<String> {
    ask_for(socket, password, "INFO replication", patience)
}

/// What the server answers to one inline command, if it answers.
pub(crate) fn ask_for(
    socket: &Path,
    password: Option<&str>,
    command: &str,
    patience: Duration,
) -> Option<String> {
    let mut request = Vec::new();
    if let Some(password) = password {
        request = format!("*2\r\n$4\r\nAUTH\r\n${}\r\n{password}\r\n", password.len()).into();
    }
    request.extend(format!("{command}\r\n").bytes());
    let answer = String::from_utf8(ask(socket, &request, patience).ok()?).ok()?;
    match password {
        None => Some(answer),
        Some(_) => answer.strip_prefix("+OK\r\n").map(str::to_owned),
    }
}

/// The end of our half makes the server close when it has answered, a Sentinel too, which knows no
/// `QUIT`. When we have read to the end, it no longer counts this connection, which matters to a test
/// that limits `maxclients`.
fn ask(socket: &Path, requests: &[u8], patience: Duration) -> io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    stream.write_all(requests)?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    stream.take(16384).read_to_end(&mut answer)?;
    Ok(answer)
}

fn is_ready(answer: &[u8]) -> bool {
    answer.ends_with(b"\r\n") && !answer.starts_with(b"-LOADING")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_or_a_refusal_is_an_answer() {
        assert!(is_ready(b"+PONG\r\n"));
        assert!(is_ready(b"-NOAUTH Authentication required.\r\n"));
    }

    #[test]
    fn loading_silence_or_half_a_line_is_not() {
        assert!(!is_ready(
            b"-LOADING Redis is loading the dataset in memory\r\n"
        ));
        assert!(!is_ready(b""));
        assert!(!is_ready(b"+PO"));
    }
}
