//! A server on a thread of its own, for as long as a test wants.

use std::io;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use actix_web::dev::{Server, ServerHandle};
use actix_web::rt::System;

/// A server that runs, and its thread.
pub type Running = (ServerHandle, JoinHandle<()>);

/// Runs what `serve` makes.
pub fn running(serve: impl FnOnce() -> io::Result<Server> + Send + 'static) -> Running {
    let (sender, receiver) = mpsc::channel();
    let thread = thread::spawn(move || {
        System::new().block_on(async move {
            let server = serve().unwrap();
            sender.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    (receiver.recv().unwrap(), thread)
}

/// Ends a server that was begun.
pub fn end(running: Option<Running>) {
    if let Some((handle, thread)) = running {
        System::new().block_on(handle.stop(false));
        let _ = thread.join();
    }
}
