//! What a file changes beside what is held: the same file again changes nothing.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::domain::holding::HeldChild;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::plan::{EffectiveEnd, PlanKind};
use crate::domain::upload::PlanRecord;
use crate::store::told_before::ToldBefore;

/// A plan and its child: the same plan may have been told under another number before.
pub(super) type PlanOfChild<'a> = (NhsNumber, &'a str, PlanKind, NaiveDate);

/// What is told of plans that are new, and of those that were told otherwise before, these in the
/// order of the NHS numbers, as the database's index has them.
#[derive(Debug, Default)]
pub(super) struct PlanChanges<'a> {
    pub(super) added: Vec<&'a PlanRecord>,
    pub(super) replaced: Vec<&'a PlanRecord>,
}

impl<'a> PlanChanges<'a> {
    /// Compares what is told, each plan once, with what stands.
    pub(super) fn of(held: &[ToldBefore], told: impl Iterator<Item = &'a PlanRecord>) -> Self {
        let held: HashMap<PlanOfChild<'_>, &ToldBefore> = held
            .iter()
            .map(|held| (plan_of_child(&held.told), held))
            .collect();
        let mut changes = Self::default();
        for record in told {
            match held.get(&plan_of_child(record)) {
                None => changes.added.push(record),
                Some(held) if differs(held, record) => changes.replaced.push(record),
                Some(_) => {}
            }
        }
        changes
            .replaced
            .sort_unstable_by_key(|record| record.nhs_number);
        changes
    }
}

/// What tells a plan of a child from all others of its authority.
pub(super) fn plan_of_child(record: &PlanRecord) -> PlanOfChild<'_> {
    (
        record.nhs_number,
        &record.local_id,
        record.kind,
        record.start,
    )
}

/// Whether a telling leaves anything but the day of a withdrawal other than it stands.
fn differs(held: &ToldBefore, record: &PlanRecord) -> bool {
    held.told.sent_end != record.sent_end
        || held.told.deleted_on.is_some() != record.deleted_on.is_some()
        || held.end != EffectiveEnd::of(record.kind, record.birth_date, record.sent_end)
}

/// The children that a file's plans are of, each with the date of birth it tells, which is the same
/// in all of its plans.
#[derive(Debug, Default)]
pub(super) struct ChildChanges {
    /// Those that were not known.
    pub(super) added: Vec<(NhsNumber, NaiveDate)>,
    /// Those that were known with another date.
    pub(super) corrected: HashMap<NhsNumber, NaiveDate>,
}

impl ChildChanges {
    /// Compares what is told with what was known before, in the order of the numbers.
    pub(super) fn of(told: &[&PlanRecord], before: &HashMap<NhsNumber, HeldChild>) -> Self {
        let mut changes = Self::default();
        for record in told {
            let child = (record.nhs_number, record.birth_date);
            match before.get(&child.0) {
                None => changes.added.push(child),
                Some(known) if known.birth_date != child.1 => {
                    changes.corrected.insert(child.0, child.1);
                }
                Some(_) => {}
            }
        }
        changes.added.sort_unstable();
        changes.added.dedup();
        changes
    }
}
