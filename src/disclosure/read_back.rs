//! The narrow door beside it: an authority reads back what is its own. The reading is put on record
//! in the transaction that it reads in, and nothing is answered before that is durable.

use uuid::Uuid;

use crate::domain::alert_report::ConcernedReport;
use crate::domain::child_access::ChildAccess;
use crate::domain::held_plan::HeldPlan;
use crate::domain::plan::Windows;
use crate::domain::reading::AuthorityReading;
use crate::store::alert_reports;
use crate::store::authority_readings::{self, Read};
use crate::store::child_accesses::{self, AccessRange};
use crate::store::held_plans::{self, HeldPlace};
use crate::store::{Store, StoreError, identifiers};

/// Which of the held plans are read.
#[derive(Debug, Clone)]
pub struct HeldRange {
    /// After which.
    pub after: HeldPlace,
    /// How many at the most.
    pub most: usize,
}

/// What was read of the held plans.
#[derive(Debug)]
pub struct HeldPlans<T> {
    /// What was made of them.
    pub told: T,
    /// The place of the last one told, where there are more.
    pub last: Option<HeldPlace>,
    /// How many are held in all.
    pub total: u32,
}

/// Reads the plans that are held for an authority, all of one moment, and makes something of them
/// one by one, so that not all of them need be held at once. `None` when the authority is not on
/// the register.
///
/// # Errors
/// [`StoreError`] when anything at all is in doubt; then nothing may be answered.
pub async fn held_plans<T, Begin, Tell>(
    store: &Store,
    reading: AuthorityReading,
    range: HeldRange,
    (begin, tell): (Begin, Tell),
) -> Result<Option<HeldPlans<T>>, StoreError>
where
    T: Send + 'static,
    Begin: Fn() -> T + Send + 'static,
    Tell: Fn(&mut T, HeldPlan) + Send + 'static,
{
    let id = identifiers::id_of(reading.at);
    store
        .of(&reading.authority)
        .snapshot(move |postgres| {
            authority_readings::record(postgres, id, &reading, |postgres, recorded| {
                let (mut told, mut last, mut rows) = (begin(), None, 0_usize);
                // One more than is told says whether there are more.
                let limit = range.most.saturating_add(1);
                let asked = (range.after.clone(), limit);
                let found = held_plans::each(postgres, recorded, asked, |held| {
                    if rows < range.most {
                        rows = rows.saturating_add(1);
                        last = Some(HeldPlace::of(&held));
                        tell(&mut told, held);
                    }
                })?;
                let total = held_plans::count(postgres, recorded)?;
                let last = last.filter(|_| found > rows);
                let told = HeldPlans { told, last, total };
                Ok(Read { told, rows })
            })
        })
        .await
}

/// Reads who looked at the children of an authority while a plan of its own could be seen, and
/// whether there are more than are told. `None` when the authority is not on the register.
///
/// # Errors
/// As [`held_plans()`].
pub async fn child_accesses(
    store: &Store,
    reading: AuthorityReading,
    range: AccessRange,
    windows: Windows,
) -> Result<Option<(Vec<ChildAccess>, bool)>, StoreError> {
    let id = identifiers::id_of(reading.at);
    store
        .transaction(move |postgres| {
            authority_readings::record(postgres, id, &reading, |postgres, recorded| {
                let asked = AccessRange {
                    // One more than is told says whether there are more.
                    most: range.most.saturating_add(1),
                    ..range.clone()
                };
                let mut found = child_accesses::of(postgres, recorded, &asked, windows)?;
                let are_more = found.len() > range.most;
                found.truncate(range.most);
                let rows = found.len();
                let told = (found, are_more);
                Ok(Read { told, rows })
            })
        })
        .await
}

/// Reads what viewers reported that concerns an authority after this report, so many at the most,
/// and whether there are more. `None` when the authority is not on the register.
///
/// # Errors
/// As [`held_plans()`].
pub async fn concerning_reports(
    store: &Store,
    reading: AuthorityReading,
    (after, most): (Uuid, usize),
) -> Result<Option<(Vec<ConcernedReport>, bool)>, StoreError> {
    let id = identifiers::id_of(reading.at);
    store
        .of(&reading.authority)
        .transaction(move |postgres| {
            authority_readings::record(postgres, id, &reading, |postgres, recorded| {
                let limit = most.saturating_add(1);
                let mut found = alert_reports::concerning(postgres, recorded, (after, limit))?;
                let are_more = found.len() > most;
                found.truncate(most);
                let rows = found.len();
                let told = (found, are_more);
                Ok(Read { told, rows })
            })
        })
        .await
}
