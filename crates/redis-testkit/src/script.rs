//! What a scripted server does on a connection, step by step.

use std::time::Duration;

/// What a [`ScriptedServer`](crate::ScriptedServer) does on each connection, step by step. Behind the
/// last step it reads on and says nothing, until the client leaves.
///
/// ```
/// use redis_testkit::Script;
///
/// // Answers the first call, and half of the second one.
/// let script = Script::after_handshake()
///     .expect(1)
///     .send("$2\r\nhi\r\n")
///     .expect(1)
///     .send("$2\r\nh")
///     .close();
/// # drop(script);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Handshake,
    Expect(usize),
    Send {
        bytes: Vec<u8>,
        piece: usize,
        pause: Duration,
    },
    Flood(Vec<u8>),
    Wait(Duration),
    Close,
    Reset,
    Deaf,
    Again(usize),
    Answer,
}

impl Script {
    /// From the first byte on.
    pub fn new() -> Self {
        Self::default()
    }

    /// From where a client's handshake has been answered as a real server would: `HELLO`, `AUTH`,
    /// `SELECT` and `CLIENT`, which do not count as requests in what follows either.
    pub fn after_handshake() -> Self {
        Self::new().then(Step::Handshake)
    }

    /// Waits for so many requests (RESP arrays of bulk strings).
    #[must_use]
    pub fn expect(self, requests: usize) -> Self {
        self.then(Step::Expect(requests))
    }

    /// Sends these bytes, whatever they are.
    #[must_use]
    pub fn send(self, bytes: impl AsRef<[u8]>) -> Self {
        self.send_slowly(bytes, usize::MAX, Duration::ZERO)
    }

    /// Sends these bytes in pieces, with a pause before each.
    #[must_use]
    pub fn send_slowly(self, bytes: impl AsRef<[u8]>, piece: usize, pause: Duration) -> Self {
        self.then(Step::Send {
            bytes: bytes.as_ref().to_vec(),
            piece: piece.max(1),
            pause,
        })
    }

    /// Sends these bytes again and again until the client leaves. Nothing comes after it.
    #[must_use]
    pub fn flood(self, bytes: impl AsRef<[u8]>) -> Self {
        self.then(Step::Flood(bytes.as_ref().to_vec()))
    }

    /// Does nothing for so long.
    #[must_use]
    pub fn wait(self, pause: Duration) -> Self {
        self.then(Step::Wait(pause))
    }

    /// Closes the connection.
    #[must_use]
    pub fn close(self) -> Self {
        self.then(Step::Close)
    }

    /// Resets the connection (TCP RST).
    #[must_use]
    pub fn reset(self) -> Self {
        self.then(Step::Reset)
    }

    /// Reads nothing any more, so that the client's writes come to a halt too.
    #[must_use]
    pub fn deaf(self) -> Self {
        self.then(Step::Deaf)
    }

    /// Begins again behind the handshake, or with the first step where there is none.
    #[must_use]
    pub fn again(self) -> Self {
        let first = usize::from(self.steps.first() == Some(&Step::Handshake));
        self.then(Step::Again(first))
    }

    /// Answers every request as the server's function says: see
    /// [`ScriptedServer::answering`](crate::ScriptedServer::answering).
    pub(crate) fn answer(self) -> Self {
        self.then(Step::Answer)
    }

    fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}
