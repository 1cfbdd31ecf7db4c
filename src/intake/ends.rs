//! The last days of plans that the service works out: the eighteenth birthday, where the authority
//! sent no end or a later one. Their authorities are told when such a day comes.

use chrono::{DateTime, Utc};

use crate::domain::calendar::day_of;
use crate::domain::plan::{PlanKind, Windows};
use crate::store::{Store, StoreError, plan_ends};

/// Owes authorities a notification of each plan that ended because the child is eighteen, once,
/// however often and wherever it is asked; how many there were. What nobody is shown any more is
/// not told either.
///
/// # Errors
/// [`StoreError`] when the database gives no answer that can be trusted.
pub async fn tell_of_ends(
    store: &Store,
    windows: Windows,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let today = day_of(now);
    let earliest = windows.earliest_end_shown(PlanKind::ChildProtection, today);
    store
        .run(move |postgres| plan_ends::tell_of_eighteen(postgres, (earliest, today), now))
        .await
}
