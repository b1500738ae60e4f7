//! A thread that listens, for messages that go to handlers.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

use redis_conn::{Error, ErrorKind};

use super::{Control, MessageKind, PubSub, listener::Until};

/// Decides after an error whether to go on.
pub(super) type Policy = Box<dyn FnMut(&Error) -> ControlFlow<()> + Send>;

/// A thread that listens, made by [`PubSub::run_in_thread`].
///
/// It goes on through lost connections, until somebody [stops](WorkerThread::stop) it, a handler does so
/// by a [`Control`], or an error ends it. Dropping the handle stops it too, without waiting for its end.
#[derive(Debug)]
#[must_use = "the thread stops when this is dropped"]
pub struct WorkerThread {
    control: Control,
    thread: Option<JoinHandle<Result<(), Error>>>,
    gaps: Arc<AtomicU64>,
}

pub(super) fn start(mut pubsub: PubSub, policy: Policy) -> Result<WorkerThread, Error> {
    let control = pubsub.control();
    let gaps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&gaps);
    let thread = thread::Builder::new()
        .name("redis-pubsub".into())
        .spawn(move || listen(&mut pubsub, policy, &counted))
        .map_err(|error| {
            // What the system says for now to this is what it says to a read that takes too long.
            Error::new(
                ErrorKind::Connection,
                "no thread could be started to listen",
            )
            .with_source(error)
        })?;
    Ok(WorkerThread {
        control,
        thread: Some(thread),
        gaps,
    })
}

fn listen(pubsub: &mut PubSub, mut policy: Policy, gaps: &AtomicU64) -> Result<(), Error> {
    loop {
        match pubsub.next_message(Until::Time(None)) {
            Ok(Some(message)) if message.kind() == MessageKind::Gap => {
                gaps.fetch_add(1, Ordering::Relaxed);
            }
            // An acknowledgement or a pong: nobody is here to be told.
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            Err(error) => {
                if policy(&error).is_break() {
                    return Err(error);
                }
            }
        }
    }
}

impl WorkerThread {
    /// Has the thread end, within 100 milliseconds unless a handler takes longer. It does not wait for that:
    /// see [`join`](WorkerThread::join).
    pub fn stop(&self) {
        self.control.stop();
    }

    /// Waits for the thread to end, which it does when it was stopped.
    ///
    /// # Errors
    /// The error that has ended it; `PubSub` when a handler has panicked.
    pub fn join(mut self) -> Result<(), Error> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        thread.join().unwrap_or_else(|panic| {
            let words = panic
                .downcast_ref::<&str>()
                .map(|words| (*words).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            let message = format!("the thread panicked: {words}");
            Err(Error::new(ErrorKind::PubSub, message))
        })
    }

    /// Whether the thread has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// A handle to subscribe and unsubscribe while the thread listens.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// How many gaps there were that no handler took: see [`PubSub::on_gap`].
    #[must_use]
    pub fn gaps(&self) -> u64 {
        self.gaps.load(Ordering::Relaxed)
    }
}

impl Drop for WorkerThread {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.control.stop();
        }
    }
}
