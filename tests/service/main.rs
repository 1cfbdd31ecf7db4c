//! The service asked over HTTP, as callers ask it, on a real database: the list of chapters.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

mod searching_flags;
mod support;
