//! Takes the children whose plans a file changes, and no others, until its transaction ends:
//! whoever changes another child's does not wait for it.
//!
//! Only beside what is held is it known what changes, so that is read before anything is taken, and
//! of what was taken once more. Where another came in between, the file was decided beside what is
//! no more, and is decided anew.

use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::holding::HeldChild;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::upload::PlanRecord;
use crate::intake::changes::{PlanChanges, PlanOfChild, plan_of_child};
use crate::intake::keeping::{Decided, settle};
use crate::store::told_before::{self, ToldBefore};
use crate::store::{Postgres, StoreError, children};

/// Takes what is about to be changed. Children that are not known yet are taken as they are added.
///
/// # Errors
/// [`StoreError::Overtaken`] when it is not as it was when the records were decided, and
/// [`StoreError`] when the database fails.
pub(super) fn take_changed(
    postgres: &mut Postgres,
    authority: Uuid,
    (decided, changes): (&Decided<'_>, &PlanChanges<'_>),
) -> Result<(), StoreError> {
    let numbers = changed(decided, changes);
    if numbers.is_empty() {
        return Ok(());
    }
    children::take(postgres, &numbers)?;
    let (mut children, plans) = told_before::of_children(postgres, authority, &numbers)?;
    let taken: Vec<&PlanRecord> = decided.records.iter().flatten().copied().collect();
    settle(postgres, &mut children, &taken)?;
    let stands = numbers
        .iter()
        .all(|number| is_as_before(children.get(number), decided.before.get(number)))
        && are_as_before(decided, &numbers, &plans);
    if stands {
        Ok(())
    } else {
        Err(StoreError::Overtaken)
    }
}

/// The children that are known and that a file changes, in the order of their numbers.
fn changed(decided: &Decided<'_>, changes: &PlanChanges<'_>) -> Vec<NhsNumber> {
    let plans = changes.added.iter().chain(&changes.replaced);
    let mut numbers: Vec<NhsNumber> = plans
        .map(|plan| plan.nhs_number)
        .chain(decided.children.corrected.keys().copied())
        .filter(|number| decided.before.contains_key(number))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn is_as_before(now: Option<&HeldChild>, before: Option<&HeldChild>) -> bool {
    let (Some(now), Some(before)) = (now, before) else {
        return false;
    };
    let is_newly_settled = now.settled && !before.settled;
    now.birth_date == before.birth_date && now.number == before.number && !is_newly_settled
}

fn are_as_before(decided: &Decided<'_>, numbers: &[NhsNumber], now: &[ToldBefore]) -> bool {
    let now: HashMap<PlanOfChild<'_>, &ToldBefore> = now
        .iter()
        .map(|plan| (plan_of_child(&plan.told), plan))
        .collect();
    let of_these = |plan: &&ToldBefore| numbers.binary_search(&plan.told.nhs_number).is_ok();
    let before = || decided.held.iter().filter(of_these);
    before().count() == now.len()
        && before().all(|plan| now.get(&plan_of_child(&plan.told)) == Some(&plan))
}
