//! A connection on which the server speaks of its own accord.

use std::time::Instant;

use resp_proto::{Limits, Reply};

use crate::{Address, Connection, Deadline, Error, Protocol, Request, deadline::AT_ONCE};

/// A connection on which the server speaks of its own accord: one that has subscribed to something, or
/// that monitors.
///
/// Nobody counts replies here, as messages come between them. There is no way back: a feed has no
/// [`Connection`] to give away, so none of what it was told can become the reply to somebody else's call.
/// After a failure the connection is poisoned, as ever; that nothing came is no failure.
///
/// What is not taken stays with the operating system, and at last with the server: nothing is read ahead
/// but what fits into one buffer.
///
/// ```no_run
/// use std::time::Duration;
/// use redis_conn::{Connection, ConnectionConfig, Deadline, Request};
///
/// let config = ConnectionConfig::from_url("redis://localhost")?;
/// let mut feed = Connection::open(&config)?.into_feed()?;
/// let subscribe = Request::new(b"*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\nnews\r\n");
/// feed.send(subscribe, Deadline::within(config.response_timeout))?;
/// while let Some(message) = feed.next(Deadline::within(Duration::from_secs(60)))? {
///     println!("{message:?}");
/// }
/// # Ok::<(), redis_conn::Error>(())
/// ```
#[derive(Debug)]
pub struct Feed {
    connection: Connection,
    heard: Instant,
}

impl Connection {
    /// Gives up counting replies, for what makes the server speak of its own accord: `SUBSCRIBE`, `MONITOR`.
    ///
    /// # Errors
    /// When a reply is still to come, or something has come that nobody had asked for.
    pub fn into_feed(self) -> Result<Feed, Error> {
        self.fed(None)
    }

    /// The same with limits of its own to what the server may say: monitoring makes long lines.
    ///
    /// # Errors
    /// Those of [`into_feed`](Connection::into_feed).
    pub fn into_feed_within(self, limits: Limits) -> Result<Feed, Error> {
        self.fed(Some(limits))
    }

    fn fed(mut self, limits: Option<Limits>) -> Result<Feed, Error> {
        self.stop_counting(limits)?;
        Ok(Feed {
            connection: self,
            heard: Instant::now(),
        })
    }
}

impl Feed {
    /// Sends requests, whole or not at all. How many replies they will have is the caller's business.
    ///
    /// # Errors
    /// `Connection` or `Timeout`, after which the connection is poisoned.
    pub fn send(&mut self, request: Request<'_>, deadline: Deadline) -> Result<(), Error> {
        self.connection.send(request, deadline)
    }

    /// Sends what there is room for until the deadline, of requests of which so many bytes have been sent; whether that
    /// is all of them now. Until it is, nothing else may be sent. After a deadline that has passed already, there is one
    /// write that does not wait.
    ///
    /// # Errors
    /// `Connection`, after which the connection is poisoned.
    pub fn send_some(
        &mut self,
        requests: &[u8],
        sent: &mut usize,
        until: Deadline,
    ) -> Result<bool, Error> {
        self.connection.write_some(requests, sent, until)
    }

    /// What has been read already: the next reply or push, if all of it is here. No system call is made.
    ///
    /// # Errors
    /// `Protocol` when it is no RESP, after which the connection is poisoned.
    pub fn buffered(&mut self) -> Result<Option<Reply<'_>>, Error> {
        self.connection.check_fed()?;
        let length = self.connection.complete()?;
        Ok(length.map(|length| self.connection.take(length)))
    }

    /// Waits for the next reply or push; `None` when none came until the deadline. After a deadline that
    /// has passed already, what has come is still looked for, with one read that does not wait.
    ///
    /// # Errors
    /// `Connection` or `Protocol`, after which the connection is poisoned.
    pub fn next(&mut self, until: Deadline) -> Result<Option<Reply<'_>>, Error> {
        self.connection.check_fed()?;
        let mut tried = false;
        let length = loop {
            if let Some(length) = self.connection.complete()? {
                break length;
            }
            self.connection.release_memory();
            let read = match until.left() {
                Some(limit) => self.connection.read_more(limit)?,
                None if tried || self.connection.is_quiet() => return Ok(None),
                None => self.connection.read_more(Some(AT_ONCE))?,
            };
            if read {
                self.heard = Instant::now();
            }
            tried = true;
        };
        Ok(Some(self.connection.take(length)))
    }

    /// When the server was last heard of.
    #[must_use]
    pub fn heard(&self) -> Instant {
        self.heard
    }

    /// Which protocol the handshake has agreed on.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.connection.protocol()
    }

    /// Where the server is.
    #[must_use]
    pub fn address(&self) -> &Address {
        self.connection.address()
    }
}
