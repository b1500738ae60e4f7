//! The thread that accepts connections, and how it is stopped.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::endpoint::{Endpoint, Listener, Stream};

/// A thread that hands every connection to a closure, until this is dropped. Then nobody listens.
#[derive(Debug)]
pub(crate) struct Acceptor {
    endpoint: Endpoint,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Acceptor {
    pub(crate) fn start(
        listener: Listener,
        endpoint: Endpoint,
        mut serve: impl FnMut(Stream) + Send + 'static,
    ) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let accept = move || {
            while !told.load(Ordering::Acquire) {
                match listener.accept() {
                    // The one that wakes us up to stop is nobody's.
                    Ok(_) if told.load(Ordering::Acquire) => return,
                    Ok(stream) => serve(stream),
                    // Out of file descriptors, or a client that went away in the queue.
                    Err(_) => thread::sleep(Duration::from_millis(1)),
                }
            }
        };
        let thread = thread::Builder::new()
            .name("testkit-accept".into())
            .spawn(accept)?;
        Ok(Self {
            endpoint,
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Acceptor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // Nothing in the standard library interrupts an accept but a connection.
        let wake = self.endpoint.connect();
        if let Some(thread) = self.thread.take() {
            if wake.is_ok() || thread.is_finished() {
                let _ = thread.join();
            }
        }
    }
}
