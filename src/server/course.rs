//! How far a connection is with its requests, as its handlers tell it, so that whoever holds the
//! socket knows when bytes are due and when it is the caller's turn to wait.

use std::cell::Cell;
use std::rc::Rc;

/// Shared by a connection and what answers its requests, on one thread.
#[derive(Debug, Default)]
pub struct Course {
    begun: Cell<u64>,
    ended: Cell<u64>,
    has_last: Cell<bool>,
    is_over: Cell<bool>,
}

impl Course {
    /// A request's answer begins to be made; it is made when what is given back is dropped.
    #[must_use]
    pub fn begin(self: &Rc<Self>) -> Answering {
        self.begun.set(self.begun.get().wrapping_add(1));
        Answering(Rc::clone(self))
    }

    /// Whether an answer is being made.
    #[must_use]
    pub fn is_answering(&self) -> bool {
        self.begun.get() != self.ended.get()
    }

    /// The request that has begun is the last of the connection, as the caller said itself.
    pub fn put_last(&self) {
        self.has_last.set(true);
    }

    /// Whether the last request of the connection has begun: whatever comes after it is none.
    #[must_use]
    pub fn has_last(&self) -> bool {
        self.has_last.get()
    }

    /// Nothing more is sent.
    pub fn put_over(&self) {
        self.is_over.set(true);
    }

    /// Whether nothing more is sent.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over.get()
    }

    /// How many requests have begun.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.begun.get()
    }
}

/// An answer that is being made.
#[derive(Debug)]
pub struct Answering(Rc<Course>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.ended.set(self.0.ended.get().wrapping_add(1));
    }
}
