//! A Ctrl-C or a polite kill ends the bench between two steps, so that everything it started and
//! made is cleared away as at any other end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use crate::Outcome;

/// Whether the bench was told to stop.
pub struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// Takes the signals from now on.
    pub fn watch() -> Outcome<Self> {
        let told = Arc::new(AtomicBool::new(false));
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (mut interrupt, mut terminate) = {
            let _in_runtime = runtime.enter();
            (
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
            )
        };
        let told_too = Arc::clone(&told);
        thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            });
            told_too.store(true, Ordering::Relaxed);
        });
        Ok(Self(told))
    }

    /// An error once the bench was told to stop.
    pub fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::Relaxed) {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        Ok(())
    }
}
