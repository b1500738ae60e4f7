//! When a server has started, and how far a replica is: asked on its Unix socket.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Whether a server answers on `socket` and has finished loading. Any failure is a "not yet".
///
/// A server that wants a password says so (`-NOAUTH`) to a `PING`, which is as good an answer.
/// `QUIT` makes the server close: when we have read to the end, it no longer counts this
/// connection, which matters to a test that limits `maxclients`.
pub(crate) fn answers(socket: &Path, patience: Duration) -> bool {
    ask(socket, b"PING\r\nQUIT\r\n", patience).is_ok_and(|answer| is_ready(&answer))
}

/// What the server says about replication, if it answers.
pub(crate) fn replication(
    socket: &Path,
    password: Option<&str>,
    patience: Duration,
) -> Option<String> {
    let mut request = Vec::new();
    if let Some(password) = password {
        request = format!("*2\r\n$4\r\nAUTH\r\n${}\r\n{password}\r\n", password.len()).into();
    }
    request.extend(b"INFO replication\r\nQUIT\r\n");
    let answer = ask(socket, &request, patience).ok()?;
    String::from_utf8(answer).ok()
}

fn ask(socket: &Path, requests: &[u8], patience: Duration) -> io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    stream.write_all(requests)?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
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
        assert!(is_ready(b"+PONG\r\n+OK\r\n"));
        assert!(is_ready(b"-NOAUTH Authentication required.\r\n+OK\r\n"));
    }

    #[test]
    fn loading_silence_or_half_a_line_is_not() {
        assert!(!is_ready(
            b"-LOADING Redis is loading the dataset in memory\r\n+OK\r\n"
        ));
        assert!(!is_ready(b""));
        assert!(!is_ready(b"+PO"));
    }
}
