//! The service asked over HTTP, as callers ask it, on a real database: the list of chapters.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

mod asking_in_batches;
mod naming_the_child;
mod narrowing_a_search;
mod paging;
mod reading_access_history;
mod reading_one_resource;
mod refusing_an_unclear_child;
mod searching_episodes_of_care;
mod searching_flags;
mod searching_patients;
mod shaping_an_answer;
mod showing_plans;
mod support;
