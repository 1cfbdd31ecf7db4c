//! Seals for ever, and says when sealing fails or falls behind.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{error, warn};

use crate::clock::SharedClock;
use crate::sealing::sealer::Sealer;
use crate::store::sealed_checkpoints::{self, Unsealed};

/// How old the oldest row that is not sealed may be.
const LAG_MAX: TimeDelta = TimeDelta::seconds(60);

/// Seals for ever; says once that it fails or falls behind, and again only after it was well.
pub async fn seal_for_ever(sealer: Arc<Sealer>, clock: SharedClock) {
    let (mut fails, mut lags) = (false, false);
    loop {
        let sealed = sealer.seal(clock.now()).await;
        if let Err(cause) = &sealed
            && !fails
        {
            error!(cause = %cause, "The access history could not be sealed");
        }
        fails = sealed.is_err();
        if let Ok(waiting) = sealer.store.run(sealed_checkpoints::unsealed).await {
            let age = age(&waiting, clock.now());
            if age > LAG_MAX && !lags {
                let (rows, seconds) = (waiting.rows, age.num_seconds());
                warn!(
                    rows,
                    seconds, "Rows of the access history wait to be sealed"
                );
            }
            lags = age > LAG_MAX;
        }
        tokio::time::sleep(sealer.interval).await;
    }
}

/// How old the oldest row is that waits to be sealed.
#[must_use]
pub fn age(waiting: &Unsealed, now: DateTime<Utc>) -> TimeDelta {
    let oldest = waiting.oldest.map(|at| now.signed_duration_since(at));
    oldest.unwrap_or_default().max(TimeDelta::zero())
}
