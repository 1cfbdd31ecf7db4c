//! Once a day, what the looks of the day before show that may be browsing is put on record.

use chrono::NaiveDate;
use tokio::task::spawn_blocking;
use tracing::warn;

use crate::store::{Store, StoreError, look_findings, look_patterns};

/// Reviews the looks of a day; how many findings there are. Reviewed again, by another process or
/// after a restart, the day has the same findings.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub async fn review(store: &Store, day: NaiveDate) -> Result<usize, StoreError> {
    let store = store.clone();
    // It may take longer than any request, and nobody waits for it.
    let reviewed = spawn_blocking(move || {
        store.transaction_blocking(&|postgres| {
            let found = look_patterns::of_day(postgres, day)?;
            look_findings::add(postgres, &found)?;
            Ok(found.len())
        })
    });
    let findings = reviewed.await.unwrap_or(Err(StoreError::CutShort))?;
    if findings > 0 {
        warn!(findings, "Looks of the day before may be browsing");
    }
    Ok(findings)
}
