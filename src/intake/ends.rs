//! The last days of plans that the service works out: the eighteenth birthday, where the authority
//! sent no end or a later one. Their authorities are told when such a day comes, and when it moves.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::domain::calendar::day_of;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::{EffectiveEnd, PlanKind, Windows};
use crate::store::plan_ends::{self, OthersPlan};
use crate::store::{Postgres, Store, StoreError};

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

/// Lets the plans of other authorities follow the dates of birth that one has corrected, at once:
/// nobody may be shown an end that is known to be wrong until the other uploads again.
///
/// # Errors
/// [`StoreError`] when the database fails; then nothing has changed.
pub(super) fn follow_birth_dates(
    postgres: &mut Postgres,
    authority: Uuid,
    corrected: &HashMap<NhsNumber, NaiveDate>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    if corrected.is_empty() {
        return Ok(());
    }
    let children: Vec<NhsNumber> = corrected.keys().copied().collect();
    let moved: Vec<(OthersPlan, EffectiveEnd)> =
        plan_ends::of_others(postgres, authority, &children)?
            .into_iter()
            .filter_map(|plan| {
                let end = end_of(&plan, *corrected.get(&plan.nhs_number)?);
                (end != plan.end).then_some((plan, end))
            })
            .collect();
    if moved.is_empty() {
        return Ok(());
    }
    plan_ends::move_ends(postgres, &moved, at)
}

/// The end by another date of birth. A plan that would begin after the eighteenth birthday ends on
/// the day it began: its authority is told, and must say what it is.
fn end_of(plan: &OthersPlan, birth_date: NaiveDate) -> EffectiveEnd {
    let end = EffectiveEnd::of(plan.kind, birth_date, plan.sent_end);
    EffectiveEnd {
        day: end.day.max(plan.start),
        ..end
    }
}
