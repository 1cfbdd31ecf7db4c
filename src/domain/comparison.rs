//! How what is held for an authority differs from a file of its own, plan by plan.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::domain::held_plan::{HeldPlan, HeldState};
use crate::domain::record_field::RecordField;
use crate::domain::upload::{PlanKey, PlanRecord, RecordRefusal, UploadRecord};

/// What a plan is in one and in the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// The file says what is held.
    Same(u64, Standing),
    /// The file says something else, in these fields.
    Differs(u64, Standing, PlanRecord, Vec<RecordField>),
    /// The file does not name it.
    HeldOnly(Standing),
    /// It is not held.
    FileOnly(u64, PlanRecord),
    /// The file's record cannot be read, or could not be taken in.
    Refused(u64, RecordRefusal),
}

/// What is held of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The plan as a record would tell it.
    pub record: PlanRecord,
    /// What has become of it.
    pub state: HeldState,
}

impl Standing {
    /// What is held, at a moment.
    #[must_use]
    pub fn of(held: &HeldPlan, now: DateTime<Utc>) -> Self {
        Self {
            record: held.record(),
            state: held.state(now),
        }
    }
}

/// Compares a file's records with all that is held: a line for each record, in the file's order and
/// counted from 1, and then one for each plan that the file does not name.
#[must_use]
pub fn compare(
    held: Vec<Standing>,
    records: Vec<Result<UploadRecord, RecordRefusal>>,
) -> Vec<Compared> {
    let mut places: HashMap<PlanKey, Vec<usize>> = HashMap::new();
    for (place, standing) in held.iter().enumerate() {
        places.entry(standing.record.key()).or_default().push(place);
    }
    let mut named: HashSet<usize> = HashSet::new();
    let mut told: HashSet<PlanKey> = HashSet::new();
    let mut lines: Vec<Compared> = Vec::with_capacity(records.len());
    for (number, record) in (1_u64..).zip(records) {
        let record = match record {
            Ok(record) => record.plan,
            Err(refusal) => {
                lines.push(Compared::Refused(number, refusal));
                continue;
            }
        };
        if !told.insert(record.key()) {
            lines.push(Compared::Refused(number, RecordRefusal::again(&record)));
            continue;
        }
        let counterpart = places
            .get(&record.key())
            .and_then(|places| counterpart(&held, places, &record));
        named.extend(counterpart);
        let standing = counterpart.and_then(|place| held.get(place));
        lines.push(beside(number, standing, record));
    }
    let others = held.into_iter().enumerate();
    let others = others.filter(|(place, _)| !named.contains(place));
    lines.extend(others.map(|(_, standing)| Compared::HeldOnly(standing)));
    lines
}

/// Which of the plans under a key a record means: the one of its own child, and else the one that
/// stands. A plan that was moved to another NHS number is held as withdrawn under the first.
fn counterpart(held: &[Standing], places: &[usize], record: &PlanRecord) -> Option<usize> {
    let of = |wanted: &dyn Fn(&Standing) -> bool| {
        let mut places = places.iter().copied();
        places.find(|place| held.get(*place).is_some_and(wanted))
    };
    of(&|standing| standing.record.nhs_number == record.nhs_number)
        .or_else(|| of(&|standing| standing.state != HeldState::Withdrawn))
}

fn beside(number: u64, standing: Option<&Standing>, record: PlanRecord) -> Compared {
    let Some(standing) = standing.cloned() else {
        return Compared::FileOnly(number, record);
    };
    let fields = differences(&standing.record, &record);
    if fields.is_empty() {
        Compared::Same(number, standing)
    } else {
        Compared::Differs(number, standing, record, fields)
    }
}

/// The fields in which a record says something else than what is held. Of a withdrawal only that it
/// was made counts, as when a file is taken in.
fn differences(held: &PlanRecord, sent: &PlanRecord) -> Vec<RecordField> {
    let pairs = [
        (RecordField::NhsNumber, held.nhs_number == sent.nhs_number),
        (RecordField::BirthDate, held.birth_date == sent.birth_date),
        (RecordField::EndDate, held.sent_end == sent.sent_end),
        (
            RecordField::DeleteDate,
            held.deleted_on.is_some() == sent.deleted_on.is_some(),
        ),
    ];
    let others = pairs.into_iter().filter(|(_, is_same)| !is_same);
    others.map(|(field, _)| field).collect()
}

#[cfg(test)]
#[path = "comparison_rules.rs"]
mod rules;
