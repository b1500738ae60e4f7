//! A transport that does what a script says.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use redis_conn::{Address, Connection, ConnectionConfig, Deadline, Protocol, Transport};

/// What the next read meets.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// These bytes, as many as fit into the reader's buffer.
    Bytes(Vec<u8>),
    /// Nothing, for as long as the reader waits.
    Stall,
    /// Nothing, for so many reads.
    Silence(u32),
    /// A part of a record, of which nothing can be given out yet.
    Part,
    /// A reset connection.
    Reset,
    /// A transport that panics.
    Panic,
    /// A connection that Linux has given up, as nothing was heard of the other end for too long.
    GivenUp,
}

/// A transport that reads what the script says, and then the end of the stream.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) steps: VecDeque<Step>,
    /// How many bytes are taken at most by one write.
    pub(crate) write_size: Option<usize>,
    /// How many bytes are taken in all before writing fails.
    pub(crate) write_limit: Option<usize>,
    /// Whether it can be told not to block.
    pub(crate) can_rush: bool,
    pub(crate) end: End,
    pub(crate) shared: Arc<Shared>,
}

/// How it is closed.
#[derive(Debug, Default)]
pub(crate) struct End {
    pub(crate) panics: bool,
}

impl Drop for End {
    fn drop(&mut self) {
        assert!(!self.panics, "on purpose");
    }
}

/// What a test can see of a transport that it has given away.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) written: Mutex<Vec<u8>>,
    pub(crate) loud: AtomicBool,
}

impl Read for Script {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.steps.pop_front() {
            None => Ok(0),
            Some(Step::Bytes(mut bytes)) => {
                let count = bytes.len().min(buffer.len());
                buffer[..count].copy_from_slice(&bytes[..count]);
                let rest = bytes.split_off(count);
                if !rest.is_empty() {
                    self.steps.push_front(Step::Bytes(rest));
                }
                Ok(count)
            }
            Some(Step::Stall) => {
                self.steps.push_front(Step::Stall);
                std::thread::sleep(Duration::from_millis(1));
                Err(io::ErrorKind::WouldBlock.into())
            }
            Some(Step::Silence(reads)) => {
                if reads > 1 {
                    self.steps.push_front(Step::Silence(reads - 1));
                }
                std::thread::sleep(Duration::from_millis(1));
                Err(io::ErrorKind::WouldBlock.into())
            }
            Some(Step::Part) => Err(io::ErrorKind::Interrupted.into()),
            Some(Step::Reset) => Err(io::ErrorKind::ConnectionReset.into()),
            Some(Step::Panic) => panic!("as the script says"),
            Some(Step::GivenUp) => Err(io::Error::from_raw_os_error(110)),
        }
    }
}

impl Write for Script {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.shared.written.lock().unwrap();
        let room = self
            .write_limit
            .map_or(usize::MAX, |limit| limit - written.len());
        let count = bytes
            .len()
            .min(room)
            .min(self.write_size.unwrap_or(usize::MAX));
        if count == 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        written.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Script {
    fn set_nonblocking(&self, _: bool) -> io::Result<()> {
        if self.can_rush {
            Ok(())
        } else {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    fn set_read_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn set_write_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn is_quiet(&mut self) -> bool {
        !self.shared.loud.load(Ordering::Relaxed)
    }
}

pub(crate) fn config() -> ConnectionConfig {
    let mut config = ConnectionConfig::new(Address::Unix("script".into()));
    config.protocol = Protocol::Resp2;
    config
}

/// What `config` is with something else in it.
pub(crate) fn changed<C>(mut config: C, change: impl FnOnce(&mut C)) -> C {
    change(&mut config);
    config
}

impl Script {
    /// A script whose reads, after the handshake, meet `steps`.
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let handshake = Step::Bytes(b"+OK\r\n+OK\r\n".to_vec());
        Self {
            steps: [handshake].into_iter().chain(steps).collect(),
            ..Self::default()
        }
    }

    /// A connection past its handshake. What was written so far is forgotten, and not counted.
    pub(crate) fn connect(self) -> Connection {
        self.connect_with(&config())
    }

    pub(crate) fn connect_with(mut self, config: &ConnectionConfig) -> Connection {
        let limit = self.write_limit.take();
        let shared = Arc::clone(&self.shared);
        let script = Arc::new(Mutex::new(self));
        let transport = Box::new(Handle(Arc::clone(&script), Arc::clone(&shared)));
        let connection =
            Connection::over(transport, config, Deadline::within(Duration::from_secs(5)));
        shared.written.lock().unwrap().clear();
        script.lock().unwrap().write_limit = limit;
        connection.unwrap()
    }
}

/// A script that its maker can still reach.
struct Handle(Arc<Mutex<Script>>, Arc<Shared>);

impl Read for Handle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.lock().unwrap().read(buffer)
    }
}

impl Write for Handle {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Handle {
    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.0.lock().unwrap().set_nonblocking(nonblocking)
    }

    fn set_read_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn set_write_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn is_quiet(&mut self) -> bool {
        !self.1.loud.load(Ordering::Relaxed)
    }
}
