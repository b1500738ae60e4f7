//! As much of the protocol as a scripted server needs: where a request ends, and how a client's
//! handshake is answered.

/// Takes the first request from the front of `bytes`, word by word; `None` when it is not complete.
/// What is no RESP array of bulk strings is taken as one word, to the end of what has come.
pub(crate) fn take(bytes: &mut Vec<u8>) -> Option<Vec<Vec<u8>>> {
    match parse(bytes) {
        Parsed::Partial => None,
        Parsed::Other => Some(vec![std::mem::take(bytes)]),
        Parsed::Request(words, length) => {
            bytes.drain(..length);
            Some(words)
        }
    }
}

enum Parsed {
    Partial,
    Other,
    /// The words, and the length of all of it.
    Request(Vec<Vec<u8>>, usize),
}

fn parse(bytes: &[u8]) -> Parsed {
    let mut place = 0;
    let count = match header(bytes, &mut place, b'*') {
        Ok(Some(count)) => count,
        Ok(None) => return Parsed::Partial,
        Err(NoHeader) => return Parsed::Other,
    };
    let mut words = Vec::new();
    for _ in 0..count {
        let length = match header(bytes, &mut place, b'$') {
            Ok(Some(length)) => length,
            Ok(None) => return Parsed::Partial,
            Err(NoHeader) => return Parsed::Other,
        };
        let end = place.saturating_add(length);
        if bytes.len() < end.saturating_add(2) {
            return Parsed::Partial;
        }
        words.push(bytes[place..end].to_vec());
        place = end + 2;
    }
    Parsed::Request(words, place)
}

struct NoHeader;

/// The number behind `mark`, up to the end of its line; `None` when the line is not complete.
fn header(bytes: &[u8], place: &mut usize, mark: u8) -> Result<Option<usize>, NoHeader> {
    let rest = &bytes[*place..];
    if rest.first().is_some_and(|&first| first != mark) {
        return Err(NoHeader);
    }
    let Some(end) = rest.windows(2).position(|two| two == b"\r\n") else {
        return Ok(None);
    };
    let number = std::str::from_utf8(&rest[1..end]).map_err(|_| NoHeader)?;
    let number = number.parse().map_err(|_| NoHeader)?;
    *place += end + 2;
    Ok(Some(number))
}

/// How a server answers a request of a handshake; `None` when it is another one.
pub(crate) fn handshake_reply(request: &[Vec<u8>]) -> Option<&'static str> {
    let name = request.first()?.to_ascii_uppercase();
    match name.as_slice() {
        b"HELLO" if request.get(1).is_some_and(|version| version == b"3") => Some(
            "%4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n\
             $5\r\nproto\r\n:3\r\n$4\r\nrole\r\n$6\r\nmaster\r\n",
        ),
        b"HELLO" => Some(
            "*8\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n\
             $5\r\nproto\r\n:2\r\n$4\r\nrole\r\n$6\r\nmaster\r\n",
        ),
        b"AUTH" | b"SELECT" | b"CLIENT" => Some("+OK\r\n"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_taken_one_by_one_however_they_come() {
        let stream = b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nPING\r\n";
        let mut bytes = Vec::new();
        let mut taken = Vec::new();
        for &byte in stream {
            bytes.push(byte);
            taken.extend(take(&mut bytes));
        }
        assert_eq!(
            taken,
            [vec![b"GET".to_vec(), b"k".to_vec()], vec![b"PING".to_vec()]]
        );
        assert!(bytes.is_empty());
    }

    #[test]
    fn what_is_no_request_is_one_word() {
        let mut bytes = b"GET / HTTP/1.1\r\n".to_vec();
        assert_eq!(take(&mut bytes), Some(vec![b"GET / HTTP/1.1\r\n".to_vec()]));
    }
}
