//! Transports of which more is to be seen than bytes: how long a step may take.

use std::{
    io::{self, Read, Write},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use redis_conn::{Connection, Connector, Deadline, Error, Pool, PoolConfig, Request, Transport};

use crate::script::config;

/// How long each transport takes over a write that waits.
const WAIT: Duration = Duration::from_millis(200);

/// Takes a part of a request at once, the rest after a while, and keeps all of it until it is flushed, as TLS does.
#[derive(Default)]
struct Keeping {
    /// How much it takes at once.
    room: usize,
    greeted: bool,
    limit: Mutex<Option<Duration>>,
    /// How long the last flush could have taken.
    of_flush: Arc<Mutex<Option<Duration>>>,
    /// How long the last read could have taken.
    of_read: Arc<Mutex<Option<Duration>>>,
}

impl Read for Keeping {
    fn read(&mut self, mut buffer: &mut [u8]) -> io::Result<usize> {
        let greets = !std::mem::replace(&mut self.greeted, true);
        buffer.write(if greets {
            b"+OK\r\n+OK\r\n"
        } else {
            b"+OK\r\n"
        })
    }
}

impl Write for Keeping {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.room {
            return Ok(self.room);
        }
        thread::sleep(WAIT);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        *self.of_flush.lock().unwrap() = *self.limit.lock().unwrap();
        Ok(())
    }
}

impl Transport for Keeping {
    fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        *self.of_read.lock().unwrap() = limit;
        Ok(())
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        *self.limit.lock().unwrap() = limit;
        Ok(())
    }

    fn is_quiet(&mut self) -> bool {
        true
    }
}

#[test]
fn what_was_written_in_several_steps_is_flushed_within_what_is_left_of_the_time() {
    let limit = Duration::from_secs(10);
    let large = vec![b'x'; 100_000];
    let borrowed = [(4, large.as_slice())];
    for request in [
        Request::new(&large),
        Request::new(b"<<>>").with_borrowed(&borrowed),
    ] {
        let keeping = Keeping {
            room: 60_000,
            ..Keeping::default()
        };
        let of_flush = Arc::clone(&keeping.of_flush);
        let deadline = Deadline::within(limit);
        let mut connection = Connection::over(Box::new(keeping), &config(), deadline).unwrap();
        let deadline = Deadline::within(limit);
        connection.call::<()>(request, deadline).unwrap();
        let of_flush = of_flush.lock().unwrap().unwrap();
        assert!(of_flush <= limit - WAIT, "{of_flush:?}");
    }
}

/// Connects by a transport that takes little at once.
struct Slowly {
    of_read: Arc<Mutex<Option<Duration>>>,
}

impl Connector for Slowly {
    fn connect(&self) -> Result<Connection, Error> {
        let keeping = Keeping {
            room: 4,
            of_read: Arc::clone(&self.of_read),
            ..Keeping::default()
        };
        let deadline = Deadline::within(Duration::from_secs(10));
        Connection::over(Box::new(keeping), &config(), deadline)
    }
}

#[test]
fn a_small_call_that_is_written_in_several_steps_is_waited_for_within_what_is_left_of_the_time() {
    let of_read = Arc::default();
    let connector = Slowly {
        of_read: Arc::clone(&of_read),
    };
    let limit = Duration::from_secs(10);
    let pool = Pool::new(connector, PoolConfig::new(1, limit));
    drop(pool.checkout().unwrap());
    let mut connection = pool.checkout().unwrap();
    let deadline = connection.deadline(limit);
    let request = Request::new(b"<<small>>");
    connection.call::<()>(request, deadline).unwrap();
    let of_read = of_read.lock().unwrap().unwrap();
    assert!(of_read <= limit - WAIT, "{of_read:?}");
}
