//! How the run is told to end early: its standard input ends.
//!
//! A signal cannot be caught without a line of C. `cargo xtask soak` has a shell between the keyboard and
//! this process, which closes the input when it is interrupted; its death does the same.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

/// Whether the run is to end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Watches the standard input, in a thread that lasts as long as the process.
    pub(crate) fn watch_input(&self) -> io::Result<()> {
        let told = self.clone();
        let watch = move || {
            let mut buffer = [0; 64];
            while io::stdin().read(&mut buffer).is_ok_and(|count| count > 0) {}
            told.0.store(true, Relaxed);
        };
        thread::Builder::new().spawn(watch).map(drop)
    }

    pub(crate) fn is_told(&self) -> bool {
        self.0.load(Relaxed)
    }
}
