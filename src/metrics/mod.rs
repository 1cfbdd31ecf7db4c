//! What the operator's monitoring reads of this process, by day and by night: how it is told, and
//! what nobody else counts. Nothing in it names a person, an organisation, an authority or a child;
//! each metric is on `docs/metrics.md`.

mod definitions;
mod exposition;
mod figures;
#[cfg(feature = "otel")]
pub mod otlp;
pub mod page;
mod process;
pub mod prometheus;
pub mod requests;
pub mod uploads;

#[cfg(test)]
mod documented;

pub use self::exposition::Measured;
use self::figures::Turns;
use self::requests::{Requests, RoutePatterns};
use self::uploads::Uploads;
use crate::instruments::Counts;
use crate::routes::routes;

/// What is counted where requests are answered.
#[derive(Debug)]
pub struct Metrics {
    /// Requests.
    pub requests: Requests,
    /// Requests of the token endpoint, by what came of them.
    pub tokens: Counts,
    /// Uploads, by what came of them.
    pub uploads: Uploads,
    /// Who may ask the database for figures.
    turns: Turns,
}

impl Metrics {
    /// Nothing was counted yet.
    #[must_use]
    pub fn new() -> Self {
        let patterns = RoutePatterns::of(routes().iter().map(|route| route.path));
        Self {
            requests: Requests::of(&patterns),
            tokens: Counts::default(),
            uploads: Uploads::default(),
            turns: Turns::default(),
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
